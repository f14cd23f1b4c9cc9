/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/sysfs.c - /sys: what programs look for there, under Linux's names
 *
 * Concept    Files with fixed names, as in /proc; there are few. Each has operations of
 *            its own. A read or a write moves a page at most, as on Linux, which has
 *            a buffer of a page between the file and the program.
 * Owns       The super block.
 * Locks      None.
 * Invariants None.
 * Callers    fs/vfs.c, and whoever has something to show
 * Next       fs/sys_page_idle.c
 */
#include "fs/sysfs.h"
#include "fs/fixed_tree.h"
#include "fs/internal.h"
#include "fs/vfs.h"
#include "kernel/lib/panic.h"

static struct super_block *sysfs_sb;

int sysfs_create_fops(const char *path, u32 mode, const struct file_operations *fops)
{
	struct inode *inode;
	int error = tree_new_inode(sysfs_sb, S_IFREG | (mode & S_IALLUGO), NULL, fops, NULL,
				   &inode);

	return error ? error : tree_place(sysfs_sb, path, inode);
}

static int sysfs_mount(const struct file_system_type *type, const char *data,
		       struct super_block **out)
{
	return tree_mount(sysfs_sb, out);
}

static struct file_system_type sysfs_type = {
	.name = "sysfs", .single = true, .mount = sysfs_mount,
};

void sysfs_init(void)
{
	file_system_register(&sysfs_type);
	if (tree_make_super(&sysfs_type, SYSFS_MAGIC, 0755, NULL, &dcache_dir_fops, &sysfs_sb))
		panic("no memory for /sys");
	sys_page_idle_init();
}
