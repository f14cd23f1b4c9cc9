/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_anon.c - suite anon: frames without an object
 */
#include "mm/anon.h"

#include "kernel/lib/string.h"
#include "kernel/test/ktest.h"
#include "mm/gfp.h"
#include "mm/rmap.h"
#include "mm/swap.h"
#include "tests/kernel/mm_fixture.h"

KTEST_QUICK(anon, new_pages_are_zero_and_copies_are_equal)
{
	struct page *page, *copy;

	KT_EQ(anon_page_alloc(&page), 0);
	KT_CHECK(!memchr_inv(page_address(page), 0, PAGE_SIZE));
	memset(page_address(page), 0x5a, PAGE_SIZE);
	if (KT_CHECK_EQ(anon_page_copy(page, &copy), 0)) {
		KT_CHECK(!memcmp(page_address(page), page_address(copy), PAGE_SIZE));
		KT_CHECK(page_test(copy, PG_uptodate));
		put_page(copy);
	}
	put_page(page);
}

static bool sole_owner(struct page *page, unsigned int extra)
{
	bool sole;

	page_lock(page);
	sole = anon_page_sole_owner(page, extra);
	page_unlock(page);
	return sole;
}

KTEST_QUICK(anon, ownership_counts_mappings_entries_and_references)
{
	struct mm *mm = fx_mm(), *child;
	struct page *page;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	page = fx_page(mm, FX_BASE);
	KT_CHECK(sole_owner(page, 0));
	get_page(page);
	KT_CHECK(!sole_owner(page, 0));
	KT_CHECK(sole_owner(page, 1));
	child = fx_fork(mm);
	KT_CHECK(!sole_owner(page, 1));
	if (child)
		mmput(child);
	KT_CHECK(sole_owner(page, 1));
	put_page(page);
	fx_drop(mm);
}

/* A relative that has the page in swap owns it, too. */
KTEST_QUICK(anon, an_entry_in_swap_is_an_owner)
{
	struct mm *mm = fx_mm(), *child;
	struct page *page;

	KT_TRUE(mm);
	if (!fx_have_swap()) {
		fx_drop(mm);
		KT_SKIP("no swap area");
	}
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	child = fx_fork(mm);
	KT_CHECK(fx_unmap_to_swap_cache(mm, FX_BASE));
	KT_CHECK_EQ(fx_get(FX_BASE), 1);
	page = fx_page(mm, FX_BASE);
	KT_CHECK_EQ(page_mapcount(page), 1);
	KT_CHECK(!sole_owner(page, 0));
	fx_put(FX_BASE, 2);
	if (child) {
		KT_CHECK_EQ(fx_get_in(child, FX_BASE), 1);
		mmput(child);
	}
	fx_drop(mm);
}

KTEST_QUICK(anon, the_zero_page_is_not_counted)
{
	struct mm *mm = fx_mm();
	struct vma *vma;
	int before = page_count(zero_page);

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 4, FX_RW);
	KT_CHECK_EQ(fx_get(FX_BASE), 0);
	KT_CHECK_EQ(page_count(zero_page), before);
	KT_CHECK_EQ(page_mapcount(zero_page), 0);
	down_read(&mm->mmap_lock);
	vma = find_vma(mm, FX_BASE);
	KT_CHECK(!vm_normal_page(vma, fx_pte(mm, FX_BASE)));
	up_read(&mm->mmap_lock);
	fx_drop(mm);
}
