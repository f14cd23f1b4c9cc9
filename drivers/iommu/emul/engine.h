/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/iommu/emul/engine.h - one requester of the emulated IOMMU, from inside
 *
 * Shared by the three files of the unit: unit.c (registers, rings, commands),
 * walk.c (table walks, accesses), atc.c (what is cached).
 */
#ifndef DRIVERS_IOMMU_EMUL_ENGINE_H
#define DRIVERS_IOMMU_EMUL_ENGINE_H

#include "drivers/emul/machine.h"
#include "drivers/iommu/emul/hw.h"

#define MAX_ENGINES 32
#define ATC_SETS 64
#define ATC_WAYS 4
#define TABLE_SLOTS 16
#define PASID_SLOTS 8

/* A leaf: one page of one PASID. */
struct atc_leaf {
	bool valid, writable, dirty;	/* dirty: the D bit in memory is known to be set */
	u32 pasid;
	u64 page;			/* address >> 12 */
	u64 pa;
};

/* Level 2: where the level-1 table for 2 MiB of one PASID is. */
struct atc_table {
	bool valid, writable;
	u32 pasid;
	u64 region;			/* address >> 21 */
	u64 pa;
};

struct atc_pasid {
	bool valid;
	u32 pasid;
	u64 root_pa;
};

struct iommu_engine {
	u16 id;
	struct emul_section section;	/* guards the caches; one access at a time */
	struct atc_leaf leaf[ATC_SETS][ATC_WAYS];
	struct atc_table table[TABLE_SLOTS];
	struct atc_pasid pasid[PASID_SLOTS];
	unsigned int next_way, next_table, next_pasid;	/* round-robin victims */

	struct emul_event answer_event;
	u64 tag;			/* of the outstanding page request */
	bool answered;
	u8 response;
	struct iommu_hw_stats stats;	/* this engine's share; section */
};

/* atc.c: all inside the engine's section. */
struct atc_leaf *atc_find_leaf(struct iommu_engine *e, u32 pasid, u64 addr);
void atc_fill_leaf(struct iommu_engine *e, u32 pasid, u64 addr, u64 pa, bool writable, bool dirty);
void atc_drop_leaf(struct iommu_engine *e, struct atc_leaf *leaf);
struct atc_table *atc_find_table(struct iommu_engine *e, u32 pasid, u64 addr);
void atc_fill_table(struct iommu_engine *e, u32 pasid, u64 addr, u64 pa, bool writable);
struct atc_pasid *atc_find_pasid(struct iommu_engine *e, u32 pasid);
void atc_fill_pasid(struct iommu_engine *e, u32 pasid, u64 root_pa);
void atc_drop_range(struct iommu_engine *e, u32 pasid, u64 start, u64 len);
void atc_drop_pasid(struct iommu_engine *e, u32 pasid);
void atc_set_trace(const struct iommu_trace_port *port);

/* unit.c, for walk.c */
bool unit_enabled(void);
/* Read a PASID's table entry from memory. Return: false: absent, *@reason says why. */
bool unit_read_pasid(u32 pasid, u64 *root_pa, enum iommu_fault_reason *reason);
/* Ask the driver for a page and wait. Context: no section. Return: its answer. */
enum iommu_response unit_page_request(struct iommu_engine *e, u32 pasid, u64 addr, u16 access);
void unit_fault(struct iommu_engine *e, u32 pasid, u64 addr, u16 access,
		enum iommu_fault_reason reason);

#endif
