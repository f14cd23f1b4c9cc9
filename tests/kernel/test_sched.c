/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_sched.c - kernel/sched/sched.c
 */
#include "kernel/sched/sched.h"
#include "kernel/sync/spinlock.h"
#include "tests/kernel/kt_thread.h"

KTEST_QUICK(sched, queues_are_consistent)
{
	KT_VALID(sched_validate());
}

static int where_am_i(void *unused)
{
	(void)unused;
	for (int i = 0; i < 20; i++) {
		if ((int)smp_processor_id() != current->bound_cpu)
			return -1;
		yield();
	}
	return (int)smp_processor_id();
}

KTEST_QUICK(sched, bound_thread_stays_on_its_cpu)
{
	struct task *t[NR_CPUS];
	unsigned int cpu;

	for_each_online_cpu(cpu)
		t[cpu] = kt_spawn_on((int)cpu, where_am_i, NULL);
	for_each_online_cpu(cpu)
		KT_CHECK_EQ(kt_join(t[cpu]), cpu);
	KT_CHECK(!sched_validate());
}

KTEST_QUICK(sched, running_task_can_move_itself)
{
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		set_task_cpu_bound(current, (int)cpu);
		KT_CHECK_EQ(smp_processor_id(), cpu);
		KT_CHECK_EQ(task_cpu(current), cpu);
	}
	set_task_cpu_bound(current, -1);
}

/* Each waits, spinning, until all are there: needs slices or many CPUs. */
static atomic_t rendezvous;

static int rendezvous_thread(void *data)
{
	int n = (int)(u64)data;

	atomic_inc(&rendezvous);
	kt_spin_until(atomic_read(&rendezvous) >= n);
	return 0;
}

KTEST(sched, spinning_threads_are_preempted)
{
	struct task *t[6];
	int i;

	atomic_set(&rendezvous, 0);
	for (i = 0; i < 6; i++)
		t[i] = kt_spawn_on(0, rendezvous_thread, (void *)6UL);
	for (i = 0; i < 6; i++)
		kt_join(t[i]);
}

/* Threads that keep preemption off can only meet if each has its own CPU. */
static int rendezvous_unpreempted(void *data)
{
	int n = (int)(u64)data;

	preempt_disable();
	atomic_inc(&rendezvous);
	kt_spin_until(atomic_read(&rendezvous) >= n);
	preempt_enable();
	return 0;
}

KTEST(sched, idle_cpus_steal_work)
{
	u64 n = nr_cpus_online > 4 ? 4 : nr_cpus_online;
	struct task *t[4];
	u64 i;

	atomic_set(&rendezvous, 0);
	for (i = 0; i < n; i++)
		t[i] = kt_spawn(rendezvous_unpreempted, (void *)n);
	for (i = 0; i < n; i++)
		kt_join(t[i]);
	KT_CHECK(!sched_validate());
}

/* ---- fairness ---- */

struct hog {
	u64 seen;			/* own-CPU ticks during which it ran */
	bool stop;
};

static int hog_thread(void *data)
{
	struct hog *h = data;
	u64 now, last = kt_own_ticks();

	while (!READ_ONCE(h->stop)) {
		now = kt_own_ticks();
		if (now != last)
			WRITE_ONCE(h->seen, h->seen + 1);
		last = now;
	}
	return 0;
}

KTEST(sched, two_hogs_share_a_cpu)
{
	struct hog h[2] = { 0 };
	struct task *t[2];
	u64 a, b;
	int i;

	for (i = 0; i < 2; i++)
		t[i] = kt_spawn_on(0, hog_thread, &h[i]);
	while (READ_ONCE(h[0].seen) < 15 || READ_ONCE(h[1].seen) < 15) {
		a = READ_ONCE(h[0].seen);
		b = READ_ONCE(h[1].seen);
		if (!KT_CHECK(a < 300 && b < 300))
			break;
		schedule_timeout_uninterruptible(1);
	}
	for (i = 0; i < 2; i++)
		WRITE_ONCE(h[i].stop, true);
	for (i = 0; i < 2; i++)
		kt_join(t[i]);
}

KTEST(sched, preemption_off_keeps_the_cpu)
{
	struct hog h = { 0 };
	u64 switches, end;
	struct task *t;

	set_task_cpu_bound(current, 0);
	t = kt_spawn_on(0, hog_thread, &h);
	preempt_disable();
	switches = cpu_nr_switches(0);
	end = kt_own_ticks() + 3;
	kt_spin_until(kt_own_ticks() >= end);
	KT_CHECK_EQ(cpu_nr_switches(0), switches);
	preempt_enable();
	kt_wait_until(READ_ONCE(h.seen) > 0);
	WRITE_ONCE(h.stop, true);
	kt_join(t);
	set_task_cpu_bound(current, -1);
}

/* ---- sleeping and waking ---- */

static int sleep_once(void *unused)
{
	(void)unused;
	set_current_state(TASK_INTERRUPTIBLE);
	while (!kthread_should_stop()) {
		schedule();
		set_current_state(TASK_INTERRUPTIBLE);
	}
	__set_current_state(TASK_RUNNING);
	return 7;
}

KTEST_QUICK(sched, wake_up_matches_the_state)
{
	struct task *t = kt_spawn(sleep_once, NULL);

	KT_TRUE(t);
	kt_wait_until(kt_asleep(t));
	KT_CHECK(!try_to_wake_up(t, TASK_UNINTERRUPTIBLE));
	KT_CHECK(kt_asleep(t));
	KT_CHECK(try_to_wake_up(t, TASK_INTERRUPTIBLE));
	kt_wait_until(kt_asleep(t));
	KT_CHECK_EQ(kt_join(t), 7);
}

KTEST_QUICK(sched, wake_up_before_schedule_is_kept)
{
	/* the wake-up comes after the state, before the sleep: no sleep */
	set_current_state(TASK_UNINTERRUPTIBLE);
	KT_CHECK(wake_up_process(current));
	schedule();
	KT_CHECK_EQ(current->state, TASK_RUNNING);
	KT_CHECK(!wake_up_process(current));
}

KTEST(sched, preemption_does_not_put_to_sleep)
{
	struct hog h = { 0 };
	struct task *t;

	set_task_cpu_bound(current, 0);
	t = kt_spawn_on(0, hog_thread, &h);
	/* announced, but not asleep: we must go on by ourselves */
	set_current_state(TASK_UNINTERRUPTIBLE);
	kt_spin_until(READ_ONCE(h.seen) >= 2);
	__set_current_state(TASK_RUNNING);
	WRITE_ONCE(h.stop, true);
	kt_join(t);
	set_task_cpu_bound(current, -1);
}

KTEST_QUICK(sched, pending_signal_prevents_an_interruptible_sleep)
{
	thread_flag_set(current_thread_info(), TIF_SIGPENDING);
	set_current_state(TASK_INTERRUPTIBLE);
	schedule();
	KT_CHECK_EQ(schedule_timeout_interruptible(1000) > 900, true);
	thread_flag_clear(current_thread_info(), TIF_SIGPENDING);
}

KTEST(sched, timeout_sleeps_its_ticks)
{
	u64 before = ticks;

	KT_CHECK_EQ(schedule_timeout_uninterruptible(3), 0);
	KT_CHECK_GE(ticks, before + 3);
}

static int wake_storm_thread(void *data)
{
	struct task *other = data;
	int i;

	for (i = 0; i < 500; i++)
		wake_up_process(other);
	return 0;
}

KTEST_QUICK(sched, many_wakers_of_one_task)
{
	struct task *t[3], *sleeper = kt_spawn(sleep_once, NULL);
	int i;

	KT_TRUE(sleeper);
	for (i = 0; i < 3; i++)
		t[i] = kt_spawn(wake_storm_thread, sleeper);
	for (i = 0; i < 3; i++)
		kt_join(t[i]);
	kt_wait_until(kt_asleep(sleeper));
	KT_CHECK(!sched_validate());
	KT_CHECK_EQ(kt_join(sleeper), 7);
}
