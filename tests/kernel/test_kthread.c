/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_kthread.c - kernel/sched/kthread.c and task.c
 */
#include "kernel/sched/kthread.h"
#include "kernel/lib/rculist.h"
#include "kernel/lib/string.h"
#include "kernel/sync/rcu.h"
#include "tests/kernel/kt_thread.h"

static int return_number(void *data)
{
	return (int)(u64)data;
}

KTEST_QUICK(kthread, stop_returns_the_result)
{
	struct task *t = kt_spawn(return_number, (void *)42UL);

	KT_TRUE(t);
	kt_wait_until(kt_done(t));
	KT_CHECK_EQ(kt_join(t), 42);
}

KTEST_QUICK(kthread, stopped_before_it_ran_it_never_runs)
{
	struct task *t;

	KT_EQ(kthread_create(&t, return_number, (void *)42UL, "never"), 0);
	KT_CHECK_EQ(t->state, TASK_NEW);
	KT_CHECK_EQ(kthread_stop(t), -EINTR);
}

KTEST_QUICK(kthread, name_and_identity)
{
	struct task *t;

	KT_EQ(kthread_create(&t, return_number, NULL, "worker/%d", 3), 0);
	KT_CHECK_EQ(strcmp(t->comm, "worker/3"), 0);
	KT_CHECK(t->flags & PF_KTHREAD);
	KT_CHECK_LT(t->pid, 0);
	KT_CHECK(!t->mm);
	kthread_stop(t);
}

static bool kthread_listed(const struct task *t)
{
	const struct task *pos;
	bool found = false;

	rcu_read_lock();
	list_for_each_entry_rcu(pos, &task_list, all_link)
		found |= pos == t;
	rcu_read_unlock();
	return found;
}

KTEST_QUICK(kthread, is_listed_while_it_lives)
{
	struct task *t;

	KT_EQ(kthread_create(&t, return_number, NULL, "listed"), 0);
	get_task_struct(t);
	KT_CHECK(kthread_listed(t));
	kthread_stop(t);
	kt_wait_until(READ_ONCE(t->state) == TASK_DEAD);
	KT_CHECK(!kthread_listed(t));
	put_task_struct(t);
}

KTEST(kthread, many_come_and_go)
{
	int i;

	for (i = 0; i < 60; i++) {
		KT_EQ(kt_join(kt_spawn(return_number, (void *)(u64)i)), i);
		if (i % 10 == 9)
			rcu_barrier();
	}
}

KTEST_QUICK(kthread, discarded_task_never_runs)
{
	struct task *t;

	KT_EQ(task_create(&t, NULL, NULL, "discarded"), 0);
	KT_CHECK(kthread_listed(t));
	task_discard(t);
	rcu_barrier();
}
