/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/mprotect.c - other permissions for pages that stay where they are
 *
 * Concept    The VMA is cut so that exactly the range changes, gets its new
 *            flags, and then the entries below follow: permissions that are lost
 *            are taken from present entries at once; a write permission that is
 *            gained is not given but left to the next fault, which knows whether
 *            the page is shared. Under PROT_NONE an entry keeps its page but the
 *            hardware sees it absent.
 * Owns       Nothing.
 * Locks      mmap_lock for writing, table locks one at a time.
 * Invariants start -> entries -> flush -> end: when the bracket closes no CPU and
 *            no second MMU can use what was taken away.
 * Callers    sys_mprotect, kernel/task (exec: the gap pages of a stack)
 * Next       mm/mseal.c
 */
#include "mm/mmap.h"

#include "kernel/sched/sched.h"
#include "mm/anon.h"
#include "mm/commit.h"
#include "mm/fault.h"
#include "mm/mmu_notifier.h"
#include "mm/pgtable.h"
#include "mm/tlb.h"
#include "mm/vma.h"

/* The entry @old under the VMA's present flags. */
static pte_t protect_pte(const struct vma *vma, pte_t old)
{
	pte_t new = vma_make_pte(vma, pte_pfn(old), false);
	bool dirty = pte_mapped_dirty(old);

	if (!pte_present(new))
		return pte_keep_marks(pte_make_absent(PTE_KIND_PROTNONE, pte_pfn(old), dirty),
					   old);
	if (pte_present(old) && pte_write(old) && vma->flags & VM_WRITE)
		new = pte_mkwrite(new);
	if (pte_present(old) && pte_young(old))
		new = pte_mkyoung(new);
	if (pte_special(old))
		new = pte_mkspecial(new);
	return pte_keep_marks(dirty ? pte_mkdirty(new) : new, old);
}

/*
 * One entry. It is cleared by exchange, so that an accessed or dirty bit which
 * the hardware sets meanwhile is not lost. Return: whether somebody must forget.
 */
static bool protect_entry(struct vma *vma, unsigned long va, pte_t *ptep)
{
	pte_t old = pte_read(ptep);

	if (!pte_mapped(old) || pte_same(old, protect_pte(vma, old)))
		return false;
	if (pte_present(old))
		old = ptep_get_and_clear(vma->mm, va, ptep);
	set_pte_at(vma->mm, va, ptep, protect_pte(vma, old));
	return pte_present(old);
}

static void protect_table(struct vma *vma, unsigned long va, unsigned long end,
			  bool *must_flush)
{
	struct spinlock *ptl;
	pte_t *first = pte_offset_lock(vma->mm, va, &ptl), *ptep = first;

	if (!first)
		return;
	flush_tlb_batched_pending(vma->mm);
	for (; va < end; va += PAGE_SIZE, ptep++)
		*must_flush |= protect_entry(vma, va, ptep);
	pte_unmap_unlock(first, ptl);
}

/* All entries of @vma take the VMA's permissions, inside one bracket. */
static void protect_range(struct vma *vma)
{
	struct mmu_notifier_range range;
	bool must_flush = false;
	unsigned long va = pgtable_next_present(vma->mm, vma->start, vma->end), next;

	if (va >= vma->end)
		return;			/* no tables, nothing to forget */
	mmu_notifier_range_init(&range, MMU_NOTIFY_PROTECTION_VMA, MMU_NOTIFIER_RANGE_BLOCKABLE,
				vma->mm, vma->start, vma->end);
	mmu_notifier_invalidate_range_start(&range);
	for_each_table(vma->mm, va, next, vma->end) {
		protect_table(vma, va, next, &must_flush);
		cond_resched();
	}
	if (must_flush)
		flush_tlb_range(vma->mm, vma->start, vma->end);
	mmu_notifier_invalidate_range_end(&range);
}

/*
 * @pages of @vma get *@flags. Promised for ever is what was writable once, but where
 * nobody has written yet: a VMA without an anon_vma has no page of its own.
 */
static int protect_promise(struct vma *vma, u64 pages, unsigned long *flags)
{
	struct mm *mm = vma->mm;

	if (!(*flags & VM_WRITE)) {
		if (vma_is_anonymous(vma) && !vma->anon_vma)
			*flags &= ~(unsigned long)VM_ACCOUNT;
		return 0;
	}
	if (!may_expand_vm(mm, *flags, pages) && may_expand_vm(mm, vma->flags, pages))
		return -ENOMEM;
	if (vma->flags & (VM_ACCOUNT | VM_WRITE) || !commit_counts(*flags))
		return 0;
	*flags |= VM_ACCOUNT;
	return commit_prepare(mm, (s64)pages);
}

/* [start, end) of @vma, which it covers. Return: the VMA that covers it now. */
static int protect_vma(struct vma *vma, unsigned long start, unsigned long end,
		       unsigned long access, struct vma **out)
{
	unsigned long old = vma->flags, flags = (old & ~VM_ACCESS_FLAGS) | access;
	struct mm *mm = vma->mm;
	int err;

	*out = vma;
	if (access & ~(vma->flags >> 4))	/* VM_MAYREAD -> VM_READ ... */
		return -EACCES;
	err = mdwe_check(mm, old, flags);
	if (err)
		return err;
	if (vma->flags & VM_SEALED)
		return -EPERM;
	if (flags == vma->flags)
		return 0;
	err = protect_promise(vma, (end - start) >> PAGE_SHIFT, &flags);
	if (!err)
		err = vma_change_flags(vma, start, end, flags, out);
	commit_settle(mm);
	if (err)
		return err;
	/* nothing below can fail */
	protect_range(*out);
	/* Locked and private: what may be written now is copied now, not at the write. */
	if ((flags & (VM_LOCKED_MASK | VM_SHARED | VM_WRITE)) == (VM_LOCKED | VM_WRITE) &&
	    !(old & VM_WRITE))
		(void)populate_vma_range(*out, start, end, FAULT_WRITE);
	*out = vma_merge(*out);
	return 0;
}

/* Where the change starts: at *@start, or with PROT_GROWSDOWN at a stack's lower end. */
static int protect_from(struct mm *mm, unsigned long *start, unsigned long end,
			unsigned long prot)
{
	struct vma *vma;

	if (!(prot & (PROT_GROWSDOWN | PROT_GROWSUP)))
		return 0;
	vma = find_vma(mm, *start);
	if (!vma || vma->start >= end || (prot & PROT_GROWSUP && vma->start > *start))
		return -ENOMEM;
	if (prot & PROT_GROWSUP || !(vma->flags & VM_GROWSDOWN))
		return -EINVAL;
	*start = vma->start;
	return 0;
}

/* -EINVAL, -ENOMEM, or 0, which for no length at all is the answer. */
static int check_mprotect(unsigned long start, unsigned long len, unsigned long prot)
{
	const unsigned long both = PROT_GROWSDOWN | PROT_GROWSUP;

	if (!is_aligned(start, PAGE_SIZE) || (prot & both) == both)
		return -EINVAL;
	if (!len)
		return 0;
	if (len > MM_USER_TOP || start > MM_USER_TOP || start + PAGE_ALIGN(len) > MM_USER_TOP)
		return -ENOMEM;
	return prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM | both) ? -EINVAL : 0;
}

int do_mprotect(struct mm *mm, unsigned long start, unsigned long len, unsigned long prot)
{
	unsigned long end = start + PAGE_ALIGN(len), va;
	unsigned long access = prot & (PROT_READ | PROT_WRITE | PROT_EXEC);
	struct vma *vma;
	int err = check_mprotect(start, len, prot);

	assert_held_write(&mm->mmap_lock);
	if (!err && len)
		err = protect_from(mm, &start, end, prot);
	if (err || !len)
		return err;
	for (va = start; va < end; va = min(end, vma->end)) {
		vma = find_vma(mm, va);
		if (!vma || vma->start > va)
			return -ENOMEM;
		err = protect_vma(vma, va, min(end, vma->end), access, &vma);
		if (err)
			return err;
	}
	return 0;
}

long sys_mprotect(unsigned long start, unsigned long len, unsigned long prot)
{
	struct mm *mm = current->mm;
	int err;

	down_write(&mm->mmap_lock);
	err = do_mprotect(mm, start, len, prot);
	up_write(&mm->mmap_lock);
	return err;
}
