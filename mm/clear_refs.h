/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/clear_refs.h - forget what was used or written, to see what will be
 */
#ifndef MM_CLEAR_REFS_H
#define MM_CLEAR_REFS_H

#include "include/types.h"

struct mm;

/* The numbers that programs write to /proc/<pid>/clear_refs. */
enum clear_refs {
	CLEAR_REFS_ALL = 1,		/* accessed bits: of every VMA */
	CLEAR_REFS_ANON,		/* of VMAs without a file */
	CLEAR_REFS_MAPPED,		/* of VMAs of files */
	CLEAR_REFS_SOFT_DIRTY,		/* soft-dirty marks */
	CLEAR_REFS_HIWATER,		/* the peak of memory used: it is what is used now */
};

/*
 * Forget @what in all of @mm. Context: takes mmap_lock; may sleep.
 * Return: 0, -EINVAL (no such number), -EINTR (killed while waiting).
 */
int __must_check mm_clear_refs(struct mm *mm, enum clear_refs what);

#endif
