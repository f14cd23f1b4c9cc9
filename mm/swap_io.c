/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/swap_io.c - a page's bytes on their way to a slot and back
 *
 * Concept    Both directions are asynchronous: a request is queued, and the
 *            device's own thread ends it.
 *
 *              swap_write                       device
 *              locked, unmapped, dirty          ...
 *              dirty = 0, writeback = 1         moves the bytes
 *              unlock, submit                   failed: dirty = 1, slot retired
 *              caller goes on                   writeback = 0, waiters wake
 *
 *              swap_read                        device
 *              locked, not up to date           moves the bytes
 *              lock handed over, submit         uptodate = 1, or error = 1
 *              caller may wait for the lock     unlock
 *
 *            The requests are a fixed set: writing needs no memory when there is
 *            none, and whoever finds no free request waits for one to end, which
 *            keeps reclaim at the pace of the device.
 *
 *            A failed read marks the page with PG_error: each process that faults
 *            on it gets SIGBUS, and the page leaves with its last user; a page that
 *            was read ahead just leaves, and a fault on it reads again. A failed
 *            write loses nothing: the page stays in the cache, dirty.
 *
 *            A page full of zeroes is neither written nor read: its slot is marked,
 *            and whoever reads gets zeroes. Writing something else there takes the
 *            mark away first.
 * Owns       The requests; PG_writeback, and the page lock of pages being read.
 * Locks      LOCK_WAIT leaves only: the free list has its own lock of rank
 *            LOCK_SWAP_SLOT, under which nothing else is taken.
 * Invariants a request under way has a reference to its page
 * Callers    reclaim.c writes; swap_cache.c reads.
 * Next       fault.c
 */
#include "mm/swap.h"

#include "kernel/block/block.h"
#include "kernel/lib/gate_hook.h"
#include "kernel/lib/inject_hook.h"
#include "kernel/lib/string.h"
#include "kernel/sync/preempt.h"
#include "kernel/sync/spinlock.h"
#include "kernel/sync/wait.h"
#include "mm/gfp.h"
#include "mm/lockorder.h"
#include "mm/page.h"

#define NR_SWAP_REQUESTS 64

struct swap_request {
	struct list_head free;
	struct block_request io;
};

static struct swap_request requests[NR_SWAP_REQUESTS];
static LIST_HEAD(free_requests);
static unsigned int nr_pending;
static u64 nr_completed;
DEFINE_STATIC_SPINLOCK(request_lock, LOCK_SWAP_SLOT);
static struct wait_queue_head request_wait;

static struct swap_request *request_try_get(void)
{
	struct swap_request *req;

	spin_lock(&request_lock);
	req = list_first_entry_or_null(&free_requests, struct swap_request, free);
	if (req) {
		list_del(&req->free);
		nr_pending++;
	}
	spin_unlock(&request_lock);
	return req;
}

static struct swap_request *request_get(void)
{
	struct swap_request *req;

	might_sleep();
	wait_event(&request_wait, (req = request_try_get()) != NULL);
	return req;
}

/* Last of all: with no request pending, no page is under I/O any more. */
static void request_put(struct swap_request *req)
{
	spin_lock(&request_lock);
	list_add(&req->free, &free_requests);
	nr_pending--;
	nr_completed++;
	spin_unlock(&request_lock);
	wake_up_all(&request_wait);
}

static void swap_submit(struct page *page, enum block_op op,
			void (*done)(struct block_request *, int))
{
	struct swap_request *req = request_get();
	struct block_device *bdev;
	u64 sector;

	bdev = swap_slot_bdev(page->swap, &sector);
	block_request_init(&req->io, op, sector, page, done, req);
	block_submit(bdev, &req->io);
}

/* ---- writing ---- */

static void swap_write_done(struct block_request *io, int error)
{
	struct page *page = io->page;

	if (should_fail(INJECT_SWAP_WRITE))
		error = -EIO;
	if (error) {
		atomic64_inc(&vmstat.swap_write_errors);
		swap_slot_retire(page->swap);
		page_set(page, PG_dirty);
	}
	page_end_writeback(page);
	if (!error)
		lru_rotate(page);
	put_page(page);
	gate_point("swap_io.written", page);
	request_put(io->private);
}

static bool page_is_zero(const struct page *page)
{
	const u64 *word = page_address(page), *end = word + PAGE_SIZE / sizeof(*word);

	while (word < end && !*word)
		word++;
	return word == end;
}

bool swap_write_zero(struct page *page)
{
	ASSERT_PAGE(page, page_test(page, PG_locked) && page_test(page, PG_swapcache));
	ASSERT_PAGE(page, !page_test(page, PG_writeback) && !page_mapped(page));
	/* Before the look: who writes with a reference sets it again afterwards. */
	page_clear(page, PG_dirty);
	if (!page_is_zero(page)) {
		page_set(page, PG_dirty);
		return false;
	}
	gate_point("swap_io.found_zero", page);
	swap_slot_mark_zero(page->swap, true);
	atomic64_inc(&vmstat.swpout_zero);
	return true;
}

void swap_write(struct page *page)
{
	ASSERT_PAGE(page, page_test(page, PG_locked) && page_test(page, PG_swapcache));
	ASSERT_PAGE(page, !page_test(page, PG_writeback));
	swap_slot_mark_zero(page->swap, false);
	get_page(page);
	page_clear(page, PG_dirty);
	page_set(page, PG_writeback);
	atomic64_inc(&vmstat.pswpout);
	/* page->swap stays: nothing leaves the cache while it is written */
	page_unlock(page);
	swap_submit(page, BLOCK_WRITE, swap_write_done);
}

/* ---- reading ---- */

static void swap_read_done(struct block_request *io, int error)
{
	struct page *page = io->page;

	if (should_fail(INJECT_SWAP_READ))
		error = -EIO;
	if (error) {
		atomic64_inc(&vmstat.swap_read_errors);
		/* Nobody asked for it: whoever does will read it himself. */
		if (page_test(page, PG_readahead))
			swap_cache_del(page);
		else
			page_set(page, PG_error);
	} else {
		page_set(page, PG_uptodate);
	}
	page_unlock_handed_over(page);
	put_page(page);
	request_put(io->private);
}

void swap_read(struct page *page)
{
	ASSERT_PAGE(page, page_test(page, PG_locked) && page_test(page, PG_swapcache));
	ASSERT_PAGE(page, !page_test(page, PG_uptodate) && !page_test(page, PG_dirty));
	if (swap_slot_is_zero(page->swap)) {
		memset(page_address(page), 0, PAGE_SIZE);
		page_set(page, PG_uptodate);
		atomic64_inc(&vmstat.swpin_zero);
		page_unlock(page);
		return;
	}
	get_page(page);
	atomic64_inc(&vmstat.pswpin);
	page_lock_hand_over(page);
	swap_submit(page, BLOCK_READ, swap_read_done);
}

/* ---- pace ---- */

unsigned int swap_io_pending(void)
{
	return READ_ONCE(nr_pending);
}

void swap_io_wait(u64 ticks)
{
	u64 before = READ_ONCE(nr_completed);

	if (!swap_io_pending())
		return;
	(void)wait_event_timeout(&request_wait, READ_ONCE(nr_completed) != before, ticks);
}

void swap_io_init(void)
{
	init_waitqueue_head(&request_wait);
	for (unsigned int i = 0; i < NR_SWAP_REQUESTS; i++)
		list_add(&requests[i].free, &free_requests);
}
