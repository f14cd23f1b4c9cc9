/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sync/mutex.c - mutual exclusion that sleeps
 *
 * Concept    The owner word holds the task that has the mutex, and two flags:
 *
 *                MUTEX_WAITERS  the list of waiters is not empty, so unlock must
 *                               look at it (and the fast paths do not apply)
 *                MUTEX_HANDOFF  the first waiter woke up once and found that a
 *                               newcomer had been quicker: the next unlock gives
 *                               the mutex to it directly
 *
 *            Without contention both ways are one compare-and-exchange. Newcomers
 *            may overtake sleepers, which saves a switch for each acquire, but
 *            each sleeper only once. Nobody spins for an owner: the CPU that it
 *            runs on is virtual and may not be running.
 *
 *                waiter (wait_lock held)         owner
 *                queue, set WAITERS
 *                state = asleep
 *                owner word free? take it        cmpxchg(me -> 0) fails: WAITERS
 *                unlock wait_lock, schedule()    lock wait_lock
 *                                                free the word, wake the first
 * Owns       struct mutex.
 * Locks      wait_lock (LOCK_WAIT): the list, and every change of a word that has
 *            flags, except taking and releasing it.
 * Invariants MUTEX_WAITERS set while the list is not empty
 * Callers    everybody who may sleep.
 * Next       rwsem.c
 */
#include "kernel/sync/mutex.h"
#include "arch/x86/cpu/atomic.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/sched_point.h"
#include "kernel/sync/sleep_gate.h"

#define MUTEX_WAITERS 1UL
#define MUTEX_HANDOFF 2UL
#define MUTEX_FLAGS (MUTEX_WAITERS | MUTEX_HANDOFF)

struct mutex_waiter {
	struct task *task;
	struct list_head link;
};

void mutex_init_class(struct mutex *m, struct lock_class *class)
{
	m->owner = 0;
	spin_lock_init(&m->wait_lock, LOCK_WAIT, "mutex waiters");
	INIT_LIST_HEAD(&m->waiters);
#ifdef CONFIG_CHECKS
	m->class = class;
#else
	(void)class;
#endif
}

static struct task *mutex_owner(unsigned long word)
{
	return (struct task *)(word & ~MUTEX_FLAGS);
}

static struct lock_class *mutex_class(const struct mutex *m)
{
#ifdef CONFIG_CHECKS
	return m->class;
#else
	return NULL;
#endif
}

/*
 * Take the mutex if nobody has it, or if it was handed to us. @first: as the
 * first waiter, who may take it although a hand-off is announced (to it).
 */
static bool mutex_try(struct mutex *m, bool first)
{
	unsigned long me = (unsigned long)current;
	unsigned long word = READ_ONCE(m->owner);

	do {
		if (mutex_owner(word) == current)
			return true;
		if (mutex_owner(word) || (!first && (word & MUTEX_HANDOFF)))
			return false;
	} while (!try_cmpxchg(&m->owner, &word, me | (word & MUTEX_WAITERS)));
	return true;
}

static bool mutex_is_first(struct mutex *m, struct mutex_waiter *w)
{
	return list_first_entry(&m->waiters, struct mutex_waiter, link) == w;
}

static void mutex_wake_first(struct mutex *m)
{
	wake_up_process(list_first_entry(&m->waiters, struct mutex_waiter, link)->task);
}

/* Take @w off the list; the flags follow. */
static void mutex_leave_queue(struct mutex *m, struct mutex_waiter *w)
{
	bool first = mutex_is_first(m, w);

	assert_held(&m->wait_lock);
	list_del(&w->link);
	if (list_empty(&m->waiters))
		__atomic_and_fetch(&m->owner, ~MUTEX_FLAGS, __ATOMIC_SEQ_CST);
	else if (first)
		__atomic_and_fetch(&m->owner, ~MUTEX_HANDOFF, __ATOMIC_SEQ_CST);
}

/* Wait as @w, which is queued, until the mutex is ours. */
static int mutex_wait(struct mutex *m, struct mutex_waiter *w, unsigned int state)
	__must_hold(&m->wait_lock)
{
	bool woken = false;

	for (;;) {
		set_current_state(state);
		if (mutex_try(m, mutex_is_first(m, w)))
			return 0;
		if (signal_pending_state(state, current))
			return -EINTR;
		if (woken && mutex_is_first(m, w))
			__atomic_or_fetch(&m->owner, MUTEX_HANDOFF, __ATOMIC_SEQ_CST);
		spin_unlock(&m->wait_lock);
		sleep_gate("mutex.before_sleep", m);
		schedule();
		woken = true;
		spin_lock(&m->wait_lock);
	}
}

static noinline int mutex_lock_slow(struct mutex *m, unsigned int state)
{
	struct mutex_waiter w = { .task = current };
	int err;

	ASSERT_MSG(mutex_owner(READ_ONCE(m->owner)) != current, "mutex taken twice");
	spin_lock(&m->wait_lock);
	list_add_tail(&w.link, &m->waiters);
	__atomic_or_fetch(&m->owner, MUTEX_WAITERS, __ATOMIC_SEQ_CST);
	err = mutex_wait(m, &w, state);
	__set_current_state(TASK_RUNNING);
	mutex_leave_queue(m, &w);
	/* the wake-up may have been ours: pass it on before we leave without */
	if (err && !mutex_owner(m->owner) && !list_empty(&m->waiters))
		mutex_wake_first(m);
	spin_unlock(&m->wait_lock);
	return err;
}

static int mutex_lock_state(struct mutex *m, unsigned int state, unsigned int how)
{
	int err = 0;

	might_sleep();
	sched_point(SP_LOCK, m);
	lock_check_wait(mutex_class(m), m, how);
	if (cmpxchg(&m->owner, 0, (unsigned long)current) != 0)
		err = mutex_lock_slow(m, state);
	if (!err)
		lock_check_taken(mutex_class(m), m, how);
	return err;
}

void mutex_lock(struct mutex *m) __no_lock_check	/* is the primitive itself */
{
	(void)mutex_lock_state(m, TASK_UNINTERRUPTIBLE, 0);
}

int mutex_lock_interruptible(struct mutex *m) __no_lock_check
{
	return mutex_lock_state(m, TASK_INTERRUPTIBLE, 0);
}

int mutex_lock_killable(struct mutex *m) __no_lock_check
{
	return mutex_lock_state(m, TASK_KILLABLE, 0);
}

bool mutex_trylock(struct mutex *m) __no_lock_check
{
	ASSERT(!in_interrupt());
	if (mutex_owner(READ_ONCE(m->owner)) == current || !mutex_try(m, false))
		return false;
	lock_check_taken(mutex_class(m), m, LOCK_HOW_TRY);
	return true;
}

/* Somebody waits: free the word or give it away, and wake the first waiter. */
static noinline void mutex_unlock_slow(struct mutex *m)
{
	unsigned long word;

	spin_lock(&m->wait_lock);
	word = READ_ONCE(m->owner);
	if (list_empty(&m->waiters)) {
		smp_store_release(&m->owner, 0);
	} else if (word & MUTEX_HANDOFF) {
		struct mutex_waiter *w = list_first_entry(&m->waiters, struct mutex_waiter, link);

		smp_store_release(&m->owner, (unsigned long)w->task | MUTEX_WAITERS);
		mutex_wake_first(m);
	} else {
		smp_store_release(&m->owner, MUTEX_WAITERS);
		mutex_wake_first(m);
	}
	spin_unlock(&m->wait_lock);
}

void mutex_unlock(struct mutex *m) __no_lock_check
{
	unsigned long me = (unsigned long)current;

	if (unlikely(mutex_owner(READ_ONCE(m->owner)) != current)) {
#ifdef CONFIG_CHECKS
		check_report(CHECK_LOCK, "mutex %s is released by a task that does not hold it",
			     m->class ? m->class->name : "?");
#endif
		return;
	}
	sched_point(SP_UNLOCK, m);
	lock_check_release(mutex_class(m), m);
	if (cmpxchg(&m->owner, me, 0) != me)
		mutex_unlock_slow(m);
}

void mutex_lock_two(struct mutex *a, struct mutex *b) __no_lock_check
{
	struct mutex *first = a < b ? a : b, *second = a < b ? b : a;

	mutex_lock(first);
	if (first != second)
		(void)mutex_lock_state(second, TASK_UNINTERRUPTIBLE, LOCK_HOW_TWO);
}

void mutex_unlock_two(struct mutex *a, struct mutex *b) __no_lock_check
{
	if (a != b)
		mutex_unlock(b);
	mutex_unlock(a);
}

bool mutex_is_locked(const struct mutex *m)
{
	return mutex_owner(READ_ONCE(m->owner));
}

void mutex_assert_held(const struct mutex *m) __no_lock_check
{
	ASSERT_MSG(mutex_owner(READ_ONCE(m->owner)) == current, "mutex is not held");
}
