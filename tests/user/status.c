/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/status.c - what /proc says of a process's size, and how many mappings it may have */
#include "tests/user/test.h"

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

/* A line of /proc/self/status; -1: there is none. */
static long status(const char *key)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[1024];
	long value = -1;

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)) && line[strlen(key)] == ':')
			value = strtol(line + strlen(key) + 1, NULL, 0);
	if (f)
		fclose(f);
	return value;
}

/* Columns of /proc/self/statm: size, resident, shared, text, library, data, dirty. */
static long statm(int column)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long v[7] = { 0 };

	if (!f || fscanf(f, "%ld %ld %ld %ld %ld %ld %ld", v, v + 1, v + 2, v + 3, v + 4, v + 5,
			 v + 6) != 7)
		puts("no statm");
	if (f)
		fclose(f);
	return v[column];
}

static char *map(unsigned long pages, int prot, int flags)
{
	return mmap(NULL, pages * PAGE, prot, flags, -1, 0);
}

static void test_sizes(void)
{
	long size = status("VmSize"), data = status("VmData"), stack = status("VmStk"), rss, peak;
	char *p = map(300, RW, ANON), *q = map(40, PROT_READ, ANON), *s;

	HOLDS(status("VmSize") == size + 340 * 4);
	HOLDS(status("VmData") == data + 300 * 4);
	HOLDS(statm(0) == status("VmSize") / 4);
	HOLDS(statm(5) == (status("VmData") + status("VmStk")) / 4);
	HOLDS(statm(3) == status("VmExe") / 4);
	SHOW(statm(4));
	SHOW(statm(6));
	rss = status("RssAnon");
	memset(p, 1, 200 * PAGE);
	HOLDS(status("RssAnon") >= rss + 100 * 4);		/* counted in batches */
	HOLDS(status("VmRSS") >= status("RssAnon") + status("RssFile"));
	HOLDS(status("VmHWM") >= status("VmRSS"));
	peak = status("VmPeak");
	HOLDS(peak >= status("VmSize"));
	munmap(p, 300 * PAGE);
	munmap(q, 40 * PAGE);
	HOLDS(status("VmSize") == size);
	HOLDS(status("VmPeak") >= peak);
	HOLDS(status("VmPeak") > status("VmSize"));
	peak = status("VmPeak");
	p = map(50, RW, ANON);
	q = map(50, PROT_NONE, ANON);
	q = mremap(p, 50 * PAGE, 50 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q);
	HOLDS(q != MAP_FAILED && status("VmPeak") == peak);	/* it was never there twice */
	munmap(q, 50 * PAGE);
	p = map(8, RW, ANON | MAP_GROWSDOWN);
	HOLDS(status("VmStk") == stack + 32);
	munmap(p, 8 * PAGE);
	SHOW(status("VmPin"));
	SHOW(status("VmLck"));
	SHOW(status("VmSwap"));
	HOLDS(status("VmExe") > 0 && status("VmLib") >= 0 && status("VmPTE") > 0);
	s = map(20, RW, MAP_SHARED | MAP_ANONYMOUS);
	memset(s, 1, 20 * PAGE);
	HOLDS(status("VmData") == data);		/* shared memory is none */
	IN_CHILD("a child", HOLDS(status("VmPeak") >= status("VmSize")));
	SHOW(status("TracerPid"));
	SHOW(status("Threads"));
}

static long max_map_count(void)
{
	FILE *f = fopen("/proc/sys/vm/max_map_count", "r");
	long value = -1;

	if (f && fscanf(f, "%ld", &value) != 1)
		value = -1;
	if (f)
		fclose(f);
	return value;
}

static long set_max(const char *text)
{
	int fd = open("/proc/sys/vm/max_map_count", O_WRONLY), err;
	long n = fd < 0 ? -1 : write(fd, text, strlen(text));

	err = errno;
	close(fd);
	errno = err;
	return n < 0 ? -1 : 0;
}

/*
 * Lines of maps that are mappings: what the kernel lends to all is none. Without stdio, which
 * wants memory.
 */
static long count_maps(void)
{
	static char text[65536], last[64];
	int fd = open("/proc/self/maps", O_RDONLY);
	size_t in_line = 0;
	long n = 0;
	ssize_t got;

	while ((got = read(fd, text, sizeof(text))) > 0) {
		for (ssize_t i = 0; i < got; i++) {
			if (in_line < sizeof(last) - 1)
				last[in_line] = text[i];
			in_line = text[i] == '\n' ? 0 : in_line + 1;
			n += !in_line;
		}
	}
	close(fd);
	return n - !strncmp(last, "ffffffffff600000", 16);
}

#define LIMIT 2000L

static void test_limit(void)
{
	char *p = map(5, RW, ANON), *room = map(4 * LIMIT, PROT_NONE, ANON), *last = room;

	munmap(room, 4 * LIMIT * PAGE);
	for (long i = 1; i < 4 * LIMIT && last != MAP_FAILED; i += 2)
		last = mmap(room + i * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0);
	printf("%s, and %ld more than may be\n", errno_name(errno), count_maps() - LIMIT);
	SHOW_OK(munmap(p + PAGE, PAGE));
	SHOW_OK(mprotect(p + PAGE, PAGE, PROT_READ));
	SHOW_OK(mlock(p + PAGE, PAGE));
	SHOW_OK(madvise(p + PAGE, PAGE, MADV_DONTFORK));
	SHOW_OK(mremap(p, 5 * PAGE, 9 * PAGE, MREMAP_MAYMOVE));
	SHOW_OK(mmap(p + PAGE, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	SHOW_OK(munmap(p + 4 * PAGE, PAGE));		/* no cut */
	SHOW_OK(mprotect(p, 4 * PAGE, PROT_READ));
	printf("%ld more than may be\n", count_maps() - LIMIT);
	munmap(room + PAGE, PAGE);
	SHOW_OK(munmap(p + 2 * PAGE, PAGE));
	munmap(room + 3 * PAGE, PAGE);
	SHOW_OK(munmap(p + 2 * PAGE, PAGE));
	munmap(room, 9 * PAGE);
	SHOW_OK(mremap(p, 2 * PAGE, 9 * PAGE, MREMAP_MAYMOVE));
	munmap(room + 10 * PAGE, 4 * PAGE);
	SHOW_OK(mremap(p, 2 * PAGE, 9 * PAGE, MREMAP_MAYMOVE));
	printf("%ld more than may be\n", count_maps() - LIMIT);
}

int main(void)
{
	char old[32];

	test_sizes();
	snprintf(old, sizeof(old), "%ld", max_map_count());
	SHOW(set_max("-1"));
	SHOW(set_max("x"));
	SHOW(set_max("2000"));
	SHOW(max_map_count());
	IN_CHILD("as many as may be", test_limit());
	SHOW(set_max(old));
	return 0;
}
