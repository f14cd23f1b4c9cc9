/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/page.h - struct page: everything known about one frame of memory
 *
 * Letters behind the fields say which lock guards them:
 *	A atomic   C constant after boot   P page lock (PG_locked)
 *	L LRU lock   B buddy lock   O the one owner of a page nobody else knows
 * Two letters: hold any to read, all to write.
 *
 * States a page can be in, derived from its flags by page_state(), and the
 * function that makes each transition (asserted there):
 *
 *	FREE -----alloc_pages()----> OWNED      refcount 0 -> 1
 *	OWNED ----lru_add()--------> INACTIVE or ACTIVE   (PG_lru)
 *	ACTIVE <--lru_age()--------> INACTIVE
 *	INACTIVE--lru_isolate()----> ISOLATED   (off the lists, extra reference)
 *	ISOLATED--lru_putback()----> INACTIVE or ACTIVE
 *	ACTIVE, INACTIVE <--lru_mlock(), lru_munlock()--> UNEVICTABLE
 *	ISOLATED--swap_write()-----> WRITEBACK --end of I/O--> ISOLATED
 *	any but FREE --last put----> FREE
 *	OWNED <-> TABLE, SLAB, RESERVED: pages with one fixed owner
 */
#ifndef MM_PAGE_H
#define MM_PAGE_H

#include "include/types.h"
#include "arch/x86/cpu/atomic.h"
#include "kernel/lib/list.h"
#include "kernel/lib/panic.h"
#include "kernel/sync/rcu.h"
#include "kernel/sync/spinlock.h"

struct address_space;
struct anon_vma;
struct kmem_cache;

/* A frame number: physical address >> PAGE_SHIFT. Never mixed with addresses. */
typedef struct { u64 v; } pfn_t;

/* A swap entry: which area and which slot; 0 means none. */
typedef struct { u64 v; } swp_entry_t;

enum page_flag {
	PG_locked,		/* the page lock: page_lock() sleeps for it */
	PG_referenced,		/* software's "was used since last asked" */
	PG_uptodate,		/* contents are valid (page cache, swap cache) */
	PG_dirty,		/* must be written before it may be dropped */
	PG_lru,			/* on an LRU list */
	PG_active,		/* which list: active */
	PG_file,		/* which list: of those whose place is a file, not swap */
	PG_unevictable,		/* which list: unevictable */
	PG_workingset,		/* was on the active list: would be missed */
	PG_swapcache,		/* in the swap cache; page->swap is valid */
	PG_swapbacked,		/* anonymous or shmem: goes to swap, not to a file */
	PG_writeback,		/* I/O to disk is under way */
	PG_error,		/* a read failed: contents are not to be mapped */
	PG_readahead,		/* read before a fault asked for it, and not used since; of a
				 * file: whoever comes to it starts to read the next ones */
	PG_reserved,		/* never enters the allocator */
	PG_buddy,		/* head of a free block in the buddy lists */
	PG_slab,		/* owned by a slab cache */
	PG_table,		/* a page-table page; the ptl member is valid */
	PG_head,		/* first page of a unit of 1 << order; page[1].private = order */
	PG_tail,		/* another page of it; page->head is the first */
	PG_mlocked,		/* a VM_LOCKED VMA was seen to map it */
	PG_external_rmap,	/* exported to an rmap notifier's driver */
	PG_idle,		/* not used since somebody asked (mm/page_idle.c) */
	PG_young,		/* an accessed bit of its was taken by who asked */
	PG_waiters,		/* somebody may sleep for PG_locked or PG_writeback */
	NR_PAGE_FLAGS
};

struct page {
	unsigned long flags;		/* A: enum page_flag */
	atomic_t refcount;		/* A: 0 = free; the allocator owns it */
	atomic_t _mapcount;		/* A: user PTEs that map it, minus one */
	union {
		struct {		/* anonymous and file pages */
			void *mapping;	/* P: address_space, or anon_vma | PAGE_MAPPING_ANON */
			u64 index;	/* P: page offset within the object */
			struct list_head lru;	/* L: list named by the flags; O before */
		};
		struct {		/* buddy (PG_buddy) */
			struct list_head buddy_list;	/* B */
			u64 buddy_order;		/* B */
		};
		struct {		/* slab (PG_slab) */
			struct list_head slab_list;
			struct kmem_cache *slab_cache;
			void *slab_freelist;
		};
		struct {		/* page-table page (PG_table) */
			struct spinlock ptl;	/* guards all entries of this table */
			u64 pt_va;		/* first address that it translates */
		};
		struct page *head;	/* C: tail of a larger unit (PG_tail): its first page */
		struct rcu_head rcu;	/* O: freed after a grace period (tables, slabs) */
	};
	union {
		swp_entry_t swap;	/* P: valid while PG_swapcache */
		u64 private;		/* owner's word (slab: objects in use; first tail: order) */
	};
	u64 oracle;			/* A: mm/coherence.c: holds by second MMUs */
};

static_assert(sizeof(struct page) == 64, "one cache line per frame");

#define PAGE_MAPPING_ANON 1UL

/* The array of all frames, indexed by frame number; set by memblock/page init. */
extern struct page *mem_map;
extern u64 max_pfn;			/* one past the highest frame of RAM */

static inline pfn_t pfn_make(u64 v)
{
	return (pfn_t){ v };
}

static inline bool pfn_valid(pfn_t pfn)
{
	return pfn.v < max_pfn;
}

static inline struct page *pfn_to_page(pfn_t pfn)
{
	return &mem_map[pfn.v];
}

static inline pfn_t page_to_pfn(const struct page *page)
{
	return pfn_make((u64)(page - mem_map));
}

static inline bool page_test(const struct page *page, enum page_flag flag)
{
	return READ_ONCE(page->flags) & BIT(flag);
}

static inline void page_set(struct page *page, enum page_flag flag)
{
	__atomic_or_fetch(&page->flags, BIT(flag), __ATOMIC_SEQ_CST);
}

static inline void page_clear(struct page *page, enum page_flag flag)
{
	__atomic_and_fetch(&page->flags, ~BIT(flag), __ATOMIC_SEQ_CST);
}

/* Of the flags of @mask, which nobody else changes since @flags were read, those of @on. */
static inline void page_replace(struct page *page, u64 flags, u64 mask, u64 on)
{
	if (flags & mask & ~on)
		__atomic_and_fetch(&page->flags, ~(mask & ~on), __ATOMIC_SEQ_CST);
	__atomic_or_fetch(&page->flags, on, __ATOMIC_SEQ_CST);
}

/* Return: whether the flag was set before. */
static inline bool page_test_and_set(struct page *page, enum page_flag flag)
{
	return __atomic_fetch_or(&page->flags, BIT(flag), __ATOMIC_SEQ_CST) & BIT(flag);
}

/* Return: whether the flag was set before. */
static inline bool page_test_and_clear(struct page *page, enum page_flag flag)
{
	return __atomic_fetch_and(&page->flags, ~BIT(flag), __ATOMIC_SEQ_CST) & BIT(flag);
}

static inline int page_count(const struct page *page)
{
	return atomic_read(&page->refcount);
}

/* User PTEs that map the page. */
static inline int page_mapcount(const struct page *page)
{
	return atomic_read(&page->_mapcount) + 1;
}

static inline bool page_mapped(const struct page *page)
{
	return page_mapcount(page) > 0;
}

static inline bool page_is_anon(const struct page *page)
{
	return (unsigned long)READ_ONCE(page->mapping) & PAGE_MAPPING_ANON;
}

/* MADV_FREE: the contents may be dropped, unless the page was written since. */
static inline bool page_is_lazyfree(const struct page *page)
{
	return page_is_anon(page) && !page_test(page, PG_swapbacked);
}

/* The states that the flags express; see the head of this file. */
enum page_state {
	PAGE_FREE, PAGE_OWNED, PAGE_INACTIVE, PAGE_ACTIVE, PAGE_UNEVICTABLE,
	PAGE_ISOLATED, PAGE_WRITEBACK, PAGE_TABLE, PAGE_SLAB, PAGE_RESERVED,
};

/* Derive the state from the flags. Context: any; exact only with the page stable. */
enum page_state page_state(const struct page *page);
const char *page_state_name(enum page_state state);

/* Print one page in full: flags, counts, object, state. Context: any. */
void page_dump(const struct page *page, const char *why);

/* ASSERT that shows the page before it panics. */
#define ASSERT_PAGE(page, c)						\
	do {								\
		if (unlikely(!(c))) {					\
			page_dump((page), #c);				\
			ASSERT_MSG(false, "page assertion: %s", #c);	\
		}							\
	} while (0)

/* The first page of the unit that @page is part of: itself unless it is a tail. */
static inline struct page *page_head(struct page *page)
{
	return page_test(page, PG_tail) ? page->head : page;
}

/*
 * Take one more reference to a page on which the caller already has one, or
 * that a lock the caller holds keeps alive. Context: any.
 */
static inline void get_page(struct page *page)
{
	ASSERT_PAGE(page, page_count(page) > 0);
	atomic_inc(&page->refcount);
}

/* Take a reference unless the page is being freed. Return: true if taken. */
static inline bool get_page_unless_zero(struct page *page)
{
	return atomic_inc_not_zero(&page->refcount);
}

/* put_page() of the last reference (@left 0), or of one that nobody had (below 0). */
void page_put_last(struct page *page, int left);

/*
 * Drop a reference; the last one takes the page off its LRU list and frees it.
 * Context: any, may not sleep; no lock ranked after LOCK_LRU.
 */
static inline void put_page(struct page *page)
{
	struct page *head = page_head(page);
	int left = atomic_dec_return(&head->refcount);

	if (unlikely(left <= 0))
		page_put_last(head, left);
}

/*
 * Free a page whose reference count a compare-and-swap has brought to 0; unlocks it.
 * mm/swap_cache.c decides when. Context: any.
 */
void page_free_frozen(struct page *page);

/*
 * The page lock. page_lock() sleeps (rank LOCK_PAGE); page_trylock() does not.
 * It guards mapping, index, swap, and membership of page and swap cache.
 */
void page_lock(struct page *page);
bool page_trylock(struct page *page);
void page_unlock(struct page *page);

/*
 * The lock leaves this task: whoever ends the I/O unlocks the page, in any
 * context, by page_unlock_handed_over().
 */
void page_lock_hand_over(struct page *page);
void page_unlock_handed_over(struct page *page);

/* Sleep until PG_writeback (PG_locked) is clear, holding a reference only. */
void page_wait_writeback(struct page *page);
void page_wait_locked(struct page *page);
/* End of I/O: clears PG_writeback and wakes waiters. Context: any, may not sleep. */
void page_end_writeback(struct page *page);

/* Boot: mem_map from memblock, every frame reserved. Before buddy_init(). */
void page_init(void);

#endif
