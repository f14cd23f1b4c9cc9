/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/swap_token.c - one process at a time gets through, when all wait for swap
 *
 * Concept    When several processes together want more pages than there are, each
 *            takes away what the others have just read back, and none gets anywhere. So one of
 *            them has the token: while a fault of the holder is under way, others
 *            find its pages used. It collects what it needs and goes on; the others
 *            wait, as they would anyway.
 *
 *            Whoever must read from swap comes here and may get it. Faults are numbered;
 *            a process whose reads come closer and closer together gains
 *            priority, one whose reads become rarer loses some. The holder gains
 *            with each read, which keeps the token where it is of use, and loses
 *            half from time to time, so that the token goes round. A process with more
 *            priority than the holder takes it. While nobody else reads from swap the
 *            token does nothing: then the holder is only in its own way.
 *
 *            Which page is old the token does not say, and refaults (workingset.c)
 *            are counted alike: they decide among the pages of all, it decides for whom. Before
 *            the last resort it is taken away: better a slow process than a dead one.
 * Owns       mm->token; who the holder is.
 * Locks      LOCK_MMLIST (spin, irqs off). swap_token_protects() takes none: it compares.
 * Invariants The holder is an address space that exists.    swap_token_put()
 * Callers    swap_readahead.c asks for it; rmap.c looks; mm.c and reclaim.c take it away.
 * Next       swap_io.c
 */
#include "mm/swap.h"

#include "kernel/lib/panic.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/rwsem.h"
#include "kernel/sync/spinlock.h"
#include "mm/lockorder.h"
#include "mm/mm.h"

#define GAIN 2			/* by taking it, and by each read with it */
#define AGING_FAULTS 256	/* after so many the holder loses half, and others are forgotten */

DEFINE_STATIC_SPINLOCK(token_lock, LOCK_MMLIST);
static struct mm *holder;	/* token_lock */
static u64 nr_faults;		/* token_lock: asked for so far */
static u64 rival_fault;		/* token_lock: the last one that was not the holder's */
static bool contended;		/* token_lock: which was not long ago */

/* Priority of an mm that is not the holder: do its reads come closer together? */
static void token_judge_locked(struct mm *mm, u64 interval)
{
	assert_held(&token_lock);
	if (interval < mm->token.interval)
		mm->token.priority++;
	else if (mm->token.priority > 0)
		mm->token.priority--;
}

static bool token_deserved_locked(const struct mm *mm)
{
	assert_held(&token_lock);
	return !holder || mm == holder || mm->token.priority > holder->token.priority;
}

void swap_token_grab(struct mm *mm)
{
	unsigned long flags;
	u64 interval;

	spin_lock_irqsave(&token_lock, flags);
	interval = ++nr_faults - mm->token.stamp;
	if (holder && nr_faults % AGING_FAULTS == 0)
		holder->token.priority /= 2;
	if (holder && mm != holder) {
		token_judge_locked(mm, interval);
		rival_fault = nr_faults;
	}
	WRITE_ONCE(contended, rival_fault && nr_faults - rival_fault < AGING_FAULTS);
	if (token_deserved_locked(mm)) {
		mm->token.priority += GAIN;
		WRITE_ONCE(holder, mm);
	}
	mm->token.stamp = nr_faults;
	mm->token.interval = interval;
	spin_unlock_irqrestore(&token_lock, flags);
}

void swap_token_put(struct mm *mm)
{
	unsigned long flags;

	spin_lock_irqsave(&token_lock, flags);
	if (holder && (!mm || holder == mm))
		WRITE_ONCE(holder, NULL);
	spin_unlock_irqrestore(&token_lock, flags);
}

bool swap_token_has(const struct mm *mm)
{
	return READ_ONCE(holder) == mm;
}

/* A fault holds mmap_lock while it waits. Its own reclaim may take what it likes. */
bool swap_token_protects(const struct mm *mm)
{
	return unlikely(swap_token_has(mm)) && READ_ONCE(contended) && mm != current->mm &&
	       rwsem_is_locked(&mm->mmap_lock);
}
