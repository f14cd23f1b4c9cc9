/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/notifier_stats.c - the one door to subscribers, where calls are counted
 *
 * Concept    Whoever calls a subscriber does it between begin and end:
 *
 *                notifier_call_begin(&call, &mn->stats, op, may_block);
 *                mn->ops->...
 *                notifier_call_end(&call);
 *
 *            Counted per CPU for the kernel, and in the subscription, which several
 *            CPUs may be calling at once. Time is that of the counter, with
 *            everything that happened meanwhile, a sleep for example.
 * Owns       The per-CPU counters; struct notifier_stats is part of a subscription.
 * Locks      None: atomic additions, and a CPU's own counters without preemption.
 * Invariants starts - refusals - ends is what is open     notifier_stats_open()
 * Callers    mmu_notifier.c, interval_notifier.c, rmap_notifier.c;
 *            kernel/task/proc_notifiers.c prints.
 * Next       mmu_notifier.c
 */
#include "mm/notifier_stats.h"

#include "arch/x86/cpu/msr.h"
#include "arch/x86/cpu/percpu.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/task.h"
#include "kernel/sync/lock_check.h"
#include "kernel/sync/preempt.h"
#include "kernel/sync/sched_point.h"

struct notifier_calls { u64 nr[NR_MN_OPS]; };
static DEFINE_PER_CPU(struct notifier_calls, notifier_calls);

/*
 * Nobody may take mmap_lock, an rmap lock or a page lock in these, nor reclaim, whichever
 * of them the caller happens to hold. release may, and what is atomic can not.
 */
static bool op_is_ranked(enum mmu_notifier_op op)
{
	return op == MN_INVALIDATE_RANGE_START || op == MN_INVALIDATE_RANGE_END ||
	       op == MN_INTERVAL_INVALIDATE || op == MN_INTERVAL_FINISH ||
	       op == MN_RMAP_INVALIDATE_PAGE;
}

static struct lock_class *callback_class(void)
{
	return LOCK_CLASS_HERE("a notifier's callback", LOCK_CALLBACK);
}

void notifier_call_begin(struct notifier_call *call, struct notifier_stats *stats,
			 enum mmu_notifier_op op, bool may_block)
{
	struct notifier_calls *calls;

	sched_point(SP_CALLBACK, NULL);
	preempt_disable();
	calls = this_cpu_ptr(&notifier_calls);
	calls->nr[op]++;
	preempt_enable();
	notifier_stat_inc(&stats->calls[op]);
	call->stats = stats;
	call->op = op;
	call->may_block = may_block;
	call->trace.why = NULL;
	call->trace.result = 0;
	current->notifier_calls++;
	if (op_is_ranked(op))
		lock_check_taken(callback_class(), call, 0);
	if (!may_block)
		non_block_start();
	call->began = rdtsc();
}

void notifier_call_end(struct notifier_call *call)
{
	call->trace.cycles = rdtsc() - call->began;
	__atomic_fetch_add(&call->stats->cycles, call->trace.cycles, __ATOMIC_RELAXED);
	if (trace_enabled()) {
		call->trace.what = mmu_notifier_op_name(call->op);
		trace_record(&call->trace);
	}
	if (!call->may_block)
		non_block_end();
	if (op_is_ranked(call->op))
		lock_check_release(callback_class(), call);
	current->notifier_calls--;
}

bool notifier_call_forbids(const char *what)
{
	if (likely(!current->notifier_calls))
		return false;
	check_report(CHECK_LOCK, "%s inside a callback would wait for itself", what);
	return true;
}

u64 mmu_notifier_calls(enum mmu_notifier_op op)
{
	u64 sum = 0;

	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		sum += READ_ONCE(per_cpu_ptr(&notifier_calls, cpu)->nr[op]);
	return sum;
}

const char *mmu_notifier_op_name(enum mmu_notifier_op op)
{
	static const char *const names[NR_MN_OPS] = {
		"release", "clear_flush_young", "clear_young", "test_young", "change_pte",
		"invalidate_page", "invalidate_range_start", "invalidate_range_end",
		"invalidate_range", "interval_invalidate", "interval_finish",
		"rmap_invalidate_page",
	};

	return op < NR_MN_OPS ? names[op] : "?";
}

const char *mmu_notifier_event_name(enum mmu_notifier_event event)
{
	static const char *const names[NR_MMU_NOTIFY_EVENTS] = {
		"unmap", "clear", "protection_vma", "protection_page", "soft_dirty",
		"release", "migrate", "exclusive",
	};

	return event < NR_MMU_NOTIFY_EVENTS ? names[event] : "?";
}
