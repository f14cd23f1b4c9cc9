/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_futex.c - suite futex: waiting on a word, from kernel threads
 */
#include "kernel/task/futex.h"

#include "kernel/sched/kthread.h"
#include "kernel/sched/sched.h"
#include "kernel/test/ktest.h"
#include "kernel/time/tick.h"
#include "mm/uaccess.h"
#include "tests/kernel/mm_fixture.h"

#define ANY 0xffffffffU
#define WORD ((u32 __user *)FX_BASE)

struct waiter {
	struct mm *mm;
	u32 bitset;
	int result;
	bool done;
};

static int waiter_run(void *arg)
{
	struct waiter *w = arg;

	kthread_use_mm(w->mm);
	w->result = futex_wait(WORD, 7, 0, w->bitset, true);
	kthread_unuse_mm(w->mm);
	smp_store_release(&w->done, true);
	return 0;
}

/* Wake until @nr in all have been woken; bounded by ticks, not by time. */
static int wake_all(int nr, u32 bitset)
{
	int woken = 0;

	for (int turn = 0; turn < 500 && woken < nr; turn++) {
		int n = futex_wake(WORD, nr, bitset, true);

		if (n < 0)
			return n;
		woken += n;
		schedule_timeout_uninterruptible(1);
	}
	return woken;
}

static void wait_done(struct waiter *w)
{
	for (int turn = 0; turn < 500 && !smp_load_acquire(&w->done); turn++)
		schedule_timeout_uninterruptible(1);
	KT_CHECK(w->done);
	KT_CHECK_EQ(w->result, 0);
}

KTEST(futex, errors)
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 7);
	KT_CHECK_EQ(futex_wait(WORD, 8, 0, ANY, true), -EAGAIN);
	KT_CHECK_EQ(futex_wait(WORD, 8, 0, ANY, false), -EAGAIN);
	KT_CHECK_EQ(futex_wait(WORD, 7, 0, 0, true), -EINVAL);
	KT_CHECK_EQ(futex_wait((u32 __user *)(FX_BASE + 2), 7, 0, ANY, true), -EINVAL);
	KT_CHECK_EQ(futex_wait((u32 __user *)8, 7, 0, ANY, true), -EFAULT);
	KT_CHECK_EQ(futex_wait((u32 __user *)8, 7, 0, ANY, false), -EFAULT);
	KT_CHECK_EQ(futex_wait((u32 __user *)~3UL, 7, 0, ANY, true), -EFAULT);
	KT_CHECK_EQ(futex_wait(WORD, 7, 1, ANY, true), -ETIMEDOUT);
	KT_CHECK_EQ(futex_wait(WORD, 7, ktime_get_ns() + 20 * NSEC_PER_MSEC, ANY, true),
		    -ETIMEDOUT);
	KT_CHECK_EQ(futex_wake(WORD, 1, ANY, true), 0);
	KT_CHECK_EQ(futex_wake(WORD, 1, 0, true), -EINVAL);
	fx_drop(mm);
}

KTEST(futex, each_waiter_is_woken_once)
{
	struct waiter w[4];
	struct mm *mm = fx_mm();
	int started = 0;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 7);
	for (int i = 0; i < 4; i++) {
		w[i] = (struct waiter){ .mm = mm, .bitset = ANY };
		started += !KT_TRY(kthread_run(NULL, waiter_run, &w[i], "futex/%d", i));
	}
	KT_CHECK_EQ(wake_all(started, ANY), started);
	KT_CHECK_EQ(futex_wake(WORD, 100, ANY, true), 0);
	for (int i = 0; i < started; i++)
		wait_done(&w[i]);
	fx_drop(mm);
}

KTEST(futex, a_bitset_chooses_the_waiter)
{
	struct waiter w = { .bitset = 1 };
	struct mm *mm = w.mm = fx_mm();
	int wrong = 0;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 7);
	if (!KT_CHECK_EQ(kthread_run(NULL, waiter_run, &w, "futex/0"), 0))
		goto out;
	/* it has queued itself by the end of this; no turn may wake it */
	for (int turn = 0; turn < 20; turn++) {
		wrong += futex_wake(WORD, 1, 2, true);
		schedule_timeout_uninterruptible(1);
	}
	KT_CHECK_EQ(wrong, 0);
	KT_CHECK_EQ(wake_all(1, 3), 1);
	wait_done(&w);
out:
	fx_drop(mm);
}
