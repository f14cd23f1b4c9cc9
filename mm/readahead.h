/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/readahead.h - pages of a disk that will be wanted next, read beforehand
 */
#ifndef MM_READAHEAD_H
#define MM_READAHEAD_H

#include "include/types.h"

struct address_space;
struct vma;

/* The most pages of a window, unless the disk's owner says otherwise (BLKRASET). */
#define READAHEAD_PAGES 32

enum readahead_advice { READAHEAD_NORMAL, READAHEAD_RANDOM, READAHEAD_SEQUENTIAL };

/*
 * What was read last by one open file, or through one VMA; zeroes are a good beginning.
 * No lock: two users of one may lose one another's note, which only costs speed.
 */
struct readahead {
	u64 next;		/* A: the page behind the last window */
	u32 size;		/* A: pages of the last window */
	u32 advice;		/* A: of an open file */
};

/*
 * The page at @index of @mapping, which has a disk, is wanted now: start to read what goes
 * with it. Context: as pagecache_get(), which the caller calls next; waits for no page.
 */
void readahead_page(struct address_space *mapping, struct readahead *ra,
		    enum readahead_advice advice, u64 index);
/* The same for a fault through @vma. */
void readahead_fault(struct vma *vma, u64 index);
/*
 * Start to read all of [@first, @first + @nr) that is not there, as far as memory goes.
 * Context: may sleep until a request is free; waits for no page.
 */
void readahead_range(struct address_space *mapping, u64 first, u64 nr);

#endif
