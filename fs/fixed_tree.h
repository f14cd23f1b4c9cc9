/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/fixed_tree.h - files with fixed names, which somebody registered: of /proc and /sys
 *
 * All may sleep.
 */
#ifndef FS_FIXED_TREE_H
#define FS_FIXED_TREE_H

#include "include/types.h"

struct file_operations;
struct file_system_type;
struct inode;
struct inode_operations;
struct super_block;

/* The one super block of @type, for ever; its root has @mode, @ops and @fops. 0, -ENOMEM. */
int __must_check tree_make_super(const struct file_system_type *type, u32 magic, u32 mode,
				 const struct inode_operations *ops,
				 const struct file_operations *fops, struct super_block **out);
/* What ->mount of its type does. Return: 0. */
int __must_check tree_mount(struct super_block *sb, struct super_block **out);
/* An inode of @sb. Return: 0, -ENOMEM. */
int __must_check tree_new_inode(struct super_block *sb, u32 mode,
				const struct inode_operations *ops,
				const struct file_operations *fops, void *private,
				struct inode **out);
/*
 * Put @inode (taken over, whatever the answer) at @path; directories on the way are made,
 * as open as the root. Return: 0, -EEXIST, -ENOMEM.
 */
int __must_check tree_place(struct super_block *sb, const char *path, struct inode *inode);
/* Take the file at @path away; who has it open keeps it. Return: 0, -ENOENT, -ENOMEM. */
int __must_check tree_remove(struct super_block *sb, const char *path);

#endif
