/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_coherence.c - suite coherence: each oracle speaks when it must
 *
 * Every test makes the mistake that an oracle is there for, by hand and one step
 * at a time, expects the report, and puts things right again.
 */
#include "mm/coherence.h"

#include "include/uapi/mman.h"
#include "kernel/test/ktest.h"
#include "kernel/test/recorder.h"
#include "mm/buddy.h"
#include "mm/mmap.h"
#include "mm/mmu_notifier.h"
#include "mm/pgtable.h"
#include "mm/slab.h"
#include "mm/tlb.h"
#include "mm/uaccess.h"
#include "tests/kernel/mm_fixture.h"

#ifdef CONFIG_CHECKS

/* One touched page at va, which this CPU may have in its TLB. */
struct rig {
	struct mm *mm;
	unsigned long va;
	struct page *page;
	struct mmu_notifier_range range;
	pte_t old;
};

static bool rig_up(struct rig *rig)
{
	u64 word = 1;
	struct spinlock *ptl;
	pte_t *ptep;

	*rig = (struct rig){ 0 };
	if (KT_TRY(mm_alloc(&rig->mm)))
		return false;
	if (KT_TRY(vm_mmap(rig->mm, NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, 0, &rig->va)))
		return false;
	kthread_use_mm(rig->mm);
	if (copy_to_user((void __user *)rig->va, &word, sizeof(word)))
		return false;
	ptep = pte_offset_lock(rig->mm, rig->va, &ptl);
	if (!ptep)
		return false;
	rig->page = pfn_to_page(pfn_make(pte_pfn(pte_read(ptep))));
	pte_unmap_unlock(ptep, ptl);
	return true;
}

static void rig_down(struct rig *rig)
{
	if (!rig->mm)
		return;
	kthread_unuse_mm(rig->mm);
	mmput(rig->mm);
}

static void rig_start(struct rig *rig, unsigned int flags)
	__acquires_shared(&rig->mm->mmap_lock)
{
	down_read(&rig->mm->mmap_lock);
	fx_range_init(&rig->range, MMU_NOTIFY_CLEAR,
				MMU_NOTIFIER_RANGE_BLOCKABLE | flags, rig->mm, rig->va,
				rig->va + PAGE_SIZE);
	mmu_notifier_invalidate_range_start(&rig->range);
}

static void rig_end(struct rig *rig)
	__releases_shared(&rig->mm->mmap_lock)
{
	mmu_notifier_invalidate_range_end(&rig->range);
	up_read(&rig->mm->mmap_lock);
}

/* Clear the entry and flush nothing. */
static void rig_clear(struct rig *rig)
{
	struct spinlock *ptl;
	pte_t *ptep = pte_offset_lock(rig->mm, rig->va, &ptl);

	rig->old = ptep_get_and_clear(rig->mm, rig->va, ptep);
	pte_unmap_unlock(ptep, ptl);
}

static void rig_restore(struct rig *rig)
{
	struct spinlock *ptl;
	pte_t *ptep;

	flush_tlb_page(rig->mm, rig->va);
	ptep = pte_offset_lock(rig->mm, rig->va, &ptl);
	set_pte_at(rig->mm, rig->va, ptep, rig->old);
	pte_unmap_unlock(ptep, ptl);
}

KTEST_QUICK(coherence, a_held_page_that_is_freed_is_reported)
{
	struct page *page = KT_GET(alloc_page(GFP_KERNEL));

	KT_TRUE(page);
	coherence_hold(page, "test", &init_mm, 0x1000);
	KT_CHECK_EQ(coherence_holds(page), 1);
	check_expect(CHECK_FREE_PAGE);
	coherence_page_free(page);
	KT_CHECK_EQ(check_expected(), 1);
	coherence_unhold(page, "test", &init_mm, 0x1000);
	KT_CHECK_EQ(coherence_holds(page), 0);
	put_page(page);
}

KTEST_QUICK(coherence, a_change_outside_a_bracket_is_reported)
{
	struct rig rig;

	if (!KT_CHECK(rig_up(&rig)))
		goto out;
	check_expect(CHECK_BRACKET);
	rig_clear(&rig);
	KT_CHECK_EQ(check_expected(), 1);
	rig_restore(&rig);
out:
	rig_down(&rig);
}

KTEST_QUICK(coherence, a_single_page_without_its_pair_call_is_reported)
{
	struct rig rig;

	if (!KT_CHECK(rig_up(&rig)))
		goto out;
	rig_start(&rig, MMU_NOTIFIER_RANGE_SINGLE_PAGE);
	check_expect(CHECK_BRACKET);
	rig_clear(&rig);
	KT_CHECK_EQ(check_expected(), 1);
	rig_restore(&rig);
	rig_end(&rig);
out:
	rig_down(&rig);
}

KTEST_QUICK(coherence, a_frame_freed_before_the_flush_is_reported)
{
	struct rig rig;

	if (!KT_CHECK(rig_up(&rig)))
		goto out;
	rig_start(&rig, 0);
	rig_clear(&rig);
	check_expect(CHECK_TLB);
	coherence_page_free(rig.page);
	KT_CHECK_EQ(check_expected(), 1);
	flush_tlb_page(rig.mm, rig.va);
	coherence_page_free(rig.page);		/* now it may go: no report */
	rig_restore(&rig);
	rig_end(&rig);
out:
	rig_down(&rig);
}

KTEST_QUICK(coherence, a_bracket_that_ends_before_the_flush_is_reported)
{
	struct rig rig;

	if (!KT_CHECK(rig_up(&rig)))
		goto out;
	rig_start(&rig, 0);
	rig_clear(&rig);
	check_expect(CHECK_TLB);
	rig_end(&rig);
	KT_CHECK_EQ(check_expected(), 1);
	rig_restore(&rig);
out:
	rig_down(&rig);
}

#ifdef CONFIG_MMU_NOTIFIER
/* Every CPU has flushed, but the point subscriber was not told. */
KTEST_QUICK(coherence, a_missing_point_call_is_reported)
{
	struct recorder *rec = KT_GET(kzalloc(sizeof(*rec), GFP_KERNEL));
	struct rig rig;

	KT_TRUE(rec);
	recorder_init(rec, &recorder_point_ops);
	if (!KT_CHECK(rig_up(&rig)) ||
	    !KT_CHECK_EQ(mmu_notifier_register(&rec->mn, rig.mm), 0))
		goto out;
	rig_start(&rig, 0);
	rig_clear(&rig);
	for (int cpu = 0; cpu < NR_CPUS; cpu++)
		coherence_tlb_flushed(rig.mm, cpu, rig.va, rig.va + PAGE_SIZE);
	check_expect(CHECK_TLB);
	coherence_page_free(rig.page);
	KT_CHECK_EQ(check_expected(), 1);
	rig_restore(&rig);
	rig_end(&rig);
	mmu_notifier_unregister(&rec->mn, rig.mm);
out:
	rig_down(&rig);
	kfree(rec);
}
#endif

#endif
