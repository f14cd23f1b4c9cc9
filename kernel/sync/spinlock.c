/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sync/spinlock.c - test-and-set locks
 *
 * Concept    One word, exchanged with 1 to take and stored 0 to release. A CPU
 *            that finds it taken reads (not writes) it until it looks free, with
 *            growing distance between looks. There is no queue: the CPUs are
 *            virtual, the next in a queue may not be running, and then everybody
 *            behind it would wait for the host.
 *
 *            Without CHECKS the fast paths are inline instead
 *            (spinlock_inline.h) and only the waiting is here.
 *
 *            The word is taken last and released first, so that everything the
 *            checker records is private to the holder.
 * Owns       struct spinlock.
 * Locks      Is one. Preemption is off while it is held or waited for.
 * Invariants locked == 1 while owner != NULL (CHECKS)
 * Callers    everybody.
 * Next       mutex.c
 */
#include "kernel/sync/spinlock.h"
#include "arch/x86/cpu/atomic.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/task.h"
#include "kernel/sync/sched_point.h"

#ifdef CONFIG_CHECKS
void spin_wait(struct spinlock *l);

void (*sched_point_hook)(enum sched_point_kind kind, const void *object);
const struct sched_explorer *sched_explorer;
#endif

/*
 * `pause` leaves a virtual CPU's execution loop and takes a lock inside the
 * emulator, which is dear; never to pause starves a CPU that shares the host
 * core under some accelerators. Hence every 64th look, and looks that get rarer.
 */
#define SPIN_PAUSE_EVERY 64
#define SPIN_BACKOFF_MAX 256

static bool spin_try_word(struct spinlock *l)
{
	return !READ_ONCE(l->locked) && xchg(&l->locked, 1) == 0;
}

noinline void spin_wait(struct spinlock *l)
{
	unsigned int looks = 0, backoff = 4, i;

	do {
		if (explored_spin(l))
			continue;
		for (i = 0; i < backoff; i++)
			barrier();
		if (backoff < SPIN_BACKOFF_MAX)
			backoff *= 2;
		if (++looks % SPIN_PAUSE_EVERY == 0)
			cpu_relax();
	} while (!spin_try_word(l));
}

/* Take the word, with preemption off. */
static __always_inline void spin_acquire(struct spinlock *l, unsigned int how)
{
#ifdef CONFIG_CHECKS
	lock_check_wait(l->class, l, how | LOCK_HOW_SPIN);
#endif
	if (unlikely(xchg(&l->locked, 1)))
		spin_wait(l);
#ifdef CONFIG_CHECKS
	l->owner = current_thread_info();
	lock_check_taken(l->class, l, how | LOCK_HOW_SPIN);
#endif
}

#ifdef CONFIG_CHECKS
static __always_inline void spin_release(struct spinlock *l)
{
#ifdef CONFIG_CHECKS
	if (l->owner != current_thread_info())
		check_report(CHECK_LOCK, "%s is released by a task that does not hold it",
			     l->class ? l->class->name : "?");
	else
		lock_check_release(l->class, l);
	l->owner = NULL;
#endif
	smp_store_release(&l->locked, 0);
}

void spin_lock(struct spinlock *l) __no_lock_check	/* is the primitive itself */
{
	sched_point(SP_SPIN_LOCK, l);
	preempt_disable();
	spin_acquire(l, 0);
}

void spin_unlock(struct spinlock *l) __no_lock_check
{
	spin_release(l);
	preempt_enable();
	sched_point(SP_SPIN_UNLOCK, l);
}

bool spin_trylock(struct spinlock *l) __no_lock_check
{
	preempt_disable();
	if (!spin_try_word(l)) {
		preempt_enable();
		return false;
	}
#ifdef CONFIG_CHECKS
	l->owner = current_thread_info();
	lock_check_taken(l->class, l, LOCK_HOW_TRY | LOCK_HOW_SPIN);
#endif
	return true;
}

unsigned long spin_lock_save(struct spinlock *l) __no_lock_check
{
	unsigned long flags;

	sched_point(SP_SPIN_LOCK, l);
	local_irq_save(flags);
	preempt_disable();
	spin_acquire(l, 0);
	return flags;
}

void spin_unlock_irqrestore(struct spinlock *l, unsigned long flags) __no_lock_check
{
	spin_release(l);
	local_irq_restore(flags);
	preempt_enable();
	sched_point(SP_SPIN_UNLOCK, l);
}
#endif

void spin_lock_irq(struct spinlock *l) __no_lock_check
{
	ASSERT(!irqs_disabled());
	(void)spin_lock_save(l);
}

void spin_unlock_irq(struct spinlock *l) __no_lock_check
{
	spin_unlock_irqrestore(l, X86_FLAGS_IF);
}

void spin_lock_two(struct spinlock *a, struct spinlock *b) __no_lock_check
{
	struct spinlock *first = a < b ? a : b, *second = a < b ? b : a;

	spin_lock(first);
	if (first == second)
		return;
	preempt_disable();
	spin_acquire(second, LOCK_HOW_TWO);
}

void spin_unlock_two(struct spinlock *a, struct spinlock *b) __no_lock_check
{
	if (a != b)
		spin_unlock(b);
	spin_unlock(a);
}

void spin_lock_nest_lock(struct spinlock *l, const void *outer) __no_lock_check
{
#ifdef CONFIG_CHECKS
	ASSERT_MSG(lock_check_held(outer), "%s nested without its outer lock", l->class->name);
#endif
	sched_point(SP_SPIN_LOCK, l);
	preempt_disable();
	spin_acquire(l, LOCK_HOW_NEST);
}

void spin_assert_held(const struct spinlock *l) __no_lock_check
{
#ifdef CONFIG_CHECKS
	ASSERT_MSG(l->locked && l->owner == current_thread_info(), "%s is not held",
		   l->class ? l->class->name : "lock");
#endif
}

void spin_lock_hand_over(struct spinlock *l, struct task *next) __no_lock_check
{
#ifdef CONFIG_CHECKS
	spin_assert_held(l);
	lock_check_hand_over(l, next);
	l->owner = &next->info;
#endif
}
