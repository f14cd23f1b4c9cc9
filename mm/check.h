/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/check.h - the world check: does everything that mm believes hold?
 */
#ifndef MM_CHECK_H
#define MM_CHECK_H

#include "include/types.h"

/*
 * Walk every frame, address space, list and slot and compare. Only when nothing
 * else changes them; what differs is looked at again before it is reported.
 * Context: may sleep, no lock held. Return: number of faults reported.
 */
unsigned int mm_check(void);

/*
 * Frames of programs with references that neither entries nor the swap cache explain:
 * somebody pins them. Reclaim and fork hold such references for moments, so a
 * count that matters is one that stays. Context: any; exact only when all is quiet.
 */
u64 mm_count_pins(void);

/* How much is in use; what has been given to RCU counts until it is freed. */
struct mm_levels {
	u64 frames;		/* without slabs; a file's page in swap counts as one */
	u64 objects;
	u64 ranges;		/* of vmalloc */
	u64 slots;		/* without those; in the swap cache a page is no frame */
	u64 promised;		/* pages, see mm/commit.h */
};
/* Only with CHECKS. What is kept for its next user is given back first. Context: as vfree(). */
void mm_levels_read(struct mm_levels *out);
/*
 * Read them into @now as soon as nothing is above @before, but give up after a while: what
 * waits for RCU is freed, and pages in the swap cache whose last user went while they were
 * being written are reclaimed. Context: may sleep. Return: whether nothing is above.
 */
bool mm_levels_settle(const struct mm_levels *before, struct mm_levels *now);

/* Register the world check and the leak check with the tests. Boot; CHECKS only. */
void mm_check_init(void);

#endif
