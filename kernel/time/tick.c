/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/time/tick.c - the timer interrupt, and what time it is
 *
 * Concept    Each CPU has a periodic tick of its own, HZ times a second, in idle
 *            too: it measures the CPU's progress for stall detectors, ends time
 *            slices, runs timers. The boot CPU's tick advances the global count.
 *            Between ticks the time-stamp counter tells the time: nanoseconds
 *            are cycles times a fixed-point factor.
 * Owns       ticks, cpu_ticks, the clock's base and factor.
 * Locks      None: ticks has one writer; the factor is set once.
 * Invariants ktime_get_ns() never goes back on a CPU
 * Callers    arch's timer vector; everybody who asks the time.
 * Next       timer.c
 */
#include "kernel/time/tick.h"
#include "arch/x86/cpu/barrier.h"
#include "arch/x86/cpu/irq.h"
#include "arch/x86/cpu/lapic.h"
#include "arch/x86/cpu/msr.h"
#include "arch/x86/cpu/regs.h"
#include "arch/x86/cpu/vectors.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/rcu.h"
#include "kernel/time/timer.h"

/* ns = cycles * tick_mult >> TICK_SHIFT; exact enough for 500 days at 4 GHz. */
#define TICK_SHIFT 22

volatile u64 ticks;
DEFINE_PER_CPU(u64, cpu_ticks);

static u64 tick_base_cycles;
static u64 tick_mult;

u64 ktime_get_ns(void)
{
	unsigned __int128 product;

	if (unlikely(!tick_mult))
		return 0;
	product = (unsigned __int128)(rdtsc() - tick_base_cycles) * tick_mult;
	return (u64)(product >> TICK_SHIFT);
}

void udelay(u64 us)
{
	u64 end = ktime_get_ns() + us * NSEC_PER_USEC;

	ASSERT(tick_mult);
	while (ktime_get_ns() < end)
		cpu_relax();
}

void tick_handle(bool user)
{
	this_cpu_inc(cpu_ticks);
	if (smp_processor_id() == 0)
		ticks = ticks + 1;
	timer_tick();
	rcu_tick();
	sched_tick(user);
}

static void tick_interrupt(struct pt_regs *regs)
{
	tick_handle(user_mode(regs));
}

void tick_init(void)
{
	int err = vector_register(VECTOR_TIMER, tick_interrupt, "timer");

	ASSERT(!err && tsc_khz);
	tick_mult = (NSEC_PER_MSEC << TICK_SHIFT) / tsc_khz;
	tick_base_cycles = rdtsc();
}
