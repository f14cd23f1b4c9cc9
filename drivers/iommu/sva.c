/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/iommu/sva.c - shared virtual addressing: a device on a process's tables
 *
 * Concept    The IOMMU walks the very tables that the CPU walks, so there is
 *            nothing to copy and nothing to keep in step but what the unit has
 *            cached. That is the point protocol: one call from mm's own TLB
 *            flush, after the entries are cleared and before the new entry is
 *            set or a page (or table page) is freed. No bracket is needed, for
 *            a walk after the flush sees the cleared entry.
 *
 *            mm                                 engine
 *            clear the entry (exchange)         section: hit, load or store
 *            flush CPU TLBs
 *            invalidate_range -> INV, SYNC      (its section ends first)
 *            free the page                      section: miss, walks, absent
 *                                               page request -> mm_fault
 * Owns       the PASIDs; struct iommu_sva.
 * Locks      sva_mutex: LOCK_SVA (sleeps, outside mmap_lock): bind and unbind.
 *            sva_lock: LOCK_DRIVER_SPIN: the table PASID -> sva.
 * Invariants a PASID is reused only after every engine forgot it   unbind
 * Callers    drivers that give work with user addresses to a device.
 * Next       drivers/dma/dma.c
 */
#include "drivers/iommu/sva.h"

#include "arch/x86/mm/layout.h"
#include "drivers/iommu/iommu.h"
#include "kernel/lib/panic.h"
#include "kernel/sync/mutex.h"
#include "kernel/sync/spinlock.h"
#include "mm/coherence.h"
#include "mm/gfp.h"
#include "mm/mmu_notifier.h"
#include "mm/slab.h"

struct iommu_sva {
	struct mmu_notifier mn;
	struct mm *mm;		/* the structure is kept by mn until unregister */
	u32 pasid;
	unsigned int users;	/* binds; sva_mutex */
};

DEFINE_MUTEX(sva_mutex, LOCK_SVA);
DEFINE_STATIC_SPINLOCK(sva_lock, LOCK_DRIVER_SPIN);
static struct iommu_sva *sva_of_pasid[IOMMU_NR_PASIDS];	/* PASID 0 is never given out */

/* ---- what mm tells us ---- */

static struct iommu_sva *sva_of(struct mmu_notifier *mn)
{
	return container_of(mn, struct iommu_sva, mn);
}

static void sva_invalidate_range(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
				 unsigned long end)
{
	iommu_invalidate(sva_of(mn)->pasid, start, end);
}

/*
 * The accessed bit is the CPU's and was looked at already; but an engine that
 * has the page cached would never set it again, so it must forget the page.
 */
static int sva_clear_flush_young(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
				 unsigned long end)
{
	iommu_invalidate(sva_of(mn)->pasid, start, end);
	return 0;
}

/* The process is gone: from here on every access of the PASID is a fault. */
static void sva_release(struct mmu_notifier *mn, struct mm *mm)
{
	iommu_pasid_clear(sva_of(mn)->pasid);
	iommu_invalidate_pasid(sva_of(mn)->pasid);
}

static const struct mmu_notifier_ops sva_notifier_ops = {
	.name = "sva",
	.release = sva_release,
	.clear_flush_young = sva_clear_flush_young,
	.clear_young = sva_clear_flush_young,	/* asked seldom, and to know (mm/page_idle.c) */
	.invalidate_range = sva_invalidate_range,
};

/* ---- bind and unbind ---- */

static struct iommu_sva *sva_find(struct mm *mm)
{
	for (u32 pasid = 1; pasid < IOMMU_NR_PASIDS; pasid++)
		if (sva_of_pasid[pasid] && sva_of_pasid[pasid]->mm == mm)
			return sva_of_pasid[pasid];
	return NULL;
}

static void sva_publish(u32 pasid, struct iommu_sva *sva)
{
	spin_lock(&sva_lock);
	WRITE_ONCE(sva_of_pasid[pasid], sva);
	spin_unlock(&sva_lock);
}

static u32 sva_free_pasid(void)
{
	u32 pasid = 1;

	while (pasid < IOMMU_NR_PASIDS && sva_of_pasid[pasid])
		pasid++;
	return pasid;
}

static int sva_create(struct mm *mm, struct iommu_sva **out)
{
	u32 pasid = sva_free_pasid();
	struct iommu_sva *sva;
	int err;

	if (pasid == IOMMU_NR_PASIDS)
		return -ENOSPC;
	sva = kzalloc(sizeof(*sva), GFP_KERNEL);
	if (!sva)
		return -ENOMEM;
	sva->mm = mm;
	sva->pasid = pasid;
	sva->mn.ops = &sva_notifier_ops;
	sva_publish(pasid, sva);
	err = mmu_notifier_register(&sva->mn, mm);
	if (err) {
		sva_publish(pasid, NULL);
		kfree(sva);
		return err;
	}
	iommu_pasid_set(pasid, virt_to_phys(mm->pgd));
	*out = sva;
	return 0;
}

int iommu_sva_bind(struct mm *mm, struct iommu_sva **out)
{
	struct iommu_sva *sva;
	int err = 0;

	mutex_lock(&sva_mutex);
	sva = sva_find(mm);
	if (!sva)
		err = sva_create(mm, &sva);
	if (!err) {
		sva->users++;
		*out = sva;
	}
	mutex_unlock(&sva_mutex);
	return err;
}

void iommu_sva_unbind(struct iommu_sva *sva)
{
	mutex_lock(&sva_mutex);
	if (--sva->users == 0) {
		mmu_notifier_unregister(&sva->mn, sva->mm);	/* has called sva_release */
		sva_publish(sva->pasid, NULL);
		kfree(sva);
	}
	mutex_unlock(&sva_mutex);
}

u32 iommu_sva_pasid(const struct iommu_sva *sva)
{
	return sva->pasid;
}

static struct mm *sva_get_mm(u32 pasid)
{
	struct iommu_sva *sva;
	struct mm *mm = NULL;

	if (pasid >= IOMMU_NR_PASIDS)
		return NULL;
	spin_lock(&sva_lock);
	sva = sva_of_pasid[pasid];
	if (sva && mmget_not_zero(sva->mm))
		mm = sva->mm;
	spin_unlock(&sva_lock);
	return mm;
}

/* ---- the oracle's view: what the unit caches ---- */

static void sva_trace(u32 pasid, u64 addr, u64 pa,
		      void (*tell)(struct page *, const char *, struct mm *, unsigned long))
{
	struct iommu_sva *sva = READ_ONCE(sva_of_pasid[pasid % IOMMU_NR_PASIDS]);
	pfn_t pfn = pfn_make(pa >> PAGE_SHIFT);

	if (sva && pfn_valid(pfn))
		tell(pfn_to_page(pfn), "iommu", sva->mm, addr);
}

static void sva_trace_cached(u32 pasid, u64 addr, u64 pa)
{
	sva_trace(pasid, addr, pa, coherence_hold);
}

static void sva_trace_dropped(u32 pasid, u64 addr, u64 pa)
{
	sva_trace(pasid, addr, pa, coherence_unhold);
}

void sva_init(void)
{
	static const struct iommu_pasid_ops ops = {
		.get_mm = sva_get_mm, .cached = sva_trace_cached, .dropped = sva_trace_dropped,
	};

	iommu_init(&ops);
}
