/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sched/task.h - struct task: one thread of execution
 *
 * Letters behind the fields say which lock guards them:
 *	A atomic   C constant after creation   O the task itself   Q its run queue
 *	N see the owner named
 */
#ifndef KERNEL_SCHED_TASK_H
#define KERNEL_SCHED_TASK_H

#include "include/types.h"
#include "arch/x86/cpu/atomic.h"
#include "arch/x86/cpu/thread.h"
#include "kernel/lib/list.h"
#include "kernel/lib/rbtree.h"
#include "kernel/sync/preempt.h"
#include "kernel/sync/rcu.h"

struct files;
struct fs_context;
struct mm;
struct mmu_gather;
struct mmu_notifier_range;
struct sighand;
struct signal_state;
struct thread;

#define TASK_COMM_LEN 16
#define KERNEL_STACK_SIZE (4 * PAGE_SIZE)

/* task->state: a set of bits; 0 runs or waits for a CPU. */
enum task_state {
	TASK_RUNNING = 0,
	TASK_INTERRUPTIBLE = BIT(0),	/* sleeps; a signal wakes it */
	TASK_UNINTERRUPTIBLE = BIT(1),	/* sleeps; only its waker wakes it */
	TASK_WAKEKILL = BIT(2),		/* with the latter: a fatal signal wakes it */
	TASK_STOPPED = BIT(3),		/* job control */
	TASK_WAKING = BIT(4),		/* a waker is carrying it to a run queue */
	TASK_NEW = BIT(5),		/* created, never woken */
	TASK_ZOMBIE = BIT(6),		/* exited; its parent has not asked yet (kernel/task) */
	TASK_DEAD = BIT(7),		/* in its last schedule() */
};
#define TASK_KILLABLE (TASK_WAKEKILL | TASK_UNINTERRUPTIBLE)
#define TASK_NORMAL (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)

enum task_flag {
	PF_KTHREAD = BIT(0),		/* runs in the kernel only */
	PF_IDLE = BIT(1),		/* an idle task: always runnable, never queued */
	PF_EXITING = BIT(2),		/* is on its way out */
	PF_MEMALLOC = BIT(3),		/* frees memory: may use the reserves, never reclaims */
	PF_STATIC = BIT(4),		/* not from the allocator (idle tasks) */
	PF_SWEEP = BIT(5),		/* born of a swept test: kernel/test/inject.h */
	PF_SWEEP_PARENT = BIT(6),	/* ... and has tasks of its own */
};

struct task {
	struct thread_info info;	/* must be first: see preempt.h */

	/* scheduling */
	unsigned int state;		/* O to sleep, Q to wake: enum task_state */
	unsigned int flags;		/* O: enum task_flag */
	bool on_rq;			/* Q: running or queued */
	bool dying;			/* O: in task_exit() */
	int bound_cpu;			/* Q: the only CPU it may use, or -1 */
	struct rb_node run_node;	/* Q */
	u64 vruntime;			/* Q: ns of CPU time; see runqueue.c */
	u64 exec_start;			/* Q: clock when it was last accounted */
	u64 sum_exec_ns;		/* Q: total CPU time */
	u64 nr_switches;		/* Q */
	struct thread_state arch;	/* O: saved registers while it does not run */
	void *stack;			/* C: lowest byte of KERNEL_STACK_SIZE */
	void (*entry)(void *arg);	/* C: where a new task begins */
	void *entry_arg;		/* C */

	/* identity */
	pid_t pid, tgid;		/* C */
	char comm[TASK_COMM_LEN];	/* O */
	atomic_t refs;			/* A: the scheduler holds one until the last switch */
	struct rcu_head rcu;
	struct list_head all_link;	/* task_list_lock: every task, RCU to walk */

	/* kernel threads: N kthread.c */
	int (*kthread_fn)(void *data);	/* C */
	void *kthread_data;		/* C */
	int kthread_result;		/* O until kthread_done */
	bool kthread_stop;		/* A: asked to return */
	bool kthread_done;		/* A: has returned */
	bool kthread_never;		/* C once woken: stopped before it was first woken */

	/* address space: N kernel/task; kernel threads have mm == NULL */
	struct mm *mm;
	struct mm *active_mm;		/* whose tables the CPU has loaded for it */
	struct mmu_gather *tlb_gather;	/* N mm/tlb.c */
	u64 tlb_batch[4];		/* N mm/tlb.c: debts of try_to_unmap */
	struct mmu_notifier_range *open_brackets;	/* N mm/coherence.c */
	unsigned int notifier_calls;	/* N mm/notifier_stats.c: callbacks it is in */
	void *reclaim;			/* N mm/reclaim.c */

	/* N kernel/task, fs */
	struct thread *thread;		/* the user side; NULL for kernel threads */
	struct files *files;
	struct fs_context *fs;
	struct signal_state *signal;
	struct sighand *sighand;
};

static_assert(offsetof(struct task, info) == 0, "current_thread_info() is a cast");

static inline int task_cpu(const struct task *t)
{
	return (int)READ_ONCE(t->info.cpu);
}

static inline bool signal_pending(const struct task *t)
{
	return thread_flag_test(&t->info, TIF_SIGPENDING);
}

static inline bool fatal_signal_pending(const struct task *t)
{
	return unlikely(thread_flag_test(&t->info, TIF_SIGKILL));
}

/* Would a sleep in @state be cut short by a signal that is already there? */
static inline bool signal_pending_state(unsigned int state, const struct task *t)
{
	if ((state & TASK_INTERRUPTIBLE) && signal_pending(t))
		return true;
	return (state & TASK_WAKEKILL) && fatal_signal_pending(t);
}

/* Is the address inside @t's kernel stack? */
static inline bool task_stack_contains(const struct task *t, unsigned long addr)
{
	unsigned long base = (unsigned long)t->stack;

	return base && addr >= base && addr < base + KERNEL_STACK_SIZE;
}

/*
 * Make a task that will call @entry(@arg) on a fresh stack when it is first
 * woken (wake_up_new_task). When @entry returns, the task goes to user mode with
 * the pt_regs at the top of its stack; a kernel thread's never returns. All other fields are zero
 * (pid too: kernel/task gives processes theirs); it is on the list of all tasks
 * and has one reference, the scheduler's. Context: may sleep.
 * Return: 0, -ENOMEM.
 */
int __must_check task_create(struct task **out, void (*entry)(void *arg), void *arg,
			     const char *comm);
/* Undo task_create() of a task that never ran. */
void task_discard(struct task *t);

/* Keep the structure; put frees it after a grace period. Context: any. */
static inline void get_task_struct(struct task *t)
{
	atomic_inc(&t->refs);
}
void put_task_struct(struct task *t);

/* Take a task that ends off that list. Context: the task itself; may sleep. */
void task_unlist(struct task *t);

/* Every task, oldest first: walk under rcu_read_lock(). */
extern struct list_head task_list;

/* Print every task with its state and stack. Context: any. */
void task_dump_all(void);

/* The CPUs' idle tasks; a CPU's boot context becomes its idle task. */
extern struct task idle_tasks[NR_CPUS];
/* The first thing a new task does, on its own stack: in sched.c. */
void task_first_run(void *arg);

#endif
