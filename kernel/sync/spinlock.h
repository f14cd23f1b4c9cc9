/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sync/spinlock.h - short mutual exclusion that never sleeps
 *
 * Holding one disables preemption. Which locks may be held together, and in
 * which order, says mm/lockorder.h. A lock that an interrupt handler takes is
 * always taken with interrupts off: spin_lock_irqsave().
 */
#ifndef KERNEL_SYNC_SPINLOCK_H
#define KERNEL_SYNC_SPINLOCK_H

#include "include/types.h"
#include "arch/x86/cpu/irqflags.h"
#include "kernel/sync/annotations.h"
#include "kernel/sync/lock_check.h"
#include "kernel/sync/preempt.h"

struct __lock_type("spinlock") spinlock {
	u32 locked;			/* A: 1 while somebody holds it */
#ifdef CONFIG_CHECKS
	const void *owner;		/* the holder's thread_info, for assert_held() */
	struct lock_class *class;
#endif
};

#ifdef CONFIG_CHECKS
static_assert(sizeof(struct spinlock) == 24, "fits into struct page beside pt_va");
#define SPINLOCK_INIT(name, rank) \
	{ .class = &(struct lock_class)LOCK_CLASS_INIT(name, rank) }
#else
#define SPINLOCK_INIT(name, rank) { .locked = 0 }
#endif
#define DEFINE_SPINLOCK(name, rank) struct spinlock name = SPINLOCK_INIT(#name, rank)
#define DEFINE_STATIC_SPINLOCK(name, rank) static DEFINE_SPINLOCK(name, rank)

/* Make @l an unlocked lock of @rank (enum lock_rank); @name is a literal. */
#define spin_lock_init(l, rank, name) spin_lock_init_class(l, LOCK_CLASS_HERE(name, rank))

static inline void spin_lock_init_class(struct spinlock *l, struct lock_class *class)
{
	l->locked = 0;
#ifdef CONFIG_CHECKS
	l->owner = NULL;
	l->class = class;
#else
	(void)class;
#endif
}

#ifdef CONFIG_CHECKS
/*
 * Take @l, spinning until it is free. Context: any; preemption stays off until
 * spin_unlock(). Holds no lock of the same or an inner rank.
 */
void spin_lock(struct spinlock *l) __acquires(l);
void spin_unlock(struct spinlock *l) __releases(l);
/* Take @l if it is free. Return: true if taken. Context: any order of ranks. */
bool __must_check spin_trylock(struct spinlock *l) __try_acquires(true, l);

/* The same with interrupts off in between; the state before is in @flags. */
unsigned long spin_lock_save(struct spinlock *l) __acquires(l);
void spin_unlock_irqrestore(struct spinlock *l, unsigned long flags) __releases(l);
#else
#include "kernel/sync/spinlock_inline.h"
#endif
#define spin_lock_irqsave(l, flags) ((flags) = spin_lock_save(l))
/* For callers that know that interrupts are on. */
void spin_lock_irq(struct spinlock *l) __acquires(l);
void spin_unlock_irq(struct spinlock *l) __releases(l);

/*
 * Take two locks of one rank, the lower address first; @a == @b takes one.
 * Clang can not follow the order by address.
 */
void spin_lock_two(struct spinlock *a, struct spinlock *b);
void spin_unlock_two(struct spinlock *a, struct spinlock *b);

/*
 * Take one of any number of locks of one rank. Safe from deadlock only because
 * @outer, which the caller holds, lets one task at a time do so.
 */
void spin_lock_nest_lock(struct spinlock *l, const void *outer) __acquires(l);

/* Somebody holds it (nobody can say for how long). */
static inline bool spin_is_locked(const struct spinlock *l)
{
	return READ_ONCE(l->locked);
}

/* Panic unless the caller holds @l. Checked only with CHECKS=y. */
void spin_assert_held(const struct spinlock *l) __asserts_held(l);
/* The run queue's lock is taken by one task and released by the next. */
void spin_lock_hand_over(struct spinlock *l, struct task *next);

struct mutex;
struct rw_semaphore;
void mutex_assert_held(const struct mutex *m) __asserts_held(m);
void rwsem_assert_held(const struct rw_semaphore *s);
void rwsem_assert_held_write(const struct rw_semaphore *s);

/*
 * Panic unless the current task holds the lock (a rwsem: for reading or
 * writing; assert_held_write() for writing). First line of *_locked functions.
 * Without CHECKS nothing is asked, and @l is not even computed.
 */
#ifdef CONFIG_CHECKS
#define assert_held(l)							\
	_Generic((l),							\
		 struct spinlock *: spin_assert_held,			\
		 const struct spinlock *: spin_assert_held,		\
		 struct mutex *: mutex_assert_held,			\
		 const struct mutex *: mutex_assert_held,		\
		 struct rw_semaphore *: rwsem_assert_held,		\
		 const struct rw_semaphore *: rwsem_assert_held)(l)
#define assert_held_write(l) rwsem_assert_held_write(l)
#else
#define assert_held(l) ((void)sizeof(l))
#define assert_held_write(l) ((void)sizeof(l))
#endif

#endif
