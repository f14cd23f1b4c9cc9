/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/page.c - one struct page per frame: its state in words, its lock, its last put
 *
 * Concept    mem_map is an array with one struct page for each frame number up
 *            to the end of RAM. A frame that is not RAM, or that boot code took,
 *            is PG_reserved for ever. All others belong to the allocator while
 *            refcount is 0, and to whoever holds a reference else.
 *
 *            The page lock is one flag. Waiting for it, or for the end of
 *            write-back, uses a small table of wait queues chosen by the frame
 *            number; PG_waiters says that somebody may sleep there, so that an
 *            unlock without waiters costs two atomic operations and no call:
 *
 *              waiter                          unlocker
 *              on the queue                    PG_locked = 0
 *              PG_waiters = 1                  PG_waiters set?
 *              PG_locked free? take, leave       PG_waiters = 0
 *              sleep                             wake all of the queue
 *
 *            Whichever of the two first columns comes second sees the other.
 * Owns       mem_map, max_pfn, the wait queues.
 * Locks      PG_locked is LOCK_PAGE (sleeps). The queues' own locks inside.
 * Invariants a page whose last reference goes is unlocked, unmapped, in no cache
 *                                                      page_release()
 * Callers    everybody.
 * Next       memblock.c, then buddy.c
 */
#include "mm/page.h"

#include "arch/x86/mm/layout.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/printk.h"
#include "kernel/sync/lock_check.h"
#include "kernel/sync/preempt.h"
#include "kernel/sync/sched_point.h"
#include "kernel/sync/wait.h"
#include "mm/buddy.h"
#include "mm/gfp.h"
#include "mm/memblock.h"
#include "mm/swap.h"

#define PAGE_WAIT_QUEUES 64

struct page *mem_map;
u64 max_pfn;

static struct wait_queue_head page_wait_queue[PAGE_WAIT_QUEUES];

static const char *const page_flag_names[NR_PAGE_FLAGS] = {
	[PG_locked] = "locked", [PG_referenced] = "referenced", [PG_uptodate] = "uptodate",
	[PG_dirty] = "dirty", [PG_lru] = "lru", [PG_active] = "active",
	[PG_file] = "file",
	[PG_unevictable] = "unevictable", [PG_workingset] = "workingset",
	[PG_swapcache] = "swapcache",
	[PG_swapbacked] = "swapbacked", [PG_writeback] = "writeback", [PG_error] = "error",
	[PG_readahead] = "readahead",
	[PG_reserved] = "reserved", [PG_buddy] = "buddy", [PG_slab] = "slab",
	[PG_table] = "table", [PG_head] = "head", [PG_tail] = "tail",
	[PG_mlocked] = "mlocked", [PG_external_rmap] = "external_rmap",
	[PG_idle] = "idle", [PG_young] = "young", [PG_waiters] = "waiters",
};

/* ---- the state in words ---- */

enum page_state page_state(const struct page *page)
{
	unsigned long flags = READ_ONCE(page->flags);

	if (flags & BIT(PG_reserved))
		return PAGE_RESERVED;
	if (flags & BIT(PG_slab))
		return PAGE_SLAB;
	if (flags & BIT(PG_table))
		return PAGE_TABLE;
	if (flags & BIT(PG_tail))
		return page_state(page->head);
	if (page_count(page) == 0)
		return PAGE_FREE;
	if (flags & BIT(PG_writeback))
		return PAGE_WRITEBACK;
	if (flags & BIT(PG_unevictable))
		return PAGE_UNEVICTABLE;
	if (flags & BIT(PG_lru))
		return flags & BIT(PG_active) ? PAGE_ACTIVE : PAGE_INACTIVE;
	return flags & BIT(PG_swapbacked) ? PAGE_ISOLATED : PAGE_OWNED;
}

const char *page_state_name(enum page_state state)
{
	static const char *const names[] = {
		[PAGE_FREE] = "FREE", [PAGE_OWNED] = "OWNED", [PAGE_INACTIVE] = "INACTIVE",
		[PAGE_ACTIVE] = "ACTIVE", [PAGE_UNEVICTABLE] = "UNEVICTABLE",
		[PAGE_ISOLATED] = "ISOLATED", [PAGE_WRITEBACK] = "WRITEBACK",
		[PAGE_TABLE] = "TABLE", [PAGE_SLAB] = "SLAB", [PAGE_RESERVED] = "RESERVED",
	};

	return names[state];
}

static void page_flags_print(unsigned long flags, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned int i = 0; i < NR_PAGE_FLAGS && at + 1 < size; i++)
		if (flags & BIT(i))
			at += snprintf(buf + at, size - at, "%s%s", at ? "|" : "",
				       page_flag_names[i]);
}

void page_dump(const struct page *page, const char *why)
{
	char flags[200];

	page_flags_print(READ_ONCE(page->flags), flags, sizeof(flags));
	pr_err("page %llx (%s): state %s, refcount %d, mapcount %d\n",
	       (unsigned long long)page_to_pfn(page).v, why,
	       page_state_name(page_state(page)), page_count(page), page_mapcount(page));
	pr_err("  flags %lx (%s) mapping %lx index %llx swap %llx oracle %llx\n",
	       page->flags, flags, (unsigned long)page->mapping,
	       (unsigned long long)page->index, (unsigned long long)page->swap.v,
	       (unsigned long long)page->oracle);
	buddy_print_history(page);
}

/* ---- the last put ---- */

/* Flags with which a page may meet its last put. */
#define PAGE_RELEASE_OK (BIT(PG_referenced) | BIT(PG_uptodate) | BIT(PG_dirty) |	\
			 BIT(PG_lru) | BIT(PG_active) | BIT(PG_file) | BIT(PG_unevictable) |	\
			 BIT(PG_swapbacked) | BIT(PG_error) | BIT(PG_readahead) |	\
			 BIT(PG_head) | BIT(PG_waiters) | BIT(PG_workingset) |		\
			 BIT(PG_external_rmap) | BIT(PG_idle) | BIT(PG_young))

/* Nobody has a reference: undo what the page's life left, give it to the allocator. */
static void page_release(struct page *page)
{
	unsigned int order = page_order(page);

	if (page_test(page, PG_lru))
		lru_del(page);
	ASSERT_PAGE(page, !page_mapped(page));
	ASSERT_PAGE(page, !(page->flags & ~PAGE_RELEASE_OK));
	if (page_test(page, PG_external_rmap))
		check_report(CHECK_FREE_PAGE, "frame %llx is freed while still exported",
			     (unsigned long long)page_to_pfn(page).v);
	page->flags &= BIT(PG_head);
	page->mapping = NULL;
	buddy_free(page, order);
}

void page_free_frozen(struct page *page)
{
	ASSERT_PAGE(page, page_count(page) == 0);
	page_unlock(page);
	page_release(page);
}

/* More puts than references: say whose frame it is, and leave the count as it was. */
static void page_put_too_often(struct page *page)
{
	atomic_inc(&page->refcount);
	check_report(CHECK_CHECK, "frame %llx: put without a reference (double free)",
		     (unsigned long long)page_to_pfn(page).v);
	page_dump(page, "double free");
}

void page_put_last(struct page *page, int left)
{
	if (left == 0)
		page_release(page);
	else
		page_put_too_often(page);
}

void __free_pages(struct page *page, unsigned int order)
{
	ASSERT_PAGE(page, !page_test(page, PG_tail));
	ASSERT_PAGE(page, page_count(page) == 0 || page_order(page) == order);
	put_page(page);
}

/* ---- the page lock and waiting ---- */

/* All page locks are one class: nobody holds two unless by trying. */
static struct lock_class *page_class(void)
{
	return LOCK_CLASS_HERE("page lock", LOCK_PAGE);
}

static struct wait_queue_head *page_queue(const struct page *page)
{
	return &page_wait_queue[page_to_pfn(page).v % PAGE_WAIT_QUEUES];
}

/* Waiter's half: announce, then look. */
static bool page_wait_for_clear(struct page *page, enum page_flag flag)
{
	if (!page_test(page, flag))
		return true;
	page_set(page, PG_waiters);
	return !page_test(page, flag);
}

static bool page_wait_to_lock(struct page *page)
{
	page_set(page, PG_waiters);
	return !page_test_and_set(page, PG_locked);
}

/* Unlocker's half: the flag is clear, now see whether somebody waits. */
static void page_wake(struct page *page)
{
	if (!page_test(page, PG_waiters))
		return;
	page_clear(page, PG_waiters);
	wake_up_all(page_queue(page));
}

void page_lock(struct page *page)
{
	might_sleep();
	sched_point(SP_LOCK, page);
	lock_check_wait(page_class(), page, 0);
	if (page_test_and_set(page, PG_locked))
		wait_event(page_queue(page), page_wait_to_lock(page));
	lock_check_taken(page_class(), page, 0);
}

bool page_trylock(struct page *page)
{
	sched_point(SP_LOCK, page);
	if (page_test_and_set(page, PG_locked))
		return false;
	lock_check_taken(page_class(), page, LOCK_HOW_TRY);
	return true;
}

void page_unlock(struct page *page)
{
	lock_check_release(page_class(), page);
	page_unlock_handed_over(page);
}

void page_lock_hand_over(struct page *page)
{
	ASSERT_PAGE(page, page_test(page, PG_locked));
	lock_check_release(page_class(), page);
}

void page_unlock_handed_over(struct page *page)
{
	sched_point(SP_UNLOCK, page);
	ASSERT_PAGE(page, page_test(page, PG_locked));
	page_clear(page, PG_locked);
	page_wake(page);
}

void page_wait_locked(struct page *page)
{
	might_sleep();
	wait_event(page_queue(page), page_wait_for_clear(page, PG_locked));
}

void page_wait_writeback(struct page *page)
{
	might_sleep();
	wait_event(page_queue(page), page_wait_for_clear(page, PG_writeback));
}

void page_end_writeback(struct page *page)
{
	ASSERT_PAGE(page, page_test(page, PG_writeback));
	page_clear(page, PG_writeback);
	page_wake(page);
}

/* ---- boot ---- */

void page_init(void)
{
	max_pfn = memblock_end() >> PAGE_SHIFT;
	mem_map = memblock_alloc(max_pfn * sizeof(struct page), PAGE_SIZE);
	for (u64 pfn = 0; pfn < max_pfn; pfn++) {
		struct page *page = &mem_map[pfn];

		page->flags = BIT(PG_reserved);
		atomic_set(&page->refcount, 1);
		atomic_set(&page->_mapcount, -1);
	}
	for (unsigned int i = 0; i < PAGE_WAIT_QUEUES; i++)
		init_waitqueue_head(&page_wait_queue[i]);
}
