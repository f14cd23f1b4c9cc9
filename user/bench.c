/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/bench.c - what an operation of the kernel costs
 *
 * Concept    Each operation is done many times between two readings of the time
 *            stamp counter. Under `make bench` (QEMU's -icount shift=0) the
 *            counter counts guest instructions, so that figures repeat exactly;
 *            elsewhere they are cycles and only hint. The operations are in
 *            bench_map.c, bench_fault.c, bench_task.c, bench_file.c; curves, one
 *            operation against a growing number of something, in bench_curve.c and
 *            bench_notifier.c.
 * Output     One line an operation: `bench NAME COST`, or `bench NAME failed WHY`;
 *            of a curve `bench NAME.X COST`.
 * Callers    tools/bench; a person in the shell: `bench` or `bench NAME...`.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "user/bench.h"

uint64_t started, spent;
const char *program;

static const struct operation *const sections[] = {
	task_operations, map_operations, fault_operations, file_operations, curve_operations,
	notifier_operations,
};
#define NR_SECTIONS (sizeof(sections) / sizeof(sections[0]))

void report(const char *name, long x, long count)
{
	if (count == FAIL)
		printf("bench %s.%ld failed %s\n", name, x, strerror(errno));
	else
		printf("bench %s.%ld %llu\n", name, x, (unsigned long long)(spent / count));
	fflush(stdout);
}

long curve(const char *name, long first, long last, long (*run)(long x))
{
	for (long x = first; x <= last; x *= 10) {
		settle();
		spent = 0;
		errno = 0;
		report(name, x, run(x));
	}
	return 0;
}

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
		settle();
		spent = 0;
		errno = 0;
		count = op->run();
		if (count == 0)		/* a curve: it has reported by itself */
			return;
	}
	if (count == FAIL)
		printf("bench %s failed %s\n", op->name, strerror(errno));
	else
		printf("bench %s %llu\n", op->name, (unsigned long long)(spent / count));
	fflush(stdout);
}

int main(int argc, char **argv)
{
	program = argv[0];
	if (argc == 2 && strcmp(argv[1], "exit") == 0)
		return 0;
	for (size_t i = 0; i < NR_SECTIONS; i++)
		for (const struct operation *op = sections[i]; op->name; op++)
			if (wanted(op->name, argc, argv))
				measure(op);
	return 0;
}
