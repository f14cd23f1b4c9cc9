/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/bench.h - the clock of the benchmarks, and their memory
 *
 * Only what lies between start() and stop() is counted; sections add up in
 * `spent`. Every operation returns how often it did what it measures, or FAIL.
 */
#ifndef USER_BENCH_H
#define USER_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096UL
#define MIB (1UL << 20)
#define FAIL (-1L)

extern uint64_t started, spent;

/* One line of the table; an array of them ends with a nameless one. */
struct operation {
	const char *name;
	long (*run)(void);
};

extern const struct operation map_operations[], fault_operations[], task_operations[],
	file_operations[], curve_operations[], notifier_operations[];
extern const char *program;	/* our own path, for exec */

/* For a line of a curve: the figure of @name at @x. */
void report(const char *name, long x, long count);
/* Call a curve's @run for @x = 1, 10, ... up to @last and report each. */
long curve(const char *name, long first, long last, long (*run)(long x));

static inline uint64_t now(void)
{
	uint32_t lo, hi;

	__asm__ volatile("lfence; rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

static inline void start(void)
{
	started = now();
}

static inline void stop(void)
{
	spent += now() - started;
}

/* Let the kernel finish what earlier operations left for later (RCU, write-back). */
static inline void settle(void)
{
	usleep(20000);
}

/* Private memory that nobody has touched; NULL: there is none. */
static inline char *map(size_t size)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static inline void touch(char *p, size_t size)
{
	for (size_t i = 0; i < size; i += PAGE)
		*(volatile char *)(p + i) = 1;
}

static inline void look(char *p, size_t size)
{
	for (size_t i = 0; i < size; i += PAGE)
		(void)*(volatile char *)(p + i);
}

/* Wait for @pid; its exit status must be 0. */
static inline bool reap(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && status == 0;
}

#endif
