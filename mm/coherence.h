/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/coherence.h - the oracles: who still translates to this frame?
 *
 * Free-page oracle	no frame reaches the allocator while a second MMU holds a
 *			translation to it, or a CPU's TLB may (generations).
 * Bracket oracle	no present entry changes its frame or loses a permission
 *			outside a notifier bracket that covers it.
 *
 * All compile to nothing with CHECKS=n. Reports are check_report()s of the kinds
 * CHECK_FREE_PAGE, CHECK_TLB and CHECK_BRACKET.
 */
#ifndef MM_COHERENCE_H
#define MM_COHERENCE_H

#include "include/types.h"
#include "kernel/lib/list.h"
#include "mm/mm.h"
#include "mm/page.h"

struct mmu_notifier_range;
struct task;

/*
 * A cleared or weakened entry that some CPU's TLB or a point subscriber may
 * still hold. It stays in mm->watch until everybody it names has flushed.
 */
struct coherence_watch {
	struct list_head list;		/* mm->watch.pending, or the free pool */
	unsigned long start, end;	/* [start, end): what must be flushed */
	struct page *page;		/* frame that may not be freed; NULL: permission only */
	u64 cpus;			/* CPUs that have not flushed yet */
	bool point;			/* the point call has not been made yet */
	bool deferred;			/* a batched flush is owed: may outlive its bracket */
	struct mmu_notifier_range *bracket;	/* in which it was made */
};

#ifdef CONFIG_CHECKS

/* Context: process; once for each mm, before its first use and after its last. */
void coherence_mm_init(struct mm *mm);
void coherence_mm_free(struct mm *mm);

/* A second MMU (by name) starts or stops holding a translation mm:va -> page. Any context. */
void coherence_hold(struct page *page, const char *holder, struct mm *mm, unsigned long va);
void coherence_unhold(struct page *page, const char *holder, struct mm *mm, unsigned long va);
/* Translations that second MMUs hold to @page at this moment. */
unsigned int coherence_holds(const struct page *page);

/* The allocator's free path asks, before the frame can be handed out. Any context. */
void coherence_page_free(struct page *page);

/*
 * Every setter of mm/pgtable.c reports the change it has just made, and
 * pte_unmap_unlock() that the table is about to be released. Table lock held.
 */
void coherence_pte_change(struct mm *mm, unsigned long va, pte_t old, pte_t new);
void coherence_pt_unlock(void);
/* A level-1 table that translated from @va on is unlinked, entries and all. */
void coherence_table_gone(struct mm *mm, unsigned long va, const pte_t *table);

/*
 * mm/tlb.c: @cpu holds no translation of [@start, @end) made before now
 * (0, ~0UL when it has dropped the whole mm). Any context.
 */
void coherence_tlb_flushed(struct mm *mm, int cpu, unsigned long start, unsigned long end);
/* mm/tlb.c: take @cpu, which has forgotten the whole mm, out of mm->tlb.cpumask. Any context. */
void coherence_tlb_left(struct mm *mm, int cpu);
/* mm/tlb.c: the CPU flush of the page at @va is batched (try_to_unmap only). */
void coherence_tlb_deferred(struct mm *mm, unsigned long va);

/* A bracket of @mm is being described: is a lock held that registration takes? */
void coherence_range_init(struct mm *mm);
/* mm/mmu_notifier.h: core brackets of the current task, pair and point calls. */
void coherence_bracket_start(struct mmu_notifier_range *range);
void coherence_bracket_end(struct mmu_notifier_range *range);
void coherence_pair_call(struct mm *mm, unsigned long va);
void coherence_point_call(struct mm *mm, unsigned long start, unsigned long end);
void coherence_init(void);

#else

static inline void coherence_mm_init(struct mm *m) { (void)m; }
static inline void coherence_mm_free(struct mm *m) { (void)m; }
static inline void coherence_hold(struct page *p, const char *h, struct mm *m, unsigned long v)
{ (void)p; (void)h; (void)m; (void)v; }
static inline void coherence_unhold(struct page *p, const char *h, struct mm *m, unsigned long v)
{ (void)p; (void)h; (void)m; (void)v; }
static inline unsigned int coherence_holds(const struct page *p) { (void)p; return 0; }
static inline void coherence_page_free(struct page *p) { (void)p; }
static inline void coherence_pte_change(struct mm *m, unsigned long v, pte_t o, pte_t n)
{ (void)m; (void)v; (void)o; (void)n; }
static inline void coherence_pt_unlock(void) { }
static inline void coherence_table_gone(struct mm *m, unsigned long v, const pte_t *t)
{ (void)m; (void)v; (void)t; }
static inline void coherence_tlb_flushed(struct mm *m, int c, unsigned long s, unsigned long e)
{ (void)m; (void)c; (void)s; (void)e; }
static inline void coherence_tlb_left(struct mm *m, int c)
{ __atomic_fetch_and(&m->tlb.cpumask, ~BIT(c), __ATOMIC_SEQ_CST); }
static inline void coherence_tlb_deferred(struct mm *m, unsigned long v) { (void)m; (void)v; }
static inline void coherence_range_init(struct mm *m) { (void)m; }
static inline void coherence_bracket_start(struct mmu_notifier_range *r) { (void)r; }
static inline void coherence_bracket_end(struct mmu_notifier_range *r) { (void)r; }
static inline void coherence_pair_call(struct mm *m, unsigned long v) { (void)m; (void)v; }
static inline void coherence_point_call(struct mm *m, unsigned long s, unsigned long e)
{ (void)m; (void)s; (void)e; }
static inline void coherence_init(void) { }

#endif
#endif
