/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/swap_readahead.c - what the next faults of a VMA will want, read with this one
 *
 * Concept    A fault that must read from swap waits for the device anyway; if its
 *            neighbours in the VMA will be wanted next, their reads may be under
 *            way by then. Neighbours by address, not by slot: who walks through
 *            memory walks by address, and slots of one batch were mixed by age.
 *
 *            Each VMA remembers its last fault, how wide the window was then, and
 *            how many pages read ahead have been used since. Use makes the window
 *            grow, uselessness halves it down to nothing; from nothing a step to
 *            the next or previous page starts it again:
 *
 *              faults     5   6              10                     20
 *              read       5   6 [7 8 9]      10 [11 12 ... 17]      20 [18 19 21]
 *              window     1   4              8  (7 8 9 were used)   4  (none was)
 *
 *            A step up opens the window upward, a step down downward, anything
 *            else around the page. It ends at the VMA and at the page table, whose
 *            entries are read without a lock: what they name may be free by now,
 *            which swap_slot_try_dup() sees under the slot's lock.
 *
 *            Reading ahead is never worth waiting for: it ends when memory is low,
 *            or when half of the requests are taken.
 * Owns       vma->swap_ra; PG_readahead, with mm/swap_cache.c, which sets it.
 * Locks      None. Two faults may lose one another's note, which only costs speed.
 * Invariants No slot without a user is read.      swap_cache_read_ahead()
 * Callers    fault.c
 * Next       swap_cache.c: swap_cache_start()
 */
#include "mm/swap.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/sync/rcu.h"
#include "mm/buddy.h"
#include "mm/mm.h"
#include "mm/pgtable.h"

#define RA_MIN 4		/* pages of a window that is worth opening */
#define RA_MAX 8		/* at most, the faulting one included */
#define RA_IO_MAX 32		/* requests under way: half of those there are */

/* What vma->swap_ra says: the last page that was faulted in, by number, and so on. */
struct ra_note {
	u64 page;
	unsigned int window, hits;	/* each below 16 */
};

static struct ra_note ra_get(const struct vma *vma)
{
	u64 word = READ_ONCE(vma->swap_ra);

	return (struct ra_note){ .page = word >> 8, .window = (word >> 4) & 15, .hits = word & 15 };
}

static void ra_set(struct vma *vma, struct ra_note note)
{
	WRITE_ONCE(vma->swap_ra, note.page << 8 | note.window << 4 | note.hits);
}

/* How many pages to read for a fault on page number @page, itself included. */
static unsigned int ra_window(const struct ra_note *last, u64 page)
{
	unsigned int window = 1;

	if (last->hits || page == last->page + 1 || page + 1 == last->page)
		window = last->hits + 2 > RA_MIN ? RA_MAX : RA_MIN;
	return max(window, last->window / 2);
}

/* Where the window of @window pages around @page begins. */
static u64 ra_first(const struct ra_note *last, u64 page, unsigned int window)
{
	if (page == last->page + 1)
		return page;
	return page + 1 == last->page ? page - (window - 1) : page - window / 2;
}

/* Start to read what the entry at @va names, if anything. Return: go on. */
static bool ra_read_one(struct vma *vma, unsigned long va)
{
	pte_t pte;

	rcu_read_lock();
	pte = pte_read_lockless(vma->mm, va);
	rcu_read_unlock();
	if (!pte_is_swap(pte))
		return true;
	if (nr_free_pages() < buddy_marks()->low || swap_io_pending() > RA_IO_MAX)
		return false;
	gate_point("swap_readahead.entry", vma->mm);
	return swap_cache_read_ahead(pte_swp_entry(pte));
}

static void ra_around(struct vma *vma, unsigned long va)
{
	unsigned long table = round_down(va, pt_size(2)), at;
	unsigned long start = max(vma->start, table), end = min(vma->end, table + pt_size(2));
	struct ra_note last = ra_get(vma);
	u64 page = va >> PAGE_SHIFT;
	unsigned int window = ra_window(&last, page);

	ra_set(vma, (struct ra_note){ .page = page, .window = window });
	at = ra_first(&last, page, window) << PAGE_SHIFT;
	end = min(at + window * PAGE_SIZE, end);
	for (at = max(at, start); at < end; at += PAGE_SIZE)
		if (at != va && !ra_read_one(vma, at))
			break;
}

int swap_readahead(struct vma *vma, unsigned long va, swp_entry_t entry, unsigned int gfp,
		   struct page **out)
{
	int err;

	*out = swap_cache_find(entry);
	if (!*out) {
		err = swap_cache_start(entry, gfp, out);
		if (err)
			return err;
		atomic64_inc(&vmstat.pgmajfault);
		swap_token_grab(vma->mm);
		ra_around(vma, va);
	}
	swap_cache_wait(*out);
	return 0;
}

void swap_readahead_used(struct vma *vma, unsigned long va, struct page *page)
{
	struct ra_note note;

	ASSERT_PAGE(page, page_test(page, PG_locked));
	if (!page_test(page, PG_readahead))
		return;
	page_clear(page, PG_readahead);
	atomic64_inc(&vmstat.swap_ra_hit);
	note = ra_get(vma);
	note.page = va >> PAGE_SHIFT;
	note.hits = min(note.hits + 1, (unsigned int)RA_MAX);
	ra_set(vma, note);
}
