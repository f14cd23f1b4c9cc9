/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/rmap_notifier.h - hear of a whole page that goes, wherever it is mapped
 *
 * For drivers that keep a reverse map of their own, as one that lends pages to
 * another machine does. Such a driver exports a page that it lends; when the page
 * is taken out of every page table, is written back or leaves its file, the driver is
 * called with the page locked and nothing spinning, so it can send a message and wait:
 *
 *	driver lends a page			the page is taken away
 *	seq = snapshot				lock page
 *	look the page up			each entry, in its bracket: as always
 *	lock page				exported? invalidate_page(page):
 *	lock; seq or count changed? retry	  take it back from everybody,
 *	mmu_rmap_export_page(page)		  dirty there? page is dirty,
 *	install; unlock				  mmu_rmap_unexport_page(page)
 *	unlock page				is the page dirty? then write it
 *						unlock page
 *
 * Changes of ranges (munmap, a copy on write) come through the bracket, to which the
 * driver subscribes as well, for each mm whose pages it lends. A page that start took
 * back is still exported: the driver keeps a reference to it until a thread of its
 * own has locked the page and called mmu_rmap_unexport_page().
 */
#ifndef MM_RMAP_NOTIFIER_H
#define MM_RMAP_NOTIFIER_H

#include "include/types.h"
#include "kernel/lib/list.h"
#include "mm/notifier_stats.h"
#include "mm/page.h"

struct mmu_rmap_notifier;

struct mmu_rmap_notifier_ops {
	const char *name;		/* in reports; may be NULL */
	/*
	 * Nothing outside this kernel uses the locked @page when this returns; PG_dirty
	 * is set if it was written there, and the driver's own export is taken back.
	 * Other drivers' pages come, too. Context: page locked, no other lock of mm, may sleep.
	 */
	void (*invalidate_page)(struct mmu_rmap_notifier *mrn, struct page *page);
};

/* A subscription, to the pages of all address spaces. Embedded by the driver. */
struct mmu_rmap_notifier {
	struct hlist_node hlist;
	const struct mmu_rmap_notifier_ops *ops;
	struct notifier_stats stats;
};

#ifdef CONFIG_MMU_NOTIFIER

/*
 * The caller has filled @mrn->ops. Context: any but interrupts.
 * Return: 0; -EINVAL (no invalidate_page).
 */
int __must_check mmu_rmap_notifier_register(struct mmu_rmap_notifier *mrn);
/*
 * No callback runs or will run when this returns. The driver has taken back all its
 * exports before. Context: no page lock, nothing that a callback takes; may sleep.
 */
void mmu_rmap_notifier_unregister(struct mmu_rmap_notifier *mrn);

/*
 * From now on the registered drivers hear of @page. One driver at a time exports a
 * page: how often it lends it is its own affair. Context: page locked.
 * Return: 0; -EBUSY (it is exported).
 */
int __must_check mmu_rmap_export_page(struct page *page);
/* The driver that exported @page lends it to nobody any more. Context: page locked. */
void mmu_rmap_unexport_page(struct page *page);

/* Does a driver lend @page to somebody outside? Context: any; exact with the page locked. */
static inline bool page_is_exported(struct page *page)
{
	return unlikely(page_test(page, PG_external_rmap));
}

void __mmu_rmap_notifier_invalidate_page(struct page *page);
void rmap_notifier_init(void);

#else

static inline bool page_is_exported(struct page *page) { (void)page; return false; }
static inline void __mmu_rmap_notifier_invalidate_page(struct page *page) { (void)page; }
static inline void rmap_notifier_init(void) { }

#endif

/*
 * After the walk that took the locked @page out of the page tables, and before its
 * dirty flag is looked at. Not exported: one load, one branch. May sleep.
 */
static inline void mmu_rmap_notifier_invalidate_page(struct page *page)
{
	if (page_is_exported(page))
		__mmu_rmap_notifier_invalidate_page(page);
}

#endif
