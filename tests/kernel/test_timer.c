/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_timer.c - kernel/time/timer.c
 */
#include "kernel/time/timer.h"
#include "kernel/sync/completion.h"
#include "tests/kernel/kt_thread.h"

struct probe {
	struct timer timer;
	struct completion fired;
	atomic_t calls;
	u64 at;				/* the tick of the latest call */
	u64 again;			/* re-arm this often, every tick */
	bool hold, inside;		/* stay in the handler while hold is set */
};

static void probe_fn(struct timer *timer)
{
	struct probe *p = container_of(timer, struct probe, timer);

	atomic_inc(&p->calls);
	p->at = ticks;
	if (p->again) {
		p->again--;
		mod_timer(timer, ticks + 1);
	}
	WRITE_ONCE(p->inside, true);
	kt_spin_until(!READ_ONCE(p->hold));
	complete(&p->fired);
}

static void probe_init(struct probe *p)
{
	*p = (struct probe){ 0 };
	timer_setup(&p->timer, probe_fn);
	init_completion(&p->fired);
}

KTEST(timer, fires_once_and_not_early)
{
	struct probe p;
	u64 when;

	probe_init(&p);
	when = ticks + 3;
	KT_CHECK(!mod_timer(&p.timer, when));
	KT_CHECK(timer_pending(&p.timer));
	wait_for_completion(&p.fired);
	KT_CHECK_GE(p.at, when);
	KT_CHECK(!timer_pending(&p.timer));
	schedule_timeout_uninterruptible(2);
	KT_CHECK_EQ(atomic_read(&p.calls), 1);
	KT_CHECK(!del_timer_sync(&p.timer));
}

KTEST_QUICK(timer, time_in_the_past_means_the_next_tick)
{
	struct probe p;

	probe_init(&p);
	mod_timer(&p.timer, 0);
	wait_for_completion(&p.fired);
	KT_CHECK_EQ(atomic_read(&p.calls), 1);
	del_timer_sync(&p.timer);
}

KTEST(timer, deleted_timer_does_not_fire)
{
	struct probe p;

	probe_init(&p);
	mod_timer(&p.timer, ticks + 2);
	KT_CHECK(del_timer(&p.timer));
	KT_CHECK(!del_timer(&p.timer));
	schedule_timeout_uninterruptible(4);
	KT_CHECK_EQ(atomic_read(&p.calls), 0);
}

KTEST(timer, later_mod_replaces_the_time)
{
	struct probe p;
	u64 when;

	probe_init(&p);
	mod_timer(&p.timer, ticks + 1000);
	when = ticks + 2;
	KT_CHECK(mod_timer(&p.timer, when));
	wait_for_completion(&p.fired);
	KT_CHECK_GE(p.at, when);
	KT_CHECK_LT(p.at, when + 900);
	del_timer_sync(&p.timer);
}

KTEST(timer, far_timer_passes_its_slot_until_its_turn)
{
	struct probe p;
	u64 when;

	probe_init(&p);
	when = ticks + 256 + 2;		/* the slot is run at +2 already */
	mod_timer(&p.timer, when);
	wait_for_completion(&p.fired);
	KT_CHECK_GE(p.at, when);
	KT_CHECK_EQ(atomic_read(&p.calls), 1);
	del_timer_sync(&p.timer);
}

KTEST(timer, handler_may_arm_its_own_timer)
{
	struct probe p;

	probe_init(&p);
	p.again = 3;
	mod_timer(&p.timer, ticks + 1);
	kt_wait_until(atomic_read(&p.calls) == 4);
	KT_CHECK(!del_timer_sync(&p.timer));
}

struct canceller {
	struct probe *p;
	bool started;
};

static int cancel_thread(void *data)
{
	struct canceller *c = data;

	while (!READ_ONCE(c->p->inside))
		yield();
	WRITE_ONCE(c->started, true);
	del_timer_sync(&c->p->timer);
	return atomic_read(&c->p->calls);
}

KTEST(timer, sync_deletion_waits_for_a_running_handler)
{
	static struct probe p;
	struct canceller c;
	struct task *t;
	u64 turns;

	KT_NEED_CPUS(2);
	set_task_cpu_bound(current, 0);
	probe_init(&p);			/* its handler will hold CPU 0 ... */
	p.hold = true;
	c = (struct canceller){ .p = &p };
	set_task_cpu_bound(current, 1);	/* ... so we go elsewhere */
	t = kt_spawn_on(1, cancel_thread, &c);	/* not later: it may need CPU 0's answer */
	mod_timer(&p.timer, ticks + 1);
	kt_spin_until(READ_ONCE(p.inside));
	kt_wait_until(READ_ONCE(c.started));
	for (turns = 0; turns < 20; turns++)
		yield();		/* it has had many chances to return */
	KT_CHECK(!kt_done(t));
	WRITE_ONCE(p.hold, false);
	KT_CHECK_EQ(kt_join(t), 1);
	wait_for_completion(&p.fired);	/* whatever the cancelling thread believes */
	del_timer_sync(&p.timer);
	set_task_cpu_bound(current, -1);
}

KTEST(timer, many_timers_fire_in_order_of_time)
{
	static struct probe p[20];
	int i;

	for (i = 0; i < 20; i++) {
		probe_init(&p[i]);
		mod_timer(&p[i].timer, ticks + 2 + (u64)(i * 7 % 10));
	}
	for (i = 0; i < 20; i++) {
		wait_for_completion(&p[i].fired);
		KT_CHECK_GE(p[i].at, p[i].timer.expires);
		del_timer_sync(&p[i].timer);
	}
}
