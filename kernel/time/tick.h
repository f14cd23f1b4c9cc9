/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/time/tick.h - the timer interrupt, and what time it is
 */
#ifndef KERNEL_TIME_TICK_H
#define KERNEL_TIME_TICK_H

#include "include/types.h"
#include "arch/x86/cpu/percpu.h"

#define HZ 100
#define NSEC_PER_SEC 1000000000UL
#define NSEC_PER_MSEC 1000000UL
#define NSEC_PER_USEC 1000UL
#define NSEC_PER_TICK (NSEC_PER_SEC / HZ)

/* Timer ticks since boot, counted by the boot CPU. */
extern volatile u64 ticks;

/* Ticks that this CPU has taken: the measure of its own progress. */
DECLARE_PER_CPU(u64, cpu_ticks);

/* The timer interrupt of this CPU. @user: it came from user mode. */
void tick_handle(bool user);

/* Nanoseconds since boot, monotonic on each CPU. Context: any. */
u64 ktime_get_ns(void);
/* Nanoseconds since 1970; and those at the moment when ktime was 0. Context: any. */
u64 ktime_get_real_ns(void);
u64 ktime_real_offset_ns(void);
/* Spin for @us microseconds at least. For hardware, never for other tasks. */
void udelay(u64 us);

static inline u64 ns_to_ticks(u64 ns)
{
	return DIV_ROUND_UP(ns, NSEC_PER_TICK);
}

/* Set the clock's zero. Context: boot, after the TSC is calibrated. */
void tick_init(void);
/* Read the battery clock. Context: boot, after tick_init(). */
void wall_clock_init(void);

#endif
