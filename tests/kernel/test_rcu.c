/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_rcu.c - kernel/sync/rcu.c
 */
#include "kernel/sync/rcu.h"
#include "kernel/lib/panic.h"
#include "kernel/sync/completion.h"
#include "kernel/sync/rcu_private.h"
#include "tests/kernel/kt_thread.h"

/* A reader that stays inside until it is let go, on a CPU of its own. */
struct held_reader {
	u64 *slot;			/* what it reads */
	u64 *seen;			/* the object that it found */
	u64 first, last;		/* the object's value at entry and exit */
	bool inside, leave;
};

static int held_reader_thread(void *data)
{
	struct held_reader *r = data;

	rcu_read_lock();
	r->first = r->slot ? *r->slot : 0;
	smp_store_release(&r->inside, true);
	kt_spin_until(READ_ONCE(r->leave));
	r->last = r->slot ? READ_ONCE(*r->slot) : 0;
	rcu_read_unlock();
	return 0;
}

static struct task *held_reader_start_on(int cpu, struct held_reader *r)
{
	struct task *t = kt_spawn_on(cpu, held_reader_thread, r);

	kt_wait_until(smp_load_acquire(&r->inside));
	return t;
}

static struct task *held_reader_start(struct held_reader *r)
{
	return held_reader_start_on(1, r);
}

static void held_reader_end(struct held_reader *r, struct task *t)
{
	WRITE_ONCE(r->leave, true);
	kt_join(t);
}

static int synchronize_thread(void *data)
{
	synchronize_rcu();
	if (data)
		WRITE_ONCE(*(u64 *)data, 0xdead);	/* "free" the object */
	return 0;
}

KTEST(rcu, synchronize_waits_for_a_reader)
{
	u64 object = 42;
	struct held_reader r = { .slot = &object };
	struct task *reader, *updater;

	KT_NEED_CPUS(2);
	set_task_cpu_bound(current, 0);
	reader = held_reader_start(&r);
	updater = kt_spawn_on(0, synchronize_thread, &object);
	kt_wait_until(kt_done(updater) || kt_asleep(updater));
	/* it has waited for a full turn of the grace-period thread, too */
	schedule_timeout_uninterruptible(HZ / 10 + 2);
	KT_CHECK(!kt_done(updater));
	held_reader_end(&r, reader);
	kt_join(updater);
	KT_CHECK_EQ(r.first, 42);
	KT_CHECK_EQ(r.last, 42);
	KT_CHECK_EQ(object, 0xdead);
	set_task_cpu_bound(current, -1);
}

/* The control: without a grace period this reader does meet a freed object. */
KTEST_QUICK(rcu, reader_meets_a_freed_object_without_a_grace_period)
{
	u64 object = 42;
	struct held_reader r = { .slot = &object };
	struct task *reader;

	KT_NEED_CPUS(2);
	set_task_cpu_bound(current, 0);
	reader = held_reader_start(&r);
	WRITE_ONCE(object, 0xdead);
	held_reader_end(&r, reader);
	KT_CHECK_EQ(r.first, 42);
	KT_CHECK_EQ(r.last, 0xdead);
	set_task_cpu_bound(current, -1);
}

KTEST(rcu, synchronize_ends_with_idle_and_busy_cpus)
{
	u64 before = rcu_grace_periods();
	int i;

	for (i = 0; i < 20; i++)
		synchronize_rcu();
	if (nr_cpus_online > 1)
		KT_CHECK_GE(rcu_grace_periods(), before + 20);
}

struct counted {
	struct rcu_head head;
	int number;
};

static struct counted counted[200];
static int counted_next;
static int counted_wrong;
static atomic_t counted_done;

static void counted_func(struct rcu_head *head)
{
	struct counted *c = container_of(head, struct counted, head);

	if (c->number != counted_next++)
		counted_wrong++;
	atomic_inc(&counted_done);
}

KTEST(rcu, callbacks_of_one_cpu_run_in_order_before_the_barrier)
{
	int i;

	counted_next = counted_wrong = 0;
	atomic_set(&counted_done, 0);
	set_task_cpu_bound(current, 0);
	for (i = 0; i < (int)ARRAY_SIZE(counted); i++) {
		counted[i].number = i;
		call_rcu(&counted[i].head, counted_func);
		if (i % 50 == 0)
			yield();
	}
	rcu_barrier();
	KT_CHECK_EQ(atomic_read(&counted_done), ARRAY_SIZE(counted));
	KT_CHECK_EQ(counted_wrong, 0);
	set_task_cpu_bound(current, -1);
}

KTEST(rcu, callback_waits_for_a_reader)
{
	struct held_reader r = { 0 };
	struct task *reader;

	KT_NEED_CPUS(2);
	set_task_cpu_bound(current, 0);
	counted_next = counted_wrong = counted[0].number = 0;
	atomic_set(&counted_done, 0);
	reader = held_reader_start(&r);
	call_rcu(&counted[0].head, counted_func);
	schedule_timeout_uninterruptible(HZ / 10 + 2);
	KT_CHECK_EQ(atomic_read(&counted_done), 0);
	held_reader_end(&r, reader);
	rcu_barrier();
	KT_CHECK_EQ(atomic_read(&counted_done), 1);
	set_task_cpu_bound(current, -1);
}

/*
 *	CPU 1			CPU 2			CPU 0
 *	reader 1 begins
 *							grace period begins, waits for 1
 *				reader 2 begins
 *							call_rcu: reader 2 may see the object
 *	reader 1 ends					grace period ends: not yet!
 *				reader 2 ends
 *							next grace period ends: call
 */
KTEST(rcu, callback_queued_in_a_grace_period_waits_for_the_next)
{
	struct held_reader r1 = { 0 }, r2 = { 0 };
	struct task *one, *two, *updater;

	KT_NEED_CPUS(3);
	set_task_cpu_bound(current, 0);
	counted_next = counted_wrong = counted[0].number = 0;
	atomic_set(&counted_done, 0);
	one = held_reader_start_on(1, &r1);
	updater = kt_spawn_on(0, synchronize_thread, NULL);
	kt_wait_until(kt_asleep(updater) && rcu_holdouts() == BIT(1));
	two = held_reader_start_on(2, &r2);
	call_rcu(&counted[0].head, counted_func);
	held_reader_end(&r1, one);
	kt_join(updater);
	schedule_timeout_uninterruptible(HZ / 10 + 2);
	KT_CHECK_EQ(atomic_read(&counted_done), 0);
	held_reader_end(&r2, two);
	rcu_barrier();
	KT_CHECK_EQ(atomic_read(&counted_done), 1);
	set_task_cpu_bound(current, -1);
}

/* ---- readers and an updater who replaces what they read ---- */

#define STORM_SLOTS 8
#define STORM_LIVE 0x600d
#define STORM_FREED 0xdead

static struct storm {
	u64 slots[STORM_SLOTS];
	u64 *published;
	atomic_t wrong;
	bool stop;
} storm;

static int storm_reader(void *unused)
{
	u64 *p;

	(void)unused;
	while (!READ_ONCE(storm.stop)) {
		rcu_read_lock();
		p = rcu_dereference(storm.published);
		for (int i = 0; i < 20; i++)
			if (READ_ONCE(*p) != STORM_LIVE)
				atomic_inc(&storm.wrong);
		rcu_read_unlock();
	}
	return 0;
}

static void storm_update(int rounds)
{
	int i;

	for (i = 1; i <= rounds; i++) {
		u64 *old = storm.published, *next = &storm.slots[i % STORM_SLOTS];

		WRITE_ONCE(*next, STORM_LIVE);
		rcu_assign_pointer(storm.published, next);
		synchronize_rcu();
		WRITE_ONCE(*old, STORM_FREED);
	}
}

static void storm_run(int rounds)
{
	struct task *t[3];
	int i;

	storm = (struct storm){ 0 };
	storm.slots[0] = STORM_LIVE;
	storm.published = &storm.slots[0];
	for (i = 0; i < 3; i++)
		t[i] = kt_spawn(storm_reader, NULL);
	storm_update(rounds);
	WRITE_ONCE(storm.stop, true);
	for (i = 0; i < 3; i++)
		kt_join(t[i]);
	KT_CHECK_EQ(atomic_read(&storm.wrong), 0);
}

KTEST(rcu, readers_never_meet_a_freed_object)
{
	storm_run(20);
}

KTEST(rcu, readers_never_meet_a_freed_object_for_long)
{
	storm_run(100);
}

/* ---- the stall detector ---- */

#ifdef CONFIG_CHECKS
static int stalling_reader(void *inside)
{
	unsigned long before = READ_ONCE(rcu_nr_stalls);

	rcu_read_lock();
	WRITE_ONCE(*(bool *)inside, true);
	kt_spin_until(READ_ONCE(rcu_nr_stalls) != before);
	rcu_read_unlock();
	return 0;
}

KTEST(rcu, stalled_reader_is_reported)
{
	u64 patience = rcu_stall_ticks;
	struct task *reader;
	bool inside = false;

	KT_NEED_CPUS(2);
	set_task_cpu_bound(current, 0);
	check_expect(CHECK_LOCK);
	rcu_stall_ticks = 3;
	reader = kt_spawn_on(1, stalling_reader, &inside);
	kt_wait_until(READ_ONCE(inside));
	synchronize_rcu();
	kt_join(reader);
	rcu_stall_ticks = patience;
	KT_CHECK_GE(check_expected(), 1);
	set_task_cpu_bound(current, -1);
}
#endif

/* ---- a barrier waits for what there is, and for no more ---- */

struct slow_callback {
	struct rcu_head head;
	struct completion inside, leave, left;
};

static void slow_callback_func(struct rcu_head *head)
{
	struct slow_callback *c = container_of(head, struct slow_callback, head);

	complete(&c->inside);
	wait_for_completion(&c->leave);
	complete(&c->left);
}

static int barrier_thread(void *unused)
{
	(void)unused;
	rcu_barrier();
	return 0;
}

KTEST_QUICK(rcu, barrier_waits_for_a_callback_under_way)
{
	struct slow_callback c;
	struct task *t;

	init_completion(&c.inside);
	init_completion(&c.leave);
	init_completion(&c.left);
	call_rcu(&c.head, slow_callback_func);
	wait_for_completion(&c.inside);
	t = kt_spawn(barrier_thread, NULL);
	kt_wait_until(kt_asleep(t) || kt_done(t));
	KT_CHECK(!kt_done(t));
	complete(&c.leave);
	wait_for_completion(&c.left);
	kt_join(t);
}

KTEST_QUICK(rcu, barrier_needs_no_grace_period_for_nothing)
{
	u64 before, after = 0;

	/* others may queue something at any time: not at every time */
	for (int tries = 0; tries < 20; tries++) {
		rcu_barrier();
		before = rcu_grace_periods();
		rcu_barrier();
		after = rcu_grace_periods();
		if (after == before)
			return;
	}
	KT_CHECK_EQ(after, before);
}
