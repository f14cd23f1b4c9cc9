/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/smp.h - the other CPUs: bringing them up, asking them things
 */
#ifndef ARCH_X86_CPU_SMP_H
#define ARCH_X86_CPU_SMP_H

#include "include/types.h"
#include "arch/x86/cpu/percpu.h"

/*
 * Number the CPUs and give each that may run its stacks. Context: boot CPU, after
 * lapic_init() and the boot options, before memblock.
 */
void smp_prepare(void);

/*
 * Name the function that each secondary CPU calls once it is set up, with
 * interrupts off, on its idle stack; it calls smp_announce() when it can take
 * tasks and interrupts, and never returns. Context: before smp_init().
 */
void smp_set_secondary_entry(void (*entry)(void));

/* This CPU is online from now on. Context: secondary entry, interrupts off. */
void smp_announce(void);

/*
 * Start the other CPUs (up to maxcpus=), each until it has announced itself.
 * Context: boot CPU, after lapic_timer_calibrate(), once the scheduler can take
 * them. A CPU that does not answer is reported and left out.
 */
void smp_init(void);

/* Make @cpu look at its need-resched flag. Context: any. */
void smp_send_reschedule(unsigned int cpu);

/*
 * Run @fn(@arg) in interrupt context on each online CPU of @mask but this one.
 * With @wait, return when all have finished; else as soon as all are asked.
 * Context: preemption off, interrupts on (a CPU that waits must still answer
 * the others); locks held over a waiting call are never taken irqsave.
 */
void smp_call_function_many(u64 mask, void (*fn)(void *arg), void *arg, bool wait);
/* The same for one CPU, which may be this one (then a direct call, irqs off). */
void smp_call_function_single(unsigned int cpu, void (*fn)(void *arg), void *arg, bool wait);

/*
 * Print where every other CPU is just now, by NMI. Context: any, one CPU at a
 * time; bounded wait.
 */
void smp_backtrace_others(void);

/*
 * Stop all other CPUs by NMI, even those with interrupts off, and wait (a
 * bounded number of turns) for them. Context: panic.
 */
void smp_stop_others(void);

#endif
