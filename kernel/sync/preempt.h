/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sync/preempt.h - who runs here, and may it be interrupted or sleep?
 *
 * Concept    Each task carries a count of reasons why it must not be switched
 *            away from: sections that disabled preemption (spinlocks, RCU
 *            readers), and the interrupt or NMI that runs on top of it. Zero,
 *            with interrupts on, means that a switch may happen at any moment.
 *            The count lives in the task, not in the CPU: reading `current` is
 *            one load that is right whatever CPU we are moved to, and a switch
 *            needs to save nothing.
 *
 *                bits  0-7   preempt_disable() depth
 *                bits 16-19  hardware interrupts
 *                bits 20-23  NMIs
 */
#ifndef KERNEL_SYNC_PREEMPT_H
#define KERNEL_SYNC_PREEMPT_H

#include "include/types.h"
#include "arch/x86/cpu/barrier.h"
#include "arch/x86/cpu/irqflags.h"
#include "arch/x86/cpu/percpu.h"

struct lock_class;
struct task;

#define PREEMPT_OFFSET 1U
#define PREEMPT_MASK 0xffU
#define HARDIRQ_OFFSET 0x10000U
#define HARDIRQ_MASK 0xf0000U
#define NMI_OFFSET 0x100000U
#define NMI_MASK 0xf00000U

/* Bits of thread_info.flags; set and cleared atomically, by anybody. */
enum thread_flag {
	TIF_NEED_RESCHED,	/* the scheduler wants this CPU back */
	TIF_SIGPENDING,		/* a signal waits to be delivered */
	TIF_SIGKILL,		/* ... and it is fatal */
	TIF_NOTIFY_RESUME,	/* work for the way back to user mode */
};

/* One lock held, or (count > 1) many of one class held by permission. */
struct held_lock {
	const void *lock;		/* NULL: several, nested by permission */
	struct lock_class *class;
	const void *ip;			/* who took it (the last one) */
	u32 count;
	u8 how;				/* enum lock_how */
	bool in_irq;			/* taken by an interrupt handler */
};
#define MAX_HELD_LOCKS 32

/*
 * The first member of struct task: what the lowest layers need of a task
 * without knowing the rest. Written by the task itself, except flags.
 */
struct thread_info {
	unsigned long flags;		/* A: enum thread_flag */
	u32 preempt_count;
	u32 cpu;			/* the CPU whose run queue it belongs to */
#ifdef CONFIG_CHECKS
	u32 rcu_depth;			/* nesting of rcu_read_lock() */
	u32 non_block;			/* nesting of non_block_start() */
	u32 nr_held;
	struct held_lock held[MAX_HELD_LOCKS];	/* see lock_check.c */
#endif
};

/* The running task of each CPU. */
DECLARE_PER_CPU(struct task *, current_task);

static inline struct task *get_current(void)
{
	return this_cpu_read(current_task);
}
#define current get_current()

static inline struct thread_info *current_thread_info(void)
{
	return (struct thread_info *)get_current();
}

static inline void thread_flag_set(struct thread_info *ti, enum thread_flag flag)
{
	__atomic_or_fetch(&ti->flags, BIT(flag), __ATOMIC_SEQ_CST);
}

static inline void thread_flag_clear(struct thread_info *ti, enum thread_flag flag)
{
	__atomic_and_fetch(&ti->flags, ~BIT(flag), __ATOMIC_SEQ_CST);
}

static inline bool thread_flag_test(const struct thread_info *ti, enum thread_flag flag)
{
	return READ_ONCE(ti->flags) & BIT(flag);
}

/* Tell whether the scheduler wants to run something else here. Context: any. */
static inline bool need_resched(void)
{
	return unlikely(thread_flag_test(current_thread_info(), TIF_NEED_RESCHED));
}

static inline u32 preempt_count(void)
{
	return current_thread_info()->preempt_count;
}

/* In a hardware interrupt handler or NMI? */
static inline bool in_interrupt(void)
{
	return preempt_count() & (HARDIRQ_MASK | NMI_MASK);
}

/* Must not sleep here: an interrupt, preemption off, or interrupts off. */
static inline bool in_atomic(void)
{
	return preempt_count() != 0 || irqs_disabled();
}

/* The second half of preempt_enable(): switch, if nothing forbids it. */
void preempt_schedule(void);

/*
 * From here to preempt_enable() the task stays on this CPU and nobody else
 * runs on it but interrupt handlers. Nests. Context: any.
 */
static inline void preempt_disable(void)
{
	struct thread_info *ti = current_thread_info();

	ti->preempt_count += PREEMPT_OFFSET;
	barrier();
}

/* Without looking whether a switch is due: the caller is about to call schedule(). */
static inline void preempt_enable_no_resched(void)
{
	barrier();
	current_thread_info()->preempt_count -= PREEMPT_OFFSET;
}

static inline void preempt_enable(void)
{
	struct thread_info *ti = current_thread_info();

	barrier();
	ti->preempt_count -= PREEMPT_OFFSET;
	barrier();
	if (unlikely(thread_flag_test(ti, TIF_NEED_RESCHED)) && !ti->preempt_count)
		preempt_schedule();
}

/*
 * Bracket of every interrupt handler, called by the entry code with interrupts
 * off: counts, and wakes RCU up if the CPU was idle. The entry code asks for a
 * switch afterwards: see preempt_schedule_irq() in kernel/sched/sched.h.
 */
void irq_enter(void);
void irq_exit(void);
/* The same for an NMI (or double fault): touches only the count. */
void nmi_enter(void);
void nmi_exit(void);

#ifdef CONFIG_CHECKS
/*
 * Report (kind "lock") if the caller must not sleep: preemption or interrupts
 * off, a spinlock held, inside an RCU reader or a non-blocking section.
 * Every function that may sleep calls it first, whether it will sleep or not.
 */
#define might_sleep() might_sleep_at(__FILE__, __LINE__)
void might_sleep_at(const char *file, int line);

/* A section in which sleeping is a bug although it would work. Nests. */
static inline void non_block_start(void)
{
	current_thread_info()->non_block++;
}

static inline void non_block_end(void)
{
	current_thread_info()->non_block--;
}
#else
#define might_sleep() do { } while (0)
static inline void non_block_start(void) { }
static inline void non_block_end(void) { }
#endif

#endif
