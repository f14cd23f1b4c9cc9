/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_pagecache.c - suite pagecache: a disk's pages in memory
 */
#include "mm/pagecache.h"

#include "fs/vfs.h"
#include "include/uapi/blkdev.h"
#include "kernel/sched/sched.h"
#include "kernel/test/gate.h"
#include "mm/fault.h"
#include "mm/page_io.h"
#include "mm/swap.h"
#include "mm/uaccess.h"
#include "tests/kernel/disk_fixture.h"
#include "tests/kernel/kt_thread.h"
#include "tests/kernel/mm_fixture.h"

#define P(n) ((n) * PAGE_SIZE)

/* Adopted mm, disk up. NULL: skip or failure. */
static struct mm *up(struct disk *d)
{
	struct mm *mm;

	if (!dx_up(d))
		return NULL;
	mm = fx_mm();
	if (!mm)
		dx_down(d);
	return mm;
}

static void down(struct disk *d, struct mm *mm)
{
	fx_drop(mm);
	dx_down(d);
}

KTEST_QUICK(pagecache, a_page_is_read_once_for_everybody)
{
	unsigned long a = FX_BASE, b = FX_BASE + P(32);
	struct disk d;
	struct mm *mm;
	u64 before;

	NEED_DISK();
	mm = up(&d);
	KT_TRUE(mm);
	if (!dx_map(mm, &d, a, DX_PAGES, 0, MAP_SHARED) || !dx_map(mm, &d, b, 4, 2, MAP_PRIVATE))
		goto out;
	before = dx_requests(&d, BLOCK_READ);
	KT_CHECK_EQ(fx_get(a + P(3)), dx_old(3));
	KT_CHECK_EQ(fx_get(b + P(1)), dx_old(3));
	KT_CHECK_EQ(dx_read(&d, 3), dx_old(3));
	KT_CHECK_EQ(dx_requests(&d, BLOCK_READ), before + 1);
	KT_CHECK_EQ(d.mapping->nrpages, 1);
	/* A write meets a read in the same page, and the private copy does not. */
	KT_CHECK(dx_write(&d, 3, 33));
	KT_CHECK_EQ(fx_get(a + P(3)), 33);
	fx_put(a + P(3), 34);
	KT_CHECK_EQ(dx_read(&d, 3), 34);
	fx_put(b + P(1), 99);
	KT_CHECK_EQ(dx_read(&d, 3), 34);
	KT_CHECK_EQ(fx_get(b + P(1)), 99);
	KT_CHECK_EQ(mm_fault(mm, a + P(DX_PAGES), 0), FAULT_MAPERR);
out:
	down(&d, mm);
}

KTEST_QUICK(pagecache, behind_the_end_of_the_disk_is_nothing)
{
	struct disk d;
	struct mm *mm;

	NEED_DISK();
	mm = up(&d);
	KT_TRUE(mm);
	if (dx_map(mm, &d, FX_BASE, 4, d.bdev->nr_pages - 2, MAP_SHARED)) {
		KT_CHECK_EQ(mm_fault(mm, FX_BASE + P(1), FAULT_WRITE), FAULT_DONE);
		KT_CHECK_EQ(mm_fault(mm, FX_BASE + P(2), 0), FAULT_BUSERR);
		KT_CHECK_EQ(mm_fault(mm, FX_BASE + P(2), FAULT_NOWAIT), FAULT_BUSERR);
	}
	down(&d, mm);
}

KTEST_QUICK(pagecache, a_page_that_cannot_be_read_is_tried_again)
{
	struct disk d;
	struct mm *mm;

	NEED_DISK();
	mm = up(&d);
	KT_TRUE(mm);
	if (dx_map(mm, &d, FX_BASE, DX_PAGES, 0, MAP_SHARED)) {
		block_inject_error(d.bdev, BLOCK_READ, 1, false);
		KT_CHECK_EQ(mm_fault(mm, FX_BASE + P(1), 0), FAULT_BUSERR);
		KT_CHECK_EQ(d.mapping->nrpages, 0);
		KT_CHECK_EQ(fx_get(FX_BASE + P(1)), dx_old(1));
	}
	down(&d, mm);
}

/* Two threads want one page: one reads, the other waits for him. */
static int touch_page_two(void *arg)
{
	u64 word = 0;

	(void)!get_user(word, (u64 *)(FX_BASE + P(2)));
	return word == dx_old(2) ? 0 : -EIO;
}

KTEST(pagecache, who_finds_a_page_being_read_waits_for_it)
{
	struct fx_thread t;
	struct disk d;
	struct mm *mm;
	u64 before;

	NEED_DISK();
	mm = up(&d);
	KT_TRUE(mm);
	before = dx_requests(&d, BLOCK_READ);
	if (dx_map(mm, &d, FX_BASE, DX_PAGES, 0, MAP_SHARED)) {
		block_inject_stall(d.bdev, true);
		if (fx_start(&t, mm, touch_page_two, NULL)) {
			kt_wait_until(dx_requests(&d, BLOCK_READ) == before + 1);
			KT_CHECK_EQ(mm_fault(mm, FX_BASE + P(2), FAULT_NOWAIT), FAULT_RETRY);
			KT_CHECK_EQ(dx_flag(&d, 2, PG_uptodate), 0);
			block_inject_stall(d.bdev, false);
			KT_CHECK_EQ(dx_read(&d, 2), dx_old(2));
			KT_CHECK_EQ(fx_join(&t), 0);
		}
		KT_CHECK_EQ(dx_requests(&d, BLOCK_READ), before + 1);
	}
	down(&d, mm);
}

/* ---- reclaim ---- */

static void push(struct page *page)
{
	LIST_HEAD(batch);

	if (!page || !lru_isolate_page(page))
		return;
	list_add_tail(&page->lru, &batch);
	reclaim_isolated(&batch);
	while (page_io_pending(PAGE_IO_FILE))
		page_io_wait(1);
}

KTEST_QUICK(pagecache, reclaim_drops_a_clean_page_and_writes_a_dirty_one)
{
	struct disk d;
	struct mm *mm;
	u64 slots, writes;

	NEED_DISK();
	mm = up(&d);
	KT_TRUE(mm);
	if (!dx_map(mm, &d, FX_BASE, DX_PAGES, 0, MAP_SHARED))
		goto out;
	slots = fx_slots_used();
	writes = dx_requests(&d, BLOCK_WRITE);
	KT_CHECK_EQ(fx_get(FX_BASE + P(1)), dx_old(1));
	fx_put(FX_BASE + P(2), 22);
	for (int i = 0; i < 4 && dx_page(&d, 1); i++)
		push(dx_page(&d, 1));
	KT_CHECK(!dx_page(&d, 1));
	KT_CHECK_EQ(dx_requests(&d, BLOCK_WRITE), writes);
	for (int i = 0; i < 4 && dx_page(&d, 2); i++)
		push(dx_page(&d, 2));
	KT_CHECK(!dx_page(&d, 2));
	KT_CHECK_EQ(dx_requests(&d, BLOCK_WRITE), writes + 1);
	KT_CHECK_EQ(dx_disk(&d, 2), 22);
	KT_CHECK_EQ(fx_slots_used(), slots);
	KT_CHECK_EQ(mm_rss(mm), 0);
	KT_CHECK_EQ(fx_get(FX_BASE + P(2)), 22);
	KT_CHECK_EQ(fx_get(FX_BASE + P(1)), dx_old(1));
out:
	down(&d, mm);
}

KTEST(pagecache, reclaim_keeps_what_cannot_be_written)
{
	struct disk d;
	struct mm *mm;

	NEED_DISK();
	mm = up(&d);
	KT_TRUE(mm);
	if (dx_map(mm, &d, FX_BASE, DX_PAGES, 0, MAP_SHARED)) {
		fx_put(FX_BASE + P(2), 22);
		block_inject_error(d.bdev, BLOCK_WRITE, 1, true);
		for (int i = 0; i < 6; i++)
			push(dx_page(&d, 2));
		KT_CHECK_EQ(dx_flag(&d, 2, PG_dirty), 1);
		KT_CHECK_EQ(dx_disk(&d, 2), dx_old(2));
		KT_CHECK_EQ(fx_get(FX_BASE + P(2)), 22);
		block_inject_error(d.bdev, BLOCK_WRITE, 0, false);
		KT_CHECK_EQ(dx_fsync(&d), -EIO);
		KT_CHECK_EQ(dx_fsync(&d), 0);
		KT_CHECK_EQ(dx_disk(&d, 2), 22);
	}
	down(&d, mm);
}

/* ---- zeroes under the pages ---- */

struct zero_out {
	struct disk *d;
	unsigned long va;		/* where the range may be written */
	u64 first, nr;
};

static int zero_out(void *arg)
{
	struct zero_out *z = arg;
	u64 range[2] = { P(z->first), P(z->nr) };

	if (copy_to_user((void *)z->va, range, sizeof(range)))
		return -EFAULT;
	return (int)z->d->file->ops->ioctl(z->d->file, BLKZEROOUT, z->va);
}

KTEST_QUICK(pagecache, zeroes_on_the_disk_are_seen_by_who_has_it_mapped)
{
	unsigned long word = FX_BASE + P(64), private = FX_BASE + P(32);
	struct disk d;
	struct mm *mm = NULL;
	struct zero_out z = { .d = &d, .va = word, .first = 2, .nr = 2 };

	NEED_DISK();
	mm = up(&d);
	KT_TRUE(mm);
	if (!dx_map(mm, &d, FX_BASE, DX_PAGES, 0, MAP_SHARED) || !fx_map(mm, word, 1, FX_RW) ||
	    !dx_map(mm, &d, private, DX_PAGES, 0, MAP_PRIVATE))
		goto out;
	for (u64 i = 0; i < 5; i++)
		fx_put(FX_BASE + P(i), 100 + i);
	fx_put(private + P(3), 7);
	KT_CHECK_EQ(fx_get(private + P(2)), 102);
	KT_CHECK_EQ(zero_out(&z), 0);
	for (u64 i = 0; i < 5; i++)
		KT_CHECK_EQ(fx_get(FX_BASE + P(i)), i == 2 || i == 3 ? 0 : 100 + i);
	KT_CHECK_EQ(fx_get(private + P(2)), 0);
	KT_CHECK_EQ(fx_get(private + P(3)), 7);
	KT_CHECK_EQ(dx_fsync(&d), 0);
	KT_CHECK_EQ(dx_disk(&d, 2), 0);
	KT_CHECK_EQ(dx_disk(&d, 4), 104);
	z.first = d.bdev->nr_pages;
	KT_CHECK_EQ(zero_out(&z), -EINVAL);
out:
	down(&d, mm);
}

static int fsync_main(void *arg)
{
	return dx_fsync(arg);
}

/* The page is on its way to the disk; the zeroes must arrive there after it. */
KTEST(pagecache, dropping_a_page_waits_for_its_write_back)
{
	unsigned long word = FX_BASE + P(64);
	struct zero_out z;
	struct fx_thread t;
	struct task *sync;
	struct disk d;
	struct mm *mm;
	u64 writes;

	NEED_DISK();
	KT_NEED_GATES();
	mm = up(&d);
	KT_TRUE(mm);
	z = (struct zero_out){ .d = &d, .va = word, .first = 2, .nr = 1 };
	if (!dx_map(mm, &d, FX_BASE, DX_PAGES, 0, MAP_SHARED) || !fx_map(mm, word, 1, FX_RW))
		goto out;
	fx_put(FX_BASE + P(2), 22);
	fx_put(word, 0);
	writes = dx_requests(&d, BLOCK_WRITE);
	block_inject_latency(d.bdev, 20);
	sync = kt_spawn(fsync_main, &d);
	kt_wait_until(dx_requests(&d, BLOCK_WRITE) == writes + 1);
	/* A write that is late must not be overtaken by one that is not. */
	block_inject_latency(d.bdev, 0);
	gate_arm("pagecache.truncate", dx_page(&d, 2));
	if (fx_start(&t, mm, zero_out, &z)) {
		KT_CHECK(gate_wait("pagecache.truncate"));
		gate_open("pagecache.truncate");
		KT_CHECK_EQ(fx_join(&t), 0);
	}
	KT_CHECK_EQ(kt_join(sync), 0);
	block_drain(d.bdev);
	KT_CHECK_EQ(dx_disk(&d, 2), 0);
	KT_CHECK_EQ(fx_get(FX_BASE + P(2)), 0);
out:
	down(&d, mm);
}

static int touch_page_three(void *arg)
{
	u64 word = ~0UL;

	(void)!get_user(word, (u64 *)(FX_BASE + P(3)));
	return word ? -EIO : 0;
}

/* The pages are gone, the zeroes not yet on the disk: nobody reads the old bytes. */
KTEST(pagecache, nobody_reads_what_is_about_to_change)
{
	unsigned long word = FX_BASE + P(64);
	struct fx_thread zero, touch;
	struct zero_out z;
	struct disk d;
	struct mm *mm;
	u64 writes;

	NEED_DISK();
	mm = up(&d);
	KT_TRUE(mm);
	z = (struct zero_out){ .d = &d, .va = word, .first = 2, .nr = 2 };
	if (!dx_map(mm, &d, FX_BASE, DX_PAGES, 0, MAP_SHARED) || !fx_map(mm, word, 1, FX_RW))
		goto out;
	fx_put(word, 0);
	KT_CHECK_EQ(fx_get(FX_BASE + P(3)), dx_old(3));
	writes = dx_requests(&d, BLOCK_WRITE);
	block_inject_stall(d.bdev, true);
	if (fx_start(&zero, mm, zero_out, &z)) {
		kt_wait_until(dx_requests(&d, BLOCK_WRITE) == writes + 1);
		if (fx_start(&touch, mm, touch_page_three, NULL)) {
			/* It waits for the lock, or has asked the disk already. */
			schedule_timeout_uninterruptible(3);
			block_inject_stall(d.bdev, false);
			KT_CHECK_EQ(fx_join(&touch), 0);
		}
		block_inject_stall(d.bdev, false);
		KT_CHECK_EQ(fx_join(&zero), 0);
	}
	KT_CHECK_EQ(fx_get(FX_BASE + P(3)), 0);
out:
	down(&d, mm);
}

/* ---- closing ---- */

KTEST_QUICK(pagecache, the_last_close_writes_and_leaves_nothing)
{
	struct file *second;
	struct disk d;

	NEED_DISK();
	if (!dx_up(&d))
		return;
	KT_CHECK(dx_write(&d, 5, 55));
	KT_CHECK_EQ(dx_read(&d, 6), dx_old(6));
	KT_CHECK_EQ(vfs_open("/dev/ram1", O_RDONLY, 0, &second), 0);
	file_put(d.file);
	KT_CHECK_EQ(d.mapping->nrpages, 2);
	KT_CHECK_EQ(dx_disk(&d, 5), dx_old(5));
	file_put(second);
	d.file = NULL;
	KT_CHECK_EQ(d.mapping->nrpages, 0);
	KT_CHECK_EQ(dx_disk(&d, 5), 55);
	dx_down(&d);
}

KTEST(pagecache, what_the_last_close_could_not_write_is_there_for_the_next)
{
	struct disk d;

	NEED_DISK();
	if (!dx_up(&d))
		return;
	KT_CHECK(dx_write(&d, 5, 55));
	KT_CHECK_EQ(dx_read(&d, 6), dx_old(6));
	block_inject_error(d.bdev, BLOCK_WRITE, 1, true);
	file_put(d.file);
	d.file = NULL;
	KT_CHECK_EQ(d.mapping->nrpages, 1);
	block_inject_error(d.bdev, BLOCK_WRITE, 0, false);
	KT_CHECK_EQ(vfs_open("/dev/ram1", O_RDWR, 0, &d.file), 0);
	KT_CHECK_EQ(dx_read(&d, 5), 55);
	KT_CHECK_EQ(dx_fsync(&d), -EIO);	/* nobody was told before */
	KT_CHECK_EQ(dx_fsync(&d), 0);
	KT_CHECK_EQ(dx_disk(&d, 5), 55);
	dx_down(&d);
}
