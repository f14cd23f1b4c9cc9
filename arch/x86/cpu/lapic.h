/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/lapic.h - the local APIC: messages between CPUs and the timer
 *
 * xAPIC through its page of registers (SDM volume 3, chapter 10).
 */
#ifndef ARCH_X86_CPU_LAPIC_H
#define ARCH_X86_CPU_LAPIC_H

#include "include/types.h"

struct pt_regs;

/* Switch this CPU's local APIC on. Context: each CPU once, interrupts off. */
void lapic_init(void);
/* Whether there is one and lapic_init() has run on the boot CPU. */
bool lapic_present(void);
/* This CPU's APIC number. */
u32 lapic_id(void);
/* Acknowledge the interrupt being served. Context: interrupt, interrupts off. */
void lapic_eoi(void);

/*
 * Interrupt @cpu (itself too) with @vector. Context: any but NMI. The interrupt is
 * pending at the target when it returns, not yet served.
 */
void lapic_send_ipi(unsigned int cpu, unsigned int vector);
/* The same to every other CPU that is online. */
void lapic_broadcast(unsigned int vector);
/* Non-maskable interrupt to @cpu: stops or inspects a CPU with interrupts off. */
void lapic_send_nmi(unsigned int cpu);
/* Start-up messages for smp.c; @apic_id is the target's APIC number. */
void lapic_send_init(u32 apic_id);
void lapic_send_startup(u32 apic_id, u8 page);

/*
 * Measure the timer against the PIT. Context: boot CPU, once, interrupts off.
 * Also sets tsc_khz.
 */
void lapic_timer_calibrate(void);
/*
 * Start the periodic tick of this CPU: VECTOR_TIMER at @hz, served by whoever
 * registered that vector. Context: each CPU once.
 */
void lapic_timer_start(unsigned int hz);

/* Frequency of the time-stamp counter, measured at boot; never 0 afterwards. */
extern u64 tsc_khz;

#endif
