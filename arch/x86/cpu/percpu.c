/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/percpu.c - variables of which every CPU has its own copy
 *
 * Concept    The linker puts all per-CPU variables into one template and leaves
 *            room for NR_CPUS copies behind the bss. Every GS base is negative
 *            (kernel.lds says why). See percpu.h.
 * Owns       The areas, the offsets, the mask of online CPUs.
 * Locks      None: filled before the second CPU runs.
 * Callers    kernel/main.c and smp.c once per CPU; everybody through percpu.h.
 * Next       cpu.c
 */
#include "arch/x86/cpu/percpu.h"
#include "arch/x86/cpu/msr.h"
#include "kernel/lib/string.h"

extern char _percpu_load[], _percpu_start[], _percpu_end[], _percpu_areas[];

unsigned int nr_cpus_online = 1;
u64 cpu_online_mask = BIT(0);
unsigned long percpu_offset[NR_CPUS];

DEFINE_PER_CPU(unsigned int, cpu_number);
DEFINE_PER_CPU(unsigned long, this_cpu_off);

void percpu_init(void)
{
	size_t size = (size_t)(_percpu_end - _percpu_start);
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		char *area = _percpu_areas + cpu * size;

		memcpy(area, _percpu_load, size);
		percpu_offset[cpu] = (unsigned long)area - (unsigned long)_percpu_start;
		per_cpu(cpu_number, cpu) = cpu;
		per_cpu(this_cpu_off, cpu) = percpu_offset[cpu];
	}
}

void percpu_load(unsigned int cpu)
{
	wrmsr(MSR_GS_BASE, percpu_offset[cpu]);
}
