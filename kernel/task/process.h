/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/process.h - processes, their threads, and the numbers that name them
 *
 * Three objects:
 *
 *	struct task	a thing to schedule (kernel/sched); also kernel threads
 *	struct thread	the user side of a task: signal mask, tid, clear_child_tid
 *	struct process	what threads share: pid, family, signal handlers, exit status
 *
 * A process is an object of its own, not its first thread. It outlives all of
 * its threads as a zombie, until the parent has waited for it; the first thread
 * may exit before the others, and nothing special happens.
 *
 *	pid hash --> struct pid --> process ---- threads ----> thread --> task
 *	                 |             |  ^                       ^         |
 *	                 |             |  +--------process--------+<-thread-+
 *	                 +--thread-----|----------------------------^
 *	                               +-- parent, children, pgrp, session
 *
 * Letters behind the fields say what guards them:
 *	A atomic   C constant after creation   L the task list lock (LOCK_TASKLIST)
 *	S siglock of the process (LOCK_SIGHAND)   O only the owning thread itself
 *	U readable under rcu_read_lock()
 */
#ifndef KERNEL_TASK_PROCESS_H
#define KERNEL_TASK_PROCESS_H

#include "include/types.h"
#include "include/uapi/sched.h"
#include "include/uapi/signal.h"
#include "arch/x86/cpu/atomic.h"
#include "fs/cred.h"
#include "kernel/lib/list.h"
#include "kernel/sync/rcu.h"
#include "kernel/sync/spinlock.h"
#include "kernel/sync/wait.h"
#include "kernel/task/pid.h"
#include "kernel/task/signal.h"
#include "kernel/time/timer.h"

struct mm;
struct pt_regs;
struct task;

enum process_state {
	PROCESS_LIVE,			/* has threads */
	PROCESS_ZOMBIE,			/* waits to be waited for */
	PROCESS_DEAD,			/* reaped */
};

struct process {
	atomic_t count;			/* A */
	struct pid *pid;		/* C */
	struct rcu_head rcu;

	struct list_head all;		/* L U: every process */
	enum process_state state;	/* L */
	struct process *parent;		/* L U: NULL for the first process only */
	struct list_head children;	/* L */
	struct list_head sibling;	/* L: parent->children */
	struct list_head threads;	/* L U: struct thread.node; S too, for signals */
	int nr_threads;			/* L S */
	struct pid *pgrp, *session;	/* L */
	struct list_head pgrp_link;	/* L: pgrp->group */
	int exit_signal;		/* L: sent to the parent at the end */
	int exit_status;		/* L: as wait4 reports it, when a zombie */
	int stop_report;		/* L: signal of a stop not yet waited for, or 0 */
	bool cont_report;		/* L: a continuation not yet waited for */
	bool did_exec;			/* L: setpgid by the parent is refused then */
	struct wait_queue_head child_wait;	/* wait4: a child changed its state */
	u64 children_ns;		/* L: CPU time of the children waited for */
	u64 ended_ns;			/* L: CPU time of threads that have ended */
	u64 start_ns;			/* C */

	struct spinlock siglock;	/* LOCK_SIGHAND */
	struct k_sigaction action[NSIG + 1];	/* S: index 0 is unused */
	struct sigpending pending;	/* S: for whichever thread takes it */
	bool group_exit;		/* S: every thread is to end */
	int group_exit_status;		/* S: with this wait status */
	struct thread *exec_thread;	/* S: the thread whose exec ends the others */
	int stop_signal;		/* S: threads stop for this signal; 0: run */
	bool stop_notified;		/* S: all have stopped and the parent was told */
	struct wait_queue_head stop_wait;	/* stopped threads sleep here */
	struct wait_queue_head exec_wait;	/* exec waits here for the others to end */
	bool mm_released;		/* A: left the memory it was born with: vfork */
	struct wait_queue_head vfork_wait;	/* a parent in vfork sleeps here */
	int notify_code;		/* S: CLD_ that a thread will tell the parent, or 0 */
	struct timer itimer;		/* S: ITIMER_REAL */
	u64 itimer_interval_ns;		/* S */
	u64 itimer_expires_ns;		/* S: 0: off */
	struct mm *mm;			/* S: NULL once the last thread has left it */
	struct rlimit rlim[RLIM_NLIMITS];	/* S */
	struct cred cred;		/* S to write: ids, capabilities; threads share them */
	bool dumpable;			/* S: others of the same user may look into its memory */
	char exe[128];			/* S: what exec was given, for ps */
	int oom_score_adj;		/* S: -1000 (never killed) ... 1000 */
	int oom_score_adj_min;		/* S: as low as it may be set without privilege */
};

struct thread {
	struct task *task;		/* C */
	struct process *process;	/* C */
	struct pid *pid;		/* L: the tid; changes only in exec */
	struct list_head node;		/* L U: process->threads */
	struct rcu_head rcu;

	u64 blocked;			/* S to write, O to read */
	struct sigpending pending;	/* S: for this thread alone */
	u64 saved_blocked;		/* O: mask to restore after sigsuspend */
	bool restore_blocked;		/* O */
	u64 awaited;			/* S: blocked signals that sigtimedwait waits for */
	bool stopped;			/* S: parked in a stop of the process */
	bool dying;			/* S: past the point where signals matter */
	struct sigaltstack altstack;	/* O */
	int restart_nr;			/* O: system call that asked to be restarted, or -1 */
	int trapno, error_code;		/* O: of the last fault, for the signal frame */
	u64 fault_address;		/* O */
	u64 set_child_tid;		/* C: where the new thread stores its tid, or 0 */
	u64 clear_child_tid;		/* O: zeroed and woken at the end */
	u64 fork_signals;		/* L: sent to its whole group since it began to fork */
	u64 sleep_deadline_ns;		/* O: of the sleep that restart_nr will resume, or 0 */
};

/* The user side of the running task; NULL in a kernel thread. */
#define current_thread (current->thread)
#define current_process (current->thread->process)

/* Prepares the pid hash and the caches. Context: boot, one CPU. */
void process_init(void);
/* Make /proc/<pid>/maps, smaps and smaps_rollup. Context: boot. */
void proc_maps_init(void);
/* Make /proc/<pid>/fd, fdinfo, cwd, root, exe and task. Context: boot. */
void proc_fd_init(void);
/* Make /proc/<pid>/mem, pagemap, clear_refs, environ, auxv. Context: boot. */
void proc_mem_init(void);
/* Make /proc/<pid>/notifiers, and print it for @mm, which the caller keeps alive. */
void proc_notifiers_init(void);
struct seq_file;
void proc_notifiers_print(struct seq_file *m, struct mm *mm);

/*
 * Make the first process, pid 1, which will run the program @path. It gets
 * /dev/console as descriptors 0, 1 and 2.
 * Context: a kernel thread at the end of boot; may sleep.
 * Return: 0, or -errno of the file or of memory.
 */
int __must_check process_start_init(const char *path);

/*
 * Make a copy of the running thread as clone(2), fork(2) and vfork(2) want it.
 * @regs is the caller's system-call frame; the child returns 0 from it, with
 * @newsp as stack pointer unless that is 0.
 * Context: a user thread; may sleep; with CLONE_VFORK it waits for the child.
 * Return: the child's tid, or -errno.
 */
long process_clone(struct pt_regs *regs, u64 flags, u64 newsp, int __user *parent_tid,
		   int __user *child_tid, u64 tls);

/* End the calling thread; the last one ends the process with wait status
 * @status (see WAIT_EXIT). Context: a user thread, nothing held; no return. */
void __noreturn process_exit_thread(int status);

/* End every thread of the calling process. Context and return as above. */
void __noreturn process_exit_group(int status);

/* Wait statuses: ended by exit(@code), by signal @sig. */
#define WAIT_EXIT(code) (((code) & 0xff) << 8)
#define WAIT_SIGNAL(sig) ((sig) & 0x7f)
#define WAIT_STOPPED(sig) (((sig) << 8) | 0x7f)
#define WAIT_CONTINUED 0xffff

/*
 * exec: end all other threads of this process and become its only one, with
 * the process's number as tid.
 * Context: a user thread, nothing held; may sleep.
 * Return: 0; -EAGAIN if the process is ending, or another thread's exec won.
 */
int __must_check process_become_single(void);

/*
 * Let the running task use @mm from now on (NULL: none), and give up the one it
 * had; wakes a parent that waits in vfork for that.
 * Context: may sleep. Takes over the caller's reference to @mm.
 */
void process_change_mm(struct mm *mm);

/*
 * Wait for a child as waitid(2) does. @which, @id: P_ALL; P_PID and its number; P_PGID and
 * the group's, 0 for the caller's. @options: WEXITED, WUNTRACED, WCONTINUED say for what;
 * WNOHANG, WNOWAIT, WALL, WCLONE how. @status as wait4 reports it. Context: a user thread;
 * may sleep. Return: the child's number with the answers set, 0 (WNOHANG and nothing to
 * report), -ECHILD, -ERESTARTSYS.
 */
struct process_wait {
	int which;
	pid_t id;
	int options;
	int status;			/* answers */
	u64 cpu_ns;
};
long process_wait(struct process_wait *w);

/* setpgid and setsid of the running process or its child @pid (0: itself). */
int __must_check process_setpgid(pid_t pid, pid_t pgid);
int __must_check process_setsid(void);

/* The number of @p's group or session. Context: rcu_read_lock(). */
pid_t process_pgrp_nr(struct process *p);
pid_t process_session_nr(struct process *p);

/* Whether group @pgrp has a member in session @session. Context: takes the task list lock. */
bool process_pgrp_in_session(pid_t pgrp, pid_t session);
/*
 * Whether no shell of its session watches @p's group: the terminal may not stop it
 * then, for nobody could continue it. Context: takes the task list lock.
 */
bool process_pgrp_orphaned(struct process *p);

/* CPU time of a process, all its threads. Context: rcu_read_lock(). */
u64 process_cpu_ns(struct process *p);

/*
 * The process or thread with this number. Context: rcu_read_lock() or the task
 * list lock held, and for as long as the pointer is used. Return: NULL if none.
 */
struct process *process_find(pid_t pid);
struct thread *thread_find(pid_t tid);
/*
 * The same where either may be meant, as in /proc: the process that has the number or a
 * thread with it; the thread with the number, or any one of the process.
 */
struct process *process_find_any(pid_t nr);
struct thread *process_find_thread(pid_t nr);

/* References to a process keep the structure, not the life in it. */
/* Its mm knows the limits, privileges and oom_score_adj as they are now. siglock held. */
void process_apply_limits(const struct process *p);
void process_get(struct process *p);
void process_put(struct process *p);

/*
 * The address space of @p with a reference (mmput when done).
 * Context: any; takes siglock. Return: NULL if it has ended or is ending.
 */
struct mm *process_get_mm(struct process *p);
/* The same by number, for /proc. Return: 0 with NULL for a zombie, or -ESRCH. */
int __must_check process_find_mm(pid_t pid, struct mm **out);

/*
 * May the running task look into the memory of the process or thread @pid and change it,
 * as ptrace(2) asks: it is the same user's, who has not become him on the way, and has no
 * capability that we have not. By the file ids, as /proc asks, or the real ones (@real).
 * True also where there is no such process. Context: any.
 */
bool process_may_access(pid_t pid);
bool process_may_trace(pid_t pid);
/* May the running task send @sig to @p? Context: rcu_read_lock() or the task list lock. */
bool process_may_signal(struct process *p, int sig);

/*
 * Visit every live or zombie process, in order of creation. A nonzero answer
 * of @fn stops the walk. Context: @fn runs under rcu_read_lock(): no sleep.
 * Return: what the last @fn said.
 */
int process_for_each(int (*fn)(struct process *p, void *arg), void *arg);

/* A live thread of @p, or NULL. Context: as process_find(). */
struct thread *process_any_thread(struct process *p);

/* Lock the families: parents, children, groups, numbers. Irqs are saved. */
unsigned long tasklist_lock(void);
void tasklist_unlock(unsigned long flags);

/* Count of live and zombie processes, for sysinfo and leak checks. */
int process_count(void);

/* ---- between the files of this folder ---- */

extern struct spinlock tasklist;		/* LOCK_TASKLIST */
extern struct list_head process_list;		/* tasklist; RCU to walk */
extern struct process *process_init_task;	/* pid 1, or NULL before it */

/* A process with no threads and no family. Return: 0, -ENOMEM, -EAGAIN. */
int __must_check process_alloc(struct process **out);
/* Undo process_alloc() of one that was never linked. */
void process_discard(struct process *p);
/* Give @p its number and its place among @parent's children. The caller's
 * reference becomes the lists'. Context: task list lock. */
void process_link_locked(struct process *p, struct process *parent);
/* Make @t one of @p's threads; its number leads to it. Context: task list lock. */
void process_add_thread_locked(struct process *p, struct thread *t);
/* Take a zombie out of every list. Context: task list lock; afterwards the
 * caller drops the reference that being listed was: process_put(). */
void process_unlink_locked(struct process *p);
/* Move @p to group @pgrp. Context: task list lock. */
void process_join_pgrp_locked(struct process *p, struct pid *pgrp);
int __must_check thread_alloc(struct thread **out, struct process *p, struct task *task);
void thread_free(struct thread *t);

#endif
