/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/syscall/sys_userfaultfd.c - userfaultfd: the file by which a program answers faults
 *
 * Concept    The calls take numbers and structures apart; mm/userfaultfd.c does the work.
 *
 *		fd = userfaultfd(flags)		for the caller's address space, for ever
 *		UFFDIO_API			agree on features: the first call
 *		UFFDIO_REGISTER			a range, and which faults in it
 *		read, poll			the faults, and events
 *		UFFDIO_COPY ...			the answers; they wake, unless told not to
 *
 *            Above fs, because who may hear of the kernel's own faults is a question of
 *            capabilities.
 * Owns       Nothing.
 * Locks      None of its own.
 * Invariants Before UFFDIO_API nothing else is answered.
 * Callers    table.c, and files
 * Next       sys_signal.c
 */
#include "kernel/syscall/syscalls.h"

#include "fs/vfs.h"
#include "include/uapi/fcntl.h"
#include "include/uapi/poll.h"
#include "include/uapi/userfaultfd.h"
#include "kernel/lib/string.h"
#include "kernel/sched/task.h"
#include "kernel/task/process.h"
#include "mm/mm.h"
#include "mm/uaccess.h"
#include "mm/userfaultfd.h"

/* The numbers of the calls that the file answers, and that a range does. */
#define UFFD_FILE_IOCTLS \
	(BIT(UFFDIO_NR_REGISTER) | BIT(UFFDIO_NR_UNREGISTER) | BIT(UFFDIO_NR_API))
#define UFFD_RANGE_IOCTLS \
	(BIT(UFFDIO_NR_WAKE) | BIT(UFFDIO_NR_COPY) | BIT(UFFDIO_NR_ZEROPAGE) | \
	 BIT(UFFDIO_NR_MOVE) | BIT(UFFDIO_NR_POISON))

/* ---- ioctls ---- */

static long uffd_api(struct userfaultfd *uffd, struct uffdio_api __user *arg)
{
	struct uffdio_api api;
	int err;

	if (copy_from_user(&api, arg, sizeof(api)))
		return -EFAULT;
	err = api.api == UFFD_API && !(api.features & ~USERFAULTFD_FEATURES) ? 0 : -EINVAL;
	if (api.features & UFFD_FEATURE_EVENT_FORK && !capable(CAP_SYS_PTRACE))
		err = -EPERM;	/* the reader gets a hold of another process */
	if (!err) {
		struct uffdio_api answer = {
			.api = UFFD_API, .features = USERFAULTFD_FEATURES,
			.ioctls = UFFD_FILE_IOCTLS,
		};

		if (copy_to_user(arg, &answer, sizeof(answer)))
			return -EFAULT;
		err = userfaultfd_set_features(uffd, api.features);
	}
	if (err && clear_user(arg, sizeof(api)))
		return -EFAULT;
	return err;
}

static long uffd_register(struct userfaultfd *uffd, struct uffdio_register __user *arg)
{
	struct uffdio_register reg;
	u64 ioctls = UFFD_RANGE_IOCTLS;
	int err;

	if (copy_from_user(&reg, arg, sizeof(reg)))
		return -EFAULT;
	err = userfaultfd_register(uffd, reg.range.start, reg.range.len, reg.mode);
	if (err)
		return err;
	if (reg.mode & UFFDIO_REGISTER_MODE_WP)
		ioctls |= BIT(UFFDIO_NR_WRITEPROTECT);
	if (reg.mode & UFFDIO_REGISTER_MODE_MINOR)
		ioctls |= BIT(UFFDIO_NR_CONTINUE);
	return put_user(ioctls, &arg->ioctls);
}

static long uffd_unregister(struct userfaultfd *uffd, struct uffdio_range __user *arg)
{
	struct uffdio_range range;

	if (copy_from_user(&range, arg, sizeof(range)))
		return -EFAULT;
	return userfaultfd_unregister(uffd, range.start, range.len);
}

static long uffd_wake(struct userfaultfd *uffd, struct uffdio_range __user *arg)
{
	struct uffdio_range range;
	int err;

	if (copy_from_user(&range, arg, sizeof(range)))
		return -EFAULT;
	err = userfaultfd_check_range(range.start, range.len);
	if (!err)
		userfaultfd_wake(uffd, range.start, range.len);
	return err;
}

/* How a call that did @done bytes of @len ends: wake who waits there, say how far it came. */
static long uffd_filled(struct userfaultfd *uffd, unsigned long start, unsigned long len,
			s64 done, bool wake, s64 __user *told)
{
	if (put_user(done, told))
		return -EFAULT;
	if (done < 0)
		return done;
	if (wake)
		userfaultfd_wake(uffd, start, (unsigned long)done);
	return (u64)done == len ? 0 : -EAGAIN;
}

static long uffd_copy(struct userfaultfd *uffd, struct uffdio_copy __user *arg)
{
	struct uffdio_copy copy;

	if (copy_from_user(&copy, arg, sizeof(copy)))
		return -EFAULT;
	if (userfaultfd_check_range(copy.dst, copy.len) || copy.src + copy.len < copy.src ||
	    copy.mode & ~(UFFDIO_COPY_MODE_DONTWAKE | UFFDIO_COPY_MODE_WP))
		return -EINVAL;
	return uffd_filled(uffd, copy.dst, copy.len,
			   userfaultfd_copy(uffd, copy.dst, copy.len,
					    (const void __user *)copy.src,
					    copy.mode & UFFDIO_COPY_MODE_WP),
			   !(copy.mode & UFFDIO_COPY_MODE_DONTWAKE), &arg->copy);
}

static long uffd_zeropage(struct userfaultfd *uffd, struct uffdio_zeropage __user *arg)
{
	struct uffdio_zeropage zero;

	if (copy_from_user(&zero, arg, sizeof(zero)))
		return -EFAULT;
	if (userfaultfd_check_range(zero.range.start, zero.range.len) ||
	    zero.mode & ~UFFDIO_ZEROPAGE_MODE_DONTWAKE)
		return -EINVAL;
	return uffd_filled(uffd, zero.range.start, zero.range.len,
			   userfaultfd_zeropage(uffd, zero.range.start, zero.range.len),
			   !(zero.mode & UFFDIO_ZEROPAGE_MODE_DONTWAKE), &arg->zeropage);
}

static long uffd_continue(struct userfaultfd *uffd, struct uffdio_continue __user *arg)
{
	struct uffdio_continue cont;

	if (copy_from_user(&cont, arg, sizeof(cont)))
		return -EFAULT;
	if (userfaultfd_check_range(cont.range.start, cont.range.len) ||
	    cont.mode & ~(UFFDIO_CONTINUE_MODE_DONTWAKE | UFFDIO_CONTINUE_MODE_WP))
		return -EINVAL;
	return uffd_filled(uffd, cont.range.start, cont.range.len,
			   userfaultfd_continue(uffd, cont.range.start, cont.range.len,
						cont.mode & UFFDIO_CONTINUE_MODE_WP),
			   !(cont.mode & UFFDIO_CONTINUE_MODE_DONTWAKE), &arg->mapped);
}

static long uffd_poison(struct userfaultfd *uffd, struct uffdio_poison __user *arg)
{
	struct uffdio_poison poison;

	if (copy_from_user(&poison, arg, sizeof(poison)))
		return -EFAULT;
	if (userfaultfd_check_range(poison.range.start, poison.range.len) ||
	    poison.mode & ~UFFDIO_POISON_MODE_DONTWAKE)
		return -EINVAL;
	return uffd_filled(uffd, poison.range.start, poison.range.len,
			   userfaultfd_poison(uffd, poison.range.start, poison.range.len),
			   !(poison.mode & UFFDIO_POISON_MODE_DONTWAKE), &arg->updated);
}

/* Within the caller's own address space only. */
static long uffd_move(struct userfaultfd *uffd, struct uffdio_move __user *arg)
{
	struct uffdio_move move;

	if (copy_from_user(&move, arg, sizeof(move)))
		return -EFAULT;
	if (uffd->mm != current->mm || userfaultfd_check_range(move.dst, move.len) ||
	    userfaultfd_check_range(move.src, move.len) ||
	    move.mode & ~(UFFDIO_MOVE_MODE_DONTWAKE | UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES))
		return -EINVAL;
	return uffd_filled(uffd, move.dst, move.len,
			   userfaultfd_move(uffd, move.dst, move.src, move.len,
					    move.mode & UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES),
			   !(move.mode & UFFDIO_MOVE_MODE_DONTWAKE), &arg->move);
}

/* Protecting wakes nobody. */
static long uffd_writeprotect(struct userfaultfd *uffd, struct uffdio_writeprotect __user *arg)
{
	const u64 both = UFFDIO_WRITEPROTECT_MODE_WP | UFFDIO_WRITEPROTECT_MODE_DONTWAKE;
	struct uffdio_writeprotect wp;
	int err;

	if (copy_from_user(&wp, arg, sizeof(wp)))
		return -EFAULT;
	if (userfaultfd_check_range(wp.range.start, wp.range.len) || wp.mode & ~both ||
	    wp.mode == both)
		return -EINVAL;
	err = userfaultfd_writeprotect(uffd, wp.range.start, wp.range.len,
				       wp.mode & UFFDIO_WRITEPROTECT_MODE_WP);
	if (!err && !wp.mode)
		userfaultfd_wake(uffd, wp.range.start, wp.range.len);
	return err;
}

static long uffd_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct userfaultfd *uffd = file->private;

	if (cmd != UFFDIO_API && !READ_ONCE(uffd->ready))
		return -EINVAL;
	switch (cmd) {
	case UFFDIO_API:
		return uffd_api(uffd, (struct uffdio_api __user *)arg);
	case UFFDIO_REGISTER:
		return uffd_register(uffd, (struct uffdio_register __user *)arg);
	case UFFDIO_UNREGISTER:
		return uffd_unregister(uffd, (struct uffdio_range __user *)arg);
	case UFFDIO_WAKE:
		return uffd_wake(uffd, (struct uffdio_range __user *)arg);
	case UFFDIO_COPY:
		return uffd_copy(uffd, (struct uffdio_copy __user *)arg);
	case UFFDIO_ZEROPAGE:
		return uffd_zeropage(uffd, (struct uffdio_zeropage __user *)arg);
	case UFFDIO_CONTINUE:
		return uffd_continue(uffd, (struct uffdio_continue __user *)arg);
	case UFFDIO_POISON:
		return uffd_poison(uffd, (struct uffdio_poison __user *)arg);
	case UFFDIO_MOVE:
		return uffd_move(uffd, (struct uffdio_move __user *)arg);
	case UFFDIO_WRITEPROTECT:
		return uffd_writeprotect(uffd, (struct uffdio_writeprotect __user *)arg);
	default:
		return -EINVAL;
	}
}

/* ---- reading ---- */

static int uffd_file(struct userfaultfd *uffd, struct file **out);

/* The caller's own file of a child's userfaultfd. Return: fd or -errno. */
static int uffd_fork(struct userfaultfd *child)
{
	struct file *file;
	int err, fd = fd_alloc(current->files, 0, child->file_flags & O_CLOEXEC);

	if (fd < 0)
		return fd;
	err = uffd_file(child, &file);
	if (err) {
		fd_cancel(current->files, (unsigned int)fd);
		return err;
	}
	fd_install(current->files, (unsigned int)fd, file);
	return fd;
}

/* The next fault or event. Return: 0, -EAGAIN, -ERESTARTSYS; of a fork -EMFILE, -ENOMEM. */
static int uffd_next(struct userfaultfd *uffd, bool wait, struct uffd_msg *msg)
{
	struct userfaultfd *child;
	int err = 0, fd;

	while (!userfaultfd_read(uffd, msg, &child)) {
		if (!wait)
			return -EAGAIN;
		err = wait_event_interruptible(&uffd->readers, userfaultfd_readable(uffd));
		if (err)
			return err;
	}
	if (!child)
		return 0;
	fd = uffd_fork(child);
	userfaultfd_forked(uffd, child, fd >= 0);
	msg->fork.ufd = (u32)fd;
	return fd < 0 ? fd : 0;
}

/* As many as there are and have room; waits for the first one only. */
static ssize_t uffd_read(struct file *file, struct iobuf *io, loff_t *pos)
{
	struct userfaultfd *uffd = file->private;
	bool wait = !(READ_ONCE(file->flags) & O_NONBLOCK);
	struct uffd_msg msg;
	ssize_t done = 0;
	int err = -EINVAL;

	if (!READ_ONCE(uffd->ready))
		return -EINVAL;
	while (io->left >= sizeof(msg)) {
		err = uffd_next(uffd, wait && !done, &msg);
		if (!err && iobuf_copy_to(io, &msg, sizeof(msg)) < sizeof(msg))
			err = -EFAULT;
		if (err)
			break;
		done += (ssize_t)sizeof(msg);
	}
	return done ? done : err;
}

/* Who polls must not wait in read(), where another thread may have been faster. */
static u32 uffd_poll(struct file *file, struct poll_table *table)
{
	struct userfaultfd *uffd = file->private;

	poll_wait(file, &uffd->readers, table);
	if (!READ_ONCE(uffd->ready) || !(READ_ONCE(file->flags) & O_NONBLOCK))
		return POLLERR;
	return userfaultfd_readable(uffd) ? POLLIN : 0;
}

/* ---- a new one ---- */

static void uffd_release(struct file *file)
{
	userfaultfd_release(file->private);
}

static const struct file_operations uffd_fops = {
	.read = uffd_read, .poll = uffd_poll, .ioctl = uffd_ioctl, .release = uffd_release,
};

/* Takes a reference to @uffd over, unless it fails. */
static int uffd_file(struct userfaultfd *uffd, struct file **out)
{
	struct inode *inode;
	int err = inode_alloc(anon_sb, S_IFREG | 0600, &inode);

	if (err)
		return err;
	err = file_open_anon(inode, &uffd_fops, O_RDONLY | (uffd->file_flags & O_NONBLOCK),
			     uffd, out);
	iput(inode);
	return err;
}

static int uffd_open(unsigned int flags, struct file **out)
{
	struct userfaultfd *uffd;
	int err = userfaultfd_alloc(current->mm, flags & UFFD_USER_MODE_ONLY, &uffd);

	if (err)
		return err;
	uffd->file_flags = flags & (O_CLOEXEC | O_NONBLOCK);
	err = uffd_file(uffd, out);
	if (err)
		userfaultfd_release(uffd);
	return err;
}

long sys_userfaultfd(unsigned int flags)
{
	struct file *file;
	int fd, err;

	if (!(flags & UFFD_USER_MODE_ONLY) && !capable(CAP_SYS_PTRACE))
		return -EPERM;
	if (flags & ~(unsigned int)(UFFD_USER_MODE_ONLY | O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	err = uffd_open(flags, &file);
	if (err)
		return err;
	fd = fd_alloc(current->files, 0, flags & O_CLOEXEC);
	if (fd < 0)
		file_put(file);
	else
		fd_install(current->files, (unsigned int)fd, file);
	return fd;
}
