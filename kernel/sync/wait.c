/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sync/wait.c - queues of tasks that wait for a condition
 *
 * Concept    See wait.h for the protocol. An entry lies on the sleeper's stack.
 *            The waker takes it off the queue as it wakes the task, so that many
 *            wake-ups in a row find many different sleepers.
 *
 *                sleeper                         waker (queue's lock held)
 *                                                task runnable
 *                finish_wait: still linked?      unlink the entry: next, then prev
 *                  yes: lock, unlink             (touches it no more)
 *                  no, both links: gone
 * Owns       struct wait_queue_head, struct wait_queue_entry.
 * Locks      head.lock (LOCK_WAIT), irqsave: interrupt handlers wake.
 * Invariants exclusive entries stand behind the others
 * Callers    everybody.
 * Next       completion.c
 */
#include "kernel/sync/wait.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/sched.h"

void init_waitqueue_class(struct wait_queue_head *wq, struct lock_class *class)
{
	spin_lock_init_class(&wq->lock, class);
	INIT_LIST_HEAD(&wq->entries);
}

bool autoremove_wake_function(struct wait_queue_entry *entry, unsigned int state)
{
	if (!try_to_wake_up(entry->task, state))
		return false;
	list_del_init(&entry->link);
	return true;
}

static void wait_queue_add_locked(struct wait_queue_head *wq, struct wait_queue_entry *entry)
{
	assert_held(&wq->lock);
	if (entry->exclusive)
		list_add_tail(&entry->link, &wq->entries);
	else
		list_add(&entry->link, &wq->entries);
}

int prepare_to_wait(struct wait_queue_head *wq, struct wait_queue_entry *entry,
		    unsigned int state)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	if (list_empty(&entry->link))
		wait_queue_add_locked(wq, entry);
	set_current_state(state);
	spin_unlock_irqrestore(&wq->lock, flags);
	return signal_pending_state(state, current) ? -ERESTARTSYS : 0;
}

/* Off the queue, and the waker's last store to it has been made? */
static bool wait_entry_gone(const struct wait_queue_entry *entry)
{
	return READ_ONCE(entry->link.next) == &entry->link &&
	       READ_ONCE(entry->link.prev) == &entry->link;
}

void finish_wait(struct wait_queue_head *wq, struct wait_queue_entry *entry)
{
	__set_current_state(TASK_RUNNING);
	if (!wait_entry_gone(entry))
		remove_wait_queue(wq, entry);
}

void add_wait_queue(struct wait_queue_head *wq, struct wait_queue_entry *entry)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	wait_queue_add_locked(wq, entry);
	spin_unlock_irqrestore(&wq->lock, flags);
}

void remove_wait_queue(struct wait_queue_head *wq, struct wait_queue_entry *entry)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	list_del_init(&entry->link);
	spin_unlock_irqrestore(&wq->lock, flags);
}

void wake_up_state(struct wait_queue_head *wq, unsigned int state, int nr)
{
	struct wait_queue_entry *entry, *next;
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	list_for_each_entry_safe(entry, next, &wq->entries, link) {
		bool exclusive = entry->exclusive;	/* a woken entry may vanish */

		if (entry->func(entry, state) && exclusive && --nr == 0)
			break;
	}
	spin_unlock_irqrestore(&wq->lock, flags);
}
