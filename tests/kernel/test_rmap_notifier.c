/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_rmap_notifier.c - suite rmap_notifier: whole pages that go, and who lent them
 */
#include "mm/rmap_notifier.h"

#include "fs/vfs.h"
#include "include/uapi/mman.h"
#include "kernel/lib/panic.h"
#include "kernel/sync/preempt.h"
#include "kernel/test/gate.h"
#include "mm/filemap.h"
#include "mm/mmap.h"
#include "mm/page_io.h"
#include "mm/swap.h"
#include "mm/writeback.h"
#include "tests/kernel/disk_fixture.h"
#include "tests/kernel/kt_thread.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/toy_remote.h"

#define P(n) ((unsigned long)(n) * PAGE_SIZE)

/* ---- a driver that only listens, and what it saw ---- */

static struct witness {
	struct mmu_rmap_notifier mrn;
	unsigned int calls, mapped, unlocked, outside;
	u64 *write;			/* what the other machine has written; NULL: nothing */
	bool forgets;			/* does not end the export */
} witness;

static void witness_invalidate_page(struct mmu_rmap_notifier *mrn, struct page *page)
{
	gate_point("witness.invalidate", mrn);
	might_sleep();
	witness.calls++;
	witness.mapped += page_mapped(page);
	witness.unlocked += !page_test(page, PG_locked);
	witness.outside += !page->mapping;
	if (witness.write) {
		*(u64 *)page_address(page) = *witness.write;
		set_page_dirty(page);
	}
	if (!witness.forgets)
		mmu_rmap_unexport_page(page);
}

static const struct mmu_rmap_notifier_ops witness_ops = {
	.invalidate_page = witness_invalidate_page,
};

static bool witness_up(void)
{
	witness = (struct witness){ .mrn.ops = &witness_ops };
	return KT_CHECK_EQ(mmu_rmap_notifier_register(&witness.mrn), 0);
}

static void export(struct page *page)
{
	page_lock(page);
	KT_CHECK_EQ(mmu_rmap_export_page(page), 0);
	page_unlock(page);
}

static void unexport(struct page *page)
{
	page_lock(page);
	mmu_rmap_unexport_page(page);
	page_unlock(page);
}

static void wait_for_writes(void)
{
	while (swap_io_pending())
		page_io_wait(1);
}

/* ---- the core ---- */

KTEST_QUICK(rmap_notifier, only_exported_pages_are_told)
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	if (!fx_have_swap() || !witness_up()) {
		fx_drop(mm);
		KT_SKIP("no swap area");
	}
	fx_map(mm, FX_BASE, 2, FX_RW);
	fx_put(FX_BASE, 1);
	fx_put(FX_BASE + P(1), 2);
	export(fx_page(mm, FX_BASE + P(1)));
	KT_CHECK(fx_swap_out(mm, FX_BASE));
	KT_CHECK_EQ(witness.calls, 0);
	KT_CHECK(fx_swap_out(mm, FX_BASE + P(1)));
	KT_CHECK_EQ(witness.calls, 1);
	KT_CHECK_EQ(witness.mapped, 0);		/* after the walk */
	KT_CHECK_EQ(witness.unlocked, 0);
	KT_CHECK_EQ(witness.mrn.stats.calls[MN_RMAP_INVALIDATE_PAGE], 1);
	mmu_rmap_notifier_unregister(&witness.mrn);
	fx_drop(mm);
}

KTEST_QUICK(rmap_notifier, one_driver_at_a_time_exports_a_page)
{
	struct mm *mm = fx_mm();
	struct page *page;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	page = fx_page(mm, FX_BASE);
	export(page);
	page_lock(page);
	KT_CHECK_EQ(mmu_rmap_export_page(page), -EBUSY);
	mmu_rmap_unexport_page(page);
	KT_CHECK_EQ(mmu_rmap_export_page(page), 0);
	mmu_rmap_unexport_page(page);
	page_unlock(page);
	fx_drop(mm);
}

KTEST_QUICK(rmap_notifier, without_a_callback_nothing_is_registered)
{
	static const struct mmu_rmap_notifier_ops nothing;
	struct mmu_rmap_notifier mrn = { .ops = &nothing };

	KT_CHECK_EQ(mmu_rmap_notifier_register(&mrn), -EINVAL);
}

/* In the swap cache and clean: reclaim writes it only if the driver says that it is dirty. */
KTEST_QUICK(rmap_notifier, what_the_driver_brings_back_is_written)
{
	struct mm *mm = fx_mm();
	u64 word = 7;

	KT_TRUE(mm);
	if (!fx_have_swap() || !witness_up()) {
		fx_drop(mm);
		KT_SKIP("no swap area");
	}
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	KT_CHECK(fx_swap_out(mm, FX_BASE));
	KT_CHECK_EQ(fx_get(FX_BASE), 1);
	if (KT_CHECK(fx_page(mm, FX_BASE))) {
		export(fx_page(mm, FX_BASE));
		witness.write = &word;
		KT_CHECK_EQ(sys_madvise(FX_BASE, P(1), MADV_PAGEOUT), 0);
		KT_CHECK_EQ(witness.calls, 1);
		KT_CHECK(!fx_page(mm, FX_BASE));
		wait_for_writes();
		KT_CHECK_EQ(fx_get(FX_BASE), 7);
	}
	mmu_rmap_notifier_unregister(&witness.mrn);
	fx_drop(mm);
}

/* fsync: what the disk gets is what was written far away, too. */
KTEST_QUICK(rmap_notifier, what_is_lent_comes_back_before_it_is_written)
{
	struct disk d;
	struct mm *mm;
	u64 word = 7;

	if (!dx_have())
		KT_SKIP("no spare disk");
	KT_TRUE(dx_up(&d));
	mm = fx_mm();
	if (mm && dx_map(mm, &d, FX_BASE, 1, 0, MAP_SHARED) && witness_up()) {
		fx_put(FX_BASE, 1);
		export(fx_page(mm, FX_BASE));
		witness.write = &word;
		KT_CHECK_EQ(dx_fsync(&d), 0);
		KT_CHECK_EQ(witness.calls, 1);
		KT_CHECK_EQ(witness.unlocked, 0);
		KT_CHECK_EQ(dx_disk(&d, 0), 7);
		KT_CHECK_EQ(fx_get(FX_BASE), 7);
		KT_CHECK_EQ(dx_flag(&d, 0, PG_dirty), 0);
		mmu_rmap_notifier_unregister(&witness.mrn);
	}
	if (mm)
		fx_drop(mm);
	dx_down(&d);
}

/* Written far away, and nobody here knows: what is lent must not be thrown away. */
KTEST_QUICK(rmap_notifier, advice_to_free_does_not_hold_for_what_is_lent)
{
	struct mm *mm = fx_mm();
	u64 word = 7;

	KT_TRUE(mm);
	if (!fx_have_swap() || !witness_up()) {
		fx_drop(mm);
		KT_SKIP("no swap area");
	}
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	KT_CHECK_EQ(sys_madvise(FX_BASE, P(1), MADV_FREE), 0);
	export(fx_page(mm, FX_BASE));
	witness.write = &word;
	KT_CHECK_EQ(sys_madvise(FX_BASE, P(1), MADV_PAGEOUT), 0);
	KT_CHECK_EQ(witness.calls, 1);
	KT_CHECK_EQ(fx_get(FX_BASE), 7);
	mmu_rmap_notifier_unregister(&witness.mrn);
	fx_drop(mm);
}

/* Mapped by nobody: no bracket would ever tell. */
KTEST_QUICK(rmap_notifier, truncation_tells_before_the_page_leaves_its_file)
{
	struct mm *mm = fx_mm();
	struct page *page;
	struct file *file;

	KT_TRUE(mm);
	if (!witness_up() || !KT_CHECK_EQ(tmpfs_file_anon(P(1), &file), 0)) {
		fx_drop(mm);
		return;
	}
	KT_CHECK_EQ(kernel_write(file, "a", 1, 0), 1);
	page = filemap_try_page(&file->inode->mapping, 0);
	if (KT_CHECK(page)) {
		page_unlock(page);
		export(page);
		put_page(page);
		KT_CHECK_EQ(vfs_truncate(file->inode, 0), 0);
		KT_CHECK_EQ(witness.calls, 1);
		KT_CHECK_EQ(witness.unlocked, 0);
		KT_CHECK_EQ(witness.outside, 0);
	}
	file_put(file);
	mmu_rmap_notifier_unregister(&witness.mrn);
	fx_drop(mm);
}

KTEST_QUICK(rmap_notifier, a_page_that_is_freed_while_exported_is_reported)
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	export(fx_page(mm, FX_BASE));
	check_expect(CHECK_FREE_PAGE);
	KT_CHECK_EQ(sys_munmap(FX_BASE, P(1)), 0);
	KT_CHECK_EQ(check_expected(), 1);
	fx_drop(mm);
}

KTEST_QUICK(rmap_notifier, a_driver_that_keeps_a_page_is_reported)
{
	struct mm *mm = fx_mm();
	struct page *page;

	KT_TRUE(mm);
	if (!fx_have_swap() || !witness_up()) {
		fx_drop(mm);
		KT_SKIP("no swap area");
	}
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	page = fx_page(mm, FX_BASE);
	get_page(page);
	export(page);
	witness.forgets = true;
	check_expect(CHECK_FREE_PAGE);
	KT_CHECK(fx_unmap_to_swap_cache(mm, FX_BASE));
	KT_CHECK_EQ(check_expected(), 1);
	unexport(page);
	swap_cache_put_page(page);
	mmu_rmap_notifier_unregister(&witness.mrn);
	fx_drop(mm);
}

static int swap_out_first_page(void *arg)
{
	return fx_swap_out(arg, FX_BASE) ? 0 : -EAGAIN;
}

static int unregister_witness(void *arg)
{
	mmu_rmap_notifier_unregister(&witness.mrn);
	return 0;
}

KTEST_QUICK(rmap_notifier, unregister_waits_for_a_running_callback)
{
	struct fx_thread out;
	struct task *leaver;
	struct mm *mm;

	KT_NEED_GATES();
	mm = fx_mm();
	KT_TRUE(mm);
	if (!fx_have_swap() || !witness_up()) {
		fx_drop(mm);
		KT_SKIP("no swap area");
	}
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	export(fx_page(mm, FX_BASE));
	gate_arm("witness.invalidate", &witness.mrn);
	if (fx_start(&out, mm, swap_out_first_page, mm)) {
		KT_CHECK(gate_wait("witness.invalidate"));
		leaver = kt_spawn(unregister_witness, NULL);
		if (leaver) {
			kt_wait_until(kt_done(leaver) || kt_asleep(leaver));
			KT_CHECK(!kt_done(leaver));
		}
		gate_open("witness.invalidate");
		KT_CHECK_EQ(kt_join(leaver), 0);
		KT_CHECK_EQ(fx_join(&out), 0);
	}
	if (!KT_CHECK_EQ(witness.calls, 1))
		unexport(fx_page(mm, FX_BASE));
	fx_drop(mm);
}

/* ---- a whole driver: tests/kernel/toy_remote.c ---- */

static struct remote remote;

static int rig_open(struct mm *mm)
{
	return remote_open(&remote, mm, FX_BASE);
}

static struct mm *rig_up(void)
{
	return fx_mm_with(REMOTE_PAGES, rig_open);
}

static void rig_down(struct mm *mm)
{
	remote_close(&remote);
	KT_CHECK_EQ(remote.active, 0);
	KT_CHECK_EQ(remote_count(&remote), 0);
	fx_drop(mm);
}

/* Lend it if need be. */
static u64 remote_read(unsigned long va)
{
	u64 word = ~0UL;

	while (!remote_access(&remote, va, &word, false))
		if (!KT_CHECK_EQ(remote_lend(&remote, va, false), 0))
			break;
	return word;
}

static void remote_write(unsigned long va, u64 word)
{
	while (!remote_access(&remote, va, &word, true))
		if (!KT_CHECK_EQ(remote_lend(&remote, va, true), 0))
			break;
}

KTEST_QUICK(rmap_notifier, two_machines_see_one_memory)
{
	struct mm *mm = rig_up(), *child;

	KT_TRUE(mm);
	fx_put(FX_BASE, 5);
	KT_CHECK_EQ(remote_read(FX_BASE), 5);
	remote_write(FX_BASE, 6);
	KT_CHECK_EQ(fx_get(FX_BASE), 6);
	child = fx_fork(mm);
	fx_put(FX_BASE, 7);			/* a copy: the lent page is the child's now */
	KT_CHECK_EQ(remote_read(FX_BASE), 7);
	if (child) {
		KT_CHECK_EQ(fx_get_in(child, FX_BASE), 6);
		mmput(child);
	}
	KT_CHECK_EQ(sys_munmap(FX_BASE, P(1)), 0);
	KT_CHECK_EQ(remote_lend(&remote, FX_BASE, false), -EFAULT);
	rig_down(mm);
}

KTEST_QUICK(rmap_notifier, what_was_written_far_away_survives_swapping)
{
	struct mm *mm = rig_up();

	KT_TRUE(mm);
	if (!fx_have_swap()) {
		rig_down(mm);
		KT_SKIP("no swap area");
	}
	for (u64 turn = 1; turn < 5; turn++) {
		remote_write(FX_BASE, turn);
		KT_CHECK(fx_swap_out(mm, FX_BASE));
		KT_CHECK_EQ(remote_count(&remote), 0);
		/* Reclaim had the page locked: it was not the cleaner. */
		KT_CHECK_EQ(remote.recalls, turn);
		KT_CHECK_EQ(remote_read(FX_BASE), turn);
	}
	rig_down(mm);
}

static int lend_first_page(void *arg)
{
	return remote_lend(arg, FX_BASE, true);
}

KTEST_QUICK(rmap_notifier, a_page_that_is_unmapped_meanwhile_is_not_lent)
{
	struct fx_thread t;
	struct mm *mm;

	KT_NEED_GATES();
	mm = rig_up();
	KT_TRUE(mm);
	fx_put(FX_BASE, 1);
	gate_arm("remote.found", &remote);
	if (fx_start(&t, NULL, lend_first_page, &remote)) {
		if (gate_wait("remote.found"))
			KT_CHECK_EQ(sys_munmap(FX_BASE, P(1)), 0);
		gate_open("remote.found");
		KT_CHECK_EQ(fx_join(&t), -EFAULT);
	}
	KT_CHECK_EQ(remote_count(&remote), 0);
	rig_down(mm);
}

/* One page at two addresses: exported while either has it. */
KTEST_QUICK(rmap_notifier, the_last_use_of_a_page_ends_its_export)
{
	struct mm *mm = rig_up();
	struct file *file;
	struct page *page;
	unsigned long out;

	KT_TRUE(mm);
	if (!KT_CHECK_EQ(tmpfs_file_anon(P(1), &file), 0)) {
		rig_down(mm);
		return;
	}
	for (unsigned long i = 0; i < 2; i++)
		KT_CHECK_EQ(vm_mmap(mm, file, FX_BASE + P(i), P(1), FX_RW,
				    MAP_SHARED | MAP_FIXED, 0, &out), 0);
	remote_write(FX_BASE, 3);
	KT_CHECK_EQ(remote_read(FX_BASE + P(1)), 3);
	page = fx_page(mm, FX_BASE);
	KT_CHECK_EQ(sys_munmap(FX_BASE, P(1)), 0);
	remote_settle(&remote);
	KT_CHECK(page_is_exported(page));
	KT_CHECK_EQ(remote_read(FX_BASE + P(1)), 3);
	KT_CHECK_EQ(sys_munmap(FX_BASE + P(1), P(1)), 0);
	remote_settle(&remote);
	KT_CHECK(!page_is_exported(page));	/* the file has it still */
	file_put(file);
	rig_down(mm);
}

KTEST_QUICK(rmap_notifier, exit_takes_everything_back)
{
	struct mm *mm = rig_up();

	KT_TRUE(mm);
	for (unsigned long i = 0; i < REMOTE_PAGES; i++)
		remote_write(FX_BASE + P(i), i);
	fx_drop(mm);
	KT_CHECK_EQ(remote_count(&remote), 0);
	KT_CHECK_EQ(remote_lend(&remote, FX_BASE, false), -EFAULT);
	remote_close(&remote);
}
