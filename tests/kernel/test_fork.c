/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_fork.c - suite fork: a copy that copies no page
 */
#include "mm/fork.h"

#include "kernel/sched/sched.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "mm/pgtable.h"
#include "mm/swap.h"
#include "mm/uaccess.h"
#include "tests/kernel/mm_fixture.h"

#define P(n) ((n) * PAGE_SIZE)

KTEST_QUICK(fork, pages_are_shared_until_one_side_writes)
{
	struct mm *mm = fx_mm(), *child;
	struct page *page;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 2, FX_RW);
	fx_put(FX_BASE, 1);
	page = fx_page(mm, FX_BASE);
	child = fx_fork(mm);
	if (!child)
		goto out;
	KT_CHECK(fx_page(child, FX_BASE) == page);
	KT_CHECK_EQ(page_mapcount(page), 2);
	KT_CHECK(!pte_write(fx_pte(mm, FX_BASE)) && !pte_write(fx_pte(child, FX_BASE)));
	KT_CHECK_EQ(atomic64_read(&child->rss[MM_ANONPAGES]), 1);
	KT_CHECK(fx_put_in(child, FX_BASE, 2));
	KT_CHECK(fx_page(child, FX_BASE) != page);
	KT_CHECK_EQ(fx_get(FX_BASE), 1);
	KT_CHECK_EQ(fx_get_in(child, FX_BASE), 2);
	KT_CHECK_EQ(page_mapcount(page), 1);
	KT_CHECK_EQ(fx_get_in(child, FX_BASE + P(1)), 0);
	mmput(child);
out:
	fx_drop(mm);
}

KTEST_QUICK(fork, the_last_owner_writes_in_place)
{
	struct mm *mm = fx_mm(), *child;
	struct page *page;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	page = fx_page(mm, FX_BASE);
	child = fx_fork(mm);
	if (child)
		mmput(child);
	fx_put(FX_BASE, 2);
	KT_CHECK(fx_page(mm, FX_BASE) == page);
	KT_CHECK(pte_write(fx_pte(mm, FX_BASE)));
	fx_drop(mm);
}

KTEST_QUICK(fork, bounds_and_limits_are_inherited)
{
	struct mm *mm = fx_mm(), *child;

	KT_TRUE(mm);
	mm->start_brk = mm->brk = FX_BASE;
	mm->as_limit = 1UL << 30;
	fx_map(mm, FX_BASE, 1, PROT_READ);
	fx_map(mm, FX_BASE + P(4), 1, FX_RW);
	child = fx_fork(mm);
	if (child) {
		KT_CHECK_EQ(child->brk, FX_BASE);
		KT_CHECK_EQ(child->as_limit, 1UL << 30);
		KT_CHECK_EQ(child->map_count, 2);
		KT_CHECK_EQ(child->total_vm, 2);
		KT_CHECK(child->id != mm->id);
		KT_CHECK(fx_valid(child));
		mmput(child);
	}
	fx_drop(mm);
}

/* Each allocation of a fork fails in turn: all or nothing, and nothing leaks. */
KTEST(fork, every_failed_allocation_is_survived)
{
	enum inject_point point;
	struct mm *mm = fx_mm(), *child;
	u64 nth, fired;
	int i, err;

	KT_TRUE(mm);
	for (i = 0; i < 4; i++) {
		fx_map(mm, FX_BASE + (4UL << 20) * i, 3, i & 1 ? FX_RW : FX_RW | PROT_EXEC);
		fx_put(FX_BASE + (4UL << 20) * i, i + 1);
	}
	for (point = INJECT_PAGE_ALLOC; point <= INJECT_SLAB_ALLOC; point++) {
		for (nth = 1, fired = 1; fired; nth++) {
			inject_arm(point, nth, 1, current);
			err = dup_mm(mm, &child);
			fired = inject_disarm(point);
			KT_CHECK_EQ(err, fired ? -ENOMEM : 0);
			if (!err)
				mmput(child);
		}
		KT_CHECK_GT(nth, 4);
	}
	for (i = 0; i < 4; i++) {
		KT_CHECK_EQ(fx_get(FX_BASE + (4UL << 20) * i), i + 1);
		KT_CHECK_EQ(page_mapcount(fx_page(mm, FX_BASE + (4UL << 20) * i)), 1);
	}
	fx_drop(mm);
}

/* What the child has is the past: the parent's writes must not reach it any more. */
#define BUSY_PAGES 8UL

struct busy {
	bool stop;
	u64 rounds;
};

static int keep_writing(void *arg)
{
	struct busy *busy = arg;
	unsigned long i;

	while (!READ_ONCE(busy->stop)) {
		for (i = 0; i < BUSY_PAGES; i++) {
			if (put_user(busy->rounds, (u64 *)(FX_BASE + P(i))))
				return -EFAULT;
		}
		WRITE_ONCE(busy->rounds, busy->rounds + 1);
		cond_resched();
	}
	return 0;
}

KTEST(fork, a_writing_thread_does_not_reach_the_child)
{
	struct mm *mm = fx_mm(), *child;
	struct busy busy = { 0 };
	u64 first[BUSY_PAGES];
	struct fx_thread t;
	unsigned long i;
	int round;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, BUSY_PAGES, FX_RW);
	if (!fx_start(&t, mm, keep_writing, &busy))
		goto out;
	for (round = 0; round < 30 && !ktest_failed(); round++) {
		u64 until = READ_ONCE(busy.rounds) + 2;

		child = fx_fork(mm);
		if (!child)
			break;
		for (i = 0; i < BUSY_PAGES; i++)
			first[i] = fx_get_in(child, FX_BASE + P(i));
		while (READ_ONCE(busy.rounds) < until)
			yield();
		for (i = 0; i < BUSY_PAGES; i++)
			KT_CHECK_EQ(fx_get_in(child, FX_BASE + P(i)), first[i]);
		mmput(child);
	}
	WRITE_ONCE(busy.stop, true);
	KT_CHECK_EQ(fx_join(&t), 0);
out:
	fx_drop(mm);
}

/* Trees of processes on all CPUs that fork, write, compare and die. */
#define STORM_PAGES 16UL

static int storm_check(struct mm *mm, u64 tag)
{
	unsigned long i;

	for (i = 0; i < STORM_PAGES; i += 3) {
		if (fx_get_in(mm, FX_BASE + P(i)) != tag + i)
			return -EINVAL;
	}
	return 0;
}

static int storm_generation(struct mm *mm, u64 tag, int depth)
{
	struct mm *child;
	unsigned long i;
	int err, n;

	for (n = 0; n < 3; n++) {
		err = dup_mm(mm, &child);
		if (err)
			return err;
		for (i = 0; i < STORM_PAGES; i += 3)
			if (!fx_put_in(child, FX_BASE + P(i), tag + 1000 + i))
				err = -EFAULT;
		if (!err && depth)
			err = storm_generation(child, tag + 1000, depth - 1);
		if (!err)
			err = storm_check(child, tag + 1000);
		mmput(child);
		if (err)
			return err;
	}
	return storm_check(mm, tag);
}

static int storm_thread(void *arg)
{
	struct mm *root = arg, *mm;
	int err = dup_mm(root, &mm);

	if (err)
		return err;
	err = storm_generation(mm, 0, 3);
	mmput(mm);
	return err;
}

KTEST(fork, a_storm_of_relatives_keeps_everyone_apart)
{
	struct mm *mm = fx_mm();
	struct fx_thread t[4];
	unsigned long i;
	int n;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, STORM_PAGES, FX_RW);
	for (i = 0; i < STORM_PAGES; i++)
		fx_put(FX_BASE + P(i), i);
	for (n = 0; n < 4; n++) {
		if (!fx_start(&t[n], NULL, storm_thread, mm))
			break;
	}
	while (n--)
		KT_CHECK_EQ(fx_join(&t[n]), 0);
	for (i = 0; i < STORM_PAGES; i++) {
		KT_CHECK_EQ(fx_get(FX_BASE + P(i)), i);
		KT_CHECK_EQ(page_mapcount(fx_page(mm, FX_BASE + P(i))), 1);
	}
	fx_drop(mm);
}

KTEST_QUICK(fork, swap_entries_are_counted)
{
	struct mm *mm = fx_mm(), *child;
	swp_entry_t entry;

	KT_TRUE(mm);
	if (!fx_have_swap()) {
		fx_drop(mm);
		KT_SKIP("no swap area");
	}
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 9);
	KT_CHECK(fx_unmap_to_swap_cache(mm, FX_BASE));
	entry = pte_swp_entry(fx_pte(mm, FX_BASE));
	KT_CHECK_EQ(swap_slot_count(entry), 2);
	child = fx_fork(mm);
	if (child) {
		KT_CHECK_EQ(swap_slot_count(entry), 3);
		KT_CHECK_EQ(atomic64_read(&child->rss[MM_SWAPENTS]), 1);
		KT_CHECK_EQ(fx_get_in(child, FX_BASE), 9);
		KT_CHECK(fx_put_in(child, FX_BASE, 10));
		KT_CHECK_EQ(swap_slot_count(entry), 2);
		mmput(child);
	}
	KT_CHECK_EQ(fx_get(FX_BASE), 9);
	fx_drop(mm);
}
