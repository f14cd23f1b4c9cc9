/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/user/badptr.c - hostile pointers to every call that takes one
 *
 * Each call is made with each kind of bad address in each pointer argument. The
 * answer must be EFAULT (or the error that Linux gives first); the program and
 * the kernel must live on.
 */
#include "tests/user/test.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <termios.h>

#undef pread64		/* musl: macros for the names without 64 */
#undef pwrite64
#undef prlimit64

static char *unmapped, *readonly, *edge;
static int pipefd[2];
static char path[] = "/tmp/badptr-XXXXXX";
static int file;
static struct timespec ts = { 0, 1000 };
static uint64_t mask;
static char here[4096];

enum { N = 6 };

/* What is put into the place of one good pointer. */
static void *bad_pointer(int kind)
{
	switch (kind) {
	case 0: return NULL;
	case 1: return unmapped;
	case 2: return (void *)0xffffffff80100000;
	case 3: return (void *)0x7ffffffff000;
	case 4: return (void *)-8L;
	default: return (void *)0x8000000000000000;
	}
}

static void answer(const char *name, int arg, int kind, long ret)
{
	static const char *const kinds[] = { "null", "unmapped", "kernel", "top", "wrap", "hole" };

	printf("%s arg %d %s: ", name, arg, kinds[kind]);
	if (ret == -1)
		printf("-%s\n", errno_name(errno));
	else
		printf("%ld\n", ret);
}

/* Call @nr with argument number @arg (1..6) bad in every way; -1 ends a list. */
static void try_call(const char *name, long nr, int arg, bool null_is_fine, long a1, long a2,
		     long a3, long a4, long a5, long a6)
{
	for (int kind = null_is_fine; kind < N; kind++) {
		long a[7] = { 0, a1, a2, a3, a4, a5, a6 };

		a[arg] = (long)bad_pointer(kind);
		answer(name, arg, kind, syscall(nr, a[1], a[2], a[3], a[4], a[5], a[6]));
	}
}

#define P(x) ((long)(x))
#define TRY(nr, arg, ...) TRY_(nr, arg, false, __VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define TRYN(nr, arg, ...) TRY_(nr, arg, true, __VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define TRY_(nr, arg, nullok, a1, a2, a3, a4, a5, a6, ...) \
	try_call(#nr, SYS_##nr, arg, nullok, P(a1), P(a2), P(a3), P(a4), P(a5), P(a6))

static void files(void)
{
	struct iovec iov = { here, 4 };

	TRY(read, 2, file, 0, 16);
	TRY(write, 2, file, 0, 16);
	TRY(write, 2, pipefd[1], 0, 16);
	TRY(pread64, 2, file, 0, 16, 0);
	TRY(pwrite64, 2, file, 0, 16, 0);
	TRY(readv, 2, file, 0, 1);
	TRY(writev, 2, file, 0, 1);
	for (int kind = 0; kind < N; kind++) {
		iov.iov_base = bad_pointer(kind);
		answer("writev base", 2, kind, writev(file, &iov, 1));
		answer("readv base", 2, kind, readv(file, &iov, 1));
	}
	TRY(open, 1, 0, O_RDONLY);
	TRY(openat, 2, AT_FDCWD, 0, O_RDONLY);
	TRY(stat, 1, 0, here);
	TRY(stat, 2, "/", 0);
	TRY(lstat, 2, "/", 0);
	TRY(fstat, 2, file, 0);
	TRY(newfstatat, 2, AT_FDCWD, 0, here, 0);
	TRY(newfstatat, 3, AT_FDCWD, "/", 0, 0);
	TRY(access, 1, 0, 0);
	TRY(mkdir, 1, 0, 0755);
	TRY(rmdir, 1, 0);
	TRY(unlink, 1, 0);
	TRY(rename, 1, 0, "/tmp/x");
	TRY(rename, 2, path, 0);
	TRY(symlink, 1, 0, "/tmp/x");
	TRY(symlink, 2, "target", 0);
	TRY(readlink, 1, 0, here, 100);
	TRY(readlink, 2, "/proc/self", 0, 100);
	TRY(chdir, 1, 0);
	TRY(getcwd, 1, 0, 100);
	TRY(truncate, 1, 0, 0);
	TRY(chmod, 1, 0, 0755);
	TRY(pipe, 1, 0);
	TRY(pipe2, 1, 0, 0);
	TRY(poll, 1, 0, 1, 0);
	TRY(getdents64, 2, open("/", O_RDONLY | O_DIRECTORY), 0, 4096);
}

static void tasks(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	TRY(rt_sigaction, 2, SIGUSR1, 0, 0, 8);
	TRYN(rt_sigaction, 3, SIGUSR1, 0, 0, 8);
	TRYN(rt_sigprocmask, 2, SIG_BLOCK, 0, 0, 8);
	TRYN(rt_sigprocmask, 3, SIG_BLOCK, 0, 0, 8);
	TRY(rt_sigpending, 1, 0, 8);
	TRY(rt_sigsuspend, 1, 0, 8);
	TRY(rt_sigtimedwait, 1, 0, 0, &ts, 8);
	TRYN(rt_sigtimedwait, 3, &mask, 0, 0, 8);
	TRYN(sigaltstack, 1, 0, 0);
	TRYN(sigaltstack, 2, 0, 0);
	TRY(nanosleep, 1, 0, 0);
	TRY(clock_nanosleep, 3, CLOCK_MONOTONIC, 0, 0, 0);
	TRY(clock_gettime, 2, CLOCK_MONOTONIC, 0);
	TRYN(clock_getres, 2, CLOCK_MONOTONIC, 0);
	TRYN(gettimeofday, 1, 0, 0);
	TRYN(time, 1, 0);
	TRYN(times, 1, 0);
	TRY(getitimer, 2, ITIMER_REAL, 0);
	TRYN(setitimer, 2, ITIMER_REAL, 0, 0);
	TRYN(setitimer, 3, ITIMER_REAL, 0, 0);
	TRY(uname, 1, 0);
	TRY(sysinfo, 1, 0);
	TRY(getrandom, 1, 0, 16, 0);
	TRY(getrlimit, 2, RLIMIT_STACK, 0);
	TRY(setrlimit, 2, RLIMIT_STACK, 0);
	TRYN(prlimit64, 3, 0, RLIMIT_STACK, 0, 0);
	TRYN(prlimit64, 4, 0, RLIMIT_STACK, 0, 0);
	TRY(getrusage, 2, RUSAGE_SELF, 0);
	TRY(sched_getaffinity, 3, 0, 128, 0);
	TRY(futex, 1, 0, 0, 0, 0, 0, 0);
	TRYN(futex, 4, here, 0, 0, 0, 0, 0);
	TRY(futex, 5, here, 4, 0, 0, 0, 0);
	TRY(execve, 1, 0, 0, 0);
	TRYN(execve, 2, "/bin/true", 0, 0);
	TRY(prctl, 2, 15, 0);
	TRY(prctl, 2, 16, 0);
	TRY(arch_prctl, 2, 0x1003, 0);
	for (int kind = 1; kind < N; kind++) {
		long ret = syscall(SYS_wait4, pid, bad_pointer(kind), 0, NULL);

		answer("wait4", 2, kind, ret);
	}
}

/* Buffers that begin well and run into trouble. */
static void edges(void)
{
	memset(edge, 'e', PAGE);
	SHOW(pwrite(file, edge + PAGE - 100, 200, 0));
	SHOW(pwrite(file, edge, PAGE, 0));
	SHOW(pread(file, edge + PAGE - 100, 200, 0));
	SHOW(pread(file, readonly, 10, 0));
	SHOW(write(pipefd[1], edge + PAGE - 10, 10));
	SHOW(read(pipefd[0], readonly, 10));
	SHOW(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, readonly));
	SHOW(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, edge + PAGE - 8));
	memcpy(edge + PAGE - 5, "/tmp/", 5);	/* a string without an end */
	SHOW(open(edge + PAGE - 5, O_RDONLY));
	memset(here, 'n', sizeof(here));
	SHOW(open(here, O_RDONLY));
	SHOW(write(file, here, ~0UL >> 1));
	SHOW(read(file, here, ~0UL));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOFBF, 65536);
	edge = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	readonly = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unmapped = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(unmapped, PAGE);
	munmap(edge + PAGE, PAGE);
	file = mkstemp(path);
	if (write(file, here, sizeof(here)) != sizeof(here) || lseek(file, 0, SEEK_SET))
		puts("no file");
	SHOW(pipe(pipefd));
	files();
	fflush(stdout);		/* what a child inherits must not be printed twice */
	tasks();
	edges();
	unlink(path);
	return 0;
}
