/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/nonlinear.c - mappings that show the pages of a file in any order
 *
 * Concept    remap_file_pages() puts any page of a file at any place of a shared mapping
 *            without a VMA for each. The order is in the entries: one that is not present
 *            holds the offset of its page, which the fault brings, and whoever takes a
 *            page away leaves its offset there. An empty entry stands for the page that
 *            the VMA shows at that place anyway.
 *
 *              VMA     | 0 | 1 | 2 | 3 |        fault at 2: find page 7, map it
 *              entries | p |7.f| p |   |        taken away:  entry becomes 7.f again
 *              file      0   7   5   3          munmap:      entry becomes empty
 *
 *            So a page of the file can be anywhere in such a VMA, and the reverse map
 *            cannot compute where. The VMA is in a list of its own, and whoever needs
 *            every entry of a page (truncation, page_mkclean, the world check) looks at
 *            all entries of all VMAs of the list. Reclaim does not need this very page,
 *            only pages: it looks at a cluster of entries, unmaps those that were not
 *            used since the last look, and goes on behind it the next time.
 *
 *              cursor     |--cluster--|--cluster--|--cluster--|
 *              VMA a   ======----------          all cursors move on together,
 *              VMA b   ======--------------      round robin, until enough is
 *              VMA c   ======---                 unmapped or the largest is done
 *
 *            page_referenced() does not look here: who unmaps asks for each entry.
 * Owns       mapping->i_mmap_nonlinear, vma->unmap_cursor, file offsets in entries.
 * Locks      mmap_lock: for writing when a VMA becomes nonlinear (for good), for reading
 *            while entries are replaced. i_mmap_rwsem for the list; it also keeps the
 *            tables. Table locks one at a time.
 * Invariants A file offset is in a VM_NONLINEAR VMA and is not the one that the VMA shows
 *            there anyway                                              mm_check()
 *            remap_file_pages makes its tables first and cannot stop half way.
 * Callers    sys_remap_file_pages; rmap.c, filemap.c
 * Next       mm/lru.c
 */
#include "mm/nonlinear.h"

#include "include/uapi/mman.h"
#include "kernel/lib/gate_hook.h"
#include "kernel/sched/sched.h"
#include "mm/filemap.h"
#include "mm/mmap.h"
#include "mm/mmu_notifier.h"
#include "mm/page_idle.h"
#include "mm/pgtable.h"
#include "mm/rmap.h"
#include "mm/tlb.h"
#include "mm/vma.h"

/* Entries that one look unmaps or ages. */
#define CLUSTER_SIZE (32 * PAGE_SIZE)

/* ---- remap_file_pages ---- */

struct remap {
	struct mm *mm;
	unsigned long start, end;
	u64 pgoff;			/* of start */
};

/* The offset that the VMA's first page had, if the new order went down to there. */
static u64 remap_base(const struct remap *r, const struct vma *vma)
{
	return r->pgoff - ((r->start - vma->start) >> PAGE_SHIFT);
}

static bool remap_alike(const struct vma *a, const struct vma *b)
{
	return a->end == b->start && a->file == b->file &&
	       !((a->flags ^ b->flags) & ~(unsigned long)(VM_NONLINEAR | VM_SOFTDIRTY));
}

/* The VMAs must be shared memory of one file that may be written, without a hole. */
static int remap_check(const struct remap *r)
{
	const unsigned long need = VM_SHARED | VM_MAYWRITE;
	struct vma *vma = find_vma(r->mm, r->start), *next;

	assert_held(&r->mm->mmap_lock);
	if (!vma || vma->start > r->start || (vma->flags & need) != need)
		return -EINVAL;
	if (!vma->mapping || vma->flags & VM_SPECIAL || vma->uffd)
		return -EINVAL;
	for (; vma->end < r->end; vma = next) {
		next = vma_next(vma);
		if (!next || !remap_alike(vma, next))
			return -EINVAL;
	}
	if (r->pgoff > (MAX_FILE_BYTES - (r->end - r->start)) >> PAGE_SHIFT)
		return -EOVERFLOW;
	return mseal_check(r->mm, r->start, r->end);
}

/* Does @vma already show just that, or may it show anything? */
static bool remap_is_ready(const struct remap *r, const struct vma *vma)
{
	return vma->flags & VM_NONLINEAR || remap_base(r, vma) == vma->pgoff;
}

#define for_each_vma_of(vma, r)							\
	for (vma = find_vma((r)->mm, (r)->start); vma && vma->start < (r)->end;	\
	     vma = vma_next(vma))

static bool remap_is_prepared(const struct remap *r)
{
	struct vma *vma;

	for_each_vma_of(vma, r)
		if (!remap_is_ready(r, vma))
			return false;
	return true;
}

/* mmap_lock for writing, and reading afterwards. Return: as remap_check(). */
static int remap_prepare(const struct remap *r)
	__no_lock_check	/* what was locked for writing is locked for reading */
{
	struct vma *vma;
	int err;

	down_write(&r->mm->mmap_lock);
	err = remap_check(r);
	if (!err) {
		for_each_vma_of(vma, r)
			if (!remap_is_ready(r, vma))
				filemap_make_nonlinear(vma);
	}
	downgrade_write(&r->mm->mmap_lock);
	return err;
}

/* What is there goes, the order stays behind. */
static int remap_entries(const struct remap *r)
{
	int err = pt_alloc_range(r->mm, r->start, r->end);
	struct vma *vma;

	assert_held(&r->mm->mmap_lock);
	if (err)
		return err;
	/* nothing below can fail */
	for_each_vma_of(vma, r) {
		struct unmap_how how = { .leave = UNMAP_OFFSETS, .pgoff = remap_base(r, vma) };

		zap_page_range(vma, max(r->start, vma->start), min(r->end, vma->end), &how);
	}
	return 0;
}

static int remap_file_pages(const struct remap *r)
	__no_lock_check	/* remap_prepare() returns with the lock held for reading */
{
	int err;

	down_read(&r->mm->mmap_lock);
	err = remap_check(r);
	if (!err && !remap_is_prepared(r)) {
		up_read(&r->mm->mmap_lock);
		err = remap_prepare(r);
	}
	if (!err)
		err = remap_entries(r);
	up_read(&r->mm->mmap_lock);
	return err;
}

long sys_remap_file_pages(unsigned long start, unsigned long size, unsigned long prot,
			  unsigned long pgoff, unsigned long flags)
{
	struct remap r = { .mm = current->mm, .start = start & PAGE_MASK, .pgoff = pgoff };
	int err;

	size &= PAGE_MASK;
	r.end = r.start + size;
	if (prot || r.end <= r.start || pgoff + (size >> PAGE_SHIFT) < pgoff)
		return -EINVAL;
	err = remap_file_pages(&r);
	if (!err && !(flags & MAP_NONBLOCK))
		(void)mm_populate(r.mm, r.start, r.end, true);
	return err;
}

/* ---- every entry of a page ---- */

/* One table's part. Return: go on. */
static bool walk_table(struct page *page, struct vma *vma, unsigned long va, unsigned long end,
		       struct rmap_walk_control *rwc)
{
	pte_t *ptep = pte_find(vma->mm, va);

	for (; ptep && va < end; va += PAGE_SIZE, ptep++) {
		if (!pte_maps_page(pte_read(ptep), page))
			continue;
		if (!rwc->one(page, vma, va, rwc->arg) || rmap_done(page, rwc))
			return false;
	}
	return true;
}

static bool walk_vma(struct page *page, struct vma *vma, struct rmap_walk_control *rwc)
{
	unsigned long va = vma->start, next;

	for_each_table(vma->mm, va, next, vma->end) {
		if (!walk_table(page, vma, va, next, rwc))
			return false;
		cond_resched();
	}
	return true;
}

void nonlinear_walk(struct page *page, struct address_space *mapping,
		    struct rmap_walk_control *rwc)
{
	struct vma *vma;

	assert_held(&mapping->i_mmap_rwsem);
	list_for_each_entry(vma, &mapping->i_mmap_nonlinear, nonlinear)
		if (!walk_vma(page, vma, rwc))
			return;
}

/* ---- clusters ---- */

struct cluster_scan {
	struct page *page;
	unsigned int flags;		/* enum ttu_flag */
	int left;			/* entries to unmap before we have done enough */
};

/* Table lock held, bracket open. An entry that was used is old from now on. */
static bool cluster_wanted(struct vma *vma, unsigned long va, pte_t *ptep, void *arg)
{
	struct cluster_scan *scan = arg;
	bool ours = pte_maps_page(pte_read(ptep), scan->page);

	if (!(ours && scan->flags & TTU_IGNORE_ACCESS) &&
	    ptep_clear_flush_young_notify(vma->mm, va, ptep)) {
		page_clear_idle(pfn_to_page(pfn_make(pte_pfn(pte_read(ptep)))));
		return false;
	}
	scan->left--;
	return true;
}

/* The entries of one cluster, @cursor bytes into @vma. */
static void try_to_unmap_cluster(struct cluster_scan *scan, struct vma *vma, unsigned long cursor)
{
	unsigned long start = vma->start + cursor;
	unsigned long end = min(start + CLUSTER_SIZE, vma->end);
	struct unmap_how how = {
		.leave = UNMAP_PAGES, .wanted = cluster_wanted, .arg = scan,
	};
	struct mmu_notifier_range range;
	struct mmu_gather tlb;

	if (pgtable_next_present(vma->mm, start, end) >= end)
		return;
	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, MMU_NOTIFIER_RANGE_BLOCKABLE, vma->mm,
				start, end);
	mmu_notifier_invalidate_range_start(&range);
	gate_point("nonlinear.cluster", vma->mm);
	tlb_gather_mmu(&tlb, vma->mm, false);
	unmap_vma_range(&tlb, vma, start, end, &how);
	tlb_finish_mmu(&tlb);
	mmu_notifier_invalidate_range_end(&range);
}

static bool cluster_may(const struct vma *vma, unsigned int flags)
{
	return !(vma->flags & VM_LOCKED) || flags & TTU_IGNORE_MLOCK;
}

/* How far the foremost cursor is, and how large the largest VMA. */
static void cluster_bounds(struct address_space *mapping, unsigned int flags,
			   unsigned long *cursor, unsigned long *size)
{
	struct vma *vma;

	*cursor = *size = 0;
	list_for_each_entry(vma, &mapping->i_mmap_nonlinear, nonlinear) {
		if (!cluster_may(vma, flags))
			continue;
		*cursor = max(*cursor, READ_ONCE(vma->unmap_cursor));
		*size = max(*size, round_up(vma->end - vma->start, CLUSTER_SIZE));
	}
	*cursor = max(*cursor, (unsigned long)CLUSTER_SIZE);
}

/* The cursor of @vma goes up to @limit. Return: whether that was enough. */
static bool cluster_advance(struct cluster_scan *scan, struct vma *vma, unsigned long limit)
{
	unsigned long cursor = READ_ONCE(vma->unmap_cursor);

	while (cursor < limit && cursor < vma->end - vma->start) {
		try_to_unmap_cluster(scan, vma, cursor);
		cursor += CLUSTER_SIZE;
		WRITE_ONCE(vma->unmap_cursor, cursor);
		if (scan->left <= 0)
			return true;
	}
	WRITE_ONCE(vma->unmap_cursor, limit);
	return false;
}

bool nonlinear_unmap(struct page *page, struct address_space *mapping, unsigned int flags)
{
	struct cluster_scan scan = { page, flags, page_mapcount(page) };
	unsigned long limit, size;
	struct vma *vma;

	assert_held(&mapping->i_mmap_rwsem);
	if (scan.left <= 0)
		return true;
	cluster_bounds(mapping, flags, &limit, &size);
	if (!size)
		return false;
	for (; limit <= size; limit += CLUSTER_SIZE) {
		list_for_each_entry(vma, &mapping->i_mmap_nonlinear, nonlinear)
			if (cluster_may(vma, flags) && cluster_advance(&scan, vma, limit))
				return true;
		cond_resched();
	}
	/* All have been passed; who had fallen behind is forgotten. */
	list_for_each_entry(vma, &mapping->i_mmap_nonlinear, nonlinear)
		WRITE_ONCE(vma->unmap_cursor, 0);
	return true;
}
