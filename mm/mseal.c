/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/mseal.c - ranges that stay as they are
 *
 * Concept    A program that was broken into is not to open its own doors: a sealed range
 *            cannot be unmapped, replaced, moved, cut or given other permissions until
 *            the program ends or another begins. What is in it may change as before,
 *            but for advice that would empty anonymous memory nobody may write: that would be
 *            a write by other means. Nothing takes a seal off.
 * Owns       VM_SEALED, mm->sealed.
 * Locks      mmap_lock: for writing to seal, for reading to look.
 * Invariants A VMA with VM_SEALED has its mm's sealed set: who unmaps looks at that first.
 * Callers    sys_mseal; munmap, mprotect, mremap, madvise and remap_file_pages ask
 * Next       mm/mremap.c
 */
#include "mm/mmap.h"

#include "kernel/sched/sched.h"
#include "mm/vma.h"

int mseal_check(struct mm *mm, unsigned long start, unsigned long end)
{
	struct vma *vma;

	assert_held(&mm->mmap_lock);
	if (likely(!mm->sealed))
		return 0;
	for (vma = find_vma(mm, start); vma && vma->start < end; vma = vma_next(vma))
		if (vma->flags & VM_SEALED)
			return -EPERM;
	return 0;
}

bool mseal_forbids_advice(const struct vma *vma, int advice)
{
	if (!(vma->flags & VM_SEALED) || vma->flags & (VM_SHARED | VM_WRITE) || vma->file)
		return false;
	switch (advice) {
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE:
	case MADV_DONTFORK:
	case MADV_WIPEONFORK:
	case MADV_GUARD_INSTALL:
		return true;
	default:
		return false;
	}
}

/* Holes are noticed before anything is sealed. */
static int seal_range(struct mm *mm, unsigned long start, unsigned long end)
{
	struct vma *vma;
	unsigned long va;
	int err = 0;

	for (va = start; va < end; va = vma->end) {
		vma = find_vma(mm, va);
		if (!vma || vma->start > va)
			return -ENOMEM;
	}
	for (va = start; va < end && !err; va = min(end, vma->end)) {
		vma = find_vma(mm, va);
		if (vma->flags & VM_SEALED)
			continue;
		err = vma_change_flags(vma, va, min(end, vma->end), vma->flags | VM_SEALED, &vma);
		mm->sealed |= !err;
		vma = vma_merge(vma);
	}
	return err;
}

long sys_mseal(unsigned long start, unsigned long len, unsigned long flags)
{
	struct mm *mm = current->mm;
	unsigned long end = start + PAGE_ALIGN(len);
	int err;

	if (flags || !is_aligned(start, PAGE_SIZE) || (len && !PAGE_ALIGN(len)) || end < start)
		return -EINVAL;
	down_write(&mm->mmap_lock);
	err = seal_range(mm, start, end);
	up_write(&mm->mmap_lock);
	return err;
}
