/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/madvise.c - what each advice answers for each kind of memory, and what it does */
#include "tests/user/test.h"

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define KERNEL_VA ((char *)0xffff800000000000)

/* musl has no name for these. */
#define ADV_COLD 20
#define ADV_PAGEOUT 21
#define ADV_POPULATE_READ 22
#define ADV_POPULATE_WRITE 23
#define ADV_DONTNEED_LOCKED 24

static const struct advice {
	const char *name;
	int advice;
} advices[] = {
	{ "NORMAL", MADV_NORMAL }, { "RANDOM", MADV_RANDOM }, { "SEQUENTIAL", MADV_SEQUENTIAL },
	{ "WILLNEED", MADV_WILLNEED }, { "DONTNEED", MADV_DONTNEED }, { "FREE", MADV_FREE },
	{ "DONTFORK", MADV_DONTFORK }, { "DOFORK", MADV_DOFORK },
	{ "DONTDUMP", MADV_DONTDUMP }, { "DODUMP", MADV_DODUMP },
	{ "WIPEONFORK", MADV_WIPEONFORK }, { "KEEPONFORK", MADV_KEEPONFORK },
	{ "COLD", ADV_COLD }, { "PAGEOUT", ADV_PAGEOUT },
	{ "POPULATE_READ", ADV_POPULATE_READ }, { "POPULATE_WRITE", ADV_POPULATE_WRITE },
	{ "DONTNEED_LOCKED", ADV_DONTNEED_LOCKED }, { "unknown", 77 },
};

static void show_all(const char *what, char *p, unsigned long len)
{
	printf("%s:", what);
	for (size_t i = 0; i < sizeof(advices) / sizeof(*advices); i++)
		printf(" %s %s", advices[i].name, madvise(p, len, advices[i].advice) ?
		       errno_name(errno) : "0");
	puts("");
}

/* Ranges of /proc/self/maps that make up [p, p + pages). */
static void show_ranges(const char *what, char *p, unsigned long pages)
{
	uintptr_t start = (uintptr_t)p, end = start + pages * PAGE, a, b;
	FILE *f = fopen("/proc/self/maps", "r");
	char line[512];

	printf("%s:", what);
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx", &a, &b) != 2 || b <= start || a >= end)
			continue;
		printf(" %lu+%lu", ((a > start ? a : start) - start) / PAGE,
		       ((b < end ? b : end) - (a > start ? a : start)) / PAGE);
	}
	if (f)
		fclose(f);
	puts("");
}

static char *map(unsigned long pages, int prot, int flags)
{
	return mmap(NULL, pages * PAGE, prot, flags, -1, 0);
}

static void test_errors(void)
{
	int fd = open("madvise.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *p = map(4, RW, ANON), *q;

	show_all("anonymous", p, 4 * PAGE);
	show_all("length 0", p, 0);
	show_all("one byte", p, 1);
	show_all("unaligned", p + 1, PAGE);
	show_all("the largest length", p, ~0UL);
	show_all("wraps", p, ~0UL - 2 * PAGE);
	show_all("kernel", KERNEL_VA, PAGE);
	munmap(p + 2 * PAGE, PAGE);
	show_all("with a hole", p, 4 * PAGE);
	show_all("a hole first", p + 2 * PAGE, 2 * PAGE);
	show_all("only a hole", p + 2 * PAGE, PAGE);
	munmap(p, 4 * PAGE);
	p = map(2, PROT_READ, ANON);
	show_all("read only", p, 2 * PAGE);
	munmap(p, 2 * PAGE);
	p = map(2, PROT_NONE, ANON);
	show_all("no access", p, 2 * PAGE);
	munmap(p, 2 * PAGE);
	p = map(2, PROT_WRITE, ANON);
	show_all("write only", p, 2 * PAGE);
	munmap(p, 2 * PAGE);
	p = map(2, RW, MAP_SHARED | MAP_ANONYMOUS);
	show_all("shared", p, 2 * PAGE);
	munmap(p, 2 * PAGE);
	HOLDS(fd >= 0 && !ftruncate(fd, PAGE));
	p = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0);
	show_all("private file, one page too long", p, 2 * PAGE);
	q = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
	show_all("shared file", q, PAGE);
	munmap(p, 2 * PAGE);
	munmap(q, PAGE);
	close(fd);
	unlink("madvise.tmp");
	p = map(2, RW, ANON);
	mlock(p, 2 * PAGE);
	show_all("locked", p, 2 * PAGE);
	munmap(p, 2 * PAGE);
}

static void test_populate(void)
{
	char *p = map(8, RW, ANON);

	SHOW(madvise(p, 2 * PAGE, ADV_POPULATE_READ));
	SHOW(madvise(p + 3 * PAGE, 2 * PAGE, ADV_POPULATE_WRITE));
	show_core("populated", p, 8);
	mprotect(p + 6 * PAGE, PAGE, PROT_READ);
	SHOW(madvise(p + 5 * PAGE, 3 * PAGE, ADV_POPULATE_WRITE));
	show_core("up to what is forbidden", p, 8);
	munmap(p + 6 * PAGE, PAGE);
	SHOW(madvise(p + 5 * PAGE, 3 * PAGE, ADV_POPULATE_READ));
	show_core("up to the hole", p, 8);
	munmap(p, 8 * PAGE);
}

static void test_contents(void)
{
	char *p = map(4, RW, ANON);

	memset(p, 5, 4 * PAGE);
	SHOW(madvise(p + PAGE, PAGE, MADV_DONTNEED));
	printf("dropped: %d %d %d\n", p[0], p[PAGE], p[2 * PAGE]);
	SHOW(madvise(p, PAGE, MADV_FREE));
	p[7] = 8;
	printf("a write after FREE stays: %d\n", p[7]);
	SHOW(madvise(p, 4 * PAGE, ADV_COLD));
	SHOW(madvise(p, 4 * PAGE, ADV_PAGEOUT));
	SHOW(madvise(p, 4 * PAGE, MADV_WILLNEED));
	printf("still: %d %d %d\n", p[7], p[PAGE], p[3 * PAGE + 9]);
	munmap(p, 4 * PAGE);
}

static void test_fork(void)
{
	char *p = map(6, RW, ANON);

	memset(p, 4, 6 * PAGE);
	SHOW(madvise(p + PAGE, PAGE, MADV_DONTFORK));
	SHOW(madvise(p + 3 * PAGE, PAGE, MADV_WIPEONFORK));
	show_ranges("cut", p, 6);
	IN_CHILD("child", {
		printf("wiped: %d, kept: %d\n", p[3 * PAGE], p[4 * PAGE]);
		IN_CHILD("grandchild", printf("wiped again: %d\n", p[3 * PAGE]));
	});
	IN_CHILD("not there", (void)*(volatile char *)(p + PAGE));
	SHOW(madvise(p, 6 * PAGE, MADV_DOFORK));
	SHOW(madvise(p, 6 * PAGE, MADV_KEEPONFORK));
	show_ranges("joined", p, 6);
	printf("%d %d\n", p[PAGE], p[3 * PAGE]);
	SHOW(madvise(p + 2 * PAGE, 2 * PAGE, MADV_SEQUENTIAL));
	show_ranges("another order of reading", p, 6);
	SHOW(madvise(p + PAGE, 2 * PAGE, MADV_RANDOM));
	show_ranges("three kinds", p, 6);
	SHOW(madvise(p, 6 * PAGE, MADV_NORMAL));
	show_ranges("joined", p, 6);
	munmap(p, 6 * PAGE);
}

int main(void)
{
	test_errors();
	test_populate();
	test_contents();
	test_fork();
	return 0;
}
