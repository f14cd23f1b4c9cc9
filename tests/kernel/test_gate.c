/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/kernel/test_gate.c - kernel/test/gate.c: who stands, who passes */
#include "arch/x86/cpu/irqflags.h"
#include "arch/x86/cpu/percpu.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/kthread.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/completion.h"
#include "kernel/sync/preempt.h"
#include "kernel/test/gate.h"
#include "kernel/test/ktest.h"

/* A thread that passes one point and says so. */
struct walker {
	const void *object;
	bool atomic;
	bool passed, go;
	struct completion done;
};

static int walk(void *data)
{
	struct walker *w = data;

	if (w->atomic)
		preempt_disable();
	gate_point("test.door", w->object);
	WRITE_ONCE(w->passed, true);
	if (w->atomic)
		preempt_enable();
	complete(&w->done);
	return 0;
}

static bool walker_start(struct walker *w, const void *object, bool atomic)
{
	struct task *t;

	w->object = object;
	w->atomic = atomic;
	w->passed = false;
	init_completion(&w->done);
	if (!KT_CHECK_EQ(kthread_create(&t, walk, w, "walker"), 0))
		return false;
	if (atomic)
		kthread_bind(t, smp_processor_id() ? 0 : 1);
	wake_up_process(t);
	return true;
}

KTEST_QUICK(gate, stops_a_thread_until_opened)
{
	struct walker w;

	KT_NEED_GATES();
	gate_arm("test.door", NULL);
	KT_TRUE(!gate_reached("test.door"));
	KT_TRUE(walker_start(&w, NULL, false));
	KT_CHECK(gate_wait("test.door"));
	schedule_timeout_uninterruptible(2);
	KT_CHECK(!READ_ONCE(w.passed));
	gate_open("test.door");
	wait_for_completion(&w.done);
	KT_CHECK(w.passed);
}

KTEST_QUICK(gate, stops_where_sleeping_is_forbidden)
{
	struct walker w;

	KT_NEED_GATES();
	KT_NEED_CPUS(2);
	gate_arm("test.door", NULL);
	KT_TRUE(walker_start(&w, NULL, true));
	KT_CHECK(gate_wait("test.door"));
	KT_CHECK(!READ_ONCE(w.passed));
	gate_open("test.door");
	wait_for_completion(&w.done);
	KT_CHECK(w.passed);
}

/* Waits on the CPU it is started on, then stands at the gate with interrupts off. */
static int walk_deaf(void *data)
{
	struct walker *w = data;

	while (!READ_ONCE(w->go))
		yield();
	local_irq_disable();
	gate_point("test.door", NULL);
	local_irq_enable();
	complete(&w->done);
	return 0;
}

/* The test may be on the very CPU that hears no timer then. */
KTEST(gate, holds_no_cpu_that_the_test_needs)
{
	struct walker w = { .go = false };
	struct task *t;

	KT_NEED_GATES();
	KT_NEED_CPUS(2);
	init_completion(&w.done);
	gate_arm("test.door", NULL);
	KT_EQ(kthread_create(&t, walk_deaf, &w, "walker"), 0);
	kthread_bind(t, 1);
	set_task_cpu_bound(current, 1);
	wake_up_process(t);
	set_task_cpu_bound(current, -1);
	WRITE_ONCE(w.go, true);
	KT_CHECK(gate_wait("test.door"));
	gate_open("test.door");
	wait_for_completion(&w.done);
}

KTEST_QUICK(gate, lets_other_objects_pass)
{
	struct walker other, ours = {};

	KT_NEED_GATES();
	gate_arm("test.door", &ours);
	KT_TRUE(walker_start(&other, &other, false));
	wait_for_completion(&other.done);
	KT_CHECK(!gate_reached("test.door"));
	KT_TRUE(walker_start(&ours, &ours, false));
	KT_CHECK(gate_wait("test.door"));
	gate_open("test.door");
	wait_for_completion(&ours.done);
}

KTEST(gate, stops_one_arrival_only)
{
	struct walker first, second;

	KT_NEED_GATES();
	gate_arm("test.door", NULL);
	KT_TRUE(walker_start(&first, NULL, false));
	KT_CHECK(gate_wait("test.door"));
	KT_TRUE(walker_start(&second, NULL, false));
	wait_for_completion(&second.done);
	KT_CHECK(!READ_ONCE(first.passed));
	gate_open("test.door");
	wait_for_completion(&first.done);
}

KTEST_QUICK(gate, left_armed_is_reported)
{
	KT_NEED_GATES();
	gate_arm("test.door", NULL);
	check_expect(CHECK_KTEST);
	gate_open_all();
	KT_EQ(check_expected(), 1);
	KT_TRUE(!gate_hook);
}
