/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_lapic.c - the timer of every CPU
 */
#include "arch/x86/cpu/acpi.h"
#include "arch/x86/cpu/irq.h"
#include "arch/x86/cpu/lapic.h"
#include "arch/x86/cpu/percpu.h"
#include "arch/x86/cpu/vectors.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/test/ktest.h"

KTEST(lapic, every_cpu_ticks)
{
	u64 before[NR_CPUS];
	unsigned int cpu;

	for_each_online_cpu(cpu)
		before[cpu] = irq_count(VECTOR_TIMER, cpu);
	for_each_online_cpu(cpu)
		while (irq_count(VECTOR_TIMER, cpu) < before[cpu] + 2)
			(void)schedule_timeout_uninterruptible(1);
	KT_TRUE(irq_name(VECTOR_TIMER) && strcmp(irq_name(VECTOR_TIMER), "timer") == 0);
}

KTEST_QUICK(lapic, clocks_were_measured)
{
	/* wide bounds: wrong by a factor is what can go wrong */
	KT_GT(tsc_khz, 100000UL);
	KT_LT(tsc_khz, 20000000UL);
}

KTEST_QUICK(lapic, a_cpu_finds_its_own_number)
{
	preempt_disable();
	KT_CHECK_EQ(lapic_id(), acpi_info.apic_id[smp_processor_id()]);
	preempt_enable();
}
