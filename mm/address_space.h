/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/address_space.h - the pages of one file, and who maps them
 *
 * page->mapping of a file page points here and page->index is its key. A page
 * in the map holds one reference for the map. Whoever takes a page out of the map
 * holds the page lock and has unmapped it first (mm/filemap.c).
 */
#ifndef MM_ADDRESS_SPACE_H
#define MM_ADDRESS_SPACE_H

#include "include/types.h"
#include "kernel/lib/interval_tree.h"
#include "kernel/lib/radix_map.h"
#include "kernel/sync/rwsem.h"
#include "kernel/sync/spinlock.h"

struct inode;

struct address_space {
	struct inode *host;
	struct spinlock lock;		/* LOCK_MAPPING: pages and nrpages */
	struct radix_map pages;		/* page index -> struct page */
	u64 nrpages;
	struct rw_semaphore i_mmap_rwsem;	/* LOCK_I_MMAP */
	struct interval_tree_root i_mmap;	/* vma->shared of each VMA that maps it */
	bool all_locked;		/* LOCK_MM_ALL: mm_take_all_locks() holds i_mmap_rwsem */
};

#endif
