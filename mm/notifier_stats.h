/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/notifier_stats.h - what subscribers are told, and how often each was
 *
 * Each call of a subscriber goes through one door, which counts it for the kernel
 * (/proc/vmstat) and for the subscription (/proc/<pid>/notifiers). Nobody subscribed:
 * nobody comes this way.
 */
#ifndef MM_NOTIFIER_STATS_H
#define MM_NOTIFIER_STATS_H

#include "include/types.h"
#include "kernel/trace/trace.h"

enum mmu_notifier_event {
	MMU_NOTIFY_UNMAP, MMU_NOTIFY_CLEAR, MMU_NOTIFY_PROTECTION_VMA,
	MMU_NOTIFY_PROTECTION_PAGE, MMU_NOTIFY_SOFT_DIRTY, MMU_NOTIFY_RELEASE,
	MMU_NOTIFY_MIGRATE, MMU_NOTIFY_EXCLUSIVE, NR_MMU_NOTIFY_EVENTS
};

/* Calls of subscribers so far, by operation: /proc/vmstat's mmu_notifier_<op>. */
enum mmu_notifier_op {
	MN_RELEASE, MN_CLEAR_FLUSH_YOUNG, MN_CLEAR_YOUNG, MN_TEST_YOUNG, MN_CHANGE_PTE,
	MN_INVALIDATE_PAGE, MN_INVALIDATE_RANGE_START, MN_INVALIDATE_RANGE_END,
	MN_INVALIDATE_RANGE, MN_INTERVAL_INVALIDATE, MN_INTERVAL_FINISH,
	MN_RMAP_INVALIDATE_PAGE, NR_MN_OPS
};
u64 mmu_notifier_calls(enum mmu_notifier_op op);
const char *mmu_notifier_op_name(enum mmu_notifier_op op);
const char *mmu_notifier_event_name(enum mmu_notifier_event event);

/* Of one subscription, since it was made. Added to from any context, read at any time. */
struct notifier_stats {
	u64 calls[NR_MN_OPS];
	u64 events[NR_MMU_NOTIFY_EVENTS];	/* of range starts and interval calls */
	u64 refusals;			/* answers of -EAGAIN */
	u64 retries;			/* times that mmu_interval_read_retry() said yes */
	u64 cycles;			/* of the time-stamp counter, inside its callbacks */
};

static inline void notifier_stat_inc(u64 *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

/* Brackets that a subscriber of start and end is in: those begun, not refused, not ended. */
static inline s64 notifier_stats_open(const struct notifier_stats *stats)
{
	u64 ended = READ_ONCE(stats->calls[MN_INVALIDATE_RANGE_END]);

	return (s64)(READ_ONCE(stats->calls[MN_INVALIDATE_RANGE_START]) -
		     READ_ONCE(stats->refusals) - ended);
}

/* ---- the door: mm/mmu_notifier.c and mm/interval_notifier.c ---- */

struct notifier_call {
	struct notifier_stats *stats;
	enum mmu_notifier_op op;
	u64 began;
	bool may_block;
	struct trace_event trace;	/* what /proc/trace says of it */
};

/* Before a callback; !@may_block: until its end, might_sleep() is reported. */
void notifier_call_begin(struct notifier_call *call, struct notifier_stats *stats,
			 enum mmu_notifier_op op, bool may_block);
void notifier_call_end(struct notifier_call *call);

/* Whom the call tells, and of what; then, before its end, ->trace.result may be set. */
static inline void notifier_call_about(struct notifier_call *call, const char *name, u64 mm_id,
				       unsigned long start, unsigned long end)
{
	call->trace.who = name ? name : "?";
	call->trace.space = mm_id;
	call->trace.start = start;
	call->trace.end = end;
}

/*
 * Is the current task inside a callback? Then @what, which would wait for it, must
 * not be done: it is reported. Context: any but interrupts.
 */
bool notifier_call_forbids(const char *what);

#endif
