/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/proc_fd.c - /proc/<pid>/fd, fdinfo, cwd, root, exe, task: what a process has
 *
 * Concept    Links that lead to an open file or a place itself, whatever its name has
 *            become since; and the directory of the threads, in which each looks like a
 *            process. What is asked for may go while one looks:
 *
 *                readlink fd/3                     close(3), or exit
 *                rcu_read_lock
 *                thread -> task -> files
 *                                                  take it out of the table
 *                files->lock: slot is empty        (who found it has a reference)
 *                rcu_read_unlock
 *                -ENOENT
 * Owns       Nothing.
 * Locks      RCU to find a thread and its table; files->lock and fs->lock inside it.
 * Invariants Who may not access a process's memory follows none of its links.
 * Callers    fs/procfs.c
 * Next       clone.c
 */
#include "kernel/task/process.h"

#include "fs/file.h"
#include "fs/proc.h"
#include "fs/vfs.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/rculist.h"
#include "kernel/lib/string.h"
#include "kernel/sched/task.h"
#include "mm/mm.h"
#include "mm/slab.h"

#define LINK_SIZE 4096

/* ---- what the links lead to ---- */

/* The descriptor table that @pid has, or NULL. Context: rcu_read_lock(), as the answer. */
static struct files *proc_files(pid_t pid)
{
	struct thread *t = process_find_thread(pid);

	return t ? rcu_dereference(t->task->files) : NULL;
}

static struct file *proc_fd_get(pid_t pid, int fd, bool *cloexec)
{
	struct file *file = NULL;
	struct files *files;

	rcu_read_lock();
	files = proc_files(pid);
	if (files)
		file = files_lookup(files, (unsigned int)fd, cloexec);
	rcu_read_unlock();
	return file;
}

static int proc_fd_next(pid_t pid, int from)
{
	struct files *files;
	int fd = -1;

	rcu_read_lock();
	files = proc_files(pid);
	if (files && from >= 0)
		fd = fd_next(files, (unsigned int)from);
	rcu_read_unlock();
	return fd;
}

/* Where @pid's paths begin. Return: 0 with references, -ENOENT. */
static int proc_place(pid_t pid, bool root, struct path *out)
{
	struct fs_context *fs = NULL;
	struct thread *t;
	int err = -ENOENT;

	rcu_read_lock();
	t = process_find_thread(pid);
	if (t)
		fs = rcu_dereference(t->task->fs);
	if (fs)
		err = fs_context_path(fs, root, out);
	rcu_read_unlock();
	return err;
}

/* The program that @pid runs. Return: 0 with references, -ENOENT, -ENOMEM. */
static int proc_exe_place(pid_t pid, struct path *out)
{
	struct mm *mm;
	int err = process_find_mm(pid, &mm);

	if (err || !mm)
		return -ENOENT;
	err = mm->exe_file ? file_place(mm->exe_file, out) : -ENOENT;
	mmput(mm);
	return err;
}

/* ---- names ---- */

/* The end of every readlink: @name into @buf, cut off. */
static ssize_t link_text(const char *name, char *buf, size_t size)
{
	size_t len = min(strlen(name), size);

	memcpy(buf, name, len);
	return len ? (ssize_t)len : -ENAMETOOLONG;
}

static ssize_t link_to_file(struct file *file, char *buf, size_t size)
{
	char *name = kmalloc(LINK_SIZE, GFP_KERNEL);
	ssize_t len = name ? link_text(file_name(file, name, LINK_SIZE), buf, size) : -ENOMEM;

	kfree(name);
	return len;
}

static ssize_t link_to_place(const struct path *path, char *buf, size_t size)
{
	char *page = kmalloc(LINK_SIZE, GFP_KERNEL), *name;
	ssize_t len = -ENOMEM;

	if (page) {
		name = path_name(path, page, LINK_SIZE);
		len = name ? link_text(name, buf, size) : -ENAMETOOLONG;
	}
	kfree(page);
	return len;
}

/* ---- fd and fdinfo ---- */

static ssize_t fd_readlink(pid_t pid, int fd, char *buf, size_t size)
{
	struct file *file;
	bool cloexec;
	ssize_t len;

	if (!process_may_access(pid))
		return -EACCES;
	file = proc_fd_get(pid, fd, &cloexec);
	if (!file)
		return -ENOENT;
	len = link_to_file(file, buf, size);
	file_put(file);
	return len;
}

static int fd_follow(pid_t pid, int fd, struct path *out)
{
	struct file *file;
	bool cloexec;
	int err;

	if (!process_may_access(pid))
		return -EACCES;
	file = proc_fd_get(pid, fd, &cloexec);
	if (!file)
		return -ENOENT;
	err = file_place(file, out);
	file_put(file);
	return err;
}

static u32 fd_mode(pid_t pid, int fd)
{
	struct file *file;
	bool cloexec;
	u32 mode = 0;

	file = proc_fd_get(pid, fd, &cloexec);
	if (!file)
		return 0;
	if (file->mode & FILE_READ)
		mode |= 0500;
	if (file->mode & FILE_WRITE)
		mode |= 0300;
	file_put(file);
	return mode;
}

static int fdinfo_show(struct seq_file *m)
{
	struct file *file;
	bool cloexec;

	file = proc_fd_get(m->pid, (int)(long)m->private, &cloexec);
	if (!file)
		return -ENOENT;
	seq_printf(m, "pos:\t%ld\nflags:\t0%o\nmnt_id:\t%d\nino:\t%lu\n", READ_ONCE(file->pos),
		   READ_ONCE(file->flags) | (cloexec ? O_CLOEXEC : 0),
		   file->path.mount ? file->path.mount->id : 0, (unsigned long)file->inode->ino);
	file_put(file);
	return 0;
}

static const struct proc_link fd_link = {
	.readlink = fd_readlink, .follow = fd_follow, .mode = fd_mode,
};
static const struct proc_numbers fd_numbers = {
	.mode = 0500, .next = proc_fd_next, .link = &fd_link,
};
static const struct proc_numbers fdinfo_numbers = {
	.mode = 0555, .is_private = true, .next = proc_fd_next, .show = fdinfo_show,
};

/* ---- cwd and root ---- */

static int place_follow(pid_t pid, bool root, struct path *out)
{
	return process_may_access(pid) ? proc_place(pid, root, out) : -EACCES;
}

static ssize_t place_readlink(pid_t pid, bool root, char *buf, size_t size)
{
	struct path path;
	ssize_t len;
	int err = place_follow(pid, root, &path);

	if (err)
		return err;
	len = link_to_place(&path, buf, size);
	path_put(&path);
	return len;
}

static int cwd_follow(pid_t pid, int nr, struct path *out)
{
	return place_follow(pid, false, out);
}

static ssize_t cwd_readlink(pid_t pid, int nr, char *buf, size_t size)
{
	return place_readlink(pid, false, buf, size);
}

static int root_follow(pid_t pid, int nr, struct path *out)
{
	return place_follow(pid, true, out);
}

static ssize_t root_readlink(pid_t pid, int nr, char *buf, size_t size)
{
	return place_readlink(pid, true, buf, size);
}

/* ---- exe ---- */

static int exe_follow(pid_t pid, int nr, struct path *out)
{
	return process_may_access(pid) ? proc_exe_place(pid, out) : -EACCES;
}

static ssize_t exe_readlink(pid_t pid, int nr, char *buf, size_t size)
{
	struct path path;
	ssize_t len;
	int err = exe_follow(pid, nr, &path);

	if (err)
		return err;
	len = link_to_place(&path, buf, size);
	path_put(&path);
	return len;
}

/* ---- task ---- */

static int task_next(pid_t pid, int from)
{
	struct process *p;
	struct thread *t;
	int best = -1;

	rcu_read_lock();
	p = process_find(pid);
	if (p && READ_ONCE(p->state) == PROCESS_ZOMBIE && pid >= from)
		best = pid;	/* whose threads are gone */
	if (p) {
		list_for_each_entry_rcu(t, &p->threads, node) {
			int tid = READ_ONCE(t->pid)->nr;

			if (tid >= from && (best < 0 || tid < best))
				best = tid;
		}
	}
	rcu_read_unlock();
	return best;
}

static const struct proc_link cwd_link = { .readlink = cwd_readlink, .follow = cwd_follow };
static const struct proc_link root_link = { .readlink = root_readlink, .follow = root_follow };
static const struct proc_link exe_link = { .readlink = exe_readlink, .follow = exe_follow };
static const struct proc_numbers task_numbers = { .mode = 0555, .next = task_next };

void proc_fd_init(void)
{
	if (proc_pid_numbers("task", &task_numbers) || proc_pid_numbers("fd", &fd_numbers) ||
	    proc_pid_numbers("fdinfo", &fdinfo_numbers) || proc_pid_link("cwd", &cwd_link) ||
	    proc_pid_link("root", &root_link) || proc_pid_link("exe", &exe_link))
		panic("no memory for the files of /proc/<pid>");
}
