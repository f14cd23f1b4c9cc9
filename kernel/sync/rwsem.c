/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sync/rwsem.c - many readers or one writer; waiters sleep
 *
 * Concept    The count holds the number of readers and three flags:
 *
 *                bit 0 RW_WRITER   a writer has it
 *                bit 1 RW_WAITERS  the queue is not empty: no fast paths
 *                bit 2 RW_HANDOFF  the first waiter, a writer, woke up once and
 *                                  found it taken: it is kept for that one
 *                bits 8...         readers
 *
 *            Everybody who does not get it at once joins one queue in order of
 *            arrival. Readers who find waiters join too, so a stream of readers
 *            can not starve a writer. Waiting readers are let in by whoever
 *            releases: all that stand in front of the first waiting writer, in
 *            one go. A waiting writer is only woken, and takes it itself; a
 *            newly come writer may be quicker, once. Readers at the head of the
 *            queue are never overtaken.
 *
 *                reader waiting                  writer leaving
 *                queue, WAITERS; granted = no    count -= WRITER: WAITERS seen
 *                sleep until granted             lock wait_lock
 *                                                count += READER, off the queue
 *                                                granted = yes (release), wake
 * Owns       struct rw_semaphore.
 * Locks      wait_lock (LOCK_WAIT): the queue, the flags WAITERS and HANDOFF, and
 *            every acquire that is not a fast path.
 * Invariants never WRITER and readers at once; WAITERS while the queue is not
 *            empty                                          (asserted)
 * Callers    mmap_lock, rmap locks, everybody with many readers.
 * Next       wait.c
 */
#include "kernel/sync/rwsem.h"
#include "arch/x86/cpu/atomic.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/sched_point.h"
#include "kernel/sync/sleep_gate.h"

#define RW_WRITER 1L
#define RW_WAITERS 2L
#define RW_HANDOFF 4L
#define RW_FLAGS 0xffL
#define RW_READER 0x100L

struct rwsem_waiter {
	struct task *task;
	struct list_head link;
	bool writer;
	bool granted;			/* a reader was counted in by somebody else */
};

void init_rwsem_class(struct rw_semaphore *s, struct lock_class *class)
{
	s->count = 0;
	s->owner = NULL;
	spin_lock_init(&s->wait_lock, LOCK_WAIT, "rwsem waiters");
	INIT_LIST_HEAD(&s->waiters);
#ifdef CONFIG_CHECKS
	s->class = class;
#else
	(void)class;
#endif
}

static struct lock_class *rwsem_class(const struct rw_semaphore *s)
{
#ifdef CONFIG_CHECKS
	return s->class;
#else
	return NULL;
#endif
}

static void rwsem_add(struct rw_semaphore *s, long delta)
{
	long count = __atomic_add_fetch(&s->count, delta, __ATOMIC_SEQ_CST);

	ASSERT_MSG(count >= 0 && !((count & RW_WRITER) && (count & ~RW_FLAGS)),
		   "rwsem count %lx", (unsigned long)count);
}

static void rwsem_set_flag(struct rw_semaphore *s, long flag)
{
	__atomic_or_fetch(&s->count, flag, __ATOMIC_SEQ_CST);
}

static void rwsem_clear_flag(struct rw_semaphore *s, long flag)
{
	__atomic_and_fetch(&s->count, ~flag, __ATOMIC_SEQ_CST);
}

/* Count a reader in unless one of the flags @against is set. */
static bool rwsem_try_read(struct rw_semaphore *s, long against)
{
	long count = READ_ONCE(s->count);

	do {
		if (count & against)
			return false;
	} while (!try_cmpxchg(&s->count, &count, count + RW_READER));
	return true;
}

/* Become the writer if nobody is inside and no flag of @against is set. */
static bool rwsem_try_write(struct rw_semaphore *s, long against)
{
	long count = READ_ONCE(s->count);

	do {
		if ((count & (RW_WRITER | against)) || (count & ~RW_FLAGS))
			return false;
	} while (!try_cmpxchg(&s->count, &count, count | RW_WRITER));
	return true;
}

static struct rwsem_waiter *rwsem_first(struct rw_semaphore *s)
{
	return list_first_entry_or_null(&s->waiters, struct rwsem_waiter, link);
}

/* Take @w off the queue; the flags follow. */
static void rwsem_leave_queue(struct rw_semaphore *s, struct rwsem_waiter *w)
{
	bool first = rwsem_first(s) == w;

	assert_held(&s->wait_lock);
	list_del(&w->link);
	if (first)
		rwsem_clear_flag(s, RW_HANDOFF);
	if (list_empty(&s->waiters))
		rwsem_clear_flag(s, RW_WAITERS);
}

/* Let a waiting reader in. It may return, and its waiter vanish, at once. */
static void rwsem_grant_read(struct rw_semaphore *s, struct rwsem_waiter *w)
{
	struct task *task = w->task;	/* stays good: preemption is off */

	rwsem_add(s, RW_READER);
	rwsem_leave_queue(s, w);
	smp_store_release(&w->granted, true);
	wake_up_process(task);
}

/* Let in, or wake, whom the front of the queue and the count allow. */
static void rwsem_serve_queue(struct rw_semaphore *s)
{
	struct rwsem_waiter *w;

	assert_held(&s->wait_lock);
	while ((w = rwsem_first(s)) && !w->writer) {
		if (READ_ONCE(s->count) & RW_WRITER)
			return;
		rwsem_grant_read(s, w);
	}
	if (w && !(READ_ONCE(s->count) & (RW_WRITER | ~RW_FLAGS)))
		wake_up_process(w->task);
}

static void rwsem_join_queue(struct rw_semaphore *s, struct rwsem_waiter *w)
{
	list_add_tail(&w->link, &s->waiters);
	rwsem_set_flag(s, RW_WAITERS);
}

/* ---- readers ---- */

static int rwsem_wait_read(struct rw_semaphore *s, struct rwsem_waiter *w, unsigned int state)
{
	for (;;) {
		set_current_state(state);
		if (smp_load_acquire(&w->granted))
			return 0;
		if (signal_pending_state(state, current))
			return -EINTR;
		sleep_gate("rwsem.read_before_sleep", s);
		schedule();
	}
}

static noinline int rwsem_read_slow(struct rw_semaphore *s, unsigned int state)
{
	struct rwsem_waiter w = { .task = current };
	int err;

	spin_lock(&s->wait_lock);
	if (rwsem_try_read(s, RW_WRITER | RW_WAITERS | RW_HANDOFF)) {
		spin_unlock(&s->wait_lock);
		return 0;
	}
	rwsem_join_queue(s, &w);
	/* whoever released before WAITERS was set did not look at the queue */
	rwsem_serve_queue(s);
	spin_unlock(&s->wait_lock);
	err = rwsem_wait_read(s, &w, state);
	__set_current_state(TASK_RUNNING);
	if (!err)
		return 0;
	spin_lock(&s->wait_lock);
	if (w.granted) {
		err = 0;
	} else {
		rwsem_leave_queue(s, &w);
		rwsem_serve_queue(s);
	}
	spin_unlock(&s->wait_lock);
	return err;
}

static int rwsem_read_state(struct rw_semaphore *s, unsigned int state)
{
	int err = 0;

	might_sleep();
	sched_point(SP_LOCK, s);
	lock_check_wait(rwsem_class(s), s, LOCK_HOW_SHARED);
	if (!rwsem_try_read(s, RW_FLAGS))
		err = rwsem_read_slow(s, state);
	if (!err)
		lock_check_taken(rwsem_class(s), s, LOCK_HOW_SHARED);
	return err;
}

void down_read(struct rw_semaphore *s) __no_lock_check	/* is the primitive itself */
{
	(void)rwsem_read_state(s, TASK_UNINTERRUPTIBLE);
}

int down_read_killable(struct rw_semaphore *s) __no_lock_check
{
	return rwsem_read_state(s, TASK_KILLABLE);
}

bool down_read_trylock(struct rw_semaphore *s) __no_lock_check
{
	if (!rwsem_try_read(s, RW_FLAGS))
		return false;
	lock_check_taken(rwsem_class(s), s, LOCK_HOW_SHARED | LOCK_HOW_TRY);
	return true;
}

static noinline void rwsem_release_slow(struct rw_semaphore *s)
{
	spin_lock(&s->wait_lock);
	rwsem_serve_queue(s);
	spin_unlock(&s->wait_lock);
}

void up_read(struct rw_semaphore *s) __no_lock_check
{
	long count;

	sched_point(SP_UNLOCK, s);
	lock_check_release(rwsem_class(s), s);
	count = __atomic_sub_fetch(&s->count, RW_READER, __ATOMIC_SEQ_CST);
	ASSERT_MSG(count >= 0 && !(count & RW_WRITER), "up_read: rwsem count %lx",
		   (unsigned long)count);
	if (unlikely(count & RW_WAITERS) && !(count & ~RW_FLAGS))
		rwsem_release_slow(s);
}

/* ---- writers ---- */

/* Wait as @w, which is queued, until we are the writer. wait_lock held. */
static int rwsem_wait_write(struct rw_semaphore *s, struct rwsem_waiter *w, unsigned int state)
	__must_hold(&s->wait_lock)
{
	bool woken = false;

	for (;;) {
		set_current_state(state);
		if (rwsem_first(s) == w && rwsem_try_write(s, 0))
			return 0;
		if (signal_pending_state(state, current))
			return -EINTR;
		if (woken && rwsem_first(s) == w)
			rwsem_set_flag(s, RW_HANDOFF);
		spin_unlock(&s->wait_lock);
		sleep_gate("rwsem.write_before_sleep", s);
		schedule();
		woken = true;
		spin_lock(&s->wait_lock);
	}
}

static noinline int rwsem_write_slow(struct rw_semaphore *s, unsigned int state)
{
	struct rwsem_waiter w = { .task = current, .writer = true }, *first;
	int err;

	spin_lock(&s->wait_lock);
	first = rwsem_first(s);
	if ((!first || first->writer) && rwsem_try_write(s, RW_HANDOFF)) {
		spin_unlock(&s->wait_lock);
		return 0;
	}
	rwsem_join_queue(s, &w);
	err = rwsem_wait_write(s, &w, state);
	__set_current_state(TASK_RUNNING);
	rwsem_leave_queue(s, &w);
	if (err)
		rwsem_serve_queue(s);	/* those behind us may be able to go now */
	spin_unlock(&s->wait_lock);
	return err;
}

static int rwsem_write_state(struct rw_semaphore *s, unsigned int state, unsigned int how)
{
	int err = 0;

	might_sleep();
	sched_point(SP_LOCK, s);
	lock_check_wait(rwsem_class(s), s, how);
	if (cmpxchg(&s->count, 0, RW_WRITER) != 0)
		err = rwsem_write_slow(s, state);
	if (err)
		return err;
	s->owner = current;
	lock_check_taken(rwsem_class(s), s, how);
	return 0;
}

void down_write(struct rw_semaphore *s) __no_lock_check
{
	(void)rwsem_write_state(s, TASK_UNINTERRUPTIBLE, 0);
}

int down_write_killable(struct rw_semaphore *s) __no_lock_check
{
	return rwsem_write_state(s, TASK_KILLABLE, 0);
}

bool down_write_trylock(struct rw_semaphore *s) __no_lock_check
{
	if (cmpxchg(&s->count, 0, RW_WRITER) != 0)
		return false;
	s->owner = current;
	lock_check_taken(rwsem_class(s), s, LOCK_HOW_TRY);
	return true;
}

void down_write_nest_lock(struct rw_semaphore *s, const void *outer) __no_lock_check
{
#ifdef CONFIG_CHECKS
	ASSERT_MSG(lock_check_held(outer), "%s nested without its outer lock", s->class->name);
#endif
	(void)rwsem_write_state(s, TASK_UNINTERRUPTIBLE, LOCK_HOW_NEST);
}

void down_write_two(struct rw_semaphore *a, struct rw_semaphore *b) __no_lock_check
{
	struct rw_semaphore *first = a < b ? a : b, *second = a < b ? b : a;

	down_write(first);
	if (first != second)
		(void)rwsem_write_state(second, TASK_UNINTERRUPTIBLE, LOCK_HOW_TWO);
}

void up_write_two(struct rw_semaphore *a, struct rw_semaphore *b) __no_lock_check
{
	if (a != b)
		up_write(b);
	up_write(a);
}

static bool rwsem_owned(const struct rw_semaphore *s, const char *what)
{
	if (likely(s->owner == current))
		return true;
#ifdef CONFIG_CHECKS
	check_report(CHECK_LOCK, "%s of %s by a task that does not hold it for writing",
		     what, s->class ? s->class->name : "?");
#endif
	return false;
}

void up_write(struct rw_semaphore *s) __no_lock_check
{
	long count;

	if (!rwsem_owned(s, "up_write"))
		return;
	sched_point(SP_UNLOCK, s);
	lock_check_release(rwsem_class(s), s);
	s->owner = NULL;
	count = __atomic_sub_fetch(&s->count, RW_WRITER, __ATOMIC_SEQ_CST);
	if (unlikely(count & RW_WAITERS))
		rwsem_release_slow(s);
}

void downgrade_write(struct rw_semaphore *s) __no_lock_check
{
	long count;

	if (!rwsem_owned(s, "downgrade_write"))
		return;
	lock_check_release(rwsem_class(s), s);
	s->owner = NULL;
	count = __atomic_add_fetch(&s->count, RW_READER - RW_WRITER, __ATOMIC_SEQ_CST);
	lock_check_taken(rwsem_class(s), s, LOCK_HOW_SHARED | LOCK_HOW_TRY);
	if (count & RW_WAITERS)
		rwsem_release_slow(s);
}

/* ---- looking ---- */

bool rwsem_is_locked(const struct rw_semaphore *s)
{
	return READ_ONCE(s->count) & (RW_WRITER | ~RW_FLAGS);
}

bool rwsem_is_contended(const struct rw_semaphore *s)
{
	return READ_ONCE(s->count) & RW_WAITERS;
}

void rwsem_assert_held(const struct rw_semaphore *s)
{
#ifdef CONFIG_CHECKS
	if (s->owner != current)
		ASSERT_MSG(lock_check_held(s), "%s is not held", s->class->name);
#endif
}

void rwsem_assert_held_write(const struct rw_semaphore *s)
{
	ASSERT_MSG(s->owner == current, "rwsem is not held for writing");
}
