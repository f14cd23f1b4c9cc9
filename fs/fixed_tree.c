/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/fixed_tree.c - files with fixed names, which somebody registered: of /proc and /sys
 *
 * Concept    Such a file system has one tree for all mounts. Names are linked dentries,
 *            made when they are registered; directories on the way come of themselves.
 * Owns       Nothing: the trees are their super blocks'.
 * Locks      Those of dentries.
 * Invariants None.
 * Callers    fs/procfs.c, fs/sysfs.c
 * Next       fs/procfs.c
 */
#include "fs/fixed_tree.h"
#include "fs/internal.h"
#include "fs/vfs.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"

int tree_new_inode(struct super_block *sb, u32 mode, const struct inode_operations *ops,
		   const struct file_operations *fops, void *private, struct inode **out)
{
	int error = inode_alloc(sb, mode, out);

	if (error)
		return error;
	(*out)->ops = ops;
	(*out)->fops = fops;
	(*out)->private = private;
	return 0;
}

/* Find or make the directory @name in @dir, whose reference moves on to it. */
static int tree_enter(struct super_block *sb, struct dentry **dir, const char *name, size_t len)
{
	struct dentry *child;
	struct inode *inode;
	int error = 0;

	child = dentry_find(*dir, name, len);
	if (!child) {
		error = tree_new_inode(sb, S_IFDIR | (sb->root->inode->mode & S_IALLUGO), NULL,
				       &dcache_dir_fops, NULL, &inode);
		if (!error)
			error = dentry_link_new(*dir, name, len, inode);
		if (error && error != -EEXIST)
			return error;
		child = dentry_find(*dir, name, len);
	}
	ASSERT(child && S_ISDIR(child->inode->mode));
	dput(*dir);
	*dir = child;
	return 0;
}

/* The directory in which the last component of *@path belongs, with a reference. */
static int tree_walk(struct super_block *sb, const char **path, struct dentry **out)
{
	struct dentry *dir = sb->root;
	const char *slash;
	int error;

	dget(dir);
	while ((slash = strchr(*path, '/'))) {
		error = tree_enter(sb, &dir, *path, (size_t)(slash - *path));
		if (error) {
			dput(dir);
			return error;
		}
		*path = slash + 1;
	}
	*out = dir;
	return 0;
}

int tree_place(struct super_block *sb, const char *path, struct inode *inode)
{
	struct dentry *dir;
	int error = tree_walk(sb, &path, &dir);

	if (error) {
		iput(inode);
		return error;
	}
	error = dentry_link_new(dir, path, strlen(path), inode);
	dput(dir);
	return error;
}

int tree_remove(struct super_block *sb, const char *path)
{
	struct dentry *dir, *dentry;
	int error = tree_walk(sb, &path, &dir);

	if (error)
		return error;
	dentry = dentry_find(dir, path, strlen(path));
	error = dentry && dentry_unlink(dentry) ? 0 : -ENOENT;
	dput(dentry);
	dput(dir);
	return error;
}

int tree_make_super(const struct file_system_type *type, u32 magic, u32 mode,
		    const struct inode_operations *ops, const struct file_operations *fops,
		    struct super_block **out)
{
	struct inode *inode;
	int error = super_alloc(type, magic, out);

	if (!error)
		error = tree_new_inode(*out, S_IFDIR | mode, ops, fops, NULL, &inode);
	return error ? error : dentry_alloc_root(inode, &(*out)->root);
}

int tree_mount(struct super_block *sb, struct super_block **out)
{
	atomic_inc(&sb->count);
	*out = sb;
	return 0;
}
