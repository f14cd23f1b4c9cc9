/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/clock.c - times that programs give, and sleeping until one
 *
 * Concept    A program's time is seconds and nanoseconds, ours nanoseconds; what
 *            makes no sense is refused, what is too far is as far as we count.
 * Owns       Nothing.
 * Locks      None.
 * Callers    sys_time.c, futex.c.
 */
#include "kernel/task/clock.h"

#include "kernel/sched/sched.h"
#include "kernel/time/tick.h"

int clock_timespec_to_ns(const struct timespec *ts, u64 *ns)
{
	if (ts->tv_sec < 0 || ts->tv_nsec < 0 || ts->tv_nsec >= (s64)NSEC_PER_SEC)
		return -EINVAL;
	if (ts->tv_sec >= (s64)(0x7fffffffffffffffUL / NSEC_PER_SEC))
		*ns = 0x7fffffffffffffffUL;
	else
		*ns = ts->tv_sec * NSEC_PER_SEC + ts->tv_nsec;
	return 0;
}

struct timespec clock_ns_to_timespec(u64 ns)
{
	return (struct timespec) { .tv_sec = ns / NSEC_PER_SEC, .tv_nsec = ns % NSEC_PER_SEC };
}

int clock_sleep_until(u64 deadline_ns)
{
	u64 now;

	while ((now = ktime_get_ns()) < deadline_ns) {
		if (signal_pending(current))
			return -ERESTARTSYS;
		schedule_timeout_interruptible(ns_to_ticks(deadline_ns - now));
	}
	return 0;
}
