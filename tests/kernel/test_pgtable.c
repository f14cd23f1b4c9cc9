/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_pgtable.c - suite pgtable: walks, table locks, doors, freed tables
 */
#include "mm/pgtable.h"

#include "kernel/lib/rand.h"
#include "kernel/sync/rcu.h"
#include "kernel/test/inject.h"
#include "mm/gfp.h"
#include "mm/mmu_notifier.h"
#include "mm/tlb.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/threads.h"
#include "tests/kernel/user_memory.h"

#define VA 0x10000000UL
#define TABLE_SPAN (2UL << 20)

#define PROT_TEST (PTE_PRESENT | PTE_USER | PTE_WRITE | PTE_NX)

/* One entry of @mm, made by hand. */
static bool put_entry(struct mm *mm, unsigned long va, pte_t pte)
{
	struct spinlock *ptl;
	pte_t *ptep;

	if (pte_alloc_lock(mm, va, &ptep, &ptl))
		return false;
	set_pte_at(mm, va, ptep, pte);
	pte_unmap_unlock(ptep, ptl);
	return true;
}

/* Clear it again inside a bracket, as the oracle wants. Return: what was there. */
static pte_t take_entry(struct mm *mm, unsigned long va)
{
	struct mmu_notifier_range range;
	pte_t old = pte_make_none();
	struct spinlock *ptl;
	pte_t *ptep;

	fx_range_init(&range, MMU_NOTIFY_CLEAR, MMU_NOTIFIER_RANGE_BLOCKABLE, mm, va,
				va + PAGE_SIZE);
	mmu_notifier_invalidate_range_start(&range);
	ptep = pte_offset_lock(mm, va, &ptl);
	if (ptep) {
		old = ptep_clear_flush(mm, va, ptep);
		pte_unmap_unlock(ptep, ptl);
	}
	mmu_notifier_invalidate_range_end(&range);
	return old;
}

static void free_tables(struct mm *mm, unsigned long start, unsigned long end,
			unsigned long floor, unsigned long ceiling)
{
	struct mmu_gather tlb;

	down_write(&mm->mmap_lock);
	tlb_gather_mmu(&tlb, mm, false);
	free_pgtables(&tlb, start, end, floor, ceiling);
	tlb_finish_mmu(&tlb);
	up_write(&mm->mmap_lock);
}

static pte_t entry_of(struct mm *mm, unsigned long va)
{
	pte_t pte;

	rcu_read_lock();
	pte = pte_read_lockless(mm, va);
	rcu_read_unlock();
	return pte;
}

KTEST_QUICK(pgtable, entries_are_found_where_they_were_put)
{
	static const unsigned long va[] = {
		VA, VA + PAGE_SIZE, VA + TABLE_SPAN, 0x7fffff000000UL, 0x10000UL,
	};
	struct mm *mm;

	KT_EQ(mm_alloc(&mm), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(va); i++)
		KT_CHECK(put_entry(mm, va[i], pte_make(i + 1, PROT_TEST | PTE_SPECIAL)));
	for (unsigned int i = 0; i < ARRAY_SIZE(va); i++)
		KT_CHECK_EQ(pte_pfn(entry_of(mm, va[i])), i + 1);
	KT_CHECK(pte_none(entry_of(mm, VA + 2 * PAGE_SIZE)));
	KT_CHECK(pte_none(entry_of(mm, 0x300000000000UL)));
	for (unsigned int i = 0; i < ARRAY_SIZE(va); i++)
		KT_CHECK_EQ(pte_pfn(take_entry(mm, va[i])), i + 1);
	free_tables(mm, 0, MM_USER_TOP, 0, 0);
	KT_CHECK_EQ(atomic64_read(&mm->nr_table_pages), 0);
	mmput(mm);
}

KTEST_QUICK(pgtable, kernel_half_is_shared)
{
	struct mm *mm;

	KT_EQ(mm_alloc(&mm), 0);
	for (unsigned int i = 256; i < 512; i++)
		KT_CHECK_EQ(mm->pgd[i].v, init_mm.pgd[i].v);
	for (unsigned int i = 0; i < 256; i++)
		KT_CHECK_EQ(mm->pgd[i].v, 0);
	mmput(mm);
}

KTEST_QUICK(pgtable, no_table_means_null)
{
	struct spinlock *ptl;
	struct mm *mm;

	KT_EQ(mm_alloc(&mm), 0);
	KT_CHECK(pte_offset_lock(mm, VA, &ptl) == NULL);
	KT_CHECK_EQ(pgtable_next_present(mm, 0, MM_USER_TOP), MM_USER_TOP);
	mmput(mm);
}

KTEST_QUICK(pgtable, next_present_skips_holes)
{
	struct mm *mm;

	KT_EQ(mm_alloc(&mm), 0);
	KT_CHECK(put_entry(mm, VA + 5 * PAGE_SIZE, pte_make(1, PROT_TEST | PTE_SPECIAL)));
	KT_CHECK_EQ(pgtable_next_present(mm, 0, MM_USER_TOP), VA);
	KT_CHECK_EQ(pgtable_next_present(mm, VA + PAGE_SIZE, MM_USER_TOP), VA + PAGE_SIZE);
	KT_CHECK_EQ(pgtable_next_present(mm, VA + TABLE_SPAN, MM_USER_TOP), MM_USER_TOP);
	KT_CHECK_EQ(pgtable_next_present(mm, 0, VA), VA);
	take_entry(mm, VA + 5 * PAGE_SIZE);
	free_tables(mm, VA, VA + TABLE_SPAN, 0, 0);
	mmput(mm);
}

KTEST_QUICK(pgtable, a_table_in_use_by_a_neighbour_stays)
{
	struct mm *mm;

	KT_EQ(mm_alloc(&mm), 0);
	KT_CHECK(put_entry(mm, VA, pte_make(1, PROT_TEST | PTE_SPECIAL)));
	KT_CHECK_EQ(atomic64_read(&mm->nr_table_pages), 3);
	take_entry(mm, VA);
	/* another VMA begins at VA + 1 MiB: it shares the level-1 table */
	free_tables(mm, VA, VA + PAGE_SIZE, 0, VA + TABLE_SPAN / 2);
	KT_CHECK_EQ(atomic64_read(&mm->nr_table_pages), 3);
	/* at VA + 2 MiB: only the upper ones */
	free_tables(mm, VA, VA + PAGE_SIZE, 0, VA + TABLE_SPAN);
	KT_CHECK_EQ(atomic64_read(&mm->nr_table_pages), 2);
	free_tables(mm, VA, VA + PAGE_SIZE, 0, 0);
	KT_CHECK_EQ(atomic64_read(&mm->nr_table_pages), 0);
	mmput(mm);
}

KTEST_QUICK(pgtable, doors_keep_what_the_hardware_set)
{
	struct mmu_notifier_range range;
	struct spinlock *ptl;
	struct mm *mm;
	pte_t *ptep;

	KT_EQ(mm_alloc(&mm), 0);
	KT_CHECK(put_entry(mm, VA, pte_make(7, (PROT_TEST | PTE_SPECIAL) & ~PTE_WRITE)));
	fx_range_init(&range, MMU_NOTIFY_CLEAR, MMU_NOTIFIER_RANGE_BLOCKABLE, mm, VA,
				VA + PAGE_SIZE);
	mmu_notifier_invalidate_range_start(&range);
	ptep = pte_offset_lock(mm, VA, &ptl);
	/* the "hardware" uses the page meanwhile */
	ptep->v |= PTE_YOUNG | PTE_DIRTY;
	set_pte_at(mm, VA, ptep, pte_make(7, PROT_TEST | PTE_SPECIAL));
	KT_CHECK(pte_dirty(*ptep) && pte_young(*ptep) && pte_write(*ptep));
	ptep_set_wrprotect(mm, VA, ptep);
	KT_CHECK(pte_dirty(*ptep) && pte_young(*ptep) && !pte_write(*ptep));
	KT_CHECK(ptep_test_and_clear_young(mm, VA, ptep));
	KT_CHECK(!ptep_test_and_clear_young(mm, VA, ptep));
	KT_CHECK(pte_dirty(*ptep));
	KT_CHECK(pte_dirty(ptep_get_and_clear(mm, VA, ptep)));
	KT_CHECK(pte_none(*ptep));
	pte_unmap_unlock(ptep, ptl);
	flush_tlb_page(mm, VA);
	mmu_notifier_invalidate_range_end(&range);
	free_tables(mm, VA, VA + PAGE_SIZE, 0, 0);
	mmput(mm);
}

KTEST_QUICK(pgtable, swap_entries_survive_the_table)
{
	swp_entry_t entry = { (5UL << 48) | 0x123456789 };
	pte_t pte = swp_entry_pte(entry);

	KT_TRUE(pte_is_swap(pte) && !pte_present(pte) && !pte_none(pte));
	KT_EQ(pte_swp_entry(pte).v, entry.v);
}

KTEST_QUICK(pgtable, no_memory_for_a_table_changes_nothing)
{
	struct spinlock *ptl;
	struct mm *mm;
	pte_t *ptep;

	KT_EQ(mm_alloc(&mm), 0);
	for (u64 nth = 1; nth <= 3; nth++) {
		inject_arm(INJECT_PAGE_ALLOC, nth, 1, current);
		KT_CHECK_EQ(pte_alloc_lock(mm, VA, &ptep, &ptl), -ENOMEM);
		KT_CHECK_EQ(inject_disarm(INJECT_PAGE_ALLOC), 1);
		free_tables(mm, VA, VA + PAGE_SIZE, 0, 0);
	}
	KT_CHECK_EQ(atomic64_read(&mm->nr_table_pages), 0);
	KT_CHECK(put_entry(mm, VA, pte_make(7, PROT_TEST | PTE_SPECIAL)));
	take_entry(mm, VA);
	free_tables(mm, VA, VA + PAGE_SIZE, 0, 0);
	mmput(mm);
}

/* All threads want the same missing tables: one set is made. */
struct alloc_race {
	struct mm *mm;
	atomic_t ready;
};

static int alloc_same_tables(void *arg, unsigned int n)
{
	struct alloc_race *race = arg;
	int bad = 0;

	atomic_inc(&race->ready);
	while (atomic_read(&race->ready) < 4)
		cond_resched();
	down_read(&race->mm->mmap_lock);
	for (unsigned long i = 0; i < 64; i++)
		bad += !put_entry(race->mm, VA + i * TABLE_SPAN + n * PAGE_SIZE,
				  pte_make(n + 1, PROT_TEST | PTE_SPECIAL));
	up_read(&race->mm->mmap_lock);
	return bad;
}

KTEST(pgtable, threads_agree_on_new_tables)
{
	struct alloc_race race = { 0 };

	KT_EQ(mm_alloc(&race.mm), 0);
	KT_CHECK_EQ(test_threads(4, alloc_same_tables, &race), 0);
	KT_CHECK_EQ(atomic64_read(&race.mm->nr_table_pages), 64 + 2);
	for (unsigned long i = 0; i < 64; i++)
		for (unsigned int n = 0; n < 4; n++)
			KT_CHECK_EQ(pte_pfn(take_entry(race.mm, VA + i * TABLE_SPAN +
						       n * PAGE_SIZE)), n + 1);
	free_tables(race.mm, VA, VA + 64 * TABLE_SPAN, 0, 0);
	KT_CHECK_EQ(atomic64_read(&race.mm->nr_table_pages), 0);
	mmput(race.mm);
}

/* Readers look without a lock while the tables come and go under them. */
struct walk_race {
	struct mm *mm;
	bool stop;
};

static int walk_or_rebuild(void *arg, unsigned int n)
{
	struct walk_race *race = arg;
	int bad = 0;

	if (n == 0) {
		for (unsigned int i = 0; i < 150; i++) {
			bad += !put_entry(race->mm, VA, pte_make(77, PROT_TEST | PTE_SPECIAL));
			take_entry(race->mm, VA);
			free_tables(race->mm, VA, VA + PAGE_SIZE, 0, 0);
		}
		WRITE_ONCE(race->stop, true);
		return bad;
	}
	while (!READ_ONCE(race->stop)) {
		pte_t pte = entry_of(race->mm, VA);

		bad += !pte_none(pte) && pte_pfn(pte) != 77;
		cond_resched();
	}
	return bad;
}

KTEST(pgtable, lockless_walk_never_meets_a_reused_table)
{
	struct walk_race race = { 0 };

	KT_EQ(mm_alloc(&race.mm), 0);
	KT_CHECK_EQ(test_threads(3, walk_or_rebuild, &race), 0);
	mmput(race.mm);
}

KTEST_QUICK(pgtable, two_tables_are_locked_together)
{
	pte_t *dst_pte, *src_pte;
	struct mm *dst, *src;

	KT_EQ(mm_alloc(&dst), 0);
	KT_EQ(mm_alloc(&src), 0);
	KT_CHECK_EQ(pte_alloc_lock_two(dst, src, VA, &dst_pte, &src_pte), 0);
	KT_CHECK(src_pte == NULL);
	KT_CHECK(put_entry(src, VA, pte_make(3, PROT_TEST | PTE_SPECIAL)));
	KT_CHECK_EQ(pte_alloc_lock_two(dst, src, VA, &dst_pte, &src_pte), 0);
	KT_CHECK(src_pte && spin_is_locked(pte_lockptr(src_pte)) &&
		 spin_is_locked(pte_lockptr(dst_pte)));
	set_pte_at(dst, VA, dst_pte, *src_pte);
	pte_unmap_unlock_two(dst_pte, src_pte);
	KT_CHECK_EQ(pte_pfn(take_entry(dst, VA)), 3);
	KT_CHECK_EQ(pte_pfn(take_entry(src, VA)), 3);
	free_tables(dst, VA, VA + PAGE_SIZE, 0, 0);
	free_tables(src, VA, VA + PAGE_SIZE, 0, 0);
	mmput(dst);
	mmput(src);
}
