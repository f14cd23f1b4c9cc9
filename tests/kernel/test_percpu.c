/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_percpu.c - variables of which every CPU has its own copy
 */
#include "arch/x86/cpu/irq.h"
#include "arch/x86/cpu/lapic.h"
#include "arch/x86/cpu/percpu.h"
#include "arch/x86/cpu/vectors.h"
#include "kernel/sync/preempt.h"
#include "kernel/test/ktest.h"

#define TEST_VECTOR (VECTOR_DEVICE + NR_DEVICE_VECTORS - 1)
#define NR_INTERRUPTS 200

static DEFINE_PER_CPU(u8, percpu_byte) = 7;
static DEFINE_PER_CPU(u16, percpu_half) = 700;
static DEFINE_PER_CPU(u32, percpu_word) = 70000;
static DEFINE_PER_CPU(u64, percpu_long) = 7000000000UL;

KTEST_QUICK(percpu, copies_begin_as_the_template)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		KT_EQ(per_cpu(percpu_half, cpu), (u16)700);
}

KTEST_QUICK(percpu, every_size_adds_and_wraps)
{
	preempt_disable();
	this_cpu_add(percpu_byte, 250);
	this_cpu_inc(percpu_half);
	this_cpu_sub(percpu_word, 70001);
	this_cpu_or(percpu_long, 1);
	KT_CHECK_EQ(this_cpu_read(percpu_byte), (u8)1);
	KT_CHECK_EQ(this_cpu_read(percpu_half), (u16)701);
	KT_CHECK_EQ(this_cpu_read(percpu_word), ~0U);
	KT_CHECK_EQ(*this_cpu_ptr(&percpu_long), 7000000001UL);
	this_cpu_write(percpu_byte, 7);
	this_cpu_write(percpu_half, 700);
	this_cpu_write(percpu_word, 70000);
	this_cpu_write(percpu_long, 7000000000UL);
	preempt_enable();
}

KTEST_QUICK(percpu, every_cpu_knows_its_number_and_offset)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		KT_EQ(per_cpu(cpu_number, cpu), cpu);
		KT_EQ(per_cpu(this_cpu_off, cpu), percpu_offset[cpu]);
	}
}

static DEFINE_PER_CPU(u64, percpu_sum);

static void percpu_irq(struct pt_regs *regs)
{
	(void)regs;
	this_cpu_inc(percpu_sum);
}

KTEST_QUICK(percpu, an_interrupt_loses_no_increment)
{
	u64 mine = 0, sum = 0;
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		per_cpu(percpu_sum, cpu) = 0;
	KT_EQ(vector_register(TEST_VECTOR, percpu_irq, "test"), 0);
	for (int i = 0; i < NR_INTERRUPTS; i++) {
		u64 seen;

		preempt_disable();
		cpu = smp_processor_id();
		seen = irq_count(TEST_VECTOR, cpu);
		lapic_send_ipi(cpu, TEST_VECTOR);
		/* add until it has come: some turn races with it */
		do {
			this_cpu_inc(percpu_sum);
			mine++;
		} while (irq_count(TEST_VECTOR, cpu) == seen);
		preempt_enable();
	}
	vector_unregister(TEST_VECTOR);
	for_each_possible_cpu(cpu)
		sum += per_cpu(percpu_sum, cpu);
	KT_EQ(sum, mine + NR_INTERRUPTS);
}
