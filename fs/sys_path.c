/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/sys_path.c - system calls that take paths
 *
 * Concept    Every call comes in an old form and an *at form; the old one is the
 *            new one with AT_FDCWD. A path is copied into kernel memory once and
 *            then believed; a directory descriptor becomes a place.
 * Owns       Nothing.
 * Locks      None of its own.
 * Invariants Each user_path_get() is followed by user_path_put() on every way out.
 * Callers    kernel/syscall/table.c
 * Next       drivers/char/mem.c
 */
#include "fs/syscalls.h"
#include "fs/block_dev.h"
#include "fs/cred.h"
#include "fs/internal.h"
#include "fs/vfs.h"
#include "include/uapi/mount.h"
#include "include/uapi/sched.h"
#include "include/uapi/swap.h"
#include "kernel/block/block.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"
#include "kernel/sched/task.h"
#include "kernel/time/tick.h"
#include "mm/buddy.h"
#include "mm/slab.h"
#include "mm/swap.h"
#include "mm/uaccess.h"
#include "mm/writeback.h"

/* A path that a program gave, and where it starts. */
struct user_path {
	char *name;
	struct file *dir;		/* the descriptor's file, or NULL */
	const struct path *base;	/* dir's place, or NULL: working directory */
};

static int user_string(const char __user *s, size_t max, char **out)
{
	char *copy = kmalloc(max, GFP_KERNEL);
	ssize_t len;

	if (!copy)
		return -ENOMEM;
	len = strncpy_from_user(copy, s, max);
	if (len < 0 || (size_t)len >= max) {
		kfree(copy);
		return len < 0 ? (int)len : -ENAMETOOLONG;
	}
	*out = copy;
	return 0;
}

static void user_path_put(struct user_path *p)
{
	if (p->dir)
		file_put(p->dir);
	kfree(p->name);
}

static int user_path_get(struct user_path *p, int dir, const char __user *name)
{
	int error;

	memset(p, 0, sizeof(*p));
	error = user_string(name, PATH_MAX, &p->name);
	if (error || *p->name == '/' || dir == AT_FDCWD)
		return error;
	p->dir = fget_path((unsigned int)dir);
	if (!p->dir || !p->dir->path.dentry) {
		error = p->dir ? -ENOTDIR : -EBADF;
		user_path_put(p);
		return error;
	}
	p->base = &p->dir->path;
	return 0;
}

/* The place of a path. */
static int user_lookup(int dir, const char __user *name, unsigned int flags, struct path *out)
{
	struct user_path p;
	int error = user_path_get(&p, dir, name);

	if (error)
		return error;
	error = path_lookup(p.base, p.name, flags, out);
	user_path_put(&p);
	return error;
}

/* ---- open ---- */

long sys_openat(int dir, const char __user *name, int flags, u32 mode)
{
	struct user_path p;
	struct file *file;
	int fd, error;

	error = user_path_get(&p, dir, name);
	if (error)
		return error;
	fd = fd_alloc(current->files, 0, flags & O_CLOEXEC);
	if (fd >= 0) {
		error = path_open(p.base, p.name, (unsigned int)flags, mode, &file);
		if (error)
			fd_cancel(current->files, (unsigned int)fd);
		else
			fd_install(current->files, (unsigned int)fd, file);
	}
	user_path_put(&p);
	return error ? error : fd;
}

long sys_open(const char __user *path, int flags, u32 mode)
{
	return sys_openat(AT_FDCWD, path, flags, mode);
}

long sys_creat(const char __user *path, u32 mode)
{
	return sys_openat(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

/* ---- stat ---- */

static long stat_to_user(struct inode *inode, struct stat __user *out)
{
	struct stat st;

	inode_stat(inode, &st);
	return copy_to_user(out, &st, sizeof(st));
}

long sys_fstat(unsigned int fd, struct stat __user *out)
{
	struct file *file = fget_path(fd);
	long error;

	if (!file)
		return -EBADF;
	error = stat_to_user(file->inode, out);
	file_put(file);
	return error;
}

/* With AT_EMPTY_PATH and "" the descriptor itself is meant, named or not. */
static bool user_path_is_empty(const char __user *path)
{
	char c;

	return !copy_from_user(&c, path, 1) && !c;
}

long sys_newfstatat(int dir, const char __user *path, struct stat __user *out, int flags)
{
	struct path place;
	long error;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | 0x800 /* AT_NO_AUTOMOUNT */))
		return -EINVAL;
	if ((flags & AT_EMPTY_PATH) && dir != AT_FDCWD && user_path_is_empty(path))
		return sys_fstat((unsigned int)dir, out);
	error = user_lookup(dir, path,
			    (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) |
			    (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0), &place);
	if (error)
		return error;
	error = stat_to_user(place.dentry->inode, out);
	path_put(&place);
	return error;
}

long sys_stat(const char __user *path, struct stat __user *out)
{
	return sys_newfstatat(AT_FDCWD, path, out, 0);
}

long sys_lstat(const char __user *path, struct stat __user *out)
{
	return sys_newfstatat(AT_FDCWD, path, out, AT_SYMLINK_NOFOLLOW);
}

/* As whom access(2) asks: the real ids, which for others than root have no power. */
static void access_cred(struct cred *cred)
{
	*cred = *current_cred();
	cred->uid.fs = cred->uid.real;
	cred->gid.fs = cred->gid.real;
	cred->cap_effective = cred->uid.real ? 0 : cred->cap_permitted;
}

long sys_faccessat2(int dir, const char __user *path, int mode, int flags)
{
	struct cred cred = *current_cred();
	struct path place;
	long error;

	if ((mode & ~(R_OK | W_OK | X_OK)) ||
	    (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)))
		return -EINVAL;
	error = user_lookup(dir, path, flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW, &place);
	if (error)
		return error;
	if (!(flags & AT_EACCESS))
		access_cred(&cred);
	error = cred_permission(&cred, place.dentry->inode, mode);
	if (!error && mode & W_OK && !S_ISCHR(place.dentry->inode->mode) &&
	    !S_ISBLK(place.dentry->inode->mode) && !S_ISFIFO(place.dentry->inode->mode))
		error = mount_want_write(place.mount);
	path_put(&place);
	return error;
}

long sys_faccessat(int dir, const char __user *path, int mode)
{
	return sys_faccessat2(dir, path, mode, 0);
}

long sys_access(const char __user *path, int mode)
{
	return sys_faccessat2(AT_FDCWD, path, mode, 0);
}

static void statfs_fill(const struct super_block *sb, struct statfs *out)
{
	u64 used = (u64)atomic64_read(&sb->nr_pages);

	memset(out, 0, sizeof(*out));
	out->f_type = sb->magic;
	out->f_bsize = out->f_frsize = (s64)PAGE_SIZE;
	out->f_blocks = sb->max_pages;
	out->f_bfree = out->f_bavail = sb->max_pages > used ? sb->max_pages - used : 0;
	out->f_namelen = NAME_MAX;
	out->f_fsid[0] = (s32)sb->dev;
}

static long statfs_to_user(const struct super_block *sb, struct statfs __user *out)
{
	struct statfs st;

	statfs_fill(sb, &st);
	return copy_to_user(out, &st, sizeof(st));
}

long sys_statfs(const char __user *path, struct statfs __user *out)
{
	struct path place;
	long error = user_lookup(AT_FDCWD, path, LOOKUP_FOLLOW, &place);

	if (error)
		return error;
	error = statfs_to_user(place.dentry->inode->sb, out);
	path_put(&place);
	return error;
}

long sys_fstatfs(unsigned int fd, struct statfs __user *out)
{
	struct file *file = fget_path(fd);
	long error;

	if (!file)
		return -EBADF;
	error = statfs_to_user(file->inode->sb, out);
	file_put(file);
	return error;
}

/* ---- making and removing names ---- */

static long user_mknod(int dir, const char __user *path, u32 mode, u64 dev, const char *target)
{
	struct user_path p;
	int error = user_path_get(&p, dir, path);

	if (error)
		return error;
	error = path_mknod(p.base, p.name, mode, dev, target);
	user_path_put(&p);
	return error;
}

long sys_mkdirat(int dir, const char __user *path, u32 mode)
{
	return user_mknod(dir, path, S_IFDIR | (mode & S_IALLUGO & ~fs_umask()), 0, NULL);
}

long sys_mkdir(const char __user *path, u32 mode)
{
	return sys_mkdirat(AT_FDCWD, path, mode);
}

long sys_mknodat(int dir, const char __user *path, u32 mode, u64 dev)
{
	u32 kind = mode & S_IFMT ? mode & S_IFMT : S_IFREG;

	if (kind == S_IFDIR || kind == S_IFLNK)
		return -EPERM;
	if ((kind == S_IFCHR || kind == S_IFBLK) && !capable(CAP_MKNOD))
		return -EPERM;
	return user_mknod(dir, path, kind | (mode & S_IALLUGO & ~fs_umask()), dev, NULL);
}

long sys_mknod(const char __user *path, u32 mode, u64 dev)
{
	return sys_mknodat(AT_FDCWD, path, mode, dev);
}

long sys_symlinkat(const char __user *utarget, int dir, const char __user *path)
{
	char *target;
	long error = user_string(utarget, PATH_MAX, &target);

	if (error)
		return error;
	error = user_mknod(dir, path, S_IFLNK | 0777, 0, target);
	kfree(target);
	return error;
}

long sys_symlink(const char __user *target, const char __user *path)
{
	return sys_symlinkat(target, AT_FDCWD, path);
}

static long user_unlink(int dir, const char __user *path, bool directory)
{
	struct user_path p;
	int error = user_path_get(&p, dir, path);

	if (error)
		return error;
	error = path_unlink(p.base, p.name, directory);
	user_path_put(&p);
	return error;
}

long sys_unlinkat(int dir, const char __user *path, int flags)
{
	if (flags & ~AT_REMOVEDIR)
		return -EINVAL;
	return user_unlink(dir, path, flags & AT_REMOVEDIR);
}

long sys_unlink(const char __user *path)
{
	return user_unlink(AT_FDCWD, path, false);
}

long sys_rmdir(const char __user *path)
{
	return user_unlink(AT_FDCWD, path, true);
}

long sys_renameat2(int from_dir, const char __user *from, int to_dir, const char __user *to,
		   unsigned int flags)
{
	struct user_path a, b;
	int error;

	if (flags)
		return -EINVAL;
	error = user_path_get(&a, from_dir, from);
	if (error)
		return error;
	error = user_path_get(&b, to_dir, to);
	if (!error) {
		error = path_rename(a.base, a.name, b.base, b.name);
		user_path_put(&b);
	}
	user_path_put(&a);
	return error;
}

long sys_renameat(int from_dir, const char __user *from, int to_dir, const char __user *to)
{
	return sys_renameat2(from_dir, from, to_dir, to, 0);
}

long sys_rename(const char __user *from, const char __user *to)
{
	return sys_renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

long sys_linkat(int from_dir, const char __user *from, int to_dir, const char __user *to,
		int flags)
{
	struct user_path p;
	struct path place;
	int error;

	if (flags & ~AT_SYMLINK_FOLLOW)
		return -EINVAL;
	error = user_lookup(from_dir, from, flags & AT_SYMLINK_FOLLOW ? LOOKUP_FOLLOW : 0,
			    &place);
	if (error)
		return error;
	error = user_path_get(&p, to_dir, to);
	if (!error) {
		error = path_link(&place, p.base, p.name);
		user_path_put(&p);
	}
	path_put(&place);
	return error;
}

long sys_link(const char __user *from, const char __user *to)
{
	return sys_linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

static long link_to_user(struct inode *inode, char __user *buf, size_t size)
{
	char *target;
	ssize_t n;

	if (!S_ISLNK(READ_ONCE(inode->mode)) || !inode->ops || !inode->ops->readlink)
		return -EINVAL;
	target = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!target)
		return -ENOMEM;
	n = inode->ops->readlink(inode, target, PATH_MAX);
	if (n > 0) {
		n = min(n, (ssize_t)size);
		if (copy_to_user(buf, target, (size_t)n))
			n = -EFAULT;
	}
	kfree(target);
	return n;
}

long sys_readlinkat(int dir, const char __user *path, char __user *buf, int size)
{
	struct path place;
	long n;

	if (size <= 0)
		return -EINVAL;
	n = user_lookup(dir, path, LOOKUP_EMPTY, &place);
	if (n)
		return n;
	n = link_to_user(place.dentry->inode, buf, (size_t)size);
	path_put(&place);
	return n;
}

long sys_readlink(const char __user *path, char __user *buf, int size)
{
	return sys_readlinkat(AT_FDCWD, path, buf, size);
}

/* ---- where we are ---- */

long sys_chdir(const char __user *path)
{
	struct path place;
	long error = user_lookup(AT_FDCWD, path, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &place);

	if (error)
		return error;
	error = inode_permission(place.dentry->inode, MAY_EXEC);
	if (!error)
		fs_set_cwd(current->fs, &place);
	path_put(&place);
	return error;
}

long sys_fchdir(unsigned int fd)
{
	struct file *file = fget_path(fd);
	long error = 0;

	if (!file)
		return -EBADF;
	if (!file->path.dentry || !S_ISDIR(READ_ONCE(file->inode->mode)))
		error = -ENOTDIR;
	else
		error = inode_permission(file->inode, MAY_EXEC);
	if (!error)
		fs_set_cwd(current->fs, &file->path);
	file_put(file);
	return error;
}

long sys_getcwd(char __user *buf, size_t size)
{
	char *page = kmalloc(PATH_MAX, GFP_KERNEL), *name;
	struct path cwd;
	long len;

	if (!page)
		return -ENOMEM;
	fs_get_cwd(&cwd);
	name = path_name(&cwd, page, PATH_MAX);
	len = name ? (long)strlen(name) + 1 : -ENAMETOOLONG;
	if (cwd.dentry->dead)
		len = -ENOENT;
	if (len > 0 && (size_t)len > size)
		len = -ERANGE;
	if (len > 0 && copy_to_user(buf, name, (size_t)len))
		len = -EFAULT;
	path_put(&cwd);
	kfree(page);
	return len;
}

long sys_umask(u32 mask)
{
	return (long)__atomic_exchange_n(&current->fs->umask, mask & 0777, __ATOMIC_SEQ_CST);
}

/* ---- changing inodes ---- */

/* Why the file at @place can not be cut; 0: it can, and has one more writer. */
static long truncate_may(const struct path *place)
{
	struct inode *inode = place->dentry->inode;
	long error = inode_permission(inode, MAY_WRITE);

	if (!error && S_ISREG(inode->mode))
		error = mount_want_write(place->mount);
	return error ? error : inode_get_write(inode);
}

long sys_truncate(const char __user *path, loff_t size)
{
	struct path place;
	long error = user_lookup(AT_FDCWD, path, LOOKUP_FOLLOW, &place);

	if (error)
		return error;
	error = truncate_may(&place);
	if (!error) {
		error = vfs_truncate(place.dentry->inode, size);
		inode_put_write(place.dentry->inode);
	}
	path_put(&place);
	return error;
}

long sys_ftruncate(unsigned int fd, loff_t size)
{
	struct file *file = fget(fd);
	long error = -EINVAL;

	if (!file)
		return -EBADF;
	if (file->mode & FILE_WRITE)
		error = vfs_truncate(file->inode, size);
	file_put(file);
	return error;
}

long sys_fallocate(unsigned int fd, unsigned int mode, loff_t offset, loff_t len)
{
	struct file *file = fget(fd);
	long error;

	if (!file)
		return -EBADF;
	error = vfs_fallocate(file, mode, offset, len);
	file_put(file);
	return error;
}

/* The mount is that of the name through which it is asked; none: there is no name. */
static long inode_set_mode(struct inode *inode, const struct mount *mount, u32 mode)
{
	long error = mount ? mount_want_write(mount) : 0;

	if (!error && !inode_owner_or_capable(inode))
		error = -EPERM;
	if (error)
		return error;
	if (!cred_in_group(current_cred(), READ_ONCE(inode->gid)) && !capable(CAP_FSETID))
		mode &= ~(u32)S_ISGID;
	return inode_chmod(inode, mode);
}

long sys_fchmodat(int dir, const char __user *path, u32 mode)
{
	struct path place;
	long error = user_lookup(dir, path, LOOKUP_FOLLOW, &place);

	if (error)
		return error;
	error = inode_set_mode(place.dentry->inode, place.mount, mode);
	path_put(&place);
	return error;
}

long sys_chmod(const char __user *path, u32 mode)
{
	return sys_fchmodat(AT_FDCWD, path, mode);
}

long sys_fchmod(unsigned int fd, u32 mode)
{
	struct file *file = fget(fd);
	long error;

	if (!file)
		return -EBADF;
	error = inode_set_mode(file->inode, file->path.mount, mode);
	file_put(file);
	return error;
}

/* May the running task give @inode to user @uid and group @gid (-1: as it is)? */
static bool inode_may_chown(const struct inode *inode, u32 uid, u32 gid)
{
	const struct cred *cred = current_cred();
	bool owner = cred->uid.fs == READ_ONCE(inode->uid);

	if (cred_capable(cred, CAP_CHOWN))
		return true;
	if (uid != ~0U && !(owner && uid == inode->uid))
		return false;
	return gid == ~0U || (owner && (gid == inode->gid || cred_in_group(cred, gid)));
}

static long inode_set_owner(struct inode *inode, const struct mount *mount, u32 uid, u32 gid)
{
	long error = mount ? mount_want_write(mount) : 0;

	if (!error && !inode_may_chown(inode, uid, gid))
		error = -EPERM;
	if (error)
		return error;
	WRITE_ONCE(inode->mode, mode_without_owner(READ_ONCE(inode->mode)));
	if (uid != ~0U)
		WRITE_ONCE(inode->uid, uid);
	if (gid != ~0U)
		WRITE_ONCE(inode->gid, gid);
	WRITE_ONCE(inode->ctime_ns, ktime_get_real_ns());
	return 0;
}

long sys_fchownat(int dir, const char __user *path, u32 uid, u32 gid, int flags)
{
	struct path place;
	long error;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	error = user_lookup(dir, path,
			    (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) |
			    (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0), &place);
	if (error)
		return error;
	error = inode_set_owner(place.dentry->inode, place.mount, uid, gid);
	path_put(&place);
	return error;
}

long sys_chown(const char __user *path, u32 uid, u32 gid)
{
	return sys_fchownat(AT_FDCWD, path, uid, gid, 0);
}

long sys_lchown(const char __user *path, u32 uid, u32 gid)
{
	return sys_fchownat(AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW);
}

long sys_fchown(unsigned int fd, u32 uid, u32 gid)
{
	struct file *file = fget(fd);
	long error;

	if (!file)
		return -EBADF;
	error = inode_set_owner(file->inode, file->path.mount, uid, gid);
	file_put(file);
	return error;
}

#define UTIME_NOW 0x3fffffff
#define UTIME_OMIT 0x3ffffffe

static bool utime_is_valid(const struct timespec *ts)
{
	return ts->tv_nsec == UTIME_OMIT || ts->tv_nsec == UTIME_NOW ||
	       (ts->tv_nsec >= 0 && ts->tv_nsec < (s64)NSEC_PER_SEC);
}

static void utime_one(const struct timespec *ts, u64 now, u64 *field)
{
	if (ts->tv_nsec == UTIME_OMIT)
		return;
	if (ts->tv_nsec != UTIME_NOW)
		now = (u64)clamp(ts->tv_sec, (s64)0, (s64)1 << 33) * NSEC_PER_SEC +
		      (u64)ts->tv_nsec;
	WRITE_ONCE(*field, now);
}

static long inode_set_times(struct inode *inode, const struct mount *mount,
			    const struct timespec __user *utimes)
{
	struct timespec ts[2] = { { .tv_nsec = UTIME_NOW }, { .tv_nsec = UTIME_NOW } };
	u64 now = ktime_get_real_ns();

	if (utimes && copy_from_user(ts, utimes, sizeof(ts)))
		return -EFAULT;
	if (!utime_is_valid(&ts[0]) || !utime_is_valid(&ts[1]))
		return -EINVAL;
	if (ts[0].tv_nsec == UTIME_OMIT && ts[1].tv_nsec == UTIME_OMIT)
		return 0;
	if (mount && mount_want_write(mount))
		return -EROFS;
	if (!inode_owner_or_capable(inode)) {	/* who may write may say that he did just now */
		bool now_only = ts[0].tv_nsec == UTIME_NOW && ts[1].tv_nsec == UTIME_NOW;

		if (!now_only)
			return -EPERM;
		if (inode_permission(inode, MAY_WRITE))
			return -EACCES;
	}
	utime_one(&ts[0], now, &inode->atime_ns);
	utime_one(&ts[1], now, &inode->mtime_ns);
	WRITE_ONCE(inode->ctime_ns, now);
	return 0;
}

long sys_utimensat(int dir, const char __user *path, const struct timespec __user *times,
		   int flags)
{
	struct path place;
	struct file *file;
	long error;

	if (!path) {	/* futimens(): the descriptor itself */
		file = fget((unsigned int)dir);
		if (!file)
			return -EBADF;
		error = inode_set_times(file->inode, file->path.mount, times);
		file_put(file);
		return error;
	}
	error = user_lookup(dir, path, flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW, &place);
	if (error)
		return error;
	error = inode_set_times(place.dentry->inode, place.mount, times);
	path_put(&place);
	return error;
}

/* ---- mounts ---- */

/* An optional string: NULL stays NULL. */
static int user_option(const char __user *s, char **out)
{
	*out = NULL;
	return s ? user_string(s, PATH_MAX, out) : 0;
}

long sys_mount(const char __user *udevice, const char __user *udir, const char __user *utype,
	       unsigned long flags, const void __user *udata)
{
	char *device = NULL, *dir = NULL, *type = NULL, *data = NULL;
	long error;

	error = capable(CAP_SYS_ADMIN) ? user_option(udevice, &device) : -EPERM;
	if (!error)
		error = user_string(udir, PATH_MAX, &dir);
	if (!error)
		error = user_option(utype, &type);
	if (!error)
		error = user_option(udata, &data);
	if (!error)
		error = vfs_mount(device, dir, type, (u32)flags, data);
	kfree(device);
	kfree(dir);
	kfree(type);
	kfree(data);
	return error;
}

long sys_umount2(const char __user *udir, int flags)
{
	char *dir;
	long error;

	if (flags & ~(MNT_FORCE | MNT_DETACH))
		return -EINVAL;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	error = user_string(udir, PATH_MAX, &dir);
	if (error)
		return error;
	error = vfs_umount(dir);
	kfree(dir);
	return error;
}

/* ---- swap areas ---- */

/* Only block devices can be swap areas: files here have no place on a disk. */
static int user_block_device(const char __user *name, struct block_device **out)
{
	const struct inode *inode;
	struct path place;
	int error = user_lookup(AT_FDCWD, name, LOOKUP_FOLLOW, &place);

	if (error)
		return error;
	inode = place.dentry->inode;
	*out = S_ISBLK(inode->mode) ? block_find_dev(inode->rdev) : NULL;
	if (S_ISDIR(inode->mode))
		error = -EISDIR;
	else if (!*out)
		error = S_ISBLK(inode->mode) ? -ENXIO : -EINVAL;
	path_put(&place);
	return error;
}

/* Discarding is a hint that no device here can take. */
long sys_swapon(const char __user *path, int flags)
{
	struct address_space *mapping;
	struct block_device *bdev;
	int error;

	if (flags & ~SWAP_FLAGS_VALID)
		return -EINVAL;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	error = user_block_device(path, &bdev);
	if (error)
		return error;
	/* A header that was just written through the node is on the disk then. */
	mapping = block_dev_mapping(bdev);
	if (mapping)
		writeback_file(mapping);
	return swapon(bdev, flags & SWAP_FLAG_PREFER ? flags & SWAP_FLAG_PRIO_MASK :
						       SWAP_PRIORITY_AUTO);
}

long sys_swapoff(const char __user *path)
{
	struct block_device *bdev;
	int error = capable(CAP_SYS_ADMIN) ? user_block_device(path, &bdev) : -EPERM;

	return error ? error : swapoff(bdev);
}
