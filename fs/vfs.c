/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/vfs.c - the file systems come up
 *
 * Concept    The order in which fs/ can be made ready, and the first mounts: a
 *            tmpfs as the root of everything, /dev, /proc, /tmp. Then the boot
 *            loader's archives are unpacked over it.
 * Owns       Nothing.
 * Locks      None: one thread at boot.
 * Invariants None.
 * Callers    kernel/main.c
 * Next       fs/file.c
 */
#include "fs/vfs.h"
#include "arch/x86/boot/boot_info.h"
#include "arch/x86/mm/layout.h"
#include "fs/internal.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/test_hook.h"
#include "mm/buddy.h"

/* The first directories must not fail: without them nothing runs. */
static void vfs_first_mount(const char *type, const char *dir)
{
	int error = vfs_mkdir(dir, 0755);

	if (!error || error == -EEXIST)
		error = vfs_mount(type, dir, type, 0, NULL);
	if (error)
		panic("%s can not be mounted on %s (error %d)", type, dir, -error);
}

void vfs_counts(u64 *inodes, u64 *dentries, u64 *files)
{
	*inodes = inode_count();
	*dentries = dentry_count();
	*files = file_count();
}

static u64 before_inodes, before_dentries, before_files;

static void vfs_test_before(void)
{
	vfs_counts(&before_inodes, &before_dentries, &before_files);
}

static void vfs_test_after(void)
{
	u64 inodes, dentries, files;

	vfs_counts(&inodes, &dentries, &files);
	if (inodes != before_inodes || dentries != before_dentries || files != before_files)
		WARN("leak: inodes %lu -> %lu, dentries %lu -> %lu, open files %lu -> %lu",
		     before_inodes, inodes, before_dentries, dentries, before_files, files);
}

static struct test_hook vfs_test_hook = {
	.name = "vfs", .before = vfs_test_before, .after = vfs_test_after,
};

void vfs_init(void)
{
	file_init();
	inode_init();
	dcache_init();
	mount_init();
	tmpfs_init();
	devtmpfs_init();
	procfs_init();
	if (vfs_mount_root("tmpfs"))
		panic("no memory for the root of the file system");
	vfs_root.dentry->inode->mode = S_IFDIR | 0755;
	vfs_first_mount("devtmpfs", "/dev");
	vfs_first_mount("proc", "/proc");
	if (vfs_mkdir("/tmp", 01777))
		panic("no memory for /tmp");
	proc_system_init();
	proc_page_init();
	proc_sys_init();
	proc_trace_init();
	sysfs_init();
	mmap_hooks_init();
	test_hook_register(&vfs_test_hook);
}

/* The image itself does not count, which may be more than half of a small machine. */
void initramfs_init(void)
{
	struct super_block *root = vfs_root.mount->sb;

	for (unsigned int i = 0; i < boot_info.nr_modules; i++) {
		const struct boot_region *m = &boot_info.modules[i];

		if (initramfs_unpack(phys_to_virt(m->start), m->end - m->start))
			pr_warn("initramfs: archive %u could be unpacked in part only", i);
		buddy_add_range(round_up(m->start, PAGE_SIZE), round_down(m->end, PAGE_SIZE));
	}
	root->max_pages = (u64)atomic64_read(&root->nr_pages) + totalram_pages() / 2;
}
