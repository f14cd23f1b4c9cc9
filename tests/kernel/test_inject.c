/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/kernel/test_inject.c - kernel/test/inject.c: which uses fail */
#include "kernel/lib/panic.h"
#include "kernel/sched/kthread.h"
#include "kernel/sync/completion.h"
#include "kernel/sync/preempt.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"

/* No code of the kernel uses this point while tests run one after the other. */
#define POINT INJECT_DEVICE_STALE

/* Which of eight uses fail, as bits, first use lowest. */
static unsigned int eight_uses(void)
{
	unsigned int failed = 0;

	for (int i = 0; i < 8; i++)
		failed |= (unsigned int)should_fail(POINT) << i;
	return failed;
}

KTEST_QUICK(inject, fails_the_uses_asked_for)
{
	inject_hook_fn before = inject_hook;

	KT_EQ(eight_uses(), 0);
	inject_arm(POINT, 3, 2, NULL);
	KT_CHECK_EQ(eight_uses(), 0x0c);
	KT_CHECK_EQ(inject_uses(POINT), 8);
	KT_EQ(inject_disarm(POINT), 2);
	KT_EQ(eight_uses(), 0);
	KT_TRUE(inject_hook == before);
	inject_arm(POINT, 8, ~0UL, NULL);
	KT_CHECK_EQ(eight_uses(), 0x80);
	KT_CHECK_EQ(eight_uses(), 0xff);
	KT_EQ(inject_disarm(POINT), 9);
}

struct user {
	unsigned int failed;
	struct completion done;
};

static int user_thread(void *data)
{
	struct user *u = data;

	u->failed = eight_uses();
	complete(&u->done);
	return 0;
}

KTEST_QUICK(inject, only_the_named_task_is_hit)
{
	struct user u;

	init_completion(&u.done);
	inject_arm(POINT, 1, 100, current);
	if (KT_CHECK_EQ(kthread_run(NULL, user_thread, &u, "user"), 0)) {
		wait_for_completion(&u.done);
		KT_CHECK_EQ(u.failed, 0);
	}
	KT_CHECK_EQ(eight_uses(), 0xff);
	KT_EQ(inject_disarm(POINT), 8);
}

KTEST_QUICK(inject, left_armed_is_reported)
{
	inject_arm(POINT, 1, 1, NULL);
	check_expect(CHECK_KTEST);
	inject_disarm_all();
	KT_EQ(check_expected(), 1);
	KT_TRUE(!should_fail(POINT));
}
