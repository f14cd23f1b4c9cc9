/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/mlock.c - memory that stays in memory: mlock, mlockall, and their ends
 *
 * Concept    VM_LOCKED is a promise of the VMA: reclaim, which comes from the
 *            page, finds it by rmap and leaves the page alone. So that it need not
 *            find the same again and again, such a page is PG_mlocked and waits on
 *            the unevictable list (mm/lru.c). Three doors keep flag and promise
 *            together, each under the lock of the page's table:
 *
 *              page_add_*_rmap      a locked VMA gets a page:    flag set
 *              page_remove_rmap     it loses one:                flag clear
 *              mlock_pages          it is locked or unlocked:    both, for all pages
 *
 *            Locking is three steps, and the second is what makes reclaim and mlock
 *            agree: who unmaps a page looks at the VMA's flags under the table's
 *            lock, so who had looked too early is done when we get it.
 *
 *              mlock                           reclaim
 *                                              table lock; VM_LOCKED? no
 *              1 VM_LOCKED is set                  |
 *              2 table lock  ... waits             swap entry for the page
 *                pages here: PG_mlocked        unlock
 *              3 fault in what is absent       from now on: locked, keep
 *
 *            Unlocking sets VM_UNLOCKING for the time of step 2, so that a page
 *            which truncation or reclaim takes from the VMA before we come by still
 *            loses its flag.
 * Owns       VM_LOCKED, VM_LOCKONFAULT, mm->def_flags.
 * Locks      mmap_lock for writing; table locks one at a time; then for reading.
 * Invariants locked_vm is the pages of VM_LOCKED VMAs          vma_validate()
 * Callers    sys_*; mmap.c and mremap.c ask what the limit allows.
 * Next       mm/mincore.c
 */
#include "mm/mlock.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/sched/sched.h"
#include "mm/anon.h"
#include "mm/mmap.h"
#include "mm/pgtable.h"
#include "mm/swap.h"
#include "mm/vma.h"

/* ---- the limit ---- */

bool mlock_permitted(const struct mm *mm)
{
	return READ_ONCE(mm->memlock_limit);
}

static bool within_limit(const struct mm *mm, u64 pages)
{
	return pages <= READ_ONCE(mm->memlock_limit) >> PAGE_SHIFT;
}

int mlock_future_check(const struct mm *mm, unsigned long vm_flags, u64 len_bytes)
{
	if (!(vm_flags & VM_LOCKED) || within_limit(mm, mm->locked_vm + (len_bytes >> PAGE_SHIFT)))
		return 0;
	return -EAGAIN;
}

/* Pages of [start, end) that are locked already. */
static u64 locked_within(struct mm *mm, unsigned long start, unsigned long end)
{
	struct vma *vma;
	u64 pages = 0;

	for (vma = find_vma_intersection(mm, start, end); vma && vma->start < end;
	     vma = vma_next(vma))
		if (vma->flags & VM_LOCKED)
			pages += (min(end, vma->end) - max(start, vma->start)) >> PAGE_SHIFT;
	return pages;
}

/* ---- pages of a VMA whose promise changed ---- */

static void mlock_table(struct vma *vma, unsigned long va, unsigned long end)
{
	struct spinlock *ptl;
	pte_t *first = pte_offset_lock(vma->mm, va, &ptl), *ptep = first;
	struct page *page;

	if (!first)
		return;
	for (; va < end; va += PAGE_SIZE, ptep++) {
		page = pte_mapped(pte_read(ptep)) ? vm_normal_page(vma, pte_read(ptep)) : NULL;
		if (page && vma->flags & VM_LOCKED)
			lru_mlock(page);
		else if (page)
			lru_munlock(page);
	}
	pte_unmap_unlock(first, ptl);
}

static void mlock_pages(struct vma *vma)
{
	unsigned long va = vma->start, next;

	for_each_table(vma->mm, va, next, vma->end) {
		mlock_table(vma, va, next);
		cond_resched();
	}
}

/*
 * [start, end) of @vma is locked as @lock says (VM_LOCKED, VM_LOCKONFAULT, or 0).
 * Return: 0 or -ENOMEM; *@out: the VMA that holds @start now.
 */
static int mlock_fixup(struct vma *vma, unsigned long start, unsigned long end,
		       unsigned long lock, struct vma **out)
{
	unsigned long old = vma->flags, flags = (old & ~(unsigned long)VM_LOCKED_MASK) | lock;
	int err;

	*out = vma;
	if (flags == old || old & VM_SPECIAL)
		return 0;
	err = vma_change_flags(vma, start, end, lock ? flags : flags | VM_UNLOCKING, out);
	if (err)
		return err;
	/* nothing below can fail */
	gate_point("mlock.flags_set", vma->mm);
	if ((old ^ flags) & VM_LOCKED)
		mlock_pages(*out);
	vma_set_flags(*out, flags);
	*out = vma_merge(*out);
	return 0;
}

/* Every page of the range must be in a VMA; those before the first hole are done. */
static int mlock_range(struct mm *mm, unsigned long start, unsigned long len, unsigned long lock)
{
	unsigned long end = start + len, next;
	struct vma *vma;
	int err;

	if (end < start)
		return -EINVAL;
	for (; start < end; start = next) {
		vma = find_vma(mm, start);
		if (!vma || vma->start > start)
			return -ENOMEM;
		next = min(end, vma->end);
		err = mlock_fixup(vma, start, next, lock, &vma);
		if (err)
			return err;
	}
	return 0;
}

/* ---- the calls ---- */

/* POSIX: memory that cannot be had is -EAGAIN, a range that cannot be touched -ENOMEM. */
static int mlock_errno(int err)
{
	return err == -EFAULT ? -ENOMEM : err == -ENOMEM ? -EAGAIN : err;
}

static long do_mlock(unsigned long start, unsigned long len, unsigned long lock)
{
	struct mm *mm = current->mm;
	int err = -ENOMEM;
	u64 pages, again;

	if (!mlock_permitted(mm))
		return -EPERM;
	len = PAGE_ALIGN(len + (start & ~PAGE_MASK));
	start &= PAGE_MASK;
	down_write(&mm->mmap_lock);
	pages = mm->locked_vm + (len >> PAGE_SHIFT);
	again = within_limit(mm, pages) ? 0 : locked_within(mm, start, start + len);
	if (within_limit(mm, pages - again))
		err = mlock_range(mm, start, len, lock);
	up_write(&mm->mmap_lock);
	return err ? err : mlock_errno(mm_populate(mm, start, start + len, false));
}

long sys_mlock(unsigned long start, unsigned long len)
{
	return do_mlock(start, len, VM_LOCKED);
}

long sys_mlock2(unsigned long start, unsigned long len, int flags)
{
	if (flags & ~MLOCK_ONFAULT)
		return -EINVAL;
	return do_mlock(start, len, flags ? VM_LOCKED | VM_LOCKONFAULT : VM_LOCKED);
}

long sys_munlock(unsigned long start, unsigned long len)
{
	struct mm *mm = current->mm;
	int err;

	len = PAGE_ALIGN(len + (start & ~PAGE_MASK));
	down_write(&mm->mmap_lock);
	err = mlock_range(mm, start & PAGE_MASK, len, 0);
	up_write(&mm->mmap_lock);
	return err;
}

/* All VMAs there are, as far as they can be cut and locked. */
static void mlock_everything(struct mm *mm, unsigned long lock)
{
	struct vma *vma;
	int err;

	for (vma = find_vma(mm, 0); vma; vma = vma_next(vma)) {
		err = mlock_fixup(vma, vma->start, vma->end, lock, &vma);
		ASSERT_VMA(vma, !err);	/* a whole VMA needs no cut */
	}
}

static int check_mlockall(struct mm *mm, int flags)
{
	if (!flags || flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) || flags == MCL_ONFAULT)
		return -EINVAL;
	if (!mlock_permitted(mm))
		return -EPERM;
	return flags & MCL_CURRENT && !within_limit(mm, mm->total_vm) ? -ENOMEM : 0;
}

long sys_mlockall(int flags)
{
	unsigned long lock = flags & MCL_ONFAULT ? VM_LOCKED | VM_LOCKONFAULT : VM_LOCKED;
	struct mm *mm = current->mm;
	int err;

	down_write(&mm->mmap_lock);
	err = check_mlockall(mm, flags);
	if (!err) {
		mm->def_flags = flags & MCL_FUTURE ? lock : 0;
		if (flags & MCL_CURRENT)
			mlock_everything(mm, lock);
	}
	up_write(&mm->mmap_lock);
	if (!err && flags & MCL_CURRENT)
		(void)mm_populate(mm, 0, MM_USER_TOP, true);
	return err;
}

long sys_munlockall(void)
{
	struct mm *mm = current->mm;

	down_write(&mm->mmap_lock);
	mm->def_flags = 0;
	mlock_everything(mm, 0);
	up_write(&mm->mmap_lock);
	return 0;
}
