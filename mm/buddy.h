/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/buddy.h - the frame allocator as others of mm see it: levels and hooks
 *
 * Requests go through mm/gfp.h. This header is for those who watch the level
 * of free memory (reclaim, /proc, tests) or fill the allocator (memblock).
 */
#ifndef MM_BUDDY_H
#define MM_BUDDY_H

#include "include/types.h"
#include "mm/gfp.h"
#include "mm/page.h"

struct buddy_watermarks {
	u64 min;	/* below: only __GFP_HIGH and __GFP_MEMALLOC get frames */
	u64 low;	/* below: kswapd is woken */
	u64 high;	/* kswapd sleeps again above this */
};

struct buddy_info {
	u64 total;			/* frames ever given to the allocator */
	u64 free;			/* in the lists, per-CPU ones and quarantine included */
	u64 pcp;			/* of these: in per-CPU lists */
	u64 quarantined;		/* of these: waiting out their quarantine */
	u64 nr_free[MAX_ORDER + 1];	/* blocks of each order */
	struct buddy_watermarks mark;
};

/* Take over every frame that memblock has free. Once, by the boot CPU. */
void buddy_init(void);
/* All CPUs are online: share what they may keep for themselves. Boot. */
void buddy_smp_init(void);
/* Give the reserved frames [@start, @end) to the allocator: RAM that boot code is
 * done with (the initramfs). Physical addresses. Context: any. */
void buddy_add_range(u64 start, u64 end);
/* Free frames now, per-CPU lists and quarantine included. Context: any. */
u64 nr_free_pages(void);
u64 totalram_pages(void);
void buddy_info(struct buddy_info *out);
const struct buddy_watermarks *buddy_marks(void);
/* Empty this CPU's list and the quarantine into the buddy lists. Context: any. */
void buddy_drain_local(void);
/* The same on every CPU. Context: may sleep (waits for IPIs). */
void buddy_drain_all(void);
/* The last reference is gone: back to the lists. mm/page.c only. Context: any. */
void buddy_free(struct page *page, unsigned int order);
/* Who allocated and who freed the frame last (CHECKS). Context: any. */
void buddy_print_history(const struct page *page);
/*
 * Check the free lists against themselves: links, orders, buddies merged, counts,
 * poison. Context: any; takes the lock. Return: number of faults reported.
 */
unsigned int buddy_check(void);

/* Upward: mm/reclaim.c and the OOM killer register themselves. */
struct buddy_reclaim_ops {
	/* Free about @nr pages, sleeping if need be. Return: pages freed. */
	unsigned long (*direct_reclaim)(unsigned long nr);
	/* Free memory runs low. Context: any. */
	void (*wake_kswapd)(void);
	/* Reclaim found nothing. Return: true if a retry makes sense. May sleep. */
	bool (*out_of_memory)(void);
};
void buddy_set_reclaim_ops(const struct buddy_reclaim_ops *ops);

#endif
