/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/page_advice.c - advice about pages: not wanted any more, not soon, not now, soon
 *
 * Concept    Nothing here is an order: a page that somebody else maps, or whose
 *            lock is taken, is passed over.
 *
 *              FREE      The contents may be lost. The page loses PG_swapbacked and
 *                        its entry the dirty bit; reclaim drops such a page without
 *                        a slot. A write sets the dirty bit again, and reclaim, which
 *                        looks at it when it has cleared the entry, takes FREE back.
 *              COLD      Forget that it was used, and go to the inactive list.
 *              PAGEOUT   The same, and reclaim takes it at once.
 *              WILLNEED  Pages in swap come to the swap cache, those of a disk to
 *                        their file: reading starts for all, and nobody waits.
 *
 *                program                         reclaim (mm/rmap.c: unmap_discard)
 *                FREE: entry clean, flush
 *                writes: entry dirty             clear the entry by exchange
 *                                                was it dirty? put it back, keep
 *                writes: faults, gets zeros      was it clean? the page is gone
 * Owns       The meaning of an anonymous page without PG_swapbacked.
 * Locks      mmap_lock for reading; table locks one at a time; page locks by trying.
 * Invariants Every CPU and second MMU has forgotten the dirty entry when FREE
 *            returns: a later write sets the bit again.
 * Callers    madvise.c
 * Next       mm/guard.c
 */
#include "mm/page_advice.h"

#include "include/uapi/mman.h"
#include "kernel/lib/gate_hook.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/rcu.h"
#include "mm/anon.h"
#include "mm/gfp.h"
#include "mm/mmu_notifier.h"
#include "mm/page.h"
#include "mm/page_idle.h"
#include "mm/pgtable.h"
#include "mm/readahead.h"
#include "mm/shmem.h"
#include "mm/swap.h"
#include "mm/tlb.h"
#include "mm/vma.h"

struct advice_scan {
	struct vma *vma;
	int advice;
	bool must_flush;
	struct list_head pages;		/* PAGEOUT: isolated, one reference each */
	unsigned int nr_pages;
};

/* ---- one entry, table lock held ---- */

/* The page of a present entry, if nobody else maps it. */
static struct page *scan_page(const struct advice_scan *scan, pte_t pte)
{
	struct page *page = pte_present(pte) ? vm_normal_page(scan->vma, pte) : NULL;

	return page && page_mapcount(page) == 1 ? page : NULL;
}

/* Page locked. Return: whether reclaim may drop it now. */
static bool page_make_lazyfree(struct page *page)
{
	if (page_test(page, PG_swapcache) && !swap_cache_try_free(page))
		return false;
	page_clear(page, PG_swapbacked);
	page_clear(page, PG_dirty);
	page_forget_use(page);
	lru_deactivate(page);
	atomic64_inc(&vmstat.pglazyfree);
	return true;
}

static void free_entry(struct advice_scan *scan, unsigned long va, pte_t *ptep)
{
	struct mm *mm = scan->vma->mm;
	pte_t old = pte_read(ptep);
	struct page *page = scan_page(scan, old);

	if (pte_is_swap(old)) {
		(void)ptep_get_and_clear(mm, va, ptep);
		mm_counter_add(mm, MM_SWAPENTS, -1);
		swap_free_entry(pte_swp_entry(old));
	} else if (page && page_is_anon(page) && page_trylock(page)) {
		if (page_make_lazyfree(page)) {
			old = ptep_get_and_clear(mm, va, ptep);
			set_pte_at(mm, va, ptep, pte_mkclean(pte_mkold(old)));
			scan->must_flush = true;
		}
		page_unlock(page);
	}
}

static void age_entry(struct advice_scan *scan, unsigned long va, pte_t *ptep)
{
	struct page *page = scan_page(scan, pte_read(ptep));

	if (!page)
		return;
	if (ptep_clear_flush_young_notify(scan->vma->mm, va, ptep))
		scan->must_flush = true;
	page_forget_use(page);
	if (scan->advice == MADV_COLD) {
		lru_deactivate(page);
	} else if (lru_isolate_page(page)) {
		list_add_tail(&page->lru, &scan->pages);
		scan->nr_pages++;
	}
}

/* ---- a range ---- */

/* Entries of one table, as far as there is room for pages. Return: where to go on. */
static unsigned long scan_table(struct advice_scan *scan, unsigned long va, unsigned long end)
{
	struct mm *mm = scan->vma->mm;
	struct spinlock *ptl;
	pte_t *first = pte_offset_lock(mm, va, &ptl), *ptep = first;

	if (!first)
		return end;
	flush_tlb_batched_pending(mm);
	for (; va < end && scan->nr_pages < RECLAIM_BATCH; va += PAGE_SIZE, ptep++) {
		if (scan->advice == MADV_FREE)
			free_entry(scan, va, ptep);
		else
			age_entry(scan, va, ptep);
	}
	pte_unmap_unlock(first, ptl);
	return va;
}

static void scan_range(struct advice_scan *scan, unsigned long start, unsigned long end)
{
	struct mm *mm = scan->vma->mm;
	unsigned long va = start, next;

	for_each_table(mm, va, next, end) {
		next = scan_table(scan, va, next);
		if (scan->nr_pages)
			reclaim_isolated(&scan->pages);
		scan->nr_pages = 0;
		cond_resched();
	}
	if (scan->must_flush)
		flush_tlb_range(mm, start, end);
}

/* Entries change, though no frame and no permission: second MMUs must hear of writes. */
static void advise_free(struct advice_scan *scan, unsigned long start, unsigned long end)
{
	struct mmu_notifier_range range;

	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, MMU_NOTIFIER_RANGE_BLOCKABLE,
				scan->vma->mm, start, end);
	mmu_notifier_invalidate_range_start(&range);
	scan_range(scan, start, end);
	mmu_notifier_invalidate_range_end(&range);
}

/* All are asked for before any has arrived. What cannot be had now is read by its fault. */
static void willneed_entries(struct vma *vma, unsigned long start, unsigned long end)
{
	unsigned long va = start;
	pte_t pte;

	while ((va = pgtable_next_present(vma->mm, va, end)) < end) {
		rcu_read_lock();
		pte = pte_read_lockless(vma->mm, va);
		rcu_read_unlock();
		if (pte_is_swap(pte) && !swap_cache_read_ahead(pte_swp_entry(pte)))
			break;
		va += PAGE_SIZE;
		cond_resched();
	}
}

static void advise_willneed(struct vma *vma, unsigned long start, unsigned long end)
{
	u64 first = vma_pgoff(vma, start), nr = (end - start) >> PAGE_SHIFT;

	if (vma->mapping && vma->mapping->bdev)
		readahead_range(vma->mapping, first, nr);
	else if (vma->mapping)
		shmem_willneed(vma->mapping, first, nr);
	willneed_entries(vma, start, end);
}

int advise_pages(struct vma *vma, unsigned long start, unsigned long end, int advice)
{
	struct advice_scan scan = { .vma = vma, .advice = advice };

	assert_held(&vma->mm->mmap_lock);
	INIT_LIST_HEAD(&scan.pages);
	if (advice == MADV_WILLNEED) {
		advise_willneed(vma, start, end);
		return 0;
	}
	if (vma->flags & (VM_LOCKED | VM_PFNMAP))
		return -EINVAL;
	if (advice != MADV_FREE)
		scan_range(&scan, start, end);
	else if (vma_is_anonymous(vma))
		advise_free(&scan, start, end);
	else
		return -EINVAL;
	return 0;
}
