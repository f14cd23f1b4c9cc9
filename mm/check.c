/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/check.c - the world check: does everything that mm believes hold?
 *
 * Concept    Most facts of the memory manager are kept twice, once where they
 *            arise and once where they are needed fast. This file counts anew:
 *
 *              page tables of all mms      ->  mapcount of each frame
 *              rmap_walk of each page      ->  the same number again
 *              other entries               ->  kinds that exist, where they may be
 *              swap PTEs, files' page maps
 *              and swap cache              ->  count of each slot
 *              lists and flags             ->  each other
 *              frames without an owner     ==  frames of the allocator
 *
 *            The leak check remembers before each test how much is in use, and
 *            afterwards waits (in ticks taken, for threads and RCU to finish)
 *            until no more is.
 * Owns       Arrays of counters, made once and kept.
 * Locks      mmap_lock of each mm in turn for reading, table locks, page locks.
 * Invariants those of all other files
 * Callers    ktest after each test; the console's key; shutdown.
 * Next       coherence.c
 */
#include "mm/check.h"

#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"
#include "kernel/lib/test_hook.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/mutex.h"
#include "kernel/sync/rcu.h"
#include "kernel/sync/rwsem.h"
#include "mm/buddy.h"
#include "mm/commit.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/pagecache.h"
#include "mm/pgtable.h"
#include "mm/rmap.h"
#include "mm/shmem.h"
#include "mm/slab.h"
#include "mm/swap.h"
#include "mm/vma.h"
#include "mm/vmalloc.h"
#include "mm/writeback.h"

#define CHECK_TRIES 5
#define LEAK_WAIT_TICKS 100

static struct mutex check_mutex;
static u16 *check_mapped;			/* per frame: PTEs that map it */
static u64 check_unheard;			/* writable PTEs of clean pages of a disk */
static u16 *check_swapped[MAX_SWAP_AREAS];	/* per slot: PTEs and the cache */
static u64 check_slots_of[MAX_SWAP_AREAS];	/* slots that check_swapped[] has room for */
static unsigned int check_strays;		/* entries that should not be */

/* ---- counting ---- */

static void count_slot(swp_entry_t entry)
{
	if (check_swapped[swp_area(entry)])
		check_swapped[swp_area(entry)][swp_slot(entry)]++;
}

/* Whoever writes through such an entry is not heard: see mm/writeback.c. */
static bool entry_unheard(pte_t pte)
{
	const struct page *page = pfn_to_page(pfn_make(pte_pfn(pte)));

	return pte_present(pte) && pte_write(pte) && page_is_backed(page) &&
	       !page_test(page, PG_dirty);
}

static void count_entry(pte_t pte)
{
	if (pte_mapped(pte) && pte_pfn(pte) < max_pfn && !pte_special(pte)) {
		check_mapped[pte_pfn(pte)]++;
		check_unheard += entry_unheard(pte);
	}
	if (pte_is_swap(pte))
		count_slot(pte_swp_entry(pte));
}

/* An entry that stands for no page is of a kind that somebody makes, where it may be. */
static bool entry_sound(struct mm *mm, unsigned long va, pte_t pte)
{
	struct vma *vma;

	if (pte_none(pte) || pte_mapped(pte) || pte_is_swap(pte))
		return true;
	vma = find_vma_intersection(mm, va, va + PAGE_SIZE);
	if (vma && pte_is_file(pte))
		return vma->flags & VM_NONLINEAR && pte_value(pte) != vma_pgoff(vma, va);
	if (!vma || !pte_is_marker(pte) || vma->flags & VM_SPECIAL)
		return false;
	if (pte_is_empty(pte))
		return vma->flags & VM_UFFD_WP && pte_uffd_wp(pte);
	return pte_is_poison(pte) ? !pte_is_guard(pte) : vma->anon_vma && pte_is_guard(pte);
}

static void check_entry(struct mm *mm, unsigned long va, pte_t pte)
{
	count_entry(pte);
	if (entry_sound(mm, va, pte))
		return;
	check_strays++;
	check_report(CHECK_CHECK, "mm %llu: entry %llx at %lx", (unsigned long long)mm->id,
		     (unsigned long long)pte.v, va);
}

static void count_mm(struct mm *mm)
{
	unsigned long va = 0;

	down_read(&mm->mmap_lock);
	while ((va = pgtable_next_present(mm, va, MM_USER_TOP)) < MM_USER_TOP) {
		struct spinlock *ptl;
		pte_t *ptep = pte_offset_lock(mm, va, &ptl);

		if (ptep) {
			check_entry(mm, va, pte_read(ptep));
			pte_unmap_unlock(ptep, ptl);
		}
		va += PAGE_SIZE;
	}
	up_read(&mm->mmap_lock);
}

static void count_swap_cache(const struct page *page)
{
	if (page_test(page, PG_swapcache))
		count_slot(page->swap);
}

/* Everything but the swap cache, which check_frames() counts as it passes. */
static void count_all(void)
{
	struct mm *mm = NULL;

	check_strays = 0;
	memset(check_mapped, 0, max_pfn * sizeof(*check_mapped));
	check_unheard = 0;
	for (unsigned int n = 0; n < MAX_SWAP_AREAS; n++)
		if (check_swapped[n] && swap_area_slots(n))
			memset(check_swapped[n], 0, swap_area_slots(n) * sizeof(u16));
	while ((mm = mm_list_next(mm)))
		if (atomic_read(&mm->mm_users) > 0)
			count_mm(mm);
	shmem_for_each_entry(count_slot);
}

/* ---- comparing ---- */

/* Mappings that rmap finds, or the page's own count if it cannot be asked now. */
static unsigned int count_by_rmap(struct page *page)
{
	unsigned int found;

	page_lock(page);
	if (page->mapping && page_mapped(page))
		found = rmap_count_ptes(page);
	else
		found = (unsigned int)page_mapcount(page);
	page_unlock(page);
	return found;
}

/* Is what the frame, in @state, says of itself true? @say: report it. */
static bool frame_sound(struct page *page, enum page_state state, bool say)
{
	int found = check_mapped[page_to_pfn(page).v];
	int by_rmap = found;

	if (state == PAGE_SLAB || state == PAGE_TABLE || state == PAGE_RESERVED)
		return true;
	if (state == PAGE_FREE ? found == 0 && !page_mapped(page) && page->oracle == 0 :
				 page_mapcount(page) == found) {
		if (state == PAGE_FREE || !get_page_unless_zero(page))
			return true;
		if (page->mapping)
			by_rmap = (int)count_by_rmap(page);
		put_page(page);
		if (by_rmap == found)
			return true;
	}
	if (say) {
		check_report(CHECK_CHECK, "frame %llx: mapcount %d, %d entries, %d by rmap",
			     (unsigned long long)page_to_pfn(page).v, page_mapcount(page), found,
			     by_rmap);
		page_dump(page, "world check");
	}
	return false;
}

/*
 * One pass over all frames: each is sound; those in the swap cache are counted with
 * their slots; and those that nobody has are the allocator's, so that none is lost
 * and none is in two places.
 */
static unsigned int check_frames(bool say)
{
	u64 free = 0, counted = nr_free_pages();
	unsigned int faults = 0;

	for (u64 pfn = 0; pfn < max_pfn; pfn++) {
		struct page *page = pfn_to_page(pfn_make(pfn));
		enum page_state state;

		/* half of the frames, mostly: the ramdisk's */
		if ((page->flags & (BIT(PG_reserved) | BIT(PG_swapcache))) == BIT(PG_reserved))
			continue;
		state = page_state(page);
		free += state == PAGE_FREE;
		count_swap_cache(page);
		faults += !frame_sound(page, state, say && faults < 5);
	}
	if (check_unheard && say)
		check_report(CHECK_CHECK, "page cache: %llu writable entries of clean pages",
			     (unsigned long long)check_unheard);
	faults += check_unheard > 0;
	if (free == counted)
		return faults;
	if (say)
		check_report(CHECK_CHECK, "memory: %llu frames are free, the allocator has %llu",
			     (unsigned long long)free, (unsigned long long)counted);
	return faults + 1;
}

static bool page_is_pinned(const struct page *page)
{
	int explained = page_mapcount(page) + page_test(page, PG_swapcache) +
			page_is_shmem(page) + page_is_backed(page);

	return page_test(page, PG_lru) && !page_test(page, PG_writeback) &&
	       page_count(page) > explained;
}

u64 mm_count_pins(void)
{
	u64 pins = 0;

	for (u64 pfn = 0; pfn < max_pfn; pfn++)
		pins += page_is_pinned(pfn_to_page(pfn_make(pfn)));
	return pins;
}

static unsigned int check_slots(void)
{
	unsigned int faults = 0;

	for (unsigned int n = 0; n < MAX_SWAP_AREAS; n++)
		if (swap_area_slots(n) && check_swapped[n])
			faults += swap_slot_check(check_swapped[n], n);
	return faults;
}

/* Swap areas may have come and gone since: tests do that. */
static void check_arrays(void)
{
	for (unsigned int n = 0; n < MAX_SWAP_AREAS; n++) {
		if (check_slots_of[n] == swap_area_slots(n))
			continue;
		vfree(check_swapped[n]);
		check_slots_of[n] = swap_area_slots(n);
		check_swapped[n] = check_slots_of[n] ? vzalloc(check_slots_of[n] * sizeof(u16)) :
						       NULL;
	}
}

/* The check itself: what RCU was to free has been freed. */
static unsigned int world_check(void)
{
	unsigned int faults = 0;

	mutex_lock(&check_mutex);
	check_arrays();
	/* kswapd or a dying thread may have moved something while we counted. */
	for (unsigned int try = 1; try <= CHECK_TRIES; try++) {
		count_all();
		faults = check_frames(try == CHECK_TRIES);
		if (!faults)
			break;
		(void)schedule_timeout_uninterruptible(2);
	}
	if (!faults)
		faults += check_slots();
	faults += check_strays + lru_check() + swap_cache_check() + shmem_check() +
		  writeback_check() + buddy_check() + slab_check() + vmalloc_check() +
		  commit_check();
	mutex_unlock(&check_mutex);
	return faults;
}

unsigned int mm_check(void)
{
	if (!check_mapped)
		return 0;
	rcu_barrier();
	return world_check();
}

/* ---- leaks ---- */

#ifdef CONFIG_CHECKS
static struct mm_levels leak_before;

void mm_levels_read(struct mm_levels *out)
{
	struct vmalloc_info vm;
	struct swap_info swap;
	struct slab_info slab;
	u64 slab_pages = 0, of_files = shmem_swapped_pages();

	vmalloc_drop_stacks();
	for (unsigned int n = 0; slab_info(n, &slab); n++)
		slab_pages += slab.pages;
	vmalloc_info(&vm);
	swap_slot_info(&swap);
	out->frames = totalram_pages() - nr_free_pages() - slab_pages - vm.tables -
		      swap_cache_pages() + of_files;
	out->objects = slab_objects_used();
	out->ranges = vm.ranges;
	out->slots = swap.used - of_files;
	out->promised = commit_pages();
}

static bool leak_none(const struct mm_levels *before, const struct mm_levels *now)
{
	return now->frames <= before->frames && now->objects <= before->objects &&
	       now->ranges <= before->ranges && now->slots <= before->slots &&
	       now->promised <= before->promised;
}

bool mm_levels_settle(const struct mm_levels *before, struct mm_levels *now)
{
	for (unsigned int waited = 0; waited < LEAK_WAIT_TICKS; waited++) {
		rcu_barrier();
		mm_levels_read(now);
		if (leak_none(before, now))
			return true;
		/*
		 * A page whose last user went while it was being written stays in the
		 * swap cache, on the list, until reclaim comes by: no leak.
		 */
		if (!test_hook_failed && (s64)(now->slots - before->slots) > 0)
			(void)reclaim_pages(now->slots - before->slots);
		(void)schedule_timeout_uninterruptible(1);
	}
	return false;
}

static void leak_check_before(void)
{
	rcu_barrier();
	mm_levels_read(&leak_before);
}

static void leak_check_after(void)
{
	struct mm_levels now;

	if (mm_levels_settle(&leak_before, &now))
		return;
	check_report(CHECK_CHECK,
		     "leak: frames %+lld, objects %+lld, vmalloc ranges %+lld, swap slots %+lld, promised pages %+lld",
		     (long long)(now.frames - leak_before.frames),
		     (long long)(now.objects - leak_before.objects),
		     (long long)(now.ranges - leak_before.ranges),
		     (long long)(now.slots - leak_before.slots),
		     (long long)(now.promised - leak_before.promised));
	slab_leak_report();
}

static void world_check_before(void)
{
	check_arrays();		/* now, so that it is no leak of the test */
	slab_leak_mark();
	leak_check_before();
}

static void world_check_after(void)
{
	leak_check_after();	/* has waited for RCU */
	(void)world_check();
}

static struct test_hook world_hook = {
	.name = "mm", .before = world_check_before, .after = world_check_after,
};

void mm_check_init(void)
{
	mutex_init(&check_mutex, LOCK_TEST_OUTER, "world check");
	check_mapped = vzalloc(max_pfn * sizeof(*check_mapped));
	if (!check_mapped)
		panic("no memory for the world check");
	test_hook_register(&world_hook);
}
#else
void mm_check_init(void)
{
}
#endif
