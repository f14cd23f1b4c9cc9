/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/dma/dma.h - the DMA driver: /dev/dma0
 */
#ifndef DRIVERS_DMA_DMA_H
#define DRIVERS_DMA_DMA_H

#include "include/types.h"

/* Power on the controller and make /dev/dma0. Context: boot, after sva_init(). */
void dma_init(void);

#endif
