/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/trace/trace.c - what happened last, in order of time
 *
 * Concept    Each CPU writes into a ring of its own, so that tracing orders nobody who
 *            was not ordered before; a full ring forgets its oldest events. A reader
 *            takes, again and again, the oldest event that any ring shows next:
 *
 *              cpu 0   [ 3 | 7 | 8 |   ]          3  4  5  7  8
 *              cpu 1   [ 4 | 5 |   |   ]    =>
 *
 *            The memory belongs to whoever traces (fs/proc_trace.c).
 * Owns       The rings.
 * Locks      LOCK_TRACE (spin, irqs off), one a CPU: its ring. Writers meet readers
 *            there and nobody else.
 * Invariants A ring holds its last events: those numbered [head - size, head).
 * Callers    Trace points: mm/notifier_stats.c.
 * Next       kernel/block/block.c
 */
#include "kernel/trace/trace.h"

#include "arch/x86/cpu/percpu.h"
#include "kernel/sched/task.h"
#include "kernel/sync/spinlock.h"
#include "kernel/time/tick.h"
#include "mm/lockorder.h"

struct trace_ring {
	struct spinlock lock;
	struct trace_event *events;	/* lock: NULL: no memory */
	u64 size;			/* lock */
	u64 head;			/* lock: the number of the next event */
};

static struct trace_ring rings[NR_CPUS];
bool trace_on;

void trace_record(struct trace_event *event)
{
	struct trace_ring *ring;
	unsigned long flags;

	local_irq_save(flags);
	ring = &rings[smp_processor_id()];
	event->time_ns = ktime_get_ns();
	event->pid = current->pid;
	event->cpu = smp_processor_id();
	spin_lock(&ring->lock);
	if (ring->events && trace_enabled())
		ring->events[ring->head++ % ring->size] = *event;
	spin_unlock(&ring->lock);
	local_irq_restore(flags);
}

/* Give each ring its part of @memory, or take it away (NULL). */
static void rings_set(struct trace_event *memory, u32 per_cpu)
{
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		struct trace_ring *ring = &rings[cpu];
		unsigned long flags;

		spin_lock_irqsave(&ring->lock, flags);
		ring->events = memory ? memory + (size_t)cpu * per_cpu : NULL;
		ring->size = per_cpu;
		ring->head = 0;
		spin_unlock_irqrestore(&ring->lock, flags);
	}
}

void trace_start(struct trace_event *memory, u32 per_cpu)
{
	WRITE_ONCE(trace_on, false);
	rings_set(memory, per_cpu);
	WRITE_ONCE(trace_on, true);
}

void trace_set_on(bool on)
{
	WRITE_ONCE(trace_on, on && rings[0].events);
}

struct trace_event *trace_end(void)
{
	struct trace_event *memory = rings[0].events;

	WRITE_ONCE(trace_on, false);
	rings_set(NULL, 0);
	return memory;
}

/* The ring's event at @at, which moves on over what is gone. */
static bool ring_peek(struct trace_ring *ring, struct trace_cursor *at, unsigned int cpu,
		      struct trace_event *out)
{
	unsigned long flags;
	bool found;
	u64 oldest;

	spin_lock_irqsave(&ring->lock, flags);
	oldest = ring->head > ring->size ? ring->head - ring->size : 0;
	if (at->next[cpu] < oldest) {
		at->lost += oldest - at->next[cpu];
		at->next[cpu] = oldest;
	}
	found = ring->events && at->next[cpu] < ring->head;
	if (found)
		*out = ring->events[at->next[cpu] % ring->size];
	spin_unlock_irqrestore(&ring->lock, flags);
	return found;
}

bool trace_next(struct trace_cursor *at, struct trace_event *out)
{
	struct trace_event event;
	unsigned int from = NR_CPUS;

	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		if (!ring_peek(&rings[cpu], at, cpu, &event))
			continue;
		if (from == NR_CPUS || event.time_ns < out->time_ns) {
			*out = event;
			from = cpu;
		}
	}
	if (from == NR_CPUS)
		return false;
	at->next[from]++;
	return true;
}

void trace_init(void)
{
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		spin_lock_init(&rings[cpu].lock, LOCK_TRACE, "trace");
}
