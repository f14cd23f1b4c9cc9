/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sched/sched.h - giving CPUs to tasks
 *
 * To sleep until something happens, without losing its wake-up:
 *
 *	sleeper					waker
 *	set_current_state(TASK_...)
 *	  full barrier				condition = true
 *	if (!condition)				wake_up_process(sleeper):
 *		schedule()			  full barrier, state = RUNNING
 *	__set_current_state(TASK_RUNNING)
 *
 * Either the sleeper sees the condition, or the waker sees its state; then
 * schedule() finds RUNNING again and merely yields. Being preempted between the
 * two lines does not put the task to sleep: only schedule() itself does.
 */
#ifndef KERNEL_SCHED_SCHED_H
#define KERNEL_SCHED_SCHED_H

#include "include/types.h"
#include "kernel/sched/task.h"
#include "kernel/sync/preempt.h"

#define __set_current_state(s) WRITE_ONCE(current->state, (s))
#define set_current_state(s) smp_store_mb(current->state, (s))

/*
 * Run something else; come back when woken, or at once in turn if the task's
 * state is TASK_RUNNING. Context: preemption and interrupts on, no spinlock.
 */
void schedule(void);
/* Let others of the same worth run first, if there are any. Context: may sleep. */
void yield(void);

#define MAX_SCHEDULE_TIMEOUT (~0UL)
/*
 * schedule(), but woken after @ticks at the latest. The caller has set its
 * state. Return: ticks left, 0 if time was up.
 */
u64 schedule_timeout(u64 ticks);
/*
 * Sleep for @ticks, or until somebody wakes the task, be it by mistake (or a signal
 * comes). Return: ticks left.
 */
u64 schedule_timeout_uninterruptible(u64 ticks);
u64 schedule_timeout_interruptible(u64 ticks);

/* A point in a long loop where a switch is welcome. Return: whether one happened. */
bool cond_resched(void);

/*
 * Make @t runnable if its state is in @state. Everything the caller wrote before
 * is seen by @t after its schedule(). Context: any.
 * Return: true if it was asleep (in @state) and runs now.
 */
bool try_to_wake_up(struct task *t, unsigned int state);
/* Wake from TASK_NORMAL. */
bool wake_up_process(struct task *t);
/* Start a task made by task_create(). */
void wake_up_new_task(struct task *t);

/* End of the current task: never returns; the last reference may outlive it. */
void task_exit(void) __noreturn;

/*
 * Keep @t on @cpu from now on (-1: anywhere). For a running task only itself may
 * ask, and has moved when this returns. Context: may sleep.
 */
void set_task_cpu_bound(struct task *t, int cpu);

/*
 * Go on as @next, which no run queue knows; the caller's queue believes that it runs
 * all the time. Only for kernel/test/explore.c, whose threads are virtual CPUs: they
 * leave wherever they stand, locks held or not. Context: any task's.
 */
void sched_switch_virtual(struct task *next);

/* Switch, called by the interrupt exit: interrupts off, preempt_count() 0. */
void preempt_schedule_irq(void);

/* Ask @cpu to call the scheduler soon. Context: any. */
void resched_cpu(int cpu);
/* The task that runs on @cpu; under rcu_read_lock() it can not vanish. */
struct task *cpu_curr(int cpu);
/* Tasks that run or wait for @cpu. */
unsigned int cpu_nr_running(int cpu);
u64 cpu_nr_switches(int cpu);

/* Check all run queues. Context: any. Return: NULL, or what is wrong. */
const char *sched_validate(void);

/* One timer tick on this CPU. Interrupt context. */
void sched_tick(bool user);

/*
 * Boot, in this order: sched_init() on the boot CPU makes the running context
 * its idle task (spinlocks work before that, sleeping does not). Each other CPU
 * calls sched_init_secondary() with interrupts off. sched_start() creates the
 * thread "init" that runs @rest, a task that may sleep, and turns the caller
 * into the idle loop; cpu_idle_loop() does the latter for other CPUs.
 */
void sched_init(void);
void sched_init_secondary(int cpu);
void sched_start(int (*rest)(void *)) __noreturn;
void cpu_idle_loop(void) __noreturn;

#endif
