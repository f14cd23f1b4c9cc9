/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/pid.h - numbers for processes, threads, groups and sessions
 */
#ifndef KERNEL_TASK_PID_H
#define KERNEL_TASK_PID_H

#include "include/types.h"
#include "arch/x86/cpu/atomic.h"
#include "kernel/lib/list.h"
#include "kernel/sync/rcu.h"
#include "kernel/sync/wait.h"

struct process;
struct thread;

/* Numbers are handed out in a circle below this, as in Linux. */
#define PID_MAX 32768

/*
 * A number. It stays taken while a process, a thread, a group or a session is
 * called by it, so that no kill() can reach a stranger who got it meanwhile.
 * Letters as in process.h.
 */
struct pid {
	int nr;				/* C */
	atomic_t count;			/* A */
	struct hlist_node hash;		/* L U */
	struct process *process;	/* L U: the process with this number */
	struct thread *thread;		/* L U: the thread with this number */
	struct list_head group;		/* L: members of the process group of this number */
	struct wait_queue_head ended;	/* the process ends: who polls a pidfd, mrelease */
	struct rcu_head rcu;
};

/* The next number is 1 again: kernel tests have used some. Context: boot. */
void pid_start_over(void);

/*
 * Take the next free number. Context: may sleep.
 * Return: 0 with one reference in *@out, -EAGAIN (all taken), -ENOMEM.
 */
int __must_check pid_new(struct pid **out);
void pid_get(struct pid *pid);
/* Give a reference back; the last one frees the number. Context: any; takes
 * the lock of the numbers. */
void pid_put(struct pid *pid);

/* The number @nr, or NULL. Context: rcu_read_lock() or the task list lock. */
struct pid *pid_find(pid_t nr);

/* Prepare the hash. Context: boot. */
void pid_init(void);

#endif
