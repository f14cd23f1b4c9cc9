/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sync/lock_check.h - the run-time checker of lock order and context
 *
 * Every place that initialises a lock makes one struct lock_class: its rank
 * (mm/lockorder.h), its name, and what has been seen of its locks so far. Each
 * acquire compares ranks with the locks that the task holds; each class
 * remembers the contexts it was used in, so that two uses that could deadlock
 * are reported even if they never meet. See lock_check.c for the rules.
 * All of it vanishes with CHECKS=n.
 *
 * Locks of other folders (PG_locked) call the same three functions:
 * lock_check_wait() before waiting, lock_check_taken(), lock_check_release().
 */
#ifndef KERNEL_SYNC_LOCK_CHECK_H
#define KERNEL_SYNC_LOCK_CHECK_H

#include "include/types.h"
#include "mm/lockorder.h"

struct task;

enum lock_how {
	LOCK_HOW_SHARED = BIT(0),	/* a reader */
	LOCK_HOW_TRY = BIT(1),		/* did not wait: any order is good */
	LOCK_HOW_SPIN = BIT(2),		/* a spinning lock */
	LOCK_HOW_TWO = BIT(3),		/* second of a pair, by address */
	LOCK_HOW_NEST = BIT(4),		/* one of many, by permission of an outer lock */
};

/* What was seen of a class's locks; two facts of one rule make a report. */
enum lock_usage {
	LOCK_USED_IN_IRQ = BIT(0),	/* taken by an interrupt handler, or inside such a lock */
	LOCK_USED_IRQS_ON = BIT(1),	/* held with interrupts on */
	LOCK_USED_IRQS_OFF = BIT(2),	/* waited for with interrupts off */
	LOCK_USED_IPI_WAIT = BIT(3),	/* held while waiting for another CPU's answer */
	LOCK_USED_REPORTED = BIT(4),	/* said once */
};

struct lock_class {
	const char *name;
	enum lock_rank rank;
	u32 usage;			/* A: enum lock_usage */
};

#ifdef CONFIG_CHECKS
#define LOCK_CLASS_INIT(name_, rank_) { .name = (name_), .rank = (rank_) }

/* Check that the task may wait for @lock here. Context: any. */
void lock_check_wait(struct lock_class *class, const void *lock, unsigned int how);
/* Note that the task holds @lock now. Context: any. */
void lock_check_taken(struct lock_class *class, const void *lock, unsigned int how);
/* Note that the task gives @lock up, or hands it to another context. */
void lock_check_release(struct lock_class *class, const void *lock);
/* How many spinlocks the current task holds by its own record, interrupts' not counted. */
unsigned int lock_check_spins(void);
/* Tell whether the current task holds @lock by its own record. */
bool lock_check_held(const void *lock);
/* The same for a lock held at least as @shared allows (nested ones count). */
bool lock_check_class_held(const struct lock_class *class);
/* The same for any lock of @rank. */
bool lock_check_rank_held(enum lock_rank rank);

/*
 * Check the order as if a lock of @rank were waited for here, without taking
 * any: LOCK_RECLAIM before an allocation that may reclaim.
 */
void lock_check_may_take(enum lock_rank rank, const char *what);
/* The task is going to wait for other CPUs to answer an IPI. */
void lock_check_ipi_wait(void);
/* At the end of a system call, a test, a thread: report locks still held. */
void lock_check_none_held(const char *where);
/* Interrupts are on from here on: what was seen earlier said nothing. */
void lock_check_start(void);
/* Print the locks of @task, one a line. Context: any; races are harmless. */
void lock_check_dump(const struct task *task);
/* The current task's record moves its newest entry to @next (run-queue lock). */
void lock_check_hand_over(const void *lock, struct task *next);
#else
static inline void lock_check_may_take(enum lock_rank rank, const char *what)
{ (void)rank; (void)what; }
static inline void lock_check_wait(struct lock_class *class, const void *lock, unsigned int how)
{ (void)class; (void)lock; (void)how; }
static inline void lock_check_taken(struct lock_class *class, const void *lock, unsigned int how)
{ (void)class; (void)lock; (void)how; }
static inline void lock_check_release(struct lock_class *class, const void *lock)
{ (void)class; (void)lock; }
static inline void lock_check_ipi_wait(void) { }
static inline void lock_check_none_held(const char *where) { (void)where; }
static inline void lock_check_start(void) { }
static inline void lock_check_dump(const struct task *task) { (void)task; }
static inline void lock_check_hand_over(const void *lock, struct task *next)
{ (void)lock; (void)next; }
#endif

/*
 * One class for each place that initialises a lock: a static object behind an
 * expression. Several locks initialised by one line share the class.
 */
#ifdef CONFIG_CHECKS
#define LOCK_CLASS_HERE(name_, rank_) \
	({ static struct lock_class _class = LOCK_CLASS_INIT(name_, rank_); &_class; })
#else
#define LOCK_CLASS_HERE(name_, rank_) \
	((void)sizeof(name_), (void)sizeof(rank_), (struct lock_class *)NULL)
#endif

#endif
