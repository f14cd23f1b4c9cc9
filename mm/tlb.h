/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/tlb.h - when a translation stops being usable, and what may be freed then
 *
 * mm/tlb.c is the only caller of the architecture's flush primitives and the
 * only place that makes point calls (mmu_notifier_invalidate_range), so that
 * no flush is forgotten by a second MMU that shares the CPU's tables.
 */
#ifndef MM_TLB_H
#define MM_TLB_H

#include "include/types.h"
#include "arch/x86/mm/layout.h"
#include "kernel/lib/panic.h"
#include "mm/mm.h"

struct page;

/*
 * Flush [@start, @end) of @mm on every CPU that may cache it, then call the
 * point subscribers. Context: interrupts on; the table lock may be held (a lock
 * held while waiting for an IPI is never taken with interrupts off). No sleep.
 */
void flush_tlb_range(struct mm *mm, unsigned long start, unsigned long end);
void flush_tlb_page(struct mm *mm, unsigned long va);
void flush_tlb_mm(struct mm *mm);
void flush_tlb_kernel_range(unsigned long start, unsigned long end);

/*
 * A gather collects what one unmapping takes away: first entries are cleared,
 * then tlb_flush() makes every CPU and point subscriber forget them, and only
 * then are the pages freed.
 */
#define TLB_GATHER_PAGES 64
struct mmu_gather {
	struct mm *mm;
	unsigned long start, end;	/* span of entries cleared since the last flush */
	bool fullmm;			/* the whole mm is going: one flush for all */
	bool freed_tables;		/* table pages among them: upper levels too */
	unsigned int nr;
	struct page *pages[TLB_GATHER_PAGES];	/* each with the reference of its PTE */
	u64 dirty;			/* of these, bit by bit: a file's, that may be written */
	struct page *tables;		/* table pages, linked through private */
	u64 nr_freed;
};

void tlb_gather_mmu(struct mmu_gather *tlb, struct mm *mm, bool fullmm);
static inline void tlb_span(struct mmu_gather *tlb, unsigned long start, unsigned long end)
{
	if (unlikely(start < tlb->start))
		tlb->start = start;
	if (end > tlb->end)
		tlb->end = end;
}

/* Note the cleared entry of a page address, without a page. Context: table lock held. */
static inline void tlb_note(struct mmu_gather *tlb, unsigned long va)
{
	tlb_span(tlb, va, va + PAGE_SIZE);
}

/*
 * Give the gather the page of a cleared entry. Context: table lock held.
 * Return: true if the batch is full: drop the lock, call tlb_flush(), go on.
 */
static inline bool __must_check tlb_remove_page(struct mmu_gather *tlb, unsigned long va,
						struct page *page)
{
	ASSERT(tlb->nr < TLB_GATHER_PAGES);
	tlb_note(tlb, va);
	tlb->pages[tlb->nr++] = page;
	return tlb->nr == TLB_GATHER_PAGES;
}

/*
 * The page that tlb_remove_page() gets next is a file's, and its entry was dirty: until the
 * flush it may be written without anybody hearing of it.
 */
static inline void tlb_note_dirty(struct mmu_gather *tlb)
{
	tlb->dirty |= BIT(tlb->nr);
}

/* Give it a table page that translated [@start, @end) and is now unlinked. */
void tlb_remove_table(struct mmu_gather *tlb, struct page *table,
		      unsigned long start, unsigned long end);
/* Flush now and free what was collected. Context: no table lock. */
void tlb_flush(struct mmu_gather *tlb);
/* Flush the rest; the gather is finished. Context: no table lock. */
void tlb_finish_mmu(struct mmu_gather *tlb);

/*
 * Deferred CPU flushes, for try_to_unmap only. tlb_batch_add() remembers that
 * @mm owes a flush of @va and makes the point call now (only the CPUs' part is
 * put off); table lock held. tlb_batch_flush() pays all debts of the current
 * task's batch: before any I/O and before any page of the batch is freed; no
 * table lock. flush_tlb_batched_pending() is called with a table lock held by
 * whoever changes entries of @mm next.
 */
void tlb_batch_add(struct mm *mm, unsigned long va);
void tlb_batch_flush(void);
void tlb_pay_batched(struct mm *mm);
static inline void flush_tlb_batched_pending(struct mm *mm)
{
	if (unlikely(atomic64_read(&mm->tlb.batch_gen) > atomic64_read(&mm->tlb.batch_flushed)))
		tlb_pay_batched(mm);
}

/*
 * Load @next's tables on this CPU in the place of @prev's; &init_mm: only the
 * kernel's. A kernel thread needs no switch: the CPU then stays in the last mm's
 * mask and goes on answering its flushes. Context: interrupts off.
 */
void switch_mm(struct mm *prev, struct mm *next);
/* Whose tables this CPU has loaded; NULL: only the kernel's. Preemption off. */
struct mm *tlb_loaded_mm(void);
/*
 * Every CPU that still has @mm's tables loaded goes to the kernel's own: before
 * the root table is freed. Context: interrupts on; no user task of @mm exists.
 */
void tlb_leave_all(struct mm *mm);

/* Counters for /proc/vmstat and bench. */
struct tlb_stats {
	u64 flushes;	/* flushes asked for */
	u64 shootdowns;	/* of these: other CPUs had to be asked */
	u64 ipis;	/* CPUs asked */
	u64 local;	/* flushes that this CPU did for itself or when asked */
	u64 full;	/* of these: everything, not single pages */
	u64 elided;	/* asked, but flushed meanwhile: generations */
	u64 deferred;	/* flushes put off by tlb_batch_add() */
};
void tlb_stats_read(struct tlb_stats *out);

#endif
