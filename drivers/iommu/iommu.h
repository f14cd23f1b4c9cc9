/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/iommu/iommu.h - the driver of the emulated IOMMU
 */
#ifndef DRIVERS_IOMMU_IOMMU_H
#define DRIVERS_IOMMU_IOMMU_H

#include "include/types.h"

struct mm;

#define IOMMU_NR_PASIDS 256

/* Who gives PASIDs their meaning (sva.c) answers these. */
struct iommu_pasid_ops {
	/* The mm of @pasid with a reference to its user half, or NULL. May not sleep. */
	struct mm *(*get_mm)(u32 pasid);
	/* What the unit's trace port reports. Inside a section: may not sleep. */
	void (*cached)(u32 pasid, u64 addr, u64 pa);
	void (*dropped)(u32 pasid, u64 addr, u64 pa);
};

/* Set the unit up and switch it on. Context: boot, once; may sleep. */
void iommu_init(const struct iommu_pasid_ops *ops);

void iommu_pasid_set(u32 pasid, u64 root_pa);
void iommu_pasid_clear(u32 pasid);
/* Make every engine forget [@start, @end) of @pasid; when it returns, none uses it. Atomic. */
void iommu_invalidate(u32 pasid, u64 start, u64 end);
/* The same for the whole PASID, its table entry too. */
void iommu_invalidate_pasid(u32 pasid);

struct iommu_stats {
	u64 page_requests;	/* served by the driver */
	u64 invalidations;	/* sent because mm changed something */
	u64 faults;		/* fault records read */
};
void iommu_stats_read(struct iommu_stats *out);

#endif
