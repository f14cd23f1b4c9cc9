/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_page_idle.c - suite page_idle: who used a page since it was marked
 */
#include "mm/page_idle.h"

#include "fs/vfs.h"
#include "include/uapi/mman.h"
#include "kernel/test/ktest.h"
#include "mm/rmap.h"
#include "mm/tlb.h"
#include "tests/kernel/mm_fixture.h"
#ifdef CONFIG_MMU_NOTIFIER
#include "tests/kernel/notifier_toys.h"
#include "tests/kernel/toy_tlb.h"
#endif

#define P(n) ((n) * PAGE_SIZE)

static bool idle(struct mm *mm)
{
	return page_idle_test(page_to_pfn(fx_page(mm, FX_BASE)));
}

/* The CPUs forget, too: what they have cached sets no accessed bit. */
static void mark(struct mm *mm)
{
	page_idle_set(page_to_pfn(fx_page(mm, FX_BASE)));
	flush_tlb_mm(mm);
}

/* A process with a page at FX_BASE, of which @file (or NULL) is the owner. */
static struct mm *idle_up(struct file *file)
{
	struct mm *mm = fx_mm();
	unsigned long out;

	if (!mm)
		return NULL;
	if (file)
		KT_CHECK_EQ(vm_mmap(mm, file, FX_BASE, P(1), FX_RW, MAP_SHARED | MAP_FIXED, 0,
				    &out), 0);
	else
		fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	return mm;
}

KTEST_QUICK(page_idle, a_page_is_idle_until_somebody_uses_it)
{
	struct mm *mm = idle_up(NULL), *child;

	KT_TRUE(mm);
	KT_CHECK(!idle(mm));			/* not marked */
	for (int turn = 0; turn < 2; turn++) {
		mark(mm);
		KT_CHECK(idle(mm) && idle(mm));	/* asking is no use */
		KT_CHECK_EQ(fx_get(FX_BASE), 1);
		KT_CHECK(!idle(mm) && !idle(mm));
	}
	child = fx_fork(mm);
	if (child) {
		mark(mm);
		flush_tlb_mm(child);
		KT_CHECK(idle(mm));
		KT_CHECK_EQ(fx_get_in(child, FX_BASE), 1);	/* by its frame: no bit */
		KT_CHECK_EQ(fx_get(FX_BASE), 1);
		KT_CHECK(!idle(child));
		mark(mm);
		KT_CHECK_EQ(fx_get(FX_BASE), 1);
		KT_CHECK_EQ(sys_munmap(FX_BASE, P(1)), 0);	/* the bit goes with the entry */
		KT_CHECK(!idle(child));
		mmput(child);
	}
	KT_CHECK(!page_idle_test(pfn_make(max_pfn)));
	fx_drop(mm);
}

KTEST_QUICK(page_idle, calls_use_the_pages_of_a_file)
{
	struct file *file;
	struct mm *mm;
	u64 word;

	KT_EQ(tmpfs_file_anon(P(1), &file), 0);
	mm = idle_up(file);
	if (mm) {
		mark(mm);
		KT_CHECK(idle(mm));
		KT_CHECK_EQ(kernel_read(file, &word, 8, 0), 8);
		KT_CHECK(!idle(mm));
		mark(mm);
		KT_CHECK_EQ(fx_get(FX_BASE), 1);
		KT_CHECK(!idle(mm));
		fx_drop(mm);
	}
	file_put(file);
}

#ifdef CONFIG_MMU_NOTIFIER
static struct toy_tlb toy;

/* What a second MMU used is used; it is asked without a bracket and without a flush. */
KTEST_QUICK(page_idle, a_page_that_only_the_device_uses_is_not_idle)
{
	struct mm *mm = idle_up(NULL);
	struct recorder *rec;

	KT_TRUE(mm);
	rec = toy_recorder(mm, &recorder_bracket_ops);
	if (KT_CHECK_EQ(toy_tlb_open(&toy, mm, &toy_tlb_point_ops), 0)) {
		mark(mm);
		KT_CHECK(toy_tlb_fill(&toy, FX_BASE));
		KT_CHECK(!idle(mm));
		mark(mm);
		KT_CHECK(idle(mm));
		toy_tlb_close(&toy);
	}
	if (rec) {
		KT_CHECK_EQ(recorder_count(rec, MN_INVALIDATE_RANGE_START), 0);
		KT_CHECK_EQ(recorder_count(rec, MN_CLEAR_FLUSH_YOUNG), 0);
		recorder_clear(rec);
		mark(mm);
		rec->young_answer = 1;
		KT_CHECK(!idle(mm));
		KT_CHECK_EQ(recorder_count(rec, MN_CLEAR_YOUNG), 2);
	}
	toy_recorder_end(rec);
	fx_drop(mm);
}

#endif

/* Who asks takes the accessed bits, and reclaim still hears of the use, once. */
KTEST_QUICK(page_idle, the_use_is_left_for_reclaim)
{
	struct mm *mm = idle_up(NULL);

	KT_TRUE(mm);
	mark(mm);
	KT_CHECK_EQ(fx_referenced(mm, FX_BASE), 1);
	KT_CHECK_EQ(fx_referenced(mm, FX_BASE), 0);
	KT_CHECK(idle(mm));
	fx_put(FX_BASE, 2);
	KT_CHECK(!idle(mm));
	KT_CHECK_EQ(fx_referenced(mm, FX_BASE), 1);
	KT_CHECK_EQ(fx_referenced(mm, FX_BASE), 0);
	fx_drop(mm);
}

/* The other way round: reclaim takes the bit, and who asks still hears of the use. */
KTEST_QUICK(page_idle, the_use_that_reclaim_found_is_not_lost)
{
	struct mm *mm = idle_up(NULL);
	struct page *page;

	KT_TRUE(mm);
	mark(mm);
	(void)fx_referenced(mm, FX_BASE);
	fx_put(FX_BASE, 2);
	KT_CHECK_EQ(fx_referenced(mm, FX_BASE), 1);
	KT_CHECK(!idle(mm));
	mark(mm);
	fx_put(FX_BASE, 3);
	page = fx_page(mm, FX_BASE);
	page_lock(page);
	KT_CHECK_EQ(try_to_unmap(page, 0), SWAP_FAIL);
	page_unlock(page);
	KT_CHECK(!idle(mm));
	fx_drop(mm);
}

/* A frame that is given back and used again begins as any other. */
KTEST_QUICK(page_idle, the_mark_goes_with_the_page)
{
	struct mm *mm = idle_up(NULL);

	KT_TRUE(mm);
	if (!fx_have_swap()) {
		fx_drop(mm);
		KT_SKIP("no swap area");
	}
	mark(mm);
	KT_CHECK(fx_swap_out(mm, FX_BASE));	/* its I/O may have the frame for a moment yet */
	KT_CHECK_EQ(fx_get(FX_BASE), 1);
	KT_CHECK(!idle(mm));
	fx_drop(mm);
}
