/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sched/sched.c - switching tasks, waking them, placing them
 *
 * Concept    A task belongs to one run queue at a time, that of task_cpu(). The
 *            queue's lock guards its way from asleep to runnable and back, and
 *            is held across the switch itself: taken by the task that leaves,
 *            released by the one that comes. Whoever holds it therefore never
 *            sees a task that is off the queue but still on its stack.
 *
 *                prev                            next (on its own stack)
 *                lock(rq)
 *                asleep? off the queue
 *                pick next, switch stacks -----> unlock(rq)
 *                                                prev dead? drop its reference
 *
 *            A task that must change queues while it wakes (or moves itself) is
 *            TASK_WAKING in between: no other waker touches it.
 * Owns       task->state (to RUNNING), on_rq, info.cpu, bound_cpu; rq->curr.
 * Locks      LOCK_RUNQUEUE, interrupts off. A second queue only by trylock.
 * Invariants rq->curr == current on its CPU; a queued task is RUNNING or was
 *            preempted; preempt_count() is 2 in every switch  (asserted)
 * Callers    everybody who sleeps or wakes; interrupt exit; the tick.
 * Next       task.c
 */
#include "kernel/sched/sched.h"
#include "arch/x86/cpu/irq.h"
#include "arch/x86/cpu/lapic.h"
#include "arch/x86/cpu/smp.h"
#include "arch/x86/cpu/vectors.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/test_hook.h"
#include "kernel/sched/hooks.h"
#include "kernel/sched/kthread.h"
#include "kernel/sched/runqueue.h"
#include "kernel/sync/rcu.h"
#include "kernel/sync/sched_point.h"
#include "kernel/time/tick.h"
#include "kernel/time/timer.h"

struct sched_hooks sched_hooks;

/* Until sched_init() every CPU area claims to run the boot CPU's idle task. */
struct task idle_tasks[NR_CPUS];
DEFINE_PER_CPU(struct task *, current_task) = &idle_tasks[0];

/* ---- asking for a switch ---- */

/* Make the task that runs on @rq call the scheduler soon. */
static void rq_resched(struct run_queue *rq)
{
	assert_held(&rq->lock);
	if (thread_flag_test(&rq->curr->info, TIF_NEED_RESCHED))
		return;
	thread_flag_set(&rq->curr->info, TIF_NEED_RESCHED);
	if (rq->cpu != (int)smp_processor_id())
		smp_send_reschedule((unsigned int)rq->cpu);
}

void resched_cpu(int cpu)
{
	struct run_queue *rq = cpu_rq(cpu);
	unsigned long flags;

	spin_lock_irqsave(&rq->lock, flags);
	thread_flag_clear(&rq->curr->info, TIF_NEED_RESCHED);
	rq_resched(rq);
	spin_unlock_irqrestore(&rq->lock, flags);
}

/* ---- switching ---- */

/*
 * Take a waiting task from another CPU's queue to this empty one. The other
 * lock is only tried for: a queue that is busy just now keeps its tasks.
 */
static void rq_steal(struct run_queue *rq)
{
	struct run_queue *from;
	struct task *t;
	s64 lag;
	int cpu;

	for_each_online_cpu(cpu) {
		from = cpu_rq(cpu);
		if (from == rq || !READ_ONCE(from->first) || !spin_trylock(&from->lock))
			continue;
		t = rq_find_stealable(from, rq->cpu);
		if (t) {
			lag = rq_lag(from, t);
			rq_remove(from, t);
			from->nr_running--;
			t->vruntime = rq->floor + (u64)lag;
			WRITE_ONCE(t->info.cpu, (u32)rq->cpu);
			rq_insert(rq, t);
			rq->nr_running++;
		}
		spin_unlock(&from->lock);
		if (t)
			return;
	}
}

/* The task that shall run now; it leaves the tree. */
static struct task *rq_pick(struct run_queue *rq)
{
	struct task *t;

	if (!rq->first)
		rq_steal(rq);
	t = rq->first;
	if (!t)
		return rq->idle;
	rq_remove(rq, t);
	return t;
}

/* prev stops running: back into the tree, off the queue, or dead. */
static void rq_put_prev(struct run_queue *rq, struct task *prev, bool preempted)
{
	if (prev == rq->idle)
		return;
	if (!preempted && signal_pending_state(prev->state, prev))
		prev->state = TASK_RUNNING;
	if (!preempted && prev->dying)
		prev->state = TASK_DEAD;
	if (preempted || prev->state == TASK_RUNNING) {
		rq_insert(rq, prev);
		return;
	}
	prev->on_rq = false;
	rq->nr_running--;
}

/* Bring @t, which is off every queue and TASK_WAKING, to the queue of its new CPU. */
static void sched_place(struct task *t, int cpu, s64 lag)
{
	struct run_queue *rq = cpu_rq(cpu);

	WRITE_ONCE(t->info.cpu, (u32)cpu);
	spin_lock(&rq->lock);
	t->vruntime = rq->floor + (u64)lag;
	t->on_rq = true;
	rq->nr_running++;
	rq_insert(rq, t);
	WRITE_ONCE(t->state, TASK_RUNNING);
	if (rq_wakeup_preempts(rq, t))
		rq_resched(rq);
	spin_unlock(&rq->lock);
}

/* The first thing that runs after a switch, in the context of the next task. */
static void sched_finish_switch(void)
	__no_lock_check	/* the queue was locked by the task that ran before */
{
	struct run_queue *rq = this_rq();
	struct task *prev = rq->prev;
	bool move = prev->state == TASK_WAKING && !prev->on_rq;
	bool dead = prev->state == TASK_DEAD;
	s64 lag = move ? rq_lag(rq, prev) : 0;

	rq->prev = NULL;
	spin_unlock(&rq->lock);
	if (sched_hooks.switch_done)
		sched_hooks.switch_done(prev);
	if (move)
		sched_place(prev, prev->bound_cpu, lag);
	if (dead)
		put_task_struct(prev);
}

static void sched_switch(struct run_queue *rq, struct task *prev, struct task *next)
{
	ASSERT(preempt_count() == 2 * PREEMPT_OFFSET);
	rq->prev = prev;
	rq->curr = next;
	rq->nr_switches++;
	next->nr_switches++;
	next->exec_start = prev->exec_start;
	if (sched_hooks.switch_mm)
		sched_hooks.switch_mm(prev, next);
	spin_lock_hand_over(&rq->lock, next);
	this_cpu_write(current_task, next);
	arch_switch_to(&prev->arch, &next->arch);
	sched_finish_switch();
}

/*
 * Run the task that is due. @preempted: the current task did not ask for it, so
 * whatever state it is about to sleep in does not count yet.
 * Context: preemption off once; interrupts on or off, on when it returns.
 */
static void sched_schedule(bool preempted)
	__no_lock_check	/* sched_switch() unlocks, in the next task */
{
	struct task *prev = current, *next;
	struct run_queue *rq;

	local_irq_disable();
	rcu_note_context_switch();
	rq = this_rq();
	spin_lock(&rq->lock);
	ASSERT(rq->curr == prev);
	rq_account(rq);
	rq_put_prev(rq, prev, preempted);
	next = rq_pick(rq);
	thread_flag_clear(&prev->info, TIF_NEED_RESCHED);
	if (next != prev)
		sched_switch(rq, prev, next);
	else
		spin_unlock(&rq->lock);
	local_irq_enable();
}

void schedule(void)
{
	ASSERT_MSG(!in_atomic(), "schedule() with preempt count %x, interrupts %s",
		   preempt_count(), irqs_disabled() ? "off" : "on");
	ASSERT_MSG(!(current->flags & PF_IDLE), "an idle task must not sleep");
	if (explored_sleep(false))
		return;
	do {
		preempt_disable();
		sched_schedule(false);
		preempt_enable_no_resched();
	} while (need_resched());
}

void preempt_schedule(void)
{
	if (preempt_count() || irqs_disabled())
		return;
	do {
		preempt_disable();
		sched_schedule(true);
		preempt_enable_no_resched();
	} while (need_resched());
}

void preempt_schedule_irq(void)
{
	ASSERT(!preempt_count() && irqs_disabled());
	while (need_resched()) {
		preempt_disable();
		sched_schedule(true);
		local_irq_disable();
		preempt_enable_no_resched();
	}
}

bool cond_resched(void)
{
	might_sleep();
	if (likely(!need_resched()))
		return false;
	preempt_schedule();
	return true;
}

void yield(void)
{
	struct run_queue *rq;

	if (explored_sleep(true))
		return;
	local_irq_disable();
	rq = this_rq();
	spin_lock(&rq->lock);
	rq_account(rq);
	if (rq->first && (s64)(rq->first->vruntime - current->vruntime) >= 0)
		current->vruntime = rq->first->vruntime + 1;
	spin_unlock(&rq->lock);
	local_irq_enable();
	schedule();
}

#ifdef CONFIG_CHECKS
void sched_switch_virtual(struct task *next)
	__no_lock_check	/* locks stay with the tasks that hold them */
{
	struct task *prev = current;
	unsigned long flags;

	local_irq_save(flags);
	if (sched_hooks.switch_mm)
		sched_hooks.switch_mm(prev, next);
	this_cpu_write(current_task, next);
	arch_switch_to(&prev->arch, &next->arch);
	local_irq_restore(flags);
}
#endif

void task_first_run(void *arg)
{
	struct task *t = arg;

	ASSERT(t == current);
	sched_finish_switch();
	local_irq_enable();
	preempt_enable();
	t->entry(t->entry_arg);
}

void task_exit(void)
{
	struct task *t = current;

	might_sleep();
	lock_check_none_held("task_exit");
	ASSERT(!(t->flags & PF_IDLE));
	task_unlist(t);
	t->dying = true;
	schedule();
	panic("task %d (%s) runs after its death", t->pid, t->comm);
}

/* ---- waking ---- */

/* Lock the queue that @t belongs to. Interrupts are off. */
static struct run_queue *task_rq_lock(struct task *t)
	__no_lock_check	/* returns what it has locked */
{
	struct run_queue *rq;

	for (;;) {
		rq = cpu_rq(task_cpu(t));
		spin_lock(&rq->lock);
		if (likely(task_cpu(t) == rq->cpu))
			return rq;
		spin_unlock(&rq->lock);
	}
}

/* Where a task that wakes shall run: its last CPU if idle, another idle one, the shortest queue. */
static int sched_select_cpu(const struct task *t)
{
	unsigned int load, best_load;
	int cpu, best = task_cpu(t);

	if (t->bound_cpu >= 0)
		return t->bound_cpu;
	best_load = READ_ONCE(cpu_rq(best)->nr_running);
	if (!best_load)
		return best;
	for_each_online_cpu(cpu) {
		load = READ_ONCE(cpu_rq(cpu)->nr_running);
		if (load < best_load) {
			best = cpu;
			best_load = load;
		}
	}
	return best;
}

/* @t is asleep and its queue @rq locked; unlocks. */
static void sched_wake_sleeper(struct run_queue *rq, struct task *t)
	__releases(&rq->lock)
{
	s64 lag = rq_lag(rq, t);
	int cpu = sched_select_cpu(t);

	WRITE_ONCE(t->state, TASK_WAKING);
	spin_unlock(&rq->lock);
	sched_place(t, cpu, lag);
}

bool try_to_wake_up(struct task *t, unsigned int state)
	__no_lock_check	/* task_rq_lock() locks the queue */
{
	struct run_queue *rq;
	unsigned long flags;
	bool woken;

	sched_point(SP_WAKE, t);
	local_irq_save(flags);
	preempt_disable();
	/* the locked exchange in here is the full barrier of the protocol */
	rq = task_rq_lock(t);
	woken = READ_ONCE(t->state) & state;
	if (woken && !t->on_rq) {
		sched_wake_sleeper(rq, t);
	} else {
		/* it has not left its CPU yet: schedule() will find RUNNING */
		if (woken)
			WRITE_ONCE(t->state, TASK_RUNNING);
		spin_unlock(&rq->lock);
	}
	local_irq_restore(flags);
	preempt_enable();
	return woken;
}

bool wake_up_process(struct task *t)
{
	return try_to_wake_up(t, TASK_NORMAL | TASK_NEW);
}

void wake_up_new_task(struct task *t)
{
	bool woken = try_to_wake_up(t, TASK_NEW);

	ASSERT_MSG(woken, "task %d (%s) was started before", t->pid, t->comm);
}

void set_task_cpu_bound(struct task *t, int cpu)
	__no_lock_check	/* task_rq_lock() locks the queue */
{
	struct run_queue *rq;
	unsigned long flags;

	ASSERT(cpu < 0 || cpu_online((unsigned int)cpu));
	ASSERT(t == current || t->state == TASK_NEW);
	local_irq_save(flags);
	rq = task_rq_lock(t);
	t->bound_cpu = cpu;
	spin_unlock(&rq->lock);
	local_irq_restore(flags);
	if (t != current || cpu < 0)
		return;
	/* sched_finish_switch() carries us there */
	while (task_cpu(t) != cpu) {
		__set_current_state(TASK_WAKING);
		schedule();
	}
}

/* ---- sleeping for a time ---- */

struct sleeper {
	struct timer timer;
	struct task *task;
};

static void sleeper_wake(struct timer *timer)
{
	wake_up_process(container_of(timer, struct sleeper, timer)->task);
}

u64 schedule_timeout(u64 timeout)
{
	struct sleeper sleeper = { .task = current };
	u64 end;

	if (timeout == MAX_SCHEDULE_TIMEOUT) {
		schedule();
		return timeout;
	}
	end = ticks + timeout;
	timer_setup(&sleeper.timer, sleeper_wake);
	mod_timer(&sleeper.timer, end);
	schedule();
	del_timer_sync(&sleeper.timer);
	return end > ticks ? end - ticks : 0;
}

u64 schedule_timeout_uninterruptible(u64 timeout)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	return schedule_timeout(timeout);
}

u64 schedule_timeout_interruptible(u64 timeout)
{
	set_current_state(TASK_INTERRUPTIBLE);
	return schedule_timeout(timeout);
}

/* ---- interrupts ---- */

void irq_enter(void)
{
	current_thread_info()->preempt_count += HARDIRQ_OFFSET;
	barrier();
	rcu_irq_enter();
}

void irq_exit(void)
{
	struct thread_info *ti = current_thread_info();

	ti->preempt_count -= HARDIRQ_OFFSET;
	barrier();
	if (!ti->preempt_count)
		rcu_note_irq();
	rcu_irq_exit();
}

void nmi_enter(void)
{
	current_thread_info()->preempt_count += NMI_OFFSET;
}

void nmi_exit(void)
{
	current_thread_info()->preempt_count -= NMI_OFFSET;
}

void sched_tick(bool user)
{
	struct run_queue *rq = this_rq();

	spin_lock(&rq->lock);
	rq_account(rq);
	if (rq_slice_over(rq))
		rq_resched(rq);
	if (sched_hooks.account_tick)
		sched_hooks.account_tick(rq->curr, user);
	spin_unlock(&rq->lock);
}

/* ---- looking ---- */

struct task *cpu_curr(int cpu)
{
	return READ_ONCE(cpu_rq(cpu)->curr);
}

unsigned int cpu_nr_running(int cpu)
{
	return READ_ONCE(cpu_rq(cpu)->nr_running);
}

u64 cpu_nr_switches(int cpu)
{
	return READ_ONCE(cpu_rq(cpu)->nr_switches);
}

const char *sched_validate(void)
{
	const char *wrong = NULL;
	unsigned long flags;
	int cpu;

	for_each_online_cpu(cpu) {
		struct run_queue *rq = cpu_rq(cpu);

		spin_lock_irqsave(&rq->lock, flags);
		if (!wrong)
			wrong = rq_validate(rq);
		spin_unlock_irqrestore(&rq->lock, flags);
	}
	return wrong;
}

/* After each test: queues in order, nothing held by the test's thread. */
static void sched_after_test(void)
{
	const char *wrong = sched_validate();

	if (wrong)
		WARN("run queue: %s", wrong);
	lock_check_none_held("after the test");
}

/* ---- idling and starting ---- */

void cpu_idle_loop(void)
{
	ASSERT((current->flags & PF_IDLE) && preempt_count() == PREEMPT_OFFSET);
	for (;;) {
		local_irq_disable();
		if (!need_resched()) {
			rcu_idle_enter();
			local_irq_enable_halt();
			rcu_idle_exit();
		}
		/* each interrupt, the tick too, is an occasion to steal work */
		sched_schedule(false);
	}
}

/* Boot contexts and idle loops are never preempted: they switch by asking. */
static void sched_init_idle(int cpu)
{
	struct task *t = &idle_tasks[cpu];

	t->flags = PF_KTHREAD | PF_IDLE | PF_STATIC;
	t->state = TASK_RUNNING;
	t->on_rq = true;
	t->bound_cpu = cpu;
	t->info.cpu = (u32)cpu;
	t->info.preempt_count = PREEMPT_OFFSET;
	atomic_set(&t->refs, 1);
	snprintf(t->comm, sizeof(t->comm), "idle/%d", cpu);
	rq_init(cpu_rq(cpu), cpu, t);
	per_cpu(current_task, cpu) = t;
}

void sched_init(void)
{
	static struct test_hook hook = { .name = "sched", .after = sched_after_test };
	int cpu;

	for_each_possible_cpu(cpu)
		sched_init_idle(cpu);
	rcu_setup();
	timer_init();
	test_hook_register(&hook);
}

void sched_init_secondary(int cpu)
{
	ASSERT(irqs_disabled() && (int)smp_processor_id() == cpu);
	ASSERT(current == &idle_tasks[cpu]);
	rcu_cpu_online(cpu);
}

void sched_start(int (*rest)(void *))
{
	struct task *init;
	int err = kthread_create(&init, rest, NULL, "init");

	if (err)
		panic("no memory for the first thread (%d)", err);
	lock_check_start();
	wake_up_process(init);
	cpu_idle_loop();
}
