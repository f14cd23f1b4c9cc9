/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_filemap.c - suite filemap: files in address spaces
 */
#include "mm/filemap.h"

#include "fs/vfs.h"
#include "kernel/lib/rand.h"
#include "kernel/sched/sched.h"
#include "kernel/test/gate.h"
#include "kernel/test/ktest.h"
#include "mm/fault.h"
#include "mm/fork.h"
#include "mm/rmap.h"
#include "mm/uaccess.h"
#include "tests/kernel/mm_fixture.h"

#define P(n) ((n) * PAGE_SIZE)
#define FILE_PAGES 8UL

static struct file *file_make(u64 pages)
{
	struct file *file = NULL;

	KT_CHECK_EQ(tmpfs_file_anon(P(pages), &file), 0);
	return file;
}

static bool file_map(struct mm *mm, struct file *file, unsigned long va, u64 pages, u64 pgoff,
		     unsigned long type)
{
	unsigned long out, flags = type | MAP_FIXED;

	return KT_CHECK_EQ(vm_mmap(mm, file, va, P(pages), FX_RW, flags, pgoff, &out), 0);
}

static int file_resize(struct file *file, u64 pages)
{
	return vfs_truncate(file->inode, (loff_t)P(pages));
}

KTEST_QUICK(filemap, shared_mappings_show_one_page_and_private_ones_their_own)
{
	unsigned long shared = FX_BASE, private = FX_BASE + P(16), again = FX_BASE + P(32);
	struct file *file = file_make(FILE_PAGES);
	struct mm *mm;

	KT_TRUE(file);
	mm = fx_mm();
	if (!mm || !file_map(mm, file, shared, FILE_PAGES, 0, MAP_SHARED) ||
	    !file_map(mm, file, private, FILE_PAGES, 0, MAP_PRIVATE) ||
	    !file_map(mm, file, again, 4, 4, MAP_SHARED))
		goto out;
	fx_put(shared + P(5), 50);
	KT_CHECK_EQ(fx_get(private + P(5)), 50);
	KT_CHECK_EQ(fx_get(again + P(1)), 50);
	KT_CHECK(fx_page(mm, shared + P(5)) == fx_page(mm, again + P(1)));
	KT_CHECK_EQ(page_mapcount(fx_page(mm, shared + P(5))), 3);
	page_lock(fx_page(mm, shared + P(5)));
	KT_CHECK_EQ(rmap_count_ptes(fx_page(mm, shared + P(5))), 3);
	page_unlock(fx_page(mm, shared + P(5)));
	fx_put(private + P(5), 51);
	fx_put(again + P(1), 52);
	KT_CHECK_EQ(fx_get(shared + P(5)), 52);
	KT_CHECK_EQ(fx_get(private + P(5)), 51);
	KT_CHECK_EQ(mm_fault(mm, shared + P(FILE_PAGES), 0), FAULT_MAPERR);
out:
	if (mm)
		fx_drop(mm);
	file_put(file);
}

/* Read-only, not used yet, and only what is in memory, free and inside the VMA. */
KTEST_QUICK(filemap, a_read_fault_maps_neighbours_that_are_in_memory)
{
	unsigned long writer = FX_BASE, reader = FX_BASE + P(64), i;
	struct file *file = file_make(32);
	struct page *locked;
	struct mm *mm;
	pte_t pte;

	KT_TRUE(file);
	mm = fx_mm();
	if (!mm || !file_map(mm, file, writer, 32, 0, MAP_SHARED) ||
	    !file_map(mm, file, reader, 24, 0, MAP_SHARED) || !fx_map(mm, reader + P(24), 8, FX_RW))
		goto out;
	for (i = 0; i < 32; i++)
		if (i != 5)
			fx_put(writer + P(i), i + 1);
	locked = fx_page(mm, writer + P(7));
	page_lock(locked);
	page_lock_hand_over(locked);	/* as if it were under I/O */
	KT_CHECK_EQ(fx_get(reader + P(3)), 4);
	page_unlock_handed_over(locked);
	for (i = 0; i < 24; i++) {
		pte = fx_pte(mm, reader + P(i));
		KT_CHECK_EQ(pte_present(pte), i < 16 && i != 5 && i != 7);
		KT_CHECK(!pte_write(pte));
		KT_CHECK_EQ(pte_present(pte) && pte_young(pte), i == 3);
	}
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_FILEPAGES]), 31 + 14);
	KT_CHECK_EQ(fx_get(reader + P(20)), 21);
	KT_CHECK_EQ(fx_get(reader + P(24)), 0);
	KT_CHECK_EQ(page_mapcount(fx_page(mm, writer + P(24))), 1);
	KT_CHECK_EQ(file_resize(file, 4), 0);
	KT_CHECK(!fx_page(mm, reader + P(4)) && !fx_page(mm, reader + P(20)));
	KT_CHECK_EQ(fx_get(reader + P(2)), 3);
out:
	if (mm)
		fx_drop(mm);
	file_put(file);
}

KTEST_QUICK(filemap, relatives_share_what_is_shared)
{
	unsigned long shared = 0, private = FX_BASE + P(16);
	struct file *file = file_make(2);
	struct mm *mm, *child;

	KT_TRUE(file);
	mm = fx_mm();
	if (!mm || !file_map(mm, file, private, 2, 0, MAP_PRIVATE))
		goto out;
	KT_CHECK_EQ(vm_mmap(mm, NULL, 0, P(2), FX_RW, MAP_SHARED | MAP_ANONYMOUS, 0, &shared), 0);
	fx_put(shared, 1);
	fx_put(private, 2);
	KT_CHECK_EQ(fx_get(private + P(1)), 0);
	child = fx_fork(mm);
	if (child) {
		KT_CHECK(fx_put_in(child, shared, 10));
		KT_CHECK(fx_put_in(child, private, 20));
		KT_CHECK_EQ(fx_get_in(child, private + P(1)), 0);
		KT_CHECK_EQ(fx_get(shared), 10);
		KT_CHECK_EQ(fx_get(private), 2);
		mmput(child);
	}
	KT_CHECK_EQ(fx_get(shared), 10);
out:
	if (mm)
		fx_drop(mm);
	file_put(file);
}

KTEST_QUICK(filemap, behind_the_new_end_of_a_file_is_nothing)
{
	unsigned long shared = FX_BASE, private = FX_BASE + P(16);
	struct file *file = file_make(FILE_PAGES);
	struct mm *mm;
	u64 word = 0;

	KT_TRUE(file);
	mm = fx_mm();
	if (!mm || !file_map(mm, file, shared, FILE_PAGES, 0, MAP_SHARED) ||
	    !file_map(mm, file, private, FILE_PAGES, 0, MAP_PRIVATE))
		goto out;
	fx_put(shared + P(2), 2);
	fx_put(shared + P(6), 6);
	fx_put(private + P(7), 7);
	KT_CHECK_EQ(fx_get(private + P(6)), 6);
	KT_CHECK_EQ(file_resize(file, 3), 0);
	KT_CHECK_EQ(get_user(word, (u64 *)(shared + P(6))), -EFAULT);
	KT_CHECK_EQ(word, 0);
	KT_CHECK_EQ(mm_fault(mm, shared + P(6), 0), FAULT_BUSERR);
	KT_CHECK_EQ(mm_fault(mm, private + P(6), FAULT_WRITE), FAULT_BUSERR);
	KT_CHECK_EQ(mm_fault(mm, private + P(7), 0), FAULT_BUSERR);
	KT_CHECK_EQ(fx_get(shared + P(2)), 2);
	KT_CHECK_EQ(file->inode->mapping.nrpages, 1);
	KT_CHECK_EQ(file_resize(file, FILE_PAGES), 0);
	KT_CHECK_EQ(fx_get(shared + P(6)), 0);
out:
	if (mm)
		fx_drop(mm);
	file_put(file);
}

KTEST_QUICK(filemap, splits_and_moves_keep_pages_findable)
{
	unsigned long to = FX_BASE + (48UL << 20), i;
	struct file *file = file_make(FILE_PAGES);
	struct mm *mm;

	KT_TRUE(file);
	mm = fx_mm();
	if (!mm || !file_map(mm, file, FX_BASE, FILE_PAGES, 0, MAP_SHARED))
		goto out;
	for (i = 0; i < FILE_PAGES; i++)
		fx_put(FX_BASE + P(i), i + 1);
	KT_CHECK_EQ(sys_mprotect(FX_BASE + P(2), P(3), PROT_READ), 0);
	KT_CHECK_EQ(sys_mremap(FX_BASE + P(5), P(2), P(2), MREMAP_MAYMOVE | MREMAP_FIXED, to),
		    (long)to);
	KT_CHECK_EQ(fx_get(to + P(1)), 7);
	KT_CHECK(fx_valid(mm));
	KT_CHECK_EQ(file_resize(file, 0), 0);
	KT_CHECK_EQ(mm_rss(mm), 0);
	KT_CHECK_EQ(sys_mremap(to, P(2), P(2), MREMAP_MAYMOVE | MREMAP_FIXED, FX_BASE + P(5)),
		    (long)(FX_BASE + P(5)));
	KT_CHECK_EQ(sys_mprotect(FX_BASE, P(FILE_PAGES), FX_RW), 0);
	KT_CHECK_EQ(fx_nr_vmas(mm), 1);
out:
	if (mm)
		fx_drop(mm);
	file_put(file);
}

static int touch_first(void *arg)
{
	u64 word = 0;

	(void)!get_user(word, (u64 *)FX_BASE);
	return (int)word;
}

static int shrink_to_nothing(void *arg)
{
	return file_resize(arg, 0);
}

/* A fault has found its page before the file shrank, and maps it afterwards. */
KTEST(filemap, a_late_fault_does_not_keep_a_page_that_left_the_file)
{
	struct file *file = file_make(1);
	struct fx_thread toucher, shrinker;
	struct mm *mm;

	KT_TRUE(file);
	mm = fx_mm();
	if (!mm || !file_map(mm, file, FX_BASE, 1, 0, MAP_SHARED))
		goto out;
	gate_arm("fault.object_locked", mm);
	if (fx_start(&toucher, mm, touch_first, NULL)) {
		if (gate_wait("fault.object_locked") &&
		    fx_start(&shrinker, NULL, shrink_to_nothing, file)) {
			/* It comes as far as the lock of the page. */
			while (READ_ONCE(file->inode->size))
				schedule_timeout_uninterruptible(1);
			schedule_timeout_uninterruptible(2);
			gate_open("fault.object_locked");
			KT_CHECK_EQ(fx_join(&shrinker), 0);
		}
		gate_open("fault.object_locked");
		(void)fx_join(&toucher);
	}
	KT_CHECK_EQ(mm_rss(mm), 0);
	KT_CHECK_EQ(mm_fault(mm, FX_BASE, 0), FAULT_BUSERR);
out:
	if (mm)
		fx_drop(mm);
	file_put(file);
}

/* The file shrinks and grows while others touch it, move it and fork. */
struct shrink {
	struct mm *mm;
	bool stop;
};

static int toucher(void *arg)
{
	struct shrink *s = arg;
	struct rand_state r;
	u64 word;

	rand_seed(&r, (u64)(unsigned long)&word);
	while (!READ_ONCE(s->stop)) {
		unsigned long va = FX_BASE + P(rand_below(&r, FILE_PAGES));

		/* A fault behind the end is expected; a page of another file is not. */
		if (!get_user(word, (u64 *)va) && word && word != 0x77)
			return -EINVAL;
		if (put_user((u64)0x77, (u64 *)va))
			cond_resched();
	}
	return 0;
}

static int forker(void *arg)
{
	struct shrink *s = arg;
	struct mm *child;
	int i, err = 0;

	for (i = 0; i < 40 && !err; i++) {
		err = dup_mm(s->mm, &child);
		if (err)
			break;
		(void)fx_put_in(child, FX_BASE + P(i % FILE_PAGES), 0x77);
		mmput(child);
	}
	return err;
}

KTEST(filemap, truncation_races_with_everything)
{
	struct file *file = file_make(FILE_PAGES);
	struct shrink s = { 0 };
	struct fx_thread t[3];
	int i, n;

	KT_TRUE(file);
	s.mm = fx_mm();
	if (!s.mm || !file_map(s.mm, file, FX_BASE, FILE_PAGES / 2, 0, MAP_SHARED) ||
	    !file_map(s.mm, file, FX_BASE + P(4), FILE_PAGES / 2, 4, MAP_PRIVATE))
		goto out;
	for (n = 0; n < 3; n++) {
		if (!fx_start(&t[n], n < 2 ? s.mm : NULL, n < 2 ? toucher : forker, &s))
			break;
	}
	for (i = 0; i < 150; i++) {
		KT_CHECK_EQ(file_resize(file, (u64)i % (FILE_PAGES + 1)), 0);
		yield();
	}
	WRITE_ONCE(s.stop, true);
	while (n--)
		KT_CHECK_EQ(fx_join(&t[n]), 0);
	KT_CHECK_EQ(file_resize(file, 0), 0);
	KT_CHECK_EQ(file->inode->mapping.nrpages, 0);
out:
	if (s.mm)
		fx_drop(s.mm);
	file_put(file);
}
