/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/sys_io.c - system calls that move bytes through descriptors
 *
 * Concept    Each call takes a reference to the file, checks what the program
 *            gave, moves, and puts the reference. The copies happen deep inside,
 *            through struct iobuf; here only the shapes of the calls are.
 * Owns       Nothing.
 * Locks      None of its own.
 * Invariants A call that moved bytes reports them, whatever stopped it then.
 * Callers    kernel/syscall/table.c
 * Next       fs/sys_fd.c
 */
#include "fs/syscalls.h"
#include "fs/internal.h"
#include "fs/vfs.h"
#include "include/uapi/fadvise.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/task.h"
#include "mm/slab.h"
#include "mm/uaccess.h"
#include "mm/writeback.h"

long sys_read(unsigned int fd, void __user *buf, size_t len)
{
	struct file *file = fget(fd);
	struct iobuf io;
	ssize_t n;

	if (!file)
		return -EBADF;
	iobuf_user(&io, buf, len);
	n = access_ok(buf, len) ? vfs_read(file, &io) : -EFAULT;
	file_put(file);
	return n;
}

long sys_write(unsigned int fd, const void __user *buf, size_t len)
{
	struct file *file = fget(fd);
	struct iobuf io;
	ssize_t n;

	if (!file)
		return -EBADF;
	iobuf_user(&io, (void *)buf, len);
	n = access_ok(buf, len) ? vfs_write(file, &io) : -EFAULT;
	file_put(file);
	return n;
}

long sys_pread64(unsigned int fd, void __user *buf, size_t len, loff_t pos)
{
	struct file *file = fget(fd);
	struct iobuf io;
	ssize_t n;

	if (!file)
		return -EBADF;
	iobuf_user(&io, buf, len);
	n = access_ok(buf, len) ? vfs_pread(file, &io, pos) : -EFAULT;
	file_put(file);
	return n;
}

long sys_pwrite64(unsigned int fd, const void __user *buf, size_t len, loff_t pos)
{
	struct file *file = fget(fd);
	struct iobuf io;
	ssize_t n;

	if (!file)
		return -EBADF;
	iobuf_user(&io, (void *)buf, len);
	n = access_ok(buf, len) ? vfs_pwrite(file, &io, pos) : -EFAULT;
	file_put(file);
	return n;
}

/* Check the pieces: each in user space, the sum a positive number. */
static int iov_check(const struct iovec *iov, unsigned long nr)
{
	u64 sum = 0;

	for (unsigned long i = 0; i < nr; i++) {
		if (!access_ok(iov[i].iov_base, iov[i].iov_len))
			return iov[i].iov_len > (u64)INT64_MAX ? -EINVAL : -EFAULT;
		sum += iov[i].iov_len;
		if (sum > (u64)INT64_MAX)
			return -EINVAL;
	}
	return 0;
}

int pieces_get(struct pieces *p, const struct iovec __user *uiov, unsigned long nr,
	       struct iobuf *io)
{
	int error = 0;

	p->iov = p->few;
	if (nr > IOV_MAX)
		return -EINVAL;
	if (nr > PIECES_INLINE)
		p->iov = kmalloc_array(nr, sizeof(*p->iov), GFP_KERNEL);
	if (!p->iov)
		return -ENOMEM;
	if (nr && copy_from_user(p->iov, uiov, nr * sizeof(*uiov)))
		error = -EFAULT;
	if (!error)
		error = iov_check(p->iov, nr);
	if (error)
		pieces_put(p);
	else
		iobuf_user_vec(io, p->iov, (unsigned int)nr);
	return error;
}

void pieces_put(struct pieces *p)
{
	if (p->iov != p->few)
		kfree(p->iov);
}

static long sys_rw_vec(unsigned int fd, const struct iovec __user *uiov, unsigned long nr,
		       bool write)
{
	struct pieces pieces;
	struct iobuf io;
	struct file *file;
	ssize_t n;

	if (nr > IOV_MAX)
		return -EINVAL;
	file = fget(fd);
	if (!file)
		return -EBADF;
	n = pieces_get(&pieces, uiov, nr, &io);
	if (!n) {
		if (nr)
			n = write ? vfs_write(file, &io) : vfs_read(file, &io);
		pieces_put(&pieces);
	}
	file_put(file);
	return n;
}

long sys_readv(unsigned int fd, const struct iovec __user *iov, unsigned long nr)
{
	return sys_rw_vec(fd, iov, nr, false);
}

long sys_writev(unsigned int fd, const struct iovec __user *iov, unsigned long nr)
{
	return sys_rw_vec(fd, iov, nr, true);
}

long sys_lseek(unsigned int fd, loff_t offset, int whence)
{
	struct file *file = fget(fd);
	loff_t pos;

	if (!file)
		return -EBADF;
	pos = vfs_llseek(file, offset, whence);
	file_put(file);
	return pos;
}

long sys_ioctl(unsigned int fd, unsigned int cmd, unsigned long arg)
{
	struct file *file = fget(fd);
	long ret = -ENOTTY;

	if (!file)
		return -EBADF;
	if (file->ops->ioctl)
		ret = file->ops->ioctl(file, cmd, arg);
	file_put(file);
	return ret;
}

/*
 * Move at most a page from @in at @pos to @out. Return: bytes moved, which may be fewer
 * than were read; -errno.
 */
static ssize_t sendfile_step(struct file *out, struct file *in, loff_t pos, void *page, size_t n)
{
	struct iobuf io;
	ssize_t got = kernel_read(in, page, n, pos);

	if (got <= 0)
		return got;
	iobuf_kernel(&io, page, (size_t)got);
	return vfs_write(out, &io);
}

static ssize_t sendfile_move(struct file *out, struct file *in, loff_t *pos, size_t count)
{
	void *page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	ssize_t done = 0, n = 0;

	if (!page)
		return -ENOMEM;
	while ((size_t)done < count) {
		n = sendfile_step(out, in, *pos, page, min(count - (size_t)done, PAGE_SIZE));
		if (n <= 0)
			break;
		*pos += n;
		done += n;
		if (signal_pending(current))
			break;
	}
	kfree(page);
	return done ? done : n;
}

/* From a file with a position to any that can be written. */
static long sendfile_files(struct file *out, struct file *in, loff_t __user *upos, size_t count)
{
	loff_t pos = 0;
	ssize_t n;

	if (!(in->mode & FILE_READ) || !(out->mode & FILE_WRITE))
		return -EBADF;
	if (upos && get_user(pos, upos))
		return -EFAULT;
	if (!S_ISREG(READ_ONCE(in->inode->mode)) || !(in->mode & FILE_SEEKS))
		return upos ? -ESPIPE : -EINVAL;
	if (READ_ONCE(out->flags) & O_APPEND)
		return -EINVAL;
	if (!upos)
		pos = vfs_llseek(in, 0, SEEK_CUR);
	if (pos < 0)
		return -EINVAL;
	n = sendfile_move(out, in, &pos, min(count, (size_t)0x7ffff000));
	if (n > 0 && upos && put_user(pos, upos))
		return -EFAULT;
	if (n > 0 && !upos)
		(void)vfs_llseek(in, pos, SEEK_SET);
	return n;
}

long sys_sendfile(int out, int in, loff_t __user *pos, size_t count)
{
	struct file *from = fget((unsigned int)in), *to = from ? fget((unsigned int)out) : NULL;
	long n = to ? sendfile_files(to, from, pos, count) : -EBADF;

	if (to)
		file_put(to);
	if (from)
		file_put(from);
	return n;
}

long sys_fsync(unsigned int fd)
{
	struct file *file = fget(fd);
	int error = 0;

	if (!file)
		return -EBADF;
	if (file->ops->fsync)
		error = file->ops->fsync(file);
	else if (!S_ISREG(file->inode->mode) && !S_ISDIR(file->inode->mode))
		error = -EINVAL;
	file_put(file);
	return error;
}

long sys_fdatasync(unsigned int fd)
{
	return sys_fsync(fd);
}

long sys_sync(void)
{
	writeback_sync();
	return 0;
}

/* ---- what will be read ---- */

/* Whole pages of [@offset, @offset + @len) if they are not wanted, else all it touches. */
static void advise_range(struct file *file, loff_t offset, loff_t len, bool wanted)
{
	u64 start = (u64)offset, end = len ? start + (u64)len : 1ULL << 63;
	u64 first = wanted ? start >> PAGE_SHIFT : (start + PAGE_SIZE - 1) >> PAGE_SHIFT;
	u64 last = wanted ? (end + PAGE_SIZE - 1) >> PAGE_SHIFT : end >> PAGE_SHIFT;

	if (file->ops->fadvise && first < last)
		file->ops->fadvise(file, first, last - first, wanted);
}

static int advise_file(struct file *file, loff_t offset, loff_t len, int advice)
{
	if (S_ISFIFO(file->inode->mode))
		return -ESPIPE;
	if (len < 0)
		return -EINVAL;
	switch (advice) {
	case POSIX_FADV_NORMAL:
	case POSIX_FADV_RANDOM:
	case POSIX_FADV_SEQUENTIAL:
		WRITE_ONCE(file->ra.advice, advice == POSIX_FADV_RANDOM ? READAHEAD_RANDOM :
			   advice == POSIX_FADV_NORMAL ? READAHEAD_NORMAL :
							 READAHEAD_SEQUENTIAL);
		return 0;
	case POSIX_FADV_WILLNEED:
	case POSIX_FADV_DONTNEED:
		if (offset >= 0)
			advise_range(file, offset, len, advice == POSIX_FADV_WILLNEED);
		return 0;
	case POSIX_FADV_NOREUSE:
		return 0;
	default:
		return -EINVAL;
	}
}

long sys_fadvise64(unsigned int fd, loff_t offset, loff_t len, int advice)
{
	struct file *file = fget(fd);
	int error;

	if (!file)
		return -EBADF;
	error = advise_file(file, offset, len, advice);
	file_put(file);
	return error;
}

long sys_readahead(unsigned int fd, loff_t offset, size_t count)
{
	struct file *file = fget(fd);
	int error = -EBADF;

	if (!file)
		return -EBADF;
	if (file->mode & FILE_READ)
		error = S_ISREG(file->inode->mode) || S_ISBLK(file->inode->mode) ?
			advise_file(file, offset, (loff_t)count, POSIX_FADV_WILLNEED) : -EINVAL;
	file_put(file);
	return error;
}

/* ---- directories ---- */

struct dirent_buffer {
	struct dir_context ctx;
	char __user *at;
	size_t left;
	int error;
};

/* Store one record; what does not fit is left for the next call. */
static bool dirent_emit(struct dir_context *ctx, const char *name, size_t len, u64 ino, u8 type,
			loff_t next)
{
	struct dirent_buffer *b = container_of(ctx, struct dirent_buffer, ctx);
	size_t size = round_up(offsetof(struct linux_dirent64, d_name) + len + 1, 8);
	struct linux_dirent64 head = { .d_ino = ino, .d_off = next, .d_reclen = (u16)size,
				       .d_type = type };
	char tail[8] = { 0 };

	ctx->full = true;
	if (size > b->left)
		return false;
	/* Name, then its end and padding, then the fixed part. */
	if (copy_to_user(b->at + offsetof(struct linux_dirent64, d_name), name, len) ||
	    copy_to_user(b->at + offsetof(struct linux_dirent64, d_name) + len, tail,
			 size - offsetof(struct linux_dirent64, d_name) - len) ||
	    copy_to_user(b->at, &head, offsetof(struct linux_dirent64, d_name))) {
		b->error = -EFAULT;
		return false;
	}
	ctx->full = false;
	b->at += size;
	b->left -= size;
	return true;
}

static long file_getdents(struct file *file, char __user *buf, size_t size)
{
	struct dirent_buffer b = { .ctx.emit = dirent_emit, .at = buf, .left = size };
	int error;

	if (!file->ops->iterate)
		return -ENOTDIR;
	mutex_lock(&file->pos_lock);
	b.ctx.pos = file->pos;
	error = file->ops->iterate(file, &b.ctx);
	file->pos = b.ctx.pos;
	mutex_unlock(&file->pos_lock);
	if (b.left < size)
		return (long)(size - b.left);
	if (error || b.error)
		return error ? error : b.error;
	return b.ctx.full ? -EINVAL : 0;
}

long sys_getdents64(unsigned int fd, struct linux_dirent64 __user *buf, unsigned int size)
{
	struct file *file = fget(fd);
	long n;

	if (!file)
		return -EBADF;
	n = access_ok(buf, size) ? file_getdents(file, (char __user *)buf, size) : -EFAULT;
	file_put(file);
	return n;
}
