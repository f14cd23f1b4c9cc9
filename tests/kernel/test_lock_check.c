/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_lock_check.c - the lock checker catches what it promises
 *
 * Every rule has a negative control: a mistake made on purpose, which must be
 * reported, and the correct form beside it, which must not.
 */
#include "kernel/sync/lock_check.h"
#include "kernel/lib/panic.h"
#include "kernel/sync/completion.h"
#include "kernel/sync/mutex.h"
#include "kernel/sync/rcu.h"
#include "kernel/sync/rwsem.h"
#include "kernel/sync/smp_call.h"
#include "kernel/sync/spinlock.h"
#include "kernel/time/timer.h"
#include "tests/kernel/kt_thread.h"

NO_LOCK_CHECK_IN_THIS_FILE

#ifdef CONFIG_CHECKS

#define EXPECT_REPORTS(n, ...)						\
	do {								\
		check_expect(CHECK_LOCK);				\
		__VA_ARGS__;						\
		KT_CHECK_EQ(check_expected(), (n));			\
	} while (0)

KTEST_QUICK(lock_check, rank_inversion_is_reported)
{
	struct spinlock outer, inner;

	spin_lock_init(&outer, LOCK_TEST_INNER, "outer");
	spin_lock_init(&inner, LOCK_WAIT, "inner");
	EXPECT_REPORTS(0, spin_lock(&outer); spin_lock(&inner);
		       spin_unlock(&inner); spin_unlock(&outer));
	EXPECT_REPORTS(1, spin_lock(&inner); spin_lock(&outer);
		       spin_unlock(&outer); spin_unlock(&inner));
}

KTEST_QUICK(lock_check, inversion_of_sleeping_locks_is_reported)
{
	struct rw_semaphore outer;
	struct mutex inner;

	init_rwsem(&outer, LOCK_TEST_OUTER, "outer");
	mutex_init(&inner, LOCK_SYNC_INNER, "inner");
	EXPECT_REPORTS(0, down_read(&outer); mutex_lock(&inner);
		       mutex_unlock(&inner); up_read(&outer));
	EXPECT_REPORTS(1, mutex_lock(&inner); down_read(&outer);
		       up_read(&outer); mutex_unlock(&inner));
}

KTEST_QUICK(lock_check, two_of_one_rank_are_reported)
{
	struct spinlock l[2];
	int i;

	for (i = 0; i < 2; i++)
		spin_lock_init(&l[i], LOCK_TEST_INNER, "same");
	EXPECT_REPORTS(1, spin_lock(&l[0]); spin_lock(&l[1]);
		       spin_unlock(&l[1]); spin_unlock(&l[0]));
	EXPECT_REPORTS(0, spin_lock_two(&l[1], &l[0]); spin_unlock_two(&l[1], &l[0]));
}

KTEST_QUICK(lock_check, waiting_for_an_own_lock_is_reported)
{
	struct spinlock l;

	spin_lock_init(&l, LOCK_TEST_INNER, "self");
	spin_lock(&l);
	/* only the check, for the lock itself would never return */
	EXPECT_REPORTS(1, lock_check_wait(l.class, &l, LOCK_HOW_SPIN));
	spin_unlock(&l);
}

KTEST_QUICK(lock_check, trylock_may_be_out_of_order)
{
	struct spinlock outer, inner;
	bool taken;

	spin_lock_init(&outer, LOCK_TEST_INNER, "outer");
	spin_lock_init(&inner, LOCK_WAIT, "inner");
	EXPECT_REPORTS(0, spin_lock(&inner); taken = spin_trylock(&outer);
		       if (taken) spin_unlock(&outer); spin_unlock(&inner));
	KT_TRUE(taken);
}

KTEST_QUICK(lock_check, pseudo_rank_is_compared)
{
	struct rw_semaphore s;

	init_rwsem(&s, LOCK_ANON_VMA, "anon_vma");
	down_read(&s);
	EXPECT_REPORTS(1, lock_check_may_take(LOCK_RECLAIM, "an allocation that may reclaim"));
	EXPECT_REPORTS(0, lock_check_may_take(LOCK_BUDDY, "the allocator"));
	up_read(&s);
}

KTEST_QUICK(lock_check, sleeping_in_atomic_is_reported)
{
	struct spinlock l;
	unsigned long flags;

	spin_lock_init(&l, LOCK_TEST_INNER, "spin");
	EXPECT_REPORTS(0, might_sleep());
	EXPECT_REPORTS(1, spin_lock(&l); might_sleep(); spin_unlock(&l));
	EXPECT_REPORTS(1, preempt_disable(); might_sleep(); preempt_enable());
	EXPECT_REPORTS(1, local_irq_save(flags); might_sleep(); local_irq_restore(flags));
	EXPECT_REPORTS(1, rcu_read_lock(); might_sleep(); rcu_read_unlock());
	EXPECT_REPORTS(1, non_block_start(); might_sleep(); non_block_end());
	EXPECT_REPORTS(0, might_sleep());
}

KTEST_QUICK(lock_check, sleeping_lock_under_spinlock_is_reported)
{
	struct spinlock l;
	struct mutex m;

	spin_lock_init(&l, LOCK_TEST_INNER, "spin");
	mutex_init(&m, LOCK_TEST_OUTER, "mutex");
	/* two rules broken: context and order */
	EXPECT_REPORTS(2, spin_lock(&l); mutex_lock(&m); mutex_unlock(&m); spin_unlock(&l));
}

/* ---- irq-safety ---- */

struct irq_use {
	struct timer timer;
	struct spinlock *l;
	struct completion done;
};

static void irq_use_timer(struct timer *timer)
{
	struct irq_use *use = container_of(timer, struct irq_use, timer);

	spin_lock(use->l);
	spin_unlock(use->l);
	complete(&use->done);
}

/* Have an interrupt handler take @l. */
static void irq_use(struct spinlock *l)
{
	struct irq_use use = { .l = l };

	init_completion(&use.done);
	timer_setup(&use.timer, irq_use_timer);
	mod_timer(&use.timer, ticks + 1);
	wait_for_completion(&use.done);
	del_timer_sync(&use.timer);
}

KTEST_QUICK(lock_check, irq_unsafe_use_is_reported)
{
	struct spinlock safe, unsafe;
	unsigned long flags;

	spin_lock_init(&safe, LOCK_TEST_INNER, "safe");
	EXPECT_REPORTS(0, spin_lock_irqsave(&safe, flags);
		       spin_unlock_irqrestore(&safe, flags); irq_use(&safe));
	spin_lock_init(&unsafe, LOCK_TEST_INNER, "unsafe");
	EXPECT_REPORTS(1, spin_lock(&unsafe); spin_unlock(&unsafe); irq_use(&unsafe));
	unsafe.class->usage = 0;	/* the same in a repeated run of the test */
}

KTEST_QUICK(lock_check, lock_inside_an_irq_lock_must_be_irq_safe)
{
	struct spinlock irq, inner;
	unsigned long flags;

	spin_lock_init(&irq, LOCK_TEST_INNER, "irq");
	spin_lock_init(&inner, LOCK_IPI, "inner");
	irq_use(&irq);
	EXPECT_REPORTS(1, spin_lock_irqsave(&irq, flags); spin_lock(&inner);
		       spin_unlock(&inner); spin_unlock_irqrestore(&irq, flags);
		       spin_lock(&inner); spin_unlock(&inner));
	inner.class->usage = 0;
}

/* ---- waiting for other CPUs ---- */

static void ipi_nothing(void *arg)
{
	(void)arg;
}

KTEST_QUICK(lock_check, lock_over_an_ipi_wait_must_not_be_waited_for_irqs_off)
{
	struct spinlock l;
	unsigned long flags;

	spin_lock_init(&l, LOCK_TEST_INNER, "over ipi");
	EXPECT_REPORTS(0, spin_lock(&l); smp_call_function(ipi_nothing, NULL, true);
		       spin_unlock(&l));
	EXPECT_REPORTS(1, spin_lock_irqsave(&l, flags); spin_unlock_irqrestore(&l, flags));
	l.class->usage = 0;
}

/* ---- ownership and the record ---- */

static int unlock_thread(void *data)
{
	mutex_unlock(data);
	return 0;
}

KTEST_QUICK(lock_check, release_by_a_stranger_is_reported)
{
	struct mutex m;

	mutex_init(&m, LOCK_TEST_OUTER, "mine");
	mutex_lock(&m);
	EXPECT_REPORTS(1, kt_join(kt_spawn(unlock_thread, &m)));
	KT_CHECK(mutex_is_locked(&m));
	mutex_unlock(&m);
}

KTEST_QUICK(lock_check, release_of_a_free_rwsem_is_reported)
{
	struct rw_semaphore s;

	init_rwsem(&s, LOCK_TEST_OUTER, "free");
	EXPECT_REPORTS(1, up_write(&s));
}

KTEST_QUICK(lock_check, locks_held_at_the_end_are_reported)
{
	struct mutex m;

	mutex_init(&m, LOCK_TEST_OUTER, "kept");
	EXPECT_REPORTS(0, lock_check_none_held("test"));
	mutex_lock(&m);
	EXPECT_REPORTS(1, lock_check_none_held("test"));
	mutex_unlock(&m);
}

KTEST_QUICK(lock_check, ten_thousand_locks_by_permission_are_one_entry)
{
	static struct rw_semaphore many[500];
	struct thread_info *ti = current_thread_info();
	struct mutex outer;
	u32 i, round, before;

	mutex_init(&outer, LOCK_TEST_OUTER, "permission");
	for (i = 0; i < ARRAY_SIZE(many); i++)
		init_rwsem(&many[i], LOCK_ANON_VMA, "many");
	check_expect(CHECK_LOCK);
	mutex_lock(&outer);
	before = ti->nr_held;
	for (round = 0; round < 20; round++) {
		for (i = 0; i < ARRAY_SIZE(many); i++)
			down_write_nest_lock(&many[i], &outer);
		KT_CHECK_EQ(ti->nr_held, before + 1);
		KT_CHECK_EQ(ti->held[before].count, ARRAY_SIZE(many));
		assert_held(&many[7]);
		for (i = 0; i < ARRAY_SIZE(many); i++)
			up_write(&many[i]);
		KT_CHECK_EQ(ti->nr_held, before);
	}
	mutex_unlock(&outer);
	KT_CHECK_EQ(check_expected(), 0);
	KT_CHECK_EQ(ti->nr_held, 0);
}

KTEST_QUICK(lock_check, releases_in_any_order_keep_the_record)
{
	struct thread_info *ti = current_thread_info();
	struct spinlock l[3];

	spin_lock_init(&l[0], LOCK_TEST_INNER, "first");
	spin_lock_init(&l[1], LOCK_WAIT, "second");
	spin_lock_init(&l[2], LOCK_IPI, "third");
	spin_lock(&l[0]);
	spin_lock(&l[1]);
	spin_lock(&l[2]);
	spin_unlock(&l[1]);
	KT_CHECK(lock_check_held(&l[0]) && lock_check_held(&l[2]));
	KT_CHECK(!lock_check_held(&l[1]));
	spin_unlock(&l[0]);
	KT_CHECK_EQ(ti->nr_held, 1);
	spin_unlock(&l[2]);
	KT_CHECK_EQ(ti->nr_held, 0);
}

#endif
