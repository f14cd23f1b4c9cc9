/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_spinlock.c - kernel/sync/spinlock.c
 */
#include "kernel/sync/spinlock.h"
#include "tests/kernel/kt_thread.h"

NO_LOCK_CHECK_IN_THIS_FILE

static DEFINE_SPINLOCK(storm_lock, LOCK_TEST_INNER);
static u64 storm_count;
static u64 storm_inside;
static u64 storm_wrong;

/* Two plain increments that only exclusion keeps together. */
static void storm_step(void)
{
	if (storm_inside++)
		storm_wrong++;
	storm_count = storm_count + 1;
	storm_inside--;
}

static int storm_thread(void *data)
{
	u64 i, n = (u64)data;

	for (i = 0; i < n; i++) {
		spin_lock(&storm_lock);
		storm_step();
		spin_unlock(&storm_lock);
	}
	return 0;
}

static void storm_run(u64 per_thread)
{
	struct task *t[4];
	int i;

	storm_count = storm_inside = storm_wrong = 0;
	for (i = 0; i < 4; i++)
		t[i] = kt_spawn(storm_thread, (void *)per_thread);
	for (i = 0; i < 4; i++)
		KT_CHECK_EQ(kt_join(t[i]), 0);
	KT_CHECK_EQ(storm_count, 4 * per_thread);
	KT_CHECK_EQ(storm_wrong, 0);
}

KTEST_QUICK(spinlock, excludes_other_cpus)
{
	storm_run(500);
}

KTEST(spinlock, excludes_other_cpus_for_long)
{
	storm_run(20000);
}

KTEST_QUICK(spinlock, trylock_takes_a_free_lock_only)
{
	struct spinlock l;

	spin_lock_init(&l, LOCK_TEST_INNER, "test");
	KT_TRUE(spin_trylock(&l));
	KT_CHECK(spin_is_locked(&l));
	KT_CHECK(!spin_trylock(&l));
	KT_CHECK_EQ(preempt_count(), 1);
	spin_unlock(&l);
	KT_CHECK(!spin_is_locked(&l));
	KT_CHECK_EQ(preempt_count(), 0);
}

KTEST_QUICK(spinlock, irqsave_restores_what_was)
{
	struct spinlock a, b;
	unsigned long flags, inner;

	spin_lock_init(&a, LOCK_TEST_INNER, "outer");
	spin_lock_init(&b, LOCK_WAIT, "inner");
	spin_lock_irqsave(&a, flags);
	KT_CHECK(irqs_disabled());
	spin_lock_irqsave(&b, inner);
	spin_unlock_irqrestore(&b, inner);
	KT_CHECK(irqs_disabled());
	spin_unlock_irqrestore(&a, flags);
	KT_CHECK(!irqs_disabled());
	KT_CHECK_EQ(preempt_count(), 0);
}

KTEST_QUICK(spinlock, two_of_a_rank_by_address)
{
	struct spinlock l[2];
	int i;

	for (i = 0; i < 2; i++)
		spin_lock_init(&l[i], LOCK_TEST_INNER, "pair");
	spin_lock_two(&l[1], &l[0]);
	KT_CHECK(spin_is_locked(&l[0]) && spin_is_locked(&l[1]));
	spin_unlock_two(&l[1], &l[0]);
	spin_lock_two(&l[0], &l[0]);
	KT_CHECK(!spin_is_locked(&l[1]));
	spin_unlock_two(&l[0], &l[0]);
	KT_CHECK(!spin_is_locked(&l[0]) && !spin_is_locked(&l[1]));
}

static struct spinlock cross_a, cross_b;

static int cross_thread(void *data)
{
	struct spinlock *a = data ? &cross_a : &cross_b, *b = data ? &cross_b : &cross_a;
	int i;

	for (i = 0; i < 1000; i++) {
		spin_lock_two(a, b);
		storm_step();
		spin_unlock_two(a, b);
	}
	return 0;
}

KTEST_QUICK(spinlock, pairs_taken_in_both_orders_do_not_deadlock)
{
	struct task *t[2];

	spin_lock_init(&cross_a, LOCK_TEST_INNER, "pair");
	spin_lock_init(&cross_b, LOCK_TEST_INNER, "pair");
	storm_count = storm_inside = storm_wrong = 0;
	t[0] = kt_spawn(cross_thread, (void *)0);
	t[1] = kt_spawn(cross_thread, (void *)1);
	kt_join(t[0]);
	kt_join(t[1]);
	KT_CHECK_EQ(storm_count, 2000);
	KT_CHECK_EQ(storm_wrong, 0);
}
