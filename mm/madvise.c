/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/madvise.c - what a program says about its memory
 *
 * Concept    Four sorts of advice. Some is an order about pages: DONTNEED drops
 *            them now, REMOVE out of their file, too, POPULATE makes them now,
 *            GUARD_INSTALL and its undoing keep them from being touched
 *            (mm/guard.c). Some is a wish about pages (FREE, COLD, PAGEOUT,
 *            WILLNEED), which mm/page_advice.c grants. Some changes a VMA's flags:
 *            what fork or a dump does with it, in which order it will be read. The
 *            rest is a hint that costs nothing to accept.
 * Owns       Nothing.
 * Locks      mmap_lock: for writing only where flags change.
 * Invariants Holes do not stop an advice; they make it answer -ENOMEM at the end.
 *            POPULATE alone stops at a hole.
 * Callers    sys_madvise, sys_process_madvise
 * Next       mm/page_advice.c
 */
#include "mm/mmap.h"

#include "kernel/sched/sched.h"
#include "mm/fault.h"
#include "mm/guard.h"
#include "mm/page_advice.h"
#include "mm/userfaultfd.h"
#include "mm/vma.h"

enum advice_kind {
	ADVICE_UNKNOWN, ADVICE_HINT, ADVICE_DROP, ADVICE_PAGES, ADVICE_FLAGS, ADVICE_POPULATE,
	ADVICE_GUARD, ADVICE_REMOVE,
};

static enum advice_kind advice_kind(int advice)
{
	switch (advice) {
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
		return ADVICE_HINT;
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
		return ADVICE_DROP;
	case MADV_FREE:
	case MADV_COLD:
	case MADV_PAGEOUT:
	case MADV_WILLNEED:
		return ADVICE_PAGES;
	case MADV_NORMAL:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_DONTFORK:
	case MADV_DOFORK:
	case MADV_WIPEONFORK:
	case MADV_KEEPONFORK:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
		return ADVICE_FLAGS;
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
		return ADVICE_POPULATE;
	case MADV_GUARD_INSTALL:
	case MADV_GUARD_REMOVE:
		return ADVICE_GUARD;
	case MADV_REMOVE:
		return ADVICE_REMOVE;
	default:
		return ADVICE_UNKNOWN;
	}
}

/* ---- orders ---- */

static int advise_drop(struct vma *vma, unsigned long start, unsigned long end, int advice)
{
	static const struct unmap_how how = { .leave = UNMAP_PAGES };

	if (vma->flags & VM_PFNMAP || (vma->flags & VM_LOCKED && advice != MADV_DONTNEED_LOCKED))
		return -EINVAL;
	zap_page_range(vma, start, end, &how);
	return 0;
}

/* From *@va on, which moves. -EINVAL: the access is forbidden; -EFAULT: a bus error. */
static int advise_populate_step(struct mm *mm, unsigned long *va, unsigned long end,
				unsigned int access)
{
	unsigned long start = *va, need = access ? VM_WRITE : VM_READ;
	struct vma *vma = find_vma(mm, start);

	assert_held(&mm->mmap_lock);
	if (!vma || vma->start > start)
		return -ENOMEM;
	if (vma->flags & VM_PFNMAP || !(vma->flags & need))
		return -EINVAL;
	end = min(end, vma->end);
	*va = min(end, start + POPULATE_STEP);
	return populate_vma_range(vma, start, *va, access);
}

static int advise_populate(struct mm *mm, unsigned long start, unsigned long end, int advice)
{
	unsigned int access = advice == MADV_POPULATE_WRITE ? FAULT_WRITE : 0;
	unsigned long va = start;
	int err = 0;

	while (va < end && !err) {
		start = va;
		down_read(&mm->mmap_lock);
		err = advise_populate_step(mm, &va, end, access);
		up_read(&mm->mmap_lock);
		if (err == -EAGAIN)
			err = populate_asking(mm, start, va, access);
	}
	return err;
}

/* The next hole that MADV_REMOVE is to punch. */
struct hole {
	unsigned long va, end;		/* what is left to do */
	bool unmapped;			/* some of what was done is not mapped */
	struct file *file;		/* with a reference */
	u64 offset, len;		/* of the hole, in bytes */
	bool tell;			/* a userfaultfd hears of it first: */
	struct uffd_event event;
};

static int advise_remove_find(struct mm *mm, struct hole *h)
{
	const unsigned long need = VM_SHARED | VM_MAYWRITE;
	struct vma *vma = find_vma_intersection(mm, h->va, h->end);
	unsigned long start;

	assert_held(&mm->mmap_lock);
	if (!vma)
		return -ENOMEM;
	if (vma->flags & (VM_LOCKED | VM_NONLINEAR) || !vma->file)
		return -EINVAL;
	if ((vma->flags & need) != need)
		return -EACCES;
	start = max(h->va, vma->start);
	h->unmapped |= start > h->va;
	h->va = min(h->end, vma->end);
	h->offset = vma_pgoff(vma, start) << PAGE_SHIFT;
	h->len = h->va - start;
	h->file = vma->file;
	mmap_file_hooks->get(h->file);
	h->tell = userfaultfd_note_remove(vma, start, h->va, &h->event);
	return 0;
}

/* Files are locked outside of mmap_lock: each hole is punched without it. */
static int advise_remove(struct mm *mm, unsigned long start, unsigned long end)
{
	struct hole h = { .va = start, .end = end };
	int err = 0;

	while (h.va < end && !err) {
		down_read(&mm->mmap_lock);
		err = advise_remove_find(mm, &h);
		up_read(&mm->mmap_lock);
		if (err)
			break;
		if (h.tell)
			userfaultfd_tell_remove(&h.event);
		err = mmap_file_hooks->punch(h.file, h.offset, h.len);
		mmap_file_hooks->put(h.file);
	}
	return err ? err : h.unmapped ? -ENOMEM : 0;
}

/* ---- flags ---- */

static const struct advice_flags {
	unsigned long set, clear;
} advice_flags[] = {
	[MADV_NORMAL] = { 0, VM_RAND_READ | VM_SEQ_READ },
	[MADV_RANDOM] = { VM_RAND_READ, VM_SEQ_READ },
	[MADV_SEQUENTIAL] = { VM_SEQ_READ, VM_RAND_READ },
	[MADV_DONTFORK] = { VM_DONTCOPY, 0 },
	[MADV_DOFORK] = { 0, VM_DONTCOPY },
	[MADV_WIPEONFORK] = { VM_WIPEONFORK, 0 },
	[MADV_KEEPONFORK] = { 0, VM_WIPEONFORK },
	[MADV_DONTDUMP] = { VM_DONTDUMP, 0 },
	[MADV_DODUMP] = { 0, VM_DONTDUMP },
};

static bool flags_refused(const struct vma *vma, int advice)
{
	switch (advice) {
	case MADV_DOFORK:
		return vma->flags & VM_PFNMAP;
	case MADV_DODUMP:
		return vma->flags & VM_SPECIAL;
	case MADV_WIPEONFORK:
		return !vma_is_anonymous(vma) || vma->flags & VM_SHARED;
	default:
		return false;
	}
}

static int advise_flags(struct vma *vma, unsigned long start, unsigned long end, int advice)
{
	const struct advice_flags *change = &advice_flags[advice];
	unsigned long flags = (vma->flags & ~change->clear) | change->set;

	if (flags_refused(vma, advice))
		return -EINVAL;
	if (flags == vma->flags)
		return 0;
	if (vma_change_flags(vma, start, end, flags, &vma))
		return -EAGAIN;
	(void)vma_merge(vma);
	return 0;
}

/* ---- the call ---- */

static int advise_vma(struct vma *vma, unsigned long start, unsigned long end, int advice)
{
	if (unlikely(mseal_forbids_advice(vma, advice)))
		return -EPERM;
	switch (advice_kind(advice)) {
	case ADVICE_DROP:
		return advise_drop(vma, start, end, advice);
	case ADVICE_PAGES:
		return advise_pages(vma, start, end, advice);
	case ADVICE_FLAGS:
		return advise_flags(vma, start, end, advice);
	case ADVICE_GUARD:
		return advice == MADV_GUARD_INSTALL ? guard_install(vma, start, end) :
						      guard_remove(vma, start, end);
	default:
		return 0;
	}
}

/* Does the advice take pages away, if it may be given at all? */
static bool advice_removes(const struct vma *vma, int advice)
{
	unsigned long never = VM_PFNMAP | (advice == MADV_DONTNEED_LOCKED ? 0 : VM_LOCKED);

	return (advice == MADV_FREE || advice_kind(advice) == ADVICE_DROP) &&
	       !(vma->flags & never);
}

/*
 * A userfaultfd hears of it first. Drops mmap_lock meanwhile: *@vma and *@end may be others
 * then. Return: 0, or -ENOMEM: nothing is mapped at @va any more.
 */
static int advise_tell(struct mm *mm, struct vma **vma, unsigned long va, unsigned long *end)
	__no_lock_check	/* drops and takes again what the caller holds */
{
	struct uffd_event ev;

	if (!userfaultfd_note_remove(*vma, va, *end, &ev))
		return 0;
	up_read(&mm->mmap_lock);
	userfaultfd_tell_remove(&ev);
	down_read(&mm->mmap_lock);
	*vma = find_vma(mm, va);
	if (!*vma || (*vma)->start > va)
		return -ENOMEM;
	*end = min(*end, (*vma)->end);
	return 0;
}

int do_madvise(struct mm *mm, unsigned long start, unsigned long len, int advice)
{
	unsigned long end = start + PAGE_ALIGN(len), va = start, next;
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
		if (unlikely(vma->uffd) && advice_removes(vma, advice))
			err = advise_tell(mm, &vma, va, &next);
		if (!err)
			err = advise_vma(vma, va, next, advice);
		va = next;
	}
	return err ? err : hole ? -ENOMEM : 0;
}

static int check_advice(unsigned long start, unsigned long len, int advice)
{
	if (advice_kind(advice) == ADVICE_UNKNOWN || !is_aligned(start, PAGE_SIZE))
		return -EINVAL;
	return (len && !PAGE_ALIGN(len)) || start + PAGE_ALIGN(len) < start ? -EINVAL : 0;
}

int vm_madvise(struct mm *mm, unsigned long start, unsigned long len, int advice)
{
	enum advice_kind kind = advice_kind(advice);
	int err = check_advice(start, len, advice);

	if (err || !len)
		return err;
	if (kind == ADVICE_POPULATE)
		return advise_populate(mm, start, start + PAGE_ALIGN(len), advice);
	if (kind == ADVICE_REMOVE)
		return advise_remove(mm, start, start + PAGE_ALIGN(len));
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

long sys_madvise(unsigned long start, unsigned long len, int advice)
{
	return vm_madvise(current->mm, start, len, advice);
}
