/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/test/recorder.h - a subscriber that writes down what it is told
 *
 * A recorder embeds a struct mmu_notifier and keeps the last calls in order.
 * Its ops are one of three sets, one for each protocol, or a copy that a test
 * has changed. It also keeps the balance of starts and ends, gates named
 * "recorder.start" and "recorder.release" stand in those callbacks, and a test may
 * look around in each call.
 */
#ifndef KERNEL_TEST_RECORDER_H
#define KERNEL_TEST_RECORDER_H

#include "include/types.h"
#include "mm/mmu_notifier.h"

#define RECORDER_CALLS 256

struct recorded_call {
	enum mmu_notifier_op op;
	unsigned long start, end;
	u64 pte_pfn;			/* MN_CHANGE_PTE */
	u64 seq;			/* order among all recorders */
};

struct recorder {
	struct mmu_notifier mn;
	struct recorded_call call[RECORDER_CALLS];
	unsigned int nr;		/* calls so far, more than fit are only counted */
	atomic_t open;			/* starts minus ends */
	atomic_t went_negative;		/* an end without a start */
	atomic_t count[NR_MN_OPS];
	int start_answer;		/* what invalidate_range_start returns */
	int young_answer;
	/* Called inside each call, in its context, after it is noted; NULL: nothing. */
	void (*look)(struct recorder *rec, const struct recorded_call *call);
	void *arg;			/* the test's */
};

extern const struct mmu_notifier_ops recorder_bracket_ops;
extern const struct mmu_notifier_ops recorder_pair_ops;
extern const struct mmu_notifier_ops recorder_point_ops;

/* Make @rec fresh with @ops; register its mn as any other. */
void recorder_init(struct recorder *rec, const struct mmu_notifier_ops *ops);
/* Forget what was recorded, keep the balance. */
void recorder_clear(struct recorder *rec);
/* The @nth call of @op (from 0) since the last clear, or NULL. */
const struct recorded_call *recorder_find(const struct recorder *rec, enum mmu_notifier_op op,
					  unsigned int nth);
static inline int recorder_count(const struct recorder *rec, enum mmu_notifier_op op)
{
	return atomic_read(&rec->count[op]);
}

#endif
