/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/test/sweep.c - run a test again and again, another allocation failing each time
 *
 * Concept    First the test runs undisturbed, and its allocations are counted: pages,
 *            objects and vmalloc ranges in one row, of its thread and of all threads
 *            that it starts. Then it runs with the first of them failing, with the
 *            second, the third ... until none is left to fail.
 *
 *            A test is written for a world in which its steps work. So a check whose
 *            own expression met the failure evaluates it once more (KT_CHECK, KT_EQ,
 *            KT_GET ...):
 *
 *                KT_CHECK_EQ(vm_mmap(...), 0)    -ENOMEM, again: 0, and the test goes on
 *
 *            That is a hard question to the kernel: a call that fails for want of
 *            memory must have changed nothing, or the rest of the test notices. A
 *            check that fails all the same (fewer pages were read ahead, a thread of
 *            the test gave up) is kept, and excused. Nothing else is: no panic, no
 *            report of a checker, no leak, no hang.
 *
 *            A long test asks for memory thousands of times, in few ways. When its runs
 *            have taken ktest.sweep.budget= seconds (number SWEEP_DENSE always comes
 *            first), the numbers leave gaps, which grow; but the first allocation of each
 *            way, by the calls that led to it, still fails. What was covered is printed.
 *
 *            A sample leaves out the tests that start threads: there one may wait
 *            for ever for another that gave up, which is no fault of the kernel.
 * Owns       The choice of tests, and the running sweep.
 * Locks      None: one test at a time; its threads only set flags.
 * Callers    ktest.c; the checks of all tests.
 * Next       kernel/test/inject.c
 */
#include "kernel/test/sweep.h"
#include "kernel/lib/bootopt.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/parse.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/rand.h"
#include "kernel/lib/string.h"
#include "kernel/sched/task.h"
#include "kernel/sync/preempt.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "kernel/time/tick.h"

#define SWEEP_DENSE 64		/* up to here each allocation fails in a run of its own */
#define SWEEP_SAMPLE 6			/* a sample takes one test in so many ... */
#define SWEEP_SAMPLE_TICKS (HZ / 4)	/* ... if it takes no longer, and has one thread */
#define SWEEP_SAMPLE_RUNS 4	/* ... and lets so many of its allocations fail */

static struct {
	bool asked, sampled;		/* ktest.sweep= */
	u64 seed;
	bool on;			/* the running test is swept */
	bool fired;			/* in its last run an allocation failed */
	u64 nth, uses;
	u64 counted, took;		/* by the undisturbed run: uses, ticks */
	bool alone;			/* it started no thread */
	unsigned int runs;
	u64 budget, began;		/* ticks for all runs of a test */
	struct rand_state rand;		/* a sample's: which allocations */
	bool noted;
	char note[160];			/* the first check that failed */
	const char *refused;
} sweep = { .budget = 20 * HZ };

bool sweep_asked(void)
{
	return sweep.asked;
}

bool sweep_draws(const char *id)
{
	struct rand_state rand;
	u64 seed = sweep.seed;

	if (!sweep.sampled)
		return true;
	while (*id)
		seed = seed * 31 + (u8)*id++;
	rand_seed(&rand, seed);
	return rand_below(&rand, SWEEP_SAMPLE) == 0;
}

void sweep_begin(u64 nth)
{
	sweep.nth = nth;
	sweep.runs = nth ? sweep.runs + 1 : 0;
	sweep.fired = sweep.noted = false;
	sweep.refused = NULL;
	sweep.on = true;
	if (!nth)
		sweep.began = ticks;
	inject_sweep_begin(nth);
}

void sweep_end(void)
{
	sweep.fired = inject_sweep_fired();
	sweep.uses = inject_sweep_end();
	sweep.on = false;
	if (!sweep.nth) {
		sweep.counted = sweep.uses;
		sweep.took = ticks - sweep.began;
		sweep.alone = !(current->flags & PF_SWEEP_PARENT);
	}
	if (sweep.fired)
		(void)check_expected();		/* the test may not have come so far */
}

u64 sweep_uses(void)
{
	return sweep.uses;
}

bool sweep_excuses(void)
{
	return sweep.on ? inject_sweep_fired() : sweep.fired;
}

/* The number behind @nth, or, when time is up, one farther away. */
static u64 sweep_advance(u64 nth)
{
	u64 gap = nth + 1 + nth / 8, path = inject_sweep_next_path(nth);

	if (nth < SWEEP_DENSE || ticks - sweep.began < sweep.budget)
		return nth + 1;
	return path ? min(path, gap) : gap;
}

u64 sweep_next(u64 nth)
{
	if (sweep.refused || (nth && !sweep.fired))
		return 0;
	if (!sweep.counted)
		return 0;
	if (!sweep.sampled)
		return sweep_advance(nth);
	if (sweep.runs == SWEEP_SAMPLE_RUNS || sweep.took > SWEEP_SAMPLE_TICKS || !sweep.alone)
		return 0;
	return 1 + rand_below(&sweep.rand, sweep.counted);
}

bool sweep_note(const char *file, int line, const char *text)
{
	if (!sweep_excuses())
		return false;
	if (!__atomic_exchange_n(&sweep.noted, true, __ATOMIC_ACQ_REL))
		snprintf(sweep.note, sizeof(sweep.note), "%s:%d: %s", file, line, text);
	return true;
}

void sweep_explain(const char *name)
{
	printk_rawf("  # %s, allocation %lu failed; %s\n", name, sweep.nth,
		    sweep.noted ? sweep.note : "no check did");
	inject_sweep_print();
}

const char *sweep_refused(void)
{
	return sweep.refused;
}

/* ---- for the checks ---- */

bool ktest_sweep_fired(void)
{
	return sweep_excuses();
}

bool ktest_sweep_again(bool before)
{
	return !before && sweep_excuses() && inject_sweep_task() == current;
}

bool ktest_sweep_refuse(const char *why)
{
	__atomic_store_n(&sweep.refused, why, __ATOMIC_RELEASE);
	return sweep.on && sweep.nth;
}

/* ---- option ---- */

static int sweep_option(const char *value)
{
	sweep.asked = true;
	if (strcmp(value, "all") == 0)
		return 0;
	sweep.sampled = true;
	if (parse_u64(value, &sweep.seed))
		return -EINVAL;
	rand_seed(&sweep.rand, sweep.seed);
	return 0;
}
BOOT_OPTION_NAMED(ktest_sweep, "ktest.sweep", sweep_option,
		  "all: run each test again and again, its 1st, 2nd, 3rd ... allocation "
		  "failing; or a number: a sample of that, drawn by it");

static int sweep_budget_option(const char *value)
{
	u64 seconds;

	if (parse_u64(value, &seconds) || seconds > 100000)
		return -EINVAL;
	sweep.budget = seconds * HZ;
	return 0;
}
BOOT_OPTION_NAMED(ktest_sweep_budget, "ktest.sweep.budget", sweep_budget_option,
		  "seconds for the runs of one test until ktest.sweep=all leaves gaps (20)");
