/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/panic.h - when an invariant is broken: panic, ASSERT, reports
 *
 * Two degrees. A *panic* ends the run: the state cannot be trusted. A *report*
 * of a checker is counted, printed with a backtrace, and the run goes on and
 * fails at its end, so that one run shows all that is wrong.
 *
 * On the serial line (behind "# " while tests run) a report is the line
 * `CHECK <kind>: text`, a panic is `PANIC: text`; a failed ASSERT is both, a
 * report of kind assert and then the panic. An expected report (a negative
 * control) is `EXPECTED <kind>: text`.
 */
#ifndef KERNEL_LIB_PANIC_H
#define KERNEL_LIB_PANIC_H

#include "include/types.h"

/* Who found it; the names are those of `Report:` in tests/mutants. */
enum check_kind {
	CHECK_ASSERT,		/* assert: an ASSERT in the code itself */
	CHECK_CHECK,		/* check: world check, redzones, leaks, WARN */
	CHECK_FREE_PAGE,	/* free-page: freed while a second MMU translates to it */
	CHECK_BRACKET,		/* bracket: a PTE changed outside a notifier bracket */
	CHECK_TLB,		/* tlb: freed before every CPU flushed */
	CHECK_LOCK,		/* lock: order, sleep in atomic, irq-safety, RCU stall */
	CHECK_KTEST,		/* ktest: the test machinery found it */
	CHECK_UBSAN,		/* ubsan: undefined behaviour in C */
	NR_CHECK_KINDS,
};

/*
 * Print `PANIC: ` and the text, the machine's registers and backtrace, what the
 * registered dumps know, then leave QEMU (or halt, with panic=halt).
 * Context: any. Only the first CPU prints; a panic during the panic stops at
 * once.
 */
void panic(const char *fmt, ...) __noreturn __printf(1, 2);

/* The same for a trap: @regs is the interrupted state, a struct pt_regs. */
void panic_regs(const void *regs, const char *fmt, ...) __noreturn __printf(2, 3);

/* Tell whether some CPU panics: waits must not be endless any more. */
bool panic_in_progress(void);

/*
 * Report what a checker found: `CHECK kind: text` and a backtrace; the run will
 * fail. After 20 reports of a kind only the count goes up.
 * Context: any, with any lock held; must not allocate, does not.
 */
void check_report(enum check_kind kind, const char *fmt, ...) __printf(2, 3);

/* Return: reports so far that no test expected. */
unsigned long check_reports(void);

/*
 * A negative control expects reports of @kind from here to check_expected():
 * they are printed as EXPECTED and do not make the run fail.
 * Context: one test at a time, not nested.
 */
void check_expect(enum check_kind kind);

/* End the expectation. Return: how many reports of that kind came. */
unsigned long check_expected(void);

const char *check_kind_name(enum check_kind kind);

/* What arch/ knows and this folder does not; registered once, early. */
struct panic_machine {
	void (*stop_cpus)(void);		/* all others; must not wait for ever */
	void (*backtrace)(const void *regs);	/* regs NULL: from the caller on */
	void (*show_regs)(const void *regs);
	__noreturn void (*exit)(int code);	/* leave QEMU with a debug-exit byte */
	__noreturn void (*halt)(void);		/* interrupts off, for ever */
};
void panic_set_machine(const struct panic_machine *machine);

/* More to print in a panic: locks held, current task, page, VMA ... */
struct panic_dump {
	void (*show)(void);	/* prints with printk(LOG_EMERG, ...); takes no lock */
	struct panic_dump *next;
};
void panic_add_dump(struct panic_dump *dump);

/* Print a backtrace of the caller if the machine can. */
void panic_backtrace(void);

void assert_failed(const char *file, int line, const char *expr)
	__noreturn __attribute__((cold));
void assert_failed_msg(const char *file, int line, const char *expr,
		       const char *fmt, ...)
	__noreturn __attribute__((cold)) __printf(4, 5);

/* A broken invariant of our own: stays on in every build that people run. */
#define ASSERT(c) \
	do { \
		if (unlikely(!(c))) \
			assert_failed(__FILE__, __LINE__, #c); \
	} while (0)

#define ASSERT_MSG(c, ...) \
	do { \
		if (unlikely(!(c))) \
			assert_failed_msg(__FILE__, __LINE__, #c, __VA_ARGS__); \
	} while (0)

/* Something is wrong, but the state is sound: report it and go on. */
#define WARN_TEXT(file, line, fmt, ...) \
	check_report(CHECK_CHECK, "%s:%d: " fmt, file, line, ##__VA_ARGS__)
#define WARN(...) WARN_TEXT(__FILE__, __LINE__, __VA_ARGS__)

#endif
