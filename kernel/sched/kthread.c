/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sched/kthread.c - threads of the kernel
 *
 * Concept    A task whose entry calls a function and then exits. Stopping one
 *            is a request: a flag and a wake-up; the thread returns when it next
 *            looks. All stoppers sleep in one queue, for stopping is rare.
 *
 *                stopper                         thread
 *                kthread_stop = true             set_current_state(INTERRUPTIBLE)
 *                wake_up_process(t)              kthread_should_stop()? leave
 *                wait for kthread_done           schedule()
 *                                                return result
 *                                                kthread_done = true, wake stoppers
 * Owns       task->kthread_*.
 * Locks      None but the queue's.
 * Callers    everybody.
 * Next       kernel/time/tick.c
 */
#include "kernel/sched/kthread.h"
#include "arch/x86/cpu/barrier.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printf.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/wait.h"

static DEFINE_WAIT_QUEUE(kthread_stoppers);
static atomic_t kthread_last_pid;

/* Kernel threads have negative numbers, so that no process is mistaken for one. */
static pid_t kthread_pid(void)
{
	return atomic_dec_return(&kthread_last_pid);
}

void kthread_exit(int result)
{
	struct task *t = current;

	ASSERT(t->flags & PF_KTHREAD);
	t->kthread_result = result;
	smp_store_release(&t->kthread_done, true);
	wake_up_all(&kthread_stoppers);
	task_exit();
}

static void kthread_entry(void *arg)
{
	struct task *t = arg;

	kthread_exit(t->kthread_never ? -EINTR : t->kthread_fn(t->kthread_data));
}

static int kthread_make(struct task **out, int (*fn)(void *data), void *data,
			const char *fmt, va_list args)
{
	char comm[TASK_COMM_LEN];
	struct task *t;
	int err;

	vsnprintf(comm, sizeof(comm), fmt, args);
	err = task_create(&t, kthread_entry, NULL, comm);
	if (err)
		return err;
	t->entry_arg = t;
	t->flags |= PF_KTHREAD;
	t->pid = t->tgid = kthread_pid();
	t->kthread_fn = fn;
	t->kthread_data = data;
	*out = t;
	return 0;
}

int kthread_create(struct task **out, int (*fn)(void *data), void *data, const char *fmt, ...)
{
	va_list args;
	int err;

	va_start(args, fmt);
	err = kthread_make(out, fn, data, fmt, args);
	va_end(args);
	return err;
}

int kthread_run(struct task **out, int (*fn)(void *data), void *data, const char *fmt, ...)
{
	struct task *t;
	va_list args;
	int err;

	va_start(args, fmt);
	err = kthread_make(&t, fn, data, fmt, args);
	va_end(args);
	if (err)
		return err;
	if (out)
		*out = t;
	wake_up_process(t);
	return 0;
}

void kthread_bind(struct task *t, int cpu)
{
	ASSERT(t->state == TASK_NEW && cpu >= 0);
	set_task_cpu_bound(t, cpu);
}

bool kthread_should_stop(void)
{
	return READ_ONCE(current->kthread_stop);
}

int kthread_stop(struct task *t)
{
	int result;

	might_sleep();
	ASSERT((t->flags & PF_KTHREAD) && t != current);
	get_task_struct(t);
	if (READ_ONCE(t->state) == TASK_NEW)
		t->kthread_never = true;
	WRITE_ONCE(t->kthread_stop, true);
	wake_up_process(t);
	wait_event(&kthread_stoppers, smp_load_acquire(&t->kthread_done));
	result = t->kthread_result;
	put_task_struct(t);
	return result;
}
