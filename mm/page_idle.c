/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/page_idle.c - has nobody used this page since we asked?
 *
 * Concept    Whoever wants to know how much memory a program works with marks pages
 *            idle, waits, and looks which are idle still. The mark is a flag of the
 *            page; the uses are in accessed bits, the CPUs' and the second MMUs':
 *
 *              mark     the bits of all mappings are cleared, PG_idle is set
 *              use      sets a bit, or is a call of lru_mark_accessed()
 *              ask      PG_idle and no bit set? then it is idle
 *
 *            A bit that we clear reclaim would have liked to see, so that we leave
 *            PG_young behind for it. If reclaim finds a bit first, it takes PG_idle
 *            away. A CPU that has the translation cached does not set the bit again:
 *            for a while a page may look idle that is not, as on Linux.
 * Owns       PG_idle, PG_young.
 * Locks      The page lock, and what the walk takes: an rmap lock, table locks.
 * Invariants None.
 * Callers    fs/sys_page_idle.c; mm/rmap.c, mm/nonlinear.c and mm/mmap.c find bits first.
 * Next       mm/pagemap.c
 */
#include "mm/page_idle.h"

#include "mm/mmu_notifier.h"
#include "mm/rmap.h"

/* A page that reclaim knows, with a reference; or NULL. */
static struct page *page_idle_get(pfn_t pfn)
{
	struct page *page;

	if (!pfn_valid(pfn))
		return NULL;
	page = pfn_to_page(pfn);
	if (!page_test(page, PG_lru) || !get_page_unless_zero(page))
		return NULL;
	if (page_test(page, PG_lru))
		return page;
	put_page(page);
	return NULL;
}

static bool page_idle_one(struct page *page, struct vma *vma, unsigned long va, void *arg)
{
	struct spinlock *ptl;
	pte_t *ptep = page_check_address(page, vma->mm, va, &ptl);

	if (!ptep)
		return true;
	if (ptep_clear_young_notify(vma->mm, va, ptep))
		*(bool *)arg = true;
	pte_unmap_unlock(ptep, ptl);
	return true;
}

/* Collect all accessed bits of @page; page locked. */
static void page_idle_collect(struct page *page)
{
	bool used = false;
	struct rmap_walk_control rwc = { .one = page_idle_one, .arg = &used };

	if (page_mapped(page))
		rmap_walk(page, &rwc);
	if (!used)
		return;
	page_clear_idle(page);
	page_set(page, PG_young);
}

void page_idle_set(pfn_t pfn)
{
	struct page *page = page_idle_get(pfn);

	if (!page)
		return;
	page_lock(page);
	page_idle_collect(page);
	page_set(page, PG_idle);
	page_unlock(page);
	put_page(page);
}

bool page_idle_test(pfn_t pfn)
{
	struct page *page = page_idle_get(pfn);
	bool idle;

	if (!page)
		return false;
	if (page_test(page, PG_idle)) {
		page_lock(page);
		page_idle_collect(page);
		page_unlock(page);
	}
	idle = page_test(page, PG_idle);
	put_page(page);
	return idle;
}
