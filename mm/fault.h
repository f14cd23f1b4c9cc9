/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/fault.h - from an address that does not translate to one that does
 */
#ifndef MM_FAULT_H
#define MM_FAULT_H

#include "include/types.h"
#include "mm/vma.h"

struct mm;
struct page;
struct pt_regs;

enum fault_flag {
	FAULT_WRITE = BIT(0),
	FAULT_EXEC = BIT(1),
	FAULT_USER = BIT(2),	/* raised by user code, not by a uaccess or device */
	FAULT_REMOTE = BIT(3),	/* on behalf of a device or another process */
	FAULT_NOWAIT = BIT(4),	/* FAULT_RETRY rather than sleep for I/O */
	FAULT_FORCE = BIT(5),	/* reads: ask what the VMA may allow, not what it allows now */
	FAULT_UNUSE = BIT(6),	/* nobody wants the page, its slot must go: fault_unuse() */
	FAULT_NOASK = BIT(7),	/* FAULT_BUSERR rather than wait for a userfaultfd */
};

enum fault_result {
	FAULT_DONE = 0,		/* the access may be repeated */
	FAULT_RETRY,		/* something changed meanwhile; look again */
	FAULT_MAPERR,		/* no VMA there, or a guard: SIGSEGV, SEGV_MAPERR */
	FAULT_ACCERR,		/* the VMA forbids it: SIGSEGV, SEGV_ACCERR */
	FAULT_BUSERR,		/* the object cannot supply the page: SIGBUS */
	FAULT_POISON,		/* the page is said to be broken: SIGBUS, BUS_MCEERR_AR */
	FAULT_OOM,		/* no memory, after reclaim */
	FAULT_MISSING,		/* fault_handle() only: a userfaultfd must supply the page */
	FAULT_MINOR,		/* the same: the object has the page, it must be shown */
	FAULT_WP,		/* the same: it must allow the write */
};

/*
 * Resolve one fault of the address space @mm, which the caller keeps alive.
 * Context: takes mmap_lock (for writing while a stack grows); may sleep.
 * Return: enum fault_result; FAULT_RETRY only with FAULT_NOWAIT.
 */
int __must_check mm_fault(struct mm *mm, unsigned long va, unsigned int flags);

/*
 * The same inside a VMA already found that allows the access. Context:
 * mmap_lock held (read is enough) and kept; may sleep.
 * Return: enum fault_result, FAULT_RETRY included: call again. FAULT_MISSING and _WP are
 * errors for who can not drop mmap_lock; mm_fault() waits.
 */
int __must_check fault_handle(struct vma *vma, unsigned long va, unsigned int flags);

/*
 * swapoff: if the entry at @va is a swap entry of area number @area, put its page back,
 * read-only and old, and take the page out of the swap cache if nobody else needs its
 * slot. An allocation fails sooner than that somebody is killed for it. Context:
 * mmap_lock held (read is enough); may sleep.
 * Return: FAULT_DONE, _RETRY (look again), _OOM, _BUSERR (it cannot be read).
 */
int __must_check fault_unuse(struct vma *vma, unsigned long va, unsigned int area);

/*
 * userfaultfd: what comes to @va, where nothing is, marked as write-protected if @wp.
 * Context: mmap_lock held (read is enough); may sleep. Return: 0, -EEXIST, -ENOMEM.
 *
 * fault_fill(): @page, which nobody else knows (NULL: the page of zeroes), for this
 * address space alone. Takes the caller's reference over in any case.
 * fault_fill_object(): @page, locked, the one that @vma's object has there; if @fresh, it
 * becomes that one: also -EFAULT (behind the end).
 * fault_poison(): a marker: every access is a bus error.
 */
int __must_check fault_fill(struct vma *vma, unsigned long va, struct page *page, bool wp);
int __must_check fault_fill_object(struct vma *vma, unsigned long va, struct page *page,
				   bool fresh, bool wp);
int __must_check fault_poison(struct vma *vma, unsigned long va);

/* FAULT_DONE if @vma allows the access, else FAULT_ACCERR. mmap_lock held. */
static inline int __must_check fault_check_access(const struct vma *vma, unsigned int flags)
{
	unsigned long need = flags & FAULT_WRITE ? VM_WRITE :
			     flags & FAULT_EXEC ? VM_EXEC : VM_READ | VM_WRITE | VM_EXEC;

	if (flags & FAULT_FORCE && !(flags & FAULT_WRITE))
		need <<= 4;		/* VM_READ -> VM_MAYREAD ... */
	else if (flags & FAULT_FORCE && vma_is_cow(vma))
		need = VM_MAYWRITE;	/* into a copy of its own */
	return vma->flags & need ? FAULT_DONE : FAULT_ACCERR;
}

/* What a kernel function reports for a fault it caused: 0, -EFAULT, -ENOMEM; -EAGAIN: to
 * be repeated, by mm_fault() if the result was FAULT_MISSING or _WP. */
int fault_errno(int result);

#endif
