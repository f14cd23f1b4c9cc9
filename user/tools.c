/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/tools.c - the small programs: one file, one purpose each
 *
 * Concept    Built once for each name; the name with which it is called decides
 *            what it does. They do what their namesakes do, with the options that
 *            scripts here use, and nothing more.
 *
 *            true false echo cat ls ps mem kill sleep mkdir rm pwd poweroff
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *me;

static int fail(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", me, what, strerror(errno));
	return 1;
}

static int do_true(int argc, char **argv)
{
	return 0;
}

static int do_false(int argc, char **argv)
{
	return 1;
}

static int do_echo(int argc, char **argv)
{
	bool newline = true;
	int i = 1;

	if (i < argc && !strcmp(argv[i], "-n")) {
		newline = false;
		i++;
	}
	for (; i < argc; i++)
		printf("%s%s", argv[i], i + 1 < argc ? " " : "");
	if (newline)
		putchar('\n');
	return fflush(stdout) ? 1 : 0;
}

static int copy_fd(int fd, const char *name)
{
	char buf[16384];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		for (ssize_t done = 0; done < n;) {
			ssize_t w = write(1, buf + done, n - done);

			if (w < 0)
				return fail("standard output");
			done += w;
		}
	}
	return n < 0 ? fail(name) : 0;
}

static int do_cat(int argc, char **argv)
{
	int status = 0;

	if (argc == 1)
		return copy_fd(0, "standard input");
	for (int i = 1; i < argc; i++) {
		int fd = open(argv[i], O_RDONLY);

		if (fd < 0) {
			status = fail(argv[i]);
			continue;
		}
		status |= copy_fd(fd, argv[i]);
		close(fd);
	}
	return status;
}

static void ls_line(const char *dir, const char *name, bool details)
{
	static const char types[] = "?pc?d?b?-?l?s???";
	char path[4096], target[256];
	struct stat st;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (!details || lstat(path, &st)) {
		puts(name);
		return;
	}
	printf("%c%03o %3u %8lld %s", types[(st.st_mode >> 12) & 15], st.st_mode & 0777,
	       (unsigned int)st.st_nlink, (long long)st.st_size, name);
	if (S_ISLNK(st.st_mode) && (n = readlink(path, target, sizeof(target) - 1)) > 0)
		printf(" -> %.*s", (int)n, target);
	putchar('\n');
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int ls_dir(const char *path, bool details)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	char **names = NULL;
	size_t n = 0;

	if (!dir && errno == ENOTDIR) {
		ls_line(".", path, details);
		return 0;
	}
	if (!dir)
		return fail(path);
	while ((e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		names = realloc(names, (n + 1) * sizeof(*names));
		if (!names || !(names[n++] = strdup(e->d_name)))
			return fail("memory");
	}
	closedir(dir);
	if (n)
		qsort(names, n, sizeof(*names), compare_names);
	for (size_t i = 0; i < n; i++)
		ls_line(path, names[i], details);
	return 0;
}

static int do_ls(int argc, char **argv)
{
	bool details = argc > 1 && !strcmp(argv[1], "-l");
	int first = 1 + details, status = 0;

	if (first == argc)
		return ls_dir(".", details);
	for (int i = first; i < argc; i++) {
		if (argc - first > 1)
			printf("%s:\n", argv[i]);
		status |= ls_dir(argv[i], details);
	}
	return status;
}

/* One line of ps from /proc/PID/stat: "pid (comm) state ppid pgrp ...". */
static void ps_line(const char *pid)
{
	char path[64], line[512], *open_paren, *close_paren, state;
	int ppid, pgrp;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return;
	n = read(fd, line, sizeof(line) - 1);
	close(fd);
	if (n <= 0)
		return;
	line[n] = '\0';
	open_paren = strchr(line, '(');
	close_paren = strrchr(line, ')');
	if (!open_paren || !close_paren ||
	    sscanf(close_paren + 1, " %c %d %d", &state, &ppid, &pgrp) != 3)
		return;
	*close_paren = '\0';
	printf("%5s %5d %5d %c %s\n", pid, ppid, pgrp, state, open_paren + 1);
}

static int compare_numbers(const void *a, const void *b)
{
	return atoi(*(char *const *)a) - atoi(*(char *const *)b);
}

static int do_ps(int argc, char **argv)
{
	DIR *dir = opendir("/proc");
	char *pids[1024];
	struct dirent *e;
	size_t n = 0;

	if (!dir)
		return fail("/proc");
	while ((e = readdir(dir)) && n < 1024) {
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9')
			pids[n++] = strdup(e->d_name);
	}
	closedir(dir);
	qsort(pids, n, sizeof(*pids), compare_numbers);
	puts("  PID  PPID  PGRP S COMMAND");
	for (size_t i = 0; i < n; i++)
		ps_line(pids[i]);
	return 0;
}

/* The lines of /proc/meminfo that a person asks for, in MiB. */
static int do_mem(int argc, char **argv)
{
	static const char *const names[] = { "MemTotal", "MemFree", "MemAvailable", "SwapTotal",
					     "SwapFree" };
	FILE *f = fopen("/proc/meminfo", "r");
	char line[256];

	if (!f)
		return fail("/proc/meminfo");
	while (fgets(line, sizeof(line), f)) {
		char name[64];
		unsigned long kb;

		if (sscanf(line, "%63[^:]: %lu", name, &kb) != 2)
			continue;
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (!strcmp(name, names[i]))
				printf("%-14s %7lu.%lu MiB\n", name, kb / 1024, kb % 1024 * 10 / 1024);
	}
	fclose(f);
	return 0;
}

static int do_kill(int argc, char **argv)
{
	int sig = SIGTERM, first = 1, status = 0;

	if (argc > 1 && argv[1][0] == '-') {
		sig = atoi(argv[1] + 1);
		first++;
	}
	for (int i = first; i < argc; i++)
		if (kill(atoi(argv[i]), sig))
			status = fail(argv[i]);
	return status;
}

static int do_sleep(int argc, char **argv)
{
	double seconds = argc > 1 ? atof(argv[1]) : 0;

	usleep((useconds_t)(seconds * 1e6));
	return 0;
}

static int do_mkdir(int argc, char **argv)
{
	int status = 0;

	for (int i = 1; i < argc; i++)
		if (mkdir(argv[i], 0777))
			status = fail(argv[i]);
	return status;
}

static int do_rm(int argc, char **argv)
{
	int status = 0;

	for (int i = 1; i < argc; i++)
		if (remove(argv[i]))
			status = fail(argv[i]);
	return status;
}

static int do_pwd(int argc, char **argv)
{
	char buf[4096];

	if (!getcwd(buf, sizeof(buf)))
		return fail("getcwd");
	puts(buf);
	return 0;
}

static int do_poweroff(int argc, char **argv)
{
	sync();
	reboot(RB_POWER_OFF);
	return fail("reboot");
}

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} tools[] = {
	{ "true", do_true }, { "false", do_false }, { "echo", do_echo }, { "cat", do_cat },
	{ "ls", do_ls }, { "ps", do_ps }, { "mem", do_mem }, { "kill", do_kill },
	{ "sleep", do_sleep }, { "mkdir", do_mkdir }, { "rm", do_rm }, { "pwd", do_pwd },
	{ "poweroff", do_poweroff },
};

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');

	me = slash ? slash + 1 : argv[0];
	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++)
		if (!strcmp(me, tools[i].name))
			return tools[i].run(argc, argv);
	fprintf(stderr, "%s: no such tool\n", me);
	return 127;
}
