/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_page_advice.c - suite page_advice: FREE, COLD, PAGEOUT, WILLNEED
 */
#include "mm/page_advice.h"

#include "kernel/sched/sched.h"
#include "kernel/test/gate.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "kernel/test/recorder.h"
#include "mm/gup.h"
#include "mm/page_io.h"
#include "mm/pgtable.h"
#include "mm/rmap.h"
#include "mm/slab.h"
#include "mm/swap.h"
#include "mm/tlb.h"
#include "tests/kernel/mm_fixture.h"

#define P(n) ((n) * PAGE_SIZE)

static long advise(unsigned long page, unsigned long pages, int advice)
{
	return sys_madvise(FX_BASE + P(page), P(pages), advice);
}

/* @pages pages at FX_BASE, page i holding i + 1. */
static struct mm *mm_with(unsigned long pages)
{
	struct mm *mm = fx_mm();

	if (!mm)
		return NULL;
	fx_map(mm, FX_BASE, pages, FX_RW);
	for (unsigned long i = 0; i < pages; i++)
		fx_put(FX_BASE + P(i), i + 1);
	return mm;
}

#define KT_NEED_FX_SWAP(mm)						\
	do {								\
		KT_TRUE(mm);						\
		if (!fx_have_swap()) {					\
			fx_drop(mm);					\
			KT_SKIP("no swap area");			\
		}							\
	} while (0)

/* What reclaim does with a page that FREE gave up. */
static enum ttu_result discard(struct page *page)
{
	enum ttu_result result;

	get_page(page);
	page_lock(page);
	result = page_is_lazyfree(page) ? try_to_unmap(page, TTU_IGNORE_ACCESS) : SWAP_AGAIN;
	page_unlock(page);
	put_page(page);
	return result;
}

static int discard_thread(void *page)
{
	return discard(page);
}

KTEST_QUICK(page_advice, what_is_freed_goes_without_a_slot)
{
	struct mm *mm = mm_with(8);
	unsigned int tries = 0;
	u64 i, before;

	KT_TRUE(mm);
	before = fx_slots_used();
	KT_CHECK_EQ(advise(0, 4, MADV_FREE), 0);
	for (i = 0; i < 4; i++)
		KT_CHECK(page_is_lazyfree(fx_page(mm, FX_BASE + P(i))));
	KT_CHECK_EQ(advise(4, 4, MADV_WILLNEED), 0);
	/* Read: still what it was, as long as nobody needed the memory. */
	KT_CHECK_EQ(fx_get(FX_BASE + P(1)), 2);
	while (fx_page(mm, FX_BASE + P(3)) && tries++ < 200)
		reclaim_pages(8);
	KT_CHECK(pte_none(fx_pte(mm, FX_BASE + P(3))));
	KT_CHECK_EQ(fx_get(FX_BASE + P(3)), 0);
	KT_CHECK_EQ(fx_get(FX_BASE + P(7)), 8);
	KT_CHECK_LE(fx_slots_used(), before + 8);
	fx_drop(mm);
}

KTEST_QUICK(page_advice, a_write_takes_the_advice_back)
{
	struct mm *mm = mm_with(3);
	struct page *page;

	KT_TRUE(mm);
	KT_CHECK_EQ(advise(0, 3, MADV_FREE), 0);
	KT_CHECK(!pte_dirty(fx_pte(mm, FX_BASE)));
	fx_put(FX_BASE, 77);
	page = fx_page(mm, FX_BASE);
	KT_CHECK_EQ(discard(page), SWAP_FAIL);
	KT_CHECK(!page_is_lazyfree(page));
	KT_CHECK_EQ(fx_get(FX_BASE), 77);
	KT_CHECK_EQ(discard(fx_page(mm, FX_BASE + P(1))), SWAP_SUCCESS);
	KT_CHECK_EQ(fx_get(FX_BASE + P(1)), 0);
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_ANONPAGES]), 2);
	fx_drop(mm);
}

/* F10 again: the dirty bit is read from what the exchange returned. */
KTEST(page_advice, a_write_just_before_the_clear_is_kept)
{
	struct fx_thread taker;
	struct mm *mm;
	struct page *page;

	KT_NEED_GATES();
	KT_NEED_CPUS(2);
	mm = mm_with(1);
	KT_TRUE(mm);
	KT_CHECK_EQ(advise(0, 1, MADV_FREE), 0);
	page = fx_page(mm, FX_BASE);
	gate_arm("try_to_unmap.clear", page);
	if (fx_start(&taker, NULL, discard_thread, page)) {
		if (gate_wait("try_to_unmap.clear"))
			fx_put(FX_BASE, 99);
		gate_open("try_to_unmap.clear");
		KT_CHECK_EQ(fx_join(&taker), SWAP_FAIL);
	}
	KT_CHECK_EQ(fx_get(FX_BASE), 99);
	fx_drop(mm);
}

/* Somebody has a reference and may be writing through it: the page must stay. */
KTEST_QUICK(page_advice, a_referenced_page_is_not_dropped)
{
	struct mm *mm = mm_with(1);
	struct page *page;

	KT_TRUE(mm);
	KT_CHECK_EQ(advise(0, 1, MADV_FREE), 0);
	if (KT_CHECK_EQ(get_user_pages_unlocked(mm, FX_BASE, 1, FOLL_WRITE, &page), 1)) {
		KT_CHECK_EQ(discard(page), SWAP_FAIL);
		put_page(page);
	}
	KT_CHECK_EQ(fx_get(FX_BASE), 1);
	fx_drop(mm);
}

KTEST_QUICK(page_advice, free_gives_up_slots_and_cached_pages)
{
	struct mm *mm = mm_with(3);
	struct swap_info before, after;

	KT_NEED_FX_SWAP(mm);
	swap_slot_info(&before);
	KT_CHECK(fx_swap_out(mm, FX_BASE));
	KT_CHECK(fx_unmap_to_swap_cache(mm, FX_BASE + P(1)));
	KT_CHECK_EQ(fx_get(FX_BASE + P(1)), 2);		/* mapped again, and cached */
	KT_CHECK_EQ(advise(0, 3, MADV_FREE), 0);
	KT_CHECK(pte_none(fx_pte(mm, FX_BASE)));
	KT_CHECK(page_is_lazyfree(fx_page(mm, FX_BASE + P(1))));
	swap_slot_info(&after);
	KT_CHECK_EQ(after.used, before.used);
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_SWAPENTS]), 0);
	KT_CHECK_EQ(fx_get(FX_BASE), 0);
	fx_drop(mm);
}

/* Another process maps the page: nothing is done to it. */
KTEST_QUICK(page_advice, shared_pages_are_left_alone)
{
	struct mm *mm = mm_with(2), *child;

	KT_NEED_FX_SWAP(mm);
	child = fx_fork(mm);
	if (child) {
		KT_CHECK_EQ(advise(0, 2, MADV_FREE), 0);
		KT_CHECK(!page_is_lazyfree(fx_page(mm, FX_BASE)));
		KT_CHECK_EQ(advise(0, 2, MADV_PAGEOUT), 0);
		KT_CHECK(fx_page(mm, FX_BASE) == fx_page(child, FX_BASE));
		mmput(child);
	}
	KT_CHECK_EQ(fx_get(FX_BASE), 1);
	fx_drop(mm);
}

KTEST_QUICK(page_advice, cold_pages_look_unused)
{
	struct mm *mm = mm_with(2);
	struct page *page;

	KT_TRUE(mm);
	page = fx_page(mm, FX_BASE);
	KT_CHECK(page_test(page, PG_active) && pte_young(fx_pte(mm, FX_BASE)));
	KT_CHECK_EQ(advise(0, 1, MADV_COLD), 0);
	KT_CHECK(fx_page(mm, FX_BASE) == page && !page_test(page, PG_active));
	KT_CHECK(!pte_young(fx_pte(mm, FX_BASE)) && pte_young(fx_pte(mm, FX_BASE + P(1))));
	KT_CHECK_EQ(fx_get(FX_BASE), 1);
	KT_CHECK(pte_young(fx_pte(mm, FX_BASE)));
	fx_drop(mm);
}

KTEST_QUICK(page_advice, pageout_takes_these_pages_and_willneed_brings_them)
{
	struct mm *mm = mm_with(40);
	struct page *page;
	u64 i;

	KT_NEED_FX_SWAP(mm);
	KT_CHECK_EQ(advise(2, 36, MADV_PAGEOUT), 0);
	for (i = 0; i < 40; i++)
		KT_CHECK_EQ(pte_is_swap(fx_pte(mm, FX_BASE + P(i))), i >= 2 && i < 38);
	while (swap_io_pending())
		page_io_wait(1);
	reclaim_pages(36);
	KT_CHECK_EQ(advise(0, 40, MADV_WILLNEED), 0);
	while (swap_io_pending())
		page_io_wait(1);
	for (i = 2; i < 38; i++) {
		page = swap_cache_find(pte_swp_entry(fx_pte(mm, FX_BASE + P(i))));
		KT_CHECK(page && page_test(page, PG_uptodate));
		if (page)
			put_page(page);
		KT_CHECK_EQ(fx_get(FX_BASE + P(i)), i + 1);
	}
	fx_drop(mm);
}

/* A cut that fails is EAGAIN, for the program may try again. */
KTEST_QUICK(page_advice, a_cut_that_fails_changes_nothing)
{
	struct mm *mm = mm_with(6);
	u64 fired = 1;
	long err;

	KT_TRUE(mm);
	for (u64 nth = 1; fired; nth++) {
		inject_arm(INJECT_SLAB_ALLOC, nth, 1, current);
		err = advise(2, 2, MADV_DONTFORK);
		fired = inject_disarm(INJECT_SLAB_ALLOC);
		KT_CHECK_EQ(err, fired ? -EAGAIN : 0);
		KT_CHECK_EQ(fx_nr_vmas(mm), fired ? 1 : 3);
		KT_CHECK(fx_valid(mm));
		if (!KT_CHECK_LE(nth, 20))
			break;
	}
	KT_CHECK_EQ(advise(0, 6, MADV_DOFORK), 0);
	KT_CHECK_EQ(fx_nr_vmas(mm), 1);
	fx_drop(mm);
}

#ifdef CONFIG_MMU_NOTIFIER
static struct recorder *record(struct mm *mm, const struct mmu_notifier_ops *ops)
{
	struct recorder *rec = KT_GET(kzalloc(sizeof(*rec), GFP_KERNEL));

	if (rec)
		recorder_init(rec, ops);
	if (rec && mmu_notifier_register(&rec->mn, mm)) {
		kfree(rec);
		return NULL;
	}
	return rec;
}

static void record_end(struct recorder *rec, struct mm *mm)
{
	mmu_notifier_unregister(&rec->mn, mm);
	KT_CHECK_EQ(atomic_read(&rec->open), 0);
	kfree(rec);
}

/* They may have cached that a write was noted, or the page's being used. */
KTEST_QUICK(page_advice, second_mmus_hear_of_free_and_are_asked_by_cold)
{
	struct mm *mm = mm_with(4);
	const struct recorded_call *call;
	struct recorder *bracket, *point;

	KT_TRUE(mm);
	bracket = record(mm, &recorder_bracket_ops);
	point = record(mm, &recorder_point_ops);
	if (!KT_CHECK(bracket && point))
		goto out;
	recorder_clear(bracket);
	recorder_clear(point);
	KT_CHECK_EQ(advise(1, 2, MADV_FREE), 0);
	call = recorder_find(bracket, MN_INVALIDATE_RANGE_START, 0);
	KT_CHECK(call && call->start == FX_BASE + P(1) && call->end == FX_BASE + P(3));
	KT_CHECK_EQ(recorder_count(bracket, MN_INVALIDATE_RANGE_END), 1);
	KT_CHECK_GE(recorder_count(point, MN_INVALIDATE_RANGE), 1);
	recorder_clear(bracket);
	KT_CHECK_EQ(advise(0, 4, MADV_COLD), 0);
	KT_CHECK_EQ(recorder_count(bracket, MN_CLEAR_FLUSH_YOUNG), 4);
	KT_CHECK_EQ(recorder_count(bracket, MN_INVALIDATE_RANGE_START), 0);
out:
	if (bracket)
		record_end(bracket, mm);
	if (point)
		record_end(point, mm);
	fx_drop(mm);
}
#endif
