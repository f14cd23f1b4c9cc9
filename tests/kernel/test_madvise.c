/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_madvise.c - suite madvise: what a program says about its memory
 */
#include "mm/mmap.h"

#include "kernel/lib/string.h"
#include "kernel/sched/task.h"
#include "kernel/test/gate.h"
#include "kernel/test/ktest.h"
#include "mm/uaccess.h"
#include "tests/kernel/kt_thread.h"
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

/* ---- two at once ---- */

static struct {
	bool reads, may_drop;
	u64 word_before, word_after;
} second;

static int drop_first(void *arg)
{
	(void)arg;
	return (int)sys_madvise(FX_BASE, PAGE_SIZE, MADV_DONTNEED);
}

/* Keeps the translation of the page, until it drops the page as well. */
static int drop_second(void *arg)
{
	int err;

	(void)arg;
	do {
		err = get_user(second.word_before, (u64 *)FX_BASE);
		WRITE_ONCE(second.reads, true);
	} while (!err && !READ_ONCE(second.may_drop));
	if (!err)
		err = (int)sys_madvise(FX_BASE, PAGE_SIZE, MADV_DONTNEED);
	return err ? err : get_user(second.word_after, (u64 *)FX_BASE);
}

KTEST_QUICK(madvise, what_another_is_dropping_is_gone_when_dontneed_returns)
{
	struct fx_thread first, reader;
	struct mm *mm;

	KT_NEED_GATES();
	KT_NEED_CPUS(2);
	mm = fx_mm();
	KT_TRUE(mm);
	memset(&second, 0, sizeof(second));
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 5);
	if (fx_start(&reader, mm, drop_second, NULL)) {
		kt_wait_until(READ_ONCE(second.reads));
		gate_arm("tlb.flush", mm);
		if (fx_start(&first, mm, drop_first, NULL)) {
			(void)gate_wait("tlb.flush");	/* cleared, not flushed */
			WRITE_ONCE(second.may_drop, true);
			KT_CHECK_EQ(fx_join(&reader), 0);
			KT_CHECK_EQ(second.word_after, 0);
			gate_open("tlb.flush");
			KT_CHECK_EQ(fx_join(&first), 0);
		} else {
			gate_open("tlb.flush");
			WRITE_ONCE(second.may_drop, true);
			(void)fx_join(&reader);
		}
	}
	fx_drop(mm);
}
