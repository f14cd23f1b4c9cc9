/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/test/gate.h - stop a thread at a named point until the test lets it go
 *
 *	test                                    thread under test
 *	gate_arm("fault.before_install", mm);
 *	kthread_run(&t, touch, ...);
 *	gate_wait("fault.before_install");      ...
 *	    returns when the other stands       gate_point("fault.before_install", mm)
 *	munmap(...);    the race, pinned          | stands here
 *	gate_open("fault.before_install");        | goes on
 *	                                        install: must notice
 *	kthread_stop(t);
 *
 * The point is in the code under test (kernel/lib/gate_hook.h) or in a callback
 * that the test itself registered. One arming stops one arrival, the next one;
 * others pass. A point in atomic context spins; the test thread then needs a
 * CPU of its own (KT_NEED_CPUS(2)).
 *
 * A sched_point() of kernel/sync is a gate, too: sched.lock, sched.unlock,
 * sched.atomic, sched.pte, sched.flush, sched.wake, sched.free, sched.ipi,
 * sched.rcu, sched.callback. There are very many of those: name the object.
 *
 * No wait is endless: the test fails if nobody arrives in 30 seconds' worth of
 * timer ticks, and who stands at a gate that long goes on with a report. Without
 * CHECKS there are no gates: begin such a test with KT_NEED_GATES().
 */
#ifndef KERNEL_TEST_GATE_H
#define KERNEL_TEST_GATE_H

#include "kernel/lib/gate_hook.h"

/*
 * Arm gate @name: the next arrival, with this @object if it is not NULL, stops.
 * Context: a test; sleeps; a gate of that name must not be armed already.
 */
void gate_arm(const char *name, const void *object);

/*
 * Wait until somebody stands at gate @name.
 * Context: a test; sleeps.
 * Return: true, or false (and the test has failed) if nobody came.
 */
bool gate_wait(const char *name);

/* Tell whether somebody stands at gate @name now. Context: a test. */
bool gate_reached(const char *name);

/*
 * Let go who stands at gate @name and disarm it; if nobody came, disarm it.
 * Returns after the one who stood there has left. Context: a test; sleeps.
 */
void gate_open(const char *name);

/* After a test: open and report the gates that it left. ktest.c calls it. */
void gate_open_all(void);

#ifdef CONFIG_CHECKS
#define KT_NEED_GATES() do { } while (0)
#else
#define KT_NEED_GATES() KT_SKIP("built without CHECKS: no gates")
#endif

#endif
