/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/iommu/emul/atc.c - what one engine remembers of translations
 *
 * Concept    Three caches, as real units have them: PASID entries, level-2 table
 *            entries (so that most misses read one word), and leaves. An entry
 *            stays until a command names it or a newer one takes its place; what
 *            memory says meanwhile is of no interest to it. That is what makes a
 *            forgotten invalidation visible.
 * Owns       leaf, table, pasid of struct iommu_engine.
 * Locks      all calls inside the engine's section.
 * Invariants a page of a PASID has at most one leaf     atc_fill_leaf()
 * Callers    walk.c fills, unit.c drops.
 * Next       walk.c
 */
#include "drivers/iommu/emul/engine.h"

static const struct iommu_trace_port *trace;

void atc_set_trace(const struct iommu_trace_port *port)
{
	WRITE_ONCE(trace, port);
}

static struct atc_leaf *atc_set_of(struct iommu_engine *e, u64 page)
{
	return e->leaf[page % ATC_SETS];
}

struct atc_leaf *atc_find_leaf(struct iommu_engine *e, u32 pasid, u64 addr)
{
	u64 page = addr >> PAGE_SHIFT;
	struct atc_leaf *set = atc_set_of(e, page);

	for (unsigned int i = 0; i < ATC_WAYS; i++)
		if (set[i].valid && set[i].page == page && set[i].pasid == pasid)
			return &set[i];
	return NULL;
}

void atc_drop_leaf(struct iommu_engine *e, struct atc_leaf *leaf)
{
	const struct iommu_trace_port *port = READ_ONCE(trace);

	leaf->valid = false;
	e->stats.dropped++;
	if (port)
		port->dropped(leaf->pasid, leaf->page << PAGE_SHIFT, leaf->pa);
}

/* A free way of the set, or the next victim. */
static struct atc_leaf *atc_choose_way(struct iommu_engine *e, struct atc_leaf *set)
{
	for (unsigned int i = 0; i < ATC_WAYS; i++)
		if (!set[i].valid)
			return &set[i];
	return &set[e->next_way++ % ATC_WAYS];
}

void atc_fill_leaf(struct iommu_engine *e, u32 pasid, u64 addr, u64 pa, bool writable, bool dirty)
{
	const struct iommu_trace_port *port = READ_ONCE(trace);
	struct atc_leaf *leaf = atc_find_leaf(e, pasid, addr);

	if (!leaf)
		leaf = atc_choose_way(e, atc_set_of(e, addr >> PAGE_SHIFT));
	if (leaf->valid)
		atc_drop_leaf(e, leaf);
	*leaf = (struct atc_leaf){
		.valid = true, .writable = writable, .dirty = dirty,
		.pasid = pasid, .page = addr >> PAGE_SHIFT, .pa = pa,
	};
	if (port)
		port->cached(pasid, addr & PAGE_MASK, pa);
}

struct atc_table *atc_find_table(struct iommu_engine *e, u32 pasid, u64 addr)
{
	for (unsigned int i = 0; i < TABLE_SLOTS; i++) {
		struct atc_table *t = &e->table[i];

		if (t->valid && t->region == addr >> 21 && t->pasid == pasid)
			return t;
	}
	return NULL;
}

void atc_fill_table(struct iommu_engine *e, u32 pasid, u64 addr, u64 pa, bool writable)
{
	e->table[e->next_table++ % TABLE_SLOTS] = (struct atc_table){
		.valid = true, .writable = writable, .pasid = pasid,
		.region = addr >> 21, .pa = pa,
	};
}

struct atc_pasid *atc_find_pasid(struct iommu_engine *e, u32 pasid)
{
	for (unsigned int i = 0; i < PASID_SLOTS; i++)
		if (e->pasid[i].valid && e->pasid[i].pasid == pasid)
			return &e->pasid[i];
	return NULL;
}

void atc_fill_pasid(struct iommu_engine *e, u32 pasid, u64 root_pa)
{
	e->pasid[e->next_pasid++ % PASID_SLOTS] = (struct atc_pasid){
		.valid = true, .pasid = pasid, .root_pa = root_pa,
	};
}

/* Whether [@addr, @addr + @size) meets [@start, @start + @len), with no overflow. */
static bool atc_meets(u64 addr, u64 size, u64 start, u64 len)
{
	return addr + size - 1 >= start && addr <= start + (len - 1);
}

void atc_drop_range(struct iommu_engine *e, u32 pasid, u64 start, u64 len)
{
	for (unsigned int s = 0; s < ATC_SETS; s++)
		for (unsigned int w = 0; w < ATC_WAYS; w++) {
			struct atc_leaf *leaf = &e->leaf[s][w];

			if (leaf->valid && leaf->pasid == pasid &&
			    atc_meets(leaf->page << PAGE_SHIFT, PAGE_SIZE, start, len))
				atc_drop_leaf(e, leaf);
		}
	for (unsigned int i = 0; i < TABLE_SLOTS; i++) {
		struct atc_table *t = &e->table[i];

		if (t->valid && t->pasid == pasid &&
		    atc_meets(t->region << 21, BIT(21), start, len))
			t->valid = false;
	}
}

void atc_drop_pasid(struct iommu_engine *e, u32 pasid)
{
	atc_drop_range(e, pasid, 0, ~0UL);
	for (unsigned int i = 0; i < PASID_SLOTS; i++)
		if (e->pasid[i].pasid == pasid)
			e->pasid[i].valid = false;
}
