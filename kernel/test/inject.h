/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/test/inject.h - make the n-th use of a point fail
 *
 *	inject_arm(INJECT_PAGE_ALLOC, 3, 1, current);
 *	ret = fork();                  the third allocation of ours fails
 *	fired = inject_disarm(INJECT_PAGE_ALLOC);
 *
 * Every error path of an operation in turn, until no use is left to fail:
 *
 *	for (nth = 1, fired = 1; fired; nth++) {
 *		inject_arm(INJECT_SLAB_ALLOC, nth, 1, current);
 *		ret = operation();
 *		fired = inject_disarm(INJECT_SLAB_ALLOC);
 *		KT_EQ(ret, fired ? -ENOMEM : 0);
 *	}
 *
 * From the command line: inject=page-alloc:1000:5 fails uses 1000 to 1004.
 */
#ifndef KERNEL_TEST_INJECT_H
#define KERNEL_TEST_INJECT_H

#include "kernel/lib/inject_hook.h"

struct task;

/*
 * Make uses @nth to @nth + @count - 1 of @point fail, counted from 1 and from
 * now on; only uses by @task count if it is not NULL.
 * Context: any. @point must not be armed.
 */
void inject_arm(enum inject_point point, u64 nth, u64 count,
		const struct task *task);

/* Stop it. Return: how many uses failed. Context: any. */
u64 inject_disarm(enum inject_point point);

/* Uses of @point since it was armed: to find how many there are to fail. */
u64 inject_uses(enum inject_point point);

/*
 * For a sweep (ktest.c): from here to inject_sweep_end() the allocations of the
 * calling task and of all that it brings into the world are counted, whatever
 * their kind, and number @nth fails (0: none does). A test that arms one of these
 * points by itself is left alone from then on.
 * Context: the task that runs the test; not nested.
 */
void inject_sweep_begin(u64 nth);

/* Return: how many allocations there were. */
u64 inject_sweep_end(void);

/* Tell whether the sweep, which is on, has made an allocation fail. */
bool inject_sweep_fired(void);

/* Whose allocation it was. */
const struct task *inject_sweep_task(void);

/*
 * In how many ways, by the calls that led to them, the last run with number 0 came to
 * its allocations; and the first number behind @nth that was met in a way of its own (0: none).
 */
unsigned int inject_sweep_paths(void);
u64 inject_sweep_next_path(u64 nth);

/* Print which allocation failed: the calls that led to it. */
void inject_sweep_print(void);

/* After a test: disarm and report the points that it left. ktest.c calls it. */
void inject_disarm_all(void);

#endif
