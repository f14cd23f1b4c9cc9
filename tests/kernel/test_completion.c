/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_completion.c - kernel/sync/completion.c
 */
#include "kernel/sync/completion.h"
#include "tests/kernel/kt_thread.h"

KTEST_QUICK(completion, counts_what_came_before)
{
	struct completion c;

	init_completion(&c);
	KT_CHECK(!try_wait_for_completion(&c));
	complete(&c);
	complete(&c);
	KT_CHECK(completion_done(&c));
	wait_for_completion(&c);
	KT_CHECK(try_wait_for_completion(&c));
	KT_CHECK(!completion_done(&c));
}

KTEST_QUICK(completion, all_stays_done_until_reinit)
{
	struct completion c;

	init_completion(&c);
	complete_all(&c);
	wait_for_completion(&c);
	wait_for_completion(&c);
	complete(&c);
	KT_CHECK(completion_done(&c));
	reinit_completion(&c);
	KT_CHECK(!completion_done(&c));
}

KTEST(completion, timeout_returns_zero)
{
	struct completion c;

	init_completion(&c);
	KT_CHECK_EQ(wait_for_completion_timeout(&c, 2), 0);
	complete(&c);
	KT_CHECK_GE(wait_for_completion_timeout(&c, 2), 1);
}

static int completion_waiter(void *data)
{
	return wait_for_completion_killable(data);
}

KTEST_QUICK(completion, killed_waiter_consumes_nothing)
{
	struct completion c;
	struct task *t;

	init_completion(&c);
	t = kt_spawn_asleep(completion_waiter, &c);
	KT_TRUE(t);
	thread_flag_set(&t->info, TIF_SIGKILL);
	try_to_wake_up(t, TASK_WAKEKILL);
	KT_CHECK_EQ(kt_join(t), -ERESTARTSYS);
	complete(&c);
	KT_CHECK(try_wait_for_completion(&c));
}

static int complete_thread(void *data)
{
	complete(data);
	return 0;
}

static void completion_on_stack(void)
{
	struct completion c;
	struct task *t;

	init_completion(&c);
	t = kt_spawn(complete_thread, &c);
	wait_for_completion(&c);
	/* from here on c may vanish, though complete() may not have returned */
	*(volatile struct completion *)&c = (struct completion){ 0 };
	kt_join(t);
}

KTEST_QUICK(completion, may_live_on_the_waiters_stack)
{
	int i;

	for (i = 0; i < 50; i++)
		completion_on_stack();
}
