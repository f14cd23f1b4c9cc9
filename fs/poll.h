/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/poll.h - the caller's side of ->poll: entered in many wait queues at once
 *
 *	poll_table_begin(&table);
 *	for (;;) {
 *		ask the files, with &table in the first round, NULL afterwards
 *		if (anything, or time is up, or a signal)
 *			break;
 *		left = poll_table_sleep(&table, left);
 *	}
 *	poll_table_end(&table);
 */
#ifndef FS_POLL_H
#define FS_POLL_H

#include "include/types.h"
#include "kernel/sync/wait.h"

struct file;

#define POLL_INLINE 4

struct poll_entry {
	struct wait_queue_entry wait;
	struct wait_queue_head *wq;
	struct file *file;		/* with a reference: it owns the queue */
	struct poll_entry *next;
};

struct poll_table {
	struct task *task;
	bool triggered;			/* A: a queue has rung since the last look */
	int error;			/* -ENOMEM: not every queue was entered */
	unsigned int nr_inline;
	struct poll_entry inline_entries[POLL_INLINE];
	struct poll_entry *more;
};

/* All by the polling thread, which may sleep. */
void poll_table_begin(struct poll_table *table);
/* Sleep until a queue rings, @ticks pass or a signal comes. Return: ticks left. */
u64 poll_table_sleep(struct poll_table *table, u64 ticks);
void poll_table_end(struct poll_table *table);

#endif
