/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/kernel/test_explore.c - kernel/test/explore.c: does it find what is known to be there? */
#include "kernel/test/explore.h"

#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/rcu.h"
#include "kernel/sync/spinlock.h"
#include "kernel/sync/wait.h"
#include "kernel/test/gate.h"
#include "kernel/test/ktest.h"

/* The programs share these; up() sets them. */
static struct {
	int value;
	bool a, b;
	struct wait_queue_head queue;
	struct spinlock lock;
} toy;

static bool toy_up(void *unused)
{
	toy.value = 0;
	toy.a = toy.b = false;
	init_waitqueue_head(&toy.queue);
	spin_lock_init(&toy.lock, LOCK_DRIVER_SPIN, "toy");
	return true;
}

static bool toy_is_two(void *unused)
{
	return toy.value == 2;
}

/* ---- how many ---- */

/* Two points, hence three parts. */
static void three_parts(void *unused)
{
	sched_point(SP_ATOMIC, NULL);
	sched_point(SP_ATOMIC, NULL);
}

/*
 * Two threads of m parts run in (2m over m) orders. With exactly c preemptions there are
 * c + 2 pieces, which alternate: 2 * (m-1 over ceil(c/2)) * (m-1 over floor(c/2)).
 */
KTEST(explore, runs_every_order_once)
{
	static const struct { unsigned int bound; unsigned long schedules; } expected[] = {
		{ 1, 2 + 4 }, { 2, 2 + 4 + 8 }, { 3, 2 + 4 + 8 + 4 }, { 10, 20 },
	};
	struct explore_result r;

	KT_NEED_GATES();
	for (unsigned int i = 0; i < ARRAY_SIZE(expected); i++) {
		struct explore_program p = {
			.thread = { three_parts, three_parts }, .bound = expected[i].bound,
		};

		explore_search(&p, &r);
		KT_CHECK(!r.wrong);
		KT_CHECK_EQ(r.schedules, expected[i].schedules);
	}
}

/* Three threads of m parts: (3m)! / m!^3. */
KTEST(explore, runs_every_order_of_three)
{
	static const struct explore_program p = {
		.thread = { three_parts, three_parts, three_parts }, .bound = 100,
	};
	struct explore_result r;

	KT_NEED_GATES();
	explore_search(&p, &r);
	KT_CHECK(!r.wrong);
	KT_CHECK_EQ(r.schedules, 1680UL);
}

/* ---- a race ---- */

static void bump(void *unused)
{
	int value = toy.value;

	sched_point(SP_ATOMIC, &toy.value);
	toy.value = value + 1;
}

static const struct explore_program lost_update = {
	.thread = { bump, bump }, .up = toy_up, .down = toy_is_two,
};

KTEST(explore, finds_a_lost_update_and_replays_it)
{
	struct explore_result r;

	KT_NEED_GATES();
	explore_search(&lost_update, &r);
	KT_TRUE(r.wrong);
	KT_CHECK_EQ(strcmp(r.schedule, "1:1"), 0);
	KT_CHECK_EQ(r.schedules, 2UL);
	explore_replay(&lost_update, "1:1", &r);
	KT_CHECK(r.wrong);
	KT_CHECK_EQ(r.schedules, 1UL);
	explore_replay(&lost_update, "-", &r);
	KT_CHECK(!r.wrong);
	explore_replay(&lost_update, "1:1;", &r);
	KT_CHECK(r.wrong && !r.schedules);
}

/* ---- waiting ---- */

static void bump_locked(void *unused)
{
	spin_lock(&toy.lock);
	bump(unused);
	spin_unlock(&toy.lock);
}

/* The lock is left while held; who wants it waits instead of spinning for ever. */
KTEST(explore, spinlocks_wait_for_virtual_cpus)
{
	static const struct explore_program p = {
		.thread = { bump_locked, bump_locked, bump_locked }, .up = toy_up, .bound = 100,
	};

	KT_NEED_GATES();
	explore(&p);
}

static void take(bool *flag)
{
	sched_point(SP_LOCK, flag);
	wait_event(&toy.queue, !*flag);
	*flag = true;
}

static void drop(bool *flag)
{
	*flag = false;
	wake_up_all(&toy.queue);
}

static void take_ab(void *unused)
{
	take(&toy.a);
	take(&toy.b);
	drop(&toy.b);
	drop(&toy.a);
}

static void take_ba(void *unused)
{
	take(&toy.b);
	take(&toy.a);
	drop(&toy.a);
	drop(&toy.b);
}

KTEST(explore, finds_a_deadlock)
{
	static const struct explore_program p = { .thread = { take_ab, take_ba }, .up = toy_up };
	static const struct explore_program right = {
		.thread = { take_ab, take_ab }, .up = toy_up,
	};
	struct explore_result r;

	KT_NEED_GATES();
	explore_search(&p, &r);
	KT_TRUE(r.wrong);
	KT_CHECK(str_has_prefix(r.wrong, "deadlock"));
	explore_replay(&p, r.schedule, &r);
	KT_CHECK(r.wrong && str_has_prefix(r.wrong, "deadlock"));
	explore(&right);
}

/* ---- readers ---- */

static void read_twice(void *unused)
{
	rcu_read_lock();
	toy.a = !toy.b;			/* it is still there, so it stays */
	sched_point(SP_RCU, &toy);
	KT_CHECK(!toy.a || toy.value == 0);
	rcu_read_unlock();
}

static void unlink_and_free(void *unused)
{
	toy.b = true;
	sched_point(SP_RCU, &toy);
	synchronize_rcu();
	toy.value = 1;
}

static bool toy_is_freed(void *unused)
{
	return toy.value == 1;
}

KTEST(explore, grace_periods_wait_for_virtual_readers)
{
	static const struct explore_program p = {
		.thread = { read_twice, unlink_and_free }, .up = toy_up, .down = toy_is_freed,
		.bound = 10,
	};

	KT_NEED_GATES();
	explore(&p);
}
