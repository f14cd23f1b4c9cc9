/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/guard.c - pages that nobody may touch, though their VMA allows it
 *
 * Concept    Programs put a page without access at the end of a stack or of an
 *            object. With mprotect each costs two VMAs more; here it costs a page-table
 *            entry, a marker that says "guard". The VMA knows nothing of it. Where a
 *            file offset must be kept (mm/nonlinear.c), the entry keeps it and is marked.
 *
 *              install   pages and swap entries of the range go, as with
 *                        MADV_DONTNEED, and in every place is a marker
 *              access    SIGSEGV as if nothing were mapped; -EFAULT for the kernel
 *              remove    markers become nothing: the next access finds zeroes or the
 *                        object's page
 *
 *            A marker stays through mprotect, MADV_DONTNEED, MADV_FREE, truncation and
 *            reclaim, moves with mremap, and goes with the range itself (munmap). fork
 *            copies it, for which the VMA needs an anon_vma: VMAs without one are not
 *            looked through.
 *
 *              install                         fault
 *                                              entry is none: make a page
 *              tables for the whole range
 *              bracket; table lock
 *                entry cleared, marker set
 *                                              table lock; entry is still none? no:
 *              flush, free, end                drop the page. Repeat: a marker
 * Owns       Markers with PTE_MARKER_GUARD, marks of file offsets.
 * Locks      mmap_lock for reading; table locks one at a time.
 * Invariants All tables are made before the first entry changes: install happens as
 *            a whole or not at all.
 *            A marker is in ordinary memory, in a VMA with an anon_vma    mm_check()
 * Callers    madvise.c
 * Next       mm/mlock.c
 */
#include "mm/guard.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/sched/sched.h"
#include "mm/mmap.h"
#include "mm/pgtable.h"
#include "mm/rmap.h"
#include "mm/vma.h"

int guard_install(struct vma *vma, unsigned long start, unsigned long end)
{
	static const struct unmap_how how = { .leave = UNMAP_GUARD };
	int err;

	assert_held(&vma->mm->mmap_lock);
	if (vma->flags & (VM_SPECIAL | VM_LOCKED))
		return -EINVAL;
	if (anon_vma_prepare(vma))
		return -ENOMEM;
	err = pt_alloc_range(vma->mm, start, end);
	if (err)
		return err;
	/* nothing below can fail: tables go only when mmap_lock is held for writing */
	gate_point("guard.tables_made", vma->mm);
	zap_page_range(vma, start, end, &how);
	return 0;
}

/* Absent to absent: nobody can have cached either, so no bracket and no flush. */
static void guard_remove_table(struct vma *vma, unsigned long va, unsigned long end)
{
	struct spinlock *ptl;
	pte_t *first = pte_offset_lock(vma->mm, va, &ptl), *ptep = first;

	if (!first)
		return;
	for (; va < end; va += PAGE_SIZE, ptep++)
		if (pte_is_guard(pte_read(ptep)))
			set_pte_at(vma->mm, va, ptep, pte_clear_guard(pte_read(ptep)));
	pte_unmap_unlock(first, ptl);
}

int guard_remove(struct vma *vma, unsigned long start, unsigned long end)
{
	unsigned long va = start, next;

	assert_held(&vma->mm->mmap_lock);
	if (vma->flags & VM_SPECIAL)
		return -EINVAL;
	for_each_table(vma->mm, va, next, end) {
		guard_remove_table(vma, va, next);
		cond_resched();
	}
	return 0;
}
