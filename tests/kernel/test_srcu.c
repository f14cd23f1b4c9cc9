/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_srcu.c - kernel/sync/srcu.c
 */
#include "kernel/sync/srcu.h"
#include "kernel/sync/completion.h"
#include "kernel/test/gate.h"
#include "tests/kernel/kt_thread.h"

struct domain {
	struct srcu_struct s;
	struct completion inside, leave;
	u64 *p;				/* what readers read */
	u64 first, last;		/* what the reader saw at entry and exit */
};

static void domain_init(struct domain *d)
{
	*d = (struct domain){ 0 };
	KT_EQ(init_srcu_struct(&d->s), 0);
	init_completion(&d->inside);
	init_completion(&d->leave);
}

/* A reader that sleeps inside until it is let go. */
static int sleeping_reader(void *data)
{
	struct domain *d = data;
	int idx = srcu_read_lock(&d->s);
	u64 *p = srcu_dereference(d->p, &d->s);

	d->first = p ? READ_ONCE(*p) : 0;
	complete(&d->inside);
	wait_for_completion(&d->leave);
	d->last = p ? READ_ONCE(*p) : 0;
	srcu_read_unlock(&d->s, idx);
	return 0;
}

static int synchronize_thread(void *data)
{
	struct domain *d = data;

	synchronize_srcu(&d->s);
	return 0;
}

KTEST_QUICK(srcu, synchronize_waits_for_a_sleeping_reader)
{
	struct task *reader, *updater;
	struct domain d;

	domain_init(&d);
	reader = kt_spawn(sleeping_reader, &d);
	wait_for_completion(&d.inside);
	KT_CHECK(srcu_readers_active(&d.s));
	updater = kt_spawn(synchronize_thread, &d);
	kt_wait_until(kt_asleep(updater) || kt_done(updater));
	KT_CHECK(!kt_done(updater));
	complete(&d.leave);
	kt_join(updater);
	kt_join(reader);
	KT_CHECK(!srcu_readers_active(&d.s));
	cleanup_srcu_struct(&d.s);
}

KTEST_QUICK(srcu, domains_do_not_wait_for_each_other)
{
	struct domain slow, fast;
	struct task *reader;

	domain_init(&slow);
	domain_init(&fast);
	reader = kt_spawn(sleeping_reader, &slow);
	wait_for_completion(&slow.inside);
	synchronize_srcu(&fast.s);	/* returns, or the test hangs */
	srcu_barrier(&fast.s);
	complete(&slow.leave);
	kt_join(reader);
	cleanup_srcu_struct(&slow.s);
	cleanup_srcu_struct(&fast.s);
}

KTEST_QUICK(srcu, new_readers_do_not_hold_up_a_grace_period)
{
	struct task *old, *updater;
	struct domain d;
	int idx, again;

	domain_init(&d);
	old = kt_spawn(sleeping_reader, &d);
	wait_for_completion(&d.inside);
	updater = kt_spawn(synchronize_thread, &d);
	kt_wait_until(kt_asleep(updater));
	idx = srcu_read_lock(&d.s);	/* after the flip: not waited for */
	complete(&d.leave);
	kt_join(updater);
	again = srcu_read_lock(&d.s);	/* nested */
	srcu_read_unlock(&d.s, again);
	srcu_read_unlock(&d.s, idx);
	kt_join(old);
	cleanup_srcu_struct(&d.s);
}

/*
 * A reader loads the index, then a whole grace period passes, then it counts
 * itself in. The next grace period must still wait for it.
 *
 *	reader				updater
 *	idx = s->idx (0)
 *					synchronize_srcu: flip to 1, done
 *	lock[0]++
 *	p = d->p -> object
 *					unlink the object
 *					synchronize_srcu: must wait
 *					free the object
 *	*p
 */
#ifdef CONFIG_CHECKS	/* gates */
KTEST_QUICK(srcu, latecomer_under_the_idle_index_is_waited_for)
{
	struct task *reader, *updater;
	struct domain d;
	u64 object = 42;

	domain_init(&d);
	d.p = &object;
	gate_arm("srcu.index_loaded", &d.s);
	reader = kt_spawn(sleeping_reader, &d);
	if (!gate_wait("srcu.index_loaded"))
		return;
	synchronize_srcu(&d.s);
	gate_open("srcu.index_loaded");
	wait_for_completion(&d.inside);
	WRITE_ONCE(d.p, NULL);
	updater = kt_spawn(synchronize_thread, &d);
	kt_wait_until(kt_asleep(updater) || kt_done(updater));
	if (kt_done(updater))
		WRITE_ONCE(object, 0xdead);	/* what the updater would do next */
	complete(&d.leave);
	kt_join(reader);
	kt_join(updater);
	KT_CHECK_EQ(d.first, 42);
	KT_CHECK_EQ(d.last, 42);
	cleanup_srcu_struct(&d.s);
}
#endif

#ifdef CONFIG_CHECKS	/* gates */
/*
 * A reader that loaded the index before the flip comes and goes between the two
 * sums over that index, while another one stays inside.
 */
static int passing_reader(void *data)
{
	struct domain *d = data;

	srcu_read_unlock(&d->s, srcu_read_lock(&d->s));
	return 0;
}

KTEST(srcu, reader_between_the_sums_is_not_mistaken_for_another)
{
	struct task *held, *passing;
	struct task *updater;
	struct domain d;

	KT_NEED_CPUS(3);		/* both gates hold the CPU of who stands there */
	domain_init(&d);
	held = kt_spawn(sleeping_reader, &d);
	wait_for_completion(&d.inside);
	gate_arm("srcu.index_loaded", &d.s);
	passing = kt_spawn_on(2, passing_reader, &d);
	gate_wait("srcu.index_loaded");
	gate_arm("srcu.between_sums", &d.s.count[0].lock[0]);
	updater = kt_spawn_on(1, synchronize_thread, &d);
	gate_wait("srcu.between_sums");
	gate_open("srcu.index_loaded");
	kt_join(passing);
	gate_open("srcu.between_sums");
	kt_wait_until(kt_asleep(updater) || kt_done(updater));
	KT_CHECK(!kt_done(updater));
	complete(&d.leave);
	kt_join(updater);
	kt_join(held);
	cleanup_srcu_struct(&d.s);
}
#endif

struct srcu_counted {
	struct rcu_head head;
	int number;
};

static struct srcu_counted srcu_counted[100];
static int srcu_next, srcu_wrong;
static atomic_t srcu_called;

static void srcu_counted_func(struct rcu_head *head)
{
	struct srcu_counted *c = container_of(head, struct srcu_counted, head);

	if (c->number != srcu_next++)
		srcu_wrong++;
	atomic_inc(&srcu_called);
}

static void srcu_queue(struct domain *d, int from, int to)
{
	for (int i = from; i < to; i++) {
		srcu_counted[i].number = i;
		call_srcu(&d->s, &srcu_counted[i].head, srcu_counted_func);
	}
}

KTEST(srcu, callbacks_run_in_order_after_the_readers)
{
	struct task *reader;
	struct domain d;

	domain_init(&d);
	srcu_next = srcu_wrong = 0;
	atomic_set(&srcu_called, 0);
	reader = kt_spawn(sleeping_reader, &d);
	wait_for_completion(&d.inside);
	srcu_queue(&d, 0, 40);
	schedule_timeout_uninterruptible(2);
	KT_CHECK_EQ(atomic_read(&srcu_called), 0);
	srcu_queue(&d, 40, 80);
	complete(&d.leave);
	kt_join(reader);
	srcu_queue(&d, 80, 100);
	srcu_barrier(&d.s);
	KT_CHECK_EQ(atomic_read(&srcu_called), 100);
	KT_CHECK_EQ(srcu_wrong, 0);
	cleanup_srcu_struct(&d.s);
}

KTEST_QUICK(srcu, blocked_domain_does_not_stop_callbacks_of_another)
{
	struct domain slow, fast;
	struct task *reader;

	domain_init(&slow);
	domain_init(&fast);
	srcu_next = srcu_wrong = 0;
	atomic_set(&srcu_called, 0);
	reader = kt_spawn(sleeping_reader, &slow);
	wait_for_completion(&slow.inside);
	srcu_queue(&slow, 0, 1);
	srcu_barrier(&fast.s);		/* returns, or the test hangs */
	KT_CHECK_EQ(atomic_read(&srcu_called), 0);
	complete(&slow.leave);
	kt_join(reader);
	srcu_barrier(&slow.s);
	KT_CHECK_EQ(atomic_read(&srcu_called), 1);
	cleanup_srcu_struct(&slow.s);
	cleanup_srcu_struct(&fast.s);
}

/* ---- readers that sleep and migrate, and an updater ---- */

#define SRCU_LIVE 0x600d
#define SRCU_FREED 0xdead

static struct srcu_storm {
	struct srcu_struct s;
	u64 slots[8];
	u64 *published;
	atomic_t wrong;
	bool stop;
} srcu_storm;

static int srcu_storm_reader(void *unused)
{
	u64 *p;
	int idx;

	(void)unused;
	while (!READ_ONCE(srcu_storm.stop)) {
		idx = srcu_read_lock(&srcu_storm.s);
		p = srcu_dereference(srcu_storm.published, &srcu_storm.s);
		if (READ_ONCE(*p) != SRCU_LIVE)
			atomic_inc(&srcu_storm.wrong);
		yield();
		if (READ_ONCE(*p) != SRCU_LIVE)
			atomic_inc(&srcu_storm.wrong);
		srcu_read_unlock(&srcu_storm.s, idx);
	}
	return 0;
}

static void srcu_storm_run(int rounds)
{
	struct task *t[3];
	int i;

	srcu_storm = (struct srcu_storm){ 0 };
	KT_EQ(init_srcu_struct(&srcu_storm.s), 0);
	srcu_storm.slots[0] = SRCU_LIVE;
	srcu_storm.published = &srcu_storm.slots[0];
	for (i = 0; i < 3; i++)
		t[i] = kt_spawn(srcu_storm_reader, NULL);
	for (i = 1; i <= rounds; i++) {
		u64 *old = srcu_storm.published, *next = &srcu_storm.slots[i % 8];

		WRITE_ONCE(*next, SRCU_LIVE);
		rcu_assign_pointer(srcu_storm.published, next);
		synchronize_srcu(&srcu_storm.s);
		WRITE_ONCE(*old, SRCU_FREED);
	}
	WRITE_ONCE(srcu_storm.stop, true);
	for (i = 0; i < 3; i++)
		kt_join(t[i]);
	KT_CHECK_EQ(atomic_read(&srcu_storm.wrong), 0);
	cleanup_srcu_struct(&srcu_storm.s);
}

KTEST_QUICK(srcu, readers_never_meet_a_freed_object)
{
	srcu_storm_run(50);
}

KTEST(srcu, readers_never_meet_a_freed_object_for_long)
{
	srcu_storm_run(2000);
}
