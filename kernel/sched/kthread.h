/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sched/kthread.h - threads of the kernel
 *
 *	int fn(void *data)
 *	{
 *		while (!kthread_should_stop())
 *			...;
 *		return 0;
 *	}
 *
 * fn may also just return; its creator then must not call kthread_stop() unless
 * it holds a reference (get_task_struct) taken before.
 */
#ifndef KERNEL_SCHED_KTHREAD_H
#define KERNEL_SCHED_KTHREAD_H

#include "include/types.h"
#include "kernel/sched/task.h"

/*
 * Make a thread that will run @fn(@data) after wake_up_process(). The name is
 * printf-like. Context: may sleep. Return: 0, -ENOMEM.
 */
int __must_check kthread_create(struct task **out, int (*fn)(void *data), void *data,
				const char *fmt, ...) __printf(4, 5);
/* The same, running. @out may be NULL. */
int __must_check kthread_run(struct task **out, int (*fn)(void *data), void *data,
			     const char *fmt, ...) __printf(4, 5);
/* Before the first wake-up: the thread will run on @cpu only. */
void kthread_bind(struct task *t, int cpu);

/* For @fn: was kthread_stop() called? */
bool kthread_should_stop(void);
/*
 * Ask @t to return, wake it and wait until it has. Context: may sleep.
 * Return: what its fn returned; -EINTR if it was never woken: then fn is not called.
 */
int kthread_stop(struct task *t);
/* End the current thread as if @fn had returned @result. */
void kthread_exit(int result) __noreturn;

#endif
