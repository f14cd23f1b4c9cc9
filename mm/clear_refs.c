/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/clear_refs.c - forget what was used or written, to see what will be
 *
 * Concept    Whoever copies a running program wants to know which pages have been
 *            written since he copied them. Each entry has a mark for that, of which
 *            the hardware knows nothing: soft-dirty. Clearing takes the write
 *            permission, too; the next write faults, and the fault that gives the
 *            permission back sets the mark.
 *
 *                            mark   may be written     pagemap says
 *                after write  yes        yes             written
 *                cleared      no         no              not written
 *                written      fault: yes, yes            written
 *
 *            The mark is in every kind of entry: it survives swapping, fork and
 *            mprotect. Memory that comes into being where there was other memory
 *            has no entries to be marked; so a new VMA, or one that grew or moved, is
 *            marked as a whole (VM_SOFTDIRTY), until it is cleared. What a file has
 *            lost by reclaim it has lost with its mark, as in Linux.
 *
 *            Accessed bits are forgotten likewise, one by one, and asked for by
 *            smaps; they are the CPUs' and the second MMUs'.
 * Owns       The meaning of PTE_SOFT_DIRTY and VM_SOFTDIRTY.
 * Locks      mmap_lock, for writing where entries lose a permission, so that no fault
 *            is under way; table locks one at a time.
 * Invariants An entry without a mark can not be written through by any CPU or second
 *            MMU when clearing returns: one bracket, flushed inside.    set_pte_at()
 * Callers    kernel/task/proc_mem.c
 * Next       mm/page_idle.c
 */
#include "mm/clear_refs.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/sched/sched.h"
#include "mm/anon.h"
#include "mm/mmu_notifier.h"
#include "mm/page.h"
#include "mm/page_idle.h"
#include "mm/pgtable.h"
#include "mm/tlb.h"

struct clear_walk {
	enum clear_refs what;
	bool must_flush;
};

static void clear_young(struct vma *vma, unsigned long va, pte_t *ptep)
{
	pte_t pte = pte_read(ptep);
	struct page *page = pte_mapped(pte) ? vm_normal_page(vma, pte) : NULL;

	if (pte_present(pte))
		(void)ptep_clear_flush_young_notify(vma->mm, va, ptep);
	if (page)
		page_forget_use(page);
}

static void clear_table(struct clear_walk *w, struct vma *vma, unsigned long va,
			unsigned long end)
{
	struct spinlock *ptl;
	pte_t *first = pte_offset_lock(vma->mm, va, &ptl), *ptep = first;

	if (!first)
		return;
	flush_tlb_batched_pending(vma->mm);
	for (; va < end; va += PAGE_SIZE, ptep++) {
		if (w->what == CLEAR_REFS_SOFT_DIRTY)
			w->must_flush |= ptep_clear_soft_dirty(vma->mm, va, ptep);
		else
			clear_young(vma, va, ptep);
	}
	pte_unmap_unlock(first, ptl);
}

static bool clear_wants(const struct clear_walk *w, const struct vma *vma)
{
	return !(vma->flags & VM_PFNMAP) && !(w->what == CLEAR_REFS_ANON && vma->file) &&
	       !(w->what == CLEAR_REFS_MAPPED && !vma->file);
}

static void clear_vma(struct clear_walk *w, struct vma *vma)
{
	unsigned long va = vma->start, next;

	for_each_table(vma->mm, va, next, vma->end) {
		clear_table(w, vma, va, next);
		cond_resched();
	}
}

static void clear_vmas(struct clear_walk *w, struct mm *mm)
{
	struct vma *vma;

	for (vma = find_vma(mm, 0); vma; vma = vma_next(vma)) {
		if (w->what == CLEAR_REFS_SOFT_DIRTY)
			WRITE_ONCE(vma->flags, vma->flags & ~(unsigned long)VM_SOFTDIRTY);
		if (clear_wants(w, vma))
			clear_vma(w, vma);
	}
}

/* Writable entries become read-only: everybody who has one must forget it. */
static void clear_soft_dirty(struct mm *mm)
{
	struct clear_walk w = { .what = CLEAR_REFS_SOFT_DIRTY };
	struct mmu_notifier_range range;

	mmu_notifier_range_init(&range, MMU_NOTIFY_SOFT_DIRTY, MMU_NOTIFIER_RANGE_BLOCKABLE, mm,
				0, MM_USER_TOP);
	mmu_notifier_invalidate_range_start(&range);
	clear_vmas(&w, mm);
	gate_point("clear_refs.cleared", mm);
	if (w.must_flush)
		flush_tlb_mm(mm);
	mmu_notifier_invalidate_range_end(&range);
}

/* The CPUs flush, so that the very next use is seen. */
static void clear_referenced(struct mm *mm, enum clear_refs what)
{
	struct clear_walk w = { .what = what };

	clear_vmas(&w, mm);
	flush_tlb_mm(mm);
}

int mm_clear_refs(struct mm *mm, enum clear_refs what)
{
	int err = 0;

	switch (what) {
	case CLEAR_REFS_ALL:
	case CLEAR_REFS_ANON:
	case CLEAR_REFS_MAPPED:
		err = down_read_killable(&mm->mmap_lock);
		if (err)
			return err;
		clear_referenced(mm, what);
		up_read(&mm->mmap_lock);
		return 0;
	case CLEAR_REFS_SOFT_DIRTY:
		err = down_write_killable(&mm->mmap_lock);
		if (err)
			return err;
		clear_soft_dirty(mm);
		up_write(&mm->mmap_lock);
		return 0;
	case CLEAR_REFS_HIWATER:
		WRITE_ONCE(mm->hiwater_rss, mm_rss(mm));
		return 0;
	default:
		return -EINVAL;
	}
}
