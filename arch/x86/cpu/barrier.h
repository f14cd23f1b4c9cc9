/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/barrier.h - what order the compiler and the CPU may see memory in
 *
 * x86 keeps loads in order with loads, and stores with stores (SDM volume 3,
 * "Memory Ordering"): only a store followed by a load may change places. So
 * the read and write barriers bind the compiler alone and smp_mb() costs one
 * locked instruction.
 */
#ifndef ARCH_X86_CPU_BARRIER_H
#define ARCH_X86_CPU_BARRIER_H

#include "include/types.h"

#define barrier() __asm__ volatile("" ::: "memory")

#define smp_mb() __asm__ volatile("lock; addl $0, -4(%%rsp)" ::: "memory", "cc")
#define smp_rmb() barrier()
#define smp_wmb() barrier()

/* Load; nothing that follows in the program happens before it. */
#define smp_load_acquire(p)				\
({							\
	__typeof__(*(p)) _sla = READ_ONCE(*(p));	\
	barrier();					\
	_sla;						\
})

/* Store; nothing that precedes in the program happens after it. */
#define smp_store_release(p, v)				\
do {							\
	barrier();					\
	WRITE_ONCE(*(p), v);				\
} while (0)

/* Store with a full barrier behind it. */
#define smp_store_mb(var, v)				\
do {							\
	WRITE_ONCE(var, v);				\
	smp_mb();					\
} while (0)

/*
 * One turn of a spin loop. Every turn is a compiler barrier. The pause
 * instruction leaves a virtual CPU's execution loop and takes a lock of the
 * emulator, so wait loops call this every n-th turn only (see kernel/sync).
 */
static inline void cpu_relax(void)
{
	__asm__ volatile("pause" ::: "memory");
}

#endif
