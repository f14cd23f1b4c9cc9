/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/lru_balance.c - whose pages reclaim looks at: those of files, or anonymous ones
 *
 * Concept    Each pass of reclaim looks at a number of pages, and divides it between
 *            the two pairs of lists:
 *
 *                           pages         what the user wants    what it did cost
 *              anonymous    size     x    swappiness          /  cost
 *              of files     size     x    200 - swappiness    /  cost
 *
 *            The cost of a pair is what was lately done for nothing there: pages read
 *            or written, and, much cheaper, pages that were looked at and stay. What is
 *            lately: when the sum has reached a quarter of all pages, all is halved. A
 *            cost counts half at most, so that neither pair is ever left alone.
 *
 *            Without a free slot, or with swappiness 0, only pages of files are looked
 *            at; but if they would not be enough, only anonymous ones, and before the
 *            last resort all alike.
 * Owns       The costs, vm_swappiness.
 * Locks      None. Two notes at once may lose one another, which makes them less exact.
 * Invariants The shares add up to what was to be divided.    lru_balance_shares()
 * Callers    reclaim.c
 * Next       workingset.c
 */
#include "mm/swap.h"

#include "mm/buddy.h"

/* An I/O weighs as much as so many pages that are only put back. */
#define IO_WEIGHT 32
#define SWAPPINESS_MAX 200

u64 vm_swappiness = 60;

static u64 lru_cost[NR_LRU_TYPES];

void lru_note_cost(enum lru_type type, u64 nr_io, u64 nr_rotated)
{
	u64 anon = READ_ONCE(lru_cost[LRU_ANON]), file = READ_ONCE(lru_cost[LRU_FILE]);
	u64 *mine = type == LRU_ANON ? &anon : &file;
	struct lru_counts counts;

	lru_count(&counts);
	*mine += nr_io * IO_WEIGHT + nr_rotated;
	if (anon + file > (lru_size(&counts, LRU_ANON) + lru_size(&counts, LRU_FILE)) / 4) {
		anon /= 2;
		file /= 2;
	}
	WRITE_ONCE(lru_cost[LRU_ANON], anon);
	WRITE_ONCE(lru_cost[LRU_FILE], file);
}

void lru_balance_now(struct lru_balance *b, bool last)
{
	struct lru_counts counts;

	lru_count(&counts);
	for (enum lru_type type = 0; type < NR_LRU_TYPES; type++) {
		b->size[type] = lru_size(&counts, type);
		b->cost[type] = READ_ONCE(lru_cost[type]);
	}
	b->swappiness = READ_ONCE(vm_swappiness);
	b->swap_left = swap_slots_left();
	b->file_tiny = nr_free_pages() + b->size[LRU_FILE] <= buddy_marks()->high;
	b->last = last;
}

/* How much a page of each type is worth looking at. */
static void balance_weigh(const struct lru_balance *b, u64 weight[NR_LRU_TYPES])
{
	u64 sum = b->cost[LRU_ANON] + b->cost[LRU_FILE];

	weight[LRU_ANON] = weight[LRU_FILE] = 1;
	if (b->last && b->swappiness)
		return;
	if (!b->swap_left || (!b->swappiness && !b->file_tiny)) {
		weight[LRU_ANON] = 0;
	} else if (b->file_tiny) {
		weight[LRU_FILE] = 0;
	} else {
		weight[LRU_ANON] = b->swappiness * (3 * sum + 1) / (sum + b->cost[LRU_ANON] + 1);
		weight[LRU_FILE] = (SWAPPINESS_MAX - b->swappiness) * (3 * sum + 1) /
				   (sum + b->cost[LRU_FILE] + 1);
	}
}

void lru_balance_shares(const struct lru_balance *b, u64 nr, u64 share[NR_LRU_TYPES])
{
	u64 weight[NR_LRU_TYPES], sum;

	balance_weigh(b, weight);
	for (enum lru_type type = 0; type < NR_LRU_TYPES; type++)
		weight[type] *= b->size[type];
	sum = weight[LRU_ANON] + weight[LRU_FILE];
	share[LRU_ANON] = sum ? nr * weight[LRU_ANON] / sum : 0;
	share[LRU_FILE] = sum ? nr - share[LRU_ANON] : 0;
}
