/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/disk_fixture.c - a disk to try things on, behind its node and past it
 */
#include "tests/kernel/disk_fixture.h"

#include "fs/block_dev.h"
#include "fs/vfs.h"
#include "kernel/test/ktest.h"
#include "mm/gfp.h"
#include "mm/readahead.h"
#include "tests/kernel/mm_fixture.h"

bool dx_have(void)
{
	struct block_device *bdev = block_find("ram1");

	return bdev && bdev->scratch;
}

/* One page past the node. */
static bool disk_rw(struct disk *d, enum block_op op, u64 n, u64 *word)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	bool ok;

	if (!KT_CHECK(page))
		return false;
	if (op == BLOCK_WRITE)
		*(u64 *)page_address(page) = *word;
	ok = KT_CHECK_EQ(block_rw_page(d->bdev, op, n, page), 0);
	*word = *(u64 *)page_address(page);
	__free_page(page);
	return ok;
}

bool dx_up(struct disk *d)
{
	*d = (struct disk){ .bdev = block_find("ram1") };
	d->mapping = block_dev_mapping(d->bdev);
	d->mapping->ra_pages = 0;	/* whoever tests that turns it on */
	for (u64 n = 0; n < DX_PAGES; n++) {
		u64 word = dx_old(n);

		if (!disk_rw(d, BLOCK_WRITE, n, &word))
			return false;
	}
	return KT_CHECK_EQ(d->mapping->nrpages, 0) &&
	       KT_CHECK_EQ(vfs_open("/dev/ram1", O_RDWR, 0, &d->file), 0);
}

void dx_down(struct disk *d)
{
	block_inject_stall(d->bdev, false);
	block_inject_error(d->bdev, BLOCK_READ, 0, false);
	block_inject_error(d->bdev, BLOCK_WRITE, 0, false);
	block_inject_latency(d->bdev, 0);
	if (d->file)
		file_put(d->file);
	KT_CHECK_EQ(d->mapping->nrpages, 0);
	KT_CHECK_EQ(d->mapping->nrshadows, 0);
	d->mapping->wb_error = 0;
	d->mapping->ra_pages = READAHEAD_PAGES;
}

bool dx_map(struct mm *mm, struct disk *d, unsigned long va, u64 pages, u64 pgoff,
	    unsigned long type)
{
	unsigned long out;

	return KT_CHECK_EQ(vm_mmap(mm, d->file, va, pages * PAGE_SIZE, FX_RW, type | MAP_FIXED,
				   pgoff, &out), 0);
}

u64 dx_disk(struct disk *d, u64 n)
{
	u64 word = 0;

	(void)disk_rw(d, BLOCK_READ, n, &word);
	return word;
}

u64 dx_read(struct disk *d, u64 n)
{
	u64 word = ~0UL;

	KT_CHECK_EQ(kernel_read(d->file, &word, sizeof(word), (loff_t)(n * PAGE_SIZE)),
		    (ssize_t)sizeof(word));
	return word;
}

bool dx_write(struct disk *d, u64 n, u64 value)
{
	return KT_CHECK_EQ(kernel_write(d->file, &value, sizeof(value), (loff_t)(n * PAGE_SIZE)),
			   (ssize_t)sizeof(value));
}

int dx_fsync(struct disk *d)
{
	return d->file->ops->fsync(d->file);
}

struct page *dx_page(struct disk *d, u64 n)
{
	struct page *page;

	spin_lock(&d->mapping->lock);
	page = radix_map_load(&d->mapping->pages, n);
	spin_unlock(&d->mapping->lock);
	return mapping_item_is_page(page) ? page : NULL;
}

int dx_flag(struct disk *d, u64 n, enum page_flag flag)
{
	struct page *page = dx_page(d, n);

	return page ? page_test(page, flag) : -ENOENT;
}

u64 dx_requests(struct disk *d, enum block_op op)
{
	struct block_stats stats;

	block_stats(d->bdev, &stats);
	return stats.submitted[op];
}
