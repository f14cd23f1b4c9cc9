/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/exit.c - the end of a thread, and of a process with its last thread
 *
 * Concept    A thread gives back what it holds while it still is a full member
 *            of its process, then leaves the list; whoever finds himself the
 *            last turns the process into a zombie:
 *
 *                thread A                          thread B
 *                store 0 at clear_child_tid, wake
 *                leave memory, files
 *                                                  (the same)
 *                task list lock
 *                off the list: 1 left
 *                unlock                            task list lock
 *                task_exit                         off the list: 0 left
 *                                                  children go to pid 1
 *                                                  zombie, tell the parent
 *                                                  unlock
 *                                                  task_exit
 *
 *            A whole process ends by a mark (group_exit) and a wake-up; each
 *            thread then ends itself on its way to user mode. exec ends the
 *            other threads in the same manner.
 * Owns       Nothing.
 * Locks      LOCK_TASKLIST, LOCK_SIGHAND inside it.
 * Invariants The parent hears of the end after memory and files are given back.
 * Callers    signal.c (a deadly signal), the system calls, exec.c.
 * Next       wait.c
 */
#include "kernel/task/process.h"

#include "fs/file.h"
#include "fs/vfs.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/rculist.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/task.h"
#include "kernel/task/futex.h"
#include "mm/mm.h"
#include "mm/uaccess.h"

void process_change_mm(struct mm *mm)
{
	struct process *p = current_process;
	struct mm *old = current_set_mm(mm);

	if (old)
		mmput(old);
	WRITE_ONCE(p->mm_released, true);
	wake_up_all(&p->vfork_wait);
}

/* Tell whoever waits in pthread_join: the tid's word becomes 0. */
static void exit_clear_tid(struct thread *t)
{
	u32 __user *word = (u32 __user *)t->clear_child_tid;

	t->clear_child_tid = 0;
	if (word && atomic_read(&current->mm->mm_users) > 1 && !put_user(0, word))
		(void)futex_wake(word, 1, FUTEX_BITSET_MATCH_ANY, false);
}

/* The children of @p get a new parent, who may have to wait for them at once. */
static void exit_reparent_locked(struct process *p)
{
	struct process *heir = process_init_task, *child, *next;

	assert_held(&tasklist);
	if (list_empty(&p->children))
		return;
	list_for_each_entry_safe(child, next, &p->children, sibling) {
		child->parent = heir;
		child->exit_signal = SIGCHLD;
		list_move_tail(&child->sibling, &heir->children);
		if (child->state == PROCESS_ZOMBIE)
			signal_notify_parent_locked(child, CLD_EXITED, child->exit_status);
	}
}

/* Does @p's parent not want to hear of it? Then nobody will ever wait. */
static bool exit_parent_ignores_locked(struct process *p)
{
	struct process *parent = p->parent;
	struct k_sigaction *ka = &parent->action[SIGCHLD];
	bool ignores;

	if (p->exit_signal != SIGCHLD)
		return false;
	spin_lock(&parent->siglock);
	ignores = ka->handler == SIG_IGN || (ka->flags & SA_NOCLDWAIT);
	spin_unlock(&parent->siglock);
	return ignores;
}

/* The last thread is off the list. Return: whether nobody will wait for @p. */
static bool exit_become_zombie_locked(struct process *p)
{
	int sig = p->group_exit_status & 0x7f;
	bool reap;

	assert_held(&tasklist);
	p->state = PROCESS_ZOMBIE;
	p->exit_status = p->group_exit_status;
	p->stop_report = 0;
	p->cont_report = false;
	exit_reparent_locked(p);
	reap = exit_parent_ignores_locked(p);
	if (p->exit_signal)
		signal_notify_parent_locked(p, sig ? CLD_KILLED : CLD_EXITED, p->exit_status);
	wake_up_all(&p->parent->child_wait);
	wake_up_all(&p->pid->ended);
	if (reap)
		process_unlink_locked(p);
	return reap;
}

static void exit_thread_free_rcu(struct rcu_head *head)
{
	thread_free(container_of(head, struct thread, rcu));
}

/* Leave the list of threads. The last one ends the process. */
static void exit_unlink(struct process *p, struct thread *t, int status)
{
	unsigned long flags = tasklist_lock();
	bool last, reaped = false;

	spin_lock(&p->siglock);
	list_del_rcu(&t->node);
	last = --p->nr_threads == 0;
	t->pid->thread = NULL;
	p->ended_ns += current->sum_exec_ns;
	if (p->exec_thread && p->nr_threads == 1)
		wake_up_all(&p->exec_wait);
	/* The status of a process is its first thread's, if nothing ended them all. */
	if (t->pid == p->pid && !p->group_exit)
		p->group_exit_status = status;
	if (last) {
		p->group_exit = true;
		p->mm = NULL;
		p->itimer_expires_ns = 0;
		sigpending_flush(&p->pending);
	}
	spin_unlock(&p->siglock);
	if (last)
		reaped = exit_become_zombie_locked(p);
	pid_put(t->pid);
	current->thread = NULL;
	tasklist_unlock(flags);

	if (last)
		del_timer_sync(&p->itimer);	/* unarmed above: does not re-arm itself */
	if (reaped)
		process_put(p);
	call_rcu(&t->rcu, exit_thread_free_rcu);
}

/* /proc finds them no more, then they may go: it looks under RCU. */
static void exit_files(void)
{
	struct files *files = current->files;
	struct fs_context *fs = current->fs;

	WRITE_ONCE(current->files, NULL);
	WRITE_ONCE(current->fs, NULL);
	files_put(files);
	fs_context_put(fs);
}

void process_exit_thread(int status)
{
	struct thread *t = current_thread;
	struct process *p = t->process;

	might_sleep();
	ASSERT_MSG(p != process_init_task || p->nr_threads > 1,
		   "the first process ends with status %#x", status);
	current->flags |= PF_EXITING;
	signal_thread_leaves(p, t);
	exit_clear_tid(t);
	process_change_mm(NULL);
	exit_files();
	exit_unlink(p, t, status);
	task_exit();
}

void process_exit_group(int status)
{
	struct process *p = current_process;
	unsigned long flags;

	spin_lock_irqsave(&p->siglock, flags);
	if (p->group_exit)
		status = p->group_exit_status;
	else
		signal_group_exit_locked(p, status);
	spin_unlock_irqrestore(&p->siglock, flags);
	process_exit_thread(status);
}

int process_become_single(void)
{
	struct thread *me = current_thread, *t;
	struct process *p = me->process;
	unsigned long flags;
	struct pid *tid;

	spin_lock_irqsave(&p->siglock, flags);
	if (p->group_exit || p->exec_thread) {
		spin_unlock_irqrestore(&p->siglock, flags);
		return -EAGAIN;
	}
	p->exec_thread = me;
	list_for_each_entry(t, &p->threads, node) {
		if (t != me)
			signal_wake(t, true);
	}
	wake_up_all(&p->stop_wait);
	spin_unlock_irqrestore(&p->siglock, flags);

	/* Each of the others is bound for its end: this wait needs no signal. */
	wait_event(&p->exec_wait, READ_ONCE(p->nr_threads) == 1);

	flags = tasklist_lock();
	spin_lock(&p->siglock);
	p->exec_thread = NULL;
	if (me->pid != p->pid) {
		tid = me->pid;
		tid->thread = NULL;
		me->pid = p->pid;
		pid_get(me->pid);
		me->pid->thread = me;
		current->pid = me->pid->nr;
		pid_put(tid);
	}
	p->did_exec = true;
	spin_unlock(&p->siglock);
	tasklist_unlock(flags);
	return 0;
}
