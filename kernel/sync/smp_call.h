/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sync/smp_call.h - run a function on other CPUs
 *
 * The function runs in the other CPU's interrupt handler. Many CPUs may call at
 * once, and call each other: one that waits serves its own queue meanwhile, so
 * two callers with preemption off never wait for each other for ever.
 */
#ifndef KERNEL_SYNC_SMP_CALL_H
#define KERNEL_SYNC_SMP_CALL_H

#include "include/types.h"
#include "arch/x86/cpu/smp.h"	/* smp_call_function_many(), _single() */

/*
 * Run @fn(@arg) on all other online CPUs. Context: interrupts on, not in an
 * interrupt handler; the caller may have preemption off or hold spinlocks that
 * are never taken with interrupts off. Does not sleep.
 */
void smp_call_function(void (*fn)(void *arg), void *arg, bool wait);
/* Run on all online CPUs, this one included, and wait. */
void on_each_cpu(void (*fn)(void *arg), void *arg);

/* Serve what other CPUs asked of this one. Context: interrupts off. */
void smp_call_serve(void);
/* Register the vector. Context: boot, once, before other CPUs start. */
void smp_call_init(void);

#endif
