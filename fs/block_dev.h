/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/block_dev.h - block device nodes: a disk as a file
 */
#ifndef FS_BLOCK_DEV_H
#define FS_BLOCK_DEV_H

#include "include/types.h"

struct address_space;
struct block_device;

/*
 * Make /dev/<name> of a registered @bdev, which gets this number. Context: boot; may sleep.
 * Return: 0, -EEXIST, -ENOMEM.
 */
int __must_check block_dev_register(struct block_device *bdev, u32 major, u32 minor);

/* The pages of @bdev's node; NULL: it has none. Context: any. */
struct address_space *block_dev_mapping(struct block_device *bdev);

#endif
