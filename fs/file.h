/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/file.h - open files and the tables that number them
 *
 *	task --> struct files (shared by CLONE_FILES) --fd--> struct file --> inode
 *
 * Letters behind the fields: A atomic, C constant after open, P pos_lock,
 * T the table's lock.
 */
#ifndef FS_FILE_H
#define FS_FILE_H

#include "include/types.h"
#include "include/uapi/fcntl.h"
#include "arch/x86/cpu/atomic.h"
#include "fs/iobuf.h"
#include "kernel/sync/mutex.h"
#include "kernel/sync/rcu.h"
#include "kernel/sync/spinlock.h"
#include "kernel/sync/wait.h"
#include "mm/readahead.h"

struct dentry;
struct dir_context;
struct file;
struct inode;
struct mount;
struct poll_table;
struct vma;

/* A name's place: which mount, which dentry in it. Holds a reference of each. */
struct path {
	struct mount *mount;
	struct dentry *dentry;
};

/*
 * What a kind of file can do. A missing operation is an error for the caller,
 * or the default named here. All may sleep; no lock is held by the caller except
 * pos_lock when the file has a position of its own (FILE_SEEKS).
 */
struct file_operations {
	/* @pos: where; advanced. Return: bytes, 0 at the end, or -errno. */
	ssize_t (*read)(struct file *file, struct iobuf *io, loff_t *pos);
	ssize_t (*write)(struct file *file, struct iobuf *io, loff_t *pos);
	/* Return: new position. Default: by inode size if FILE_SEEKS, else -ESPIPE. */
	loff_t (*llseek)(struct file *file, loff_t offset, int whence);
	/* @arg is what the program gave, mostly a hostile pointer. Default -ENOTTY. */
	long (*ioctl)(struct file *file, unsigned int cmd, unsigned long arg);
	/* Set vma->ops and private. Context: mmap_lock for writing. Default -ENODEV. */
	int (*mmap)(struct file *file, struct vma *vma);
	/*
	 * Say what is possible now (POLLIN ...), after poll_wait() on every queue
	 * that is woken when the answer changes. Default: readable and writable.
	 */
	u32 (*poll)(struct file *file, struct poll_table *table);
	/* A new struct file; may set private and flags. */
	int (*open)(struct inode *inode, struct file *file);
	/* The last reference went. */
	void (*release)(struct file *file);
	/* Directories: emit names from ctx->pos on, until the callback refuses. */
	int (*iterate)(struct file *file, struct dir_context *ctx);
	int (*fsync)(struct file *file);
	/* Reserve or punch: see vfs_fallocate(), which has checked. Default -EOPNOTSUPP. */
	int (*fallocate)(struct file *file, unsigned int mode, loff_t offset, loff_t len);
	/*
	 * Pages [@first, @first + @nr) will be wanted soon (@wanted), or not any more. Those
	 * behind the end count for nothing. Default: nothing.
	 */
	void (*fadvise)(struct file *file, u64 first, u64 nr, bool wanted);
};

enum file_mode {
	FILE_READ = BIT(0),	/* opened for reading */
	FILE_WRITE = BIT(1),	/* opened for writing */
	FILE_SEEKS = BIT(2),	/* has a position; pos_lock serialises its users */
	FILE_PATH = BIT(3),	/* O_PATH: a place, not contents */
	FILE_WRITER = BIT(4),	/* counted among the inode's writers */
	FILE_RUNS = BIT(5),	/* a program: counted among those that run the inode */
};

struct file {
	const struct file_operations *ops;	/* C */
	atomic_t count;			/* A */
	unsigned int mode;		/* C: enum file_mode */
	unsigned int flags;		/* A: O_APPEND, O_NONBLOCK ... (F_SETFL) */
	struct mutex pos_lock;		/* LOCK_FILE_POS: one user of pos at a time */
	loff_t pos;			/* P */
	struct path path;		/* C: where it was found */
	struct inode *inode;		/* C: with a reference */
	void *private;			/* the driver's word */
	struct readahead ra;		/* A: reading, and what POSIX_FADV_ said of it */
};

/* One more reference, which the caller's one makes possible. Context: any. */
void file_get(struct file *file);
/* Drop one; the last one closes the file. Context: may sleep. */
void file_put(struct file *file);

/* ---- descriptor tables: fs/fdtable.c ---- */

#define FILES_MAX 4096			/* descriptors a table can grow to */

/*
 * Descriptors the running task may have: RLIMIT_NOFILE, FILES_MAX at most. Who knows the
 * limit (a layer above) tells by files_set_limit(). Context: any; boot.
 */
unsigned int files_limit(void);
void files_set_limit(u64 (*limit)(void));

struct files {
	atomic_t count;			/* A: tasks that share it */
	struct spinlock lock;		/* LOCK_FILES */
	unsigned int size;		/* T: slots */
	struct file **slots;		/* T: NULL: free, or reserved by fd_alloc() */
	unsigned long *open;		/* T: bit set: taken */
	unsigned long *cloexec;		/* T: bit set: closed by exec */
	struct rcu_head rcu;		/* another process may look: files_lookup() */
};

/* An empty table with one user. May sleep. Return: 0 or -ENOMEM. */
int __must_check files_alloc(struct files **out);
/* fork: a copy with the same open files. May sleep. Return: 0 or -ENOMEM. */
int __must_check files_copy(struct files *old, struct files **out);
/* CLONE_FILES: one more user. Context: any. */
void files_get(struct files *files);
/* One user less; the last one closes everything. NULL allowed. May sleep. */
void files_put(struct files *files);
/* exec: close what is marked FD_CLOEXEC. May sleep. */
void files_close_on_exec(struct files *files);
/* Give the running task a table of its own, if it shares one. May sleep. 0 or -ENOMEM. */
int __must_check files_unshare(void);
/* Close all descriptors of [@first, @last], or mark them FD_CLOEXEC. May sleep. */
void files_close_range(struct files *files, unsigned int first, unsigned int last, bool cloexec);

/*
 * The file of descriptor @fd of the running task. Context: any thread.
 * Return: with a reference for file_put(), or NULL. Files opened with O_PATH are
 * found by fget_path() only.
 */
struct file *fget(unsigned int fd);
struct file *fget_path(unsigned int fd);
/* How @file is called in /proc, in @buf: its path, or what it is. Context: may sleep. */
const char *file_name(struct file *file, char *buf, size_t size);
/* The name that goes with fget(); the same as file_put(). */
void fput(struct file *file);

/*
 * Take the lowest free descriptor at or above @from; nobody can use it before
 * fd_install(). Context: may sleep (the table grows). Return: fd, -EMFILE, -ENOMEM.
 */
int __must_check fd_alloc(struct files *files, unsigned int from, bool cloexec);
/* Give the reserved @fd its file; the caller's reference goes to the table. */
void fd_install(struct files *files, unsigned int fd, struct file *file);
/* Give a reserved descriptor back unused. */
void fd_cancel(struct files *files, unsigned int fd);
/* Context: may sleep. Return: 0 or -EBADF. */
int __must_check fd_close(struct files *files, unsigned int fd);
/* dup2, dup3: @to becomes another name of @from's file. Return: @to or -errno. */
int __must_check fd_dup_to(struct files *files, unsigned int from, unsigned int to, bool cloexec);
/* FD_CLOEXEC of @fd. Return: 0/1, or -EBADF. */
int __must_check fd_get_cloexec(struct files *files, unsigned int fd);
int __must_check fd_set_cloexec(struct files *files, unsigned int fd, bool on);
/*
 * What another task has open, whose table may be on its way out: it is empty then.
 * Context: rcu_read_lock(). The lowest descriptor in use at or above @from, or -1; the
 * file of @fd with a reference, or NULL, and whether exec closes it.
 */
int fd_next(struct files *files, unsigned int from);
struct file *files_lookup(struct files *files, unsigned int fd, bool *cloexec);

/* ---- poll: fs/poll.c ---- */

/* Told by ->poll: @wq is woken when the answer changes. @table may be NULL. */
void poll_wait(struct file *file, struct wait_queue_head *wq, struct poll_table *table);
/* What is possible on @file now. Context: may sleep. */
u32 file_poll(struct file *file, struct poll_table *table);

/* ---- directories ---- */

/*
 * Who reads a directory: @emit takes one name, after which the position is @next;
 * it returns false, and sets full, when it has no room for it.
 */
struct dir_context {
	bool (*emit)(struct dir_context *ctx, const char *name, size_t len, u64 ino, u8 type,
		     loff_t next);
	loff_t pos;
	bool full;
};

void file_init(void);

#endif
