/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/vfs.h - names, inodes, mounts: from a path to an open file
 *
 * Every file system here lives in memory, so the tree of dentries *is* the
 * directory structure: a dentry that is linked in its parent holds a reference
 * of itself, and disappears by unlink only. A file system whose names come and
 * go by themselves (/proc/<pid>) supplies ->lookup, which makes dentries that
 * are not linked and die with their last user.
 *
 * Letters behind the fields: A atomic, C constant, D the d_lock of the dentry
 * (of the parent, for the links to it), N the namespace rwsem (read to look,
 * write to change), I the inode's lock.
 */
#ifndef FS_VFS_H
#define FS_VFS_H

#include "include/types.h"
#include "include/uapi/stat.h"
#include "arch/x86/cpu/atomic.h"
#include "mm/address_space.h"
#include "fs/file.h"
#include "kernel/lib/list.h"
#include "kernel/lib/rbtree.h"
#include "kernel/sync/rwsem.h"
#include "kernel/sync/spinlock.h"

struct super_block;

struct inode_operations {
	/*
	 * Directories whose names are not linked dentries: find @name. Return: 0
	 * with a reference in *@out, or -ENOENT.
	 */
	int (*lookup)(struct dentry *dir, const char *name, size_t len, struct dentry **out);
	/* Symbolic links: write the target, at most @size bytes, no NUL. Return: length. */
	ssize_t (*readlink)(struct inode *inode, char *buf, size_t size);
	/* Symbolic links that lead to an object, not to a name: /proc/<pid>/fd/N. */
	int (*follow)(struct inode *inode, struct path *out);
	/* Set the size of a regular file. Context: the inode's lock for writing. */
	int (*truncate)(struct inode *inode, loff_t size);
	/* The last reference went: free what private points to. */
	void (*evict)(struct inode *inode);
};

struct inode {
	u64 ino;			/* C */
	u32 mode;			/* A: kind and permissions */
	u32 uid, gid;			/* A */
	u64 rdev;			/* C: device nodes */
	atomic_t writers;		/* A: files open for writing; below 0: running */
	atomic_t count;			/* A: dentries, files */
	atomic_t nlink;			/* A */
	struct rw_semaphore lock;	/* LOCK_INODE: contents and size */
	loff_t size;			/* I to write; read with READ_ONCE */
	u64 atime_ns, mtime_ns, ctime_ns;	/* A: since 1970 */
	struct super_block *sb;		/* C */
	const struct inode_operations *ops;	/* C */
	const struct file_operations *fops;	/* C */
	struct address_space mapping;	/* pages of a regular file */
	u32 seals;			/* I to write: F_SEAL_*, see fs/memfd.c */
	void *private;			/* the file system's word */
};

struct dentry {
	atomic_t count;			/* A */
	struct spinlock d_lock;		/* LOCK_DCACHE: its children */
	char *name;			/* N, and D of the parent; short ones in name_inline */
	unsigned int len;		/* as name */
	bool linked;			/* as name: in parent->children */
	bool dead;			/* D: removed directory, takes no names any more */
	atomic_t mounted;		/* A: mounts on it */
	struct dentry *parent;		/* N: with a reference; itself for a root */
	struct inode *inode;		/* C: with a reference */
	struct rb_node node;		/* D of the parent: by name */
	struct list_head sibling;	/* D of the parent: by cookie */
	u64 cookie;			/* D of the parent: position for getdents */
	struct rb_root children;	/* D */
	struct list_head order;		/* D: children by cookie */
	u64 next_cookie;		/* D */
	char name_inline[32];
};

struct super_block {
	const struct file_system_type *type;	/* C */
	u64 dev;			/* C: st_dev */
	u32 magic;			/* C */
	atomic64_t next_ino;		/* A */
	struct dentry *root;		/* C */
	atomic_t count;			/* A: mounts */
	u64 max_pages;			/* C: limit of contents, 0: none */
	atomic64_t nr_pages;		/* A */
	atomic64_t nr_inodes;		/* A */
	void *private;
};

struct file_system_type {
	const char *name;
	bool single;			/* all mounts show the same tree */
	/* Make the super block with its root; may sleep. @data: mount options or NULL. */
	int (*mount)(const struct file_system_type *type, const char *data,
		     struct super_block **out);
	/*
	 * Make an inode for a new name: @mode has the kind; @rdev for device nodes;
	 * @target for symbolic links. NULL: no names can be made (-EPERM).
	 */
	int (*new_inode)(struct super_block *sb, u32 mode, u64 rdev, const char *target,
			 struct inode **out);
	struct file_system_type *next;	/* fs/mount.c's */
};

struct mount {
	struct super_block *sb;		/* C */
	struct mount *parent;		/* C: with a reference; NULL for the root */
	struct dentry *mountpoint;	/* C: with a reference, in parent */
	atomic_t count;			/* A: users of any place in it */
	atomic_t writers;		/* A: files open for writing */
	struct list_head node;		/* LOCK_DCACHE mount_lock: all mounts */
	char device[32];		/* C: first word in /proc/mounts */
	u32 flags;			/* A: MS_* */
	int id;				/* C: for /proc/<pid>/fdinfo */
};

/* What a task's paths start from: task->fs. Shared by CLONE_FS. */
struct fs_context {
	atomic_t count;			/* A */
	struct spinlock lock;		/* LOCK_FILES: root and cwd */
	struct path root, cwd;		/* no mount: on its way out */
	u32 umask;			/* A */
	struct rcu_head rcu;		/* another process may look: fs_context_path() */
};

/* A context at the root of the file system. May sleep. 0 or -ENOMEM. */
int __must_check fs_context_alloc(struct fs_context **out);
int __must_check fs_context_copy(struct fs_context *old, struct fs_context **out);
void fs_context_get(struct fs_context *fs);
/* NULL allowed. May sleep. */
void fs_context_put(struct fs_context *fs);
/*
 * The root or working directory of another task, with references. Context:
 * rcu_read_lock(). Return: 0, or -ENOENT if the context is on its way out.
 */
int __must_check fs_context_path(struct fs_context *fs, bool root, struct path *out);

/* ---- for the rest of the kernel: paths in kernel memory. All may sleep. ---- */

/* Relative paths start at the caller's working directory, in a kernel thread at /. */
int __must_check vfs_open(const char *path, unsigned int flags, u32 mode, struct file **out);
/* At the file's own position. Return: bytes or -errno. */
ssize_t vfs_read(struct file *file, struct iobuf *io);
ssize_t vfs_write(struct file *file, struct iobuf *io);
/* At @pos, for files with a position. */
ssize_t vfs_pread(struct file *file, struct iobuf *io, loff_t pos);
ssize_t vfs_pwrite(struct file *file, struct iobuf *io, loff_t pos);
/* Into or from kernel memory at @pos, up to the end or an error. */
ssize_t kernel_read(struct file *file, void *buf, size_t len, loff_t pos);
ssize_t kernel_write(struct file *file, const void *buf, size_t len, loff_t pos);
loff_t vfs_llseek(struct file *file, loff_t offset, int whence);

int __must_check vfs_mkdir(const char *path, u32 mode);
int __must_check vfs_mknod(const char *path, u32 mode, u64 rdev);
int __must_check vfs_symlink(const char *target, const char *path);
int __must_check vfs_link(const char *from, const char *to);
int __must_check vfs_unlink(const char *path);
int __must_check vfs_rmdir(const char *path);
int __must_check vfs_rename(const char *from, const char *to);
int __must_check vfs_truncate(struct inode *inode, loff_t size);
/*
 * Give bytes [@offset, @offset + @len) space, or make them a hole; @mode: FALLOC_FL_*.
 * Return: 0 or what fallocate(2) answers: -EBADF, -ENOSPC, -EOPNOTSUPP ...
 */
int __must_check vfs_fallocate(struct file *file, unsigned int mode, loff_t offset, loff_t len);
/* @follow: a symbolic link at the end leads on. */
int __must_check vfs_stat(const char *path, bool follow, struct stat *out);
void inode_stat(struct inode *inode, struct stat *out);
int __must_check vfs_mount(const char *device, const char *dir, const char *type, u32 flags,
			   const char *data);
int __must_check vfs_umount(const char *dir);

/* ---- paths: fs/namei.c ---- */

enum lookup_flag {
	LOOKUP_FOLLOW = BIT(0),		/* follow a symbolic link at the end */
	LOOKUP_DIRECTORY = BIT(1),	/* -ENOTDIR if it is none */
	LOOKUP_EMPTY = BIT(2),		/* "" is the starting place itself */
};

/* @base: where relative paths start; NULL: the caller's cwd. *@out has references. */
int __must_check path_lookup(const struct path *base, const char *name, unsigned int flags,
			     struct path *out);
int __must_check path_open(const struct path *base, const char *name, unsigned int flags,
			   u32 mode, struct file **out);
/*
 * A program to be executed, which nobody may write to while @out is in use. Return: 0;
 * -EACCES if it may not be, or is no file; -ETXTBSY.
 */
int __must_check path_open_exec(const char *name, struct file **out);
int __must_check path_mknod(const struct path *base, const char *name, u32 mode, u64 rdev,
			    const char *target);
int __must_check path_unlink(const struct path *base, const char *name, bool directory);
int __must_check path_rename(const struct path *from_base, const char *from,
			     const struct path *to_base, const char *to);
int __must_check path_link(const struct path *place, const struct path *base, const char *name);
void path_get(const struct path *path);
void path_put(const struct path *path);
/*
 * Write the absolute path of @path as seen from the caller's root into @buf.
 * Return: its start within @buf, or NULL if @size is too small.
 */
char *path_name(const struct path *path, char *buf, size_t size);

/* ---- dentries and inodes, for file systems: fs/dcache.c, fs/inode.c ---- */

/* A dentry that is not linked yet; takes over the reference of @inode. */
int __must_check dentry_alloc(struct dentry *parent, const char *name, size_t len,
			      struct inode *inode, struct dentry **out);
/* A dentry without parent: the root of a file system. */
int __must_check dentry_alloc_root(struct inode *inode, struct dentry **out);
/* Link @dentry in its parent. Return: 0, -EEXIST, -ENOENT (the parent is gone). */
int __must_check dentry_link(struct dentry *dentry);
/* Take it out; the tree's reference goes. Return: false if it was out already. */
bool dentry_unlink(struct dentry *dentry);
/* A linked child, with a reference, or NULL. Context: any. */
struct dentry *dentry_find(struct dentry *dir, const char *name, size_t len);
void dget(struct dentry *dentry);
void dput(struct dentry *dentry);
/* ->iterate of directories whose names are linked dentries. */
int dcache_iterate(struct file *file, struct dir_context *ctx);
/* Emit "." and ".." for positions 0 and 1. False: no room. */
bool dir_emit_dots(struct file *file, struct dir_context *ctx);
extern const struct file_operations dcache_dir_fops;

int __must_check inode_alloc(struct super_block *sb, u32 mode, struct inode **out);
void iget(struct inode *inode);
/* Its contents have changed just now. */
void inode_modified(struct inode *inode);
/*
 * A file is written to or executed, not both: count one who does, until the put. Context:
 * any. Return: 0, or -ETXTBSY.
 */
int __must_check inode_get_write(struct inode *inode);
void inode_put_write(struct inode *inode);
int __must_check inode_get_exec(struct inode *inode);
void inode_put_exec(struct inode *inode);
void iput(struct inode *inode);
u8 inode_dtype(const struct inode *inode);

int __must_check super_alloc(const struct file_system_type *type, u32 magic,
			     struct super_block **out);
/* Free a super block whose dentries are only linked ones. */
void super_free(struct super_block *sb);
void file_system_register(struct file_system_type *type);
/* Each mount in turn: @fn's nonzero answer ends it. For /proc/mounts. */
int mount_for_each(int (*fn)(struct mount *mount, void *arg), void *arg);

/* A file that no name leads to (pipes, anonymous memory). */
int __must_check file_open_anon(struct inode *inode, const struct file_operations *ops,
				unsigned int flags, void *private, struct file **out);
/* The super block of such inodes, and where they are when they need a place. */
extern struct super_block *anon_sb;
extern struct mount *anon_mount;
int __must_check file_place(struct file *file, struct path *out);
bool file_is_named(const struct file *file);

/* An unlinked file of zeros of @size bytes, for shared anonymous memory. */
int __must_check tmpfs_file_anon(u64 size, struct file **out);
/* The same; @promise: each of its pages now, for whoever asks for memory. -ENOMEM. */
int __must_check tmpfs_file_shared(u64 size, bool promise, struct file **out);
/* The same with a name for /proc, kept as a copy; @out's inode belongs to the caller alone. */
int __must_check tmpfs_file_named(const char *name, struct file **out);
/* What such a file is called in /proc (no path leads to it). */
const char *tmpfs_anon_name(const struct inode *inode);
/* Is this a file that can have seals? */
bool tmpfs_is_file(const struct inode *inode);
/* fs/memfd.c: seals of a file. Return: 0 or the seals, -EINVAL: it can have none, ... */
int __must_check memfd_add_seals(struct file *file, u32 seals);
int __must_check memfd_get_seals(struct file *file);
/* Change the mode's permission bits. Return: 0, or -EPERM: sealed. May sleep. */
int __must_check inode_chmod(struct inode *inode, u32 mode);

/*
 * Unpack a newc cpio archive (several, one behind the other) into the root file
 * system. Damage ends the unpacking, what was good before it stays.
 * Return: 0 or -EINVAL, -ENOMEM.
 */
int __must_check initramfs_unpack(const void *archive, size_t len);

/* Boot: mounts the root tmpfs, /dev, /proc, makes /tmp. Needs slab; may sleep. */
void vfs_init(void);
/* Boot: unpack the archives that the boot loader brought, free their memory. */
void initramfs_init(void);
/* Inodes and dentries in existence, for leak checks. */
void vfs_counts(u64 *inodes, u64 *dentries, u64 *files);

#endif
