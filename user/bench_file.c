/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/bench_file.c - files and their mappings; see user/bench.c
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/bench.h"

#define FILE_NAME "/tmp/bench"

/* A file of 1 MiB whose pages are in memory. */
static int open_file(void)
{
	static char block[PAGE];
	int fd = open(FILE_NAME, O_RDWR | O_CREAT | O_TRUNC, 0600);

	for (size_t i = 0; fd >= 0 && i < MIB; i += PAGE) {
		if (write(fd, block, PAGE) != (ssize_t)PAGE) {
			close(fd);
			return -1;
		}
	}
	return fd;
}

static long fault_file(int prot, int flags, void (*go)(char *p, size_t size))
{
	int fd = open_file();
	char *p;

	if (fd < 0)
		return FAIL;
	p = mmap(NULL, MIB, prot, flags, fd, 0);
	if (p == MAP_FAILED)
		return FAIL;
	start();
	go(p, MIB);
	stop();
	munmap(p, MIB);
	close(fd);
	unlink(FILE_NAME);
	return MIB / PAGE;
}

static long fault_file_read(void) { return fault_file(PROT_READ, MAP_SHARED, look); }
static long fault_file_write(void) { return fault_file(PROT_READ | PROT_WRITE, MAP_SHARED, touch); }
static long fault_file_copy(void) { return fault_file(PROT_READ | PROT_WRITE, MAP_PRIVATE, touch); }

static long unmap_file_page(void)
{
	int fd = open_file();
	char *p = fd < 0 ? MAP_FAILED : mmap(NULL, MIB, PROT_READ, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return FAIL;
	look(p, MIB);
	start();
	munmap(p, MIB);
	stop();
	close(fd);
	unlink(FILE_NAME);
	return MIB / PAGE;
}

static long open_close(void)
{
	int fd = open_file();

	if (fd < 0)
		return FAIL;
	close(fd);
	start();
	for (int i = 0; i < 100; i++)
		if ((fd = open(FILE_NAME, O_RDONLY)) < 0 || close(fd))
			return FAIL;
	stop();
	unlink(FILE_NAME);
	return 100;
}

static long file_stat(void)
{
	struct stat st;

	start();
	for (int i = 0; i < 100; i++)
		if (stat("/tmp", &st))
			return FAIL;
	stop();
	return 100;
}

static long file_pages(bool write_it)
{
	static char block[PAGE];
	int fd = open_file();

	if (fd < 0)
		return FAIL;
	start();
	for (size_t i = 0; i < MIB; i += PAGE)
		if ((write_it ? pwrite(fd, block, PAGE, (off_t)i) :
				pread(fd, block, PAGE, (off_t)i)) != (ssize_t)PAGE)
			return FAIL;
	stop();
	close(fd);
	unlink(FILE_NAME);
	return MIB / PAGE;
}

static long file_read_page(void) { return file_pages(false); }
static long file_write_page(void) { return file_pages(true); }

/* A file of 1 MiB becomes empty while it is mapped. */
static long truncate_mapped_page(void)
{
	int fd = open_file();
	char *p = fd < 0 ? MAP_FAILED : mmap(NULL, MIB, PROT_READ, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return FAIL;
	look(p, MIB);
	start();
	if (ftruncate(fd, 0))
		return FAIL;
	stop();
	munmap(p, MIB);
	close(fd);
	unlink(FILE_NAME);
	return MIB / PAGE;
}

const struct operation file_operations[] = {
	{ "unmap_file_page", unmap_file_page },
	{ "fault_file_read", fault_file_read },
	{ "fault_file_write", fault_file_write },
	{ "fault_file_copy", fault_file_copy },
	{ "open_close", open_close },
	{ "file_stat", file_stat },
	{ "file_read_page", file_read_page },
	{ "file_write_page", file_write_page },
	{ "truncate_mapped_page", truncate_mapped_page },
	{ 0 }
};
