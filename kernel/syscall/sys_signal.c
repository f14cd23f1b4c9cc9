/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/syscall/sys_signal.c - the calls about signals
 *
 * Concept    Checks and copies; what signals do is in kernel/task/signal.c.
 * Owns       Nothing.
 * Locks      None of its own, but siglock around sigtimedwait's set.
 * Callers    table.c.
 */
#include "kernel/syscall/syscalls.h"

#include "arch/x86/cpu/regs.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/task.h"
#include "kernel/task/clock.h"
#include "kernel/task/process.h"
#include "kernel/task/signal.h"
#include "kernel/time/tick.h"
#include "mm/uaccess.h"

long sys_rt_sigaction(int sig, const struct k_sigaction __user *act,
		      struct k_sigaction __user *old, u64 size)
{
	struct k_sigaction new, was;

	if (size != sizeof(u64) || sig < 1 || sig > NSIG)
		return -EINVAL;
	if (act && copy_from_user(&new, act, sizeof(new)))
		return -EFAULT;
	if (act && (sig == SIGKILL || sig == SIGSTOP))
		return -EINVAL;
	signal_set_action(sig, act ? &new : NULL, &was);
	if (old && copy_to_user(old, &was, sizeof(was)))
		return -EFAULT;
	return 0;
}

long sys_rt_sigprocmask(int how, const u64 __user *set, u64 __user *old, u64 size)
{
	u64 mask, was = current_thread->blocked;

	if (size != sizeof(u64))
		return -EINVAL;
	if (set) {
		if (get_user(mask, (u64 __user *)set))
			return -EFAULT;
		if (how == SIG_BLOCK)
			mask |= was;
		else if (how == SIG_UNBLOCK)
			mask = was & ~mask;
		else if (how != SIG_SETMASK)
			return -EINVAL;
		signal_set_blocked(mask);
	}
	return old ? put_user(was, old) : 0;
}

long sys_rt_sigpending(u64 __user *set, u64 size)
{
	struct thread *t = current_thread;
	struct process *p = t->process;
	unsigned long flags;
	u64 pending;

	if (size > sizeof(u64))
		return -EINVAL;
	spin_lock_irqsave(&p->siglock, flags);
	pending = (t->pending.set | p->pending.set) & t->blocked;
	spin_unlock_irqrestore(&p->siglock, flags);
	return copy_to_user(set, &pending, size);
}

/* Sleep until a signal that is not blocked. */
static long wait_for_signal(void)
{
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (signal_pending(current))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return -ERESTARTNOHAND;
}

long sys_rt_sigsuspend(const u64 __user *set, u64 size)
{
	u64 mask;

	if (size != sizeof(u64))
		return -EINVAL;
	if (get_user(mask, (u64 __user *)set))
		return -EFAULT;
	signal_wait_with_mask(mask);
	return wait_for_signal();
}

long sys_pause(void)
{
	return wait_for_signal();
}

/* Take a signal of @set, or declare that this thread awaits them. */
static int sigtimedwait_try(u64 set, struct siginfo *info)
{
	struct thread *t = current_thread;
	struct process *p = t->process;
	unsigned long flags;
	int sig;

	spin_lock_irqsave(&p->siglock, flags);
	sig = signal_dequeue_locked(t, set, info);
	t->awaited = sig ? 0 : set;
	signal_recalc_locked(t);
	spin_unlock_irqrestore(&p->siglock, flags);
	return sig;
}

long sys_rt_sigtimedwait(const u64 __user *set, struct siginfo __user *info,
			 const struct timespec __user *timeout, u64 size)
{
	u64 mask, ns = 0, deadline;
	struct timespec ts;
	struct siginfo si;
	int sig, err = 0;

	if (size != sizeof(u64))
		return -EINVAL;
	if (get_user(mask, (u64 __user *)set) ||
	    (timeout && copy_from_user(&ts, timeout, sizeof(ts))))
		return -EFAULT;
	if (timeout && clock_timespec_to_ns(&ts, &ns))
		return -EINVAL;
	mask = sigmask_blockable(mask);
	deadline = ktime_get_ns() + ns;
	sig = sigtimedwait_try(mask, &si);
	if (!sig) {
		if (timeout)
			err = clock_sleep_until(deadline);
		else
			err = wait_for_signal();
		sig = sigtimedwait_try(mask, &si);
		sigtimedwait_try(0, &si);
	}
	if (!sig)
		return err ? -EINTR : -EAGAIN;
	if (info && copy_to_user(info, &si, sizeof(si)))
		return -EFAULT;
	return sig;
}

long sys_rt_sigreturn(void)
{
	struct pt_regs *regs = thread_pt_regs(&current->arch);

	if (sigframe_return(regs))
		signal_bad_frame();
	return regs->ax;
}

long sys_sigaltstack(const struct sigaltstack __user *ss, struct sigaltstack __user *old)
{
	struct thread *t = current_thread;
	struct pt_regs *regs = thread_pt_regs(&current->arch);
	bool on = sigaltstack_contains(t, regs->sp);
	struct sigaltstack new, was = t->altstack;

	if (ss && copy_from_user(&new, ss, sizeof(new)))
		return -EFAULT;
	if (ss) {
		if (on)
			return -EPERM;
		if (new.ss_flags & ~(SS_DISABLE | SS_ONSTACK))
			return -EINVAL;
		if (!(new.ss_flags & SS_DISABLE) && new.ss_size < MINSIGSTKSZ)
			return -ENOMEM;
		new.ss_flags &= SS_DISABLE;
		new.pad = 0;
		if (new.ss_flags)
			new.ss_sp = new.ss_size = 0;
		t->altstack = new;
	}
	if (on)
		was.ss_flags |= SS_ONSTACK;
	if (old && copy_to_user(old, &was, sizeof(was)))
		return -EFAULT;
	return 0;
}

static struct siginfo info_from_user(int sig, int code)
{
	struct siginfo info = { .si_signo = sig, .si_code = code };

	info.kill.pid = current_process->pid->nr;
	info.kill.uid = current_cred()->uid.real;
	return info;
}

static long kill_process(pid_t pid, int sig, const struct siginfo *info)
{
	struct process *p;
	long ret = -ESRCH;

	rcu_read_lock();
	p = process_find(pid);
	if (p)
		ret = process_may_signal(p, sig) ? 0 : -EPERM;
	if (!ret)
		signal_send_process(p, sig, info);
	rcu_read_unlock();
	return ret;
}

long sys_kill(pid_t pid, int sig)
{
	struct siginfo info = info_from_user(sig, SI_USER);
	pid_t pgrp;

	if (sig < 0 || sig > NSIG)
		return -EINVAL;
	if (pid > 0)
		return kill_process(pid, sig, &info);
	if (pid == INT32_MIN)		/* no group has the number -pid */
		return -ESRCH;
	if (pid == -1)
		return signal_send_all(sig, &info);
	rcu_read_lock();
	pgrp = pid ? -pid : process_pgrp_nr(current_process);
	rcu_read_unlock();
	return signal_send_pgrp(pgrp, sig, &info);
}

static long kill_thread(pid_t tgid, pid_t tid, int sig)
{
	struct siginfo info = info_from_user(sig, SI_TKILL);
	struct thread *t;
	long ret = -ESRCH;

	if (tid <= 0 || sig < 0 || sig > NSIG)
		return -EINVAL;
	rcu_read_lock();
	t = thread_find(tid);
	if (t && (!tgid || t->process->pid->nr == tgid)) {
		ret = process_may_signal(t->process, sig) ? 0 : -EPERM;
		if (!ret)
			signal_send_thread(t, sig, &info);
	}
	rcu_read_unlock();
	return ret;
}

long sys_tkill(pid_t tid, int sig)
{
	return kill_thread(0, tid, sig);
}

long sys_tgkill(pid_t tgid, pid_t tid, int sig)
{
	return tgid <= 0 ? -EINVAL : kill_thread(tgid, tid, sig);
}

long sys_rt_sigqueueinfo(pid_t pid, int sig, const struct siginfo __user *uinfo)
{
	struct siginfo info;

	if (copy_from_user(&info, uinfo, sizeof(info)))
		return -EFAULT;
	if (sig < 0 || sig > NSIG)
		return -EINVAL;
	/* Nobody may pretend to be the kernel, but to himself. */
	if ((info.si_code >= 0 || info.si_code == SI_TKILL) && pid != current_process->pid->nr)
		return -EPERM;
	info.si_signo = sig;
	return kill_process(pid, sig, &info);
}

long sys_pidfd_send_signal(int fd, int sig, const struct siginfo __user *uinfo,
			   unsigned int flags)
{
	struct siginfo info = info_from_user(sig, SI_USER);
	pid_t pid = pidfd_number(fd);

	if (flags)
		return -EINVAL;
	if (pid < 0)
		return pid;
	if (uinfo && copy_from_user(&info, uinfo, sizeof(info)))
		return -EFAULT;
	if (sig < 0 || sig > NSIG || info.si_signo != sig)
		return -EINVAL;
	if (uinfo && (info.si_code >= 0 || info.si_code == SI_TKILL) &&
	    pid != current_process->pid->nr)
		return -EPERM;
	return kill_process(pid, sig, &info);
}
