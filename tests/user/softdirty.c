/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/user/softdirty.c - which pages were written since clear_refs said 4
 *
 * What Linux's documentation of soft-dirty promises; the recording is written by hand.
 */
#include "tests/user/test.h"

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define ADV_PAGEOUT 21

/* Forget what was written. */
static void forget(void)
{
	int fd = open("/proc/self/clear_refs", O_WRONLY);

	if (write(fd, "4", 1) != 1)
		printf("clear_refs: -%s\n", errno_name(errno));
	close(fd);
}

/* A row of pages: D written, . not; small if the page is not in memory. */
static void show(const char *what, const char *p, unsigned long pages)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t w;

	printf("%s: ", what);
	for (unsigned long i = 0; i < pages; i++) {
		if (pread(fd, &w, 8, (off_t)(((uintptr_t)p / PAGE + i) * 8)) != 8)
			putchar('?');
		else if (w >> 55 & 1)
			putchar(w >> 63 ? 'D' : 'd');
		else
			putchar(w >> 63 ? '.' : ',');
	}
	puts("");
	close(fd);
}

static char *map(unsigned long pages, int flags, int fd)
{
	return mmap(NULL, pages * PAGE, RW, flags, fd, 0);
}

static void test_writes(void)
{
	char *p = map(6, ANON, -1);
	volatile char c;
	int fd = open("/dev/zero", O_RDONLY);

	show("new", p, 6);
	forget();
	show("forgotten", p, 6);
	p[0] = 1;
	c = p[PAGE];
	show("page 0 written, page 1 read", p, 6);
	HOLDS(read(fd, p + 2 * PAGE, 1) == 1);
	show("page 2 by the kernel", p, 6);
	forget();
	show("forgotten", p, 6);
	c = p[0] + p[2 * PAGE];
	show("read", p, 6);
	p[0] = 2;
	p[1] = 3;
	show("written again", p, 6);
	forget();
	forget();
	p[2 * PAGE] = 5;
	p[PAGE] = 6;	/* a page of zeros until now */
	show("forgotten twice, 1 and 2 written", p, 6);
	printf("what they hold: %d %d %d %d\n", p[0], p[1], p[PAGE], p[2 * PAGE]);
	(void)c;
	close(fd);
	munmap(p, 6 * PAGE);
}

static void test_ranges(void)
{
	char *p = map(8, ANON, -1), *q;

	memset(p, 1, 8 * PAGE);
	forget();
	mprotect(p, 2 * PAGE, PROT_READ);
	mprotect(p + 2 * PAGE, 2 * PAGE, PROT_NONE);
	show("protected", p, 8);
	mprotect(p, 4 * PAGE, RW);
	show("and back", p, 8);
	p[0] = p[2 * PAGE] = 2;
	show("written", p, 8);
	mprotect(p, 8 * PAGE, PROT_NONE);
	show("protected when written", p, 8);
	forget();
	show("forgotten", p, 8);
	mprotect(p, 8 * PAGE, RW);
	p[3 * PAGE] = 2;
	show("page 3 written", p, 8);
	forget();
	munmap(p + 2 * PAGE, PAGE);
	q = mmap(p + 2 * PAGE, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0);
	show("page 2 is another", q, 1);
	show("its neighbours", p, 2);
	forget();
	q = mremap(p + 4 * PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + 6 * PAGE);
	show("page 4 is now page 6", q, 1);
	printf("what it holds: %d\n", q[0]);
	munmap(p, 8 * PAGE);
}

static void test_fork(void)
{
	char *p = map(4, ANON, -1);

	memset(p, 1, 4 * PAGE);
	forget();
	p[0] = 2;
	IN_CHILD("child", {
		show("child, as its parent", p, 4);
		p[PAGE] = 3;
		show("child, page 1 written", p, 4);
		forget();
		show("child, forgotten", p, 4);
		p[2 * PAGE] = 4;
		p[0] = 5;
		show("child, 0 and 2 written", p, 4);
		printf("what they hold: %d %d %d %d\n", p[0], p[PAGE], p[2 * PAGE], p[3 * PAGE]);
	});
	show("parent", p, 4);
	p[3 * PAGE] = 3;
	show("parent, page 3 written", p, 4);
	printf("what they hold: %d %d %d %d\n", p[0], p[PAGE], p[2 * PAGE], p[3 * PAGE]);
	munmap(p, 4 * PAGE);
}

static void test_files(void)
{
	int fd = open("softdirty.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *s, *p;
	volatile char c;

	unlink("softdirty.tmp");
	ftruncate(fd, 3 * PAGE);
	s = map(3, MAP_SHARED, fd);
	p = map(3, MAP_PRIVATE, fd);
	memset(s, 1, 3 * PAGE);
	c = p[0] + p[PAGE] + p[2 * PAGE];
	forget();
	show("file", s, 3);
	s[0] = 2;
	HOLDS(pwrite(fd, "x", 1, PAGE) == 1);
	show("page 0 through the mapping, 1 through the descriptor", s, 3);
	show("private mapping of it", p, 3);
	p[2 * PAGE] = 3;
	show("private page 2 written", p, 3);
	show("the file's own", s, 3);
	printf("what they hold: %d %d %d, %d %d %d\n", s[0], s[PAGE], s[2 * PAGE], p[0], p[PAGE],
	       p[2 * PAGE]);
	(void)c;
	munmap(s, 3 * PAGE);
	munmap(p, 3 * PAGE);
	close(fd);
}

/* It is only advice: a page that is just being written is passed over. */
static void page_out(char *p, unsigned long pages)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t w, present = 1;

	for (int i = 0; i < 1000 && present; i++) {
		madvise(p, pages * PAGE, ADV_PAGEOUT);
		present = 0;
		for (unsigned long n = 0; n < pages; n++)
			if (pread(fd, &w, 8, (off_t)(((uintptr_t)p / PAGE + n) * 8)) == 8)
				present |= w >> 63;
		if (present)
			pause_ms(2);
	}
	close(fd);
}

/* Out to swap and in again: the mark goes along. */
static void test_swap(void)
{
	char *p = map(4, ANON, -1);
	volatile char c;

	memset(p, 1, 4 * PAGE);
	forget();
	p[0] = p[PAGE] = 2;
	page_out(p, 4);
	show("swapped out", p, 4);
	c = p[0] + p[2 * PAGE];
	show("0 and 2 read", p, 4);
	page_out(p, 4);
	forget();
	show("swapped out, forgotten", p, 4);
	c = p[0] + p[PAGE];
	p[2 * PAGE] = 3;
	show("0 and 1 read, 2 written", p, 4);
	printf("what they hold: %d %d %d %d\n", p[0], p[PAGE], p[2 * PAGE], p[3 * PAGE]);
	(void)c;
	munmap(p, 4 * PAGE);
}

/* Threads write all the time; no write between two looks is lost. */
#define NR_WRITERS 3
#define WRITER_PAGES 8
static volatile char *shared;
static volatile int stop;

static void *writer(void *arg)
{
	for (unsigned int n = (unsigned int)(long)arg; !stop; n += 5)
		shared[n % WRITER_PAGES * PAGE + (unsigned long)(long)arg]++;
	return NULL;
}

static bool marked(int fd, unsigned long i)
{
	uint64_t w = 0;

	pread(fd, &w, 8, (off_t)(((uintptr_t)shared / PAGE + i) * 8));
	return w >> 55 & 1;
}

/* A page's bytes, before it is forgotten and after; changed bytes without a mark are lost. */
static void test_threads(void)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	char before[WRITER_PAGES][NR_WRITERS], after[WRITER_PAGES][NR_WRITERS];
	unsigned int lost = 0, seen = 0;
	pthread_t t[NR_WRITERS];

	shared = map(WRITER_PAGES, ANON, -1);
	for (long i = 0; i < NR_WRITERS; i++)
		pthread_create(&t[i], NULL, writer, (void *)i);
	for (int round = 0; round < 200; round++) {
		forget();
		for (unsigned long i = 0; i < WRITER_PAGES; i++)
			memcpy(before[i], (char *)shared + i * PAGE, NR_WRITERS);
		sched_yield();
		for (unsigned long i = 0; i < WRITER_PAGES; i++)
			memcpy(after[i], (char *)shared + i * PAGE, NR_WRITERS);
		for (unsigned long i = 0; i < WRITER_PAGES; i++) {
			bool changed = memcmp(before[i], after[i], NR_WRITERS);

			seen += changed;
			lost += changed && !marked(fd, i);
		}
	}
	stop = 1;
	for (int i = 0; i < NR_WRITERS; i++)
		pthread_join(t[i], NULL);
	printf("threads: changes seen: %s, lost: %u\n", seen ? "yes" : "no", lost);
	close(fd);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_writes();
	test_ranges();
	test_fork();
	test_files();
	test_swap();
	test_threads();
	return 0;
}
