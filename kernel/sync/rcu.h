/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sync/rcu.h - read without locks; free when no reader can be left
 *
 * A reader disables preemption for its section. A grace period has passed when
 * every CPU was seen, once since its start, outside of any such section: it
 * switched tasks, took an interrupt with preemption enabled, or was idle.
 *
 *	updater					reader
 *	unlink the object			rcu_read_lock()
 *	synchronize_rcu() or call_rcu():	p = rcu_dereference(head)
 *	  waits for readers that were		use *p
 *	  already inside			rcu_read_unlock()
 *	free the object
 */
#ifndef KERNEL_SYNC_RCU_H
#define KERNEL_SYNC_RCU_H

#include "include/types.h"
#include "arch/x86/cpu/barrier.h"
#include "kernel/sync/preempt.h"
#include "kernel/sync/sched_point.h"

struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
};

/* Begin and end a read-side section. Nests; must not sleep inside. Context: any. */
static inline void rcu_read_lock(void)
{
	preempt_disable();
#ifdef CONFIG_CHECKS
	current_thread_info()->rcu_depth++;
#endif
}

void rcu_read_unlock_unbalanced(void);

static inline void rcu_read_unlock(void)
{
#ifdef CONFIG_CHECKS
	if (unlikely(current_thread_info()->rcu_depth-- == 0))
		rcu_read_unlock_unbalanced();
#endif
	preempt_enable();
}

/* Load a pointer that an updater may change; the object's contents follow it. */
#define rcu_dereference(p) READ_ONCE(p)
/* Publish: whoever loads the pointer sees what was written before. */
#define rcu_assign_pointer(p, v) smp_store_release(&(p), (v))
#define RCU_INIT_POINTER(p, v) WRITE_ONCE(p, v)

/* Tell whether the caller is in a read-side section (true with CHECKS=n). */
static inline bool rcu_read_lock_held(void)
{
#ifdef CONFIG_CHECKS
	return current_thread_info()->rcu_depth != 0;
#else
	return true;
#endif
}

/*
 * Wait until every reader that may have begun before the call has ended.
 * Context: a task that may sleep; not in a callback of call_rcu().
 */
void synchronize_rcu(void);

/*
 * Call @func(@head) after a grace period. Callbacks of one CPU run in order, in
 * the thread "rcu_callback": they may take sleeping locks but must not wait for
 * a grace period. Context: any, interrupt handlers too.
 */
void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head));

/* Wait until all callbacks queued before have run. Context: as synchronize_rcu(). */
void rcu_barrier(void);

/* Grace periods completed so far, for statistics and tests. */
u64 rcu_grace_periods(void);

/* The scheduler's, tick's, idle loop's and interrupt entry's reports; see rcu.c. */
void rcu_note_context_switch(void);
void rcu_note_irq(void);
void rcu_idle_enter(void);
void rcu_idle_exit(void);
void rcu_tick(void);
void rcu_irq_enter(void);
void rcu_irq_exit(void);

/* A CPU comes online: from here on grace periods wait for it. On that CPU. */
void rcu_cpu_online(int cpu);
/* Prepare the callback lists: call_rcu() works. Context: boot, first of all. */
void rcu_setup(void);
/* Start the threads. Context: boot, task context, once, before other CPUs read. */
void rcu_init(void);

#endif
