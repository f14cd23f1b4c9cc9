/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/procpid.c - what /proc/<pid> shows of a process, alive, ended, or asked wrongly */
#include "tests/user/test.h"

#include <dirent.h>
#include <sys/auxv.h>
#include <sys/prctl.h>

#define FILE_A "/tmp/lockstep-procpid.a"
#define FILE_B "/tmp/lockstep-procpid.b"
#define PLACE "/tmp/lockstep-procpid.d"

/* The target of a link, or why not; numbers in brackets differ from run to run. */
static const char *link_text(const char *path)
{
	static char text[512];
	ssize_t n = readlink(path, text, sizeof(text) - 1);
	char *bracket;

	if (n < 0) {
		snprintf(text, sizeof(text), "-%s", errno_name(errno));
		return text;
	}
	text[n] = 0;
	bracket = strchr(text, '[');
	if (bracket)
		strcpy(bracket + 1, "...]");
	return text;
}

static const char *path_of(const char *form, int nr)
{
	static char path[128];

	snprintf(path, sizeof(path), form, nr);
	return path;
}

static void show_link(const char *what, const char *form, int nr)
{
	const char *path = path_of(form, nr);
	struct stat st;

	printf("%s: %s", what, link_text(path));
	if (lstat(path, &st))
		printf(", lstat -%s\n", errno_name(errno));
	else
		printf(", mode %o, size %ld\n", st.st_mode, (long)st.st_size);
}

/* The whole of a file in steps of @step, or the error. */
static const char *text_of(const char *path, size_t step)
{
	static char text[8192];
	size_t len = 0;
	ssize_t n = 0;
	int fd = open(path, O_RDONLY);

	if (fd >= 0) {
		while (len + step < sizeof(text) && (n = read(fd, text + len, step)) > 0)
			len += n;
		close(fd);
	}
	if (fd < 0 || n < 0)
		len = snprintf(text, sizeof(text), "-%s", errno_name(errno));
	text[len] = 0;
	return text;
}

/* Names of a directory that are numbers, less those below @from. */
static int count_numbers(const char *path, int from)
{
	DIR *dir = opendir(path);
	struct dirent *d;
	int nr = 0;

	if (!dir)
		return -errno;
	while ((d = readdir(dir)))
		nr += d->d_name[0] >= '0' && d->d_name[0] <= '9' && atoi(d->d_name) >= from;
	closedir(dir);
	return nr;
}

/* ---- fd, fdinfo ---- */

static void show_fdinfo(int fd)
{
	const char *text = text_of(path_of("/proc/self/fdinfo/%d", fd), 7);
	unsigned int flags = 0;
	long pos = -1;

	sscanf(text, "pos:\t%ld\nflags:\t0%o\nmnt_id:\t", &pos, &flags);
	printf("fdinfo: pos %ld flags %o, mnt_id %s, ino %s\n", pos, flags & ~0100000U,
	       strstr(text, "\nmnt_id:\t") ? "yes" : "no", strstr(text, "\nino:\t") ? "yes" : "no");
}

static void test_reopen(int fd)
{
	char buf[16] = "";
	int again = open(path_of("/proc/self/fd/%d", fd), O_RDWR);

	HOLDS(again >= 0);
	SHOW(pread(again, buf, sizeof(buf) - 1, 0));
	printf("contents: %s\n", buf);
	HOLDS(lseek(fd, 0, SEEK_CUR) == 3 && lseek(again, 0, SEEK_CUR) == 0);
	close(again);
	again = open(path_of("/proc/self/fd/%d", fd), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	HOLDS(again >= 0);
	SHOW(lseek(fd, 0, SEEK_END));
	close(again);
	SHOW(open(path_of("/proc/self/fd/%d", fd), O_RDONLY | O_CREAT | O_EXCL, 0600));
	SHOW(open(path_of("/proc/self/fd/%d", fd), O_RDONLY | O_NOFOLLOW));
	SHOW(open(path_of("/proc/self/fd/%d/x", fd), O_RDONLY));
	SHOW(unlink(path_of("/proc/self/fd/%d", fd)));
}

static void test_pipe(void)
{
	char buf[16] = "";
	int p[2], again;

	if (pipe2(p, O_CLOEXEC))
		return;
	show_link("read end", "/proc/self/fd/%d", p[0]);
	show_link("write end", "/proc/self/fd/%d", p[1]);
	show_fdinfo(p[1]);
	again = open(path_of("/proc/self/fd/%d", p[0]), O_WRONLY);
	SHOW(write(again, "again", 5));
	SHOW(read(p[0], buf, sizeof(buf) - 1));
	printf("%s\n", buf);
	show_link("opened again", "/proc/self/fd/%d", again);
	close(again);
	close(p[0]);
	close(p[1]);
}

static void test_fd(void)
{
	int fd = open(FILE_A, O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0644), dir, path;

	SHOW(write(fd, "abc", 3));
	show_link("file", "/proc/self/fd/%d", fd);
	show_fdinfo(fd);
	SHOW(rename(FILE_A, FILE_B));
	show_link("renamed", "/proc/self/fd/%d", fd);
	SHOW(unlink(FILE_B));
	show_link("unlinked", "/proc/self/fd/%d", fd);
	test_reopen(fd);
	dir = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	path = open("/", O_PATH);
	show_link("path only", "/proc/self/fd/%d", path);
	show_fdinfo(dir);
	SHOW(count_numbers("/proc/self/fd", fd));	/* with the one that reads */
	SHOW(count_numbers("/proc/self/fdinfo", fd));
	close(path);
	SHOW(readlink(path_of("/proc/self/fd/%d", path), (char[8]){ 0 }, 8));
	SHOW(open(path_of("/proc/self/fd/%d", path), O_RDONLY));
	printf("fdinfo: %s\n", text_of(path_of("/proc/self/fdinfo/%d", path), 100));
	SHOW(open("/proc/self/fd/00", O_RDONLY));
	SHOW(open("/proc/self/fd/-1", O_RDONLY));
	SHOW(open("/proc/self/fd/4294967296", O_RDONLY));
	SHOW(openat(dir, "fd/x", O_RDONLY));
	test_pipe();
	close(dir);
	close(fd);
}

/* ---- cwd, root, exe ---- */

static void test_places(const char *self)
{
	int back = open(".", O_RDONLY | O_DIRECTORY);
	const char *exe;
	struct stat a, b;

	mkdir(PLACE, 0700);
	SHOW(chdir(PLACE));
	show_link("cwd", "/proc/self/cwd", 0);
	SHOW(stat("/proc/self/cwd/..", &a) || stat("/tmp", &b) || a.st_ino != b.st_ino);
	SHOW(rmdir(PLACE));
	printf("removed: %s\n", link_text("/proc/self/cwd"));
	SHOW(open("/proc/self/cwd/x", O_WRONLY | O_CREAT, 0600));
	SHOW(fchdir(back));
	close(back);
	show_link("root", "/proc/self/root", 0);
	SHOW(stat("/proc/self/exe", &a) || stat(self, &b) || a.st_ino != b.st_ino);
	exe = link_text("/proc/self/exe");
	HOLDS(strlen(exe) > 8 && !strcmp(exe + strlen(exe) - 8, "/procpid"));
}

static void copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	char buf[4096];
	ssize_t n;

	while ((n = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, n) != n)
			break;
	close(in);
	close(out);
}

/* ---- what the program was started with ---- */

static void show_strings(const char *what, const char *path, size_t step)
{
	const char *s = text_of(path, step);

	printf("%s:", what);
	for (; *s; s += strlen(s) + 1)
		printf(" %s", s);
	puts("");
}

static void test_auxv(void)
{
	unsigned long v[128];
	int fd = open("/proc/self/auxv", O_RDONLY);
	ssize_t n = read(fd, v, sizeof(v)), same = 0;

	HOLDS(n > 0 && n % 16 == 0 && v[n / 8 - 2] == AT_NULL);
	for (ssize_t i = 0; i < n / 8; i += 2)
		same += (v[i] == AT_PAGESZ || v[i] == AT_PHDR || v[i] == AT_ENTRY ||
			 v[i] == AT_RANDOM || v[i] == AT_EXECFN) && getauxval(v[i]) == v[i + 1];
	HOLDS(same == 5);
	SHOW(read(fd, v, 8));
	SHOW(pread(fd, v, 8, n - 8));
	SHOW(pread(fd, v, 8, n));
	SHOW(read(fd, (void *)8, 16));
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(read(fd, (void *)8, 16));
	close(fd);
}

/* Runs as a program of its own, the copy of which it removes. */
static int started(char **argv)
{
	int fd;
	char c;

	show_strings("environ", "/proc/self/environ", 3);
	fd = open("/proc/self/environ", O_RDONLY);
	SHOW(pread(fd, &c, 1, 6));
	printf("%c\n", c);
	SHOW(pread(fd, &c, 1, 1000000));
	SHOW(read(fd, (void *)8, 10));
	close(fd);
	show_strings("cmdline", "/proc/self/cmdline", 100);
	test_auxv();
	if (!strcmp(argv[1], "first")) {
		unlink(FILE_A);
		printf("exe: %s\n", link_text("/proc/self/exe"));
		fflush(stdout);
		argv[1] = "second";
		execve("/proc/self/exe", argv, (char *[]){ "C=3", "DDDD=4", NULL });
		printf("exe again: -%s\n", errno_name(errno));
	}
	printf("comm: %s", text_of("/proc/self/comm", 100));
	return 3;
}

static void test_start(const char *self)
{
	char *argv[] = { "copy", "first", "a b", NULL }, *envp[] = { "A=1", "BB=22", NULL };

	copy_file(self, FILE_A);
	IN_CHILD("started", execve(FILE_A, argv, envp));
}

/* ---- numbers ---- */

static void test_statm(void)
{
	unsigned long size, resident, shared, text, lib, data, dt, kb = 0;
	const char *status;

	sscanf(text_of("/proc/self/statm", 100), "%lu %lu %lu %lu %lu %lu %lu", &size, &resident,
	       &shared, &text, &lib, &data, &dt);
	status = strstr(text_of("/proc/self/status", 1000), "VmSize:");
	if (status)
		sscanf(status, "VmSize: %lu", &kb);
	HOLDS(size * 4 == kb);
	HOLDS(resident > 0 && resident <= size && shared <= resident);
	HOLDS(text > 0 && data > 0 && text + data <= size && !lib && !dt);
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (n < 0)
		printf("%s <- \"%s\": -%s\n", path, text, errno_name(errno));
	else
		printf("%s <- \"%s\": %ld\n", path, text, (long)n);
	if (fd >= 0)
		close(fd);
}

static void drop_capability(int cap)
{
	struct { uint32_t version; int pid; } header = { 0x20080522, 0 };
	struct { uint32_t effective, permitted, inheritable; } data[2];

	syscall(SYS_capget, &header, data);
	data[0].effective &= ~(1U << cap);
	syscall(SYS_capset, &header, data);
}

static void test_oom(void)
{
	static const char *const texts[] = { "500", " -7 ", "1000", "1001", "-1001", "", "x", "1x",
					     "99999999999999999999", "-1000" };

	drop_capability(24);	/* CAP_SYS_RESOURCE: not every recording machine has it */
	printf("oom_score_adj: %s", text_of("/proc/self/oom_score_adj", 1));
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		put("/proc/self/oom_score_adj", texts[i]);
	HOLDS(atoi(text_of("/proc/self/oom_score", 100)) >= 1330);
	printf("oom_adj: %s", text_of("/proc/self/oom_adj", 100));
	IN_CHILD("child", printf("inherited: %s", text_of("/proc/self/oom_score_adj", 100)));
	put("/proc/self/oom_adj", "15");
	printf("oom_score_adj: %s", text_of("/proc/self/oom_score_adj", 100));
	put("/proc/self/oom_adj", "16");
	put("/proc/self/oom_adj", "8");
	printf("oom_score_adj: %s", text_of("/proc/self/oom_score_adj", 100));
	put("/proc/self/oom_score_adj", "0");
}

static void test_limits(void)
{
	struct rlimit nofile = { 100, 200 }, cpu = { RLIM_INFINITY, RLIM_INFINITY };
	char text[4096], *line;

	setrlimit(RLIMIT_NOFILE, &nofile);
	setrlimit(RLIMIT_CPU, &cpu);
	snprintf(text, sizeof(text), "%s", text_of("/proc/self/limits", 11));
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (strstr(line, "Limit") || strstr(line, "open files") || strstr(line, "cpu"))
			printf("%s|\n", line);
		else
			printf("%.25s|%s|\n", line, strlen(line) > 68 ? line + 68 : "");
}

/* ---- threads ---- */

static volatile int tid;
static pthread_barrier_t barrier;

static void *thread(void *arg)
{
	tid = syscall(SYS_gettid);
	prctl(PR_SET_NAME, "second");
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return NULL;
}

static void test_task(void)
{
	pthread_t t;
	struct stat st;
	int other;

	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&t, NULL, thread, NULL);
	pthread_barrier_wait(&barrier);
	other = tid;
	SHOW(count_numbers("/proc/self/task", 0));
	printf("comm: %s", text_of(path_of("/proc/self/task/%d/comm", other), 100));
	HOLDS(atoi(text_of(path_of("/proc/self/task/%d/stat", other), 100)) == other);
	HOLDS(strstr(text_of(path_of("/proc/self/task/%d/status", other), 1000), "Tgid:\t") &&
	      atoi(strstr(text_of(path_of("/proc/self/task/%d/status", other), 1000), "Tgid:\t") +
		   6) == getpid());
	printf("comm, not below its process: %s", text_of(path_of("/proc/%d/comm", other), 100));
	SHOW(stat(path_of("/proc/self/task/%d/task", other), &st));
	SHOW(stat(path_of("/proc/self/task/%d/fd/0", other), &st));
	SHOW(stat("/proc/self/task/1", &st));
	pthread_barrier_wait(&barrier);
	pthread_join(t, NULL);
}

/* ---- a process that has ended, and one that is gone ---- */

static void show_reads(int dir)
{
	static const char *const names[] = { "stat", "status", "statm", "limits", "oom_score",
					     "oom_score_adj", "cmdline", "comm" };
	char buf[16];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		int fd = openat(dir, names[i], O_RDONLY);
		ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf));

		printf("%s: %s\n", names[i], n < 0 ? errno_name(errno) : n ? "text" : "nothing");
		if (fd >= 0)
			close(fd);
	}
}

static void test_ended(void)
{
	int go[2], dir, stat_fd, limits_fd, fd_dir, task_dir;
	siginfo_t info;
	char buf[1024];
	pid_t pid;

	SHOW(pipe(go));
	fflush(stdout);
	pid = fork();
	if (!pid) {
		close(go[1]);
		_exit(read(go[0], buf, 1));
	}
	dir = open(path_of("/proc/%d", pid), O_RDONLY | O_DIRECTORY);
	stat_fd = openat(dir, "stat", O_RDONLY);
	limits_fd = openat(dir, "limits", O_RDONLY);
	fd_dir = openat(dir, "fd", O_RDONLY | O_DIRECTORY);
	task_dir = openat(dir, "task", O_RDONLY | O_DIRECTORY);
	close(go[0]);
	close(go[1]);
	waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
	puts("a zombie:");
	show_reads(dir);
	SHOW(readlinkat(dir, "cwd", buf, sizeof(buf)));
	SHOW(readlinkat(dir, "root", buf, sizeof(buf)));
	SHOW(readlinkat(dir, "exe", buf, sizeof(buf)));
	SHOW(readlinkat(dir, "fd/0", buf, sizeof(buf)));
	SHOW(count_numbers(path_of("/proc/%d/fd", pid), 0));
	SHOW(count_numbers(path_of("/proc/%d/task", pid), 0));
	printf("it was: %s\n", wait_text(pid));
	show_reads(dir);
	SHOW(read(stat_fd, buf, 10));
	SHOW(read(limits_fd, buf, 10));
	SHOW(pread(limits_fd, buf, 10, 100));
	SHOW(syscall(SYS_getdents64, dir, buf, sizeof(buf)));
	SHOW(syscall(SYS_getdents64, fd_dir, buf, sizeof(buf)));
	SHOW(syscall(SYS_getdents64, task_dir, buf, sizeof(buf)));
	SHOW(openat(fd_dir, "0", O_RDONLY));
	SHOW(openat(task_dir, path_of("%d", pid), O_RDONLY));
	SHOW(fstat(dir, (struct stat *)buf));
}

/* /proc/thread-self leads to the thread that looks, not to the one that made the process. */
static void *test_thread_self(void *unused)
{
	char want[64], got[64] = "";

	snprintf(want, sizeof(want), "%d/task/%d", getpid(), (int)syscall(SYS_gettid));
	HOLDS(readlink("/proc/thread-self", got, sizeof(got) - 1) > 0 && !strcmp(got, want));
	SHOW_OK(access("/proc/thread-self/status", R_OK));
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc > 1)
		return started(argv);
	for (int fd = 3; fd < 1024; fd++)
		close(fd);
	test_fd();
	test_places(argv[0]);
	test_start(argv[0]);
	test_statm();
	IN_CHILD("oom", test_oom());
	test_limits();
	fflush(stdout);
	test_task();
	test_ended();
	test_thread_self(NULL);
	if (!pthread_create(&thread, NULL, test_thread_self, NULL))
		pthread_join(thread, NULL);
	return 0;
}
