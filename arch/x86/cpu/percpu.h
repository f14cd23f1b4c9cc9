/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/percpu.h - variables of which every CPU has its own copy
 *
 * Concept    DEFINE_PER_CPU places a variable in the section .data..percpu,
 *            the template. percpu_init() copies the template into one area for
 *            each possible CPU; the GS base of a CPU is the distance from the
 *            template to its area, so %gs:variable is this CPU's copy, and one
 *            instruction reads or changes it.
 * Rules      this_cpu_read/write/add/inc/dec are one instruction each, hence safe
 *            against interrupts and migration by themselves. this_cpu_ptr() is a
 *            plain pointer: keep preemption off as long as it is used.
 */
#ifndef ARCH_X86_CPU_PERCPU_H
#define ARCH_X86_CPU_PERCPU_H

#include "include/types.h"

#define NR_CPUS 16

#define DEFINE_PER_CPU(type, name) __section(".data..percpu") __typeof__(type) name
#define DECLARE_PER_CPU(type, name) extern __typeof__(type) name

/* Number of CPUs that run, and which: set bits of a mask indexed by CPU. */
extern unsigned int nr_cpus_online;
extern u64 cpu_online_mask;

/* Distance from the template to each CPU's area. */
extern unsigned long percpu_offset[NR_CPUS];

DECLARE_PER_CPU(unsigned int, cpu_number);
DECLARE_PER_CPU(unsigned long, this_cpu_off);

#define percpu_size_assert(var)						\
	static_assert(sizeof(var) == 1 || sizeof(var) == 2 ||		\
		      sizeof(var) == 4 || sizeof(var) == 8, "one instruction")

#define this_cpu_read(var)						\
({									\
	__typeof__(var) _tcr;						\
	percpu_size_assert(var);					\
	__asm__ volatile("mov %%gs:%1, %0" : "=r"(_tcr) : "m"(var));	\
	_tcr;								\
})

#define this_cpu_write(var, value)					\
do {									\
	__typeof__(var) _tcw = (value);					\
	percpu_size_assert(var);					\
	__asm__ volatile("mov %1, %%gs:%0" : "=m"(var) : "r"(_tcw) : "memory"); \
} while (0)

#define this_cpu_op(op, var, value)					\
do {									\
	__typeof__(var) _tco = (__typeof__(var))(value);		\
	percpu_size_assert(var);					\
	switch (sizeof(var)) {						\
	case 1:								\
		__asm__ volatile(op "b %1, %%gs:%0" : "+m"(var) : "q"((u8)_tco) : "memory", "cc"); \
		break;							\
	case 2:								\
		__asm__ volatile(op "w %1, %%gs:%0"			\
				 : "+m"(var) : "r"((u16)_tco) : "memory", "cc"); \
		break;							\
	case 4:								\
		__asm__ volatile(op "l %1, %%gs:%0"			\
				 : "+m"(var) : "r"((u32)_tco) : "memory", "cc"); \
		break;							\
	default:							\
		__asm__ volatile(op "q %1, %%gs:%0"			\
				 : "+m"(var) : "r"((u64)_tco) : "memory", "cc"); \
		break;							\
	}								\
} while (0)

#define this_cpu_add(var, value) this_cpu_op("add", var, value)
#define this_cpu_sub(var, value) this_cpu_op("sub", var, value)
#define this_cpu_or(var, value) this_cpu_op("or", var, value)
#define this_cpu_and(var, value) this_cpu_op("and", var, value)
#define this_cpu_inc(var) this_cpu_add(var, 1)
#define this_cpu_dec(var) this_cpu_sub(var, 1)

/* This CPU's copy; @ptr is the address of the template variable. */
#define this_cpu_ptr(ptr)						\
	((__typeof__(ptr))((unsigned long)(ptr) + this_cpu_read(this_cpu_off)))

/* CPU @cpu's copy. Context: any; the owner may be changing it. */
#define per_cpu_ptr(ptr, cpu)						\
	((__typeof__(ptr))((unsigned long)(ptr) + percpu_offset[cpu]))

/* CPU @cpu's copy as an lvalue. */
#define per_cpu(var, cpu) (*per_cpu_ptr(&(var), cpu))

/* The CPU that this runs on; stays true only while preemption is off. */
#define smp_processor_id() this_cpu_read(cpu_number)

static inline bool cpu_online(unsigned int cpu)
{
	return cpu < NR_CPUS && (READ_ONCE(cpu_online_mask) & BIT(cpu));
}

/* The first online CPU >= @cpu, or NR_CPUS. */
static inline unsigned int cpu_next_online(unsigned int cpu)
{
	u64 rest = cpu < NR_CPUS ? READ_ONCE(cpu_online_mask) >> cpu : 0;

	return rest ? cpu + (unsigned int)__builtin_ctzll(rest) : NR_CPUS;
}

#define for_each_online_cpu(cpu)					\
	for ((cpu) = cpu_next_online(0); (cpu) < NR_CPUS;		\
	     (cpu) = cpu_next_online((cpu) + 1))

/* Every CPU that may ever run; its per-CPU variables exist. */
#define for_each_possible_cpu(cpu) for ((cpu) = 0; (cpu) < NR_CPUS; (cpu)++)

/* Make the areas from the template. Context: once, boot CPU, first of all. */
void percpu_init(void);
/* Point GS at the area of @cpu. Context: on that CPU, before it runs C code
 * that uses per-CPU variables; interrupts off. */
void percpu_load(unsigned int cpu);

#endif
