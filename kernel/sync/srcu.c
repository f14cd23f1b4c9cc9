/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sync/srcu.c - grace periods of readers that may sleep
 *
 * Concept    A reader counts itself in, under the index (0 or 1) that is current,
 *            and counts itself out under the same index, maybe on another CPU.
 *            Both counts only grow, one pair for each CPU: nothing is shared
 *            while nobody waits. An index is drained when the sum of its exits
 *            equals the sum of its entries, exits summed first: an exit that is
 *            seen has its entry before it, so the sums can not match by chance
 *            while a reader is inside.
 *
 *            A grace period flips the index and waits for the old one to drain.
 *            A reader may have loaded the index before the flip and count itself
 *            in after the drain was seen; it then stands under the index that the
 *            *next* flip makes current again. Hence the first step:
 *
 *                phase 1  the idle index is drained of such latecomers
 *                flip     new readers use it
 *                phase 2  the other index is drained: done
 *
 *                reader                          grace period
 *                idx = s->idx  (old)             flip
 *                                                old index drained: sums equal
 *                lock[old]++, full barrier       done
 *                reads new pointers only         (the updater unlinked before;
 *                                                 the barrier makes it seen)
 *
 *            Whoever waits drives the machine itself; callbacks have one thread
 *            for all domains, which passes over a domain that has to wait.
 *            A reader that leaves tells waiters by a queue that is not part of
 *            the domain: after its count is out, the domain may be freed.
 *
 *                waiter                          reader
 *                srcu_nr_waiting++               unlock[idx]++
 *                full barrier                    full barrier
 *                sums equal? no: sleep           srcu_nr_waiting? wake all
 * Owns       struct srcu_struct.
 * Locks      s->lock (LOCK_SRCU), irqsave; srcu_domains_lock (LOCK_RCU) inside.
 * Invariants a domain is linked only while it has callbacks: its owner waits for
 *            them (srcu_barrier) before it ends the domain
 * Callers    mm/mmu_notifier.c and everybody whose readers sleep.
 * Next       smp_call.c
 */
#include "kernel/sync/srcu.h"
#include "kernel/lib/gate_hook.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/kthread.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/completion.h"
#include "kernel/sync/sched_point.h"
#include "kernel/sync/wait.h"

enum srcu_phase {
	SRCU_IDLE,			/* no grace period is running */
	SRCU_SCAN_IDLE_INDEX,		/* latecomers of the period before */
	SRCU_SCAN_OLD_INDEX,		/* after the flip */
};

static atomic_t srcu_nr_waiting;	/* waiters and domains that readers must tell */
static DEFINE_WAIT_QUEUE(srcu_wait);

static DEFINE_SPINLOCK(srcu_domains_lock, LOCK_RCU);
static LIST_HEAD(srcu_domains);		/* with callbacks, for the thread */
static DEFINE_WAIT_QUEUE(srcu_thread_wait);
static bool srcu_thread_kicked;		/* A: something changed */
static struct task *srcu_task;

int init_srcu_struct_class(struct srcu_struct *s, struct lock_class *class)
{
	*s = (struct srcu_struct){ 0 };
	spin_lock_init_class(&s->lock, class);
	INIT_LIST_HEAD(&s->link);
	s->cb_tail = &s->cb_head;
	return 0;
}

/* ---- readers ---- */

int srcu_read_lock(struct srcu_struct *s)
{
	int idx = (int)(READ_ONCE(s->idx) & 1);

	gate_point("srcu.index_loaded", s);
	/* a full barrier: nothing of the section happens before the count */
	(void)atomic_inc_return(&s->count[smp_processor_id()].lock[idx]);
	return idx;
}

static noinline void srcu_tell_waiters(void)
{
	wake_up_all(&srcu_wait);
	WRITE_ONCE(srcu_thread_kicked, true);
	wake_up(&srcu_thread_wait);
}

void srcu_read_unlock(struct srcu_struct *s, int idx)
{
	ASSERT(idx == 0 || idx == 1);
	/* a full barrier on both sides; from here on the domain may vanish */
	(void)atomic_inc_return(&s->count[smp_processor_id()].unlock[idx]);
	if (unlikely(atomic_read(&srcu_nr_waiting)))
		srcu_tell_waiters();
}

/* ---- the machine ---- */

static bool srcu_drained(struct srcu_struct *s, unsigned int idx)
{
	u32 left = 0, entered = 0;
	int cpu;

	smp_mb();	/* the updater's unlinking, or the flip, before we look */
	for_each_possible_cpu(cpu)
		left += (u32)atomic_read(&s->count[cpu].unlock[idx]);
	gate_point("srcu.between_sums", &s->count[0].lock[idx]);
	smp_mb();	/* exits before entries */
	for_each_possible_cpu(cpu)
		entered += (u32)atomic_read(&s->count[cpu].lock[idx]);
	return left == entered;
}

/* Go as far as readers allow. Return: whether a grace period has ended. */
static bool srcu_advance_locked(struct srcu_struct *s)
{
	assert_held(&s->lock);
	if (s->phase == SRCU_IDLE) {
		if (s->gp_done >= s->gp_wanted)
			return false;
		s->phase = SRCU_SCAN_IDLE_INDEX;
	}
	if (s->phase == SRCU_SCAN_IDLE_INDEX) {
		if (!srcu_drained(s, s->idx ^ 1))
			return false;
		WRITE_ONCE(s->idx, s->idx ^ 1);
		s->phase = SRCU_SCAN_OLD_INDEX;
	}
	if (!srcu_drained(s, s->idx ^ 1))
		return false;
	smp_mb();	/* readers' last accesses before what the updater does now */
	s->phase = SRCU_IDLE;
	WRITE_ONCE(s->gp_done, s->gp_done + 1);
	return true;
}

/* Ask for a grace period that begins after now. Return: its number. */
static u64 srcu_want_locked(struct srcu_struct *s)
{
	u64 gp = s->gp_done + (s->phase == SRCU_IDLE ? 1 : 2);

	assert_held(&s->lock);
	s->gp_wanted = max(s->gp_wanted, gp);
	return gp;
}

/* Drive the machine towards @gp. Return: whether it has got there. */
static bool srcu_poll(struct srcu_struct *s, u64 gp)
{
	bool ended = false, reached;
	unsigned long flags;

	spin_lock_irqsave(&s->lock, flags);
	while (s->gp_done < gp && srcu_advance_locked(s))
		ended = true;
	reached = s->gp_done >= gp;
	spin_unlock_irqrestore(&s->lock, flags);
	/* others may wait for the period that we saw end */
	if (ended && atomic_read(&srcu_nr_waiting))
		srcu_tell_waiters();
	return reached;
}

void synchronize_srcu(struct srcu_struct *s)
{
	unsigned long flags;
	u64 gp;

	might_sleep();
	sched_point(SP_RCU, s);
	spin_lock_irqsave(&s->lock, flags);
	gp = srcu_want_locked(s);
	spin_unlock_irqrestore(&s->lock, flags);
	if (srcu_poll(s, gp))
		return;
	atomic_inc(&srcu_nr_waiting);
	wait_event(&srcu_wait, srcu_poll(s, gp));
	atomic_dec(&srcu_nr_waiting);
}

bool srcu_readers_active(struct srcu_struct *s)
{
	return !srcu_drained(s, 0) || !srcu_drained(s, 1);
}

void cleanup_srcu_struct(struct srcu_struct *s)
{
	ASSERT_MSG(!srcu_readers_active(s), "an SRCU domain ends with readers inside");
	ASSERT_MSG(!s->cb_head && list_empty(&s->link), "an SRCU domain ends with callbacks");
}

/* ---- callbacks ---- */

/* Keep "linked" and "has callbacks" the same. */
static void srcu_update_link_locked(struct srcu_struct *s)
{
	bool has = s->cb_head || s->batch;

	assert_held(&s->lock);
	spin_lock(&srcu_domains_lock);
	if (has && list_empty(&s->link)) {
		list_add_tail(&s->link, &srcu_domains);
		atomic_inc(&srcu_nr_waiting);
	} else if (!has && !list_empty(&s->link)) {
		list_del_init(&s->link);
		atomic_dec(&srcu_nr_waiting);
	}
	spin_unlock(&srcu_domains_lock);
}

void call_srcu(struct srcu_struct *s, struct rcu_head *head,
	       void (*func)(struct rcu_head *head))
{
	unsigned long flags;

	sched_point(SP_RCU, s);
	head->func = func;
	head->next = NULL;
	spin_lock_irqsave(&s->lock, flags);
	*s->cb_tail = head;
	s->cb_tail = &head->next;
	srcu_update_link_locked(s);
	spin_unlock_irqrestore(&s->lock, flags);
	WRITE_ONCE(srcu_thread_kicked, true);
	wake_up(&srcu_thread_wait);
}

/* Make what is queued the batch of the next grace period, if there is no batch. */
static void srcu_form_batch_locked(struct srcu_struct *s)
{
	if (s->batch || !s->cb_head)
		return;
	s->batch = s->cb_head;
	s->cb_head = NULL;
	s->cb_tail = &s->cb_head;
	s->batch_gp = srcu_want_locked(s);
}

/*
 * Take the callbacks of @s that are due. When none is left in it, nothing of
 * @s may be touched any more: the last callback may end the domain.
 */
static struct rcu_head *srcu_take_due(struct srcu_struct *s)
{
	struct rcu_head *due = NULL;
	unsigned long flags;
	bool ended = false;

	spin_lock_irqsave(&s->lock, flags);
	srcu_form_batch_locked(s);
	while (s->batch && s->gp_done < s->batch_gp && srcu_advance_locked(s))
		ended = true;
	if (s->batch && s->gp_done >= s->batch_gp) {
		due = s->batch;
		s->batch = NULL;
		srcu_form_batch_locked(s);
		srcu_update_link_locked(s);
	}
	spin_unlock_irqrestore(&s->lock, flags);
	if (ended)
		wake_up_all(&srcu_wait);
	return due;
}

static void srcu_call(struct rcu_head *due)
{
	while (due) {
		struct rcu_head *next = due->next;	/* func may free it */

		due->func(due);
		due = next;
	}
}

/*
 * The first domain in the list behind those already seen. A linked domain has
 * callbacks, so it stays alive until this very thread has called them.
 */
static struct srcu_struct *srcu_next_domain(int *todo)
{
	struct srcu_struct *s = NULL;
	unsigned long flags;

	spin_lock_irqsave(&srcu_domains_lock, flags);
	if ((*todo)-- > 0 && !list_empty(&srcu_domains)) {
		s = list_first_entry(&srcu_domains, struct srcu_struct, link);
		list_move_tail(&s->link, &srcu_domains);
	}
	spin_unlock_irqrestore(&srcu_domains_lock, flags);
	return s;
}

static int srcu_nr_domains(void)
{
	unsigned long flags;
	int n;

	spin_lock_irqsave(&srcu_domains_lock, flags);
	n = (int)list_count(&srcu_domains);
	spin_unlock_irqrestore(&srcu_domains_lock, flags);
	return n;
}

static int srcu_thread(void *unused)
{
	struct rcu_head *due;
	struct srcu_struct *s;
	int todo;

	(void)unused;
	for (;;) {
		wait_event(&srcu_thread_wait, xchg(&srcu_thread_kicked, false));
		todo = srcu_nr_domains();
		while ((s = srcu_next_domain(&todo))) {
			due = srcu_take_due(s);
			if (due)
				WRITE_ONCE(srcu_thread_kicked, true);	/* it may have more */
			srcu_call(due);
		}
	}
	return 0;
}

struct srcu_barrier {
	struct rcu_head head;
	struct completion done;
};

static void srcu_barrier_func(struct rcu_head *head)
{
	complete(&container_of(head, struct srcu_barrier, head)->done);
}

void srcu_barrier(struct srcu_struct *s)
{
	struct srcu_barrier b;

	might_sleep();
	ASSERT_MSG(current != srcu_task, "a callback waits for callbacks");
	init_completion(&b.done);
	call_srcu(s, &b.head, srcu_barrier_func);
	wait_for_completion(&b.done);
}

void srcu_init(void)
{
	int err = kthread_run(&srcu_task, srcu_thread, NULL, "srcu");

	if (err)
		panic("no memory for SRCU's thread (%d)", err);
}
