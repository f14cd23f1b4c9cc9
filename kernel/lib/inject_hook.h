/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/inject_hook.h - a place where a test may make the code fail
 *
 *	if (should_fail(INJECT_PAGE_ALLOC))
 *		return NULL;
 *
 * False unless a test or the boot option inject= has armed the point
 * (kernel/test/inject.h). Costs one load and a predicted branch.
 */
#ifndef KERNEL_LIB_INJECT_HOOK_H
#define KERNEL_LIB_INJECT_HOOK_H

#include "include/types.h"

enum inject_point {
	INJECT_PAGE_ALLOC,	/* page-alloc: alloc_pages() finds nothing */
	INJECT_SLAB_ALLOC,	/* slab-alloc: kmem_cache_alloc() and kmalloc() */
	INJECT_VMALLOC,		/* vmalloc: no address space */
	INJECT_LAST_ALLOC = INJECT_VMALLOC,
	INJECT_SWAP_READ,	/* swap-read: the device answers -EIO */
	INJECT_SWAP_WRITE,	/* swap-write: the device answers -EIO */
	INJECT_BLOCK_STALL,	/* block-stall: a request is held back */
	INJECT_IPI_LOSE,	/* ipi-lose: an IPI is not sent */
	INJECT_DEVICE_MISS,	/* device-miss: the IOMMU finds an entry absent that is there */
	INJECT_DEVICE_STALE,	/* device-stale: it ignores one invalidation */
	NR_INJECT_POINTS,
};

typedef bool (*inject_hook_fn)(enum inject_point point);
extern inject_hook_fn inject_hook;	/* NULL unless a point is armed */

/* Tell whether this call shall fail. Context: any. */
static inline bool should_fail(enum inject_point point)
{
	inject_hook_fn hook = __atomic_load_n(&inject_hook, __ATOMIC_ACQUIRE);

	return unlikely(hook) && hook(point);
}

#endif
