/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_workingset.c - suite workingset: shadows, distances, and what comes back active
 */
#include "mm/workingset.h"

#include "fs/vfs.h"
#include "include/uapi/blkdev.h"
#include "kernel/sched/sched.h"
#include "kernel/test/inject.h"
#include "mm/pagecache.h"
#include "mm/page_io.h"
#include "tests/kernel/disk_fixture.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/user_memory.h"

#define NR 16
/* More than there are pages to compete with. */
#define LONG_AGO (1ULL << 22)

static s64 refaults(enum lru_type type)
{
	return atomic64_read(&vmstat.workingset_refault[type]);
}

static s64 activations(enum lru_type type)
{
	return atomic64_read(&vmstat.workingset_activate[type]);
}

/* Reclaim takes @page, if it can. */
static void push(struct page *page)
{
	LIST_HEAD(batch);

	if (page && lru_isolate_page(page))
		list_add_tail(&page->lru, &batch);
	reclaim_isolated(&batch);
	while (page_io_pending(PAGE_IO_FILE) || swap_io_pending())
		page_io_wait(1);
}

static bool evict(struct disk *d, u64 n)
{
	for (unsigned int i = 0; i < 4 && dx_page(d, n); i++)
		push(dx_page(d, n));
	return KT_CHECK(!dx_page(d, n));
}

/* A disk, and anonymous pages on the active list for its pages to compete with. */
static bool up(struct disk *d, struct user_memory *u)
{
	if (!dx_up(d))
		return false;
	if (user_memory_up(u, NR)) {
		if (KT_CHECK(user_memory_write(u, 5)))
			return true;
		user_memory_down(u);
	}
	dx_down(d);
	return false;
}

static void down(struct disk *d, struct user_memory *u)
{
	user_memory_down(u);
	dx_down(d);
}

#define NEED() do { \
		if (!dx_have() || !swap_area_slots(0)) \
			KT_SKIP("no spare disk, or no swap area"); \
	} while (0)

/* Each list but that on which the page would have waited itself, if it can give way. */
KTEST_QUICK(workingset, the_places_are_those_of_the_other_lists)
{
	struct lru_counts counts = { .nr = {
		[LRU_INACTIVE_ANON] = 1, [LRU_ACTIVE_ANON] = 10, [LRU_INACTIVE_FILE] = 100,
		[LRU_ACTIVE_FILE] = 1000, [LRU_UNEVICTABLE] = 10000,
	} };

	KT_CHECK(workingset_would_fit(&counts, true, LRU_FILE, 1011));
	KT_CHECK(!workingset_would_fit(&counts, true, LRU_FILE, 1012));
	KT_CHECK(workingset_would_fit(&counts, true, LRU_ANON, 1110));
	KT_CHECK(!workingset_would_fit(&counts, true, LRU_ANON, 1111));
	KT_CHECK(workingset_would_fit(&counts, false, LRU_FILE, 1000));
	KT_CHECK(!workingset_would_fit(&counts, false, LRU_FILE, 1001));
	KT_CHECK(!workingset_would_fit(&counts, false, LRU_ANON, 1101));
}

KTEST_QUICK(workingset, a_page_of_a_file_that_is_missed_soon_comes_back_active)
{
	s64 refault = refaults(LRU_FILE), activate = activations(LRU_FILE);
	struct user_memory u;
	struct disk d;

	NEED();
	KT_TRUE(up(&d, &u));
	KT_CHECK_EQ(dx_read(&d, 3), dx_old(3));
	KT_CHECK_EQ(dx_flag(&d, 3, PG_active), 0);
	KT_CHECK_EQ(refaults(LRU_FILE), refault);
	evict(&d, 3);
	KT_CHECK_EQ(d.mapping->nrshadows, 1);
	KT_CHECK_EQ(d.mapping->nrpages, 0);
	KT_CHECK_EQ(dx_read(&d, 3), dx_old(3));
	KT_CHECK_EQ(d.mapping->nrshadows, 0);
	KT_CHECK_EQ(refaults(LRU_FILE), refault + 1);
	KT_CHECK_EQ(activations(LRU_FILE), activate + 1);
	KT_CHECK_EQ(dx_flag(&d, 3, PG_active), 1);
	down(&d, &u);
}

KTEST_QUICK(workingset, who_was_away_for_long_begins_anew)
{
	s64 refault = refaults(LRU_FILE), activate = activations(LRU_FILE);
	struct user_memory u;
	struct disk d;

	NEED();
	KT_TRUE(up(&d, &u));
	KT_CHECK_EQ(dx_read(&d, 3), dx_old(3));
	evict(&d, 3);
	workingset_age(LONG_AGO);
	KT_CHECK_EQ(dx_read(&d, 3), dx_old(3));
	KT_CHECK_EQ(refaults(LRU_FILE), refault + 1);
	KT_CHECK_EQ(activations(LRU_FILE), activate);
	KT_CHECK_EQ(dx_flag(&d, 3, PG_active), 0);
	down(&d, &u);
}

/* Evict and bring back page 0 of @u. @meanwhile: how far the clock moves. */
static struct page *swap_round(struct user_memory *u, u64 meanwhile)
{
	swp_entry_t entry;

	for (unsigned int i = 0; i < 6 && user_memory_page(u, 0); i++)
		push(user_memory_page(u, 0));
	if (!KT_CHECK(pte_is_swap(user_memory_pte(u, 0))))
		return NULL;
	entry = pte_swp_entry(user_memory_pte(u, 0));
	for (unsigned int i = 0; i < 4; i++) {
		struct page *page = swap_cache_find(entry);

		if (!page)
			break;
		put_page(page);
		push(page);
	}
	KT_CHECK(swap_slot_shadow(entry) != 0);
	workingset_age(meanwhile);
	KT_CHECK(user_memory_verify(u, 5));
	KT_CHECK_EQ(swap_slot_shadow(entry), 0);
	return user_memory_page(u, 0);
}

KTEST(workingset, an_anonymous_page_leaves_its_shadow_with_its_slot)
{
	s64 refault = refaults(LRU_ANON), activate = activations(LRU_ANON);
	struct page *page;
	struct user_memory u;
	struct disk d;

	NEED();
	KT_TRUE(up(&d, &u));
	page = swap_round(&u, 0);
	KT_CHECK(page && page_test(page, PG_active));
	KT_CHECK_EQ(refaults(LRU_ANON), refault + 1);
	KT_CHECK_EQ(activations(LRU_ANON), activate + 1);
	page = swap_round(&u, LONG_AGO);
	KT_CHECK(page && !page_test(page, PG_active));
	KT_CHECK_EQ(refaults(LRU_ANON), refault + 2);
	KT_CHECK_EQ(activations(LRU_ANON), activate + 1);
	down(&d, &u);
}

/* The slot is somebody else's then. swap_slot_check() after each test looks at all. */
KTEST(workingset, a_slot_that_is_free_has_no_shadow)
{
	struct user_memory u;
	swp_entry_t entry;
	s64 refault;

	NEED();
	KT_TRUE(user_memory_up(&u, NR));
	KT_CHECK(user_memory_write(&u, 5));
	user_memory_all_out();
	KT_CHECK(pte_is_swap(user_memory_pte(&u, 0)));
	entry = pte_swp_entry(user_memory_pte(&u, 0));
	KT_CHECK(swap_slot_shadow(entry) != 0);
	refault = refaults(LRU_ANON);
	user_memory_down(&u);
	KT_CHECK_EQ(swap_slot_shadow(entry), 0);
	KT_CHECK_EQ(swap_slot_check(NULL, 0), 0);
	KT_CHECK_EQ(refaults(LRU_ANON), refault);
}

/* Once active, and taken away all the same: reading it again is a cost of its lists. */
KTEST(workingset, a_page_that_was_active_is_restored)
{
	s64 restore = atomic64_read(&vmstat.workingset_restore[LRU_FILE]);
	struct lru_balance before, after;
	struct user_memory u;
	struct disk d;

	NEED();
	KT_TRUE(up(&d, &u));
	for (unsigned int round = 0; round < 2; round++) {
		KT_CHECK_EQ(dx_read(&d, 3), dx_old(3));
		if (round && KT_CHECK(dx_page(&d, 3)))
			page_set(dx_page(&d, 3), PG_workingset);
		evict(&d, 3);
	}
	for (unsigned int i = 0; i < 64; i++)
		lru_note_cost(LRU_ANON, 0, 1000);
	lru_balance_now(&before, false);
	KT_CHECK_EQ(dx_read(&d, 3), dx_old(3));
	lru_balance_now(&after, false);
	KT_CHECK_EQ(atomic64_read(&vmstat.workingset_restore[LRU_FILE]), restore + 1);
	KT_CHECK_EQ(dx_flag(&d, 3, PG_workingset), 1);
	KT_CHECK_GT(after.cost[LRU_FILE], before.cost[LRU_FILE]);
	down(&d, &u);
}

/* ---- they do not outlive what they are about ---- */

KTEST_QUICK(workingset, bytes_that_change_leave_no_shadow)
{
	struct user_memory u;
	struct disk d;
	u64 range[2] = { 2 * PAGE_SIZE, 3 * PAGE_SIZE };

	NEED();
	KT_TRUE(up(&d, &u));
	for (u64 n = 0; n < 8; n++) {
		KT_CHECK_EQ(dx_read(&d, n), dx_old(n));
		if (n != 3)
			evict(&d, n);
	}
	KT_CHECK_EQ(d.mapping->nrshadows, 7);
	kthread_use_mm(u.mm);
	KT_CHECK_EQ(copy_to_user((void *)u.va, range, sizeof(range)), 0);
	KT_CHECK_EQ(d.file->ops->ioctl(d.file, BLKZEROOUT, u.va), 0);
	kthread_unuse_mm(u.mm);
	KT_CHECK_EQ(d.mapping->nrshadows, 5);
	KT_CHECK_EQ(d.mapping->nrpages, 0);
	for (u64 n = 0; n < 8; n++)
		KT_CHECK_EQ(dx_read(&d, n), n >= 2 && n < 5 ? 0 : dx_old(n));
	KT_CHECK_EQ(d.mapping->nrshadows, 0);
	down(&d, &u);
}

KTEST_QUICK(workingset, the_last_close_takes_them_away)
{
	u64 before = pagecache_shadows();
	struct user_memory u;
	struct disk d;

	NEED();
	KT_TRUE(up(&d, &u));
	for (u64 n = 0; n < 8; n++) {
		KT_CHECK_EQ(dx_read(&d, n), dx_old(n));
		evict(&d, n);
	}
	KT_CHECK_EQ(pagecache_shadows(), before + 8);
	down(&d, &u);
	KT_CHECK_EQ(pagecache_shadows(), before);
}

KTEST_QUICK(workingset, there_are_never_many)
{
	struct user_memory u;
	struct disk d;
	s64 refault;

	NEED();
	KT_TRUE(up(&d, &u));
	pagecache_shadow_limit = 6;
	for (u64 n = 0; n < DX_PAGES; n++) {
		KT_CHECK_EQ(dx_read(&d, n), dx_old(n));
		evict(&d, n);
		KT_CHECK_LE(pagecache_shadows(), 6);
	}
	/* The youngest are those that stay. */
	refault = refaults(LRU_FILE);
	KT_CHECK_EQ(dx_read(&d, DX_PAGES - 1), dx_old(DX_PAGES - 1));
	KT_CHECK_EQ(refaults(LRU_FILE), refault + 1);
	KT_CHECK_EQ(dx_read(&d, 0), dx_old(0));
	KT_CHECK_EQ(refaults(LRU_FILE), refault + 1);
	pagecache_shadow_limit = 0;
	down(&d, &u);
}

/* A page that comes back in vain leaves nothing; the next try is a first one. */
KTEST_QUICK(workingset, a_page_that_cannot_be_read_again_leaves_nothing)
{
	u64 word;
	struct user_memory u;
	struct disk d;

	NEED();
	KT_TRUE(up(&d, &u));
	KT_CHECK_EQ(dx_read(&d, 3), dx_old(3));
	evict(&d, 3);
	block_inject_error(d.bdev, BLOCK_READ, 1, false);
	KT_CHECK_EQ(kernel_read(d.file, &word, sizeof(word), 3 * PAGE_SIZE), -EIO);
	KT_CHECK_EQ(d.mapping->nrshadows, 0);
	KT_CHECK_EQ(d.mapping->nrpages, 0);
	KT_CHECK_EQ(dx_read(&d, 3), dx_old(3));
	down(&d, &u);
}

/* Without memory for the page, the shadow waits for the next try. */
KTEST_QUICK(workingset, without_memory_the_shadow_stays)
{
	struct user_memory u;
	struct disk d;
	u64 word;

	NEED();
	KT_TRUE(up(&d, &u));
	KT_CHECK_EQ(dx_read(&d, 3), dx_old(3));
	evict(&d, 3);
	inject_arm(INJECT_PAGE_ALLOC, 1, 1, current);
	KT_CHECK_EQ(kernel_read(d.file, &word, sizeof(word), 3 * PAGE_SIZE), -ENOMEM);
	KT_CHECK_EQ(inject_disarm(INJECT_PAGE_ALLOC), 1);
	KT_CHECK_EQ(d.mapping->nrshadows, 1);
	KT_CHECK_EQ(dx_read(&d, 3), dx_old(3));
	KT_CHECK_EQ(d.mapping->nrshadows, 0);
	down(&d, &u);
}
