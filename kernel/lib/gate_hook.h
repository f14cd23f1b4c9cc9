/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/gate_hook.h - a named place where a test may stop the code
 *
 * mm/rmap.c, between two steps that a race can come between:
 *
 *	gate_point("try_to_unmap.cleared", page);
 *
 * Nothing happens there unless a test has armed the gate of that name
 * (kernel/test/gate.h). Costs one load and a predicted branch; nothing without
 * CHECKS.
 */
#ifndef KERNEL_LIB_GATE_HOOK_H
#define KERNEL_LIB_GATE_HOOK_H

#include "include/types.h"

typedef void (*gate_hook_fn)(const char *name, const void *object);
extern gate_hook_fn gate_hook;	/* NULL unless a gate is armed */

/*
 * Stop here if a test armed the gate @name (for @object or for any).
 * Context: any; where sleeping is not allowed the stop is a bounded spin.
 */
static inline void gate_point(const char *name, const void *object)
{
#ifdef CONFIG_CHECKS
	gate_hook_fn hook = __atomic_load_n(&gate_hook, __ATOMIC_ACQUIRE);

	if (unlikely(hook))
		hook(name, object);
#endif
}

#endif
