/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/alloc_trace.c - who allocated it, who freed it: short backtraces
 *
 * Concept    A report about freed memory is worth little without the two calls
 *            that disagree. Both allocators keep a few return addresses of the
 *            last allocation and the last free of each thing they hand out.
 * Owns       Nothing: the traces lie in the allocators' own arrays.
 * Locks      None; whoever owns the frame or object owns its traces.
 * Callers    buddy.c, slab.c.
 * Next       buddy.c
 */
#include "mm/alloc_trace.h"

#include "arch/x86/cpu/backtrace.h"
#include "arch/x86/cpu/percpu.h"
#include "arch/x86/mm/layout.h"
#include "kernel/lib/printk.h"
#include "kernel/sched/task.h"

void alloc_trace_record(struct alloc_trace *trace)
{
	unsigned long pc[ALLOC_TRACE_DEPTH];
	unsigned int n = backtrace_collect(pc, ALLOC_TRACE_DEPTH);

	for (unsigned int i = 0; i < ALLOC_TRACE_DEPTH; i++)
		trace->pc[i] = i < n ? (u32)pc[i] : 0;
	trace->pid = current ? current->pid : -1;
	trace->cpu = smp_processor_id();
}

void alloc_trace_print(const struct alloc_trace *trace, const char *what)
{
	unsigned long pc[ALLOC_TRACE_DEPTH];
	unsigned int n = 0;

	while (n < ALLOC_TRACE_DEPTH && trace->pc[n]) {
		pc[n] = (KERNEL_BASE & ~0xffffffffUL) | trace->pc[n];
		n++;
	}
	if (!n) {
		pr_err("%s: never\n", what);
		return;
	}
	pr_err("%s by pid %d on CPU %u:\n", what, trace->pid, trace->cpu);
	backtrace_print(pc, n);
}
