/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_page.c - suite page: references, states, the page lock, waiting
 */
#include "mm/page.h"

#include "kernel/sched/sched.h"
#include "kernel/sync/mutex.h"
#include "mm/gfp.h"
#include "mm/swap.h"
#include "tests/kernel/threads.h"

KTEST_QUICK(page, state_follows_flags)
{
	struct page *page = KT_GET(alloc_page(GFP_KERNEL));

	KT_TRUE(page);
	KT_CHECK_EQ(page_state(page), PAGE_OWNED);
	page_set(page, PG_swapbacked);
	KT_CHECK_EQ(page_state(page), PAGE_ISOLATED);
	lru_add(page, false);
	KT_CHECK_EQ(page_state(page), PAGE_INACTIVE);
	lru_del(page);
	lru_add(page, true);
	KT_CHECK_EQ(page_state(page), PAGE_ACTIVE);
	page_set(page, PG_writeback);
	KT_CHECK_EQ(page_state(page), PAGE_WRITEBACK);
	page_end_writeback(page);
	put_page(page);
	KT_CHECK_EQ(page_state(page), PAGE_FREE);
	KT_CHECK_EQ(page_state(&mem_map[0]), PAGE_RESERVED);
}

KTEST_QUICK(page, last_put_leaves_the_lists)
{
	struct lru_counts before, after;
	struct page *page = KT_GET(alloc_page(GFP_KERNEL));

	KT_TRUE(page);
	lru_count(&before);
	lru_add(page, true);
	get_page(page);
	put_page(page);
	KT_CHECK_EQ(page_count(page), 1);
	put_page(page);
	lru_count(&after);
	KT_EQ(after.nr[LRU_ACTIVE_FILE], before.nr[LRU_ACTIVE_FILE]);
	KT_FALSE(get_page_unless_zero(page));
}

KTEST(page, put_without_a_reference_is_reported)
{
	struct page *page = KT_GET(alloc_page(GFP_KERNEL));

	KT_TRUE(page);
	put_page(page);
	check_expect(CHECK_CHECK);
	put_page(page);
	KT_EQ(check_expected(), 1);
	KT_EQ(page_count(page), 0);
}

KTEST_QUICK(page, trylock_refuses_a_locked_page)
{
	struct page *page = KT_GET(alloc_page(GFP_KERNEL));

	KT_TRUE(page);
	page_lock(page);
	KT_CHECK(!page_trylock(page));
	page_unlock(page);
	KT_CHECK(page_trylock(page));
	page_unlock(page);
	put_page(page);
}

struct lock_race {
	struct page *page;
	u64 inside;		/* guarded by the page lock */
	u64 total;
};

static int lock_and_count(void *arg, unsigned int n)
{
	struct lock_race *race = arg;

	(void)n;
	for (unsigned int i = 0; i < 300; i++) {
		page_lock(race->page);
		if (race->inside++)
			KT_CHECK(!"two holders of one page lock");
		if (i % 16 == 0)
			cond_resched();
		race->total++;
		race->inside--;
		page_unlock(race->page);
	}
	return 0;
}

KTEST(page, lock_excludes_and_wakes_everybody)
{
	struct lock_race race = { 0 };

	race.page = KT_GET(alloc_page(GFP_KERNEL));
	KT_TRUE(race.page);
	KT_CHECK_EQ(test_threads(6, lock_and_count, &race), 0);
	KT_CHECK_EQ(race.total, 1800);
	KT_CHECK(!page_test(race.page, PG_locked));
	put_page(race.page);
}

struct writeback_race {
	struct page *page;
	atomic_t waiting, passed;
};

static int wait_for_writeback(void *arg, unsigned int n)
{
	struct writeback_race *race = arg;

	if (n == 0) {
		while (atomic_read(&race->waiting) < 3)
			yield();
		KT_CHECK_EQ(atomic_read(&race->passed), 0);
		page_end_writeback(race->page);
		return 0;
	}
	atomic_inc(&race->waiting);
	page_wait_writeback(race->page);
	KT_CHECK(!page_test(race->page, PG_writeback));
	atomic_inc(&race->passed);
	return 0;
}

KTEST(page, end_of_writeback_wakes_all_waiters)
{
	struct writeback_race race = { 0 };

	race.page = KT_GET(alloc_page(GFP_KERNEL));
	KT_TRUE(race.page);
	page_set(race.page, PG_writeback);
	KT_CHECK_EQ(test_threads(4, wait_for_writeback, &race), 0);
	KT_CHECK_EQ(atomic_read(&race.passed), 3);
	put_page(race.page);
}

static int unlock_for_other(void *arg, unsigned int n)
{
	(void)n;
	page_unlock_handed_over(arg);
	return 0;
}

KTEST(page, lock_can_be_handed_to_the_end_of_io)
{
	struct page *page = KT_GET(alloc_page(GFP_KERNEL));

	KT_TRUE(page);
	page_lock(page);
	page_lock_hand_over(page);
	KT_CHECK(page_test(page, PG_locked));
	KT_CHECK_EQ(test_threads(1, unlock_for_other, page), 0);
	page_wait_locked(page);
	KT_CHECK(!page_test(page, PG_locked));
	put_page(page);
}

KTEST_QUICK(page, address_and_page_are_inverse)
{
	struct page *page = KT_GET(alloc_pages(GFP_KERNEL, 2));

	KT_TRUE(page);
	KT_CHECK(virt_to_page(page_address(page)) == page);
	KT_CHECK(virt_to_page((char *)page_address(page) + 3 * PAGE_SIZE + 5) == page + 3);
	KT_CHECK(page_head(page + 3) == page);
	KT_CHECK_EQ(page_order(page), 2);
	get_page(page);
	put_page(page + 1);		/* a tail's reference is its head's */
	KT_CHECK_EQ(page_count(page), 1);
	__free_pages(page, 2);
}
