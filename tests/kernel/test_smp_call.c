/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_smp_call.c - kernel/sync/smp_call.c
 */
#include "kernel/sync/smp_call.h"
#include "arch/x86/cpu/atomic.h"
#include "arch/x86/cpu/irqflags.h"
#include "kernel/sync/preempt.h"
#include "tests/kernel/kt_thread.h"

struct called {
	atomic_t count;
	u64 cpus;			/* A: who ran it */
	atomic_t wrong;
};

static void called_fn(void *arg)
{
	struct called *c = arg;

	if (!irqs_disabled())
		atomic_inc(&c->wrong);
	__atomic_or_fetch(&c->cpus, BIT(smp_processor_id()), __ATOMIC_SEQ_CST);
	atomic_inc(&c->count);
}

KTEST_QUICK(smp_call, runs_on_every_other_cpu_before_it_returns)
{
	struct called c = { 0 };
	u64 self;

	preempt_disable();
	self = BIT(smp_processor_id());
	smp_call_function(called_fn, &c, true);
	preempt_enable();
	KT_CHECK_EQ(atomic_read(&c.count), nr_cpus_online - 1);
	KT_CHECK_EQ(c.cpus, cpu_online_mask & ~self);
	KT_CHECK_EQ(atomic_read(&c.wrong), 0);
}

KTEST_QUICK(smp_call, on_each_cpu_includes_the_caller)
{
	struct called c = { 0 };

	on_each_cpu(called_fn, &c);
	KT_CHECK_EQ(atomic_read(&c.count), nr_cpus_online);
	KT_CHECK_EQ(c.cpus, cpu_online_mask);
	KT_CHECK_EQ(atomic_read(&c.wrong), 0);
}

KTEST_QUICK(smp_call, only_cpus_of_the_mask_are_asked)
{
	struct called c = { 0 };
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		c = (struct called){ 0 };
		smp_call_function_single(cpu, called_fn, &c, true);
		KT_CHECK_EQ(c.cpus, BIT(cpu));
		KT_CHECK_EQ(atomic_read(&c.count), 1);
	}
}

KTEST_QUICK(smp_call, without_waiting_all_are_called_in_the_end)
{
	static struct called c;
	int i;

	c = (struct called){ 0 };
	set_task_cpu_bound(current, 0);
	for (i = 0; i < 50; i++)
		smp_call_function(called_fn, &c, false);
	kt_wait_until(atomic_read(&c.count) == 50 * ((int)nr_cpus_online - 1));
	set_task_cpu_bound(current, -1);
}

/* Everybody calls everybody, with preemption off: nobody may wait for ever. */
static struct called all_called;

static int caller_thread(void *data)
{
	u64 i, n = (u64)data;

	for (i = 0; i < n; i++) {
		preempt_disable();
		smp_call_function(called_fn, &all_called, true);
		preempt_enable();
	}
	return 0;
}

static void all_call_all(u64 rounds)
{
	struct task *t[NR_CPUS];
	unsigned int cpu, n = 0;

	all_called = (struct called){ 0 };
	for_each_online_cpu(cpu)
		if (n < 8)
			t[n++] = kt_spawn_on((int)cpu, caller_thread, (void *)rounds);
	for (cpu = 0; cpu < n; cpu++)
		kt_join(t[cpu]);
	KT_CHECK_EQ(atomic_read(&all_called.count), n * rounds * (nr_cpus_online - 1));
	KT_CHECK_EQ(atomic_read(&all_called.wrong), 0);
}

KTEST(smp_call, cpus_that_call_each_other_all_return)
{
	all_call_all(20);
}

KTEST(smp_call, cpus_that_call_each_other_for_long)
{
	all_call_all(100);
}
