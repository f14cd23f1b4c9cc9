/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/swap_slot.c - places on disk for one page each, and how many need each place
 *
 * Concept    A swap area is a block device cut into slots of one page. A slot's
 *            count is the number of swap PTEs that name it, plus one while its
 *            page is in the swap cache; at zero it is free. Slots are given out
 *            upward from the last one, so that pages that go together lie
 *            together; a bitmap finds the next free one.
 *
 *            A slot whose write failed is retired: it keeps its count, but when
 *            that reaches zero it is not free again.
 * Owns       The areas: counts, bitmaps of used and retired slots.
 * Locks      LOCK_SWAP_SLOT (spin): one area. Areas are added at boot, or by tests.
 * Invariants used bit set iff count > 0 or slot retired and free; nr_used = bits
 *                                                     swap_slot_check()
 * Callers    swap_cache.c, rmap.c (dup before the entry is visible), fault.c, fork.c.
 * Next       swap_cache.c
 */
#include "mm/swap.h"

#include "kernel/block/block.h"
#include "kernel/lib/bitmap.h"
#include "kernel/lib/bootopt.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"
#include "kernel/sync/spinlock.h"
#include "mm/lockorder.h"
#include "mm/vmalloc.h"

#define SLOT_COUNT_MAX 0xffff

struct swap_area {
	struct spinlock lock;
	struct block_device *bdev;	/* C; NULL: no such area */
	u64 nr_slots;			/* C */
	int priority;			/* C */
	u16 *count;			/* lock */
	unsigned long *used;		/* lock: a set bit is not to be given out */
	unsigned long *retired;		/* lock */
	u64 nr_used, nr_bad, next;	/* lock */
};

static struct swap_area swap_areas[MAX_SWAP_AREAS];
/* Areas in the order in which they fill; fixed when an area is added. */
static struct swap_area *swap_order[MAX_SWAP_AREAS];

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
	if (area->nr_used < area->nr_slots) {
		*slot = find_next_zero_bit(area->used, area->nr_slots, area->next);
		if (*slot == area->nr_slots)
			*slot = find_next_zero_bit(area->used, area->nr_slots, 0);
		ASSERT(*slot < area->nr_slots && area->count[*slot] == 0);
		bitmap_set(area->used, *slot);
		area->count[*slot] = 1;
		area->nr_used++;
		area->next = *slot + 1;
		found = true;
	}
	spin_unlock(&area->lock);
	return found;
}

static void slot_free_locked(struct swap_area *area, u64 slot)
{
	assert_held(&area->lock);
	if (bitmap_test(area->retired, slot))
		return;
	bitmap_clear(area->used, slot);
	area->nr_used--;
}

/* ---- the calls ---- */

int swap_slot_alloc(swp_entry_t *out)
{
	for (unsigned int i = 0; i < MAX_SWAP_AREAS; i++) {
		struct swap_area *area = READ_ONCE(swap_order[i]);
		u64 slot;

		if (!area)
			break;
		if (slot_alloc_in(area, &slot)) {
			*out = swp_entry((unsigned int)(area - swap_areas), slot);
			return 0;
		}
	}
	return -ENOSPC;
}

int swap_slot_try_dup(swp_entry_t entry)
{
	struct swap_area *area = swap_area_of(entry);
	u16 *count = &area->count[swp_slot(entry)];
	int err = 0;

	spin_lock(&area->lock);
	if (*count == 0)
		err = -ENOENT;
	else if (*count == SLOT_COUNT_MAX)
		err = -ENOMEM;
	else
		++*count;
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

bool swap_slot_retired(swp_entry_t entry)
{
	struct swap_area *area = swap_area_of(entry);
	bool retired;

	spin_lock(&area->lock);
	retired = bitmap_test(area->retired, swp_slot(entry));
	spin_unlock(&area->lock);
	return retired;
}

struct block_device *swap_slot_bdev(swp_entry_t entry, u64 *sector)
{
	*sector = swp_slot(entry);
	return swap_area_of(entry)->bdev;
}

/* Slots in use: counted ones, without those that are retired and free. */
static u64 slot_nr_counted_locked(struct swap_area *area)
{
	u64 n = 0;

	assert_held(&area->lock);
	for (u64 slot = 0; slot < area->nr_slots; slot++)
		n += area->count[slot] > 0;
	return n;
}

void swap_slot_info(struct swap_info *out)
{
	*out = (struct swap_info){ 0 };
	for (unsigned int i = 0; i < MAX_SWAP_AREAS; i++) {
		struct swap_area *area = &swap_areas[i];

		if (!READ_ONCE(area->bdev))
			continue;
		spin_lock(&area->lock);
		out->areas++;
		out->bad += area->nr_bad;
		out->total += area->nr_slots - area->nr_bad;
		out->used += area->nr_bad ? slot_nr_counted_locked(area) : area->nr_used;
		spin_unlock(&area->lock);
	}
}

bool swap_area_info(unsigned int n, struct swap_area_info *out)
{
	struct swap_area *area = n < MAX_SWAP_AREAS ? READ_ONCE(swap_order[n]) : NULL;

	if (!area)
		return false;
	out->name = area->bdev->name;
	out->total = area->nr_slots;
	out->used = READ_ONCE(area->nr_used);
	out->priority = area->priority;
	return true;
}

unsigned int swap_slot_check(const u16 *expected, unsigned int n)
{
	struct swap_area *area = &swap_areas[n];
	unsigned int faults = 0;
	u64 nr_used = 0;

	spin_lock(&area->lock);
	for (u64 slot = 0; slot < area->nr_slots; slot++) {
		bool used = area->count[slot] > 0 || bitmap_test(area->retired, slot);

		nr_used += used;
		if (bitmap_test(area->used, slot) == used &&
		    (!expected || area->count[slot] == expected[slot]))
			continue;
		if (faults++ < 5)
			check_report(CHECK_CHECK, "swap area %u slot %llu: count %u, %u users",
				     n, (unsigned long long)slot, area->count[slot],
				     expected ? expected[slot] : 0);
	}
	if (nr_used != area->nr_used) {
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

static void swap_area_free_maps(struct swap_area *area)
{
	vfree(area->count);
	vfree(area->used);
	vfree(area->retired);
	area->count = NULL;
	area->used = area->retired = NULL;
}

static int swap_area_alloc_maps(struct swap_area *area)
{
	size_t map_bytes = BITS_TO_LONGS(area->nr_slots) * sizeof(unsigned long);

	area->count = vzalloc(area->nr_slots * sizeof(u16));
	area->used = vzalloc(map_bytes);
	area->retired = vzalloc(map_bytes);
	if (area->count && area->used && area->retired)
		return 0;
	swap_area_free_maps(area);
	return -ENOMEM;
}

/* Put the area behind those of higher or the same priority. */
static void swap_area_enter_order(struct swap_area *area)
{
	unsigned int i = 0, last = 0;

	while (last < MAX_SWAP_AREAS && swap_order[last])
		last++;
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

int swap_area_add(struct block_device *bdev, int priority)
{
	unsigned int n = 0;
	struct swap_area *area;
	int err;

	if (!bdev->nr_pages)
		return -EINVAL;
	while (n < MAX_SWAP_AREAS && swap_areas[n].bdev)
		n++;
	if (n == MAX_SWAP_AREAS)
		return -ENOSPC;
	area = &swap_areas[n];
	*area = (struct swap_area){ .nr_slots = bdev->nr_pages, .priority = priority };
	spin_lock_init(&area->lock, LOCK_SWAP_SLOT, "swap slots");
	err = swap_area_alloc_maps(area);
	if (err)
		return err;
	smp_store_release(&area->bdev, bdev);
	swap_area_enter_order(area);
	pr_info("swap: %llu KiB on %s, priority %d\n",
		(unsigned long long)(area->nr_slots << (PAGE_SHIFT - 10)), bdev->name, priority);
	return (int)n;
}

int swap_area_remove(unsigned int n)
{
	struct swap_area *area = &swap_areas[n];

	ASSERT(n < MAX_SWAP_AREAS && area->bdev);
	spin_lock(&area->lock);
	if (slot_nr_counted_locked(area)) {
		spin_unlock(&area->lock);
		return -EBUSY;
	}
	area->nr_used = area->nr_slots;		/* nobody gets a slot any more */
	spin_unlock(&area->lock);
	swap_area_leave_order(area);
	area->bdev = NULL;
	swap_area_free_maps(area);
	return 0;
}

/* ---- boot ---- */

static bool swap_wanted = true;

static int swap_option(const char *value)
{
	if (!strcmp(value, "off"))
		swap_wanted = false;
	else if (strcmp(value, "on"))
		return -EINVAL;
	return 0;
}
BOOT_OPTION(swap, swap_option, "on: swap to every block device there is at boot; off: to none");

void swap_boot(void)
{
	struct block_device *bdev;

	for (unsigned int n = 0; swap_wanted && (bdev = block_nth(n)); n++) {
		int err = bdev->scratch ? 0 : swap_area_add(bdev, -1);

		if (err < 0)
			pr_warn("swap: %s cannot be used: error %d\n", bdev->name, -err);
	}
}
