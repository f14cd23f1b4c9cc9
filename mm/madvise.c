/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/madvise.c - what a program says about its memory
 *
 * Concept    Three sorts of advice. Some is an order: DONTNEED and FREE drop
 *            pages now (FREE may wait, but need not), POPULATE makes them now.
 *            Some changes a VMA's flags: what fork does with it. The rest is a
 *            hint that costs nothing to accept.
 * Owns       Nothing.
 * Locks      mmap_lock: for writing only where flags change.
 * Invariants Holes do not stop an advice; they make it answer -ENOMEM at the end.
 * Callers    sys_madvise
 * Next       mm/fork.c
 */
#include "mm/mmap.h"

#include "kernel/sched/sched.h"
#include "mm/fault.h"
#include "mm/vma.h"

enum advice_kind { ADVICE_UNKNOWN, ADVICE_HINT, ADVICE_ZAP, ADVICE_FLAGS, ADVICE_POPULATE };

static enum advice_kind advice_kind(int advice)
{
	switch (advice) {
	case MADV_NORMAL:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_WILLNEED:
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
	case MADV_COLD:
	case MADV_PAGEOUT:
		return ADVICE_HINT;
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE:
		return ADVICE_ZAP;
	case MADV_DONTFORK:
	case MADV_DOFORK:
	case MADV_WIPEONFORK:
	case MADV_KEEPONFORK:
		return ADVICE_FLAGS;
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
		return ADVICE_POPULATE;
	default:
		return ADVICE_UNKNOWN;
	}
}

static int advise_zap(struct vma *vma, unsigned long start, unsigned long end, int advice)
{
	if (vma->flags & VM_PFNMAP || (vma->flags & VM_LOCKED && advice != MADV_DONTNEED_LOCKED))
		return -EINVAL;
	if (advice == MADV_FREE && !vma_is_anonymous(vma))
		return -EINVAL;
	zap_page_range(vma, start, end);
	return 0;
}

static int advise_new_flags(const struct vma *vma, int advice, unsigned long *flags)
{
	*flags = vma->flags;
	switch (advice) {
	case MADV_DONTFORK:
		*flags |= VM_DONTCOPY;
		break;
	case MADV_DOFORK:
		*flags &= ~VM_DONTCOPY;
		break;
	case MADV_WIPEONFORK:
		if (!vma_is_anonymous(vma) || vma->flags & VM_SHARED)
			return -EINVAL;
		*flags |= VM_WIPEONFORK;
		break;
	default:
		*flags &= ~VM_WIPEONFORK;
	}
	return 0;
}

static int advise_flags(struct vma *vma, unsigned long start, unsigned long end, int advice)
{
	unsigned long flags;
	int err = advise_new_flags(vma, advice, &flags);

	if (err || flags == vma->flags)
		return err;
	if (start > vma->start)
		err = vma_split(vma, start, &vma);
	if (!err && end < vma->end)
		err = vma_split(vma, end, NULL);
	if (!err)
		vma->flags = flags;
	(void)vma_merge(vma);
	return err;
}

int do_madvise(struct mm *mm, unsigned long start, unsigned long len, int advice)
{
	unsigned long end = start + PAGE_ALIGN(len), va = start, next;
	enum advice_kind kind = advice_kind(advice);
	bool hole = false;
	struct vma *vma;
	int err = 0;

	assert_held(&mm->mmap_lock);
	while (va < end && !err) {
		vma = find_vma_intersection(mm, va, end);
		if (!vma)
			return -ENOMEM;
		hole |= vma->start > va;
		va = max(va, vma->start);
		next = min(end, vma->end);
		if (kind == ADVICE_ZAP)
			err = advise_zap(vma, va, next, advice);
		else if (kind == ADVICE_FLAGS)
			err = advise_flags(vma, va, next, advice);
		va = next;
	}
	return err ? err : hole ? -ENOMEM : 0;
}

static int advise_populate(struct mm *mm, unsigned long start, unsigned long end, int advice)
{
	int err = mm_populate(mm, start, end, advice == MADV_POPULATE_WRITE);

	/* A hole is -ENOMEM here; a forbidden access or a bus error -EFAULT. */
	if (err == -EFAULT) {
		down_read(&mm->mmap_lock);
		err = do_madvise(mm, start, end - start, MADV_NORMAL) ? -ENOMEM : -EFAULT;
		up_read(&mm->mmap_lock);
	}
	return err;
}

static int check_advice(unsigned long start, unsigned long len, int advice)
{
	unsigned long end = start + PAGE_ALIGN(len);

	if (advice_kind(advice) == ADVICE_UNKNOWN || !is_aligned(start, PAGE_SIZE))
		return -EINVAL;
	return len > MM_USER_TOP || end < start || end > MM_USER_TOP ? -EINVAL : 0;
}

long sys_madvise(unsigned long start, unsigned long len, int advice)
{
	struct mm *mm = current->mm;
	enum advice_kind kind = advice_kind(advice);
	int err = check_advice(start, len, advice);

	if (err || !len)
		return err;
	if (kind == ADVICE_POPULATE)
		return advise_populate(mm, start, start + PAGE_ALIGN(len), advice);
	if (kind == ADVICE_FLAGS) {
		down_write(&mm->mmap_lock);
		err = do_madvise(mm, start, len, advice);
		up_write(&mm->mmap_lock);
	} else {
		down_read(&mm->mmap_lock);
		err = do_madvise(mm, start, len, advice);
		up_read(&mm->mmap_lock);
	}
	return err;
}
