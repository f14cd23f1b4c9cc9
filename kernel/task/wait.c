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
 * Callers    sys_wait4(), sys_waitid().
 * Next       signal.c
 */
#include "kernel/task/process.h"

#include "kernel/lib/panic.h"
#include "kernel/sched/task.h"

static bool wait_wants_locked(const struct process_wait *w, struct process *child)
{
	if (w->which == P_PID && child->pid->nr != w->id)
		return false;
	if (w->which == P_PGID && w->id && child->pgrp->nr != w->id)
		return false;
	if (w->which == P_PGID && !w->id && child->pgrp != current_process->pgrp)
		return false;
	if (w->options & WALL)
		return true;
	return (child->exit_signal != SIGCHLD) == !!(w->options & WCLONE);
}

static bool wait_take_zombie_locked(struct process_wait *w, struct process *child,
				    struct process **gone)
{
	struct process *me = current_process;

	if (child->state != PROCESS_ZOMBIE || !(w->options & WEXITED))
		return false;
	w->status = child->exit_status;
	w->cpu_ns = child->ended_ns + child->children_ns;
	if (w->options & WNOWAIT)
		return true;
	me->children_ns += w->cpu_ns;
	process_unlink_locked(child);
	*gone = child;
	return true;
}

static bool wait_take_change_locked(struct process_wait *w, struct process *child)
{
	bool take = !(w->options & WNOWAIT);

	if ((w->options & WUNTRACED) && child->stop_report) {
		w->status = WAIT_STOPPED(child->stop_report);
		if (take)
			child->stop_report = 0;
		return true;
	}
	if ((w->options & WCONTINUED) && child->cont_report) {
		w->status = WAIT_CONTINUED;
		if (take)
			child->cont_report = false;
		return true;
	}
	return false;
}

/*
 * One look. *@gone: reaped, its last reference is the waiter's. Return: the child's
 * number, 0 (not yet), -ECHILD (never).
 */
static int wait_look(struct process_wait *w, struct process **gone)
{
	unsigned long flags = tasklist_lock();
	struct process *child;
	int ret = -ECHILD;

	list_for_each_entry(child, &current_process->children, sibling) {
		if (!wait_wants_locked(w, child))
			continue;
		/* an end that nobody asks for is no change to come */
		if (child->state != PROCESS_ZOMBIE || (w->options & WEXITED))
			ret = 0;
		if (wait_take_zombie_locked(w, child, gone) || wait_take_change_locked(w, child)) {
			ret = child->pid->nr;
			break;
		}
	}
	tasklist_unlock(flags);
	return ret;
}

long process_wait(struct process_wait *w)
{
	struct process *me = current_process, *gone = NULL;
	int found = 0, err;

	if (w->options & WNOHANG) {
		found = wait_look(w, &gone);
	} else {
		err = wait_event_interruptible(&me->child_wait,
					       (found = wait_look(w, &gone)) != 0);
		if (err)
			return err;
	}
	if (gone)
		process_put(gone);
	return found;
}
