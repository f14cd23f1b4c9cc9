/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sync/rcu.c - grace periods of preemption-disabling readers
 *
 * Concept    A reader runs with preemption off, so a CPU that switches tasks,
 *            or takes an interrupt while its preemption count is zero, has no
 *            reader inside. One thread runs grace periods one after another:
 *
 *                rcu_gp thread                   each other CPU
 *                started++ ; full barrier
 *                need = online CPUs but this
 *                take out those that idle        (idle_seq is odd in idle)
 *                kick the rest by IPI            interrupt or switch outside of a
 *                                                reader: clear own bit of need
 *                need == 0: done = started       the last one wakes the thread
 *
 *            need is one word, set and cleared by full-barrier operations: what
 *            an updater wrote before the grace period is seen by every reader
 *            that begins after its CPU cleared its bit, and what a reader did
 *            before is seen by the updater. An idle CPU is not disturbed: it
 *            makes its counter odd when it goes idle and even before it (or an
 *            interrupt on it) can read again; the same barrier argument holds.
 *
 *            Callbacks wait on a list of the CPU that queued them until a tick, ride
 *            on the next grace period as one batch, and are called by a thread of
 *            their own, so that a slow callback does not hold up the next one.
 * Owns       rcu_need, the counters, struct rcu_cpu, both threads.
 * Locks      rcu_cpu.lock, rcu_done_lock (LOCK_RCU), irqsave.
 * Invariants gp_done <= gp_started <= gp_done + 1
 * Callers    readers and updaters everywhere; sched.c reports switches.
 * Next       srcu.c
 */
#include "kernel/sync/rcu.h"
#include "arch/x86/cpu/atomic.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/kthread.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/completion.h"
#include "kernel/sync/mutex.h"
#include "kernel/sync/rcu_private.h"
#include "kernel/sync/spinlock.h"
#include "kernel/sync/wait.h"
#include "kernel/time/tick.h"

/* Callbacks in the order in which they came. */
struct rcu_list {
	struct rcu_head *head;
	struct rcu_head **tail;
};

struct rcu_cpu {
	atomic_t idle_seq;		/* odd: idle, no reader inside */
	bool irq_from_idle;		/* this CPU only: the interrupt found it idle */
	struct spinlock lock;
	struct rcu_list queued;		/* lock: not yet part of a batch */
	u64 tick_snap;			/* rcu_gp: its own ticks when this period began */
	int idle_snap;			/* rcu_gp: idle_seq then */
};

static DEFINE_PER_CPU(struct rcu_cpu, rcu_cpus);

static u64 rcu_online = BIT(0);		/* A: CPUs that may have readers */
static u64 rcu_need;			/* A: CPUs this grace period waits for */
static u64 rcu_gp_started, rcu_gp_done;	/* rcu_gp writes */
static u64 rcu_gp_wanted;		/* A: up to which number somebody waits */
static bool rcu_gp_stalled;		/* rcu_gp: this period was reported */

static DEFINE_WAIT_QUEUE(rcu_gp_wait);		/* the thread, for work */
static DEFINE_WAIT_QUEUE(rcu_need_wait);	/* the thread, for the last CPU */
static DEFINE_WAIT_QUEUE(rcu_sync_wait);	/* synchronize_rcu() */
static DEFINE_WAIT_QUEUE(rcu_cb_wait);		/* the callback thread */

static DEFINE_SPINLOCK(rcu_done_lock, LOCK_RCU);
static struct rcu_list rcu_done_list = { NULL, &rcu_done_list.head };
static atomic_t rcu_nr_queued;		/* callbacks not yet part of a batch */
static atomic_t rcu_nr_pending;		/* callbacks that have not returned yet */

static struct task *rcu_cb_task;
static struct task *rcu_gp_task;

/*
 * A CPU that takes this many of its own ticks inside readers (or with
 * preemption off) is reported. Ticks of its own: a virtual CPU that the host
 * does not run takes none.
 */
u64 rcu_stall_ticks = 20 * HZ;

/* So many callbacks do not wait for the tick. */
#define RCU_MANY_QUEUED 1000
unsigned long rcu_nr_stalls;

u64 rcu_holdouts(void)
{
	return READ_ONCE(rcu_need);
}

static void rcu_list_add(struct rcu_list *l, struct rcu_head *head)
{
	head->next = NULL;
	*l->tail = head;
	l->tail = &head->next;
}

/* Move all of @from to the end of @to. */
static void rcu_list_splice(struct rcu_list *from, struct rcu_list *to)
{
	if (!from->head)
		return;
	*to->tail = from->head;
	to->tail = from->tail;
	from->head = NULL;
	from->tail = &from->head;
}

/* ---- what each CPU reports ---- */

/* This CPU is outside of any reader. Interrupts off. */
static void rcu_quiescent(void)
{
	u64 me = BIT(smp_processor_id());

	if (likely(!(READ_ONCE(rcu_need) & me)) || explored_in_reader())
		return;
	if (__atomic_and_fetch(&rcu_need, ~me, __ATOMIC_SEQ_CST) == 0)
		wake_up_all(&rcu_need_wait);
}

void rcu_note_context_switch(void)
{
	rcu_quiescent();
}

void rcu_note_irq(void)
{
	rcu_quiescent();
}

static bool rcu_cpu_idle(int idle_seq)
{
	return idle_seq & 1;
}

void rcu_idle_enter(void)
{
	int seq = atomic_inc_return(&this_cpu_ptr(&rcu_cpus)->idle_seq);

	ASSERT(rcu_cpu_idle(seq));
}

void rcu_idle_exit(void)
{
	int seq = atomic_inc_return(&this_cpu_ptr(&rcu_cpus)->idle_seq);

	ASSERT(!rcu_cpu_idle(seq));
}

/* An interrupt handler may read: an idle CPU is busy for as long as it runs. */
void rcu_irq_enter(void)
{
	struct rcu_cpu *rc = this_cpu_ptr(&rcu_cpus);

	if (likely(!rcu_cpu_idle(atomic_read(&rc->idle_seq))))
		return;
	rcu_idle_exit();
	rc->irq_from_idle = true;
}

void rcu_irq_exit(void)
{
	struct rcu_cpu *rc = this_cpu_ptr(&rcu_cpus);

	if (likely(!rc->irq_from_idle))
		return;
	rc->irq_from_idle = false;
	rcu_idle_enter();
}

void rcu_cpu_online(int cpu)
{
	__atomic_or_fetch(&rcu_online, BIT(cpu), __ATOMIC_SEQ_CST);
}

#ifdef CONFIG_CHECKS
void rcu_read_unlock_unbalanced(void)
{
	current_thread_info()->rcu_depth = 0;
	panic("rcu_read_unlock() without rcu_read_lock()");
}
#endif

/* ---- one grace period ---- */

/* Stop waiting for CPUs that are idle, or were since the period began. */
static void rcu_excuse_idle(void)
{
	u64 rest = READ_ONCE(rcu_need);

	for (; rest; rest &= rest - 1) {
		int cpu = __builtin_ctzll(rest);
		struct rcu_cpu *rc = per_cpu_ptr(&rcu_cpus, cpu);
		/* adding nothing is a load with full barriers on both sides */
		int seq = atomic_add_return(0, &rc->idle_seq);

		if (rcu_cpu_idle(seq) || seq != rc->idle_snap)
			__atomic_and_fetch(&rcu_need, ~BIT(cpu), __ATOMIC_SEQ_CST);
	}
}

static void rcu_kick_holdouts(void)
{
	u64 rest = READ_ONCE(rcu_need);

	for (; rest; rest &= rest - 1)
		resched_cpu(__builtin_ctzll(rest));
}

static void rcu_check_stall(void)
{
	u64 rest = READ_ONCE(rcu_need);

	for (; rest && !rcu_gp_stalled; rest &= rest - 1) {
		int cpu = __builtin_ctzll(rest);
		u64 taken = READ_ONCE(per_cpu(cpu_ticks, cpu)) - per_cpu(rcu_cpus, cpu).tick_snap;

		if (taken < READ_ONCE(rcu_stall_ticks))
			continue;
		rcu_gp_stalled = true;
		rcu_read_lock();	/* the task may be on its way out */
		check_report(CHECK_LOCK,
			     "RCU stall: CPU %d has taken %lu ticks in readers or with preemption "
			     "off; it runs %s", cpu, taken, cpu_curr(cpu)->comm);
		rcu_read_unlock();
		WRITE_ONCE(rcu_nr_stalls, rcu_nr_stalls + 1);
	}
}

/* Begin: which CPUs must be seen outside of readers from now on? */
static void rcu_gp_begin(void)
{
	u64 need;
	int cpu;

	WRITE_ONCE(rcu_gp_started, rcu_gp_started + 1);
	rcu_gp_stalled = false;
	/* this CPU runs us, so it runs no reader */
	preempt_disable();
	need = __atomic_fetch_or(&rcu_online, 0, __ATOMIC_SEQ_CST) & ~BIT(smp_processor_id());
	for_each_possible_cpu(cpu) {
		per_cpu(rcu_cpus, cpu).tick_snap = READ_ONCE(per_cpu(cpu_ticks, cpu));
		per_cpu(rcu_cpus, cpu).idle_snap =
			atomic_add_return(0, &per_cpu(rcu_cpus, cpu).idle_seq);
	}
	xchg(&rcu_need, need);
	rcu_excuse_idle();
	preempt_enable();
}

static void rcu_run_gp(void)
{
	rcu_gp_begin();
	rcu_kick_holdouts();
	while (!wait_event_timeout(&rcu_need_wait, !READ_ONCE(rcu_need), HZ / 10)) {
		rcu_excuse_idle();
		rcu_kick_holdouts();
		rcu_check_stall();
	}
	smp_mb();
	WRITE_ONCE(rcu_gp_done, rcu_gp_started);
}

/* ---- the thread that runs them ---- */

static void rcu_collect(struct rcu_list *batch)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct rcu_cpu *rc = per_cpu_ptr(&rcu_cpus, cpu);
		struct rcu_list mine = { NULL, &mine.head };
		struct rcu_head *h;
		unsigned long flags;

		spin_lock_irqsave(&rc->lock, flags);
		rcu_list_splice(&rc->queued, &mine);
		for (h = mine.head; h; h = h->next)
			atomic_dec(&rcu_nr_queued);
		spin_unlock_irqrestore(&rc->lock, flags);
		rcu_list_splice(&mine, batch);
	}
}

static bool rcu_work_to_do(void)
{
	return READ_ONCE(rcu_gp_wanted) > rcu_gp_done || atomic_read(&rcu_nr_queued);
}

static int rcu_gp_thread(void *unused)
{
	struct rcu_list batch = { NULL, &batch.head };
	unsigned long flags;

	(void)unused;
	for (;;) {
		wait_event(&rcu_gp_wait, rcu_work_to_do());
		rcu_collect(&batch);
		rcu_run_gp();
		wake_up_all(&rcu_sync_wait);
		spin_lock_irqsave(&rcu_done_lock, flags);
		rcu_list_splice(&batch, &rcu_done_list);
		spin_unlock_irqrestore(&rcu_done_lock, flags);
		wake_up(&rcu_cb_wait);
	}
	return 0;
}

/* ---- waiting for one ---- */

/* The number of a grace period that is sure to begin after now. */
static u64 rcu_next_gp(void)
{
	smp_mb();	/* the caller's unlinking, before we look */
	return READ_ONCE(rcu_gp_started) + 1;
}

static void rcu_want_gp(u64 gp)
{
	u64 wanted = READ_ONCE(rcu_gp_wanted);

	while (wanted < gp && !try_cmpxchg(&rcu_gp_wanted, &wanted, gp))
		;
	wake_up(&rcu_gp_wait);
}

void synchronize_rcu(void)
{
	u64 gp;

	might_sleep();
	ASSERT_MSG(!rcu_cb_task || current != rcu_cb_task,
		   "a callback waits for a grace period");
	sched_point(SP_RCU, NULL);
	if (explored_synchronize_rcu())
		return;
	if (READ_ONCE(rcu_online) == BIT(0))
		return;		/* the only CPU runs us: no reader */
	gp = rcu_next_gp();
	rcu_want_gp(gp);
	wait_event(&rcu_sync_wait, READ_ONCE(rcu_gp_done) >= gp);
	smp_mb();
}

u64 rcu_grace_periods(void)
{
	return READ_ONCE(rcu_gp_done);
}

/* ---- callbacks ---- */

static void rcu_queue(int cpu, struct rcu_head *head, void (*func)(struct rcu_head *))
{
	struct rcu_cpu *rc = per_cpu_ptr(&rcu_cpus, cpu);
	unsigned long flags;
	bool many;

	head->func = func;
	atomic_inc(&rcu_nr_pending);
	spin_lock_irqsave(&rc->lock, flags);
	rcu_list_add(&rc->queued, head);
	many = atomic_inc_return(&rcu_nr_queued) % RCU_MANY_QUEUED == 0;
	spin_unlock_irqrestore(&rc->lock, flags);
	if (many)
		wake_up(&rcu_gp_wait);
}

/*
 * Callbacks wait for the next tick, so that one grace period serves all that
 * were queued in between; only a crowd of them starts it at once.
 */
void rcu_tick(void)
{
	if (atomic_read(&rcu_nr_queued) && !list_empty(&rcu_gp_wait.entries))
		wake_up(&rcu_gp_wait);
}

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	sched_point(SP_RCU, head);
	preempt_disable();
	rcu_queue((int)smp_processor_id(), head, func);
	preempt_enable();
}

static int rcu_cb_thread(void *unused)
{
	struct rcu_list done = { NULL, &done.head };
	struct rcu_head *h;
	unsigned long flags;

	(void)unused;
	for (;;) {
		wait_event(&rcu_cb_wait, READ_ONCE(rcu_done_list.head));
		spin_lock_irqsave(&rcu_done_lock, flags);
		rcu_list_splice(&rcu_done_list, &done);
		spin_unlock_irqrestore(&rcu_done_lock, flags);
		while ((h = done.head)) {
			done.head = h->next;	/* func may free it */
			h->func(h);
			atomic_dec(&rcu_nr_pending);
		}
		done.tail = &done.head;
	}
	return 0;
}

struct rcu_barrier {
	struct rcu_head head[NR_CPUS];
	atomic_t pending;
	struct completion done;
};

static struct rcu_barrier rcu_barrier_state;
static DEFINE_MUTEX(rcu_barrier_mutex, LOCK_SYNC_INNER);

static void rcu_barrier_func(struct rcu_head *head)
{
	(void)head;
	if (atomic_dec_and_test(&rcu_barrier_state.pending))
		complete(&rcu_barrier_state.done);
}

void rcu_barrier(void)
{
	struct rcu_barrier *b = &rcu_barrier_state;
	int cpu;

	might_sleep();
	ASSERT_MSG(current != rcu_cb_task, "a callback waits for callbacks");
	/* what was queued before the call was counted before it */
	if (!atomic_read_acquire(&rcu_nr_pending))
		return;
	mutex_lock(&rcu_barrier_mutex);
	init_completion(&b->done);
	atomic_set(&b->pending, NR_CPUS);
	/* behind everything that is queued on that CPU, hence called after it */
	for_each_possible_cpu(cpu)
		rcu_queue(cpu, &b->head[cpu], rcu_barrier_func);
	wake_up(&rcu_gp_wait);
	wait_for_completion(&b->done);
	mutex_unlock(&rcu_barrier_mutex);
}

void rcu_setup(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct rcu_cpu *rc = per_cpu_ptr(&rcu_cpus, cpu);

		spin_lock_init(&rc->lock, LOCK_RCU, "RCU callbacks");
		rc->queued.tail = &rc->queued.head;
	}
}

void rcu_init(void)
{
	int err = kthread_run(&rcu_gp_task, rcu_gp_thread, NULL, "rcu_gp");

	if (!err)
		err = kthread_run(&rcu_cb_task, rcu_cb_thread, NULL, "rcu_callback");
	if (err)
		panic("no memory for RCU's threads (%d)", err);
}
