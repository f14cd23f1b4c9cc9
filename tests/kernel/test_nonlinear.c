/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_nonlinear.c - suite nonlinear: the pages of a file in any order
 *
 * Word 0 of page i of the file is i + 1. What a program sees is in
 * tests/user/remap.c, recorded on Linux.
 */
#include "mm/nonlinear.h"

#include "fs/vfs.h"
#include "kernel/lib/rand.h"
#include "kernel/test/gate.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "kernel/test/recorder.h"
#include "mm/fault.h"
#include "mm/filemap.h"
#include "mm/guard.h"
#include "mm/mlock.h"
#include "mm/page_io.h"
#include "mm/pgtable.h"
#include "mm/rmap.h"
#include "mm/swap.h"
#include "mm/uaccess.h"
#include "tests/kernel/kt_thread.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/notifier_toys.h"
#include "tests/kernel/toy_mirror.h"

#define P(n) ((n) * PAGE_SIZE)
#define NR 8UL

struct scene {
	struct file *file;
	struct mm *mm;
	unsigned long pages;
};

static bool map_at(struct scene *s, unsigned long va)
{
	unsigned long out = 0;

	return !KT_TRY(vm_mmap(s->mm, s->file, va, P(s->pages), FX_RW, MAP_SHARED | MAP_FIXED, 0,
			       &out));
}

/* A file of @pages numbered pages, mapped shared at FX_BASE, nothing faulted in. */
static bool scene_up(struct scene *s, unsigned long pages)
{
	*s = (struct scene){ .pages = pages };
	if (!KT_CHECK_EQ(tmpfs_file_anon(P(pages), &s->file), 0))
		return false;
	s->mm = fx_mm();
	for (u64 i = 0, word = 1; s->mm && i < pages; i++, word++)
		KT_CHECK_EQ(kernel_write(s->file, &word, sizeof(word), (loff_t)P(i)), 8);
	return s->mm && KT_CHECK(map_at(s, FX_BASE));
}

static void scene_down(struct scene *s)
{
	if (s->mm)
		fx_drop(s->mm);
	if (s->file)
		file_put(s->file);
}

static long remap(unsigned long place, unsigned long pages, u64 pgoff)
{
	return sys_remap_file_pages(FX_BASE + P(place), P(pages), 0, pgoff, 0);
}

/* Without making anything present. */
static long remap_only(unsigned long place, unsigned long pages, u64 pgoff)
{
	return sys_remap_file_pages(FX_BASE + P(place), P(pages), 0, pgoff, MAP_NONBLOCK);
}

/* Place i shows page n - 1 - i. */
static void turn_round(const struct scene *s)
{
	for (unsigned long i = 0; i < s->pages; i++)
		KT_CHECK_EQ(remap(i, 1, s->pages - 1 - i), 0);
}

static u64 word_at(unsigned long place)
{
	return fx_get(FX_BASE + P(place));
}

static pte_t entry_at(const struct scene *s, unsigned long place)
{
	return fx_pte(s->mm, FX_BASE + P(place));
}

static bool offset_at(const struct scene *s, unsigned long place, u64 pgoff)
{
	pte_t pte = entry_at(s, place);

	return pte_is_file(pte) && pte_value(pte) == pgoff && !pte_mark(pte);
}

static struct page *page_at(const struct scene *s, unsigned long place)
{
	return fx_page(s->mm, FX_BASE + P(place));
}

static unsigned int count_entries(struct page *page)
{
	unsigned int found;

	page_lock(page);
	found = rmap_count_ptes(page);
	page_unlock(page);
	return found;
}

static enum ttu_result unmap(struct page *page, unsigned int flags)
{
	enum ttu_result result;

	get_page(page);
	page_lock(page);
	result = try_to_unmap(page, flags);
	page_unlock(page);
	put_page(page);
	return result;
}

/* Is the VMA at @place in the list and not in the tree? */
static bool listed(const struct scene *s, unsigned long place)
{
	struct vma *vma;
	bool listed;

	down_read(&s->mm->mmap_lock);
	vma = find_vma(s->mm, FX_BASE + P(place));
	listed = vma->flags & VM_NONLINEAR && !list_empty(&vma->nonlinear) &&
		 RB_EMPTY_NODE(&vma->shared.rb);
	up_read(&s->mm->mmap_lock);
	return listed;
}

static unsigned long *cursor_at(const struct scene *s, unsigned long va)
{
	struct vma *vma;

	down_read(&s->mm->mmap_lock);
	vma = find_vma(s->mm, va);
	up_read(&s->mm->mmap_lock);
	return &vma->unmap_cursor;
}

/* ---- the order ---- */

KTEST_QUICK(nonlinear, any_page_at_any_place)
{
	struct scene s;

	if (!scene_up(&s, NR))
		goto out;
	KT_CHECK_EQ(remap(2, 1, 2), 0);
	KT_CHECK(!listed(&s, 0));			/* as it was */
	turn_round(&s);
	KT_CHECK(listed(&s, 0));
	KT_CHECK_EQ(fx_nr_vmas(s.mm), 1);
	for (unsigned long i = 0; i < NR; i++) {
		KT_CHECK(pte_present(entry_at(&s, i)));
		KT_CHECK_EQ(word_at(i), NR - i);
	}
	KT_CHECK_EQ(atomic64_read(&s.mm->rss[MM_FILEPAGES]), NR);
	/* The same page three times, once through a mapping in order. */
	KT_CHECK_EQ(remap(1, 1, 7), 0);
	if (map_at(&s, FX_BASE + P(64))) {
		KT_CHECK_EQ(fx_get(FX_BASE + P(64 + 7)), 8);
		KT_CHECK(page_at(&s, 0) == page_at(&s, 1) && page_at(&s, 0) == page_at(&s, 64 + 7));
		KT_CHECK_EQ(page_mapcount(page_at(&s, 0)), 3);
		KT_CHECK_EQ(count_entries(page_at(&s, 0)), 3);
	}
	fx_put(FX_BASE, 80);
	KT_CHECK_EQ(word_at(1), 80);
	KT_CHECK_EQ(remap(0, NR, 0), 0);
	for (unsigned long i = 0; i < NR - 1; i++)
		KT_CHECK_EQ(word_at(i), i + 1);
out:
	scene_down(&s);
}

KTEST_QUICK(nonlinear, wrong_calls_change_nothing)
{
	unsigned long private = 0;
	struct scene s;

	if (!scene_up(&s, NR))
		goto out;
	KT_CHECK_EQ(sys_remap_file_pages(FX_BASE, P(1), PROT_READ, 3, 0), -EINVAL);
	KT_CHECK_EQ(remap(0, 0, 3), -EINVAL);
	KT_CHECK_EQ(remap(0, NR + 1, 3), -EINVAL);
	KT_CHECK_EQ(remap(NR, 1, 3), -EINVAL);
	KT_CHECK_EQ(remap(0, 2, ~0UL), -EINVAL);
	KT_CHECK_EQ(remap(0, 1, 1UL << 51), -EOVERFLOW);
	KT_CHECK_EQ(vm_mmap(s.mm, s.file, FX_BASE + P(64), P(2), FX_RW, MAP_PRIVATE | MAP_FIXED, 0,
			    &private), 0);
	KT_CHECK_EQ(remap(64, 1, 1), -EINVAL);
	fx_map(s.mm, FX_BASE + P(80), 1, FX_RW);
	KT_CHECK_EQ(remap(80, 1, 1), -EINVAL);
	KT_CHECK(!listed(&s, 0));
	KT_CHECK_EQ(word_at(0), 1);
out:
	scene_down(&s);
}

KTEST_QUICK(nonlinear, what_goes_leaves_its_offset)
{
	struct scene s;

	if (!scene_up(&s, NR + 1))
		goto out;
	turn_round(&s);				/* the middle stays where it is */
	KT_CHECK_EQ(sys_madvise(FX_BASE, P(NR + 1), MADV_DONTNEED), 0);
	KT_CHECK_EQ(atomic64_read(&s.mm->rss[MM_FILEPAGES]), 0);
	for (unsigned long i = 0; i <= NR; i++)
		KT_CHECK(i == NR / 2 ? pte_none(entry_at(&s, i)) : offset_at(&s, i, NR - i));
	KT_CHECK_EQ(remap_only(0, 2, 4), 0);
	KT_CHECK(offset_at(&s, 0, 4) && offset_at(&s, 1, 5));
	KT_CHECK_EQ(word_at(0), 5);
	KT_CHECK_EQ(word_at(1), 6);
	KT_CHECK_EQ(word_at(2), NR - 1);
	KT_CHECK_EQ(word_at(NR / 2), NR / 2 + 1);
	/* Without access the page is still mapped, and leaves its offset all the same. */
	KT_CHECK_EQ(sys_mprotect(FX_BASE, P(NR + 1), PROT_NONE), 0);
	KT_CHECK(pte_mapped(entry_at(&s, 2)) && !pte_present(entry_at(&s, 2)));
	KT_CHECK_EQ(sys_madvise(FX_BASE, P(NR + 1), MADV_DONTNEED), 0);
	KT_CHECK_EQ(sys_mprotect(FX_BASE, P(NR + 1), FX_RW), 0);
	KT_CHECK_EQ(word_at(2), NR - 1);
	KT_CHECK_EQ(sys_munmap(FX_BASE, P(2)), 0);
	fx_map(s.mm, FX_BASE, 2, FX_RW);
	KT_CHECK_EQ(word_at(0), 0);
out:
	scene_down(&s);
}

KTEST_QUICK(nonlinear, parts_are_in_the_list_and_join_again)
{
	struct scene s;

	if (!scene_up(&s, NR))
		goto out;
	turn_round(&s);
	KT_CHECK_EQ(sys_mprotect(FX_BASE + P(2), P(2), PROT_READ), 0);
	KT_CHECK_EQ(fx_nr_vmas(s.mm), 3);
	for (unsigned long i = 0; i < NR; i++) {
		KT_CHECK(listed(&s, i));
		KT_CHECK_EQ(count_entries(page_at(&s, i)), 1);
		KT_CHECK_EQ(word_at(i), NR - i);
	}
	KT_CHECK_EQ(remap(0, NR, 0), -EINVAL);		/* not alike */
	KT_CHECK_EQ(sys_mprotect(FX_BASE + P(2), P(2), FX_RW), 0);
	KT_CHECK_EQ(fx_nr_vmas(s.mm), 1);
	KT_CHECK_EQ(word_at(3), NR - 3);
	KT_CHECK_EQ(vfs_truncate(s.file->inode, 0), 0);
	for (unsigned long i = 0; i < NR; i++)
		KT_CHECK(!page_at(&s, i));
out:
	scene_down(&s);
}

/* Two VMAs next to each other, one of them in order: one call for both. */
KTEST_QUICK(nonlinear, one_call_goes_over_alike_neighbours)
{
	unsigned long out = 0;
	struct scene s;

	if (!scene_up(&s, NR))
		goto down;
	KT_CHECK_EQ(vm_mmap(s.mm, s.file, FX_BASE + P(4), P(4), FX_RW, MAP_SHARED | MAP_FIXED, 2,
			    &out), 0);
	KT_CHECK_EQ(fx_nr_vmas(s.mm), 2);
	KT_CHECK_EQ(remap(1, 1, 7), 0);
	KT_CHECK(listed(&s, 0) && !listed(&s, 4));
	KT_CHECK_EQ(remap(2, 4, 0), 0);
	KT_CHECK(listed(&s, 4));
	for (unsigned long i = 2; i < 6; i++)
		KT_CHECK_EQ(word_at(i), i - 1);
	KT_CHECK_EQ(word_at(6), 5);			/* as mapped */
down:
	scene_down(&s);
}

KTEST_QUICK(nonlinear, a_child_gets_the_order)
{
	struct mm *child;
	struct scene s;

	if (!scene_up(&s, NR))
		goto out;
	turn_round(&s);
	KT_CHECK_EQ(remap_only(0, 1, 3), 0);
	child = fx_fork(s.mm);
	if (child) {
		pte_t pte = fx_pte(child, FX_BASE + P(1));

		KT_CHECK_EQ(mm_rss(child), 0);
		KT_CHECK(pte_is_file(pte) && pte_value(pte) == NR - 2);
		KT_CHECK_EQ(fx_get_in(child, FX_BASE), 4);
		KT_CHECK_EQ(fx_get_in(child, FX_BASE + P(5)), NR - 5);
		KT_CHECK_EQ(count_entries(page_at(&s, 5)), 2);
		KT_CHECK_EQ(remap(5, 1, 0), 0);
		KT_CHECK_EQ(fx_get_in(child, FX_BASE + P(5)), NR - 5);
		mmput(child);
	}
out:
	scene_down(&s);
}

/* Entry by entry, then whole tables: present pages and offsets go along. */
KTEST_QUICK(nonlinear, a_move_takes_the_order_along)
{
	unsigned long there = FX_BASE + 4 * pt_size(2);
	struct scene s;

	if (!scene_up(&s, PT_ENTRIES))
		goto out;
	KT_CHECK_EQ(remap(3, 1, 500), 0);
	KT_CHECK_EQ(remap_only(4, 1, 400), 0);
	KT_CHECK_EQ(sys_mremap(FX_BASE, P(PT_ENTRIES), P(PT_ENTRIES), MREMAP_MAYMOVE | MREMAP_FIXED,
			       there), (long)there);
	KT_CHECK_EQ(fx_get(there + P(3)), 501);
	KT_CHECK_EQ(count_entries(fx_page(s.mm, there + P(3))), 1);
	KT_CHECK_EQ(sys_mremap(there, P(8), P(8), MREMAP_MAYMOVE | MREMAP_FIXED, FX_BASE + P(16)),
		    (long)(FX_BASE + P(16)));
	KT_CHECK_EQ(word_at(16 + 3), 501);
	KT_CHECK_EQ(word_at(16 + 4), 401);
	KT_CHECK_EQ(word_at(16 + 5), 6);
	KT_CHECK(listed(&s, 16));
out:
	scene_down(&s);
}

KTEST_QUICK(nonlinear, a_guard_keeps_the_offset)
{
	struct scene s;

	if (!scene_up(&s, NR))
		goto out;
	turn_round(&s);
	KT_CHECK_EQ(sys_madvise(FX_BASE, P(2), MADV_GUARD_INSTALL), 0);
	KT_CHECK_EQ(sys_madvise(FX_BASE, P(NR), MADV_DONTNEED), 0);
	KT_CHECK(pte_is_guard(entry_at(&s, 0)) && pte_is_guard(entry_at(&s, 1)));
	KT_CHECK(!pte_is_guard(entry_at(&s, 2)));
	KT_CHECK_EQ(mm_fault(s.mm, FX_BASE + P(1), 0), FAULT_MAPERR);
	KT_CHECK_EQ(remap(0, 1, 3), 0);			/* a new mapping, without a guard */
	KT_CHECK_EQ(word_at(0), 4);
	KT_CHECK_EQ(sys_madvise(FX_BASE, P(2), MADV_GUARD_REMOVE), 0);
	KT_CHECK_EQ(word_at(1), NR - 1);
out:
	scene_down(&s);
}

KTEST_QUICK(nonlinear, without_memory_the_order_stays)
{
	struct scene s;
	u64 nth, fired = 1;
	long err;

	for (nth = 1; fired && nth < 50; nth++) {
		if (!scene_up(&s, 2 * PT_ENTRIES)) {
			scene_down(&s);
			return;
		}
		inject_arm(INJECT_PAGE_ALLOC, nth, 1, current);
		err = remap_only(1, 2 * PT_ENTRIES - 1, 0);
		fired = inject_disarm(INJECT_PAGE_ALLOC);
		KT_CHECK_EQ(err, fired ? -ENOMEM : 0);
		KT_CHECK_EQ(word_at(1), fired ? 2 : 1);
		KT_CHECK_EQ(word_at(PT_ENTRIES), fired ? PT_ENTRIES + 1 : PT_ENTRIES);
		scene_down(&s);
	}
	KT_CHECK(nth > 2);
}

/* ---- truncation ---- */

KTEST_QUICK(nonlinear, truncation_finds_pages_wherever_they_are)
{
	struct scene s;

	if (!scene_up(&s, NR))
		goto out;
	turn_round(&s);
	KT_CHECK_EQ(vfs_truncate(s.file->inode, (loff_t)P(4)), 0);
	for (unsigned long i = 0; i < NR; i++) {
		KT_CHECK_EQ(page_at(&s, i) != NULL, i >= 4);
		KT_CHECK(i >= 4 || offset_at(&s, i, NR - 1 - i));
		KT_CHECK_EQ(mm_fault(s.mm, FX_BASE + P(i), 0), i >= 4 ? FAULT_DONE : FAULT_BUSERR);
	}
	KT_CHECK_EQ(vfs_truncate(s.file->inode, (loff_t)P(NR)), 0);
	KT_CHECK_EQ(word_at(0), 0);
	KT_CHECK_EQ(word_at(NR - 1), 1);
	fx_put(FX_BASE, 88);
	KT_CHECK_EQ(remap(1, 1, NR - 1), 0);
	KT_CHECK_EQ(word_at(1), 88);
out:
	scene_down(&s);
}

static int touch_first(void *arg)
{
	return put_user((u64)7, (u64 *)FX_BASE);
}

static int truncate_all(void *arg)
{
	return vfs_truncate(((struct file *)arg)->inode, 0);
}

/* The fault has the page's lock when the file becomes shorter: it is unmapped again. */
KTEST(nonlinear, a_page_mapped_while_the_file_shrinks_goes_again)
{
	struct fx_thread fault, truncate;
	struct scene s;

	KT_NEED_GATES();
	if (!scene_up(&s, NR))
		goto out;
	KT_CHECK_EQ(remap_only(0, 1, NR - 1), 0);
	gate_arm("fault.object_locked", s.mm);
	gate_arm("shmem.drop_page", NULL);
	if (fx_start(&fault, s.mm, touch_first, NULL)) {
		if (gate_wait("fault.object_locked") &&
		    fx_start(&truncate, NULL, truncate_all, s.file)) {
			(void)gate_wait("shmem.drop_page");
			gate_open("fault.object_locked");
			KT_CHECK_EQ(fx_join(&fault), 0);
			KT_CHECK(page_at(&s, 0));
			gate_open("shmem.drop_page");
			KT_CHECK_EQ(fx_join(&truncate), 0);
		} else {
			gate_open("fault.object_locked");
			(void)fx_join(&fault);
		}
	}
	gate_open("shmem.drop_page");
	KT_CHECK(!page_at(&s, 0));
	KT_CHECK(offset_at(&s, 0, NR - 1));
out:
	scene_down(&s);
}

/* ---- reclaim ---- */

static void age_all(const struct scene *s)
{
	for (unsigned long i = 0; i < s->pages; i++) {
		struct spinlock *ptl;
		pte_t *ptep = pte_offset_lock(s->mm, FX_BASE + P(i), &ptl);

		(void)ptep_test_and_clear_young(s->mm, FX_BASE + P(i), ptep);
		pte_unmap_unlock(ptep, ptl);
	}
}

/* The clusters are 32 pages. */
KTEST_QUICK(nonlinear, a_scan_ages_and_the_next_one_unmaps)
{
	struct scene s;
	struct page *page;

	if (!scene_up(&s, 96))
		goto out;
	turn_round(&s);
	page = page_at(&s, 40);
	if (!KT_CHECK(page))
		goto out;
	KT_CHECK_EQ(unmap(page, 0), SWAP_AGAIN);	/* all are young: one pass ages them */
	KT_CHECK_EQ(atomic64_read(&s.mm->rss[MM_FILEPAGES]), 96);
	KT_CHECK_EQ(*cursor_at(&s, FX_BASE), 0);
	(void)word_at(3);				/* used again */
	KT_CHECK_EQ(unmap(page, 0), SWAP_AGAIN);	/* other pages go, that was enough */
	KT_CHECK_EQ(atomic64_read(&s.mm->rss[MM_FILEPAGES]), 96 - 31);
	KT_CHECK_EQ(*cursor_at(&s, FX_BASE), P(32));
	KT_CHECK(page_at(&s, 3) && offset_at(&s, 4, 91));
	KT_CHECK_EQ(unmap(page, 0), SWAP_SUCCESS);	/* its own cluster */
	KT_CHECK(offset_at(&s, 40, 55));
	KT_CHECK_EQ(*cursor_at(&s, FX_BASE), P(64));
	for (unsigned long i = 0; i < 96; i++)
		KT_CHECK_EQ(word_at(i), 96 - i);
out:
	scene_down(&s);
}

/* The cursors of all VMAs go on together, and the smaller one's waits at the limit. */
KTEST_QUICK(nonlinear, cursors_go_round_robin_up_to_the_largest)
{
	unsigned long small = FX_BASE + P(200), out = 0;
	struct scene s;
	struct page *page;

	if (!scene_up(&s, 96))
		goto down;
	turn_round(&s);
	KT_CHECK_EQ(vm_mmap(s.mm, s.file, small, P(20), FX_RW, MAP_SHARED | MAP_FIXED, 0, &out), 0);
	KT_CHECK_EQ(sys_remap_file_pages(small, P(20), 0, 70, 0), 0);
	page = page_at(&s, 95);				/* page 0, in the last cluster */
	if (!KT_CHECK(page))
		goto down;
	age_all(&s);
	/* First cluster of the list's first VMA: enough for one page. */
	KT_CHECK_EQ(unmap(page, 0), SWAP_AGAIN);
	KT_CHECK_EQ(*cursor_at(&s, FX_BASE), P(32));
	KT_CHECK_EQ(*cursor_at(&s, small), 0);
	/* The limit is where the foremost stands: the other one catches up. */
	KT_CHECK_EQ(unmap(page, 0), SWAP_AGAIN);
	KT_CHECK_EQ(*cursor_at(&s, FX_BASE), P(64));
	KT_CHECK_EQ(*cursor_at(&s, small), P(32));
	KT_CHECK_EQ(unmap(page, 0), SWAP_SUCCESS);
	KT_CHECK_EQ(*cursor_at(&s, FX_BASE), P(96));
	/* All is passed: from the beginning, next time. */
	page = fx_page(s.mm, small);
	if (KT_CHECK(page))
		KT_CHECK_EQ(unmap(page, TTU_IGNORE_ACCESS), SWAP_AGAIN);
	KT_CHECK_EQ(*cursor_at(&s, FX_BASE), 0);
	KT_CHECK_EQ(*cursor_at(&s, small), 0);
	if (page)
		KT_CHECK_EQ(unmap(page, TTU_IGNORE_ACCESS), SWAP_SUCCESS);
down:
	scene_down(&s);
}

KTEST_QUICK(nonlinear, locked_memory_is_passed_over)
{
	struct scene s;
	struct page *page;

	if (!scene_up(&s, NR))
		goto out;
	turn_round(&s);
	KT_CHECK_EQ(sys_mlock(FX_BASE, P(NR)), 0);
	page = page_at(&s, 0);
	if (!KT_CHECK(page))
		goto out;
	KT_CHECK(page_test(page, PG_mlocked));
	KT_CHECK_EQ(unmap(page, TTU_IGNORE_ACCESS), SWAP_MLOCK);
	KT_CHECK(page_mapped(page));
	KT_CHECK_EQ(remap(1, 1, 3), 0);
	KT_CHECK(page_test(page_at(&s, 1), PG_mlocked));
	KT_CHECK_EQ(unmap(page, TTU_IGNORE_ACCESS | TTU_IGNORE_MLOCK), SWAP_SUCCESS);
	KT_CHECK(offset_at(&s, 0, NR - 1));
	KT_CHECK(!page_test(page, PG_mlocked));
	KT_CHECK_EQ(sys_munlock(FX_BASE, P(NR)), 0);
	KT_CHECK(!page_test(page_at(&s, 1), PG_mlocked));
out:
	scene_down(&s);
}

/* One look of reclaim after the other, until the file's page is only in swap. */
static bool push_out(struct page *page, const struct scene *s)
{
	u64 swapped = s->file->inode->mapping.nrswapped;

	for (int i = 0; i < 20 && s->file->inode->mapping.nrswapped == swapped; i++) {
		LIST_HEAD(batch);

		if (lru_isolate_page(page))
			list_add_tail(&page->lru, &batch);
		reclaim_isolated(&batch);
		while (swap_io_pending())
			page_io_wait(1);
	}
	return s->file->inode->mapping.nrswapped == swapped + 1;
}

KTEST(nonlinear, pages_go_to_swap_and_come_back_to_their_places)
{
	struct scene s;

	if (!scene_up(&s, NR))
		goto out;
	if (!fx_have_swap()) {
		scene_down(&s);
		KT_SKIP("no swap area");
	}
	turn_round(&s);
	fx_put(FX_BASE + P(2), 66);
	age_all(&s);
	KT_CHECK(push_out(page_at(&s, 2), &s));
	KT_CHECK(offset_at(&s, 2, NR - 3));
	KT_CHECK_EQ(word_at(2), 66);
	for (unsigned long i = 3; i < NR; i++)
		KT_CHECK_EQ(word_at(i), NR - i);
out:
	scene_down(&s);
}

static int unmap_first(void *arg)
{
	return (int)unmap(arg, TTU_IGNORE_ACCESS);
}

/* The bracket is open, nothing cleared yet, when the place gets another page. */
KTEST(nonlinear, a_place_remapped_under_a_scan_keeps_its_new_page)
{
	struct fx_thread t;
	struct page *page;
	struct scene s;

	KT_NEED_GATES();
	if (!scene_up(&s, NR))
		goto out;
	turn_round(&s);
	page = page_at(&s, 0);
	gate_arm("nonlinear.cluster", s.mm);
	if (fx_start(&t, NULL, unmap_first, page)) {
		if (gate_wait("nonlinear.cluster")) {
			KT_CHECK_EQ(remap(0, 1, 2), 0);
			KT_CHECK_EQ(remap_only(1, 1, 3), 0);
			fx_put(FX_BASE + P(2), 77);
		}
		gate_open("nonlinear.cluster");
		KT_CHECK_EQ(fx_join(&t), SWAP_SUCCESS);
	}
	KT_CHECK_EQ(word_at(0), 3);
	KT_CHECK_EQ(word_at(1), 4);
	KT_CHECK_EQ(word_at(2), 77);
out:
	scene_down(&s);
}

/* ---- second MMUs ---- */

#ifdef CONFIG_MMU_NOTIFIER
static struct mirror mirror;

static bool heard_one(struct recorder *rec, unsigned long place, unsigned long pages)
{
	const struct recorded_call *call = recorder_find(rec, MN_INVALIDATE_RANGE_START, 0);
	bool ok = KT_CHECK_EQ(recorder_count(rec, MN_INVALIDATE_RANGE_START), 1) &&
		  KT_CHECK_EQ(recorder_count(rec, MN_INVALIDATE_RANGE_END), 1) && KT_CHECK(call) &&
		  KT_CHECK_EQ(call->start, FX_BASE + P(place)) &&
		  KT_CHECK_EQ(call->end, FX_BASE + P(place + pages));

	recorder_clear(rec);
	return ok;
}

KTEST_QUICK(nonlinear, brackets_cover_what_changes)
{
	struct recorder *rec = NULL;
	struct scene s;

	if (!scene_up(&s, 40))
		goto out;
	turn_round(&s);
	rec = toy_recorder(s.mm, &recorder_bracket_ops);
	if (!rec)
		goto out;
	KT_CHECK_EQ(remap(3, 2, 9), 0);
	heard_one(rec, 3, 2);
	age_all(&s);
	(void)unmap(page_at(&s, 0), TTU_IGNORE_ACCESS);
	heard_one(rec, 0, 32);
	(void)unmap(page_at(&s, 39), TTU_IGNORE_ACCESS);
	heard_one(rec, 32, 8);
	KT_CHECK_EQ(vfs_truncate(s.file->inode, (loff_t)P(39)), 0);
	heard_one(rec, 0, 40);
out:
	toy_recorder_end(rec);
	scene_down(&s);
}

KTEST_QUICK(nonlinear, a_device_sees_the_new_order)
{
	struct scene s;
	u64 word = 0;

	if (!scene_up(&s, NR))
		goto out;
	if (KT_CHECK_EQ(mirror_open(&mirror, s.mm, FX_BASE), 0)) {
		KT_CHECK_EQ(mirror_write(&mirror, FX_BASE, 55), 0);
		KT_CHECK_EQ(remap(0, 1, 6), 0);
		KT_CHECK_EQ(mirror_read(&mirror, FX_BASE, &word), 0);
		KT_CHECK_EQ(word, 7);
		KT_CHECK_EQ(mirror_write(&mirror, FX_BASE, 77), 0);
		KT_CHECK_EQ(remap(1, 1, 0), 0);
		KT_CHECK_EQ(mirror_read(&mirror, FX_BASE + P(1), &word), 0);
		KT_CHECK_EQ(word, 55);
		KT_CHECK_EQ(unmap(page_at(&s, 0), TTU_IGNORE_ACCESS), SWAP_SUCCESS);
		KT_CHECK(!mirror_access(&mirror, FX_BASE, &word, false));
		KT_CHECK_EQ(mirror_read(&mirror, FX_BASE, &word), 0);
		KT_CHECK_EQ(word, 77);
		mirror_close(&mirror);
	}
out:
	scene_down(&s);
}
#endif

/* ---- all at once ---- */

#define STORM_PAGES 64UL
#define STORM_ROUNDS 60

static bool storm_over;

/* One half of the places is this thread's: what it remaps is what it reads. */
static int storm_remapper(void *arg)
{
	unsigned long first = (unsigned long)arg;
	struct rand_state rnd = { first + 1 };
	int wrong = 0;

	while (!READ_ONCE(storm_over)) {
		unsigned long place = first + rand_below(&rnd, STORM_PAGES / 2);
		u64 pgoff = rand_below(&rnd, STORM_PAGES), word = 0;

		if ((rand_below(&rnd, 2) ? remap : remap_only)(place, 1, pgoff) ||
		    get_user(word, (u64 *)(FX_BASE + P(place))) || word != pgoff + 1)
			wrong++;
		cond_resched();
	}
	return wrong;
}

KTEST(nonlinear, remapping_against_reclaim_fork_and_discard)
{
	struct fx_thread t[2];
	struct mm *child;
	struct scene s;
	unsigned long n = 0;

	if (!scene_up(&s, STORM_PAGES))
		goto out;
	storm_over = false;
	while (n < 2 && fx_start(&t[n], s.mm, storm_remapper, (void *)(n * STORM_PAGES / 2)))
		n++;
	for (unsigned int round = 0; round < STORM_ROUNDS; round++) {
		struct page *page = page_at(&s, round % STORM_PAGES);

		if (page && get_page_unless_zero(page)) {
			page_lock(page);
			if (page->mapping)
				(void)try_to_unmap(page, round & 1 ? TTU_IGNORE_ACCESS : 0);
			page_unlock(page);
			swap_cache_put_page(page);
		}
		KT_CHECK_EQ(sys_madvise(FX_BASE + P(round % 32), P(32), MADV_DONTNEED), 0);
		child = fx_fork(s.mm);
		if (child)
			mmput(child);
		(void)reclaim_pages(8);
		cond_resched();
	}
	WRITE_ONCE(storm_over, true);
	while (n > 0)
		KT_CHECK_EQ(fx_join(&t[--n]), 0);
out:
	scene_down(&s);
}
