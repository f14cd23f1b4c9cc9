/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_mremap.c - suite mremap: longer, shorter, elsewhere
 */
#include "mm/mmap.h"

#include "kernel/sched/sched.h"
#include "kernel/test/gate.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "mm/pgtable.h"
#include "mm/rmap.h"
#include "mm/uaccess.h"
#include "tests/kernel/mm_fixture.h"

#define P(n) ((n) * PAGE_SIZE)

KTEST_QUICK(mremap, grows_and_shrinks_in_place)
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 4, FX_RW);
	fx_put(FX_BASE + P(3), 3);
	KT_CHECK_EQ(sys_mremap(FX_BASE, P(4), P(8), 0, 0), (long)FX_BASE);
	fx_put(FX_BASE + P(7), 7);
	KT_CHECK_EQ(sys_mremap(FX_BASE, P(8), P(2), 0, 0), (long)FX_BASE);
	KT_CHECK_EQ(mm->total_vm, 2);
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_ANONPAGES]), 0);
	fx_map(mm, FX_BASE + P(3), 1, PROT_READ);
	KT_CHECK_EQ(sys_mremap(FX_BASE, P(2), P(4), 0, 0), -ENOMEM);
	KT_CHECK_EQ(sys_mremap(FX_BASE, P(2), P(3), 0, 0), (long)FX_BASE);
	KT_CHECK(fx_valid(mm));
	fx_drop(mm);
}

KTEST_QUICK(mremap, wrong_arguments_are_refused)
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 4, FX_RW);
	KT_CHECK_EQ(sys_mremap(FX_BASE + 1, P(1), P(1), 0, 0), -EINVAL);
	KT_CHECK_EQ(sys_mremap(FX_BASE, P(1), 0, 0, 0), -EINVAL);
	KT_CHECK_EQ(sys_mremap(FX_BASE, P(1), P(1), 64, 0), -EINVAL);
	KT_CHECK_EQ(sys_mremap(FX_BASE, P(1), P(1), MREMAP_FIXED, FX_BASE + P(8)), -EINVAL);
	KT_CHECK_EQ(sys_mremap(FX_BASE, P(4), P(4), MREMAP_MAYMOVE | MREMAP_FIXED,
			       FX_BASE + P(2)), -EINVAL);
	KT_CHECK_EQ(sys_mremap(FX_BASE + P(3), P(2), P(3), MREMAP_MAYMOVE, 0), -EFAULT);
	KT_CHECK_EQ(sys_mremap(FX_BASE, 0, P(1), MREMAP_MAYMOVE, 0), -EINVAL);
	KT_CHECK_EQ(sys_mremap(FX_BASE + P(9), P(1), P(1), MREMAP_MAYMOVE, 0), -EFAULT);
	KT_CHECK_EQ(mm->total_vm, 4);
	fx_drop(mm);
}

/* The frames go along, their reverse maps stay true, the old place is empty. */
KTEST_QUICK(mremap, a_move_takes_the_pages_along)
{
	unsigned long to = FX_BASE + (7UL << 20) + P(100);
	struct page *pages[600];
	struct mm *mm = fx_mm();
	unsigned long i, at;
	u64 word = 0;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 600, FX_RW);
	for (i = 0; i < 600; i += 7) {
		fx_put(FX_BASE + P(i), i + 1);
		pages[i] = fx_page(mm, FX_BASE + P(i));
	}
	at = (unsigned long)KT_TRY(sys_mremap(FX_BASE, P(600), P(600),
						MREMAP_MAYMOVE | MREMAP_FIXED, to));
	if (!KT_CHECK_EQ(at, to))
		goto out;
	for (i = 0; i < 600; i += 7) {
		KT_CHECK_EQ(fx_get(to + P(i)), i + 1);
		if (!KT_CHECK(fx_page(mm, to + P(i)) == pages[i]))
			break;
		page_lock(pages[i]);
		KT_CHECK_EQ(rmap_count_ptes(pages[i]), 1);
		page_unlock(pages[i]);
	}
	KT_CHECK_EQ(get_user(word, (u64 *)FX_BASE), -EFAULT);
	KT_CHECK_EQ(word, 0);
	KT_CHECK_EQ(mm->total_vm, 600);
	KT_CHECK_EQ(fx_nr_vmas(mm), 1);
	KT_CHECK(fx_valid(mm));
out:
	fx_drop(mm);
}

KTEST_QUICK(mremap, part_of_a_range_moves_and_the_rest_stays)
{
	struct mm *mm = fx_mm(), *child;
	unsigned long at, i;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 9, FX_RW);
	for (i = 0; i < 9; i++)
		fx_put(FX_BASE + P(i), i + 1);
	child = fx_fork(mm);
	at = (unsigned long)KT_TRY(sys_mremap(FX_BASE + P(3), P(3), P(5), MREMAP_MAYMOVE, 0));
	KT_CHECK_EQ(fx_nr_vmas(mm), 3);
	KT_CHECK_EQ(fx_get(at + P(2)), 6);
	KT_CHECK_EQ(fx_get(at + P(4)), 0);
	KT_CHECK_EQ(fx_get(FX_BASE + P(2)), 3);
	KT_CHECK_EQ(fx_get(FX_BASE + P(6)), 7);
	fx_put(at + P(1), 99);
	if (child) {
		KT_CHECK_EQ(fx_get_in(child, FX_BASE + P(4)), 5);
		mmput(child);
	}
	fx_drop(mm);
}

/* Three VMAs and a hole: all go, and the hole keeps what was at the other place. */
KTEST_QUICK(mremap, a_move_to_a_place_takes_every_mapping_along)
{
	unsigned long to = FX_BASE + P(32);
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 8, FX_RW);
	for (unsigned long i = 0; i < 8; i++)
		fx_put(FX_BASE + P(i), i + 1);
	KT_CHECK_EQ(sys_mprotect(FX_BASE + P(2), P(1), PROT_READ), 0);
	KT_CHECK_EQ(sys_munmap(FX_BASE + P(5), P(1)), 0);
	fx_map(mm, to, 8, FX_RW);
	fx_put(to + P(5), 50);
	fx_put(to + P(6), 60);
	KT_CHECK_EQ(sys_mremap(FX_BASE + P(1), P(7), P(7), MREMAP_MAYMOVE | MREMAP_FIXED,
			       to + P(1)), (long)(to + P(1)));
	for (unsigned long i = 1; i < 8; i++)
		KT_CHECK_EQ(fx_get(to + P(i)), i == 5 ? 50 : i + 1);
	KT_CHECK_EQ(fx_get(FX_BASE), 1);
	KT_CHECK_EQ(mm->total_vm, 9);
	KT_CHECK(!(find_vma(mm, to + P(2))->flags & VM_WRITE));
	KT_CHECK_EQ(sys_mremap(FX_BASE + P(1), P(7), P(7), MREMAP_MAYMOVE | MREMAP_FIXED,
			       to), -EFAULT);
	KT_CHECK_EQ(sys_mremap(to + P(1), P(7), P(2), MREMAP_MAYMOVE | MREMAP_FIXED,
			       FX_BASE + P(1)), -EFAULT);
	KT_CHECK_EQ(sys_mremap(to + P(1), P(7), P(1), MREMAP_MAYMOVE | MREMAP_FIXED,
			       FX_BASE + P(1)), (long)(FX_BASE + P(1)));
	KT_CHECK(fx_valid(mm));
	fx_drop(mm);
}

KTEST_QUICK(mremap, dontunmap_leaves_an_empty_range_behind)
{
	struct mm *mm = fx_mm();
	unsigned long at;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 3, FX_RW);
	fx_put(FX_BASE + P(1), 5);
	at = (unsigned long)KT_TRY(sys_mremap(FX_BASE, P(3), P(3),
						MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0));
	KT_CHECK_NE(at, FX_BASE);
	KT_CHECK_EQ(fx_get(at + P(1)), 5);
	KT_CHECK_EQ(fx_get(FX_BASE + P(1)), 0);
	KT_CHECK_EQ(mm->total_vm, 6);
	fx_drop(mm);
}

/* A tail is cut off whatever it consists of; only growing and moving want one VMA. */
KTEST_QUICK(mremap, shrinking_does_not_ask_what_the_tail_is)
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 2, FX_RW);
	fx_map(mm, FX_BASE + P(2), 1, PROT_READ);
	KT_CHECK_EQ(sys_mremap(FX_BASE, P(3), P(4), MREMAP_MAYMOVE, 0), -EFAULT);
	KT_CHECK_EQ(sys_mremap(FX_BASE, P(9), P(9), 0, 0), (long)FX_BASE);
	KT_CHECK_EQ(mm->total_vm, 3);
	KT_CHECK_EQ(sys_mremap(FX_BASE, P(9), P(1), 0, 0), (long)FX_BASE);
	KT_CHECK_EQ(mm->total_vm, 1);
	KT_CHECK_EQ(sys_mremap(FX_BASE + P(1), P(2), P(1), 0, 0), -EFAULT);
	KT_CHECK(fx_valid(mm));
	fx_drop(mm);
}

/* An old length of 0, or a move that leaves its source, shows shared pages twice. */
KTEST_QUICK(mremap, shared_memory_appears_a_second_time)
{
	const unsigned long prot = FX_RW, flags = MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED;
	struct mm *mm = fx_mm();
	unsigned long at, kept;

	KT_TRUE(mm);
	KT_CHECK_EQ(sys_mmap(FX_BASE, P(3), prot, flags, ~0UL, 0), (long)FX_BASE);
	fx_put(FX_BASE + P(1), 5);
	fx_put(FX_BASE + P(2), 6);
	at = (unsigned long)KT_TRY(sys_mremap(FX_BASE + P(1), 0, P(2), MREMAP_MAYMOVE, 0));
	KT_CHECK_EQ(fx_get(at), 5);
	KT_CHECK_EQ(fx_get(FX_BASE + P(1)), 5);
	fx_put(at + P(1), 7);
	KT_CHECK_EQ(fx_get(FX_BASE + P(2)), 7);
	kept = (unsigned long)KT_TRY(sys_mremap(FX_BASE, P(3), P(3),
						MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0));
	KT_CHECK_EQ(fx_get(kept + P(2)), 7);
	fx_put(FX_BASE + P(1), 8);
	KT_CHECK_EQ(fx_get(kept + P(1)), 8);
	KT_CHECK_EQ(mm->total_vm, 8);
	KT_CHECK(fx_valid(mm));
	fx_drop(mm);
}

/* A writer that hits the old place after the move must fault, not write. */
static int write_old_place(void *arg)
{
	u64 *last = arg;

	while (!KT_TRY(put_user(*last + 1, (u64 *)FX_BASE))) {
		WRITE_ONCE(*last, *last + 1);
		cond_resched();
	}
	return 0;
}

KTEST(mremap, the_old_address_is_flushed_on_every_cpu)
{
	struct mm *mm = fx_mm();
	unsigned long at;
	struct fx_thread t;
	u64 last = 0, seen;
	int i;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 0);
	if (!fx_start(&t, mm, write_old_place, &last))
		goto out;
	while (READ_ONCE(last) < 50)
		yield();
	at = (unsigned long)KT_TRY(sys_mremap(FX_BASE, P(1), P(1), MREMAP_MAYMOVE | MREMAP_FIXED,
				       FX_BASE + P(64)));
	seen = fx_get(at);
	for (i = 0; i < 100; i++) {
		if (!KT_CHECK_EQ(fx_get(at), seen))
			break;
	}
	fx_join(&t);
	KT_CHECK_EQ(fx_get(at), seen);
out:
	fx_drop(mm);
}

KTEST_QUICK(mremap, without_memory_nothing_moves)
{
	enum inject_point point;
	struct mm *mm = fx_mm();
	u64 nth, fired;
	long at = 0;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 9, FX_RW);
	fx_put(FX_BASE + P(4), 4);
	for (point = INJECT_PAGE_ALLOC; point <= INJECT_SLAB_ALLOC; point++) {
		for (nth = 1, fired = 1; fired; nth++) {
			inject_arm(point, nth, 1, current);
			at = sys_mremap(FX_BASE + P(3), P(3), P(3), MREMAP_MAYMOVE | MREMAP_FIXED,
					FX_BASE + (64UL << 20));
			fired = inject_disarm(point);
			if (fired) {
				KT_CHECK_EQ(at, -ENOMEM);
				KT_CHECK_EQ(fx_nr_vmas(mm), 1);
				KT_CHECK_EQ(fx_get(FX_BASE + P(4)), 4);
			}
		}
		KT_CHECK_EQ(fx_get((unsigned long)at + P(1)), 4);
		at = sys_mremap((unsigned long)at, P(3), P(3), MREMAP_MAYMOVE | MREMAP_FIXED,
				FX_BASE + P(3));
		KT_CHECK_EQ(at, (long)(FX_BASE + P(3)));
		KT_CHECK(fx_valid(mm));
	}
	fx_drop(mm);
}

/* ---- whole tables ---- */

#define TABLE (512 * PAGE_SIZE)
#define FAR (FX_BASE + (1UL << 30))	/* below another entry of level 3 */

static long move(unsigned long from, unsigned long len, unsigned long to)
{
	return sys_mremap(from, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, to);
}

/* The frame of the table that translates @va, 0 if there is none. */
static u64 table_of(struct mm *mm, unsigned long va)
{
	struct spinlock *ptl;
	pte_t *ptep = pte_offset_lock(mm, va, &ptl);
	u64 frame = 0;

	if (ptep) {
		frame = page_to_pfn(virt_to_page(ptep)).v;
		pte_unmap_unlock(ptep, ptl);
	}
	return frame;
}

/* Three tables, a hole in the middle; to and fro, then one page off, entry by entry. */
KTEST_QUICK(mremap, aligned_tables_move_as_they_are)
{
	struct mm *mm = fx_mm();
	u64 first, last;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 3 * 512, FX_RW);
	fx_put(FX_BASE + P(1), 1);
	fx_put(FX_BASE + 2 * TABLE + P(511), 2);
	first = table_of(mm, FX_BASE);
	last = table_of(mm, FX_BASE + 2 * TABLE);
	KT_CHECK_EQ(move(FX_BASE, 3 * TABLE, FAR), (long)FAR);
	KT_CHECK_EQ(table_of(mm, FAR), first);
	KT_CHECK_EQ(table_of(mm, FAR + TABLE), 0);
	KT_CHECK_EQ(table_of(mm, FAR + 2 * TABLE), last);
	KT_CHECK_EQ(table_of(mm, FX_BASE), 0);
	KT_CHECK_EQ(fx_get(FAR + P(1)), 1);
	KT_CHECK_EQ(move(FAR, 3 * TABLE, FX_BASE), (long)FX_BASE);
	KT_CHECK_EQ(table_of(mm, FX_BASE), first);
	KT_CHECK_EQ(fx_get(FX_BASE + 2 * TABLE + P(511)), 2);
	KT_CHECK_EQ(move(FX_BASE, 3 * TABLE, FAR + P(1)), (long)(FAR + P(1)));
	KT_CHECK_NE(table_of(mm, FAR + P(1)), first);
	KT_CHECK_EQ(fx_get(FAR + P(2)), 1);
	KT_CHECK_EQ(fx_get(FAR + 3 * TABLE), 2);
	KT_CHECK(fx_valid(mm));
	fx_drop(mm);
}

/* What shares its table with a neighbour stays out of the neighbour's way. */
KTEST_QUICK(mremap, only_tables_that_the_range_fills_move_whole)
{
	struct mm *mm = fx_mm();
	u64 first, second;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1024, FX_RW);
	fx_put(FX_BASE + P(511), 1);
	fx_put(FX_BASE + TABLE, 2);
	fx_put(FX_BASE + TABLE + P(511), 3);
	first = table_of(mm, FX_BASE);
	second = table_of(mm, FX_BASE + TABLE);
	/* all but the very first page, which is another mapping's */
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 4);
	KT_CHECK_EQ(move(FX_BASE + P(1), 2 * TABLE - P(1), FAR + P(1)), (long)(FAR + P(1)));
	KT_CHECK_EQ(table_of(mm, FX_BASE), first);
	KT_CHECK_NE(table_of(mm, FAR), first);
	KT_CHECK_EQ(table_of(mm, FAR + TABLE), second);
	KT_CHECK_EQ(fx_get(FX_BASE), 4);
	KT_CHECK_EQ(fx_get(FAR + P(511)), 1);
	KT_CHECK_EQ(fx_get(FAR + TABLE), 2);
	KT_CHECK_EQ(fx_get(FAR + TABLE + P(511)), 3);
	fx_drop(mm);
}

static int move_far(void *arg)
{
	(void)arg;
	return move(FX_BASE, TABLE, FAR) == (long)FAR ? 0 : -EINVAL;
}

/* Start @t; return once it has ended, or waits for @sem. */
static bool start_until_it_waits(struct fx_thread *t, struct mm *mm, int (*fn)(void *arg),
				 void *arg, struct rw_semaphore *sem)
{
	if (!fx_start(t, mm, fn, arg))
		return false;
	while (!completion_done(&t->done) && list_empty(&sem->waiters))
		yield();
	return true;
}

static int count_ptes(void *arg)
{
	struct page *page = arg;
	int found;

	page_lock(page);
	found = (int)rmap_count_ptes(page);
	page_unlock(page);
	return found;
}

/* Reclaim's question comes while the table hangs nowhere: it must wait for the answer. */
KTEST_QUICK(mremap, a_reverse_walk_does_not_miss_a_moving_table)
{
	struct mm *mm = fx_mm();
	struct fx_thread mover, walker;
	struct page *page;
	struct vma *vma;

	KT_NEED_GATES();
	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 512, FX_RW);
	fx_put(FX_BASE + P(9), 9);
	page = fx_page(mm, FX_BASE + P(9));
	get_page(page);
	down_read(&mm->mmap_lock);
	vma = find_vma(mm, FX_BASE);
	up_read(&mm->mmap_lock);
	gate_arm("mremap.detached", mm);
	if (fx_start(&mover, mm, move_far, NULL)) {
		if (gate_wait("mremap.detached") &&
		    start_until_it_waits(&walker, NULL, count_ptes, page,
					 &vma->anon_vma->root->rwsem)) {
			gate_open("mremap.detached");
			KT_CHECK_EQ(fx_join(&walker), 1);
		}
		gate_open("mremap.detached");
		KT_CHECK_EQ(fx_join(&mover), 0);
	}
	put_page(page);
	KT_CHECK_EQ(fx_get(FAR + P(9)), 9);
	fx_drop(mm);
}

static int write_old(void *arg)
{
	(void)arg;
	return put_user(7UL, (u64 *)(FX_BASE + P(9)));
}

/* A fault at the old place waits for the move and then finds nothing mapped. */
KTEST_QUICK(mremap, a_fault_waits_for_a_moving_table)
{
	struct mm *mm = fx_mm();
	struct fx_thread mover, toucher;

	KT_NEED_GATES();
	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 512, FX_RW);
	fx_put(FX_BASE + P(9), 9);
	gate_arm("mremap.detached", mm);
	if (fx_start(&mover, mm, move_far, NULL)) {
		if (gate_wait("mremap.detached") &&
		    start_until_it_waits(&toucher, mm, write_old, NULL, &mm->mmap_lock)) {
			gate_open("mremap.detached");
			KT_CHECK_EQ(fx_join(&toucher), -EFAULT);
		}
		gate_open("mremap.detached");
		KT_CHECK_EQ(fx_join(&mover), 0);
	}
	KT_CHECK_EQ(fx_get(FAR + P(9)), 9);
	fx_drop(mm);
}
