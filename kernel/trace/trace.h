/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/trace/trace.h - what happened last, in order of time
 *
 * A trace point costs one load and one branch while nobody traces:
 *
 *	if (trace_enabled()) {
 *		struct trace_event event = { .what = "...", ... };
 *
 *		trace_record(&event);
 *	}
 */
#ifndef KERNEL_TRACE_TRACE_H
#define KERNEL_TRACE_TRACE_H

#include "include/types.h"
#include "arch/x86/cpu/percpu.h"

/* One event; texts live as long as the kernel. trace_record() sets time, pid and cpu. */
struct trace_event {
	u64 time_ns;			/* when it was over, since boot */
	u64 cycles;			/* how long it took, of the time-stamp counter */
	const char *what;
	const char *who;
	const char *why;		/* or NULL */
	u64 space;			/* number of the address space; 0: of none */
	u64 start, end;			/* [start, end) there */
	s64 result;
	pid_t pid;
	u32 cpu;
};

extern bool trace_on;

static inline bool trace_enabled(void)
{
	return unlikely(READ_ONCE(trace_on));
}

/* Context: any. With tracing off nothing is recorded. */
void trace_record(struct trace_event *event);

/*
 * Begin to trace into @memory, room for @per_cpu events of each of NR_CPUS CPUs, which the
 * caller has from now on lent; what it had before is over. Callers exclude each other.
 */
void trace_start(struct trace_event *memory, u32 per_cpu);
/* Record no more, or again; what was recorded can be read. Needs memory. */
void trace_set_on(bool on);
/* Off, and the memory comes back, which nobody uses any more; NULL: there was none. */
struct trace_event *trace_end(void);

/* A reader's place. All zero: before the oldest event. */
struct trace_cursor {
	u64 next[NR_CPUS];
	u64 lost;			/* events that went before they were read */
};
/* Context: boot. */
void trace_init(void);
/* The next event in order of time. Context: any. Return: false: there is none. */
bool trace_next(struct trace_cursor *at, struct trace_event *out);

#endif
