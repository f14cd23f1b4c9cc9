/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_ktest.c - the tests' own machinery
 *
 * Suite `planted` fails on purpose, each test in its own way. It runs only when
 * named; tests/boot boots with it and expects exactly these failures.
 */
#include "kernel/lib/panic.h"
#include "kernel/test/ktest.h"
#include "mm/gfp.h"
#include "mm/page.h"

KTEST_QUICK(ktest, comparisons_use_the_values)
{
	KT_EQ(1 + 1, 2);
	KT_NE(0, 1UL << 32);
	KT_LT(-1, 0);
	KT_GE(5, 5);
	KT_TRUE(!ktest_failed());
}

KTEST_QUICK(ktest, expected_report_is_no_failure)
{
	unsigned long before = check_reports();

	check_expect(CHECK_KTEST);
	check_report(CHECK_KTEST, "a negative control of the report itself");
	KT_EQ(check_expected(), 1);
	KT_EQ(check_reports(), before);
}

KTEST_QUICK(ktest, a_skipped_test_says_why)
{
	KT_SKIP("shows what a skip looks like");
}

KTEST_PLANTED(planted, passes)
{
	KT_EQ(2, 2);
}

KTEST_PLANTED(planted, fails_and_stops)
{
	KT_EQ(2 + 2, 5);
	KT_FAIL("this line is not reached");
}

KTEST_PLANTED(planted, fails_and_goes_on)
{
	KT_CHECK_EQ(0x123456789UL, 0);
	KT_CHECK(false);
}

KTEST_PLANTED(planted, fails_by_a_report)
{
	check_report(CHECK_KTEST, "planted");
}

/*
 * Two operations: one that undoes its first half when the second fails, one that does
 * not. Frames, because an object may cost a frame besides, as the cache likes.
 */
static int two_allocations(struct page **a, struct page **b, bool undo)
{
	*a = alloc_page(GFP_KERNEL);
	if (!*a)
		return -ENOMEM;
	*b = alloc_page(GFP_KERNEL);
	if (!*b && undo)
		put_page(*a);
	return *b ? 0 : -ENOMEM;
}

static void use_two_allocations(bool undo)
{
	struct page *a, *b;

	KT_EQ(two_allocations(&a, &b, undo), 0);
	put_page(b);
	put_page(a);
}

KTEST_PLANTED(planted_sweep, survives)
{
	use_two_allocations(true);
}

KTEST_PLANTED(planted_sweep, leaks_without_memory)
{
	use_two_allocations(false);
}

KTEST_PLANTED(planted_panic, fails_by_an_assertion_of_the_code)
{
	int two = 2;

	ASSERT_MSG(two == 3, "two is %d", two);
}

KTEST_PLANTED(planted_hang, never_returns)
{
	for (;;)
		__asm__ volatile("pause");
}
