/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/threads.h - run one function on several CPUs at once
 */
#ifndef TESTS_KERNEL_THREADS_H
#define TESTS_KERNEL_THREADS_H

#include "arch/x86/cpu/percpu.h"
#include "kernel/sched/kthread.h"
#include "kernel/sync/completion.h"
#include "kernel/test/ktest.h"

struct test_thread {
	int (*fn)(void *arg, unsigned int n);
	void *arg;
	unsigned int n;
	int result;
	struct completion done;
};

static inline int test_thread_run(void *data)
{
	struct test_thread *t = data;

	t->result = t->fn(t->arg, t->n);
	complete(&t->done);
	return 0;
}

/*
 * Start @nr (at most 8) threads, thread i bound to the i-th CPU in turn, each calling
 * @fn(@arg, i), and wait for all. Return: the sum of what they return; -ENOMEM.
 */
static inline int test_threads(unsigned int nr, int (*fn)(void *arg, unsigned int n), void *arg)
{
	struct test_thread t[8];
	unsigned int i;
	int sum = 0;

	for (i = 0; i < nr && i < ARRAY_SIZE(t); i++) {
		struct task *task;

		t[i] = (struct test_thread){ .fn = fn, .arg = arg, .n = i };
		init_completion(&t[i].done);
		if (!KT_CHECK_EQ(kthread_create(&task, test_thread_run, &t[i], "test/%u", i), 0)) {
			sum = -ENOMEM;
			break;
		}
		kthread_bind(task, (int)(i % nr_cpus_online));
		wake_up_process(task);
	}
	nr = i;
	for (i = 0; i < nr; i++) {
		wait_for_completion(&t[i].done);
		if (sum >= 0)
			sum += t[i].result;
	}
	return sum;
}

#endif
