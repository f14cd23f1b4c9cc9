/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/msync.c - what a program wrote through a mapping shall be in the file
 *
 * Concept    A shared mapping shows the pages of its file themselves: a write through
 *            the mapping is in the file at once, for whoever reads it. MS_SYNC is for
 *            files that have a disk: when it returns, the bytes are there.
 *            MS_ASYNC has nothing to do, for write-back knows what is dirty.
 *            Everybody is told whether the range is mapped, and that locked pages
 *            cannot be invalidated.
 * Owns       Nothing.
 * Locks      mmap_lock for reading.
 * Invariants A hole does not end the walk; it makes the answer -ENOMEM. A failed write
 *            does, with -EIO.
 * Callers    sys_msync
 * Next       mm/clear_refs.c
 */
#include "mm/mmap.h"

#include "kernel/sched/sched.h"
#include "mm/vma.h"
#include "mm/writeback.h"

static int check_msync(unsigned long start, unsigned long len, int flags)
{
	if (flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC) || !is_aligned(start, PAGE_SIZE))
		return -EINVAL;
	if (flags & MS_ASYNC && flags & MS_SYNC)
		return -EINVAL;
	return start + PAGE_ALIGN(len) < start ? -ENOMEM : 0;
}

/* [@start, @end) of @vma is to be on the disk. May sleep. Return: 0 or -EIO. */
static int msync_vma(struct vma *vma, unsigned long start, unsigned long end)
{
	if (!(vma->flags & VM_SHARED) || !vma->mapping)
		return 0;
	if (vma->flags & VM_NONLINEAR)		/* they may be any pages */
		return filemap_write_and_wait_range(vma->mapping, 0, ~0ULL);
	return filemap_write_and_wait_range(vma->mapping, vma_pgoff(vma, start),
					    vma_pgoff(vma, end - 1));
}

static int do_msync(struct mm *mm, unsigned long start, unsigned long end, int flags)
{
	unsigned long va = start;
	struct vma *vma;
	int err = 0, io;

	assert_held(&mm->mmap_lock);
	for (; va < end; va = vma->end) {
		vma = find_vma_intersection(mm, va, end);
		if (!vma)
			return -ENOMEM;
		if (vma->start > va)
			err = -ENOMEM;
		if (flags & MS_INVALIDATE && vma->flags & VM_LOCKED)
			return -EBUSY;
		io = flags & MS_SYNC ? msync_vma(vma, max(va, vma->start), min(end, vma->end)) : 0;
		if (io)
			return io;
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
