/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_swap_slot.c - suite swap_slot: areas, counts, retired slots
 *
 * The areas are made of devices that exist in name only: no slot is ever written.
 */
#include "mm/swap.h"

#include "kernel/block/block.h"
#include "kernel/lib/rand.h"
#include "kernel/test/inject.h"
#include "tests/kernel/threads.h"

#define NR_SLOTS 100

static struct block_device high_disk = { .name = "test-high", .nr_pages = NR_SLOTS };
static struct block_device low_disk = { .name = "test-low", .nr_pages = NR_SLOTS };

/* Slots that swap_slot_alloc() gives us from the areas above, which come first. */
static swp_entry_t entry[2 * NR_SLOTS];

KTEST_QUICK(swap_slot, entry_packs_area_and_slot)
{
	swp_entry_t e = swp_entry(7, 0);

	KT_NE(e.v, 0);
	KT_EQ(swp_area(e), 7);
	KT_EQ(swp_slot(e), 0);
	e = swp_entry(0, (1UL << 47) - 1);
	KT_EQ(swp_area(e), 0);
	KT_EQ(swp_slot(e), (1UL << 47) - 1);
}

KTEST_QUICK(swap_slot, higher_priority_fills_first)
{
	int low = KT_TRY(swap_area_add(&low_disk, 100));
	int high = KT_TRY(swap_area_add(&high_disk, 200));
	struct swap_area_info info;

	KT_CHECK_GE(low, 0);
	KT_CHECK_GE(high, 0);
	KT_CHECK(swap_area_info((unsigned int)high, &info) && info.priority == 200);
	KT_CHECK(swap_area_info((unsigned int)low, &info) && info.priority == 100);
	for (unsigned int i = 0; i < 2 * NR_SLOTS; i++) {
		KT_CHECK_EQ(swap_slot_alloc(&entry[i]), 0);
		KT_CHECK_EQ(swp_area(entry[i]), (unsigned int)(i < NR_SLOTS ? high : low));
		KT_CHECK_EQ(swap_slot_count(entry[i]), 1);
	}
	KT_CHECK_EQ(swap_area_remove((unsigned int)high), -EBUSY);
	for (unsigned int i = 0; i < 2 * NR_SLOTS; i++)
		swap_slot_put(entry[i]);
	KT_CHECK_EQ(swap_slot_check(NULL, (unsigned int)high), 0);
	KT_CHECK_EQ(swap_area_remove((unsigned int)high), 0);
	KT_CHECK_EQ(swap_area_remove((unsigned int)low), 0);
}

KTEST_QUICK(swap_slot, a_slot_is_free_after_its_last_user)
{
	int area = KT_TRY(swap_area_add(&high_disk, 200));
	u64 sector;

	KT_GE(area, 0);
	KT_CHECK_EQ(swap_slot_alloc(&entry[0]), 0);
	KT_CHECK(swap_slot_bdev(entry[0], &sector) == &high_disk);
	KT_CHECK_EQ(sector, swp_slot(entry[0]));
	KT_CHECK_EQ(swap_slot_dup(entry[0]), 0);
	KT_CHECK_EQ(swap_slot_try_dup(entry[0]), 0);
	KT_CHECK_EQ(swap_slot_count(entry[0]), 3);
	swap_slot_put(entry[0]);
	swap_slot_put(entry[0]);
	KT_CHECK_EQ(swap_slot_check(NULL, (unsigned int)area), 0);
	swap_slot_put(entry[0]);
	KT_CHECK_EQ(swap_slot_count(entry[0]), 0);
	KT_CHECK_EQ(swap_slot_try_dup(entry[0]), -ENOENT);
	KT_CHECK_EQ(swap_area_remove((unsigned int)area), 0);
}

KTEST_QUICK(swap_slot, a_zero_mark_goes_with_the_last_user)
{
	int area = KT_TRY(swap_area_add(&high_disk, 200));

	KT_GE(area, 0);
	/* all of them, so that the one comes back that we look at */
	for (unsigned int i = 0; i < NR_SLOTS; i++)
		KT_CHECK_EQ(swap_slot_alloc(&entry[i]), 0);
	KT_CHECK(!swap_slot_is_zero(entry[5]));
	swap_slot_mark_zero(entry[5], true);
	KT_CHECK(swap_slot_is_zero(entry[5]) && !swap_slot_is_zero(entry[4]));
	KT_CHECK_EQ(swap_slot_dup(entry[5]), 0);
	swap_slot_put(entry[5]);
	KT_CHECK(swap_slot_is_zero(entry[5]));
	KT_CHECK_EQ(swap_slot_check(NULL, (unsigned int)area), 0);
	swap_slot_put(entry[5]);
	KT_CHECK_EQ(swap_slot_check(NULL, (unsigned int)area), 0);
	KT_CHECK_EQ(swap_slot_alloc(&entry[5]), 0);
	KT_CHECK(!swap_slot_is_zero(entry[5]));
	swap_slot_mark_zero(entry[5], true);
	swap_slot_mark_zero(entry[5], false);
	KT_CHECK(!swap_slot_is_zero(entry[5]));
	for (unsigned int i = 0; i < NR_SLOTS; i++)
		swap_slot_put(entry[i]);
	KT_CHECK_EQ(swap_area_remove((unsigned int)area), 0);
}

KTEST(swap_slot, a_put_too_many_is_reported)
{
	int area = KT_TRY(swap_area_add(&high_disk, 200));

	KT_GE(area, 0);
	KT_CHECK_EQ(swap_slot_alloc(&entry[0]), 0);
	swap_slot_put(entry[0]);
	check_expect(CHECK_CHECK);
	swap_slot_put(entry[0]);
	KT_CHECK_EQ(check_expected(), 1);
	KT_CHECK_EQ(swap_slot_check(NULL, (unsigned int)area), 0);
	KT_CHECK_EQ(swap_area_remove((unsigned int)area), 0);
}

KTEST(swap_slot, a_full_count_refuses)
{
	int area = KT_TRY(swap_area_add(&high_disk, 200));
	unsigned int users = 1;

	KT_GE(area, 0);
	KT_CHECK_EQ(swap_slot_alloc(&entry[0]), 0);
	while (!swap_slot_dup(entry[0]))
		users++;
	KT_CHECK_EQ(users, 0xffff);
	KT_CHECK_EQ(swap_slot_dup(entry[0]), -ENOMEM);
	while (users--)
		swap_slot_put(entry[0]);
	KT_CHECK_EQ(swap_area_remove((unsigned int)area), 0);
}

KTEST(swap_slot, a_retired_slot_never_comes_back)
{
	int area = KT_TRY(swap_area_add(&high_disk, 200));
	struct swap_info before, after;
	swp_entry_t bad;

	KT_GE(area, 0);
	swap_slot_info(&before);
	KT_CHECK_EQ(swap_slot_alloc(&bad), 0);
	swap_slot_retire(bad);
	KT_CHECK(!swap_slot_usable(bad));
	swap_slot_info(&after);
	KT_CHECK_EQ(after.bad, before.bad + 1);
	KT_CHECK_EQ(after.total, before.total - 1);
	swap_slot_put(bad);
	for (unsigned int i = 0; i < NR_SLOTS - 1; i++) {
		KT_CHECK_EQ(swap_slot_alloc(&entry[i]), 0);
		KT_CHECK_EQ(swp_area(entry[i]), (unsigned int)area);
		KT_CHECK_NE(entry[i].v, bad.v);
	}
	for (unsigned int i = 0; i < NR_SLOTS - 1; i++)
		swap_slot_put(entry[i]);
	KT_CHECK_EQ(swap_slot_check(NULL, (unsigned int)area), 0);
	KT_CHECK_EQ(swap_area_remove((unsigned int)area), 0);
}

KTEST_QUICK(swap_slot, no_memory_for_the_maps)
{
	struct block_device none = { .name = "test-none" };

	KT_EQ(swap_area_add(&none, 1), -EINVAL);
	for (u64 nth = 1; nth <= 4; nth++) {
		inject_arm(INJECT_VMALLOC, nth, 1, NULL);
		KT_CHECK_EQ(swap_area_add(&high_disk, 1), -ENOMEM);
		KT_CHECK_EQ(inject_disarm(INJECT_VMALLOC), 1);
	}
}

static int take_and_give(void *arg, unsigned int n)
{
	struct rand_state rnd;
	swp_entry_t held[8] = { { 0 } };
	int bad = 0;

	(void)arg;
	rand_seed(&rnd, n);
	for (unsigned int i = 0; i < 4000; i++) {
		swp_entry_t *e = &held[rand_below(&rnd, ARRAY_SIZE(held))];

		if (!e->v) {
			bad += swap_slot_alloc(e) != 0;
			bad += swap_slot_dup(*e) != 0;
		} else {
			bad += swap_slot_count(*e) != 2;
			swap_slot_put(*e);
			swap_slot_put(*e);
			e->v = 0;
		}
	}
	for (unsigned int k = 0; k < ARRAY_SIZE(held); k++) {
		if (held[k].v) {
			swap_slot_put(held[k]);
			swap_slot_put(held[k]);
		}
	}
	return bad;
}

KTEST(swap_slot, threads_never_share_a_slot)
{
	int area = KT_TRY(swap_area_add(&high_disk, 200));

	KT_GE(area, 0);
	KT_CHECK_EQ(test_threads(4, take_and_give, NULL), 0);
	KT_CHECK_EQ(swap_slot_check(NULL, (unsigned int)area), 0);
	KT_CHECK_EQ(swap_area_remove((unsigned int)area), 0);
}
