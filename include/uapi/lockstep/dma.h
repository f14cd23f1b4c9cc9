/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * include/uapi/lockstep/dma.h - /dev/dma0: a DMA engine that speaks user addresses
 *
 * A program opens the device, tells it where its ring of descriptors is
 * (DMA_SETUP), fills descriptors and submits them (DMA_SUBMIT). Ring, sources
 * and targets are ordinary memory of the program, by ordinary address; nothing
 * is pinned. The engine writes status and result back into each descriptor.
 */
#ifndef UAPI_LOCKSTEP_DMA_H
#define UAPI_LOCKSTEP_DMA_H

#include <stdint.h>

enum dma_opcode {
	DMA_NOP,
	DMA_COPY,	/* len bytes from src to dst, upwards */
	DMA_FILL,	/* dst with the 8 bytes of pattern, repeated from dst on */
	DMA_COMPARE,	/* result: offset of the first difference, or len if equal */
	DMA_CRC32C,	/* result: checksum of len bytes at src */
};

#define DMA_FLAG_INTERRUPT 1u		/* wake waiters when this one is done */
#define DMA_MAX_LEN (1ull << 30)
#define DMA_MAX_ENTRIES 4096u
#define DMA_PENDING 1			/* what the program stores in status */

struct dma_desc {
	uint32_t opcode;
	uint32_t flags;
	uint64_t src;
	uint64_t dst;
	uint64_t len;			/* 1 to DMA_MAX_LEN; 0 for DMA_NOP */
	uint64_t pattern;
	uint64_t cookie;		/* the program's own word; never looked at */
	int64_t status;			/* out: 0 or -errno (EINVAL EFAULT ECANCELED) */
	uint64_t result;		/* out: see opcode; with EFAULT the address */
};
_Static_assert(sizeof(struct dma_desc) == 64, "one cache line per descriptor");

/* Descriptor i is ring[i % entries]; indices run freely from 0. */
struct dma_setup {
	uint64_t ring;			/* address, aligned to 64 */
	uint32_t entries;		/* power of two, at most DMA_MAX_ENTRIES */
	uint32_t reserved;		/* 0 */
};
struct dma_wait {
	uint64_t index;			/* sleep until this many are done */
	uint64_t done;			/* out: how many are */
};
struct dma_stats {
	uint64_t descriptors, bytes, errors;	/* of this open file */
	uint64_t page_requests, invalidations, faults;	/* of the IOMMU, since boot */
};

#define DMA_SETUP	0x40104401u	/* _IOW('D', 1, struct dma_setup): once per open */
#define DMA_SUBMIT	0x40084402u	/* _IOW('D', 2, uint64_t): new tail index */
#define DMA_WAIT	0xc0104403u	/* _IOWR('D', 3, struct dma_wait): EFAULT: ring is gone */
#define DMA_STATS	0x80304404u	/* _IOR('D', 4, struct dma_stats) */

#endif
