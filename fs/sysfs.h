/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/sysfs.h - files of /sys
 */
#ifndef FS_SYSFS_H
#define FS_SYSFS_H

#include "include/types.h"

struct file_operations;

/*
 * Make /sys/@path; directories on the way are made. May be called before /sys is mounted.
 * Context: may sleep. Return: 0, -EEXIST, -ENOMEM.
 */
int __must_check sysfs_create_fops(const char *path, u32 mode,
				   const struct file_operations *fops);

#endif
