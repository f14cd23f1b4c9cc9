/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_pagemap.c - suite pagemap: what /proc says of pages agrees with the checks
 *
 * pagemap, kpagecount, kpageflags, smaps and the mm's own counters are compared for a
 * process with every kind of page; what is true is what the reverse walk finds, which
 * the world check compares with the tables of all processes.
 */
#include "mm/pagemap.h"

#include "fs/vfs.h"
#include "include/uapi/mman.h"
#include "kernel/test/ktest.h"
#include "mm/anon.h"
#include "mm/gup.h"
#include "mm/mlock.h"
#include "mm/rmap.h"
#include "mm/usage.h"
#include "mm/uaccess.h"
#include "tests/kernel/mm_fixture.h"

#define P(n) ((n) * PAGE_SIZE)
#define NR_PAGES 16UL
#define KPF_MMAP BIT(11)
#define KPF_ANON BIT(12)
#define KPF_SWAPBACKED BIT(14)
#define KPF_ZERO_PAGE BIT(24)
#define KPF_MLOCKED BIT(33)

struct scene {
	struct mm *mm, *child;
	struct file *file;
};

/*
 * Pages 0-1 written, 2 read (zero page), 3 never touched, 4-5 swapped out, 6 shared with
 * a child, 7 locked, 8-9 of a file, shared, 10-11 of it, private: read and copied, 12
 * PROT_NONE, 13 given up (FREE), 14 a copy after fork, 15 swapped, shared with the child.
 */
static bool scene_build(struct scene *s)
{
	unsigned long out;

	*s = (struct scene){ .mm = fx_mm() };
	if (!s->mm || !fx_have_swap() || !KT_CHECK_EQ(tmpfs_file_anon(P(2), &s->file), 0))
		return false;
	fx_map(s->mm, FX_BASE, NR_PAGES, FX_RW);
	KT_CHECK_EQ(vm_mmap(s->mm, s->file, FX_BASE + P(8), P(2), FX_RW, MAP_SHARED | MAP_FIXED, 0,
			    &out), 0);
	KT_CHECK_EQ(vm_mmap(s->mm, s->file, FX_BASE + P(10), P(2), FX_RW,
			    MAP_PRIVATE | MAP_FIXED, 0, &out), 0);
	for (unsigned long i = 0; i < NR_PAGES; i++)
		if (i == 2 || i == 10)
			(void)fx_get(FX_BASE + P(i));
		else if (i != 3)
			fx_put(FX_BASE + P(i), i);
	s->child = fx_fork(s->mm);
	if (!s->child)
		return false;
	/* All but 6 and 15 become this process's own again. */
	for (unsigned long i = 0; i < NR_PAGES; i++)
		if (i != 2 && i != 3 && i != 6 && i != 10 && i != 15)
			fx_put(FX_BASE + P(i), i);
	KT_CHECK(fx_swap_out(s->mm, FX_BASE + P(4)) && fx_swap_out(s->mm, FX_BASE + P(5)));
	KT_CHECK(fx_swap_out(s->mm, FX_BASE + P(15)));
	KT_CHECK_EQ(sys_mlock(FX_BASE + P(7), P(1)), 0);
	KT_CHECK_EQ(sys_mprotect(FX_BASE + P(12), P(1), PROT_NONE), 0);
	KT_CHECK_EQ(sys_madvise(FX_BASE + P(13), P(1), MADV_FREE), 0);
	return !ktest_failed();
}

static void scene_down(struct scene *s)
{
	if (s->child)
		mmput(s->child);
	if (s->mm)
		fx_drop(s->mm);
	if (s->file)
		file_put(s->file);
}

/* Return: false, and all is over, if something failed, or there is no swap (then a skip). */
static bool scene_up(struct scene *s)
{
	bool failed;

	if (scene_build(s))
		return true;
	failed = ktest_failed();
	scene_down(s);
	if (!failed)
		ktest_skip("no swap area");
	return false;
}

/* What /proc/@name says of frame @pfn. */
static u64 kpage(const char *path, u64 pfn)
{
	struct file *file;
	u64 word = ~0UL;

	if (KT_CHECK_EQ(vfs_open(path, O_RDONLY, 0, &file), 0)) {
		KT_CHECK_EQ(kernel_read(file, &word, 8, (loff_t)(pfn * 8)), 8);
		file_put(file);
	}
	return word;
}

static void check_page(u64 word, struct mem_usage *sum)
{
	u64 pfn = word & PM_FRAME_MASK, flags = kpage("/proc/kpageflags", pfn);
	struct page *page = pfn_to_page(pfn_make(pfn));
	unsigned int found;

	if (page == zero_page) {
		KT_CHECK(flags & KPF_ZERO_PAGE && !(word & (PM_FILE | PM_EXCLUSIVE)));
		return;
	}
	page_lock(page);
	found = rmap_count_ptes(page);
	page_unlock(page);
	KT_CHECK_EQ(found, page_mapcount(page));
	KT_CHECK_EQ(kpage("/proc/kpagecount", pfn), found);
	KT_CHECK_EQ(!!(word & PM_EXCLUSIVE), found == 1);
	KT_CHECK_EQ(!!(word & PM_FILE), !page_is_anon(page));
	KT_CHECK_EQ(!!(flags & KPF_ANON), page_is_anon(page));
	KT_CHECK(flags & KPF_MMAP);
	KT_CHECK_EQ(!!(flags & KPF_MLOCKED), page_test(page, PG_mlocked));
	sum->rss += PAGE_SIZE;
	sum->pss += (PAGE_SIZE << USAGE_PSS_SHIFT) / found;
	*(found == 1 ? &sum->private_dirty : &sum->shared_dirty) += PAGE_SIZE;
	if (page_is_anon(page))
		sum->anonymous += PAGE_SIZE;
	if (!(flags & KPF_SWAPBACKED))
		sum->lazyfree += PAGE_SIZE;
	if (flags & KPF_MLOCKED)
		sum->locked += (PAGE_SIZE << USAGE_PSS_SHIFT) / found;
}

static struct mem_usage usage_of(struct mm *mm)
{
	struct mem_usage u = { 0 };
	struct vma *vma;

	down_read(&mm->mmap_lock);
	for (vma = find_vma(mm, 0); vma; vma = vma_next(vma))
		mem_usage_add(&u, vma);
	up_read(&mm->mmap_lock);
	return u;
}

static void check_all(struct mm *mm)
{
	struct mem_usage u = usage_of(mm), sum = { 0 };
	u64 words[NR_PAGES];

	KT_CHECK_EQ(pagemap_read(mm, FX_BASE, NR_PAGES, true, words), 0);
	for (unsigned long i = 0; i < NR_PAGES; i++) {
		if (words[i] & PM_PRESENT)
			check_page(words[i], &sum);
		else if (words[i] & PM_SWAP)
			sum.swap += PAGE_SIZE;
	}
	KT_CHECK_EQ(u.rss, sum.rss);
	KT_CHECK_EQ(u.pss, sum.pss);
	KT_CHECK_EQ(u.swap, sum.swap);
	KT_CHECK_EQ(u.anonymous, sum.anonymous);
	KT_CHECK_EQ(u.lazyfree, sum.lazyfree);
	KT_CHECK_EQ(u.locked, sum.locked);
	KT_CHECK_EQ(u.private_clean + u.private_dirty, sum.private_dirty);
	KT_CHECK_EQ(u.shared_clean + u.shared_dirty, sum.shared_dirty);
	KT_CHECK_EQ(u.rss, mm_rss(mm) * PAGE_SIZE);
	KT_CHECK_EQ(u.anonymous, (u64)atomic64_read(&mm->rss[MM_ANONPAGES]) * PAGE_SIZE);
	KT_CHECK_EQ(u.swap, (u64)atomic64_read(&mm->rss[MM_SWAPENTS]) * PAGE_SIZE);
	KT_CHECK_EQ(u.size, mm->total_vm * PAGE_SIZE);
}

KTEST_QUICK(pagemap, everybody_says_the_same_of_every_kind_of_page)
{
	struct scene s;

	if (!scene_up(&s))
		return;
	check_all(s.mm);
	check_all(s.child);
	/* The slot of page 15 has two users, those of 4 and 5 one. */
	KT_CHECK_EQ(usage_of(s.mm).swap, P(3));
	KT_CHECK_EQ(usage_of(s.mm).swap_pss, (P(2) + P(1) / 2) << USAGE_PSS_SHIFT);
	KT_CHECK_EQ(usage_of(s.mm).lazyfree, P(1));
	KT_CHECK_EQ(usage_of(s.mm).locked, P(1) << USAGE_PSS_SHIFT);
	scene_down(&s);
}

struct scan_region {
	u64 start, end, categories;
};

/* PAGEMAP_SCAN of all pages into categories[]; its memory is at @at. Return: regions. */
static long scan_pages(struct mm *mm, unsigned long at, u64 *categories)
{
	struct scan_region __user *regions = (void __user *)(at + 96);
	u64 arg[12] = { 96, 0, FX_BASE, FX_BASE + P(NR_PAGES), 0, at + 96, NR_PAGES, 0, 0, 0, 0,
			0xff }, walk_end = 0;
	struct scan_region r;
	long nr;

	KT_CHECK_EQ(copy_to_user((void __user *)at, arg, sizeof(arg)), 0);
	nr = pagemap_scan(mm, (void __user *)at);
	KT_CHECK_EQ(get_user(walk_end, (u64 __user *)at + 4), 0);
	KT_CHECK_EQ(walk_end, FX_BASE + P(NR_PAGES));
	for (long i = 0; i < nr; i++) {
		KT_CHECK_EQ(copy_from_user(&r, &regions[i], sizeof(r)), 0);
		for (u64 va = r.start; va < r.end; va += PAGE_SIZE)
			categories[(va - FX_BASE) >> PAGE_SHIFT] = r.categories;
	}
	return nr;
}

KTEST_QUICK(pagemap, a_scan_says_the_same_as_the_words)
{
	u64 words[NR_PAGES], categories[NR_PAGES] = { 0 };
	struct scene s;

	if (!scene_up(&s))
		return;
	KT_CHECK_EQ(fx_map(s.mm, FX_BASE + P(64), 2, FX_RW), FX_BASE + P(64));
	KT_CHECK_GT(scan_pages(s.mm, FX_BASE + P(64), categories), 4);
	KT_CHECK_EQ(pagemap_read(s.mm, FX_BASE, NR_PAGES, true, words), 0);
	for (unsigned long i = 0; i < NR_PAGES; i++) {
		KT_CHECK_EQ(categories[i] >> 3 & 1, words[i] >> 63);		/* present */
		KT_CHECK_EQ(categories[i] >> 4 & 1, words[i] >> 62 & 1);	/* swapped */
		KT_CHECK_EQ(categories[i] >> 2 & 1, words[i] >> 61 & 1);	/* a file's */
		KT_CHECK_EQ(categories[i] >> 7 & 1, words[i] >> 55 & 1);	/* soft-dirty */
		KT_CHECK_EQ(categories[i] >> 5 & 1, i == 2);			/* zero page */
	}
	scene_down(&s);
}

/* A debugger's write never reaches what somebody else maps. */
KTEST_QUICK(pagemap, a_forced_write_stays_private)
{
	struct mm *mm = fx_mm(), *child;
	struct page *page;
	u64 word = 7;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 2, FX_RW);
	fx_put(FX_BASE, 1);
	KT_CHECK_EQ(sys_mprotect(FX_BASE, P(2), PROT_READ), 0);
	child = fx_fork(mm);
	if (child) {
		KT_CHECK_EQ(access_remote_vm(mm, FX_BASE, &word, 8, FOLL_WRITE | FOLL_FORCE), 8);
		KT_CHECK_EQ(fx_get(FX_BASE), 7);
		KT_CHECK_EQ(fx_get_in(child, FX_BASE), 1);
		KT_CHECK(!pte_write(fx_pte(mm, FX_BASE)) && pte_soft_dirty(fx_pte(mm, FX_BASE)));
		KT_CHECK_EQ(access_remote_vm(child, FX_BASE, &word, 8, FOLL_WRITE | FOLL_FORCE), 8);
		KT_CHECK(fx_page(mm, FX_BASE) != fx_page(child, FX_BASE));
		KT_CHECK(!pte_write(fx_pte(child, FX_BASE)));
		mmput(child);
		child = fx_fork(mm);
	}
	/* Both entries say "written", and the page is both's. */
	if (child) {
		if (KT_CHECK_EQ(get_user_pages_unlocked(mm, FX_BASE, 1, FOLL_WRITE | FOLL_FORCE,
							&page), 1)) {
			KT_CHECK(page != fx_page(child, FX_BASE));
			put_page(page);
		}
		KT_CHECK_EQ(access_remote_vm(mm, FX_BASE, &word, 8, FOLL_WRITE), 0);
		mmput(child);
	}
	KT_CHECK_EQ(put_user(1UL, (u64 *)FX_BASE), -EFAULT);
	fx_drop(mm);
}
