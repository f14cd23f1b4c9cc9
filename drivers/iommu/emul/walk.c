/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/iommu/emul/walk.c - one access of an engine, from address to bytes
 *
 * Concept    An access is one section: look the page up in the caches, else walk
 *            the tables in memory, then load or store. Nothing can come between
 *            the look-up and the bytes but another bus master, as in silicon.
 *
 *            The walk sets the accessed bit of each entry it uses and, for a
 *            write, the dirty bit of the leaf, by compare-and-swap on the live
 *            entry; if the entry changed meanwhile, it starts again. A write
 *            through a cached leaf whose dirty bit is not known to be set walks
 *            again. A leaf that forbids the access is dropped before the page
 *            request, so that the answer is looked at.
 *
 *            Table format: AMD APM volume 2, section 5.3 (long mode).
 * Owns       nothing; works on the caller's engine.
 * Locks      the engine's section, entered here.
 * Callers    emulated devices, through hw.h.
 * Next       unit.c
 */
#include "drivers/iommu/emul/engine.h"

/* The unit's own view of the table format: it is hardware, not the kernel. */
#define ENTRY_PRESENT BIT(0)
#define ENTRY_WRITE BIT(1)
#define ENTRY_USER BIT(2)
#define ENTRY_ACCESSED BIT(5)
#define ENTRY_DIRTY BIT(6)
#define ENTRY_LARGE BIT(7)
#define ENTRY_FRAME 0x000ffffffffff000UL

#define CANONICAL_USER_TOP BIT(47)
#define WALK_TRIES 16		/* in one section */

enum step {
	STEP_DONE,		/* translated */
	STEP_ABSENT,		/* a page request may help */
	STEP_CHANGED,		/* an entry changed under the walk: again */
	STEP_FAULT,		/* nothing helps; walk->reason */
};

struct walk {
	struct iommu_engine *engine;
	u32 pasid;
	u64 addr;
	bool write;
	bool writable;		/* all entries so far allow writing */
	u64 pa;			/* table of the next level; at the end, the page */
	enum iommu_fault_reason reason;
};

static u64 walk_slot(const struct walk *w, unsigned int level)
{
	return w->pa + ((w->addr >> (12 + 9 * (level - 1))) & 511) * 8;
}

static enum step walk_bus_fault(struct walk *w)
{
	w->reason = IOMMU_FAULT_BUS;
	return STEP_FAULT;
}

/* Set @bits in the entry at @slot, of which *@entry was read. */
static enum step walk_set_bits(struct walk *w, u64 slot, u64 *entry, u64 bits)
{
	u64 want = *entry | bits;
	bool swapped;

	if (*entry == want)
		return STEP_DONE;
	if (!phys_cmpxchg64(slot, entry, want, &swapped))
		return walk_bus_fault(w);
	*entry = want;
	return swapped ? STEP_DONE : STEP_CHANGED;
}

static enum step walk_root(struct walk *w)
{
	struct atc_pasid *cached = atc_find_pasid(w->engine, w->pasid);
	u64 root_pa;

	if (cached) {
		w->pa = cached->root_pa;
		return STEP_DONE;
	}
	if (!unit_read_pasid(w->pasid, &root_pa, &w->reason))
		return STEP_FAULT;
	atc_fill_pasid(w->engine, w->pasid, root_pa);
	w->pa = root_pa;
	return STEP_DONE;
}

/* Follow one upper entry. A large leaf ends the walk at its 4 KiB part. */
static enum step walk_upper(struct walk *w, unsigned int level, bool *leaf)
{
	u64 slot = walk_slot(w, level), entry, size = BIT(12 + 9 * (level - 1));
	enum step step;

	if (!phys_read64(slot, &entry))
		return walk_bus_fault(w);
	if (!(entry & ENTRY_PRESENT) || !(entry & ENTRY_USER))
		return STEP_ABSENT;
	w->writable &= !!(entry & ENTRY_WRITE);
	if (w->write && !w->writable)
		return STEP_ABSENT;
	*leaf = entry & ENTRY_LARGE;
	step = walk_set_bits(w, slot, &entry,
			     ENTRY_ACCESSED | (*leaf && w->write ? ENTRY_DIRTY : 0));
	if (step != STEP_DONE)
		return step;
	w->pa = entry & ENTRY_FRAME;
	if (*leaf)
		w->pa = (w->pa & ~(size - 1)) | (w->addr & (size - 1) & PAGE_MASK);
	return STEP_DONE;
}

/* Down to the level-1 table: from the cache, or from the root. */
static enum step walk_to_table(struct walk *w, bool *leaf)
{
	struct atc_table *cached = atc_find_table(w->engine, w->pasid, w->addr);
	enum step step;

	*leaf = false;
	if (cached && (cached->writable || !w->write)) {
		w->engine->stats.table_hits++;
		w->pa = cached->pa;
		w->writable = cached->writable;
		return STEP_DONE;
	}
	step = walk_root(w);
	for (unsigned int level = 4; step == STEP_DONE && level > 1 && !*leaf; level--)
		step = walk_upper(w, level, leaf);
	if (step == STEP_DONE && !*leaf)
		atc_fill_table(w->engine, w->pasid, w->addr, w->pa, w->writable);
	return step;
}

static enum step walk_leaf(struct walk *w)
{
	u64 slot = walk_slot(w, 1), entry;
	enum step step;

	if (!phys_read64(slot, &entry))
		return walk_bus_fault(w);
	if (!(entry & ENTRY_PRESENT) || !(entry & ENTRY_USER))
		return STEP_ABSENT;
	w->writable &= !!(entry & ENTRY_WRITE);
	if (w->write && !w->writable)
		return STEP_ABSENT;
	step = walk_set_bits(w, slot, &entry,
			     ENTRY_ACCESSED | (w->write ? ENTRY_DIRTY : 0));
	if (step == STEP_DONE) {
		w->pa = entry & ENTRY_FRAME;
		atc_fill_leaf(w->engine, w->pasid, w->addr, w->pa, w->writable,
			      entry & ENTRY_DIRTY);
	}
	return step;
}

static enum step walk_tables(struct walk *w)
{
	bool leaf;
	enum step step;

	w->engine->stats.walks++;
	w->writable = true;
	step = walk_to_table(w, &leaf);
	if (step == STEP_DONE && leaf)
		atc_fill_leaf(w->engine, w->pasid, w->addr, w->pa, w->writable, w->write);
	else if (step == STEP_DONE)
		step = walk_leaf(w);
	return step;
}

/* From the caches if they allow this access, else by walking. */
static enum step walk_translate(struct walk *w)
{
	struct atc_leaf *leaf = atc_find_leaf(w->engine, w->pasid, w->addr);

	if (leaf && w->write && !leaf->writable) {
		atc_drop_leaf(w->engine, leaf);
		return STEP_ABSENT;
	}
	if (leaf && (!w->write || leaf->dirty)) {
		w->engine->stats.leaf_hits++;
		w->pa = leaf->pa;
		return STEP_DONE;
	}
	return walk_tables(w);
}

/* The section: translate, then move the bytes. */
static enum step walk_access(struct walk *w, void *buf, size_t len)
{
	u64 pa;
	bool ok;
	enum step step = STEP_CHANGED;

	emul_section_enter(&w->engine->section);
	for (unsigned int i = 0; i < WALK_TRIES && step == STEP_CHANGED; i++)
		step = emul_fault_miss() ? STEP_ABSENT : walk_translate(w);
	if (step == STEP_DONE) {
		pa = w->pa | (w->addr & ~PAGE_MASK);
		ok = w->write ? phys_write(pa, buf, len) : phys_read(pa, buf, len);
		if (!ok)
			step = walk_bus_fault(w);
	}
	emul_section_leave(&w->engine->section);
	return step;
}

/*
 * Sections, and page requests between them, until the bytes are moved or somebody says
 * no. There is no limit to the tries, which bad luck could reach: an answer means that
 * the page was there, so a page that is absent again was taken away since, by reclaim
 * (which takes what was mapped last, and used, last) or by the program itself. Each
 * try is therefore the progress of somebody, and it ends with the process at the
 * latest: then the PASID is absent. Return: whether the bytes were moved.
 */
static bool engine_try(struct walk *w, void *buf, size_t len, u16 access)
{
	for (;;) {
		enum step step = walk_access(w, buf, len);

		if (step == STEP_DONE || step == STEP_FAULT)
			return step == STEP_DONE;
		if (step == STEP_ABSENT &&
		    unit_page_request(w->engine, w->pasid, w->addr & PAGE_MASK, access) ==
			    IOMMU_RESP_INVALID) {
			w->reason = IOMMU_FAULT_REFUSED;
			return false;
		}
	}
}

static int engine_access(struct walk *w, void *buf, size_t len)
{
	u16 access = w->write ? IOMMU_ACCESS_WRITE : IOMMU_ACCESS_READ;

	ASSERT(len && (w->addr & ~PAGE_MASK) + len <= PAGE_SIZE);
	w->reason = unit_enabled() ? IOMMU_FAULT_ADDRESS : IOMMU_FAULT_DISABLED;
	if (unit_enabled() && w->addr < CANONICAL_USER_TOP && engine_try(w, buf, len, access))
		return 0;
	unit_fault(w->engine, w->pasid, w->addr, access, w->reason);
	return -EFAULT;
}

int iommu_engine_read(struct iommu_engine *engine, u32 pasid, u64 addr, void *buf, size_t len)
{
	struct walk w = { .engine = engine, .pasid = pasid, .addr = addr };

	return engine_access(&w, buf, len);
}

int iommu_engine_write(struct iommu_engine *engine, u32 pasid, u64 addr, const void *buf,
		       size_t len)
{
	struct walk w = { .engine = engine, .pasid = pasid, .addr = addr, .write = true };

	return engine_access(&w, (void *)buf, len);
}
