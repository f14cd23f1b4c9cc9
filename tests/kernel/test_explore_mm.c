/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_explore_mm.c - suite explore_mm: entries that change, in every order
 *
 * One page at FX_BASE, which reads 1, and two threads: one changes its entry, the other
 * uses it. kernel/test/explore.h says how they are run.
 */
#include "kernel/test/explore.h"

#include "include/uapi/mman.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"
#include "kernel/sync/rcu.h"
#include "kernel/test/gate.h"
#include "kernel/test/ktest.h"
#include "mm/gup.h"
#include "mm/pgtable.h"
#include "mm/rmap.h"
#include "mm/swap.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/toy_mirror.h"
#include "tests/kernel/toy_tlb.h"

/* What the threads of a test share; made anew for each schedule. */
static struct {
	struct mm *mm;
	struct mm *relative;		/* shares the page, or NULL */
	struct page *page;		/* at FX_BASE, no reference */
	struct mirror mirror;
	struct toy_tlb tlb;
	bool done;			/* what the other thread waits for has returned */
	bool stored_after;		/* the last store was begun after that */
} s;

static bool scene_up(bool shared)
{
	memset(&s, 0, sizeof(s));
	s.mm = fx_mm();
	if (!s.mm || fx_map(s.mm, FX_BASE, 1, FX_RW) != FX_BASE || !fx_put(FX_BASE, 1))
		return false;
	s.page = fx_page(s.mm, FX_BASE);
	if (shared)
		s.relative = fx_fork(s.mm);
	kthread_unuse_mm(s.mm);
	return !shared || s.relative;
}

static bool scene_down(bool right)
{
	if (s.relative)
		mmput(s.relative);
	fx_drop(s.mm);
	return right;
}

/* The process's own thread writes 2. */
static void cpu_writes(void *unused)
{
	kthread_use_mm(s.mm);
	fx_put(FX_BASE, 2);
	kthread_unuse_mm(s.mm);
}

static void process_unmaps(void *unused)
{
	KT_CHECK_EQ(vm_munmap(s.mm, FX_BASE, PAGE_SIZE), 0);
}

/* ---- a device with a table of its own ---- */

static bool mirror_up(void *unused)
{
	return scene_up(false) && KT_CHECK_EQ(mirror_open(&s.mirror, s.mm, FX_BASE), 0);
}

static bool shared_mirror_up(void *unused)
{
	return scene_up(true) && KT_CHECK_EQ(mirror_open(&s.mirror, s.mm, FX_BASE), 0);
}

static void device_faults(void *unused)
{
	(void)!mirror_fault(&s.mirror, FX_BASE, false);
}

/* What the device reads without a fault is what the process reads. */
static bool cow_down(void *unused)
{
	u64 word = 2;

	(void)mirror_access(&s.mirror, FX_BASE, &word, false);
	mirror_close(&s.mirror);
	return scene_down(word == 2 && fx_get_in(s.mm, FX_BASE) == 2 &&
			  fx_get_in(s.relative, FX_BASE) == 1);
}

KTEST(explore_mm, cow_against_device_fault)
{
	static const struct explore_program p = {
		.thread = { cpu_writes, device_faults }, .up = shared_mirror_up, .down = cow_down,
	};

	KT_NEED_GATES();
	explore(&p);
}

static bool munmap_down(void *unused)
{
	unsigned int left = mirror_count(&s.mirror);

	mirror_close(&s.mirror);
	return scene_down(!left);
}

KTEST(explore_mm, munmap_against_device_fault)
{
	static const struct explore_program p = {
		.thread = { process_unmaps, device_faults }, .up = mirror_up, .down = munmap_down,
	};

	KT_NEED_GATES();
	explore(&p);
}

/* ---- a device that has only a TLB ---- */

static bool pair_up(void *unused)
{
	return scene_up(true) && KT_CHECK_EQ(toy_tlb_open(&s.tlb, s.mm, &toy_tlb_pair_ops), 0) &&
	       KT_CHECK(toy_tlb_fill(&s.tlb, FX_BASE));
}

static void process_discards(void *unused)
{
	down_read(&s.mm->mmap_lock);
	KT_CHECK_EQ(do_madvise(s.mm, FX_BASE, PAGE_SIZE, MADV_DONTNEED), 0);
	up_read(&s.mm->mmap_lock);
}

static bool tlb_down(void *unused)
{
	struct page *page = toy_tlb_page(&s.tlb, FX_BASE);
	bool right = !page || page == fx_page(s.mm, FX_BASE);

	toy_tlb_close(&s.tlb);
	return scene_down(right);
}

/* The copy is announced by change_pte while MADV_DONTNEED has its bracket open. */
KTEST(explore_mm, change_pte_inside_an_open_bracket)
{
	static const struct explore_program p = {
		.thread = { process_discards, cpu_writes }, .up = pair_up, .down = tlb_down,
	};

	KT_NEED_GATES();
	explore(&p);
}

static bool point_up(void *unused)
{
	return scene_up(false) && KT_CHECK_EQ(toy_tlb_open(&s.tlb, s.mm, &toy_tlb_point_ops), 0);
}

static void device_misses(void *unused)
{
	(void)toy_tlb_fill(&s.tlb, FX_BASE);
}

/* The middle of a walk: the last table is found, its entry not yet read. */
static void device_walks(void *unused)
{
	pte_t *ptep;

	rcu_read_lock();
	ptep = pte_find(s.mm, FX_BASE);
	sched_point(SP_RCU, ptep);
	if (ptep) {
		KT_CHECK(page_test(virt_to_page(ptep), PG_table));
		KT_CHECK(pte_none(pte_read(ptep)) || pte_mapped(pte_read(ptep)));
	}
	rcu_read_unlock();
	device_misses(unused);
}

KTEST(explore_mm, table_page_freed_under_a_point_walker)
{
	static const struct explore_program p = {
		.thread = { process_unmaps, device_walks }, .up = point_up, .down = tlb_down,
	};

	KT_NEED_GATES();
	explore(&p);
}

/* ---- without a device ---- */

static bool swapped_up(void *unused)
{
	if (!scene_up(true) || !fx_have_swap() || !fx_unmap_to_swap_cache(s.mm, FX_BASE))
		return false;
	/* one of the two gets it back, so that it can be swapped out once more */
	KT_CHECK_EQ(fx_get_in(s.mm, FX_BASE), 1);
	s.page = fx_page(s.mm, FX_BASE);
	return KT_CHECK(s.page && page_test(s.page, PG_swapcache));
}

static void swap_out(void *unused)
{
	get_page(s.page);
	page_lock(s.page);
	KT_CHECK_NE(try_to_unmap(s.page, TTU_IGNORE_ACCESS), SWAP_FAIL);
	page_unlock(s.page);
	swap_cache_put_page(s.page);
}

static void relative_writes(void *unused)
{
	KT_CHECK(fx_put_in(s.relative, FX_BASE, 3));
}

static bool each_reads_its_own(void *unused)
{
	return scene_down(fx_get_in(s.mm, FX_BASE) == 1 && fx_get_in(s.relative, FX_BASE) == 3);
}

static bool both_read_one(void *unused)
{
	return scene_down(fx_get_in(s.mm, FX_BASE) == 1 && fx_get_in(s.relative, FX_BASE) == 1);
}

KTEST(explore_mm, swap_out_against_swap_in_of_a_shared_entry)
{
	static const struct explore_program p = {
		.thread = { swap_out, relative_writes }, .up = swapped_up,
		.down = each_reads_its_own,
	};

	KT_NEED_GATES();
	explore(&p);
}

static bool alone_up(void *unused)
{
	return scene_up(false);
}

static void process_forks(void *unused)
{
	s.relative = fx_fork(s.mm);
}

/* Whoever is given a page to write to finds it writable still: it is not shared yet. */
static void look_up_to_write(void *unused)
{
	struct page *page;

	if (!get_user_page_fast(s.mm, FX_BASE, true, &page))
		return;
	KT_CHECK(fx_page(s.mm, FX_BASE) == page);
	KT_CHECK(pte_write(fx_pte(s.mm, FX_BASE)));
	put_page(page);
}

KTEST(explore_mm, fork_against_lockless_look_up)
{
	static const struct explore_program p = {
		.thread = { process_forks, look_up_to_write }, .up = alone_up,
		.down = both_read_one,
	};

	KT_NEED_GATES();
	explore(&p);
}

/* ---- a process's thread with a TLB of its own ---- */

/* Twice: the second store finds its translation in the TLB. */
static void thread_stores(void *unused)
{
	kthread_use_mm(s.mm);
	KT_CHECK(explore_store(FX_BASE, 2));
	KT_CHECK(explore_store(FX_BASE, 3));
	s.stored_after = s.done;
	KT_CHECK(explore_store(FX_BASE, 4));
	kthread_unuse_mm(s.mm);
}

static bool lazy_up(void *unused)
{
	return scene_up(false) && KT_CHECK(fx_have_swap());
}

/* The page is given up, and then somebody wants memory. */
static void process_gives_up(void *unused)
{
	down_read(&s.mm->mmap_lock);
	KT_CHECK_EQ(do_madvise(s.mm, FX_BASE, PAGE_SIZE, MADV_FREE), 0);
	s.done = true;
	KT_CHECK_EQ(do_madvise(s.mm, FX_BASE, PAGE_SIZE, MADV_PAGEOUT), 0);
	up_read(&s.mm->mmap_lock);
}

static bool reads_what_was_stored_after(void *unused)
{
	u64 value = fx_get_in(s.mm, FX_BASE);

	/* before that, any store may have been the last that counts */
	return scene_down(value == 4 || (!s.stored_after && value != 1));
}

/* What is stored after MADV_FREE has returned is kept, though it find a dirty entry in a TLB. */
KTEST(explore_mm, lazy_free_against_stores_through_a_tlb)
{
	static const struct explore_program p = {
		.thread = { process_gives_up, thread_stores }, .up = lazy_up,
		.down = reads_what_was_stored_after,
	};

	KT_NEED_GATES();
	explore(&p);
}

static void process_protects(void *unused)
{
	down_write(&s.mm->mmap_lock);
	KT_CHECK_EQ(do_mprotect(s.mm, FX_BASE, PAGE_SIZE, PROT_READ), 0);
	up_write(&s.mm->mmap_lock);
	s.done = true;
}

/* The first two may be refused or not; one that is begun after mprotect() is refused. */
static void thread_tries_to_store(void *unused)
{
	kthread_use_mm(s.mm);
	(void)explore_store(FX_BASE, 2);
	(void)explore_store(FX_BASE, 3);
	s.stored_after = s.done && explore_store(FX_BASE, 4);
	kthread_unuse_mm(s.mm);
}

static bool nothing_stored_after(void *unused)
{
	return scene_down(!s.stored_after && fx_get_in(s.mm, FX_BASE) != 4);
}

KTEST(explore_mm, mprotect_against_stores_through_a_tlb)
{
	static const struct explore_program p = {
		.thread = { process_protects, thread_tries_to_store }, .up = alone_up,
		.down = nothing_stored_after,
	};

	KT_NEED_GATES();
	explore(&p);
}

static void process_forks_and_says_so(void *unused)
{
	s.relative = fx_fork(s.mm);
	s.done = true;
}

static bool child_keeps_its_value(void *unused)
{
	u64 value = fx_get_in(s.relative, FX_BASE);

	return scene_down(fx_get_in(s.mm, FX_BASE) == 4 && (!s.stored_after || value != 4));
}

/* What is stored after fork() has returned is not the child's. */
KTEST(explore_mm, fork_against_stores_through_a_tlb)
{
	static const struct explore_program p = {
		.thread = { process_forks_and_says_so, thread_stores }, .up = alone_up,
		.down = child_keeps_its_value,
	};

	KT_NEED_GATES();
	explore(&p);
}
