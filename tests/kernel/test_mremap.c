/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_mremap.c - suite mremap: longer, shorter, elsewhere
 */
#include "mm/mmap.h"

#include "kernel/sched/sched.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "mm/rmap.h"
#include "mm/uaccess.h"
#include "tests/kernel/mm_fixture.h"

#define P(n) ((n) * PAGE_SIZE)

KTEST_QUICK(mremap, grows_and_shrinks_in_place)
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 4, FX_RW);
	fx_put(FX_BASE + P(3), 3);
	KT_CHECK_EQ(sys_mremap(FX_BASE, P(4), P(8), 0, 0), (long)FX_BASE);
	fx_put(FX_BASE + P(7), 7);
	KT_CHECK_EQ(sys_mremap(FX_BASE, P(8), P(2), 0, 0), (long)FX_BASE);
	KT_CHECK_EQ(mm->total_vm, 2);
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_ANONPAGES]), 0);
	fx_map(mm, FX_BASE + P(3), 1, PROT_READ);
	KT_CHECK_EQ(sys_mremap(FX_BASE, P(2), P(4), 0, 0), -ENOMEM);
	KT_CHECK_EQ(sys_mremap(FX_BASE, P(2), P(3), 0, 0), (long)FX_BASE);
	KT_CHECK(fx_valid(mm));
	fx_drop(mm);
}

KTEST_QUICK(mremap, wrong_arguments_are_refused)
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 4, FX_RW);
	KT_CHECK_EQ(sys_mremap(FX_BASE + 1, P(1), P(1), 0, 0), -EINVAL);
	KT_CHECK_EQ(sys_mremap(FX_BASE, P(1), 0, 0, 0), -EINVAL);
	KT_CHECK_EQ(sys_mremap(FX_BASE, P(1), P(1), 64, 0), -EINVAL);
	KT_CHECK_EQ(sys_mremap(FX_BASE, P(1), P(1), MREMAP_FIXED, FX_BASE + P(8)), -EINVAL);
	KT_CHECK_EQ(sys_mremap(FX_BASE, P(4), P(4), MREMAP_MAYMOVE | MREMAP_FIXED,
			       FX_BASE + P(2)), -EINVAL);
	KT_CHECK_EQ(sys_mremap(FX_BASE + P(3), P(2), P(2), MREMAP_MAYMOVE, 0), -EFAULT);
	KT_CHECK_EQ(sys_mremap(FX_BASE + P(9), P(1), P(1), MREMAP_MAYMOVE, 0), -EFAULT);
	KT_CHECK_EQ(mm->total_vm, 4);
	fx_drop(mm);
}

/* The frames go along, their reverse maps stay true, the old place is empty. */
KTEST_QUICK(mremap, a_move_takes_the_pages_along)
{
	unsigned long to = FX_BASE + (7UL << 20) + P(100);
	struct page *pages[600];
	struct mm *mm = fx_mm();
	unsigned long i, at;
	u64 word = 0;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 600, FX_RW);
	for (i = 0; i < 600; i += 7) {
		fx_put(FX_BASE + P(i), i + 1);
		pages[i] = fx_page(mm, FX_BASE + P(i));
	}
	at = (unsigned long)sys_mremap(FX_BASE, P(600), P(600), MREMAP_MAYMOVE | MREMAP_FIXED, to);
	if (!KT_CHECK_EQ(at, to))
		goto out;
	for (i = 0; i < 600; i += 7) {
		KT_CHECK_EQ(fx_get(to + P(i)), i + 1);
		if (!KT_CHECK(fx_page(mm, to + P(i)) == pages[i]))
			break;
		page_lock(pages[i]);
		KT_CHECK_EQ(rmap_count_ptes(pages[i]), 1);
		page_unlock(pages[i]);
	}
	KT_CHECK_EQ(get_user(word, (u64 *)FX_BASE), -EFAULT);
	KT_CHECK_EQ(word, 0);
	KT_CHECK_EQ(mm->total_vm, 600);
	KT_CHECK_EQ(fx_nr_vmas(mm), 1);
	KT_CHECK(fx_valid(mm));
out:
	fx_drop(mm);
}

KTEST_QUICK(mremap, part_of_a_range_moves_and_the_rest_stays)
{
	struct mm *mm = fx_mm(), *child;
	unsigned long at, i;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 9, FX_RW);
	for (i = 0; i < 9; i++)
		fx_put(FX_BASE + P(i), i + 1);
	child = fx_fork(mm);
	at = (unsigned long)sys_mremap(FX_BASE + P(3), P(3), P(5), MREMAP_MAYMOVE, 0);
	KT_CHECK_EQ(fx_nr_vmas(mm), 3);
	KT_CHECK_EQ(fx_get(at + P(2)), 6);
	KT_CHECK_EQ(fx_get(at + P(4)), 0);
	KT_CHECK_EQ(fx_get(FX_BASE + P(2)), 3);
	KT_CHECK_EQ(fx_get(FX_BASE + P(6)), 7);
	fx_put(at + P(1), 99);
	if (child) {
		KT_CHECK_EQ(fx_get_in(child, FX_BASE + P(4)), 5);
		mmput(child);
	}
	fx_drop(mm);
}

KTEST_QUICK(mremap, dontunmap_leaves_an_empty_range_behind)
{
	struct mm *mm = fx_mm();
	unsigned long at;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 3, FX_RW);
	fx_put(FX_BASE + P(1), 5);
	at = (unsigned long)sys_mremap(FX_BASE, P(3), P(3), MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0);
	KT_CHECK_NE(at, FX_BASE);
	KT_CHECK_EQ(fx_get(at + P(1)), 5);
	KT_CHECK_EQ(fx_get(FX_BASE + P(1)), 0);
	KT_CHECK_EQ(mm->total_vm, 6);
	fx_drop(mm);
}

/* A writer that hits the old place after the move must fault, not write. */
static int write_old_place(void *arg)
{
	u64 *last = arg;

	while (!put_user(*last + 1, (u64 *)FX_BASE)) {
		WRITE_ONCE(*last, *last + 1);
		cond_resched();
	}
	return 0;
}

KTEST_QUICK(mremap, the_old_address_is_flushed_on_every_cpu)
{
	struct mm *mm = fx_mm();
	unsigned long at;
	struct fx_thread t;
	u64 last = 0, seen;
	int i;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 0);
	if (!fx_start(&t, mm, write_old_place, &last))
		goto out;
	while (READ_ONCE(last) < 50)
		yield();
	at = (unsigned long)sys_mremap(FX_BASE, P(1), P(1), MREMAP_MAYMOVE | MREMAP_FIXED,
				       FX_BASE + P(64));
	seen = fx_get(at);
	for (i = 0; i < 100; i++) {
		if (!KT_CHECK_EQ(fx_get(at), seen))
			break;
	}
	fx_join(&t);
	KT_CHECK_EQ(fx_get(at), seen);
out:
	fx_drop(mm);
}

KTEST_QUICK(mremap, without_memory_nothing_moves)
{
	enum inject_point point;
	struct mm *mm = fx_mm();
	u64 nth, fired;
	long at = 0;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 9, FX_RW);
	fx_put(FX_BASE + P(4), 4);
	for (point = INJECT_PAGE_ALLOC; point <= INJECT_SLAB_ALLOC; point++) {
		for (nth = 1, fired = 1; fired; nth++) {
			inject_arm(point, nth, 1, current);
			at = sys_mremap(FX_BASE + P(3), P(3), P(3), MREMAP_MAYMOVE | MREMAP_FIXED,
					FX_BASE + (64UL << 20));
			fired = inject_disarm(point);
			if (fired) {
				KT_CHECK_EQ(at, -ENOMEM);
				KT_CHECK_EQ(fx_nr_vmas(mm), 1);
				KT_CHECK_EQ(fx_get(FX_BASE + P(4)), 4);
			}
		}
		KT_CHECK_EQ(fx_get((unsigned long)at + P(1)), 4);
		at = sys_mremap((unsigned long)at, P(3), P(3), MREMAP_MAYMOVE | MREMAP_FIXED,
				FX_BASE + P(3));
		KT_CHECK_EQ(at, (long)(FX_BASE + P(3)));
		KT_CHECK(fx_valid(mm));
	}
	fx_drop(mm);
}
