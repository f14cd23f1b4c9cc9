/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/test/ktest.c - runs the tests inside the kernel and prints KTAP
 *
 * Concept    Every KTEST leaves a record in the section `ktests`. Suites run in
 *            the order of their names, the tests of a suite in the order of the
 *            source. The output is KTAP version 1: each suite is a subtest with
 *            two spaces of indent, its own line comes last and is "not ok" if
 *            one line inside is. Diagnostics come before the line they explain
 *            and end with the command that runs the test again.
 *
 *                KTAP version 1
 *                1..2
 *                  KTAP version 1
 *                  # Subtest: list
 *                  1..2
 *                  ok 1 add_and_delete
 *                  # tests/kernel/test_list.c:31: n == 3: 2 == 3
 *                  # run again: APPEND=ktest=list.splice make boot
 *                  not ok 2 splice
 *                not ok 1 list
 *                ...
 *
 *            Around each test (each suite, for ktest=quick) run the hooks of lower
 *            layers: leak check, world check. Any report of a checker during the
 *            test or its hooks fails the test, expected ones excepted.
 * Owns       What runs now and the counts.
 * Locks      None: one test at a time. ktest_fail() may be called by several
 *            threads of the test at once; it only sets flags and prints.
 * Invariants The plan printed is the number of lines that follow it.
 * Callers    kernel/main.c, before init.
 * Next       kernel/test/gate.c
 */
#include "kernel/test/ktest.h"
#include "arch/x86/cpu/exit.h"
#include "kernel/lib/bootopt.h"
#include "kernel/lib/glob.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/parse.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"
#include "kernel/lib/test_hook.h"
#include "kernel/sched/task.h"
#include "kernel/sync/lock_check.h"
#include "kernel/sync/preempt.h"
#include "kernel/test/gate.h"
#include "kernel/test/inject.h"
#include "kernel/test/sweep.h"
#include "kernel/time/tick.h"
#include "kernel/time/timer.h"

#define KTEST_SELECT_MAX 256
#define KTEST_SLOW HZ		/* a test that takes longer is named, not failed */

extern const struct ktest __start_ktests[] __weak;
extern const struct ktest __stop_ktests[] __weak;

static char ktest_select[KTEST_SELECT_MAX] = "quick";
static bool ktest_suites_only;		/* ktest.show=suites */
static u64 ktest_limit = 100 * HZ;	/* ktest.limit=, in ticks */
static struct timer ktest_watchdog;

/* The running test; the flags are set by any thread of it. */
static const struct ktest *ktest_running;
static bool ktest_has_failed;
static const char *ktest_skipped;

static struct {
	int passed, failed, skipped;
	bool bad_option;
} ktest_totals;

/* ---- which tests ---- */

/* The element of a comma-separated list at *@list; moves *@list behind it. */
static bool ktest_next_element(const char **list, char *element)
{
	size_t len = strcspn(*list, ",");

	if (!**list)
		return false;
	memcpy(element, *list, len);
	element[len] = '\0';
	*list += len;
	if (**list)
		(*list)++;
	return true;
}

static bool ktest_element_selects(const char *element, const struct ktest *t)
{
	char id[128];

	if (strcmp(element, "none") == 0)
		return false;
	snprintf(id, sizeof(id), "%s.%s", t->suite, t->name);
	if (!sweep_draws(id))
		return false;
	if (t->flags & KTEST_F_PLANTED) {
		if (!str_has_prefix(element, t->suite))
			return false;
	} else {
		if (strcmp(element, "all") == 0)
			return true;
		if (strcmp(element, "quick") == 0)
			return t->flags & KTEST_F_QUICK;
	}
	return glob_match(element, id) || glob_match(element, t->suite);
}

static bool ktest_selected(const struct ktest *t)
{
	const char *list = ktest_select;
	char element[KTEST_SELECT_MAX];

	while (ktest_next_element(&list, element))
		if (ktest_element_selects(element, t))
			return true;
	return false;
}

/* The first suite, by name, behind @after that has a selected test, or NULL. */
static const char *ktest_next_suite(const char *after)
{
	const char *best = NULL;

	for (const struct ktest *t = __start_ktests; t < __stop_ktests; t++) {
		if (after && strcmp(t->suite, after) <= 0)
			continue;
		if (best && strcmp(t->suite, best) >= 0)
			continue;
		if (ktest_selected(t))
			best = t->suite;
	}
	return best;
}

static bool ktest_comes_before(const struct ktest *a, const struct ktest *b)
{
	return a->line != b->line ? a->line < b->line : a < b;
}

/* The next selected test of @suite behind @after (NULL: the first), or NULL. */
static const struct ktest *ktest_next_test(const char *suite,
					   const struct ktest *after)
{
	const struct ktest *best = NULL;

	for (const struct ktest *t = __start_ktests; t < __stop_ktests; t++)
		if ((!after || ktest_comes_before(after, t)) &&
		    (!best || ktest_comes_before(t, best)) &&
		    strcmp(t->suite, suite) == 0 && ktest_selected(t))
			best = t;
	return best;
}

static int ktest_count_suites(void)
{
	const char *suite = NULL;
	int n = 0;

	while ((suite = ktest_next_suite(suite)))
		n++;
	return n;
}

static int ktest_count_tests(const char *suite)
{
	const struct ktest *t = NULL;
	int n = 0;

	while ((t = ktest_next_test(suite, t)))
		n++;
	return n;
}

/* ---- what a test says ---- */

bool ktest_failed(void)
{
	return __atomic_load_n(&ktest_has_failed, __ATOMIC_ACQUIRE);
}

void ktest_fail(const char *file, int line, const char *fmt, ...)
{
	char text[PRINTK_LINE - 160];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (!ktest_running)
		panic("%s:%d: an assertion of a test outside of any test: %s",
		      file, line, text);
	__atomic_store_n(&ktest_has_failed, true, __ATOMIC_RELEASE);
	if (!sweep_note(file, line, text))
		printk_rawf("  # %s:%d: %s\n", file, line, text);
}

/* Small numbers are read as decimal, addresses and the like as hexadecimal. */
static void ktest_format_value(char *buf, size_t size, s64 v)
{
	if (v > -100000 && v < 100000)
		snprintf(buf, size, "%ld", (long)v);
	else
		snprintf(buf, size, "%#lx", (unsigned long)v);
}

void ktest_fail_compare(const char *file, int line, const char *a_text,
			const char *op, const char *b_text, s64 a, s64 b)
{
	char a_value[24], b_value[24];

	ktest_format_value(a_value, sizeof(a_value), a);
	ktest_format_value(b_value, sizeof(b_value), b);
	ktest_fail(file, line, "expected %s %s %s: %s, %s", a_text, op, b_text,
		   a_value, b_value);
}

void ktest_skip(const char *why)
{
	__atomic_store_n(&ktest_skipped, why, __ATOMIC_RELEASE);
}

/* ---- running ---- */

/* A test that does not end is the end of the run: others cannot begin. */
static void ktest_hang(struct timer *timer)
{
	const struct ktest *t = ktest_running;

	printk(LOG_EMERG, "HANG: %s.%s has not ended after %lu ticks",
	       t->suite, t->name, ktest_limit);
	panic_backtrace();	/* of the test, if it runs on this CPU */
	task_dump_all();
	machine_exit(EXIT_HANG);
}

/* What every test must leave as it was; put right, so that the next can run. */
static void ktest_check_context(const struct ktest *t)
{
	if (preempt_count()) {
		ktest_fail(t->file, t->line, "the test left preempt_count %#x",
			   preempt_count());
		current_thread_info()->preempt_count = 0;
	}
	if (irqs_disabled()) {
		ktest_fail(t->file, t->line, "the test left interrupts off");
		local_irq_enable();
	}
	lock_check_none_held("test");
}

static void ktest_hooks_before(void)
{
	for (struct test_hook *h = test_hook_first(); h; h = h->next)
		if (h->before)
			h->before();
}

static void ktest_hooks_after(void)
{
	test_hook_failed = ktest_failed() && !sweep_excuses();
	for (struct test_hook *h = test_hook_first(); h; h = h->next)
		if (h->after)
			h->after();
}

/*
 * Tell whether the hooks run between @a and @b (NULL: the edge of a suite). The
 * quick tests run at every boot and have the hooks around each suite only.
 */
static bool ktest_hooks_between(const struct ktest *a, const struct ktest *b)
{
	return !a || !b || strcmp(ktest_select, "quick") != 0;
}

/*
 * Run @t, which comes between @prev and @next of its suite, with its hooks; if it is
 * swept, with allocation @nth failing.
 * Return: whether it passed or was skipped.
 */
static bool ktest_run_body(const struct ktest *t, const struct ktest *prev,
			   const struct ktest *next, u64 nth)
{
	unsigned long reports;

	ktest_has_failed = false;
	ktest_skipped = NULL;
	ktest_running = t;
	if (ktest_hooks_between(prev, t))
		ktest_hooks_before();
	reports = check_reports();
	mod_timer(&ktest_watchdog, ticks + ktest_limit);
	if (sweep_asked())
		sweep_begin(nth);
	t->run();
	ktest_check_context(t);
	gate_open_all();
	inject_disarm_all();
	if (sweep_asked())
		sweep_end();
	if (ktest_hooks_between(t, next))
		ktest_hooks_after();
	del_timer_sync(&ktest_watchdog);
	reports = check_reports() - reports;
	if (reports)
		ktest_fail(t->file, t->line, "%lu reports of checkers, see CHECK above",
			   reports);
	ktest_running = NULL;
	return !ktest_failed() || (sweep_excuses() && !reports);
}

/* Run @t, which passes, as often as it has allocations that can fail. */
static bool ktest_sweep(const struct ktest *t)
{
	u64 nth = 0, uses = sweep_uses();
	unsigned int runs = 0, failed = 0;

	for (; (nth = sweep_next(nth)); runs++) {
		if (ktest_run_body(t, NULL, NULL, nth))
			continue;
		sweep_explain(t->name);
		failed++;
	}
	if (sweep_refused())
		printk_rawf("  # %s is not swept: %s\n", t->name, sweep_refused());
	else if (failed || !ktest_suites_only)
		printk_rawf("  # %s: %lu allocations in %u ways, %u runs, %u failed\n", t->name,
			    uses, inject_sweep_paths(), runs, failed);
	return !failed;
}

static bool ktest_run_one(const struct ktest *t, const struct ktest *prev, int number)
{
	u64 begin = ticks;
	bool ok = ktest_run_body(t, prev, ktest_next_test(t->suite, t), 0);

	if (ok && sweep_asked() && !ktest_skipped)
		ok = ktest_sweep(t);
	if (ticks - begin >= KTEST_SLOW)
		printk_rawf("  # %s took %lu ticks\n", t->name, ticks - begin);
	if (!ok) {
		ktest_totals.failed++;
		printk_rawf("  # run again: APPEND='ktest=%s.%s%s' make boot\n"
			    "  not ok %d %s\n", t->suite, t->name,
			    sweep_asked() ? " ktest.sweep=all" : "", number, t->name);
		return false;
	}
	if (ktest_skipped)
		ktest_totals.skipped++;
	else
		ktest_totals.passed++;
	if (!ktest_suites_only)
		printk_rawf("  ok %d %s%s%s\n", number, t->name,
			    ktest_skipped ? " # SKIP " : "",
			    ktest_skipped ? ktest_skipped : "");
	return true;
}

static void ktest_run_suite(const char *suite, int number)
{
	const struct ktest *t = NULL, *prev = NULL;
	bool ok = true;
	int n = 0;

	if (!ktest_suites_only)
		printk_rawf("  KTAP version 1\n  # Subtest: %s\n  1..%d\n",
			    suite, ktest_count_tests(suite));
	for (; (t = ktest_next_test(suite, prev)); prev = t)
		ok = ktest_run_one(t, prev, ++n) && ok;
	printk_rawf("%s %d %s\n", ok ? "ok" : "not ok", number, suite);
}

/* In a panic: what ran, and how to see it again. */
static void ktest_show_running(void)
{
	const struct ktest *t = READ_ONCE(ktest_running);

	if (t)
		printk(LOG_EMERG, "while test %s.%s ran: APPEND=ktest=%s.%s make boot",
		       t->suite, t->name, t->suite, t->name);
}

/* An option that selects nothing must not look like success to anybody. */
static void ktest_refuse_option(void)
{
	ktest_totals.bad_option = true;
	printk_rawf("KTAP version 1\n1..1\n  KTAP version 1\n"
		    "  # Subtest: selection\n  1..1\n"
		    "  # ktest=%s selects no test\n"
		    "  not ok 1 selects_a_test\nnot ok 1 selection\n",
		    ktest_select);
}

int ktest_run_all(void)
{
	static struct panic_dump dump = { .show = ktest_show_running };
	const char *suite = NULL;
	u64 begin = ticks;
	int n = 0, suites;

	if (strcmp(ktest_select, "none") == 0)
		return 0;
	panic_add_dump(&dump);
	timer_setup(&ktest_watchdog, ktest_hang);
	suites = ktest_count_suites();
	if (suites == 0) {
		ktest_refuse_option();
		return -ENOENT;
	}
	printk_set_prefix("# ");
	printk_rawf("KTAP version 1\n1..%d\n", suites);
	while ((suite = ktest_next_suite(suite)))
		ktest_run_suite(suite, ++n);
	printk_rawf("# ktest: %d passed, %d failed, %d skipped in %lu ticks; "
		    "checkers reported %lu times\n", ktest_totals.passed,
		    ktest_totals.failed, ktest_totals.skipped, ticks - begin, check_reports());
	printk_set_prefix("");
	return ktest_totals.failed;
}

bool ktest_passed(void)
{
	return !ktest_totals.failed && !ktest_totals.bad_option &&
	       check_reports() == 0;
}

/* ---- options ---- */

static int ktest_option(const char *value)
{
	return strscpy(ktest_select, value, sizeof(ktest_select)) > 0 ? 0 : -EINVAL;
}
BOOT_OPTION(ktest, ktest_option,
	    "which tests run before init: none, quick, all, "
	    "or globs of suite.test with commas between");

static int ktest_option_show(const char *value)
{
	ktest_suites_only = strcmp(value, "suites") == 0;
	return ktest_suites_only || strcmp(value, "tests") == 0 ? 0 : -EINVAL;
}
BOOT_OPTION_NAMED(ktest_show, "ktest.show", ktest_option_show,
		  "tests (a line for each) or "
		  "suites (a line for each suite, and the failures)");

static int ktest_option_limit(const char *value)
{
	u64 seconds;

	if (parse_u64(value, &seconds) || seconds == 0 || seconds > 100000)
		return -EINVAL;
	ktest_limit = seconds * HZ;
	return 0;
}
BOOT_OPTION_NAMED(ktest_limit, "ktest.limit", ktest_option_limit,
		  "seconds' worth of timer ticks after which a test counts as hung (100)");
