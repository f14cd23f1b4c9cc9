/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/shmem.h - the pages of files that have no other store than memory and swap
 *
 * tmpfs files, memory shared by fork, /dev/zero: an item of mapping->pages is a page, or
 * the swap entry that stands for it (mm/address_space.h tells them apart).
 */
#ifndef MM_SHMEM_H
#define MM_SHMEM_H

#include "include/types.h"
#include "mm/address_space.h"
#include "mm/page.h"

/* A page that is in such a file now. Page locked; else only a hint. */
static inline bool page_is_shmem(const struct page *page)
{
	return READ_ONCE(page->mapping) && !page_is_anon(page) && page_test(page, PG_swapbacked);
}

/* Do the pages of its file have to stay in memory? Page locked, page_is_shmem(). */
static inline bool shmem_is_unevictable(const struct page *page)
{
	const struct address_space *mapping = page->mapping;

	return READ_ONCE(mapping->unevictable);
}

/*
 * The file's pages may be found by swapoff and the checks from now on, until
 * shmem_evict(), which drops them all and waits for whoever is looking at them.
 * Context: may sleep (evict); nobody else may find the file any more (evict).
 * Return: how many pages, in memory or swap, were dropped.
 */
void shmem_register(struct address_space *mapping);
u64 shmem_evict(struct address_space *mapping);

/*
 * The page at @index, brought back from swap if need be, in a frame of kind @gfp.
 * Context: may sleep. Return: 0 with a reference in *@out, NULL for a hole; -ENOMEM;
 * -EIO: it cannot be read.
 */
int __must_check shmem_find_page(struct address_space *mapping, u64 index, unsigned int gfp,
				 struct page **out);
/*
 * A new page of zeroes for the hole at @index, if that is in front of *@size: who makes
 * the file shorter changes that first and drops pages then. NULL: the caller keeps him
 * out. Context: may sleep. Return: 0 with a reference in *@out; -EEXIST: it is no hole;
 * -EAGAIN: it is behind the end by now; -ENOMEM.
 */
int __must_check shmem_add_page(struct address_space *mapping, u64 index, const s64 *size,
				struct page **out);
/* The same with @page, whose bytes are there and which nobody else knows. */
int __must_check shmem_insert_page(struct address_space *mapping, u64 index, const s64 *size,
				   struct page *page);
/*
 * Start to read those of the @nr pages from @first on that are in swap, as far as memory
 * goes. Context: may sleep until a request is free; waits for no page.
 */
void shmem_willneed(struct address_space *mapping, u64 first, u64 nr);
/* Is there a page at @index, in memory or swap? Old when it arrives. Context: any task. */
bool shmem_has_page(struct address_space *mapping, u64 index);
/* Is the page at @index in swap? Old when it arrives. Context: any task. */
bool shmem_is_swapped(struct address_space *mapping, u64 index);

/*
 * Drop all pages at or behind @first, which the size does not cover any more, and which
 * have been unmapped. A fault that found such a page before that holds its lock, or will
 * see that it has left. Context: may sleep. Return: how many, in memory or swap.
 */
u64 shmem_truncate(struct address_space *mapping, u64 first);
/*
 * Make [@first, @end), page indices, a hole: pages in memory, mapped or not, and in swap.
 * What was there at the call is gone afterwards, for every mapping but private copies;
 * a fault meanwhile may put a new page of zeroes there. Context: may sleep; the caller
 * keeps readers and writers by calls out. Return: how many went.
 */
u64 shmem_punch(struct address_space *mapping, u64 first, u64 end);
/*
 * Of [@first, @end), drop the pages that shmem_add_page() made and nobody has used since:
 * space was to be reserved, and the whole was more than there is. Context: may sleep; no
 * writer by calls. Return: how many went.
 */
u64 shmem_drop_unused(struct address_space *mapping, u64 first, u64 end);

/*
 * The page, which nobody maps and which has a slot, leaves its file; the entry takes
 * its place. Context: page locked and in the swap cache.
 */
void shmem_swap_out(struct page *page);
/*
 * Bring back all pages whose slot is in @area. May sleep. Return: 0, -ENOMEM, -EIO, -EINTR;
 * those that came back before stay.
 */
int __must_check shmem_unuse(unsigned int area);

/* For the world check: call @fn for each entry of each file; then pages and entries
 * against their counts. Context: may sleep; @fn may not. Return: number of faults. */
void shmem_for_each_entry(void (*fn)(swp_entry_t entry));
unsigned int shmem_check(void);
/*
 * Has anybody a reference to a page of the file that no entry explains? Reclaim has them
 * for moments, a device for as long as it likes. Context: any thread.
 */
bool shmem_has_pins(struct address_space *mapping);
/* Pages that were promised to all files, for mm/commit.c. Context: may sleep. */
u64 shmem_promised_pages(void);
/* Pages of all files that are in swap. Context: any. */
u64 shmem_swapped_pages(void);
void shmem_init(void);

#endif
