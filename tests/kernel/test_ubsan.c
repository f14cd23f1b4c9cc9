/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/kernel/test_ubsan.c - planted undefined behaviour is reported, once a place */
#include "kernel/lib/panic.h"
#include "kernel/test/ktest.h"

static noinline int shift_by(int v, unsigned int n)
{
	return v << n;
}

static noinline int add(int a, int b)
{
	return a + b;
}

static noinline int element(int i)
{
	static int array[4];

	return array[i & 7];
}

/* Return: reports while @fn(@a, @b) ran twice. */
static unsigned long reports_of_two_calls(int which, int n)
{
	check_expect(CHECK_UBSAN);
	for (int i = 0; i < 2; i++) {
		volatile int sink;

		switch (which) {
		case 0: sink = shift_by(1, (unsigned int)n); break;
		case 1: sink = add(0x7fffffff, n); break;
		default: sink = element(n); break;
		}
		(void)sink;
	}
	return check_expected();
}

KTEST_QUICK(ubsan, undefined_operations_are_reported_once)
{
#ifdef CONFIG_UBSAN
	volatile int n = 40;

	KT_EQ(reports_of_two_calls(0, n), 1);
	n = 1;
	KT_EQ(reports_of_two_calls(1, n), 1);
	n = 5;
	KT_EQ(reports_of_two_calls(2, n), 1);
#else
	KT_EQ(reports_of_two_calls(0, 3), 0);
	KT_SKIP("built with UBSAN=n");
#endif
}
