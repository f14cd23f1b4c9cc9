/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/popcount.c - the compiler's helper for counting bits
 *
 * Concept    gcc turns __builtin_popcountl() into a call of __popcountdi2, since
 *            the popcnt instruction is not on every 64-bit CPU. Pairs, nibbles and
 *            bytes are summed in parallel; a multiplication adds the bytes.
 * Callers    The compiler.
 * Next       kernel/lib/crc32c.c
 */
#include "include/types.h"

int __popcountdi2(u64 x);

int __popcountdi2(u64 x)
{
	x -= (x >> 1) & 0x5555555555555555UL;
	x = (x & 0x3333333333333333UL) + ((x >> 2) & 0x3333333333333333UL);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fUL;
	return (int)((x * 0x0101010101010101UL) >> 56);
}
