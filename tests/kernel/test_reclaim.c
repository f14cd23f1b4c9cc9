/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_reclaim.c - suite reclaim: pages leave and come back
 */
#include "mm/swap.h"

#include "kernel/block/block.h"
#include "kernel/sched/sched.h"
#include "kernel/test/gate.h"
#include "kernel/test/inject.h"
#include "mm/buddy.h"
#include "mm/fault.h"
#include "mm/fork.h"
#include "mm/gfp.h"
#include "mm/page_io.h"
#include "tests/kernel/kt_thread.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/threads.h"
#include "tests/kernel/user_memory.h"

#define KT_NEED_SWAP()							\
	do {								\
		if (!swap_area_slots(0))				\
			KT_SKIP("there is no swap area");		\
	} while (0)

static unsigned long nr_swapped(struct user_memory *u)
{
	unsigned long n = 0;

	for (unsigned long i = 0; i < u->nr; i++)
		n += pte_is_swap(user_memory_pte(u, i));
	return n;
}

/* Reclaim until every page of @u is out, or it does not help any more. */
static bool swap_all_out(struct user_memory *u)
{
	for (unsigned int i = 0; i < 100 && nr_swapped(u) < u->nr; i++)
		reclaim_pages(u->nr);
	return nr_swapped(u) == u->nr;
}

KTEST_QUICK(reclaim, pages_go_out_and_come_back)
{
	struct user_memory u;

	KT_NEED_SWAP();
	KT_TRUE(user_memory_up(&u, 64));
	KT_CHECK(user_memory_write(&u, 1000));
	KT_CHECK(swap_all_out(&u));
	KT_CHECK_EQ(atomic64_read(&u.mm->rss[MM_ANONPAGES]), 0);
	KT_CHECK_EQ(atomic64_read(&u.mm->rss[MM_SWAPENTS]), 64);
	KT_CHECK(user_memory_verify(&u, 1000));
	KT_CHECK_EQ(atomic64_read(&u.mm->rss[MM_ANONPAGES]), 64);
	KT_CHECK_EQ(atomic64_read(&u.mm->rss[MM_SWAPENTS]), 0);
	user_memory_down(&u);
}

KTEST(reclaim, many_rounds_lose_nothing)
{
	struct user_memory u;

	KT_NEED_SWAP();
	KT_TRUE(user_memory_up(&u, 128));
	for (unsigned int round = 0; round < 8; round++) {
		KT_CHECK(user_memory_write(&u, round * 10000));
		for (unsigned int i = 0; i <= round; i++)
			reclaim_pages(32);
		KT_CHECK(user_memory_verify(&u, round * 10000));
	}
	user_memory_down(&u);
}

KTEST(reclaim, a_clean_page_is_not_written_again)
{
	struct user_memory u;
	s64 out;

	KT_NEED_SWAP();
	KT_TRUE(user_memory_up(&u, 16));
	KT_CHECK(user_memory_write(&u, 7));
	KT_CHECK(swap_all_out(&u));
	user_memory_all_out();
	KT_CHECK(user_memory_verify(&u, 7));
	out = atomic64_read(&vmstat.pswpout);
	KT_CHECK(swap_all_out(&u));
	/* read only since: still in the cache, the slot still has the bytes */
	KT_CHECK_EQ(atomic64_read(&vmstat.pswpout), out);
	KT_CHECK(user_memory_verify(&u, 7));
	user_memory_down(&u);
}

static int stand_in_mm(void *data)
{
	struct user_memory *u = data;
	bool ok = user_memory_verify(u, 7);

	gate_point("test.in_mm", u->mm);
	return ok ? 0 : -EFAULT;
}

/* A clean page is freed by the batch that unmaps it: other CPUs must have flushed by then. */
KTEST(reclaim, a_batch_is_flushed_before_its_pages_are_free)
{
	struct user_memory u;
	struct task *other;
	struct page *page;

	KT_NEED_GATES();
	KT_NEED_CPUS(2);
	KT_NEED_SWAP();
	KT_TRUE(user_memory_up(&u, 1));
	KT_CHECK(user_memory_write(&u, 7));
	KT_CHECK(swap_all_out(&u));
	while (swap_io_pending())
		page_io_wait(1);
	gate_arm("test.in_mm", u.mm);
	other = kt_spawn_on(1, stand_in_mm, &u);	/* its CPU keeps the mm loaded */
	if (KT_CHECK(gate_wait("test.in_mm"))) {
		KT_CHECK(u.mm->tlb.cpumask & BIT(1));
		for (unsigned int look = 0; look < 5 && (page = user_memory_page(&u, 0)); look++) {
			LIST_HEAD(batch);

			if (lru_isolate_page(page))
				list_add_tail(&page->lru, &batch);
			reclaim_isolated(&batch);
		}
		KT_CHECK(pte_is_swap(user_memory_pte(&u, 0)));
		gate_open("test.in_mm");
	}
	KT_CHECK_EQ(kt_join(other), 0);
	KT_CHECK(user_memory_verify(&u, 7));
	user_memory_down(&u);
}

KTEST(reclaim, a_used_page_gets_a_second_chance)
{
	struct user_memory u;
	struct page *hot;

	KT_NEED_SWAP();
	KT_TRUE(user_memory_up(&u, 4));
	KT_CHECK(user_memory_write(&u, 7));
	hot = user_memory_page(&u, 0);
	KT_CHECK(hot != NULL);
	/* referenced through the PTE's accessed bit: the first look spares it */
	lru_del(hot);
	lru_add(hot, false);
	lru_rotate(hot);
	reclaim_pages(1);
	KT_CHECK(user_memory_page(&u, 0) == hot || !user_memory_page(&u, 1));
	KT_CHECK(user_memory_verify(&u, 7));
	user_memory_down(&u);
}

KTEST(reclaim, shared_pages_leave_every_mm)
{
	struct user_memory u, child;

	KT_NEED_SWAP();
	KT_TRUE(user_memory_up(&u, 16));
	KT_CHECK(user_memory_write(&u, 300));
	child = u;
	KT_CHECK_EQ(dup_mm(u.mm, &child.mm), 0);
	KT_CHECK(swap_all_out(&u));
	KT_CHECK_EQ(nr_swapped(&child), 16);
	KT_CHECK_GE(swap_slot_count(pte_swp_entry(user_memory_pte(&u, 0))), 2);
	KT_CHECK(user_memory_verify(&child, 300));
	KT_CHECK(user_memory_write(&child, 900));
	KT_CHECK(user_memory_verify(&u, 300));
	user_memory_down(&child);
	KT_CHECK(user_memory_verify(&u, 300));
	user_memory_down(&u);
}

KTEST(reclaim, an_mm_may_die_while_it_is_swapped_out)
{
	struct user_memory u;
	u64 before;

	KT_NEED_SWAP();
	before = fx_slots_used();
	KT_TRUE(user_memory_up(&u, 64));
	KT_CHECK(user_memory_write(&u, 7));
	KT_CHECK(swap_all_out(&u));
	user_memory_down(&u);
	while (swap_io_pending())
		page_io_wait(1);
	reclaim_pages(64);
	KT_CHECK_LE(fx_slots_used(), before);
}

/* A write that fails: the page is dirty in the cache, its bytes are there. */
KTEST(reclaim, a_disk_that_fails_loses_nothing)
{
	struct user_memory u;

	KT_NEED_SWAP();
	KT_TRUE(user_memory_up(&u, 32));
	KT_CHECK(user_memory_write(&u, 5000));
	inject_arm(INJECT_SWAP_WRITE, 1, 8, NULL);
	for (unsigned int i = 0; i < 10; i++)
		reclaim_pages(32);
	KT_CHECK_EQ(inject_disarm(INJECT_SWAP_WRITE), 8);
	KT_CHECK(user_memory_verify(&u, 5000));
	KT_CHECK(swap_all_out(&u) || nr_swapped(&u) >= 24);
	KT_CHECK(user_memory_verify(&u, 5000));
	user_memory_down(&u);
}

/* More memory than the machine has free: kswapd and direct reclaim keep it going. */
static int fill_memory(void *arg, unsigned int n)
{
	struct user_memory u;
	int bad;

	if (!user_memory_up(&u, *(unsigned long *)arg))
		return 1;
	bad = !user_memory_write(&u, (u64)n << 32);
	bad += !user_memory_verify(&u, (u64)n << 32);
	user_memory_down(&u);
	return bad;
}

KTEST(reclaim, more_than_fits)
{
	struct swap_info swap;
	unsigned long each;

	KT_NEED_SWAP();
	swap_slot_info(&swap);
	if (nr_free_pages() > 40000)
		KT_SKIP("memory is too large to fill in a test");
	each = (nr_free_pages() + (swap.total - swap.used) / 2) / 2;
	KT_CHECK_EQ(test_threads(2, fill_memory, &each), 0);
	KT_CHECK_GT(atomic64_read(&vmstat.pgsteal[LRU_ANON]), 0);
}

/* Stopped between unmap and free: whoever comes with the entry gets the page, alive. */
static int reclaim_until_stopped(void *data)
{
	(void)data;
	while (!kthread_should_stop()) {
		reclaim_pages(16);
		(void)schedule_timeout_uninterruptible(1);
	}
	return 0;
}

KTEST(reclaim, a_fault_between_unmap_and_free_keeps_the_page)
{
	struct page *page, *found;
	struct user_memory u;
	struct task *task;
	pte_t pte;

	KT_NEED_GATES();
	KT_NEED_SWAP();
	KT_TRUE(user_memory_up(&u, 1));
	KT_CHECK(user_memory_write(&u, 600));
	page = user_memory_page(&u, 0);
	KT_TRUE(page);
	gate_arm("reclaim.finish", page);
	KT_EQ(kthread_run(&task, reclaim_until_stopped, NULL, "reclaimer"), 0);
	if (KT_CHECK(gate_wait("reclaim.finish"))) {
		pte = user_memory_pte(&u, 0);
		KT_CHECK(pte_is_swap(pte) && !page_mapped(page));
		KT_CHECK(page_test(page, PG_locked) && page_test(page, PG_swapcache));
		found = swap_cache_find(pte_swp_entry(pte));
		KT_CHECK(found == page);
		gate_open("reclaim.finish");
		kthread_stop(task);
		KT_CHECK(user_memory_verify(&u, 600));
		KT_CHECK(user_memory_page(&u, 0) == page);
		if (found)
			put_page(found);
	} else {
		kthread_stop(task);
	}
	user_memory_down(&u);
}

/* kswapd alone brings free memory back above the high watermark. */
KTEST(reclaim, kswapd_refills)
{
	struct user_memory u;
	unsigned int waited = 0;

	KT_NEED_SWAP();
	if (nr_free_pages() > 40000)
		KT_SKIP("memory is too large to fill in a test");
	KT_TRUE(user_memory_up(&u, nr_free_pages() - buddy_marks()->min / 2));
	KT_CHECK(user_memory_write(&u, 11));
	kswapd_wake();
	while (nr_free_pages() < buddy_marks()->high && waited++ < 300)
		(void)schedule_timeout_uninterruptible(1);
	KT_CHECK_GE(nr_free_pages() + 32, buddy_marks()->high);
	u.nr = min(u.nr, 500UL);	/* more_than_fits reads everything back */
	KT_CHECK(user_memory_verify(&u, 11));
	user_memory_down(&u);
}

/* No swap and no memory: the fault says so, and everything is as before afterwards. */
KTEST(reclaim, memory_ends_with_an_error)
{
	static swp_entry_t taken[40000];
	struct user_memory u;
	unsigned int n = 0;
	unsigned long i;
	int result = FAULT_DONE;

	if (nr_free_pages() > 40000)
		KT_SKIP("memory is too large to fill in a test");
	while (n < ARRAY_SIZE(taken) && !swap_slot_alloc(&taken[n]))
		n++;
	if (!KT_CHECK_LT(n, ARRAY_SIZE(taken)))
		goto out;
	KT_CHECK(user_memory_up(&u, nr_free_pages() + 64));
	for (i = 0; i < u.nr && result == FAULT_DONE; i++)
		result = mm_fault(u.mm, user_memory_va(&u, i), FAULT_WRITE | FAULT_REMOTE);
	KT_CHECK_EQ(result, FAULT_OOM);
	KT_CHECK_GT(nr_free_pages(), 0);
	user_memory_down(&u);
out:
	while (n-- > 0)
		swap_slot_put(taken[n]);
}

/* Threads write and verify while others reclaim under them, on all CPUs. */
static int storm(void *arg, unsigned int n)
{
	struct user_memory u;
	int bad = 0;

	(void)arg;
	if (n >= 2) {
		for (unsigned int i = 0; i < 60; i++) {
			reclaim_pages(16);
			cond_resched();
		}
		return 0;
	}
	if (!user_memory_up(&u, 96))
		return 1;
	for (u64 round = 1; round <= 12; round++) {
		bad += !user_memory_write(&u, (u64)n << 40 | round << 20);
		bad += !user_memory_verify(&u, (u64)n << 40 | round << 20);
	}
	user_memory_down(&u);
	return bad;
}

KTEST(reclaim, storm_of_writers_and_reclaimers)
{
	KT_NEED_SWAP();
	KT_EQ(test_threads(4, storm, NULL), 0);
	KT_EQ(swap_cache_check() + lru_check(), 0);
}

KTEST(reclaim, works_until_slots_end)
{
	struct user_memory u;
	struct swap_info swap;
	static swp_entry_t taken[40000];
	unsigned int n = 0;

	KT_NEED_SWAP();
	KT_TRUE(user_memory_up(&u, 32));
	KT_CHECK(user_memory_write(&u, 42));
	while (n < ARRAY_SIZE(taken) && !swap_slot_alloc(&taken[n]))
		n++;
	swap_slot_info(&swap);
	if (n < ARRAY_SIZE(taken)) {
		KT_CHECK_EQ(swap.used, swap.total);
		reclaim_pages(32);
		KT_CHECK_EQ(nr_swapped(&u), 0);
	}
	while (n-- > 0)
		swap_slot_put(taken[n]);
	KT_CHECK(user_memory_verify(&u, 42));
	KT_CHECK(swap_all_out(&u));
	user_memory_down(&u);
}
