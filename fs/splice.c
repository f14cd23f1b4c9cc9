/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/splice.c - splice, tee, vmsplice: bytes through a pipe, without the program's memory
 *
 * Concept    One side is a pipe, which is locked meanwhile; the other one reads or
 *            writes its pages in place: a file, a program's memory, another pipe. The
 *            bytes are copied once, into a pipe's page or out of it. A call that has
 *            moved something does not wait for more.
 *
 *              splice    file -> pipe, pipe -> file, pipe -> pipe
 *              tee       pipe -> pipe, and the bytes stay
 *              vmsplice  memory -> pipe, pipe -> memory
 * Owns       Nothing.
 * Locks      The pipe's, outside those of files.
 * Invariants None.
 * Callers    kernel/syscall/table.c
 * Next       fs/poll.c
 */
#include "fs/syscalls.h"
#include "fs/internal.h"
#include "fs/pipe.h"
#include "fs/vfs.h"
#include "mm/uaccess.h"

/* The other side of a splice. */
struct spliced {
	struct file *file;
	loff_t *pos;		/* where; NULL: at the file's own position */
};

static ssize_t splice_move_in(void *arg, char *bytes, size_t n)
{
	struct spliced *s = arg;
	struct iobuf io;
	ssize_t moved;

	iobuf_kernel(&io, bytes, n);
	if (!s->pos)
		return vfs_read(s->file, &io);
	moved = vfs_pread(s->file, &io, *s->pos);
	*s->pos += max(moved, (ssize_t)0);
	return moved;
}

static ssize_t splice_move_out(void *arg, char *bytes, size_t n)
{
	struct spliced *s = arg;
	struct iobuf io;
	ssize_t moved;

	iobuf_kernel(&io, bytes, n);
	if (!s->pos)
		return vfs_write(s->file, &io);
	moved = vfs_pwrite(s->file, &io, *s->pos);
	*s->pos += max(moved, (ssize_t)0);
	return moved;
}

/* May @s be moved to or from, @len bytes? Return: 0 or -EINVAL. */
static int splice_check(const struct spliced *s, size_t len)
{
	if (s->pos && (!(s->file->mode & FILE_SEEKS) || *s->pos < 0))
		return -EINVAL;
	return len > (size_t)INT64_MAX ? -EINVAL : 0;
}

static ssize_t splice_file_to_pipe(struct spliced *in, struct pipe *pipe, size_t len,
				   bool nonblock)
{
	int error = splice_check(in, len);

	if (error || !in->file->ops->read)
		return -EINVAL;
	return pipe_splice_to(pipe, len, nonblock, splice_move_in, in);
}

static ssize_t splice_pipe_to_file(struct pipe *pipe, struct spliced *out, size_t len,
				   bool nonblock)
{
	int error = splice_check(out, len);

	if (error || !out->file->ops->write || READ_ONCE(out->file->flags) & O_APPEND)
		return -EINVAL;
	return pipe_splice_from(pipe, len, nonblock, splice_move_out, out);
}

static bool splice_is_nonblocking(const struct file *pipe, unsigned int flags)
{
	return flags & SPLICE_F_NONBLOCK || READ_ONCE(pipe->flags) & O_NONBLOCK;
}

static ssize_t splice_files(struct spliced *in, struct spliced *out, size_t len,
			    unsigned int flags)
{
	struct pipe *from = pipe_of(in->file), *to = pipe_of(out->file);
	bool wait_not = (from && splice_is_nonblocking(in->file, flags)) ||
			(to && splice_is_nonblocking(out->file, flags));

	if (!(in->file->mode & FILE_READ) || !(out->file->mode & FILE_WRITE))
		return -EBADF;
	if (from && to)
		return from == to ? -EINVAL : pipe_splice_pipes(from, to, len, wait_not, false);
	if (from)
		return splice_pipe_to_file(from, out, len, wait_not);
	return to ? splice_file_to_pipe(in, to, len, wait_not) : -EINVAL;
}

/* Positions are of files, not of pipes. */
static long splice_at(struct spliced *in, loff_t __user *uin, struct spliced *out,
		      loff_t __user *uout, size_t len, unsigned int flags)
{
	loff_t pos_in, pos_out;
	ssize_t n;

	if ((uin && pipe_of(in->file)) || (uout && pipe_of(out->file)))
		return -ESPIPE;
	if ((uout && get_user(pos_out, uout)) || (uin && get_user(pos_in, uin)))
		return -EFAULT;
	in->pos = uin ? &pos_in : NULL;
	out->pos = uout ? &pos_out : NULL;
	n = splice_files(in, out, len, flags);
	if (n >= 0 && ((uout && put_user(pos_out, uout)) || (uin && put_user(pos_in, uin))))
		return -EFAULT;
	return n;
}

long sys_splice(int fd_in, loff_t __user *pos_in, int fd_out, loff_t __user *pos_out, size_t len,
		unsigned int flags)
{
	struct spliced in = { 0 }, out = { 0 };
	long n = -EBADF;

	if (!len)
		return 0;
	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	in.file = fget((unsigned int)fd_in);
	out.file = in.file ? fget((unsigned int)fd_out) : NULL;
	if (out.file)
		n = splice_at(&in, pos_in, &out, pos_out, len, flags);
	if (out.file)
		file_put(out.file);
	if (in.file)
		file_put(in.file);
	return n;
}

static long tee_files(struct file *in, struct file *out, size_t len, unsigned int flags)
{
	struct pipe *from = pipe_of(in), *to = pipe_of(out);

	if (!(in->mode & FILE_READ) || !(out->mode & FILE_WRITE))
		return -EBADF;
	if (!from || !to || from == to)
		return -EINVAL;
	return pipe_splice_pipes(from, to, len, splice_is_nonblocking(in, flags) ||
				 splice_is_nonblocking(out, flags), true);
}

long sys_tee(int fd_in, int fd_out, size_t len, unsigned int flags)
{
	struct file *in, *out;
	long n = -EBADF;

	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	if (!len)
		return 0;
	in = fget((unsigned int)fd_in);
	out = in ? fget((unsigned int)fd_out) : NULL;
	if (out) {
		n = tee_files(in, out, len, flags);
		file_put(out);
	}
	if (in)
		file_put(in);
	return n;
}

static long vmsplice_file(struct file *file, const struct iovec __user *iov, unsigned long nr,
			  unsigned int flags)
{
	struct pipe *pipe = pipe_of(file);
	struct pieces pieces;
	struct iobuf io;
	long n;

	if (!(file->mode & (FILE_READ | FILE_WRITE)))
		return -EBADF;
	n = pieces_get(&pieces, iov, nr, &io);
	if (n)
		return n;
	if (!io.left)
		n = 0;
	else if (!pipe)
		n = -EBADF;
	else if (file->mode & FILE_WRITE)
		n = pipe_write_from(pipe, &io, flags & SPLICE_F_NONBLOCK);
	else
		n = pipe_read_to(pipe, &io, flags & SPLICE_F_NONBLOCK);
	pieces_put(&pieces);
	return n;
}

long sys_vmsplice(int fd, const struct iovec __user *iov, unsigned long nr, unsigned int flags)
{
	struct file *file;
	long n;

	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	file = fget((unsigned int)fd);
	if (!file)
		return -EBADF;
	n = vmsplice_file(file, iov, nr, flags);
	file_put(file);
	return n;
}
