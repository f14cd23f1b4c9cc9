/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sync/sched_point.h - places where an interleaving can be steered
 *
 * Locks, atomics on shared state, PTE writes, flushes, wake-ups and frees pass
 * through sched_point(). In a CHECKS build a test may hook it with gates that
 * stop one task there; with EXPLORE=y the explorer chooses who goes on. In a
 * benchmark build nothing is left of it.
 */
#ifndef KERNEL_SYNC_SCHED_POINT_H
#define KERNEL_SYNC_SCHED_POINT_H

#include "include/types.h"

enum sched_point_kind {
	SP_LOCK,		/* about to take a lock */
	SP_UNLOCK,		/* about to release it */
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

#if defined(CONFIG_CHECKS) || defined(CONFIG_EXPLORE)
/* NULL, or called at every point, possibly atomic. Set before others run. */
extern void (*sched_point_hook)(enum sched_point_kind kind, const void *object);

static inline void sched_point(enum sched_point_kind kind, const void *object)
{
	void (*hook)(enum sched_point_kind, const void *) = READ_ONCE(sched_point_hook);

	if (unlikely(hook))
		hook(kind, object);
}
#else
static inline void sched_point(enum sched_point_kind kind, const void *object)
{
	(void)kind;
	(void)object;
}
#endif

#endif
