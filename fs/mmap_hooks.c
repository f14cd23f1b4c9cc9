/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/mmap_hooks.c - what mmap asks of files
 *
 * Concept    mm/ lies below fs/ and knows a file only as a pointer; these few
 *            functions are what it may ask.
 * Owns       Nothing.
 * Locks      None of its own. The hook mmap runs with mmap_lock for writing.
 * Invariants A file that is not open for writing never gets a shared mapping that
 *            may become writable: hooks_mmap().
 * Callers    mm/mmap.c
 * Next       fs/syscalls.h
 */
#include "fs/internal.h"
#include "fs/vfs.h"
#include "include/uapi/falloc.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"
#include "mm/mmap.h"
#include "mm/slab.h"

static int hooks_find(int fd, struct file **out)
{
	*out = fget((unsigned int)fd);
	return *out ? 0 : -EBADF;
}

static int hooks_mmap(struct file *file, struct vma *vma)
{
	if (!(file->mode & FILE_READ))
		return -EACCES;
	if ((vma->flags & VM_SHARED) && !(file->mode & FILE_WRITE)) {
		if (vma->flags & VM_WRITE)
			return -EACCES;
		vma->flags &= ~(unsigned long)VM_MAYWRITE;
	}
	if (!file->ops->mmap)
		return -ENODEV;
	return vma->flags & VM_GROWSDOWN ? -EINVAL : file->ops->mmap(file, vma);
}

static void hooks_describe(struct file *file, char *path, size_t size, u64 *dev, u64 *ino)
{
	const char *name = file_name(file, path, size);

	*dev = file->inode->sb->dev;
	*ino = file->inode->ino;
	memmove(path, name, strlen(name) + 1);
}

static int hooks_punch(struct file *file, u64 offset, u64 len)
{
	return vfs_fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (loff_t)offset,
			     (loff_t)len);
}

static const struct mmap_file_hooks hooks = {
	.find = hooks_find, .get = file_get, .put = file_put, .mmap = hooks_mmap,
	.punch = hooks_punch, .shared_anon = tmpfs_file_shared, .describe = hooks_describe,
};

void mmap_hooks_init(void)
{
	mmap_set_file_hooks(&hooks);
}
