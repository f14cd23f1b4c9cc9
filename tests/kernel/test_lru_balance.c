/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_lru_balance.c - suite lru_balance: swappiness, cost, and what both decide
 */
#include "mm/swap.h"

#include "kernel/test/ktest.h"
#include "tests/kernel/disk_fixture.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/user_memory.h"

#define NR 16

/* As many pages of each, no costs, swap and memory enough. */
static const struct lru_balance even = {
	.size = { 1000, 1000 }, .swappiness = 100, .swap_left = true,
};

/* The share of anonymous pages of a look at 1000. */
static u64 anon_share(const struct lru_balance *b)
{
	u64 share[NR_LRU_TYPES];

	lru_balance_shares(b, 1000, share);
	if (b->size[LRU_ANON] + b->size[LRU_FILE] && share[LRU_ANON] + share[LRU_FILE])
		KT_CHECK_EQ(share[LRU_ANON] + share[LRU_FILE], 1000);
	return share[LRU_ANON];
}

KTEST_QUICK(lru_balance, swappiness_divides_the_look)
{
	struct lru_balance b = even;

	KT_CHECK_EQ(anon_share(&b), 500);
	b.swappiness = 60;
	KT_CHECK_EQ(anon_share(&b), 300);
	b.swappiness = 200;
	KT_CHECK_EQ(anon_share(&b), 1000);
	b.swappiness = 0;
	KT_CHECK_EQ(anon_share(&b), 0);
	b.last = true;
	KT_CHECK_EQ(anon_share(&b), 0);
	b.swappiness = 1;
	KT_CHECK_EQ(anon_share(&b), 500);
}

KTEST_QUICK(lru_balance, many_pages_are_looked_at_more_than_few)
{
	struct lru_balance b = even;

	b.size[LRU_ANON] = 3000;
	KT_CHECK_EQ(anon_share(&b), 750);
	b.size[LRU_ANON] = 0;
	KT_CHECK_EQ(anon_share(&b), 0);
	b.size[LRU_FILE] = 0;
	KT_CHECK_EQ(anon_share(&b), 0);
	b.size[LRU_ANON] = 1;
	KT_CHECK_EQ(anon_share(&b), 1000);
}

/* The dear pair is looked at less, but never less than half as much as the free one. */
KTEST_QUICK(lru_balance, what_was_in_vain_is_done_less)
{
	struct lru_balance b = even;
	u64 little, much;

	b.cost[LRU_ANON] = 100;
	b.cost[LRU_FILE] = 90;
	little = anon_share(&b);
	KT_CHECK(little < 500 && little > 450);
	b.cost[LRU_ANON] = 100000;
	much = anon_share(&b);
	KT_CHECK(much < little && much >= 333);
	b.cost[LRU_ANON] = 0;
	b.cost[LRU_FILE] = 100000;
	KT_CHECK(anon_share(&b) > 600 && anon_share(&b) <= 667);
}

KTEST_QUICK(lru_balance, without_slots_or_files_there_is_no_choice)
{
	struct lru_balance b = even;

	b.swap_left = false;
	KT_CHECK_EQ(anon_share(&b), 0);
	b.last = true;
	KT_CHECK_EQ(anon_share(&b), 500);
	b = even;
	b.file_tiny = true;
	KT_CHECK_EQ(anon_share(&b), 1000);
	b.swappiness = 0;
	KT_CHECK_EQ(anon_share(&b), 1000);
}

/* What is noted shows, decays, and an I/O is worse than a page put back. */
KTEST_QUICK(lru_balance, costs_are_of_the_last_time_only)
{
	struct lru_balance before, b;

	lru_balance_now(&before, false);
	for (unsigned int i = 0; i < 64; i++)
		lru_note_cost(LRU_ANON, 0, 1ULL << 20);
	lru_balance_now(&b, false);
	KT_CHECK_GT(b.cost[LRU_ANON], 1ULL << 18);
	KT_CHECK(b.cost[LRU_FILE] <= before.cost[LRU_FILE] / 2);
	for (unsigned int i = 0; i < 64; i++)
		lru_note_cost(LRU_FILE, 1ULL << 15, 0);
	lru_balance_now(&b, false);
	KT_CHECK_LE(b.cost[LRU_ANON], 1);
	KT_CHECK_GT(b.cost[LRU_FILE], 1ULL << 18);
	for (unsigned int i = 0; i < 64; i++)
		lru_note_cost(LRU_FILE, 0, 0);
}

/* Clean pages of a disk, and anonymous ones whose slots have their bytes. */
static void reclaim_with(u64 swappiness, u64 *anon, u64 *file)
{
	u64 old = vm_swappiness;
	struct user_memory u;
	struct disk d;

	*anon = *file = ~0ULL;
	if (!dx_up(&d))
		return;
	if (user_memory_up(&u, NR)) {
		KT_CHECK(user_memory_write(&u, 70));
		user_memory_all_out();
		KT_CHECK(user_memory_verify(&u, 70));
		for (u64 n = 0; n < DX_PAGES; n++)
			KT_CHECK_EQ(dx_read(&d, n), dx_old(n));
		vm_swappiness = swappiness;
		/* So little that the last resort is not needed. */
		KT_CHECK_GE(reclaim_pages(2), 2);
		vm_swappiness = old;
		*anon = (u64)atomic64_read(&u.mm->rss[MM_ANONPAGES]);
		*file = d.mapping->nrpages;
		KT_CHECK(user_memory_verify(&u, 70));
		user_memory_down(&u);
	}
	dx_down(&d);
}

KTEST(lru_balance, reclaim_does_what_swappiness_says)
{
	u64 anon, file;

	if (!dx_have() || !swap_area_slots(0))
		KT_SKIP("no spare disk, or no swap area");
	reclaim_with(0, &anon, &file);
	KT_CHECK_EQ(anon, NR);
	KT_CHECK_LT(file, DX_PAGES);
	reclaim_with(200, &anon, &file);
	KT_CHECK_LT(anon, NR);
	KT_CHECK_EQ(file, DX_PAGES);
}
