/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/swap.h - slots, the swap cache, the I/O, and the lists reclaim chooses from
 *
 * A slot's count is the number of swap PTEs and of entries in files' page maps that
 * name it, plus one while the page is in the swap cache. mm/swap_slot.c counts,
 * mm/swap_cache.c finds the page of an entry, mm/swap_io.c moves bytes, mm/lru.c ages,
 * mm/reclaim.c decides how much.
 */
#ifndef MM_SWAP_H
#define MM_SWAP_H

#include "include/types.h"
#include "mm/gfp.h"
#include "mm/page.h"

/* swapoff fails sooner than that somebody is killed for it. */
#define GFP_UNUSE (GFP_USER | __GFP_NORETRY | __GFP_NOWARN)

struct block_device;
struct mm;
struct vma;

#define MAX_SWAP_AREAS 8
#define SWP_AREA_SHIFT 48		/* an absent PTE has room for 52 bits */

static inline swp_entry_t swp_entry(unsigned int area, u64 slot)
{
	return (swp_entry_t){ ((u64)area << SWP_AREA_SHIFT) | (slot + 1) };
}

static inline unsigned int swp_area(swp_entry_t entry)
{
	return (unsigned int)(entry.v >> SWP_AREA_SHIFT);
}

static inline u64 swp_slot(swp_entry_t entry)
{
	return (entry.v & (BIT(SWP_AREA_SHIFT) - 1)) - 1;
}

/* ---- mm/swap_slot.c. Spinning lock LOCK_SWAP_SLOT inside; never sleep. ---- */
int __must_check swap_slot_alloc(swp_entry_t *out);	/* count 1 (the cache's), or -ENOSPC */
/* One more user of a slot that is known to be in use. -ENOMEM: count is full. */
int __must_check swap_slot_dup(swp_entry_t entry);
/* The same for an entry read without a lock: -ENOENT if the slot is free by now. */
int __must_check swap_slot_try_dup(swp_entry_t entry);
void swap_slot_put(swp_entry_t entry);			/* one user less; the last frees it */
unsigned int swap_slot_count(swp_entry_t entry);
void swap_slot_retire(swp_entry_t entry);	/* a write failed: never hand it out again */
/* May the slot be written: not retired, and its area not on its way out? */
bool swap_slot_usable(swp_entry_t entry);
/* Is there a slot to give out? Old when it arrives. Context: any. */
bool swap_slots_left(void);
/* The page that the slot stands for is full of zeroes, and not on disk. Page locked. */
void swap_slot_mark_zero(swp_entry_t entry, bool zero);
bool swap_slot_is_zero(swp_entry_t entry);
/*
 * The shadow of the page that has left memory (mm/workingset.h), until somebody takes it or
 * the slot is free. The page in the swap cache, locked or frozen.
 */
void swap_slot_set_shadow(swp_entry_t entry, u32 shadow);
u32 swap_slot_take_shadow(swp_entry_t entry);
u32 swap_slot_shadow(swp_entry_t entry);
struct swap_info { u64 total, used, bad, areas; };	/* slots; bad ones are not in total */
void swap_slot_info(struct swap_info *out);
/* The device and sector behind a slot. */
struct block_device *swap_slot_bdev(swp_entry_t entry, u64 *sector);
/* Maps and counts of area @n against each other and against @expected[slot] (may be
 * NULL). Return: number of faults reported. */
unsigned int swap_slot_check(const u16 *expected, unsigned int n);

/* ---- mm/swap_slot.c: areas. Changes one at a time: mm/swapfile.c sees to it. ---- */
/*
 * An area of the first @nr_slots pages of @bdev that gives nothing out yet. May
 * sleep. Return: its number, -ENOMEM, -ENOSPC (too many), -EINVAL (empty, or too small
 * a device).
 */
int __must_check swap_area_setup(struct block_device *bdev, u64 nr_slots);
void swap_area_mark_bad(unsigned int n, u64 slot);	/* before it is started */
/* Give out slots; areas of higher priority fill first, equal ones take turns. */
void swap_area_start(unsigned int n, int priority);
void swap_area_stop(unsigned int n);		/* no slot more; what is there stays good */
/* The area ceases to exist, if no slot of it is used. May sleep. Return: 0 or -EBUSY. */
int __must_check swap_area_remove(unsigned int n);
struct swap_area_info {
	struct block_device *bdev;
	const char *name;
	u64 total, used, bad;		/* slots, as in struct swap_info */
	int priority;
	bool on;
};
/* Return: false: no area @n. */
bool swap_area_info(unsigned int n, struct swap_area_info *out);
/* Slots of area number @n; 0: there is no such area. */
u64 swap_area_slots(unsigned int n);
/* The first slot from @slot on that has a user; the number of slots if there is none. */
u64 swap_area_next_used(unsigned int n, u64 slot);

/* ---- mm/swapfile.c. All may sleep. ---- */
#define SWAP_PRIORITY_AUTO (-1)		/* behind all that are there */
/*
 * Use all of @bdev for swapping, without a header. @priority: as for swapon().
 * Return: the area's number, -EBUSY, and as swap_area_setup().
 */
int __must_check swap_area_add(struct block_device *bdev, int priority);
/*
 * swapon: the device has a header. @priority: 0 and up, or SWAP_PRIORITY_AUTO.
 * Return: 0; -EBUSY (it is an area already), -EINVAL (no header, or a wrong one),
 * -EIO, -ENOMEM, -EPERM (too many areas).
 */
int __must_check swapon(struct block_device *bdev, int priority);
/*
 * swapoff: bring every page back, then the area is gone. Otherwise nothing is lost
 * and it goes on as before. Return: 0; -EINVAL (not an area), -ENOMEM, -EIO (a page
 * that somebody has cannot be read), -EINTR.
 */
int __must_check swapoff(struct block_device *bdev);
/* Boot: every block device that is registered by now becomes a swap area (swap=). */
void swap_boot(void);

/* ---- mm/swap_cache.c ---- */
/* Page must be locked; takes a reference; the slot's count includes the cache's one. */
int __must_check swap_cache_add(struct page *page, swp_entry_t entry);
/* Page locked, not under write-back; drops the cache's reference and slot count. */
void swap_cache_del(struct page *page);
/* The page of @entry with a reference, or NULL. Lockless; recheck under the page lock. */
struct page *swap_cache_find(swp_entry_t entry);
/*
 * Find or read the page of @entry, in a new page of kind @gfp. May sleep. Return 0
 * with a reference in *@out (not locked, up to date unless PG_error), -ENOMEM, or
 * -ENOENT: the entry is gone meanwhile, look at the PTE again.
 */
int __must_check swap_cache_read(swp_entry_t entry, unsigned int gfp, struct page **out);
/* The same in two steps: find or start to read; then sleep until the contents are there. */
int __must_check swap_cache_start(swp_entry_t entry, unsigned int gfp, struct page **out);
void swap_cache_wait(struct page *page);
/* Start to read the page of @entry, if it is not there, without sleeping for memory, and
 * mark it PG_readahead. Return: false: memory is short, do not go on. */
bool swap_cache_read_ahead(swp_entry_t entry);
/* Page locked: drop it from the cache if nobody else needs the slot; the page is then
 * dirty, for its copy on disk is gone. True: dropped. */
bool swap_cache_try_free(struct page *page);
/*
 * Reclaim's last step: the page is locked, unmapped, and the caller's isolation
 * reference and the cache's are the only ones. True: it has left the cache and its
 * reference count is 0: page_free_frozen(). False: somebody uses it, nothing changed.
 */
bool swap_cache_reclaim(struct page *page);
u64 swap_cache_pages(void);
/* Map against pages. Return: number of faults reported. */
unsigned int swap_cache_check(void);
/*
 * Drop the reference of an entry that was unmapped; if nobody else uses the page's
 * slot, the page leaves the swap cache, too. Context: any, may not sleep.
 */
void swap_cache_drop(struct page *page);
static inline void swap_cache_put_page(struct page *page)
{
	if (unlikely(page_test(page, PG_swapcache)))
		swap_cache_drop(page);
	else
		put_page(page);
}
/* Drop a slot's PTE reference, and its cached page if that was the last PTE. */
void swap_free_entry(swp_entry_t entry);

/* ---- mm/swap_readahead.c ---- */
/*
 * swap_cache_read() for a fault at @va in @vma, whose entry was @entry: neighbours in
 * the VMA are read as well, if the last faults say that this is of use.
 * Context: mmap_lock held; may sleep.
 */
int __must_check swap_readahead(struct vma *vma, unsigned long va, swp_entry_t entry,
				unsigned int gfp, struct page **out);
/* The page is about to be mapped at @va: was it read ahead? Page locked. */
void swap_readahead_used(struct vma *vma, unsigned long va, struct page *page);

/* ---- mm/swap_token.c. Never sleeps. ---- */
/* @mm must read a page from swap: it may become the holder. Context: a fault of it. */
void swap_token_grab(struct mm *mm);
/* If @mm has it, nobody has it any more; NULL: whoever has it. */
void swap_token_put(struct mm *mm);
bool swap_token_has(const struct mm *mm);
/* Are pages that @mm maps to be taken for used? Old when it arrives. */
bool swap_token_protects(const struct mm *mm);

/* ---- mm/swap_io.c ---- */
/*
 * Start writing a locked, unmapped page of the swap cache; unlocks it. Completion
 * clears PG_writeback; a failed write leaves the page dirty and retires the slot.
 * May sleep until a request is free (back-pressure).
 */
void swap_write(struct page *page);
/*
 * A locked, unmapped page of the swap cache that is full of zeroes needs no writing:
 * its slot remembers, and the page is clean. Return: whether it is such a page.
 */
bool swap_write_zero(struct page *page);
/* Start reading into a locked page; completion sets PG_uptodate or PG_error and
 * unlocks. A page read ahead in vain leaves the cache. May sleep as above. */
void swap_read(struct page *page);
/* Requests under way; page_io_wait() waits for one to end. */
unsigned int swap_io_pending(void);
void swap_init(void);		/* mm/swap_cache.c: boot, after slab_init() */

/* ---- mm/lru.c. Spinning lock LOCK_LRU inside; never sleep. ---- */
/* Where a page goes when it must go: to swap, or to its file's disk (or nowhere: MADV_FREE). */
enum lru_type { LRU_ANON, LRU_FILE, NR_LRU_TYPES };
enum lru_list {
	LRU_INACTIVE_ANON, LRU_ACTIVE_ANON, LRU_INACTIVE_FILE, LRU_ACTIVE_FILE, LRU_UNEVICTABLE,
	NR_LRU_LISTS
};
static inline enum lru_list lru_list(enum lru_type type, bool active)
{
	return (enum lru_list)(type * 2 + active);
}
/* Put a page that is on no list on one of the pair that PG_swapbacked says now. */
void lru_add(struct page *page, bool active);
void lru_del(struct page *page);		/* page is being freed or taken away */
void lru_mark_accessed(struct page *page);	/* second touch activates */
/* Take up to @nr of the oldest pages off a list, each with a reference of its own. */
unsigned int lru_isolate(enum lru_list which, unsigned int nr, struct list_head *out);
/*
 * The same for one page, which the caller keeps alive: with a reference of its own.
 * False: it is on no list, or locked in memory.
 */
bool __must_check lru_isolate_page(struct page *page);
/* A page that is not wanted soon, or has changed its type: the inactive list of its type. */
void lru_deactivate(struct page *page);
/* Give an isolated page back and drop the isolation's reference. */
void lru_putback(struct page *page, bool active);
/* The page was written: it becomes the oldest of its list, to be freed next. */
void lru_rotate(struct page *page);
/*
 * A locked VMA maps the page: reclaim is not to look at it; and the end of that.
 * Table lock of such a mapping held. lru_munlock() does not ask whether another
 * locked VMA maps it: reclaim will find out and call lru_mlock() again.
 */
void lru_mlock(struct page *page);
void lru_munlock(struct page *page);
struct lru_counts { u64 nr[NR_LRU_LISTS], mlocked; };
static inline u64 lru_size(const struct lru_counts *counts, enum lru_type type)
{
	return counts->nr[lru_list(type, false)] + counts->nr[lru_list(type, true)];
}
void lru_count(struct lru_counts *out);
void lru_init(void);
/* Lists against flags and counts. Return: number of faults reported. */
unsigned int lru_check(void);

/* ---- mm/lru_balance.c. Never sleeps. ---- */
extern u64 vm_swappiness;		/* 0..200: /proc/sys/vm/swappiness */
/* What a look at the two pairs of lists is decided by. */
struct lru_balance {
	u64 size[NR_LRU_TYPES];		/* pages on both lists */
	u64 cost[NR_LRU_TYPES];		/* lru_note_cost() */
	u64 swappiness;
	bool swap_left;			/* there is a free slot */
	bool file_tiny;			/* to take every page of a file would not be enough */
	bool last;			/* better a wrong page than none */
};
void lru_balance_now(struct lru_balance *b, bool last);
/* Divide a look at @nr pages: the shares add up to @nr, unless there is no page at all. */
void lru_balance_shares(const struct lru_balance *b, u64 nr, u64 share[NR_LRU_TYPES]);
/* To look at pages of @type was in vain: @nr_io were read or written, @nr_rotated stay. */
void lru_note_cost(enum lru_type type, u64 nr_io, u64 nr_rotated);

/* ---- mm/reclaim.c ---- */
/* Free at least @nr pages if possible. May sleep. Return: pages freed. */
unsigned long reclaim_pages(unsigned long nr);
/* Pages that are locked at once; the held-lock record has room for twice as many. */
#define RECLAIM_BATCH 16
/*
 * Take up to RECLAIM_BATCH isolated pages away, if they were not used since somebody
 * asked; the others go back to their lists. @pages is empty afterwards. May sleep.
 */
void reclaim_isolated(struct list_head *pages);
void kswapd_wake(void);				/* any context */
void reclaim_init(void);
/*
 * The OOM killer's hand: end every process that uses @mm. Set by kernel/task;
 * without it an allocation just fails. Called in the allocating task; may sleep.
 */
struct oom_ops { bool (*kill)(struct mm *mm); };	/* true: somebody will die */
void oom_set_ops(const struct oom_ops *ops);
#define OOM_SCORE_ADJ_MIN (-1000)
#define OOM_SCORE_ADJ_MAX 1000
#define OOM_NEVER INT64_MIN
/*
 * What killing the users of @mm would free, in pages, weighed by oom_score_adj; OOM_NEVER:
 * it is not to be killed. All pages of memory and swap. Context: any.
 */
s64 oom_badness(const struct mm *mm);
/*
 * The worst address space that is not being killed, with a structure reference, or NULL.
 * *@dying: one is being killed and still has memory, so that nobody else need be.
 */
struct mm *oom_select(bool *dying);
u64 oom_total_pages(void);

struct vmstat {
	atomic64_t pswpin, pswpout, pgfault, pgmajfault, pgactivate, pgdeactivate, pglazyfree,
		   pglazyfreed, oom_kill,
		   swap_write_errors, swap_read_errors, swap_ra, swap_ra_hit,
		   swpout_zero, swpin_zero, nr_written, file_write_errors;
	/* name_anon, name_file */
	atomic64_t pgscan[NR_LRU_TYPES], pgsteal[NR_LRU_TYPES], workingset_refault[NR_LRU_TYPES],
		   workingset_activate[NR_LRU_TYPES], workingset_restore[NR_LRU_TYPES];
};
extern struct vmstat vmstat;

#endif
