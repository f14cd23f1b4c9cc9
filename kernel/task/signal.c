/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/signal.c - posts signals, and decides what each of them does
 *
 * Concept    The poster marks a set and wakes one thread that may take the
 *            signal; everything else is done by that thread itself, on its way
 *            back to user mode:
 *
 *                poster                            receiver
 *                siglock
 *                ignored? forget it
 *                pending.set |= bit
 *                TIF_SIGPENDING, wake
 *                siglock free
 *                                                  leaves its sleep (-ERESTARTSYS)
 *                                                  signal_deliver:
 *                                                    siglock: take the next one
 *                                                    default: stop, end, nothing
 *                                                    handler: sigframe_setup()
 *
 *            A signal that will end the process is acted upon by the poster
 *            (group_exit), so that no thread runs on for long. A stop is a
 *            state of the process (stop_signal) in which threads park as they
 *            come by; the last one to park tells the parent.
 * Owns       process.action, .pending, .stop_*; thread.blocked, .pending.
 * Locks      LOCK_SIGHAND (siglock), irq-safe; LOCK_TASKLIST outside it where
 *            the parent is told.
 * Invariants TIF_SIGPENDING is set whenever something waits for a thread that
 *            it does not block (it may be set for nothing). SIGKILL and SIGSTOP
 *            are never in a mask. Pid 1 takes only signals that it handles.
 * Callers    the trap code, the system calls, the terminal, exit.c.
 * Next       sigframe.c
 */
#include "kernel/task/signal.h"

#include "arch/x86/cpu/regs.h"
#include "arch/x86/cpu/vectors.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/rculist.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/task.h"
#include "kernel/task/process.h"
#include "kernel/time/tick.h"
#include "mm/mm.h"
#include "mm/slab.h"

/* Details of one posted signal. */
struct sigqueue {
	struct list_head link;		/* siglock: sigpending.queue */
	struct siginfo info;
};

#define SIGNALS_STOP (sigmask(SIGSTOP) | sigmask(SIGTSTP) | sigmask(SIGTTIN) | sigmask(SIGTTOU))
#define SIGNALS_IGNORED (sigmask(SIGCHLD) | sigmask(SIGCONT) | sigmask(SIGURG) | sigmask(SIGWINCH))
#define SIGNALS_FAULT (sigmask(SIGSEGV) | sigmask(SIGBUS) | sigmask(SIGILL) | sigmask(SIGFPE) | \
	sigmask(SIGTRAP) | sigmask(SIGSYS))

#define PF_ERROR_PRESENT 1	/* page-fault error code, SDM volume 3, 4.7 */

/* ---- what is pending ---- */

void sigpending_init(struct sigpending *q)
{
	q->set = 0;
	INIT_LIST_HEAD(&q->queue);
}

/* Drop the details of every signal in @set, and the signals. */
static void sigpending_remove(struct sigpending *q, u64 set)
{
	struct sigqueue *sq, *next;

	q->set &= ~set;
	list_for_each_entry_safe(sq, next, &q->queue, link) {
		if (sigmask(sq->info.si_signo) & set) {
			list_del(&sq->link);
			kfree(sq);
		}
	}
}

void sigpending_flush(struct sigpending *q)
{
	sigpending_remove(q, ~0UL);
}

static void sigpending_add(struct sigpending *q, int sig, const struct siginfo *info)
{
	struct sigqueue *sq;

	if (sig < SIGRTMIN && (q->set & sigmask(sig)))
		return;
	q->set |= sigmask(sig);
	sq = kmalloc(sizeof(*sq), GFP_ATOMIC | __GFP_NOWARN);
	if (!sq)
		return;
	if (info)
		sq->info = *info;
	else
		memset(&sq->info, 0, sizeof(sq->info));
	if (!info)
		sq->info.si_code = SI_KERNEL;
	sq->info.si_signo = sig;
	list_add_tail(&sq->link, &q->queue);
}

/* Take signal @sig with its oldest details. */
static void sigpending_take(struct sigpending *q, int sig, struct siginfo *info)
{
	struct sigqueue *sq, *next, *found = NULL;
	bool more = false;

	list_for_each_entry_safe(sq, next, &q->queue, link) {
		if (sq->info.si_signo != sig)
			continue;
		if (found)
			more = true;
		else
			found = sq;
	}
	if (!more)
		q->set &= ~sigmask(sig);
	memset(info, 0, sizeof(*info));
	info->si_signo = sig;
	if (!found)
		return;
	*info = found->info;
	list_del(&found->link);
	kfree(found);
}

/* The next one of @set: faults first, for they concern the very instruction. */
static int sigset_first(u64 set)
{
	if (set & SIGNALS_FAULT)
		set &= SIGNALS_FAULT;
	return set ? __builtin_ctzl(set) + 1 : 0;
}

int signal_dequeue_locked(struct thread *t, u64 set, struct siginfo *info)
{
	struct process *p = t->process;
	int sig = sigset_first(t->pending.set & set);

	assert_held(&p->siglock);
	if (sig) {
		sigpending_take(&t->pending, sig, info);
		return sig;
	}
	sig = sigset_first(p->pending.set & set);
	if (sig)
		sigpending_take(&p->pending, sig, info);
	return sig;
}

/* ---- waking ---- */

void signal_wake(struct thread *t, bool fatal)
{
	struct task *task = t->task;

	if (fatal)
		thread_flag_set(&task->info, TIF_SIGKILL);
	thread_flag_set(&task->info, TIF_SIGPENDING);
	if (try_to_wake_up(task, TASK_INTERRUPTIBLE | (fatal ? TASK_WAKEKILL : 0)))
		return;
	/* In user mode on another CPU? An interrupt brings it to the flag. */
	if (task != current)
		resched_cpu(task_cpu(task));
}

/* Something other than a signal that a thread must attend to. */
static bool signal_other_work_locked(const struct thread *t)
{
	const struct process *p = t->process;

	return p->group_exit || p->stop_signal || p->notify_code ||
	       (p->exec_thread && p->exec_thread != t);
}

void signal_recalc_locked(struct thread *t)
{
	struct process *p = t->process;

	assert_held(&p->siglock);
	if (((t->pending.set | p->pending.set) & ~t->blocked) || signal_other_work_locked(t))
		thread_flag_set(&t->task->info, TIF_SIGPENDING);
	else
		thread_flag_clear(&t->task->info, TIF_SIGPENDING);
}

/* Somebody else is to take what waits for the process: @leaver will not. */
static void signal_retarget_locked(struct process *p, struct thread *leaver)
{
	struct thread *t;

	assert_held(&p->siglock);
	list_for_each_entry(t, &p->threads, node) {
		if (t != leaver && !t->dying && (p->pending.set & ~t->blocked))
			signal_wake(t, false);
	}
}

void signal_set_blocked(u64 mask)
{
	struct thread *t = current_thread;
	struct process *p = t->process;
	unsigned long flags;
	u64 newly;

	spin_lock_irqsave(&p->siglock, flags);
	newly = sigmask_blockable(mask) & ~t->blocked;
	t->blocked = sigmask_blockable(mask);
	if (p->pending.set & newly)
		signal_retarget_locked(p, t);
	signal_recalc_locked(t);
	spin_unlock_irqrestore(&p->siglock, flags);
}

void signal_wait_with_mask(u64 mask)
{
	struct thread *t = current_thread;

	t->saved_blocked = t->blocked;
	t->restore_blocked = true;
	signal_set_blocked(mask);
}

void signal_wait_is_over(bool interrupted)
{
	struct thread *t = current_thread;

	if (!t || !t->restore_blocked || interrupted)
		return;
	t->restore_blocked = false;
	signal_set_blocked(t->saved_blocked);
}

bool fatal_signal_waits(void)
{
	return fatal_signal_pending(current);
}

/* ---- posting ---- */

static bool signal_default_is_fatal(int sig)
{
	return !(sigmask(sig) & (SIGNALS_STOP | SIGNALS_IGNORED));
}

/* May @t take @sig now? One that is parked in a stop takes nothing but the end. */
static bool signal_wanted_by(const struct thread *t, int sig)
{
	if (t->dying || (t->stopped && sig != SIGKILL))
		return false;
	return sig == SIGKILL || !(t->blocked & sigmask(sig)) || (t->awaited & sigmask(sig));
}

/* A thread of @p that may take @sig; one that has nothing else to do, if any. */
static struct thread *signal_choose_locked(struct process *p, int sig)
{
	struct thread *t, *found = NULL;

	list_for_each_entry(t, &p->threads, node) {
		if (!signal_wanted_by(t, sig))
			continue;
		if (!signal_pending(t->task))
			return t;
		if (!found)
			found = t;
	}
	return found;
}

/* Whether posting @sig would have no effect at all. */
static bool signal_ignored_locked(struct process *p, struct thread *only, int sig)
{
	u64 handler = p->action[sig].handler;
	bool blocked = only ? !signal_wanted_by(only, sig) : !signal_choose_locked(p, sig);

	if (p == process_init_task && handler == SIG_DFL)
		return true;
	if (blocked || (only && (only->awaited & sigmask(sig))))
		return false;	/* the handler may be another by the time it is unblocked */
	return handler == SIG_IGN || (handler == SIG_DFL && (sigmask(sig) & SIGNALS_IGNORED));
}

/* Let a stopped process run again. */
static void signal_continue_locked(struct process *p)
{
	struct thread *t;

	if (!p->stop_signal)
		return;
	if (p->stop_notified)
		p->notify_code = CLD_CONTINUED;
	p->stop_signal = 0;
	list_for_each_entry(t, &p->threads, node)
		t->stopped = false;
	wake_up_all(&p->stop_wait);
}

/* A stop and a continuation cancel what is pending of the other kind. */
static void signal_cancel_locked(struct process *p, int sig)
{
	struct thread *t;
	u64 cancelled = 0;

	if (sig == SIGCONT)
		cancelled = SIGNALS_STOP;
	else if (sigmask(sig) & SIGNALS_STOP)
		cancelled = sigmask(SIGCONT);
	if (!cancelled)
		return;
	sigpending_remove(&p->pending, cancelled);
	list_for_each_entry(t, &p->threads, node)
		sigpending_remove(&t->pending, cancelled);
	if (sig == SIGCONT)
		signal_continue_locked(p);
}

void signal_group_exit_locked(struct process *p, int status)
{
	struct thread *t;

	assert_held(&p->siglock);
	ASSERT(!p->group_exit);
	p->group_exit = true;
	p->group_exit_status = status;
	p->stop_signal = 0;
	list_for_each_entry(t, &p->threads, node)
		signal_wake(t, true);
	wake_up_all(&p->stop_wait);
}

static void signal_post_locked(struct process *p, struct thread *only, int sig,
			       const struct siginfo *info)
{
	struct thread *target;

	assert_held(&p->siglock);
	ASSERT(sig > 0 && sig <= NSIG);
	if (p->group_exit || p->nr_threads == 0)
		return;
	signal_cancel_locked(p, sig);
	if (signal_ignored_locked(p, only, sig))
		return;
	sigpending_add(only ? &only->pending : &p->pending, sig, info);
	target = only ? only : signal_choose_locked(p, sig);
	if (!target || !signal_wanted_by(target, sig))
		return;
	if (p->action[sig].handler == SIG_DFL && signal_default_is_fatal(sig) &&
	    !(target->awaited & sigmask(sig)))
		signal_group_exit_locked(p, WAIT_SIGNAL(sig));
	else
		signal_wake(target, false);
}

void signal_send_process(struct process *p, int sig, const struct siginfo *info)
{
	unsigned long flags;

	if (!sig)
		return;
	spin_lock_irqsave(&p->siglock, flags);
	signal_post_locked(p, NULL, sig, info);
	spin_unlock_irqrestore(&p->siglock, flags);
}

void signal_send_thread(struct thread *t, int sig, const struct siginfo *info)
{
	struct process *p = t->process;
	unsigned long flags;

	if (!sig)
		return;
	spin_lock_irqsave(&p->siglock, flags);
	if (!t->dying)
		signal_post_locked(p, t, sig, info);
	spin_unlock_irqrestore(&p->siglock, flags);
}

/* One of many that get @sig; a thread that forks now notes it for its child. */
static void signal_send_member_locked(struct process *p, int sig, const struct siginfo *info)
{
	struct thread *t;

	assert_held(&tasklist);
	if (!sig)
		return;
	list_for_each_entry(t, &p->threads, node)
		t->fork_signals |= sigmask(sig);
	signal_send_process(p, sig, info);
}

int signal_send_pgrp(pid_t nr, int sig, const struct siginfo *info)
{
	unsigned long flags = tasklist_lock();
	struct pid *pgrp = pid_find(nr);
	int ret = -ESRCH;
	struct process *p;

	if (pgrp) {
		list_for_each_entry(p, &pgrp->group, pgrp_link) {
			if (info && !process_may_signal(p, sig)) {
				ret = ret == -ESRCH ? -EPERM : ret;
				continue;
			}
			signal_send_member_locked(p, sig, info);
			ret = 0;
		}
	}
	tasklist_unlock(flags);
	return ret;
}

int signal_send_all(int sig, const struct siginfo *info)
{
	unsigned long flags = tasklist_lock();
	int ret = -ESRCH;
	struct process *p;

	list_for_each_entry(p, &process_list, all) {
		if (p == process_init_task || p == current_process || !p->parent)
			continue;
		ret = 0;
		if (!info || process_may_signal(p, sig))
			signal_send_member_locked(p, sig, info);
	}
	tasklist_unlock(flags);
	return ret;
}

/* Post to the running thread in a way that it can not escape. */
static void signal_force(int sig, const struct siginfo *info, bool to_default)
{
	struct thread *t = current_thread;
	struct process *p = t->process;
	struct k_sigaction *ka = &p->action[sig];
	unsigned long flags;

	spin_lock_irqsave(&p->siglock, flags);
	if (to_default || ka->handler == SIG_IGN || (t->blocked & sigmask(sig))) {
		ka->handler = SIG_DFL;
		t->blocked &= ~sigmask(sig);
	}
	sigpending_add(&t->pending, sig, info);
	thread_flag_set(&t->task->info, TIF_SIGPENDING);
	spin_unlock_irqrestore(&p->siglock, flags);
}

void force_sig_fault(int sig, int code, u64 addr, int trapno, int error_code)
{
	struct siginfo info = { .si_signo = sig, .si_code = code, .fault.addr = addr };
	struct thread *t = current_thread;

	t->trapno = trapno;
	t->error_code = error_code;
	if (trapno == TRAP_PF) {
		t->fault_address = addr;
		/* A program shall not learn which kernel pages are mapped. */
		if (addr >= MM_USER_TOP)
			t->error_code |= PF_ERROR_PRESENT;
	}
	signal_force(sig, &info, false);
}

/* ---- telling the parent ---- */

void signal_notify_parent_locked(struct process *p, int code, int status)
{
	struct process *parent = p->parent;
	bool ended = code == CLD_EXITED || code == CLD_KILLED;
	int sig = ended ? p->exit_signal : SIGCHLD;
	struct siginfo info = { .si_signo = sig, .si_code = code };

	assert_held(&tasklist);
	if (!parent)
		return;
	info.chld.pid = p->pid->nr;
	info.chld.status = code == CLD_EXITED ? (status >> 8) & 0xff : status & 0x7f;
	if (ended || !(READ_ONCE(parent->action[SIGCHLD].flags) & SA_NOCLDSTOP))
		signal_send_process(parent, sig, &info);
	wake_up_all(&parent->child_wait);
}

static void signal_report_stop(struct process *p)
{
	unsigned long flags = tasklist_lock();
	int sig;

	spin_lock(&p->siglock);
	sig = p->stop_signal;
	spin_unlock(&p->siglock);
	if (sig) {
		p->stop_report = sig;
		p->cont_report = false;
		signal_notify_parent_locked(p, CLD_STOPPED, sig);
	}
	tasklist_unlock(flags);
}

static void signal_report_continue(struct process *p)
{
	unsigned long flags = tasklist_lock();

	p->stop_report = 0;
	p->cont_report = true;
	signal_notify_parent_locked(p, CLD_CONTINUED, SIGCONT);
	tasklist_unlock(flags);
}

/* ---- stopping ---- */

/* Every thread has parked, and the parent was not told yet? Then it is to be. */
static bool signal_stop_complete_locked(struct process *p)
{
	struct thread *t;

	if (!p->stop_signal || p->stop_notified)
		return false;
	list_for_each_entry(t, &p->threads, node) {
		if (!t->stopped && !t->dying)
			return false;
	}
	p->stop_notified = true;
	return true;
}

void signal_thread_leaves(struct process *p, struct thread *t)
{
	unsigned long flags;
	bool complete;

	spin_lock_irqsave(&p->siglock, flags);
	t->dying = true;
	signal_retarget_locked(p, t);
	complete = p->nr_threads > 1 && signal_stop_complete_locked(p);
	spin_unlock_irqrestore(&p->siglock, flags);
	if (complete)
		signal_report_stop(p);
}

static void signal_begin_stop_locked(struct process *p, int sig)
{
	struct thread *t;

	if (p->stop_signal || p->group_exit)
		return;
	p->stop_signal = sig;
	p->stop_notified = false;
	p->notify_code = 0;
	list_for_each_entry(t, &p->threads, node) {
		if (t != current_thread)
			signal_wake(t, false);
	}
}

/*
 * The condition under which a parked thread goes on. Its own mark, not stop_signal:
 * another stop may have begun before it woke, and it must park for that one anew.
 */
static bool signal_stop_over(const struct thread *t)
{
	const struct process *p = t->process;

	return !READ_ONCE(t->stopped) || READ_ONCE(p->group_exit) ||
	       (READ_ONCE(p->exec_thread) && p->exec_thread != t);
}

/* Park until a continuation or the end. Enters with siglock held, leaves without. */
static void signal_park(struct thread *t, unsigned long flags)
	__no_lock_check		/* t->process's siglock has another name here */
{
	struct process *p = t->process;
	bool complete;

	t->stopped = true;
	complete = signal_stop_complete_locked(p);
	spin_unlock_irqrestore(&p->siglock, flags);
	if (complete)
		signal_report_stop(p);
	wait_event(&p->stop_wait, signal_stop_over(t));
}

static void signal_default_stop(struct process *p, int sig)
{
	unsigned long flags;

	if (sig != SIGSTOP && process_pgrp_orphaned(p))
		return;
	spin_lock_irqsave(&p->siglock, flags);
	signal_begin_stop_locked(p, sig);
	spin_unlock_irqrestore(&p->siglock, flags);
}

/* ---- taking ---- */

/* What a thread has to do besides signals. Enters with siglock held; returns
 * true, with it released, if it did something and must look again. */
static bool signal_do_other_work(struct thread *t, unsigned long flags)
	__no_lock_check		/* releases siglock only if it returns true */
{
	struct process *p = t->process;

	if (p->group_exit) {
		spin_unlock_irqrestore(&p->siglock, flags);
		process_exit_group(p->group_exit_status);
	}
	if (p->exec_thread && p->exec_thread != t) {
		spin_unlock_irqrestore(&p->siglock, flags);
		process_exit_thread(0);
	}
	if (p->notify_code) {
		p->notify_code = 0;
		spin_unlock_irqrestore(&p->siglock, flags);
		signal_report_continue(p);
		return true;
	}
	if (p->stop_signal) {
		signal_park(t, flags);
		return true;
	}
	return false;
}

static void signal_die(struct thread *t, int sig, struct pt_regs *regs)
{
	if (sigmask(sig) & SIGNALS_FAULT)
		pr_info("%s[%d]: signal %d at %lx ip %lx sp %lx error %x", t->task->comm,
			t->process->pid->nr, sig, (unsigned long)t->fault_address, regs->ip,
			regs->sp, (unsigned int)t->error_code);
	process_exit_group(WAIT_SIGNAL(sig));
}

/* Act on signals until one needs a handler. Return: it, with *@ka, or 0. */
static int signal_next(struct thread *t, struct k_sigaction *ka, struct siginfo *info,
		       struct pt_regs *regs)
	__no_lock_check		/* signal_do_other_work() may have released siglock */
{
	struct process *p = t->process;
	unsigned long flags;
	int sig;

	for (;;) {
		spin_lock_irqsave(&p->siglock, flags);
		if (signal_do_other_work(t, flags))
			continue;
		sig = signal_dequeue_locked(t, ~t->blocked, info);
		signal_recalc_locked(t);
		if (!sig) {
			spin_unlock_irqrestore(&p->siglock, flags);
			return 0;
		}
		*ka = p->action[sig];
		if (ka->handler > SIG_IGN && (ka->flags & SA_RESETHAND))
			p->action[sig].handler = SIG_DFL;
		spin_unlock_irqrestore(&p->siglock, flags);

		if (ka->handler > SIG_IGN)
			return sig;
		if (ka->handler == SIG_IGN || (sigmask(sig) & SIGNALS_IGNORED))
			continue;
		if (p == process_init_task && !(sigmask(sig) & SIGNALS_FAULT))
			continue;
		if (sigmask(sig) & SIGNALS_STOP)
			signal_default_stop(p, sig);
		else
			signal_die(t, sig, regs);
	}
}

/* The system call that this signal interrupted: repeat it, or let it fail? */
static void signal_restart_call(struct pt_regs *regs, struct thread *t,
				const struct k_sigaction *ka)
{
	int nr = t->restart_nr;
	bool again;

	if (ka)
		t->sleep_deadline_ns = 0;
	if (nr < 0)
		return;
	t->restart_nr = -1;
	again = !ka || (long)regs->ax == -ERESTARTNOINTR ||
		((long)regs->ax == -ERESTARTSYS && (ka->flags & SA_RESTART));
	if (again) {
		regs->ax = nr;
		regs->ip -= 2;		/* the length of SYSCALL */
	} else {
		regs->ax = -EINTR;
	}
}

static void signal_handle(struct pt_regs *regs, struct thread *t, int sig,
			  const struct k_sigaction *ka, const struct siginfo *info)
{
	u64 mask = t->restore_blocked ? t->saved_blocked : t->blocked;
	struct siginfo segv = { .si_signo = SIGSEGV, .si_code = SI_KERNEL };

	if (sigframe_setup(regs, ka, info, mask)) {
		signal_force(SIGSEGV, &segv, sig == SIGSEGV);
		return;
	}
	t->restore_blocked = false;
	mask = t->blocked | ka->mask;
	if (!(ka->flags & SA_NODEFER))
		mask |= sigmask(sig);
	signal_set_blocked(mask);
}

void signal_deliver(struct pt_regs *regs)
{
	struct thread *t = current_thread;
	struct k_sigaction ka;
	struct siginfo info;
	int sig;

	ASSERT(user_mode(regs));
	sig = signal_next(t, &ka, &info, regs);
	signal_restart_call(regs, t, sig ? &ka : NULL);
	if (sig) {
		signal_handle(regs, t, sig, &ka, &info);
	} else if (t->restore_blocked) {
		t->restore_blocked = false;
		signal_set_blocked(t->saved_blocked);
	}
}

void signal_bad_frame(void)
{
	struct siginfo info = { .si_signo = SIGSEGV, .si_code = SI_KERNEL };

	signal_force(SIGSEGV, &info, false);
}

void signal_reset_handlers(struct process *p)
{
	unsigned long flags;

	spin_lock_irqsave(&p->siglock, flags);
	for (int sig = 1; sig <= NSIG; sig++) {
		struct k_sigaction *ka = &p->action[sig];

		if (ka->handler > SIG_IGN)
			ka->handler = SIG_DFL;
		ka->flags = 0;
		ka->mask = 0;
		ka->restorer = 0;
	}
	spin_unlock_irqrestore(&p->siglock, flags);
}

void signal_set_action(int sig, const struct k_sigaction *act, struct k_sigaction *old)
{
	struct process *p = current_process;
	struct thread *t;
	unsigned long flags;

	spin_lock_irqsave(&p->siglock, flags);
	*old = p->action[sig];
	if (act) {
		p->action[sig] = *act;
		p->action[sig].mask = sigmask_blockable(act->mask);
		/* POSIX: what is pending and now ignored is forgotten. */
		if (act->handler == SIG_IGN ||
		    (act->handler == SIG_DFL && (sigmask(sig) & SIGNALS_IGNORED))) {
			sigpending_remove(&p->pending, sigmask(sig));
			list_for_each_entry(t, &p->threads, node)
				sigpending_remove(&t->pending, sigmask(sig));
		}
	}
	spin_unlock_irqrestore(&p->siglock, flags);
}

/* ---- the interval timer ---- */

void signal_itimer_expired(struct timer *timer)
{
	struct process *p = container_of(timer, struct process, itimer);
	u64 now = ktime_get_ns();
	unsigned long flags;

	spin_lock_irqsave(&p->siglock, flags);
	/* not yet: the process set another time while this call waited for the lock */
	if (p->itimer_expires_ns && now >= p->itimer_expires_ns) {
		signal_post_locked(p, NULL, SIGALRM, NULL);
		p->itimer_expires_ns = p->itimer_interval_ns ? now + p->itimer_interval_ns : 0;
	}
	if (p->itimer_expires_ns)
		mod_timer(timer, ticks + ns_to_ticks(p->itimer_expires_ns - now));
	spin_unlock_irqrestore(&p->siglock, flags);
}
