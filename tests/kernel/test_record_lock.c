/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_record_lock.c - suite record_lock: ranges of files that owners lock
 *
 * Owners and the inode are names only: nothing looks into them.
 */
#include "fs/record_lock.h"

#include "fs/vfs.h"
#include "kernel/test/ktest.h"
#include "tests/kernel/kt_thread.h"

#define INODE ((const struct inode *)0x1000)
#define ME ((const void *)0x10)
#define OTHER ((const void *)0x20)

static int set(const void *owner, int type, loff_t start, loff_t end)
{
	struct record_lock l = {
		.inode = INODE, .owner = owner, .type = type, .start = start, .end = end,
	};

	return record_lock_set(&l, false);
}

/* What stands in the way of OTHER's write of the byte @at: its type, or -1. */
static int held_at(loff_t at)
{
	struct record_lock want = {
		.inode = INODE, .owner = OTHER, .type = F_WRLCK, .start = at, .end = at,
	};
	struct record_lock l;

	return record_lock_get(&want, &l) ? l.type : -1;
}

KTEST_QUICK(record_lock, readers_share_and_writers_do_not)
{
	KT_CHECK_EQ(set(ME, F_RDLCK, 10, 20), 0);
	KT_CHECK_EQ(set(OTHER, F_RDLCK, 15, 25), 0);
	KT_CHECK_EQ(set(ME, F_WRLCK, 20, 30), -EAGAIN);
	KT_CHECK_EQ(set(OTHER, F_WRLCK, 20, 30), -EAGAIN);
	KT_CHECK_EQ(set(OTHER, F_WRLCK, 21, 30), 0);
	KT_CHECK_EQ(set(ME, F_RDLCK, 30, INT64_MAX), -EAGAIN);
	KT_CHECK_EQ(set(ME, F_RDLCK, 31, INT64_MAX), 0);
	record_lock_drop(INODE, OTHER);
	KT_CHECK_EQ(held_at(10), F_RDLCK);
	KT_CHECK_EQ(set(ME, F_WRLCK, 0, 100), 0);
	record_lock_drop(INODE, ME);
	KT_CHECK_EQ(held_at(50), -1);
}

KTEST_QUICK(record_lock, a_new_lock_takes_the_place_of_the_old)
{
	KT_CHECK_EQ(set(ME, F_WRLCK, 0, 99), 0);
	KT_CHECK_EQ(set(ME, F_RDLCK, 40, 59), 0);
	KT_CHECK_EQ(held_at(39), F_WRLCK);
	KT_CHECK_EQ(held_at(40), F_RDLCK);
	KT_CHECK_EQ(held_at(59), F_RDLCK);
	KT_CHECK_EQ(held_at(60), F_WRLCK);
	KT_CHECK_EQ(held_at(99), F_WRLCK);
	KT_CHECK_EQ(held_at(100), -1);
	KT_CHECK_EQ(set(ME, F_UNLCK, 10, 69), 0);
	KT_CHECK_EQ(held_at(9), F_WRLCK);
	KT_CHECK_EQ(held_at(10), -1);
	KT_CHECK_EQ(held_at(69), -1);
	KT_CHECK_EQ(held_at(70), F_WRLCK);
	record_lock_drop(INODE, ME);
	KT_CHECK_EQ(held_at(0), -1);
}

KTEST_QUICK(record_lock, neighbours_of_a_kind_are_joined)
{
	struct record_lock want = {
		.inode = INODE, .owner = OTHER, .type = F_WRLCK, .start = 7, .end = 7,
	};
	struct record_lock l = { 0 };

	KT_CHECK_EQ(set(ME, F_RDLCK, 0, 4), 0);
	KT_CHECK_EQ(set(ME, F_RDLCK, 10, 14), 0);
	KT_CHECK_EQ(set(ME, F_RDLCK, 5, 9), 0);
	KT_CHECK(record_lock_get(&want, &l));
	KT_CHECK_EQ(l.start, 0L);
	KT_CHECK_EQ(l.end, 14L);
	record_lock_drop(INODE, ME);
}

static int waiter(void *unused)
{
	struct record_lock l = {
		.inode = INODE, .owner = OTHER, .type = F_WRLCK, .start = 0, .end = 9,
	};

	return record_lock_set(&l, true);
}

KTEST(record_lock, who_waits_gets_it_and_a_circle_is_refused)
{
	struct record_lock mine = {
		.inode = INODE, .owner = ME, .type = F_WRLCK, .start = 20, .end = 29,
	};
	struct task *task;

	KT_NO_SWEEP("a waiter that gets no memory does not wait");
	KT_CHECK_EQ(set(ME, F_WRLCK, 0, 9), 0);
	KT_CHECK_EQ(set(OTHER, F_WRLCK, 20, 29), 0);
	task = kt_spawn(waiter, NULL);
	if (task && kt_wait_until(kt_asleep(task)))
		KT_CHECK_EQ(record_lock_set(&mine, true), -EDEADLK);
	record_lock_drop(INODE, ME);
	if (task)
		KT_CHECK_EQ(kt_join(task), 0);
	KT_CHECK_EQ(held_at(5), -1);
	record_lock_drop(INODE, OTHER);
}

static int flock_set(const void *owner, int type)
{
	struct record_lock l = {
		.inode = INODE, .owner = owner, .type = type, .end = INT64_MAX, .flock = true,
	};

	return record_lock_set(&l, false);
}

KTEST_QUICK(record_lock, flock_lets_go_first_and_is_another_world)
{
	KT_CHECK_EQ(set(OTHER, F_WRLCK, 0, 10), 0);
	KT_CHECK_EQ(flock_set(ME, F_RDLCK), 0);
	KT_CHECK_EQ(flock_set(OTHER, F_RDLCK), 0);
	KT_CHECK_EQ(set(ME, F_WRLCK, 11, 20), 0);
	KT_CHECK_EQ(flock_set(ME, F_WRLCK), -EAGAIN);	/* and has none any more */
	KT_CHECK_EQ(flock_set(OTHER, F_WRLCK), 0);
	KT_CHECK_EQ(flock_set(OTHER, F_WRLCK), 0);
	KT_CHECK_EQ(flock_set(ME, F_RDLCK), -EAGAIN);
	KT_CHECK_EQ(flock_set(OTHER, F_UNLCK), 0);
	KT_CHECK_EQ(held_at(15), F_WRLCK);
	KT_CHECK_EQ(flock_set(ME, F_WRLCK), 0);
	record_lock_drop(INODE, ME);
	KT_CHECK_EQ(flock_set(OTHER, F_WRLCK), 0);
	KT_CHECK_EQ(held_at(15), -1);
	record_lock_drop(INODE, OTHER);
}
