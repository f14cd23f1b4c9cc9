/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/shmem.c - the pages of files that have no other store than memory and swap
 *
 * Concept    A page of tmpfs, or of memory shared by fork, is all there is of its
 *            contents: to take it away is to swap it out, as with anonymous memory,
 *            with which it shares the LRU lists. But an anonymous page that is in
 *            swap is known by its PTEs; this one by its file, whose map holds the
 *            swap entry in the page's place. The PTEs become empty, and a fault asks
 *            the file, as it would the first time.
 *
 *                 in the map       in the swap cache      slot's count
 *                 page             no                     -
 *                 page             yes, locked: on its way, either direction
 *                 entry            yes                    2: the map and the cache
 *                 entry            no                     1: the map
 *
 *            Every step that changes a row is made with the page locked, the one that
 *            changes the map also under the map's lock. So whoever has found
 *            something looks again with both, and starts anew if it has changed:
 *
 *              reclaim                        fault, read, write, swapoff
 *              lock page                      page in the map? take a reference
 *              slot, swap cache               entry? find or read its page (cache)
 *              unmap; fails? cache and          lock page
 *                slot back                      map still has the entry? the page
 *              map: page -> entry                 takes its place
 *              write, unlock                    cache and slot back, unlock
 *                                             truncate, punch
 *                                             page? lock it; still there? out
 *                                             entry? out, and the slot is free
 *
 *            A reference keeps the frame, though not its place: who reads or writes
 *            bytes with a reference may find the page moved to the swap cache when
 *            he is done, but whoever comes with the entry gets this same frame. A
 *            writer sets PG_dirty before he drops his reference; reclaim frees the
 *            frame only if nobody has one and it is clean (swap_cache_reclaim).
 * Owns       mapping->pages, nrpages and nrswapped of such files; the list of them.
 * Locks      LOCK_MAPPING (spin): one file's map. LOCK_SHMEM (spin): the list, and who
 *            looks at which file of it.
 * Invariants nrpages and nrswapped count the map's items; a page in the map says so;
 *            an entry has RADIX_MARK_0 and is one user of its slot    shmem_check()
 * Callers    fs/tmpfs.c; reclaim.c takes pages out; swapfile.c brings them back.
 * Next       mm/filemap.c
 */
#include "mm/shmem.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/task.h"
#include "kernel/sync/wait.h"
#include "mm/filemap.h"
#include "mm/gfp.h"
#include "mm/lockorder.h"
#include "mm/mmap.h"
#include "mm/rmap_notifier.h"
#include "mm/swap.h"

/* The mark of entries in the map. */
#define SHMEM_SWAPPED RADIX_MARK_0
/* No index is above this one. */
#define SHMEM_LAST (~0UL >> PAGE_SHIFT)

DEFINE_STATIC_SPINLOCK(shmem_lock, LOCK_SHMEM);
static LIST_HEAD(shmem_list);
static struct wait_queue_head shmem_wait;
static atomic64_t nr_swapped;		/* the sum of all nrswapped */

/* ---- one item of the map ---- */

/* What is at @index; a page with a reference. */
static void *shmem_get_item(struct address_space *mapping, u64 index)
{
	void *item;

	spin_lock(&mapping->lock);
	item = radix_map_load(&mapping->pages, index);
	if (item && !mapping_item_is_swap(item))
		get_page(item);
	spin_unlock(&mapping->lock);
	return item;
}

bool shmem_has_page(struct address_space *mapping, u64 index)
{
	bool has;

	spin_lock(&mapping->lock);
	has = radix_map_load(&mapping->pages, index);
	spin_unlock(&mapping->lock);
	return has;
}

bool shmem_is_swapped(struct address_space *mapping, u64 index)
{
	bool swapped;

	spin_lock(&mapping->lock);
	swapped = mapping_item_is_swap(radix_map_load(&mapping->pages, index));
	spin_unlock(&mapping->lock);
	return swapped;
}

/* @page takes a place in the map, which counts a reference. Page locked, or new. */
static void shmem_page_enters_locked(struct address_space *mapping, u64 index, struct page *page)
{
	assert_held(&mapping->lock);
	get_page(page);
	page->mapping = mapping;
	page->index = index;
	page_set(page, PG_swapbacked);
	mapping->nrpages++;
}

/* One entry more (1) or less (-1). */
static void shmem_count_entry_locked(struct address_space *mapping, int change)
{
	assert_held(&mapping->lock);
	mapping->nrswapped += (u64)change;
	atomic64_add(change, &nr_swapped);
}

/* Swap in: if @entry is still there. Page locked. Nothing is allocated for an index in use. */
static bool shmem_entry_to_page(struct address_space *mapping, u64 index, swp_entry_t entry,
				struct page *page)
{
	bool same;

	spin_lock(&mapping->lock);
	same = radix_map_load(&mapping->pages, index) == mapping_swap_item(entry);
	if (same) {
		ASSERT(!radix_map_store(&mapping->pages, index, page));
		radix_map_clear_mark(&mapping->pages, index, SHMEM_SWAPPED);
		shmem_page_enters_locked(mapping, index, page);
		shmem_count_entry_locked(mapping, -1);
	}
	spin_unlock(&mapping->lock);
	return same;
}

void shmem_swap_out(struct page *page)
{
	struct address_space *mapping = page->mapping;
	swp_entry_t entry = page->swap;

	ASSERT_PAGE(page, page_test(page, PG_locked) && page_test(page, PG_swapcache));
	ASSERT_PAGE(page, page_is_shmem(page) && !page_mapped(page));
	/* Before anybody can see the entry. The slot is fresh: there is room for one. */
	ASSERT(!swap_slot_dup(entry));
	spin_lock(&mapping->lock);
	ASSERT_PAGE(page, radix_map_load(&mapping->pages, page->index) == page);
	ASSERT(!radix_map_store(&mapping->pages, page->index, mapping_swap_item(entry)));
	radix_map_set_mark(&mapping->pages, page->index, SHMEM_SWAPPED);
	mapping->nrpages--;
	shmem_count_entry_locked(mapping, 1);
	page->mapping = NULL;
	spin_unlock(&mapping->lock);
	/* From here the file may go at any time. */
	put_page(page);
	gate_point("shmem.swapped_out", page);
}

/* ---- bringing back ---- */

/* The page of @entry, locked, no I/O under way: into the map with it. */
static int shmem_take_back(struct address_space *mapping, u64 index, swp_entry_t entry,
			   struct page *page)
{
	if (!page_test(page, PG_swapcache) || page->swap.v != entry.v)
		return -EAGAIN;
	/* Whose error is it? Of this file's page, if the file still has the entry. */
	if (page_test(page, PG_error) || !page_test(page, PG_uptodate))
		return shmem_is_swapped(mapping, index) ? -EIO : -EAGAIN;
	if (!shmem_entry_to_page(mapping, index, entry, page))
		return -EAGAIN;
	gate_point("shmem.taken_back", page);
	page_clear(page, PG_readahead);
	swap_cache_del(page);
	swap_slot_put(entry);
	/* What is in memory is all there is. */
	page_set(page, PG_dirty);
	return 0;
}

/* Return: as shmem_find_page(), or -EAGAIN: something else is at @index by now. */
static int shmem_swap_in(struct address_space *mapping, u64 index, swp_entry_t entry,
			 unsigned int gfp, struct page **out)
{
	struct page *page;
	int err = swap_cache_start(entry, gfp, &page);

	if (err)
		return err == -ENOENT ? -EAGAIN : err;
	swap_cache_wait(page);
	gate_point("shmem.swap_in", mapping);
	page_lock(page);
	page_wait_writeback(page);
	gate_point("shmem.swap_in_locked", mapping);
	err = shmem_take_back(mapping, index, entry, page);
	page_unlock(page);
	*out = page;
	if (err)	/* who gave the entry up meanwhile could not lock the page to free it */
		swap_cache_put_page(page);
	return err;
}

int shmem_find_page(struct address_space *mapping, u64 index, unsigned int gfp,
		    struct page **out)
{
	for (;;) {
		void *item = shmem_get_item(mapping, index);
		int err = 0;

		if (mapping_item_is_swap(item))
			err = shmem_swap_in(mapping, index, mapping_item_swap(item), gfp, out);
		else
			*out = item;
		if (err != -EAGAIN)
			return err;
		cond_resched();
	}
}

/* ---- pages come ---- */

/*
 *	truncate				fault
 *	size = smaller				is it inside? yes
 *	lock map, drop what is there		lock map, is it inside still? in it goes
 *
 * If the fault has the lock first, its page is dropped; if last, it sees the size.
 */
static int shmem_fill_hole(struct address_space *mapping, u64 index, const s64 *size,
			   struct page *page)
{
	int err = -EEXIST;

	spin_lock(&mapping->lock);
	if (size && (s64)(index << PAGE_SHIFT) >= READ_ONCE(*size)) {
		err = -EAGAIN;
	} else if (!radix_map_load(&mapping->pages, index)) {
		err = radix_map_store(&mapping->pages, index, page);
		if (!err)
			shmem_page_enters_locked(mapping, index, page);
	}
	spin_unlock(&mapping->lock);
	return err;
}

int shmem_insert_page(struct address_space *mapping, u64 index, const s64 *size,
		      struct page *page)
{
	int err;

	do {
		err = shmem_fill_hole(mapping, index, size, page);
	} while (err == -ENOMEM && !(err = address_space_reserve()));
	if (!err)
		lru_add(page, false);
	return err;
}

int shmem_add_page(struct address_space *mapping, u64 index, const s64 *size,
		   struct page **out)
{
	struct page *page = alloc_page(GFP_USER | __GFP_ZERO);
	int err;

	if (!page)
		return -ENOMEM;
	page_set(page, PG_uptodate);
	err = shmem_insert_page(mapping, index, size, page);
	if (err)
		put_page(page);
	else
		*out = page;
	return err;
}

/* ---- pages go ---- */

/* The first item in [*@index, @last]; a page with a reference, an entry is taken out. */
static void *shmem_next_to_drop(struct address_space *mapping, u64 *index, u64 last)
{
	void *item;

	spin_lock(&mapping->lock);
	item = radix_map_next(&mapping->pages, index);
	if (item && *index > last) {
		item = NULL;
	} else if (mapping_item_is_swap(item)) {
		ASSERT(radix_map_erase(&mapping->pages, *index) == item);
		shmem_count_entry_locked(mapping, -1);
	} else if (item) {
		get_page(item);
	}
	spin_unlock(&mapping->lock);
	return item;
}

/* Take the locked page out of the file; it has no user but us and readers. */
static void shmem_remove_page(struct address_space *mapping, struct page *page)
{
	ASSERT_PAGE(page, !page_mapped(page));
	spin_lock(&mapping->lock);
	ASSERT(radix_map_erase(&mapping->pages, page->index) == page);
	mapping->nrpages--;
	spin_unlock(&mapping->lock);
	page->mapping = NULL;
	page_clear(page, PG_swapbacked);
	page_clear(page, PG_dirty);
	put_page(page);
}

/* Return: false: it was swapped out before we had the lock, look again. */
static bool shmem_drop_page(struct address_space *mapping, struct page *page,
			    bool even_cows)
{
	bool ours;

	gate_point("shmem.drop_page", page);
	page_lock(page);
	ours = page->mapping == mapping;
	if (ours) {
		if (page_mapped(page))	/* a fault had found it before it was to go */
			unmap_mapping_range(mapping, page->index, 1, even_cows);
		mmu_rmap_notifier_invalidate_page(page);
		shmem_remove_page(mapping, page);
	}
	page_unlock(page);
	swap_cache_put_page(page);
	return ours;
}

/* One pass: what faults put into a hole behind us is as new as the hole. */
static u64 shmem_drop_range(struct address_space *mapping, u64 first, u64 last,
			    bool even_cows)
{
	u64 index = first, dropped = 0;
	void *item;

	while (index <= last && (item = shmem_next_to_drop(mapping, &index, last))) {
		bool gone = true;

		if (mapping_item_is_swap(item))
			swap_free_entry(mapping_item_swap(item));
		else
			gone = shmem_drop_page(mapping, item, even_cows);
		dropped += gone;
		index += gone;
		cond_resched();
	}
	return dropped;
}

u64 shmem_truncate(struct address_space *mapping, u64 first)
{
	return shmem_drop_range(mapping, first, SHMEM_LAST, true);
}

u64 shmem_punch(struct address_space *mapping, u64 first, u64 end)
{
	if (first >= end)
		return 0;
	unmap_mapping_range(mapping, first, end - first, false);
	gate_point("shmem.punch", mapping);
	return shmem_drop_range(mapping, first, end - 1, false);
}

/* ---- space that was reserved, and is given back unused ---- */

/* A page that nobody has written, maps, or looks at reads like the hole it replaced. */
static bool shmem_drop_unused_page(struct address_space *mapping, struct page *page)
{
	bool unused;

	page_lock(page);
	unused = page->mapping == mapping && !page_mapped(page) && !page_test(page, PG_dirty) &&
		 page_count(page) == 2;		/* the map's, and ours */
	if (unused) {
		mmu_rmap_notifier_invalidate_page(page);
		shmem_remove_page(mapping, page);
	}
	page_unlock(page);
	swap_cache_put_page(page);
	return unused;
}

u64 shmem_drop_unused(struct address_space *mapping, u64 first, u64 end)
{
	u64 index, dropped = 0;

	for (index = first; index < end; index++) {
		void *item = shmem_get_item(mapping, index);

		if (item && !mapping_item_is_swap(item))
			dropped += shmem_drop_unused_page(mapping, item);
		cond_resched();
	}
	return dropped;
}

/* ---- all files ---- */

void shmem_register(struct address_space *mapping)
{
	mapping->walkers = 0;
	spin_lock(&shmem_lock);
	list_add_tail(&mapping->shmem_link, &shmem_list);
	spin_unlock(&shmem_lock);
}

/* Off the list, unless somebody stands at this file. */
static bool shmem_unregister(struct address_space *mapping)
{
	bool free;

	spin_lock(&shmem_lock);
	free = !mapping->walkers;
	if (free)
		list_del(&mapping->shmem_link);
	spin_unlock(&shmem_lock);
	return free;
}

u64 shmem_evict(struct address_space *mapping)
{
	u64 dropped = shmem_truncate(mapping, 0);

	wait_event(&shmem_wait, shmem_unregister(mapping));
	ASSERT(!mapping->nrpages && !mapping->nrswapped);
	return dropped;
}

/*
 * The file after @prev (NULL: the first), kept on the list until it is handed in as
 * @prev. NULL: no more. Context: may sleep.
 */
static struct address_space *shmem_walk(struct address_space *prev)
{
	struct address_space *found = NULL;
	struct list_head *pos;

	spin_lock(&shmem_lock);
	pos = prev ? prev->shmem_link.next : shmem_list.next;
	if (pos != &shmem_list) {
		found = list_entry(pos, struct address_space, shmem_link);
		found->walkers++;
	}
	if (prev)
		prev->walkers--;
	spin_unlock(&shmem_lock);
	if (prev)
		wake_up_all(&shmem_wait);
	return found;
}

static void shmem_walk_end(struct address_space *mapping)
{
	spin_lock(&shmem_lock);
	mapping->walkers--;
	spin_unlock(&shmem_lock);
	wake_up_all(&shmem_wait);
}

/* ---- swapoff ---- */

/* The first entry at or behind *@index. Return: false: there is none. */
static bool shmem_next_entry(struct address_space *mapping, u64 *index, swp_entry_t *entry)
{
	void *item;

	spin_lock(&mapping->lock);
	item = radix_map_next_marked(&mapping->pages, index, SHMEM_SWAPPED);
	if (item)
		*entry = mapping_item_swap(item);
	spin_unlock(&mapping->lock);
	return item;
}

void shmem_willneed(struct address_space *mapping, u64 first, u64 nr)
{
	swp_entry_t entry;

	for (u64 index = first; shmem_next_entry(mapping, &index, &entry); index++) {
		if (index - first >= nr || !swap_cache_read_ahead(entry))
			break;
		cond_resched();
	}
}

static int unuse_entry(struct address_space *mapping, u64 index, swp_entry_t entry)
{
	struct page *page;
	int err = shmem_swap_in(mapping, index, entry, GFP_UNUSE, &page);

	if (!err)
		put_page(page);
	return err;
}

static int unuse_mapping(struct address_space *mapping, unsigned int area)
{
	swp_entry_t entry;
	u64 index = 0;
	int err;

	while (shmem_next_entry(mapping, &index, &entry)) {
		err = swp_area(entry) == area ? unuse_entry(mapping, index, entry) : 0;
		if (!err)
			index++;
		else if (err != -EAGAIN)	/* else something else is there by now */
			return err;
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

int shmem_unuse(unsigned int area)
{
	struct address_space *mapping = NULL;
	int err;

	while ((mapping = shmem_walk(mapping))) {
		gate_point("shmem.unuse", mapping);
		err = unuse_mapping(mapping, area);
		if (err) {
			shmem_walk_end(mapping);
			return err;
		}
	}
	return 0;
}

/* ---- truth ---- */

void shmem_for_each_entry(void (*fn)(swp_entry_t entry))
{
	struct address_space *mapping = NULL;
	swp_entry_t entry;

	while ((mapping = shmem_walk(mapping)))
		for (u64 index = 0; shmem_next_entry(mapping, &index, &entry); index++)
			fn(entry);
}

bool shmem_has_pins(struct address_space *mapping)
{
	bool pinned = false;
	void *item;
	u64 index;

	spin_lock(&mapping->lock);
	radix_map_for_each(&mapping->pages, index, item, 0) {
		/* The map has a reference, and each entry. */
		pinned = !mapping_item_is_swap(item) &&
			 page_count(item) > 1 + page_mapcount(item);
		if (pinned)
			break;
	}
	spin_unlock(&mapping->lock);
	return pinned;
}

u64 shmem_promised_pages(void)
{
	struct address_space *mapping = NULL;
	u64 pages = 0;

	while ((mapping = shmem_walk(mapping))) {
		spin_lock(&mapping->lock);
		pages += mapping->promised ?: mapping->nrpages + mapping->nrswapped;
		spin_unlock(&mapping->lock);
	}
	return pages;
}

u64 shmem_swapped_pages(void)
{
	return (u64)atomic64_read(&nr_swapped);
}

static bool shmem_page_sound(const struct address_space *mapping, u64 index,
			     const struct page *page)
{
	return page->mapping == mapping && page->index == index && page_count(page) > 0 &&
	       page_test(page, PG_swapbacked) && page_test(page, PG_uptodate);
}

/* What the item at @index says of itself against the map. Return: number of faults. */
static unsigned int shmem_check_item(const struct address_space *mapping, u64 index, void *item)
{
	bool marked = radix_map_get_mark(&mapping->pages, index, SHMEM_SWAPPED);
	bool swap = mapping_item_is_swap(item);

	if (marked == swap && (swap ? swap_slot_count(mapping_item_swap(item)) > 0 :
				      shmem_page_sound(mapping, index, item)))
		return 0;
	check_report(CHECK_CHECK, "shmem: item %lx at %llx%s", (unsigned long)item,
		     (unsigned long long)index, marked ? ", marked as an entry" : "");
	if (!swap)
		page_dump(item, "shmem check");
	return 1;
}

static unsigned int shmem_check_mapping(struct address_space *mapping)
{
	u64 index, pages = 0, entries = 0;
	unsigned int faults = 0;
	void *item;

	spin_lock(&mapping->lock);
	radix_map_for_each(&mapping->pages, index, item, 0) {
		entries += mapping_item_is_swap(item);
		pages += !mapping_item_is_swap(item);
		faults += shmem_check_item(mapping, index, item);
	}
	if (pages != mapping->nrpages || entries != mapping->nrswapped) {
		check_report(CHECK_CHECK, "shmem: %llu pages, counted %llu; %llu entries, %llu",
			     (unsigned long long)pages, (unsigned long long)mapping->nrpages,
			     (unsigned long long)entries, (unsigned long long)mapping->nrswapped);
		faults++;
	}
	spin_unlock(&mapping->lock);
	return faults;
}

unsigned int shmem_check(void)
{
	struct address_space *mapping = NULL;
	unsigned int faults = 0;

	while ((mapping = shmem_walk(mapping)))
		faults += shmem_check_mapping(mapping) + filemap_check_writers(mapping);
	return faults;
}

void shmem_init(void)
{
	init_waitqueue_head(&shmem_wait);
}
