/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/gdt.h - segments, and the stacks that the CPU switches to by itself
 *
 * Formats: SDM volume 3, 3.4.5 (descriptors) and 7.7 (64-bit task state).
 */
#ifndef ARCH_X86_CPU_GDT_H
#define ARCH_X86_CPU_GDT_H

#include "include/types.h"
#include "arch/x86/cpu/asm_offsets.h"
#include "arch/x86/cpu/percpu.h"

struct tss {
	u32 reserved0;
	u64 rsp0, rsp1, rsp2;	/* stack for entry to ring 0: the task's own */
	u64 reserved1;
	u64 ist[7];		/* ist[n - 1]: stack of gates with IST n */
	u64 reserved2;
	u16 reserved3, iomap_base;
} __packed;

static_assert(sizeof(struct tss) == 104, "SDM volume 3, figure 7-11");
static_assert(offsetof(struct tss, rsp0) == TSS_RSP0, "entry.S loads it");

DECLARE_PER_CPU(struct tss, cpu_tss);

/*
 * Load this CPU's descriptor table, segments and task register; the GS base is
 * kept. Context: each CPU once, after kernel_map_cpu_stacks(), interrupts off.
 */
void gdt_init(unsigned int cpu);

/* The stack on which this CPU enters the kernel from user mode. Preemption off. */
static inline void tss_set_stack(unsigned long stack_top)
{
	this_cpu_ptr(&cpu_tss)->rsp0 = stack_top;
}

#endif
