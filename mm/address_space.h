/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/address_space.h - the pages of one file, and who maps them
 *
 * page->mapping of a file page points here and page->index is its key. A page
 * in the map holds one reference for the map. Whoever takes a page out of the map
 * holds the page lock and has unmapped it first (mm/filemap.c). Where a page is in
 * swap, the map has its swap entry instead, with the lowest bit set (mm/shmem.c); where
 * a page of a disk was taken away, its shadow (mm/workingset.h), with the next one, too.
 *
 * A file that has a disk (mapping->bdev; mm/pagecache.c) marks the pages that must be
 * written and those that are being written (mm/writeback.c).
 */
#ifndef MM_ADDRESS_SPACE_H
#define MM_ADDRESS_SPACE_H

#include "include/types.h"
#include "kernel/lib/interval_tree.h"
#include "kernel/lib/list.h"
#include "kernel/lib/radix_map.h"
#include "kernel/sync/rwsem.h"
#include "kernel/sync/spinlock.h"
#include "mm/page.h"

struct block_device;
struct inode;

/* Marks of a file that has a disk. */
#define PAGECACHE_DIRTY RADIX_MARK_0
#define PAGECACHE_WRITEBACK RADIX_MARK_1

struct address_space {
	struct inode *host;
	const s64 *size;		/* C: where its length is, in bytes; see mapping_covers() */
	struct block_device *bdev;	/* C: page n is its sector n; NULL: memory and swap */
	struct spinlock lock;		/* LOCK_MAPPING: pages and their numbers */
	struct radix_map pages;		/* page index -> struct page, swap entry, or shadow */
	u64 nrpages;			/* those in memory */
	u64 nrswapped;			/* those in swap */
	u64 promised;			/* C: pages from the start; 0: each when it comes */
	struct list_head shmem_link;	/* LOCK_SHMEM: mm/shmem.c */
	unsigned int walkers;		/* LOCK_SHMEM: who stands at this file */
	struct rw_semaphore i_mmap_rwsem;	/* LOCK_I_MMAP */
	struct interval_tree_root i_mmap;	/* vma->shared of each VMA that maps it */
	struct list_head i_mmap_nonlinear;	/* vma->nonlinear of those in any order */
	atomic_t writers;		/* A: VMAs with vma_is_writer(); < 0: never any */
	bool unevictable;		/* A: its pages stay in memory (SHM_LOCK) */
	bool all_locked;		/* LOCK_MM_ALL: mm_take_all_locks() holds i_mmap_rwsem */

	/* with a disk only; such a mapping lives for ever */
	s64 bdev_size;			/* C: what size points to */
	u32 ra_pages;			/* A: pages read ahead at most; see readahead.c */
	struct rw_semaphore invalidate_lock;	/* LOCK_INVALIDATE: read a page in, or drop pages */
	u64 nr_dirty, nr_writeback;	/* lock: pages with these marks */
	u64 nrshadows;			/* lock */
	u64 dirtied_ticks;		/* lock: when nr_dirty ceased to be 0 */
	int wb_error;			/* A: a write failed, and nobody was told yet */
	struct list_head wb_link;	/* C: mm/writeback.c */
};

/* What is at one index of the map: a page, an entry or a shadow. NULL is none of them. */
static inline bool mapping_item_is_page(const void *item)
{
	return item && !((u64)item & 1);
}

static inline bool mapping_item_is_swap(const void *item)
{
	return ((u64)item & 3) == 1;
}

static inline bool mapping_item_is_shadow(const void *item)
{
	return ((u64)item & 3) == 3;
}

static inline swp_entry_t mapping_item_swap(const void *item)
{
	return (swp_entry_t){ (u64)item >> 2 };
}

static inline void *mapping_swap_item(swp_entry_t entry)
{
	return (void *)(entry.v << 2 | 1);
}

static inline u32 mapping_item_shadow(const void *item)
{
	return (u32)((u64)item >> 2);
}

static inline void *mapping_shadow_item(u32 shadow)
{
	return (void *)((u64)shadow << 2 | 3);
}

/*
 * Has the file a byte in page @index? It may become shorter at any time, except for who
 * holds its lock; pages behind the end are there already when space was reserved.
 */
static inline bool mapping_covers(const struct address_space *mapping, u64 index)
{
	return index < ((u64)READ_ONCE(*mapping->size) + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

/* An empty map of @host's, whose length is kept in *@size. */
void address_space_init(struct address_space *mapping, struct inode *host, const s64 *size);
/*
 * radix_map_store() found no node under the spinlock: reclaim until there are
 * some, so that it may be tried again. May sleep. Return: 0 or -ENOMEM.
 */
int __must_check address_space_reserve(void);

#endif
