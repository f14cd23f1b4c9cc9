/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sched/hooks.h - what the scheduler asks of the layers above it
 *
 * Members are set at boot by mm (memory, stacks, switch_mm) and kernel/task (the
 * rest). Memory and stacks must be there before the first thread; any other
 * member may be NULL: there is nothing to do.
 */
#ifndef KERNEL_SCHED_HOOKS_H
#define KERNEL_SCHED_HOOKS_H

#include "include/types.h"

struct mm;
struct task;

struct sched_hooks {
	/* Zeroed memory for a struct task, 16-byte aligned; may sleep. */
	void *(*task_mem_alloc)(size_t size);
	void (*task_mem_free)(void *mem);
	/*
	 * Kernel stacks of KERNEL_STACK_SIZE with a guard page below. stack_alloc
	 * may sleep; stack_free runs in the RCU thread.
	 */
	void *(*stack_alloc)(void);
	void (*stack_free)(void *stack);
	/*
	 * The CPU goes from prev to next, which may share the mm or have none
	 * (next->mm == NULL: a kernel thread, any tables will do). Interrupts
	 * off, run queue locked.
	 */
	void (*switch_mm)(struct task *prev, struct task *next);
	/* On the next task's stack, run queue unlocked, interrupts still off. */
	void (*switch_done)(struct task *prev);
	/*
	 * The last reference to @task is gone, and a grace period has passed: free
	 * what hangs on it. In the RCU thread; may sleep.
	 */
	void (*task_free)(struct task *task);
	/* A tick of @task's time. Interrupt context. */
	void (*account_tick)(struct task *task, bool user);
};

extern struct sched_hooks sched_hooks;

#endif
