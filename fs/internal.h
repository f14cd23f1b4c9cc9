/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/internal.h - what the files of fs/ know of each other and nobody else does
 */
#ifndef FS_INTERNAL_H
#define FS_INTERNAL_H

#include "include/types.h"
#include "fs/vfs.h"

/* The tree of names. Renames, mounts and unmounts write; whoever links, unlinks
 * or follows ->parent reads. LOCK_NAMESPACE. */
extern struct rw_semaphore namespace_sem;

/* fs/file.c. A file of @inode (gets its own reference), not opened yet. */
int __must_check file_alloc(struct inode *inode, const struct file_operations *ops,
			    unsigned int flags, struct file **out);
/* Free a file that was never opened, or is closed by now. */
void file_free(struct file *file);
u64 file_count(void);

/* fs/inode.c, fs/dcache.c */
void inode_init(void);
u64 inode_count(void);
void dcache_init(void);
u64 dentry_count(void);
/*
 * Give @dentry the place @name in @dir, instead of @victim if that is not NULL,
 * in one step for those who look. Context: namespace_sem for writing. @storage
 * is for a long name, from dentry_name_alloc(); taken over.
 */
void dentry_move(struct dentry *dentry, struct dentry *dir, const char *name, size_t len,
		 char *storage, struct dentry *victim);
/* Memory for a name too long for the dentry itself; *@out NULL if it is short. */
int __must_check dentry_name_alloc(size_t len, char **out);
/* Free a whole tree that nobody uses any more, its root included. May sleep. */
void dcache_destroy(struct dentry *root);
bool dentry_is_empty(struct dentry *dir);
/* Mark an empty directory as gone. Return: false if it is not empty. */
bool dentry_kill_empty(struct dentry *dir);
/* An unlinked dentry, which dies with its last user, as ->lookup makes. Takes @inode over. */
int __must_check dentry_alloc_lookup(struct dentry *dir, const char *name, size_t len,
				     struct inode *inode, struct dentry **out);
/* The same, linked into @dir. Return: 0, or -errno, with @inode given back. */
int __must_check dentry_link_new(struct dentry *dir, const char *name, size_t len,
				 struct inode *inode);

/* fs/mount.c */
extern struct path vfs_root;		/* constant after mount_init() */
void mount_init(void);
/* Boot: make the root of everything. */
int __must_check vfs_mount_root(const char *type);
/* A mount of @sb in no place, for ever: of what no name leads to. Boot; NULL: no memory. */
struct mount *mount_alloc_anon(struct super_block *sb);
void mount_get(struct mount *mount);
void mount_put(struct mount *mount);
/* Replace a place by what is mounted on it, if anything is. */
void mount_cross_down(struct path *path);
/* Replace the root of a mount by the place it is mounted on. False: no such place. */
bool mount_cross_up(struct path *path);

/* fs/fs_context.c: the caller's root and working directory, with references. */
void fs_get_root(struct path *out);
void fs_get_cwd(struct path *out);
u32 fs_umask(void);
/* chdir: @to's references stay the caller's. */
void fs_set_cwd(struct fs_context *fs, const struct path *to);

/* fs/namei.c. -EROFS, or 0. */
int __must_check mount_want_write(const struct mount *mount);
/* path_name() for callers that hold namespace_sem. */
char *path_name_locked(const struct path *path, char *buf, size_t size);

/* fs/open.c: open a place that is found, with which to do @want (enum may) is asked for. */
int __must_check file_open_path(const struct path *path, unsigned int flags, int want,
				struct file **out);

/* fs/sys_io.c: the pieces of user memory that a call names. */
#define PIECES_INLINE 8
struct pieces {
	struct iovec few[PIECES_INLINE], *iov;
};
/* Check @nr of them and let @io have them until pieces_put(). 0, -EINVAL, -EFAULT, -ENOMEM. */
int __must_check pieces_get(struct pieces *p, const struct iovec __user *uiov, unsigned long nr,
			    struct iobuf *io);
void pieces_put(struct pieces *p);

/* fs/tmpfs.c, fs/devtmpfs.c, fs/procfs.c, fs/pipe.c */
void tmpfs_init(void);
int __must_check tmpfs_new_inode(struct super_block *sb, u32 mode, u64 rdev, const char *target,
				 struct inode **out);
/* A super block with an empty root directory that keeps its files in memory. */
int __must_check tmpfs_make_super(const struct file_system_type *type, u64 max_pages,
				  struct super_block **out);
void devtmpfs_init(void);
/* Named pipes. */
extern const struct file_operations fifo_fops;
void fifo_evict(struct inode *inode);
/* ->open of every device node: hands over to the driver. */
extern const struct file_operations device_fops;
void procfs_init(void);
void sysfs_init(void);
void sys_page_idle_init(void);
void proc_system_init(void);
void proc_page_init(void);
void proc_sys_init(void);
void proc_trace_init(void);
void mmap_hooks_init(void);

#endif
