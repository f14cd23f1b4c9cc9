/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/bench_curve.c - one operation against a growing number of VMAs, relatives,
 * processes or pages; see user/bench.c. A good curve is flat, or grows as a
 * logarithm does.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

#include "user/bench.h"

#define FILE_NAME "/tmp/curve"
#define TABLE (2 * MIB)		/* what one page table translates */

/* ---- VMAs ---- */

/* @nr VMAs of one page, of two kinds in turn, that begin at a new table; NULL: no room. */
static char *map_many(long nr)
{
	size_t size = (size_t)nr * PAGE + TABLE;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	for (long i = 1; i < nr; i += 2)
		if (mprotect(p + i * PAGE, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC))
			return NULL;
	return p;
}

/* First accesses, spread over all of them; the tables are there already. */
static long faults_among_vmas(long nr)
{
	long step = nr < 500 ? 1 : nr / 500, done = 0;
	char *p = map_many(nr);

	if (!p)
		return FAIL;
	for (long i = 0; i < nr; i += 512)
		look(p + i * PAGE, PAGE);
	start();
	for (long i = 1; i < nr; i += step, done++)
		*(volatile char *)(p + i * PAGE) = 1;
	stop();
	munmap(p, (size_t)nr * PAGE + TABLE);
	return done;
}

static long maps_among_vmas(long nr)
{
	char *p = map_many(nr);

	if (!p)
		return FAIL;
	start();
	for (int i = 0; i < 100; i++) {
		char *one = map(PAGE);

		if (!one)
			return FAIL;
		munmap(one, PAGE);
	}
	stop();
	munmap(p, (size_t)nr * PAGE + TABLE);
	return 100;
}

/* A process may have 65530 VMAs, here and on Linux. */
static long curve_faults(void)
{
	curve("faults_among_vmas", 10, 10000, faults_among_vmas);
	return curve("faults_among_vmas", 60000, 60000, faults_among_vmas);
}

static long curve_maps(void)
{
	return curve("maps_among_vmas", 10, 10000, maps_among_vmas);
}

/* ---- pages ---- */

/* Without the cost of having any: entries that show the page of zeroes. */
static long unmap_pages(long nr)
{
	char *p = mmap(NULL, (size_t)nr * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return FAIL;
	look(p, (size_t)nr * PAGE);
	start();
	munmap(p, (size_t)nr * PAGE);
	stop();
	return nr;
}

static long unmap_own_pages(long nr)
{
	char *p = map((size_t)nr * PAGE);

	if (!p)
		return FAIL;
	touch(p, (size_t)nr * PAGE);
	start();
	munmap(p, (size_t)nr * PAGE);
	stop();
	return nr;
}

static long curve_unmap(void)
{
	curve("unmap_zero_pages", 1, 100000, unmap_pages);
	return curve("unmap_own_pages", 1, 10000, unmap_own_pages);
}

/* ---- relatives ---- */

/* Children that wait until the pipe @hold is closed. */
static bool fork_waiting(long nr, int hold[2])
{
	char c;

	for (long i = 0; i < nr; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return false;
		if (pid)
			continue;
		close(hold[1]);
		_exit(read(hold[0], &c, 1) != 0);
	}
	return true;
}

static bool reap_all(long nr, int hold[2])
{
	bool good = true;
	int status;

	close(hold[1]);
	close(hold[0]);
	while (nr--)
		good &= wait(&status) > 0 && status == 0;
	return good;
}

/* The fork of one more child, while @nr live. */
static long fork_among_siblings(long nr)
{
	char *p = map(MIB);
	int hold[2];
	pid_t pid;

	if (!p || pipe(hold))
		return FAIL;
	touch(p, MIB);
	if (!fork_waiting(nr, hold))
		return FAIL;
	start();
	pid = fork();
	if (pid == 0)
		_exit(0);
	stop();
	if (pid < 0 || !reap(pid) || !reap_all(nr, hold))
		return FAIL;
	munmap(p, MIB);
	return 1;
}

static long curve_siblings(void)
{
	return curve("fork_among_siblings", 1, 1000, fork_among_siblings);
}

/* A page of a file that @nr processes map is taken out of all of them. */
static long unmap_from_processes(long nr)
{
	int fd = open(FILE_NAME, O_RDWR | O_CREAT | O_TRUNC, 0600), hold[2], ready[2];
	char *p, c;

	if (fd < 0 || ftruncate(fd, PAGE) || pipe(hold) || pipe(ready))
		return FAIL;
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return FAIL;
	for (long i = 0; i < nr; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return FAIL;
		if (pid)
			continue;
		touch(p, PAGE);
		close(hold[1]);
		_exit(write(ready[1], &c, 1) != 1 || read(hold[0], &c, 1) != 0);
	}
	for (long i = 0; i < nr; i++)
		if (read(ready[0], &c, 1) != 1)
			return FAIL;
	touch(p, PAGE);
	start();
	if (ftruncate(fd, 0))
		return FAIL;
	stop();
	munmap(p, PAGE);
	close(fd);
	close(ready[0]);
	close(ready[1]);
	unlink(FILE_NAME);
	return reap_all(nr, hold) ? nr : FAIL;
}

static long curve_processes(void)
{
	return curve("unmap_from_processes", 1, 1000, unmap_from_processes);
}

/*
 * Each generation forks the next and ends; what the fork costs after 1, 10, 100 and
 * 1000 of them. The last ones write where the first process can read.
 */
static void generation(long nr, long last, uint64_t *cost, int done)
{
	for (;;) {
		pid_t pid;

		spent = 0;
		start();
		pid = fork();
		if (pid) {
			stop();
			cost[nr] = spent;
			_exit(pid < 0);
		}
		if (++nr > last)
			break;
	}
	_exit(write(done, "", 1) != 1);
}

static long curve_generations(void)
{
	const long last = 1000;
	size_t size = (size_t)(last + 1) * sizeof(uint64_t);
	uint64_t *cost = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			      -1, 0);
	char *p = map(MIB), c;
	int done[2];
	pid_t pid;

	if (cost == MAP_FAILED || !p || pipe(done))
		return FAIL;
	touch(p, MIB);
	pid = fork();
	if (pid == 0)
		generation(1, last, cost, done[1]);
	if (pid < 0 || !reap(pid) || read(done[0], &c, 1) != 1)
		return FAIL;
	for (long nr = 1; nr <= last; nr *= 10) {
		spent = cost[nr];
		report("fork_of_generation", nr, 1);
	}
	munmap(cost, size);
	munmap(p, MIB);
	close(done[0]);
	close(done[1]);
	return 0;
}

const struct operation curve_operations[] = {
	{ "curve_faults", curve_faults },
	{ "curve_maps", curve_maps },
	{ "curve_unmap", curve_unmap },
	{ "curve_siblings", curve_siblings },
	{ "curve_generations", curve_generations },
	{ "curve_processes", curve_processes },
	{ 0 }
};
