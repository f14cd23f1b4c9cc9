/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/memory.c - mmap, munmap, mprotect, brk, COW as a program sees them */
#include "tests/user/test.h"

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static void test_map(void)
{
	char *p = mmap(NULL, 8 * PAGE, RW, ANON, -1, 0), *q;
	bool zero = true;

	HOLDS(p != MAP_FAILED && (uintptr_t)p % PAGE == 0);
	for (size_t i = 0; i < 8 * PAGE; i++)
		zero = zero && p[i] == 0;
	HOLDS(zero);
	memset(p, 1, 8 * PAGE);
	SHOW(munmap(p + 2 * PAGE, 2 * PAGE));
	printf("below the hole: %s\n", probe(p + 2 * PAGE - 1, true));
	printf("in the hole: %s\n", probe(p + 2 * PAGE, false));
	printf("above the hole: %s\n", probe(p + 4 * PAGE, true));
	SHOW(munmap(p + 2 * PAGE, 2 * PAGE));
	q = mmap(p + 2 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0);
	HOLDS(q == p + 2 * PAGE && q[0] == 0);
	q = mmap(p + PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0);
	HOLDS(q == p + PAGE && q[0] == 0 && p[0] == 1);
	SHOW_OK(mmap(p, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0));
	SHOW(munmap(p, 8 * PAGE));
	SHOW(munmap(p + 1, PAGE));
	SHOW(munmap(p, 0));
	SHOW(munmap((void *)0x7ffffffff000, PAGE));
	SHOW_OK(mmap(NULL, 0, RW, ANON, -1, 0));
	SHOW_OK(mmap(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0));
	SHOW_OK(mmap(p + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0));
	SHOW_OK(mmap(NULL, PAGE, RW, MAP_PRIVATE, -1, 0));
	SHOW_OK(mmap(NULL, PAGE, RW, MAP_PRIVATE, 99, 0));
	SHOW_OK(mmap((void *)0xffff800000000000, PAGE, RW, ANON | MAP_FIXED, -1, 0));
	SHOW_OK(mmap(NULL, 1UL << 47, RW, ANON | MAP_NORESERVE, -1, 0));
	SHOW_OK(mmap(NULL, ~0UL, RW, ANON, -1, 0));
	p = mmap(NULL, PAGE, PROT_NONE, ANON, -1, 0);
	printf("PROT_NONE read: %s\n", probe(p, false));
	munmap(p, PAGE);
	p = mmap(NULL, 1UL << 36, RW, ANON | MAP_NORESERVE, -1, 0);
	HOLDS(p != MAP_FAILED);
	p[1UL << 35] = 7;
	p[(1UL << 36) - 1] = 8;
	printf("sparse: %d %d %d\n", p[1UL << 35], p[(1UL << 36) - 1], p[0]);
	SHOW(munmap(p, 1UL << 36));
}

static void test_protect(void)
{
	char *p = mmap(NULL, 6 * PAGE, RW, ANON, -1, 0);

	memset(p, 3, 6 * PAGE);
	SHOW(mprotect(p + PAGE, 2 * PAGE, PROT_READ));
	printf("read: %s\n", probe(p + PAGE, false));
	printf("write: %s\n", probe(p + PAGE, true));
	printf("write behind: %s\n", probe(p + 3 * PAGE, true));
	SHOW(mprotect(p + PAGE, PAGE, PROT_NONE));
	printf("none: %s\n", probe(p + PAGE, false));
	SHOW(mprotect(p, 6 * PAGE, RW));
	printf("again: %s, %d\n", probe(p + PAGE, true), p[PAGE]);
	SHOW(mprotect(p + 1, PAGE, RW));
	SHOW(mprotect(p, 0, RW));
	munmap(p + 4 * PAGE, PAGE);
	SHOW(mprotect(p + 3 * PAGE, 3 * PAGE, PROT_READ));
	printf("before the hole: %s\n", probe(p + 3 * PAGE, true));
	printf("behind the hole: %s\n", probe(p + 5 * PAGE, true));
	SHOW(mprotect((void *)0xffff800000000000, PAGE, RW));
	p[0] = (char)0xc3;	/* ret */
	SHOW(mprotect(p, PAGE, PROT_READ | PROT_EXEC));
	((void (*)(void))p)();
	puts("executed");
	munmap(p, 6 * PAGE);
}

static void test_cow(void)
{
	size_t len = 64 * PAGE;
	char *p = mmap(NULL, len, RW, ANON, -1, 0);
	char *s = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int bad = 0;

	memset(p, 1, len);
	IN_CHILD("child writes its copy", {
		for (size_t i = 0; i < len; i += PAGE)
			bad += p[i] != 1;
		memset(p, 2, len);
		for (size_t i = 0; i < len; i += PAGE)
			bad += p[i] != 2;
		IN_CHILD("grandchild sees it", {
			for (size_t i = 0; i < len; i++)
				bad += p[i] != 2;
			p[0] = 3;
			_exit(bad);
		});
		_exit(bad + (p[0] != 2));
	});
	for (size_t i = 0; i < len; i++)
		bad += p[i] != 1;
	printf("parent: bad %d\n", bad);
	if (s != MAP_FAILED) {
		IN_CHILD("child writes shared memory", strcpy(s, "from the child"));
		printf("parent reads: %s\n", s);
	}
	IN_CHILD("parent's later writes stay with it", {
		pid_t me = getpid();

		if (fork() == 0) {
			while (getppid() == me)
				pause_ms(1);
			_exit(0);
		}
		p[5] = 9;
		_exit(p[5]);
	});
	printf("p[5] %d\n", p[5]);
	munmap(p, len);
}

static void test_remap(void)
{
	char *p = mmap(NULL, 4 * PAGE, RW, ANON, -1, 0), *q;

	memset(p, 4, 4 * PAGE);
	q = mremap(p, 4 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
	HOLDS(q != MAP_FAILED);
	printf("moved: %d %d %d\n", q[0], q[4 * PAGE - 1], q[4 * PAGE]);
	q = mremap(q, 64 * PAGE, PAGE, 0);
	printf("shrunk: %s, %s\n", probe(q, true), probe(q + PAGE, true));
	SHOW_OK(mremap(q, PAGE, 1UL << 46, 0));
	SHOW_OK(mremap(q + 1, PAGE, PAGE, 0));
	munmap(q, PAGE);
	SHOW_OK(mremap(q, PAGE, PAGE, MREMAP_MAYMOVE));
}

static void test_advice(void)
{
	char *p = mmap(NULL, 4 * PAGE, RW, ANON, -1, 0);

	memset(p, 6, 4 * PAGE);
	SHOW(madvise(p + PAGE, PAGE, MADV_DONTNEED));
	printf("after DONTNEED: %d %d %d\n", p[0], p[PAGE], p[2 * PAGE]);
	SHOW(madvise(p + 1, PAGE, MADV_DONTNEED));
	SHOW(madvise(p, PAGE, 12345));
	munmap(p + PAGE, PAGE);
	SHOW(madvise(p, 4 * PAGE, MADV_DONTNEED));
	munmap(p, 4 * PAGE);
}

static int recurse(int n)
{
	volatile char frame[1000];

	memset((char *)frame, n, sizeof(frame));
	return n ? recurse(n - 1) + frame[n % 1000] - (char)n : 0;
}

static void test_stack(void)
{
	struct rlimit rl = { .rlim_cur = 1 << 20, .rlim_max = RLIM_INFINITY };

	printf("deep recursion: %d\n", recurse(4000));
	getrlimit(RLIMIT_STACK, &rl);
	printf("stack limit %lu KiB\n", (unsigned long)rl.rlim_cur >> 10);
	IN_CHILD("endless recursion", recurse(1 << 30));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_map();
	test_protect();
	test_cow();
	test_remap();
	test_advice();
	test_stack();
	return 0;
}
