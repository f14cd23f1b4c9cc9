/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/userfaultfd_fill.c - the answers to faults that a program answers itself
 *
 * Concept    A page with the caller's bytes, or one of zeroes, comes to a place where
 *            nothing is: UFFDIO_COPY, UFFDIO_ZEROPAGE. Page by page:
 *
 *              is the place registered?            mmap_lock (read)
 *              page, and the bytes into it         no lock: the source may fault, and
 *                                                  even wait for a userfaultfd itself
 *              registered still, and empty?        mmap_lock (read), table lock
 *              then the page goes in
 *
 *            What fills an empty entry takes nothing from anybody: no bracket, no flush.
 * Owns       Nothing.
 * Locks      mmap_lock of the registered address space, for reading.
 * Invariants The page is complete before its entry can be seen.
 * Callers    kernel/syscall/sys_userfaultfd.c
 * Next       mm/userfaultfd_move.c
 */
#include "mm/userfaultfd.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/sched/sched.h"
#include "mm/anon.h"
#include "mm/fault.h"
#include "mm/page.h"
#include "mm/uaccess.h"
#include "mm/vma.h"

/* One call. */
struct uffd_fill {
	struct mm *mm;
	unsigned long start, end;	/* where to */
	const char __user *src;		/* bytes for start; NULL: zeroes */
	bool wp;			/* who writes them asks first */
};

/* The one registered VMA that holds [@va, fill->end). Context: mmap_lock held. */
static struct vma *fill_find_vma(const struct uffd_fill *fill, unsigned long va)
{
	struct vma *vma = find_vma(fill->mm, va);

	assert_held(&fill->mm->mmap_lock);
	return vma && vma->start <= va && fill->end <= vma->end && vma->uffd ? vma : NULL;
}

/* Return: 0, -ENOENT, -EINVAL (not registered for protection); this time only. */
static int fill_look(const struct uffd_fill *fill, unsigned long va)
{
	struct vma *vma;
	int err = -ENOENT;

	down_read(&fill->mm->mmap_lock);
	vma = fill_find_vma(fill, va);
	if (vma)
		err = fill->wp && !(vma->flags & VM_UFFD_WP) ? -EINVAL : 0;
	up_read(&fill->mm->mmap_lock);
	return err;
}

/* A page with the bytes for @va. */
static int fill_make_page(const struct uffd_fill *fill, unsigned long va, struct page **out)
{
	int err = anon_page_alloc(out);

	if (err)
		return err;
	err = copy_from_user(page_address(*out), fill->src + (va - fill->start), PAGE_SIZE);
	if (err)
		put_page(*out);
	return err;
}

/* Takes @page over (NULL: zeroes). */
static int fill_install(const struct uffd_fill *fill, unsigned long va, struct page *page)
{
	struct vma *vma;
	int err = -ENOENT;

	down_read(&fill->mm->mmap_lock);
	vma = fill_find_vma(fill, va);
	if (vma)
		err = fault_fill(vma, va, page, fill->wp && vma->flags & VM_UFFD_WP);
	else if (page)
		put_page(page);
	up_read(&fill->mm->mmap_lock);
	return err;
}

static int fill_one(const struct uffd_fill *fill, unsigned long va)
{
	struct page *page = NULL;
	int err = fill_look(fill, va);

	if (!err && fill->src)
		err = fill_make_page(fill, va, &page);
	gate_point("userfaultfd.page_made", fill->mm);
	return err ? err : fill_install(fill, va, page);
}

/* Page by page, until one cannot be filled. */
static s64 fill_range(const struct uffd_fill *fill)
{
	unsigned long va = fill->start;
	int err = 0;

	while (va < fill->end && !err) {
		err = fatal_signal_pending(current) ? -EINTR : fill_one(fill, va);
		if (!err)
			va += PAGE_SIZE;
		cond_resched();
	}
	return va > fill->start ? (s64)(va - fill->start) : err;
}

static s64 fill(struct userfaultfd *uffd, unsigned long start, unsigned long len,
		const void __user *src, bool wp)
{
	struct uffd_fill f = {
		.mm = uffd->mm, .start = start, .end = start + len, .src = src, .wp = wp,
	};
	s64 done = userfaultfd_check_range(start, len);

	if (done)
		return done;
	if (!mmget_not_zero(f.mm))
		return -ESRCH;
	done = fill_range(&f);
	mmput(f.mm);
	return done;
}

s64 userfaultfd_copy(struct userfaultfd *uffd, unsigned long start, unsigned long len,
		     const void __user *src, bool wp)
{
	return fill(uffd, start, len, src, wp);
}

s64 userfaultfd_zeropage(struct userfaultfd *uffd, unsigned long start, unsigned long len)
{
	return fill(uffd, start, len, NULL, false);
}
