/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/lru.c - which page was not used for longest: pairs of lists and a second chance
 *
 * Concept    New pages enter one end of a list, reclaim takes from the other. A
 *            page that is found used (page_referenced) on the inactive list moves
 *            to the active one; the active list gives its old pages back when it
 *            has grown longer than the inactive one.
 *
 *                    lru_add                 lru_isolate
 *              active  o-o-o-o-o-o-o-o  -->  used? putback(active)
 *                 ^                          else  putback(inactive)
 *                 | used again                       |
 *                 |                                  v
 *              inactive  o-o-o-o-o-o-o-o-o   -->  used? putback(active)
 *                                                 else  reclaim.c takes it away
 *
 *            There are two such pairs, for what it costs to take a page away differs:
 *            anonymous memory, tmpfs and shared memory must be written to swap (anon);
 *            a file's page is on a disk, and a page given up by MADV_FREE goes for
 *            nothing (file). PG_swapbacked decides when a page joins a list, PG_file
 *            remembers. How much of each pair is looked at: lru_balance.c.
 *
 *            A page that a locked VMA maps (PG_mlocked) waits on a fifth list, out
 *            of the way: wherever it is put, it lands there. An isolated page is on
 *            no list; whoever has isolated it has a reference.
 * Owns       The lists; PG_lru, PG_active, PG_file, PG_unevictable, PG_mlocked; page->lru
 *            while PG_lru.
 * Locks      LOCK_LRU (spin, irqs off: the last put of a page may come anywhere).
 * Invariants PG_lru: on exactly the list that PG_active, PG_file and PG_unevictable
 *            name, and PG_unevictable exactly if PG_mlocked; counts match  lru_check()
 * Callers    fault.c and swap_cache.c add; page.c deletes; reclaim.c isolates;
 *            rmap.c and mlock.c lock and unlock.
 * Next       lru_balance.c
 */
#include "mm/swap.h"

#include "kernel/sync/spinlock.h"
#include "mm/lockorder.h"
#include "mm/page.h"
#include "mm/page_idle.h"
#include "mm/workingset.h"

static struct {
	struct spinlock lock;
	struct list_head list[NR_LRU_LISTS];	/* newest first */
	u64 count[NR_LRU_LISTS];
	u64 mlocked;				/* pages with PG_mlocked, listed or not */
} lru;

/* What a page's flags say of its place. */
#define LRU_PLACE (BIT(PG_lru) | BIT(PG_active) | BIT(PG_file) | BIT(PG_unevictable))

static enum lru_list lru_list_of(u64 flags)
{
	static_assert(PG_file == PG_active + 1 && LRU_FILE == 1, "two flags are a number");
	if (flags & BIT(PG_unevictable))
		return LRU_UNEVICTABLE;
	return (enum lru_list)(flags >> PG_active & 3);	/* lru_list() */
}

/* A page that joins a list is on none, and has no owner who would not let it go. */
#define LRU_NEVER (BIT(PG_lru) | BIT(PG_reserved) | BIT(PG_slab) | BIT(PG_table) | BIT(PG_tail))

/* @active: for a page that may be reclaimed. */
static void lru_insert_locked(struct page *page, bool active)
{
	u64 flags = READ_ONCE(page->flags), place = BIT(PG_lru);
	enum lru_list which;

	assert_held(&lru.lock);
	ASSERT_PAGE(page, !(flags & LRU_NEVER) && page_count(page) > 0);
	if (flags & BIT(PG_mlocked))
		place |= BIT(PG_unevictable);
	else if (active)
		place |= BIT(PG_active);
	if (!(flags & BIT(PG_swapbacked)))
		place |= BIT(PG_file);
	page_replace(page, flags, LRU_PLACE, place);
	which = lru_list_of(place);
	list_add(&page->lru, &lru.list[which]);
	lru.count[which]++;
}

static void lru_remove_locked(struct page *page)
{
	enum lru_list which = lru_list_of(READ_ONCE(page->flags));

	assert_held(&lru.lock);
	ASSERT_PAGE(page, page_test(page, PG_lru) && lru.count[which] > 0);
	list_del(&page->lru);
	lru.count[which]--;
	page_clear(page, PG_lru);
}

/* From whichever list it is on, if it is on one, to the newer end of another. */
static void lru_move_locked(struct page *page, bool active)
{
	if (!page_test(page, PG_lru))
		return;
	lru_remove_locked(page);
	lru_insert_locked(page, active);
}

void lru_add(struct page *page, bool active)
{
	unsigned long flags;

	spin_lock_irqsave(&lru.lock, flags);
	lru_insert_locked(page, active);
	spin_unlock_irqrestore(&lru.lock, flags);
}

void lru_del(struct page *page)
{
	unsigned long flags;

	spin_lock_irqsave(&lru.lock, flags);
	if (page_test(page, PG_lru))
		lru_remove_locked(page);
	spin_unlock_irqrestore(&lru.lock, flags);
}

void lru_mark_accessed(struct page *page)
{
	unsigned long flags;

	page_clear_idle(page);
	if (!page_test_and_set(page, PG_referenced) || page_test(page, PG_active))
		return;
	spin_lock_irqsave(&lru.lock, flags);
	if (page_test(page, PG_lru) && !page_test(page, PG_active) &&
	    !page_test(page, PG_unevictable)) {
		lru_move_locked(page, true);
		page_clear(page, PG_referenced);
		workingset_age(1);
		atomic64_inc(&vmstat.pgactivate);
	}
	spin_unlock_irqrestore(&lru.lock, flags);
}

/* A page whose last reference is just going stays: page_release() wants it there. */
unsigned int lru_isolate(enum lru_list which, unsigned int nr, struct list_head *out)
{
	struct list_head *list = &lru.list[which];
	struct list_head *pos, *newer;
	unsigned int taken = 0;
	unsigned long flags;

	spin_lock_irqsave(&lru.lock, flags);
	for (pos = list->prev; pos != list && taken < nr; pos = newer) {
		struct page *page = list_entry(pos, struct page, lru);

		newer = pos->prev;
		if (!get_page_unless_zero(page))
			continue;
		lru_remove_locked(page);
		list_add_tail(&page->lru, out);
		taken++;
	}
	spin_unlock_irqrestore(&lru.lock, flags);
	return taken;
}

bool lru_isolate_page(struct page *page)
{
	bool isolated = false;
	unsigned long flags;

	spin_lock_irqsave(&lru.lock, flags);
	if (page_test(page, PG_lru) && !page_test(page, PG_unevictable)) {
		get_page(page);
		lru_remove_locked(page);
		isolated = true;
	}
	spin_unlock_irqrestore(&lru.lock, flags);
	return isolated;
}

void lru_putback(struct page *page, bool active)
{
	unsigned long flags;

	spin_lock_irqsave(&lru.lock, flags);
	lru_insert_locked(page, active);
	spin_unlock_irqrestore(&lru.lock, flags);
	put_page(page);
}

void lru_deactivate(struct page *page)
{
	unsigned long flags;

	spin_lock_irqsave(&lru.lock, flags);
	if (page_test(page, PG_active) ||
	    page_test(page, PG_file) == page_test(page, PG_swapbacked)) {
		if (page_test(page, PG_lru) && page_test(page, PG_active))
			atomic64_inc(&vmstat.pgdeactivate);
		lru_move_locked(page, false);
	}
	spin_unlock_irqrestore(&lru.lock, flags);
}

void lru_rotate(struct page *page)
{
	unsigned long flags;

	spin_lock_irqsave(&lru.lock, flags);
	if (page_test(page, PG_lru) && !page_test(page, PG_active) &&
	    !page_test(page, PG_unevictable))
		list_move_tail(&page->lru, &lru.list[lru_list_of(READ_ONCE(page->flags))]);
	spin_unlock_irqrestore(&lru.lock, flags);
}

/* The flag and the list change together; an isolated page finds its list at the end. */
static void lru_set_mlocked(struct page *page, bool mlocked)
{
	unsigned long flags;
	bool was;

	spin_lock_irqsave(&lru.lock, flags);
	was = mlocked ? page_test_and_set(page, PG_mlocked) :
			page_test_and_clear(page, PG_mlocked);
	if (was != mlocked) {
		lru.mlocked += mlocked ? 1 : -1ULL;
		lru_move_locked(page, false);
	}
	spin_unlock_irqrestore(&lru.lock, flags);
}

void lru_mlock(struct page *page)
{
	lru_set_mlocked(page, true);
}

void lru_munlock(struct page *page)
{
	lru_set_mlocked(page, false);
}

void lru_count(struct lru_counts *out)
{
	for (enum lru_list which = 0; which < NR_LRU_LISTS; which++)
		out->nr[which] = READ_ONCE(lru.count[which]);
	out->mlocked = READ_ONCE(lru.mlocked);
}

static unsigned int lru_check_list_locked(enum lru_list which)
{
	unsigned int faults = 0;
	struct page *page;
	u64 n = 0;

	assert_held(&lru.lock);
	if (!list_validate(&lru.list[which])) {
		check_report(CHECK_CHECK, "lru: list %d is broken", which);
		return 1;
	}
	list_for_each_entry(page, &lru.list[which], lru) {
		n++;
		if (page_test(page, PG_lru) && lru_list_of(READ_ONCE(page->flags)) == which &&
		    page_test(page, PG_mlocked) == (which == LRU_UNEVICTABLE))
			continue;
		check_report(CHECK_CHECK, "lru: frame %llx is on list %d, but its flags say %lx",
			     (unsigned long long)page_to_pfn(page).v, which, page->flags);
		faults++;
	}
	if (n != lru.count[which]) {
		check_report(CHECK_CHECK, "lru: list %d has %llu pages, counted %llu", which,
			     (unsigned long long)n, (unsigned long long)lru.count[which]);
		faults++;
	}
	return faults;
}

unsigned int lru_check(void)
{
	unsigned int faults = 0;
	unsigned long flags;

	spin_lock_irqsave(&lru.lock, flags);
	for (enum lru_list which = 0; which < NR_LRU_LISTS; which++)
		faults += lru_check_list_locked(which);
	spin_unlock_irqrestore(&lru.lock, flags);
	return faults;
}

void lru_init(void)
{
	spin_lock_init(&lru.lock, LOCK_LRU, "lru");
	for (enum lru_list which = 0; which < NR_LRU_LISTS; which++)
		INIT_LIST_HEAD(&lru.list[which]);
}
