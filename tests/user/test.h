/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/user/test.h - how a user test says what it saw
 *
 * A test prints observations, not verdicts: the same program has run on Linux
 * and its output was kept (tools/record-host); what differs is wrong. So nothing
 * may be printed that differs from run to run: no pids, addresses or times.
 */
#ifndef TESTS_USER_TEST_H
#define TESTS_USER_TEST_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096UL

static inline const char *errno_name(int err)
{
#define NAME(e) case e: return #e
	switch (err) {
	NAME(EPERM); NAME(ENOENT); NAME(ESRCH); NAME(EINTR); NAME(EIO); NAME(E2BIG);
	NAME(ENOEXEC); NAME(EBADF); NAME(ECHILD); NAME(EAGAIN); NAME(ENOMEM); NAME(EACCES);
	NAME(EFAULT); NAME(EBUSY); NAME(EEXIST); NAME(ENODEV); NAME(ENOTDIR); NAME(EISDIR);
	NAME(EINVAL); NAME(EMFILE); NAME(ENOTTY); NAME(ESPIPE); NAME(EPIPE); NAME(ERANGE);
	NAME(ENOSYS); NAME(ETIMEDOUT); NAME(ENAMETOOLONG); NAME(ELOOP); NAME(ENOTEMPTY);
	NAME(EROFS); NAME(ETXTBSY); NAME(EXDEV); NAME(ENXIO);
	default: return "E?";
	}
#undef NAME
}

/* Print "text: value" or "text: -ENAME" for the result of a call. */
#define SHOW(call)							\
	do {								\
		long _r = (long)(call);					\
		int _e = errno;						\
		if (_r == -1)						\
			printf("%s: -%s\n", #call, errno_name(_e));	\
		else							\
			printf("%s: %ld\n", #call, _r);			\
	} while (0)

/* The same where only success matters. */
#define SHOW_OK(call)							\
	do {								\
		long _r = (long)(call);					\
		int _e = errno;						\
		printf("%s: %s%s\n", #call, _r == -1 ? "-" : "ok",	\
		       _r == -1 ? errno_name(_e) : "");			\
	} while (0)

/* A sentence that holds, or does not. */
#define HOLDS(c) printf("%s: %s\n", #c, (c) ? "yes" : "no")

/* Wait for @pid and describe its status. */
static inline const char *wait_text(pid_t pid)
{
	static char text[64];
	int st;

	if (waitpid(pid, &st, 0) != pid)
		snprintf(text, sizeof(text), "waitpid: -%s", errno_name(errno));
	else if (WIFEXITED(st))
		snprintf(text, sizeof(text), "exit %d", WEXITSTATUS(st));
	else
		snprintf(text, sizeof(text), "signal %d", WTERMSIG(st));
	return text;
}

/* fork(), or the test's end: who goes on and kills process -1 kills everybody. */
static inline pid_t must_fork(void)
{
	pid_t pid = fork();

	if (pid < 0) {
		printf("fork: -%s\n", errno_name(errno));
		exit(1);
	}
	return pid;
}

/* How an access to @p ends that a child tries. */
static inline const char *probe(volatile char *p, bool write)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (write)
			*p = 1;
		else
			(void)*p;
		_exit(0);
	}
	return wait_text(pid);
}

/* Run a block in a child and print how it ended. */
#define IN_CHILD(name, ...)						\
	do {								\
		pid_t _pid;						\
		fflush(stdout);						\
		_pid = fork();						\
		if (_pid == 0) {					\
			__VA_ARGS__;					\
			fflush(stdout);					\
			_exit(0);					\
		}							\
		printf("%s: %s\n", name, wait_text(_pid));		\
	} while (0)

/* What mincore says of each page; -: it fails. */
static inline void show_core(const char *what, char *p, unsigned long pages)
{
	unsigned char vec[1];

	printf("%s: ", what);
	for (unsigned long i = 0; i < pages; i++)
		putchar(mincore(p + i * PAGE, PAGE, vec) ? '-' : '0' + (vec[0] & 1));
	puts("");
}

/* Let others run for a while: long enough for a child to reach its wait. */
static inline void pause_ms(int ms)
{
	struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

/*
 * SIGALRM again and again, until ring_every_ms(0). A single alarm could come before
 * the call that it is to interrupt has begun, and the call would never end.
 */
static inline void ring_every_ms(int ms)
{
	struct timeval tv = { .tv_usec = ms * 1000 };
	struct itimerval it = { .it_interval = tv, .it_value = tv };

	setitimer(ITIMER_REAL, &it, NULL);
}

#endif
