/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_memblock.c - suite memblock: sets of physical ranges
 */
#include "mm/memblock.h"

#include "arch/x86/boot/boot_info.h"
#include "arch/x86/mm/layout.h"
#include "kernel/lib/rand.h"
#include "kernel/test/ktest.h"
#include "mm/page.h"

/* Large: not on a kernel stack. */
static struct memblock_type set, taken;

KTEST_QUICK(memblock, ranges_that_touch_become_one)
{
	set.nr = 0;
	KT_EQ(memblock_type_add(&set, 0x1000, 0x2000), 0);
	KT_EQ(memblock_type_add(&set, 0x5000, 0x6000), 0);
	KT_EQ(memblock_type_add(&set, 0x3000, 0x4000), 0);
	KT_EQ(set.nr, 3);
	KT_EQ(set.range[1].start, 0x3000);
	KT_EQ(memblock_type_add(&set, 0x2000, 0x3000), 0);
	KT_EQ(set.nr, 2);
	KT_EQ(set.range[0].end, 0x4000);
	KT_EQ(memblock_type_add(&set, 0x0, 0x9000), 0);
	KT_EQ(set.nr, 1);
	KT_EQ(set.range[0].start, 0);
	KT_EQ(set.range[0].end, 0x9000);
	KT_EQ(memblock_type_add(&set, 0x7000, 0x7000), 0);
	KT_EQ(set.nr, 1);
}

KTEST_QUICK(memblock, delete_cuts_in_two)
{
	set.nr = 0;
	KT_EQ(memblock_type_add(&set, 0x1000, 0x9000), 0);
	KT_EQ(memblock_type_del(&set, 0x3000, 0x4000), 0);
	KT_EQ(set.nr, 2);
	KT_EQ(set.range[0].end, 0x3000);
	KT_EQ(set.range[1].start, 0x4000);
	KT_EQ(memblock_type_del(&set, 0x2000, 0x5000), 0);
	KT_EQ(set.range[0].end, 0x2000);
	KT_EQ(set.range[1].start, 0x5000);
	KT_EQ(memblock_type_del(&set, 0, 0x100000), 0);
	KT_EQ(set.nr, 0);
	KT_EQ(memblock_type_del(&set, 0, 0x100000), 0);
}

KTEST_QUICK(memblock, gap_is_ram_that_nobody_took)
{
	struct memblock_range gap;

	set.nr = taken.nr = 0;
	KT_EQ(memblock_type_add(&set, 0x1000, 0x5000), 0);
	KT_EQ(memblock_type_add(&set, 0x8000, 0xa000), 0);
	KT_EQ(memblock_type_add(&taken, 0x0000, 0x2000), 0);
	KT_EQ(memblock_type_add(&taken, 0x3000, 0x9000), 0);
	KT_TRUE(memblock_gap(&set, &taken, 0, &gap));
	KT_EQ(gap.start, 0x2000);
	KT_EQ(gap.end, 0x3000);
	KT_TRUE(memblock_gap(&set, &taken, gap.end, &gap));
	KT_EQ(gap.start, 0x9000);
	KT_EQ(gap.end, 0xa000);
	KT_FALSE(memblock_gap(&set, &taken, gap.end, &gap));
}

KTEST(memblock, a_full_set_refuses_and_stays)
{
	set.nr = 0;
	for (unsigned int i = 0; i < MEMBLOCK_MAX; i++)
		KT_EQ(memblock_type_add(&set, i * 0x2000, i * 0x2000 + 0x1000), 0);
	KT_EQ(memblock_type_add(&set, 0x1000000, 0x1001000), -ENOSPC);
	KT_EQ(set.nr, MEMBLOCK_MAX);
	KT_EQ(memblock_type_del(&set, 0x400, 0x800), -ENOSPC);
	KT_EQ(set.nr, MEMBLOCK_MAX);
	KT_EQ(memblock_type_add(&set, 0x1000, 0x2000), 0);
	KT_EQ(set.nr, MEMBLOCK_MAX - 1);
}

/* 64 small pages against a bit each: whatever the order, the set says the same. */
KTEST(memblock, random_operations_agree_with_a_bitmap)
{
	struct rand_state rnd;
	u64 model = 0;

	rand_seed(&rnd, 7);
	set.nr = 0;
	for (unsigned int n = 0; n < 3000; n++) {
		u64 a = rand_below(&rnd, 64), b = rand_below(&rnd, 64);
		u64 lo = min(a, b), hi = max(a, b);
		u64 mask = hi > lo ? (~0UL >> (64 - (hi - lo))) << lo : 0;
		bool add = rand_below(&rnd, 2);
		u64 seen = 0;

		KT_EQ(add ? memblock_type_add(&set, lo, hi) : memblock_type_del(&set, lo, hi), 0);
		model = add ? model | mask : model & ~mask;
		for (unsigned int i = 0; i < set.nr; i++)
			for (u64 k = set.range[i].start; k < set.range[i].end; k++)
				seen |= BIT(k);
		KT_EQ(seen, model);
	}
}

KTEST_QUICK(memblock, this_machine_adds_up)
{
	KT_EQ(max_pfn, memblock_end() >> PAGE_SHIFT);
	KT_LE(memblock_free_total(), memblock_total());
	KT_TRUE(memblock_is_ram(virt_to_phys(_text_start)));
	KT_FALSE(memblock_is_ram(memblock_end()));
	for (unsigned int i = 0; i < boot_info.nr_modules; i++)
		KT_TRUE(memblock_is_ram(boot_info.modules[i].start));
}
