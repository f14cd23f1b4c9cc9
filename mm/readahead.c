/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/readahead.c - pages of a disk that will be wanted next, read beforehand
 *
 * Concept    Who reads a page that follows his last window is believed to go on: a
 *            window of several pages is read, each longer than the one before. Nobody
 *            waits for the pages behind the first. One of them is marked
 *            (PG_readahead); whoever comes to it starts the next window, so that the disk
 *            works while he uses the rest of this one:
 *
 *                wanted, not there
 *                v
 *                | w |>m | . | . |>M | . | . | . | . | . | . | . |>...
 *                  first window    second window, started at m
 *                                  third, started at M
 *
 *            A page out of order is read alone. MADV_SEQUENTIAL and its like for files
 *            start with the longest window, MADV_RANDOM reads none. WILLNEED
 *            reads what it names, whatever was read before.
 *
 *            A page that is being read is in the file and locked, as always; the device
 *            unlocks it. Truncation waits for that. A page that cannot be read leaves
 *            the file, and nobody is told: who wants it reads it himself.
 *            Reading ahead stops when memory is low, or half of the requests are taken.
 * Owns       struct readahead; PG_readahead of pages of files.
 * Locks      LOCK_INVALIDATE for reading, while pages are put into the file.
 * Invariants No page is read behind the end of the disk.    readahead_clip()
 * Callers    fs/block_dev.c; pagecache.c for faults; page_advice.c
 * Next       pagecache.c: pagecache_read_ahead()
 */
#include "mm/readahead.h"

#include "kernel/block/block.h"
#include "kernel/lib/gate_hook.h"
#include "mm/buddy.h"
#include "mm/mm.h"
#include "mm/page_io.h"
#include "mm/pagecache.h"

#define WINDOW_FIRST 4U		/* pages of a window that nothing speaks for yet */
#define REQUESTS_MAX 32		/* under way: half of those there are */

/* How many of the @nr pages from @first on there are. */
static u64 readahead_clip(const struct address_space *mapping, u64 first, u64 nr)
{
	u64 end = mapping->bdev->nr_pages;

	return first < end ? min(nr, end - first) : 0;
}

/* Start to read @nr pages; that at @marker, if it is not there yet, is marked. */
static void read_window(struct address_space *mapping, u64 first, u64 nr, u64 marker,
			unsigned int requests_max)
{
	nr = readahead_clip(mapping, first, nr);
	down_read(&mapping->invalidate_lock);
	for (u64 index = first; index < first + nr; index++) {
		if (nr_free_pages() < buddy_marks()->low ||
		    page_io_pending(PAGE_IO_FILE) > requests_max ||
		    !pagecache_read_ahead(mapping, index, index == marker))
			break;
	}
	up_read(&mapping->invalidate_lock);
	gate_point("readahead.window", mapping);
}

/* Twice as long as the last one. */
static u32 next_size(const struct readahead *ra, u32 longest)
{
	return min(max(READ_ONCE(ra->size) * 2, WINDOW_FIRST), longest);
}

static void note_window(struct readahead *ra, u64 first, u32 size)
{
	WRITE_ONCE(ra->next, first + size);
	WRITE_ONCE(ra->size, size);
}

/* Not there: a window that begins with it, if that is of use. */
static void readahead_missing(struct address_space *mapping, struct readahead *ra,
			      enum readahead_advice advice, u64 index, u32 longest)
{
	u32 size = 1;

	if (advice == READAHEAD_SEQUENTIAL)
		size = longest;
	else if (index == READ_ONCE(ra->next))
		size = next_size(ra, longest);
	note_window(ra, index, size);
	if (size > 1)
		read_window(mapping, index, size, index + 1, REQUESTS_MAX);
}

/* There, and marked: the window behind the last one. */
static void readahead_marked(struct address_space *mapping, struct readahead *ra, u64 index,
			     u32 longest)
{
	u64 next = READ_ONCE(ra->next);
	u32 size = next_size(ra, longest);

	if (index >= next || next - index > READ_ONCE(ra->size))
		next = index + 1;	/* somebody else's window */
	note_window(ra, next, size);
	read_window(mapping, next, size, next, REQUESTS_MAX);
}

void readahead_page(struct address_space *mapping, struct readahead *ra,
		    enum readahead_advice advice, u64 index)
{
	u32 longest = READ_ONCE(mapping->ra_pages);

	if (advice == READAHEAD_RANDOM || longest < 2)
		return;
	switch (pagecache_look(mapping, index)) {
	case PAGECACHE_MISSING:
		readahead_missing(mapping, ra, advice, index, longest);
		break;
	case PAGECACHE_MARKED:
		readahead_marked(mapping, ra, index, longest);
		break;
	default:
		break;
	}
}

void readahead_fault(struct vma *vma, u64 index)
{
	readahead_page(vma->mapping, &vma->file_ra,
		       vma->flags & VM_RAND_READ ? READAHEAD_RANDOM :
		       vma->flags & VM_SEQ_READ ? READAHEAD_SEQUENTIAL : READAHEAD_NORMAL, index);
}

void readahead_range(struct address_space *mapping, u64 first, u64 nr)
{
	read_window(mapping, first, nr, ~0ULL, ~0U);
}
