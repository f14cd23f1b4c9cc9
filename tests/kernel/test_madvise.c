/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_madvise.c - suite madvise: what a program says about its memory
 */
#include "mm/mmap.h"

#include "kernel/sched/task.h"
#include "kernel/test/ktest.h"
#include "tests/kernel/mm_fixture.h"

static long advise(unsigned long page, unsigned long pages, int advice)
{
	return sys_madvise(FX_BASE + page * PAGE_SIZE, pages * PAGE_SIZE, advice);
}

KTEST_QUICK(madvise, dontneed_forgets_contents_and_keeps_the_range)
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 6, FX_RW);
	fx_put(FX_BASE + PAGE_SIZE, 1);
	fx_put(FX_BASE + 2 * PAGE_SIZE, 2);
	KT_CHECK_EQ(advise(2, 3, MADV_DONTNEED), 0);
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_ANONPAGES]), 1);
	KT_CHECK_EQ(fx_get(FX_BASE + PAGE_SIZE), 1);
	KT_CHECK_EQ(fx_get(FX_BASE + 2 * PAGE_SIZE), 0);
	fx_put(FX_BASE + PAGE_SIZE, 1);
	KT_CHECK_EQ(advise(1, 1, MADV_FREE), 0);
	KT_CHECK_EQ(fx_nr_vmas(mm), 1);
	fx_drop(mm);
}

KTEST_QUICK(madvise, wrong_arguments_and_holes)
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 2, FX_RW);
	fx_map(mm, FX_BASE + 3 * PAGE_SIZE, 1, FX_RW);
	fx_put(FX_BASE + 3 * PAGE_SIZE, 3);
	KT_CHECK_EQ(advise(0, 1, 77), -EINVAL);
	KT_CHECK_EQ(sys_madvise(FX_BASE + 1, PAGE_SIZE, MADV_NORMAL), -EINVAL);
	KT_CHECK_EQ(sys_madvise(FX_BASE, ~0UL, MADV_NORMAL), -EINVAL);
	KT_CHECK_EQ(advise(0, 0, MADV_DONTNEED), 0);
	KT_CHECK_EQ(advise(0, 2, MADV_WILLNEED), 0);
	KT_CHECK_EQ(advise(0, 2, MADV_MERGEABLE), -EINVAL);
	/* The part behind the hole is served all the same. */
	KT_CHECK_EQ(advise(0, 4, MADV_DONTNEED), -ENOMEM);
	KT_CHECK_EQ(fx_get(FX_BASE + 3 * PAGE_SIZE), 0);
	fx_drop(mm);
}

KTEST_QUICK(madvise, fork_obeys_dontfork_and_wipeonfork)
{
	struct mm *mm = fx_mm(), *child;
	u64 i;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 6, FX_RW);
	for (i = 0; i < 6; i++)
		fx_put(FX_BASE + i * PAGE_SIZE, i + 1);
	KT_CHECK_EQ(advise(1, 1, MADV_DONTFORK), 0);
	KT_CHECK_EQ(advise(3, 1, MADV_WIPEONFORK), 0);
	KT_CHECK_EQ(fx_nr_vmas(mm), 5);
	child = fx_fork(mm);
	if (child) {
		u64 word;

		KT_CHECK_EQ(fx_nr_vmas(child), 4);
		KT_CHECK_EQ(fx_get_in(child, FX_BASE), 1);
		KT_CHECK(!fx_put_in(child, FX_BASE + PAGE_SIZE, 1));
		word = fx_get_in(child, FX_BASE + 3 * PAGE_SIZE);
		KT_CHECK_EQ(word, 0);
		KT_CHECK_EQ(fx_get_in(child, FX_BASE + 5 * PAGE_SIZE), 6);
		mmput(child);
	}
	KT_CHECK_EQ(advise(1, 1, MADV_DOFORK), 0);
	KT_CHECK_EQ(advise(3, 1, MADV_KEEPONFORK), 0);
	KT_CHECK_EQ(fx_nr_vmas(mm), 1);
	KT_CHECK_EQ(fx_get(FX_BASE + 3 * PAGE_SIZE), 4);
	fx_drop(mm);
}

KTEST_QUICK(madvise, populate_faults_in_or_says_why_not)
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 4, FX_RW);
	fx_map(mm, FX_BASE + 4 * PAGE_SIZE, 1, PROT_READ);
	KT_CHECK_EQ(advise(0, 4, MADV_POPULATE_WRITE), 0);
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_ANONPAGES]), 4);
	KT_CHECK_EQ(advise(4, 1, MADV_POPULATE_READ), 0);
	KT_CHECK_EQ(advise(4, 1, MADV_POPULATE_WRITE), -EINVAL);
	KT_CHECK_EQ(advise(4, 2, MADV_POPULATE_READ), -ENOMEM);
	fx_drop(mm);
}
