/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_notifier_example.c - suite notifier_example: the documented driver
 *
 * The driver that docs/notifiers.md shows to authors (toy_mirror.c) does what the
 * text says of it. Labels are those of that page's table.
 */
#include "tests/kernel/toy_mirror.h"

#include "include/uapi/mman.h"
#include "kernel/test/gate.h"
#include "kernel/test/ktest.h"
#include "mm/mmap.h"
#include "mm/page.h"
#include "mm/pgtable.h"
#include "tests/kernel/mm_fixture.h"

#define P(n) ((n) * PAGE_SIZE)

static struct mirror mirror;

static int rig_open(struct mm *mm)
{
	return mirror_open(&mirror, mm, FX_BASE);
}

/* An adopted mm with MIRROR_PAGES of memory at FX_BASE and a mirror of them. */
static struct mm *rig_up(void)
{
	return fx_mm_with(MIRROR_PAGES, rig_open);
}

static void rig_down(struct mm *mm)
{
	mirror_close(&mirror);
	KT_CHECK_EQ(mirror.active, 0);
	KT_CHECK_EQ(mirror_count(&mirror), 0);
	fx_drop(mm);
}

static u64 device_read(unsigned long va)
{
	u64 word = ~0UL;

	KT_CHECK_EQ(mirror_read(&mirror, va, &word), 0);
	return word;
}

KTEST_QUICK(notifier_example, device_and_process_see_one_memory)
{
	struct mm *mm = rig_up();

	KT_TRUE(mm);
	fx_put(FX_BASE, 5);
	KT_CHECK_EQ(device_read(FX_BASE), 5);
	KT_CHECK_EQ(mirror_write(&mirror, FX_BASE, 6), 0);
	KT_CHECK_EQ(fx_get(FX_BASE), 6);
	KT_CHECK_EQ(mirror_write(&mirror, FX_BASE + P(3), 7), 0);	/* never touched before */
	KT_CHECK_EQ(fx_get(FX_BASE + P(3)), 7);
	rig_down(mm);
}

KTEST_QUICK(notifier_example, what_the_process_may_not_do_the_device_may_not_either)
{
	struct mm *mm = rig_up();
	u64 word = 1;

	KT_TRUE(mm);
	KT_CHECK_EQ(mirror_write(&mirror, FX_BASE, 1), 0);
	KT_CHECK_EQ(sys_mprotect(FX_BASE, PAGE_SIZE, PROT_READ), 0);
	KT_CHECK_EQ(mirror_count(&mirror), 0);
	KT_CHECK_EQ(mirror_write(&mirror, FX_BASE, 2), -EFAULT);
	KT_CHECK_EQ(device_read(FX_BASE), 1);
	KT_CHECK_EQ(sys_munmap(FX_BASE, PAGE_SIZE), 0);
	KT_CHECK_EQ(mirror_read(&mirror, FX_BASE, &word), -EFAULT);
	rig_down(mm);
}

static int fault_first_page(void *arg)
{
	return mirror_fault(arg, FX_BASE, true);
}

/* A2: between the look-up and the lock the page goes away; it must not be installed. */
KTEST_QUICK(notifier_example, a_lookup_overtaken_by_munmap_is_not_installed)
{
	struct fx_thread t;
	struct mm *mm;

	KT_NEED_GATES();
	mm = rig_up();
	KT_TRUE(mm);
	fx_put(FX_BASE, 1);
	gate_arm("mirror.found", &mirror);
	if (fx_start(&t, NULL, fault_first_page, &mirror)) {
		if (gate_wait("mirror.found"))
			KT_CHECK_EQ(sys_munmap(FX_BASE, PAGE_SIZE), 0);
		gate_open("mirror.found");
		KT_CHECK_EQ(fx_join(&t), -EFAULT);
	}
	KT_CHECK_EQ(mirror_count(&mirror), 0);
	rig_down(mm);
}

/* A2, the quiet form: another page takes the place, and the fault succeeds with that one. */
KTEST_QUICK(notifier_example, a_lookup_overtaken_by_a_new_page_finds_the_new_one)
{
	struct fx_thread t;
	struct mm *mm;

	KT_NEED_GATES();
	mm = rig_up();
	KT_TRUE(mm);
	fx_put(FX_BASE, 1);
	gate_arm("mirror.found", &mirror);
	if (fx_start(&t, NULL, fault_first_page, &mirror)) {
		if (gate_wait("mirror.found")) {
			KT_CHECK_EQ(sys_madvise(FX_BASE, PAGE_SIZE, MADV_DONTNEED), 0);
			fx_put(FX_BASE, 2);
		}
		gate_open("mirror.found");
		KT_CHECK_EQ(fx_join(&t), 0);
	}
	KT_CHECK_EQ(device_read(FX_BASE), 2);
	KT_CHECK_EQ(mirror_write(&mirror, FX_BASE, 3), 0);
	KT_CHECK_EQ(fx_get(FX_BASE), 3);
	rig_down(mm);
}

/* F10: the device alone has written; the page is clean for the CPU, and goes out. */
KTEST_QUICK(notifier_example, what_the_device_wrote_survives_swapping)
{
	struct mm *mm = rig_up();

	KT_TRUE(mm);
	if (!fx_have_swap()) {
		rig_down(mm);
		KT_SKIP("no swap area");
	}
	fx_put(FX_BASE, 1);
	for (u64 turn = 2; turn < 6; turn++) {
		KT_CHECK_EQ(mirror_write(&mirror, FX_BASE, turn), 0);
		KT_CHECK(fx_swap_out(mm, FX_BASE));
		KT_CHECK_EQ(mirror_count(&mirror), 0);
		KT_CHECK_EQ(device_read(FX_BASE), turn);
	}
	rig_down(mm);
}

/* A clean, writable entry over a clean page: what a write-back would leave. */
static void make_clean(struct mm *mm, struct page *page)
{
	struct spinlock *ptl;
	pte_t *ptep = pte_offset_lock(mm, FX_BASE, &ptl), old = pte_read(ptep);

	while (!pte_try_cmpxchg(ptep, &old, pte_mkclean(old)))
		;
	page_clear(page, PG_dirty);
	pte_unmap_unlock(ptep, ptl);
}

/* F10: the CPU's entry does not know of the write, so the driver must say so in time. */
KTEST_QUICK(notifier_example, what_the_device_wrote_is_dirty_when_start_returns)
{
	struct mm *mm = rig_up();
	struct mmu_notifier_range range;
	struct page *page;
	u64 word = 2;

	KT_TRUE(mm);
	KT_CHECK_EQ(mirror_write(&mirror, FX_BASE, 1), 0);
	page = fx_page(mm, FX_BASE);
	make_clean(mm, page);
	KT_CHECK(mirror_access(&mirror, FX_BASE, &word, true));
	KT_CHECK(!page_test(page, PG_dirty));
	down_read(&mm->mmap_lock);
	fx_range_init(&range, MMU_NOTIFY_CLEAR, MMU_NOTIFIER_RANGE_BLOCKABLE, mm,
				FX_BASE, FX_BASE + PAGE_SIZE);
	mmu_notifier_invalidate_range_start(&range);
	KT_CHECK(page_test(page, PG_dirty));
	mmu_notifier_invalidate_range_end(&range);
	up_read(&mm->mmap_lock);
	rig_down(mm);
}

/* D1: the lock is free, and still the driver may not wait for it. */
KTEST_QUICK(notifier_example, a_start_that_may_not_sleep_does_not)
{
	struct mm *mm = rig_up();
	struct mmu_notifier_range range;

	KT_TRUE(mm);
	KT_CHECK_EQ(mirror_write(&mirror, FX_BASE, 1), 0);
	down_read(&mm->mmap_lock);
	fx_range_init(&range, MMU_NOTIFY_CLEAR, 0, mm, FX_BASE, FX_BASE + PAGE_SIZE);
	if (KT_CHECK_EQ(mmu_notifier_invalidate_range_start_nonblock(&range), 0)) {
		KT_CHECK_EQ(mirror_count(&mirror), 0);
		mmu_notifier_invalidate_range_end(&range);
	}
	up_read(&mm->mmap_lock);
	rig_down(mm);
}

/* Rule 6: a start that may not sleep meets a busy driver. */
KTEST_QUICK(notifier_example, a_busy_driver_refuses_a_start_that_may_not_sleep)
{
	struct mm *mm = rig_up();
	struct mmu_notifier_range range;

	KT_TRUE(mm);
	KT_CHECK_EQ(mirror_write(&mirror, FX_BASE, 1), 0);
	down_read(&mm->mmap_lock);
	fx_range_init(&range, MMU_NOTIFY_CLEAR, 0, mm, FX_BASE, FX_BASE + PAGE_SIZE);
	mutex_lock(&mirror.lock);
	KT_CHECK_EQ(mmu_notifier_invalidate_range_start_nonblock(&range), -EAGAIN);
	mutex_unlock(&mirror.lock);
	KT_CHECK_EQ(mirror.active, 0);
	KT_CHECK_EQ(mirror_count(&mirror), 1);
	up_read(&mm->mmap_lock);
	rig_down(mm);
}

KTEST_QUICK(notifier_example, exit_of_the_process_ends_the_device)
{
	struct mm *mm = rig_up();
	u64 word;

	KT_TRUE(mm);
	KT_CHECK_EQ(mirror_write(&mirror, FX_BASE, 1), 0);
	fx_drop(mm);			/* the mirror keeps the structure */
	KT_CHECK_EQ(mirror_count(&mirror), 0);
	KT_CHECK_EQ(mirror_read(&mirror, FX_BASE, &word), -EFAULT);
	mirror_close(&mirror);
}
