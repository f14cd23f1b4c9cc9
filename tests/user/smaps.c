/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/smaps.c - what smaps says of each kind of memory, and smaps_rollup of all */
#include "tests/user/test.h"

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define SHARED (MAP_SHARED | MAP_ANONYMOUS)

/*
 * Not shown: what depends on the machine, flags that not every kernel has, and LazyFree,
 * which Linux counts some time later.
 */
static bool is_shown(const char *line)
{
	return strncmp(line, "VmFlags", 7) && strncmp(line, "THPeligible", 11) &&
	       strncmp(line, "ProtectionKey", 13) && strncmp(line, "KernelPageSize", 14) &&
	       strncmp(line, "MMUPageSize", 11) && strncmp(line, "Swap", 4) &&
	       strncmp(line, "LazyFree", 8);
}

static void print_flags(const char *line)
{
	char flags[512], *f;

	snprintf(flags, sizeof(flags), "%s", line + 8);
	for (f = strtok(flags, " \n"); f; f = strtok(NULL, " \n"))
		if (strcmp(f, "sd") && strcmp(f, "ac") && strcmp(f, "nh"))
			printf(" %s", f);
}

/* The numbers of the range that holds @p which are not 0, in pages; then its flags. */
static void show(const char *what, const void *p)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	uintptr_t a = 0, b = 0, start, end;
	char line[512], name[64];
	unsigned long kb;

	printf("%s:", what);
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2) {
			a = start;
			b = end;
		} else if ((uintptr_t)p < a || (uintptr_t)p >= b) {
			continue;
		} else if (!strncmp(line, "VmFlags:", 8)) {
			print_flags(line);
		} else if (is_shown(line)) {
			if (sscanf(line, "%63[^:]: %lu kB", name, &kb) == 2 && kb)
				printf(" %s %lu", name, kb);
		}
	}
	puts("");
	if (f)
		fclose(f);
}

/* The line as it is, up to the number, and how wide that is. */
static void show_format(const char *path, unsigned int lines)
{
	FILE *f = fopen(path, "r");
	char line[512];

	while (lines-- && f && fgets(line, sizeof(line), f)) {
		char *colon = strchr(line, ':');

		if (strstr(line, " kB\n") && colon)
			printf("%.*s, %zu columns\n", (int)(colon - line), line, strlen(line));
		else if (strstr(line, "[rollup]"))
			printf("%s", strstr(line, " ---p"));
	}
	if (f)
		fclose(f);
}

static char *map(unsigned long pages, int prot, int flags, int fd)
{
	return mmap(NULL, pages * PAGE, prot, flags, fd, 0);
}

static void forget(const char *what)
{
	int fd = open("/proc/self/clear_refs", O_WRONLY);

	if (write(fd, what, 1) != 1)
		printf("clear_refs: -%s\n", errno_name(errno));
	close(fd);
}

/* Linux leaves what a CPU has cached, and so the next use may not be seen. */
static void flush_cpus(char *p, unsigned long pages)
{
	mprotect(p, pages * PAGE, PROT_READ);
	mprotect(p, pages * PAGE, RW);
}

static void test_anonymous(void)
{
	/* Something else on both sides, so that nothing else is in the range. */
	char *p = map(18, PROT_NONE, SHARED, -1);
	volatile char c;

	show("no access", p);
	p = mmap(p + PAGE, 16 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
	show("never touched", p);
	c = p[0] + p[PAGE];
	show("two pages read", p);
	memset(p, 1, 8 * PAGE);
	show("eight written", p);
	forget("1");
	flush_cpus(p, 16);
	show("not used since", p);
	c = p[3 * PAGE];
	p[4 * PAGE] = 1;
	show("two used", p);
	forget("3");
	show("file pages forgotten", p);
	forget("2");
	show("anonymous pages forgotten", p);
	mlock(p + 8 * PAGE, 8 * PAGE);
	show("the rest locked", p + 8 * PAGE);
	munlock(p + 8 * PAGE, 8 * PAGE);
	madvise(p, 4 * PAGE, MADV_FREE);
	show("four pages free to take", p);
	p[0] = 1;
	show("one of them written", p);
	forget("1");
	mprotect(p, 16 * PAGE, PROT_NONE);
	show("no access to them", p);
	mprotect(p, 16 * PAGE, PROT_READ | PROT_EXEC);
	madvise(p, 16 * PAGE, MADV_DONTFORK);
	madvise(p, 16 * PAGE, MADV_DONTDUMP);
	madvise(p, 16 * PAGE, MADV_SEQUENTIAL);
	show("flags", p);
	munmap(p - PAGE, 18 * PAGE);
	(void)c;
}

static void test_fork(void)
{
	char *p = map(14, PROT_NONE, SHARED, -1);
	int go[2], done[2];
	pid_t pid[2];
	char c;

	p = mmap(p + PAGE, 12 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
	memset(p, 1, 12 * PAGE);
	pipe(go);
	pipe(done);
	for (int i = 0; i < 2; i++) {
		fflush(stdout);
		pid[i] = fork();
		if (!pid[i]) {
			close(go[1]);
			memset(p, 2, (i + 1) * 2 * PAGE);
			write(done[1], "x", 1);
			read(go[0], &c, 1);
			_exit(0);
		}
		read(done[0], &c, 1);
	}
	/* 2 pages our own, 2 of us and one child, 8 of three. */
	show("of three processes", p);
	close(go[1]);
	for (int i = 0; i < 2; i++)
		printf("child: %s\n", wait_text(pid[i]));
	show("alone again", p);
	munmap(p - PAGE, 14 * PAGE);
}

static void test_shared(void)
{
	char *s = map(8, RW, SHARED, -1);
	volatile char c;

	show("shared, never touched", s);
	s[0] = s[PAGE] = 1;
	show("shared, two written", s);
	IN_CHILD("child", {
		show("child, nothing touched", s);
		c = s[0] + s[PAGE];
		s[2 * PAGE] = 1;
		show("child, two read, one written", s);
		mlock(s, 4 * PAGE);
		show("child, locked", s);
		show("and not locked", s + 4 * PAGE);
	});
	show("parent", s);
	munmap(s, 8 * PAGE);
	(void)c;
}

static void test_file(void)
{
	int fd = open("/dev/shm/smaps.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char byte[4 * PAGE] = { 0 }, *p, *s;
	volatile char c;

	if (fd < 0)
		fd = open("smaps.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
	unlink("/dev/shm/smaps.tmp");
	unlink("smaps.tmp");
	HOLDS(write(fd, byte, sizeof(byte)) == sizeof(byte));
	p = map(4, RW, MAP_PRIVATE, fd);
	show("private, of a file", p);
	for (int i = 0; i < 4; i++)
		c = p[i * PAGE];
	show("read", p);
	p[0] = 1;
	show("one page copied", p);
	s = map(4, PROT_READ, MAP_SHARED, fd);
	for (int i = 0; i < 4; i++)
		c = s[i * PAGE];
	show("shared, read-only", s);
	show("private, beside it", p);
	munmap(p, 4 * PAGE);
	munmap(s, 4 * PAGE);
	close(fd);
	(void)c;
}

static long rollup(const char *path, const char *key)
{
	FILE *f = fopen(path, "r");
	char line[256];
	long sum = 0;

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			sum += atol(line + strlen(key));
	if (f)
		fclose(f);
	return sum;
}

static void test_rollup(void)
{
	static const char *const keys[] = {
		"Rss:", "Anonymous:", "Private_Dirty:", "Shared_Clean:", "Locked:", "LazyFree:",
	};
	char *p = map(16, RW, ANON, -1);

	memset(p, 1, 16 * PAGE);
	mlock(p, 8 * PAGE);
	madvise(p + 8 * PAGE, 4 * PAGE, MADV_FREE);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		printf("sum of %s as in smaps: %s\n", keys[i],
		       rollup("/proc/self/smaps", keys[i]) ==
		       rollup("/proc/self/smaps_rollup", keys[i]) ? "yes" : "no");
	printf("Pss is anonymous, of files, and shared: %s\n",
	       labs(rollup("/proc/self/smaps_rollup", "Pss:") -
		    rollup("/proc/self/smaps_rollup", "Pss_Anon:") -
		    rollup("/proc/self/smaps_rollup", "Pss_File:") -
		    rollup("/proc/self/smaps_rollup", "Pss_Shmem:")) <= 2 ? "yes" : "no");
	printf("locked: %ld\n", rollup("/proc/self/smaps_rollup", "Locked:"));
	munmap(p, 16 * PAGE);
}

static void test_peak(void)
{
	char *p = map(2000, RW, ANON, -1);
	long before, peak;

	forget("5");
	before = rollup("/proc/self/status", "VmHWM:");
	memset(p, 1, 2000 * PAGE);
	munmap(p, 2000 * PAGE);
	peak = rollup("/proc/self/status", "VmHWM:");
	printf("the peak is remembered: %s\n", peak - before > 7000 ? "yes" : "no");
	forget("5");
	printf("and forgotten: %s\n",
	       rollup("/proc/self/status", "VmHWM:") - before < 1000 ? "yes" : "no");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	show_format("/proc/self/smaps", 24);
	show_format("/proc/self/smaps_rollup", 30);
	test_anonymous();
	test_fork();
	test_shared();
	test_file();
	test_rollup();
	test_peak();
	return 0;
}
