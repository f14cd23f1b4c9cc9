/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/userfaultfd_wp.c - writes that a program wants to hear of before they happen
 *
 * Concept    A snapshot of a running program: every page is protected, and whoever writes
 *            one waits until its old contents have been copied and the protection is
 *            lifted. The VMA keeps its permission; the entry loses it and is marked:
 *
 *                            mark   may be written    a write
 *                before       no        yes           -
 *                protected    yes       no            waits (FAULT_WP), before COW
 *                lifted       no        no            a fault gives the permission back
 *
 *            The mark is in every kind of entry that stands for a page: it survives
 *            swapping and mprotect. It goes with the page (MADV_DONTNEED), with the
 *            registration, and is not copied by fork.
 *
 *            Where nothing is, a marker can hold the mark: what comes is protected already.
 *            In an object's VMA that is the rule, for the object may have a page that is
 *            not mapped; there the mark outlives the page's entry (reclaim, MADV_DONTNEED,
 *            truncation), too. Private memory is protected so only if that was agreed upon
 *            (UFFD_FEATURE_WP_UNPOPULATED), and MADV_DONTNEED ends it.
 *
 *            Who only wants to know which pages were written need not be asked at all
 *            (UFFD_FEATURE_WP_ASYNC): a write lifts the protection itself, in fault.c, and
 *            PAGEMAP_SCAN finds what has none any more, and protects it again.
 * Owns       The meaning of PTE_UFFD_WP.
 * Locks      mmap_lock for reading; table locks one at a time.
 * Invariants No entry is marked and may be written    set_pte_at()
 *            When protecting returns, no CPU and no second MMU can write: the bracket
 *            is closed after the flush. Lifting takes nothing away: no bracket.
 * Callers    kernel/syscall/sys_userfaultfd.c; userfaultfd.c; mremap.c; pagemap_scan.c
 * Next       mm/userfaultfd_event.c
 */
#include "mm/userfaultfd.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/sched/sched.h"
#include "mm/mmu_notifier.h"
#include "mm/pgtable.h"
#include "mm/tlb.h"
#include "mm/vma.h"

/* Does the entry stand for a page? A guard or an order of offsets has nothing to write. */
static bool wp_has_page(pte_t pte)
{
	return pte_mapped(pte) || pte_is_swap(pte);
}

/* What is to be done to [start, end), a part of @vma. */
struct wp_change {
	struct vma *vma;
	bool protect;
	bool markers;		/* protect what is empty, too */
};

/* Absent to absent. */
static void wp_empty(const struct wp_change *wp, unsigned long va, pte_t *ptep)
{
	if (wp->protect && wp->markers)
		set_pte_at(wp->vma->mm, va, ptep, pte_make_wp_marker());
	else if (!wp->protect && !pte_none(pte_read(ptep)))
		(void)ptep_get_and_clear(wp->vma->mm, va, ptep);
}

/* Return: whether somebody must forget. */
static bool wp_entry(const struct wp_change *wp, unsigned long va, pte_t *ptep)
{
	struct mm *mm = wp->vma->mm;
	pte_t pte = pte_read(ptep);

	if (pte_is_empty(pte))
		wp_empty(wp, va, ptep);
	if (!wp_has_page(pte) || pte_uffd_wp(pte) == wp->protect)
		return false;
	if (wp->protect)
		return ptep_set_uffd_wp(mm, va, ptep);
	set_pte_at(mm, va, ptep, pte_clear_uffd_wp(pte));
	return false;
}

static bool wp_table(const struct wp_change *wp, unsigned long va, unsigned long end)
{
	struct spinlock *ptl;
	pte_t *first = pte_offset_lock(wp->vma->mm, va, &ptl), *ptep = first;
	bool must_flush = false;

	if (!first)
		return false;
	flush_tlb_batched_pending(wp->vma->mm);
	for (; va < end; va += PAGE_SIZE, ptep++)
		must_flush |= wp_entry(wp, va, ptep);
	pte_unmap_unlock(first, ptl);
	return must_flush;
}

static bool wp_tables(const struct wp_change *wp, unsigned long start, unsigned long end)
{
	unsigned long va = start, next;
	bool must_flush = false;

	for_each_table(wp->vma->mm, va, next, end) {
		must_flush |= wp_table(wp, va, next);
		cond_resched();
	}
	return must_flush;
}

void userfaultfd_unprotect(struct vma *vma, unsigned long start, unsigned long end)
{
	const struct wp_change wp = { .vma = vma };

	assert_held(&vma->mm->mmap_lock);
	(void)wp_tables(&wp, start, end);
}

/* Those of the pages from @start on that are in @which. */
static bool wp_pages(const struct wp_change *wp, unsigned long start, u64 which)
{
	bool must_flush = false;

	for (unsigned long va = start; which; va += PAGE_SIZE, which >>= 1)
		if (which & 1)
			must_flush |= wp_table(wp, va, va + PAGE_SIZE);
	return must_flush;
}

int userfaultfd_protect(struct vma *vma, unsigned long start, unsigned long end,
			const u64 *which)
{
	const struct wp_change wp = {
		.vma = vma, .protect = true, .markers = !vma_is_anonymous(vma) ||
			vma->uffd->features & UFFD_FEATURE_WP_UNPOPULATED,
	};
	int err = wp.markers ? pt_alloc_range(vma->mm, start, end) : 0;
	struct mmu_notifier_range range;

	if (err)
		return err;
	mmu_notifier_range_init(&range, MMU_NOTIFY_PROTECTION_VMA, MMU_NOTIFIER_RANGE_BLOCKABLE,
				vma->mm, start, end);
	mmu_notifier_invalidate_range_start(&range);
	if (which ? wp_pages(&wp, start, *which) : wp_tables(&wp, start, end))
		flush_tlb_range(vma->mm, start, end);
	gate_point("userfaultfd.protected", vma->mm);
	mmu_notifier_invalidate_range_end(&range);
	return 0;
}

/* VMA by VMA, until one is not registered for this. */
static int wp_vmas(struct mm *mm, unsigned long start, unsigned long end, bool protect)
{
	struct vma *vma = find_vma_intersection(mm, start, end);
	int err = vma ? 0 : -ENOENT;

	for (; !err && vma && vma->start < end; vma = vma_next(vma)) {
		if (!(vma->flags & VM_UFFD_WP))
			return -ENOENT;
		if (protect)
			err = userfaultfd_protect(vma, max(start, vma->start),
						  min(end, vma->end), NULL);
		else
			userfaultfd_unprotect(vma, max(start, vma->start), min(end, vma->end));
	}
	return err;
}

int userfaultfd_writeprotect(struct userfaultfd *uffd, unsigned long start, unsigned long len,
			     bool protect)
{
	struct mm *mm = uffd->mm;
	int err = userfaultfd_check_range(start, len);

	if (err)
		return err;
	if (!mmget_not_zero(mm))
		return -ESRCH;
	down_read(&mm->mmap_lock);
	err = userfaultfd_is_changing(uffd) ? -EAGAIN : wp_vmas(mm, start, start + len, protect);
	up_read(&mm->mmap_lock);
	mmput(mm);
	return err;
}
