/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_readahead.c - suite readahead: windows of files; WILLNEED waits for nobody
 */
#include "mm/readahead.h"

#include "fs/vfs.h"
#include "include/uapi/blkdev.h"
#include "kernel/sched/sched.h"
#include "kernel/test/gate.h"
#include "kernel/test/inject.h"
#include "mm/buddy.h"
#include "mm/fault.h"
#include "mm/mmap.h"
#include "mm/page_io.h"
#include "mm/pagecache.h"
#include "mm/swap.h"
#include "mm/uaccess.h"
#include "tests/kernel/disk_fixture.h"
#include "tests/kernel/kt_thread.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/user_memory.h"

#define P(n) ((n) * PAGE_SIZE)
#define LONGEST 8

static void quiet(void)
{
	while (page_io_pending(PAGE_IO_FILE))
		page_io_wait(1);
}

/* Which of the first 64 pages are in memory, as a bit each. */
static u64 there(struct disk *d)
{
	u64 bits = 0;

	quiet();
	for (u64 n = 0; n < 64 && n < d->bdev->nr_pages; n++)
		bits |= dx_page(d, n) ? BIT(n) : 0;
	return bits;
}

/* Bits [first, end). */
static u64 pages(unsigned int first, unsigned int end)
{
	return (end == 64 ? 0 : BIT(end)) - BIT(first);
}

/* Read page @n: what is in memory now. */
static u64 touch(struct disk *d, u64 n)
{
	if (n < DX_PAGES)
		KT_CHECK_EQ(dx_read(d, n), dx_old(n));
	else
		(void)dx_read(d, n);
	return there(d);
}

static bool disk_up(struct disk *d)
{
	if (!dx_up(d))
		return false;
	d->mapping->ra_pages = LONGEST;
	return true;
}

static struct mm *up(struct disk *d)
{
	struct mm *mm;

	if (!disk_up(d))
		return NULL;
	mm = fx_mm();
	if (!mm)
		dx_down(d);
	return mm;
}

static void down(struct disk *d, struct mm *mm)
{
	quiet();
	fx_drop(mm);
	dx_down(d);
}

/* ---- windows ---- */

KTEST_QUICK(readahead, windows_grow_while_somebody_reads_on)
{
	struct disk d;
	u64 before;

	NEED_DISK();
	KT_TRUE(disk_up(&d));
	before = dx_requests(&d, BLOCK_READ);
	KT_CHECK_EQ(touch(&d, 0), pages(0, 4));
	KT_CHECK_EQ(touch(&d, 1), pages(0, 12));	/* the mark: 8 more */
	KT_CHECK_EQ(touch(&d, 2), pages(0, 12));
	KT_CHECK_EQ(touch(&d, 3), pages(0, 12));
	KT_CHECK_EQ(touch(&d, 4), pages(0, 20));	/* the next mark: 8 is the longest */
	KT_CHECK_EQ(touch(&d, 4), pages(0, 20));
	KT_CHECK_EQ(dx_requests(&d, BLOCK_READ), before + 20);
	dx_down(&d);
}

KTEST_QUICK(readahead, a_page_out_of_order_is_read_alone)
{
	struct disk d;

	NEED_DISK();
	KT_TRUE(disk_up(&d));
	KT_CHECK_EQ(touch(&d, 9), BIT(9));
	KT_CHECK_EQ(touch(&d, 5), BIT(9) | BIT(5));
	KT_CHECK_EQ(touch(&d, 6), BIT(9) | pages(6, 10) | BIT(5));	/* that follows 5 */
	dx_down(&d);
}

KTEST_QUICK(readahead, advice_about_a_file_is_followed)
{
	struct disk d;

	NEED_DISK();
	KT_TRUE(disk_up(&d));
	d.file->ra.advice = READAHEAD_RANDOM;
	KT_CHECK_EQ(touch(&d, 0), BIT(0));
	KT_CHECK_EQ(touch(&d, 1), pages(0, 2));
	d.file->ra.advice = READAHEAD_SEQUENTIAL;
	KT_CHECK_EQ(touch(&d, 7), pages(0, 2) | pages(7, 15));
	d.mapping->ra_pages = 0;
	KT_CHECK_EQ(touch(&d, 40), pages(0, 2) | pages(7, 15) | BIT(40));
	dx_down(&d);
}

KTEST_QUICK(readahead, the_disk_has_an_end)
{
	struct disk d;
	u64 last;

	NEED_DISK();
	KT_TRUE(disk_up(&d));
	last = d.bdev->nr_pages - 1;
	d.file->ra.advice = READAHEAD_SEQUENTIAL;
	(void)dx_read(&d, last - 1);
	quiet();
	KT_CHECK_EQ(d.mapping->nrpages, 2);
	readahead_range(d.mapping, last, 5);
	readahead_range(d.mapping, last + 1, 5);
	quiet();
	KT_CHECK_EQ(d.mapping->nrpages, 2);
	KT_CHECK(!dx_page(&d, last + 1));
	dx_down(&d);
}

KTEST_QUICK(readahead, faults_read_ahead_as_their_vma_says)
{
	struct disk d;
	struct mm *mm;

	NEED_DISK();
	mm = up(&d);
	KT_TRUE(mm);
	if (!dx_map(mm, &d, FX_BASE, 16, 0, MAP_SHARED))
		goto out;
	down_write(&mm->mmap_lock);
	KT_CHECK_EQ(do_madvise(mm, FX_BASE + P(8), P(8), MADV_RANDOM), 0);
	up_write(&mm->mmap_lock);
	KT_CHECK_EQ(fx_get(FX_BASE + P(8)), dx_old(8));
	KT_CHECK_EQ(fx_get(FX_BASE + P(9)), dx_old(9));
	KT_CHECK_EQ(there(&d), pages(8, 10));
	KT_CHECK_EQ(fx_get(FX_BASE), dx_old(0));
	KT_CHECK_EQ(there(&d), pages(0, 4) | pages(8, 10));
	/* Nobody maps the marked page in passing: its fault goes on. */
	KT_CHECK_EQ(fx_get(FX_BASE + P(3)), dx_old(3));
	KT_CHECK(!fx_page(mm, FX_BASE + P(1)));
	KT_CHECK_EQ(fx_get(FX_BASE + P(1)), dx_old(1));
	KT_CHECK_EQ(there(&d), pages(0, 12));
	down_write(&mm->mmap_lock);
	KT_CHECK_EQ(do_madvise(mm, FX_BASE + P(8), P(8), MADV_SEQUENTIAL), 0);
	up_write(&mm->mmap_lock);
	KT_CHECK_EQ(fx_get(FX_BASE + P(14)), dx_old(14));
	KT_CHECK_EQ(there(&d), pages(0, 12) | pages(14, 22));
out:
	down(&d, mm);
}

/* ---- nobody waits ---- */

KTEST_QUICK(readahead, willneed_returns_while_the_disk_works)
{
	struct disk d;
	struct mm *mm;
	u64 before;

	NEED_DISK();
	mm = up(&d);
	KT_TRUE(mm);
	if (!dx_map(mm, &d, FX_BASE, 16, 2, MAP_SHARED))
		goto out;
	before = dx_requests(&d, BLOCK_READ);
	block_inject_stall(d.bdev, true);
	down_read(&mm->mmap_lock);
	KT_CHECK_EQ(do_madvise(mm, FX_BASE + P(1), P(3), MADV_WILLNEED), 0);
	up_read(&mm->mmap_lock);
	d.file->ops->fadvise(d.file, 5, 3, true);	/* page 5 is on its way already */
	KT_CHECK_EQ(dx_requests(&d, BLOCK_READ), before + 5);
	for (u64 n = 3; n < 8; n++)
		KT_CHECK_EQ(dx_flag(&d, n, PG_locked), 1);
	KT_CHECK_EQ(mm_fault(mm, FX_BASE + P(1), FAULT_NOWAIT), FAULT_RETRY);
	block_inject_stall(d.bdev, false);
	for (u64 n = 3; n < 8; n++)
		KT_CHECK_EQ(dx_read(&d, n), dx_old(n));
	KT_CHECK_EQ(dx_requests(&d, BLOCK_READ), before + 5);
	d.file->ops->fadvise(d.file, 4, 2, false);
	KT_CHECK_EQ(there(&d), BIT(3) | pages(6, 8));
out:
	down(&d, mm);
}

/* Pages of shared memory are known by their file alone when they are in swap. */
KTEST(readahead, willneed_finds_shared_memory_in_swap)
{
	struct address_space *mapping;
	unsigned long out;
	struct mm *mm;
	s64 ahead;

	if (!swap_area_slots(0))
		KT_SKIP("there is no swap area");
	mm = fx_mm();
	KT_TRUE(mm);
	if (!KT_CHECK_EQ(vm_mmap(mm, NULL, FX_BASE, P(8), FX_RW,
				 MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, 0, &out), 0))
		goto out;
	for (unsigned long i = 0; i < 8; i++)
		fx_put(FX_BASE + P(i), 100 + i);
	user_memory_all_out();
	down_read(&mm->mmap_lock);
	mapping = find_vma(mm, FX_BASE)->mapping;
	KT_CHECK_EQ(mapping->nrswapped, 8);
	ahead = atomic64_read(&vmstat.swap_ra);
	KT_CHECK_EQ(do_madvise(mm, FX_BASE + P(2), P(4), MADV_WILLNEED), 0);
	up_read(&mm->mmap_lock);
	KT_CHECK_EQ(atomic64_read(&vmstat.swap_ra), ahead + 4);
	for (unsigned long i = 0; i < 8; i++)
		KT_CHECK_EQ(fx_get(FX_BASE + P(i)), 100 + i);
out:
	fx_drop(mm);
}

/* ---- it goes wrong ---- */

KTEST_QUICK(readahead, a_page_that_cannot_be_read_leaves)
{
	struct disk d;
	u64 word;

	NEED_DISK();
	KT_TRUE(disk_up(&d));
	block_inject_error(d.bdev, BLOCK_READ, 3, false);
	readahead_range(d.mapping, 0, 5);
	KT_CHECK_EQ(there(&d), pages(0, 5) - BIT(2));
	KT_CHECK_EQ(dx_read(&d, 2), dx_old(2));
	block_inject_error(d.bdev, BLOCK_READ, 1, true);
	KT_CHECK_EQ(kernel_read(d.file, &word, sizeof(word), P(9)), -EIO);
	KT_CHECK_EQ(kernel_read(d.file, &word, sizeof(word), P(10)), -EIO);
	block_inject_error(d.bdev, BLOCK_READ, 0, false);
	KT_CHECK_EQ(there(&d), pages(0, 5));
	KT_CHECK_EQ(touch(&d, 10), pages(0, 5) | BIT(10));
	dx_down(&d);
}

KTEST_QUICK(readahead, without_memory_the_page_itself_comes)
{
	struct disk d;

	NEED_DISK();
	KT_TRUE(disk_up(&d));
	inject_arm(INJECT_PAGE_ALLOC, 1, 1, current);
	KT_CHECK_EQ(touch(&d, 0), BIT(0));
	KT_CHECK_EQ(inject_disarm(INJECT_PAGE_ALLOC), 1);
	inject_arm(INJECT_PAGE_ALLOC, 3, 1, current);
	readahead_range(d.mapping, 6, 6);
	KT_CHECK_EQ(inject_disarm(INJECT_PAGE_ALLOC), 1);
	KT_CHECK_EQ(there(&d), BIT(0) | pages(6, 8));
	dx_down(&d);
}

/* ---- and the bytes change meanwhile ---- */

struct zero_out {
	struct disk *d;
	unsigned long va;
};

static int zero_pages_two_and_three(void *arg)
{
	struct zero_out *z = arg;
	u64 range[2] = { P(2), P(2) };

	if (copy_to_user((void *)z->va, range, sizeof(range)))
		return -EFAULT;
	return (int)z->d->file->ops->ioctl(z->d->file, BLKZEROOUT, z->va);
}

/* The pages are on their way in: dropping them waits, and nothing old is found afterwards. */
KTEST(readahead, truncation_waits_for_pages_that_are_being_read)
{
	unsigned long word = FX_BASE + P(64);
	struct zero_out z;
	struct fx_thread t;
	struct disk d;
	struct mm *mm;

	NEED_DISK();
	KT_NEED_GATES();
	mm = up(&d);
	KT_TRUE(mm);
	z = (struct zero_out){ .d = &d, .va = word };
	if (!fx_map(mm, word, 1, FX_RW))
		goto out;
	fx_put(word, 0);
	block_inject_stall(d.bdev, true);
	readahead_range(d.mapping, 1, 4);
	KT_CHECK_EQ(d.mapping->nrpages, 4);
	gate_arm("pagecache.truncate", dx_page(&d, 2));
	if (fx_start(&t, mm, zero_pages_two_and_three, &z)) {
		KT_CHECK_EQ(dx_flag(&d, 2, PG_locked), 1);
		block_inject_stall(d.bdev, false);
		if (KT_CHECK(gate_wait("pagecache.truncate"))) {
			KT_CHECK_EQ(dx_flag(&d, 2, PG_uptodate), 1);
			gate_open("pagecache.truncate");
		}
		KT_CHECK_EQ(fx_join(&t), 0);
	}
	block_inject_stall(d.bdev, false);
	KT_CHECK_EQ(there(&d), BIT(1) | BIT(4));
	for (u64 n = 1; n < 5; n++)
		KT_CHECK_EQ(dx_read(&d, n), n == 2 || n == 3 ? 0 : dx_old(n));
out:
	down(&d, mm);
}

static int read_ahead_main(void *arg)
{
	struct disk *d = arg;

	readahead_range(d->mapping, 1, 4);
	return 0;
}

/* Between two pages of a window: whoever changes bytes has to wait for the window. */
KTEST(readahead, a_window_keeps_truncation_out)
{
	unsigned long word = FX_BASE + P(64);
	struct task *reader;
	struct zero_out z;
	struct fx_thread t;
	struct disk d;
	struct mm *mm;

	NEED_DISK();
	KT_NEED_GATES();
	mm = up(&d);
	KT_TRUE(mm);
	z = (struct zero_out){ .d = &d, .va = word };
	if (!fx_map(mm, word, 1, FX_RW))
		goto out;
	fx_put(word, 0);
	gate_arm("pagecache.read_ahead", NULL);
	reader = kt_spawn(read_ahead_main, &d);
	if (KT_CHECK(gate_wait("pagecache.read_ahead")) &&
	    fx_start(&t, mm, zero_pages_two_and_three, &z)) {
		gate_open("pagecache.read_ahead");
		KT_CHECK_EQ(fx_join(&t), 0);
	} else {
		gate_open("pagecache.read_ahead");
	}
	KT_CHECK_EQ(kt_join(reader), 0);
	KT_CHECK_EQ(there(&d) & ~(BIT(1) | BIT(4)), 0);
	for (u64 n = 1; n < 5; n++)
		KT_CHECK_EQ(dx_read(&d, n), n == 2 || n == 3 ? 0 : dx_old(n));
out:
	down(&d, mm);
}
