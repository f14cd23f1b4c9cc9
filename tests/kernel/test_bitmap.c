/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/kernel/test_bitmap.c - kernel/lib/bitmap.h inside the kernel */
#include "kernel/lib/bitmap.h"
#include "kernel/test/ktest.h"

#define BITS 200

KTEST_QUICK(bitmap, find_stops_at_set_and_clear_bits)
{
	DECLARE_BITMAP(map, BITS);
	size_t bit, sum = 0;

	bitmap_zero(map, BITS);
	KT_TRUE(bitmap_empty(map, BITS));
	for (size_t i = 3; i < BITS; i += 61)
		KT_TRUE(!bitmap_test_and_set(map, i));
	KT_TRUE(bitmap_test_and_set(map, 64));
	for_each_set_bit(bit, map, BITS)
		sum += bit;
	KT_EQ(sum, 3 + 64 + 125 + 186);
	KT_EQ(bitmap_weight(map, BITS), 4);
	KT_EQ(find_next_bit(map, BITS, 187), BITS);
	KT_EQ(find_next_zero_bit(map, BITS, 64), 65);
}

KTEST_QUICK(bitmap, a_full_map_has_no_bit_behind_its_end)
{
	DECLARE_BITMAP(map, BITS);

	bitmap_fill(map, BITS);
	KT_EQ(bitmap_weight(map, BITS), BITS);
	KT_EQ(find_next_zero_bit(map, BITS, 0), BITS);
	bitmap_clear(map, BITS - 1);
	KT_EQ(find_next_zero_bit(map, BITS, 0), BITS - 1);
	KT_TRUE(!bitmap_test(map, BITS - 1) && bitmap_test(map, 0));
}
