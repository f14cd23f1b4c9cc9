/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/syscall/sys_pidfd.c - a process by a descriptor: pidfd_open, process_mrelease
 *
 * Concept    A number may be given to somebody else once its process is gone; a
 *            descriptor holds the number (struct pid), so that it never is. What can be
 *            done to a process by number can then be done by descriptor: the number is
 *            looked up anew each time, and leads to that process or to none. Who polls
 *            hears of its end.
 * Owns       The reference that each such file holds.
 * Locks      None of its own.
 * Invariants None.
 * Callers    table.c, sys_signal.c, sys_process.c, sys_process_vm.c.
 * Next       sys_process_vm.c
 */
#include "kernel/syscall/syscalls.h"

#include "fs/file.h"
#include "fs/vfs.h"
#include "include/uapi/fcntl.h"
#include "include/uapi/poll.h"
#include "include/uapi/stat.h"
#include "kernel/sched/task.h"
#include "kernel/task/process.h"

/* Has the process that @pid named no thread any more? */
static bool pid_has_ended(struct pid *pid)
{
	struct process *p;
	bool ended;

	rcu_read_lock();
	p = process_find(pid->nr);
	ended = !p || READ_ONCE(p->state) != PROCESS_LIVE;
	rcu_read_unlock();
	return ended;
}

static u32 pidfd_poll(struct file *file, struct poll_table *table)
{
	struct pid *pid = file->private;

	poll_wait(file, &pid->ended, table);
	return pid_has_ended(pid) ? POLLIN : 0;
}

static void pidfd_release(struct file *file)
{
	pid_put(file->private);
}

static const struct file_operations pidfd_fops = {
	.poll = pidfd_poll, .release = pidfd_release,
};

/* What stands behind @fd, with a reference. NULL: no such descriptor, or of another kind. */
static struct pid *pidfd_get(int fd)
{
	struct file *file = fget((unsigned int)fd);
	struct pid *pid = NULL;

	if (!file)
		return NULL;
	if (file->ops == &pidfd_fops) {
		pid = file->private;
		pid_get(pid);
	}
	fput(file);
	return pid;
}

pid_t pidfd_number(int fd)
{
	struct pid *pid = pidfd_get(fd);
	pid_t nr = pid ? pid->nr : -EBADF;

	if (pid)
		pid_put(pid);
	return nr;
}

/* The number @nr with a reference, if it names a process. */
static int pid_of_process(pid_t nr, struct pid **out)
{
	struct process *p;

	*out = NULL;
	rcu_read_lock();
	p = process_find(nr);
	if (p && atomic_inc_not_zero(&p->pid->count))
		*out = p->pid;
	rcu_read_unlock();
	return *out ? 0 : -ESRCH;
}

static int pidfd_make(struct pid *pid, unsigned int flags, struct file **out)
{
	struct inode *inode;
	int err = inode_alloc(anon_sb, S_IFREG | 0600, &inode);

	if (err)
		return err;
	err = file_open_anon(inode, &pidfd_fops, O_RDWR | flags, pid, out);
	iput(inode);
	return err;
}

long sys_pidfd_open(pid_t nr, unsigned int flags)
{
	struct file *file;
	struct pid *pid;
	int fd, err;

	if (flags & ~(unsigned int)O_NONBLOCK || nr <= 0)
		return -EINVAL;
	err = pid_of_process(nr, &pid);
	if (err)
		return err;
	err = pidfd_make(pid, flags, &file);
	if (err) {
		pid_put(pid);
		return err;
	}
	fd = fd_alloc(current->files, 0, O_CLOEXEC);
	if (fd < 0)
		file_put(file);
	else
		fd_install(current->files, (unsigned int)fd, file);
	return fd;
}

/* Is the process @nr on its way out? -ESRCH: it has no memory any more. */
static int process_is_dying(pid_t nr)
{
	struct process *p;
	int err = -ESRCH;

	rcu_read_lock();
	p = process_find(nr);
	if (p && READ_ONCE(p->mm))
		err = READ_ONCE(p->group_exit) ? 0 : -EINVAL;
	rcu_read_unlock();
	return err;
}

/*
 * The memory of a process that was killed is to be free. A process that ends frees it
 * without waiting for anything: so we wait for that.
 */
long sys_process_mrelease(int fd, unsigned int flags)
{
	struct pid *pid;
	long err;

	if (flags)
		return -EINVAL;
	pid = pidfd_get(fd);
	if (!pid)
		return -EBADF;
	err = process_is_dying(pid->nr);
	if (!err)
		err = wait_event_interruptible(&pid->ended, pid_has_ended(pid));
	pid_put(pid);
	return err;
}
