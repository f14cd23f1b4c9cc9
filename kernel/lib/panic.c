/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/panic.c - the end of a run, and the count of reports
 *
 * Concept    A panic prints everything that helps, in an order that survives a
 *            second failure: first the sentence, then registers and backtrace,
 *            then the dumps of the layers above. A second panic on the way
 *            (the dump itself may be broken) skips to the exit.
 *
 *                CPU 0                           CPU 1
 *                panic: wins the word
 *                PANIC: ...                      panic: loses, waits to be
 *                stop the other CPUs             stopped
 *                registers, backtrace, dumps
 *                exit
 *
 * Owns       The word that says who panics, the counts of reports, the hooks.
 * Locks      None: a panic may come from any context. Reports are separated by
 *            the log's own lock, line by line.
 * Callers    Everybody, mostly through ASSERT.
 * Next       kernel/lib/rbtree.c
 */
#include "kernel/lib/panic.h"
#include "kernel/lib/bootopt.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"

#define PANIC_EXIT_CODE 0x12	/* the debug-exit byte for a panic */
#define CHECK_SHOWN_MAX 20	/* reports of one kind printed in full */
#define PANIC_LOSER_TURNS (1UL << 26)	/* a loser that nobody stops */

/* How far the panic got; a second one steps over what failed. */
enum panic_stage {
	PANIC_NONE,
	PANIC_PRINTING,
	PANIC_DUMPING,
	PANIC_LEAVING,
};

static const struct panic_machine *panic_machine;
static struct panic_dump *panic_dumps;
static int panic_taken;
static enum panic_stage panic_stage;
static unsigned long panic_stack;	/* an address on the winner's stack */
static bool panic_halts;

static unsigned long check_counts[NR_CHECK_KINDS];
static int check_expected_kind = -1;
static unsigned long check_expected_count;

static const char *const check_names[NR_CHECK_KINDS] = {
	[CHECK_ASSERT] = "assert",
	[CHECK_CHECK] = "check",
	[CHECK_FREE_PAGE] = "free-page",
	[CHECK_BRACKET] = "bracket",
	[CHECK_TLB] = "tlb",
	[CHECK_LOCK] = "lock",
	[CHECK_KTEST] = "ktest",
	[CHECK_UBSAN] = "ubsan",
};

static void panic_spin(void) __noreturn;
static void panic_spin(void)
{
	for (;;)
		__builtin_ia32_pause();
}

static void panic_leave(void) __noreturn;
static void panic_leave(void)
{
	panic_stage = PANIC_LEAVING;
	if (panic_machine && panic_halts)
		panic_machine->halt();
	if (panic_machine)
		panic_machine->exit(PANIC_EXIT_CODE);
	panic_spin();
}

/*
 * Make this CPU the one that panics. Two CPUs cannot be told apart down here,
 * but their stacks can: a failure inside the panic is near the first one's
 * frame. A trap stack (IST) is not, so a loser gives the winner time to stop it
 * and only then takes the panic to be its own.
 */
static bool panic_take(unsigned long here)
{
	if (!__atomic_exchange_n(&panic_taken, 1, __ATOMIC_ACQ_REL)) {
		panic_stack = here;
		return true;
	}
	if (here - panic_stack + 8192 < 2 * 8192)
		return false;
	for (unsigned long i = 0; i < PANIC_LOSER_TURNS; i++)
		__builtin_ia32_pause();
	return false;
}

/* What can still be tried after a failure at panic_stage; ends in the exit. */
static void panic_run(const void *regs) __noreturn;
static void panic_run(const void *regs)
{
	const struct panic_machine *m = panic_machine;

	if (panic_stage == PANIC_NONE) {
		panic_stage = PANIC_PRINTING;
		if (m && m->stop_cpus)
			m->stop_cpus();
		if (m && regs && m->show_regs)
			m->show_regs(regs);
		if (m && m->backtrace)
			m->backtrace(regs);
	}
	if (panic_stage == PANIC_PRINTING) {
		panic_stage = PANIC_DUMPING;
		for (struct panic_dump *d = panic_dumps; d; d = d->next)
			d->show();
	}
	panic_leave();
}

static void panic_text(const void *regs, const char *fmt, va_list args) __noreturn;
static void panic_text(const void *regs, const char *fmt, va_list args)
{
	char text[PRINTK_LINE - 16];
	bool first = panic_take((unsigned long)text);

	printk_bust_lock();
	vsnprintf(text, sizeof(text), fmt, args);
	if (panic_stage < PANIC_DUMPING)
		printk(LOG_EMERG, "%s%s", first ? "PANIC: " : "PANIC in a panic: ",
		       text);
	panic_run(regs);
}

void panic(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	panic_text(NULL, fmt, args);
}

void panic_regs(const void *regs, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	panic_text(regs, fmt, args);
}

bool panic_in_progress(void)
{
	return READ_ONCE(panic_taken) != 0;
}

void panic_set_machine(const struct panic_machine *machine)
{
	panic_machine = machine;
}

void panic_add_dump(struct panic_dump *dump)
{
	dump->next = panic_dumps;
	__atomic_store_n(&panic_dumps, dump, __ATOMIC_RELEASE);
}

void panic_backtrace(void)
{
	if (panic_machine && panic_machine->backtrace)
		panic_machine->backtrace(NULL);
}

const char *check_kind_name(enum check_kind kind)
{
	return check_names[kind];
}

void check_report(enum check_kind kind, const char *fmt, ...)
{
	char text[PRINTK_LINE - 32];
	unsigned long n;
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if ((int)kind == __atomic_load_n(&check_expected_kind, __ATOMIC_ACQUIRE)) {
		__atomic_fetch_add(&check_expected_count, 1, __ATOMIC_RELAXED);
		printk(LOG_INFO, "EXPECTED %s: %s", check_names[kind], text);
		return;
	}
	n = __atomic_add_fetch(&check_counts[kind], 1, __ATOMIC_RELAXED);
	if (n > CHECK_SHOWN_MAX)
		return;
	printk(LOG_EMERG, "CHECK %s: %s", check_names[kind], text);
	panic_backtrace();
	if (n == CHECK_SHOWN_MAX)
		printk(LOG_EMERG, "further reports of kind %s are only counted",
		       check_names[kind]);
}

unsigned long check_reports(void)
{
	unsigned long n = 0;

	for (int kind = 0; kind < NR_CHECK_KINDS; kind++)
		n += __atomic_load_n(&check_counts[kind], __ATOMIC_RELAXED);
	return n;
}

void check_expect(enum check_kind kind)
{
	ASSERT_MSG(check_expected_kind < 0, "already expecting %s",
		   check_names[check_expected_kind]);
	__atomic_store_n(&check_expected_count, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&check_expected_kind, (int)kind, __ATOMIC_RELEASE);
}

unsigned long check_expected(void)
{
	__atomic_store_n(&check_expected_kind, -1, __ATOMIC_RELEASE);
	return __atomic_load_n(&check_expected_count, __ATOMIC_RELAXED);
}

void assert_failed(const char *file, int line, const char *expr)
{
	/* printed here, not by check_report(): the panic has the backtrace */
	__atomic_fetch_add(&check_counts[CHECK_ASSERT], 1, __ATOMIC_RELAXED);
	printk_bust_lock();
	printk(LOG_EMERG, "CHECK assert: %s:%d: %s", file, line, expr);
	panic("assertion failed at %s:%d: %s", file, line, expr);
}

void assert_failed_msg(const char *file, int line, const char *expr,
		       const char *fmt, ...)
{
	char text[PRINTK_LINE / 2];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	__atomic_fetch_add(&check_counts[CHECK_ASSERT], 1, __ATOMIC_RELAXED);
	printk_bust_lock();
	printk(LOG_EMERG, "CHECK assert: %s:%d: %s (%s)", file, line, expr, text);
	panic("assertion failed at %s:%d: %s (%s)", file, line, expr, text);
}

static int panic_option(const char *value)
{
	if (strcmp(value, "exit") && strcmp(value, "halt"))
		return -EINVAL;
	panic_halts = strcmp(value, "halt") == 0;
	return 0;
}
BOOT_OPTION(panic, panic_option, "after a panic: exit (leave QEMU) or halt");
