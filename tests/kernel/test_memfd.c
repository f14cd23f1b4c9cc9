/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_memfd.c - suite memfd: seals keep their promises
 */
#include "fs/vfs.h"
#include "include/uapi/falloc.h"
#include "kernel/sched/sched.h"
#include "kernel/test/gate.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "mm/fault.h"
#include "mm/filemap.h"
#include "mm/page.h"
#include "tests/kernel/mm_fixture.h"

#define P(n) ((n) * PAGE_SIZE)
#define PUNCH (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)

/* What memfd_create(..., MFD_ALLOW_SEALING) makes, with @pages pages of 'a'. */
static struct file *file_make(u64 pages)
{
	struct file *file = NULL;

	if (KT_TRY(tmpfs_file_named("memfd:test", &file)))
		return NULL;
	file->inode->mode = S_IFREG | 0777;
	file->inode->seals = 0;
	for (u64 i = 0; i < pages; i++)
		KT_CHECK_EQ(kernel_write(file, "a", 1, (loff_t)P(i + 1) - 1), 1);
	return file;
}

static int resize(struct file *file, u64 pages)
{
	return vfs_truncate(file->inode, (loff_t)P(pages));
}

static int map(struct mm *mm, struct file *file, unsigned long va, unsigned long prot,
	       unsigned long type)
{
	unsigned long out;

	return KT_TRY(vm_mmap(mm, file, va, P(4), prot, type | MAP_FIXED, 0, &out));
}

static int writers(struct file *file)
{
	return atomic_read(&file->inode->mapping.writers);
}

KTEST_QUICK(memfd, each_seal_refuses_what_it_names)
{
	struct file *file = KT_GET(file_make(4));
	char c;

	KT_TRUE(file);
	KT_CHECK_EQ(memfd_get_seals(file), 0);
	KT_CHECK_EQ(memfd_add_seals(file, F_SEAL_SHRINK), 0);
	KT_CHECK_EQ(resize(file, 3), -EPERM);
	KT_CHECK_EQ(resize(file, 4), 0);
	KT_CHECK_EQ(resize(file, 5), 0);
	KT_CHECK_EQ(memfd_add_seals(file, F_SEAL_GROW), 0);
	KT_CHECK_EQ(memfd_get_seals(file), F_SEAL_SHRINK | F_SEAL_GROW);
	KT_CHECK_EQ(resize(file, 6), -EPERM);
	KT_CHECK_EQ(kernel_write(file, "b", 1, P(5)), -EPERM);
	KT_CHECK_EQ(kernel_write(file, "bb", 2, P(5) - 1), 1);	/* what still fits */
	KT_CHECK_EQ(kernel_write(file, "b", 1, P(5) - 1), 1);
	KT_CHECK_EQ(vfs_fallocate(file, 0, P(4), P(2)), -EPERM);
	KT_CHECK_EQ(vfs_fallocate(file, FALLOC_FL_KEEP_SIZE, P(5), 1), -EPERM);
	KT_CHECK_EQ(vfs_fallocate(file, 0, P(4), P(1)), 0);
	KT_CHECK_EQ(vfs_fallocate(file, PUNCH, 0, P(1)), 0);
	KT_CHECK_EQ(memfd_add_seals(file, F_SEAL_WRITE), 0);
	KT_CHECK_EQ(kernel_write(file, "b", 1, 0), -EPERM);
	KT_CHECK_EQ(vfs_fallocate(file, PUNCH, 0, 1), -EPERM);
	KT_CHECK_EQ(kernel_read(file, &c, 1, P(2) - 1), 1);
	KT_CHECK_EQ(c, 'a');
	KT_CHECK_EQ(memfd_add_seals(file, F_SEAL_WRITE | F_SEAL_SEAL), 0);
	KT_CHECK_EQ(memfd_add_seals(file, F_SEAL_SHRINK), -EPERM);
	KT_CHECK_EQ(memfd_add_seals(file, 0x100), -EINVAL);
	file_put(file);
}

KTEST_QUICK(memfd, what_runs_is_sealed_wholly)
{
	struct file *file = KT_GET(file_make(1));

	KT_TRUE(file);
	KT_CHECK_EQ(inode_chmod(file->inode, 0666), 0);
	KT_CHECK_EQ(memfd_add_seals(file, F_SEAL_EXEC), 0);
	KT_CHECK_EQ(memfd_get_seals(file), F_SEAL_EXEC);
	KT_CHECK_EQ(inode_chmod(file->inode, 0766), -EPERM);
	KT_CHECK_EQ(inode_chmod(file->inode, 0600), 0);
	KT_CHECK_EQ(kernel_write(file, "b", 1, 0), 1);
	file_put(file);
	file = KT_GET(file_make(1));
	KT_TRUE(file);
	KT_CHECK_EQ(memfd_add_seals(file, F_SEAL_EXEC), 0);
	KT_CHECK_EQ(memfd_get_seals(file), F_SEAL_EXEC | F_SEAL_SHRINK | F_SEAL_GROW |
		    F_SEAL_WRITE | F_SEAL_FUTURE_WRITE);
	KT_CHECK_EQ(kernel_write(file, "b", 1, 0), -EPERM);
	file_put(file);
}

KTEST_QUICK(memfd, files_with_names_have_no_seals)
{
	struct file *file;

	KT_EQ(vfs_open("/tmp/f", O_RDWR | O_CREAT, 0600, &file), 0);
	KT_CHECK_EQ(memfd_get_seals(file), F_SEAL_SEAL);
	KT_CHECK_EQ(memfd_add_seals(file, F_SEAL_WRITE), -EPERM);
	file_put(file);
	KT_CHECK_EQ(vfs_open("/dev/null", O_RDWR, 0, &file), 0);
	KT_CHECK_EQ(memfd_get_seals(file), -EINVAL);
	KT_CHECK_EQ(memfd_add_seals(file, F_SEAL_WRITE), -EINVAL);
	file_put(file);
	KT_CHECK_EQ(vfs_unlink("/tmp/f"), 0);
}

/* ---- mappings ---- */

KTEST_QUICK(memfd, every_mapping_that_may_write_is_counted)
{
	struct file *file = KT_GET(file_make(4));
	unsigned long to = FX_BASE + P(64);
	struct mm *mm = KT_GET(fx_mm()), *child;

	KT_TRUE(file && mm);
	KT_CHECK_EQ(map(mm, file, FX_BASE + P(32), FX_RW, MAP_PRIVATE), 0);
	KT_CHECK_EQ(writers(file), 0);
	KT_CHECK_EQ(map(mm, file, FX_BASE, PROT_READ, MAP_SHARED), 0);	/* mprotect may follow */
	KT_CHECK_EQ(writers(file), 1);
	KT_CHECK_EQ(sys_mprotect(FX_BASE + P(1), P(1), FX_RW), 0);
	KT_CHECK_EQ(writers(file), 3);
	KT_CHECK_EQ(sys_mprotect(FX_BASE + P(1), P(1), PROT_READ), 0);
	KT_CHECK_EQ(writers(file), 1);
	KT_CHECK_EQ(sys_mremap(FX_BASE, P(2), P(2), MREMAP_MAYMOVE | MREMAP_FIXED, to), (long)to);
	KT_CHECK_EQ(writers(file), 2);
	child = KT_GET(fx_fork(mm));
	KT_TRUE(child);
	KT_CHECK_EQ(writers(file), 4);
	KT_CHECK_EQ(memfd_add_seals(file, F_SEAL_WRITE | F_SEAL_GROW), -EBUSY);
	KT_CHECK_EQ(memfd_get_seals(file), 0);
	mmput(child);
	KT_CHECK_EQ(sys_munmap(to, P(2)), 0);
	KT_CHECK_EQ(memfd_add_seals(file, F_SEAL_WRITE), -EBUSY);
	KT_CHECK_EQ(sys_munmap(FX_BASE, P(4)), 0);
	KT_CHECK_EQ(writers(file), 0);
	KT_CHECK_EQ(memfd_add_seals(file, F_SEAL_WRITE), 0);
	/* reading is all that is left, and copies */
	KT_CHECK_EQ(map(mm, file, FX_BASE, FX_RW, MAP_SHARED), -EPERM);
	KT_CHECK_EQ(map(mm, file, FX_BASE, PROT_READ, MAP_SHARED), 0);
	KT_CHECK_EQ(sys_mprotect(FX_BASE, P(1), FX_RW), -EACCES);
	KT_CHECK_EQ(fx_get(FX_BASE), 0);
	KT_CHECK_EQ(sys_madvise(FX_BASE, P(1), MADV_REMOVE), -EACCES);
	fx_put(FX_BASE + P(32), 7);
	KT_CHECK_EQ(fx_get(FX_BASE), 0);
	fx_drop(mm);
	file_put(file);
}

KTEST_QUICK(memfd, a_seal_of_the_future_leaves_the_present)
{
	struct file *file = KT_GET(file_make(4));
	struct mm *mm = KT_GET(fx_mm());

	KT_TRUE(file && mm);
	KT_CHECK_EQ(map(mm, file, FX_BASE, FX_RW, MAP_SHARED), 0);
	KT_CHECK_EQ(memfd_add_seals(file, F_SEAL_FUTURE_WRITE), 0);
	fx_put(FX_BASE, 5);
	KT_CHECK_EQ(kernel_write(file, "b", 1, 0), -EPERM);
	KT_CHECK_EQ(map(mm, file, FX_BASE + P(8), FX_RW, MAP_SHARED), -EPERM);
	KT_CHECK_EQ(map(mm, file, FX_BASE + P(8), PROT_READ, MAP_SHARED), 0);
	KT_CHECK_EQ(writers(file), 1);
	KT_CHECK_EQ(fx_get(FX_BASE + P(8)), 5);
	KT_CHECK_EQ(sys_mprotect(FX_BASE + P(8), P(1), FX_RW), -EACCES);
	KT_CHECK_EQ(sys_madvise(FX_BASE, P(1), MADV_REMOVE), -EPERM);
	fx_drop(mm);
	file_put(file);
}

/* ---- one against another ---- */

static int map_shared(void *data)
{
	return map(current->mm, data, FX_BASE, FX_RW, MAP_SHARED);
}

/* mmap has looked at the seals; one comes before the mapping is counted. */
KTEST(memfd, a_mapping_that_is_late_for_the_seal_is_refused)
{
	struct file *file = KT_GET(file_make(4));
	struct mm *mm = KT_GET(fx_mm());
	struct fx_thread mapper;

	KT_NEED_GATES();
	KT_TRUE(file && mm);
	gate_arm("mmap.attach", mm);
	if (fx_start(&mapper, mm, map_shared, file)) {
		if (gate_wait("mmap.attach")) {
			KT_CHECK_EQ(memfd_add_seals(file, F_SEAL_WRITE), 0);
			gate_open("mmap.attach");
		}
		KT_CHECK_EQ(fx_join(&mapper), -EPERM);
	}
	KT_CHECK_EQ(fx_nr_vmas(mm), 0);
	KT_CHECK_EQ(writers(file), -1);
	fx_drop(mm);
	file_put(file);
}

/* A device may still write a page that it was given. */
KTEST_QUICK(memfd, a_page_in_use_puts_the_seal_off)
{
	struct file *file = KT_GET(file_make(2));
	struct mm *mm = KT_GET(fx_mm());
	struct page *page;

	KT_TRUE(file && mm);
	page = filemap_try_page(&file->inode->mapping, 1);
	KT_TRUE(page);
	page_unlock(page);
	KT_CHECK_EQ(memfd_add_seals(file, F_SEAL_WRITE), -EBUSY);
	KT_CHECK_EQ(memfd_get_seals(file), 0);
	KT_CHECK_EQ(map(mm, file, FX_BASE, FX_RW, MAP_SHARED), 0);	/* as before */
	KT_CHECK_EQ(sys_munmap(FX_BASE, P(4)), 0);
	put_page(page);
	KT_CHECK_EQ(map(mm, file, FX_BASE, PROT_READ, MAP_PRIVATE), 0);
	(void)mm_populate(mm, FX_BASE, FX_BASE + P(2), true);		/* entries are no pins */
	KT_CHECK_EQ(memfd_add_seals(file, F_SEAL_WRITE), 0);
	fx_drop(mm);
	file_put(file);
}

KTEST_QUICK(memfd, without_memory_there_is_no_file)
{
	static const enum inject_point points[] = { INJECT_SLAB_ALLOC, INJECT_PAGE_ALLOC };
	struct file *file;

	for (size_t p = 0; p < ARRAY_SIZE(points); p++) {
		for (u64 nth = 1, fired = 1; fired && nth < 50; nth++) {
			int error;

			inject_arm(points[p], nth, 1, current);
			error = tmpfs_file_named("memfd:test", &file);
			fired = inject_disarm(points[p]);
			KT_CHECK_EQ(error, fired ? -ENOMEM : 0);
			if (!error)
				file_put(file);
		}
	}
}
