/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/page_idle.h - has nobody used this page since we asked?
 */
#ifndef MM_PAGE_IDLE_H
#define MM_PAGE_IDLE_H

#include "mm/page.h"

/*
 * From now on the page in frame @pfn is idle, until somebody uses it. Frames without
 * a user page on an LRU list: nothing. Context: may sleep; no page lock held.
 */
void page_idle_set(pfn_t pfn);
/* Is it so still? The same frames: false. Context: the same. */
bool page_idle_test(pfn_t pfn);

/* An accessed bit of @page was found and cleared, or a call used it. Context: any. */
static inline void page_clear_idle(struct page *page)
{
	if (unlikely(page_test(page, PG_idle)))
		page_clear(page, PG_idle);
}

/* Nobody has used @page: what software remembers. Accessed bits are the caller's. */
static inline void page_forget_use(struct page *page)
{
	page_clear(page, PG_referenced);
	page_clear(page, PG_young);
}

#endif
