/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sync/srcu.h - RCU whose readers may sleep, one domain at a time
 *
 * A grace period waits only for readers of its own domain, so that one slow
 * driver does not delay every other. Each mm owns a domain: the counters are
 * part of it (no allocation that could fail in fork) and packed, 16 bytes a CPU.
 */
#ifndef KERNEL_SYNC_SRCU_H
#define KERNEL_SYNC_SRCU_H

#include "include/types.h"
#include "arch/x86/cpu/atomic.h"
#include "arch/x86/cpu/percpu.h"
#include "kernel/lib/list.h"
#include "kernel/sync/rcu.h"
#include "kernel/sync/spinlock.h"

/* How often sections of index 0 and 1 were entered and left on this CPU. */
struct srcu_count {
	atomic_t lock[2];
	atomic_t unlock[2];
};

struct srcu_struct {
	unsigned int idx;		/* A: the index that new readers use, 0 or 1 */
	struct spinlock lock;		/* LOCK_SRCU */
	unsigned int phase;		/* lock: step of the running grace period */
	u64 gp_wanted;			/* lock: grace periods asked for */
	u64 gp_done;			/* lock to write: completed */
	struct rcu_head *cb_head;	/* lock: callbacks, oldest first */
	struct rcu_head **cb_tail;	/* lock */
	struct rcu_head *batch;		/* lock: waiting for grace period batch_gp */
	u64 batch_gp;			/* lock */
	struct list_head link;		/* srcu.c: the list of domains with callbacks */
	struct srcu_count count[NR_CPUS];
};

/* Make @s a domain without readers. Return: 0 (Linux allocates, and may fail). */
#define init_srcu_struct(s) \
	init_srcu_struct_class(s, LOCK_CLASS_HERE("srcu", LOCK_SRCU))
int __must_check init_srcu_struct_class(struct srcu_struct *s, struct lock_class *class);
/* End of a domain: no reader, no callback pending (srcu_barrier() first). */
void cleanup_srcu_struct(struct srcu_struct *s);

/*
 * Begin a read-side section, which may sleep. Context: any but NMI.
 * Return: the index for srcu_read_unlock(), which may run on another CPU.
 */
int __must_check srcu_read_lock(struct srcu_struct *s);
void srcu_read_unlock(struct srcu_struct *s, int idx);

#define srcu_dereference(p, s) ((void)(s), READ_ONCE(p))

/*
 * Wait until every reader of @s that may have begun before the call has ended.
 * Context: a task that may sleep, outside of any section of @s.
 */
void synchronize_srcu(struct srcu_struct *s);

/*
 * Call @func(@head) after a grace period of @s, in the thread "srcu". Callbacks
 * of one domain run in order. Context: any.
 */
void call_srcu(struct srcu_struct *s, struct rcu_head *head,
	       void (*func)(struct rcu_head *head));
/* Wait until all callbacks queued to @s before have run. Context: may sleep. */
void srcu_barrier(struct srcu_struct *s);

/* Tell whether some reader is inside. For assertions; racy by nature. */
bool srcu_readers_active(struct srcu_struct *s);

/* Start the thread. Context: boot, task context, once. */
void srcu_init(void);

#endif
