/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_pid.c - suite pid: numbers
 */
#include "kernel/task/pid.h"

#include "kernel/test/ktest.h"

KTEST_QUICK(pid, a_number_is_found_while_it_is_taken)
{
	struct pid *pid;
	int nr;

	KT_EQ(pid_new(&pid), 0);
	nr = pid->nr;
	KT_CHECK(nr > 0 && nr < PID_MAX);
	rcu_read_lock();
	KT_CHECK(pid_find(nr) == pid);
	rcu_read_unlock();
	pid_put(pid);
	rcu_read_lock();
	KT_CHECK(!pid_find(nr));
	rcu_read_unlock();
	KT_CHECK(!pid_find(0));
	KT_CHECK(!pid_find(-1));
	KT_CHECK(!pid_find(PID_MAX));
	rcu_barrier();
}

KTEST(pid, a_number_in_use_is_not_given_again)
{
	struct pid *keep, *pid;
	int again = 0, last = 0;

	KT_EQ(pid_new(&keep), 0);
	for (int i = 0; i < PID_MAX + 10; i++) {
		if (!KT_CHECK_EQ(pid_new(&pid), 0))
			break;
		if (pid->nr == keep->nr)
			again++;
		last = pid->nr;
		pid_put(pid);
		if (i % 4096 == 0)
			rcu_barrier();
	}
	KT_CHECK_EQ(again, 0);
	KT_CHECK_NE(last, 0);
	pid_put(keep);
	rcu_barrier();
}

KTEST_QUICK(pid, a_second_reference_keeps_the_number)
{
	struct pid *pid;

	KT_EQ(pid_new(&pid), 0);
	pid_get(pid);
	pid_put(pid);
	KT_CHECK(pid_find(pid->nr) == pid);
	pid_put(pid);
	rcu_barrier();
}
