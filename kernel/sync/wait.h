/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sync/wait.h - sleep until a condition holds
 *
 * The condition is the caller's; the queue only says who wants to hear of it.
 * A sleeper announces itself before it looks, a waker changes the condition
 * before it looks for sleepers, so one of them sees the other:
 *
 *	sleeper					waker
 *	prepare_to_wait: queue, state = ASLEEP
 *	full barrier				condition = true
 *	condition? leave			full barrier (in wake_up)
 *	schedule()				wake_up: every queued task runs again
 */
#ifndef KERNEL_SYNC_WAIT_H
#define KERNEL_SYNC_WAIT_H

#include "include/types.h"
#include "kernel/lib/list.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/spinlock.h"

struct wait_queue_entry;

/* Called by wake_up() with the queue's lock held. Return: true if it woke one. */
typedef bool wait_queue_func_t(struct wait_queue_entry *entry, unsigned int state);

struct wait_queue_head {
	struct spinlock lock;		/* LOCK_WAIT */
	struct list_head entries;	/* lock */
};

struct wait_queue_entry {
	struct task *task;
	wait_queue_func_t *func;
	bool exclusive;			/* wake_up() stops after one of these */
	struct list_head link;		/* head's lock */
	void *private;			/* for the owner of @func */
};

#define init_waitqueue_head(wq) \
	init_waitqueue_class(wq, LOCK_CLASS_HERE("wait queue", LOCK_WAIT))
void init_waitqueue_class(struct wait_queue_head *wq, struct lock_class *class);

#define DEFINE_WAIT_QUEUE(name)						\
	struct wait_queue_head name = {					\
		.lock = SPINLOCK_INIT(#name, LOCK_WAIT),		\
		.entries = LIST_HEAD_INIT(name.entries),		\
	}

/* Wakes entry->task and takes the entry off the queue. */
bool autoremove_wake_function(struct wait_queue_entry *entry, unsigned int state);

static inline void init_wait_entry(struct wait_queue_entry *entry, bool exclusive)
{
	entry->task = current;
	entry->func = autoremove_wake_function;
	entry->exclusive = exclusive;
	entry->private = NULL;
	INIT_LIST_HEAD(&entry->link);
}

/*
 * One turn of a waiting loop: queue @entry (unless it is) and set the task's
 * state. Return: 0, or -ERESTARTSYS because @state allows signals and one is
 * pending; the caller leaves the loop then. Context: a task that may sleep.
 */
int prepare_to_wait(struct wait_queue_head *wq, struct wait_queue_entry *entry,
		    unsigned int state);
/* The end of the loop: running again, off the queue. */
void finish_wait(struct wait_queue_head *wq, struct wait_queue_entry *entry);
/* Queue or dequeue an entry with its own func (poll). Context: any. */
void add_wait_queue(struct wait_queue_head *wq, struct wait_queue_entry *entry);
void remove_wait_queue(struct wait_queue_head *wq, struct wait_queue_entry *entry);

/*
 * Wake tasks whose state is in @state: all that are not exclusive, and @nr that
 * are (0: all). Context: any, interrupt handlers too.
 */
void wake_up_state(struct wait_queue_head *wq, unsigned int state, int nr);
#define wake_up(wq) wake_up_state(wq, TASK_NORMAL, 1)
#define wake_up_all(wq) wake_up_state(wq, TASK_NORMAL, 0)
#define wake_up_interruptible(wq) wake_up_state(wq, TASK_INTERRUPTIBLE, 1)

/* Somebody waits. A full barrier precedes the look, as in wake_up(). */
static inline bool waitqueue_active(struct wait_queue_head *wq)
{
	smp_mb();
	return !list_empty(&wq->entries);
}

/* The loop behind the macros below; @cond is looked at again at every turn. */
#define wait_event_loop(wq, cond, state, excl, sleep)			\
({									\
	struct wait_queue_entry _entry;					\
	int _err = 0;							\
									\
	might_sleep();							\
	init_wait_entry(&_entry, excl);					\
	for (;;) {							\
		_err = prepare_to_wait(wq, &_entry, state);		\
		if (cond) {						\
			_err = 0;					\
			break;						\
		}							\
		if (_err)						\
			break;						\
		sleep;							\
	}								\
	finish_wait(wq, &_entry);					\
	_err;								\
})

/* Sleep until @cond is true. */
#define wait_event(wq, cond)						\
do {									\
	if (!(cond))							\
		(void)wait_event_loop(wq, cond, TASK_UNINTERRUPTIBLE, false, schedule()); \
} while (0)

/* Return: 0 when @cond is true, -ERESTARTSYS when a signal came first. */
#define wait_event_interruptible(wq, cond)				\
	((cond) ? 0 : wait_event_loop(wq, cond, TASK_INTERRUPTIBLE, false, schedule()))
/* The same, but only for fatal signals. */
#define wait_event_killable(wq, cond)					\
	((cond) ? 0 : wait_event_loop(wq, cond, TASK_KILLABLE, false, schedule()))
/* wake_up() wakes one of these sleepers at a time. */
#define wait_event_interruptible_exclusive(wq, cond)			\
	((cond) ? 0 : wait_event_loop(wq, cond, TASK_INTERRUPTIBLE, true, schedule()))

/*
 * Sleep for at most @ticks timer ticks. Return: 0 if @cond was still false at
 * the end, else the ticks that were left (at least 1).
 */
#define wait_event_timeout_state(wq, cond, ticks_, state)		\
({									\
	u64 _left = (ticks_);						\
									\
	if (!(cond))							\
		(void)wait_event_loop(wq, (cond) || !_left, state, false, \
				      _left = schedule_timeout(_left));	\
	if (!_left && (cond))						\
		_left = 1;						\
	_left;								\
})
#define wait_event_timeout(wq, cond, ticks_) \
	wait_event_timeout_state(wq, cond, ticks_, TASK_UNINTERRUPTIBLE)

/*
 * Return: ticks left (at least 1) if @cond is true, 0 if time is up,
 * -ERESTARTSYS when a signal came first.
 */
#define wait_event_interruptible_timeout(wq, cond, ticks_)		\
({									\
	u64 _left = (ticks_);						\
	int _sig = 0;							\
									\
	if (!(cond))							\
		_sig = wait_event_loop(wq, (cond) || !_left, TASK_INTERRUPTIBLE, false, \
				       _left = schedule_timeout(_left)); \
	if (!_sig && !_left && (cond))					\
		_left = 1;						\
	_sig ? (s64)_sig : (s64)_left;					\
})

#endif
