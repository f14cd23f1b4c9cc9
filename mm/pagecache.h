/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/pagecache.h - the pages of a file that has a disk
 */
#ifndef MM_PAGECACHE_H
#define MM_PAGECACHE_H

#include "include/types.h"
#include "mm/address_space.h"
#include "mm/page.h"

struct vma;

/*
 * The mapping of a page that is in a file with a disk, or NULL. Such mappings live for
 * ever. Page locked, or mapped in a table whose lock is held; else only a hint.
 */
static inline struct address_space *page_backed_mapping(const struct page *page)
{
	struct address_space *mapping;

	/* In this order: shmem.c takes the mapping away first, then the flag. */
	if (page_test(page, PG_swapbacked))
		return NULL;
	smp_rmb();
	mapping = READ_ONCE(page->mapping);
	return (unsigned long)mapping & PAGE_MAPPING_ANON ? NULL : mapping;
}

static inline bool page_is_backed(const struct page *page)
{
	return page_backed_mapping(page);
}

/* An empty map of @bdev's pages, known to write-back. Context: may sleep; for ever. */
void pagecache_init(struct address_space *mapping, struct block_device *bdev);

/*
 * The page at @index, read from the disk if it is not in memory. Context: may sleep.
 * Return: 0 with a reference in *@out, up to date; -EINVAL: behind the end; -ENOMEM;
 * -EIO: it cannot be read (the next call tries again).
 */
int __must_check pagecache_get(struct address_space *mapping, u64 index, struct page **out);

/* What is at @index? Whoever is told that the page is marked has taken the mark. Context: any. */
enum pagecache_state { PAGECACHE_MISSING, PAGECACHE_THERE, PAGECACHE_MARKED };
enum pagecache_state pagecache_look(struct address_space *mapping, u64 index);
/*
 * Start to read the page at @index, inside the disk, if it is not there, and mark it
 * (PG_readahead) if @mark says so. Context: invalidate_lock held for reading; may sleep for a
 * request, not for memory. Return: false: memory is short, do not go on.
 */
bool pagecache_read_ahead(struct address_space *mapping, u64 index, bool mark);

/* vm_ops->fault of such a file: the page, locked. Return: also -EAGAIN. */
int __must_check pagecache_fault(struct vma *vma, u64 pgoff, unsigned int flags,
				 struct page **out);

/*
 * The bytes on the disk change under the pages [@first, @first + @nr): drop them, dirty or
 * not, after their write-back has ended, and out of the page tables first; private
 * copies stay. Context: invalidate_lock held for writing; may sleep.
 */
void truncate_mapping_range(struct address_space *mapping, u64 first, u64 nr);
/*
 * Of [@first, @first + @nr), drop what is clean and has no user, mapping or reference.
 * Context: may sleep. Return: pages that stay.
 */
u64 pagecache_drop_clean(struct address_space *mapping, u64 first, u64 nr);

/*
 * Reclaim's last step, as swap_cache_reclaim(): @page is locked and not mapped. True: it
 * has left its file and its reference count is 0: page_free_frozen(). False: somebody
 * uses it, or it must be written; nothing changed. @shadow: leave one (mm/workingset.h).
 */
bool pagecache_reclaim(struct page *page, bool shadow);

/*
 * There are never more shadows than this many for long: half as many as frames. Once
 * there are, those older than half of it go. Context of the call: no spinlock; sleeps not.
 */
extern u64 pagecache_shadow_limit;	/* 0: as said; tests set it */
void pagecache_prune_shadows(void);
u64 pagecache_shadows(void);

/* Pages of all such files in memory. Context: any. */
u64 pagecache_pages(void);

#endif
