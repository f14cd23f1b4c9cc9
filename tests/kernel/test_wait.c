/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_wait.c - kernel/sync/wait.c
 */
#include "kernel/sync/wait.h"
#include "tests/kernel/kt_thread.h"

struct waiters {
	struct wait_queue_head wq;
	bool go;
	atomic_t woken;
	int err;
};

static void waiters_init(struct waiters *w)
{
	*w = (struct waiters){ 0 };
	init_waitqueue_head(&w->wq);
}

static int wait_plain(void *data)
{
	struct waiters *w = data;

	wait_event(&w->wq, READ_ONCE(w->go));
	atomic_inc(&w->woken);
	return 0;
}

static int wait_one_exclusive(void *data)
{
	struct waiters *w = data;

	w->err = wait_event_interruptible_exclusive(&w->wq, READ_ONCE(w->go));
	atomic_inc(&w->woken);
	return 0;
}

KTEST_QUICK(wait, wakes_when_the_condition_holds)
{
	struct waiters w;
	struct task *t;

	waiters_init(&w);
	t = kt_spawn_asleep(wait_plain, &w);
	KT_TRUE(t);
	wake_up(&w.wq);		/* for nothing: it looks, and sleeps again */
	kt_wait_until(kt_asleep(t) && !list_empty(&w.wq.entries));
	KT_CHECK_EQ(atomic_read(&w.woken), 0);
	w.go = true;
	wake_up(&w.wq);
	kt_join(t);
	KT_CHECK_EQ(atomic_read(&w.woken), 1);
	KT_CHECK(list_empty(&w.wq.entries));
}

KTEST(wait, one_exclusive_waiter_per_wake_up)
{
	struct waiters w;
	struct task *t[3];
	int i, asleep;

	waiters_init(&w);
	for (i = 0; i < 3; i++) {
		t[i] = kt_spawn(wait_one_exclusive, &w);
		kt_wait_until(kt_asleep(t[i]));
	}
	w.go = true;
	for (i = 1; i <= 3; i++) {
		wake_up(&w.wq);
		asleep = kt_asleep(t[0]) + kt_asleep(t[1]) + kt_asleep(t[2]);
		if (!KT_CHECK_EQ(asleep, 3 - i))
			break;
		kt_wait_until(atomic_read(&w.woken) == i);
		KT_CHECK_EQ(list_count(&w.wq.entries), 3 - i);
	}
	wake_up_all(&w.wq);
	for (i = 0; i < 3; i++)
		kt_join(t[i]);
}

KTEST(wait, all_are_woken_at_once)
{
	struct waiters w;
	struct task *t[4];
	int i;

	waiters_init(&w);
	for (i = 0; i < 4; i++) {
		t[i] = kt_spawn(i % 2 ? wait_plain : wait_one_exclusive, &w);
		kt_wait_until(kt_asleep(t[i]));
	}
	w.go = true;
	wake_up_all(&w.wq);
	for (i = 0; i < 4; i++)
		kt_join(t[i]);
	KT_CHECK_EQ(atomic_read(&w.woken), 4);
}

KTEST_QUICK(wait, signal_ends_an_interruptible_wait)
{
	struct waiters w;
	struct task *t;

	waiters_init(&w);
	t = kt_spawn_asleep(wait_one_exclusive, &w);
	KT_TRUE(t);
	thread_flag_set(&t->info, TIF_SIGPENDING);
	try_to_wake_up(t, TASK_INTERRUPTIBLE);
	kt_join(t);
	KT_CHECK_EQ(w.err, -ERESTARTSYS);
	KT_CHECK(list_empty(&w.wq.entries));
}

KTEST(wait, timeout_returns_zero_and_success_does_not)
{
	struct waiters w;
	u64 before = ticks;

	waiters_init(&w);
	KT_CHECK_EQ(wait_event_timeout(&w.wq, READ_ONCE(w.go), 3), 0);
	KT_CHECK_GE(ticks, before + 3);
	w.go = true;
	KT_CHECK_EQ(wait_event_timeout(&w.wq, READ_ONCE(w.go), 3), 3);
	KT_CHECK_EQ(wait_event_interruptible_timeout(&w.wq, READ_ONCE(w.go), 3), 3);
}

/* Two threads pass a token; every lost wake-up would stop them for ever. */
struct ping {
	struct wait_queue_head wq[2];
	u64 token;
	u64 rounds;
};

static void ping_side(struct ping *p, u64 me)
{
	while (READ_ONCE(p->token) < p->rounds) {
		wait_event(&p->wq[me], READ_ONCE(p->token) % 2 == me);
		WRITE_ONCE(p->token, p->token + 1);
		wake_up(&p->wq[!me]);
	}
}

static int ping_thread(void *data)
{
	ping_side(data, 1);
	return 0;
}

static void ping_run(u64 rounds)
{
	struct ping p = { .rounds = rounds };
	struct task *t;

	init_waitqueue_head(&p.wq[0]);
	init_waitqueue_head(&p.wq[1]);
	t = kt_spawn(ping_thread, &p);
	KT_TRUE(t);
	ping_side(&p, 0);
	wake_up(&p.wq[1]);
	kt_join(t);
	KT_CHECK_GE(p.token, rounds);
}

KTEST_QUICK(wait, no_wake_up_is_lost_in_ping_pong)
{
	ping_run(200);
}

KTEST(wait, no_wake_up_is_lost_in_long_ping_pong)
{
	ping_run(10000);
}
