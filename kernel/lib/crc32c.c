/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/crc32c.c - the CRC with Castagnoli's polynomial
 *
 * Concept    The remainder of the data, taken as one long polynomial, divided by
 *            0x1edc6f41, bits reflected; both ends inverted, so that leading and
 *            trailing zeros count (RFC 3720, appendix B.4). A byte is divided at
 *            a time through a table of 256 remainders, which is computed at the
 *            first use: a table in the source would be 256 numbers that nobody
 *            can check by eye.
 * Owns       The table.
 * Locks      None: two CPUs that fill the table at once write the same values,
 *            and the flag is set after them with a release store.
 * Invariants crc32c of "123456789" is 0xe3069283.
 * Callers    The DMA engine's checksum operation and the programs that verify it.
 * Next       kernel/lib/stack_protector.c
 */
#include "kernel/lib/crc32c.h"

#define CRC32C_POLY_REFLECTED 0x82f63b78U

static u32 crc32c_table[256];
static bool crc32c_ready;

static void crc32c_fill_table(void)
{
	for (u32 byte = 0; byte < 256; byte++) {
		u32 rest = byte;

		for (int bit = 0; bit < 8; bit++)
			rest = rest >> 1 ^ (rest & 1 ? CRC32C_POLY_REFLECTED : 0);
		WRITE_ONCE(crc32c_table[byte], rest);
	}
	__atomic_store_n(&crc32c_ready, true, __ATOMIC_RELEASE);
}

u32 crc32c(u32 crc, const void *data, size_t len)
{
	const u8 *p = data;

	if (unlikely(!__atomic_load_n(&crc32c_ready, __ATOMIC_ACQUIRE)))
		crc32c_fill_table();
	for (crc = ~crc; len; len--)
		crc = crc >> 8 ^ crc32c_table[(crc ^ *p++) & 0xff];
	return ~crc;
}
