/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_gup.c - suite gup: the pages behind user addresses
 */
#include "mm/gup.h"

#include "arch/x86/cpu/percpu.h"
#include "kernel/sched/sched.h"
#include "kernel/test/gate.h"
#include "kernel/test/ktest.h"
#include "mm/anon.h"
#include "mm/clear_refs.h"
#include "mm/gfp.h"
#include "tests/kernel/mm_fixture.h"

#define P(n) ((n) * PAGE_SIZE)

KTEST_QUICK(gup, pages_come_in_order_up_to_the_first_hole)
{
	struct mm *mm = fx_mm();
	struct page *pages[6];
	long got, i;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 4, FX_RW);
	fx_put(FX_BASE + P(1), 1);
	got = get_user_pages_unlocked(mm, FX_BASE, 6, FOLL_WRITE, pages);
	KT_CHECK_EQ(got, 4);
	for (i = 0; i < got; i++) {
		KT_CHECK(pages[i] == fx_page(mm, FX_BASE + P((unsigned long)i)));
		KT_CHECK_EQ(page_count(pages[i]), 2);
		put_page(pages[i]);
	}
	KT_CHECK_EQ(get_user_pages_unlocked(mm, FX_BASE + P(4), 1, 0, pages), -EFAULT);
	KT_CHECK_EQ(get_user_pages_unlocked(mm, ~0UL & PAGE_MASK, 1, 0, pages), -EFAULT);
	fx_drop(mm);
}

KTEST_QUICK(gup, writing_breaks_sharing_and_reading_does_not)
{
	struct mm *mm = fx_mm(), *child;
	struct page *read = NULL, *write = NULL;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	child = fx_fork(mm);
	if (!child)
		goto out;
	KT_CHECK_EQ(get_user_pages_unlocked(child, FX_BASE, 1, 0, &read), 1);
	KT_CHECK(read == fx_page(mm, FX_BASE));
	KT_CHECK_EQ(get_user_pages_unlocked(child, FX_BASE, 1, FOLL_WRITE, &write), 1);
	KT_CHECK(write != read && write == fx_page(child, FX_BASE));
	*(u64 *)page_address(write) = 2;
	KT_CHECK_EQ(fx_get(FX_BASE), 1);
	KT_CHECK_EQ(fx_get_in(child, FX_BASE), 2);
	put_page(read);
	put_page(write);
	mmput(child);
out:
	fx_drop(mm);
}

KTEST_QUICK(gup, permissions_hold_for_the_kernel_too)
{
	struct mm *mm = fx_mm();
	struct page *page;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, PROT_READ);
	fx_map(mm, FX_BASE + P(1), 1, PROT_NONE);
	KT_CHECK_EQ(get_user_pages_unlocked(mm, FX_BASE, 1, FOLL_WRITE, &page), -EFAULT);
	KT_CHECK_EQ(get_user_pages_unlocked(mm, FX_BASE + P(1), 1, 0, &page), -EFAULT);
	KT_CHECK_EQ(get_user_pages_unlocked(mm, FX_BASE, 1, FOLL_NOFAULT, &page), -EFAULT);
	KT_CHECK_EQ(get_user_pages_unlocked(mm, FX_BASE, 1, 0, &page), 1);
	KT_CHECK(page == zero_page);
	put_page(page);
	KT_CHECK_EQ(get_user_pages_unlocked(mm, FX_BASE + P(1), 1, FOLL_FORCE, &page), 1);
	put_page(page);
	fx_drop(mm);
}

/* A debugger breaks the sharing of pages that the program may not even look at. */
KTEST_QUICK(gup, a_forced_write_behind_protnone_is_a_copy_of_its_own)
{
	struct mm *mm = fx_mm(), *child;
	u64 word;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 2, FX_RW);
	fx_put(FX_BASE, 1);
	fx_put(FX_BASE + P(1), 2);
	child = fx_fork(mm);
	KT_CHECK_EQ(sys_mprotect(FX_BASE, P(2), PROT_NONE), 0);
	KT_CHECK_EQ(mm_clear_refs(mm, CLEAR_REFS_SOFT_DIRTY), 0);
	for (u64 n = 0; n < 2; n++) {
		if (n && child) {
			mmput(child);
			child = NULL;
		}
		word = n + 11;
		KT_CHECK_EQ(access_remote_vm(mm, FX_BASE + P(n), &word, sizeof(word),
					     FOLL_WRITE | FOLL_FORCE), sizeof(word));
		KT_CHECK(!pte_present(fx_pte(mm, FX_BASE + P(n))));
		KT_CHECK(pte_mapped_dirty(fx_pte(mm, FX_BASE + P(n))));
		if (child)
			KT_CHECK_EQ(fx_get_in(child, FX_BASE + P(n)), n + 1);
		KT_CHECK_EQ(access_remote_vm(mm, FX_BASE + P(n), &word, sizeof(word), FOLL_FORCE),
			    sizeof(word));
		KT_CHECK_EQ(word, n + 11);
	}
	KT_CHECK_EQ(sys_mprotect(FX_BASE, P(2), FX_RW), 0);
	KT_CHECK_EQ(fx_get(FX_BASE), 11);
	fx_drop(mm);
}

KTEST_QUICK(gup, the_fast_way_takes_what_is_there_and_nothing_else)
{
	struct mm *mm = fx_mm();
	struct page *page;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 2, FX_RW);
	KT_CHECK(!get_user_page_fast(mm, FX_BASE, false, &page));
	KT_CHECK_EQ(fx_get(FX_BASE), 0);
	KT_CHECK(!get_user_page_fast(mm, FX_BASE, true, &page));
	fx_put(FX_BASE, 1);
	if (KT_CHECK(get_user_page_fast(mm, FX_BASE, true, &page))) {
		KT_CHECK(page == fx_page(mm, FX_BASE));
		KT_CHECK_EQ(page_count(page), 2);
		put_page(page);
	}
	KT_CHECK(!get_user_page_fast(mm, MM_USER_TOP, false, &page));
	KT_CHECK(!get_user_page_fast(mm, ~0UL, false, &page));
	fx_drop(mm);
}

static int look_fast(void *arg)
{
	struct page *page;

	if (!get_user_page_fast(arg, FX_BASE, true, &page))
		return 0;
	put_page(page);
	return 1;
}

/* The mapping goes away after the reference was counted: the look must not count. */
KTEST(gup, a_page_unmapped_during_the_fast_look_is_not_handed_out)
{
	struct fx_thread t;
	struct mm *mm;

	KT_NEED_CPUS(2);
	mm = fx_mm();
	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	gate_arm("gup_fast.counted", mm);
	if (fx_start(&t, mm, look_fast, mm)) {
		if (gate_wait("gup_fast.counted"))
			KT_CHECK_EQ(sys_madvise(FX_BASE, PAGE_SIZE, MADV_DONTNEED), 0);
		gate_open("gup_fast.counted");
		KT_CHECK_EQ(fx_join(&t), 0);
	}
	fx_drop(mm);
}

KTEST_QUICK(gup, another_address_space_is_read_and_written_across_pages)
{
	char text[] = "over the border", back[sizeof(text)] = "";
	unsigned long va = FX_BASE + PAGE_SIZE - 5;
	struct mm *mm;

	KT_EQ(mm_alloc(&mm), 0);
	fx_map(mm, FX_BASE, 2, FX_RW);
	KT_CHECK_EQ(access_remote_vm(mm, va, text, sizeof(text), FOLL_WRITE), sizeof(text));
	KT_CHECK_EQ(access_remote_vm(mm, va, back, sizeof(back), 0), sizeof(back));
	KT_CHECK(!__builtin_memcmp(text, back, sizeof(text)));
	KT_CHECK_EQ(access_remote_vm(mm, FX_BASE + P(2) - 3, text, 10, FOLL_WRITE), 3);
	KT_CHECK_EQ(access_remote_vm(mm, FX_BASE - 1, text, 1, 0), 0);
	mmput(mm);
}
