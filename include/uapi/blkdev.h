/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * include/uapi/blkdev.h - requests to a block device node
 */
#ifndef INCLUDE_UAPI_BLKDEV_H
#define INCLUDE_UAPI_BLKDEV_H

#define BLKROGET	0x125e		/* int: 1 if read-only */
#define BLKGETSIZE	0x1260		/* unsigned long: 512-byte sectors */
#define BLKFLSBUF	0x1261
#define BLKRASET	0x1262		/* by value: 512-byte sectors to read ahead */
#define BLKRAGET	0x1263		/* long */
#define BLKZEROOUT	0x127f		/* u64[2]: write zeroes to start, length in bytes */
#define BLKSSZGET	0x1268		/* int: bytes of a sector */
#define BLKGETSIZE64	0x80081272	/* u64: bytes */

#endif
