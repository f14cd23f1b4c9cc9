/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/user/remap.c - remap_file_pages: what it refuses, and what memory then shows
 *
 * Linux keeps the order in VMAs of its own since 4.0, so ranges are not looked at.
 */
#include "tests/user/test.h"

#include <setjmp.h>

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define NR 8UL

#define ADV_GUARD_INSTALL 102
#define ADV_GUARD_REMOVE 103

static sigjmp_buf landing;
static int signal_seen;
static int fd;

static void on_fault(int sig)
{
	signal_seen = sig;
	siglongjmp(landing, 1);
}

/* The first byte of each page, or the signal. */
static void show(const char *what, char *p, unsigned long pages)
{
	printf("%s:", what);
	for (volatile unsigned long i = 0; i < pages; i++) {
		volatile char *at = p + i * PAGE;

		if (sigsetjmp(landing, 1))
			printf(" %s", signal_seen == SIGBUS ? "bus" : "segv");
		else
			printf(" %d", *at);
	}
	puts("");
}

static long remap(char *p, unsigned long place, unsigned long pages, unsigned long pgoff)
{
	p += place * PAGE;
	return syscall(SYS_remap_file_pages, p, pages * PAGE, 0, pgoff, 0) ? errno : 0;
}

static long raw(void *p, unsigned long size, unsigned long prot, unsigned long pgoff,
		unsigned long flags)
{
	return syscall(SYS_remap_file_pages, p, size, prot, pgoff, flags);
}

/* The file has 1, 2, 3... in its pages. */
static void number_file(unsigned long pages)
{
	HOLDS(!ftruncate(fd, 0) && !ftruncate(fd, pages * PAGE));
	for (unsigned long i = 0; i < pages; i++) {
		char c = (char)(i + 1);

		if (pwrite(fd, &c, 1, i * PAGE) != 1)
			puts("pwrite failed");
	}
}

static char *map_file(unsigned long pages, int prot, int flags)
{
	return mmap(NULL, pages * PAGE, prot, flags, fd, 0);
}

static char *turned_round(void)
{
	char *p = map_file(NR, RW, MAP_SHARED);

	for (unsigned long i = 0; i < NR; i++)
		if (remap(p, i, 1, NR - 1 - i))
			puts("remap failed");
	return p;
}

static void test_order(void)
{
	char *p = map_file(NR, RW, MAP_SHARED), *q = map_file(NR, RW, MAP_SHARED);

	SHOW(remap(p, 0, 1, 5));
	show("page 5 first", p, NR);
	SHOW(remap(p, 2, 4, 1));
	show("and four from 1 on at 2", p, NR);
	p[0] = 66;
	p[2 * PAGE] = 22;
	show("written through it", q, NR);
	q[2 * PAGE] = 33;
	show("written through the other", p, NR);
	SHOW(remap(p, 0, NR, 0));
	show("in order again", p, NR);
	SHOW(raw(p + 1, PAGE + 1, 0, 6, 0));
	SHOW(raw(p + PAGE, PAGE, 0, 7, MAP_NONBLOCK));
	SHOW(raw(p + 2 * PAGE, PAGE, 0, 4, 0xffff));
	show("odd arguments", p, NR);
	munmap(p, NR * PAGE);
	munmap(q, NR * PAGE);
}

static void test_errors(void)
{
	char *p = map_file(NR, RW, MAP_SHARED), *q;
	int ro;

	SHOW(raw(p, PAGE, PROT_READ, 1, 0));
	SHOW(raw(p, PAGE, PROT_NONE, 1, 0));
	SHOW(raw(p, 0, 0, 1, 0));
	SHOW(raw(p, 100, 0, 1, 0));
	SHOW(raw(p, -PAGE, 0, 1, 0));
	SHOW(raw(p, 2 * PAGE, 0, -1UL, 0));
	SHOW(raw(p, PAGE, 0, -1UL, 0));
	SHOW(raw(p, PAGE, 0, 1UL << 51, 0));
	SHOW(raw(p, PAGE, 0, (1UL << 51) - 1, 0));
	SHOW(raw(p, PAGE, 0, (1UL << 51) - 2, 0));
	show("far behind the end", p, 2);
	SHOW(raw((void *)0xffff800000000000, PAGE, 0, 1, 0));
	SHOW(raw((void *)0x10000, PAGE, 0, 1, 0));
	SHOW(raw(p + (NR - 1) * PAGE, 1UL << 46, 0, 1, 0));
	munmap(p + 4 * PAGE, PAGE);
	SHOW(remap(p, 0, NR, 0));
	SHOW(remap(p, 4, 1, 0));
	SHOW(remap(p, 3, 1, 7));
	show("beside a hole", p, NR);
	munmap(p, NR * PAGE);
	p = map_file(4, RW, MAP_PRIVATE);
	SHOW(remap(p, 0, 1, 3));
	munmap(p, 4 * PAGE);
	p = mmap(NULL, 4 * PAGE, RW, ANON, -1, 0);
	SHOW(remap(p, 0, 1, 3));
	munmap(p, 4 * PAGE);
	ro = open("remap.tmp", O_RDONLY);
	p = mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, ro, 0);
	SHOW(remap(p, 0, 1, 3));
	show("opened for reading", p, 4);
	munmap(p, 4 * PAGE);
	close(ro);
	p = map_file(4, RW, MAP_SHARED);
	mprotect(p + 2 * PAGE, 2 * PAGE, PROT_READ);
	SHOW(remap(p, 0, 4, 2));
	SHOW(remap(p, 0, 2, 2));
	SHOW(remap(p, 2, 2, 5));
	show("each part by itself", p, 4);
	mprotect(p, 4 * PAGE, RW);
	q = mmap(p + 2 * PAGE, 2 * PAGE, RW, MAP_SHARED | MAP_FIXED, fd, 5 * PAGE);
	HOLDS(q == p + 2 * PAGE);
	SHOW(remap(p, 0, 4, 1));
	show("over two mappings of one file", p, 4);
	munmap(p, 4 * PAGE);
}

static void test_protection(void)
{
	char *p = map_file(4, PROT_READ, MAP_SHARED);

	SHOW(remap(p, 0, 1, 3));
	show("read only", p, 4);
	if (sigsetjmp(landing, 1))
		puts("a write is refused");
	else
		*(volatile char *)p = 1;
	mprotect(p, 4 * PAGE, PROT_NONE);
	SHOW(remap(p, 1, 1, 5));
	show("no access", p, 4);
	mprotect(p, 4 * PAGE, RW);
	show("read and write", p, 4);
	munmap(p, 4 * PAGE);
}

static void test_discard(void)
{
	char *p = turned_round();

	SHOW_OK(madvise(p, NR * PAGE, MADV_DONTNEED));
	show("dropped", p, NR);
	SHOW_OK(madvise(p, NR * PAGE, MADV_WILLNEED));
	SHOW_OK(madvise(p, NR * PAGE, 21 /* PAGEOUT */));
	show("paged out", p, NR);
	SHOW_OK(madvise(p + PAGE, 2 * PAGE, ADV_GUARD_INSTALL));
	show("guarded", p, NR);
	SHOW_OK(madvise(p, NR * PAGE, ADV_GUARD_REMOVE));
	show("not any more", p, NR);
	SHOW_OK(madvise(p, NR * PAGE, ADV_GUARD_INSTALL));
	SHOW(remap(p, 2, 1, 0));
	show("remapped over guards", p, 4);
	SHOW_OK(madvise(p, NR * PAGE, ADV_GUARD_REMOVE));
	SHOW_OK(msync(p, NR * PAGE, MS_SYNC));
	SHOW_OK(msync(p, NR * PAGE, MS_ASYNC));
	show("in the end", p, NR);
	munmap(p + 2 * PAGE, PAGE);
	show("a part unmapped", p, 4);
	munmap(p, NR * PAGE);
}

static void test_file_size(void)
{
	char *p = turned_round();

	HOLDS(!ftruncate(fd, 3 * PAGE));
	show("truncated", p, NR);
	SHOW(remap(p, NR - 1, 1, 6));
	show("remapped behind the end", p, NR);
	HOLDS(!ftruncate(fd, NR * PAGE));
	show("extended", p, NR);
	p[0] = 88;
	show("written", p, NR);
	show_core("in memory", p, NR);
	munmap(p, NR * PAGE);
	number_file(NR);
}

static void test_fork(void)
{
	char *p = turned_round();

	SHOW_OK(madvise(p, PAGE, MADV_DONTNEED));
	SHOW_OK(raw(p + PAGE, PAGE, 0, 4, MAP_NONBLOCK));
	IN_CHILD("a child", {
		show("inherited", p, NR);
		remap(p, 3, 1, 0);
		p[3 * PAGE] = 101;
		show("changed", p, NR);
	});
	show("the parent's", p, NR);
	munmap(p, NR * PAGE);
	number_file(NR);
}

static void test_move(void)
{
	char *room = mmap(NULL, NR * PAGE, PROT_NONE, ANON, -1, 0);
	char *p = turned_round(), *q;

	for (unsigned long i = 0; i < NR; i++) {	/* one mapping each, on Linux */
		q = mremap(p + i * PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
			   room + i * PAGE);
		if (q != room + i * PAGE)
			puts("did not move");
	}
	show("moved", room, NR);
	SHOW(remap(room, 1, 1, 0));
	show("remapped there", room, NR);
	munmap(room, NR * PAGE);
}

static void test_locked(void)
{
	char *p = turned_round();

	SHOW_OK(mlock(p, 2 * PAGE));
	SHOW(remap(p, 0, 1, 2));
	SHOW(remap(p, 5, 1, 2));
	show("locked", p, NR);
	show_core("in memory", p, 2);
	SHOW_OK(munlock(p, NR * PAGE));
	show("unlocked", p, NR);
	munmap(p, NR * PAGE);
}

static void test_unnamed(void)
{
	char *p = mmap(NULL, 4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	for (int i = 0; i < 4; i++)
		p[i * PAGE] = (char)(i + 1);
	SHOW(remap(p, 0, 1, 3));
	SHOW(remap(p, 1, 1, 30));
	show("shared memory without a name", p, 4);
	munmap(p, 4 * PAGE);
}

int main(void)
{
	struct sigaction sa = { .sa_handler = on_fault };

	setvbuf(stdout, NULL, _IONBF, 0);
	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	fd = open("remap.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
	number_file(NR);
	test_order();
	number_file(NR);
	test_errors();
	test_protection();
	test_discard();
	test_file_size();
	test_fork();
	test_move();
	test_locked();
	test_unnamed();
	unlink("remap.tmp");
	return 0;
}
