/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_runqueue.c - kernel/sched/runqueue.c, on a queue of its own
 */
#include "kernel/sched/runqueue.h"
#include "kernel/time/tick.h"
#include "kernel/test/ktest.h"

#define NR_FAKES 16

static struct run_queue fake_rq;
static struct task fakes[NR_FAKES], fake_idle;

static void fake_setup(void)
{
	int i;

	fake_rq = (struct run_queue){ 0 };
	fake_idle = (struct task){ .flags = PF_IDLE };
	rq_init(&fake_rq, 0, &fake_idle);
	for (i = 0; i < NR_FAKES; i++)
		fakes[i] = (struct task){ .bound_cpu = -1, .on_rq = true };
}

static void fake_insert(int i, u64 vruntime)
{
	fakes[i].vruntime = vruntime;
	rq_insert(&fake_rq, &fakes[i]);
	fake_rq.nr_running++;
}

KTEST_QUICK(runqueue, least_vruntime_comes_first)
{
	unsigned long flags;
	u64 last = 0;
	int i;

	fake_setup();
	spin_lock_irqsave(&fake_rq.lock, flags);
	for (i = 0; i < NR_FAKES; i++)
		fake_insert(i, 1000 + (u64)(i * 7 % NR_FAKES));
	KT_CHECK(!rq_validate(&fake_rq));
	while (fake_rq.first) {
		struct task *t = fake_rq.first;

		KT_CHECK_GE(t->vruntime, last);
		last = t->vruntime;
		rq_remove(&fake_rq, t);
		fake_rq.nr_running--;
		KT_CHECK(!rq_validate(&fake_rq));
	}
	spin_unlock_irqrestore(&fake_rq.lock, flags);
	KT_CHECK_EQ(fake_rq.nr_running, 0);
}

KTEST_QUICK(runqueue, equals_run_in_order_of_arrival)
{
	unsigned long flags;
	int i;

	fake_setup();
	spin_lock_irqsave(&fake_rq.lock, flags);
	for (i = 0; i < NR_FAKES; i++)
		fake_insert(i, 5);
	for (i = 0; i < NR_FAKES; i++) {
		KT_CHECK(fake_rq.first == &fakes[i]);
		rq_remove(&fake_rq, fake_rq.first);
	}
	spin_unlock_irqrestore(&fake_rq.lock, flags);
}

KTEST_QUICK(runqueue, order_survives_the_wrap_of_vruntime)
{
	unsigned long flags;

	fake_setup();
	spin_lock_irqsave(&fake_rq.lock, flags);
	fake_insert(0, 10);		/* has had more than ... */
	fake_insert(1, ~0UL - 10);	/* ... this, 21 ns ago */
	KT_CHECK(fake_rq.first == &fakes[1]);
	KT_CHECK(!rq_validate(&fake_rq));
	spin_unlock_irqrestore(&fake_rq.lock, flags);
}

KTEST_QUICK(runqueue, credit_and_debt_are_bounded)
{
	fake_setup();
	fake_rq.floor = NSEC_PER_SEC;
	fakes[0].vruntime = 0;
	KT_CHECK_GE(rq_lag(&fake_rq, &fakes[0]), -(s64)(20 * NSEC_PER_MSEC));
	KT_CHECK_LT(rq_lag(&fake_rq, &fakes[0]), 0);
	fakes[0].vruntime = 100 * NSEC_PER_SEC;
	KT_CHECK_LE(rq_lag(&fake_rq, &fakes[0]), (s64)NSEC_PER_SEC);
	KT_CHECK_GT(rq_lag(&fake_rq, &fakes[0]), 0);
}

KTEST_QUICK(runqueue, bound_tasks_are_not_stolen)
{
	unsigned long flags;

	fake_setup();
	spin_lock_irqsave(&fake_rq.lock, flags);
	fake_insert(0, 1);
	fake_insert(1, 2);
	fakes[0].bound_cpu = 0;
	KT_CHECK(rq_find_stealable(&fake_rq, 1) == &fakes[1]);
	KT_CHECK(rq_find_stealable(&fake_rq, 0) == &fakes[0]);
	fakes[1].bound_cpu = 0;
	KT_CHECK(!rq_find_stealable(&fake_rq, 1));
	spin_unlock_irqrestore(&fake_rq.lock, flags);
}
