/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/irqflags.h - interrupts of this CPU on and off
 */
#ifndef ARCH_X86_CPU_IRQFLAGS_H
#define ARCH_X86_CPU_IRQFLAGS_H

#include "include/types.h"

#define X86_FLAGS_IF 0x200UL

static inline unsigned long arch_flags_read(void)
{
	unsigned long flags;

	__asm__ volatile("pushfq; popq %0" : "=rm"(flags) :: "memory");
	return flags;
}

static inline void local_irq_disable(void)
{
	__asm__ volatile("cli" ::: "memory");
}

static inline void local_irq_enable(void)
{
	__asm__ volatile("sti" ::: "memory");
}

static inline bool irqs_disabled_flags(unsigned long flags)
{
	return !(flags & X86_FLAGS_IF);
}

static inline bool irqs_disabled(void)
{
	return irqs_disabled_flags(arch_flags_read());
}

/* Remember whether interrupts are on in @flags, then switch them off. */
#define local_irq_save(flags)			\
do {						\
	(flags) = arch_flags_read();		\
	local_irq_disable();			\
} while (0)

/* Switch interrupts on again if they were on at the matching save. */
static inline void local_irq_restore(unsigned long flags)
{
	if (!irqs_disabled_flags(flags))
		local_irq_enable();
	else
		local_irq_disable();
}

/*
 * Interrupts on and sleep until one arrives, with no gap between in which a
 * wake-up could be lost: sti takes effect after the next instruction.
 * Context: interrupts off on entry, on when it returns.
 */
static inline void local_irq_enable_halt(void)
{
	__asm__ volatile("sti; hlt" ::: "memory");
}

#endif
