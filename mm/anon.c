/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/anon.c - frames for memory that has no object behind it
 *
 * Concept    Anonymous memory starts as zeroes. Reading what was never written
 *            needs no frame: every such entry shows the one zero page, read-only
 *            and uncounted. The first write makes a frame, and fork shares frames
 *            until the next write. "May I write in place?" is the question of
 *            this file: only if nobody else sees the frame, and that includes
 *            processes which have it in swap at present.
 * Owns       The zero page.
 * Locks      None; the callers' page lock makes the answer about owners stable.
 * Invariants The zero page is never written, counted or on a list.
 * Callers    fault.c, mmap.c, fork.c, mprotect.c, gup.c
 * Next       mm/fault.c
 */
#include "mm/anon.h"

#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"
#include "mm/gfp.h"
#include "mm/swap.h"

struct page *zero_page;

int anon_page_alloc(struct page **out)
{
	*out = alloc_page(GFP_USER | __GFP_ZERO);
	if (!*out)
		return -ENOMEM;
	page_set(*out, PG_uptodate);
	return 0;
}

int anon_page_copy(struct page *src, struct page **out)
{
	struct page *copy = alloc_page(GFP_USER);

	if (!copy)
		return -ENOMEM;
	memcpy(page_address(copy), page_address(src), PAGE_SIZE);
	page_set(copy, PG_uptodate);
	*out = copy;
	return 0;
}

/*
 * Who can see the frame besides the caller:
 *	another PTE			mapcount
 *	a PTE that is a swap entry	the slot's count; such a process cannot map
 *					the frame while we hold the page lock
 *	a reference without a PTE	refcount: gup, a gather not yet flushed,
 *					reclaim; they may still read what is there
 */
bool anon_page_sole_owner(struct page *page, unsigned int extra)
{
	ASSERT_PAGE(page, page_test(page, PG_locked) && page_is_anon(page));
	if (page_mapcount(page) != 1)
		return false;
	if (page_test(page, PG_swapcache) && !swap_cache_try_free(page))
		return false;
	return page_count(page) == 1 + extra;
}

void anon_init(void)
{
	zero_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	ASSERT(zero_page);
}
