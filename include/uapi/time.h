/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * include/uapi/time.h - times as programs see them (Linux x86-64)
 */
#ifndef INCLUDE_UAPI_TIME_H
#define INCLUDE_UAPI_TIME_H

#include "include/types.h"

struct timespec {
	s64 tv_sec;
	s64 tv_nsec;
};

struct timeval {
	s64 tv_sec;
	s64 tv_usec;
};

struct itimerval {
	struct timeval it_interval;	/* reload value; zero: once */
	struct timeval it_value;	/* time to the next expiry; zero: off */
};

#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define CLOCK_PROCESS_CPUTIME_ID 2
#define CLOCK_THREAD_CPUTIME_ID 3
#define CLOCK_MONOTONIC_RAW 4
#define CLOCK_REALTIME_COARSE 5
#define CLOCK_MONOTONIC_COARSE 6
#define CLOCK_BOOTTIME 7

#define TIMER_ABSTIME 1

#define ITIMER_REAL 0
#define ITIMER_VIRTUAL 1
#define ITIMER_PROF 2


static_assert(sizeof(struct timespec) == 16, "struct timespec");
static_assert(sizeof(struct itimerval) == 32, "struct itimerval");

#endif
