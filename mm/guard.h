/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/guard.h - pages that nobody may touch, though their VMA allows it
 */
#ifndef MM_GUARD_H
#define MM_GUARD_H

#include "include/types.h"

struct vma;

/*
 * MADV_GUARD_INSTALL: what is in [@start, @end) of @vma goes, and every access is
 * SIGSEGV from now on. Context: mmap_lock held (read is enough); may sleep.
 * Return: 0, -EINVAL (locked or no ordinary memory), -ENOMEM, -EINTR; in each of these
 * nothing has changed.
 */
int __must_check guard_install(struct vma *vma, unsigned long start, unsigned long end);

/* MADV_GUARD_REMOVE: guards go, the rest stays. As above. Return: 0 or -EINVAL. */
int __must_check guard_remove(struct vma *vma, unsigned long start, unsigned long end);

#endif
