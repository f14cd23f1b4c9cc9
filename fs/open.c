/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/open.c - making an open file of a place, and paths for the kernel itself
 *
 * Concept    The walk has found a place; here it becomes a struct file: the mode
 *            is compared with the kind of inode, the file system or the driver
 *            gets its ->open, O_TRUNC takes effect last. Below are the short
 *            forms by which the kernel uses files itself.
 * Owns       Nothing.
 * Locks      inode->lock for writing around a change of size.
 * Invariants A file whose ->open failed is freed without ->release.
 * Callers    fs/namei.c, kernel/task (exec), fs/initramfs.c, drivers, tests
 * Next       fs/tmpfs.c
 */
#include "fs/vfs.h"
#include "fs/cred.h"
#include "fs/internal.h"
#include "include/uapi/falloc.h"
#include "kernel/lib/panic.h"

/* Why @inode can not be opened with @flags; 0: it can. */
static int open_check(struct inode *inode, unsigned int flags)
{
	u32 mode = READ_ONCE(inode->mode);
	bool writes = (flags & O_ACCMODE) != O_RDONLY;

	if (S_ISLNK(mode))
		return -ELOOP;
	if ((flags & O_DIRECTORY) && !S_ISDIR(mode))
		return -ENOTDIR;
	if (S_ISDIR(mode) && (writes || (flags & (O_CREAT | O_TRUNC))))
		return -EISDIR;
	if (!inode->fops)
		return -ENXIO;
	return 0;
}

static int open_path_only(const struct path *path, unsigned int flags, struct file **out)
{
	int error;

	if ((flags & O_DIRECTORY) && !S_ISDIR(READ_ONCE(path->dentry->inode->mode)))
		return -ENOTDIR;
	error = file_alloc(path->dentry->inode, NULL, O_RDONLY, out);
	if (error)
		return error;
	(*out)->mode = FILE_PATH;
	(*out)->flags = O_PATH;
	(*out)->path = *path;
	path_get(path);
	return 0;
}

/* Why @path can not be opened to do @want with it; 0: it can. */
static int open_may(const struct path *path, int want)
{
	struct inode *inode = path->dentry->inode;
	int error = inode_permission(inode, want);

	if (!error && want & MAY_WRITE && S_ISREG(inode->mode))
		error = mount_want_write(path->mount);
	return error;
}

int file_open_path(const struct path *path, unsigned int flags, int want, struct file **out)
{
	struct inode *inode = path->dentry->inode;
	struct file *file;
	int error;

	if (flags & O_PATH)
		return open_path_only(path, flags, out);
	error = open_check(inode, flags);
	if (!error)
		error = open_may(path, want);
	if (error)
		return error;
	error = file_alloc(inode, inode->fops, flags, &file);
	if (error)
		return error;
	file->path = *path;
	path_get(path);
	if (S_ISREG(inode->mode) || S_ISDIR(inode->mode))
		file->mode |= FILE_SEEKS;
	if (S_ISREG(inode->mode) && file->mode & FILE_WRITE) {
		error = inode_get_write(inode);
		file->mode |= error ? 0 : FILE_WRITER;
		if (!error)
			atomic_inc(&path->mount->writers);
	}
	if (!error && file->ops->open)
		error = file->ops->open(inode, file);
	if (error) {
		file_free(file);
		return error;
	}
	if ((flags & O_TRUNC) && S_ISREG(inode->mode) && (file->mode & FILE_WRITE) &&
	    inode->ops && inode->ops->truncate)
		error = vfs_truncate(inode, 0);
	if (error) {
		file_put(file);
		return error;
	}
	*out = file;
	return 0;
}

int vfs_truncate(struct inode *inode, loff_t size)
{
	int error;

	if (size < 0)
		return -EINVAL;
	if (S_ISDIR(READ_ONCE(inode->mode)))
		return -EISDIR;
	if (!inode->ops || !inode->ops->truncate)
		return -EINVAL;
	inode_remove_privs(inode);
	down_write(&inode->lock);
	error = inode->ops->truncate(inode, size);
	if (!error)
		inode_modified(inode);
	up_write(&inode->lock);
	return error;
}

static int check_fallocate_mode(unsigned int mode)
{
	const unsigned int keep = FALLOC_FL_KEEP_SIZE;

	switch (mode & ~keep) {
	case 0:
	case FALLOC_FL_UNSHARE_RANGE:
	case FALLOC_FL_ZERO_RANGE:
		return 0;
	case FALLOC_FL_PUNCH_HOLE:
		return mode & keep ? 0 : -EOPNOTSUPP;
	case FALLOC_FL_COLLAPSE_RANGE:
	case FALLOC_FL_INSERT_RANGE:
		return mode & keep ? -EOPNOTSUPP : 0;
	default:
		return -EOPNOTSUPP;
	}
}

int vfs_fallocate(struct file *file, unsigned int mode, loff_t offset, loff_t len)
{
	u32 kind = READ_ONCE(file->inode->mode);
	int error;

	if (offset < 0 || len <= 0)
		return -EINVAL;
	error = check_fallocate_mode(mode);
	if (error)
		return error;
	if (!(file->mode & FILE_WRITE))
		return -EBADF;
	if (S_ISFIFO(kind))
		return -ESPIPE;
	if (S_ISDIR(kind))
		return -EISDIR;
	if (!S_ISREG(kind) && !S_ISBLK(kind))
		return -ENODEV;
	if (offset > INT64_MAX - len)
		return -EFBIG;
	return file->ops->fallocate ? file->ops->fallocate(file, mode, offset, len) : -EOPNOTSUPP;
}

int vfs_open(const char *path, unsigned int flags, u32 mode, struct file **out)
{
	return path_open(NULL, path, flags, mode, out);
}

int vfs_mkdir(const char *path, u32 mode)
{
	return path_mknod(NULL, path, S_IFDIR | (mode & S_IALLUGO & ~fs_umask()), 0, NULL);
}

int vfs_mknod(const char *path, u32 mode, u64 rdev)
{
	return path_mknod(NULL, path, mode & ~fs_umask(), rdev, NULL);
}

int vfs_symlink(const char *target, const char *path)
{
	return path_mknod(NULL, path, S_IFLNK | 0777, 0, target);
}

int vfs_link(const char *from, const char *to)
{
	struct path place;
	int error = path_lookup(NULL, from, 0, &place);

	if (error)
		return error;
	error = path_link(&place, NULL, to);
	path_put(&place);
	return error;
}

int vfs_unlink(const char *path)
{
	return path_unlink(NULL, path, false);
}

int vfs_rmdir(const char *path)
{
	return path_unlink(NULL, path, true);
}

int vfs_rename(const char *from, const char *to)
{
	return path_rename(NULL, from, NULL, to);
}

int vfs_stat(const char *path, bool follow, struct stat *out)
{
	struct path place;
	int error = path_lookup(NULL, path, follow ? LOOKUP_FOLLOW : 0, &place);

	if (error)
		return error;
	inode_stat(place.dentry->inode, out);
	path_put(&place);
	return 0;
}
