/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/host/test_memblock.c - sets of ranges against a bitmap, with sanitizers */
/* Links: mm/memblock.c tests/host/host.c */
#include "tests/host/host.h"
#include "arch/x86/boot/boot_info.h"
#include "kernel/lib/rand.h"
#include "mm/memblock.h"

#define UNITS 256		/* the toy machine's memory */
#define NR_OPS 200000

struct boot_info boot_info;
char _text_start[1];

static struct memblock_type set, taken;
static bool model[UNITS];

static bool set_has(const struct memblock_type *type, u64 unit)
{
	for (unsigned int i = 0; i < type->nr; i++)
		if (unit >= type->range[i].start && unit < type->range[i].end)
			return true;
	return false;
}

static void random_operations_agree_with_a_bitmap(void)
{
	struct rand_state rnd;

	rand_seed(&rnd, 1);
	for (unsigned int n = 0; n < NR_OPS; n++) {
		u64 a = rand_below(&rnd, UNITS), b = a + rand_below(&rnd, 12);
		bool add = rand_below(&rnd, 2);

		b = min(b, (u64)UNITS);
		HT_EQ(add ? memblock_type_add(&set, a, b) : memblock_type_del(&set, a, b), 0);
		for (u64 u = a; u < b; u++)
			model[u] = add;
		if (n % 97)
			continue;
		for (u64 u = 0; u < UNITS; u++)
			HT_EQ(set_has(&set, u), model[u]);
	}
}

/* Walking the gaps visits each unit that is RAM and not taken once, in order. */
static void gaps_are_the_difference(void)
{
	struct rand_state rnd;

	rand_seed(&rnd, 2);
	for (unsigned int n = 0; n < 2000; n++) {
		bool seen[UNITS] = { false };
		struct memblock_range gap;
		u64 cursor = 0;

		set.nr = taken.nr = 0;
		for (unsigned int k = 0; k < 8; k++) {
			u64 a = rand_below(&rnd, UNITS);

			HT_EQ(memblock_type_add(&set, a, min(a + rand_below(&rnd, 60),
							     (u64)UNITS)), 0);
			a = rand_below(&rnd, UNITS);
			HT_EQ(memblock_type_add(&taken, a, min(a + rand_below(&rnd, 30),
							       (u64)UNITS)), 0);
		}
		while (memblock_gap(&set, &taken, cursor, &gap)) {
			HT_TRUE(gap.start >= cursor && gap.start < gap.end);
			for (u64 u = gap.start; u < gap.end; u++)
				seen[u] = true;
			cursor = gap.end;
		}
		for (u64 u = 0; u < UNITS; u++)
			HT_EQ(seen[u], set_has(&set, u) && !set_has(&taken, u));
	}
}

static void a_full_set_refuses_without_harm(void)
{
	set.nr = 0;
	for (u64 i = 0; i < MEMBLOCK_MAX; i++)
		HT_EQ(memblock_type_add(&set, 2 * i, 2 * i + 1), 0);
	HT_EQ(memblock_type_add(&set, 10000, 10001), -ENOSPC);
	HT_EQ(set.nr, MEMBLOCK_MAX);
	HT_EQ(memblock_type_add(&set, 1, 2), 0);
	HT_EQ(set.nr, MEMBLOCK_MAX - 1);
}

int main(void)
{
	host_run("random_operations_agree_with_a_bitmap", random_operations_agree_with_a_bitmap);
	host_run("gaps_are_the_difference", gaps_are_the_difference);
	host_run("a_full_set_refuses_without_harm", a_full_set_refuses_without_harm);
	return host_done();
}
