/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_shmem.c - suite shmem: pages of files go to swap and come back
 *
 * Where a test ends swapping, the area is the small disk ram1, before all others.
 */
#include "mm/shmem.h"

#include "fs/vfs.h"
#include "kernel/block/block.h"
#include "kernel/lib/rand.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/test/gate.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "kernel/test/recorder.h"
#include "mm/fault.h"
#include "mm/mlock.h"
#include "mm/page_io.h"
#include "mm/rmap.h"
#include "mm/slab.h"
#include "mm/swap.h"
#include "mm/uaccess.h"
#include "tests/kernel/kt_thread.h"
#include "tests/kernel/mm_fixture.h"

#define P(n) ((n) * PAGE_SIZE)
#define NR 6UL
#define FIRST 30000		/* before whatever other area there is */

/* ---- a file, and what its map has ---- */

static struct file *file_make(u64 pages)
{
	struct file *file = NULL;

	KT_CHECK_EQ(tmpfs_file_anon(P(pages), &file), 0);
	return file;
}

static struct address_space *map_of(struct file *file)
{
	return &file->inode->mapping;
}

static int file_resize(struct file *file, u64 bytes)
{
	return vfs_truncate(file->inode, (loff_t)bytes);
}

static void *item_of(struct file *file, u64 index)
{
	void *item;

	spin_lock(&map_of(file)->lock);
	item = radix_map_load(&map_of(file)->pages, index);
	spin_unlock(&map_of(file)->lock);
	return item;
}

/* The page at @index, in memory or on its way out, with a reference. NULL: none. */
static struct page *page_of(struct file *file, u64 index)
{
	struct page *page;
	void *item;

	spin_lock(&map_of(file)->lock);
	item = radix_map_load(&map_of(file)->pages, index);
	page = mapping_item_is_swap(item) ? NULL : item;
	if (page)
		get_page(page);
	spin_unlock(&map_of(file)->lock);
	return mapping_item_is_swap(item) ? swap_cache_find(mapping_item_swap(item)) : page;
}

/* Is the page in its slot and nowhere else? */
static bool is_out(struct file *file, u64 index)
{
	struct page *page = page_of(file, index);

	if (page)
		put_page(page);
	return !page && item_of(file, index);
}

/* One look of reclaim at one page. */
static void push(struct page *page)
{
	LIST_HEAD(batch);

	if (!lru_isolate_page(page))
		return;
	list_add_tail(&page->lru, &batch);
	reclaim_isolated(&batch);
}

/* Look after look, until the page is out. @tries may be few for one that must stay. */
static bool push_out(struct file *file, u64 index, unsigned int tries)
{
	struct page *page;

	while (tries-- && (page = page_of(file, index))) {
		LIST_HEAD(batch);

		if (lru_isolate_page(page))
			list_add_tail(&page->lru, &batch);
		put_page(page);		/* or reclaim could not free it */
		reclaim_isolated(&batch);
		/* The device has a reference until its request is back. */
		while (swap_io_pending())
			page_io_wait(1);
	}
	return is_out(file, index);
}

/* Word @i of page @i is @value + i, for the first @nr pages; written by a call. */
static bool fill(struct file *file, u64 nr, u64 value)
{
	bool ok = true;

	for (u64 i = 0; i < nr && ok; i++) {
		u64 word = value + i;

		ok = kernel_write(file, &word, sizeof(word), (loff_t)(P(i) + 8 * i)) == 8;
	}
	return ok;
}

static bool verify(struct file *file, u64 nr, u64 value)
{
	bool ok = true;

	for (u64 i = 0; i < nr && ok; i++) {
		u64 word = 0;

		ok = kernel_read(file, &word, sizeof(word), (loff_t)(P(i) + 8 * i)) == 8 &&
		     word == value + i;
	}
	return ok;
}

/* A file of @nr such pages, all out. NULL: failed. */
static struct file *file_out(u64 nr, u64 value)
{
	struct file *file = KT_GET(file_make(nr));

	if (!file)
		return NULL;
	KT_CHECK(fill(file, nr, value));
	for (u64 i = 0; i < nr; i++)
		KT_CHECK(push_out(file, i, 20));
	KT_CHECK_EQ(map_of(file)->nrswapped, nr);
	KT_CHECK_EQ(map_of(file)->nrpages, 0);
	return file;
}

static struct mm *mm_with(struct file *file, unsigned long va, u64 pages, unsigned long type)
{
	struct mm *mm = fx_mm();
	unsigned long out;

	if (mm)
		KT_CHECK_EQ(vm_mmap(mm, file, va, P(pages), FX_RW, type | MAP_FIXED, 0, &out), 0);
	return mm;
}

static u64 slots_used(void)
{
	struct swap_info info;

	swap_slot_info(&info);
	return info.used;
}

static struct block_device *disk(void)
{
	return block_find("ram1");
}

#define KT_NEED_SWAP()							\
	do {								\
		if (!swap_area_slots(0))				\
			KT_SKIP("there is no swap area");		\
	} while (0)

/* An area of the test's own; KT_AREA_END(): it goes, if the test has not sent it away. */
#define KT_NEED_AREA(n)							\
	do {								\
		if (!disk())						\
			KT_SKIP("there is no ram1");			\
		(n) = swap_area_add(disk(), FIRST);			\
		KT_GE(n, 0);						\
	} while (0)

/* ---- the ways back ---- */

KTEST_QUICK(shmem, a_call_reads_what_was_swapped_out)
{
	struct file *file;
	u64 before;

	KT_NEED_SWAP();
	before = slots_used();
	file = file_out(NR, 100);
	KT_TRUE(file);
	for (u64 i = 0; i < NR; i++)
		KT_EQ(swap_slot_count(mapping_item_swap(item_of(file, i))), 1);
	KT_CHECK(verify(file, NR, 100));
	KT_CHECK_EQ(map_of(file)->nrpages, NR);
	KT_CHECK_EQ(map_of(file)->nrswapped, 0);
	KT_CHECK_EQ(slots_used(), before);
	file_put(file);
}

KTEST_QUICK(shmem, a_call_writes_into_what_was_swapped_out)
{
	struct file *file;

	KT_NEED_SWAP();
	file = file_out(NR, 100);
	KT_TRUE(file);
	/* a byte of each page, behind the word: the rest must be there still */
	for (u64 i = 0; i < NR; i++)
		KT_CHECK_EQ(kernel_write(file, "x", 1, (loff_t)P(i) + 4000), 1);
	KT_CHECK(verify(file, NR, 100));
	for (u64 i = 0; i < NR; i++)
		KT_CHECK(push_out(file, i, 20));
	for (u64 i = 0; i < NR; i++) {
		char c = 0;

		KT_CHECK_EQ(kernel_read(file, &c, 1, (loff_t)P(i) + 4000), 1);
		KT_CHECK_EQ(c, 'x');
	}
	file_put(file);
}

KTEST_QUICK(shmem, every_mapping_loses_the_page_and_a_fault_brings_it_back)
{
	unsigned long again = FX_BASE + P(32), out;
	struct mm *mm, *child;
	struct page *page;
	struct file *file;

	KT_NEED_SWAP();
	file = KT_GET(file_make(NR));
	KT_TRUE(file);
	mm = KT_GET(mm_with(file, FX_BASE, NR, MAP_SHARED));
	KT_TRUE(mm);
	KT_CHECK_EQ(vm_mmap(mm, file, again, P(NR), FX_RW, MAP_PRIVATE | MAP_FIXED, 0, &out), 0);
	for (u64 i = 0; i < NR; i++)
		fx_put(FX_BASE + P(i), 10 + i);
	KT_CHECK_EQ(fx_get(again + P(1)), 11);
	fx_put(again + P(2), 99);		/* a copy: none of the file's business */
	child = fx_fork(mm);
	KT_CHECK(child && fx_get_in(child, FX_BASE + P(1)) == 11);
	KT_CHECK(push_out(file, 1, 20) && push_out(file, 2, 20));
	KT_CHECK(pte_none(fx_pte(mm, FX_BASE + P(1))) && pte_none(fx_pte(mm, again + P(1))));
	KT_CHECK(pte_none(fx_pte(child, FX_BASE + P(1))));
	KT_CHECK(pte_none(fx_pte(mm, FX_BASE + P(2))) && fx_page(mm, again + P(2)) != NULL);
	fx_put(FX_BASE + P(1), 12);
	KT_CHECK_EQ(fx_get_in(child, FX_BASE + P(1)), 12);
	KT_CHECK_EQ(fx_get(again + P(1)), 12);
	page = fx_page(mm, FX_BASE + P(1));
	KT_CHECK(page && page == fx_page(child, FX_BASE + P(1)) &&
		 page == fx_page(mm, again + P(1)) && page_mapcount(page) == 3);
	KT_CHECK_EQ(fx_get(FX_BASE + P(2)), 12);
	KT_CHECK_EQ(fx_get(again + P(2)), 99);
	KT_CHECK_EQ(map_of(file)->nrswapped, 0);
	if (child)
		mmput(child);
	fx_drop(mm);
	file_put(file);
}

/* Written through the mapping, swapped out, and written again: the last word counts. */
KTEST_QUICK(shmem, many_rounds_lose_nothing)
{
	struct file *file;
	struct mm *mm;

	KT_NEED_SWAP();
	file = KT_GET(file_make(NR));
	KT_TRUE(file);
	mm = KT_GET(mm_with(file, FX_BASE, NR, MAP_SHARED));
	KT_TRUE(mm);
	for (u64 round = 1; round <= 5; round++) {
		for (u64 i = 0; i < NR; i++)
			fx_put(FX_BASE + P(i) + 8 * i, round * 100 + i);
		for (u64 i = 0; i < NR; i++)
			KT_CHECK(push_out(file, i, 20));
		KT_CHECK(round & 1 ? verify(file, NR, round * 100) :
			 fx_get(FX_BASE + P(3) + 24) == round * 100 + 3);
	}
	KT_CHECK(verify(file, NR, 500));
	fx_drop(mm);
	file_put(file);
}

KTEST_QUICK(shmem, zeroes_are_not_written)
{
	u64 zero = 0, written;
	struct file *file;

	KT_NEED_SWAP();
	file = KT_GET(file_make(1));
	KT_TRUE(file);
	KT_CHECK_EQ(kernel_write(file, &zero, 8, 0), 8);
	written = (u64)atomic64_read(&vmstat.swpout_zero);
	KT_CHECK(push_out(file, 0, 20));
	KT_CHECK_GT((u64)atomic64_read(&vmstat.swpout_zero), written);
	KT_CHECK(verify(file, 1, 0));
	file_put(file);
}

/* ---- the ends ---- */

KTEST_QUICK(shmem, a_shorter_file_gives_its_slots_up)
{
	struct file *file;
	u64 before, word = 1;

	KT_NEED_SWAP();
	before = slots_used();
	file = file_out(NR, 100);
	KT_TRUE(file);
	KT_CHECK_EQ(file_resize(file, P(2) + 12), 0);
	KT_CHECK_EQ(map_of(file)->nrpages, 1);		/* the last one had to be cut */
	KT_CHECK_EQ(map_of(file)->nrswapped, 2);
	KT_CHECK_EQ(slots_used(), before + 2);
	KT_CHECK(push_out(file, 2, 20));
	KT_CHECK_EQ(file_resize(file, P(NR)), 0);
	KT_CHECK_EQ(kernel_read(file, &word, 8, P(2) + 16), 8);
	KT_CHECK_EQ(word, 0);				/* was 102 */
	KT_CHECK_EQ(kernel_read(file, &word, 8, P(4) + 32), 8);
	KT_CHECK_EQ(word, 0);
	KT_CHECK(verify(file, 2, 100));
	file_put(file);
	KT_CHECK_EQ(slots_used(), before);
}

KTEST_QUICK(shmem, the_last_user_takes_the_slots_along)
{
	unsigned long va = 0;
	struct file *file;
	struct mm *mm;
	u64 before, nobodys;

	KT_NEED_SWAP();
	before = slots_used();
	nobodys = before - shmem_swapped_pages();
	file = file_out(NR, 100);
	KT_TRUE(file);
	file_put(file);
	KT_CHECK_EQ(slots_used(), before);
	/* memory without a name, and the end of an address space */
	mm = fx_mm();
	KT_TRUE(mm);
	KT_CHECK_EQ(vm_mmap(mm, NULL, 0, P(8), FX_RW, MAP_SHARED | MAP_ANONYMOUS, 0, &va), 0);
	for (u64 i = 0; i < 8; i++)
		fx_put(va + P(i), i + 1);
	for (unsigned int i = 0; i < 3; i++)
		KT_CHECK_EQ(sys_madvise(va, P(8), MADV_PAGEOUT), 0);
	KT_CHECK_GE(slots_used(), before + 8);
	fx_drop(mm);
	/* those that were being written when the file went: in the cache, of no file */
	for (unsigned int i = 0; i < 100 && slots_used() - shmem_swapped_pages() > nobodys; i++)
		reclaim_pages(8);
	KT_CHECK_LE(slots_used() - shmem_swapped_pages(), nobodys);
}

/* ---- advice, locks, age ---- */

KTEST_QUICK(shmem, pageout_takes_pages_of_files_and_cold_lets_them_look_unused)
{
	struct file *file;
	struct page *page;
	struct mm *mm;

	KT_NEED_SWAP();
	file = KT_GET(file_make(NR));
	KT_TRUE(file);
	mm = KT_GET(mm_with(file, FX_BASE, NR, MAP_SHARED));
	KT_TRUE(mm);
	for (u64 i = 0; i < NR; i++)
		fx_put(FX_BASE + P(i) + 8 * i, 10 + i);
	page = fx_page(mm, FX_BASE);
	lru_mark_accessed(page);
	lru_mark_accessed(page);
	KT_CHECK(page_test(page, PG_active) && pte_young(fx_pte(mm, FX_BASE)));
	KT_CHECK_EQ(sys_madvise(FX_BASE, P(1), MADV_COLD), 0);
	KT_CHECK(!page_test(page, PG_active) && !pte_young(fx_pte(mm, FX_BASE)));
	KT_CHECK_EQ(sys_madvise(FX_BASE, P(NR), MADV_PAGEOUT), 0);
	for (u64 i = 0; i < NR; i++)
		KT_CHECK(pte_none(fx_pte(mm, FX_BASE + P(i))) && shmem_is_swapped(map_of(file), i));
	KT_CHECK(verify(file, NR, 10));
	fx_drop(mm);
	file_put(file);
}

KTEST_QUICK(shmem, locked_and_used_pages_stay)
{
	struct file *file;
	struct page *page;
	struct mm *mm;

	KT_NEED_SWAP();
	file = KT_GET(file_make(2));
	KT_TRUE(file);
	mm = KT_GET(mm_with(file, FX_BASE, 2, MAP_SHARED));
	KT_TRUE(mm);
	KT_CHECK_EQ(sys_mlock(FX_BASE, P(1)), 0);
	fx_put(FX_BASE, 1);
	fx_put(FX_BASE + P(1), 2);
	KT_CHECK(!push_out(file, 0, 5));
	KT_CHECK(fx_page(mm, FX_BASE) && page_test(fx_page(mm, FX_BASE), PG_mlocked));
	page = fx_page(mm, FX_BASE + P(1));
	KT_TRUE(page);
	push(page);		/* its entry is young: the first look spares it */
	KT_CHECK(fx_page(mm, FX_BASE + P(1)) == page && page_test(page, PG_active));
	KT_CHECK(push_out(file, 1, 20));
	KT_CHECK_EQ(sys_munlock(FX_BASE, P(1)), 0);
	KT_CHECK(push_out(file, 0, 20));
	KT_CHECK_EQ(fx_get(FX_BASE), 1);
	fx_drop(mm);
	file_put(file);
}

/* SHM_LOCK: mapped or not. */
KTEST_QUICK(shmem, pages_of_a_locked_segment_stay)
{
	struct file *file;

	KT_NEED_SWAP();
	file = KT_GET(file_make(2));
	KT_TRUE(file);
	KT_CHECK(fill(file, 2, 5));
	WRITE_ONCE(map_of(file)->unevictable, true);
	KT_CHECK(!push_out(file, 0, 5));
	WRITE_ONCE(map_of(file)->unevictable, false);
	KT_CHECK(push_out(file, 0, 20));
	KT_CHECK(verify(file, 2, 5));
	file_put(file);
}

KTEST_QUICK(shmem, mincore_knows_what_is_in_swap)
{
	unsigned char vec[NR];
	struct file *file;
	struct mm *mm;

	KT_NEED_SWAP();
	file = file_out(NR, 1);
	KT_TRUE(file);
	KT_CHECK(kernel_read(file, vec, 1, P(4)) == 1);
	mm = KT_GET(mm_with(file, FX_BASE, NR, MAP_SHARED));
	KT_TRUE(mm);
	fx_map(mm, FX_BASE + P(16), 1, FX_RW);
	KT_CHECK_EQ(sys_mincore(FX_BASE, P(NR), (unsigned char *)(FX_BASE + P(16))), 0);
	KT_CHECK_EQ(copy_from_user(vec, (void *)(FX_BASE + P(16)), NR), 0);
	for (u64 i = 0; i < NR; i++)
		KT_CHECK_EQ(vec[i], i == 4);
	fx_drop(mm);
	file_put(file);
}

/* ---- what fails ---- */

KTEST_QUICK(shmem, a_page_that_cannot_be_read_is_an_error_and_is_not_lost)
{
	struct file *file;
	struct mm *mm;
	u64 word;

	KT_NEED_SWAP();
	file = file_out(2, 100);
	KT_TRUE(file);
	mm = KT_GET(mm_with(file, FX_BASE, 2, MAP_SHARED));
	KT_TRUE(mm);
	inject_arm(INJECT_SWAP_READ, 1, 2, NULL);
	KT_CHECK_EQ(mm_fault(mm, FX_BASE, 0), FAULT_BUSERR);
	KT_CHECK_EQ(kernel_read(file, &word, 8, 0), -EIO);
	KT_CHECK_EQ(kernel_write(file, &word, 8, 0), -EIO);
	KT_CHECK_EQ(file_resize(file, PAGE_SIZE + 8), -EIO);
	KT_CHECK_EQ(file->inode->size, P(2));
	KT_CHECK_EQ(inject_disarm(INJECT_SWAP_READ), 2);
	KT_CHECK_EQ(map_of(file)->nrswapped, 2);
	/* the frames without contents leave the cache; the next reader tries anew */
	KT_CHECK(push_out(file, 0, 20) && push_out(file, 1, 20));
	KT_CHECK_EQ(fx_get(FX_BASE), 100);
	KT_CHECK(verify(file, 2, 100));
	fx_drop(mm);
	file_put(file);
}

KTEST_QUICK(shmem, a_write_that_fails_loses_nothing)
{
	struct swap_info before, after;
	struct file *file;

	KT_NEED_SWAP();
	swap_slot_info(&before);
	file = KT_GET(file_make(NR));
	KT_TRUE(file);
	KT_CHECK(fill(file, NR, 100));
	inject_arm(INJECT_SWAP_WRITE, 1, 2, NULL);
	for (u64 i = 0; i < NR; i++)
		(void)push_out(file, i, 3);
	KT_CHECK_EQ(inject_disarm(INJECT_SWAP_WRITE), 2);
	KT_CHECK(verify(file, NR, 100));
	for (u64 i = 0; i < NR; i++)
		KT_CHECK(push_out(file, i, 20));	/* to other slots */
	KT_CHECK(verify(file, NR, 100));
	swap_slot_info(&after);
	KT_CHECK_EQ(after.used, before.used);
	KT_CHECK_EQ(after.bad, before.bad + 2);
	file_put(file);
}

/* Each allocation of each way back fails in turn: an error, and nothing has changed. */
KTEST_QUICK(shmem, without_memory_nothing_is_lost)
{
	static const enum inject_point points[] = { INJECT_PAGE_ALLOC, INJECT_SLAB_ALLOC };
	struct file *file;
	struct mm *mm;
	u64 word, fired;

	KT_NEED_SWAP();
	file = file_out(3, 100);
	KT_TRUE(file);
	mm = KT_GET(mm_with(file, FX_BASE, 3, MAP_SHARED));
	KT_TRUE(mm);
	for (unsigned int p = 0; p < ARRAY_SIZE(points); p++) {
		for (u64 nth = 1, way = 0; way < 3; nth++) {
			long err;

			inject_arm(points[p], nth, 1, current);
			err = way == 0 ? (mm_fault(mm, FX_BASE, 0) == FAULT_OOM ? -ENOMEM : 0) :
			      way == 1 ? min(kernel_read(file, &word, 8, P(1)), (ssize_t)0) :
					 file_resize(file, P(2) + 24);
			fired = inject_disarm(points[p]);
			KT_CHECK_EQ(err, fired ? -ENOMEM : 0);
			KT_CHECK_EQ(map_of(file)->nrpages + map_of(file)->nrswapped, 3);
			if (!KT_CHECK_LE(nth, 20))
				break;
			if (fired)
				continue;
			way++;
			nth = 0;
		}
		KT_CHECK_EQ(file->inode->size, P(2) + 24);
		KT_CHECK_EQ(file_resize(file, P(3)), 0);
		KT_CHECK(verify(file, 3, 100));
		for (u64 i = 0; i < 3; i++)
			KT_CHECK(push_out(file, i, 20));
	}
	KT_CHECK(verify(file, 3, 100));
	fx_drop(mm);
	file_put(file);
}

/* No node for the swap cache, or no slot: the page stays, mapped or not. */
KTEST_QUICK(shmem, a_page_that_gets_no_slot_stays)
{
	struct page *page;
	struct file *file;
	u64 before, fired = 1;

	KT_NEED_SWAP();
	before = slots_used();
	file = KT_GET(file_make(1));
	KT_TRUE(file);
	KT_CHECK(fill(file, 1, 100));
	for (u64 nth = 1; fired; nth++) {
		page = page_of(file, 0);
		push(page);			/* not used any more: next time it goes */
		inject_arm(INJECT_SLAB_ALLOC, nth, 1, current);
		push(page);
		fired = inject_disarm(INJECT_SLAB_ALLOC);
		put_page(page);
		if (fired)
			KT_CHECK(item_of(file, 0) == page && slots_used() == before);
		if (!KT_CHECK_LE(nth, 20))
			break;
	}
	KT_CHECK(push_out(file, 0, 20));
	KT_CHECK(verify(file, 1, 100));
	file_put(file);
}

/* ---- swapoff ---- */

KTEST_QUICK(shmem, swapoff_brings_files_back)
{
	struct file *file;
	int area;

	KT_NEED_AREA(area);
	file = file_out(NR, 100);
	KT_TRUE(file);
	KT_CHECK_EQ(swp_area(mapping_item_swap(item_of(file, 0))), (unsigned int)area);
	KT_CHECK_EQ(swapoff(disk()), 0);
	KT_CHECK_EQ(swap_area_slots((unsigned int)area), 0);
	KT_CHECK_EQ(map_of(file)->nrpages, NR);
	KT_CHECK(verify(file, NR, 100));
	file_put(file);
}

KTEST_QUICK(shmem, swapoff_without_memory_keeps_the_area)
{
	struct file *file;
	int area;

	KT_NEED_AREA(area);
	file = file_out(NR, 100);
	KT_TRUE(file);
	for (u64 back = 1; back < NR; back++) {
		inject_arm(INJECT_PAGE_ALLOC, 2, 1000, current);
		KT_CHECK_EQ(swapoff(disk()), -ENOMEM);
		KT_CHECK_GE(inject_disarm(INJECT_PAGE_ALLOC), 1);
		KT_CHECK_EQ(swap_area_slots((unsigned int)area), disk()->nr_pages);
		KT_CHECK_GE(map_of(file)->nrswapped, NR - back);
		KT_CHECK_EQ(map_of(file)->nrswapped + map_of(file)->nrpages, NR);
	}
	block_inject_error(disk(), BLOCK_READ, 1, true);
	KT_CHECK_EQ(swapoff(disk()), -EIO);
	block_inject_error(disk(), BLOCK_READ, 0, false);
	for (u64 i = 0; i < NR; i++)
		KT_CHECK(push_out(file, i, 20));	/* the frame without contents */
	thread_flag_set(&current->info, TIF_SIGPENDING);
	KT_CHECK_EQ(swapoff(disk()), -EINTR);
	thread_flag_clear(&current->info, TIF_SIGPENDING);
	KT_CHECK_EQ(swapoff(disk()), 0);
	KT_CHECK(verify(file, NR, 100));
	file_put(file);
}

/* ---- one against another ---- */

static int do_push(void *data)
{
	push(data);
	return 0;
}

static int do_shrink(void *data)
{
	return file_resize(data, 0);
}

static int do_swapoff(void *unused)
{
	return KT_TRY(swapoff(disk()));
}

static int do_put(void *data)
{
	file_put(data);
	return 0;
}

static int do_read(void *data)
{
	u64 word = 0;

	return kernel_read(data, &word, 8, 0) == 8 ? (int)word : -EIO;
}

/* The shrinking file has found its page; reclaim is faster: the slot must be freed. */
KTEST(shmem, truncation_finds_a_page_that_went_meanwhile)
{
	struct task *shrinker;
	struct page *page;
	struct file *file;
	u64 before;

	KT_NEED_GATES();
	KT_NEED_SWAP();
	before = slots_used();
	file = KT_GET(file_make(1));
	KT_TRUE(file);
	KT_CHECK(fill(file, 1, 100));
	page = page_of(file, 0);
	push(page);
	gate_arm("shmem.drop_page", page);
	shrinker = kt_spawn(do_shrink, file);
	if (KT_CHECK(gate_wait("shmem.drop_page"))) {
		push(page);
		KT_CHECK(shmem_is_swapped(map_of(file), 0));
		gate_open("shmem.drop_page");
	}
	KT_CHECK_EQ(kt_join(shrinker), 0);
	KT_CHECK_EQ(map_of(file)->nrpages + map_of(file)->nrswapped, 0);
	page_wait_writeback(page);
	swap_cache_put_page(page);
	KT_CHECK_LE(slots_used(), before);
	file_put(file);
}

/* Reclaim stands between slot and unmapping; who faults waits, and finds the entry. */
KTEST(shmem, a_fault_during_swap_out_gets_the_same_frame)
{
	struct task *reclaim, *reader;
	struct page *page;
	struct file *file;

	KT_NEED_GATES();
	KT_NEED_SWAP();
	file = KT_GET(file_make(1));
	KT_TRUE(file);
	KT_CHECK(fill(file, 1, 100));
	page = page_of(file, 0);
	push(page);
	gate_arm("shmem.swapped_out", page);
	reclaim = kt_spawn(do_push, page);
	if (KT_CHECK(gate_wait("shmem.swapped_out"))) {
		KT_CHECK(shmem_is_swapped(map_of(file), 0) && page_test(page, PG_locked));
		reader = kt_spawn(do_read, file);
		KT_CHECK(kt_wait_until(kt_asleep(reader)));
		gate_open("shmem.swapped_out");
		KT_CHECK_EQ(kt_join(reader), 100);
	}
	(void)kt_join(reclaim);
	KT_CHECK(item_of(file, 0) == page);
	put_page(page);
	file_put(file);
}

struct touch {
	struct mm *mm;
	int result;
};

static int do_touch(void *data)
{
	struct touch *t = data;

	return mm_fault(t->mm, FX_BASE, FAULT_WRITE | FAULT_REMOTE);
}

/* The same with a mapping: the fault has found the page in the map, and waits for it. */
KTEST(shmem, a_fault_that_waited_for_a_page_looks_again)
{
	struct touch t;
	struct task *reclaim, *toucher;
	struct page *page;
	struct file *file;

	KT_NEED_GATES();
	KT_NEED_SWAP();
	file = KT_GET(file_make(1));
	KT_TRUE(file);
	KT_CHECK(fill(file, 1, 100));
	t.mm = KT_GET(mm_with(file, FX_BASE, 1, MAP_SHARED));
	KT_TRUE(t.mm);
	page = page_of(file, 0);
	push(page);
	gate_arm("reclaim.slot", page);
	reclaim = kt_spawn(do_push, page);
	if (KT_CHECK(gate_wait("reclaim.slot"))) {
		toucher = kt_spawn(do_touch, &t);
		KT_CHECK(kt_wait_until(kt_asleep(toucher)));
		gate_open("reclaim.slot");
		KT_CHECK_EQ(kt_join(toucher), FAULT_DONE);
	}
	(void)kt_join(reclaim);
	KT_CHECK(fx_page(t.mm, FX_BASE) && fx_page(t.mm, FX_BASE) == item_of(file, 0));
	KT_CHECK_EQ(fx_get(FX_BASE), 100);
	put_page(page);
	fx_drop(t.mm);
	file_put(file);
}

/* What a fault brought belongs to nobody when the file was emptied at @gate. */
static void cut_off_at(const char *gate)
{
	u64 before = slots_used();
	struct file *file = file_out(1, 100);
	struct task *toucher;
	struct touch t;

	t.mm = file ? mm_with(file, FX_BASE, 1, MAP_SHARED) : NULL;
	KT_TRUE(t.mm);
	gate_arm(gate, map_of(file));
	toucher = kt_spawn(do_touch, &t);
	if (KT_CHECK(gate_wait(gate))) {
		KT_CHECK_EQ(file_resize(file, 0), 0);
		gate_open(gate);
	}
	KT_CHECK_EQ(kt_join(toucher), FAULT_BUSERR);
	KT_CHECK_EQ(map_of(file)->nrpages + map_of(file)->nrswapped, 0);
	KT_CHECK_EQ(slots_used(), before);
	fx_drop(t.mm);
	file_put(file);
}

KTEST(shmem, swap_in_does_not_bring_back_what_was_cut_off)
{
	KT_NEED_GATES();
	KT_NEED_SWAP();
	cut_off_at("shmem.swap_in");
	cut_off_at("shmem.swap_in_locked");	/* truncation cannot empty the cache */
}

/* Two come with one entry: both get one frame. */
KTEST(shmem, two_readers_of_one_entry_share_a_frame)
{
	struct task *reader;
	struct file *file;
	void *page = NULL;

	KT_NEED_GATES();
	KT_NEED_SWAP();
	file = file_out(1, 100);
	KT_TRUE(file);
	gate_arm("shmem.swap_in", map_of(file));
	reader = kt_spawn(do_read, file);
	if (KT_CHECK(gate_wait("shmem.swap_in"))) {
		KT_CHECK(verify(file, 1, 100));
		page = item_of(file, 0);
		*(u64 *)page_address(page) = 200;
		gate_open("shmem.swap_in");
	}
	KT_CHECK_EQ(kt_join(reader), 200);
	KT_CHECK(page && item_of(file, 0) == page);
	KT_CHECK_EQ(map_of(file)->nrpages, 1);
	file_put(file);
}

KTEST(shmem, swapoff_and_truncation_agree)
{
	struct task *off;
	struct file *file;
	int area;

	KT_NEED_GATES();
	KT_NEED_AREA(area);
	file = file_out(NR, 100);
	KT_TRUE(file);
	gate_arm("shmem.swap_in", map_of(file));
	off = kt_spawn(do_swapoff, NULL);
	if (KT_CHECK(gate_wait("shmem.swap_in"))) {
		KT_CHECK_EQ(file_resize(file, 0), 0);
		gate_open("shmem.swap_in");
	}
	KT_CHECK_EQ(kt_join(off), 0);
	KT_CHECK_EQ(map_of(file)->nrpages + map_of(file)->nrswapped, 0);
	KT_CHECK_EQ(swap_area_slots((unsigned int)area), 0);
	file_put(file);
}

/* The last user goes while swapoff stands at the file: it waits. */
KTEST(shmem, a_file_stays_while_swapoff_looks_at_it)
{
	struct task *off, *owner;
	struct file *file;
	int area;

	KT_NEED_GATES();
	KT_NEED_AREA(area);
	file = file_out(NR, 100);
	KT_TRUE(file);
	gate_arm("shmem.unuse", map_of(file));
	off = kt_spawn(do_swapoff, NULL);
	if (KT_CHECK(gate_wait("shmem.unuse"))) {
		owner = kt_spawn(do_put, file);
		KT_CHECK(kt_wait_until(kt_asleep(owner) || kt_done(owner)));
		KT_CHECK(!kt_done(owner));
		gate_open("shmem.unuse");
		KT_CHECK_EQ(kt_join(owner), 0);
	}
	KT_CHECK_EQ(kt_join(off), 0);
	KT_CHECK_EQ(swap_area_slots((unsigned int)area), 0);
}

/* A slot that reclaim took before the area stopped is met in the next round. */
KTEST(shmem, swapoff_meets_a_page_on_its_way_out)
{
	struct task *off, *reclaim;
	struct page *page;
	struct file *file;
	int area;

	KT_NEED_GATES();
	KT_NO_SWEEP("reclaim that lacks memory does not come to the gate");
	KT_NEED_AREA(area);
	file = KT_GET(file_make(1));
	KT_TRUE(file);
	KT_CHECK(fill(file, 1, 100));
	page = page_of(file, 0);
	push(page);
	gate_arm("reclaim.slot", page);
	reclaim = kt_spawn(do_push, page);
	if (KT_CHECK(gate_wait("reclaim.slot"))) {
		off = kt_spawn(do_swapoff, NULL);
		KT_CHECK(kt_wait_until(kt_asleep(off)));
		gate_open("reclaim.slot");
		KT_CHECK_EQ(kt_join(off), 0);
	}
	(void)kt_join(reclaim);
	put_page(page);
	KT_CHECK_EQ(swap_area_slots((unsigned int)area), 0);
	KT_CHECK_EQ(map_of(file)->nrpages, 1);
	KT_CHECK(verify(file, 1, 100));
	file_put(file);
}

/* Bytes are written with a reference only, while the page is on its way out. */
KTEST_QUICK(shmem, what_is_written_during_swap_out_is_kept)
{
	struct file *file;
	struct page *page;
	u64 *word;

	KT_NEED_SWAP();
	file = KT_GET(file_make(1));
	KT_TRUE(file);
	KT_CHECK(fill(file, 1, 100));
	page = page_of(file, 0);
	for (unsigned int i = 0; i < 20 && page_test(page, PG_dirty); i++) {
		push(page);
		page_wait_writeback(page);
	}
	KT_CHECK(shmem_is_swapped(map_of(file), 0) && !page_test(page, PG_dirty));
	word = page_address(page);
	*word = 200;
	page_set(page, PG_dirty);
	put_page(page);
	KT_CHECK(push_out(file, 0, 20));
	KT_CHECK(verify(file, 1, 200));
	file_put(file);
}

/* The same while reclaim asks whether the page is zero. */
KTEST(shmem, a_page_that_stops_being_zero_is_written)
{
	struct task *reclaim;
	struct file *file;
	struct page *page;
	u64 *word;

	KT_NEED_GATES();
	KT_NO_SWEEP("reclaim that lacks memory does not come to the gate");
	KT_NEED_SWAP();
	file = KT_GET(file_make(1));
	KT_TRUE(file);
	KT_CHECK(fill(file, 1, 0));
	page = page_of(file, 0);
	push(page);
	word = page_address(page);
	gate_arm("swap_io.found_zero", page);
	reclaim = kt_spawn(do_push, page);
	if (KT_CHECK(gate_wait("swap_io.found_zero"))) {
		*word = 200;
		page_set(page, PG_dirty);
		gate_open("swap_io.found_zero");
	}
	(void)kt_join(reclaim);
	put_page(page);
	KT_CHECK(push_out(file, 0, 20));
	KT_CHECK(verify(file, 1, 200));
	file_put(file);
}

/* ---- everything at once ---- */

#define STORM_PAGES 24UL

struct storm {
	struct file *file;
	struct mm *mm;
	bool stop;
	u64 wrong;
};

struct stormer {
	struct fx_thread thread;
	struct storm *storm;
	void (*turn)(struct storm *s, u64 i);	/* with a page of the file, at random */
	u64 seed;
};

static int storm_run(void *data)
{
	struct stormer *t = data;
	struct rand_state r;

	rand_seed(&r, t->seed);
	while (!READ_ONCE(t->storm->stop)) {
		t->turn(t->storm, rand_below(&r, STORM_PAGES));
		cond_resched();
	}
	return 0;
}

/* Page i holds i + 1 in its first word, or nothing. */
static void storm_call(struct storm *s, u64 i)
{
	u64 word = 0;

	if (kernel_read(s->file, &word, 8, (loff_t)P(i)) == 8 && word && word != i + 1)
		s->wrong++;
	word = i + 1;
	(void)kernel_write(s->file, &word, 8, (loff_t)P(i));
}

static void storm_touch(struct storm *s, u64 i)
{
	u64 word = 0;

	if (!get_user(word, (u64 *)(FX_BASE + P(i))) && word && word != i + 1)
		s->wrong++;
	(void)put_user(i + 1, (u64 *)(FX_BASE + P(i)));
}

static void storm_push(struct storm *s, u64 i)
{
	struct page *page = page_of(s->file, i);

	if (page) {
		push(page);
		put_page(page);
	}
	(void)reclaim_pages(2);
}

KTEST(shmem, everything_at_once)
{
	struct storm s = { 0 };
	struct stormer stormer[] = {
		{ .storm = &s, .turn = storm_call, .seed = 1 },
		{ .storm = &s, .turn = storm_touch, .seed = 2 },
		{ .storm = &s, .turn = storm_push, .seed = 3 },
	};
	unsigned int nr = 0;
	int area;

	KT_NEED_AREA(area);
	s.file = KT_GET(file_make(STORM_PAGES));
	KT_TRUE(s.file);
	s.mm = KT_GET(mm_with(s.file, FX_BASE, STORM_PAGES, MAP_SHARED));
	KT_TRUE(s.mm);
	while (nr < ARRAY_SIZE(stormer) &&
	       fx_start(&stormer[nr].thread, s.mm, storm_run, &stormer[nr]))
		nr++;
	for (u64 i = 0; i < 40; i++) {
		KT_CHECK_EQ(file_resize(s.file, P(i % 8)), 0);
		KT_CHECK_EQ(file_resize(s.file, P(STORM_PAGES)), 0);
		(void)schedule_timeout_uninterruptible(1);
	}
	KT_CHECK_EQ(swapoff(disk()), 0);
	WRITE_ONCE(s.stop, true);
	while (nr--)
		(void)fx_join(&stormer[nr].thread);
	KT_CHECK_EQ(s.wrong, 0);
	for (u64 i = 0; i < STORM_PAGES; i++)
		fx_put(FX_BASE + P(i), i + 7);
	for (u64 i = 0; i < STORM_PAGES; i++)
		KT_CHECK_EQ(fx_get(FX_BASE + P(i)), i + 7);
	fx_drop(s.mm);
	file_put(s.file);
}

#ifdef CONFIG_MMU_NOTIFIER
/* ---- second MMUs ---- */

/* Each mm that maps the page hears of its going, each protocol in its own way. */
KTEST_QUICK(shmem, second_mmus_lose_the_page_first)
{
	struct recorder *bracket = KT_GET(kzalloc(sizeof(*bracket), GFP_KERNEL));
	struct recorder *pair = KT_GET(kzalloc(sizeof(*pair), GFP_KERNEL));
	const struct recorded_call *call;
	struct file *file;
	struct mm *mm;

	KT_NEED_SWAP();
	KT_TRUE(bracket && pair);
	file = KT_GET(file_make(2));
	KT_TRUE(file);
	mm = KT_GET(mm_with(file, FX_BASE, 2, MAP_SHARED));
	KT_TRUE(mm);
	recorder_init(bracket, &recorder_bracket_ops);
	recorder_init(pair, &recorder_pair_ops);
	KT_CHECK_EQ(mmu_notifier_register(&bracket->mn, mm), 0);
	KT_CHECK_EQ(mmu_notifier_register(&pair->mn, mm), 0);
	fx_put(FX_BASE + P(1), 1);
	recorder_clear(bracket);
	recorder_clear(pair);
	KT_CHECK(push_out(file, 1, 20));
	call = recorder_find(bracket, MN_INVALIDATE_RANGE_START, 0);
	KT_CHECK(call && call->start == FX_BASE + P(1) && call->end == FX_BASE + P(2));
	KT_CHECK_EQ(recorder_count(bracket, MN_INVALIDATE_RANGE_END),
		    recorder_count(bracket, MN_INVALIDATE_RANGE_START));
	KT_CHECK_EQ(recorder_count(pair, MN_INVALIDATE_PAGE), 1);
	KT_CHECK_GE(recorder_count(pair, MN_CLEAR_FLUSH_YOUNG), 1);
	mmu_notifier_unregister(&bracket->mn, mm);
	mmu_notifier_unregister(&pair->mn, mm);
	kfree(bracket);
	kfree(pair);
	fx_drop(mm);
	file_put(file);
}
#endif
