/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sync/sched_point.h - places where an interleaving can be steered
 *
 * Locks, atomics on shared state, PTE writes, flushes, wake-ups and frees pass
 * through sched_point(). In a CHECKS build a test may hook it: gates stop one task
 * there, the explorer chooses who goes on. In a benchmark build nothing is left.
 */
#ifndef KERNEL_SYNC_SCHED_POINT_H
#define KERNEL_SYNC_SCHED_POINT_H

#include "include/types.h"

enum sched_point_kind {
	SP_LOCK,		/* about to take a lock that sleeps */
	SP_UNLOCK,		/* about to release it */
	SP_SPIN_LOCK,		/* about to take a spinlock */
	SP_SPIN_UNLOCK,		/* has released it */
	SP_ATOMIC,		/* about to change a shared word */
	SP_PTE,			/* about to write a page-table entry */
	SP_FLUSH,		/* about to flush a TLB */
	SP_WAKE,		/* about to wake a task */
	SP_FREE,		/* about to free a page or object */
	SP_IPI,			/* about to send or answer an IPI */
	SP_RCU,			/* about to enter or leave a reader, or wait for readers */
	SP_CALLBACK,		/* about to call a second MMU's driver */
	NR_SCHED_POINT_KINDS
};

struct spinlock;

/*
 * Who runs explored threads (kernel/test/explore.c), called wherever a task would
 * wait. Each answers false if the caller is not an explored thread.
 */
struct sched_explorer {
	/* Sleep until the task's state is TASK_RUNNING; @yield: let others go first. */
	bool (*sleep)(bool yield);
	/* @l is taken: come back when it may be free. */
	bool (*spin)(struct spinlock *l);
	/* Wait until the other explored threads have left their RCU readers. */
	bool (*synchronize_rcu)(void);
	/* Does an explored thread stand inside an RCU reader on this CPU? */
	bool (*in_reader)(void);
};

#ifdef CONFIG_CHECKS
/* NULL, or called at every point, possibly atomic. Set before others run. */
extern void (*sched_point_hook)(enum sched_point_kind kind, const void *object);

static inline void sched_point(enum sched_point_kind kind, const void *object)
{
	void (*hook)(enum sched_point_kind, const void *) = READ_ONCE(sched_point_hook);

	if (unlikely(hook))
		hook(kind, object);
}

/* NULL unless threads are being explored. */
extern const struct sched_explorer *sched_explorer;

static inline bool explored_sleep(bool yield)
{
	const struct sched_explorer *e = READ_ONCE(sched_explorer);

	return unlikely(e) && e->sleep(yield);
}

static inline bool explored_spin(struct spinlock *l)
{
	const struct sched_explorer *e = READ_ONCE(sched_explorer);

	return unlikely(e) && e->spin(l);
}

static inline bool explored_synchronize_rcu(void)
{
	const struct sched_explorer *e = READ_ONCE(sched_explorer);

	return unlikely(e) && e->synchronize_rcu();
}

static inline bool explored_in_reader(void)
{
	const struct sched_explorer *e = READ_ONCE(sched_explorer);

	return unlikely(e) && e->in_reader();
}
#else
static inline void sched_point(enum sched_point_kind kind, const void *object)
{
	(void)kind;
	(void)object;
}

static inline bool explored_sleep(bool yield) { (void)yield; return false; }
static inline bool explored_spin(struct spinlock *l) { (void)l; return false; }
static inline bool explored_synchronize_rcu(void) { return false; }
static inline bool explored_in_reader(void) { return false; }
#endif

#endif
