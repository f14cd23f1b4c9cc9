/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_clear_refs.c - suite clear_refs: what was written since, what was used
 */
#include "mm/clear_refs.h"

#include "include/uapi/mman.h"
#include "kernel/test/gate.h"
#include "kernel/test/ktest.h"
#include "mm/pagemap.h"
#include "mm/pgtable.h"
#include "tests/kernel/mm_fixture.h"
#ifdef CONFIG_MMU_NOTIFIER
#include "tests/kernel/toy_mirror.h"
#include "tests/kernel/toy_tlb.h"
#endif

#define P(n) ((n) * PAGE_SIZE)

/* @pages written pages at FX_BASE, then forgotten. */
static struct mm *mm_with(unsigned long pages)
{
	struct mm *mm = fx_mm();

	if (!mm)
		return NULL;
	fx_map(mm, FX_BASE, pages, FX_RW);
	for (unsigned long i = 0; i < pages; i++)
		fx_put(FX_BASE + P(i), i + 1);
	KT_CHECK_EQ(mm_clear_refs(mm, CLEAR_REFS_SOFT_DIRTY), 0);
	return mm;
}

/* What pagemap says of page @n, the frame aside. */
static u64 word(struct mm *mm, unsigned long n)
{
	u64 w = 0;

	KT_CHECK_EQ(pagemap_read(mm, FX_BASE + P(n), 1, false, &w), 0);
	return w;
}

static bool written(struct mm *mm, unsigned long n)
{
	return word(mm, n) & PM_SOFT_DIRTY;
}

KTEST_QUICK(clear_refs, a_write_marks_and_a_read_does_not)
{
	struct mm *mm = mm_with(3);

	KT_TRUE(mm);
	KT_CHECK(!pte_write(fx_pte(mm, FX_BASE)) && pte_dirty(fx_pte(mm, FX_BASE)));
	KT_CHECK_EQ(fx_get(FX_BASE), 1);
	KT_CHECK(!written(mm, 0) && !written(mm, 1));
	fx_put(FX_BASE, 5);
	KT_CHECK(written(mm, 0) && !written(mm, 1));
	KT_CHECK(fx_put_in(mm, FX_BASE + P(2), 7));
	KT_CHECK(written(mm, 2));
	KT_CHECK_EQ(word(mm, 1), PM_PRESENT | PM_EXCLUSIVE);
	fx_drop(mm);
}

/* The page is this process's alone: it is written in place again, not copied. */
KTEST_QUICK(clear_refs, the_next_write_copies_nothing)
{
	struct mm *mm = mm_with(1);
	struct page *page;

	KT_TRUE(mm);
	page = fx_page(mm, FX_BASE);
	fx_put(FX_BASE, 5);
	KT_CHECK(fx_page(mm, FX_BASE) == page);
	KT_CHECK(pte_write(fx_pte(mm, FX_BASE)));
	fx_drop(mm);
}

KTEST_QUICK(clear_refs, marks_outlive_protection_and_fork)
{
	struct mm *mm = mm_with(3), *child;

	KT_TRUE(mm);
	fx_put(FX_BASE, 5);
	KT_CHECK_EQ(sys_mprotect(FX_BASE, P(3), PROT_NONE), 0);
	KT_CHECK(written(mm, 0) && !written(mm, 1));
	child = fx_fork(mm);
	if (child) {
		KT_CHECK(written(child, 0) && !written(child, 1));
		KT_CHECK_EQ(mm_clear_refs(child, CLEAR_REFS_SOFT_DIRTY), 0);
		KT_CHECK(!written(child, 0) && written(mm, 0));
		mmput(child);
	}
	KT_CHECK_EQ(sys_mprotect(FX_BASE, P(3), FX_RW), 0);
	KT_CHECK(written(mm, 0) && !written(mm, 1));
	KT_CHECK_EQ(fx_get(FX_BASE), 5);
	fx_drop(mm);
}

KTEST_QUICK(clear_refs, marks_go_to_swap_and_come_back)
{
	struct mm *mm = mm_with(4);

	KT_TRUE(mm);
	if (!fx_have_swap()) {
		fx_drop(mm);
		KT_SKIP("no swap area");
	}
	fx_put(FX_BASE, 5);
	fx_put(FX_BASE + P(2), 6);
	for (unsigned long i = 0; i < 4; i++)
		KT_CHECK(fx_swap_out(mm, FX_BASE + P(i)));
	KT_CHECK_EQ(word(mm, 0), PM_SWAP | PM_SOFT_DIRTY);
	KT_CHECK_EQ(word(mm, 1), PM_SWAP);
	KT_CHECK_EQ(fx_get(FX_BASE) + fx_get(FX_BASE + P(1)), 5 + 2);
	KT_CHECK(written(mm, 0) && !written(mm, 1) && written(mm, 2));
	KT_CHECK_EQ(mm_clear_refs(mm, CLEAR_REFS_SOFT_DIRTY), 0);
	KT_CHECK_EQ(word(mm, 2), PM_SWAP);
	KT_CHECK_EQ(fx_get(FX_BASE + P(2)), 6);
	fx_put(FX_BASE + P(3), 8);
	KT_CHECK(!written(mm, 2) && written(mm, 3));
	fx_drop(mm);
}

/* Memory that comes where other memory was has changed, touched or not. */
KTEST_QUICK(clear_refs, new_grown_and_moved_ranges_are_marked)
{
	struct mm *mm = mm_with(4);
	unsigned long to = FX_BASE + P(64);

	KT_TRUE(mm);
	KT_CHECK_EQ(sys_munmap(FX_BASE, P(1)), 0);
	fx_map(mm, FX_BASE, 1, PROT_READ);
	KT_CHECK_EQ(word(mm, 0), PM_SOFT_DIRTY);
	KT_CHECK(!written(mm, 1));
	KT_CHECK_EQ(sys_mremap(FX_BASE + P(3), P(1), P(2), 0, 0), (long)(FX_BASE + P(3)));
	KT_CHECK_EQ(word(mm, 4), PM_SOFT_DIRTY);
	KT_CHECK_EQ(mm_clear_refs(mm, CLEAR_REFS_SOFT_DIRTY), 0);
	KT_CHECK_EQ(word(mm, 0) | word(mm, 4), 0);
	KT_CHECK_EQ(sys_mremap(FX_BASE + P(1), P(2), P(2), MREMAP_MAYMOVE | MREMAP_FIXED, to),
		    (long)to);
	KT_CHECK(written(mm, 64) && written(mm, 65) && !written(mm, 3));
	fx_drop(mm);
}

/* Neighbours that differ in nothing else are still one VMA; what is new spreads. */
KTEST_QUICK(clear_refs, marks_do_not_cut_ranges)
{
	struct mm *mm = mm_with(2);

	KT_TRUE(mm);
	fx_map(mm, FX_BASE + P(2), 2, FX_RW);
	KT_CHECK_EQ(fx_nr_vmas(mm), 1);
	KT_CHECK(written(mm, 2));
	KT_CHECK(fx_valid(mm));
	fx_drop(mm);
}

KTEST_QUICK(clear_refs, accessed_bits_are_forgotten_where_asked)
{
	struct mm *mm = mm_with(2);

	KT_TRUE(mm);
	KT_CHECK(pte_young(fx_pte(mm, FX_BASE)));
	KT_CHECK_EQ(mm_clear_refs(mm, CLEAR_REFS_MAPPED), 0);
	KT_CHECK(pte_young(fx_pte(mm, FX_BASE)));
	KT_CHECK_EQ(mm_clear_refs(mm, CLEAR_REFS_ANON), 0);
	KT_CHECK(!pte_young(fx_pte(mm, FX_BASE)));
	KT_CHECK_EQ(fx_get(FX_BASE), 1);
	KT_CHECK(pte_young(fx_pte(mm, FX_BASE)) && !pte_young(fx_pte(mm, FX_BASE + P(1))));
	KT_CHECK_EQ(mm_clear_refs(mm, CLEAR_REFS_ALL), 0);
	KT_CHECK(!pte_young(fx_pte(mm, FX_BASE)));
	mm->hiwater_rss = 1000;
	KT_CHECK_EQ(mm_clear_refs(mm, CLEAR_REFS_HIWATER), 0);
	KT_CHECK_EQ(mm->hiwater_rss, 2);
	KT_CHECK_EQ(mm_clear_refs(mm, 0), -EINVAL);
	KT_CHECK_EQ(mm_clear_refs(mm, 6), -EINVAL);
	fx_drop(mm);
}

#ifdef CONFIG_MMU_NOTIFIER
static struct mirror mirror;
static struct toy_tlb toy;

/* A device that may write when marks are cleared must ask again, and is seen then. */
KTEST_QUICK(clear_refs, what_the_device_writes_is_marked)
{
	struct mm *mm = mm_with(2);
	u64 w = 5;

	KT_TRUE(mm);
	if (KT_CHECK_EQ(mirror_open(&mirror, mm, FX_BASE), 0)) {
		KT_CHECK_EQ(mirror_write(&mirror, FX_BASE, 4), 0);
		KT_CHECK(written(mm, 0));
		KT_CHECK_EQ(mm_clear_refs(mm, CLEAR_REFS_SOFT_DIRTY), 0);
		KT_CHECK(!mirror_access(&mirror, FX_BASE, &w, true));
		KT_CHECK(!written(mm, 0));
		KT_CHECK_EQ(mirror_write(&mirror, FX_BASE, 6), 0);
		KT_CHECK(written(mm, 0) && !written(mm, 1));
		mirror_close(&mirror);
	}
	KT_CHECK_EQ(fx_get(FX_BASE), 6);
	fx_drop(mm);
}

static int device_faults(void *arg)
{
	return mirror_fault(arg, FX_BASE, true);
}

static int forget_writes(void *mm)
{
	return mm_clear_refs(mm, CLEAR_REFS_SOFT_DIRTY);
}

/*
 *	device				clear_refs
 *	looks the page up, writable
 *					start; the entry is cleared
 *	takes its lock: a bracket is
 *	open, so it installs nothing
 *					end
 *	looks again: faults, marks
 */
KTEST(clear_refs, a_lookup_overtaken_by_clearing_is_not_installed)
{
	struct fx_thread device, clearer;
	struct mm *mm;
	u64 w = 5;

	KT_NEED_GATES();
	mm = mm_with(1);
	KT_TRUE(mm);
	KT_CHECK_EQ(mirror_open(&mirror, mm, FX_BASE), 0);
	gate_arm("mirror.found", &mirror);
	gate_arm("clear_refs.cleared", mm);
	if (fx_start(&device, NULL, device_faults, &mirror)) {
		if (gate_wait("mirror.found") && fx_start(&clearer, NULL, forget_writes, mm)) {
			if (gate_wait("clear_refs.cleared")) {
				gate_open("mirror.found");
				KT_CHECK(!mirror_access(&mirror, FX_BASE, &w, true));
			}
			gate_open("clear_refs.cleared");
			KT_CHECK_EQ(fx_join(&clearer), 0);
		}
		gate_open("mirror.found");
		KT_CHECK_EQ(fx_join(&device), 0);
	}
	KT_CHECK(mirror_access(&mirror, FX_BASE, &w, true));
	KT_CHECK(written(mm, 0));
	mirror_close(&mirror);
	fx_drop(mm);
}

/* Forgetting what was used asks the device, too. */
KTEST_QUICK(clear_refs, the_device_forgets_what_it_used)
{
	struct mm *mm = mm_with(1);

	KT_TRUE(mm);
	if (KT_CHECK_EQ(toy_tlb_open(&toy, mm, &toy_tlb_pair_ops), 0)) {
		KT_CHECK(toy_tlb_fill(&toy, FX_BASE));
		KT_CHECK(__mmu_notifier_test_young(mm, FX_BASE));
		KT_CHECK_EQ(mm_clear_refs(mm, CLEAR_REFS_ALL), 0);
		KT_CHECK(!__mmu_notifier_test_young(mm, FX_BASE));
		toy_tlb_close(&toy);
	}
	fx_drop(mm);
}
#endif
