/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/kt_thread.h - small helpers for tests with several threads
 *
 * No helper waits for a time: each waits for a fact, and gives up after many
 * ticks of its own CPU without it.
 */
#ifndef TESTS_KERNEL_KT_THREAD_H
#define TESTS_KERNEL_KT_THREAD_H

#include "kernel/lib/panic.h"
#include "kernel/sched/kthread.h"
#include "kernel/sched/sched.h"
#include "kernel/test/ktest.h"
#include "kernel/time/tick.h"

#define KT_PATIENCE (5 * HZ)

static inline u64 kt_own_ticks(void)
{
	return this_cpu_read(cpu_ticks);
}

/* Wait until @cond is true. Value: whether it became true in time. */
#define kt_wait_until(cond)						\
({									\
	u64 _turns = 0, _last = kt_own_ticks(), _now;			\
	bool _true;							\
									\
	while (!(_true = (cond)) && _turns < KT_PATIENCE) {		\
		yield();						\
		_now = kt_own_ticks();					\
		_turns += _now != _last;				\
		_last = _now;						\
	}								\
	if (!_true)							\
		ktest_fail(__FILE__, __LINE__, "never: %s", #cond);	\
	_true;								\
})

/* Is @t off every CPU and run queue, waiting to be woken? */
static inline bool kt_asleep(const struct task *t)
{
	unsigned int state = READ_ONCE(t->state);

	return (state & (TASK_NORMAL | TASK_WAKEKILL)) && !READ_ONCE(t->on_rq);
}

/* Has @t returned from its function? */
static inline bool kt_done(const struct task *t)
{
	return READ_ONCE(t->kthread_done);
}

/* A thread with an extra reference, so that it can be asked after it returned. */
static inline struct task *kt_spawn_on(int cpu, int (*fn)(void *), void *data)
{
	struct task *t;

	if (!KT_CHECK_EQ(kthread_create(&t, fn, data, "test"), 0))
		return NULL;
	get_task_struct(t);
	if (cpu >= 0)
		kthread_bind(t, cpu);
	wake_up_process(t);
	return t;
}

static inline struct task *kt_spawn(int (*fn)(void *), void *data)
{
	return kt_spawn_on(-1, fn, data);
}

/* The same, once it sleeps. */
static inline struct task *kt_spawn_asleep(int (*fn)(void *), void *data)
{
	struct task *t = kt_spawn(fn, data);

	if (t)
		kt_wait_until(kt_asleep(t));
	return t;
}

/* Wait for the thread's end (it may still be on its way). Return: its result. */
static inline int kt_join(struct task *t)
{
	int result;

	if (!t)
		return -ENOMEM;
	result = kthread_stop(t);
	put_task_struct(t);
	return result;
}

/* Spin until @cond is true, without sleeping: for sections that must not. */
#define kt_spin_until(cond)		\
	do {				\
		while (!(cond))		\
			cpu_relax();	\
	} while (0)

#endif
