/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sync/completion.c - wait until somebody says "done"
 *
 * Concept    A count of permissions and a queue, both under the queue's lock. A
 *            waiter consumes its permission under that lock, that is, after
 *            complete() has released it: nothing touches the completion later,
 *            and it may go out of scope.
 *
 *                complete()                      wait_for_completion()
 *                lock; done++; wake one          asleep
 *                unlock                          lock (after that); done--
 *                                                unlock; return: c may vanish
 * Owns       struct completion.
 * Locks      wait.lock (LOCK_WAIT), irqsave.
 * Invariants done is COMPLETE_ALL for ever after complete_all()
 * Callers    everybody.
 * Next       kernel/sched/runqueue.c
 */
#include "kernel/sync/completion.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/sched.h"

#define COMPLETE_ALL (~0U)

void init_completion_class(struct completion *c, struct lock_class *class)
{
	c->done = 0;
	init_waitqueue_class(&c->wait, class);
}

void reinit_completion(struct completion *c)
{
	ASSERT(list_empty(&c->wait.entries));
	c->done = 0;
}

/* Wake up to @nr waiters (0: all); the queue's lock is held. */
static void completion_wake_locked(struct completion *c, int nr)
{
	struct wait_queue_entry *entry, *next;

	assert_held(&c->wait.lock);
	list_for_each_entry_safe(entry, next, &c->wait.entries, link)
		if (entry->func(entry, TASK_NORMAL) && --nr == 0)
			break;
}

void complete(struct completion *c)
{
	unsigned long flags;

	spin_lock_irqsave(&c->wait.lock, flags);
	if (c->done != COMPLETE_ALL)
		c->done++;
	completion_wake_locked(c, 1);
	spin_unlock_irqrestore(&c->wait.lock, flags);
}

void complete_all(struct completion *c)
{
	unsigned long flags;

	spin_lock_irqsave(&c->wait.lock, flags);
	c->done = COMPLETE_ALL;
	completion_wake_locked(c, 0);
	spin_unlock_irqrestore(&c->wait.lock, flags);
}

static void completion_consume_locked(struct completion *c)
{
	assert_held(&c->wait.lock);
	ASSERT(c->done);
	if (c->done != COMPLETE_ALL)
		c->done--;
}

/*
 * Wait for a permission in @state, for at most @timeout ticks.
 * Return: 0 and the ticks left in *@left, -ERESTARTSYS, -ETIMEDOUT.
 */
static int completion_wait(struct completion *c, unsigned int state, u64 timeout, u64 *left)
{
	struct wait_queue_entry entry;
	int err = 0;

	might_sleep();
	init_wait_entry(&entry, true);
	*left = timeout;
	spin_lock_irq(&c->wait.lock);
	while (!c->done) {
		if (signal_pending_state(state, current))
			err = -ERESTARTSYS;
		else if (!*left)
			err = -ETIMEDOUT;
		if (err)
			break;
		if (list_empty(&entry.link))
			list_add_tail(&entry.link, &c->wait.entries);
		set_current_state(state);
		spin_unlock_irq(&c->wait.lock);
		*left = schedule_timeout(*left);
		spin_lock_irq(&c->wait.lock);
	}
	__set_current_state(TASK_RUNNING);
	list_del_init(&entry.link);
	if (!err)
		completion_consume_locked(c);
	spin_unlock_irq(&c->wait.lock);
	return err;
}

void wait_for_completion(struct completion *c)
{
	u64 left;

	(void)completion_wait(c, TASK_UNINTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT, &left);
}

u64 wait_for_completion_timeout(struct completion *c, u64 timeout)
{
	u64 left;

	if (completion_wait(c, TASK_UNINTERRUPTIBLE, timeout, &left))
		return 0;
	return max(left, 1UL);
}

int wait_for_completion_interruptible(struct completion *c)
{
	u64 left;

	return completion_wait(c, TASK_INTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT, &left);
}

int wait_for_completion_killable(struct completion *c)
{
	u64 left;

	return completion_wait(c, TASK_KILLABLE, MAX_SCHEDULE_TIMEOUT, &left);
}

bool try_wait_for_completion(struct completion *c)
{
	unsigned long flags;
	bool done;

	spin_lock_irqsave(&c->wait.lock, flags);
	done = c->done;
	if (done)
		completion_consume_locked(c);
	spin_unlock_irqrestore(&c->wait.lock, flags);
	return done;
}

bool completion_done(struct completion *c)
{
	unsigned long flags;
	bool done;

	spin_lock_irqsave(&c->wait.lock, flags);
	done = c->done;
	spin_unlock_irqrestore(&c->wait.lock, flags);
	return done;
}
