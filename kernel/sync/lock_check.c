/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sync/lock_check.c - reports lock use that could deadlock, when it is seen
 *
 * Concept    A deadlock needs bad luck, the mistake behind it does not: it shows
 *            in any single run as a fact about order or context. Each task
 *            records what it holds; each class of locks remembers where it was
 *            used. A report (kind "lock") names both locks or both facts.
 *
 *            order	A lock that a task waits for has a larger rank than every
 *			lock it holds. Same rank: only the second of a pair by
 *			address, or one of many by permission of an outer lock.
 *            context	A task that may not be switched away from (preemption or
 *			interrupts off, RCU reader) does not call what may sleep.
 *            irq	A class that is taken by an interrupt handler, or inside a
 *			lock of such a class, is never held with interrupts on:
 *
 *				CPU 0				CPU 1
 *				lock(M), interrupts on		lock(L), irqs off
 *				interrupt: lock(L) waits	lock(M) waits
 *
 *			Locks of an interrupt handler are therefore not compared
 *			with those of the task it interrupted: this rule covers
 *			the edge between them, and does so without false alarms.
 *            ipi	A class that is held while waiting for other CPUs to answer
 *			is never waited for with interrupts off: the waiter would
 *			not answer.
 *            owner	Who releases a lock holds it.
 *
 *            Many locks of one class, nested by permission (mm_take_all_locks
 *            takes ten thousand), share one entry with a count.
 * Owns       thread_info.held, .nr_held; lock_class.usage.
 * Locks      None. A record is changed by its task and by interrupts on top of
 *            it, which leave it as they found it; so an entry is counted before
 *            it is filled and uncounted after it is moved, never the reverse.
 * Invariants 0 <= nr_held <= MAX_HELD_LOCKS
 * Callers    spinlock.c, mutex.c, rwsem.c, and who owns a lock of another kind.
 * Next       spinlock.c
 */
#include "kernel/sync/lock_check.h"
#include "arch/x86/cpu/irqflags.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"
#include "kernel/sched/task.h"
#include "kernel/sync/preempt.h"

#ifdef CONFIG_CHECKS

/* What is seen before interrupts and other CPUs run says nothing. */
static bool lock_check_running;

static const char *lock_name(const struct held_lock *h)
{
	return h->class ? h->class->name : "?";
}

/* May a lock of @class be waited for by somebody who holds @h? */
static bool lock_order_ok(const struct held_lock *h, const struct lock_class *class,
			  const void *lock, unsigned int how)
{
	if (h->class->rank < class->rank || class->rank == LOCK_UNRANKED)
		return true;
	if (h->class->rank > class->rank)
		return false;
	if (how & LOCK_HOW_NEST)
		return h->how & LOCK_HOW_NEST;
	return (how & LOCK_HOW_TWO) && h->lock < lock;
}

static void lock_check_order(struct thread_info *ti, struct lock_class *class,
			     const void *lock, unsigned int how)
{
	bool irq = in_interrupt();
	u32 i;

	for (i = 0; i < ti->nr_held; i++) {
		const struct held_lock *h = &ti->held[i];

		if (!h->class || h->in_irq != irq)
			continue;
		if (h->lock == lock)
			check_report(CHECK_LOCK,
				     "%s is waited for by its own holder (taken at %pS)",
				     class->name, h->ip);
		else if (!lock_order_ok(h, class, lock, how))
			check_report(CHECK_LOCK,
				     "order: %s (rank %d) waited for while holding %s "
				     "(rank %d, taken at %pS)", class->name, class->rank,
				     lock_name(h), h->class->rank, h->ip);
	}
}

/*
 * Remember @facts of @class, and report the two pairs that exclude each other,
 * once for each class.
 */
static void lock_class_note(struct lock_class *class, u32 facts)
{
	const u32 irq = LOCK_USED_IN_IRQ | LOCK_USED_IRQS_ON;
	const u32 ipi = LOCK_USED_IPI_WAIT | LOCK_USED_IRQS_OFF;
	u32 usage;

	if (!lock_check_running || (READ_ONCE(class->usage) & facts) == facts)
		return;
	usage = __atomic_or_fetch(&class->usage, facts, __ATOMIC_SEQ_CST);
	if ((usage & irq) != irq && (usage & ipi) != ipi)
		return;
	if (__atomic_fetch_or(&class->usage, LOCK_USED_REPORTED, __ATOMIC_SEQ_CST) &
	    LOCK_USED_REPORTED)
		return;
	if ((usage & irq) == irq)
		check_report(CHECK_LOCK,
			     "irq: %s is used in (or inside a lock of) interrupt handlers, "
			     "and held with interrupts on", class->name);
	else
		check_report(CHECK_LOCK,
			     "ipi: %s is held while waiting for other CPUs, and waited for "
			     "with interrupts off", class->name);
}

static bool lock_inside_irq_class(const struct thread_info *ti)
{
	u32 i;

	for (i = 0; i < ti->nr_held; i++) {
		const struct lock_class *class = ti->held[i].class;

		if (class && (READ_ONCE(class->usage) & LOCK_USED_IN_IRQ))
			return true;
	}
	return false;
}

void lock_check_wait(struct lock_class *class, const void *lock, unsigned int how)
{
	if (!class) {
		check_report(CHECK_LOCK, "lock %p is used before it is initialised", lock);
		return;
	}
	lock_check_order(current_thread_info(), class, lock, how);
	if ((how & LOCK_HOW_SPIN) && irqs_disabled())
		lock_class_note(class, LOCK_USED_IRQS_OFF);
}

static struct held_lock *lock_find_nest(struct thread_info *ti, const struct lock_class *class)
{
	u32 i;

	for (i = ti->nr_held; i > 0; i--)
		if ((ti->held[i - 1].how & LOCK_HOW_NEST) && ti->held[i - 1].class == class)
			return &ti->held[i - 1];
	return NULL;
}

static struct held_lock *lock_find(struct thread_info *ti, const void *lock)
{
	u32 i;

	for (i = ti->nr_held; i > 0; i--)
		if (ti->held[i - 1].lock == lock)
			return &ti->held[i - 1];
	return NULL;
}

/*
 * Who called the function that called the checker: the second return address
 * up the chain of frame pointers, which the kernel is compiled with.
 */
static const void *lock_caller(void **frame)
{
	void **outer = frame[0];

	return outer ? outer[1] : NULL;
}

void lock_check_taken(struct lock_class *class, const void *lock, unsigned int how)
{
	struct thread_info *ti = current_thread_info();
	struct held_lock *h;

	if (!class)
		return;
	if (how & LOCK_HOW_SPIN)
		lock_class_note(class,
				(irqs_disabled() ? 0 : LOCK_USED_IRQS_ON) |
				(in_interrupt() || lock_inside_irq_class(ti) ?
				 LOCK_USED_IN_IRQ : 0));
	h = (how & LOCK_HOW_NEST) ? lock_find_nest(ti, class) : NULL;
	if (h) {
		h->count++;
		return;
	}
	if (ti->nr_held == MAX_HELD_LOCKS) {
		lock_check_dump(current);
		panic("%d locks held at once; taking %s", MAX_HELD_LOCKS, class->name);
	}
	h = &ti->held[ti->nr_held++];
	barrier();
	h->class = class;
	h->ip = lock_caller(__builtin_frame_address(0));
	h->count = 1;
	h->how = (u8)how;
	h->in_irq = in_interrupt();
	barrier();
	h->lock = (how & LOCK_HOW_NEST) ? NULL : lock;
}

/* Close the gap that entry @h leaves. */
static void lock_drop_entry(struct thread_info *ti, struct held_lock *h)
{
	struct held_lock *last = &ti->held[ti->nr_held - 1];

	for (; h < last; h++)
		*h = h[1];
	*last = (struct held_lock){ 0 };
	barrier();
	ti->nr_held--;
}

void lock_check_release(struct lock_class *class, const void *lock)
{
	struct thread_info *ti = current_thread_info();
	struct held_lock *h = lock_find(ti, lock);

	if (!class)
		return;
	if (!h)
		h = lock_find_nest(ti, class);
	if (!h)
		check_report(CHECK_LOCK, "%s is released by a task that does not hold it",
			     class->name);
	else if (--h->count == 0)
		lock_drop_entry(ti, h);
}

bool lock_check_held(const void *lock)
{
	return lock_find(current_thread_info(), lock);
}

unsigned int lock_check_spins(void)
{
	struct thread_info *ti = current_thread_info();
	unsigned int nr = 0;
	u32 i;

	for (i = 0; i < ti->nr_held; i++)
		if ((ti->held[i].how & LOCK_HOW_SPIN) && !ti->held[i].in_irq)
			nr += ti->held[i].count;
	return nr;
}

bool lock_check_class_held(const struct lock_class *class)
{
	struct thread_info *ti = current_thread_info();
	u32 i;

	for (i = 0; i < ti->nr_held; i++)
		if (ti->held[i].class == class)
			return true;
	return false;
}

bool lock_check_rank_held(enum lock_rank rank)
{
	struct thread_info *ti = current_thread_info();
	u32 i;

	for (i = 0; i < ti->nr_held; i++)
		if (ti->held[i].class && ti->held[i].class->rank == rank)
			return true;
	return false;
}

void lock_check_may_take(enum lock_rank rank, const char *what)
{
	struct lock_class class = LOCK_CLASS_INIT(what, rank);

	lock_check_order(current_thread_info(), &class, &class, 0);
}

void lock_check_ipi_wait(void)
{
	struct thread_info *ti = current_thread_info();
	u32 i;

	if (!lock_check_running)
		return;
	if (irqs_disabled())
		check_report(CHECK_LOCK, "ipi: a CPU waits for others with interrupts off");
	for (i = 0; i < ti->nr_held; i++)
		if (ti->held[i].how & LOCK_HOW_SPIN)
			lock_class_note(ti->held[i].class, LOCK_USED_IPI_WAIT);
}

void lock_check_none_held(const char *where)
{
	struct thread_info *ti = current_thread_info();

	if (!ti->nr_held && !ti->rcu_depth && !ti->non_block)
		return;
	check_report(CHECK_LOCK,
		     "%s: %u locks still held, newest %s; RCU depth %u, non-blocking depth %u", where,
		     ti->nr_held,
		     ti->nr_held ? lock_name(&ti->held[ti->nr_held - 1]) : "none",
		     ti->rcu_depth, ti->non_block);
}

void lock_check_hand_over(const void *lock, struct task *next)
{
	struct thread_info *ti = current_thread_info();
	struct held_lock *h = lock_find(ti, lock);

	ASSERT(h && next->info.nr_held < MAX_HELD_LOCKS);
	if (&next->info == ti)
		return;
	next->info.held[next->info.nr_held++] = *h;
	lock_drop_entry(ti, h);
}

void lock_check_dump(const struct task *task)
{
	u32 i, n = READ_ONCE(task->info.nr_held);

	for (i = 0; i < n && i < MAX_HELD_LOCKS; i++) {
		const struct held_lock *h = &task->info.held[i];

		if (h->class)
			printk(LOG_EMERG, "  holds %s%s x%u, rank %d, taken at %pS%s\n",
			       lock_name(h), h->how & LOCK_HOW_SHARED ? " (shared)" : "",
			       h->count, h->class->rank, h->ip,
			       h->in_irq ? ", in an interrupt" : "");
	}
}

void might_sleep_at(const char *file, int line)
{
	struct thread_info *ti = current_thread_info();

	if (likely(!ti->preempt_count && !ti->non_block && !irqs_disabled()))
		return;
	if (!lock_check_running || panic_in_progress())
		return;
	check_report(CHECK_LOCK,
		     "sleep: %s:%d may sleep, but preempt count %x, interrupts %s, RCU depth %u, "
		     "non-blocking depth %u, locks held %u (newest %s)",
		     file, line, ti->preempt_count, irqs_disabled() ? "off" : "on",
		     ti->rcu_depth, ti->non_block, ti->nr_held,
		     ti->nr_held ? lock_name(&ti->held[ti->nr_held - 1]) : "none");
}

static void lock_check_panic_dump(void)
{
	int cpu;

	for_each_online_cpu(cpu) {
		struct task *t = per_cpu(current_task, cpu);

		if (t && t->info.nr_held) {
			printk(LOG_EMERG, "CPU %d, task %d (%s):\n", cpu, t->pid, t->comm);
			lock_check_dump(t);
		}
	}
}

void lock_check_start(void)
{
	static struct panic_dump dump = { .show = lock_check_panic_dump };

	panic_add_dump(&dump);
	WRITE_ONCE(lock_check_running, true);
}

#endif
