/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/dma/emul/hw.h - the emulated DMA controller as its data sheet has it
 *
 * NR_DMA_CHANNELS channels, each with a ring of descriptors (the format is that
 * of include/uapi/lockstep/dma.h) at an I/O virtual address of its PASID, share
 * NR_DMA_ENGINES engines. An engine takes one descriptor of one channel at a
 * time, fetches it through the IOMMU, does it page by page, writes the last 16
 * bytes (status, result) back, moves HEAD, and raises VECTOR if the descriptor
 * asks for it or the ring has become empty.
 *
 * Registers of a channel (64 bits wide)
 *	CTRL	bit 0: run. Cleared, the channel finishes the page at hand and stops:
 *		the descriptor under way ends with -ECANCELED. VECTOR is raised then.
 *	STATUS	bit 0: busy (an engine works for it); bit 1: ring lost (descriptor
 *		could not be read or written back; the channel has cleared CTRL)
 *	PASID, RING, ENTRIES, HEAD, TAIL, VECTOR	TAIL is the doorbell
 */
#ifndef DRIVERS_DMA_EMUL_HW_H
#define DRIVERS_DMA_EMUL_HW_H

#include "include/types.h"

#define NR_DMA_CHANNELS 16
#define NR_DMA_ENGINES 2

enum dma_reg {
	DMA_REG_CTRL, DMA_REG_STATUS, DMA_REG_PASID, DMA_REG_RING, DMA_REG_ENTRIES,
	DMA_REG_HEAD, DMA_REG_TAIL, DMA_REG_VECTOR,
	DMA_REG_DONE, DMA_REG_BYTES, DMA_REG_ERRORS,	/* counters; write to clear */
	NR_DMA_REGS
};
#define DMA_CTRL_RUN BIT(0)
#define DMA_STATUS_BUSY BIT(0)
#define DMA_STATUS_RING_LOST BIT(1)

u64 dma_reg_read(unsigned int channel, enum dma_reg reg);
/* Context: any; does not sleep. */
void dma_reg_write(unsigned int channel, enum dma_reg reg, u64 value);
/* Power on: attaches the engines to the IOMMU and starts them. Return: 0 or -ENOMEM. */
int __must_check dma_hw_init(void);

#endif
