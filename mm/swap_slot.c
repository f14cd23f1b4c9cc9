/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/swap_slot.c - places on disk for one page each, and how many need each place
 *
 * Concept    A swap area is a block device cut into slots of one page. A slot's
 *            count is the number of swap PTEs and of entries in files' page maps
 *            that name it, plus one while its page is in the swap cache; at zero it
 *            is free. Slots are given out
 *            upward from the last one, so that pages that go together lie
 *            together; a bitmap finds the next free one.
 *
 *            A slot whose write failed is retired: it keeps its count, but when
 *            that reaches zero it is not free again. The slots that a header
 *            calls bad, and its own, are retired from the start.
 *
 *            A slot whose page is full of zeroes is marked instead of written.
 *
 *            Areas of higher priority fill first; those of one priority take
 *            turns, SWAP_RUN slots each. An area that is off gives no slots out,
 *            but all its entries are good; once none is left it may be removed.
 *            Who has an entry that he read without a lock can be late: the area
 *            may be gone, or another one. Only swap_slot_try_dup() takes such
 *            entries, and it looks under the lock, which outlives the area.
 * Owns       The areas: counts, shadows, bitmaps of used, retired and zero slots.
 * Locks      LOCK_SWAP_SLOT (spin): one area. Whoever adds, starts, stops and
 *            removes areas does it one at a time (mm/swapfile.c; tests).
 * Invariants used bit set iff count > 0 or slot retired and free; nr_used = bits,
 *            nr_counted = counts above 0; a free slot is not marked zero, and has no shadow
 *                                                     swap_slot_check()
 * Callers    swap_cache.c, rmap.c (dup before the entry is visible), fault.c, fork.c,
 *            swapfile.c
 * Next       swap_cache.c
 */
#include "mm/swap.h"

#include "kernel/block/block.h"
#include "kernel/lib/bitmap.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"
#include "kernel/sync/spinlock.h"
#include "mm/lockorder.h"
#include "mm/vmalloc.h"

#define SLOT_COUNT_MAX 0xffff
/* Slots that an area gives out before others of its priority have their turn: pages
 * of one batch of reclaim lie together. */
#define SWAP_RUN 16

/* Maps and bdev change only while no entry of the area is in use. */
struct swap_area {
	struct spinlock lock;
	struct block_device *bdev;	/* lock; NULL: no such area */
	bool on;			/* lock: gives slots out */
	int priority;			/* A */
	u64 nr_slots;			/* lock */
	u16 *count;			/* lock */
	unsigned long *used;		/* lock: a set bit is not to be given out */
	unsigned long *retired;		/* lock */
	unsigned long *zero;		/* lock: full of zeroes, never written */
	u32 *shadow;			/* A: of the page that was there; see workingset.h */
	u64 nr_used, nr_counted, nr_bad, next;	/* lock */
};

static struct swap_area swap_areas[MAX_SWAP_AREAS] = {
	[0 ... MAX_SWAP_AREAS - 1] = { .lock = SPINLOCK_INIT("swap slots", LOCK_SWAP_SLOT) },
};
/*
 * Areas that are on, in the order in which they fill. Who looks while it changes may
 * pass over one, and has less choice that time.
 */
static struct swap_area *swap_order[MAX_SWAP_AREAS];
static atomic64_t swap_turn;

static struct swap_area *swap_area_of(swp_entry_t entry)
{
	struct swap_area *area;

	ASSERT(entry.v && swp_area(entry) < MAX_SWAP_AREAS);
	area = &swap_areas[swp_area(entry)];
	ASSERT_MSG(area->bdev && swp_slot(entry) < area->nr_slots, "swap entry %llx",
		   (unsigned long long)entry.v);
	return area;
}

/* ---- one area ---- */

static bool slot_alloc_in(struct swap_area *area, u64 *slot)
{
	bool found = false;

	spin_lock(&area->lock);
	if (area->on && area->nr_used < area->nr_slots) {
		*slot = find_next_zero_bit(area->used, area->nr_slots, area->next);
		if (*slot == area->nr_slots)
			*slot = find_next_zero_bit(area->used, area->nr_slots, 0);
		ASSERT(*slot < area->nr_slots && area->count[*slot] == 0);
		bitmap_set(area->used, *slot);
		area->count[*slot] = 1;
		area->nr_used++;
		area->nr_counted++;
		area->next = *slot + 1;
		found = true;
	}
	spin_unlock(&area->lock);
	return found;
}

static void slot_free_locked(struct swap_area *area, u64 slot)
{
	assert_held(&area->lock);
	area->nr_counted--;
	bitmap_clear(area->zero, slot);
	area->shadow[slot] = 0;
	if (bitmap_test(area->retired, slot))
		return;
	bitmap_clear(area->used, slot);
	area->nr_used--;
}

/* ---- the calls ---- */

/* One of @nr areas of the same priority, beginning with the one whose turn it is. */
static bool swap_slot_alloc_among(struct swap_area **group, unsigned int nr, swp_entry_t *out)
{
	u64 turn = nr > 1 ? (u64)atomic64_inc_return(&swap_turn) / SWAP_RUN : 0, slot;

	for (unsigned int i = 0; i < nr; i++) {
		struct swap_area *area = group[(turn + i) % nr];

		if (slot_alloc_in(area, &slot)) {
			*out = swp_entry((unsigned int)(area - swap_areas), slot);
			return true;
		}
	}
	return false;
}

int swap_slot_alloc(swp_entry_t *out)
{
	struct swap_area *order[MAX_SWAP_AREAS];
	unsigned int nr = 0, first, end;

	while (nr < MAX_SWAP_AREAS && (order[nr] = READ_ONCE(swap_order[nr])))
		nr++;
	for (first = 0; first < nr; first = end) {
		for (end = first + 1; end < nr; end++)
			if (READ_ONCE(order[end]->priority) != READ_ONCE(order[first]->priority))
				break;
		if (swap_slot_alloc_among(order + first, end - first, out))
			return 0;
	}
	return -ENOSPC;
}

int swap_slot_try_dup(swp_entry_t entry)
{
	struct swap_area *area = &swap_areas[swp_area(entry)];
	u64 slot = swp_slot(entry);
	int err = 0;

	ASSERT(entry.v && swp_area(entry) < MAX_SWAP_AREAS);
	spin_lock(&area->lock);
	if (!area->bdev || slot >= area->nr_slots || area->count[slot] == 0)
		err = -ENOENT;
	else if (area->count[slot] == SLOT_COUNT_MAX)
		err = -ENOMEM;
	else
		area->count[slot]++;
	spin_unlock(&area->lock);
	return err;
}

int swap_slot_dup(swp_entry_t entry)
{
	int err = swap_slot_try_dup(entry);

	ASSERT_MSG(err != -ENOENT, "swap entry %llx is free, but somebody has it",
		   (unsigned long long)entry.v);
	return err;
}

void swap_slot_put(swp_entry_t entry)
{
	struct swap_area *area = swap_area_of(entry);
	u64 slot = swp_slot(entry);

	spin_lock(&area->lock);
	if (area->count[slot] == 0)
		check_report(CHECK_CHECK, "swap entry %llx: put without a user",
			     (unsigned long long)entry.v);
	else if (--area->count[slot] == 0)
		slot_free_locked(area, slot);
	spin_unlock(&area->lock);
}

unsigned int swap_slot_count(swp_entry_t entry)
{
	return READ_ONCE(swap_area_of(entry)->count[swp_slot(entry)]);
}

void swap_slot_retire(swp_entry_t entry)
{
	struct swap_area *area = swap_area_of(entry);
	u64 slot = swp_slot(entry);

	spin_lock(&area->lock);
	ASSERT(area->count[slot] > 0);
	if (!bitmap_test_and_set(area->retired, slot))
		area->nr_bad++;
	spin_unlock(&area->lock);
}

bool swap_slots_left(void)
{
	struct swap_area *area;

	for (unsigned int n = 0; n < MAX_SWAP_AREAS; n++) {
		area = READ_ONCE(swap_order[n]);
		if (!area)
			break;
		if (READ_ONCE(area->nr_used) < READ_ONCE(area->nr_slots))
			return true;
	}
	return false;
}

bool swap_slot_usable(swp_entry_t entry)
{
	struct swap_area *area = swap_area_of(entry);
	bool usable;

	spin_lock(&area->lock);
	usable = area->on && !bitmap_test(area->retired, swp_slot(entry));
	spin_unlock(&area->lock);
	return usable;
}

void swap_slot_mark_zero(swp_entry_t entry, bool zero)
{
	struct swap_area *area = swap_area_of(entry);
	u64 slot = swp_slot(entry);

	if (swap_slot_is_zero(entry) == zero)
		return;
	spin_lock(&area->lock);
	ASSERT(area->count[slot] > 0);
	if (zero)
		bitmap_set(area->zero, slot);
	else
		bitmap_clear(area->zero, slot);
	spin_unlock(&area->lock);
}

/* The page lock of the slot's page keeps this bit as it is; others of the word change. */
bool swap_slot_is_zero(swp_entry_t entry)
{
	return bitmap_test(swap_area_of(entry)->zero, swp_slot(entry));
}

/* The page lock of the slot's page, or that there is none any more, is enough here, too. */
void swap_slot_set_shadow(swp_entry_t entry, u32 shadow)
{
	WRITE_ONCE(swap_area_of(entry)->shadow[swp_slot(entry)], shadow);
}

u32 swap_slot_shadow(swp_entry_t entry)
{
	return READ_ONCE(swap_area_of(entry)->shadow[swp_slot(entry)]);
}

u32 swap_slot_take_shadow(swp_entry_t entry)
{
	u32 shadow = swap_slot_shadow(entry);

	if (shadow)
		swap_slot_set_shadow(entry, 0);
	return shadow;
}

struct block_device *swap_slot_bdev(swp_entry_t entry, u64 *sector)
{
	*sector = swp_slot(entry);
	return swap_area_of(entry)->bdev;
}

void swap_slot_info(struct swap_info *out)
{
	struct swap_area_info info;

	*out = (struct swap_info){ 0 };
	for (unsigned int n = 0; n < MAX_SWAP_AREAS; n++) {
		if (!swap_area_info(n, &info))
			continue;
		out->areas++;
		out->bad += info.bad;
		out->total += info.total;
		out->used += info.used;
	}
}

bool swap_area_info(unsigned int n, struct swap_area_info *out)
{
	struct swap_area *area = &swap_areas[n];
	bool found;

	ASSERT(n < MAX_SWAP_AREAS);
	spin_lock(&area->lock);
	found = area->bdev;
	if (found) {
		*out = (struct swap_area_info){
			.bdev = area->bdev, .name = area->bdev->name, .on = area->on,
			.priority = area->priority, .total = area->nr_slots - area->nr_bad,
			.used = area->nr_counted, .bad = area->nr_bad,
		};
	}
	spin_unlock(&area->lock);
	return found;
}

u64 swap_area_next_used(unsigned int n, u64 slot)
{
	struct swap_area *area = &swap_areas[n];

	spin_lock(&area->lock);
	for (; slot < area->nr_slots; slot++) {
		slot = find_next_bit(area->used, area->nr_slots, slot);
		if (slot == area->nr_slots || area->count[slot] > 0)
			break;
	}
	spin_unlock(&area->lock);
	return slot;
}

unsigned int swap_slot_check(const u16 *expected, unsigned int n)
{
	struct swap_area *area = &swap_areas[n];
	u64 nr_used = 0, nr_counted = 0;
	unsigned int faults = 0;

	spin_lock(&area->lock);
	for (u64 slot = 0; slot < area->nr_slots; slot++) {
		bool counted = area->count[slot] > 0;
		bool used = counted || bitmap_test(area->retired, slot);

		nr_used += used;
		nr_counted += counted;
		if (bitmap_test(area->used, slot) == used &&
		    (counted || (!bitmap_test(area->zero, slot) && !area->shadow[slot])) &&
		    (!expected || area->count[slot] == expected[slot]))
			continue;
		if (faults++ < 5)
			check_report(CHECK_CHECK, "swap area %u slot %llu: count %u, %u users",
				     n, (unsigned long long)slot, area->count[slot],
				     expected ? expected[slot] : 0);
	}
	if (nr_used != area->nr_used || nr_counted != area->nr_counted) {
		check_report(CHECK_CHECK, "swap area %u: %llu slots used, counted %llu", n,
			     (unsigned long long)nr_used, (unsigned long long)area->nr_used);
		faults++;
	}
	spin_unlock(&area->lock);
	return faults;
}

u64 swap_area_slots(unsigned int n)
{
	return n < MAX_SWAP_AREAS && READ_ONCE(swap_areas[n].bdev) ? swap_areas[n].nr_slots : 0;
}

/* ---- areas come and go ---- */

/* Everything an area has but its lock and number. */
struct swap_maps {
	u16 *count;
	unsigned long *used, *retired, *zero;
	u32 *shadow;
};

static void swap_maps_free(struct swap_maps *maps)
{
	vfree(maps->count);
	vfree(maps->used);
	vfree(maps->retired);
	vfree(maps->zero);
	vfree(maps->shadow);
}

static int swap_maps_alloc(struct swap_maps *maps, u64 nr_slots)
{
	size_t map_bytes = BITS_TO_LONGS(nr_slots) * sizeof(unsigned long);

	maps->count = vzalloc(nr_slots * sizeof(u16));
	maps->used = vzalloc(map_bytes);
	maps->retired = vzalloc(map_bytes);
	maps->zero = vzalloc(map_bytes);
	maps->shadow = vzalloc(nr_slots * sizeof(u32));
	if (maps->count && maps->used && maps->retired && maps->zero && maps->shadow)
		return 0;
	swap_maps_free(maps);
	return -ENOMEM;
}

/* Put the area behind those of higher or the same priority. */
static void swap_area_enter_order(struct swap_area *area)
{
	unsigned int i = 0, last = 0;

	while (last < MAX_SWAP_AREAS && swap_order[last])
		last++;
	ASSERT(last < MAX_SWAP_AREAS);
	while (i < last && swap_order[i]->priority >= area->priority)
		i++;
	for (; last > i; last--)
		WRITE_ONCE(swap_order[last], swap_order[last - 1]);
	WRITE_ONCE(swap_order[i], area);
}

static void swap_area_leave_order(struct swap_area *area)
{
	unsigned int i = 0;

	while (swap_order[i] != area)
		i++;
	for (; i < MAX_SWAP_AREAS; i++)
		WRITE_ONCE(swap_order[i], i + 1 < MAX_SWAP_AREAS ? swap_order[i + 1] : NULL);
}

int swap_area_setup(struct block_device *bdev, u64 nr_slots)
{
	struct swap_maps maps;
	struct swap_area *area;
	unsigned int n = 0;
	int err;

	if (!nr_slots || nr_slots > bdev->nr_pages)
		return -EINVAL;
	while (n < MAX_SWAP_AREAS && swap_areas[n].bdev)
		n++;
	if (n == MAX_SWAP_AREAS)
		return -ENOSPC;
	err = swap_maps_alloc(&maps, nr_slots);
	if (err)
		return err;
	area = &swap_areas[n];
	spin_lock(&area->lock);
	area->nr_slots = nr_slots;
	area->count = maps.count;
	area->used = maps.used;
	area->retired = maps.retired;
	area->zero = maps.zero;
	area->shadow = maps.shadow;
	area->nr_used = area->nr_counted = area->nr_bad = area->next = 0;
	area->bdev = bdev;
	spin_unlock(&area->lock);
	return (int)n;
}

void swap_area_mark_bad(unsigned int n, u64 slot)
{
	struct swap_area *area = &swap_areas[n];

	spin_lock(&area->lock);
	ASSERT(area->bdev && !area->on && slot < area->nr_slots);
	if (!bitmap_test_and_set(area->retired, slot)) {
		bitmap_set(area->used, slot);
		area->nr_used++;
		area->nr_bad++;
	}
	spin_unlock(&area->lock);
}

void swap_area_start(unsigned int n, int priority)
{
	struct swap_area *area = &swap_areas[n];

	spin_lock(&area->lock);
	ASSERT(area->bdev && !area->on);
	area->on = true;
	WRITE_ONCE(area->priority, priority);
	spin_unlock(&area->lock);
	swap_area_enter_order(area);
}

void swap_area_stop(unsigned int n)
{
	struct swap_area *area = &swap_areas[n];

	spin_lock(&area->lock);
	ASSERT(area->bdev && area->on);
	area->on = false;
	spin_unlock(&area->lock);
	swap_area_leave_order(area);
}

int swap_area_remove(unsigned int n)
{
	struct swap_area *area = &swap_areas[n];
	struct swap_maps maps;
	bool on;

	ASSERT(n < MAX_SWAP_AREAS && area->bdev);
	spin_lock(&area->lock);
	if (area->nr_counted) {
		spin_unlock(&area->lock);
		return -EBUSY;
	}
	on = area->on;
	area->on = false;
	area->bdev = NULL;
	maps = (struct swap_maps){ area->count, area->used, area->retired, area->zero,
				   area->shadow };
	area->count = NULL;
	area->shadow = NULL;
	area->used = area->retired = area->zero = NULL;
	area->nr_slots = 0;
	spin_unlock(&area->lock);
	if (on)
		swap_area_leave_order(area);
	swap_maps_free(&maps);
	return 0;
}
