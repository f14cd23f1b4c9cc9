/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/page_io.c - one page on its way to a disk or back, without memory for it
 *
 * Concept    Reclaim writes when memory is short, so what it needs for that is
 *            there from the start: a fixed set of requests. Whoever finds none free
 *            waits for one to end, which keeps writers at the pace of the device.
 * Owns       The requests.
 * Locks      request_lock (LOCK_SWAP_SLOT, spin): nothing else is taken under it.
 * Invariants a request that is under way is on no free list      page_io_submit()
 * Callers    swap_io.c, writeback.c; reclaim.c waits.
 * Next       swap_io.c
 */
#include "mm/page_io.h"

#include "kernel/lib/list.h"
#include "kernel/sync/preempt.h"
#include "kernel/sync/spinlock.h"
#include "kernel/sync/wait.h"
#include "mm/lockorder.h"

#define NR_PAGE_REQUESTS 64	/* of each class */

struct page_request {
	enum page_io_class class;
	struct list_head free;
	struct block_request io;
};

static struct page_request requests[NR_PAGE_IO_CLASSES][NR_PAGE_REQUESTS];
static struct list_head free_requests[NR_PAGE_IO_CLASSES];
static unsigned int nr_pending[NR_PAGE_IO_CLASSES];
static u64 nr_completed;
DEFINE_STATIC_SPINLOCK(request_lock, LOCK_SWAP_SLOT);
static struct wait_queue_head request_wait;

static struct page_request *request_try_get(enum page_io_class class)
{
	struct page_request *req;

	spin_lock(&request_lock);
	req = list_first_entry_or_null(&free_requests[class], struct page_request, free);
	if (req) {
		list_del(&req->free);
		nr_pending[class]++;
	}
	spin_unlock(&request_lock);
	return req;
}

void page_io_submit(enum page_io_class class, struct block_device *bdev, enum block_op op,
		    u64 sector, struct page *page, void (*done)(struct block_request *, int))
{
	struct page_request *req;

	might_sleep();
	wait_event(&request_wait, (req = request_try_get(class)) != NULL);
	block_request_init(&req->io, op, sector, page, done, req);
	block_submit(bdev, &req->io);
}

void page_io_end(struct block_request *io)
{
	struct page_request *req = io->private;

	spin_lock(&request_lock);
	list_add(&req->free, &free_requests[req->class]);
	nr_pending[req->class]--;
	nr_completed++;
	spin_unlock(&request_lock);
	wake_up_all(&request_wait);
}

unsigned int page_io_pending(enum page_io_class class)
{
	return READ_ONCE(nr_pending[class]);
}

static bool page_io_any_pending(void)
{
	for (unsigned int class = 0; class < NR_PAGE_IO_CLASSES; class++)
		if (page_io_pending(class))
			return true;
	return false;
}

void page_io_wait(u64 ticks)
{
	u64 before = READ_ONCE(nr_completed);

	if (!page_io_any_pending())
		return;
	(void)wait_event_timeout(&request_wait, READ_ONCE(nr_completed) != before, ticks);
}

void page_io_init(void)
{
	init_waitqueue_head(&request_wait);
	for (unsigned int class = 0; class < NR_PAGE_IO_CLASSES; class++) {
		INIT_LIST_HEAD(&free_requests[class]);
		for (unsigned int i = 0; i < NR_PAGE_REQUESTS; i++) {
			requests[class][i].class = class;
			list_add(&requests[class][i].free, &free_requests[class]);
		}
	}
}
