/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/rmap_notifier.c - one list of drivers that lend pages beyond this kernel
 *
 * Concept    A bracket says "these addresses of this mm"; a driver whose copies are
 *            on another machine knows pages, and must send a message and wait before
 *            one goes. It is called once for each page, after the walk over all
 *            page tables, at the one point where no spinlock and no rmap lock is
 *            held and the page lock keeps the page from being mapped again:
 *
 *                try_to_unmap, page_mkclean, truncation       driver
 *                page is locked
 *                walk: entries cleared, dirty bits to the page
 *                PG_external_rmap?  yes  ---- invalidate_page -->  recall, wait
 *                                                             dirty? set PG_dirty
 *                                        <---- clear the flag
 *                PG_dirty? then write; else free
 *
 *            The flag keeps all this from pages that nobody lends: one load of a
 *            word that the caller has just used.
 * Owns       The list; PG_external_rmap.
 * Locks      LOCK_NOTIFIER (spin) to change the list; readers are in a grace-period
 *            domain of its own, so that callbacks may sleep. The page lock for
 *            the flag.
 * Invariants PG_external_rmap changes under the page lock     asserted here
 *            no driver lends a page after its callback     reported here
 *            a freed page is not exported     page_release() of mm/page.c
 * Callers    rmap.c, shmem.c; drivers. Each callback goes through notifier_stats.c.
 * Next       interval_notifier.c
 */
#include "mm/rmap_notifier.h"

#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/rculist.h"
#include "kernel/sync/preempt.h"
#include "kernel/sync/spinlock.h"
#include "kernel/sync/srcu.h"
#include "mm/lockorder.h"

DEFINE_STATIC_SPINLOCK(rmap_notifier_lock, LOCK_NOTIFIER);
static struct hlist_head rmap_notifiers;	/* lock to change, srcu to walk */
static struct srcu_struct rmap_notifier_srcu;

int mmu_rmap_notifier_register(struct mmu_rmap_notifier *mrn)
{
	if (!mrn->ops->invalidate_page) {
		pr_err("rmap_notifier: without invalidate_page there is nothing to call\n");
		return -EINVAL;
	}
	mrn->stats = (struct notifier_stats){ .refusals = 0 };
	spin_lock(&rmap_notifier_lock);
	hlist_add_head_rcu(&mrn->hlist, &rmap_notifiers);
	spin_unlock(&rmap_notifier_lock);
	return 0;
}

void mmu_rmap_notifier_unregister(struct mmu_rmap_notifier *mrn)
{
	if (notifier_call_forbids("mmu_rmap_notifier_unregister()"))
		return;
	might_sleep();
	lock_check_may_take(LOCK_DRIVER, "unregister waits for callbacks");
	spin_lock(&rmap_notifier_lock);
	hlist_del_rcu(&mrn->hlist);
	spin_unlock(&rmap_notifier_lock);
	synchronize_srcu(&rmap_notifier_srcu);
}

int mmu_rmap_export_page(struct page *page)
{
	ASSERT_PAGE(page, page_test(page, PG_locked) && page_count(page) > 0);
	return page_test_and_set(page, PG_external_rmap) ? -EBUSY : 0;
}

void mmu_rmap_unexport_page(struct page *page)
{
	ASSERT_PAGE(page, page_test(page, PG_locked) && page_count(page) > 0);
	ASSERT_PAGE(page, page_test_and_clear(page, PG_external_rmap));
}

void __mmu_rmap_notifier_invalidate_page(struct page *page)
{
	struct mmu_rmap_notifier *mrn;
	struct notifier_call call;
	int idx;

	might_sleep();
	ASSERT_PAGE(page, page_test(page, PG_locked));
	idx = srcu_read_lock(&rmap_notifier_srcu);
	hlist_for_each_entry_rcu(mrn, &rmap_notifiers, hlist) {
		notifier_call_begin(&call, &mrn->stats, MN_RMAP_INVALIDATE_PAGE, true);
		notifier_call_about(&call, mrn->ops->name, 0, 0, 0);
		mrn->ops->invalidate_page(mrn, page);
		notifier_call_end(&call);
	}
	srcu_read_unlock(&rmap_notifier_srcu, idx);
	if (page_is_exported(page))
		check_report(CHECK_FREE_PAGE, "frame %llx is still exported when all drivers were told",
			     (unsigned long long)page_to_pfn(page).v);
}

void rmap_notifier_init(void)
{
	if (init_srcu_struct(&rmap_notifier_srcu))
		panic("rmap_notifier: no grace periods");
}
