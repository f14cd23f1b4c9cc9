/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_lru.c - suite lru: order, second chance, isolation
 *
 * The machine's own pages may be on the lists, too: tests look only at their own.
 */
#include "mm/swap.h"

#include "kernel/lib/rand.h"
#include "kernel/sched/sched.h"
#include "mm/gfp.h"
#include "tests/kernel/threads.h"

#define NR 40

static struct page *page[NR];

static bool make_pages(void)
{
	for (unsigned int i = 0; i < NR; i++) {
		page[i] = KT_GET(alloc_page(GFP_KERNEL));
		if (!page[i])
			return false;
	}
	return true;
}

static void drop_pages(void)
{
	for (unsigned int i = 0; i < NR; i++) {
		if (page[i])
			put_page(page[i]);
		page[i] = NULL;
	}
}

static int index_of(const struct page *p)
{
	for (int i = 0; i < NR; i++)
		if (page[i] == p)
			return i;
	return -1;
}

/* Isolate everything; give foreign pages back. Return: how many of ours, in *@out. */
static unsigned int isolate_ours_of(enum lru_type type, bool active,
				    struct list_head *out)
{
	LIST_HEAD(all);
	struct page *p, *next;
	unsigned int n = 0;

	lru_isolate(lru_list(type, active), ~0U, &all);
	list_for_each_entry_safe(p, next, &all, lru) {
		list_del(&p->lru);
		if (index_of(p) >= 0) {
			list_add_tail(&p->lru, out);
			n++;
		} else {
			lru_putback(p, active);
		}
	}
	return n;
}

/* Pages without PG_swapbacked, which most are here. */
static unsigned int isolate_ours(bool active, struct list_head *out)
{
	return isolate_ours_of(LRU_FILE, active, out);
}

static void put_back(struct list_head *list, bool active)
{
	while (!list_empty(list)) {
		struct page *p = list_first_entry(list, struct page, lru);

		list_del(&p->lru);
		lru_putback(p, active);
	}
}

KTEST_QUICK(lru, oldest_comes_first)
{
	LIST_HEAD(got);
	struct page *p;
	int expected = 0;

	if (!KT_CHECK(make_pages()))
		goto out;
	for (unsigned int i = 0; i < NR; i++)
		lru_add(page[i], false);
	KT_CHECK_EQ(isolate_ours(false, &got), NR);
	list_for_each_entry(p, &got, lru) {
		KT_CHECK_EQ(index_of(p), expected++);
		KT_CHECK_EQ(page_count(p), 2);
		KT_CHECK(!page_test(p, PG_lru));
	}
	put_back(&got, true);
	KT_CHECK(page_test(page[0], PG_active));
	KT_CHECK_EQ(page_count(page[0]), 1);
	KT_CHECK_EQ(lru_check(), 0);
out:
	drop_pages();
	KT_EQ(lru_check(), 0);
}

KTEST_QUICK(lru, second_touch_activates)
{
	KT_TRUE(make_pages());
	lru_add(page[0], false);
	lru_mark_accessed(page[0]);
	KT_CHECK(page_test(page[0], PG_referenced) && !page_test(page[0], PG_active));
	lru_mark_accessed(page[0]);
	KT_CHECK(!page_test(page[0], PG_referenced) && page_test(page[0], PG_active));
	drop_pages();
}

KTEST_QUICK(lru, rotated_page_is_the_next_victim)
{
	LIST_HEAD(got);

	KT_TRUE(make_pages());
	for (unsigned int i = 0; i < NR; i++)
		lru_add(page[i], false);
	lru_rotate(page[NR - 1]);
	KT_CHECK_EQ(isolate_ours(false, &got), NR);
	KT_CHECK_EQ(index_of(list_first_entry(&got, struct page, lru)), NR - 1);
	put_back(&got, false);
	drop_pages();
}

KTEST_QUICK(lru, a_locked_page_is_out_of_the_way)
{
	struct lru_counts before, after;
	LIST_HEAD(got);

	KT_TRUE(make_pages());
	lru_count(&before);
	lru_add(page[0], false);
	KT_CHECK_EQ(isolate_ours(false, &got), 1);
	list_del(&page[0]->lru);
	lru_mlock(page[0]);		/* isolated: it lands there when it comes back */
	lru_putback(page[0], true);
	lru_count(&after);
	KT_CHECK_EQ(after.nr[LRU_UNEVICTABLE], before.nr[LRU_UNEVICTABLE] + 1);
	KT_CHECK_EQ(after.mlocked, before.mlocked + 1);
	KT_CHECK_EQ(isolate_ours(false, &got) + isolate_ours(true, &got), 0);
	lru_munlock(page[0]);
	KT_CHECK_EQ(isolate_ours(false, &got), 1);
	put_back(&got, false);
	drop_pages();
	KT_EQ(lru_check(), 0);
}

/* It joins a list by what it is then, and stays counted there while it changes. */
KTEST_QUICK(lru, the_pair_is_that_of_the_pages_type)
{
	struct lru_counts before, after;
	LIST_HEAD(got);

	KT_TRUE(make_pages());
	lru_count(&before);
	page_set(page[0], PG_swapbacked);
	lru_add(page[0], true);
	lru_add(page[1], false);
	lru_count(&after);
	KT_CHECK_EQ(after.nr[LRU_ACTIVE_ANON], before.nr[LRU_ACTIVE_ANON] + 1);
	KT_CHECK_EQ(after.nr[LRU_INACTIVE_FILE], before.nr[LRU_INACTIVE_FILE] + 1);
	page_clear(page[0], PG_swapbacked);	/* MADV_FREE */
	KT_CHECK_EQ(lru_check(), 0);
	lru_deactivate(page[0]);
	lru_count(&after);
	KT_CHECK_EQ(after.nr[LRU_ACTIVE_ANON], before.nr[LRU_ACTIVE_ANON]);
	KT_CHECK_EQ(after.nr[LRU_INACTIVE_FILE], before.nr[LRU_INACTIVE_FILE] + 2);
	KT_CHECK_EQ(isolate_ours_of(LRU_ANON, false, &got), 0);
	KT_CHECK_EQ(isolate_ours_of(LRU_FILE, false, &got), 2);
	page_set(page[0], PG_swapbacked);	/* written since: reclaim takes it back */
	put_back(&got, false);
	KT_CHECK_EQ(isolate_ours_of(LRU_ANON, false, &got), 1);
	put_back(&got, false);
	drop_pages();
	KT_EQ(lru_check(), 0);
}

KTEST(lru, a_flag_that_lies_is_reported)
{
	KT_TRUE(make_pages());
	lru_add(page[0], false);
	page_set(page[0], PG_active);
	check_expect(CHECK_CHECK);
	KT_CHECK_GE(lru_check(), 1);
	KT_CHECK_GE(check_expected(), 1);
	page_clear(page[0], PG_active);
	drop_pages();
}

/* One frees pages while others isolate them and put them back. */
static int isolate_or_free(void *arg, unsigned int n)
{
	struct rand_state rnd;

	(void)arg;
	rand_seed(&rnd, n);
	for (unsigned int i = 0; i < 200; i++) {
		if (n == 0) {
			struct page *p = KT_GET(alloc_page(GFP_KERNEL));

			if (!p)
				continue;
			if (rand_below(&rnd, 2))
				page_set(p, PG_swapbacked);
			lru_add(p, rand_below(&rnd, 2));
			if (rand_below(&rnd, 2))
				cond_resched();
			put_page(p);
		} else {
			LIST_HEAD(got);

			lru_isolate((enum lru_list)n, 4, &got);
			put_back(&got, rand_below(&rnd, 2));
		}
	}
	return 0;
}

KTEST(lru, isolation_against_the_last_put)
{
	KT_EQ(test_threads(4, isolate_or_free, NULL), 0);
	KT_EQ(lru_check(), 0);
}
