/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/toy_tlb.h - a toy second MMU with only a TLB
 *
 * It walks the CPU's tables and caches what it finds, so it takes the point
 * protocol; or it takes the pair, with the same TLB. Its callbacks are atomic. It
 * has no accessed bit: a page that it has cached counts as used.
 */
#ifndef TESTS_KERNEL_TOY_TLB_H
#define TESTS_KERNEL_TOY_TLB_H

#include "kernel/sync/spinlock.h"
#include "mm/mmu_notifier.h"

#define TOY_TLB_ENTRIES 4

struct toy_tlb_entry {
	struct page *page;	/* NULL: free. No reference is held. */
	unsigned long va;
	bool writable;
};

struct toy_tlb {
	struct mmu_notifier mn;
	struct mm *mm;
	struct spinlock lock;	/* LOCK_DRIVER_SPIN: all that follows */
	unsigned long seq;	/* invalidations so far */
	unsigned int active;	/* brackets open (pair) */
	unsigned long cancelled;/* misses that an invalidation overtook */
	unsigned int next;	/* entry to be replaced */
	struct toy_tlb_entry entry[TOY_TLB_ENTRIES];
};

extern const struct mmu_notifier_ops toy_tlb_point_ops;
extern const struct mmu_notifier_ops toy_tlb_pair_ops;

/* Subscribe in the protocol of @ops. May sleep. */
int __must_check toy_tlb_open(struct toy_tlb *t, struct mm *mm, const struct mmu_notifier_ops *ops);
void toy_tlb_close(struct toy_tlb *t);

/*
 * A miss: walk the CPU's tables, make no fault. Gate "toy_tlb.walked": the entry is
 * read, nothing cached yet. Context: any; the mm's tables stay.
 * Return: whether a translation was cached.
 */
bool toy_tlb_fill(struct toy_tlb *t, unsigned long va);
/* One try. Return: 0, -EFAULT, or -EAGAIN if an invalidation was under way. */
int __must_check toy_tlb_try_fill(struct toy_tlb *t, unsigned long va);
/* The page that the device would use at @va now, or NULL: miss. */
struct page *toy_tlb_page(struct toy_tlb *t, unsigned long va);

#endif
