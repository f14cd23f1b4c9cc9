/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/gup.h - the pages behind user addresses, for the kernel and for devices
 */
#ifndef MM_GUP_H
#define MM_GUP_H

#include "include/types.h"
#include "mm/mm.h"

struct page;

enum gup_flag {
	FOLL_WRITE = BIT(0),	/* the entry must allow writing (COW broken) */
	FOLL_FORCE = BIT(1),	/* debugger: ask VM_MAY*, not the present permission */
	FOLL_NOFAULT = BIT(2),	/* only what is present already */
	FOLL_REMOTE = BIT(3),	/* on behalf of a device or another process */
	FOLL_NOASK = BIT(4),	/* an error rather than wait for a userfaultfd */
};

/*
 * References to the pages of @nr user addresses from @start, faulting them in.
 * Context: mmap_lock held (read is enough) and kept; may sleep.
 * Return: pages got (a prefix, each with a reference), or -EFAULT / -ENOMEM if none. What
 * a userfaultfd would have to supply is -EFAULT: nobody can wait for that here.
 */
long __must_check get_user_pages(struct mm *mm, unsigned long start, unsigned long nr,
				 unsigned int flags, struct page **pages);
/* The same, taking mmap_lock itself; waits for a userfaultfd if the first page needs it. */
long __must_check get_user_pages_unlocked(struct mm *mm, unsigned long start, unsigned long nr,
					  unsigned int flags, struct page **pages);

/*
 * Without mmap_lock and without faults: reads the tables with interrupts off,
 * takes a reference and looks again. Context: any where the mm stays alive.
 * Return: true with a reference in *@out.
 */
bool __must_check get_user_page_fast(struct mm *mm, unsigned long va, bool write,
				     struct page **out);

/*
 * Copy between kernel memory and another address space (exec, /proc, ptrace).
 * Context: takes mmap_lock; may sleep. Return: bytes copied (short at a hole).
 */
size_t access_remote_vm(struct mm *mm, unsigned long va, void *buf, size_t len,
			unsigned int flags);

#endif
