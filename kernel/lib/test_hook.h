/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/test_hook.h - what lower layers do around each test
 *
 * A leak check remembers counters before a test and compares them after it; the
 * world check walks everything after it. What they find they tell by
 * check_report(): a report during a test makes that test fail.
 */
#ifndef KERNEL_LIB_TEST_HOOK_H
#define KERNEL_LIB_TEST_HOOK_H

#include "include/types.h"

struct test_hook {
	const char *name;
	void (*before)(void);	/* may be NULL; both may sleep */
	void (*after)(void);	/* may be NULL */
	struct test_hook *next;	/* ktest.c's */
};

/*
 * Have @hook called around each test, in the order of registration.
 * Context: init time, one CPU; @hook lives for ever.
 */
void test_hook_register(struct test_hook *hook);

/*
 * For the hooks after a test: it has failed, and what it left may be broken. Look,
 * but do not work with it. ktest.c sets it.
 */
extern bool test_hook_failed;

/* The first hook, for kernel/test/ktest.c; NULL if there is none. */
struct test_hook *test_hook_first(void);

#endif
