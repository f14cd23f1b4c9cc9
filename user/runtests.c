/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/runtests.c - runs the user tests and compares them with Linux
 *
 * Concept    Each program in /tests prints what it sees; /tests/expected has
 *            what it printed on Linux, the kernel's version in the first line.
 *            A test is ok if both are the same, byte by byte, and it ends alike. One
 *            that is silent for too long is killed, with all that it has started.
 *            The output is TAP, the exit status 0 if all are ok. Which took longest is said.
 * Usage      runtests [-g DIR] [NAME...]	default: all that have an expectation
 *            -g: the programs of DIR, built with glibc; NAME.glibc is what such a program
 *            printed on Linux, where that is something else than with musl
 * Callers    people, tests/boot.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DIR_EXPECTED "/tests/expected"
#define MAX_TESTS 256
#define SILENT_SECONDS 30		/* or what RUNTESTS_SECONDS says */
#define NR_SLOWEST 4

static const char *dir_tests = "/tests", *libc = "";

struct text {
	char *s;
	size_t len;
};

static void text_add(struct text *t, const char *s, size_t len)
{
	t->s = realloc(t->s, t->len + len + 1);
	if (!t->s) {
		puts("Bail out! no memory");
		exit(2);
	}
	memcpy(t->s + t->len, s, len);
	t->len += len;
	t->s[t->len] = '\0';
}

static void text_read(struct text *t, int fd)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			text_add(t, buf, n);
}

/* The expectation without its first line. Return: whether there is one. */
static bool read_expected(const char *name, struct text *t)
{
	char path[256], *line;
	int fd;

	snprintf(path, sizeof(path), "%s/%s%s", DIR_EXPECTED, name, libc);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && *libc) {
		snprintf(path, sizeof(path), "%s/%s", DIR_EXPECTED, name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (fd < 0)
		return false;
	text_add(t, "", 0);
	text_read(t, fd);
	close(fd);
	line = strchr(t->s, '\n');
	if (t->s[0] == '#' && line) {
		t->len -= line + 1 - t->s;
		memmove(t->s, line + 1, t->len + 1);
	}
	return true;
}

/* In the child: as tools/record-host runs it, in /tmp, with a bare environment. */
static void run_child(const char *name, int out)
{
	char path[256], *argv[] = { path, NULL };
	char *env[] = { "PATH=/bin:/usr/bin", NULL };
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	snprintf(path, sizeof(path), "%s/%s", dir_tests, name);
	setpgid(0, 0);
	dup2(null, 0);
	dup2(out, 1);
	dup2(out, 2);
	if (chdir("/tmp"))
		perror("chdir");
	execve(path, argv, env);
	printf("%s: %s\n", path, strerror(errno));
	fflush(stdout);
	_exit(127);
}

/* Like text_read(), but kill group @pgrp when nothing comes any more. */
static void read_output(struct text *t, int fd, pid_t pgrp)
{
	const char *asked = getenv("RUNTESTS_SECONDS");
	int ms = (asked ? atoi(asked) : SILENT_SECONDS) * 1000, n;
	struct pollfd in = { .fd = fd, .events = POLLIN };
	bool killed = false;
	char buf[4096];

	for (;;) {
		n = poll(&in, 1, ms);
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0 && killed)
			return;		/* somebody has left the group */
		if (n == 0) {
			text_add(t, "silent for too long\n", 20);
			kill(-pgrp, SIGKILL);
			kill(pgrp, SIGKILL);	/* in case it has not made its group yet */
			killed = true;
			continue;
		}
		n = read(fd, buf, sizeof(buf));
		if (n <= 0)
			return;
		text_add(t, buf, n);
	}
}

static void run(const char *name, struct text *t)
{
	int fd[2], status;
	char line[64];
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC)) {
		perror("pipe");
		return;
	}
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		run_child(name, fd[1]);
	close(fd[1]);
	text_add(t, "", 0);
	read_output(t, fd[0], pid);
	close(fd[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	kill(-pid, SIGKILL);
	snprintf(line, sizeof(line), "exit status %d\n",
		 WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	text_add(t, line, strlen(line));
}

static struct { double seconds; const char *name; } slowest[NR_SLOWEST];

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void note_time(const char *name, double seconds)
{
	int at = NR_SLOWEST;

	for (; at && slowest[at - 1].seconds < seconds; at--)
		if (at < NR_SLOWEST)
			slowest[at] = slowest[at - 1];
	if (at < NR_SLOWEST) {
		slowest[at].seconds = seconds;
		slowest[at].name = name;
	}
}

static void show_slowest(void)
{
	printf("# longest:");
	for (int i = 0; i < NR_SLOWEST && slowest[i].name; i++)
		printf(" %s %.1f s", slowest[i].name, slowest[i].seconds);
	puts("");
}

static size_t line_length(const char *s)
{
	return strcspn(s, "\n");
}

/* Print lines that differ, the first few. */
static void show_difference(const char *want, const char *got)
{
	int shown = 0;

	for (int line = 1; *want || *got; line++) {
		size_t w = line_length(want), g = line_length(got);

		if (w != g || memcmp(want, got, w)) {
			printf("#   line %d\n#     Linux:    %.*s\n#     Lockstep: %.*s\n", line, (int)w,
			       want, (int)g, got);
			if (++shown == 8) {
				puts("#   ... and so on");
				return;
			}
		}
		want += w + (want[w] == '\n');
		got += g + (got[g] == '\n');
	}
}

static bool run_test(int number, const char *name)
{
	struct text want = { 0 }, got = { 0 };
	bool ok = read_expected(name, &want);
	double began = now();

	if (!ok) {
		printf("not ok %d - %s has no expectation\n", number, name);
		return false;
	}
	run(name, &got);
	note_time(name, now() - began);
	ok = want.len == got.len && !memcmp(want.s, got.s, want.len);
	printf("%sok %d - %s\n", ok ? "" : "not ", number, name);
	if (!ok)
		show_difference(want.s, got.s);
	fflush(stdout);
	free(want.s);
	free(got.s);
	return ok;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Those that have an expectation, without the second ones for glibc. */
static int all_names(char **names)
{
	DIR *dir = opendir(DIR_EXPECTED);
	char path[512];
	struct dirent *e;
	int n = 0;

	while (dir && (e = readdir(dir)) && n < MAX_TESTS) {
		snprintf(path, sizeof(path), "%s/%s", dir_tests, e->d_name);
		if (!strchr(e->d_name, '.') && (!*libc || !access(path, X_OK)))
			names[n++] = strdup(e->d_name);
	}
	if (dir)
		closedir(dir);
	qsort(names, n, sizeof(*names), compare_names);
	return n;
}

int main(int argc, char **argv)
{
	char *found[MAX_TESTS], **names = argv + 1;
	int n = argc - 1, failed = 0;

	if (n >= 2 && !strcmp(argv[1], "-g")) {
		dir_tests = argv[2];
		libc = ".glibc";
		names += 2;
		n -= 2;
	}
	if (!n) {
		n = all_names(found);
		names = found;
	}
	printf("1..%d\n", n);
	for (int i = 0; i < n; i++)
		failed += !run_test(i + 1, names[i]);
	show_slowest();
	if (failed || !n)
		printf("# %d of %d user tests failed\n", failed, n);
	return failed || !n;
}
