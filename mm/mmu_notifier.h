/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/mmu_notifier.h - how a second MMU hears that translations change
 *
 * One list of subscribers per mm; the core turns each bracket or single-page
 * change of mm into the calls that each subscriber's protocol asked for:
 *
 *	bracket	invalidate_range_start/end around every change; may sleep
 *	pair	invalidate_page or change_pte for one page, under the table
 *		lock; start/end for ranges
 *	point	invalidate_range from the TLB flush: atomic, after the entries
 *		are cleared and before the new entry is set or a page is freed
 *	interval the bracket, if it overlaps a range: mm/interval_notifier.h
 *	rmap	whole pages that a driver has lent: mm/rmap_notifier.h
 *
 * The reader's half, for everyone who installs a translation:
 *
 *	driver's fault				mm's change
 *	seq = snapshot				start: seq odd / count++, drop entries
 *	look the page up (no driver lock)	clear PTE, flush
 *	lock; seq or count changed? retry	free the page or set the new PTE
 *	install; unlock				end: count--, seq++
 */
#ifndef MM_MMU_NOTIFIER_H
#define MM_MMU_NOTIFIER_H

#include "include/types.h"
#include "kernel/lib/list.h"
#include "kernel/sync/rcu.h"
#include "mm/coherence.h"
#include "mm/mm.h"
#include "mm/notifier_stats.h"
#include "mm/pgtable.h"

struct interval_notifiers;
struct mmu_interval_notifier;
struct mmu_notifier;

enum mmu_notifier_range_flag {
	MMU_NOTIFIER_RANGE_BLOCKABLE = BIT(0),	/* callbacks may sleep */
	MMU_NOTIFIER_RANGE_SINGLE_PAGE = BIT(1),/* exactly one PAGE_SIZE entry */
};

struct mmu_notifier_range {
	struct mm *mm;			/* NULL: nobody would read the rest */
	unsigned long start, end;	/* [start, end), page aligned */
	enum mmu_notifier_event event;
	unsigned int flags;
	void *owner;			/* who migrates or takes exclusive access; or NULL */
	struct hlist_node open;		/* interval_notifier.c: the open brackets of mm */
	struct mmu_notifier_range *outer;	/* coherence: the task's bracket around this one */
	bool pair_due;			/* coherence: a page changed, pair call not yet made */
};

static inline bool mmu_notifier_range_blockable(const struct mmu_notifier_range *range)
{
	return range->flags & MMU_NOTIFIER_RANGE_BLOCKABLE;
}

enum mmu_notifier_ops_flag {
	MMU_INVALIDATE_DOES_NOT_BLOCK = BIT(0),	/* start and end never sleep */
	MMU_HOLDS_PAGE_REFS = BIT(1),		/* start or end alone will do */
};

struct mmu_notifier_ops {
	const char *name;		/* in reports; may be NULL */
	int flags;
	void (*release)(struct mmu_notifier *mn, struct mm *mm);
	int (*clear_flush_young)(struct mmu_notifier *mn, struct mm *mm,
				 unsigned long start, unsigned long end);
	int (*clear_young)(struct mmu_notifier *mn, struct mm *mm,
			   unsigned long start, unsigned long end);
	int (*test_young)(struct mmu_notifier *mn, struct mm *mm, unsigned long va);
	void (*change_pte)(struct mmu_notifier *mn, struct mm *mm, unsigned long va, pte_t pte);
	void (*invalidate_page)(struct mmu_notifier *mn, struct mm *mm, unsigned long va);
	int (*invalidate_range_start)(struct mmu_notifier *mn, struct mm *mm,
				      unsigned long start, unsigned long end, bool blockable);
	void (*invalidate_range_end)(struct mmu_notifier *mn, struct mm *mm,
				     unsigned long start, unsigned long end);
	void (*invalidate_range)(struct mmu_notifier *mn, struct mm *mm,
				 unsigned long start, unsigned long end);
	struct mmu_notifier *(*alloc_notifier)(struct mm *mm);
	void (*free_notifier)(struct mmu_notifier *mn);
};

/* A subscription. The driver embeds it and fills @ops before registering. */
struct mmu_notifier {
	struct hlist_node hlist;
	const struct mmu_notifier_ops *ops;
	struct mm *mm;
	struct rcu_head rcu;
	atomic_t state;			/* LIVE -> RELEASING -> RELEASED */
	unsigned int users;		/* of get and put (LOCK_NOTIFIER); 0: registered */
	void (*free)(struct mmu_notifier *mn);	/* nobody will wait for it: see call_srcu */
	struct notifier_stats stats;
};

#ifdef CONFIG_MMU_NOTIFIER

/* A plain read: whoever asks holds a lock that registration takes, or is the mm's last user. */
static inline bool mm_has_notifiers(struct mm *mm)
{
	return unlikely(mm->notifier_subscriptions != NULL);
}

/*
 * Subscribe @mn to @mm, whose user half the caller keeps alive. Context: no mm
 * lock held (the __ form: mmap_lock held for writing); may sleep.
 * Return: 0, -EINTR (signal), -ENOMEM, -EINVAL (an impossible set of ops).
 */
int __must_check mmu_notifier_register(struct mmu_notifier *mn, struct mm *mm);
int __must_check __mmu_notifier_register(struct mmu_notifier *mn, struct mm *mm);
/*
 * End a subscription: release has run exactly once and no callback runs or will
 * run when this returns. Cannot fail. Context: nothing held that a callback
 * takes, never inside a callback (reported, nothing done); may sleep.
 */
void mmu_notifier_unregister(struct mmu_notifier *mn, struct mm *mm);

/*
 * The end for a driver that may not wait: release is not called (unless exit has
 * begun to), and callbacks may still run when this returns, so the memory of @mn
 * goes only through mmu_notifier_call_srcu(), which must follow.
 * Context: any but interrupts; also inside a callback, not under the driver's lock.
 */
void mmu_notifier_unregister_no_release(struct mmu_notifier *mn, struct mm *mm);
/*
 * Call @func(@mn), which frees it, when no callback of it runs or will run; the
 * structure of the mm stays until then. @func runs in a thread and may sleep.
 * Context: any but interrupts, once, after mmu_notifier_unregister_no_release().
 */
void mmu_notifier_call_srcu(struct mmu_notifier *mn, void (*func)(struct mmu_notifier *mn));
/*
 * Wait until everything given to mmu_notifier_call_srcu() or put is freed: before
 * the ops themselves go. Context: nothing held that a callback takes; may sleep.
 */
void mmu_notifier_synchronize(void);

/*
 * One subscription for each pair of @ops and @mm, shared by its users: find it or
 * make it by ops->alloc_notifier. mmu_notifier_put() ends one use; the last one
 * ends the subscription, without release, and frees it by ops->free_notifier when
 * no callback runs any more. Context: as for register; put: as unregister_no_release.
 * Return: 0 and *@out, -EINTR, -ENOMEM, -EOVERFLOW (too many users), -EINVAL (ops).
 */
int __must_check mmu_notifier_get(const struct mmu_notifier_ops *ops, struct mm *mm,
				  struct mmu_notifier **out);
int __must_check mmu_notifier_get_locked(const struct mmu_notifier_ops *ops, struct mm *mm,
					 struct mmu_notifier **out);
void mmu_notifier_put(struct mmu_notifier *mn);

/*
 * May a bracket of @mm sleep in a subscriber? No, if each said that it does not
 * block. Racy by nature: ask while registration is excluded. Context: any.
 */
bool mm_has_blockable_invalidate_notifiers(struct mm *mm);

/*
 * Call @list for each subscriber of @mm's list, then @interval for each of its
 * intervals. Context: @mm's user half kept alive; both are called where nobody may sleep.
 */
void mmu_notifier_visit(struct mm *mm, void (*list)(struct mmu_notifier *mn, void *arg),
			void (*interval)(struct mmu_interval_notifier *sub, void *arg),
			void *arg);

/* For interval_notifier.c. prepare: mmap_lock held for writing; 0, -ENOMEM, -EINTR. */
int __must_check mmu_notifier_prepare(struct mm *mm);
struct interval_notifiers *mmu_notifier_intervals(struct mm *mm);

void __mmu_notifier_release(struct mm *mm);
int __mmu_notifier_invalidate_range_start(struct mmu_notifier_range *range);
void __mmu_notifier_invalidate_range_end(struct mmu_notifier_range *range);
void __mmu_notifier_invalidate_range(struct mm *mm, unsigned long start, unsigned long end);
void __mmu_notifier_invalidate_page(struct mm *mm, unsigned long va);
void __mmu_notifier_change_pte(struct mm *mm, unsigned long va, pte_t pte);
int __mmu_notifier_clear_flush_young(struct mm *mm, unsigned long start, unsigned long end);
int __mmu_notifier_clear_young(struct mm *mm, unsigned long start, unsigned long end);
int __mmu_notifier_test_young(struct mm *mm, unsigned long va);
void __mmu_notifier_subscriptions_destroy(struct mm *mm);

#else

/*
 * Nobody can subscribe, so there is no registration either. What mm calls has the
 * types of the real calls and does nothing: tools/check-notifier-header.
 */
static inline bool mm_has_notifiers(struct mm *mm) { (void)mm; return false; }
static inline bool mm_has_blockable_invalidate_notifiers(struct mm *mm) { (void)mm; return false; }
static inline void __mmu_notifier_release(struct mm *mm) { (void)mm; }
static inline int __mmu_notifier_invalidate_range_start(struct mmu_notifier_range *range)
{ (void)range; return 0; }
static inline void __mmu_notifier_invalidate_range_end(struct mmu_notifier_range *range)
{ (void)range; }
static inline void __mmu_notifier_invalidate_range(struct mm *mm, unsigned long start,
						   unsigned long end)
{ (void)mm; (void)start; (void)end; }
static inline void __mmu_notifier_invalidate_page(struct mm *mm, unsigned long va)
{ (void)mm; (void)va; }
static inline void __mmu_notifier_change_pte(struct mm *mm, unsigned long va, pte_t pte)
{ (void)mm; (void)va; (void)pte; }
static inline int __mmu_notifier_clear_flush_young(struct mm *mm, unsigned long s, unsigned long e)
{ (void)mm; (void)s; (void)e; return 0; }
static inline int __mmu_notifier_clear_young(struct mm *mm, unsigned long s, unsigned long e)
{ (void)mm; (void)s; (void)e; return 0; }
static inline int __mmu_notifier_test_young(struct mm *mm, unsigned long va)
{ (void)mm; (void)va; return 0; }
static inline void __mmu_notifier_subscriptions_destroy(struct mm *mm) { (void)mm; }

#endif

/* ---- what mm calls: with nobody subscribed, one load and one branch ---- */

#ifdef CONFIG_CHECKS
#define COHERENCE_READS_RANGES true
#else
#define COHERENCE_READS_RANGES false
#endif

/*
 * Describe a bracket. Where nobody listens it stays empty, for filling it would be
 * most of what a bracket costs. Context: as for start, a lock that registration takes.
 */
static inline void mmu_notifier_range_init(struct mmu_notifier_range *range,
					   enum mmu_notifier_event event, unsigned int flags,
					   struct mm *mm, unsigned long start, unsigned long end)
{
	coherence_range_init(mm);
	if (COHERENCE_READS_RANGES || mm_has_notifiers(mm))
		*range = (struct mmu_notifier_range){
			.mm = mm, .start = start, .end = end, .event = event, .flags = flags,
		};
	else
		range->mm = NULL;
}

/* Is anybody to be told of @range? */
static inline bool mmu_notifier_range_is_heard(const struct mmu_notifier_range *range)
{
	return range->mm && mm_has_notifiers(range->mm);
}

/* Open a bracket; may sleep. Check the entries again afterwards. */
static inline void mmu_notifier_invalidate_range_start(struct mmu_notifier_range *range)
{
	coherence_bracket_start(range);
	if (mmu_notifier_range_is_heard(range))
		(void)__mmu_notifier_invalidate_range_start(range);
}

/* The same without sleeping. Return: 0, or -EAGAIN: change nothing, call no end. */
static inline int __must_check
mmu_notifier_invalidate_range_start_nonblock(struct mmu_notifier_range *range)
{
	int err = 0;

	if (mmu_notifier_range_is_heard(range)) {
		range->flags &= ~MMU_NOTIFIER_RANGE_BLOCKABLE;
		err = __mmu_notifier_invalidate_range_start(range);
	}
	if (!err)
		coherence_bracket_start(range);
	return err;
}

static inline void mmu_notifier_invalidate_range_end(struct mmu_notifier_range *range)
{
	if (mmu_notifier_range_is_heard(range))
		__mmu_notifier_invalidate_range_end(range);
	coherence_bracket_end(range);
}

/* The point call: mm/tlb.c only. */
static inline void mmu_notifier_invalidate_range(struct mm *mm, unsigned long start,
						 unsigned long end)
{
	coherence_point_call(mm, start, end);
	if (mm_has_notifiers(mm))
		__mmu_notifier_invalidate_range(mm, start, end);
}

/* exit: before anything of the mm is freed. */
static inline void mmu_notifier_release(struct mm *mm)
{
	if (mm_has_notifiers(mm))
		__mmu_notifier_release(mm);
}

/* The structure of @mm dies: the list must be empty by now. */
static inline void mmu_notifier_mm_destroy(struct mm *mm)
{
	if (mm_has_notifiers(mm))
		__mmu_notifier_subscriptions_destroy(mm);
}

/* Under the table lock, inside an open SINGLE_PAGE bracket: the pair protocol. */
static inline void mmu_notifier_invalidate_page(struct mm *mm, unsigned long va)
{
	coherence_pair_call(mm, va);
	if (mm_has_notifiers(mm))
		__mmu_notifier_invalidate_page(mm, va);
}

/* Clear by exchange, flush CPUs and point subscribers, then the pair call. */
static inline pte_t ptep_clear_flush_notify(struct mm *mm, unsigned long va, pte_t *ptep)
{
	pte_t old = ptep_clear_flush(mm, va, ptep);

	mmu_notifier_invalidate_page(mm, va);
	return old;
}

/* After plain ptep_clear_flush: tell pair subscribers the new entry, then set it. */
static inline void set_pte_at_notify(struct mm *mm, unsigned long va, pte_t *ptep, pte_t pte)
{
	coherence_pair_call(mm, va);
	if (mm_has_notifiers(mm))
		__mmu_notifier_change_pte(mm, va, pte);
	set_pte_at(mm, va, ptep, pte);
}

/*
 * Was the page used through the CPU's entry or by any second MMU? Clears both.
 * The CPU's TLB is not flushed: a cached translation does not set the accessed
 * bit again, so a page in constant use may look idle once; an IPI for every page
 * that reclaim looks at would cost more than that mistake. Second MMUs flush.
 */
static inline bool ptep_clear_flush_young_notify(struct mm *mm, unsigned long va, pte_t *ptep)
{
	bool young;

	if (!mm_has_notifiers(mm))
		return ptep_test_and_clear_young(mm, va, ptep);
	young = ptep_test_and_clear_young(mm, va, ptep);
	return __mmu_notifier_clear_flush_young(mm, va, va + PAGE_SIZE) || young;
}

/* The same when even second MMUs may keep what they have cached. */
static inline bool ptep_clear_young_notify(struct mm *mm, unsigned long va, pte_t *ptep)
{
	bool young;

	if (!mm_has_notifiers(mm))
		return ptep_test_and_clear_young(mm, va, ptep);
	young = ptep_test_and_clear_young(mm, va, ptep);
	return __mmu_notifier_clear_young(mm, va, va + PAGE_SIZE) || young;
}

/* mm/mmu_notifier.c: everything of @mm quiet. mmap_lock held for writing. */
int __must_check mm_take_all_locks(struct mm *mm);	/* 0 or -EINTR */
void mm_drop_all_locks(struct mm *mm);

#endif
