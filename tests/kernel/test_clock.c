/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_clock.c - suite clock: times of programs
 */
#include "kernel/task/clock.h"

#include "kernel/test/ktest.h"
#include "kernel/time/tick.h"

KTEST_QUICK(clock, times_that_make_no_sense_are_refused)
{
	const struct timespec bad[] = { { -1, 0 }, { 0, -1 }, { 0, 1000000000 },
					{ 1, 0x7fffffffffffffff } };
	u64 ns;

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
		KT_CHECK_EQ(clock_timespec_to_ns(&bad[i], &ns), -EINVAL);
}

KTEST_QUICK(clock, far_times_do_not_overflow)
{
	struct timespec ts = { 0x7fffffffffffffff, 999999999 };
	u64 ns = 0;

	KT_EQ(clock_timespec_to_ns(&ts, &ns), 0);
	KT_EQ(ns, 0x7fffffffffffffffUL);
	ts = clock_ns_to_timespec(1234567890123UL);
	KT_EQ(ts.tv_sec, 1234);
	KT_EQ(ts.tv_nsec, 567890123);
	KT_EQ(clock_timespec_to_ns(&ts, &ns), 0);
	KT_EQ(ns, 1234567890123UL);
}

KTEST_QUICK(clock, a_sleep_is_not_too_short)
{
	u64 deadline = ktime_get_ns() + 15 * NSEC_PER_MSEC;

	KT_EQ(clock_sleep_until(deadline), 0);
	KT_GE(ktime_get_ns(), deadline);
}
