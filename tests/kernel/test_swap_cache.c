/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_swap_cache.c - suite swap_cache: one page for each entry
 */
#include "mm/swap.h"

#include "kernel/block/block.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/rcu.h"
#include "kernel/test/gate.h"
#include "kernel/test/inject.h"
#include "mm/gfp.h"
#include "tests/kernel/threads.h"

#define KT_NEED_SWAP()							\
	do {								\
		if (!swap_area_slots(0))				\
			KT_SKIP("there is no swap area");		\
	} while (0)

/* A page with @value in it, in the cache under a new entry, locked. */
static struct page *cached_page(u64 value, swp_entry_t *entry)
{
	struct page *page = KT_GET(alloc_page(GFP_KERNEL));

	if (!page || KT_TRY(swap_slot_alloc(entry)))
		return NULL;
	*(u64 *)page_address(page) = value;
	page_lock(page);
	page_set(page, PG_uptodate);
	if (KT_TRY(swap_cache_add(page, *entry)))
		return NULL;
	page_set(page, PG_dirty);
	return page;
}

/* Write it out and drop it from the cache: only the slot (one user: us) is left. */
static bool write_and_forget(struct page *page, swp_entry_t entry)
{
	if (swap_slot_dup(entry))
		return false;
	swap_write(page);
	page_wait_writeback(page);
	/* the end of the I/O wakes us a moment before it drops its own reference */
	for (unsigned int i = 0; i < 1000; i++) {
		page_lock(page);
		if (swap_cache_reclaim(page)) {
			page_free_frozen(page);
			return true;
		}
		page_unlock(page);
		(void)schedule_timeout_uninterruptible(1);
	}
	return false;
}

KTEST_QUICK(swap_cache, find_takes_a_reference)
{
	struct page *page, *found;
	swp_entry_t entry;

	KT_NEED_SWAP();
	page = cached_page(1, &entry);
	KT_TRUE(page);
	KT_CHECK_EQ(page_count(page), 2);
	found = swap_cache_find(entry);
	KT_CHECK(found == page);
	KT_CHECK_EQ(page_count(page), 3);
	if (found)
		put_page(found);
	swap_cache_del(page);
	KT_CHECK(swap_cache_find(entry) == NULL);
	KT_CHECK_EQ(swap_slot_count(entry), 0);
	page_unlock(page);
	put_page(page);
	KT_EQ(swap_cache_check(), 0);
}

KTEST_QUICK(swap_cache, one_entry_one_page)
{
	struct page *page, *other = KT_GET(alloc_page(GFP_KERNEL));
	swp_entry_t entry;

	KT_NEED_SWAP();
	KT_TRUE(other);
	page = cached_page(1, &entry);
	KT_TRUE(page);
	KT_CHECK(page_trylock(other));
	KT_CHECK_EQ(swap_cache_add(other, entry), -EEXIST);
	KT_CHECK(!page_test(other, PG_swapcache));
	KT_CHECK_EQ(page_count(other), 1);
	page_unlock(other);
	put_page(other);
	swap_cache_del(page);
	page_unlock(page);
	put_page(page);
}

KTEST_QUICK(swap_cache, reclaim_needs_everybody_else_gone)
{
	swp_entry_t entry;
	struct page *page;

	KT_NEED_SWAP();
	page = cached_page(1, &entry);
	KT_TRUE(page);
	KT_CHECK(!swap_cache_reclaim(page));		/* dirty */
	page_clear(page, PG_dirty);
	get_page(page);
	KT_CHECK(!swap_cache_reclaim(page));		/* somebody has it */
	put_page(page);
	KT_CHECK(page_test(page, PG_swapcache));
	KT_CHECK(swap_cache_reclaim(page));
	KT_CHECK_EQ(page_count(page), 0);
	page_free_frozen(page);
	KT_CHECK_EQ(swap_slot_count(entry), 0);
	KT_CHECK(swap_cache_find(entry) == NULL);
}

KTEST_QUICK(swap_cache, bytes_come_back)
{
	struct page *page, *again = NULL;
	swp_entry_t entry;

	KT_NEED_SWAP();
	page = cached_page(0x1234567, &entry);
	KT_TRUE(page);
	KT_TRUE(write_and_forget(page, entry));
	KT_CHECK_EQ(swap_slot_count(entry), 1);
	KT_CHECK_EQ(swap_cache_read(entry, GFP_USER, &again), 0);
	KT_TRUE(again);
	KT_CHECK(page_test(again, PG_uptodate));
	KT_CHECK_EQ(*(u64 *)page_address(again), 0x1234567);
	KT_CHECK_EQ(swap_slot_count(entry), 2);
	put_page(again);
	swap_free_entry(entry);				/* the last PTE: slot and page go */
	KT_CHECK(swap_cache_find(entry) == NULL);
	KT_CHECK_EQ(swap_slot_count(entry), 0);
}

KTEST_QUICK(swap_cache, a_free_entry_is_gone)
{
	struct page *page = NULL;
	swp_entry_t entry;

	KT_NEED_SWAP();
	KT_EQ(swap_slot_alloc(&entry), 0);
	swap_slot_put(entry);
	KT_EQ(swap_cache_read(entry, GFP_USER, &page), -ENOENT);
	KT_TRUE(page == NULL);
}

KTEST_QUICK(swap_cache, no_memory_leaves_the_slot_as_it_was)
{
	struct page *page, *again = NULL;
	swp_entry_t entry;

	KT_NEED_SWAP();
	page = cached_page(5, &entry);
	KT_TRUE(page);
	KT_TRUE(write_and_forget(page, entry));
	inject_arm(INJECT_PAGE_ALLOC, 1, 1, current);
	KT_CHECK_EQ(swap_cache_read(entry, GFP_USER, &again), -ENOMEM);
	KT_CHECK_EQ(inject_disarm(INJECT_PAGE_ALLOC), 1);
	KT_CHECK_EQ(swap_slot_count(entry), 1);
	swap_free_entry(entry);
	KT_CHECK_EQ(swap_slot_count(entry), 0);
}

KTEST_QUICK(swap_cache, last_mapping_drops_the_page)
{
	swp_entry_t entry;
	struct page *page;

	KT_NEED_SWAP();
	page = cached_page(5, &entry);
	KT_TRUE(page);
	page_unlock(page);
	/* one swap PTE, one mapping that is just going */
	KT_CHECK_EQ(swap_slot_dup(entry), 0);
	get_page(page);
	swap_cache_put_page(page);
	KT_CHECK(page_test(page, PG_swapcache));	/* the swap PTE needs it */
	swap_free_entry(entry);
	KT_CHECK(!page_test(page, PG_swapcache));
	KT_CHECK_EQ(page_count(page), 1);
	put_page(page);
}

/* All threads fault on one entry: one page is read, all get it. */
struct read_race {
	swp_entry_t entry;
	atomic_t ready;
	struct page *got[4];
};

static int read_same_entry(void *arg, unsigned int n)
{
	struct read_race *race = arg;

	atomic_inc(&race->ready);
	while (atomic_read(&race->ready) < 4)
		cond_resched();
	return KT_TRY(swap_cache_read(race->entry, GFP_USER, &race->got[n]));
}

KTEST(swap_cache, threads_that_read_one_entry_get_one_page)
{
	KT_NEED_SWAP();
	for (unsigned int round = 0; round < 30; round++) {
		struct read_race race = { 0 };
		struct page *page = cached_page(round, &race.entry);

		KT_TRUE(page);
		KT_TRUE(write_and_forget(page, race.entry));
		KT_CHECK_EQ(test_threads(4, read_same_entry, &race), 0);
		for (unsigned int n = 0; n < 4; n++) {
			KT_CHECK(race.got[n] == race.got[0]);
			KT_CHECK_EQ(*(u64 *)page_address(race.got[n]), round);
			put_page(race.got[n]);
		}
		swap_free_entry(race.entry);
	}
	KT_EQ(swap_cache_check(), 0);
}

/* The same race, pinned: one reader has counted the slot but is not in the cache yet. */
static int read_one(void *data)
{
	struct read_race *race = data;

	KT_CHECK_EQ(swap_cache_read(race->entry, GFP_USER, &race->got[0]), 0);
	while (!kthread_should_stop())
		(void)schedule_timeout_uninterruptible(1);
	return 0;
}

KTEST(swap_cache, a_reader_that_comes_second_uses_the_first_page)
{
	struct read_race race = { 0 };
	struct task *task;
	struct page *page;

	KT_NEED_GATES();
	KT_NEED_SWAP();
	page = cached_page(77, &race.entry);
	KT_TRUE(page);
	KT_TRUE(write_and_forget(page, race.entry));
	gate_arm("swap_cache.read_new", NULL);
	KT_EQ(kthread_run(&task, read_one, &race, "reader"), 0);
	KT_CHECK(gate_wait("swap_cache.read_new"));
	KT_CHECK_EQ(swap_slot_count(race.entry), 2);	/* ours and the reader's */
	KT_CHECK_EQ(swap_cache_read(race.entry, GFP_USER, &race.got[1]), 0);
	KT_CHECK_EQ(swap_slot_count(race.entry), 3);
	gate_open("swap_cache.read_new");
	kthread_stop(task);
	KT_CHECK(race.got[0] && race.got[0] == race.got[1]);
	KT_CHECK_EQ(swap_slot_count(race.entry), 2);	/* its count is given back */
	for (unsigned int n = 0; n < 2; n++)
		if (race.got[n])
			put_page(race.got[n]);
	swap_free_entry(race.entry);
	KT_EQ(swap_cache_check(), 0);
}

/* One finds the page while the other reclaims it: either of them gets it, never both. */
struct reclaim_race {
	swp_entry_t entry;
	struct page *page;
	atomic_t ready;
	bool reclaimed;
};

static int find_or_reclaim(void *arg, unsigned int n)
{
	struct reclaim_race *race = arg;
	struct page *found;

	atomic_inc(&race->ready);
	while (atomic_read(&race->ready) < 2)
		cond_resched();
	if (n == 0) {
		page_lock(race->page);
		race->reclaimed = swap_cache_reclaim(race->page);
		if (race->reclaimed)
			page_free_frozen(race->page);
		else
			page_unlock(race->page);
		return 0;
	}
	found = swap_cache_find(race->entry);
	if (!found)
		return 0;
	KT_CHECK(found == race->page && page_count(found) >= 2);
	put_page(found);
	return 1;
}

KTEST(swap_cache, find_against_reclaim)
{
	KT_NEED_SWAP();
	for (unsigned int round = 0; round < 60; round++) {
		struct reclaim_race race = { 0 };

		race.page = cached_page(round, &race.entry);
		KT_TRUE(race.page);
		page_clear(race.page, PG_dirty);
		page_unlock(race.page);
		KT_CHECK_GE(test_threads(2, find_or_reclaim, &race), 0);
		if (race.reclaimed)
			continue;
		page_lock(race.page);
		swap_cache_del(race.page);
		page_unlock(race.page);
		put_page(race.page);
	}
	KT_EQ(swap_cache_check(), 0);
}
