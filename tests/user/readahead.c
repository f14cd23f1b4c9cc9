/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/user/readahead.c - posix_fadvise, readahead and MADV_WILLNEED: what they answer, and that
 * nothing that is read differs
 */
#include "tests/user/test.h"

#define NR 48UL

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

static void fill(int fd)
{
	for (unsigned long i = 0; i < NR; i++) {
		uint32_t word = (uint32_t)(i * 2654435761u);

		if (pwrite(fd, &word, sizeof(word), (off_t)(i * PAGE)) != sizeof(word))
			puts("pwrite failed");
	}
	SHOW_OK(fsync(fd));
}

/* How many of the pages @first, @first + @step ... are wrong. */
static unsigned int wrong(int fd, unsigned long first, unsigned long step)
{
	unsigned int n = 0;

	for (unsigned long i = first; i < NR; i += step) {
		uint32_t word = 0;

		if (pread(fd, &word, sizeof(word), (off_t)(i * PAGE)) != sizeof(word) ||
		    word != (uint32_t)(i * 2654435761u))
			n++;
	}
	return n;
}

static void advise_and_read(int fd)
{
	static const int advice[] = {
		POSIX_FADV_NORMAL, POSIX_FADV_RANDOM, POSIX_FADV_SEQUENTIAL, POSIX_FADV_WILLNEED,
		POSIX_FADV_NOREUSE,
	};

	for (unsigned int i = 0; i < sizeof(advice) / sizeof(advice[0]); i++) {
		printf("advice %d: %d", advice[i], posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED));
		printf(" %d", posix_fadvise(fd, PAGE, 8 * PAGE, advice[i]));
		printf(", wrong: %u", wrong(fd, 0, 1));
		printf(" %d", posix_fadvise(fd, 100, 0, POSIX_FADV_DONTNEED));
		printf(" %u\n", wrong(fd, 0, 3));
	}
}

static void mapped(int fd)
{
	unsigned int bad = 0;
	uint8_t *p = mmap(NULL, NR * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

	SHOW_OK(madvise(p, NR * PAGE, MADV_WILLNEED));
	SHOW_OK(madvise(p, 16 * PAGE, MADV_SEQUENTIAL));
	SHOW_OK(madvise(p + 16 * PAGE, 16 * PAGE, MADV_RANDOM));
	for (unsigned long i = 0; i < NR; i++) {
		uint32_t word;

		memcpy(&word, p + i * PAGE, sizeof(word));
		bad += word != (uint32_t)(i * 2654435761u);
	}
	printf("wrong in the mapping: %u\n", bad);
	SHOW_OK(munmap(p, NR * PAGE));
}

int main(void)
{
	int fd = disk_open(), write_only = open("w", O_WRONLY | O_CREAT, 0600), pipes[2], dir;

	fill(fd);
	advise_and_read(fd);
	mapped(fd);
	SHOW_OK(readahead(fd, 0, NR * PAGE));
	SHOW_OK(readahead(fd, (off_t)(NR * PAGE * 1000), PAGE));
	SHOW_OK(readahead(write_only, 0, PAGE));
	SHOW_OK(readahead(-1, 0, PAGE));
	if (pipe(pipes))
		return 1;
	dir = open(".", O_RDONLY | O_DIRECTORY);
	SHOW_OK(readahead(pipes[0], 0, PAGE));
	SHOW_OK(readahead(dir, 0, PAGE));
	printf("a pipe: %s\n", errno_name(posix_fadvise(pipes[0], 0, 0, POSIX_FADV_NORMAL)));
	printf("no file: %s\n", errno_name(posix_fadvise(-1, 0, 0, POSIX_FADV_NORMAL)));
	printf("no such advice: %s\n", errno_name(posix_fadvise(fd, 0, 0, 77)));
	printf("a negative length: %s\n", errno_name(posix_fadvise(fd, 0, -1, POSIX_FADV_NORMAL)));
	printf("wrong at the end: %u\n", wrong(fd, 0, 1));
	SHOW_OK(close(write_only));
	SHOW_OK(unlink("w"));
	return 0;
}
