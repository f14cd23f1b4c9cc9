/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/host/host.h - how a host test is written
 *
 * A host test compiles files of the kernel for the build machine, with the
 * address and undefined-behaviour sanitizers, and prints TAP. It names what it
 * is linked with in a comment that begins with "Links:", tests/host/host.c among
 * them, which stands in for the log and the panic.
 */
#ifndef TESTS_HOST_HOST_H
#define TESTS_HOST_HOST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "include/types.h"

/* Run one test: it passes if it returns. */
void host_run(const char *name, void (*test)(void));

/* Print the plan. Return: main()'s exit status. */
int host_done(void);

/* The running test has failed: prints where and why, and ends the program. */
void host_fail(const char *file, int line, const char *what)
	__attribute__((noreturn));

#define HT_TRUE(c) \
	do { \
		if (!(c)) \
			host_fail(__FILE__, __LINE__, #c); \
	} while (0)
#define HT_EQ(a, b) HT_TRUE((a) == (b))
#define HT_STR(a, b) HT_TRUE(strcmp(a, b) == 0)

/* A validator's answer: NULL or a sentence. */
#define HT_VALID(sentence) \
	do { \
		const char *_wrong = (sentence); \
		if (_wrong) \
			host_fail(__FILE__, __LINE__, _wrong); \
	} while (0)

/* The last line that the code under test logged, and how many there were. */
extern char host_log[1024];
extern int host_log_lines;

/* Reports of checkers (check_report) so far. */
extern int host_reports;

#endif
