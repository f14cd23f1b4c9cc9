/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/fork.h - a copy of an address space that copies no page
 */
#ifndef MM_FORK_H
#define MM_FORK_H

#include "include/types.h"
#include "mm/mm.h"

/*
 * Make a copy of @parent: same VMAs, private pages shared read-only until one
 * side writes. The child has one user (the caller's) and no notifiers.
 * Context: takes both mmap_locks; may sleep. Return: 0 or -ENOMEM, then nothing
 * of the child is left (the parent's entries may have become read-only).
 */
int __must_check dup_mm(struct mm *parent, struct mm **out);

#endif
