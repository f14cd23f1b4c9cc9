/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_vma.c - suite vma: the tree of ranges
 */
#include "mm/vma.h"

#include "kernel/lib/rand.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "kernel/sched/task.h"
#include "tests/kernel/mm_fixture.h"

KTEST_QUICK(vma, find_vma_answers_the_first_range_that_ends_above)
{
	unsigned long a = FX_BASE, b = FX_BASE + 16 * PAGE_SIZE;
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, a, 2, FX_RW);
	fx_map(mm, b, 2, FX_RW);
	down_read(&mm->mmap_lock);
	KT_CHECK_EQ(find_vma(mm, 0)->start, a);
	KT_CHECK_EQ(find_vma(mm, a + 2 * PAGE_SIZE - 1)->start, a);
	KT_CHECK_EQ(find_vma(mm, a + 2 * PAGE_SIZE)->start, b);
	KT_CHECK(!find_vma(mm, b + 2 * PAGE_SIZE));
	KT_CHECK(!find_vma_intersection(mm, a + 2 * PAGE_SIZE, b));
	KT_CHECK_EQ(find_vma_intersection(mm, a + PAGE_SIZE, b)->start, a);
	KT_CHECK(vma_next(find_vma(mm, a)) == find_vma(mm, b));
	KT_CHECK(!vma_prev(find_vma(mm, a)));
	up_read(&mm->mmap_lock);
	KT_CHECK(fx_valid(mm));
	fx_drop(mm);
}

KTEST_QUICK(vma, split_and_merge_leave_no_trace)
{
	struct mm *mm = fx_mm();
	struct vma *vma, *upper;
	unsigned long va;

	KT_TRUE(mm);
	va = fx_map(mm, FX_BASE, 8, FX_RW);
	fx_put(va, 1);
	down_write(&mm->mmap_lock);
	vma = find_vma(mm, va);
	if (KT_CHECK_EQ(vma_split(vma, va + 3 * PAGE_SIZE, &upper), 0)) {
		KT_CHECK_EQ(vma->end, upper->start);
		KT_CHECK_EQ(vma->pgoff + 3, upper->pgoff);
		KT_CHECK(vma->anon_vma && vma->anon_vma == upper->anon_vma);
		KT_CHECK(vma_validate(mm));
		vma = vma_merge(upper);
		KT_CHECK_EQ(vma->start, va);
		KT_CHECK_EQ(vma->end, va + 8 * PAGE_SIZE);
	}
	KT_CHECK_EQ(mm->map_count, 1);
	KT_CHECK(vma_validate(mm));
	up_write(&mm->mmap_lock);
	KT_CHECK_EQ(fx_get(va), 1);
	fx_drop(mm);
}

/* Whichever side has the anon_vma survives, so that joining needs no memory. */
KTEST_QUICK(vma, merging_with_a_range_that_has_pages_keeps_them_reachable)
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE + 4 * PAGE_SIZE, 4, FX_RW);
	fx_put(FX_BASE + 4 * PAGE_SIZE, 44);
	fx_map(mm, FX_BASE, 4, FX_RW);
	KT_CHECK_EQ(fx_nr_vmas(mm), 1);
	KT_CHECK_EQ(fx_get(FX_BASE + 4 * PAGE_SIZE), 44);
	fx_put(FX_BASE, 40);
	KT_CHECK_EQ(fx_chain_length(mm, FX_BASE), 1);
	KT_CHECK(fx_valid(mm));
	fx_drop(mm);
}

/* The slow and certain way. */
static int gap_by_scan(struct mm *mm, unsigned long len, unsigned long low, unsigned long high,
		       unsigned long *out)
{
	unsigned long end = high, start;
	struct vma *vma = NULL, *pos;

	for (pos = find_vma(mm, 0); pos; pos = vma_next(pos))
		vma = pos;
	for (;; vma = vma_prev(vma)) {
		start = max(vma ? vma->end : 0, low);
		if (end > start && end - start >= len) {
			*out = end - len;
			return 0;
		}
		if (!vma)
			return -ENOMEM;
		end = min(end, vma_start_gap(vma));
	}
}

static bool gap_agrees(struct mm *mm, struct rand_state *r)
{
	unsigned long len = (1 + rand_below(r, 12)) * PAGE_SIZE;
	unsigned long low = FX_BASE + rand_below(r, 32) * PAGE_SIZE;
	unsigned long high = low + rand_below(r, 160) * PAGE_SIZE;
	unsigned long fast = 0, slow = 0;
	int fast_err, slow_err;

	down_write(&mm->mmap_lock);
	fast_err = vma_find_gap(mm, len, low, high, &fast);
	slow_err = gap_by_scan(mm, len, low, high, &slow);
	up_write(&mm->mmap_lock);
	return fast_err == slow_err && fast == slow;
}

KTEST(vma, gap_search_agrees_with_a_scan)
{
	struct mm *mm = fx_mm();
	struct rand_state r;
	int i;

	KT_TRUE(mm);
	rand_seed(&r, 42);
	for (i = 0; i < 1500; i++) {
		unsigned long va = FX_BASE + rand_below(&r, 192) * PAGE_SIZE;
		unsigned long pages = 1 + rand_below(&r, 6);

		if (rand_below(&r, 2))
			fx_map(mm, va, pages, rand_below(&r, 2) ? FX_RW : PROT_READ);
		else
			KT_CHECK_EQ(vm_munmap(mm, va, pages * PAGE_SIZE), 0);
		if (!KT_CHECK(gap_agrees(mm, &r)) || !KT_CHECK(i % 16 || fx_valid(mm)))
			break;
	}
	KT_CHECK(fx_valid(mm));
	fx_drop(mm);
}

KTEST_QUICK(vma, split_without_memory_changes_nothing)
{
	struct mm *mm = fx_mm();
	struct vma *vma;
	int nth;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 8, FX_RW);
	fx_put(FX_BASE, 5);
	down_write(&mm->mmap_lock);
	vma = find_vma(mm, FX_BASE);
	for (nth = 1; nth <= 2; nth++) {
		inject_arm(INJECT_SLAB_ALLOC, nth, 1, current);
		KT_CHECK_EQ(vma_split(vma, FX_BASE + PAGE_SIZE, NULL), -ENOMEM);
		inject_disarm(INJECT_SLAB_ALLOC);
		KT_CHECK_EQ(mm->map_count, 1);
		KT_CHECK(vma_validate(mm));
	}
	up_write(&mm->mmap_lock);
	fx_drop(mm);
}
