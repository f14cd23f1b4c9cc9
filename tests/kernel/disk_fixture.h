/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/disk_fixture.h - a disk to try things on, behind its node and past it
 */
#ifndef TESTS_KERNEL_DISK_FIXTURE_H
#define TESTS_KERNEL_DISK_FIXTURE_H

#include "include/types.h"
#include "kernel/block/block.h"
#include "mm/address_space.h"
#include "mm/page.h"

#define DX_PAGES 16UL		/* pages at its start that tests use */

struct disk {
	struct block_device *bdev;	/* ram1 */
	struct file *file;		/* its node, open */
	struct address_space *mapping;
};

/* The first word of page n of a fresh disk. */
static inline u64 dx_old(u64 n)
{
	return 0xd15c0000 + n;
}

/* Is there a disk that nobody uses? Else the test is to be skipped. */
bool dx_have(void);
#define NEED_DISK() do { if (!dx_have()) KT_SKIP("no spare disk"); } while (0)
/* Pattern on the disk, nothing in memory, node open. Return: false: the test failed. */
bool dx_up(struct disk *d);
/* Everything injected is off, the node is closed, and no page has stayed. */
void dx_down(struct disk *d);
/* Pages [@pgoff, @pgoff + @pages) at @va, @type MAP_SHARED or MAP_PRIVATE. */
bool dx_map(struct mm *mm, struct disk *d, unsigned long va, u64 pages, u64 pgoff,
	    unsigned long type);
/* The first word of page @n as the disk itself has it. */
u64 dx_disk(struct disk *d, u64 n);
/* The same through the node. */
u64 dx_read(struct disk *d, u64 n);
bool dx_write(struct disk *d, u64 n, u64 value);
int dx_fsync(struct disk *d);
/* The page in memory, without a reference; NULL: none. */
struct page *dx_page(struct disk *d, u64 n);
/* Whether that page carries @flag: 1 or 0; -ENOENT where there is no page. */
int dx_flag(struct disk *d, u64 n, enum page_flag flag);
/* Requests of kind @op submitted so far. */
u64 dx_requests(struct disk *d, enum block_op op);

#endif
