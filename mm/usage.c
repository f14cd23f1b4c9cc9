/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/usage.c - what a range of memory costs, and whom
 *
 * Concept    Each page that an entry maps is private or shared, by the number of
 *            entries that map it, and clean or dirty, by what entries and page say.
 *            Pss shares it out: a page with three mappings costs each a third, so
 *            that the sum over all processes is what is really used. The zero page
 *            is nobody's cost.
 * Owns       Nothing.
 * Locks      mmap_lock for reading (the caller's), table locks one at a time.
 * Invariants Rss is the sum of shared and private, clean and dirty.
 * Callers    kernel/task/proc_maps.c
 * Next       mm/fork.c
 */
#include "mm/usage.h"

#include "kernel/sched/sched.h"
#include "mm/anon.h"
#include "mm/page.h"
#include "mm/pgtable.h"
#include "mm/shmem.h"
#include "mm/swap.h"
#include "mm/vma.h"

static void usage_share(struct mem_usage *u, const struct vma *vma, struct page *page, bool dirty)
{
	int mapcount = max(page_mapcount(page), 1);
	u64 pss = (PAGE_SIZE << USAGE_PSS_SHIFT) / (u64)mapcount;

	if (mapcount == 1)
		*(dirty ? &u->private_dirty : &u->private_clean) += PAGE_SIZE;
	else
		*(dirty ? &u->shared_dirty : &u->shared_clean) += PAGE_SIZE;
	u->pss += pss;
	if (dirty)
		u->pss_dirty += pss;
	if (vma->flags & VM_LOCKED)
		u->locked += pss;
	if (page_is_anon(page))
		u->pss_anon += pss;
	else
		*(page_test(page, PG_swapbacked) ? &u->pss_shmem : &u->pss_file) += pss;
}

static void usage_mapped(struct mem_usage *u, const struct vma *vma, pte_t pte)
{
	struct page *page = vm_normal_page(vma, pte);
	bool dirty;

	if (!page)
		return;
	dirty = pte_mapped_dirty(pte) || page_test(page, PG_dirty);
	u->rss += PAGE_SIZE;
	if (page_is_anon(page))
		u->anonymous += PAGE_SIZE;
	if (page_is_lazyfree(page) && !dirty)
		u->lazyfree += PAGE_SIZE;
	if ((pte_present(pte) && pte_young(pte)) || page_test(page, PG_referenced) ||
	    page_test(page, PG_young))
		u->referenced += PAGE_SIZE;
	usage_share(u, vma, page, dirty);
}

/* Entries that name the slot; the swap cache does not count. */
static unsigned int usage_slot_shares(swp_entry_t entry)
{
	struct page *page = swap_cache_find(entry);
	unsigned int count = swap_slot_count(entry);

	if (!page)
		return max(count, 1U);
	swap_cache_put_page(page);
	return max(count, 2U) - 1;
}

static void usage_entry(struct mem_usage *u, const struct vma *vma, pte_t pte)
{
	if (pte_mapped(pte)) {
		usage_mapped(u, vma, pte);
	} else if (pte_is_swap(pte)) {
		u->swap += PAGE_SIZE;
		u->swap_pss += (PAGE_SIZE << USAGE_PSS_SHIFT) /
			       usage_slot_shares(pte_swp_entry(pte));
	}
}

/* What a file has in swap at [pgoff, end) and no entry here shows. */
static void usage_object(struct mem_usage *u, const struct vma *vma, u64 pgoff, u64 end)
{
	if (!vma->mapping || !READ_ONCE(vma->mapping->nrswapped))
		return;
	for (; pgoff < end; pgoff++)
		if (shmem_is_swapped(vma->mapping, pgoff))
			u->swap += PAGE_SIZE;
}

static void usage_table(struct mem_usage *u, struct vma *vma, unsigned long va, unsigned long end)
{
	struct spinlock *ptl;
	pte_t *first = pte_offset_lock(vma->mm, va, &ptl), *ptep = first;

	if (!first)
		return;
	for (; va < end; va += PAGE_SIZE, ptep++) {
		pte_t pte = pte_read(ptep);
		u64 pgoff = vma_entry_pgoff(vma, va, pte);

		if (pte_is_empty(pte) || (pte_is_file(pte) && !pte_is_guard(pte)))
			usage_object(u, vma, pgoff, pgoff + 1);
		else
			usage_entry(u, vma, pte);
	}
	pte_unmap_unlock(first, ptl);
}

void mem_usage_add(struct mem_usage *u, struct vma *vma)
{
	unsigned long va = vma->start, next, end;

	assert_held(&vma->mm->mmap_lock);
	u->size += vma->end - vma->start;
	for (; va < vma->end; va = end) {
		next = pgtable_next_present(vma->mm, va, vma->end);
		usage_object(u, vma, vma_pgoff(vma, va), vma_pgoff(vma, next));
		end = next;
		if (next < vma->end) {
			end = pgtable_end(next, vma->end);
			usage_table(u, vma, next, end);
		}
		cond_resched();
	}
}
