/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_sva.c - suite sva: a device on a process's page tables
 *
 * The tests play an engine of the emulated IOMMU themselves: each access goes
 * through its caches, its table walk and, where a page is absent, its page
 * request to the driver. None looks at the unit's insides.
 */
#include "drivers/iommu/sva.h"

#include "drivers/iommu/emul/hw.h"
#include "drivers/iommu/iommu.h"
#include "include/uapi/mman.h"
#include "kernel/lib/string.h"
#include "kernel/sched/kthread.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/completion.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "mm/coherence.h"
#include "mm/fork.h"
#include "mm/gup.h"
#include "mm/mmap.h"
#include "mm/mmu_notifier.h"
#include "mm/pgtable.h"
#include "mm/uaccess.h"
#include "tests/kernel/disk_fixture.h"
#include "tests/kernel/kt_thread.h"

#define PAGES 16UL
#define NR_TEST_ENGINES 2

static struct iommu_engine *engine[NR_TEST_ENGINES];

struct rig {
	struct mm *mm;
	unsigned long va;
	struct iommu_sva *sva;
	u32 pasid;
};

static bool engines_attach(void)
{
	for (int i = 0; i < NR_TEST_ENGINES; i++)
		if (!engine[i] && iommu_engine_attach(&engine[i]))
			return false;
	return true;
}

static bool rig_up(struct rig *rig)
{
	*rig = (struct rig){ 0 };
	if (!KT_CHECK(engines_attach()) || KT_TRY(mm_alloc(&rig->mm)))
		return false;
	if (KT_TRY(vm_mmap(rig->mm, NULL, 0, PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, 0, &rig->va)))
		return false;
	if (KT_TRY(iommu_sva_bind(rig->mm, &rig->sva)))
		return false;
	rig->pasid = iommu_sva_pasid(rig->sva);
	return true;
}

static void rig_down(struct rig *rig)
{
	if (rig->sva)
		iommu_sva_unbind(rig->sva);
	if (rig->mm)
		mmput(rig->mm);
}

static unsigned long rig_va(const struct rig *rig, unsigned long page)
{
	return rig->va + page * PAGE_SIZE;
}

static int dev_read(struct rig *rig, unsigned long va, u64 *word)
{
	return iommu_engine_read(engine[0], rig->pasid, va, word, sizeof(*word));
}

static int dev_write(struct rig *rig, unsigned long va, u64 word)
{
	return iommu_engine_write(engine[0], rig->pasid, va, &word, sizeof(word));
}

static u64 cpu_read(struct mm *mm, unsigned long va)
{
	u64 word = 0;

	kthread_use_mm(mm);
	KT_CHECK_EQ(copy_from_user(&word, (const void __user *)va, sizeof(word)), 0);
	kthread_unuse_mm(mm);
	return word;
}

static void cpu_write(struct mm *mm, unsigned long va, u64 word)
{
	kthread_use_mm(mm);
	KT_CHECK_EQ(copy_to_user((void __user *)va, &word, sizeof(word)), 0);
	kthread_unuse_mm(mm);
}

static void discard(struct rig *rig, unsigned long va, unsigned long len)
{
	down_read(&rig->mm->mmap_lock);
	KT_CHECK_EQ(do_madvise(rig->mm, va, len, MADV_DONTNEED), 0);
	up_read(&rig->mm->mmap_lock);
}

static pte_t entry_at(struct rig *rig, unsigned long va)
{
	struct spinlock *ptl;
	pte_t *ptep = pte_offset_lock(rig->mm, va, &ptl), pte = pte_make_none();

	if (ptep) {
		pte = pte_read(ptep);
		pte_unmap_unlock(ptep, ptl);
	}
	return pte;
}

/* ---- translation ---- */

KTEST_QUICK(sva, device_and_cpu_see_the_same_bytes_at_the_same_address)
{
	struct rig rig;
	u64 word = 0;

	if (!KT_CHECK(rig_up(&rig)))
		goto out;
	cpu_write(rig.mm, rig.va, 0x1234);
	KT_CHECK_EQ(dev_read(&rig, rig.va, &word), 0);
	KT_CHECK_EQ(word, 0x1234);
	KT_CHECK_EQ(dev_write(&rig, rig.va + 8, 0x5678), 0);
	KT_CHECK_EQ(cpu_read(rig.mm, rig.va + 8), 0x5678);
out:
	rig_down(&rig);
}

/* The engine has the entry cached, writable and dirty; write-back takes it away. */
KTEST_QUICK(sva, what_it_writes_after_write_back_reaches_the_disk)
{
	unsigned long va = 0;
	struct disk d;
	struct rig rig;

	if (!dx_have())
		KT_SKIP("no spare disk");
	KT_TRUE(dx_up(&d));
	if (KT_CHECK(rig_up(&rig)) &&
	    KT_CHECK_EQ(vm_mmap(rig.mm, d.file, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
				MAP_SHARED, 1, &va), 0)) {
		for (u64 word = 1; word < 4; word++) {
			KT_CHECK_EQ(dev_write(&rig, va, word), 0);
			KT_CHECK(pte_dirty(entry_at(&rig, va)));
			KT_CHECK_EQ(dx_fsync(&d), 0);
			KT_CHECK_EQ(dx_disk(&d, 1), word);
			KT_CHECK(!pte_write(entry_at(&rig, va)));
		}
		KT_CHECK_EQ(cpu_read(rig.mm, va), 3);
	}
	rig_down(&rig);
	dx_down(&d);
}

KTEST_QUICK(sva, absent_page_is_requested_and_found)
{
	struct iommu_stats before, after;
	struct rig rig;
	u64 word = 1;

	if (!KT_CHECK(rig_up(&rig)))
		goto out;
	iommu_stats_read(&before);
	KT_CHECK_EQ(dev_read(&rig, rig_va(&rig, 3), &word), 0);
	KT_CHECK_EQ(word, 0);
	KT_CHECK_EQ(dev_write(&rig, rig_va(&rig, 4), 9), 0);
	iommu_stats_read(&after);
	KT_CHECK_EQ(after.page_requests - before.page_requests, 2);
	KT_CHECK_EQ(cpu_read(rig.mm, rig_va(&rig, 4)), 9);
out:
	rig_down(&rig);
}

/* As often as reclaim may be faster than the engine, and then some. */
KTEST(sva, a_page_that_is_always_gone_again_is_asked_for_again)
{
	const u64 misses = 1500;
	struct iommu_stats before, after;
	struct rig rig;

	if (!KT_CHECK(rig_up(&rig)))
		goto out;
	iommu_stats_read(&before);
	inject_arm(INJECT_DEVICE_MISS, 1, misses, current);
	KT_CHECK_EQ(dev_write(&rig, rig_va(&rig, 2), 7), 0);
	KT_CHECK_EQ(inject_disarm(INJECT_DEVICE_MISS), misses);
	iommu_stats_read(&after);
	KT_CHECK_GE(after.page_requests - before.page_requests, misses);
	KT_CHECK_EQ(cpu_read(rig.mm, rig_va(&rig, 2)), 7);
out:
	rig_down(&rig);
}

KTEST_QUICK(sva, accesses_that_the_process_may_not_make_are_refused)
{
	unsigned long hole;
	struct rig rig;
	u64 word;

	if (!KT_CHECK(rig_up(&rig)))
		goto out;
	hole = rig.va + PAGES * PAGE_SIZE;
	KT_CHECK_EQ(dev_read(&rig, hole, &word), -EFAULT);
	KT_CHECK_EQ(dev_read(&rig, 0, &word), -EFAULT);
	KT_CHECK_EQ(dev_read(&rig, 0xffff800000000000UL, &word), -EFAULT);
	KT_CHECK_EQ(iommu_engine_read(engine[0], IOMMU_NR_PASIDS + 5, rig.va, &word, 8), -EFAULT);
	cpu_write(rig.mm, rig.va, 1);
	down_write(&rig.mm->mmap_lock);
	KT_CHECK_EQ(do_mprotect(rig.mm, rig.va, PAGE_SIZE, PROT_READ), 0);
	up_write(&rig.mm->mmap_lock);
	KT_CHECK_EQ(dev_write(&rig, rig.va, 2), -EFAULT);
	KT_CHECK_EQ(dev_read(&rig, rig.va, &word), 0);
	KT_CHECK_EQ(word, 1);
out:
	rig_down(&rig);
}

/* A cached read-only leaf must not outlive an upgrade that the CPU made silently. */
KTEST_QUICK(sva, permission_upgrade_reaches_the_device)
{
	struct rig rig;
	u64 word;

	if (!KT_CHECK(rig_up(&rig)))
		goto out;
	cpu_write(rig.mm, rig.va, 1);
	down_write(&rig.mm->mmap_lock);
	KT_CHECK_EQ(do_mprotect(rig.mm, rig.va, PAGE_SIZE, PROT_READ), 0);
	up_write(&rig.mm->mmap_lock);
	KT_CHECK_EQ(dev_read(&rig, rig.va, &word), 0);	/* cached, read-only */
	down_write(&rig.mm->mmap_lock);
	KT_CHECK_EQ(do_mprotect(rig.mm, rig.va, PAGE_SIZE, PROT_READ | PROT_WRITE), 0);
	up_write(&rig.mm->mmap_lock);
	KT_CHECK_EQ(dev_write(&rig, rig.va, 2), 0);
	KT_CHECK_EQ(cpu_read(rig.mm, rig.va), 2);
out:
	rig_down(&rig);
}

/* ---- the bits that the device sets ---- */

KTEST_QUICK(sva, write_through_a_clean_cached_leaf_sets_the_dirty_bit)
{
	struct spinlock *ptl;
	struct rig rig;
	pte_t *ptep, old;
	u64 word;

	if (!KT_CHECK(rig_up(&rig)))
		goto out;
	cpu_write(rig.mm, rig.va, 1);
	/* A clean, writable entry: what a write-back would leave. */
	ptep = pte_offset_lock(rig.mm, rig.va, &ptl);
	if (!KT_CHECK(ptep))
		goto out;
	old = pte_read(ptep);
	while (!pte_try_cmpxchg(ptep, &old, pte_mkclean(old)))
		;
	pte_unmap_unlock(ptep, ptl);
	KT_CHECK_EQ(dev_read(&rig, rig.va, &word), 0);
	KT_CHECK_EQ(dev_write(&rig, rig.va, 5), 0);
	KT_CHECK(pte_dirty(entry_at(&rig, rig.va)));
	KT_CHECK(pte_young(entry_at(&rig, rig.va)));
out:
	rig_down(&rig);
}

/* G5's mechanism: after ageing, a device that uses the page makes it young again. */
KTEST_QUICK(sva, ageing_makes_the_device_set_the_accessed_bit_again)
{
	struct spinlock *ptl;
	struct rig rig;
	pte_t *ptep;
	u64 word;

	if (!KT_CHECK(rig_up(&rig)))
		goto out;
	KT_CHECK_EQ(dev_write(&rig, rig.va, 1), 0);
	for (int turn = 0; turn < 2; turn++) {
		ptep = pte_offset_lock(rig.mm, rig.va, &ptl);
		if (!KT_CHECK(ptep))
			goto out;
		KT_CHECK(turn ? ptep_clear_young_notify(rig.mm, rig.va, ptep) :
			 ptep_clear_flush_young_notify(rig.mm, rig.va, ptep));
		KT_CHECK(!pte_young(pte_read(ptep)));
		pte_unmap_unlock(ptep, ptl);
		KT_CHECK_EQ(dev_read(&rig, rig.va, &word), 0);
		KT_CHECK(pte_young(entry_at(&rig, rig.va)));
	}
out:
	rig_down(&rig);
}

/* ---- staleness is real ---- */

/* The control for all the others: without the invalidation the device sees old bytes. */
KTEST_QUICK(sva, device_uses_a_stale_translation_until_it_is_told)
{
	struct page *page = NULL;
	struct rig rig;
	u64 word = 0;

	if (!KT_CHECK(rig_up(&rig)))
		goto out;
	cpu_write(rig.mm, rig.va, 77);
	KT_CHECK_EQ(dev_read(&rig, rig.va, &word), 0);
	if (!KT_CHECK_EQ(get_user_pages_unlocked(rig.mm, rig.va, 1, 0, &page), 1))
		goto out;			/* keeps the frame from being reused */
	iommu_hw_lose_invalidations(1000);
	discard(&rig, rig.va, PAGE_SIZE);
	iommu_hw_lose_invalidations(0);
	KT_CHECK_EQ(cpu_read(rig.mm, rig.va), 0);
	KT_CHECK_EQ(dev_read(&rig, rig.va, &word), 0);
	KT_CHECK_EQ(word, 77);			/* stale, as hardware would be */
#ifdef CONFIG_CHECKS
	KT_CHECK_EQ(coherence_holds(page), 1);	/* and the oracle knows */
#endif
	iommu_invalidate(rig.pasid, rig.va, rig.va + PAGE_SIZE);
	KT_CHECK_EQ(dev_read(&rig, rig.va, &word), 0);
	KT_CHECK_EQ(word, 0);
	put_page(page);
out:
	rig_down(&rig);
}

KTEST_QUICK(sva, discarded_page_is_gone_for_the_device_too)
{
	struct rig rig;
	u64 word = 1;

	if (!KT_CHECK(rig_up(&rig)))
		goto out;
	KT_CHECK_EQ(dev_write(&rig, rig.va, 3), 0);
	discard(&rig, rig.va, PAGE_SIZE);
	KT_CHECK_EQ(dev_read(&rig, rig.va, &word), 0);
	KT_CHECK_EQ(word, 0);
out:
	rig_down(&rig);
}

/* A read by a thread of its own: with a stale cache the engine would ask for ever. */
struct late_read {
	struct rig *rig;
	unsigned long va;
	u64 word;
};

static int late_read_run(void *data)
{
	struct late_read *r = data;

	return dev_read(r->rig, r->va, &r->word);
}

/* The unit caches where level-1 tables are: a freed table must be forgotten. */
KTEST_QUICK(sva, freed_page_table_is_forgotten)
{
	struct late_read late = { .word = 1 };
	struct task *reader = NULL;
	unsigned long va, again;
	struct rig rig;
	u64 word;

	if (!KT_CHECK(rig_up(&rig)))
		goto out;
	KT_CHECK_EQ(vm_mmap(rig.mm, NULL, 0x10000000UL, 4UL << 20, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0, &va), 0);
	KT_CHECK_EQ(dev_write(&rig, va, 3), 0);
	KT_CHECK_EQ(dev_write(&rig, va + PAGE_SIZE, 4), 0);
	KT_CHECK_EQ(vm_munmap(rig.mm, va, 4UL << 20), 0);
	KT_CHECK_EQ(dev_read(&rig, va, &word), -EFAULT);
	KT_CHECK_EQ(vm_mmap(rig.mm, NULL, va, 4UL << 20, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0, &again), 0);
	late.rig = &rig;
	late.va = va + PAGE_SIZE;
	reader = kt_spawn(late_read_run, &late);
	KT_CHECK(reader && kt_wait_until(kt_done(reader)));
out:
	rig_down(&rig);			/* at the latest now it ends */
	KT_CHECK_EQ(kt_join(reader), 0);
	KT_CHECK_EQ(late.word, 0);
}

/* mremap moves a table as it is: what the unit knows of its old place is wrong now. */
KTEST_QUICK(sva, moved_page_table_is_forgotten_at_its_old_place)
{
	unsigned long from = 0x10000000UL, to = 0x20000000UL, len = 2UL << 20, va;
	struct rig rig;
	u64 word = 1;

	if (!KT_CHECK(rig_up(&rig)))
		goto out;
	KT_CHECK_EQ(vm_mmap(rig.mm, NULL, from, len, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0, &va), 0);
	KT_CHECK_EQ(dev_write(&rig, from, 3), 0);
	KT_CHECK_EQ(dev_write(&rig, from + PAGE_SIZE, 4), 0);
	down_write(&rig.mm->mmap_lock);
	KT_CHECK_EQ(do_mremap(rig.mm, from, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, to, &va), 0);
	up_write(&rig.mm->mmap_lock);
	KT_CHECK_EQ(dev_read(&rig, from, &word), -EFAULT);
	KT_CHECK_EQ(dev_write(&rig, from + PAGE_SIZE, 5), -EFAULT);
	KT_CHECK_EQ(dev_read(&rig, to + PAGE_SIZE, &word), 0);
	KT_CHECK_EQ(word, 4);
	KT_CHECK_EQ(cpu_read(rig.mm, to), 3);
out:
	rig_down(&rig);
}

KTEST_QUICK(sva, device_write_breaks_cow)
{
	struct mm *child = NULL;
	struct rig rig;

	if (!KT_CHECK(rig_up(&rig)))
		goto out;
	KT_CHECK_EQ(dev_write(&rig, rig.va, 10), 0);	/* cached, writable */
	if (!KT_CHECK_EQ(dup_mm(rig.mm, &child), 0))
		goto out;
	KT_CHECK_EQ(dev_write(&rig, rig.va, 11), 0);
	KT_CHECK_EQ(cpu_read(rig.mm, rig.va), 11);
	KT_CHECK_EQ(cpu_read(child, rig.va), 10);
	mmput(child);
out:
	rig_down(&rig);
}

/* ---- binding ---- */

KTEST_QUICK(sva, exit_of_the_process_ends_the_devices_access)
{
	struct rig rig;
	u64 word;

	if (!KT_CHECK(rig_up(&rig)))
		goto out;
	KT_CHECK_EQ(dev_write(&rig, rig.va, 1), 0);
	/* who served the device's fault lets go of the process after his answer */
	kt_wait_until(atomic_read(&rig.mm->mm_users) == 1);
	mmput(rig.mm);
	rig.mm = NULL;
	KT_CHECK_EQ(dev_read(&rig, rig.va, &word), -EFAULT);
out:
	rig_down(&rig);
}

KTEST_QUICK(sva, binding_counts_and_the_last_unbind_ends_access)
{
	struct iommu_sva *second;
	struct rig rig;
	u64 word;

	if (!KT_CHECK(rig_up(&rig)))
		goto out;
	if (!KT_CHECK_EQ(iommu_sva_bind(rig.mm, &second), 0))
		goto out;
	KT_CHECK_EQ(iommu_sva_pasid(second), rig.pasid);
	iommu_sva_unbind(second);
	KT_CHECK_EQ(dev_write(&rig, rig.va, 1), 0);
	iommu_sva_unbind(rig.sva);
	rig.sva = NULL;
	KT_CHECK_EQ(dev_read(&rig, rig.va, &word), -EFAULT);
	KT_CHECK_EQ(cpu_read(rig.mm, rig.va), 1);
out:
	rig_down(&rig);
}

/* ---- both sides at once ---- */

struct hammer {
	struct rig *rig;
	int engine;
	bool stop;
	u64 accesses;
	struct completion done;
};

/* Each engine owns one word of every page and counts it up; nothing may be lost. */
static int hammer_thread(void *data)
{
	struct hammer *h = data;
	u64 turn = 0;

	while (!READ_ONCE(h->stop)) {
		unsigned long va = rig_va(h->rig, turn % PAGES) + 64 * (h->engine + 1);
		u64 word = 0;

		KT_CHECK_EQ(iommu_engine_read(engine[h->engine], h->rig->pasid, va, &word, 8), 0);
		KT_CHECK_EQ(word, turn / PAGES);
		word++;
		KT_CHECK_EQ(iommu_engine_write(engine[h->engine], h->rig->pasid, va, &word, 8), 0);
		turn++;
		cond_resched();
	}
	h->accesses = turn;
	complete(&h->done);
	return 0;
}

/* Forks (COW), protection changes and ageing while two engines write. */
KTEST(sva, engines_lose_no_write_while_the_mm_changes)
{
	struct hammer h[NR_TEST_ENGINES];
	struct rig rig;

	if (!KT_CHECK(rig_up(&rig)))
		goto out;
	for (int i = 0; i < NR_TEST_ENGINES; i++) {
		h[i] = (struct hammer){ .rig = &rig, .engine = i };
		init_completion(&h[i].done);
		KT_CHECK_EQ(kthread_run(NULL, hammer_thread, &h[i], "hammer/%d", i), 0);
	}
	for (int turn = 0; turn < 60 && !ktest_failed(); turn++) {
		struct mm *child = NULL;

		if (!KT_CHECK_EQ(dup_mm(rig.mm, &child), 0))
			break;
		schedule_timeout_uninterruptible(1);
		mmput(child);
		for (unsigned long p = 0; p < PAGES; p++) {
			struct spinlock *ptl;
			pte_t *ptep = pte_offset_lock(rig.mm, rig_va(&rig, p), &ptl);

			if (!ptep)
				continue;
			(void)ptep_clear_flush_young_notify(rig.mm, rig_va(&rig, p), ptep);
			pte_unmap_unlock(ptep, ptl);
		}
	}
	for (int i = 0; i < NR_TEST_ENGINES; i++) {
		WRITE_ONCE(h[i].stop, true);
		wait_for_completion(&h[i].done);
		KT_CHECK(h[i].accesses > 0);
	}
out:
	rig_down(&rig);
}
