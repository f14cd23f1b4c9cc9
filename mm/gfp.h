/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/gfp.h - how to ask for frames of memory
 *
 * A request says what the allocator may do to satisfy it: sleep and reclaim,
 * wake kswapd, dig into the reserve. mm/buddy.c obeys.
 */
#ifndef MM_GFP_H
#define MM_GFP_H

#include "include/types.h"
#include "arch/x86/mm/layout.h"
#include "mm/page.h"

typedef unsigned int gfp_t;

#define __GFP_RECLAIM	0x01u	/* may sleep and reclaim in the caller's context */
#define __GFP_KSWAPD	0x02u	/* may wake kswapd */
#define __GFP_HIGH	0x04u	/* may take from below the minimum watermark */
#define __GFP_MEMALLOC	0x08u	/* frees memory soon: may take the last frame */
#define __GFP_ZERO	0x10u	/* contents are zero */
#define __GFP_NOWARN	0x20u	/* the caller copes: no message on failure */
#define __GFP_NORETRY	0x40u	/* one round of reclaim, then fail */
#define __GFP_NOINJECT	0x80u	/* fault injection leaves this request alone */

#define GFP_KERNEL	(__GFP_RECLAIM | __GFP_KSWAPD)
#define GFP_USER	(__GFP_RECLAIM | __GFP_KSWAPD)
#define GFP_ATOMIC	(__GFP_KSWAPD | __GFP_HIGH)
#define GFP_NOWAIT	(__GFP_KSWAPD | __GFP_NOWARN)

#define MAX_ORDER 10		/* largest block: 1 << 10 pages, 4 MiB */

/*
 * Allocate 1 << @order contiguous frames, refcount 1 on the first. An order
 * above 0 makes one unit: PG_head and tails, freed as a whole by the last put.
 * Context: any for GFP_ATOMIC and GFP_NOWAIT; with __GFP_RECLAIM it may sleep
 * and no lock ranked after LOCK_RECLAIM may be held.
 * Return: the first page, or NULL.
 */
struct page *alloc_pages(gfp_t gfp, unsigned int order);

static inline struct page *alloc_page(gfp_t gfp)
{
	return alloc_pages(gfp, 0);
}

/* Drop the caller's reference to a block of 1 << @order; asserts that @order is
 * the order that was asked for. Context: any. */
void __free_pages(struct page *page, unsigned int order);

static inline void __free_page(struct page *page)
{
	__free_pages(page, 0);
}

/* Order of the unit whose first page is @page. */
static inline unsigned int page_order(const struct page *page)
{
	return page_test(page, PG_head) ? (unsigned int)page[1].private : 0;
}

/* The frame's address in the direct map: every frame has one, always. */
static inline void *page_address(const struct page *page)
{
	return phys_to_virt(page_to_pfn(page).v << PAGE_SHIFT);
}

/* The page of an address in the direct map (not vmalloc, not kernel image). */
static inline struct page *virt_to_page(const void *va)
{
	ASSERT_MSG(is_direct_map(va), "virt_to_page(%lx)", (unsigned long)va);
	return pfn_to_page(pfn_make(virt_to_phys(va) >> PAGE_SHIFT));
}

#endif
