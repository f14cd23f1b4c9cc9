/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/workingset.h - was a page that comes back missed?
 *
 * A shadow is what is left of a page that was taken away: 32 bits, never 0, in its
 * place in the file's map or beside its slot. 0 is no shadow.
 */
#ifndef MM_WORKINGSET_H
#define MM_WORKINGSET_H

#include "include/types.h"
#include "mm/swap.h"

/* @page, locked and on no list, is being taken away. Return: its shadow. Context: any. */
u32 workingset_eviction(struct page *page);
/*
 * @page, new, locked and on no list, comes in the place of @shadow (0: of nothing).
 * Return: whether it belongs to the active list. Context: any.
 */
bool workingset_refault(struct page *page, u32 shadow);
/* @nr pages have moved up: those behind them have so much less time. Context: any. */
void workingset_age(u64 nr);
/* How many pages were taken away, or moved up, since @shadow's. */
u64 workingset_distance(u32 shadow);
/* Would a page of @type that is missed after @distance have stayed, but for idle ones? */
bool workingset_would_fit(const struct lru_counts *counts, bool swap_left, enum lru_type type,
			  u64 distance);

#endif
