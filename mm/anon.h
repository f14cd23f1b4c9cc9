/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/anon.h - frames for memory that has no object behind it
 */
#ifndef MM_ANON_H
#define MM_ANON_H

#include "include/types.h"
#include "arch/x86/mm/pte.h"
#include "mm/mm.h"
#include "mm/page.h"

/* The frame of zeroes that every untouched anonymous page shows to a reader. */
extern struct page *zero_page;

static inline bool pfn_is_zero_page(u64 pfn)
{
	return pfn == page_to_pfn(zero_page).v;
}

/*
 * The page that a mapped entry (pte_mapped) of @vma counts, or NULL: the zero
 * page, device memory. Context: table lock, or an entry value that the caller
 * keeps stable otherwise.
 */
static inline struct page *vm_normal_page(const struct vma *vma, pte_t pte)
{
	pfn_t pfn = pfn_make(pte_pfn(pte));
	struct page *page = pfn_to_page(pfn);

	if (unlikely(vma->flags & VM_PFNMAP || pte_special(pte) || !pfn_valid(pfn)))
		return NULL;
	return page == zero_page ? NULL : page;
}

/*
 * A new anonymous page: zeroed, or holding a copy of @src. One reference (the
 * caller's), not on the LRU, not mapped. Context: may sleep and reclaim.
 * Return: 0 or -ENOMEM.
 */
int __must_check anon_page_alloc(struct page **out);
int __must_check anon_page_copy(struct page *src, struct page **out);

/*
 * Who holds an anonymous page? True if the caller's mapping (mapcount 1) and the
 * caller's own references (@extra) are the only ones, dropping the page from the
 * swap cache if nobody else needs its slot. Context: page locked.
 */
bool anon_page_sole_owner(struct page *page, unsigned int extra);

/* Make the zero page. Boot, after the frame allocator. */
void anon_init(void);

#endif
