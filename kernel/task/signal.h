/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/signal.h - signals: posting them, and what the thread makes of them
 *
 * A signal is posted to a process (any thread that does not block it may take
 * it) or to one thread. Posting marks; the receiving thread does the rest
 * itself, on its way back to user mode, in signal_deliver().
 */
#ifndef KERNEL_TASK_SIGNAL_H
#define KERNEL_TASK_SIGNAL_H

#include "include/types.h"
#include "include/uapi/signal.h"
#include "kernel/lib/list.h"

struct pid;
struct process;
struct pt_regs;
struct task;
struct thread;

/* A set of signals: bit n - 1 is signal n, as programs see it. */
static inline u64 sigmask(int sig)
{
	return 1UL << (sig - 1);
}

/*
 * Posted and not yet taken. A plain signal is pending or not; a real-time one
 * is queued as often as it was sent. The set alone counts: when there is no
 * memory for the details of a signal, it arrives without them.
 */
struct sigpending {
	u64 set;
	struct list_head queue;		/* struct sigqueue: details, oldest first */
};

/*
 * Post @sig to the process or the one thread. @info may be NULL: sent by the
 * kernel. Ignored signals vanish. @sig 0 posts nothing.
 * Context: any, interrupts included; the caller holds a reference, the task
 * list lock or rcu_read_lock(). Takes siglock.
 */
void signal_send_process(struct process *p, int sig, const struct siginfo *info);
void signal_send_thread(struct thread *t, int sig, const struct siginfo *info);

/*
 * Post @sig to every member of process group @pgrp; with an @info, which a program gave,
 * to those whom the running task may send it.
 * Context: any, interrupts included (the terminal's Ctrl-C) without @info.
 * Return: 0, -ESRCH if it has no members, -EPERM if it may be sent to none.
 */
int signal_send_pgrp(pid_t pgrp, int sig, const struct siginfo *info);

/* The same to everybody but the first process and the caller. Context: a user thread. */
int signal_send_all(int sig, const struct siginfo *info);

/*
 * Post to the running thread a signal that it can neither block nor ignore: it
 * is blocked or ignored, it kills. The trap code calls this for exceptions in
 * user mode. @code is SEGV_MAPERR and such, @addr goes to si_addr; @trapno and
 * @error_code to the signal frame (and @addr to cr2, for a page fault).
 * Context: a user thread in a trap, interrupts on.
 */
void force_sig_fault(int sig, int code, u64 addr, int trapno, int error_code);

/*
 * Act on everything that waits for the running thread: stop, end, or build the
 * frame of a handler in user space and point @regs at it; arrange the restart
 * of an interrupted system call.
 * Context: the last step before user mode, interrupts on, nothing held; may
 * sleep; does not return if a signal ends the thread. Call it while
 * signal_pending(current).
 */
void signal_deliver(struct pt_regs *regs);

/*
 * Recompute TIF_SIGPENDING of the running thread after its mask has changed.
 * Context: siglock of its process held.
 */
void signal_recalc_locked(struct thread *t);

/* Replace the mask of the running thread. SIGKILL and SIGSTOP stay unblocked.
 * Context: takes siglock. */
void signal_set_blocked(u64 mask);

/* A process that ends, stops or goes on: tell its parent. Context: task list
 * lock held; takes the parent's siglock. */
void signal_notify_parent_locked(struct process *p, int code, int status);

/* Whether a deadly signal waits for the running thread (it should give up a
 * long wait that plain signals may not interrupt). Context: any. */
bool fatal_signal_waits(void);

/*
 * sigsuspend, ppoll, pselect: use @mask until the wait is over. @interrupted: by a signal,
 * whose handler is to run under @mask first; signal_deliver() puts the old one back then.
 */
void signal_wait_with_mask(u64 mask);
void signal_wait_is_over(bool interrupted);

/* exec: handlers that were functions of the old program become SIG_DFL. */
void signal_reset_handlers(struct process *p);

void sigpending_init(struct sigpending *q);
/* Forget what is posted: its owner ends. Context: siglock held, or last user. */
void sigpending_flush(struct sigpending *q);

/*
 * Take the next signal of @set that waits for the running thread.
 * Context: siglock held. Return: its number with *@info filled, or 0.
 */
int signal_dequeue_locked(struct thread *t, u64 set, struct siginfo *info);

/* End all threads of @p with wait status @status. Context: siglock held. */
void signal_group_exit_locked(struct process *p, int status);

/*
 * @t, the running thread, ends: it takes no more signals, others are woken for
 * what waits for the process, and a stop is complete without it. Context: takes
 * siglock, perhaps the task list lock.
 */
void signal_thread_leaves(struct process *p, struct thread *t);

/* The frame that rt_sigreturn found is none: SIGSEGV for the running thread. */
void signal_bad_frame(void);

/* Read into *@old and (@act not NULL) replace an action of the running process. */
void signal_set_action(int sig, const struct k_sigaction *act, struct k_sigaction *old);

/* Make @t look at its signals; with @fatal even out of a killable sleep.
 * Context: any. */
void signal_wake(struct thread *t, bool fatal);

/* Timer function of process.itimer. Context: interrupt. */
struct timer;
void signal_itimer_expired(struct timer *timer);

/* A set with the members of @mask that may be blocked. */
static inline u64 sigmask_blockable(u64 mask)
{
	return mask & ~(sigmask(SIGKILL) | sigmask(SIGSTOP));
}

/* kernel/task/sigframe.c */

/*
 * Build the frame of handler @ka for @info on the user's stack and let @regs
 * enter it. Context: the running thread, may sleep.
 * Return: 0, or -EFAULT if the stack can not take it.
 */
int __must_check sigframe_setup(struct pt_regs *regs, const struct k_sigaction *ka,
				const struct siginfo *info, u64 saved_mask);
/* The way back: registers, FPU, mask from the frame at the user's stack pointer.
 * Return: 0, or -EFAULT if the frame is not one. */
int __must_check sigframe_return(struct pt_regs *regs);

/* Is @sp on the running thread's alternate stack? */
bool sigaltstack_contains(const struct thread *t, u64 sp);

#endif
