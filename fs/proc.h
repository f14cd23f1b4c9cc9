/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/proc.h - files of /proc, whose text is printed when they are read
 *
 *	static int meminfo_show(struct seq_file *m)
 *	{
 *		seq_printf(m, "MemTotal: %8lu kB\n", ...);
 *		return 0;
 *	}
 *	error = proc_create("meminfo", meminfo_show);
 */
#ifndef FS_PROC_H
#define FS_PROC_H

#include "include/types.h"

/*
 * Where a show function prints. It never allocates or sleeps, so that a show
 * function may print under a spinlock; if the text does not fit, the function
 * is called again with a larger buffer.
 */
struct seq_file {
	char *buf;
	size_t size, count;
	bool overflow;
	pid_t pid;			/* files of /proc/<pid>: whose */
	void *private;			/* as given at creation */
};

void seq_printf(struct seq_file *m, const char *fmt, ...) __printf(2, 3);
void seq_puts(struct seq_file *m, const char *s);
void seq_putc(struct seq_file *m, char c);
void seq_write(struct seq_file *m, const void *data, size_t len);

/* Print the whole text. May sleep. Return: 0 or -errno, which the reader gets. */
typedef int proc_show_fn(struct seq_file *m);
/* Take what was written, as a string of at most 4095 bytes. Return: 0 or -errno. */
typedef int proc_write_fn(const char *text, void *private);

/*
 * Make /proc/@path; directories on the way are made. May be called before /proc is
 * mounted. Context: may sleep. Return: 0, -EEXIST, -ENOMEM.
 */
int __must_check proc_create(const char *path, proc_show_fn *show);
int __must_check proc_create_rw(const char *path, proc_show_fn *show, proc_write_fn *write,
				void *private);

/* The same with all operations of its own. */
struct file_operations;
int __must_check proc_create_fops(const char *path, u32 mode,
				  const struct file_operations *fops);

/* Take such a file away; who has it open keeps it. For tests. Return: 0, -ENOENT. */
int __must_check proc_remove(const char *path);

/* One number that can be read and, within limits, written: /proc/sys. */
int __must_check proc_create_u64(const char *path, u64 *value, u64 lowest, u64 highest);

/* ---- /proc/<pid> ---- */

/* Who knows about processes (a layer above) tells procfs through these. */
struct proc_pid_ops {
	bool (*exists)(pid_t pid);	/* a process or a thread */
	pid_t (*next)(pid_t after);	/* the lowest pid > @after, 0: none */
	pid_t (*self)(void);		/* of the caller; 0: a kernel thread */
	pid_t (*self_thread)(void);	/* the same, of its thread */
	/* Whose a file of kind and permissions @mode of @pid is. NULL: root's. */
	void (*owner)(pid_t pid, u32 mode, u32 *uid, u32 *gid);
	/* May the caller see what is the process's own business? NULL: he may. */
	bool (*may_access)(pid_t pid);
};
/* Return: those that were there, for a test to put back. */
const struct proc_pid_ops *proc_set_pid_ops(const struct proc_pid_ops *ops);

/*
 * Every /proc/<pid> has a file @name, printed by @show for m->pid (which may end
 * meanwhile: return -ESRCH). May be called by any layer at boot.
 */
int __must_check proc_pid_create(const char *name, proc_show_fn *show);
/* The same, but only for those who may access its memory: -EACCES at open. */
int __must_check proc_pid_create_private(const char *name, proc_show_fn *show);
/* The same with all operations of its own; file->private is the pid. */
int __must_check proc_pid_create_fops(const char *name, u32 mode,
				      const struct file_operations *fops);
/*
 * The same, and what is written to it @write takes, as a string of at most 4095 bytes.
 * Return of @write: 0 or -errno.
 */
int __must_check proc_pid_create_rw(const char *name, proc_show_fn *show,
				    int (*write)(const char *text, pid_t pid));

/*
 * A symbolic link that leads to an object, not to a name. @nr is its number in a
 * directory of numbers, or 0. May sleep.
 */
struct path;
struct proc_link {
	/* The text, without NUL. Return: its length, at most @size, or -errno. */
	ssize_t (*readlink)(pid_t pid, int nr, char *buf, size_t size);
	/* The place, with references. Return: 0 or -errno. */
	int (*follow)(pid_t pid, int nr, struct path *out);
	/* Its permissions. NULL: 0777. */
	u32 (*mode)(pid_t pid, int nr);
};
/* Every /proc/<pid> has such a link @name. */
int __must_check proc_pid_link(const char *name, const struct proc_link *link);

/*
 * Every /proc/<pid> has a directory @name of numbers. Each is a link; or a file that is
 * printed, with the number as m->private; or, if neither is given, the directory of the
 * thread with this number, which is as a process's without such directories.
 */
struct proc_numbers {
	u32 mode;			/* of the directory */
	bool is_private;		/* looked up only by who may access its memory */
	/* The lowest number at or above @from, or -1. */
	int (*next)(pid_t pid, int from);
	const struct proc_link *link;
	proc_show_fn *show;
};
int __must_check proc_pid_numbers(const char *name, const struct proc_numbers *numbers);

#endif
