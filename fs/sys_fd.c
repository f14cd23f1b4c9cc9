/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/sys_fd.c - system calls on descriptors themselves
 *
 * Concept    Numbers in, numbers out: the table (fs/fdtable.c) does the work.
 * Owns       Nothing.
 * Locks      None of its own.
 * Invariants A descriptor that a call made and could not report is closed again.
 * Callers    kernel/syscall/table.c
 * Next       fs/sys_path.c
 */
#include "fs/syscalls.h"
#include "fs/file.h"
#include "fs/internal.h"
#include "fs/pipe.h"
#include "fs/vfs.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/task.h"
#include "mm/uaccess.h"

/* Flags that F_SETFL may change; the others are silently kept. */
#define SETFL_MASK (O_APPEND | O_NONBLOCK | O_NOATIME)

long sys_close(unsigned int fd)
{
	return fd_close(current->files, fd);
}

#define CLOSE_RANGE_UNSHARE 2
#define CLOSE_RANGE_CLOEXEC 4

long sys_close_range(unsigned int first, unsigned int last, unsigned int flags)
{
	int error = 0;

	if (first > last || (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)))
		return -EINVAL;
	if (flags & CLOSE_RANGE_UNSHARE)
		error = files_unshare();
	if (!error)
		files_close_range(current->files, first, last, flags & CLOSE_RANGE_CLOEXEC);
	return error;
}

/* The lowest free number at or above @from for @file's, whose reference it takes. */
static long fd_dup(struct file *file, unsigned int from, bool cloexec)
{
	int fd = fd_alloc(current->files, from, cloexec);

	if (fd < 0)
		file_put(file);
	else
		fd_install(current->files, (unsigned int)fd, file);
	return fd;
}

long sys_dup(unsigned int fd)
{
	struct file *file = fget_path(fd);

	return file ? fd_dup(file, 0, false) : -EBADF;
}

long sys_dup2(unsigned int from, unsigned int to)
{
	struct file *file;

	if (from != to)
		return fd_dup_to(current->files, from, to, false);
	file = fget_path(from);
	if (!file)
		return -EBADF;
	file_put(file);
	return (long)to;
}

long sys_dup3(unsigned int from, unsigned int to, int flags)
{
	if ((flags & ~O_CLOEXEC) || from == to)
		return -EINVAL;
	return fd_dup_to(current->files, from, to, flags & O_CLOEXEC);
}

static void file_set_flags(struct file *file, unsigned int flags)
{
	unsigned int old = READ_ONCE(file->flags);

	while (!__atomic_compare_exchange_n(&file->flags, &old,
					    (old & ~(unsigned int)SETFL_MASK) |
					    (flags & SETFL_MASK),
					    false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
}

static long fcntl_file(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case F_GETFL:
		return (long)READ_ONCE(file->flags);
	case F_SETFL:
		file_set_flags(file, (unsigned int)arg);
		return 0;
	case F_SETOWN:
	case F_GETOWN:
		return 0;
	case F_SETLK:
	case F_SETLKW:
		return 0;	/* advisory locks: nobody ever holds one against us */
	default:
		return -EINVAL;
	}
}

long sys_fcntl(unsigned int fd, unsigned int cmd, unsigned long arg)
{
	struct file *file = fget_path(fd);
	long ret;

	if (!file)
		return -EBADF;
	switch (cmd) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		if (arg >= files_limit())
			break;
		return fd_dup(file, (unsigned int)arg, cmd == F_DUPFD_CLOEXEC);
	case F_GETFD:
		ret = fd_get_cloexec(current->files, fd);
		file_put(file);
		return ret;
	case F_SETFD:
		ret = fd_set_cloexec(current->files, fd, arg & FD_CLOEXEC);
		file_put(file);
		return ret;
	default:
		ret = fcntl_file(file, cmd, arg);
		file_put(file);
		return ret;
	}
	file_put(file);
	return -EINVAL;
}

/* Give both ends numbers; their references go to the table or are put. */
static long pipe_install(struct file *reader, struct file *writer, int __user *ufds,
			 bool cloexec)
{
	struct files *files = current->files;
	int fds[2];

	fds[0] = fd_alloc(files, 0, cloexec);
	fds[1] = fds[0] < 0 ? fds[0] : fd_alloc(files, 0, cloexec);
	/* The numbers lead nowhere yet, so a bad pointer needs no closing. */
	if (fds[1] >= 0 && !copy_to_user(ufds, fds, sizeof(fds))) {
		fd_install(files, (unsigned int)fds[0], reader);
		fd_install(files, (unsigned int)fds[1], writer);
		return 0;
	}
	if (fds[0] >= 0)
		fd_cancel(files, (unsigned int)fds[0]);
	if (fds[1] >= 0)
		fd_cancel(files, (unsigned int)fds[1]);
	file_put(reader);
	file_put(writer);
	return fds[1] < 0 ? fds[1] : -EFAULT;
}

long sys_pipe2(int __user *fds, int flags)
{
	struct file *reader, *writer;
	int error;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	error = pipe_open(&reader, &writer, (unsigned int)flags);
	return error ? error : pipe_install(reader, writer, fds, flags & O_CLOEXEC);
}

long sys_pipe(int __user *fds)
{
	return sys_pipe2(fds, 0);
}
