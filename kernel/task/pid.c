/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/pid.c - hands out numbers and finds what they name
 *
 * Concept    A number is an object, not an integer, because it can have several
 *            bearers: a process, its first thread, the group that it leads, the
 *            session. Each bearer holds a reference; when the last lets go, the
 *            number may be used again. The object outlives that by a grace
 *            period, so that a look-up needs no lock:
 *
 *                kill(42)                          last thread, reaped
 *                rcu_read_lock
 *                pid_find(42) -> pid
 *                                                  pid->process = NULL
 *                                                  pid_put: unhash, call_rcu
 *                p = pid->process: NULL or good
 *                rcu_read_unlock
 *                                                  memory is freed
 *
 * Owns       The hash of numbers and the map of those taken.
 * Locks      LOCK_PID guards both for writers; readers use RCU.
 * Invariants A number's bit is set exactly while its object is hashed.
 * Callers    clone.c, exit.c, process.c, signal.c, wait.c.
 * Next       process.c
 */
#include "kernel/task/pid.h"

#include "kernel/lib/bitmap.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/rculist.h"
#include "kernel/sync/spinlock.h"
#include "mm/slab.h"

#define PID_HASH_SIZE 256

DEFINE_STATIC_SPINLOCK(pid_lock, LOCK_PID);
static struct hlist_head pid_hash[PID_HASH_SIZE];
static unsigned long pid_taken[PID_MAX / 64];
static int pid_last;

static struct hlist_head *pid_bucket(pid_t nr)
{
	return &pid_hash[(u32)nr % PID_HASH_SIZE];
}

/* The first free number after the last one given, or 0. */
static int pid_next_free_locked(void)
{
	for (int i = 1; i < PID_MAX; i++) {
		int nr = pid_last + i;

		if (nr >= PID_MAX)
			nr -= PID_MAX - 1;
		if (!(pid_taken[nr / 64] & BIT(nr % 64)))
			return nr;
	}
	return 0;
}

void pid_start_over(void)
{
	unsigned long flags;

	spin_lock_irqsave(&pid_lock, flags);
	pid_last = 0;
	spin_unlock_irqrestore(&pid_lock, flags);
}

int pid_new(struct pid **out)
{
	struct pid *pid = kzalloc(sizeof(*pid), GFP_KERNEL);
	unsigned long flags;

	if (!pid)
		return -ENOMEM;
	atomic_set(&pid->count, 1);
	INIT_LIST_HEAD(&pid->group);
	init_waitqueue_head(&pid->ended);

	spin_lock_irqsave(&pid_lock, flags);
	pid->nr = pid_next_free_locked();
	if (pid->nr) {
		pid_taken[pid->nr / 64] |= BIT(pid->nr % 64);
		pid_last = pid->nr;
		hlist_add_head_rcu(&pid->hash, pid_bucket(pid->nr));
	}
	spin_unlock_irqrestore(&pid_lock, flags);

	if (!pid->nr) {
		kfree(pid);
		return -EAGAIN;
	}
	*out = pid;
	return 0;
}

void pid_get(struct pid *pid)
{
	ASSERT(atomic_read(&pid->count) > 0);
	atomic_inc(&pid->count);
}

static void pid_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct pid, rcu));
}

void pid_put(struct pid *pid)
{
	unsigned long flags;

	if (!atomic_dec_and_test(&pid->count))
		return;
	ASSERT_MSG(!pid->process && !pid->thread && list_empty(&pid->group),
		   "number %d is freed with a bearer", pid->nr);
	spin_lock_irqsave(&pid_lock, flags);
	hlist_del_rcu(&pid->hash);
	pid_taken[pid->nr / 64] &= ~BIT(pid->nr % 64);
	spin_unlock_irqrestore(&pid_lock, flags);
	call_rcu(&pid->rcu, pid_free_rcu);
}

struct pid *pid_find(pid_t nr)
{
	struct pid *pid;

	if (nr <= 0 || nr >= PID_MAX)
		return NULL;
	hlist_for_each_entry_rcu(pid, pid_bucket(nr), hash) {
		if (pid->nr == nr)
			return pid;
	}
	return NULL;
}

void pid_init(void)
{
	for (int i = 0; i < PID_HASH_SIZE; i++)
		INIT_HLIST_HEAD(&pid_hash[i]);
}
