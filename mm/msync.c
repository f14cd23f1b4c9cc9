/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/msync.c - what a program wrote through a mapping shall be in the file
 *
 * Concept    A shared mapping shows the pages of its file themselves, and files
 *            live in memory: a write through the mapping is in the file at once.
 *            What is left of msync is to say whether the range is mapped, and that
 *            locked pages cannot be invalidated.
 * Owns       Nothing.
 * Locks      mmap_lock for reading.
 * Invariants A hole does not end the walk; it makes the answer -ENOMEM.
 * Callers    sys_msync
 * Next       mm/clear_refs.c
 */
#include "mm/mmap.h"

#include "kernel/sched/sched.h"
#include "mm/vma.h"

static int check_msync(unsigned long start, unsigned long len, int flags)
{
	if (flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC) || !is_aligned(start, PAGE_SIZE))
		return -EINVAL;
	if (flags & MS_ASYNC && flags & MS_SYNC)
		return -EINVAL;
	return start + PAGE_ALIGN(len) < start ? -ENOMEM : 0;
}

static int do_msync(struct mm *mm, unsigned long start, unsigned long end, int flags)
{
	unsigned long va = start;
	struct vma *vma;
	int err = 0;

	assert_held(&mm->mmap_lock);
	for (; va < end; va = vma->end) {
		vma = find_vma_intersection(mm, va, end);
		if (!vma)
			return -ENOMEM;
		if (vma->start > va)
			err = -ENOMEM;
		if (flags & MS_INVALIDATE && vma->flags & VM_LOCKED)
			return -EBUSY;
	}
	return err;
}

long sys_msync(unsigned long start, unsigned long len, int flags)
{
	struct mm *mm = current->mm;
	int err = check_msync(start, len, flags);

	if (err)
		return err;
	down_read(&mm->mmap_lock);
	err = do_msync(mm, start, start + PAGE_ALIGN(len), flags);
	up_read(&mm->mmap_lock);
	return err;
}
