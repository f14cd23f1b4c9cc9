/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/user/pidfd.c - a process by a descriptor: its end, signals, advice about its memory,
 * process_mrelease
 */
#include "tests/user/test.h"

#include <poll.h>
#include <sys/uio.h>

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define ADV_COLD 20
#define ADV_PAGEOUT 21

static int pidfd_open(pid_t pid, unsigned int flags)
{
	return (int)syscall(434, pid, flags);
}

static int send_signal(int fd, int sig, siginfo_t *info, unsigned int flags)
{
	return (int)syscall(424, fd, sig, info, flags);
}

static long advise(int fd, const struct iovec *v, unsigned long n, int advice, unsigned int flags)
{
	return syscall(440, fd, v, n, advice, flags);
}

static int mrelease(int fd, unsigned int flags)
{
	return (int)syscall(448, fd, flags);
}

static pid_t sleeper(void)
{
	pid_t pid = fork();

	if (!pid)
		for (;;)
			pause();
	return pid;
}

static const char *polled(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n = poll(&p, 1, 0);

	return n < 0 ? "error" : !n ? "nothing" : p.revents & POLLIN ? "in" : "other";
}

static void test_end(void)
{
	pid_t pid = sleeper();
	int fd = pidfd_open(pid, 0);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	siginfo_t info = { .si_signo = SIGTERM, .si_code = 1 };
	char c;

	HOLDS(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
	SHOW(pidfd_open(pid, 1));
	SHOW(pidfd_open(0, 0));
	SHOW(pidfd_open(-1, 0));
	SHOW(pidfd_open(32000, 0));
	SHOW(read(fd, &c, 1));
	SHOW(lseek(fd, 0, SEEK_SET));
	printf("%s\n", polled(fd));
	SHOW(send_signal(fd, 0, NULL, 0));
	SHOW(send_signal(fd, 99, NULL, 0));
	SHOW(send_signal(fd, 0, NULL, 99));
	SHOW(send_signal(fd, SIGUSR1, &info, 0));
	SHOW(send_signal(fd, SIGTERM, &info, 0));
	SHOW(send_signal(0, SIGTERM, NULL, 0));
	SHOW(send_signal(-1, SIGTERM, NULL, 0));
	SHOW(send_signal(fd, SIGTERM, NULL, 0));
	SHOW(poll(&p, 1, -1));
	SHOW(send_signal(fd, 0, NULL, 0));
	SHOW(mrelease(fd, 0));
	SHOW(waitid(3, fd, &info, WEXITED));
	HOLDS(info.si_pid == pid && info.si_code == CLD_KILLED && info.si_status == SIGTERM);
	printf("%s\n", polled(fd));
	SHOW(send_signal(fd, 0, NULL, 0));
	SHOW(mrelease(fd, 0));
	SHOW(waitid(3, fd, &info, WEXITED));
	SHOW(waitid(3, 0, &info, WEXITED));
	close(fd);
}

static unsigned int present(char *p, unsigned long pages)
{
	unsigned char vec[16] = "";
	unsigned int n = 0;

	mincore(p, pages * PAGE, vec);
	for (unsigned long i = 0; i < pages; i++)
		n += vec[i] & 1;
	return n;
}

static void test_own_memory(char *p)
{
	struct iovec v[3] = { { p, 2 * PAGE }, { p + 4 * PAGE, PAGE }, { p + 1, PAGE } };
	int fd = pidfd_open(getpid(), 0);

	memset(p, 'x', 8 * PAGE);
	SHOW(advise(fd, v, 2, MADV_DONTNEED, 0));
	HOLDS(present(p, 8) == 5);
	SHOW(advise(fd, v, 3, ADV_COLD, 0));
	SHOW(advise(fd, v + 2, 1, ADV_COLD, 0));
	SHOW(advise(fd, v, 2, 77, 0));
	SHOW(advise(fd, v, 2, ADV_COLD, 1));
	SHOW(advise(0, v, 2, ADV_COLD, 0));
	SHOW(advise(fd, v, 1025, ADV_COLD, 0));
	SHOW(advise(fd, (void *)8, 1, ADV_COLD, 0));
	SHOW(advise(fd, v, 0, ADV_COLD, 0));
	SHOW(munmap(p + 4 * PAGE, PAGE));
	SHOW(advise(fd, v, 2, ADV_COLD, 0));
	SHOW(advise(fd, v + 1, 1, ADV_COLD, 0));
	close(fd);
}

static void test_others_memory(char *p)
{
	struct iovec v = { p, 4 * PAGE };
	pid_t pid;
	int fd;

	memset(p, 'y', 4 * PAGE);
	pid = sleeper();
	fd = pidfd_open(pid, 0);
	SHOW(advise(fd, &v, 1, ADV_COLD, 0));
	SHOW(advise(fd, &v, 1, MADV_WILLNEED, 0));
	SHOW(advise(fd, &v, 1, MADV_DONTNEED, 0));
	SHOW(advise(fd, &v, 1, MADV_FREE, 0));
	SHOW(advise(fd, &v, 1, MADV_NORMAL, 0));
	SHOW(mrelease(fd, 0));
	SHOW(mrelease(fd, 1));
	SHOW(mrelease(0, 0));
	IN_CHILD("without privilege", if (setuid(1000)) _exit(9);
		 SHOW(advise(fd, &v, 1, ADV_COLD, 0)));
	SHOW(send_signal(fd, SIGKILL, NULL, 0));
	printf("%s\n", wait_text(pid));
	SHOW(advise(fd, &v, 1, ADV_COLD, 0));
	close(fd);
}

/* A fork of a lot of memory is killed, and its memory is free when the call has come back. */
static void test_release(void)
{
	size_t size = 256 * PAGE;
	pid_t pid;
	int fd, ret, pipefd[2];
	char c;

	if (pipe(pipefd))
		return;
	pid = fork();
	if (!pid) {
		char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, ANON | MAP_POPULATE, -1, 0);

		c = *p;
		if (write(pipefd[1], &c, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	SHOW(read(pipefd[0], &c, 1));
	fd = pidfd_open(pid, 0);
	kill(pid, SIGKILL);
	ret = mrelease(fd, 0);
	HOLDS(!ret || errno == ESRCH);		/* it may have gone already */
	printf("%s\n", wait_text(pid));
}

int main(void)
{
	char *p = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, ANON, -1, 0);

	test_end();
	test_own_memory(p);
	test_others_memory(p);
	test_release();
	return 0;
}
