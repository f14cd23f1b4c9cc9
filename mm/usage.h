/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/usage.h - what a range of memory costs, and whom
 */
#ifndef MM_USAGE_H
#define MM_USAGE_H

#include "include/types.h"

struct vma;

/* A page that n processes map costs each of them a part: such sums have this many
 * binary places more. */
#define USAGE_PSS_SHIFT 12

/* Bytes, by the names of /proc/<pid>/smaps. */
struct mem_usage {
	u64 size, rss, shared_clean, shared_dirty, private_clean, private_dirty;
	u64 referenced, anonymous, lazyfree, swap;
	/* << USAGE_PSS_SHIFT */
	u64 pss, pss_dirty, pss_anon, pss_file, pss_shmem, swap_pss, locked;
};

/* Add what @vma has. Context: mmap_lock held (read is enough); may sleep. */
void mem_usage_add(struct mem_usage *u, struct vma *vma);

#endif
