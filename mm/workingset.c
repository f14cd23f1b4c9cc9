/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/workingset.c - was a page that comes back missed?
 *
 * Concept    A page on the inactive list that is used again in time moves up. One that
 *            was taken away just before its next use had no such chance, however often
 *            it is used. So each page that goes leaves a shadow, the time of
 *            its going, and when it comes back the time between tells how much memory
 *            would have kept it:
 *
 *                 inactive list                      shadow
 *                +---------------------------+      +----------------+
 *              -->  o  o  o  o  o  o  o  o  o -->    .  .  .  .  X  .
 *                +---------------------------+      +----------------+
 *                                                    <- distance ->
 *
 *            The clock counts pages that went or moved up, which is by how much the
 *            inactive lists have moved on. With @distance more places there, the
 *            page would have been found again. The active list has those
 *            places. If it has that many pages, all of which may be idle by now, the
 *            newcomer joins them at once: one of the two is used, the other will show.
 *            A page of a file may also push out anonymous ones, if there is swap, and
 *            the other way round.
 *
 *            A page that had been active once (PG_workingset) and is read again was
 *            taken away by mistake: that is noted as a cost of its pair of lists.
 *
 *            Shadows of files take the page's place in the map (pagecache.c bounds their
 *            number); those of anonymous pages are beside the slot, and end with it.
 * Owns       The clock; PG_workingset; what the bits of a shadow mean.
 * Locks      None. The page is locked.
 * Invariants A page in memory has no shadow.   writeback_check(), swap_cache_check()
 * Callers    pagecache.c, swap_cache.c, lru.c, reclaim.c
 * Next       reclaim.c
 */
#include "mm/workingset.h"

#define SHADOW_IS 1U			/* or a shadow could be 0 */
#define SHADOW_WORKINGSET 2U
#define SHADOW_SHIFT 2
#define SHADOW_CLOCK_MASK (~0U >> SHADOW_SHIFT)

static atomic64_t clock;		/* pages that went or moved up */

static enum lru_type type_of(const struct page *page)
{
	return page_test(page, PG_swapbacked) ? LRU_ANON : LRU_FILE;
}

void workingset_age(u64 nr)
{
	atomic64_add((s64)nr, &clock);
}

u32 workingset_eviction(struct page *page)
{
	u32 now = (u32)atomic64_inc_return(&clock);

	ASSERT_PAGE(page, !page_test(page, PG_lru));
	return now << SHADOW_SHIFT | SHADOW_IS |
	       (page_test(page, PG_workingset) ? SHADOW_WORKINGSET : 0);
}

/* The clock goes round after 2^30 pages: a shadow as old as that looks young, and no harm. */
u64 workingset_distance(u32 shadow)
{
	return ((u32)atomic64_read(&clock) - (shadow >> SHADOW_SHIFT)) & SHADOW_CLOCK_MASK;
}

bool workingset_would_fit(const struct lru_counts *counts, bool swap_left, enum lru_type type,
			  u64 distance)
{
	u64 places = counts->nr[LRU_ACTIVE_FILE];

	if (type == LRU_ANON)
		places += counts->nr[LRU_INACTIVE_FILE];
	if (swap_left)
		places += counts->nr[LRU_ACTIVE_ANON];
	if (swap_left && type == LRU_FILE)
		places += counts->nr[LRU_INACTIVE_ANON];
	return distance <= places;
}

bool workingset_refault(struct page *page, u32 shadow)
{
	enum lru_type type = type_of(page);
	struct lru_counts counts;

	if (!shadow)
		return false;
	atomic64_inc(&vmstat.workingset_refault[type]);
	lru_count(&counts);
	if (!workingset_would_fit(&counts, swap_slots_left(), type, workingset_distance(shadow)))
		return false;
	workingset_age(1);
	atomic64_inc(&vmstat.workingset_activate[type]);
	if (shadow & SHADOW_WORKINGSET) {
		page_set(page, PG_workingset);
		lru_note_cost(type, 1, 0);
		atomic64_inc(&vmstat.workingset_restore[type]);
	}
	return true;
}
