/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/user/writeback.c - a mapped file, msync, fsync, sync and who reads it then
 *
 * On /dev/ram1 where there is one that may be written, else on a file: what a program
 * sees is the same.
 */
#include "tests/user/test.h"

#define NR 32UL

static int disk_open(void)
{
	int fd = open("/dev/ram1", O_RDWR);

	if (fd < 0) {
		fd = open("pages", O_RDWR | O_CREAT | O_TRUNC, 0600);
		(void)unlink("pages");
		if (ftruncate(fd, (off_t)(NR * PAGE)))
			return -1;
	}
	return fd;
}

static uint8_t *map(int fd, int flags)
{
	void *p = mmap(NULL, NR * PAGE, PROT_READ | PROT_WRITE, flags, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int byte_at(int fd, unsigned long page)
{
	uint8_t byte = 0;

	return pread(fd, &byte, 1, (off_t)(page * PAGE)) == 1 ? byte : -1;
}

static void rounds(int fd, volatile uint8_t *p)
{
	for (unsigned int round = 1; round < 4; round++) {
		for (unsigned long i = 0; i < NR; i++)
			p[i * PAGE] = (uint8_t)(round * 40 + i);
		SHOW_OK(msync((void *)p, NR * PAGE, round == 2 ? MS_ASYNC : MS_SYNC));
		printf("round %u: %d %d\n", round, byte_at(fd, 0), byte_at(fd, NR - 1));
	}
}

int main(void)
{
	int fd = disk_open(), status;
	uint8_t *p = map(fd, MAP_SHARED), *q = map(fd, MAP_PRIVATE), byte = 7;

	rounds(fd, p);
	SHOW_OK(pwrite(fd, &byte, 1, 5 * PAGE));
	printf("a byte written by a call: %d, in a private mapping: %d\n", p[5 * PAGE], q[5 * PAGE]);
	q[6 * PAGE] = 99;
	SHOW_OK(msync(q, NR * PAGE, MS_SYNC));
	printf("a private page: %d, the file's: %d\n", q[6 * PAGE], byte_at(fd, 6));
	SHOW_OK(fsync(fd));
	SHOW_OK(fdatasync(fd));
	fflush(stdout);
	if (!fork()) {
		p[8 * PAGE] = 88;
		_exit(msync(p, NR * PAGE, MS_SYNC) != 0);
	}
	wait(&status);
	printf("the child's byte: %d, its status %d\n", byte_at(fd, 8), status);
	p[9 * PAGE] = 9;
	SHOW_OK(munmap(p, NR * PAGE));
	sync();
	printf("after munmap: %d\n", byte_at(fd, 9));
	SHOW(msync(p, NR * PAGE, MS_SYNC));
	return 0;
}
