/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sync/mutex.h - mutual exclusion that sleeps
 */
#ifndef KERNEL_SYNC_MUTEX_H
#define KERNEL_SYNC_MUTEX_H

#include "include/types.h"
#include "kernel/lib/list.h"
#include "kernel/sync/spinlock.h"

struct __lock_type("mutex") mutex {
	unsigned long owner;		/* A: the task, and flag bits: see mutex.c */
	struct spinlock wait_lock;	/* LOCK_WAIT */
	struct list_head waiters;	/* wait_lock: in order of arrival */
#ifdef CONFIG_CHECKS
	struct lock_class *class;
#endif
};

#ifdef CONFIG_CHECKS
#define MUTEX_CLASS_FIELD(name, rank) \
	.class = &(struct lock_class)LOCK_CLASS_INIT(name, rank),
#else
#define MUTEX_CLASS_FIELD(name, rank)
#endif
#define DEFINE_MUTEX(name, rank)						\
	struct mutex name = {							\
		MUTEX_CLASS_FIELD(#name, rank)					\
		.wait_lock = SPINLOCK_INIT(#name " waiters", LOCK_WAIT),	\
		.waiters = LIST_HEAD_INIT(name.waiters),			\
	}

/* Make @m an unlocked mutex of @rank; @name is a literal. */
#define mutex_init(m, rank, name) mutex_init_class(m, LOCK_CLASS_HERE(name, rank))
void mutex_init_class(struct mutex *m, struct lock_class *class);

/* Take @m, sleeping until it is free. Context: a task that may sleep. */
void mutex_lock(struct mutex *m) __acquires(m);
/* Return: 0 with @m held, -EINTR without, because a (fatal) signal came. */
int __must_check mutex_lock_interruptible(struct mutex *m) __try_acquires(0, m);
int __must_check mutex_lock_killable(struct mutex *m) __try_acquires(0, m);
/* Take @m if it is free. Return: true if taken. Context: task. */
bool __must_check mutex_trylock(struct mutex *m) __try_acquires(true, m);
/* Release @m, which the current task took. Context: task; does not sleep. */
void mutex_unlock(struct mutex *m) __releases(m);

/* Two of one rank, the lower address first; @a == @b takes one. */
void mutex_lock_two(struct mutex *a, struct mutex *b);
void mutex_unlock_two(struct mutex *a, struct mutex *b);

/* Somebody holds it. */
bool mutex_is_locked(const struct mutex *m);

#endif
