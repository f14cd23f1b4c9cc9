/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/lru.c - which page was not used for longest: two lists and a second chance
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
 *            A page that a locked VMA maps (PG_mlocked) waits on a third list, out
 *            of the way: wherever it is put, it lands there. An isolated page is on
 *            no list; whoever has isolated it has a reference.
 * Owns       The lists; PG_lru, PG_active, PG_unevictable, PG_mlocked; page->lru while
 *            PG_lru.
 * Locks      LOCK_LRU (spin, irqs off: the last put of a page may come anywhere).
 * Invariants PG_lru: on exactly the list that PG_active and PG_unevictable name, and
 *            PG_unevictable exactly if PG_mlocked; counts match      lru_check()
 * Callers    fault.c and swap_cache.c add; page.c deletes; reclaim.c isolates;
 *            rmap.c and mlock.c lock and unlock.
 * Next       reclaim.c
 */
#include "mm/swap.h"

#include "kernel/sync/spinlock.h"
#include "mm/lockorder.h"
#include "mm/page.h"

enum lru_list { LRU_INACTIVE, LRU_ACTIVE, LRU_UNEVICTABLE, NR_LRU_LISTS };

static struct {
	struct spinlock lock;
	struct list_head list[NR_LRU_LISTS];	/* newest first */
	u64 count[NR_LRU_LISTS];
	u64 mlocked;				/* pages with PG_mlocked, listed or not */
} lru;

static enum lru_list lru_list_of(const struct page *page)
{
	if (page_test(page, PG_unevictable))
		return LRU_UNEVICTABLE;
	return page_test(page, PG_active) ? LRU_ACTIVE : LRU_INACTIVE;
}

/* A page that joins a list is on none, and has no owner who would not let it go. */
#define LRU_NEVER (BIT(PG_lru) | BIT(PG_reserved) | BIT(PG_slab) | BIT(PG_table) | BIT(PG_tail))

/* @which: the list for a page that may be reclaimed. */
static void lru_insert_locked(struct page *page, enum lru_list which)
{
	assert_held(&lru.lock);
	if (page_test(page, PG_mlocked))
		which = LRU_UNEVICTABLE;
	ASSERT_PAGE(page, !(READ_ONCE(page->flags) & LRU_NEVER) && page_count(page) > 0);
	page_clear(page, PG_active);
	page_clear(page, PG_unevictable);
	if (which == LRU_ACTIVE)
		page_set(page, PG_active);
	else if (which == LRU_UNEVICTABLE)
		page_set(page, PG_unevictable);
	page_set(page, PG_lru);
	list_add(&page->lru, &lru.list[which]);
	lru.count[which]++;
}

static void lru_remove_locked(struct page *page)
{
	enum lru_list which = lru_list_of(page);

	assert_held(&lru.lock);
	ASSERT_PAGE(page, page_test(page, PG_lru) && lru.count[which] > 0);
	list_del(&page->lru);
	lru.count[which]--;
	page_clear(page, PG_lru);
}

/* From whichever list it is on, if it is on one, to the newer end of another. */
static void lru_move_locked(struct page *page, enum lru_list which)
{
	if (!page_test(page, PG_lru))
		return;
	lru_remove_locked(page);
	lru_insert_locked(page, which);
}

void lru_add(struct page *page, bool active)
{
	unsigned long flags;

	spin_lock_irqsave(&lru.lock, flags);
	lru_insert_locked(page, active ? LRU_ACTIVE : LRU_INACTIVE);
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

	if (!page_test_and_set(page, PG_referenced) || page_test(page, PG_active))
		return;
	spin_lock_irqsave(&lru.lock, flags);
	if (page_test(page, PG_lru) && lru_list_of(page) == LRU_INACTIVE) {
		lru_move_locked(page, LRU_ACTIVE);
		page_clear(page, PG_referenced);
		atomic64_inc(&vmstat.pgactivate);
	}
	spin_unlock_irqrestore(&lru.lock, flags);
}

/* A page whose last reference is just going stays: page_release() wants it there. */
unsigned int lru_isolate(bool active, unsigned int nr, struct list_head *out)
{
	struct list_head *list = &lru.list[active ? LRU_ACTIVE : LRU_INACTIVE];
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

/* Put an isolated page on a list; whoever had isolated it loses its reference. */
static void lru_return(struct page *page, enum lru_list which)
{
	unsigned long flags;

	spin_lock_irqsave(&lru.lock, flags);
	lru_insert_locked(page, which);
	spin_unlock_irqrestore(&lru.lock, flags);
	put_page(page);
}

void lru_putback(struct page *page, bool active)
{
	lru_return(page, active ? LRU_ACTIVE : LRU_INACTIVE);
}

void lru_deactivate(struct page *page)
{
	unsigned long flags;

	spin_lock_irqsave(&lru.lock, flags);
	if (page_test(page, PG_lru) && lru_list_of(page) == LRU_ACTIVE) {
		lru_move_locked(page, LRU_INACTIVE);
		atomic64_inc(&vmstat.pgdeactivate);
	}
	spin_unlock_irqrestore(&lru.lock, flags);
}

void lru_rotate(struct page *page)
{
	unsigned long flags;

	spin_lock_irqsave(&lru.lock, flags);
	if (page_test(page, PG_lru) && lru_list_of(page) == LRU_INACTIVE)
		list_move_tail(&page->lru, &lru.list[LRU_INACTIVE]);
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
		lru_move_locked(page, LRU_INACTIVE);
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
	out->active = READ_ONCE(lru.count[LRU_ACTIVE]);
	out->inactive = READ_ONCE(lru.count[LRU_INACTIVE]);
	out->unevictable = READ_ONCE(lru.count[LRU_UNEVICTABLE]);
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
		if (page_test(page, PG_lru) && lru_list_of(page) == which &&
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
