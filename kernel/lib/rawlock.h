/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/rawlock.h - the lock for what lies below the locks
 *
 * Concept    The log and the panic path are what the lock checker reports
 *            through, so they cannot use its locks. This one is a test-and-set
 *            word, taken with interrupts off, with no rank and no owner. Only
 *            kernel/lib uses it. The two interrupt instructions are the only
 *            machine code of this folder; arch/ lies above it.
 */
#ifndef KERNEL_LIB_RAWLOCK_H
#define KERNEL_LIB_RAWLOCK_H

#include "include/types.h"

struct raw_lock {
	bool taken;
};

static inline unsigned long raw_irq_save(void)
{
#ifdef LOCKSTEP_HOST_TEST
	return 0;
#else
	unsigned long flags;

	__asm__ volatile("pushfq; popq %0; cli" : "=rm"(flags) : : "memory");
	return flags;
#endif
}

static inline void raw_irq_restore(unsigned long flags)
{
#ifndef LOCKSTEP_HOST_TEST
	if (flags & (1UL << 9))	/* RFLAGS.IF */
		__asm__ volatile("sti" : : : "memory");
#endif
}

static inline bool raw_trylock(struct raw_lock *l)
{
	return !__atomic_exchange_n(&l->taken, true, __ATOMIC_ACQUIRE);
}

/* Take @l with interrupts off. Return: the flags for raw_unlock_irqrestore(). */
static inline unsigned long raw_lock_irqsave(struct raw_lock *l)
{
	unsigned long flags = raw_irq_save();

	while (!raw_trylock(l))
		while (__atomic_load_n(&l->taken, __ATOMIC_RELAXED))
			__builtin_ia32_pause();
	return flags;
}

static inline void raw_unlock_irqrestore(struct raw_lock *l, unsigned long flags)
{
	__atomic_store_n(&l->taken, false, __ATOMIC_RELEASE);
	raw_irq_restore(flags);
}

#endif
