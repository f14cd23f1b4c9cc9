/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/file.c - open files: counting them, reading and writing through them
 *
 * Concept    A struct file is one opening of an inode: a position, a mode, and
 *            the operations of its kind. Descriptors, mappings and system calls
 *            in flight hold references; the last one closes.
 * Owns       The cache of struct file.
 * Locks      pos_lock (LOCK_FILE_POS) for the position of files that have one.
 *            Pipes and terminals have none: a reader that sleeps in one must not
 *            keep others out.
 * Invariants count > 0 while anybody can find the file: file_get().
 * Callers    fs/sys_io.c, mm through the hooks of mm/mmap.h, exec
 * Next       fs/fdtable.c
 */
#include "fs/file.h"
#include "fs/cred.h"
#include "fs/record_lock.h"
#include "fs/vfs.h"
#include "fs/internal.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"
#include "mm/slab.h"

/* One call moves at most this much, as on Linux: fits a positive int. */
#define RW_MAX 0x7ffff000UL

static struct kmem_cache *file_cache;
static atomic64_t nr_files;

void file_init(void)
{
	file_cache = kmem_cache_create("file", sizeof(struct file), 0, SLAB_PANIC, NULL);
}

u64 file_count(void)
{
	return (u64)atomic64_read(&nr_files);
}

int file_alloc(struct inode *inode, const struct file_operations *ops, unsigned int flags,
	       struct file **out)
{
	struct file *file = kmem_cache_zalloc(file_cache, GFP_KERNEL);

	if (!file)
		return -ENOMEM;
	atomic_set(&file->count, 1);
	mutex_init(&file->pos_lock, LOCK_FILE_POS, "file position");
	file->flags = flags & ~(unsigned int)(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC);
	if ((flags & O_ACCMODE) != O_WRONLY)
		file->mode |= FILE_READ;
	if ((flags & O_ACCMODE) != O_RDONLY)
		file->mode |= FILE_WRITE;
	iget(inode);
	file->inode = inode;
	file->ops = ops;
	atomic64_inc(&nr_files);
	*out = file;
	return 0;
}

void file_free(struct file *file)
{
	if (file->mode & FILE_WRITER) {
		inode_put_write(file->inode);
		atomic_dec(&file->path.mount->writers);
	}
	if (file->mode & FILE_RUNS)
		inode_put_exec(file->inode);
	if (file->path.dentry)
		path_put(&file->path);
	iput(file->inode);
	atomic64_dec(&nr_files);
	kmem_cache_free(file_cache, file);
}

int file_open_anon(struct inode *inode, const struct file_operations *ops, unsigned int flags,
		   void *private, struct file **out)
{
	int error = file_alloc(inode, ops, flags, out);

	if (!error)
		(*out)->private = private;
	return error;
}

bool file_is_named(const struct file *file)
{
	return file->path.dentry && file->path.mount != anon_mount;
}

/*
 * The place of @file, with references. What no name leads to gets one of its own, where
 * it can be opened again.
 */
int file_place(struct file *file, struct path *out)
{
	int error;

	if (file->path.dentry) {
		*out = file->path;
		path_get(out);
		return 0;
	}
	iget(file->inode);
	error = dentry_alloc_root(file->inode, &out->dentry);
	if (error) {
		iput(file->inode);
		return error;
	}
	out->mount = anon_mount;
	mount_get(anon_mount);
	return 0;
}

void file_get(struct file *file)
{
	ASSERT(atomic_read(&file->count) > 0);
	atomic_inc(&file->count);
}

void file_put(struct file *file)
{
	ASSERT(atomic_read(&file->count) > 0);
	if (!atomic_dec_and_test(&file->count))
		return;
	might_sleep();
	record_lock_drop(file->inode, file);
	if (file->ops && file->ops->release)
		file->ops->release(file);
	file_free(file);
}

void fput(struct file *file)
{
	file_put(file);
}

/* Why @file can not be read (@want FILE_READ) or written; 0: it can. */
static int file_check(struct file *file, unsigned int want)
{
	if (!(file->mode & want) || (file->mode & FILE_PATH))
		return -EBADF;
	if (S_ISDIR(READ_ONCE(file->inode->mode)))
		return -EISDIR;
	if (want == FILE_READ ? !file->ops->read : !file->ops->write)
		return -EINVAL;
	return 0;
}

static void file_limit(struct iobuf *io)
{
	if (io->left > RW_MAX)
		io->left = RW_MAX;
}

typedef ssize_t file_rw_fn(struct file *file, struct iobuf *io, loff_t *pos);

/* Run @rw at the file's own position. */
static ssize_t file_rw(struct file *file, struct iobuf *io, file_rw_fn *rw)
{
	loff_t pos = 0;
	ssize_t n;

	file_limit(io);
	if (!(file->mode & FILE_SEEKS))
		return rw(file, io, &pos);
	mutex_lock(&file->pos_lock);
	pos = file->pos;
	n = rw(file, io, &pos);
	if (n >= 0)
		file->pos = pos;
	mutex_unlock(&file->pos_lock);
	return n;
}

ssize_t vfs_read(struct file *file, struct iobuf *io)
{
	int error = file_check(file, FILE_READ);

	return error ? error : file_rw(file, io, file->ops->read);
}

ssize_t vfs_write(struct file *file, struct iobuf *io)
{
	int error = file_check(file, FILE_WRITE);

	if (error)
		return error;
	if (io->left)
		inode_remove_privs(file->inode);
	return file_rw(file, io, file->ops->write);
}

ssize_t vfs_pread(struct file *file, struct iobuf *io, loff_t pos)
{
	int error = file_check(file, FILE_READ);

	if (error)
		return error;
	if (pos < 0)
		return -EINVAL;
	if (!(file->mode & FILE_SEEKS))
		return -ESPIPE;
	file_limit(io);
	return file->ops->read(file, io, &pos);
}

ssize_t vfs_pwrite(struct file *file, struct iobuf *io, loff_t pos)
{
	int error = file_check(file, FILE_WRITE);

	if (error)
		return error;
	if (pos < 0)
		return -EINVAL;
	if (!(file->mode & FILE_SEEKS))
		return -ESPIPE;
	if (io->left)
		inode_remove_privs(file->inode);
	file_limit(io);
	return file->ops->write(file, io, &pos);
}

ssize_t kernel_read(struct file *file, void *buf, size_t len, loff_t pos)
{
	struct iobuf io;
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		iobuf_kernel(&io, (char *)buf + done, len - done);
		n = vfs_pread(file, &io, pos + (loff_t)done);
		if (n < 0)
			return done ? (ssize_t)done : n;
		if (!n)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

ssize_t kernel_write(struct file *file, const void *buf, size_t len, loff_t pos)
{
	struct iobuf io;
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		iobuf_kernel(&io, (char *)buf + done, len - done);
		n = vfs_pwrite(file, &io, pos + (loff_t)done);
		if (n <= 0)
			return done ? (ssize_t)done : n;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static loff_t file_seek_locked(struct file *file, loff_t offset, int whence)
{
	loff_t base;

	assert_held(&file->pos_lock);
	switch (whence) {
	case SEEK_SET:
		base = 0;
		break;
	case SEEK_CUR:
		base = file->pos;
		break;
	case SEEK_END:
		base = READ_ONCE(file->inode->size);
		break;
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(base, offset, &offset) || offset < 0)
		return -EINVAL;
	file->pos = offset;
	return offset;
}

loff_t vfs_llseek(struct file *file, loff_t offset, int whence)
{
	loff_t pos;

	if (file->mode & FILE_PATH)
		return -EBADF;
	if (!(file->mode & FILE_SEEKS))
		return -ESPIPE;
	mutex_lock(&file->pos_lock);
	if (file->ops->llseek)
		pos = file->ops->llseek(file, offset, whence);
	else
		pos = file_seek_locked(file, offset, whence);
	mutex_unlock(&file->pos_lock);
	return pos;
}
