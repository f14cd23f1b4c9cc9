/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/wait.c - a parent hears how its children fare
 *
 * Concept    Each look goes over all children under the task list lock and
 *            takes the first report that is asked for: an end, a stop, a
 *            continuation. If there is none, the parent sleeps on its
 *            own queue, which every change of a child wakes. Any thread of the
 *            parent may wait for any child.
 * Owns       Nothing.
 * Locks      LOCK_TASKLIST.
 * Invariants Each end is reported once; the child is gone afterwards.
 * Callers    sys_wait4().
 * Next       signal.c
 */
#include "kernel/task/process.h"

#include "kernel/lib/panic.h"
#include "kernel/sched/task.h"

/* wait4's own flags, above the portable ones. */
#define WNOTHREAD 0x20000000
#define WALL 0x40000000
#define WCLONE ((int)0x80000000)

struct wait_for {
	pid_t pid;
	int options;
	struct process *gone;		/* reaped: its last reference is the waiter's */
	pid_t child;			/* what wait4 returns */
	int status;
	u64 cpu_ns;
};

static bool wait_wants_locked(const struct wait_for *w, struct process *child)
{
	if (w->pid > 0 && child->pid->nr != w->pid)
		return false;
	if (w->pid == 0 && child->pgrp != current_process->pgrp)
		return false;
	if (w->pid < -1 && child->pgrp->nr != -w->pid)
		return false;
	if (w->options & WALL)
		return true;
	return (child->exit_signal != SIGCHLD) == !!(w->options & WCLONE);
}

static bool wait_take_zombie_locked(struct wait_for *w, struct process *child)
{
	struct process *me = current_process;

	if (child->state != PROCESS_ZOMBIE)
		return false;
	w->status = child->exit_status;
	w->cpu_ns = child->ended_ns + child->children_ns;
	me->children_ns += w->cpu_ns;
	process_unlink_locked(child);
	w->gone = child;
	return true;
}

static bool wait_take_change_locked(struct wait_for *w, struct process *child)
{
	if ((w->options & WUNTRACED) && child->stop_report) {
		w->status = WAIT_STOPPED(child->stop_report);
		child->stop_report = 0;
		return true;
	}
	if ((w->options & WCONTINUED) && child->cont_report) {
		w->status = WAIT_CONTINUED;
		child->cont_report = false;
		return true;
	}
	return false;
}

/* One look. Return: the child's number, 0 (not yet), -ECHILD (never). */
static int wait_look(struct wait_for *w)
{
	unsigned long flags = tasklist_lock();
	struct process *child;
	int ret = -ECHILD;

	list_for_each_entry(child, &current_process->children, sibling) {
		if (!wait_wants_locked(w, child))
			continue;
		ret = 0;
		w->child = child->pid->nr;
		if (wait_take_zombie_locked(w, child) || wait_take_change_locked(w, child)) {
			ret = w->child;
			break;
		}
	}
	tasklist_unlock(flags);
	return ret;
}

long process_wait(pid_t pid, int options, int *status, u64 *cpu_ns)
{
	struct wait_for w = { .pid = pid, .options = options };
	struct process *me = current_process;
	int found = 0, err;

	if (options & ~(WNOHANG | WUNTRACED | WCONTINUED | WNOTHREAD | WALL | WCLONE))
		return -EINVAL;
	if (pid == INT32_MIN)
		return -ESRCH;
	if (options & WNOHANG) {
		found = wait_look(&w);
	} else {
		err = wait_event_interruptible(&me->child_wait, (found = wait_look(&w)) != 0);
		if (err)
			return err;
	}
	if (found <= 0)
		return found;
	if (w.gone)
		process_put(w.gone);
	*status = w.status;
	*cpu_ns = w.cpu_ns;
	return found;
}
