/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/host/host.c - TAP, and stand-ins for what lies beside the code under test
 *
 * Concept    A panic ends the program with "not ok", so a broken invariant is a
 *            failed test. Log lines are kept for the test to look at.
 */
#include "tests/host/host.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"

char host_log[1024];
int host_log_lines;
int host_reports;

static int host_count;
static const char *host_running = "start";

void host_run(const char *name, void (*test)(void))
{
	host_running = name;
	test();
	printf("ok %d - %s\n", ++host_count, name);
	fflush(stdout);
}

int host_done(void)
{
	printf("1..%d\n", host_count);
	return 0;
}

void host_fail(const char *file, int line, const char *what)
{
	printf("# %s:%d: %s\nnot ok %d - %s\n", file, line, what, ++host_count,
	       host_running);
	exit(1);
}

void vprintk(enum printk_level level, const char *fmt, va_list args)
{
	vsnprintf(host_log, sizeof(host_log), fmt, args);
	host_log_lines++;
}

void printk(enum printk_level level, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vprintk(level, fmt, args);
	va_end(args);
}

void check_report(enum check_kind kind, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vprintk(LOG_ERR, fmt, args);
	va_end(args);
	host_reports++;
}

void panic(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vprintk(LOG_EMERG, fmt, args);
	va_end(args);
	host_fail("panic", 0, host_log);
}

void assert_failed(const char *file, int line, const char *expr)
{
	host_fail(file, line, expr);
}

void assert_failed_msg(const char *file, int line, const char *expr,
		       const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vprintk(LOG_EMERG, fmt, args);
	va_end(args);
	printf("# %s\n", host_log);
	host_fail(file, line, expr);
}
