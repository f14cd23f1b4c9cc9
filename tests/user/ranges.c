/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/user/ranges.c - where one range of memory ends: what splits, joins, is filled, is cut off
 */
#include "tests/user/test.h"

#include <setjmp.h>

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define NR 8UL
#define NOREPLACE 0x100000
#define DONTUNMAP 4

static sigjmp_buf landing;
static int signal_seen, code_seen;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	signal_seen = sig;
	code_seen = info->si_code;
	siglongjmp(landing, 1);
}

/* Ranges of /proc/self/maps inside [p, p + pages), with their rights. */
static void show(const char *what, char *p, unsigned long pages)
{
	uintptr_t start = (uintptr_t)p, end = start + pages * PAGE, a, b;
	FILE *f = fopen("/proc/self/maps", "r");
	char line[512], rights[8];

	printf("%s:", what);
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx %7s", &a, &b, rights) != 3 || b <= start || a >= end)
			continue;
		printf(" %lu+%lu%s%s", ((a > start ? a : start) - start) / PAGE,
		       ((b < end ? b : end) - (a > start ? a : start)) / PAGE,
		       a < start || b > end ? "..." : "", rights);
	}
	if (f)
		fclose(f);
	puts("");
}

/* What each page gives to a reader or a writer. */
static void touch(const char *what, char *p, unsigned long pages, bool write)
{
	printf("%s:", what);
	for (volatile unsigned long i = 0; i < pages; i++) {
		volatile char *at = p + i * PAGE;

		if (sigsetjmp(landing, 1))
			printf(" %s/%d", signal_seen == SIGBUS ? "bus" : "segv", code_seen);
		else if (write)
			printf(" %d", *at = (char)(20 + i));
		else
			printf(" %d", *at);
	}
	puts("");
}

/* @pages pages with a hole of as many on either side. */
static char *island(unsigned long pages, int prot, int flags, int fd)
{
	char *room = mmap(NULL, 3 * pages * PAGE, PROT_NONE, ANON, -1, 0);

	munmap(room, 3 * pages * PAGE);
	return mmap(room + pages * PAGE, pages * PAGE, prot, flags | MAP_FIXED, fd, 0);
}

static void test_protect(void)
{
	char *p = island(NR, RW, ANON, -1);

	show("one", p, NR);
	SHOW(mprotect(p + 2 * PAGE, 2 * PAGE, PROT_READ));
	show("split twice", p, NR);
	SHOW(mprotect(p + 4 * PAGE, PAGE, PROT_READ));
	show("joined with the one below", p, NR);
	SHOW(mprotect(p + PAGE, PAGE, PROT_READ));
	show("and above", p, NR);
	SHOW(mprotect(p, NR * PAGE, PROT_READ));
	show("all", p, NR);
	SHOW(mprotect(p, PAGE, RW));
	SHOW(mprotect(p + 7 * PAGE, PAGE, PROT_NONE));
	show("ends", p, NR);
	SHOW(mprotect(p + PAGE, 6 * PAGE, RW | PROT_EXEC));
	SHOW(mprotect(p, NR * PAGE, RW));
	show("one again", p, NR);
	munmap(p + 4 * PAGE, PAGE);
	SHOW(mprotect(p + 2 * PAGE, 5 * PAGE, PROT_READ));
	show("up to the hole", p, NR);
	SHOW(mprotect(p + 4 * PAGE, 2 * PAGE, PROT_READ));
	show("from the hole", p, NR);
	SHOW(mprotect(p + 3 * PAGE, 1, PROT_NONE));
	SHOW(mprotect(p + 2 * PAGE, 0, PROT_NONE));
	SHOW(mprotect(p + 4 * PAGE, 0, PROT_NONE));
	SHOW(syscall(SYS_mprotect, p + 1, PAGE, RW));
	SHOW(mprotect(p, PAGE, 0x10));
	SHOW(mprotect(p, ~0UL - PAGE, RW));
	show("in the end", p, NR);
	munmap(p, NR * PAGE);
}

static void test_map(void)
{
	char *p = island(NR, RW, ANON, -1), *q;

	munmap(p + 2 * PAGE, 4 * PAGE);
	show("a gap", p, NR);
	HOLDS(mmap(p + 3 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0) == p + 3 * PAGE);
	show("an island in it", p, NR);
	HOLDS(mmap(p + 2 * PAGE, PAGE, RW, ANON | NOREPLACE, -1, 0) == p + 2 * PAGE);
	show("a bridge", p, NR);
	SHOW_OK(mmap(p + 3 * PAGE, 2 * PAGE, RW, ANON | NOREPLACE, -1, 0));
	SHOW_OK(mmap(p + 5 * PAGE, 2 * PAGE, RW, ANON | NOREPLACE | MAP_FIXED, -1, 0));
	SHOW_OK(mmap(p + 4 * PAGE + 1, PAGE, RW, ANON | NOREPLACE, -1, 0));
	q = mmap(p + 3 * PAGE, 2 * PAGE, RW, ANON, -1, 0);
	HOLDS(q != p + 3 * PAGE);		/* a wish, not a demand */
	munmap(q, 2 * PAGE);
	HOLDS(mmap(p + 4 * PAGE, 2 * PAGE, RW, ANON, -1, 0) == p + 4 * PAGE);
	show("a wish that could be fulfilled", p, NR);
	HOLDS(mmap(p + PAGE, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0) == p + PAGE);
	HOLDS(mmap(p + 5 * PAGE, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
	      p + 5 * PAGE);
	show("others", p, NR);
	SHOW(munmap(p + 1 * PAGE, 5 * PAGE));
	SHOW(munmap(p + 1 * PAGE, 5 * PAGE));
	SHOW(munmap(p + 1, PAGE));
	SHOW(munmap(p, 0));
	SHOW(munmap(p, ~0UL));
	show("cut out", p, NR);
	munmap(p, NR * PAGE);
}

/* What else keeps neighbours apart, or not. */
static void test_apart(void)
{
	char *p = island(NR, RW, ANON, -1);

	SHOW(mlock(p + PAGE, PAGE));
	SHOW(madvise(p + 2 * PAGE, PAGE, MADV_DONTFORK));
	SHOW(madvise(p + 3 * PAGE, PAGE, MADV_DONTDUMP));
	SHOW(madvise(p + 4 * PAGE, PAGE, MADV_RANDOM));
	SHOW(madvise(p + 5 * PAGE, PAGE, MADV_WIPEONFORK));
	show("each of its own", p, NR);
	SHOW(munlock(p, NR * PAGE));
	SHOW(madvise(p, NR * PAGE, MADV_DOFORK));
	SHOW(madvise(p, NR * PAGE, MADV_DODUMP));
	SHOW(madvise(p, NR * PAGE, MADV_NORMAL));
	SHOW(madvise(p, NR * PAGE, MADV_KEEPONFORK));
	show("one", p, NR);
	p[0] = p[7 * PAGE] = 1;
	SHOW(mprotect(p + 4 * PAGE, 4 * PAGE, PROT_READ));
	SHOW(mprotect(p + 4 * PAGE, 4 * PAGE, RW));
	show("used, split and joined", p, NR);
	munmap(p, NR * PAGE);
}

static void test_move(void)
{
	char *p = island(NR, RW, ANON, -1), *q = island(NR, RW, ANON, -1), *r;

	memset(p, 1, NR * PAGE);
	memset(q, 2, NR * PAGE);
	r = mremap(p + 2 * PAGE, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q + 3 * PAGE);
	HOLDS(r == q + 3 * PAGE);
	show("left", p, NR);
	show("received", q, NR);
	touch("contents", q, NR, false);
	HOLDS(mremap(p, 2 * PAGE, 4 * PAGE, 0) == p);		/* into the gap */
	show("grown in place", p, NR);
	HOLDS(mremap(p, 4 * PAGE, 3 * PAGE, 0) == p);
	show("shrunk", p, NR);
	HOLDS(mremap(p + 4 * PAGE, 4 * PAGE, 2 * PAGE, MREMAP_MAYMOVE) == p + 4 * PAGE);
	show("shrunk", p, NR);
	touch("contents", p, NR, false);
	r = mremap(q, 3 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED | DONTUNMAP, p + 5 * PAGE);
	HOLDS(r == p + 5 * PAGE);
	show("stays", q, NR);
	touch("empty", q, NR, false);
	touch("moved", p + 3 * PAGE, 5, false);
	SHOW_OK(mremap(q, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q));
	SHOW_OK(mremap(q, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q + PAGE));
	SHOW_OK(mremap(q, PAGE, PAGE, MREMAP_FIXED, q + 4 * PAGE));
	SHOW_OK(mremap(q, PAGE, 2 * PAGE, MREMAP_MAYMOVE | DONTUNMAP, NULL));
	SHOW_OK(mremap(q, PAGE, PAGE, DONTUNMAP, NULL));
	SHOW_OK(mremap(q, 0, PAGE, MREMAP_MAYMOVE));
	SHOW_OK(mremap(q + NR * PAGE, PAGE, PAGE, MREMAP_MAYMOVE));
	munmap(p, NR * PAGE);
	munmap(q, NR * PAGE);
}

/* Many mappings and holes at once. */
static void test_move_all(void)
{
	char *p = island(NR, RW, ANON, -1), *q = island(NR, RW, ANON, -1);

	memset(p, 1, NR * PAGE);
	memset(q, 2, NR * PAGE);
	mprotect(p + 2 * PAGE, PAGE, PROT_READ);
	munmap(p + 4 * PAGE, PAGE);
	HOLDS(mremap(p, NR * PAGE, NR * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q) == q);
	show("left", p, NR);
	show("received", q, NR);
	touch("contents", q, NR, false);
	HOLDS(mremap(q, NR * PAGE, NR * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED | DONTUNMAP, p) == p);
	show("left", q, NR);
	show("received", p, NR);
	touch("contents", q, NR, false);
	munmap(p + 4 * PAGE, PAGE);
	SHOW_OK(mremap(p + 4 * PAGE, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q));
	SHOW_OK(mremap(p, 7 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q));
	SHOW_OK(mremap(p, 8 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q));
	SHOW_OK(mremap(p, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | DONTUNMAP, NULL));
	SHOW_OK(mremap(p, 4 * PAGE, 5 * PAGE, MREMAP_MAYMOVE));
	HOLDS(mremap(p, 5 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q) == q);
	show("cut and moved", p, NR);
	show("received", q, NR);
	munmap(p, NR * PAGE);
	munmap(q, NR * PAGE);
}

static void test_filled(void)
{
	int fd = open("ranges.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *p = island(NR, RW, ANON | MAP_POPULATE, -1), *q;

	show_core("populated", p, NR);
	q = island(4, RW, ANON | MAP_POPULATE | MAP_NONBLOCK, -1);
	show_core("and not waiting", q, 4);
	munmap(q, 4 * PAGE);
	q = island(4, PROT_NONE, ANON | MAP_POPULATE, -1);
	show_core("no access", q, 4);
	munmap(q, 4 * PAGE);
	q = island(4, PROT_READ, ANON | MAP_POPULATE, -1);
	show_core("read only", q, 4);
	munmap(q, 4 * PAGE);
	q = island(4, RW, ANON | MAP_LOCKED, -1);
	show_core("locked", q, 4);
	munmap(q, 4 * PAGE);
	q = island(4, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1);
	show_core("shared", q, 4);
	munmap(q, 4 * PAGE);
	q = island(4, RW, ANON | MAP_NORESERVE, -1);
	show_core("without reserve", q, 4);
	munmap(q, 4 * PAGE);
	HOLDS(!ftruncate(fd, 2 * PAGE));
	q = island(4, RW, MAP_PRIVATE | MAP_POPULATE, fd);
	show_core("a file that is shorter", q, 2);
	touch("contents", q, 4, false);
	munmap(q, 4 * PAGE);
	munmap(p, NR * PAGE);
	close(fd);
	unlink("ranges.tmp");
}

/* A device without end, and those that are no memory. */
static void test_zeros(void)
{
	int fd = open("/dev/zero", O_RDWR), ro = open("/dev/zero", O_RDONLY);
	char *p = island(4, RW, MAP_PRIVATE, fd), *q = island(4, RW, MAP_SHARED, fd), *r;

	touch("private", p, 4, false);
	touch("private", p, 4, true);
	touch("shared", q, 4, false);
	IN_CHILD("a child", p[0] = q[0] = 99);
	touch("the parent's", p, 4, false);
	touch("everybody's", q, 4, false);
	r = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0);
	touch("another", r, 4, false);
	SHOW_OK(mmap(NULL, PAGE, RW, MAP_SHARED, ro, 0));
	SHOW_OK(mmap(NULL, PAGE, RW, MAP_PRIVATE, ro, 0));
	SHOW_OK(mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_GROWSDOWN, fd, 0));
	SHOW_OK(mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 1L << 40));
	SHOW_OK(mmap(NULL, PAGE, RW, MAP_SHARED | MAP_POPULATE, fd, 3 * PAGE));
	SHOW_OK(madvise(p, 4 * PAGE, MADV_DONTNEED));
	touch("dropped", p, 4, false);
	SHOW_OK(madvise(q, 4 * PAGE, MADV_DONTNEED));
	touch("not dropped", q, 4, false);
	SHOW_OK(madvise(p, 4 * PAGE, MADV_FREE));
	r = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, ro, 0);
	SHOW_OK(mprotect(r, PAGE, RW));
	SHOW_OK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, open("/dev/null", O_RDWR), 0));
	SHOW_OK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, open("/dev/full", O_RDWR), 0));
	SHOW_OK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, open("/dev/urandom", O_RDONLY), 0));
	munmap(p, 6 * PAGE);
	munmap(q, 4 * PAGE);
}

/* A file is cut and grows while it is mapped. */
static void test_cut(void)
{
	int fd = memfd_create("ranges", 0);
	char *shared, *private;

	HOLDS(!ftruncate(fd, 4 * PAGE));
	shared = island(6, RW, MAP_SHARED, fd);
	private = island(6, RW, MAP_PRIVATE, fd);
	touch("write", shared, 6, true);
	private[PAGE] = 50;
	private[3 * PAGE] = 51;
	HOLDS(!ftruncate(fd, PAGE + 100));
	touch("cut, shared", shared, 6, false);
	touch("cut, private: copies go, too", private, 6, false);
	printf("the rest of a page: %d\n", shared[PAGE + 100]);
	shared[PAGE + 200] = 9;				/* behind the end: kept, by memory */
	HOLDS(!ftruncate(fd, 4 * PAGE));
	touch("longer again, shared", shared, 6, false);
	touch("longer again, private", private, 6, false);
	printf("what was behind the end: %d\n", shared[PAGE + 200]);
	HOLDS(!mlock(shared, 2 * PAGE));
	HOLDS(!ftruncate(fd, 0));
	touch("locked and cut", shared, 2, false);
	touch("write", shared, 2, true);
	signal(SIGBUS, SIG_DFL);
	printf("a child: %s\n", probe(shared, false));
	printf("system calls: %s\n", read(open("/dev/zero", O_RDONLY), shared, 1) < 0 ?
	       errno_name(errno) : "ok");
	munmap(shared, 6 * PAGE);
	munmap(private, 6 * PAGE);
	close(fd);
}

static void test_stack(void)
{
	char *room = mmap(NULL, 600 * PAGE, PROT_NONE, ANON, -1, 0), *p;

	munmap(room, 600 * PAGE);
	p = mmap(room + 590 * PAGE, 2 * PAGE, RW, ANON | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
	HOLDS(p == room + 590 * PAGE);
	p[-(long)PAGE] = 1;
	show("grown by a page", p - 4 * PAGE, 6);
	p[-10 * (long)PAGE] = 1;
	show("by ten", p - 12 * PAGE, 14);
	HOLDS(mmap(room + 200 * PAGE, PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0) ==
	      room + 200 * PAGE);
	touch("near what none may touch", room + 201 * PAGE, 1, true);
	HOLDS(mmap(room + 200 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0) == room + 200 * PAGE);
	touch("near a neighbour", room + 455 * PAGE, 3, true);
	munmap(room, 600 * PAGE);
}

int main(void)
{
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	setvbuf(stdout, NULL, _IONBF, 0);
	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	test_protect();
	test_map();
	test_apart();
	test_move();
	test_move_all();
	test_filled();
	test_zeros();
	test_cut();
	test_stack();
	return 0;
}
