/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/clone.c - makes processes and threads: clone, fork, vfork, the first
 *
 * Concept    A child is assembled in private (task, thread, memory, files,
 *            registers), which can fail at any step and is undone in reverse,
 *            and then linked, which can not. Until it is linked no signal can
 *            reach it; what is sent to its whole group meanwhile the parent notes, and
 *            the child gets it, too:
 *
 *                kill(-group, SIGTERM)             fork by a member
 *                                                  fork_signals = none
 *                                                  assemble child
 *                task list lock
 *                each member: note, post
 *                unlock
 *                                                  task list lock
 *                                                  dying? give up
 *                                                  link child, post what is noted
 *                                                  unlock
 * Owns       Nothing that lives on.
 * Locks      LOCK_TASKLIST, LOCK_SIGHAND inside it, for the linking.
 * Invariants A child that runs is linked, and its tid was stored where
 *            CLONE_PARENT_SETTID asks before it runs.
 * Callers    sys_process.c; kernel/main.c for the first process.
 * Next       exit.c
 */
#include "kernel/task/process.h"

#include "arch/x86/cpu/regs.h"
#include "fs/file.h"
#include "fs/vfs.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/rculist.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/task.h"
#include "kernel/task/exec.h"
#include "mm/fork.h"
#include "mm/uaccess.h"

/* What a child is made of while it is assembled. */
struct clone {
	u64 flags;
	struct process *process;	/* a new one, or the caller's */
	struct pid *tid;
	struct task *task;
	struct thread *thread;
	struct mm *mm;
	struct files *files;
	struct fs_context *fs;
};

#define CLONE_SUPPORTED (CSIGNAL | CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | \
	CLONE_VFORK | CLONE_PARENT | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS | \
	CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | CLONE_DETACHED | CLONE_UNTRACED | \
	CLONE_CHILD_SETTID | CLONE_CLEAR_SIGHAND)

/* Handlers are shared exactly by the threads of one process: Linux allows
 * CLONE_SIGHAND without CLONE_THREAD, which no C library uses any more. */
static int clone_check_flags(u64 flags)
{
	if (flags & ~CLONE_SUPPORTED)
		return -EINVAL;
	if (!(flags & CLONE_THREAD) != !(flags & CLONE_SIGHAND))
		return -EINVAL;
	if ((flags & CLONE_SIGHAND) && (!(flags & CLONE_VM) || flags & CLONE_CLEAR_SIGHAND))
		return -EINVAL;
	if ((flags & CLONE_THREAD) && (flags & CLONE_VFORK))
		return -EINVAL;
	if ((flags & CSIGNAL) > NSIG)
		return -EINVAL;
	return 0;
}

static int clone_share_or_copy(struct clone *c)
{
	int err;

	if (c->flags & CLONE_VM) {
		mmget(current->mm);
		c->mm = current->mm;
	} else {
		err = dup_mm(current->mm, &c->mm);
		if (err)
			return err;
	}
	if (c->flags & CLONE_FILES) {
		files_get(current->files);
		c->files = current->files;
	} else {
		err = files_copy(current->files, &c->files);
		if (err)
			goto out_mm;
	}
	if (c->flags & CLONE_FS) {
		fs_context_get(current->fs);
		c->fs = current->fs;
		return 0;
	}
	err = fs_context_copy(current->fs, &c->fs);
	if (!err)
		return 0;
	files_put(c->files);
out_mm:
	mmput(c->mm);
	return err;
}

/* The child's own process: handlers and limits are copies of the caller's. */
static int clone_new_process(struct clone *c)
{
	struct process *me = current_process;
	unsigned long flags;
	int err = process_alloc(&c->process);

	if (err)
		return err;
	spin_lock_irqsave(&me->siglock, flags);
	memcpy(c->process->action, me->action, sizeof(me->action));
	memcpy(c->process->rlim, me->rlim, sizeof(me->rlim));
	c->process->cred = me->cred;
	c->process->dumpable = me->dumpable;
	memcpy(c->process->exe, me->exe, sizeof(me->exe));
	c->process->oom_score_adj = me->oom_score_adj;
	c->process->oom_score_adj_min = me->oom_score_adj_min;
	spin_unlock_irqrestore(&me->siglock, flags);
	for (int sig = 1; sig <= NSIG && c->flags & CLONE_CLEAR_SIGHAND; sig++)
		if (c->process->action[sig].handler != SIG_IGN)
			c->process->action[sig] = (struct k_sigaction){ .handler = SIG_DFL };
	c->process->exit_signal = c->flags & CLONE_PARENT ? me->exit_signal : c->flags & CSIGNAL;
	c->process->mm = c->mm;
	c->tid = c->process->pid;
	pid_get(c->tid);
	return 0;
}

/* First steps of a child: nobody else can store into its memory for it. */
static void clone_child_start(void *arg)
{
	struct thread *t = arg;

	if (t->set_child_tid && put_user(t->pid->nr, (int __user *)t->set_child_tid))
		pr_debug("clone: %d could not store its tid", t->pid->nr);
}

static void clone_copy_thread(struct clone *c, struct pt_regs *regs, u64 newsp,
			      int __user *child_tid, u64 tls)
{
	struct thread *me = current_thread, *t = c->thread;
	struct pt_regs *child_regs = thread_pt_regs(&c->task->arch);

	preempt_disable();
	arch_thread_copy(&c->task->arch, &current->arch);
	preempt_enable();
	c->task->arch.user = true;
	*child_regs = *regs;
	child_regs->ax = 0;
	if (newsp)
		child_regs->sp = newsp;
	if (c->flags & CLONE_SETTLS)
		c->task->arch.fs_base = tls;
	t->blocked = me->blocked;
	if (!(c->flags & CLONE_VM) || (c->flags & CLONE_VFORK))
		t->altstack = me->altstack;
	if (c->flags & CLONE_CHILD_SETTID)
		t->set_child_tid = (u64)child_tid;
	if (c->flags & CLONE_CHILD_CLEARTID)
		t->clear_child_tid = (u64)child_tid;
}

static void clone_fill_task(struct clone *c)
{
	struct task *task = c->task;

	task->pid = c->tid->nr;
	task->tgid = c->process->pid->nr;
	task->flags &= ~PF_KTHREAD;
	task->mm = c->mm;
	task->active_mm = c->mm;
	task->files = c->files;
	task->fs = c->fs;
	task->thread = c->thread;
	c->thread->pid = c->tid;
}

/* Signals to the caller's whole group are noted from now on. */
static void clone_note_signals(void)
{
	unsigned long flags = tasklist_lock();

	current_thread->fork_signals = 0;
	tasklist_unlock(flags);
}

/* The child @p gets what it would have got if it had been there. */
static void clone_pass_signals_locked(struct process *p)
{
	u64 set = current_thread->fork_signals;

	for (int sig = 1; set; sig++, set >>= 1)
		if (set & 1)
			signal_send_process(p, sig, NULL);
}

/* Publish the child. Return: 0, or -EINTR because the caller is dying. */
static int clone_link(struct clone *c)
{
	struct process *me = current_process, *p = c->process;
	unsigned long flags = tasklist_lock();
	int err = 0;

	spin_lock(&me->siglock);
	if (me->group_exit || (me->exec_thread && me->exec_thread != current_thread) ||
	    fatal_signal_pending(current))
		err = -EINTR;
	spin_unlock(&me->siglock);
	if (err)
		goto out;

	/* nothing below can fail */
	if (p != me) {
		process_get(p);
		process_link_locked(p, (c->flags & CLONE_PARENT) && me->parent ? me->parent : me);
	}
	process_add_thread_locked(p, c->thread);
	if (p != me)
		clone_pass_signals_locked(p);
out:
	tasklist_unlock(flags);
	return err;
}

void process_add_thread_locked(struct process *p, struct thread *t)
{
	assert_held(&tasklist);
	spin_lock(&p->siglock);
	list_add_tail_rcu(&t->node, &p->threads);
	p->nr_threads++;
	t->pid->thread = t;
	/* A stop that has begun stops newcomers as well. */
	if (p->stop_signal)
		thread_flag_set(&t->task->info, TIF_SIGPENDING);
	spin_unlock(&p->siglock);
}

/* Make everything but the link. On failure all is undone. */
static int clone_assemble(struct clone *c)
{
	int err = clone_share_or_copy(c);

	if (err)
		return err;
	if (c->flags & CLONE_THREAD) {
		c->process = current_process;
		err = pid_new(&c->tid);
	} else {
		err = clone_new_process(c);
	}
	if (err)
		goto out_share;
	err = task_create(&c->task, clone_child_start, NULL, current->comm);
	if (err)
		goto out_pid;
	err = thread_alloc(&c->thread, c->process, c->task);
	if (err)
		goto out_task;
	c->task->entry_arg = c->thread;
	return 0;

out_task:
	task_discard(c->task);
out_pid:
	pid_put(c->tid);
	if (!(c->flags & CLONE_THREAD))
		process_discard(c->process);
out_share:
	fs_context_put(c->fs);
	files_put(c->files);
	mmput(c->mm);
	return err;
}

/* Undo clone_assemble() of a child that was not linked. */
static void clone_abandon(struct clone *c)
{
	c->task->mm = c->task->active_mm = NULL;
	c->task->files = NULL;
	c->task->fs = NULL;
	c->task->thread = NULL;
	thread_free(c->thread);		/* and its reference to the task */
	task_discard(c->task);
	pid_put(c->tid);
	if (!(c->flags & CLONE_THREAD))
		process_discard(c->process);
	fs_context_put(c->fs);
	files_put(c->files);
	mmput(c->mm);
}

long process_clone(struct pt_regs *regs, u64 flags, u64 newsp, int __user *parent_tid,
		   int __user *child_tid, u64 tls)
{
	struct clone c = { .flags = flags };
	struct process *child;
	int err, nr;

	err = clone_check_flags(flags);
	if (err)
		return err;
	if ((flags & CLONE_SETTLS) && tls >= MM_USER_TOP)
		return -EPERM;		/* a base that WRMSR would fault on */
	clone_note_signals();
	if (signal_pending(current))
		return -ERESTARTNOINTR;
	err = clone_assemble(&c);
	if (err)
		return err;
	clone_copy_thread(&c, regs, newsp, child_tid, tls);
	clone_fill_task(&c);
	nr = c.tid->nr;
	err = clone_link(&c);
	if (err) {
		clone_abandon(&c);
		return err;
	}
	if ((flags & CLONE_PARENT_SETTID) && put_user(nr, parent_tid))
		pr_debug("clone: no place for the tid of %d", nr);	/* as on Linux: no error */
	child = c.process;
	if (flags & CLONE_VFORK)
		process_get(child);
	if (!(flags & CLONE_THREAD))
		process_put(child);	/* the lists have their own reference */
	wake_up_new_task(c.task);
	if (flags & CLONE_VFORK) {
		/* Killed meanwhile? Then the way back to user mode sees to it. */
		(void)wait_event_killable(&child->vfork_wait, READ_ONCE(child->mm_released));
		process_put(child);
	}
	return nr;
}

/* ---- the first process ---- */

static void process_first_start(void *arg)
{
	static const char *const argv[] = { "/init", NULL };
	static const char *const envp[] = { "HOME=/root", "TERM=linux", "PATH=/bin", NULL };
	const char *path = arg;
	struct exec_args *args;
	int err = exec_args_from_kernel(&args, argv, envp);

	if (!err) {
		err = exec_program(path, &args, thread_pt_regs(&current->arch));
		exec_args_free(args);
	}
	if (err)
		panic("the first program, %s, can not be started: error %d", path, -err);
}

/* /dev/console as descriptors 0, 1 and 2 of the table @files. */
static int process_open_console(struct files *files)
{
	struct file *file;
	int err = vfs_open("/dev/console", O_RDWR, 0, &file);

	if (err)
		return err;
	for (int i = 0; i < 3; i++) {
		int fd = fd_alloc(files, 0, false);

		if (fd < 0) {
			err = fd;
			break;
		}
		file_get(file);
		fd_install(files, fd, file);
	}
	file_put(file);
	return err;
}

static int process_first_assemble(struct clone *c, const char *path)
{
	int err = files_alloc(&c->files);

	if (err)
		return err;
	err = process_open_console(c->files);
	if (err)
		pr_warn("init: no console: error %d", -err);
	err = fs_context_alloc(&c->fs);
	if (err)
		return err;
	err = process_alloc(&c->process);
	if (err)
		return err;
	c->tid = c->process->pid;
	pid_get(c->tid);
	err = task_create(&c->task, process_first_start, (void *)path, "init");
	if (err)
		return err;
	return thread_alloc(&c->thread, c->process, c->task);
}

int process_start_init(const char *path)
{
	struct clone c = { 0 };
	unsigned long flags;
	int err;

	pid_start_over();
	err = process_first_assemble(&c, path);
	if (err)
		return err;	/* boot ends here: nothing is worth undoing */
	ASSERT(c.tid->nr == 1);
	c.task->arch.user = true;
	memset(thread_pt_regs(&c.task->arch), 0, sizeof(struct pt_regs));
	clone_fill_task(&c);

	flags = tasklist_lock();
	process_link_locked(c.process, NULL);
	pid_get(c.tid);
	c.process->session = c.tid;
	process_join_pgrp_locked(c.process, c.tid);
	process_add_thread_locked(c.process, c.thread);
	process_init_task = c.process;
	tasklist_unlock(flags);
	wake_up_new_task(c.task);
	return 0;
}
