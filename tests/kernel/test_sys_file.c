/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_sys_file.c - system calls on files, as a program makes them
 *
 * The test thread adopts an address space, a descriptor table and a context of
 * its own; every pointer that it passes is a user address.
 */
#include "fs/file.h"
#include "fs/syscalls.h"
#include "include/uapi/poll.h"
#include "kernel/syscall/syscalls.h"
#include "fs/vfs.h"
#include "include/uapi/termios.h"
#include "kernel/lib/string.h"
#include "kernel/sched/task.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "kernel/time/tick.h"
#include "tests/kernel/user_memory.h"

#define PAGES 4		/* of user memory; behind them nothing is mapped */

static struct user_memory user;
static unsigned long next;	/* free user memory begins here */

static bool process_up(void)
{
	if (!KT_CHECK(user_memory_up(&user, 2 * PAGES)))
		return false;
	KT_CHECK_EQ(vm_munmap(user.mm, user.va + PAGES * PAGE_SIZE, PAGES * PAGE_SIZE), 0);
	kthread_use_mm(user.mm);
	next = user.va;
	return KT_CHECK_EQ(files_alloc(&current->files), 0) &&
	       KT_CHECK_EQ(fs_context_alloc(&current->fs), 0);
}

static void process_down(void)
{
	files_put(current->files);
	fs_context_put(current->fs);
	current->files = NULL;
	current->fs = NULL;
	kthread_unuse_mm(user.mm);
	user_memory_down(&user);
}

/* @len bytes of user memory that hold @data. */
static void *place(const void *data, size_t len)
{
	void *at = (void *)next;

	next = round_up(next + len, 16);
	KT_CHECK(next <= user.va + PAGES * PAGE_SIZE);
	KT_CHECK_EQ(copy_to_user(at, data, len), 0);
	return at;
}

static char *str(const char *s)
{
	return place(s, strlen(s) + 1);
}

static void *room(size_t len)
{
	static const char zeros[512];

	return place(zeros, min(len, sizeof(zeros)));
}

static bool user_is(const void *at, const char *text)
{
	char buf[128];
	size_t len = strlen(text) + 1;

	return !copy_from_user(buf, at, len) && !memcmp(buf, text, len);
}

KTEST_QUICK(sys_file, open_write_read_close)
{
	char *path, *buf;
	long fd;

	KT_TRUE(process_up());
	path = str("/tmp/sys");
	buf = room(64);
	fd = sys_open(path, O_RDWR | O_CREAT | O_EXCL, 0644);
	KT_CHECK_EQ(fd, 0);
	KT_CHECK_EQ(sys_write(0, str("hello"), 5), 5);
	KT_CHECK_EQ(sys_lseek(0, 1, SEEK_SET), 1);
	KT_CHECK_EQ(sys_read(0, buf, 64), 4);
	KT_CHECK(user_is(buf, "ello"));
	KT_CHECK_EQ(sys_pwrite64(0, str("J"), 1, 0), 1);
	KT_CHECK_EQ(sys_pread64(0, buf, 5, 0), 5);
	KT_CHECK(user_is(buf, "Jello"));
	KT_CHECK_EQ(sys_pread64(0, buf, 5, -1), -EINVAL);
	KT_CHECK_EQ(sys_ftruncate(0, 2), 0);
	KT_CHECK_EQ(sys_lseek(0, 0, SEEK_END), 2);
	KT_CHECK_EQ(sys_fsync(0), 0);
	KT_CHECK_EQ(sys_ioctl(0, TCGETS, (unsigned long)buf), -ENOTTY);
	KT_CHECK_EQ(sys_close(0), 0);
	KT_CHECK_EQ(sys_close(0), -EBADF);
	KT_CHECK_EQ(sys_read(0, buf, 1), -EBADF);
	KT_CHECK_EQ(sys_open(path, O_RDWR | O_CREAT | O_EXCL, 0644), -EEXIST);
	KT_CHECK_EQ(sys_unlink(path), 0);
	KT_CHECK_EQ(sys_open(path, O_RDONLY, 0), -ENOENT);
	process_down();
}

/* Calls that read or write through a pointer, each with one that is no good. */
static void hostile(void *bad)
{
	char *path = str("/tmp"), *buf = room(256);

	KT_CHECK_EQ(sys_open(bad, O_RDONLY, 0), -EFAULT);
	KT_CHECK_EQ(sys_stat(bad, (struct stat *)buf), -EFAULT);
	KT_CHECK_EQ(sys_stat(path, bad), -EFAULT);
	KT_CHECK_EQ(sys_newfstatat(0, bad, (struct stat *)buf, 0x1000), -EFAULT);
	KT_CHECK_EQ(sys_fstat(0, bad), -EFAULT);
	KT_CHECK_EQ(sys_statfs(path, bad), -EFAULT);
	KT_CHECK_EQ(sys_access(bad, 0), -EFAULT);
	KT_CHECK_EQ(sys_mkdir(bad, 0), -EFAULT);
	KT_CHECK_EQ(sys_rename(path, bad), -EFAULT);
	KT_CHECK_EQ(sys_rename(bad, path), -EFAULT);
	KT_CHECK_EQ(sys_link(bad, path), -EFAULT);
	KT_CHECK_EQ(sys_symlink(bad, path), -EFAULT);
	KT_CHECK_EQ(sys_readlink(bad, buf, 10), -EFAULT);
	KT_CHECK_EQ(sys_unlink(bad), -EFAULT);
	KT_CHECK_EQ(sys_rmdir(bad), -EFAULT);
	KT_CHECK_EQ(sys_chdir(bad), -EFAULT);
	KT_CHECK_EQ(sys_getcwd(bad, 100), -EFAULT);
	KT_CHECK_EQ(sys_mount(path, bad, path, 0, NULL), -EFAULT);
	KT_CHECK_EQ(sys_umount2(bad, 0), -EFAULT);
	KT_CHECK_EQ(sys_pipe(bad), -EFAULT);
	KT_CHECK_EQ(sys_poll(bad, 1, 0), -EFAULT);
	if (bad)	/* NULL means now */
		KT_CHECK_EQ(sys_utimensat(AT_FDCWD, path, bad, 0), -EFAULT);
	KT_CHECK_EQ(sys_getdents64(1, bad, 1000), -EFAULT);
	KT_CHECK_EQ(sys_write(0, bad, 10), -EFAULT);
	KT_CHECK_EQ(sys_pread64(0, bad, 10, 0), -EFAULT);
	KT_CHECK_EQ(sys_readv(0, bad, 1), -EFAULT);
	KT_CHECK_EQ(sys_writev(0, bad, 2), -EFAULT);
}

KTEST_QUICK(sys_file, bad_pointers_are_refused_by_every_call)
{
	static char kernel_memory[64];

	KT_TRUE(process_up());
	KT_CHECK_EQ(sys_open(str("/tmp/sys"), O_RDWR | O_CREAT, 0644), 0);
	KT_CHECK_EQ(sys_write(0, str("0123456789"), 10), 10);
	KT_CHECK_EQ(sys_open(str("/"), O_RDONLY | O_DIRECTORY, 0), 1);
	hostile(NULL);
	hostile((void *)(user.va + PAGES * PAGE_SIZE));
	hostile(kernel_memory);
	hostile((void *)(MM_USER_TOP - 4));
	hostile((void *)~0UL);
	KT_CHECK_EQ(fd_next(current->files, 2), -1);	/* no call left a descriptor */
	KT_CHECK_EQ(sys_unlink(str("/tmp/sys")), 0);
	process_down();
}

KTEST_QUICK(sys_file, vectors_gather_and_scatter)
{
	struct iovec iov[3], *uiov;
	char *a, *b;

	KT_TRUE(process_up());
	KT_CHECK_EQ(sys_open(str("/tmp/sys"), O_RDWR | O_CREAT, 0644), 0);
	iov[0] = (struct iovec){ str("one"), 3 };
	iov[1] = (struct iovec){ NULL, 0 };
	iov[2] = (struct iovec){ str("two!"), 4 };
	KT_CHECK_EQ(sys_writev(0, place(iov, sizeof(iov)), 3), 7);
	a = room(16);
	b = room(16);
	iov[0] = (struct iovec){ a, 2 };
	iov[1] = (struct iovec){ b, 16 };
	uiov = place(iov, sizeof(iov));
	KT_CHECK_EQ(sys_lseek(0, 0, SEEK_SET), 0);
	KT_CHECK_EQ(sys_readv(0, uiov, 2), 7);
	KT_CHECK(user_is(a, "on"));
	KT_CHECK(user_is(b, "etwo!"));
	KT_CHECK_EQ(sys_readv(0, uiov, 0), 0);
	KT_CHECK_EQ(sys_readv(0, uiov, IOV_MAX + 1), -EINVAL);
	iov[0].iov_len = ~0UL;
	KT_CHECK_EQ(sys_writev(0, place(iov, sizeof(iov)), 1), -EINVAL);
	iov[0] = (struct iovec){ (void *)~0xfffUL, 16 };
	KT_CHECK_EQ(sys_writev(0, place(iov, sizeof(iov)), 1), -EFAULT);
	KT_CHECK_EQ(sys_unlink(str("/tmp/sys")), 0);
	process_down();
}

KTEST_QUICK(sys_file, paths_begin_at_a_directory_descriptor)
{
	struct stat st, *ust;
	char *buf;

	KT_TRUE(process_up());
	ust = room(sizeof(*ust));
	buf = room(64);
	KT_CHECK_EQ(sys_mkdir(str("/tmp/d"), 0777), 0);
	KT_CHECK_EQ(sys_open(str("/tmp/d"), O_RDONLY | O_DIRECTORY, 0), 0);
	KT_CHECK_EQ(sys_openat(0, str("f"), O_RDWR | O_CREAT, 0666), 1);
	KT_CHECK_EQ(sys_newfstatat(0, str("f"), ust, 0), 0);
	KT_CHECK_EQ(copy_from_user(&st, ust, sizeof(st)), 0);
	KT_CHECK_EQ(st.st_mode, (u32)(S_IFREG | 0644));		/* by the umask */
	KT_CHECK_EQ(sys_newfstatat(1, str(""), ust, AT_EMPTY_PATH), 0);
	KT_CHECK_EQ(sys_newfstatat(1, str(""), ust, 0), -ENOENT);
	KT_CHECK_EQ(sys_newfstatat(1, str("f"), ust, 0), -ENOTDIR);
	KT_CHECK_EQ(sys_newfstatat(9, str("f"), ust, 0), -EBADF);
	KT_CHECK_EQ(sys_newfstatat(9, str("/tmp/d/f"), ust, 0), 0);
	KT_CHECK_EQ(sys_faccessat(0, str("f"), 1), -EACCES);
	KT_CHECK_EQ(sys_fchmodat(0, str("f"), 0755), 0);
	KT_CHECK_EQ(sys_faccessat(0, str("f"), 1), 0);
	KT_CHECK_EQ(sys_symlinkat(str("f"), 0, str("l")), 0);
	KT_CHECK_EQ(sys_readlinkat(0, str("l"), buf, 64), 1);
	KT_CHECK(user_is(buf, "f"));
	KT_CHECK_EQ(sys_renameat(0, str("f"), 0, str("g")), 0);
	KT_CHECK_EQ(sys_fchdir(0), 0);
	KT_CHECK_EQ(sys_getcwd(buf, 64), 7);
	KT_CHECK(user_is(buf, "/tmp/d"));
	KT_CHECK_EQ(sys_getcwd(buf, 6), -ERANGE);
	KT_CHECK_EQ(sys_unlinkat(AT_FDCWD, str("l"), 0), 0);
	KT_CHECK_EQ(sys_unlinkat(0, str("g"), AT_REMOVEDIR), -ENOTDIR);
	KT_CHECK_EQ(sys_unlinkat(0, str("g"), 0), 0);
	KT_CHECK_EQ(sys_rmdir(str("/tmp/d")), 0);
	KT_CHECK_EQ(sys_getcwd(buf, 64), -ENOENT);
	KT_CHECK_EQ(sys_open(str("x"), O_CREAT | O_RDWR, 0600), -ENOENT);
	KT_CHECK_EQ(sys_chdir(str("/proc/version")), -ENOTDIR);
	process_down();
}

KTEST_QUICK(sys_file, descriptors_are_copied_and_flagged)
{
	int fds[2], *ufds;

	KT_TRUE(process_up());
	ufds = room(sizeof(fds));
	KT_CHECK_EQ(sys_pipe2(ufds, O_CLOEXEC | O_NONBLOCK), 0);
	KT_CHECK_EQ(copy_from_user(fds, ufds, sizeof(fds)), 0);
	KT_CHECK(fds[0] == 0 && fds[1] == 1);
	KT_CHECK_EQ(sys_pipe2(ufds, O_APPEND), -EINVAL);
	KT_CHECK_EQ(sys_fcntl(0, F_GETFD, 0), FD_CLOEXEC);
	KT_CHECK_EQ(sys_dup(1), 2);
	KT_CHECK_EQ(sys_fcntl(2, F_GETFD, 0), 0);
	KT_CHECK_EQ(sys_dup2(1, 1), 1);
	KT_CHECK_EQ(sys_dup2(7, 7), -EBADF);
	KT_CHECK_EQ(sys_dup3(1, 1, 0), -EINVAL);
	KT_CHECK_EQ(sys_dup3(1, 10, O_CLOEXEC), 10);
	KT_CHECK_EQ(sys_fcntl(10, F_GETFD, 0), FD_CLOEXEC);
	KT_CHECK_EQ(sys_fcntl(0, F_DUPFD, 10), 11);
	KT_CHECK_EQ(sys_fcntl(0, F_DUPFD, 1UL << 40), -EINVAL);
	KT_CHECK_EQ(sys_fcntl(11, F_GETFL, 0), O_RDONLY | O_NONBLOCK);
	KT_CHECK_EQ(sys_fcntl(11, F_SETFL, 0), 0);
	KT_CHECK_EQ(sys_fcntl(0, F_GETFL, 0), O_RDONLY);	/* the same open file */
	KT_CHECK_EQ(sys_fcntl(0, 9999, 0), -EINVAL);
	KT_CHECK_EQ(sys_lseek(0, 0, SEEK_SET), -ESPIPE);
	process_down();
}

KTEST_QUICK(sys_file, directories_are_read_in_pieces)
{
	static const char *const wanted[] = { ".", "..", "a", "a name of some length", "z" };
	unsigned int seen = 0;
	char buf[48], *ubuf;
	long n;

	KT_TRUE(process_up());
	KT_CHECK_EQ(sys_mkdir(str("/tmp/d"), 0755), 0);
	KT_CHECK_EQ(sys_mkdir(str("/tmp/d/a"), 0755), 0);
	KT_CHECK_EQ(sys_mkdir(str("/tmp/d/a name of some length"), 0755), 0);
	KT_CHECK_EQ(sys_mkdir(str("/tmp/d/z"), 0755), 0);
	KT_CHECK_EQ(sys_open(str("/tmp/d"), O_RDONLY | O_DIRECTORY, 0), 0);
	ubuf = room(sizeof(buf));
	while ((n = sys_getdents64(0, (struct linux_dirent64 *)ubuf, sizeof(buf))) > 0) {
		KT_CHECK_EQ(copy_from_user(buf, ubuf, (size_t)n), 0);
		for (long at = 0; at < n;) {
			struct linux_dirent64 *d = (struct linux_dirent64 *)(buf + at);

			KT_CHECK(d->d_reclen % 8 == 0 && d->d_reclen <= n - at);
			KT_CHECK_EQ(d->d_type, DT_DIR);
			for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
				if (!strcmp(d->d_name, wanted[i]))
					seen |= 1U << i;
			at += max(d->d_reclen, (u16)8);
		}
	}
	KT_CHECK_EQ(n, 0);
	KT_CHECK_EQ(seen, 31U);
	KT_CHECK_EQ(sys_lseek(0, 0, SEEK_SET), 0);
	KT_CHECK_EQ(sys_getdents64(0, (struct linux_dirent64 *)ubuf, 8), -EINVAL);
	KT_CHECK_EQ(sys_read(0, ubuf, 8), -EISDIR);
	KT_CHECK_EQ(sys_rmdir(str("/tmp/d/a")), 0);
	KT_CHECK_EQ(sys_rmdir(str("/tmp/d/a name of some length")), 0);
	KT_CHECK_EQ(sys_rmdir(str("/tmp/d/z")), 0);
	KT_CHECK_EQ(sys_rmdir(str("/tmp/d")), 0);
	process_down();
}

KTEST_QUICK(sys_file, poll_tells_and_times_out)
{
	struct pollfd p[3], *up;
	u64 begin;

	KT_TRUE(process_up());
	KT_CHECK_EQ(sys_pipe(room(8)), 0);
	p[0] = (struct pollfd){ .fd = 0, .events = POLLIN };
	p[1] = (struct pollfd){ .fd = 1, .events = POLLIN | POLLOUT };
	p[2] = (struct pollfd){ .fd = 77, .events = POLLIN };
	up = place(p, sizeof(p));
	KT_CHECK_EQ(sys_poll(up, 1, 0), 0);
	KT_CHECK_EQ(sys_poll(up, 1, 1), 0);
	KT_CHECK_EQ(sys_poll(up, 3, -1), 2);
	KT_CHECK_EQ(copy_from_user(p, up, sizeof(p)), 0);
	KT_CHECK_EQ(p[0].revents, 0);
	KT_CHECK_EQ(p[1].revents, POLLOUT);
	KT_CHECK_EQ(p[2].revents, POLLNVAL);
	KT_CHECK_EQ(sys_poll(up, 1000000, 0), -EINVAL);
	begin = ktime_get_ns();
	KT_CHECK_EQ(sys_poll(NULL, 0, 10), 0);
	KT_CHECK_GE(ktime_get_ns() - begin, 10 * NSEC_PER_MSEC);
	process_down();
}

/* open(2) with each of its allocations failing leaves no descriptor behind. */
KTEST(sys_file, every_failed_allocation_is_survived)
{
	char *path;

	KT_TRUE(process_up());
	path = str("/tmp/sys file with a name of its own memory");
	for (u64 nth = 1, fired = 1; fired && nth < 50; nth++) {
		long fd;

		inject_arm(INJECT_SLAB_ALLOC, nth, 1, current);
		fd = sys_open(path, O_RDWR | O_CREAT, 0600);
		fired = inject_disarm(INJECT_SLAB_ALLOC);
		KT_CHECK_EQ(fd, fired ? -ENOMEM : 0);
		KT_CHECK_EQ(fd_next(current->files, 0), fired ? -1 : 0);
		if (fd == 0)
			KT_CHECK_EQ(sys_close(0), 0);
		(void)(sys_unlink(path) == 0);
	}
	process_down();
}
