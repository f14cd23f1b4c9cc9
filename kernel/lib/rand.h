/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/rand.h - repeatable pseudo-random numbers for tests and back-off
 *
 * Concept    A 64-bit counter stepped by an odd constant and put through a
 *            mixing function (the generator known as splitmix64). The same seed
 *            gives the same numbers on every machine; not for secrets.
 */
#ifndef KERNEL_LIB_RAND_H
#define KERNEL_LIB_RAND_H

#include "include/types.h"

struct rand_state {
	u64 counter;
};

static inline void rand_seed(struct rand_state *r, u64 seed)
{
	r->counter = seed;
}

static inline u64 rand_u64(struct rand_state *r)
{
	u64 z = (r->counter += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* Give a number in [0, @bound); @bound is not 0. */
static inline u64 rand_below(struct rand_state *r, u64 bound)
{
	return rand_u64(r) % bound;
}

#endif
