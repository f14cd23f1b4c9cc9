/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_smp.c - several CPUs, each its own, and messages between them
 */
#include "arch/x86/cpu/atomic.h"
#include "arch/x86/cpu/gdt.h"
#include "arch/x86/cpu/irq.h"
#include "arch/x86/cpu/irqflags.h"
#include "arch/x86/cpu/lapic.h"
#include "arch/x86/cpu/percpu.h"
#include "arch/x86/cpu/smp.h"
#include "arch/x86/cpu/vectors.h"
#include "kernel/sync/preempt.h"
#include "kernel/test/ktest.h"

#define TEST_VECTOR (VECTOR_DEVICE + NR_DEVICE_VECTORS - 1)

static DEFINE_PER_CPU(u64, smp_test_word);
static atomic_t smp_hits[NR_CPUS];
static atomic_t smp_wrong;

static void smp_test_irq(struct pt_regs *regs)
{
	unsigned int cpu = smp_processor_id();

	(void)regs;
	/* the stack it would enter on from user mode is in its own task state */
	if (this_cpu_ptr(&cpu_tss) != per_cpu_ptr(&cpu_tss, cpu) || !irqs_disabled())
		atomic_inc(&smp_wrong);
	this_cpu_inc(smp_test_word);
	atomic_inc(&smp_hits[cpu]);
}

static void smp_wait_hits(unsigned int cpu, int hits)
{
	while (atomic_read(&smp_hits[cpu]) < hits)
		cpu_relax();
}

static bool smp_test_begin(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		atomic_set(&smp_hits[cpu], 0);
		per_cpu(smp_test_word, cpu) = 100 * cpu;
	}
	atomic_set(&smp_wrong, 0);
	return vector_register(TEST_VECTOR, smp_test_irq, "test") == 0;
}

KTEST_QUICK(smp, online_mask_and_count_agree)
{
	unsigned int cpu, n = 0;

	for_each_online_cpu(cpu)
		n++;
	KT_EQ(n, nr_cpus_online);
	KT_TRUE(cpu_online(0));
	KT_TRUE(cpu_online(smp_processor_id()));
	KT_FALSE(cpu_online(NR_CPUS));
}

KTEST_QUICK(smp, every_cpu_answers_an_interrupt)
{
	unsigned int cpu;

	KT_TRUE(smp_test_begin());
	for_each_online_cpu(cpu) {
		for (int n = 1; n <= 3; n++) {
			lapic_send_ipi(cpu, TEST_VECTOR);
			smp_wait_hits(cpu, n);
		}
		KT_CHECK_EQ(per_cpu(smp_test_word, cpu), 100UL * cpu + 3);
	}
	vector_unregister(TEST_VECTOR);
	KT_EQ(atomic_read(&smp_wrong), 0);
}

KTEST_QUICK(smp, broadcast_reaches_all_but_self)
{
	unsigned int cpu, self;

	KT_TRUE(smp_test_begin());
	preempt_disable();
	self = smp_processor_id();
	lapic_broadcast(TEST_VECTOR);
	for_each_online_cpu(cpu)
		if (cpu != self)
			smp_wait_hits(cpu, 1);
	KT_CHECK_EQ(atomic_read(&smp_hits[self]), 0);
	preempt_enable();
	vector_unregister(TEST_VECTOR);
	KT_EQ(atomic_read(&smp_wrong), 0);
}

KTEST_QUICK(smp, an_interrupt_waits_while_they_are_off)
{
	unsigned long flags;
	unsigned int self;

	KT_TRUE(smp_test_begin());
	local_irq_save(flags);
	self = smp_processor_id();
	lapic_send_ipi(self, TEST_VECTOR);
	KT_CHECK_EQ(atomic_read(&smp_hits[self]), 0);
	local_irq_restore(flags);
	smp_wait_hits(self, 1);
	vector_unregister(TEST_VECTOR);
}

static atomic_t smp_nmis;
static bool smp_nmi_expected;

static bool smp_test_nmi(struct pt_regs *regs)
{
	(void)regs;
	if (!READ_ONCE(smp_nmi_expected))
		return false;
	atomic_inc(&smp_nmis);
	return true;
}

KTEST_QUICK(smp, nmi_comes_through_with_interrupts_off)
{
	static bool registered;
	unsigned long flags;
	unsigned int cpu;
	int sent = 0;

	if (!registered)
		nmi_register(smp_test_nmi);
	registered = true;
	atomic_set(&smp_nmis, 0);
	WRITE_ONCE(smp_nmi_expected, true);
	local_irq_save(flags);
	for_each_online_cpu(cpu) {
		lapic_send_nmi(cpu);
		sent++;
		while (atomic_read(&smp_nmis) < sent)
			cpu_relax();
	}
	local_irq_restore(flags);
	WRITE_ONCE(smp_nmi_expected, false);
	KT_EQ(atomic_read(&smp_nmis), (int)nr_cpus_online);
}
