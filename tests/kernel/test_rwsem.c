/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_rwsem.c - kernel/sync/rwsem.c
 */
#include "kernel/sync/rwsem.h"
#include "kernel/test/gate.h"
#include "tests/kernel/kt_thread.h"

NO_LOCK_CHECK_IN_THIS_FILE

struct rw_user {
	struct rw_semaphore s;
	atomic_t readers, writers, wrong, reads, writes;
	atomic_t order;			/* next number to give out */
	int read_at, write_at;		/* the numbers that were drawn */
	bool hold;			/* A: stay inside while set */
	int err;
};

static void rw_user_init(struct rw_user *u)
{
	*u = (struct rw_user){ 0 };
	init_rwsem(&u->s, LOCK_TEST_OUTER, "test");
}

static void rw_read_step(struct rw_user *u)
{
	atomic_inc(&u->readers);
	if (atomic_read(&u->writers))
		atomic_inc(&u->wrong);
	atomic_inc(&u->reads);
	atomic_dec(&u->readers);
}

static void rw_write_step(struct rw_user *u)
{
	if (atomic_inc_return(&u->writers) != 1 || atomic_read(&u->readers))
		atomic_inc(&u->wrong);
	atomic_inc(&u->writes);
	atomic_dec(&u->writers);
}

static int rw_storm_thread(void *data)
{
	struct rw_user *u = data;
	int i;

	for (i = 0; i < 200; i++) {
		if (i % 4 == 0) {
			down_write(&u->s);
			rw_write_step(u);
			if (i % 8 == 0) {
				downgrade_write(&u->s);
				rw_read_step(u);
				up_read(&u->s);
			} else {
				up_write(&u->s);
			}
		} else {
			down_read(&u->s);
			rw_read_step(u);
			if (i % 16 == 1)
				yield();
			up_read(&u->s);
		}
	}
	return 0;
}

KTEST_QUICK(rwsem, storm_keeps_readers_and_writers_apart)
{
	struct rw_user u;
	struct task *t[4];
	int i;

	rw_user_init(&u);
	for (i = 0; i < 4; i++)
		t[i] = kt_spawn(rw_storm_thread, &u);
	for (i = 0; i < 4; i++)
		kt_join(t[i]);
	KT_CHECK_EQ(atomic_read(&u.wrong), 0);
	KT_CHECK_EQ(atomic_read(&u.writes), 200);
	KT_CHECK_EQ(atomic_read(&u.reads), 700);
	KT_CHECK_EQ(u.s.count, 0);
	KT_CHECK(list_empty(&u.s.waiters));
}

static int rw_reader(void *data)
{
	struct rw_user *u = data;

	u->err = down_read_killable(&u->s);
	if (u->err)
		return 0;
	u->read_at = atomic_inc_return(&u->order);
	rw_read_step(u);
	up_read(&u->s);
	return 0;
}

static int rw_writer(void *data)
{
	struct rw_user *u = data;

	u->err = down_write_killable(&u->s);
	if (u->err)
		return 0;
	u->write_at = atomic_inc_return(&u->order);
	rw_write_step(u);
	up_write(&u->s);
	return 0;
}

KTEST_QUICK(rwsem, readers_share)
{
	struct rw_user u;

	rw_user_init(&u);
	down_read(&u.s);
	kt_join(kt_spawn(rw_reader, &u));
	KT_CHECK_EQ(atomic_read(&u.reads), 1);
	KT_CHECK(!down_write_trylock(&u.s));
	up_read(&u.s);
	KT_CHECK(!rwsem_is_locked(&u.s));
}

KTEST(rwsem, waiting_writer_stops_new_readers)
{
	struct rw_user u;
	struct task *w, *r;

	rw_user_init(&u);
	down_read(&u.s);
	w = kt_spawn_asleep(rw_writer, &u);
	KT_TRUE(w);
	KT_CHECK(rwsem_is_contended(&u.s));
	KT_CHECK(!down_read_trylock(&u.s));
	r = kt_spawn(rw_reader, &u);
	KT_TRUE(r);
	kt_wait_until(kt_asleep(r) || kt_done(r));
	up_read(&u.s);
	kt_join(w);
	kt_join(r);
	KT_CHECK_EQ(u.write_at, 1);
	KT_CHECK_EQ(u.read_at, 2);
	KT_CHECK_EQ(u.s.count, 0);
}

#ifdef CONFIG_CHECKS	/* gates */
KTEST(rwsem, release_between_queueing_and_sleeping_is_not_lost)
{
	struct rw_user u;
	struct task *w, *r;

	KT_NEED_CPUS(2);
	rw_user_init(&u);
	down_read(&u.s);
	gate_arm("rwsem.write_before_sleep", &u.s);
	w = kt_spawn(rw_writer, &u);
	gate_wait("rwsem.write_before_sleep");
	up_read(&u.s);
	gate_open("rwsem.write_before_sleep");
	kt_wait_until(kt_done(w));
	kt_join(w);

	down_write(&u.s);
	gate_arm("rwsem.read_before_sleep", &u.s);
	r = kt_spawn(rw_reader, &u);
	gate_wait("rwsem.read_before_sleep");
	up_write(&u.s);
	gate_open("rwsem.read_before_sleep");
	kt_wait_until(kt_done(r));
	kt_join(r);
	KT_CHECK_EQ(u.s.count, 0);
}
#endif

KTEST_QUICK(rwsem, downgrade_lets_readers_in_but_no_writer)
{
	struct rw_user u;
	struct task *r, *w;

	rw_user_init(&u);
	down_write(&u.s);
	r = kt_spawn_asleep(rw_reader, &u);
	KT_TRUE(r);
	w = kt_spawn_asleep(rw_writer, &u);
	KT_TRUE(w);
	downgrade_write(&u.s);
	kt_join(r);
	KT_CHECK_EQ(atomic_read(&u.reads), 1);
	kt_wait_until(kt_asleep(w));
	KT_CHECK_EQ(atomic_read(&u.writes), 0);
	up_read(&u.s);
	kt_join(w);
	KT_CHECK_EQ(atomic_read(&u.writes), 1);
	KT_CHECK_EQ(u.s.count, 0);
}

KTEST(rwsem, killed_writer_lets_the_readers_behind_it_in)
{
	struct rw_user u;
	struct task *w, *r;

	rw_user_init(&u);
	down_read(&u.s);
	w = kt_spawn_asleep(rw_writer, &u);
	KT_TRUE(w);
	r = kt_spawn_asleep(rw_reader, &u);
	KT_TRUE(r);
	thread_flag_set(&w->info, TIF_SIGKILL);
	try_to_wake_up(w, TASK_WAKEKILL);
	kt_join(w);
	kt_wait_until(kt_done(r));	/* although we still hold it */
	up_read(&u.s);
	kt_join(r);
	KT_CHECK_EQ(atomic_read(&u.writes), 0);
	KT_CHECK_EQ(atomic_read(&u.reads), 1);
	KT_CHECK_EQ(u.s.count, 0);
}

KTEST_QUICK(rwsem, trylocks_respect_each_other)
{
	struct rw_semaphore s;

	init_rwsem(&s, LOCK_TEST_OUTER, "try");
	KT_TRUE(down_write_trylock(&s));
	KT_CHECK(!down_read_trylock(&s));
	KT_CHECK(!down_write_trylock(&s));
	assert_held_write(&s);
	up_write(&s);
	KT_TRUE(down_read_trylock(&s));
	KT_CHECK(!down_write_trylock(&s));
	assert_held(&s);
	up_read(&s);
	KT_CHECK_EQ(s.count, 0);
}
