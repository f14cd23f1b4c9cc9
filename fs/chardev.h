/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/chardev.h - device nodes: a name in /dev, a number, a set of operations
 */
#ifndef FS_CHARDEV_H
#define FS_CHARDEV_H

#include "include/types.h"
#include "fs/file.h"

/*
 * Make /dev/@name, a character device with the next number of the miscellaneous
 * major (10), mode 0666. Works before and after /dev is mounted. @name and @fops
 * live for ever.
 * Context: may sleep. Return: 0, -EEXIST, -ENOMEM.
 */
int __must_check chardev_register(const char *name, const struct file_operations *fops);

/*
 * The same with a number of Linux's list, a kind (S_IFCHR or S_IFBLK), a mode, and
 * a word that each open finds in file->private.
 */
int __must_check device_register(const char *name, u32 mode, u32 major, u32 minor,
				 const struct file_operations *fops, void *private);

#endif
