/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_mutex.c - kernel/sync/mutex.c
 */
#include "kernel/sync/mutex.h"
#include "kernel/test/gate.h"
#include "tests/kernel/kt_thread.h"

NO_LOCK_CHECK_IN_THIS_FILE

struct mutex_user {
	struct mutex m;
	u64 count, inside, wrong;
	bool sleep_inside;
	int err;
};

static void mutex_user_init(struct mutex_user *u)
{
	*u = (struct mutex_user){ 0 };
	mutex_init(&u->m, LOCK_TEST_OUTER, "test");
}

static void mutex_user_step(struct mutex_user *u)
{
	if (u->inside++)
		u->wrong++;
	u->count = u->count + 1;
	if (u->sleep_inside)
		yield();
	u->inside--;
}

static int mutex_storm_thread(void *data)
{
	struct mutex_user *u = data;
	int i;

	for (i = 0; i < 300; i++) {
		mutex_lock(&u->m);
		mutex_user_step(u);
		mutex_unlock(&u->m);
	}
	return 0;
}

static void mutex_storm(bool sleep_inside)
{
	struct mutex_user u;
	struct task *t[4];
	int i;

	mutex_user_init(&u);
	u.sleep_inside = sleep_inside;
	for (i = 0; i < 4; i++)
		t[i] = kt_spawn(mutex_storm_thread, &u);
	for (i = 0; i < 4; i++)
		kt_join(t[i]);
	KT_CHECK_EQ(u.count, 1200);
	KT_CHECK_EQ(u.wrong, 0);
	KT_CHECK(!mutex_is_locked(&u.m));
	KT_CHECK(list_empty(&u.m.waiters));
	KT_CHECK_EQ(u.m.owner, 0);
}

KTEST_QUICK(mutex, excludes_others)
{
	mutex_storm(false);
}

KTEST_QUICK(mutex, excludes_others_while_the_holder_sleeps)
{
	mutex_storm(true);
}

static int mutex_take_once(void *data)
{
	struct mutex_user *u = data;

	mutex_lock(&u->m);
	mutex_user_step(u);
	mutex_unlock(&u->m);
	return 0;
}

KTEST_QUICK(mutex, waiter_sleeps_until_unlock)
{
	struct mutex_user u;
	struct task *t;

	mutex_user_init(&u);
	mutex_lock(&u.m);
	t = kt_spawn_asleep(mutex_take_once, &u);
	KT_TRUE(t);
	KT_CHECK_EQ(u.count, 0);
	KT_CHECK(!mutex_trylock(&u.m));
	mutex_unlock(&u.m);
	kt_join(t);
	KT_CHECK_EQ(u.count, 1);
}

#ifdef CONFIG_CHECKS	/* gates */
KTEST(mutex, unlock_between_queueing_and_sleeping_is_not_lost)
{
	struct mutex_user u;
	struct task *t;

	KT_NEED_CPUS(2);
	mutex_user_init(&u);
	mutex_lock(&u.m);
	gate_arm("mutex.before_sleep", &u.m);
	t = kt_spawn(mutex_take_once, &u);
	gate_wait("mutex.before_sleep");
	mutex_unlock(&u.m);	/* its wake-up comes before the waiter's schedule() */
	gate_open("mutex.before_sleep");
	kt_wait_until(kt_done(t));
	kt_join(t);
	KT_CHECK_EQ(u.count, 1);
}
#endif

KTEST_QUICK(mutex, waiter_is_overtaken_only_once)
{
	struct mutex_user u;
	struct task *t;
	bool stolen;
	u64 slept;

	mutex_user_init(&u);
	mutex_lock(&u.m);
	t = kt_spawn_on(0, mutex_take_once, &u);
	KT_TRUE(t);
	set_task_cpu_bound(current, 0);
	kt_wait_until(kt_asleep(t));
	slept = t->nr_switches;
	/* on its CPU with preemption off: it can not run between the two */
	preempt_disable();
	mutex_unlock(&u.m);
	stolen = mutex_trylock(&u.m);
	preempt_enable();
	KT_CHECK(stolen);
	kt_wait_until(t->nr_switches > slept && kt_asleep(t));
	preempt_disable();
	mutex_unlock(&u.m);
	stolen = mutex_trylock(&u.m);	/* handed over: not ours any more */
	preempt_enable();
	if (!KT_CHECK(!stolen))
		mutex_unlock(&u.m);
	kt_join(t);
	KT_CHECK_EQ(u.count, 1);
	set_task_cpu_bound(current, -1);
}

static int mutex_killable_thread(void *data)
{
	struct mutex_user *u = data;

	u->err = mutex_lock_killable(&u->m);
	if (!u->err)
		mutex_unlock(&u->m);
	return 0;
}

KTEST_QUICK(mutex, killed_waiter_leaves_and_the_next_is_woken)
{
	struct mutex_user u;
	struct task *first, *second;

	mutex_user_init(&u);
	mutex_lock(&u.m);
	first = kt_spawn_asleep(mutex_killable_thread, &u);
	KT_TRUE(first);
	second = kt_spawn_asleep(mutex_take_once, &u);
	KT_TRUE(second);
	thread_flag_set(&first->info, TIF_SIGKILL);
	try_to_wake_up(first, TASK_WAKEKILL);
	kt_join(first);
	KT_CHECK_EQ(u.err, -EINTR);
	KT_CHECK_EQ(u.count, 0);
	mutex_unlock(&u.m);
	kt_join(second);
	KT_CHECK_EQ(u.count, 1);
	KT_CHECK_EQ(u.m.owner, 0);
}

KTEST_QUICK(mutex, two_in_both_orders)
{
	struct mutex m[2];
	int i;

	for (i = 0; i < 2; i++)
		mutex_init(&m[i], LOCK_TEST_OUTER, "pair");
	mutex_lock_two(&m[1], &m[0]);
	KT_CHECK(mutex_is_locked(&m[0]) && mutex_is_locked(&m[1]));
	mutex_unlock_two(&m[1], &m[0]);
	mutex_lock_two(&m[0], &m[0]);
	mutex_unlock_two(&m[0], &m[0]);
	KT_CHECK(!mutex_is_locked(&m[0]) && !mutex_is_locked(&m[1]));
}
