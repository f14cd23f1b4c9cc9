/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_buddy.c - suite buddy: blocks, merging, watermarks, free pages
 */
#include "mm/buddy.h"

#include "kernel/lib/list.h"
#include "kernel/lib/rand.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/test/inject.h"
#include "tests/kernel/threads.h"

KTEST(buddy, blocks_are_aligned_and_come_back)
{
	u64 before = nr_free_pages();

	for (unsigned int order = 0; order <= MAX_ORDER; order++) {
		struct page *page = KT_GET(alloc_pages(GFP_KERNEL | __GFP_NOWARN, order));

		if (!page && order > 6)
			continue;	/* a small or fragmented machine may have none */
		KT_TRUE(page);
		KT_CHECK_EQ(page_to_pfn(page).v & ((1UL << order) - 1), 0);
		KT_CHECK_EQ(page_count(page), 1);
		KT_CHECK_EQ(page_order(page), order);
		__free_pages(page, order);
	}
	KT_GE(nr_free_pages() + 16, before);
	KT_EQ(buddy_check(), 0);
}

KTEST_QUICK(buddy, zeroed_pages_are_zero)
{
	struct page *page = KT_GET(alloc_pages(GFP_KERNEL | __GFP_ZERO, 1));

	KT_TRUE(page);
	KT_CHECK(!memchr_inv(page_address(page), 0, 2 * PAGE_SIZE));
	memset(page_address(page), 0x5a, 2 * PAGE_SIZE);
	__free_pages(page, 1);
	page = KT_GET(alloc_page(GFP_KERNEL | __GFP_ZERO));
	KT_TRUE(page);
	KT_CHECK(!memchr_inv(page_address(page), 0, PAGE_SIZE));
	put_page(page);
}

/* Two halves given back by hand are one block again. */
KTEST(buddy, freed_buddies_merge)
{
	struct buddy_info before, after;
	struct page *page[64];
	unsigned int n = 0;

	buddy_drain_all();
	buddy_info(&before);
	for (n = 0; n < ARRAY_SIZE(page); n++)
		KT_CHECK((page[n] = alloc_page(GFP_KERNEL)) != NULL);
	while (n-- > 0)
		if (page[n])
			put_page(page[n]);
	buddy_drain_all();
	buddy_info(&after);
	KT_EQ(buddy_check(), 0);
	/* kernel threads may have come and gone: a few blocks, not dozens of pages */
	KT_GE(after.nr_free[MAX_ORDER] + 1, before.nr_free[MAX_ORDER]);
	KT_LT(after.nr_free[0], before.nr_free[0] + 16);
}

KTEST(buddy, random_sizes_leave_no_trace)
{
	static struct { struct page *page; unsigned int order; } held[64];
	struct rand_state rnd;
	u64 before;

	buddy_drain_all();
	before = nr_free_pages();
	rand_seed(&rnd, 42);
	for (unsigned int i = 0; i < 4000; i++) {
		unsigned int k = (unsigned int)rand_below(&rnd, ARRAY_SIZE(held));

		if (held[k].page) {
			u64 *word = page_address(held[k].page);

			KT_CHECK_EQ(*word, (u64)k);
			__free_pages(held[k].page, held[k].order);
			held[k].page = NULL;
			continue;
		}
		held[k].order = (unsigned int)rand_below(&rnd, 5);
		held[k].page = KT_GET(alloc_pages(GFP_KERNEL, held[k].order));
		KT_CHECK(held[k].page != NULL);
		if (held[k].page)
			*(u64 *)page_address(held[k].page) = k;
	}
	for (unsigned int k = 0; k < ARRAY_SIZE(held); k++) {
		if (held[k].page)
			__free_pages(held[k].page, held[k].order);
		held[k].page = NULL;
	}
	KT_EQ(buddy_check(), 0);
	KT_GE(nr_free_pages() + 32, before);
}

/* Take all there is without reclaim: the reserve below min stays for atomic users. */
KTEST(buddy, requests_stop_at_the_watermarks)
{
	struct page *page, *next, *high;
	LIST_HEAD(all);
	u64 nr = 0;

	while ((page = alloc_page(__GFP_NOWARN | __GFP_NOINJECT))) {
		list_add(&page->lru, &all);
		nr++;
	}
	KT_CHECK_GT(nr, 0);
	KT_CHECK_GE(nr_free_pages() + 1, buddy_marks()->min);
	KT_CHECK(alloc_page(__GFP_NOWARN | __GFP_NOINJECT) == NULL);
	high = KT_GET(alloc_page(__GFP_HIGH | __GFP_NOWARN | __GFP_NOINJECT));
	KT_CHECK(high != NULL);
	if (high)
		put_page(high);
	list_for_each_entry_safe(page, next, &all, lru) {
		list_del(&page->lru);
		put_page(page);
	}
	KT_EQ(buddy_check(), 0);
}

KTEST(buddy, write_to_a_free_page_is_reported)
{
#ifdef CONFIG_CHECKS
	struct page *page;
	u64 *word, old;

	buddy_drain_local();
	page = KT_GET(alloc_page(GFP_KERNEL));
	KT_TRUE(page);
	word = page_address(page);
	put_page(page);
	old = word[7];
	word[7] = 1;
	check_expect(CHECK_CHECK);
	KT_CHECK_GE(buddy_check(), 1);
	KT_CHECK_GE(check_expected(), 1);
	word[7] = old;
	KT_EQ(buddy_check(), 0);
#else
	KT_SKIP("free pages hold no pattern in this build");
#endif
}

/* The same, found by the one who gets the frame next. */
KTEST(buddy, write_to_a_free_page_is_found_at_allocation)
{
#ifdef CONFIG_CHECKS
	struct page *page = KT_GET(alloc_page(GFP_KERNEL)), *got, *next;
	LIST_HEAD(taken);
	unsigned int n = 0;

	KT_TRUE(page);
	put_page(page);
	((char *)page_address(page))[100] = 1;
	check_expect(CHECK_CHECK);
	buddy_drain_local();
	do {
		got = KT_GET(alloc_page(GFP_KERNEL));
		if (got)
			list_add(&got->lru, &taken);
	} while (got && got != page && ++n < 2 * (1 << MAX_ORDER));
	list_for_each_entry_safe(got, next, &taken, lru) {
		list_del(&got->lru);
		put_page(got);
	}
	KT_GE(check_expected(), 1);
#else
	KT_SKIP("free pages hold no pattern in this build");
#endif
}

KTEST_QUICK(buddy, injected_failure_is_clean)
{
	struct page *page;

	inject_arm(INJECT_PAGE_ALLOC, 1, 2, current);
	page = KT_GET(alloc_page(GFP_KERNEL));
	KT_CHECK(page == NULL);
	KT_CHECK(alloc_pages(GFP_KERNEL, 3) == NULL);
	page = KT_GET(alloc_page(GFP_KERNEL));
	KT_CHECK(page != NULL);
	if (page)
		put_page(page);
	KT_EQ(inject_disarm(INJECT_PAGE_ALLOC), 2);
}

static int hammer(void *arg, unsigned int n)
{
	struct page *held[24] = { NULL };
	struct rand_state rnd;

	(void)arg;
	rand_seed(&rnd, n);
	for (unsigned int i = 0; i < 1500; i++) {
		unsigned int k = (unsigned int)rand_below(&rnd, ARRAY_SIZE(held));

		if (held[k]) {
			KT_CHECK_EQ(*(u64 *)page_address(held[k]), ((u64)n << 32 | k));
			put_page(held[k]);
			held[k] = NULL;
		} else {
			held[k] = KT_GET(alloc_pages(GFP_KERNEL,
						     (unsigned int)rand_below(&rnd, 3)));
			if (held[k])
				*(u64 *)page_address(held[k]) = (u64)n << 32 | k;
		}
	}
	for (unsigned int k = 0; k < ARRAY_SIZE(held); k++)
		if (held[k])
			put_page(held[k]);
	return 0;
}

KTEST(buddy, cpus_do_not_share_a_frame)
{
	KT_EQ(test_threads(4, hammer, NULL), 0);
	KT_EQ(buddy_check(), 0);
}

/* A frame allocated on one CPU and freed on another comes back to both. */
static struct page *passed[4];

static int take_or_give(void *arg, unsigned int n)
{
	bool give = *(bool *)arg;

	if (give) {
		put_page(passed[(n + 1) % 4]);
		return 0;
	}
	passed[n] = KT_GET(alloc_page(GFP_KERNEL));
	return passed[n] ? 0 : -ENOMEM;
}

KTEST(buddy, frames_may_be_freed_on_another_cpu)
{
	bool give = false;

	KT_EQ(test_threads(4, take_or_give, &give), 0);
	give = true;
	KT_EQ(test_threads(4, take_or_give, &give), 0);
	buddy_drain_all();
	KT_EQ(buddy_check(), 0);
}
