/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/interval_notifier.h - hear only of changes that touch one range of addresses
 *
 * A driver that mirrors a few ranges subscribes to each of them. Its callback
 * drops what it mirrors and notes the bracket's number; the reader's half is then
 * the same for every driver:
 *
 *	mirror a page				a change of the tables
 *	again:					start: invalidate(sub, range, seq)
 *	seq = mmu_interval_read_begin(sub)	  lock
 *	look the page up (no driver lock)	  mmu_interval_set_seq(sub, seq)
 *	lock					  drop what overlaps
 *	if (mmu_interval_read_retry(sub, seq))	  unlock
 *		unlock, again			clear PTE, flush, free or replace
 *	install; unlock				end: readers that wait may begin
 */
#ifndef MM_INTERVAL_NOTIFIER_H
#define MM_INTERVAL_NOTIFIER_H

#include "include/types.h"
#include "kernel/lib/interval_tree.h"
#include "kernel/sync/wait.h"
#include "mm/mmu_notifier.h"

struct mmu_interval_notifier;

/* Embedded by a driver in whatever its second pass needs; one for each invocation. */
struct mmu_interval_notifier_finish {
	struct mmu_interval_notifier *sub;	/* set by the core */
	struct mmu_interval_notifier_finish *next;
};

/*
 * One pass (invalidate), or two: invalidate_start begins the work of one
 * subscription, invalidate_finish waits for it, after all that overlap have begun.
 * The first pass, of either kind, calls mmu_interval_set_seq(sub, seq) under the
 * driver's lock and drops what overlaps [range->start, range->end).
 * Return: true; or false, meaning -EAGAIN, if the range is not blockable and the
 * driver would have to sleep. *@finish stays NULL if nothing is left to do; if it
 * is set, it is finished whatever becomes of the bracket.
 * Context: may sleep if mmu_notifier_range_blockable(); locks as in
 * invalidate_range_start.
 */
struct mmu_interval_notifier_ops {
	const char *name;		/* in reports; may be NULL */
	bool (*invalidate)(struct mmu_interval_notifier *sub,
			   const struct mmu_notifier_range *range, unsigned long seq);
	bool (*invalidate_start)(struct mmu_interval_notifier *sub,
				 const struct mmu_notifier_range *range, unsigned long seq,
				 struct mmu_interval_notifier_finish **finish);
	void (*invalidate_finish)(struct mmu_interval_notifier_finish *finish);
};

/* A subscription to [node.start, node.last]; embedded by the driver. */
struct mmu_interval_notifier {
	struct interval_tree_node node;
	const struct mmu_interval_notifier_ops *ops;
	struct mm *mm;
	void *owner;		/* of the MIGRATE and EXCLUSIVE events that it is not told */
	unsigned long seq;	/* the driver's lock: last bracket that touched it; 0: none */
	unsigned int calls;	/* LOCK_NOTIFIER: callbacks that run or are to be finished */
	bool removing;		/* LOCK_NOTIFIER: no further calls */
	struct notifier_stats stats;
};

/*
 * Hear of changes of [@start, @start + @length). The caller fills @sub->owner (or
 * NULL) before. Brackets that are open now count as touching the range.
 * Context: no mm lock held, may sleep; _locked: mmap_lock held for writing, and the
 * caller keeps the user half alive.
 * Return: 0; -EOVERFLOW (length 0, or beyond the top), -EINVAL (impossible ops, or
 * a process that has exited), -ENOMEM, -EINTR.
 */
int __must_check mmu_interval_notifier_insert(struct mmu_interval_notifier *sub, struct mm *mm,
					      unsigned long start, unsigned long length,
					      const struct mmu_interval_notifier_ops *ops);
int __must_check mmu_interval_notifier_insert_locked(struct mmu_interval_notifier *sub,
						     struct mm *mm, unsigned long start,
						     unsigned long length,
						     const struct mmu_interval_notifier_ops *ops);
/*
 * End the subscription: no callback runs or will run when this returns. Waits for
 * callbacks of @sub that run now, for nothing else. Context: nothing held that a
 * callback takes, never inside a callback (reported, nothing done); may sleep.
 */
void mmu_interval_notifier_remove(struct mmu_interval_notifier *sub);

/*
 * Begin to mirror: wait until no open bracket touches @sub. Context: nothing held
 * that a callback takes, no bracket open; may sleep.
 * Return: the number to give to mmu_interval_read_retry().
 */
unsigned long mmu_interval_read_begin(struct mmu_interval_notifier *sub);

/* Has a bracket touched @sub since? Context: the driver's lock held. */
static inline bool __must_check mmu_interval_read_retry(struct mmu_interval_notifier *sub,
							unsigned long seq)
{
	bool retry = READ_ONCE(sub->seq) != seq;

	if (retry)
		notifier_stat_inc(&sub->stats.retries);
	return retry;
}

/* Note the bracket. Context: in the callback, the driver's lock held. */
static inline void mmu_interval_set_seq(struct mmu_interval_notifier *sub, unsigned long seq)
{
	WRITE_ONCE(sub->seq, seq);
}

/* ---- for mm/mmu_notifier.c ---- */

/* The interval half of one mm's subscriptions. */
struct interval_notifiers {
	struct spinlock lock;		/* LOCK_NOTIFIER */
	struct interval_tree_root tree;	/* lock: struct mmu_interval_notifier */
	struct hlist_head open;		/* lock: the brackets that are open on this mm */
	unsigned long seq;		/* lock: number of the last bracket */
	bool released;			/* lock: exit has told everybody */
	struct wait_queue_head wait;	/* a bracket ended, or a callback of one that is removed */
};

void interval_notifiers_init(struct interval_notifiers *in);
void interval_notifiers_destroy(struct interval_notifiers *in);
/* Return: 0 or -EAGAIN (not blockable; undone). Context: as invalidate_range_start. */
int __must_check interval_notifiers_start(struct interval_notifiers *in,
					  struct mmu_notifier_range *range);
void interval_notifiers_end(struct interval_notifiers *in, struct mmu_notifier_range *range);
/* Call @one for each subscription, by address. Context: @one must not sleep. */
void interval_notifiers_visit(struct interval_notifiers *in,
			      void (*one)(struct mmu_interval_notifier *sub, void *arg), void *arg);
/* exit: everybody is told MMU_NOTIFY_RELEASE over all addresses, once, and nothing later. */
void interval_notifiers_release(struct interval_notifiers *in, struct mm *mm);

#endif
