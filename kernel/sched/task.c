/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sched/task.c - making and freeing tasks
 *
 * Concept    A task is a struct, a kernel stack, and a place on the list of all
 *            tasks. Memory for both comes from above, by hooks.
 *
 *            The last reference frees a task only after a grace period, so a
 *            pointer found under rcu_read_lock() (cpu_curr(), the first waiter
 *            of a mutex) stays good inside that section.
 *
 *                task_exit()      off the list, last schedule()
 *                next task        drops the scheduler's reference
 *                last put         call_rcu -> stack and struct are freed
 * Owns       task_list; task->refs.
 * Locks      task_list_lock (LOCK_TASKLIST), irqsave.
 * Invariants a listed task has a stack (or is idle)
 * Callers    kthread.c; kernel/task for processes; sched.c.
 * Next       kthread.c
 */
#include "kernel/sched/task.h"
#include "arch/x86/cpu/backtrace.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/rculist.h"
#include "kernel/lib/string.h"
#include "kernel/sched/hooks.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/spinlock.h"

struct list_head task_list = LIST_HEAD_INIT(task_list);
static DEFINE_SPINLOCK(task_list_lock, LOCK_TASKLIST);

static struct task *task_alloc(void)
{
	struct task *t;

	t = sched_hooks.task_mem_alloc(sizeof(*t));
	if (!t)
		return NULL;
	t->stack = sched_hooks.stack_alloc();
	if (t->stack)
		return t;
	sched_hooks.task_mem_free(t);
	return NULL;
}

static void task_free(struct task *t)
{
	ASSERT(!(t->flags & PF_STATIC));
	if (sched_hooks.task_free)
		sched_hooks.task_free(t);
	sched_hooks.stack_free(t->stack);
	sched_hooks.task_mem_free(t);
}

static void task_free_rcu(struct rcu_head *head)
{
	task_free(container_of(head, struct task, rcu));
}

void put_task_struct(struct task *t)
{
	int refs = atomic_dec_return(&t->refs);

	ASSERT_MSG(refs >= 0, "task %d (%s): reference dropped twice", t->pid, t->comm);
	if (refs)
		return;
	ASSERT(t->state == TASK_DEAD);
	call_rcu(&t->rcu, task_free_rcu);
}

static void task_list_add(struct task *t)
{
	unsigned long flags;

	spin_lock_irqsave(&task_list_lock, flags);
	list_add_tail_rcu(&t->all_link, &task_list);
	spin_unlock_irqrestore(&task_list_lock, flags);
}

void task_unlist(struct task *t)
{
	unsigned long flags;

	spin_lock_irqsave(&task_list_lock, flags);
	list_del_rcu(&t->all_link);
	spin_unlock_irqrestore(&task_list_lock, flags);
}

int task_create(struct task **out, void (*entry)(void *arg), void *arg, const char *comm)
{
	struct task *t;

	might_sleep();
	t = task_alloc();
	if (!t)
		return -ENOMEM;
	t->entry = entry;
	t->entry_arg = arg;
	t->state = TASK_NEW;
	t->flags = current->flags & PF_SWEEP;
	if (t->flags)
		current->flags |= PF_SWEEP_PARENT;
	t->bound_cpu = -1;
	/* as if it had been switched out: once for schedule(), once for the lock */
	t->info.preempt_count = 2 * PREEMPT_OFFSET;
	t->info.cpu = smp_processor_id();
	atomic_set(&t->refs, 1);
	(void)strscpy(t->comm, comm, sizeof(t->comm));
	arch_thread_init(&t->arch, (u8 *)t->stack + KERNEL_STACK_SIZE, task_first_run, t);
	task_list_add(t);
	*out = t;
	return 0;
}

void task_discard(struct task *t)
{
	ASSERT(t->state == TASK_NEW && atomic_read(&t->refs) == 1);
	task_unlist(t);
	t->state = TASK_DEAD;
	put_task_struct(t);
}

static const char *task_state_name(unsigned int state)
{
	if (state == TASK_RUNNING)
		return "runnable";
	if (state & TASK_DEAD)
		return "dead";
	if (state & TASK_ZOMBIE)
		return "zombie";
	if (state & TASK_NEW)
		return "new";
	if (state & TASK_STOPPED)
		return "stopped";
	if (state & TASK_WAKING)
		return "waking";
	return state & TASK_UNINTERRUPTIBLE ? "sleeping (uninterruptible)" : "sleeping";
}

static void task_dump(const struct task *t)
{
	unsigned long addrs[12];

	printk(LOG_EMERG, "task %d (%s): cpu %d, %s, preempt count %x, ran %lu us\n",
	       t->pid, t->comm, task_cpu(t), task_state_name(READ_ONCE(t->state)),
	       t->info.preempt_count, t->sum_exec_ns / 1000);
	lock_check_dump(t);
	if (t == cpu_curr(task_cpu(t)))
		return;		/* its saved stack pointer is an old one */
	backtrace_print(addrs, backtrace_collect_sp(t->arch.sp, addrs, ARRAY_SIZE(addrs)));
}

void task_dump_all(void)
{
	const struct task *t;

	rcu_read_lock();
	list_for_each_entry_rcu(t, &task_list, all_link)
		task_dump(t);
	rcu_read_unlock();
}
