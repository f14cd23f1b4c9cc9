/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sync/spinlock_inline.h - spinlocks without checks, for measuring
 *
 * The same lock as in spinlock.c with nothing to record and no point to steer:
 * short enough to stand where it is used. Included by spinlock.h only; the
 * contracts are there.
 */
#ifndef KERNEL_SYNC_SPINLOCK_INLINE_H
#define KERNEL_SYNC_SPINLOCK_INLINE_H

/* Spin until the word is ours: spinlock.c. */
void spin_wait(struct spinlock *l);

static inline void spin_lock(struct spinlock *l)
{
	preempt_disable();
	if (unlikely(__atomic_exchange_n(&l->locked, 1, __ATOMIC_SEQ_CST)))
		spin_wait(l);
}

static inline void spin_unlock(struct spinlock *l)
{
	smp_store_release(&l->locked, 0);
	preempt_enable();
}

static inline bool __must_check spin_trylock(struct spinlock *l)
{
	preempt_disable();
	if (!READ_ONCE(l->locked) && !__atomic_exchange_n(&l->locked, 1, __ATOMIC_SEQ_CST))
		return true;
	preempt_enable();
	return false;
}

static inline unsigned long spin_lock_save(struct spinlock *l)
{
	unsigned long flags;

	local_irq_save(flags);
	spin_lock(l);
	return flags;
}

static inline void spin_unlock_irqrestore(struct spinlock *l, unsigned long flags)
{
	smp_store_release(&l->locked, 0);
	local_irq_restore(flags);
	preempt_enable();
}

#endif
