/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/time/timer.h - call a function at a tick to come
 */
#ifndef KERNEL_TIME_TIMER_H
#define KERNEL_TIME_TIMER_H

#include "include/types.h"
#include "kernel/lib/list.h"

struct timer_base;

/* Owned by its user, who cancels it (del_timer_sync) before freeing it. */
struct timer {
	struct list_head link;		/* base's lock; empty: not pending */
	u64 expires;			/* base's lock: the tick at which to call */
	void (*fn)(struct timer *timer);/* in interrupt context */
	struct timer_base *base;	/* C: the wheel of the CPU that set it up */
};

/* Prepare @timer; it is not pending. @fn runs in interrupt context. */
void timer_setup(struct timer *timer, void (*fn)(struct timer *timer));

/*
 * Call the timer's function once at tick @expires (the next tick if that is
 * past), whether it was pending or not. Context: any, fn itself too.
 * Return: whether it was pending.
 */
bool mod_timer(struct timer *timer, u64 expires);
/* Cancel; fn may still be running. Return: whether it was pending. Context: any. */
bool del_timer(struct timer *timer);
/*
 * Cancel, and wait until fn is not running anywhere. Context: not in an
 * interrupt, no lock held that fn takes. Return: whether it was pending.
 */
bool del_timer_sync(struct timer *timer);
bool timer_pending(const struct timer *timer);

/* Run what is due on this CPU. Interrupt context. */
void timer_tick(void);
/* Boot: before any timer is used. */
void timer_init(void);

#endif
