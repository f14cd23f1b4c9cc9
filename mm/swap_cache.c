/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/swap_cache.c - the page of a swap entry, while both exist
 *
 * Concept    Between the moment a page gets a slot and the moment it is freed,
 *            and again from the first fault on the entry until the last PTE has
 *            the page back, somebody may come with the entry and must get *this*
 *            page, not a second copy. The cache is a map from entry to page. It
 *            counts as one user of the slot and has one reference to the page.
 *
 *            Two threads that fault on one entry meet here: both may find the
 *            slot in use and bring an empty page, but only one page gets into the
 *            map; the other thread waits for that one.
 *
 *            A page leaves for good (swap_cache_reclaim) only if nobody but the
 *            cache and the caller has it. Who finds it in the map takes a
 *            reference unless the count is zero, so the count is frozen at zero
 *            by one compare-and-swap before the page leaves the map.
 * Owns       The map; PG_swapcache and page->swap (with the page lock).
 * Locks      LOCK_SWAP_CACHE (spin): the map. Look-ups take RCU only.
 * Invariants map[page->swap] == page iff PG_swapcache; its slot has no shadow
 *                                                      swap_cache_check()
 * Callers    reclaim.c adds; fault.c reads; mmap.c and rmap.c drop entries.
 * Next       swap_io.c
 */
#include "mm/swap.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/lib/radix_map.h"
#include "kernel/sync/rcu.h"
#include "kernel/sync/spinlock.h"
#include "mm/gfp.h"
#include "mm/lockorder.h"
#include "mm/page.h"
#include "mm/slab.h"
#include "mm/workingset.h"

static struct kmem_cache *node_cache;
static struct radix_map cache_map;
static u64 nr_pages;
DEFINE_STATIC_SPINLOCK(cache_lock, LOCK_SWAP_CACHE);

static_assert(sizeof(((struct radix_node *)0)->owner) >= sizeof(struct rcu_head), "freed by RCU");

/* Under the lock, and often when memory is short: the reserve may be used. */
static struct radix_node *swap_node_alloc(void)
{
	return kmem_cache_alloc(node_cache, GFP_ATOMIC | __GFP_NOWARN);
}

static void swap_node_free_rcu(struct rcu_head *head)
{
	kmem_cache_free(node_cache, container_of((void *)head, struct radix_node, owner));
}

static void swap_node_free(struct radix_node *node)
{
	call_rcu((struct rcu_head *)node->owner, swap_node_free_rcu);
}

static const struct radix_map_ops swap_map_ops = {
	.alloc = swap_node_alloc, .free = swap_node_free,
};

/* ---- membership ---- */

/* The index keeps pages of neighbouring slots in one node. */
static u64 swap_index(swp_entry_t entry)
{
	return entry.v;
}

int swap_cache_add(struct page *page, swp_entry_t entry)
{
	int err;

	ASSERT_PAGE(page, page_test(page, PG_locked) && !page_test(page, PG_swapcache));
	get_page(page);
	spin_lock(&cache_lock);
	if (radix_map_load(&cache_map, swap_index(entry)))
		err = -EEXIST;
	else
		err = radix_map_store(&cache_map, swap_index(entry), page);
	if (!err) {
		/* Whoever finds the page looks at these after taking a reference. */
		page->swap = entry;
		page_set(page, PG_swapcache);
		page_set(page, PG_swapbacked);
		nr_pages++;
	}
	spin_unlock(&cache_lock);
	if (err)
		put_page(page);
	return err;
}

static void swap_cache_erase_locked(struct page *page)
{
	void *was;

	assert_held(&cache_lock);
	was = radix_map_erase(&cache_map, swap_index(page->swap));
	ASSERT_PAGE(page, was == page);
	page_clear(page, PG_swapcache);
	page->swap = (swp_entry_t){ 0 };
	nr_pages--;
}

void swap_cache_del(struct page *page)
{
	swp_entry_t entry = page->swap;

	ASSERT_PAGE(page, page_test(page, PG_locked) && page_test(page, PG_swapcache));
	ASSERT_PAGE(page, !page_test(page, PG_writeback));
	spin_lock(&cache_lock);
	swap_cache_erase_locked(page);
	spin_unlock(&cache_lock);
	swap_slot_put(entry);
	put_page(page);
}

bool swap_cache_reclaim(struct page *page)
{
	swp_entry_t entry = page->swap;
	int expected = 2;	/* the cache's and the caller's */

	ASSERT_PAGE(page, page_test(page, PG_locked) && page_test(page, PG_swapcache));
	spin_lock(&cache_lock);
	if (!atomic_try_cmpxchg(&page->refcount, &expected, 0)) {
		spin_unlock(&cache_lock);
		return false;
	}
	/* Frozen: a mapping or a write would have needed a reference. */
	if (page_test(page, PG_dirty) || page_test(page, PG_writeback)) {
		atomic_set_release(&page->refcount, 2);
		spin_unlock(&cache_lock);
		return false;
	}
	ASSERT_PAGE(page, !page_mapped(page));
	swap_slot_set_shadow(entry, workingset_eviction(page));
	swap_cache_erase_locked(page);
	spin_unlock(&cache_lock);
	swap_slot_put(entry);
	return true;
}

bool swap_cache_try_free(struct page *page)
{
	ASSERT_PAGE(page, page_test(page, PG_locked));
	if (!page_test(page, PG_swapcache) || page_test(page, PG_writeback))
		return false;
	if (swap_slot_count(page->swap) > 1)
		return false;
	swap_cache_del(page);
	page_set(page, PG_dirty);
	return true;
}

/* ---- look-up ---- */

struct page *swap_cache_find(swp_entry_t entry)
{
	struct page *page;

	rcu_read_lock();
	for (;;) {
		page = radix_map_load(&cache_map, swap_index(entry));
		if (!page)
			break;
		if (!get_page_unless_zero(page))
			continue;	/* frozen: it leaves the map in a moment */
		if (page_test(page, PG_swapcache) && page->swap.v == entry.v)
			break;
		put_page(page);		/* freed and reused meanwhile: look again */
	}
	rcu_read_unlock();
	return page;
}

/* A new page for @entry, in the cache and being read. @ahead: nobody asked for it yet.
 * Return: 0, -EEXIST: another thread was faster, -ENOENT, -ENOMEM. */
static int swap_cache_read_new(swp_entry_t entry, gfp_t gfp, bool ahead, struct page **out)
{
	struct page *page = alloc_page(gfp);
	int err;

	if (!page)
		return -ENOMEM;
	page_lock(page);
	err = swap_slot_try_dup(entry);
	if (err)
		goto out_page;
	gate_point("swap_cache.read_new", page);
	err = swap_cache_add(page, entry);
	if (err)
		goto out_slot;
	if (ahead)
		page_set(page, PG_readahead);
	lru_add(page, workingset_refault(page, swap_slot_take_shadow(entry)));
	swap_read(page);
	*out = page;
	return 0;

out_slot:
	swap_slot_put(entry);
out_page:
	page_unlock(page);
	put_page(page);
	return err;
}

int swap_cache_start(swp_entry_t entry, gfp_t gfp, struct page **out)
{
	int err;

	do {
		*out = swap_cache_find(entry);
		if (*out)
			return 0;
		err = swap_cache_read_new(entry, gfp, false, out);
	} while (err == -EEXIST);
	return err;
}

/* The reader holds the lock until the contents are there, or never will be. */
void swap_cache_wait(struct page *page)
{
	if (!page_test(page, PG_uptodate))
		page_wait_locked(page);
}

int swap_cache_read(swp_entry_t entry, gfp_t gfp, struct page **out)
{
	int err = swap_cache_start(entry, gfp, out);

	if (!err)
		swap_cache_wait(*out);
	return err;
}

bool swap_cache_read_ahead(swp_entry_t entry)
{
	struct page *page = swap_cache_find(entry);
	int err;

	if (page) {
		put_page(page);
		return true;
	}
	err = swap_cache_read_new(entry, GFP_NOWAIT, true, &page);
	if (!err) {
		atomic64_inc(&vmstat.swap_ra);
		put_page(page);
	}
	return err != -ENOMEM;
}

/* ---- dropping entries ---- */

void swap_free_entry(swp_entry_t entry)
{
	struct page *page = NULL;

	/* Before the count drops: afterwards the slot may be somebody else's. */
	if (swap_slot_count(entry) == 2)
		page = swap_cache_find(entry);
	swap_slot_put(entry);
	if (!page)
		return;
	if (page_trylock(page)) {
		if (page_test(page, PG_swapcache) && page->swap.v == entry.v)
			(void)swap_cache_try_free(page);
		page_unlock(page);
	}
	put_page(page);
}

void swap_cache_drop(struct page *page)
{
	if (!page_mapped(page) && page_trylock(page)) {
		(void)swap_cache_try_free(page);
		page_unlock(page);
	}
	put_page(page);
}

/* ---- truth ---- */

u64 swap_cache_pages(void)
{
	return READ_ONCE(nr_pages);
}

unsigned int swap_cache_check(void)
{
	unsigned int faults = 0;
	struct page *page;
	u64 index, n = 0;

	spin_lock(&cache_lock);
	radix_map_for_each(&cache_map, index, page, 0) {
		n++;
		if (page_test(page, PG_swapcache) && swap_index(page->swap) == index &&
		    page_count(page) > 0 && swap_slot_count(page->swap) > 0 &&
		    (page_test(page, PG_locked) || !swap_slot_shadow(page->swap)))
			continue;
		check_report(CHECK_CHECK, "swap cache: frame %llx at entry %llx has swap %llx, %lx",
			     (unsigned long long)page_to_pfn(page).v, (unsigned long long)index,
			     (unsigned long long)page->swap.v, page->flags);
		faults++;
	}
	if (n != nr_pages) {
		check_report(CHECK_CHECK, "swap cache: %llu pages, counted %llu",
			     (unsigned long long)n, (unsigned long long)nr_pages);
		faults++;
	}
	spin_unlock(&cache_lock);
	return faults;
}

void swap_init(void)
{
	node_cache = kmem_cache_create("swap_radix", sizeof(struct radix_node), 0,
				       SLAB_PANIC | SLAB_NOLEAKTRACE, NULL);
	radix_map_init(&cache_map, &swap_map_ops);
}
