/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/block/block.c - queues between those who want blocks and those who move them
 *
 * Concept    A request is one page to read or write. Submitting appends it to
 *            the device's queue and wakes the device's thread; the thread takes
 *            it when it is due, moves the bytes and ends it. The end is the only
 *            place that calls done(), and it always runs in that thread:
 *
 *		submitter			device thread
 *		block_submit: QUEUED
 *		  wake_up(work)			block_next: STARTED
 *		  return			move the bytes
 *						block_end: IDLE, then done()
 *
 *            A thread, not an interrupt, so that a request may finish while its
 *            submitter still holds spinning locks.
 * Owns       The list of devices, every queue.
 * Locks      LOCK_BLOCK (spin, interrupts off) for one device's queue and
 *            counters; devices_lock of the same rank for the list of devices.
 *            Neither is held when done() runs.
 * Invariants A request's state goes IDLE, QUEUED, STARTED, IDLE and nothing else:
 *            asserted in each function that moves it. nr_queued is the length of
 *            the queue: block_take_locked().
 *            Nothing here allocates.
 * Callers    mm/swap_io.c, drivers/block (both sides), the tests.
 * Next       drivers/block/ramdisk.c
 */
#include "kernel/block/block.h"
#include "kernel/lib/inject_hook.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"
#include "kernel/sched/kthread.h"
#include "kernel/sync/completion.h"
#include "kernel/time/tick.h"

/* How long an injected stall holds one request back: a fifth of a second's ticks. */
#define BLOCK_STALL_TICKS (HZ / 5)

DEFINE_STATIC_SPINLOCK(devices_lock, LOCK_BLOCK);
static LIST_HEAD(devices);

void block_register(struct block_device *bdev)
{
	unsigned long flags;

	ASSERT(bdev->name && bdev->nr_pages);
	ASSERT(!block_find(bdev->name));
	spin_lock_init(&bdev->lock, LOCK_BLOCK, "block queue");
	INIT_LIST_HEAD(&bdev->queue);
	init_waitqueue_head(&bdev->work);
	init_waitqueue_head(&bdev->idle);
	spin_lock_irqsave(&devices_lock, flags);
	list_add_tail(&bdev->node, &devices);
	spin_unlock_irqrestore(&devices_lock, flags);
}

struct block_device *block_find(const char *name)
{
	struct block_device *bdev, *found = NULL;
	unsigned long flags;

	spin_lock_irqsave(&devices_lock, flags);
	list_for_each_entry(bdev, &devices, node)
		if (!strcmp(bdev->name, name))
			found = bdev;
	spin_unlock_irqrestore(&devices_lock, flags);
	return found;
}

struct block_device *block_find_dev(u64 dev)
{
	struct block_device *bdev, *found = NULL;
	unsigned long flags;

	spin_lock_irqsave(&devices_lock, flags);
	list_for_each_entry(bdev, &devices, node)
		if (bdev->dev == dev)
			found = bdev;
	spin_unlock_irqrestore(&devices_lock, flags);
	return found;
}

struct block_device *block_nth(unsigned int n)
{
	struct block_device *bdev, *found = NULL;
	unsigned long flags;

	spin_lock_irqsave(&devices_lock, flags);
	list_for_each_entry(bdev, &devices, node)
		if (!n--) {
			found = bdev;
			break;
		}
	spin_unlock_irqrestore(&devices_lock, flags);
	return found;
}

void block_request_init(struct block_request *req, enum block_op op, u64 sector,
			struct page *page, void (*done)(struct block_request *, int),
			void *private)
{
	memset(req, 0, sizeof(*req));
	req->op = op;
	req->sector = sector;
	req->page = page;
	req->done = done;
	req->private = private;
}

/* Whether injection chose this request to fail: the n-th of its kind. */
static bool block_chosen_locked(struct block_device *bdev, enum block_op op)
{
	assert_held(&bdev->lock);
	if (!bdev->fail_nth[op])
		return false;
	if (bdev->fail_nth[op] > 1) {
		bdev->fail_nth[op]--;
		return false;
	}
	if (!bdev->fail_forever[op])
		bdev->fail_nth[op] = 0;
	return true;
}

void block_submit(struct block_device *bdev, struct block_request *req)
{
	bool stall = should_fail(INJECT_BLOCK_STALL);
	unsigned long flags;

	ASSERT(req->op < NR_BLOCK_OPS && req->page && req->done);
	spin_lock_irqsave(&bdev->lock, flags);
	ASSERT_MSG(req->state == BLOCK_IDLE, "request for sector %lu submitted twice",
		   req->sector);
	req->state = BLOCK_QUEUED;
	req->bdev = bdev;
	req->due_ticks = ticks + bdev->latency_ticks + (stall ? BLOCK_STALL_TICKS : 0);
	req->fail = block_chosen_locked(bdev, req->op) || req->sector >= bdev->nr_pages;
	list_add_tail(&req->link, &bdev->queue);
	bdev->nr_queued++;
	bdev->stats.submitted[req->op]++;
	bdev->stats.max_queued = max(bdev->stats.max_queued, bdev->nr_queued);
	spin_unlock_irqrestore(&bdev->lock, flags);
	wake_up(&bdev->work);
}

/*
 * Take the oldest request that is due. Return: it, or NULL with the ticks until
 * the next one is due in *@wait.
 */
static struct block_request *block_take_locked(struct block_device *bdev, u64 *wait)
{
	struct block_request *req;
	u64 now = ticks;

	assert_held(&bdev->lock);
	*wait = MAX_SCHEDULE_TIMEOUT;
	ASSERT(list_empty(&bdev->queue) == !bdev->nr_queued);
	if (bdev->stalled)
		return NULL;
	list_for_each_entry(req, &bdev->queue, link) {
		ASSERT(req->state == BLOCK_QUEUED);
		if (req->due_ticks <= now) {
			list_del(&req->link);
			req->state = BLOCK_STARTED;
			bdev->nr_queued--;
			bdev->nr_started++;
			return req;
		}
		*wait = min(*wait, req->due_ticks - now);
	}
	return NULL;
}

static struct block_request *block_take(struct block_device *bdev, u64 *wait)
{
	struct block_request *req;
	unsigned long flags;

	spin_lock_irqsave(&bdev->lock, flags);
	req = block_take_locked(bdev, wait);
	spin_unlock_irqrestore(&bdev->lock, flags);
	return req;
}

struct block_request *block_next(struct block_device *bdev)
{
	struct wait_queue_entry entry;
	struct block_request *req;
	u64 wait;

	might_sleep();
	init_wait_entry(&entry, true);
	for (;;) {
		/* Kernel threads get no signals; interruptible says "idle". */
		(void)prepare_to_wait(&bdev->work, &entry, TASK_INTERRUPTIBLE);
		req = block_take(bdev, &wait);
		if (req || kthread_should_stop())
			break;
		schedule_timeout(wait);
	}
	finish_wait(&bdev->work, &entry);
	return req;
}

void block_end(struct block_request *req, int error)
{
	struct block_device *bdev = req->bdev;
	unsigned long flags;
	bool idle, more;

	if (req->fail)
		error = -EIO;
	spin_lock_irqsave(&bdev->lock, flags);
	ASSERT_MSG(req->state == BLOCK_STARTED, "request for sector %lu ended in state %d",
		   req->sector, (int)req->state);
	ASSERT(bdev->nr_started > 0);
	req->state = BLOCK_IDLE;
	bdev->stats.completed[req->op]++;
	if (error)
		bdev->stats.errors[req->op]++;
	spin_unlock_irqrestore(&bdev->lock, flags);

	/* From here on the request is its owner's, who may have freed it. */
	req->done(req, error);

	/* Only now, so that block_drain() waits for the last done() too. */
	spin_lock_irqsave(&bdev->lock, flags);
	bdev->nr_started--;
	idle = !bdev->nr_started && !bdev->nr_queued;
	more = bdev->nr_queued;
	spin_unlock_irqrestore(&bdev->lock, flags);
	if (idle)
		wake_up_all(&bdev->idle);
	if (more)
		wake_up(&bdev->work);
}

struct block_sync {
	struct completion done;
	int error;
};

static void block_sync_done(struct block_request *req, int error)
{
	struct block_sync *sync = req->private;

	sync->error = error;
	complete(&sync->done);
}

int block_rw_page(struct block_device *bdev, enum block_op op, u64 sector, struct page *page)
{
	struct block_request req;
	struct block_sync sync;

	might_sleep();
	init_completion(&sync.done);
	block_request_init(&req, op, sector, page, block_sync_done, &sync);
	block_submit(bdev, &req);
	wait_for_completion(&sync.done);
	return sync.error;
}

static bool block_is_idle(struct block_device *bdev)
{
	unsigned long flags;
	bool idle;

	spin_lock_irqsave(&bdev->lock, flags);
	idle = !bdev->nr_queued && !bdev->nr_started;
	spin_unlock_irqrestore(&bdev->lock, flags);
	return idle;
}

void block_drain(struct block_device *bdev)
{
	wait_event(&bdev->idle, block_is_idle(bdev));
}

void block_stats(struct block_device *bdev, struct block_stats *out)
{
	unsigned long flags;

	spin_lock_irqsave(&bdev->lock, flags);
	*out = bdev->stats;
	spin_unlock_irqrestore(&bdev->lock, flags);
}

void block_inject_latency(struct block_device *bdev, u64 latency)
{
	unsigned long flags;

	spin_lock_irqsave(&bdev->lock, flags);
	bdev->latency_ticks = latency;
	spin_unlock_irqrestore(&bdev->lock, flags);
}

void block_inject_error(struct block_device *bdev, enum block_op op, u64 nth, bool forever)
{
	unsigned long flags;

	ASSERT(op < NR_BLOCK_OPS);
	spin_lock_irqsave(&bdev->lock, flags);
	bdev->fail_nth[op] = nth;
	bdev->fail_forever[op] = forever;
	spin_unlock_irqrestore(&bdev->lock, flags);
}

void block_inject_stall(struct block_device *bdev, bool on)
{
	unsigned long flags;

	spin_lock_irqsave(&bdev->lock, flags);
	bdev->stalled = on;
	spin_unlock_irqrestore(&bdev->lock, flags);
	if (!on)
		wake_up_all(&bdev->work);
}
