/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/pagemap.h - what the entries of an address space say, for /proc
 */
#ifndef MM_PAGEMAP_H
#define MM_PAGEMAP_H

#include "include/types.h"

struct mm;
struct vma;

/* Bits of a word of /proc/<pid>/pagemap: the format is Linux's. */
#define PM_FRAME_MASK	((1UL << 55) - 1)	/* frame; or area and slot << 5 (PM_SWAP) */
#define PM_SWAP_SHIFT	5
#define PM_SOFT_DIRTY	BIT(55)
#define PM_EXCLUSIVE	BIT(56)		/* mapped, and by nobody else */
#define PM_UFFD_WP	BIT(57)		/* mm/userfaultfd_wp.c */
#define PM_GUARD	BIT(58)		/* mm/guard.c; with PM_SWAP, as in Linux */
#define PM_FILE		BIT(61)		/* a file's page, or shared anonymous memory */
#define PM_SWAP		BIT(62)
#define PM_PRESENT	BIT(63)

/*
 * The words of @nr pages from @va on; @frames: with frame numbers and slots.
 * Context: takes mmap_lock for reading; may sleep. Return: 0 or -EINTR.
 */
int __must_check pagemap_read(struct mm *mm, unsigned long va, unsigned long nr, bool frames,
			      u64 *words);
/* The same for [@start, @end) of @vma; @words are 0. Context: mmap_lock held; may sleep. */
void pagemap_vma(struct vma *vma, unsigned long start, unsigned long end, bool frames,
		 u64 *words);
/*
 * The ioctl PAGEMAP_SCAN. Context: takes mmap_lock; may sleep. Return: regions, -EINVAL,
 * -EFAULT, -EPERM, -ENOMEM, -EINTR.
 */
long pagemap_scan(struct mm *mm, void __user *uarg);

#endif
