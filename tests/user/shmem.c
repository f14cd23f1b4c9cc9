/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/user/shmem.c - shared memory and files that the system may take out and bring back
 *
 * MADV_PAGEOUT asks for it after each step; what a program sees must not depend on it.
 */
#include "tests/user/test.h"

#define NR 64UL
#define ADV_PAGEOUT 21

static uint8_t *map_shared(int fd)
{
	int flags = MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0);
	void *p = mmap(NULL, NR * PAGE, PROT_READ | PROT_WRITE, flags, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Twice: the first look may find the pages just used. */
static void out(uint8_t *p)
{
	for (int i = 0; i < 2; i++)
		(void)madvise(p, NR * PAGE, ADV_PAGEOUT);
}

static void fill(volatile uint8_t *p, unsigned int key)
{
	for (unsigned long i = 0; i < NR; i++)
		p[i * PAGE + i] = (uint8_t)(key + i);
}

static unsigned long wrong(const volatile uint8_t *p, unsigned int key)
{
	unsigned long n = 0;

	for (unsigned long i = 0; i < NR; i++)
		n += p[i * PAGE + i] != (uint8_t)(key + i);
	return n;
}

static void child_and_parent(void)
{
	uint8_t *p = map_shared(-1);
	int status = 0;

	fill(p, 1);
	out(p);
	printf("shared memory, wrong: %lu\n", wrong(p, 1));
	out(p);
	fflush(stdout);
	if (!fork()) {
		unsigned long n = wrong(p, 1);

		fill(p, 50);
		out(p);
		_exit((int)n);
	}
	wait(&status);
	out(p);
	printf("in the child, wrong: %d; after it: %lu\n", WEXITSTATUS(status), wrong(p, 50));
	munmap(p, NR * PAGE);
}

static void file_and_calls(void)
{
	int fd = open("pages", O_CREAT | O_RDWR | O_TRUNC, 0600);
	uint8_t *p, *private, byte = 0;
	struct stat st;

	SHOW(ftruncate(fd, (off_t)(NR * PAGE)));
	p = map_shared(fd);
	private = mmap(NULL, NR * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	fill(p, 7);
	private[PAGE] = 99;
	out(p);
	SHOW(pread(fd, &byte, 1, 3 * PAGE + 3));
	printf("a byte by read: %d\n", byte);
	byte = 200;
	SHOW(pwrite(fd, &byte, 1, 4 * PAGE));
	out(p);
	printf("a byte by write: %d, beside it: %d\n", p[4 * PAGE], p[4 * PAGE + 4]);
	printf("a private page: %d, its file's: %d\n", private[PAGE], p[PAGE]);
	printf("a private page never written: %d\n", private[5 * PAGE + 5]);
	out(p);
	SHOW(ftruncate(fd, (off_t)(2 * PAGE + 2)));
	SHOW(ftruncate(fd, (off_t)(NR * PAGE)));
	printf("cut off: %d %d, kept: %d\n", p[2 * PAGE + 2], p[9 * PAGE + 9], p[PAGE + 1]);
	SHOW(fstat(fd, &st));
	SHOW(st.st_size);
	munmap(p, NR * PAGE);
	munmap(private, NR * PAGE);
	close(fd);
	SHOW(unlink("pages"));
}

int main(void)
{
	child_and_parent();
	file_and_calls();
	return 0;
}
