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
#include "fs/record_lock.h"
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

/* What F_SETLK and its like carry. */
struct flock {
	s16 l_type, l_whence;
	s64 l_start, l_len;
	s32 l_pid;
};
static_assert(sizeof(struct flock) == 32, "struct flock");

/* The bytes that @fl names, as a lock. Return: 0, -EINVAL, -EOVERFLOW. */
static int flock_to_record(const struct flock *fl, struct file *file, struct record_lock *l)
{
	loff_t start, last;

	if (fl->l_type < F_RDLCK || fl->l_type > F_UNLCK || fl->l_whence < SEEK_SET ||
	    fl->l_whence > SEEK_END)
		return -EINVAL;
	start = fl->l_whence == SEEK_CUR ? READ_ONCE(file->pos) :
		fl->l_whence == SEEK_END ? READ_ONCE(file->inode->size) : 0;
	if (__builtin_add_overflow(start, fl->l_start, &start))
		return -EOVERFLOW;
	if (start < 0)
		return -EINVAL;
	last = INT64_MAX;
	if (fl->l_len > 0 && __builtin_add_overflow(start, fl->l_len - 1, &last))
		return -EOVERFLOW;
	if (fl->l_len < 0) {
		last = start - 1;
		start += fl->l_len;	/* start is no negative number: no overflow */
		if (start < 0)
			return -EINVAL;
	}
	l->type = fl->l_type;
	l->start = start;
	l->end = last;
	return 0;
}

static long fcntl_get_lock(struct record_lock *want, struct flock *fl, struct flock __user *ufl)
{
	struct record_lock l;

	if (want->type == F_UNLCK)
		return -EINVAL;
	if (record_lock_get(want, &l)) {
		fl->l_type = (s16)l.type;
		fl->l_whence = SEEK_SET;
		fl->l_start = l.start;
		fl->l_len = l.end == INT64_MAX ? 0 : l.end - l.start + 1;
		fl->l_pid = l.pid;
	} else {
		fl->l_type = F_UNLCK;
	}
	return copy_to_user(ufl, fl, sizeof(*fl)) ? -EFAULT : 0;
}

static long fcntl_lock(struct file *file, unsigned int fd, unsigned int cmd,
		       struct flock __user *ufl)
{
	bool ofd = cmd >= F_OFD_GETLK;
	struct record_lock want = {
		.inode = file->inode, .owner = ofd ? (void *)file : (void *)current->files,
		.pid = ofd ? -1 : current->tgid,
	};
	struct file *now;
	struct flock fl;
	long ret;

	if (copy_from_user(&fl, ufl, sizeof(fl)))
		return -EFAULT;
	ret = flock_to_record(&fl, file, &want);
	if (!ret && ofd && fl.l_pid)
		ret = -EINVAL;
	if (ret)
		return ret;
	if (cmd == F_GETLK || cmd == F_OFD_GETLK)
		return fcntl_get_lock(&want, &fl, ufl);
	if ((want.type == F_RDLCK && !(file->mode & FILE_READ)) ||
	    (want.type == F_WRLCK && !(file->mode & FILE_WRITE)))
		return -EBADF;
	ret = record_lock_set(&want, cmd == F_SETLKW || cmd == F_OFD_SETLKW);
	/* closed meanwhile? Then the lock came too late to go with it. */
	now = ret ? NULL : fget(fd);
	if (!ret && now != file)
		record_lock_drop(file->inode, want.owner);
	if (now)
		file_put(now);
	return ret;
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
	case F_ADD_SEALS:
		return memfd_add_seals(file, (u32)arg);
	case F_GET_SEALS:
		return memfd_get_seals(file);
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
	case F_GETLK ... F_SETLKW:
	case F_OFD_GETLK ... F_OFD_SETLKW:
		ret = file->mode & FILE_PATH ? -EBADF :
		      fcntl_lock(file, fd, cmd, (struct flock __user *)arg);
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

/* ---- flock ---- */

long sys_flock(unsigned int fd, unsigned int how)
{
	struct file *file;
	struct record_lock want = { .end = INT64_MAX, .flock = true };
	long ret;

	switch (how & ~(unsigned int)LOCK_NB) {
	case LOCK_SH:
		want.type = F_RDLCK;
		break;
	case LOCK_EX:
		want.type = F_WRLCK;
		break;
	case LOCK_UN:
		want.type = F_UNLCK;
		break;
	default:
		return -EINVAL;
	}
	file = fget(fd);
	if (!file)
		return -EBADF;
	want.inode = file->inode;
	want.owner = file;
	ret = record_lock_set(&want, !(how & LOCK_NB));
	file_put(file);
	return ret;
}
