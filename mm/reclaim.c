/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/reclaim.c - taking pages away from those who did not use them for longest
 *
 * Concept    The steps of docs/page-life.md, for a batch of pages at a time:
 *
 *              isolate   lru_isolate: off the list, with a reference
 *              age       page_referenced: used since last time? then it stays
 *              slot      swap_slot_alloc, swap_cache_add
 *              unmap     try_to_unmap: each PTE becomes a swap entry; a file's
 *                        page leaves its PTEs empty and the entry in the file's
 *                        map (shmem_swap_out)
 *              flush     tlb_batch_flush: once for the whole batch
 *              write     swap_write; the page goes back to the list meanwhile
 *              free      a clean page whom nobody else has: swap_cache_reclaim
 *
 *            A page of a file that has a disk needs no slot: it is written there
 *            (write_page), and clean it is dropped (pagecache_reclaim).
 *
 *            A page that must be written is freed by a later batch: the end of
 *            its I/O makes it the oldest of the list.
 *
 *            How much of each pair of lists is looked at, lru_balance.c says anew for
 *            each pass.
 *
 *            kswapd does this between the low and the high watermark; a task
 *            that finds memory below min does it itself (direct reclaim). Both
 *            wait for the device when all they find is being written. When
 *            nothing can be taken any more, the largest process is killed.
 * Owns       kswapd, vmstat, the OOM state.
 * Locks      Page locks by trying only; all others inside the functions called.
 * Invariants a page of the batch is locked from isolate to write or free; no I/O and
 *            no free before the batch's flush            shrink_batch()
 * Callers    buddy.c (through its hooks), kswapd.
 * Next       swap_slot.c
 */
#include "mm/swap.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/sched/kthread.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/task.h"
#include "kernel/sync/wait.h"
#include "mm/buddy.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/page_io.h"
#include "mm/pagecache.h"
#include "mm/rmap.h"
#include "mm/shmem.h"
#include "mm/slab.h"
#include "mm/tlb.h"
#include "mm/writeback.h"

/* Passes over the lists before giving up, each looking at twice as much as the last. */
#define PASSES 6
#define IO_WAIT_TICKS 10
#define OOM_WAIT_TICKS 5

struct vmstat vmstat;

static struct wait_queue_head kswapd_wait;
static atomic_t kswapd_wanted;
static const struct oom_ops *oom_ops;

struct shrink {
	unsigned long freed;
	unsigned long busy;		/* pages found under I/O */
	unsigned long written;		/* pages sent to a disk */
};

/* ---- one page ---- */

enum page_fate {
	KEEP,			/* back to the inactive list */
	ACTIVATE,		/* back to the active list */
	UNMAPPED,		/* locked, in the swap cache, nobody maps it */
	BUSY,			/* being written: back, and worth waiting for */
};

/* Give the page a slot, if it has none. Page locked. */
static bool reclaim_slot(struct page *page)
{
	swp_entry_t entry;

	if (page_test(page, PG_swapcache)) {
		if (swap_slot_usable(page->swap))
			return true;
		/* It moves to another slot, unless somebody knows it by this one. */
		if (!swap_cache_try_free(page) || !page_mapped(page))
			return false;
	}
	if (swap_slot_alloc(&entry))
		return false;
	if (swap_cache_add(page, entry)) {
		swap_slot_put(entry);
		return false;
	}
	page_set(page, PG_dirty);
	return true;
}

static enum page_fate reclaim_unmap_everywhere(struct page *page)
{
	if (!page_mapped(page))
		return UNMAPPED;
	switch (try_to_unmap(page, TTU_BATCH_FLUSH)) {
	case SWAP_SUCCESS:
		return UNMAPPED;
	case SWAP_FAIL:
		return ACTIVATE;
	default:
		return KEEP;
	}
}

/* The same, and out of its file. One that stays gives its slot back. */
static enum page_fate reclaim_unmap(struct page *page)
{
	enum page_fate fate = reclaim_unmap_everywhere(page);

	if (page_is_shmem(page)) {
		if (fate == UNMAPPED)
			shmem_swap_out(page);
		else
			swap_cache_del(page);
	}
	return fate;
}

/* Isolate to unmap, for one page that the caller has locked. */
static enum page_fate reclaim_decide(struct page *page)
{
	unsigned long vm_flags = 0;

	if (page_test(page, PG_writeback))
		return BUSY;
	/* Unmapped, or out of its file: our reference may be the last. */
	if (!page_mapped(page) && !page_test(page, PG_swapcache) && !page_is_shmem(page) &&
	    !page_is_backed(page))
		return KEEP;
	if (page_is_shmem(page) && shmem_is_unevictable(page))
		return ACTIVATE;
	if (page_referenced(page, &vm_flags))
		return ACTIVATE;
	/* What MADV_FREE gave up, or has a place on a disk, needs no slot. */
	if (!page_is_lazyfree(page) && !page_is_backed(page) && !reclaim_slot(page))
		return ACTIVATE;
	gate_point("reclaim.slot", page);
	return reclaim_unmap(page);
}

/* Nobody can come for it: MADV_FREE. Return: it is free. */
static bool reclaim_finish_lazyfree(struct page *page)
{
	page_unlock(page);
	put_page(page);
	return true;
}

/* To the disk of its file, or out of it. */
static bool reclaim_finish_backed(struct shrink *s, struct page *page)
{
	if (page_test(page, PG_dirty)) {
		s->written += write_page(page);
	} else if (pagecache_reclaim(page, true)) {
		page_free_frozen(page);
		return true;
	} else {
		page_unlock(page);
	}
	lru_putback(page, false);
	return false;
}

/* Write or free a page whose flush has been paid. Locked on entry, not on return.
 * Return: true if it is free. */
static bool reclaim_finish(struct shrink *s, struct page *page)
{
	gate_point("reclaim.finish", page);
	if (page_is_backed(page))
		return reclaim_finish_backed(s, page);
	if (!page_test(page, PG_swapcache))
		return reclaim_finish_lazyfree(page);
	if (page_test(page, PG_dirty) && !swap_write_zero(page)) {
		swap_write(page);
		s->written++;
		lru_putback(page, false);
		return false;
	}
	if (swap_cache_reclaim(page)) {
		page_free_frozen(page);
		return true;
	}
	page_unlock(page);
	lru_putback(page, false);
	return false;
}

static void reclaim_give_back(struct page *page, enum page_fate fate)
{
	page_unlock(page);
	if (fate == ACTIVATE)
		atomic64_inc(&vmstat.pgactivate);
	lru_putback(page, fate == ACTIVATE);
}

/* ---- batches ---- */

/* Unmap what can be unmapped; those pages, locked, move to @unmapped. */
static void shrink_unmap(struct shrink *s, struct list_head *batch, struct list_head *unmapped)
{
	while (!list_empty(batch)) {
		struct page *page = list_first_entry(batch, struct page, lru);
		enum page_fate fate;

		list_del(&page->lru);
		if (!page_trylock(page)) {
			lru_putback(page, false);
			continue;
		}
		fate = reclaim_decide(page);
		if (fate == UNMAPPED) {
			list_add_tail(&page->lru, unmapped);
			continue;
		}
		s->busy += fate == BUSY;
		reclaim_give_back(page, fate);
	}
}

static void shrink_isolated(struct shrink *s, struct list_head *batch)
{
	LIST_HEAD(unmapped);

	shrink_unmap(s, batch, &unmapped);
	tlb_batch_flush();
	while (!list_empty(&unmapped)) {
		struct page *page = list_first_entry(&unmapped, struct page, lru);

		list_del(&page->lru);
		if (reclaim_finish(s, page))
			s->freed++;
	}
}

/* Up to @nr pages of the inactive list. Return: how many there were. */
static unsigned int shrink_batch(struct shrink *s, enum lru_type type, unsigned int nr)
{
	unsigned long freed = s->freed, written = s->written;
	unsigned int taken;
	LIST_HEAD(batch);

	taken = lru_isolate(lru_list(type, false), nr, &batch);
	atomic64_add(taken, &vmstat.pgscan[type]);
	shrink_isolated(s, &batch);
	freed = s->freed - freed;
	atomic64_add((s64)freed, &vmstat.pgsteal[type]);
	lru_note_cost(type, s->written - written, taken - freed);
	return taken;
}

/* Old pages of the active list get a second chance on the inactive one. */
static unsigned int shrink_active(enum lru_type type, unsigned int nr)
{
	unsigned int taken, rotated = 0;
	LIST_HEAD(batch);

	taken = lru_isolate(lru_list(type, true), nr, &batch);
	while (!list_empty(&batch)) {
		struct page *page = list_first_entry(&batch, struct page, lru);
		unsigned long vm_flags = 0;
		bool used = true;

		list_del(&page->lru);
		if (page_trylock(page)) {
			used = page_referenced(page, &vm_flags) > 0;
			page_unlock(page);
		}
		if (!used) {
			page_set(page, PG_workingset);
			atomic64_inc(&vmstat.pgdeactivate);
		}
		rotated += used;
		lru_putback(page, used);
	}
	lru_note_cost(type, 0, rotated);
	return taken;
}

/* A step on one pair of lists, keeping them in balance; *@left is still to be looked at. */
static void shrink_pair(struct shrink *s, enum lru_type type, u64 *left)
{
	unsigned int nr = (unsigned int)min(*left, (u64)RECLAIM_BATCH), seen = 0;
	struct lru_counts counts;

	lru_count(&counts);
	if (counts.nr[lru_list(type, true)] > counts.nr[lru_list(type, false)])
		seen += shrink_active(type, nr);
	seen += shrink_batch(s, type, nr);
	*left = seen ? *left - min(*left, (u64)seen) : 0;
}

/* One pass: look at a part of all pages, both pairs in turn. @pass: from 0 on. */
static void shrink_lists(struct shrink *s, unsigned int pass, unsigned long want)
{
	struct lru_balance balance;
	u64 left[NR_LRU_TYPES], nr;

	if (pass == PASSES - 1)
		swap_token_put(NULL);
	lru_balance_now(&balance, pass == PASSES - 1);
	nr = (balance.size[LRU_ANON] + balance.size[LRU_FILE]) >> (PASSES - 1 - pass);
	lru_balance_shares(&balance, max(nr, (u64)RECLAIM_BATCH), left);
	while ((left[LRU_ANON] || left[LRU_FILE]) && s->freed < want) {
		for (enum lru_type type = 0; type < NR_LRU_TYPES; type++)
			if (left[type])
				shrink_pair(s, type, &left[type]);
		cond_resched();
	}
}

/* Pass after pass, deeper each time, until @want pages are free. */
static unsigned long shrink(unsigned long want)
{
	struct shrink s = { 0 };

	for (unsigned int pass = 0; pass < PASSES && s.freed < want; pass++) {
		s.busy = 0;
		shrink_lists(&s, pass, want);
		if (s.freed < want && pass == PASSES / 2)
			s.freed += slab_shrink();
		/* Writes are under way, or so many that no request was free: their pace is ours. */
		if (s.freed < want && (s.busy || swap_io_pending()))
			page_io_wait(IO_WAIT_TICKS);
	}
	return s.freed;
}

/* Whoever frees memory may use the last of it, and must not come here again. */
static unsigned int reclaim_enter(void)
{
	unsigned int outer = current->flags & PF_MEMALLOC;

	might_sleep();
	current->flags |= PF_MEMALLOC;
	return outer;
}

static void reclaim_leave(unsigned int outer)
{
	pagecache_prune_shadows();
	if (!outer)
		current->flags &= ~PF_MEMALLOC;
}

unsigned long reclaim_pages(unsigned long nr)
{
	unsigned int outer = reclaim_enter();
	unsigned long freed = shrink(nr);

	tlb_batch_flush();
	reclaim_leave(outer);
	return freed;
}

void reclaim_isolated(struct list_head *pages)
{
	unsigned int outer = reclaim_enter();
	struct shrink s = { 0 };

	shrink_isolated(&s, pages);
	reclaim_leave(outer);
}

/* ---- kswapd ---- */

void kswapd_wake(void)
{
	if (atomic_xchg(&kswapd_wanted, 1) == 0)
		wake_up(&kswapd_wait);
}

/* Frames missing up to the high watermark. */
static unsigned long kswapd_lack(void)
{
	unsigned long free = nr_free_pages(), high = buddy_marks()->high;

	return free < high ? high - free : 0;
}

static void kswapd_balance(void)
{
	unsigned long lack;

	do {
		gate_point("reclaim.kswapd", NULL);
		lack = kswapd_lack();
	} while (lack && !kthread_should_stop() && reclaim_pages(lack));
}

static int kswapd(void *unused)
{
	current->flags |= PF_MEMALLOC;
	while (!kthread_should_stop()) {
		(void)wait_event_interruptible(&kswapd_wait, atomic_read(&kswapd_wanted) ||
					       kthread_should_stop());
		/* Below: a request that comes now is served by the next round. */
		atomic_set(&kswapd_wanted, 0);
		kswapd_balance();
	}
	return 0;
}

/* ---- the last resort ---- */

void oom_set_ops(const struct oom_ops *ops)
{
	ASSERT(ops->kill);
	oom_ops = ops;
}

u64 oom_total_pages(void)
{
	struct swap_info swap;

	swap_slot_info(&swap);
	return totalram_pages() + swap.total;
}

static u64 oom_pages(const struct mm *mm)
{
	return mm_rss(mm) + (u64)atomic64_read(&mm->rss[MM_SWAPENTS]) +
	       (u64)atomic64_read(&mm->nr_table_pages);
}

s64 oom_badness(const struct mm *mm)
{
	s64 adj = READ_ONCE(mm->oom_score_adj);

	return adj == OOM_SCORE_ADJ_MIN ? OOM_NEVER :
	       (s64)oom_pages(mm) + adj * (s64)oom_total_pages() / 1000;
}

struct mm *oom_select(bool *dying)
{
	struct mm *mm = NULL, *worst = NULL;
	s64 most = OOM_NEVER;

	*dying = false;
	while ((mm = mm_list_next(mm))) {
		bool has = oom_pages(mm), used = has && atomic_read(&mm->mm_users) > 0;
		s64 size = used ? oom_badness(mm) : OOM_NEVER;

		/* also one whose last user has left and that is being emptied */
		if (has && READ_ONCE(mm->oom_victim))
			*dying = true;
		else if (size > most) {
			if (worst)
				mmdrop(worst);
			mmgrab(mm);
			worst = mm;
			most = size;
		}
	}
	return worst;
}

/* Return: whether memory will come, so that trying again makes sense. */
static bool out_of_memory(void)
{
	struct mm *victim;
	bool dying;

	if (!oom_ops || fatal_signal_pending(current))
		return false;
	victim = oom_select(&dying);
	if (!dying && victim) {
		dying = oom_ops->kill(victim);
		if (dying) {
			WRITE_ONCE(victim->oom_victim, true);
			atomic64_inc(&vmstat.oom_kill);
			pr_warn("out of memory: mm %llu had badness %lld\n",
				(unsigned long long)victim->id,
				(long long)oom_badness(victim));
		}
	}
	if (victim)
		mmdrop(victim);
	if (dying)
		(void)schedule_timeout_uninterruptible(OOM_WAIT_TICKS);
	return dying;
}

/* ---- boot ---- */

static const struct buddy_reclaim_ops reclaim_ops = {
	.direct_reclaim = reclaim_pages,
	.wake_kswapd = kswapd_wake,
	.out_of_memory = out_of_memory,
};

void reclaim_init(void)
{
	init_waitqueue_head(&kswapd_wait);
	if (kthread_run(NULL, kswapd, NULL, "kswapd"))
		panic("no memory for kswapd");
	buddy_set_reclaim_ops(&reclaim_ops);
}
