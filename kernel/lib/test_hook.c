/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/test_hook.c - where lower layers meet the test machinery
 *
 * Concept    kernel/test lies above everything it tests, so nothing below may
 *            call it. What the lower layers need are three variables: the list
 *            of checks around each test, and two function pointers, NULL unless
 *            a test armed a gate or a fault. They cost one load when idle.
 * Owns       test_hooks, gate_hook, inject_hook.
 * Locks      None: the list is made at init time; the pointers are single words.
 * Callers    mm/check.c and the like register; kernel/test/{ktest,gate,inject}.c
 *            use.
 * Next       kernel/test/ktest.c
 */
#include "kernel/lib/test_hook.h"
#include "kernel/lib/gate_hook.h"
#include "kernel/lib/inject_hook.h"

bool test_hook_failed;
static struct test_hook *test_hooks;
static struct test_hook **test_hooks_end = &test_hooks;

gate_hook_fn gate_hook;
inject_hook_fn inject_hook;

void test_hook_register(struct test_hook *hook)
{
	hook->next = NULL;
	*test_hooks_end = hook;
	test_hooks_end = &hook->next;
}

struct test_hook *test_hook_first(void)
{
	return test_hooks;
}
