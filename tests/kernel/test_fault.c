/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_fault.c - suite fault: what stands in an access's way
 */
#include "mm/fault.h"

#include "kernel/sched/sched.h"
#include "kernel/test/gate.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "mm/anon.h"
#include "mm/gfp.h"
#include "mm/pgtable.h"
#include "mm/swap.h"
#include "mm/uaccess.h"
#include "mm/vma.h"
#include "tests/kernel/mm_fixture.h"

#define P(n) ((n) * PAGE_SIZE)

KTEST_QUICK(fault, reading_untouched_memory_shows_the_zero_page)
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 2, FX_RW);
	KT_CHECK_EQ(fx_get(FX_BASE), 0);
	KT_CHECK(fx_page(mm, FX_BASE) == zero_page);
	KT_CHECK(!pte_write(fx_pte(mm, FX_BASE)));
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_ANONPAGES]), 0);
	fx_put(FX_BASE, 1);
	KT_CHECK(fx_page(mm, FX_BASE) != zero_page);
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_ANONPAGES]), 1);
	KT_CHECK_EQ(*(u64 *)page_address(zero_page), 0);
	fx_drop(mm);
}

KTEST_QUICK(fault, writing_makes_a_dirty_zeroed_page)
{
	struct mm *mm = fx_mm();
	struct page *page;
	u64 tail = ~0UL;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	page = fx_page(mm, FX_BASE);
	KT_CHECK(pte_write(fx_pte(mm, FX_BASE)) && pte_dirty(fx_pte(mm, FX_BASE)));
	KT_CHECK(page_is_anon(page) && page_test(page, PG_lru));
	KT_CHECK_EQ(page_mapcount(page), 1);
	KT_CHECK_EQ(get_user(tail, (u64 *)(FX_BASE + PAGE_SIZE - 8)), 0);
	KT_CHECK_EQ(tail, 0);
	fx_drop(mm);
}

KTEST_QUICK(fault, the_answer_says_why_an_access_is_refused)
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, PROT_READ);
	fx_map(mm, FX_BASE + P(1), 1, PROT_NONE);
	fx_map(mm, FX_BASE + P(2), 1, PROT_WRITE);
	KT_CHECK_EQ(mm_fault(mm, FX_BASE, FAULT_WRITE), FAULT_ACCERR);
	KT_CHECK_EQ(mm_fault(mm, FX_BASE, FAULT_EXEC), FAULT_ACCERR);
	KT_CHECK_EQ(mm_fault(mm, FX_BASE, 0), FAULT_DONE);
	KT_CHECK_EQ(mm_fault(mm, FX_BASE + P(1), 0), FAULT_ACCERR);
	KT_CHECK_EQ(mm_fault(mm, FX_BASE + P(2), FAULT_WRITE), FAULT_DONE);
	KT_CHECK_EQ(mm_fault(mm, FX_BASE + P(3), 0), FAULT_MAPERR);
	KT_CHECK_EQ(mm_fault(mm, FX_BASE - 1, 0), FAULT_MAPERR);
	KT_CHECK_EQ(mm_fault(mm, 0, 0), FAULT_MAPERR);
	KT_CHECK_EQ(mm_fault(mm, MM_USER_TOP, 0), FAULT_MAPERR);
	KT_CHECK_EQ(mm_fault(mm, ~0UL, FAULT_WRITE), FAULT_MAPERR);
	fx_drop(mm);
}

/* An object of two pages; beyond them it has nothing. */
static struct page *object_page[2];

static int object_fault(struct vma *vma, u64 pgoff, unsigned int flags, struct page **out)
{
	if (pgoff >= 2)
		return -EIO;
	get_page(object_page[pgoff]);
	page_lock(object_page[pgoff]);
	*out = object_page[pgoff];
	return 0;
}

static const struct vm_ops object_ops = { .fault = object_fault };

static bool object_map(struct mm *mm, unsigned long va, unsigned long flags)
{
	struct vma *vma;

	if (!KT_CHECK_EQ(vma_alloc(mm, &vma), 0))
		return false;
	vma->start = va;
	vma->end = va + P(3);
	vma->flags = VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | flags;
	vma->ops = &object_ops;
	down_write(&mm->mmap_lock);
	vma_insert(vma);
	up_write(&mm->mmap_lock);
	return true;
}

static bool object_make(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		object_page[i] = KT_GET(alloc_page(GFP_KERNEL | __GFP_ZERO));
		if (!KT_CHECK(object_page[i]))
			return false;
		*(u64 *)page_address(object_page[i]) = 100 + (u64)i;
	}
	return true;
}

KTEST_QUICK(fault, an_object_supplies_shared_and_private_pages)
{
	unsigned long shared = FX_BASE, private = FX_BASE + P(8);
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	if (!object_make() || !object_map(mm, shared, VM_SHARED | VM_MAYSHARE) ||
	    !object_map(mm, private, 0))
		goto out;
	KT_CHECK_EQ(fx_get(private), 100);
	KT_CHECK(!pte_write(fx_pte(mm, private)));
	fx_put(shared, 7);
	KT_CHECK(fx_page(mm, shared) == object_page[0]);
	KT_CHECK(page_test(object_page[0], PG_dirty));
	KT_CHECK_EQ(fx_get(private), 7);
	fx_put(private, 8);
	fx_put(private + P(1), 9);
	KT_CHECK_EQ(fx_get(shared), 7);
	KT_CHECK_EQ(fx_get(shared + P(1)), 101);
	fx_put(shared + P(1), 10);
	KT_CHECK_EQ(fx_get(private + P(1)), 9);
	KT_CHECK_EQ(mm_fault(mm, shared + P(2), 0), FAULT_BUSERR);
	KT_CHECK_EQ(mm_fault(mm, private + P(2), FAULT_WRITE), FAULT_BUSERR);
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_FILEPAGES]), 2);
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_ANONPAGES]), 2);
	KT_CHECK_EQ(page_mapcount(object_page[0]), 1);
out:
	fx_drop(mm);
	put_page(object_page[0]);
	put_page(object_page[1]);
}

/* Threads that fault on one address make one page. */
static int touch(void *arg)
{
	unsigned long va = (unsigned long)arg, i;
	u8 byte = 0;

	for (i = 0; i < 64; i++) {
		if (get_user(byte, (u8 *)(va + P(i))) || byte > 1 ||
		    put_user(1, (u8 *)(va + P(i)) + i))
			return -EFAULT;
	}
	return 0;
}

KTEST(fault, racing_first_faults_make_one_page)
{
	struct mm *mm = fx_mm();
	struct fx_thread t[4];
	int round, n;

	KT_TRUE(mm);
	for (round = 0; round < 8; round++) {
		fx_map(mm, FX_BASE, 64, FX_RW);
		for (n = 0; n < 4; n++) {
			if (!fx_start(&t[n], mm, touch, (void *)FX_BASE))
				break;
		}
		while (n--)
			KT_CHECK_EQ(fx_join(&t[n]), 0);
		KT_CHECK_EQ(atomic64_read(&mm->rss[MM_ANONPAGES]), 64);
		KT_CHECK_EQ(vm_munmap(mm, FX_BASE, P(64)), 0);
	}
	fx_drop(mm);
}

static int write_one(void *arg)
{
	return put_user((u64)2, (u64 *)FX_BASE);
}

/* After fork and the child's end: in place, unless somebody still looks at the page. */
KTEST_QUICK(fault, a_page_of_ones_own_is_written_in_place_unless_referenced)
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
	KT_CHECK(!pte_write(fx_pte(mm, FX_BASE)));
	fx_put(FX_BASE, 2);
	KT_CHECK(fx_page(mm, FX_BASE) == page);
	child = fx_fork(mm);
	if (child)
		mmput(child);
	get_page(page);
	fx_put(FX_BASE, 3);
	KT_CHECK(fx_page(mm, FX_BASE) != page);
	KT_CHECK_EQ(*(u64 *)page_address(page), 2);
	KT_CHECK_EQ(fx_get(FX_BASE), 3);
	put_page(page);
	fx_drop(mm);
}

/*
 * A15: two threads break one sharing. The first stands between its copy and its
 * check; the second finishes and writes; the first must see that and back out.
 */
KTEST(fault, a_second_copy_of_a_shared_page_is_dropped)
{
	struct mm *mm = fx_mm(), *child;
	struct fx_thread t;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	child = fx_fork(mm);
	if (!child)
		goto out;
	gate_arm("fault.replace", mm);
	if (fx_start(&t, mm, write_one, NULL)) {
		if (gate_wait("fault.replace")) {
			fx_put(FX_BASE + 8, 3);
			KT_CHECK_EQ(page_mapcount(fx_page(mm, FX_BASE)), 1);
		}
		gate_open("fault.replace");
		KT_CHECK_EQ(fx_join(&t), 0);
		KT_CHECK_EQ(fx_get(FX_BASE), 2);
		KT_CHECK_EQ(fx_get(FX_BASE + 8), 3);
	}
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_ANONPAGES]), 1);
	mmput(child);
out:
	fx_drop(mm);
}

/* The page that is being copied goes away between the copy and the check. */
KTEST(fault, a_copy_of_a_page_that_was_unmapped_meanwhile_is_dropped)
{
	struct mm *mm = fx_mm(), *child;
	struct fx_thread t;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	child = fx_fork(mm);
	if (!child)
		goto out;
	gate_arm("fault.replace", mm);
	if (fx_start(&t, mm, write_one, NULL)) {
		if (gate_wait("fault.replace"))
			KT_CHECK_EQ(sys_madvise(FX_BASE, PAGE_SIZE, MADV_DONTNEED), 0);
		gate_open("fault.replace");
		KT_CHECK_EQ(fx_join(&t), 0);
		KT_CHECK_EQ(fx_get(FX_BASE), 2);
	}
	KT_CHECK_EQ(fx_get_in(child, FX_BASE), 1);
	mmput(child);
out:
	fx_drop(mm);
}

KTEST_QUICK(fault, without_memory_the_answer_is_oom_and_nothing_leaks)
{
	enum inject_point point;
	struct mm *mm = fx_mm(), *child;
	u64 nth, fired;
	int result;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 2, FX_RW);
	fx_put(FX_BASE, 1);
	child = fx_fork(mm);
	for (point = INJECT_PAGE_ALLOC; child && point <= INJECT_SLAB_ALLOC; point++) {
		for (nth = 1, fired = 1; fired; nth++) {
			inject_arm(point, nth, 1, current);
			result = mm_fault(child, FX_BASE, FAULT_WRITE);
			fired = inject_disarm(point);
			KT_CHECK_EQ(result, fired ? FAULT_OOM : FAULT_DONE);
		}
		KT_CHECK_EQ(fx_get_in(child, FX_BASE), 1);
	}
	if (child)
		mmput(child);
	fx_drop(mm);
}

/* ---- swap ---- */

KTEST_QUICK(fault, a_page_comes_back_from_the_swap_cache)
{
	struct mm *mm = fx_mm();
	struct page *page;

	KT_TRUE(mm);
	if (!fx_have_swap()) {
		fx_drop(mm);
		KT_SKIP("no swap area");
	}
	fx_map(mm, FX_BASE, 2, FX_RW);
	fx_put(FX_BASE, 11);
	page = fx_page(mm, FX_BASE);
	KT_CHECK(fx_unmap_to_swap_cache(mm, FX_BASE));
	KT_CHECK(pte_is_swap(fx_pte(mm, FX_BASE)));
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_SWAPENTS]), 1);
	KT_CHECK_EQ(fx_get(FX_BASE), 11);
	KT_CHECK(fx_page(mm, FX_BASE) == page);
	KT_CHECK(!pte_write(fx_pte(mm, FX_BASE)));
	fx_put(FX_BASE, 12);
	KT_CHECK(fx_page(mm, FX_BASE) == page);
	KT_CHECK(!page_test(page, PG_swapcache));
	KT_CHECK(fx_unmap_to_swap_cache(mm, FX_BASE));
	fx_put(FX_BASE + 8, 13);
	KT_CHECK_EQ(fx_get(FX_BASE), 12);
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_SWAPENTS]), 0);
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_ANONPAGES]), 1);
	fx_drop(mm);
}

KTEST(fault, contents_survive_the_trip_to_the_device)
{
	struct mm *mm = fx_mm();
	unsigned long i;

	KT_TRUE(mm);
	if (!fx_have_swap()) {
		fx_drop(mm);
		KT_SKIP("no swap area");
	}
	fx_map(mm, FX_BASE, 16, FX_RW);
	for (i = 0; i < 16; i++)
		fx_put(FX_BASE + P(i), i + 1000);
	for (i = 0; i < 16; i++)
		KT_CHECK(fx_swap_out(mm, FX_BASE + P(i)));
	for (i = 0; i < 16; i++)
		KT_CHECK_EQ(fx_get(FX_BASE + P(i)), i + 1000);
	fx_drop(mm);
}

static int read_one(void *arg)
{
	u64 word;

	return get_user(word, (u64 *)FX_BASE) ? -EFAULT : word == 21 ? 0 : -EINVAL;
}

/* Two processes and two threads bring one shared entry back: one frame for all. */
KTEST_QUICK(fault, racing_swap_ins_map_one_frame)
{
	struct mm *mm = fx_mm(), *child;
	struct fx_thread t[4];
	int n;

	KT_TRUE(mm);
	if (!fx_have_swap()) {
		fx_drop(mm);
		KT_SKIP("no swap area");
	}
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 21);
	child = fx_fork(mm);
	if (!child)
		goto out;
	KT_CHECK(fx_swap_out(mm, FX_BASE));
	KT_CHECK(pte_is_swap(fx_pte(child, FX_BASE)));
	for (n = 0; n < 4; n++) {
		if (!fx_start(&t[n], n & 1 ? child : mm, read_one, NULL))
			break;
	}
	while (n--)
		KT_CHECK_EQ(fx_join(&t[n]), 0);
	KT_CHECK(fx_page(mm, FX_BASE) == fx_page(child, FX_BASE));
	KT_CHECK_EQ(page_mapcount(fx_page(mm, FX_BASE)), 2);
	mmput(child);
out:
	fx_drop(mm);
}

/* The entry that was read is given away while the fault waits for the page lock. */
KTEST(fault, a_swap_in_that_lost_its_entry_backs_out)
{
	struct mm *mm = fx_mm();
	struct fx_thread t;

	KT_TRUE(mm);
	if (!fx_have_swap()) {
		fx_drop(mm);
		KT_SKIP("no swap area");
	}
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 5);
	fx_put(FX_BASE + 8, 6);
	KT_CHECK(fx_unmap_to_swap_cache(mm, FX_BASE));
	gate_arm("fault.swap_locked", mm);
	if (fx_start(&t, mm, write_one, NULL)) {
		if (gate_wait("fault.swap_locked"))
			KT_CHECK_EQ(sys_madvise(FX_BASE, PAGE_SIZE, MADV_DONTNEED), 0);
		gate_open("fault.swap_locked");
		KT_CHECK_EQ(fx_join(&t), 0);
	}
	KT_CHECK_EQ(fx_get(FX_BASE), 2);
	KT_CHECK_EQ(fx_get(FX_BASE + 8), 0);
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_SWAPENTS]), 0);
	fx_drop(mm);
}

KTEST_QUICK(fault, a_failed_read_is_a_bus_error_for_everyone)
{
	struct mm *mm = fx_mm(), *child;

	KT_TRUE(mm);
	if (!fx_have_swap()) {
		fx_drop(mm);
		KT_SKIP("no swap area");
	}
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 5);
	child = fx_fork(mm);
	KT_CHECK(fx_swap_out(mm, FX_BASE));
	inject_arm(INJECT_SWAP_READ, 1, ~0UL, NULL);
	KT_CHECK_EQ(mm_fault(mm, FX_BASE, 0), FAULT_BUSERR);
	if (child) {
		KT_CHECK_EQ(mm_fault(child, FX_BASE, FAULT_WRITE), FAULT_BUSERR);
		mmput(child);
	}
	inject_disarm(INJECT_SWAP_READ);
	fx_drop(mm);
}

KTEST_QUICK(fault, a_fault_that_may_not_wait_says_so)
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	if (!fx_have_swap()) {
		fx_drop(mm);
		KT_SKIP("no swap area");
	}
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 5);
	KT_CHECK(fx_swap_out(mm, FX_BASE));
	KT_CHECK_EQ(mm_fault(mm, FX_BASE, FAULT_NOWAIT), FAULT_RETRY);
	KT_CHECK_EQ(mm_fault(mm, FX_BASE, 0), FAULT_DONE);
	KT_CHECK_EQ(fx_get(FX_BASE), 5);
	fx_drop(mm);
}
