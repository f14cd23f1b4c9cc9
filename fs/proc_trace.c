/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/proc_trace.c - /proc/trace: what happened last
 *
 * Concept    `echo 1 >/proc/trace` begins to trace, or goes on; 0 stops, and what was
 *            recorded stays to be read; `clear` gives the memory back. One line an
 *            event, in order of time:
 *
 *                # on, 0 lost
 *                3.120455 cpu1 pid 42 invalidate_range_start sva mm 7
 *                    10000000-10001000 unmap = 0 in 512 cycles           (one line)
 *
 *            = is what was answered: -11 is a refusal.
 * Owns       The memory that is lent to kernel/trace.
 * Locks      LOCK_DEVICE (mutex): who switches, and who prints.
 * Callers    fs/procfs.c
 * Next       fs/sysfs.c
 */
#include "fs/internal.h"
#include "fs/proc.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"
#include "kernel/sync/mutex.h"
#include "kernel/trace/trace.h"
#include "mm/vmalloc.h"

#define EVENTS_PER_CPU 512

static struct mutex trace_lock;
static bool trace_has_memory;		/* trace_lock */

static void print_event(struct seq_file *m, const struct trace_event *e)
{
	seq_printf(m, "%lu.%06lu cpu%u pid %d %s %s", (unsigned long)(e->time_ns / 1000000000),
		   (unsigned long)(e->time_ns / 1000 % 1000000), e->cpu, e->pid, e->what, e->who);
	if (e->space)
		seq_printf(m, " mm %lu %lx-%lx", (unsigned long)e->space,
			   (unsigned long)e->start, (unsigned long)e->end);
	if (e->why)
		seq_printf(m, " %s", e->why);
	seq_printf(m, " = %ld in %lu cycles\n", (long)e->result, (unsigned long)e->cycles);
}

static int trace_show(struct seq_file *m)
{
	struct trace_cursor at = { .lost = 0 };
	struct trace_event event;
	bool any;

	mutex_lock(&trace_lock);
	any = trace_next(&at, &event);		/* finds what is lost, too */
	seq_printf(m, "# %s, %lu lost\n", trace_enabled() ? "on" : "off",
		   (unsigned long)at.lost);
	for (; any; any = trace_next(&at, &event))
		print_event(m, &event);
	mutex_unlock(&trace_lock);
	return 0;
}

static int trace_begin_locked(void)
{
	struct trace_event *memory;

	assert_held(&trace_lock);
	if (trace_has_memory) {
		trace_set_on(true);
		return 0;
	}
	memory = vzalloc(sizeof(*memory) * NR_CPUS * EVENTS_PER_CPU);
	if (!memory)
		return -ENOMEM;
	trace_has_memory = true;
	trace_start(memory, EVENTS_PER_CPU);
	return 0;
}

static int trace_write(const char *text, void *private)
{
	size_t n = strcspn(text, "\n");
	int error = 0;

	(void)private;
	mutex_lock(&trace_lock);
	if (n == 1 && *text == '1') {
		error = trace_begin_locked();
	} else if (n == 1 && *text == '0') {
		trace_set_on(false);
	} else if (n == 5 && !strncmp(text, "clear", 5)) {
		vfree(trace_end());
		trace_has_memory = false;
	} else {
		error = -EINVAL;
	}
	mutex_unlock(&trace_lock);
	return error;
}

void proc_trace_init(void)
{
	mutex_init(&trace_lock, LOCK_DEVICE, "trace");
	if (proc_create_rw("trace", trace_show, trace_write, NULL))
		panic("no memory for /proc/trace");
}
