/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/syscalls.h - system calls on files: what the program gave, unchecked
 *
 * Every pointer is hostile and every number too: each function checks all that
 * it uses. Context of all: a user thread, nothing held; may sleep.
 * Return: a result or -errno.
 */
#ifndef FS_SYSCALLS_H
#define FS_SYSCALLS_H

#include "include/types.h"
#include "include/uapi/stat.h"
#include "include/uapi/time.h"
#include "include/uapi/uio.h"

struct linux_dirent64;

/* fs/sys_io.c */
long sys_read(unsigned int fd, void __user *buf, size_t len);
long sys_write(unsigned int fd, const void __user *buf, size_t len);
long sys_readv(unsigned int fd, const struct iovec __user *iov, unsigned long nr);
long sys_writev(unsigned int fd, const struct iovec __user *iov, unsigned long nr);
long sys_pread64(unsigned int fd, void __user *buf, size_t len, loff_t pos);
long sys_pwrite64(unsigned int fd, const void __user *buf, size_t len, loff_t pos);
long sys_lseek(unsigned int fd, loff_t offset, int whence);
long sys_ioctl(unsigned int fd, unsigned int cmd, unsigned long arg);
long sys_sendfile(int out, int in, loff_t __user *pos, size_t count);
/* fs/splice.c */
long sys_splice(int fd_in, loff_t __user *pos_in, int fd_out, loff_t __user *pos_out, size_t len,
		unsigned int flags);
long sys_tee(int fd_in, int fd_out, size_t len, unsigned int flags);
long sys_vmsplice(int fd, const struct iovec __user *iov, unsigned long nr, unsigned int flags);
long sys_fsync(unsigned int fd);
long sys_fdatasync(unsigned int fd);
long sys_sync(void);
long sys_fadvise64(unsigned int fd, loff_t offset, loff_t len, int advice);
long sys_readahead(unsigned int fd, loff_t offset, size_t count);
long sys_getdents64(unsigned int fd, struct linux_dirent64 __user *buf, unsigned int size);

/* fs/sys_fd.c */
long sys_close(unsigned int fd);
long sys_close_range(unsigned int first, unsigned int last, unsigned int flags);
long sys_dup(unsigned int fd);
long sys_dup2(unsigned int from, unsigned int to);
long sys_dup3(unsigned int from, unsigned int to, int flags);
long sys_flock(unsigned int fd, unsigned int how);
long sys_fcntl(unsigned int fd, unsigned int cmd, unsigned long arg);
long sys_pipe(int __user *fds);
long sys_pipe2(int __user *fds, int flags);

/* fs/memfd.c */
long sys_memfd_create(const char __user *name, unsigned int flags);

/* fs/sys_path.c */
long sys_open(const char __user *path, int flags, u32 mode);
long sys_openat(int dir, const char __user *path, int flags, u32 mode);
long sys_creat(const char __user *path, u32 mode);
long sys_stat(const char __user *path, struct stat __user *out);
long sys_lstat(const char __user *path, struct stat __user *out);
long sys_fstat(unsigned int fd, struct stat __user *out);
long sys_newfstatat(int dir, const char __user *path, struct stat __user *out, int flags);
long sys_access(const char __user *path, int mode);
long sys_faccessat(int dir, const char __user *path, int mode);
long sys_faccessat2(int dir, const char __user *path, int mode, int flags);
long sys_mkdir(const char __user *path, u32 mode);
long sys_mkdirat(int dir, const char __user *path, u32 mode);
long sys_mknod(const char __user *path, u32 mode, u64 dev);
long sys_mknodat(int dir, const char __user *path, u32 mode, u64 dev);
long sys_rmdir(const char __user *path);
long sys_unlink(const char __user *path);
long sys_unlinkat(int dir, const char __user *path, int flags);
long sys_rename(const char __user *from, const char __user *to);
long sys_renameat(int from_dir, const char __user *from, int to_dir, const char __user *to);
long sys_renameat2(int from_dir, const char __user *from, int to_dir, const char __user *to,
		   unsigned int flags);
long sys_link(const char __user *from, const char __user *to);
long sys_linkat(int from_dir, const char __user *from, int to_dir, const char __user *to,
		int flags);
long sys_symlink(const char __user *target, const char __user *path);
long sys_symlinkat(const char __user *target, int dir, const char __user *path);
long sys_readlink(const char __user *path, char __user *buf, int size);
long sys_readlinkat(int dir, const char __user *path, char __user *buf, int size);
long sys_chdir(const char __user *path);
long sys_fchdir(unsigned int fd);
long sys_getcwd(char __user *buf, size_t size);
long sys_umask(u32 mask);
long sys_truncate(const char __user *path, loff_t size);
long sys_ftruncate(unsigned int fd, loff_t size);
long sys_fallocate(unsigned int fd, unsigned int mode, loff_t offset, loff_t len);
long sys_chmod(const char __user *path, u32 mode);
long sys_fchmod(unsigned int fd, u32 mode);
long sys_fchmodat(int dir, const char __user *path, u32 mode);
long sys_chown(const char __user *path, u32 uid, u32 gid);
long sys_lchown(const char __user *path, u32 uid, u32 gid);
long sys_fchown(unsigned int fd, u32 uid, u32 gid);
long sys_fchownat(int dir, const char __user *path, u32 uid, u32 gid, int flags);
long sys_utimensat(int dir, const char __user *path, const struct timespec __user *times,
		   int flags);
long sys_statfs(const char __user *path, struct statfs __user *out);
long sys_fstatfs(unsigned int fd, struct statfs __user *out);
long sys_mount(const char __user *device, const char __user *dir, const char __user *type,
	       unsigned long flags, const void __user *data);
long sys_umount2(const char __user *dir, int flags);
long sys_swapon(const char __user *path, int flags);
long sys_swapoff(const char __user *path);

#endif
