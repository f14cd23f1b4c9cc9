/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/page_advice.h - advice about pages that need not be taken
 */
#ifndef MM_PAGE_ADVICE_H
#define MM_PAGE_ADVICE_H

#include "include/types.h"
#include "mm/mm.h"

/*
 * MADV_FREE, COLD, PAGEOUT or WILLNEED for [@start, @end) of @vma, as far as its
 * pages allow. Context: mmap_lock held (read is enough); may sleep.
 * Return: 0, or -EINVAL: not for this kind of VMA.
 */
int __must_check advise_pages(struct vma *vma, unsigned long start, unsigned long end,
			      int advice);

#endif
