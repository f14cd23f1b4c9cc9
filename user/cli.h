/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/cli.h - options of the programs here: numbers with units, and how a mistake is told
 *
 * Each program has a text `manual`; --help prints it, and a mistake names it.
 */
#ifndef USER_CLI_H
#define USER_CLI_H

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Say what is wrong with the command line; status 2, as everywhere. */
static inline void __attribute__((noreturn, format(printf, 2, 3)))
cli_wrong(const char *program, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", program);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n%s: try `%s --help'\n", program, program);
	exit(2);
}

/* What the program is for could not be done: status 1. */
static inline void __attribute__((noreturn)) cli_failed(const char *program, const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program, what, strerror(errno));
	exit(1);
}

/* @text as a number in [@low, @high], with K, M or G behind it for powers of 1024. */
static inline unsigned long cli_number(const char *program, const char *what, const char *text,
				       unsigned long low, unsigned long high)
{
	static const char units[] = "KMG";
	unsigned long value, unit = 1;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 0);
	if (end != text && *end && strchr(units, *end))
		unit = 1024UL << 10 * (strchr(units, *end++) - units);
	if (end == text || *end || *text == '-' || errno || value > high / unit ||
	    value * unit < low)
		cli_wrong(program, "%s: '%s' is no number from %lu to %lu", what, text, low, high);
	return value * unit;
}

#endif
