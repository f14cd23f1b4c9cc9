/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/mincore.c - which pages of a range are in memory
 *
 * Concept    One byte for each page: would an access need no disk? Yes for an
 *            entry that maps something, for a swap entry whose page is in the swap
 *            cache, and, where a file is mapped, for a page that the file has in
 *            memory although this process has not touched it yet. Private memory
 *            that was never touched is not there. The answer may be old when it
 *            arrives.
 * Owns       Nothing.
 * Locks      mmap_lock for reading, for one piece of the range at a time.
 * Invariants What precedes a hole is answered before the hole gives -ENOMEM.
 * Callers    sys_mincore
 * Next       mm/msync.c
 */
#include "mm/mlock.h"

#include "kernel/sched/sched.h"
#include "kernel/sync/rcu.h"
#include "mm/address_space.h"
#include "mm/pgtable.h"
#include "mm/swap.h"
#include "mm/uaccess.h"
#include "mm/vma.h"

/* Pages that are answered under one hold of mmap_lock. */
#define MINCORE_STEP 256

static bool resident_in_swap_cache(swp_entry_t entry)
{
	struct page *page = swap_cache_find(entry);
	bool resident = page && page_test(page, PG_uptodate);

	if (page)
		put_page(page);
	return resident;
}

static bool resident_in_file(const struct vma *vma, u64 pgoff)
{
	struct address_space *mapping = vma->mapping;
	bool resident;
	void *item;

	if (!mapping)
		return false;
	spin_lock(&mapping->lock);
	item = radix_map_load(&mapping->pages, pgoff);
	resident = mapping_item_is_page(item) && page_test(item, PG_uptodate);
	spin_unlock(&mapping->lock);
	return mapping_item_is_swap(item) ? resident_in_swap_cache(mapping_item_swap(item))
					  : resident;
}

static bool resident(const struct vma *vma, unsigned long va)
{
	pte_t pte;

	rcu_read_lock();
	pte = pte_read_lockless(vma->mm, va);
	rcu_read_unlock();
	if (pte_none(pte) || pte_is_marker(pte) || pte_is_file(pte))
		return resident_in_file(vma, vma_entry_pgoff(vma, va, pte));
	return !pte_is_swap(pte) || resident_in_swap_cache(pte_swp_entry(pte));
}

/* Up to @nr pages from @start, in one VMA. Return: how many, or -ENOMEM: there is none. */
static long mincore_piece(struct mm *mm, unsigned long start, unsigned long nr,
			  unsigned char *vec)
{
	struct vma *vma;
	unsigned long i;

	assert_held(&mm->mmap_lock);
	vma = find_vma(mm, start);
	if (!vma || vma->start > start)
		return -ENOMEM;
	nr = min(nr, (vma->end - start) >> PAGE_SHIFT);
	for (i = 0; i < nr; i++)
		vec[i] = resident(vma, start + i * PAGE_SIZE);
	return (long)nr;
}

long sys_mincore(unsigned long start, unsigned long len, unsigned char __user *vec)
{
	unsigned long nr = (len >> PAGE_SHIFT) + !is_aligned(len, PAGE_SIZE);
	unsigned char piece[MINCORE_STEP];
	struct mm *mm = current->mm;
	long done;

	if (!is_aligned(start, PAGE_SIZE))
		return -EINVAL;
	if (start > MM_USER_TOP || len > MM_USER_TOP - start)
		return -ENOMEM;
	for (; nr; nr -= (unsigned long)done) {
		down_read(&mm->mmap_lock);
		done = mincore_piece(mm, start, min(nr, (unsigned long)MINCORE_STEP), piece);
		up_read(&mm->mmap_lock);
		if (done < 0)
			return done;
		if (copy_to_user(vec, piece, (size_t)done))
			return -EFAULT;
		start += (unsigned long)done << PAGE_SHIFT;
		vec += done;
		cond_resched();
	}
	return 0;
}
