/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sched/runqueue.h - one CPU's tasks in the order in which they are due
 *
 * Private to kernel/sched. Everything here needs the queue's lock.
 */
#ifndef KERNEL_SCHED_RUNQUEUE_H
#define KERNEL_SCHED_RUNQUEUE_H

#include "include/types.h"
#include "arch/x86/cpu/percpu.h"
#include "kernel/lib/rbtree.h"
#include "kernel/sched/task.h"
#include "kernel/sync/spinlock.h"

struct run_queue {
	struct spinlock lock;		/* LOCK_RUNQUEUE; interrupts off */
	int cpu;			/* C */
	unsigned int nr_running;	/* the tree's tasks, and curr unless idle */
	struct task *curr, *idle;
	struct task *prev;		/* in a switch: who is being left */
	struct rb_root tree;		/* runnable tasks but curr, by vruntime */
	struct task *first;		/* leftmost of the tree */
	u64 floor;			/* no runnable task is far below it; see rq_floor */
	u64 nr_switches;
};

DECLARE_PER_CPU(struct run_queue, run_queues);

static inline struct run_queue *cpu_rq(int cpu)
{
	return per_cpu_ptr(&run_queues, cpu);
}

/* Context: preemption off. */
static inline struct run_queue *this_rq(void)
{
	return this_cpu_ptr(&run_queues);
}

void rq_init(struct run_queue *rq, int cpu, struct task *idle);

/* Charge curr for the time since it was last charged. */
void rq_account(struct run_queue *rq);

/* Put a runnable task into the tree, or take it out. */
void rq_insert(struct run_queue *rq, struct task *t);
void rq_remove(struct run_queue *rq, struct task *t);

/* What @t has had more (less: negative) than the queue's floor, bounded. */
s64 rq_lag(const struct run_queue *rq, const struct task *t);

/* Has curr had so much more than @t that @t should run? For a tick, a wake-up. */
bool rq_slice_over(const struct run_queue *rq);
bool rq_wakeup_preempts(const struct run_queue *rq, const struct task *t);

/* A task of @rq that waits and may run on @cpu, or NULL. */
struct task *rq_find_stealable(struct run_queue *rq, int cpu);

/* Check order, count and floor. Return: NULL, or what is wrong. */
const char *rq_validate(const struct run_queue *rq);

#endif
