/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/time/timer.c - call a function at a tick to come
 *
 * Concept    Each CPU has a wheel of lists, one for each of the next WHEEL_SLOTS
 *            ticks; a timer further away shares the list of its last digits and
 *            is passed over until its turn. Queueing and cancelling are O(1).
 *            A timer stays for life on the wheel of the CPU that set it up: no
 *            moving between two locks, and every CPU ticks anyway.
 *
 *            del_timer_sync() must not return while the function runs elsewhere:
 *
 *                canceller                       tick of another CPU
 *                                                unlink, running = timer, unlock
 *                lock; not pending; running      fn(timer)
 *                  == timer: unlock, look again  lock, running = NULL
 *                lock; running == NULL: return
 * Owns       struct timer_base, every pending timer's fields.
 * Locks      timer_base.lock (LOCK_TIMER), irqsave; never held while fn runs.
 * Invariants a pending timer is on the list of its expiry's slot
 * Callers    tick.c runs it; sched.c (time-outs), drivers.
 * Next       kernel/sync/rcu.c
 */
#include "kernel/time/timer.h"
#include "arch/x86/cpu/barrier.h"
#include "arch/x86/cpu/percpu.h"
#include "kernel/lib/panic.h"
#include "kernel/sync/spinlock.h"
#include "kernel/time/tick.h"

#define WHEEL_SLOTS 256

struct timer_base {
	struct spinlock lock;
	u64 done;			/* lock: every slot up to this tick was run */
	struct timer *running;		/* lock: whose fn is being called */
	struct list_head wheel[WHEEL_SLOTS];	/* lock */
};

static DEFINE_PER_CPU(struct timer_base, timer_bases);

void timer_setup(struct timer *timer, void (*fn)(struct timer *timer))
{
	INIT_LIST_HEAD(&timer->link);
	timer->expires = 0;
	timer->fn = fn;
	timer->base = per_cpu_ptr(&timer_bases, smp_processor_id());
}

bool timer_pending(const struct timer *timer)
{
	return !list_empty(&timer->link);
}

/* Take @timer off the wheel if it is on. */
static bool timer_unqueue(struct timer *timer)
{
	bool pending = timer_pending(timer);

	assert_held(&timer->base->lock);
	if (pending)
		list_del_init(&timer->link);
	return pending;
}

bool mod_timer(struct timer *timer, u64 expires)
{
	struct timer_base *base = timer->base;
	unsigned long flags;
	bool pending;

	spin_lock_irqsave(&base->lock, flags);
	pending = timer_unqueue(timer);
	/* a slot that was run already would be passed over for a whole turn */
	timer->expires = max(expires, base->done + 1);
	list_add_tail(&timer->link, &base->wheel[timer->expires % WHEEL_SLOTS]);
	spin_unlock_irqrestore(&base->lock, flags);
	return pending;
}

bool del_timer(struct timer *timer)
{
	unsigned long flags;
	bool pending;

	spin_lock_irqsave(&timer->base->lock, flags);
	pending = timer_unqueue(timer);
	spin_unlock_irqrestore(&timer->base->lock, flags);
	return pending;
}

bool del_timer_sync(struct timer *timer)
{
	bool pending = false, running;
	unsigned int looks = 0;
	unsigned long flags;

	ASSERT(!in_interrupt());
	for (;;) {
		spin_lock_irqsave(&timer->base->lock, flags);
		pending |= timer_unqueue(timer);
		running = timer->base->running == timer;
		spin_unlock_irqrestore(&timer->base->lock, flags);
		if (!running)
			return pending;
		if (++looks % 64 == 0)
			cpu_relax();
	}
}

/* Call what is due in the slot of tick @now. The lock is dropped around fn. */
static void timer_run_slot(struct timer_base *base, u64 now)
	__must_hold(&base->lock)
{
	struct list_head *slot = &base->wheel[now % WHEEL_SLOTS];
	struct timer *timer, *next;
	LIST_HEAD(due);

	list_for_each_entry_safe(timer, next, slot, link)
		if (timer->expires <= now)
			list_move_tail(&timer->link, &due);
	while (!list_empty(&due)) {
		timer = list_first_entry(&due, struct timer, link);
		list_del_init(&timer->link);
		base->running = timer;
		spin_unlock(&base->lock);
		timer->fn(timer);	/* may free or arm the timer again */
		spin_lock(&base->lock);
		base->running = NULL;
	}
}

void timer_tick(void)
{
	struct timer_base *base = this_cpu_ptr(&timer_bases);
	u64 now = ticks;

	ASSERT(irqs_disabled());
	spin_lock(&base->lock);
	while (base->done < now)
		timer_run_slot(base, ++base->done);
	spin_unlock(&base->lock);
}

void timer_init(void)
{
	int cpu, slot;

	for_each_possible_cpu(cpu) {
		struct timer_base *base = per_cpu_ptr(&timer_bases, cpu);

		spin_lock_init(&base->lock, LOCK_TIMER, "timer wheel");
		for (slot = 0; slot < WHEEL_SLOTS; slot++)
			INIT_LIST_HEAD(&base->wheel[slot]);
	}
}
