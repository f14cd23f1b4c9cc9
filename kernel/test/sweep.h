/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/test/sweep.h - run a test again and again, another allocation failing each time
 *
 * The part that ktest.c needs; what a test sees of it is in kernel/test/ktest.h.
 */
#ifndef KERNEL_TEST_SWEEP_H
#define KERNEL_TEST_SWEEP_H

#include "include/types.h"

/*
 * Tell whether ktest.sweep= wants the test @id run, and swept. Without the option all
 * tests run and none is swept. Context: any.
 */
bool sweep_asked(void);
bool sweep_draws(const char *id);

/*
 * Around the test itself, not its hooks: count its allocations and let number @nth
 * fail (0: none). Context: the test's thread.
 */
void sweep_begin(u64 nth);
void sweep_end(void);

/*
 * After sweep_end(): how many allocations there were, and did one fail? Then checks may
 * have failed as well. Context: any.
 */
u64 sweep_uses(void);
bool sweep_excuses(void);

/* Which allocation fails in the run behind @nth; 0: that was the last run. */
u64 sweep_next(u64 nth);

/* Keep a check that failed. Return: false if the sweep does not excuse it. Context: any. */
bool sweep_note(const char *file, int line, const char *text);

/* Print what happened in a run that is a failure of the test @name. */
void sweep_explain(const char *name);

/* Why the test does not want its allocations to fail, or NULL. */
const char *sweep_refused(void);

#endif
