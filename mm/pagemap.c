/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/pagemap.c - what the entries of an address space say, for /proc
 *
 * Concept    One word for each page of user space: is there a page, whose is it, was
 *            it written since clear_refs? Where nothing is mapped the word is 0, in a
 *            VMA that is new as a whole it is soft-dirty alone.
 * Owns       The format of the word.
 * Locks      mmap_lock for reading, table locks one at a time.
 * Invariants None.
 * Callers    kernel/task/proc_mem.c, mm/pagemap_scan.c
 * Next       mm/pagemap_scan.c
 */
#include "mm/pagemap.h"

#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "mm/anon.h"
#include "mm/page.h"
#include "mm/pgtable.h"
#include "mm/swap.h"
#include "mm/vma.h"

static u64 pagemap_mapped(const struct vma *vma, pte_t pte, bool frames)
{
	struct page *page = vm_normal_page(vma, pte);
	u64 word = PM_PRESENT;

	if (frames)
		word |= pte_pfn(pte) & PM_FRAME_MASK;
	if (page && !page_is_anon(page))
		word |= PM_FILE;
	if (page && page_mapcount(page) == 1)
		word |= PM_EXCLUSIVE;
	return word;
}

static u64 pagemap_word(const struct vma *vma, pte_t pte, bool frames)
{
	u64 word = 0;

	if (pte_mapped(pte)) {
		word = pagemap_mapped(vma, pte, frames);
	} else if (pte_is_swap(pte)) {
		swp_entry_t entry = pte_swp_entry(pte);

		word = PM_SWAP;
		if (frames)
			word |= (swp_area(entry) | swp_slot(entry) << PM_SWAP_SHIFT) &
				PM_FRAME_MASK;
	}
	if (pte_is_marker(pte))
		word = PM_SWAP;
	if (pte_is_guard(pte))
		word = PM_GUARD | PM_SWAP;
	if (pte_uffd_wp(pte))
		word |= PM_UFFD_WP;
	return pte_soft_dirty(pte) ? word | PM_SOFT_DIRTY : word;
}

/* [va, end) of one VMA and one table. */
static void pagemap_table(struct vma *vma, unsigned long va, unsigned long end, bool frames,
			  u64 *words)
{
	struct spinlock *ptl;
	pte_t *first = pte_offset_lock(vma->mm, va, &ptl), *ptep = first;

	if (!first)
		return;
	for (; va < end; va += PAGE_SIZE, ptep++)
		*words++ |= pagemap_word(vma, pte_read(ptep), frames);
	pte_unmap_unlock(first, ptl);
}

void pagemap_vma(struct vma *vma, unsigned long start, unsigned long end, bool frames,
		 u64 *words)
{
	unsigned long va, next;

	for (va = start; vma->flags & VM_SOFTDIRTY && va < end; va += PAGE_SIZE)
		words[(va - start) >> PAGE_SHIFT] = PM_SOFT_DIRTY;
	va = start;
	for_each_table(vma->mm, va, next, end) {
		pagemap_table(vma, va, next, frames, words + ((va - start) >> PAGE_SHIFT));
		cond_resched();
	}
}

int pagemap_read(struct mm *mm, unsigned long va, unsigned long nr, bool frames, u64 *words)
{
	unsigned long end = va + nr * PAGE_SIZE, start;
	struct vma *vma;
	int err = down_read_killable(&mm->mmap_lock);

	if (err)
		return err;
	memset(words, 0, nr * sizeof(*words));
	for (vma = find_vma(mm, va); vma && vma->start < end; vma = vma_next(vma)) {
		start = max(va, vma->start);
		pagemap_vma(vma, start, min(end, vma->end), frames,
			    words + ((start - va) >> PAGE_SHIFT));
	}
	up_read(&mm->mmap_lock);
	return 0;
}
