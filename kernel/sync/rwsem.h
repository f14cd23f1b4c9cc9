/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sync/rwsem.h - many readers or one writer; waiters sleep
 *
 * A waiting writer stops new readers, so writers do not starve; a task must
 * therefore never take the same semaphore for reading twice.
 */
#ifndef KERNEL_SYNC_RWSEM_H
#define KERNEL_SYNC_RWSEM_H

#include "include/types.h"
#include "kernel/lib/list.h"
#include "kernel/sync/spinlock.h"

struct __lock_type("rwsem") rw_semaphore {
	long count;			/* A: readers and flags: see rwsem.c */
	const struct task *owner;	/* the writer, or NULL */
	struct spinlock wait_lock;	/* LOCK_WAIT */
	struct list_head waiters;	/* wait_lock: in order of arrival */
#ifdef CONFIG_CHECKS
	struct lock_class *class;
#endif
};

/* Make @s an unlocked semaphore of @rank; @name is a literal. */
#define init_rwsem(s, rank, name) init_rwsem_class(s, LOCK_CLASS_HERE(name, rank))
void init_rwsem_class(struct rw_semaphore *s, struct lock_class *class);

/* Take for reading or writing, sleeping. Context: a task that may sleep. */
void down_read(struct rw_semaphore *s) __acquires_shared(s);
void down_write(struct rw_semaphore *s) __acquires(s);
/* Return: 0 with @s held, -EINTR without, because a fatal signal came. */
int __must_check down_read_killable(struct rw_semaphore *s) __try_acquires_shared(0, s);
int __must_check down_write_killable(struct rw_semaphore *s) __try_acquires(0, s);
/* Return: true if taken. Context: task; does not sleep. */
bool __must_check down_read_trylock(struct rw_semaphore *s) __try_acquires_shared(true, s);
bool __must_check down_write_trylock(struct rw_semaphore *s) __try_acquires(true, s);
/* Context: the task that took it; does not sleep. */
void up_read(struct rw_semaphore *s) __releases_shared(s);
void up_write(struct rw_semaphore *s) __releases(s);
/* Turn the writer into a reader without letting another writer in. */
void downgrade_write(struct rw_semaphore *s);

/*
 * Take one of any number of semaphores of one rank for writing; safe only
 * because @outer, which the caller holds, admits one task (mm_take_all_locks).
 */
void down_write_nest_lock(struct rw_semaphore *s, const void *outer) __acquires(s);
/* Two of one rank for writing, the lower address first; @a == @b takes one. */
void down_write_two(struct rw_semaphore *a, struct rw_semaphore *b);
void up_write_two(struct rw_semaphore *a, struct rw_semaphore *b);

/* Somebody holds it, reader or writer. */
bool rwsem_is_locked(const struct rw_semaphore *s);
/* Somebody waits for it: a long holder may want to let go. */
bool rwsem_is_contended(const struct rw_semaphore *s);

#endif
