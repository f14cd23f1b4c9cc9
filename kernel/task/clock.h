/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/clock.h - times that programs give, and sleeping until one
 */
#ifndef KERNEL_TASK_CLOCK_H
#define KERNEL_TASK_CLOCK_H

#include "include/types.h"
#include "include/uapi/time.h"

/*
 * Check a time that a program gave and turn it into nanoseconds (at most about
 * 292 years). Return: 0 or -EINVAL.
 */
int __must_check clock_timespec_to_ns(const struct timespec *ts, u64 *ns);
struct timespec clock_ns_to_timespec(u64 ns);

/*
 * Sleep until ktime is @deadline_ns, or a signal. Context: a user thread.
 * Return: 0 or -ERESTARTSYS.
 */
int __must_check clock_sleep_until(u64 deadline_ns);

#endif
