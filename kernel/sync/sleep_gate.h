/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sync/sleep_gate.h - a gate between announcing a sleep and sleeping
 *
 * Every wake-up that could get lost gets lost there. An ordinary gate would
 * sleep itself and so spoil the task's state; this one turns in place.
 */
#ifndef KERNEL_SYNC_SLEEP_GATE_H
#define KERNEL_SYNC_SLEEP_GATE_H

#include "kernel/lib/gate_hook.h"
#include "kernel/sync/preempt.h"

/* Context: the task's state is set for a sleep, schedule() comes next. */
static inline void sleep_gate(const char *name, const void *object)
{
#ifdef CONFIG_CHECKS
	if (likely(!__atomic_load_n(&gate_hook, __ATOMIC_ACQUIRE)))
		return;
	preempt_disable();
	gate_point(name, object);
	preempt_enable_no_resched();
#else
	(void)name;
	(void)object;
#endif
}

#endif
