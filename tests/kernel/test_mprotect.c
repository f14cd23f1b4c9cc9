/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_mprotect.c - suite mprotect: other permissions, same pages
 */
#include "mm/mmap.h"

#include "arch/x86/cpu/percpu.h"
#include "kernel/sched/sched.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "mm/fork.h"
#include "mm/uaccess.h"
#include "tests/kernel/mm_fixture.h"

static int protect(struct mm *mm, unsigned long page, unsigned long pages, unsigned long prot)
{
	int err;

	down_write(&mm->mmap_lock);
	err = do_mprotect(mm, FX_BASE + page * PAGE_SIZE, pages * PAGE_SIZE, prot);
	up_write(&mm->mmap_lock);
	return err;
}

KTEST_QUICK(mprotect, the_range_is_cut_out_and_heals)
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 9, FX_RW);
	fx_put(FX_BASE + 4 * PAGE_SIZE, 4);
	KT_CHECK_EQ(protect(mm, 3, 3, PROT_READ), 0);
	KT_CHECK_EQ(fx_nr_vmas(mm), 3);
	KT_CHECK_EQ(protect(mm, 3, 3, PROT_READ), 0);
	KT_CHECK_EQ(fx_nr_vmas(mm), 3);
	KT_CHECK_EQ(protect(mm, 6, 3, PROT_READ), 0);
	KT_CHECK_EQ(fx_nr_vmas(mm), 2);
	KT_CHECK_EQ(protect(mm, 0, 9, FX_RW), 0);
	KT_CHECK_EQ(fx_nr_vmas(mm), 1);
	KT_CHECK_EQ(fx_get(FX_BASE + 4 * PAGE_SIZE), 4);
	KT_CHECK(fx_valid(mm));
	fx_drop(mm);
}

KTEST_QUICK(mprotect, holes_and_wrong_arguments_answer_as_in_linux)
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 2, FX_RW);
	fx_map(mm, FX_BASE + 3 * PAGE_SIZE, 2, FX_RW);
	KT_CHECK_EQ(sys_mprotect(FX_BASE + 1, PAGE_SIZE, FX_RW), -EINVAL);
	KT_CHECK_EQ(sys_mprotect(FX_BASE, PAGE_SIZE, 0x80), -EINVAL);
	KT_CHECK_EQ(sys_mprotect(FX_BASE, 0, PROT_READ), 0);
	KT_CHECK_EQ(sys_mprotect(FX_BASE, ~0UL, PROT_READ), -ENOMEM);
	KT_CHECK_EQ(protect(mm, 1, 4, PROT_READ), -ENOMEM);
	/* What precedes the hole has changed, what follows has not. */
	KT_CHECK_EQ(put_user(1UL, (u64 *)(FX_BASE + PAGE_SIZE)), -EFAULT);
	KT_CHECK_EQ(put_user(1UL, (u64 *)(FX_BASE + 3 * PAGE_SIZE)), 0);
	fx_drop(mm);
}

/* PROT_GROWSDOWN means the whole stack below, and nothing that is no stack. */
KTEST_QUICK(mprotect, growsdown_reaches_to_the_end_of_a_stack)
{
	const unsigned long grows = PROT_READ | PROT_GROWSDOWN;
	struct mm *mm = fx_mm();
	unsigned long at;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 2, FX_RW);
	KT_CHECK_EQ(protect(mm, 0, 1, grows), -EINVAL);
	KT_CHECK_EQ(protect(mm, 4, 1, grows), -ENOMEM);
	KT_CHECK_EQ(protect(mm, 0, 1, PROT_READ | PROT_GROWSUP), -EINVAL);
	KT_CHECK_EQ(protect(mm, 0, 1, grows | PROT_GROWSUP), -EINVAL);
	KT_CHECK_EQ(protect(mm, 0, 1, FX_RW | PROT_SEM), 0);
	KT_CHECK_EQ(fx_nr_vmas(mm), 1);
	KT_CHECK_EQ(vm_mmap(mm, NULL, FX_BASE, 4 * PAGE_SIZE, FX_RW,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN, 0, &at), 0);
	KT_CHECK_EQ(protect(mm, 2, 1, grows), 0);
	KT_CHECK_EQ(fx_nr_vmas(mm), 2);
	KT_CHECK_EQ(put_user(1UL, (u64 *)FX_BASE), -EFAULT);
	KT_CHECK_EQ(put_user(1UL, (u64 *)(FX_BASE + 3 * PAGE_SIZE)), 0);
	fx_drop(mm);
}

KTEST_QUICK(mprotect, none_keeps_the_page_out_of_reach_and_in_place)
{
	struct mm *mm = fx_mm();
	struct page *page;
	u64 word = 0;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 2, FX_RW);
	fx_put(FX_BASE, 77);
	page = fx_page(mm, FX_BASE);
	KT_CHECK_EQ(protect(mm, 0, 2, PROT_NONE), 0);
	KT_CHECK(!pte_present(fx_pte(mm, FX_BASE)) && pte_mapped(fx_pte(mm, FX_BASE)));
	KT_CHECK_EQ(get_user(word, (u64 *)FX_BASE), -EFAULT);
	KT_CHECK_EQ(word, 0);
	KT_CHECK_EQ(put_user(1UL, (u64 *)FX_BASE), -EFAULT);
	KT_CHECK_EQ(page_mapcount(page), 1);
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_ANONPAGES]), 1);
	KT_CHECK_EQ(protect(mm, 0, 2, FX_RW), 0);
	KT_CHECK(fx_page(mm, FX_BASE) == page);
	KT_CHECK(pte_dirty(fx_pte(mm, FX_BASE)));
	KT_CHECK_EQ(fx_get(FX_BASE), 77);
	KT_CHECK(fx_put(FX_BASE, 78));
	KT_CHECK(fx_page(mm, FX_BASE) == page);
	fx_drop(mm);
}

/* A write permission that is granted must not let a shared page be written. */
KTEST_QUICK(mprotect, granting_write_does_not_break_sharing)
{
	struct mm *mm = fx_mm(), *child;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	child = fx_fork(mm);
	KT_CHECK_EQ(protect(mm, 0, 1, PROT_READ), 0);
	KT_CHECK_EQ(protect(mm, 0, 1, FX_RW), 0);
	KT_CHECK(!pte_write(fx_pte(mm, FX_BASE)));
	fx_put(FX_BASE, 2);
	if (child) {
		KT_CHECK_EQ(fx_get_in(child, FX_BASE), 1);
		mmput(child);
	}
	fx_drop(mm);
}

/* Write until it is forbidden; then nothing may arrive any more. */
struct writer {
	u64 tries;
	bool stopped;
};

static int write_until_refused(void *arg)
{
	struct writer *w = arg;

	while (!put_user(READ_ONCE(w->tries) + 1, (u64 *)FX_BASE)) {
		WRITE_ONCE(w->tries, w->tries + 1);
		cond_resched();
	}
	WRITE_ONCE(w->stopped, true);
	return 0;
}

KTEST(mprotect, lost_permission_is_lost_on_every_cpu)
{
	struct mm *mm = fx_mm();
	struct writer w = { 0 };
	struct fx_thread t;
	u64 seen;
	int i;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 0);
	if (!fx_start(&t, mm, write_until_refused, &w))
		goto out;
	while (READ_ONCE(w.tries) < 50)
		yield();
	KT_CHECK_EQ(protect(mm, 0, 1, PROT_READ), 0);
	seen = fx_get(FX_BASE);
	for (i = 0; i < 100; i++) {
		if (!KT_CHECK_EQ(fx_get(FX_BASE), seen))
			break;
	}
	fx_join(&t);
	KT_CHECK(w.stopped);
	KT_CHECK_EQ(fx_get(FX_BASE), seen);
out:
	fx_drop(mm);
}

KTEST_QUICK(mprotect, without_memory_nothing_changes)
{
	struct mm *mm = fx_mm();
	u64 nth, fired = 1;
	int err;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 9, FX_RW);
	fx_put(FX_BASE + 4 * PAGE_SIZE, 4);
	for (nth = 1; fired; nth++) {
		inject_arm(INJECT_SLAB_ALLOC, nth, 1, current);
		err = protect(mm, 3, 3, PROT_READ);
		fired = inject_disarm(INJECT_SLAB_ALLOC);
		if (fired) {
			KT_CHECK_EQ(err, -ENOMEM);
			KT_CHECK_EQ(fx_nr_vmas(mm), 1);
			KT_CHECK_EQ(put_user(nth, (u64 *)(FX_BASE + 4 * PAGE_SIZE)), 0);
		}
	}
	KT_CHECK_EQ(err, 0);
	KT_CHECK(fx_valid(mm));
	fx_drop(mm);
}

/* Also what reaches over the seal's border, before anything has changed; and a child's copy. */
KTEST_QUICK(mprotect, what_is_sealed_stays)
{
	const unsigned long at = FX_BASE + 3 * PAGE_SIZE;
	struct mm *mm = fx_mm(), *child;
	unsigned long where;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 9, FX_RW);
	fx_put(at, 3);
	KT_CHECK_EQ(sys_mseal(at, 7 * PAGE_SIZE, 0), -ENOMEM);
	KT_CHECK_EQ(fx_nr_vmas(mm), 1);
	KT_CHECK_EQ(sys_mseal(at, 3 * PAGE_SIZE, 0), 0);
	KT_CHECK_EQ(fx_nr_vmas(mm), 3);
	KT_CHECK_EQ(protect(mm, 4, 1, PROT_READ), -EPERM);
	KT_CHECK_EQ(vm_munmap(mm, FX_BASE, 9 * PAGE_SIZE), -EPERM);
	KT_CHECK_EQ(vm_mmap(mm, NULL, at, PAGE_SIZE, FX_RW,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0, &where), -EPERM);
	KT_CHECK(sys_mremap(at, PAGE_SIZE, 2 * PAGE_SIZE, MREMAP_MAYMOVE, 0) == -EPERM);
	KT_CHECK_EQ(fx_nr_vmas(mm), 3);
	KT_CHECK_EQ(fx_get(at), 3);
	KT_CHECK(fx_valid(mm));
	if (!dup_mm(mm, &child)) {
		KT_CHECK_EQ(vm_munmap(child, at, PAGE_SIZE), -EPERM);
		mmput(child);
	}
	fx_drop(mm);
}
