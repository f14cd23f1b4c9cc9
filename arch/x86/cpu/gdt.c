/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/gdt.c - segments, and the stacks that the CPU switches to by itself
 *
 * Concept    Flat segments in the order that SYSCALL and SYSRET compute:
 *            kernel code, kernel data, user data, user code. One table and one
 *            task state per CPU, since the task state names that CPU's stacks.
 * Owns       cpu_gdt, cpu_tss.
 * Locks      None: each CPU its own.
 * Callers    kernel/main.c, smp.c; thread.c sets rsp0 at each switch.
 * Next       idt.c
 */
#include "arch/x86/cpu/gdt.h"
#include "arch/x86/cpu/msr.h"
#include "arch/x86/mm/kernel_map.h"

#define GDT_ENTRIES 7
#define DESC_CODE_KERNEL 0x00af9b000000ffffUL
#define DESC_DATA_KERNEL 0x00cf93000000ffffUL
#define DESC_DATA_USER 0x00cff3000000ffffUL
#define DESC_CODE_USER 0x00affb000000ffffUL
#define DESC_TSS_PRESENT 0x0000890000000000UL

DEFINE_PER_CPU(struct tss, cpu_tss);
static DEFINE_PER_CPU(u64, cpu_gdt[GDT_ENTRIES]);

static void gdt_fill(u64 *gdt, const struct tss *tss)
{
	u64 base = (u64)tss, limit = sizeof(*tss) - 1;

	gdt[KERNEL_CS / 8] = DESC_CODE_KERNEL;
	gdt[KERNEL_DS / 8] = DESC_DATA_KERNEL;
	gdt[USER_DS / 8] = DESC_DATA_USER;
	gdt[USER_CS / 8] = DESC_CODE_USER;
	gdt[TSS_SELECTOR / 8] = DESC_TSS_PRESENT | limit | (base & 0xffffff) << 16 |
				(base >> 24 & 0xff) << 56;
	gdt[TSS_SELECTOR / 8 + 1] = base >> 32;
}

static void gdt_load(u64 *gdt)
{
	struct __packed {
		u16 limit;
		u64 base;
	} pointer = { GDT_ENTRIES * 8 - 1, (u64)gdt };
	u64 gs_base = rdmsr(MSR_GS_BASE);

	__asm__ volatile("lgdt %0\n\t"
			 "pushq %1\n\t"
			 "leaq 1f(%%rip), %%rax\n\t"
			 "pushq %%rax\n\t"
			 "lretq\n\t"
			 "1: movl %2, %%ds; movl %2, %%es; movl %2, %%ss\n\t"
			 "movl %3, %%fs; movl %3, %%gs"
			 :: "m"(pointer), "i"(KERNEL_CS), "r"(KERNEL_DS), "r"(0)
			 : "rax", "memory");
	wrmsr(MSR_GS_BASE, gs_base);
	__asm__ volatile("ltr %w0" :: "r"(TSS_SELECTOR));
}

void gdt_init(unsigned int cpu)
{
	struct tss *tss = per_cpu_ptr(&cpu_tss, cpu);
	u64 *gdt = *per_cpu_ptr(&cpu_gdt, cpu);

	tss->iomap_base = sizeof(*tss);		/* none: user mode has no ports */
	tss->rsp0 = cpu_stack_top(cpu, CPU_STACK_IDLE);
	tss->ist[IST_DOUBLE_FAULT - 1] = cpu_stack_top(cpu, CPU_STACK_DF);
	tss->ist[IST_NMI - 1] = cpu_stack_top(cpu, CPU_STACK_NMI);
	tss->ist[IST_MCE - 1] = cpu_stack_top(cpu, CPU_STACK_MCE);
	tss->ist[IST_DEBUG - 1] = cpu_stack_top(cpu, CPU_STACK_DB);
	gdt_fill(gdt, tss);
	gdt_load(gdt);
}
