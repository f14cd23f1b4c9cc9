/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/page_io.h - one page on its way to a disk or back, without memory for it
 *
 * Each class has requests of its own, so that files on a slow disk do not keep
 * reclaim from swapping.
 */
#ifndef MM_PAGE_IO_H
#define MM_PAGE_IO_H

#include "include/types.h"
#include "kernel/block/block.h"

enum page_io_class { PAGE_IO_SWAP, PAGE_IO_FILE, NR_PAGE_IO_CLASSES };

/*
 * Queue one request, which the device's thread ends with @done; @done calls
 * page_io_end() last of all. Context: may sleep until a request of the class is free
 * (back-pressure); allocates nothing.
 */
void page_io_submit(enum page_io_class class, struct block_device *bdev, enum block_op op,
		    u64 sector, struct page *page, void (*done)(struct block_request *, int));
/* The end of @io's done(): with no request pending, no page is under I/O any more. */
void page_io_end(struct block_request *io);
/* Requests of the class under way. */
unsigned int page_io_pending(enum page_io_class class);
/* Sleep until any request ends, at most @ticks; returns at once if none is pending. */
void page_io_wait(u64 ticks);
void page_io_init(void);

#endif
