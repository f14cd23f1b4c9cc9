/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_swap_readahead.c - suite swap_readahead: windows that grow with use
 *
 * The area is the small disk ram1, whose reads are counted: one for each page.
 */
#include "mm/swap.h"

#include "kernel/block/block.h"
#include "kernel/sched/sched.h"
#include "kernel/test/gate.h"
#include "kernel/test/inject.h"
#include "mm/buddy.h"
#include "mm/fault.h"
#include "mm/gfp.h"
#include "mm/mmap.h"
#include "mm/slab.h"
#include "tests/kernel/kt_thread.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/user_memory.h"

#define NR 40

static struct block_device *disk(void)
{
	return block_find("ram1");
}

#define KT_NEED_DISK()							\
	do {								\
		if (!disk())						\
			KT_SKIP("there is no ram1");			\
	} while (0)

static u64 nr_reads(void)
{
	struct block_stats stats;

	block_stats(disk(), &stats);
	return stats.submitted[BLOCK_READ];
}

/* Memory that lies in slots of an area on ram1, page by page, with 100 + i in it. */
static bool setup(struct user_memory *u, unsigned long nr)
{
	if (!KT_CHECK_GE(swap_area_add(disk(), 30000), 0) || !user_memory_up(u, nr) ||
	    !KT_CHECK(user_memory_write(u, 100)))
		return false;
	for (unsigned long i = 0; i < nr; i++)
		if (!KT_CHECK(fx_swap_out(u->mm, user_memory_va(u, i))))
			return false;
	return true;
}

static void teardown(struct user_memory *u)
{
	if (u->mm)
		KT_CHECK(user_memory_verify(u, 100));
	KT_CHECK_EQ(swapoff(disk()), 0);
	user_memory_down(u);
}

/* Is page @i in the swap cache and mapped by nobody: read ahead? */
static bool is_ahead(struct user_memory *u, unsigned long i)
{
	pte_t pte = user_memory_pte(u, i);
	struct page *page;

	if (!pte_is_swap(pte))
		return false;
	page = swap_cache_find(pte_swp_entry(pte));
	if (page)
		put_page(page);
	return page != NULL;
}

/* Fault page @i in. Return: the pages that are ahead now, as a bit each. */
static u64 touch(struct user_memory *u, unsigned long i)
{
	u64 ahead = 0;

	KT_CHECK_EQ(mm_fault(u->mm, user_memory_va(u, i), FAULT_REMOTE), FAULT_DONE);
	for (unsigned long k = 0; k < u->nr; k++)
		ahead |= is_ahead(u, k) ? BIT(k) : 0;
	return ahead;
}

/* Bits [first, end). */
static u64 pages(unsigned int first, unsigned int end)
{
	return BIT(end) - BIT(first);
}

KTEST_QUICK(swap_readahead, one_fault_alone_reads_one_page)
{
	struct user_memory u;
	u64 before;

	KT_NEED_DISK();
	KT_TRUE(setup(&u, NR));
	before = nr_reads();
	KT_CHECK_EQ(touch(&u, 5), 0);
	KT_CHECK_EQ(touch(&u, 20), 0);
	KT_CHECK_EQ(nr_reads(), before + 2);
	teardown(&u);
}

KTEST_QUICK(swap_readahead, the_window_grows_when_it_is_used)
{
	s64 ahead = atomic64_read(&vmstat.swap_ra), hits = atomic64_read(&vmstat.swap_ra_hit);
	struct user_memory u;
	u64 before;

	KT_NEED_DISK();
	KT_TRUE(setup(&u, NR));
	before = nr_reads();
	KT_CHECK_EQ(touch(&u, 5), 0);
	KT_CHECK_EQ(touch(&u, 6), pages(7, 10));
	KT_CHECK_EQ(atomic64_read(&vmstat.swap_ra), ahead + 3);
	KT_CHECK_EQ(touch(&u, 7), pages(8, 10));
	KT_CHECK_EQ(touch(&u, 8), pages(9, 10));
	KT_CHECK_EQ(touch(&u, 9), 0);
	KT_CHECK_EQ(atomic64_read(&vmstat.swap_ra_hit), hits + 3);
	KT_CHECK_EQ(touch(&u, 10), pages(11, 18));
	/* nothing was read twice, and nothing that was not there to read */
	KT_CHECK_EQ(nr_reads(), before + 13);
	teardown(&u);
}

KTEST_QUICK(swap_readahead, a_step_down_reads_downward)
{
	struct user_memory u;

	KT_NEED_DISK();
	KT_TRUE(setup(&u, NR));
	KT_CHECK_EQ(touch(&u, 20), 0);
	KT_CHECK_EQ(touch(&u, 19), pages(16, 19));
	teardown(&u);
}

KTEST_QUICK(swap_readahead, a_useless_window_closes)
{
	struct user_memory u;

	KT_NEED_DISK();
	KT_TRUE(setup(&u, NR));
	(void)touch(&u, 0);
	KT_CHECK_EQ(touch(&u, 1), pages(2, 5));
	/* elsewhere: half of it around the page, then nothing */
	KT_CHECK_EQ(touch(&u, 20), pages(2, 5) | pages(19, 20));
	KT_CHECK_EQ(touch(&u, 30), pages(2, 5) | pages(19, 20));
	teardown(&u);
}

KTEST_QUICK(swap_readahead, the_window_ends_at_the_vma)
{
	struct user_memory u;

	KT_NEED_DISK();
	KT_TRUE(setup(&u, NR));
	down_write(&u.mm->mmap_lock);
	KT_CHECK_EQ(do_mprotect(u.mm, user_memory_va(&u, 8), 8 * PAGE_SIZE, PROT_READ), 0);
	up_write(&u.mm->mmap_lock);
	(void)touch(&u, 5);
	KT_CHECK_EQ(touch(&u, 6), pages(7, 8));
	(void)touch(&u, 9);
	KT_CHECK_EQ(touch(&u, 8), pages(7, 8));		/* below it another VMA begins */
	(void)touch(&u, NR - 2);
	KT_CHECK_EQ(touch(&u, NR - 1), pages(7, 8));
	teardown(&u);
}

static int touch_six(void *data)
{
	struct user_memory *u = data;

	return mm_fault(u->mm, user_memory_va(u, 6), FAULT_REMOTE);
}

/* The neighbour's entry is read, then it is dropped, and its slot free: not to be read. */
KTEST(swap_readahead, a_free_slot_is_never_read)
{
	struct user_memory u;
	struct task *fault;
	swp_entry_t entry;
	u64 before;

	KT_NEED_GATES();
	KT_NEED_DISK();
	KT_TRUE(setup(&u, NR));
	(void)touch(&u, 5);
	entry = pte_swp_entry(user_memory_pte(&u, 7));
	before = nr_reads();
	gate_arm("swap_readahead.entry", u.mm);
	fault = kt_spawn(touch_six, &u);
	KT_CHECK(gate_wait("swap_readahead.entry"));
	down_read(&u.mm->mmap_lock);
	KT_CHECK_EQ(do_madvise(u.mm, user_memory_va(&u, 7), PAGE_SIZE, MADV_DONTNEED), 0);
	up_read(&u.mm->mmap_lock);
	KT_CHECK_EQ(swap_slot_count(entry), 0);
	gate_open("swap_readahead.entry");
	KT_CHECK_EQ(kt_join(fault), FAULT_DONE);
	KT_CHECK(swap_cache_find(entry) == NULL);
	KT_CHECK_EQ(swap_slot_count(entry), 0);
	KT_CHECK_EQ(nr_reads(), before + 3);		/* 6, and 8 and 9 */
	user_memory_down(&u);
	KT_CHECK_EQ(swapoff(disk()), 0);
}

KTEST_QUICK(swap_readahead, a_page_read_ahead_in_vain_is_read_again)
{
	struct user_memory u;

	KT_NEED_DISK();
	KT_TRUE(setup(&u, NR));
	(void)touch(&u, 5);
	block_inject_error(disk(), BLOCK_READ, 2, false);	/* 6 is good, 7 is not */
	(void)touch(&u, 6);
	block_drain(disk());
	KT_CHECK(!is_ahead(&u, 7));
	KT_CHECK(is_ahead(&u, 8) && is_ahead(&u, 9));
	KT_CHECK_EQ(mm_fault(u.mm, user_memory_va(&u, 7), FAULT_REMOTE), FAULT_DONE);
	teardown(&u);
}

/* The same when somebody waits for the page already. */
static int touch_seven(void *data)
{
	struct user_memory *u = data;

	return mm_fault(u->mm, user_memory_va(u, 7), FAULT_REMOTE);
}

KTEST(swap_readahead, who_waits_for_a_failed_page_reads_it_himself)
{
	struct task *six, *seven;
	struct user_memory u;

	KT_NEED_DISK();
	KT_TRUE(setup(&u, NR));
	(void)touch(&u, 5);
	block_inject_stall(disk(), true);
	block_inject_error(disk(), BLOCK_READ, 2, false);
	six = kt_spawn(touch_six, &u);
	KT_CHECK(kt_wait_until(is_ahead(&u, 9)));
	seven = kt_spawn(touch_seven, &u);
	KT_CHECK(kt_wait_until(kt_asleep(seven)));
	block_inject_stall(disk(), false);
	KT_CHECK_EQ(kt_join(six), FAULT_DONE);
	KT_CHECK_EQ(kt_join(seven), FAULT_DONE);
	teardown(&u);
}

KTEST_QUICK(swap_readahead, it_ends_where_memory_ends)
{
	struct user_memory u;

	KT_NEED_DISK();
	KT_TRUE(setup(&u, NR));
	(void)touch(&u, 5);
	inject_arm(INJECT_PAGE_ALLOC, 2, 1, current);	/* 6 has a page, 7 has none */
	KT_CHECK_EQ(touch(&u, 6), 0);
	KT_CHECK_EQ(inject_disarm(INJECT_PAGE_ALLOC), 1);
	teardown(&u);
}

/* Below the low watermark a fault takes what it needs, and no more. */
KTEST(swap_readahead, it_waits_for_better_times)
{
	struct user_memory u;
	LIST_HEAD(taken);
	u64 before;

	KT_NEED_GATES();
	KT_NEED_DISK();
	KT_TRUE(setup(&u, NR));
	(void)touch(&u, 5);
	gate_arm("reclaim.kswapd", NULL);	/* the fault wakes it: it stays poor, too */
	/* Nor may the fault have to free memory itself: there are pages of files to free. */
	buddy_drain_all();
	for (struct page *page; nr_free_pages() > buddy_marks()->min + 16;) {
		page = KT_GET(alloc_page(__GFP_HIGH | __GFP_NOWARN));
		if (!KT_CHECK(page != NULL))
			break;
		list_add(&page->lru, &taken);
	}
	before = nr_reads();
	KT_CHECK_EQ(touch(&u, 6), 0);
	KT_CHECK_EQ(nr_reads(), before + 1);
	KT_CHECK_LT(nr_free_pages(), buddy_marks()->low);
	while (!list_empty(&taken)) {
		struct page *page = list_first_entry(&taken, struct page, lru);

		list_del(&page->lru);
		put_page(page);
	}
	gate_open("reclaim.kswapd");
	teardown(&u);
}

/* Reading ahead of a busy device would queue before what others will wait for. */
#define CROWD 33

KTEST_QUICK(swap_readahead, it_does_not_crowd_the_device)
{
	static struct page *page[CROWD];
	struct user_memory u;
	swp_entry_t entry;
	struct task *six;

	KT_NEED_DISK();
	KT_TRUE(setup(&u, 12));
	(void)touch(&u, 5);
	block_inject_stall(disk(), true);
	for (unsigned int i = 0; i < CROWD; i++) {
		page[i] = KT_GET(alloc_page(GFP_KERNEL));
		KT_CHECK(page[i] && !swap_slot_alloc(&entry));
		page_lock(page[i]);
		KT_CHECK_EQ(swap_cache_add(page[i], entry), 0);
		swap_read(page[i]);
	}
	six = kt_spawn(touch_six, &u);
	KT_CHECK(kt_wait_until(kt_asleep(six)));
	KT_CHECK(is_ahead(&u, 6));			/* being read, for the fault */
	KT_CHECK(!is_ahead(&u, 7) && !is_ahead(&u, 8) && !is_ahead(&u, 9));
	block_inject_stall(disk(), false);
	KT_CHECK_EQ(kt_join(six), FAULT_DONE);
	for (unsigned int i = 0; i < CROWD; i++) {
		page_lock(page[i]);
		swap_cache_del(page[i]);
		page_unlock(page[i]);
		put_page(page[i]);
	}
	teardown(&u);
}

/* All are asked for while the first is still on its way, and nobody waits. */
KTEST_QUICK(swap_readahead, willneed_asks_for_all_at_once)
{
	struct user_memory u;
	u64 before;

	KT_NEED_DISK();
	KT_TRUE(setup(&u, 8));
	before = nr_reads();
	block_inject_latency(disk(), 20);
	down_read(&u.mm->mmap_lock);
	KT_CHECK_EQ(do_madvise(u.mm, u.va, 8 * PAGE_SIZE, MADV_WILLNEED), 0);
	up_read(&u.mm->mmap_lock);
	KT_CHECK_EQ(nr_reads(), before + 8);
	KT_CHECK_GE(swap_io_pending(), 7);
	KT_CHECK(is_ahead(&u, 0) && is_ahead(&u, 7));
	block_inject_latency(disk(), 0);
	while (swap_io_pending())
		page_io_wait(1);
	KT_CHECK(user_memory_verify(&u, 100));
	KT_CHECK_EQ(nr_reads(), before + 8);
	teardown(&u);
}

/* A wish: what fails leaves no trace, and is read when it is wanted. */
KTEST_QUICK(swap_readahead, willneed_may_fail)
{
	struct user_memory u;

	KT_NEED_DISK();
	KT_TRUE(setup(&u, 8));
	down_read(&u.mm->mmap_lock);
	inject_arm(INJECT_PAGE_ALLOC, 3, 1, current);
	KT_CHECK_EQ(do_madvise(u.mm, u.va, 8 * PAGE_SIZE, MADV_WILLNEED), 0);
	KT_CHECK_EQ(inject_disarm(INJECT_PAGE_ALLOC), 1);
	KT_CHECK(!is_ahead(&u, 2));	/* the third at the latest: nodes need memory, too */
	inject_arm(INJECT_SWAP_READ, 2, 1, NULL);
	KT_CHECK_EQ(do_madvise(u.mm, u.va, 8 * PAGE_SIZE, MADV_WILLNEED), 0);
	up_read(&u.mm->mmap_lock);
	while (swap_io_pending())
		page_io_wait(1);
	KT_CHECK_EQ(inject_disarm(INJECT_SWAP_READ), 1);
	KT_CHECK(user_memory_verify(&u, 100));
	teardown(&u);
}
