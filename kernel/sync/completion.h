/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sync/completion.h - wait until somebody says "done"
 *
 * Unlike a wait queue with a flag, a completion may live on the waiter's stack:
 * complete() has finished with it before wait_for_completion() can return.
 */
#ifndef KERNEL_SYNC_COMPLETION_H
#define KERNEL_SYNC_COMPLETION_H

#include "include/types.h"
#include "kernel/sync/wait.h"

struct completion {
	unsigned int done;		/* wait.lock: complete() calls not yet consumed */
	struct wait_queue_head wait;
};

#define init_completion(c) \
	init_completion_class(c, LOCK_CLASS_HERE("completion", LOCK_WAIT))
void init_completion_class(struct completion *c, struct lock_class *class);
/* Use it again after all waiters have returned. */
void reinit_completion(struct completion *c);

/* Let one waiter (all waiters, for ever) go on. Context: any. */
void complete(struct completion *c);
void complete_all(struct completion *c);

/* Sleep until complete(). Context: a task that may sleep. */
void wait_for_completion(struct completion *c);
/* Return: 0 if @ticks passed first, else the ticks left (at least 1). */
u64 __must_check wait_for_completion_timeout(struct completion *c, u64 ticks);
/* Return: 0, or -ERESTARTSYS when a (fatal) signal came first. */
int __must_check wait_for_completion_interruptible(struct completion *c);
int __must_check wait_for_completion_killable(struct completion *c);
/* Consume one complete() if there is one. Return: whether. Context: any. */
bool __must_check try_wait_for_completion(struct completion *c);
/* Tell whether wait_for_completion() would return at once. */
bool completion_done(struct completion *c);

#endif
