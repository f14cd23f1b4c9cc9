/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_check.c - suite check: the world check finds what was planted
 */
#include "mm/check.h"

#include "mm/gfp.h"
#include "mm/swap.h"
#include "tests/kernel/user_memory.h"

KTEST(check, a_healthy_world_passes)
{
	struct user_memory u;

	KT_NEED_CHECKS();
	KT_TRUE(user_memory_up(&u, 20));
	KT_CHECK(user_memory_write(&u, 1));
	reclaim_pages(10);
	KT_CHECK_EQ(mm_check(), 0);
	user_memory_down(&u);
}

KTEST(check, a_wrong_mapcount_is_found)
{
	struct user_memory u;
	struct page *page;

	KT_NEED_CHECKS();
	KT_TRUE(user_memory_up(&u, 4));
	KT_CHECK(user_memory_write(&u, 1));
	page = user_memory_page(&u, 2);
	KT_TRUE(page);
	atomic_inc(&page->_mapcount);
	check_expect(CHECK_CHECK);
	KT_CHECK_EQ(mm_check(), 1);
	KT_CHECK_EQ(check_expected(), 1);
	atomic_dec(&page->_mapcount);
	KT_CHECK_EQ(mm_check(), 0);
	user_memory_down(&u);
}

KTEST(check, a_slot_without_a_user_is_found)
{
	swp_entry_t entry;

	KT_NEED_CHECKS();
	if (!swap_area_slots(0))
		KT_SKIP("there is no swap area");
	KT_EQ(swap_slot_alloc(&entry), 0);
	check_expect(CHECK_CHECK);
	KT_CHECK_GE(mm_check(), 1);
	KT_CHECK_GE(check_expected(), 1);
	swap_slot_put(entry);
	KT_CHECK_EQ(mm_check(), 0);
}

KTEST(check, a_page_taken_off_its_list_by_hand_is_found)
{
	struct user_memory u;
	struct page *page;

	KT_NEED_CHECKS();
	KT_TRUE(user_memory_up(&u, 4));
	KT_CHECK(user_memory_write(&u, 1));
	page = user_memory_page(&u, 1);
	KT_TRUE(page && page_test(page, PG_lru));
	page_clear(page, PG_lru);
	check_expect(CHECK_CHECK);
	KT_CHECK_GE(mm_check(), 1);
	KT_CHECK_GE(check_expected(), 1);
	page_set(page, PG_lru);
	KT_CHECK_EQ(mm_check(), 0);
	user_memory_down(&u);
}

KTEST(check, a_lost_frame_is_found)
{
	struct page *page;

	KT_NEED_CHECKS();
	page = KT_GET(alloc_page(GFP_KERNEL));
	KT_TRUE(page);
	atomic_set(&page->refcount, 0);		/* nobody's, and not the allocator's */
	check_expect(CHECK_CHECK);
	KT_CHECK_GE(mm_check(), 1);
	KT_CHECK_GE(check_expected(), 1);
	atomic_set(&page->refcount, 1);
	put_page(page);
	KT_CHECK_EQ(mm_check(), 0);
}
