/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/poll.c - waiting for several files at once
 *
 * Concept    Each file's ->poll says what is possible now and names the wait
 *            queues that are woken when that changes. In the first round the
 *            caller is entered in each of them; afterwards it sleeps until any
 *            one rings, and asks all files again.
 *
 *		poller				a file's waker
 *		enter the queues		change the state
 *		ask every file			wake_up: poll_wake()
 *		state = INTERRUPTIBLE		  triggered = true
 *		triggered? ask again		  full barrier, wake the poller
 *		schedule()
 *
 * Owns       struct poll_table and its entries, for the length of one call.
 * Locks      The queues' own (LOCK_WAIT); triggered is one atomic word.
 * Invariants A table that goes out of scope is in no queue: poll_table_end().
 * Callers    kernel/syscall/sys_poll.c
 * Next       fs/seq_file.c
 */
#include "fs/poll.h"
#include "fs/file.h"
#include "include/uapi/poll.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/sched.h"
#include "mm/slab.h"

static bool poll_wake(struct wait_queue_entry *entry, unsigned int state)
{
	struct poll_table *table = entry->private;

	smp_store_release(&table->triggered, true);
	return try_to_wake_up(table->task, state);
}

void poll_table_begin(struct poll_table *table)
{
	table->task = current;
	table->triggered = false;
	table->error = 0;
	table->nr_inline = 0;
	table->more = NULL;
}

static struct poll_entry *poll_entry_new(struct poll_table *table)
{
	struct poll_entry *e;

	if (table->nr_inline < POLL_INLINE)
		return &table->inline_entries[table->nr_inline++];
	e = kzalloc(sizeof(*e), GFP_KERNEL);
	if (e) {
		e->next = table->more;
		table->more = e;
	}
	return e;
}

void poll_wait(struct file *file, struct wait_queue_head *wq, struct poll_table *table)
{
	struct poll_entry *e;

	if (!table || table->error)
		return;
	e = poll_entry_new(table);
	if (!e) {
		table->error = -ENOMEM;
		return;
	}
	file_get(file);
	e->file = file;
	e->wq = wq;
	init_wait_entry(&e->wait, false);
	e->wait.func = poll_wake;
	e->wait.private = table;
	add_wait_queue(wq, &e->wait);
}

static void poll_entry_end(struct poll_entry *e)
{
	remove_wait_queue(e->wq, &e->wait);
	file_put(e->file);
}

void poll_table_end(struct poll_table *table)
{
	struct poll_entry *e;

	for (unsigned int i = 0; i < table->nr_inline; i++)
		poll_entry_end(&table->inline_entries[i]);
	while ((e = table->more)) {
		table->more = e->next;
		poll_entry_end(e);
		kfree(e);
	}
	table->nr_inline = 0;
}

u64 poll_table_sleep(struct poll_table *table, u64 ticks)
{
	set_current_state(TASK_INTERRUPTIBLE);
	if (!smp_load_acquire(&table->triggered) && !signal_pending(current))
		ticks = schedule_timeout(ticks);
	__set_current_state(TASK_RUNNING);
	/* Forget before the files are asked again: what rings now is news. */
	WRITE_ONCE(table->triggered, false);
	smp_mb();
	return ticks;
}

u32 file_poll(struct file *file, struct poll_table *table)
{
	if (file->ops && file->ops->poll)
		return file->ops->poll(file, table);
	return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
}
