/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/bitmap.h - arrays of bits, not atomic: the owner's lock guards them
 *
 * Every function takes the number of bits; bits beyond it in the last word are
 * never set and never looked at.
 */
#ifndef KERNEL_LIB_BITMAP_H
#define KERNEL_LIB_BITMAP_H

#include "include/types.h"

#define BITS_PER_LONG 64
#define BITS_TO_LONGS(n) (((n) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]

static inline void bitmap_set(unsigned long *map, size_t bit)
{
	map[bit / BITS_PER_LONG] |= 1UL << (bit % BITS_PER_LONG);
}

static inline void bitmap_clear(unsigned long *map, size_t bit)
{
	map[bit / BITS_PER_LONG] &= ~(1UL << (bit % BITS_PER_LONG));
}

static inline bool bitmap_test(const unsigned long *map, size_t bit)
{
	return map[bit / BITS_PER_LONG] >> (bit % BITS_PER_LONG) & 1;
}

/* Set @bit and tell whether it was set before. */
static inline bool bitmap_test_and_set(unsigned long *map, size_t bit)
{
	bool was = bitmap_test(map, bit);

	bitmap_set(map, bit);
	return was;
}

static inline void bitmap_zero(unsigned long *map, size_t bits)
{
	for (size_t i = 0; i < BITS_TO_LONGS(bits); i++)
		map[i] = 0;
}

/* The bits of the last word that belong to a map of @bits bits. */
static inline unsigned long bitmap_last_mask(size_t bits)
{
	size_t rest = bits % BITS_PER_LONG;

	return rest ? (1UL << rest) - 1 : ~0UL;
}

static inline void bitmap_fill(unsigned long *map, size_t bits)
{
	size_t words = BITS_TO_LONGS(bits);

	for (size_t i = 0; i < words; i++)
		map[i] = ~0UL;
	if (words)
		map[words - 1] = bitmap_last_mask(bits);
}

static inline bool bitmap_empty(const unsigned long *map, size_t bits)
{
	for (size_t i = 0; i < BITS_TO_LONGS(bits); i++)
		if (map[i])
			return false;
	return true;
}

static inline size_t bitmap_weight(const unsigned long *map, size_t bits)
{
	size_t n = 0;

	for (size_t i = 0; i < BITS_TO_LONGS(bits); i++)
		n += (size_t)__builtin_popcountl(map[i]);
	return n;
}

static inline size_t bitmap_find(const unsigned long *map, size_t bits,
				 size_t from, unsigned long invert)
{
	size_t i = from / BITS_PER_LONG, found;
	unsigned long word;

	if (from >= bits)
		return bits;
	word = (map[i] ^ invert) & (~0UL << (from % BITS_PER_LONG));
	while (!word) {
		if (++i >= BITS_TO_LONGS(bits))
			return bits;
		word = map[i] ^ invert;
	}
	found = i * BITS_PER_LONG + (size_t)__builtin_ctzl(word);
	return found < bits ? found : bits;
}

/* Find the first set bit at or after @from; @bits if there is none. */
static inline size_t find_next_bit(const unsigned long *map, size_t bits,
				   size_t from)
{
	return bitmap_find(map, bits, from, 0);
}

/* Find the first clear bit at or after @from; @bits if there is none. */
static inline size_t find_next_zero_bit(const unsigned long *map, size_t bits,
					size_t from)
{
	return bitmap_find(map, bits, from, ~0UL);
}

#define for_each_set_bit(bit, map, bits) \
	for ((bit) = find_next_bit(map, bits, 0); (bit) < (bits); \
	     (bit) = find_next_bit(map, bits, (bit) + 1))

#endif
