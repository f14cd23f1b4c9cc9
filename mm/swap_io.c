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
 *            The requests are a fixed set (page_io.c): writing needs no memory when
 *            there is none, and reclaim stays at the pace of the device.
 *
 *            A failed read marks the page with PG_error: each process that faults
 *            on it gets SIGBUS, and the page leaves with its last user; a page that
 *            was read ahead just leaves, and a fault on it reads again. A failed
 *            write loses nothing: the page stays in the cache, dirty.
 *
 *            A page full of zeroes is neither written nor read: its slot is marked,
 *            and whoever reads gets zeroes. Writing something else there takes the
 *            mark away first.
 * Owns       PG_writeback of pages of the swap cache, and the page lock of pages that
 *            are being read.
 * Locks      None of its own.
 * Invariants a request under way has a reference to its page
 * Callers    reclaim.c writes; swap_cache.c reads.
 * Next       fault.c
 */
#include "mm/swap.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/lib/inject_hook.h"
#include "kernel/lib/string.h"
#include "mm/page.h"
#include "mm/page_io.h"

static void swap_submit(struct page *page, enum block_op op,
			void (*done)(struct block_request *, int))
{
	u64 sector;
	struct block_device *bdev = swap_slot_bdev(page->swap, &sector);

	page_io_submit(PAGE_IO_SWAP, bdev, op, sector, page, done);
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
	page_io_end(io);
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
	page_io_end(io);
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

unsigned int swap_io_pending(void)
{
	return page_io_pending(PAGE_IO_SWAP);
}
