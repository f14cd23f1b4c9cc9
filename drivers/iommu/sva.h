/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/iommu/sva.h - lending a process's address space to a device
 *
 * iommu_sva_bind() gives a process a PASID under which a device may use the
 * process's own addresses. Nothing is pinned: the device walks the CPU's page
 * tables, asks for absent pages, and forgets what mm takes away.
 */
#ifndef DRIVERS_IOMMU_SVA_H
#define DRIVERS_IOMMU_SVA_H

#include "include/types.h"

struct mm;
struct iommu_sva;

/*
 * Bind @mm, whose user half the caller keeps alive during the call. Binding it
 * again counts. Context: no mm lock held; may sleep.
 * Return: 0, -ENOMEM, -EINTR, -ENOSPC (no PASID free).
 */
int __must_check iommu_sva_bind(struct mm *mm, struct iommu_sva **out);
/* Undo one bind; when the last goes, no engine translates for the PASID any more. May sleep. */
void iommu_sva_unbind(struct iommu_sva *sva);
u32 iommu_sva_pasid(const struct iommu_sva *sva);

/* Bring the IOMMU up. Context: boot, may sleep. */
void sva_init(void);

#endif
