/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/crc32c.h - the CRC with Castagnoli's polynomial
 */
#ifndef KERNEL_LIB_CRC32C_H
#define KERNEL_LIB_CRC32C_H

#include "include/types.h"

/*
 * Continue @crc (0 to begin) over @len bytes; pieces in a row give the same as
 * the whole: crc32c(crc32c(0, a, n), a + n, m) == crc32c(0, a, n + m).
 * Context: any.
 */
u32 crc32c(u32 crc, const void *data, size_t len);

#endif
