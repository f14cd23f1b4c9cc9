/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/userfaultfd_fill.c - the answers to faults that a program answers itself
 *
 * Concept    Something comes to a place where nothing is:
 *
 *              UFFDIO_COPY       a page with the caller's bytes
 *              UFFDIO_ZEROPAGE   the page of zeroes; in shared memory one of its own
 *              UFFDIO_CONTINUE   the page that the object has there already
 *              UFFDIO_POISON     a marker: every access is a bus error
 *
 *            What is new in shared memory goes into the object first. Page by page:
 *
 *              is the place registered?            mmap_lock (read); no event under way
 *              page, and the bytes into it         no lock: the source may fault, and
 *                                                  even wait for a userfaultfd itself
 *              all as before, and empty?           mmap_lock (read), table lock
 *              then the page goes in
 *
 *            What fills an empty entry takes nothing from anybody: no bracket, no flush.
 * Owns       Nothing.
 * Locks      mmap_lock of the registered address space, for reading. An object's page is
 *            locked from before others can find it until it is mapped.
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
#include "mm/swap.h"
#include "mm/uaccess.h"
#include "mm/vma.h"

enum fill_what { FILL_COPY, FILL_ZEROES, FILL_OBJECT, FILL_POISON };

/* One call. */
struct uffd_fill {
	const struct userfaultfd *uffd;
	struct mm *mm;
	enum fill_what what;
	unsigned long start, end;	/* where to */
	const char __user *src;		/* FILL_COPY: bytes for start */
	bool wp;			/* who writes them asks first */
};

/* The one registered VMA that holds [@va, fill->end). Context: mmap_lock held. */
static struct vma *fill_find_vma(const struct uffd_fill *fill, unsigned long va)
{
	struct vma *vma = find_vma(fill->mm, va);

	assert_held(&fill->mm->mmap_lock);
	return vma && vma->start <= va && fill->end <= vma->end && vma->uffd ? vma : NULL;
}

/* Return: 0, -EINVAL: not of this VMA. */
static int fill_check(const struct uffd_fill *fill, const struct vma *vma)
{
	if (fill->wp && !(vma->flags & VM_UFFD_WP))
		return -EINVAL;
	if (!vma_is_anonymous(vma) && !vma->ops->fill)
		return -EINVAL;
	return fill->what == FILL_OBJECT && vma_is_anonymous(vma) ? -EINVAL : 0;
}

/* Return: 0, -ENOENT, -EINVAL; this time only. *@fresh: a page must be made. */
static int fill_look(const struct uffd_fill *fill, unsigned long va, bool *fresh)
{
	struct vma *vma;
	int err = -ENOENT;

	down_read(&fill->mm->mmap_lock);
	vma = fill_find_vma(fill, va);
	if (userfaultfd_is_changing(fill->uffd)) {
		err = -EAGAIN;
	} else if (vma) {
		err = fill_check(fill, vma);
		*fresh = fill->what == FILL_COPY ||
			 (fill->what == FILL_ZEROES && vma->flags & VM_SHARED);
	}
	up_read(&fill->mm->mmap_lock);
	return err;
}

/* A page with the bytes for @va, or zeroes. */
static int fill_make_page(const struct uffd_fill *fill, unsigned long va, struct page **out)
{
	int err = anon_page_alloc(out);

	if (err || fill->what != FILL_COPY)
		return err;
	err = copy_from_user(page_address(*out), fill->src + (va - fill->start), PAGE_SIZE);
	if (err)
		put_page(*out);
	return err;
}

/* @page becomes the object's. Takes it over. */
static int fill_shared(const struct uffd_fill *fill, struct vma *vma, unsigned long va,
		       struct page *page)
{
	int err;

	page_lock(page);
	err = fault_fill_object(vma, va, page, true, fill->wp);
	page_unlock(page);
	swap_cache_put_page(page);
	return err;
}

static int fill_from_object(const struct uffd_fill *fill, struct vma *vma, unsigned long va)
{
	struct page *page;
	int err = vma->ops->find(vma, vma_pgoff(vma, va), &page);

	if (err)
		return err == -ENOENT ? -EFAULT : err;
	err = fault_fill_object(vma, va, page, false, fill->wp);
	page_unlock(page);
	swap_cache_put_page(page);
	return err;
}

/* Takes @page, which may be NULL, over. Context: mmap_lock held. */
static int fill_vma(const struct uffd_fill *fill, struct vma *vma, unsigned long va,
		    struct page *page)
{
	if (fill->what == FILL_OBJECT)
		return fill_from_object(fill, vma, va);
	if (fill->what == FILL_POISON)
		return fault_poison(vma, va);
	return page && vma->flags & VM_SHARED ? fill_shared(fill, vma, va, page) :
						fault_fill(vma, va, page, fill->wp);
}

/* The same; it may not be the VMA any more that we looked at. */
static int fill_install(const struct uffd_fill *fill, unsigned long va, struct page *page)
{
	struct vma *vma;
	int err = -ENOENT;

	down_read(&fill->mm->mmap_lock);
	vma = fill_find_vma(fill, va);
	if (userfaultfd_is_changing(fill->uffd))
		err = -EAGAIN;
	else if (vma)
		err = fill_check(fill, vma);
	if (!err && !page && fill->what == FILL_ZEROES && vma->flags & VM_SHARED)
		err = -EAGAIN;
	if (!err)
		err = fill_vma(fill, vma, va, page);
	else if (page)
		put_page(page);
	up_read(&fill->mm->mmap_lock);
	return err;
}

static int fill_one(const struct uffd_fill *fill, unsigned long va)
{
	struct page *page = NULL;
	bool fresh = false;
	int err = fill_look(fill, va, &fresh);

	if (!err && fresh)
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

static s64 fill(struct userfaultfd *uffd, struct uffd_fill f, unsigned long len)
{
	s64 done = userfaultfd_check_range(f.start, len);

	if (done)
		return done;
	f.uffd = uffd;
	f.mm = uffd->mm;
	f.end = f.start + len;
	if (!mmget_not_zero(f.mm))
		return -ESRCH;
	done = fill_range(&f);
	mmput(f.mm);
	return done;
}

s64 userfaultfd_copy(struct userfaultfd *uffd, unsigned long start, unsigned long len,
		     const void __user *src, bool wp)
{
	return fill(uffd, (struct uffd_fill){
		.what = FILL_COPY, .start = start, .src = src, .wp = wp }, len);
}

s64 userfaultfd_zeropage(struct userfaultfd *uffd, unsigned long start, unsigned long len)
{
	return fill(uffd, (struct uffd_fill){ .what = FILL_ZEROES, .start = start }, len);
}

s64 userfaultfd_continue(struct userfaultfd *uffd, unsigned long start, unsigned long len, bool wp)
{
	return fill(uffd, (struct uffd_fill){
		.what = FILL_OBJECT, .start = start, .wp = wp }, len);
}

s64 userfaultfd_poison(struct userfaultfd *uffd, unsigned long start, unsigned long len)
{
	return fill(uffd, (struct uffd_fill){ .what = FILL_POISON, .start = start }, len);
}
