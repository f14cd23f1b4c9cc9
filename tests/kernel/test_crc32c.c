/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/kernel/test_crc32c.c - kernel/lib/crc32c.c inside the kernel */
#include "kernel/lib/crc32c.h"
#include "kernel/test/ktest.h"

KTEST_QUICK(crc32c, known_values)
{
	static const u8 zeros[32], text[] = "123456789";

	KT_EQ(crc32c(0, text, 9), 0xe3069283U);
	KT_EQ(crc32c(0, zeros, 32), 0x8a9136aaU);	/* RFC 3720, B.4 */
	KT_EQ(crc32c(0, text, 0), 0);
}

KTEST_QUICK(crc32c, pieces_in_a_row_equal_the_whole)
{
	static const u8 text[] = "123456789";

	for (size_t cut = 0; cut <= 9; cut++)
		KT_EQ(crc32c(crc32c(0, text, cut), text + cut, 9 - cut),
		      0xe3069283U);
}
