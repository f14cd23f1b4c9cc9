/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/pagecache.c - the pages of a file that has a disk
 *
 * Concept    What is in memory of such a file is a copy of the disk's bytes, or what
 *            they will become. A page is read when it is first touched, by a fault or
 *            by read() and write(), which copy to and from the same page. A clean one
 *            can be dropped at any time; a dirty one is written first (writeback.c).
 *
 *                not there  --read-->  clean  --written to-->  dirty
 *                    ^                  ^  |                     |
 *                    +-----dropped------|--+                     | write-back begins
 *                                       +------- ends -----------+
 *
 *            The page is in the map, locked and not up to date, while it is read; who
 *            finds it there waits for the lock. If it cannot be read it leaves again,
 *            and whoever waited tries himself.
 *
 *            In the place of a page that reclaim has dropped stays its shadow (workingset.c),
 *            until the page comes back, its bytes change or the file is closed.
 *
 *            Whoever finds a page takes a reference; whoever drops it for memory's sake
 *            must have the only others, and freezes the count, as the swap cache does.
 *            Whoever changes the disk's bytes past the cache (truncate) takes the page
 *            out whoever has a reference, and keeps everybody from reading the
 *            old bytes back in with invalidate_lock.
 * Owns       mapping->pages, nrpages and nrshadows of such files.
 * Locks      LOCK_MAPPING (spin): the map. LOCK_INVALIDATE (rwsem): read while a page
 *            is read in. Page lock: the page's place in the map.
 * Invariants a page in the map says so, has no swap entry and is not swap-backed;
 *            the counts are right                                writeback_check()
 * Callers    fs/block_dev.c; fault.c through its vm_ops; reclaim.c drops pages.
 * Next       writeback.c
 */
#include "mm/pagecache.h"

#include "kernel/block/block.h"
#include "kernel/lib/gate_hook.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/sched.h"
#include "mm/buddy.h"
#include "mm/fault.h"
#include "mm/filemap.h"
#include "mm/gfp.h"
#include "mm/lockorder.h"
#include "mm/page_io.h"
#include "mm/readahead.h"
#include "mm/rmap.h"
#include "mm/rmap_notifier.h"
#include "mm/swap.h"
#include "mm/vma.h"
#include "mm/workingset.h"
#include "mm/writeback.h"

static atomic64_t nr_pages;		/* the sum of all nrpages */
static atomic64_t nr_shadows;		/* and of all nrshadows */

u64 pagecache_shadow_limit;

u64 pagecache_pages(void)
{
	return (u64)atomic64_read(&nr_pages);
}

void pagecache_init(struct address_space *mapping, struct block_device *bdev)
{
	address_space_init(mapping, NULL, &mapping->bdev_size);
	mapping->bdev = bdev;
	mapping->ra_pages = READAHEAD_PAGES;
	mapping->bdev_size = (s64)(bdev->nr_pages << PAGE_SHIFT);
	init_rwsem(&mapping->invalidate_lock, LOCK_INVALIDATE, "invalidate");
	writeback_register(mapping);
}

/* ---- the map ---- */

/* The first page at or behind *@index, with a reference, or NULL. */
static struct page *pagecache_next(struct address_space *mapping, u64 *index)
{
	struct page *page;

	spin_lock(&mapping->lock);
	while (mapping_item_is_shadow(page = radix_map_next(&mapping->pages, index)))
		++*index;
	if (page)
		get_page(page);
	spin_unlock(&mapping->lock);
	return page;
}

static struct page *pagecache_find(struct address_space *mapping, u64 index)
{
	struct page *page;

	spin_lock(&mapping->lock);
	page = radix_map_load(&mapping->pages, index);
	if (!mapping_item_is_page(page))
		page = NULL;
	if (page)
		get_page(page);
	spin_unlock(&mapping->lock);
	return page;
}

enum pagecache_state pagecache_look(struct address_space *mapping, u64 index)
{
	enum pagecache_state state = PAGECACHE_MISSING;
	struct page *page;

	spin_lock(&mapping->lock);
	page = radix_map_load(&mapping->pages, index);
	if (mapping_item_is_page(page))
		state = page_test(page, PG_readahead) && page_test_and_clear(page, PG_readahead) ?
			PAGECACHE_MARKED : PAGECACHE_THERE;
	spin_unlock(&mapping->lock);
	return state;
}

/* One shadow more (1) or less (-1). */
static void count_shadow_locked(struct address_space *mapping, int change)
{
	assert_held(&mapping->lock);
	mapping->nrshadows += (u64)change;
	atomic64_add(change, &nr_shadows);
}

/*
 * The new @page, locked, takes its place; *@shadow: what was there, or 0. Return: 0,
 * -EEXIST, -ENOMEM.
 */
static int pagecache_insert(struct address_space *mapping, u64 index, struct page *page,
			    u32 *shadow)
{
	int err = -EEXIST;
	void *item;

	spin_lock(&mapping->lock);
	item = radix_map_load(&mapping->pages, index);
	*shadow = mapping_item_is_shadow(item) ? mapping_item_shadow(item) : 0;
	if (!mapping_item_is_page(item))
		err = radix_map_store(&mapping->pages, index, page);
	if (!err) {
		if (*shadow)
			count_shadow_locked(mapping, -1);
		get_page(page);
		page->index = index;
		page->mapping = mapping;
		mapping->nrpages++;
		atomic64_inc(&nr_pages);
	}
	spin_unlock(&mapping->lock);
	return err;
}

/* @page leaves the map, and @shadow, if any, stays; the map's reference is the caller's now. */
static void pagecache_erase_locked(struct address_space *mapping, struct page *page, u32 shadow)
{
	assert_held(&mapping->lock);
	ASSERT_PAGE(page, page_test(page, PG_locked) && page->mapping == mapping);
	ASSERT_PAGE(page, !page_mapped(page) && !page_test(page, PG_writeback));
	writeback_forget_locked(mapping, page);
	if (shadow) {
		/* Nothing is allocated for an index in use. */
		ASSERT(!radix_map_store(&mapping->pages, page->index, mapping_shadow_item(shadow)));
		count_shadow_locked(mapping, 1);
	} else {
		ASSERT(radix_map_erase(&mapping->pages, page->index) == page);
	}
	mapping->nrpages--;
	atomic64_dec(&nr_pages);
	page->mapping = NULL;
}

/* Locked, nobody maps it, not under write-back. What it holds is given up. */
static void pagecache_delete(struct address_space *mapping, struct page *page)
{
	spin_lock(&mapping->lock);
	pagecache_erase_locked(mapping, page, 0);
	spin_unlock(&mapping->lock);
	put_page(page);
}

bool pagecache_reclaim(struct page *page, bool shadow)
{
	struct address_space *mapping = page->mapping;
	int expected = 2;	/* the map's and the caller's */

	spin_lock(&mapping->lock);
	if (!atomic_try_cmpxchg(&page->refcount, &expected, 0)) {
		spin_unlock(&mapping->lock);
		return false;
	}
	/* Frozen: a mapping or a write would have needed a reference. */
	if (page_test(page, PG_dirty) || page_test(page, PG_writeback)) {
		atomic_set_release(&page->refcount, 2);
		spin_unlock(&mapping->lock);
		return false;
	}
	pagecache_erase_locked(mapping, page, shadow ? workingset_eviction(page) : 0);
	spin_unlock(&mapping->lock);
	return true;
}

/* ---- pages come ---- */

/* In the map and locked: its bytes. One that cannot be read does not stay. */
static int pagecache_read_locked(struct address_space *mapping, struct page *page, u32 shadow)
{
	int err;

	lru_add(page, workingset_refault(page, shadow));
	gate_point("pagecache.read", page);
	err = block_rw_page(mapping->bdev, BLOCK_READ, page->index, page);
	if (err)
		pagecache_delete(mapping, page);
	else
		page_set(page, PG_uptodate);
	return err;
}

/* Return: 0, -EEXIST: somebody else has brought it meanwhile, -ENOMEM, -EIO. */
static int pagecache_read_new(struct address_space *mapping, u64 index, struct page **out)
{
	struct page *page = alloc_page(GFP_USER);
	u32 shadow;
	int err;

	if (!page)
		return -ENOMEM;
	page_lock(page);
	do {
		err = pagecache_insert(mapping, index, page, &shadow);
	} while (err == -ENOMEM && !(err = address_space_reserve()));
	if (!err)
		err = pagecache_read_locked(mapping, page, shadow);
	page_unlock(page);
	if (err)
		put_page(page);
	else
		*out = page;
	return err;
}

/* The device's thread: nobody could take the page out of its file. */
static void read_ahead_done(struct block_request *io, int error)
{
	struct page *page = io->page;

	if (error)
		pagecache_delete(page->mapping, page);
	else
		page_set(page, PG_uptodate);
	page_unlock_handed_over(page);
	put_page(page);
	page_io_end(io);
}

bool pagecache_read_ahead(struct address_space *mapping, u64 index, bool mark)
{
	struct page *page;
	u32 shadow;
	int err;

	assert_held(&mapping->invalidate_lock);
	ASSERT(index < mapping->bdev->nr_pages);
	page = pagecache_find(mapping, index);
	if (page) {
		put_page(page);
		return true;
	}
	page = alloc_page(GFP_NOWAIT | __GFP_NOWARN);
	if (!page)
		return false;
	page_lock(page);
	if (mark)
		page_set(page, PG_readahead);
	err = pagecache_insert(mapping, index, page, &shadow);
	if (err) {
		page_unlock(page);
		put_page(page);
		return err != -ENOMEM;
	}
	lru_add(page, workingset_refault(page, shadow));
	gate_point("pagecache.read_ahead", page);
	page_lock_hand_over(page);
	page_io_submit(PAGE_IO_FILE, mapping->bdev, BLOCK_READ, index, page, read_ahead_done);
	return true;
}

/* Somebody reads it: wait for him. Return: false: it is gone, start anew. */
static bool pagecache_wait_read(struct address_space *mapping, struct page *page)
{
	bool there;

	if (page_test(page, PG_uptodate))
		return true;
	page_lock(page);
	there = page->mapping == mapping && page_test(page, PG_uptodate);
	page_unlock(page);
	return there;
}

static int pagecache_get_once(struct address_space *mapping, u64 index, struct page **out)
{
	int err;

	*out = pagecache_find(mapping, index);
	if (*out) {
		if (pagecache_wait_read(mapping, *out))
			return 0;
		put_page(*out);
		return -EEXIST;
	}
	down_read(&mapping->invalidate_lock);
	err = pagecache_read_new(mapping, index, out);
	up_read(&mapping->invalidate_lock);
	return err;
}

int pagecache_get(struct address_space *mapping, u64 index, struct page **out)
{
	int err;

	if (index >= mapping->bdev->nr_pages)
		return -EINVAL;
	do {
		err = pagecache_get_once(mapping, index, out);
	} while (err == -EEXIST);
	return err;
}

int pagecache_fault(struct vma *vma, u64 pgoff, unsigned int flags, struct page **out)
{
	struct address_space *mapping = vma->mapping;
	int err;

	if (flags & FAULT_NOWAIT) {
		*out = filemap_try_page(mapping, pgoff);
		return *out ? 0 : pgoff < mapping->bdev->nr_pages ? -EAGAIN : -EINVAL;
	}
	readahead_fault(vma, pgoff);
	err = pagecache_get(mapping, pgoff, out);
	if (err)
		return err;
	page_lock(*out);
	if ((*out)->mapping == mapping)
		return 0;
	page_unlock(*out);
	put_page(*out);
	return -EAGAIN;
}

/* ---- shadows ---- */

u64 pagecache_shadows(void)
{
	return (u64)atomic64_read(&nr_shadows);
}

#define SHADOW_STEP 64		/* items looked at in one hold of the lock */

/* Of the next items in [@first, @last], shadows older than @age go. Return: where to go on. */
static u64 drop_shadows_step(struct address_space *mapping, u64 first, u64 last, u64 age)
{
	u64 index = first;
	void *item;

	spin_lock(&mapping->lock);
	for (unsigned int n = 0; n < SHADOW_STEP; n++, index++) {
		item = radix_map_next(&mapping->pages, &index);
		if (!item || index > last) {
			index = last + 1;
			break;
		}
		if (mapping_item_is_shadow(item) &&
		    workingset_distance(mapping_item_shadow(item)) >= age) {
			ASSERT(radix_map_erase(&mapping->pages, index) == item);
			count_shadow_locked(mapping, -1);
		}
	}
	spin_unlock(&mapping->lock);
	return index;
}

static void drop_shadows(struct address_space *mapping, u64 first, u64 nr, u64 age)
{
	for (u64 index = first; READ_ONCE(mapping->nrshadows) && index - first < nr; )
		index = drop_shadows_step(mapping, index, first + nr - 1, age);
}

/* Each has a time of its own, so those that stay are at most as many as they are young. */
void pagecache_prune_shadows(void)
{
	u64 limit = READ_ONCE(pagecache_shadow_limit) ? : totalram_pages() / 2;
	struct address_space *mapping = NULL;

	if (pagecache_shadows() <= limit)
		return;
	while ((mapping = writeback_next_file(mapping)))
		drop_shadows(mapping, 0, mapping->bdev->nr_pages, limit / 2);
}

/* ---- pages go ---- */

/* Every entry of the locked page goes, and nobody can make a new one. */
static void truncate_unmap(struct page *page)
{
	while (page_mapped(page) &&
	       try_to_unmap(page, TTU_IGNORE_ACCESS | TTU_IGNORE_MLOCK) != SWAP_SUCCESS)
		cond_resched();
}

static void truncate_page(struct address_space *mapping, struct page *page)
{
	page_lock(page);
	gate_point("pagecache.truncate", page);
	if (page->mapping == mapping) {
		/* Or the old bytes would arrive on the disk after the new ones. */
		page_wait_writeback(page);
		truncate_unmap(page);
		mmu_rmap_notifier_invalidate_page(page);
		page_clear(page, PG_dirty);
		pagecache_delete(mapping, page);
	}
	page_unlock(page);
	put_page(page);
}

void truncate_mapping_range(struct address_space *mapping, u64 first, u64 nr)
{
	u64 index = first;
	struct page *page;

	assert_held(&mapping->invalidate_lock);
	while ((page = pagecache_next(mapping, &index))) {
		if (index - first >= nr) {
			put_page(page);
			break;
		}
		truncate_page(mapping, page);
		index++;
		cond_resched();
	}
	/* Last: reclaim may have been faster with one of these pages. */
	drop_shadows(mapping, first, nr, 0);
}

/* Return: false: somebody uses it. */
static bool drop_page(struct address_space *mapping, struct page *page)
{
	bool dropped;

	page_lock(page);
	if (page->mapping == mapping && !page_mapped(page) && pagecache_reclaim(page, false)) {
		page_free_frozen(page);
		return true;
	}
	dropped = page->mapping != mapping;
	page_unlock(page);
	put_page(page);
	return dropped;
}

u64 pagecache_drop_clean(struct address_space *mapping, u64 first, u64 nr)
{
	struct page *page;
	u64 left = 0;

	for (u64 index = first; (page = pagecache_next(mapping, &index)); index++) {
		if (index - first >= nr) {
			put_page(page);
			break;
		}
		left += !drop_page(mapping, page);
		cond_resched();
	}
	drop_shadows(mapping, first, nr, 0);
	return left;
}
