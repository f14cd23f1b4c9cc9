/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/irq.h - from an interrupt vector to the function that serves it
 *
 * Concept    One table for all CPUs, indexed by vector. The entry code calls
 *            irq_dispatch(), which calls the handler and then acknowledges the
 *            interrupt to the local APIC (spurious interrupts excepted).
 * Context    A handler runs with interrupts off, on the stack of whatever was
 *            interrupted; it may not sleep and takes locks irqsave.
 */
#ifndef ARCH_X86_CPU_IRQ_H
#define ARCH_X86_CPU_IRQ_H

#include "include/types.h"

struct pt_regs;

/*
 * Let @handler serve @vector (see vectors.h) on every CPU.
 * Context: any; each vector once. Return: 0, -EINVAL (not a vector for
 * interrupts) or -EBUSY.
 */
int __must_check vector_register(unsigned int vector, void (*handler)(struct pt_regs *regs),
				 const char *name);
/*
 * Take the handler away again. The vector may still arrive (and is then
 * counted as stray). Context: any; does not wait for handlers that run.
 */
void vector_unregister(unsigned int vector);

/*
 * Let @handler serve the ISA interrupt @irq (1 keyboard, 4 COM1): finds the
 * I/O APIC pin, routes it to CPU 0 and unmasks it.
 * Context: after ioapic_init(). Return: 0, -EINVAL, -EBUSY, -ENODEV.
 */
int __must_check irq_register(unsigned int irq, void (*handler)(struct pt_regs *regs),
			      const char *name);

/* Serve one interrupt. Context: entry code only, interrupts off. */
void irq_dispatch(struct pt_regs *regs, unsigned int vector);

/*
 * Ask @handler about every NMI; it returns true if the NMI was meant for it. At
 * most four handlers, for good. Context: boot.
 */
void nmi_register(bool (*handler)(struct pt_regs *regs));
/* Serve an NMI. Context: entry code only. Return: false if nobody wanted it. */
bool nmi_dispatch(struct pt_regs *regs);

/* How often @vector was served on @cpu, and its name or NULL: /proc/interrupts. */
u64 irq_count(unsigned int vector, unsigned int cpu);
const char *irq_name(unsigned int vector);

#endif
