/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_mlock.c - suite mlock: memory that stays, against those who take it
 */
#include "mm/mlock.h"

#include "fs/file.h"
#include "fs/vfs.h"
#include "kernel/sched/sched.h"
#include "kernel/test/gate.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "mm/pgtable.h"
#include "mm/rmap.h"
#include "mm/swap.h"
#include "tests/kernel/mm_fixture.h"

#define P(n) ((n) * PAGE_SIZE)

static long lock(unsigned long page, unsigned long pages)
{
	return sys_mlock(FX_BASE + P(page), P(pages));
}

static long unlock(unsigned long page, unsigned long pages)
{
	return sys_munlock(FX_BASE + P(page), P(pages));
}

static u64 nr_mlocked(void)
{
	struct lru_counts counts;

	lru_count(&counts);
	return counts.mlocked;
}

static bool is_mlocked(struct mm *mm, unsigned long page)
{
	struct page *p = fx_page(mm, FX_BASE + P(page));

	return p && page_test(p, PG_mlocked);
}

/* @pages pages at FX_BASE, page i holding i + 1. */
static struct mm *mm_with(unsigned long pages)
{
	struct mm *mm = fx_mm();

	if (!mm)
		return NULL;
	fx_map(mm, FX_BASE, pages, FX_RW);
	for (unsigned long i = 0; i < pages; i++)
		fx_put(FX_BASE + P(i), i + 1);
	return mm;
}

#define KT_MM_AND_SWAP(mm, pages)					\
	do {								\
		(mm) = mm_with(pages);					\
		KT_TRUE(mm);						\
		if (!fx_have_swap()) {					\
			fx_drop(mm);					\
			KT_SKIP("no swap area");			\
		}							\
	} while (0)

KTEST_QUICK(mlock, locked_pages_wait_apart_and_come_back)
{
	struct mm *mm = mm_with(8);
	u64 before = nr_mlocked();

	KT_TRUE(mm);
	KT_CHECK_EQ(lock(2, 4), 0);
	KT_CHECK_EQ(mm->locked_vm, 4);
	KT_CHECK_EQ(fx_nr_vmas(mm), 3);
	KT_CHECK_EQ(nr_mlocked(), before + 4);
	KT_CHECK(is_mlocked(mm, 2) && !is_mlocked(mm, 1));
	KT_CHECK(page_test(fx_page(mm, FX_BASE + P(2)), PG_unevictable));
	KT_CHECK_EQ(unlock(2, 1), 0);
	KT_CHECK(!is_mlocked(mm, 2) && is_mlocked(mm, 3));
	KT_CHECK_EQ(nr_mlocked(), before + 3);
	KT_CHECK(!page_test(fx_page(mm, FX_BASE + P(2)), PG_unevictable));
	KT_CHECK_EQ(vm_munmap(mm, FX_BASE + P(3), P(1)), 0);
	KT_CHECK_EQ(mm->locked_vm, 2);
	KT_CHECK_EQ(nr_mlocked(), before + 2);
	KT_CHECK_EQ(sys_munlockall(), 0);
	KT_CHECK_EQ(fx_nr_vmas(mm), 2);
	KT_CHECK_EQ(nr_mlocked(), before);
	KT_CHECK(fx_valid(mm));
	fx_drop(mm);
}

/* Also what is made later in a locked VMA: by the first touch, by COW, from swap. */
KTEST_QUICK(mlock, pages_that_come_later_are_locked)
{
	struct mm *mm, *child;
	u64 before;

	KT_MM_AND_SWAP(mm, 4);
	before = nr_mlocked();
	fx_map(mm, FX_BASE + P(4), 1, FX_RW);
	KT_CHECK(fx_unmap_to_swap_cache(mm, FX_BASE));
	KT_CHECK_EQ(sys_mlock2(FX_BASE, P(5), MLOCK_ONFAULT), 0);
	KT_CHECK_EQ(nr_mlocked(), before + 3);
	KT_CHECK_EQ(fx_get(FX_BASE), 1);
	fx_put(FX_BASE + P(4), 5);
	KT_CHECK(is_mlocked(mm, 0) && is_mlocked(mm, 4));
	child = fx_fork(mm);
	if (child) {
		KT_CHECK_EQ(child->locked_vm, 0);
		fx_put(FX_BASE + P(1), 20);
		KT_CHECK(is_mlocked(mm, 1) && !is_mlocked(child, 1));
		KT_CHECK_EQ(nr_mlocked(), before + 5);
		mmput(child);
	}
	KT_CHECK_EQ(nr_mlocked(), before + 5);
	fx_drop(mm);
	KT_CHECK_EQ(nr_mlocked(), before);
}

KTEST_QUICK(mlock, reclaim_leaves_locked_pages_alone)
{
	struct mm *mm;
	unsigned int i;

	KT_MM_AND_SWAP(mm, 16);
	KT_CHECK_EQ(lock(0, 8), 0);
	for (i = 0; i < 100 && fx_page(mm, FX_BASE + P(15)); i++)
		reclaim_pages(16);
	for (i = 0; i < 8; i++)
		KT_CHECK(fx_page(mm, FX_BASE + P(i)) != NULL);
	KT_CHECK(!fx_page(mm, FX_BASE + P(15)));
	for (i = 0; i < 16; i++)
		KT_CHECK_EQ(fx_get(FX_BASE + P(i)), i + 1);
	fx_drop(mm);
}

/*
 * Two locked VMAs have the page and one lets go: the flag goes, too, for nobody has
 * counted. Reclaim asks the page, finds the other, and puts it away again.
 */
KTEST_QUICK(mlock, reclaim_finds_the_lock_by_rmap)
{
	unsigned long vm_flags;
	struct mm *mm, *child;
	struct page *page;

	KT_MM_AND_SWAP(mm, 1);
	child = fx_fork(mm);
	if (!child)
		goto out;
	page = fx_page(mm, FX_BASE);
	KT_CHECK_EQ(sys_mlock2(FX_BASE, P(1), MLOCK_ONFAULT), 0);
	kthread_unuse_mm(mm);
	kthread_use_mm(child);
	KT_CHECK_EQ(sys_mlock2(FX_BASE, P(1), MLOCK_ONFAULT), 0);
	KT_CHECK_EQ(unlock(0, 1), 0);
	kthread_unuse_mm(child);
	kthread_use_mm(mm);
	KT_CHECK(!page_test(page, PG_mlocked));
	KT_CHECK(!fx_unmap_to_swap_cache(mm, FX_BASE));
	KT_CHECK(fx_page(mm, FX_BASE) == page && page_test(page, PG_mlocked));
	KT_CHECK_EQ(unlock(0, 1), 0);
	KT_CHECK_EQ(sys_mlock2(FX_BASE, P(1), MLOCK_ONFAULT), 0);
	lru_munlock(page);
	page_lock(page);
	KT_CHECK_GT(page_referenced(page, &vm_flags), 0);
	page_unlock(page);
	KT_CHECK(page_test(page, PG_mlocked) && vm_flags & VM_LOCKED);
	mmput(child);
out:
	fx_drop(mm);
}

KTEST_QUICK(mlock, a_cut_that_fails_changes_nothing)
{
	struct mm *mm = mm_with(8);
	u64 fired = 1;
	long err = 0;

	KT_TRUE(mm);
	for (u64 nth = 1; fired; nth++) {
		inject_arm(INJECT_SLAB_ALLOC, nth, 1, current);
		err = lock(2, 4);
		fired = inject_disarm(INJECT_SLAB_ALLOC);
		KT_CHECK_EQ(err, fired ? -ENOMEM : 0);
		KT_CHECK_EQ(fx_nr_vmas(mm), fired ? 1 : 3);
		KT_CHECK_EQ(mm->locked_vm, fired ? 0 : 4);
		KT_CHECK(fx_valid(mm) && is_mlocked(mm, 3) == !fired);
		if (KT_CHECK_LE(nth, 20))
			continue;
		break;
	}
	/* Cutting a hole into the lock: the same the other way round. */
	inject_arm(INJECT_SLAB_ALLOC, 1, 1, current);
	KT_CHECK_EQ(unlock(3, 1), -ENOMEM);
	KT_CHECK_EQ(inject_disarm(INJECT_SLAB_ALLOC), 1);
	KT_CHECK_EQ(mm->locked_vm, 4);
	KT_CHECK(is_mlocked(mm, 3));
	fx_drop(mm);
}

/* No memory for the pages: the range is locked all the same, as on Linux. */
KTEST_QUICK(mlock, pages_that_cannot_be_had_are_an_error)
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 4, FX_RW);
	fx_put(FX_BASE, 1);		/* a whole VMA with all it needs but three pages */
	inject_arm(INJECT_PAGE_ALLOC, 2, 1, current);
	KT_CHECK_EQ(lock(0, 4), -EAGAIN);
	KT_CHECK_EQ(inject_disarm(INJECT_PAGE_ALLOC), 1);
	KT_CHECK_EQ(mm->locked_vm, 4);
	KT_CHECK(is_mlocked(mm, 1) && !fx_page(mm, FX_BASE + P(2)));
	KT_CHECK_EQ(lock(0, 4), 0);
	KT_CHECK(is_mlocked(mm, 3));
	fx_drop(mm);
}

KTEST_QUICK(mlock, the_limit_counts_what_is_locked)
{
	struct mm *mm = mm_with(8);
	unsigned long where;

	KT_TRUE(mm);
	mm->memlock_limit = P(4);
	KT_CHECK_EQ(lock(0, 5), -ENOMEM);
	KT_CHECK_EQ(lock(0, 4), 0);
	KT_CHECK_EQ(lock(2, 2), 0);
	KT_CHECK_EQ(lock(2, 3), -ENOMEM);
	KT_CHECK_EQ(vm_mmap(mm, NULL, 0, P(1), FX_RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, 0,
			    &where), -EAGAIN);
	KT_CHECK_EQ(unlock(0, 2), 0);
	KT_CHECK_EQ(lock(2, 4), 0);
	mm->memlock_limit = 0;
	KT_CHECK_EQ(lock(2, 1), -EPERM);
	KT_CHECK_EQ(sys_mlockall(MCL_FUTURE), -EPERM);
	KT_CHECK_EQ(mm->locked_vm, 4);
	fx_drop(mm);
}

KTEST_QUICK(mlock, mremap_takes_the_lock_along)
{
	struct mm *mm = mm_with(4);
	u64 before = nr_mlocked();
	unsigned long to = FX_BASE + P(100);

	KT_TRUE(mm);
	KT_CHECK_EQ(lock(0, 4), 0);
	KT_CHECK_EQ(sys_mremap(FX_BASE, P(4), P(6), MREMAP_MAYMOVE | MREMAP_FIXED, to), to);
	KT_CHECK_EQ(mm->locked_vm, 6);
	KT_CHECK_EQ(nr_mlocked(), before + 6);
	KT_CHECK_EQ(sys_mremap(to, P(6), P(6), MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP,
			       FX_BASE), FX_BASE);
	KT_CHECK_EQ(mm->locked_vm, 6);
	KT_CHECK_EQ(nr_mlocked(), before + 6);
	KT_CHECK_EQ(fx_get(FX_BASE + P(3)), 4);
	fx_put(to, 1);			/* the old range is not locked any more */
	KT_CHECK_EQ(nr_mlocked(), before + 6);
	KT_CHECK(fx_valid(mm));
	fx_drop(mm);
}

/* Read-only memory is locked as the page of zeros; its own page comes with the right to write. */
KTEST_QUICK(mlock, a_locked_page_that_becomes_writable_is_there_before_the_write)
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 2, PROT_READ);
	KT_CHECK_EQ(lock(0, 2), 0);
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_ANONPAGES]), 0);
	KT_CHECK_EQ(sys_mprotect(FX_BASE, P(1), FX_RW), 0);
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_ANONPAGES]), 1);
	KT_CHECK(is_mlocked(mm, 0) && pte_write(fx_pte(mm, FX_BASE)));
	KT_CHECK_EQ(mm->locked_vm, 2);
	fx_drop(mm);
}

/* Truncation comes without mmap_lock and takes locked pages, too. */
KTEST_QUICK(mlock, truncation_ends_the_lock_of_a_page)
{
	struct file *file = NULL;
	unsigned long out;
	struct mm *mm;
	u64 before;

	KT_EQ(tmpfs_file_anon(P(4), &file), 0);
	mm = fx_mm();
	if (!mm)
		goto out;
	before = nr_mlocked();
	KT_CHECK_EQ(vm_mmap(mm, file, FX_BASE, P(4), FX_RW, MAP_SHARED | MAP_FIXED, 0, &out), 0);
	KT_CHECK_EQ(lock(0, 4), 0);
	KT_CHECK_EQ(nr_mlocked(), before + 4);
	KT_CHECK_EQ(vfs_truncate(file->inode, P(1)), 0);
	KT_CHECK_EQ(nr_mlocked(), before + 1);
	KT_CHECK_EQ(mm->locked_vm, 4);		/* of the range, not of the pages */
	fx_drop(mm);
	KT_CHECK_EQ(nr_mlocked(), before);
out:
	file_put(file);
}

/* ---- races ---- */

static int take_first_page(void *arg)
{
	return fx_unmap_to_swap_cache(arg, FX_BASE);
}

static int lock_first_page(void *arg)
{
	(void)arg;
	return (int)lock(0, 1);
}

static int unlock_first_page(void *arg)
{
	(void)arg;
	return (int)unlock(0, 1);
}

static struct spinlock *table_lock_of(struct mm *mm, unsigned long va)
{
	struct spinlock *ptl = NULL;
	pte_t *ptep = pte_offset_lock(mm, va, &ptl);

	if (ptep)
		pte_unmap_unlock(ptep, ptl);
	return ptl;
}

/*
 *	reclaim				mlock
 *	table lock; not locked		VM_LOCKED
 *	  stands			comes for the table lock: must not pass it by
 *	unmaps				finds the page gone, brings it back
 */
KTEST(mlock, who_looked_before_the_lock_does_not_take_after_it)
{
	struct fx_thread taker, locker;
	struct spinlock *ptl;
	struct mm *mm;

	KT_NEED_GATES();
	KT_NEED_CPUS(2);
	KT_MM_AND_SWAP(mm, 1);
	ptl = table_lock_of(mm, FX_BASE);
	gate_arm("try_to_unmap.clear", fx_page(mm, FX_BASE));
	if (!fx_start(&taker, NULL, take_first_page, mm))
		goto out;
	if (!gate_wait("try_to_unmap.clear"))
		goto out_taker;
	gate_arm("sched.lock", ptl);
	if (!fx_start(&locker, mm, lock_first_page, NULL))
		goto out_taker;
	while (!gate_reached("sched.lock") && !completion_done(&locker.done))
		(void)schedule_timeout_uninterruptible(1);
	KT_CHECK(!completion_done(&locker.done));
	gate_open("try_to_unmap.clear");
	KT_CHECK_EQ(fx_join(&taker), true);
	gate_open("sched.lock");
	KT_CHECK_EQ(fx_join(&locker), 0);
	KT_CHECK(is_mlocked(mm, 0));
	KT_CHECK_EQ(fx_get(FX_BASE), 1);
	goto out;
out_taker:
	gate_open("try_to_unmap.clear");
	(void)fx_join(&taker);
out:
	fx_drop(mm);
}

/* The lock is gone, the page not yet seen by munlock, and reclaim is faster. */
KTEST(mlock, a_page_taken_while_it_is_unlocked_is_no_locked_page)
{
	struct fx_thread unlocker;
	struct page *page;
	struct mm *mm;
	u64 before;

	KT_NEED_GATES();
	KT_MM_AND_SWAP(mm, 1);
	before = nr_mlocked();
	KT_CHECK_EQ(lock(0, 1), 0);
	page = fx_page(mm, FX_BASE);
	gate_arm("mlock.flags_set", mm);
	if (!fx_start(&unlocker, mm, unlock_first_page, NULL))
		goto out;
	if (gate_wait("mlock.flags_set")) {
		/* fx_unmap_to_swap_cache() would want mmap_lock: the page is known. */
		swp_entry_t entry;

		get_page(page);
		page_lock(page);
		KT_CHECK_EQ(swap_slot_alloc(&entry), 0);
		KT_CHECK_EQ(swap_cache_add(page, entry), 0);
		page_set(page, PG_dirty);
		KT_CHECK_EQ(try_to_unmap(page, TTU_IGNORE_ACCESS), SWAP_SUCCESS);
		page_unlock(page);
		KT_CHECK(!page_test(page, PG_mlocked));
		put_page(page);
	}
	gate_open("mlock.flags_set");
	KT_CHECK_EQ(fx_join(&unlocker), 0);
	KT_CHECK_EQ(nr_mlocked(), before);
	KT_CHECK_EQ(fx_get(FX_BASE), 1);
out:
	fx_drop(mm);
}

/* Isolated by reclaim when the lock comes: it goes to the list where it belongs. */
KTEST_QUICK(mlock, an_isolated_page_lands_on_the_right_list)
{
	struct mm *mm = mm_with(1);
	struct page *page;

	KT_TRUE(mm);
	page = fx_page(mm, FX_BASE);
	if (KT_CHECK(lru_isolate_page(page))) {
		KT_CHECK_EQ(lock(0, 1), 0);
		KT_CHECK(page_test(page, PG_mlocked) && !page_test(page, PG_lru));
		lru_putback(page, true);
		KT_CHECK(page_test(page, PG_unevictable) && !page_test(page, PG_active));
	}
	KT_CHECK(!lru_isolate_page(page));
	KT_CHECK_EQ(lru_check(), 0);
	fx_drop(mm);
}

/* Locks come and go on all CPUs while reclaim and COW work on the same pages. */
static int churn_locks(void *arg)
{
	struct mm *mm = arg;

	for (unsigned long i = 0; i < 60; i++) {
		(void)lock(i % 7, 1 + i % 3);
		if (i % 4 == 0)
			reclaim_pages(4);
		if (i % 5 == 0)
			(void)fx_unmap_to_swap_cache(mm, FX_BASE + P(i % 8));
		(void)unlock(i % 6, 1 + i % 4);
	}
	return 0;
}

KTEST(mlock, storm_of_lockers_and_reclaimers)
{
	struct fx_thread t[3];
	struct mm *mm;
	u64 before;
	int n;

	KT_MM_AND_SWAP(mm, 8);
	before = nr_mlocked();
	for (n = 0; n < 3; n++) {
		if (!fx_start(&t[n], mm, churn_locks, mm))
			break;
	}
	while (n--)
		KT_CHECK_EQ(fx_join(&t[n]), 0);
	KT_CHECK_EQ(sys_munlockall(), 0);
	KT_CHECK_EQ(mm->locked_vm, 0);
	KT_CHECK_EQ(nr_mlocked(), before);
	for (unsigned long i = 0; i < 8; i++)
		KT_CHECK_EQ(fx_get(FX_BASE + P(i)), i + 1);
	KT_CHECK(fx_valid(mm) && !lru_check());
	fx_drop(mm);
}
