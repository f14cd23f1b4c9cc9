/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sched/runqueue.c - who is due next on one CPU
 *
 * Concept    Every task carries the CPU time that it has had, its vruntime. The
 *            runnable tasks of a CPU stand in a tree ordered by it, and the one
 *            that has had least runs. A task that slept would come back with a
 *            huge claim; it is therefore lifted to just below the queue's floor,
 *            which follows the least vruntime and never goes back. A task that
 *            changes queues keeps its distance to the floor, not its vruntime.
 *
 *                 floor - CREDIT   floor                          vruntime ->
 *                 |                |
 *                 woken sleeper    first ... ... curr runs ->
 *                                           when SLICE beyond first: switch
 * Owns       struct run_queue but its curr and prev; task->vruntime, ->run_node.
 * Locks      LOCK_RUNQUEUE of the queue, held by every caller, interrupts off.
 * Invariants the tree is in order, first is its leftmost, nr_running counts it
 *            and curr                                       rq_validate()
 * Callers    sched.c
 * Next       sched.c
 */
#include "kernel/sched/runqueue.h"
#include "kernel/lib/panic.h"
#include "kernel/time/tick.h"

/* How far curr may run ahead of the first in the tree before a tick ends it. */
#define RQ_SLICE_NS (4 * NSEC_PER_MSEC)
/* How far a woken task must be behind curr to take its place at once. */
#define RQ_WAKEUP_NS (2 * NSEC_PER_MSEC)
/* The claim that a sleeper may bring along, and the debt that follows a task. */
#define RQ_CREDIT_NS (6 * NSEC_PER_MSEC)
#define RQ_DEBT_NS (100 * NSEC_PER_MSEC)

DEFINE_PER_CPU(struct run_queue, run_queues);

static s64 rq_diff(u64 a, u64 b)
{
	return (s64)(a - b);
}

void rq_init(struct run_queue *rq, int cpu, struct task *idle)
{
	spin_lock_init(&rq->lock, LOCK_RUNQUEUE, "run queue");
	rq->cpu = cpu;
	rq->curr = rq->idle = idle;
	rq->tree = RB_ROOT;
}

/* The floor follows the least vruntime among curr and the tree, upwards only. */
static void rq_raise_floor(struct run_queue *rq)
{
	const struct task *least = rq->curr != rq->idle && rq->curr->on_rq ? rq->curr : NULL;

	if (rq->first && (!least || rq_diff(rq->first->vruntime, least->vruntime) < 0))
		least = rq->first;
	if (least && rq_diff(least->vruntime, rq->floor) > 0)
		WRITE_ONCE(rq->floor, least->vruntime);
}

void rq_account(struct run_queue *rq)
{
	u64 now = ktime_get_ns();
	s64 delta = rq_diff(now, rq->curr->exec_start);

	assert_held(&rq->lock);
	rq->curr->exec_start = now;
	if (delta <= 0)
		return;
	rq->curr->sum_exec_ns += (u64)delta;
	if (rq->curr == rq->idle)
		return;
	rq->curr->vruntime += (u64)delta;
	rq_raise_floor(rq);
}

void rq_insert(struct run_queue *rq, struct task *t)
{
	struct rb_node **link = &rq->tree.rb_node, *parent = NULL;
	bool leftmost = true;

	assert_held(&rq->lock);
	while (*link) {
		parent = *link;
		if (rq_diff(t->vruntime, rb_entry(parent, struct task, run_node)->vruntime) < 0) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			leftmost = false;
		}
	}
	rb_link_node(&t->run_node, parent, link);
	rb_insert_color(&t->run_node, &rq->tree);
	if (leftmost)
		rq->first = t;
}

void rq_remove(struct run_queue *rq, struct task *t)
{
	assert_held(&rq->lock);
	if (rq->first == t)
		rq->first = rb_entry_safe(rb_next(&t->run_node), struct task, run_node);
	rb_erase(&t->run_node, &rq->tree);
}

s64 rq_lag(const struct run_queue *rq, const struct task *t)
{
	s64 lag = rq_diff(t->vruntime, READ_ONCE(rq->floor));

	return clamp(lag, -(s64)RQ_CREDIT_NS, (s64)RQ_DEBT_NS);
}

bool rq_slice_over(const struct run_queue *rq)
{
	if (!rq->first)
		return false;
	if (rq->curr == rq->idle)
		return true;
	return rq_diff(rq->curr->vruntime, rq->first->vruntime) > (s64)RQ_SLICE_NS;
}

bool rq_wakeup_preempts(const struct run_queue *rq, const struct task *t)
{
	if (rq->curr == rq->idle)
		return true;
	return rq_diff(rq->curr->vruntime, t->vruntime) > (s64)RQ_WAKEUP_NS;
}

struct task *rq_find_stealable(struct run_queue *rq, int cpu)
{
	struct task *t;

	assert_held(&rq->lock);
	rb_for_each_entry(t, &rq->tree, run_node)
		if (t->bound_cpu < 0 || t->bound_cpu == cpu)
			return t;
	return NULL;
}

const char *rq_validate(const struct run_queue *rq)
{
	const struct task *t, *before = NULL;
	unsigned int n = rq->curr != rq->idle && rq->curr->on_rq;

	rb_for_each_entry(t, &rq->tree, run_node) {
		if (before && rq_diff(t->vruntime, before->vruntime) < 0)
			return "tree out of order";
		if (!before && rq->first != t)
			return "first is not the leftmost task";
		if (!t->on_rq || task_cpu(t) != rq->cpu)
			return "a queued task does not know it";
		before = t;
		n++;
	}
	if (!before && rq->first)
		return "first is set, the tree is empty";
	return n == rq->nr_running ? NULL : "nr_running is wrong";
}
