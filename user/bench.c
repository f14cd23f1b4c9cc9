/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/bench.c - what an operation of the memory manager costs
 *
 * Concept    Each operation is done many times between two readings of the time
 *            stamp counter. Under `make bench` (QEMU's -icount shift=0) the
 *            counter counts guest instructions, so that figures repeat exactly;
 *            elsewhere they are cycles and only hint.
 * Output     One line an operation: `bench NAME COST`, or `bench NAME failed WHY`.
 * Callers    tools/bench; a person in the shell: `bench` or `bench NAME...`.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096UL
#define MIB (1UL << 20)
#define FAIL (-1L)

static uint64_t started, spent;

static inline uint64_t now(void)
{
	uint32_t lo, hi;

	__asm__ volatile("lfence; rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

/* Only what lies between start() and stop() is counted; sections add up. */
static void start(void) { started = now(); }
static void stop(void) { spent += now() - started; }

static char *map(size_t size)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static void touch(char *p, size_t size)
{
	for (size_t i = 0; i < size; i += PAGE)
		*(volatile char *)(p + i) = 1;
}

static void look(char *p, size_t size)
{
	for (size_t i = 0; i < size; i += PAGE)
		(void)*(volatile char *)(p + i);
}

/* ---- operations: each returns how many it did between start and stop ---- */

static long null_call(void)
{
	start();
	for (int i = 0; i < 1000; i++)
		syscall(SYS_getppid);
	stop();
	return 1000;
}

static long map_unmap(void)
{
	start();
	for (int i = 0; i < 200; i++) {
		char *p = map(PAGE);

		if (!p)
			return FAIL;
		*(volatile char *)p = 1;
		munmap(p, PAGE);
	}
	stop();
	return 200;
}

static long fault_anon(void)
{
	char *p = map(MIB);

	if (!p)
		return FAIL;
	start();
	touch(p, MIB);
	stop();
	munmap(p, MIB);
	return MIB / PAGE;
}

static long fault_zero(void)
{
	char *p = map(MIB);

	if (!p)
		return FAIL;
	start();
	look(p, MIB);
	stop();
	munmap(p, MIB);
	return MIB / PAGE;
}

static long unmap_page(void)
{
	char *p = map(MIB);

	if (!p)
		return FAIL;
	touch(p, MIB);
	start();
	munmap(p, MIB);
	stop();
	return MIB / PAGE;
}

static long protect_twice(void)
{
	char *p = map(MIB);
	int bad = 0;

	if (!p)
		return FAIL;
	touch(p, MIB);
	start();
	for (int i = 0; i < 10; i++) {
		bad |= mprotect(p, MIB, PROT_READ);
		bad |= mprotect(p, MIB, PROT_READ | PROT_WRITE);
	}
	stop();
	munmap(p, MIB);
	return bad ? FAIL : 10;
}

static long remap(void)
{
	char *p = map(MIB), *to = map(MIB);

	if (!p || !to)
		return FAIL;
	touch(p, MIB);
	start();
	to = mremap(p, MIB, MIB, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	stop();
	if (to == MAP_FAILED)
		return FAIL;
	munmap(to, MIB);
	return 1;
}

/* Wait for @pid; its exit status must be 0. */
static bool reap(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && status == 0;
}

static long fork_wait(void)
{
	start();
	for (int i = 0; i < 10; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid < 0 || !reap(pid))
			return FAIL;
	}
	stop();
	return 10;
}

static long fork_16_mib(void)
{
	char *p = map(16 * MIB);
	pid_t pid;

	if (!p)
		return FAIL;
	touch(p, 16 * MIB);
	start();
	pid = fork();
	if (pid == 0)
		_exit(0);
	if (pid < 0 || !reap(pid))
		return FAIL;
	stop();
	munmap(p, 16 * MIB);
	return 1;
}

/* The parent keeps its reference, so each write by the child copies. */
static long cow(bool child_first)
{
	uint64_t *cost = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char *p = map(MIB);
	pid_t pid;

	if (cost == MAP_FAILED || !p)
		return FAIL;
	touch(p, MIB);
	pid = fork();
	if (pid == 0) {
		if (child_first) {
			start();
			touch(p, MIB);
			stop();
		}
		*cost = spent;
		_exit(0);
	}
	if (pid < 0 || !reap(pid))
		return FAIL;
	spent = *cost;
	if (!child_first) {	/* the child is gone: the pages are ours again */
		start();
		touch(p, MIB);
		stop();
	}
	munmap(p, MIB);
	munmap(cost, PAGE);
	return MIB / PAGE;
}

static long cow_copy(void) { return cow(true); }
static long cow_reuse(void) { return cow(false); }

static long pipe_round_trip(void)
{
	int there[2], back[2];
	char c = 0;
	pid_t pid;

	if (pipe(there) || pipe(back))
		return FAIL;
	pid = fork();
	if (pid == 0) {
		for (int i = 0; i < 101; i++)
			if (read(there[0], &c, 1) != 1 || write(back[1], &c, 1) != 1)
				_exit(1);
		_exit(0);
	}
	if (pid < 0)
		return FAIL;
	if (write(there[1], &c, 1) != 1 || read(back[0], &c, 1) != 1)
		return FAIL;
	start();
	for (int i = 0; i < 100; i++)
		if (write(there[1], &c, 1) != 1 || read(back[0], &c, 1) != 1)
			return FAIL;
	stop();
	for (int i = 0; i < 2; i++) {
		close(there[i]);
		close(back[i]);
	}
	return reap(pid) ? 100 : FAIL;
}

/* A line of /proc/meminfo in bytes, 0 if there is none. */
static size_t meminfo(const char *name)
{
	FILE *f = fopen("/proc/meminfo", "r");
	size_t kib = 0, len = strlen(name);
	char line[128];

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, name, len) == 0 && line[len] == ':')
			kib = strtoul(line + len + 1, NULL, 10);
	if (f)
		fclose(f);
	return kib << 10;
}

/*
 * A fifth more than the memory that is there, touched in a circle: what is asked
 * for is always what went out, so each page costs one write and one read of swap.
 */
static long swap_round(void)
{
	size_t room = meminfo("MemAvailable"), size = room + room / 5;
	char *p;

	errno = ENOSPC;
	if (!room || meminfo("SwapFree") < room / 2)
		return FAIL;
	p = map(size);
	if (!p)
		return FAIL;
	touch(p, size);
	start();
	touch(p, size);
	stop();
	munmap(p, size);
	return size / PAGE;
}

static const struct operation {
	const char *name;
	long (*run)(void);
} operations[] = {
	{ "null_call", null_call },
	{ "map_unmap", map_unmap },
	{ "fault_anon", fault_anon },
	{ "fault_zero", fault_zero },
	{ "unmap_page", unmap_page },
	{ "protect_twice_1_mib", protect_twice },
	{ "remap_1_mib", remap },
	{ "fork_wait", fork_wait },
	{ "fork_16_mib", fork_16_mib },
	{ "cow_copy", cow_copy },
	{ "cow_reuse", cow_reuse },
	{ "pipe_round_trip", pipe_round_trip },
	{ "swap_round", swap_round },
};

static bool wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(name, argv[i]) == 0)
			return true;
	return argc == 1;
}

/* The first run warms up: it fills caches of the kernel and page tables. */
static void measure(const struct operation *op)
{
	long count = FAIL;

	for (int round = 0; round < 2; round++) {
		spent = 0;
		errno = 0;
		count = op->run();
	}
	if (count == FAIL)
		printf("bench %s failed %s\n", op->name, strerror(errno));
	else
		printf("bench %s %llu\n", op->name, (unsigned long long)(spent / count));
	fflush(stdout);
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (wanted(operations[i].name, argc, argv))
			measure(&operations[i]);
	return 0;
}
