/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/coherence.c - the oracles: who still translates to this frame?
 *
 * Concept    Three things can go wrong when a translation changes: a second MMU
 *            keeps its copy of a page that is freed; a CPU keeps it in its TLB;
 *            nobody was told at all. Each has a witness here that shares no
 *            code with the parts it watches.
 *
 *            Holders    A second MMU's driver says which frame it translates to
 *                       (coherence_hold). The frame counts them in page->oracle.
 *            Watches    The setters of mm/pgtable.c report each entry that lost
 *                       its frame or a permission. The record names every CPU
 *                       that might have cached it, and shrinks as these report
 *                       their flushes; a frame counts its open records, too.
 *                       How mm/tlb.c batches and counts does not matter here.
 *            Brackets   The core notifier brackets that the current task has
 *                       open, as a stack linked through the ranges themselves.
 *
 *            A frame that reaches the allocator with a count is reported.
 *
 * Owns       page->oracle (low half: holders; high half: open watches), mm->watch,
 *            task->open_brackets, the event ring.
 * Locks      LOCK_COHERENCE (spin, irqs off): one mm's watches, or the table of
 *            holders; LOCK_COHERENCE_POOL inside it.
 * Invariants a free page's oracle word is zero          coherence_page_free()
 *            a present entry weakens inside a bracket   coherence_pte_change()
 *            single page: pair call before unlock       coherence_pt_unlock()
 *            flushed before the bracket ends            coherence_bracket_end()
 * Callers    pgtable.c, tlb.c, buddy.c, mmu_notifier.h, second MMUs' drivers.
 * Next       check.c
 */
#include "mm/coherence.h"

#ifdef CONFIG_CHECKS

#include "kernel/lib/gate_hook.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/sched/task.h"
#include "kernel/sync/spinlock.h"
#include "mm/memblock.h"
#include "mm/mmu_notifier.h"

#define ORACLE_HOLD 1UL
#define ORACLE_WATCH (1UL << 32)
#define ORACLE_HOLDS(word) ((u32)(word))
#define ORACLE_WATCHES(word) ((u32)((word) >> 32))

/* Who holds what, for the report: a frame's holders hash to one chain. */
struct coherence_holder {
	struct list_head list;
	struct page *page;
	const char *name;
	struct mm *mm;
	unsigned long va;
};

/* One of the last notifier calls of the core, newest overwrites oldest. */
struct coherence_event {
	u64 seq;
	const char *what;
	u64 mm_id;
	unsigned long start, end;
	pid_t pid;
};

#define HOLDER_CHAINS 256
#define NR_EVENTS 512

static struct list_head holder_chain[HOLDER_CHAINS];
DEFINE_STATIC_SPINLOCK(holder_lock, LOCK_COHERENCE);

static struct coherence_event events[NR_EVENTS];
static u64 event_seq;

static LIST_HEAD(watch_pool);
static LIST_HEAD(holder_pool);
static u64 pool_misses;			/* changes that could not be watched */
DEFINE_STATIC_SPINLOCK(pool_lock, LOCK_COHERENCE_POOL);

/* ---- the pool and the event ring ---- */

static struct list_head *pool_take(struct list_head *pool)
{
	struct list_head *entry = NULL;
	unsigned long flags;

	spin_lock_irqsave(&pool_lock, flags);
	if (!list_empty(pool)) {
		entry = pool->next;
		list_del(entry);
	} else if (pool_misses++ == 0) {
		pr_warn("coherence: record pool is empty; some changes go unwatched\n");
	}
	spin_unlock_irqrestore(&pool_lock, flags);
	return entry;
}

static void pool_give(struct list_head *pool, struct list_head *entry)
{
	unsigned long flags;

	spin_lock_irqsave(&pool_lock, flags);
	list_add(entry, pool);
	spin_unlock_irqrestore(&pool_lock, flags);
}

static void event_note(const char *what, struct mm *mm, unsigned long start, unsigned long end)
{
	u64 seq = __atomic_fetch_add(&event_seq, 1, __ATOMIC_RELAXED);

	events[seq % NR_EVENTS] = (struct coherence_event){
		.seq = seq, .what = what, .mm_id = mm->id, .start = start, .end = end,
		.pid = current->pid,
	};
}

/* The last few events that cover @va in @mm, oldest first. */
static void events_print(struct mm *mm, unsigned long va)
{
	u64 newest = READ_ONCE(event_seq);
	u64 seq = newest > NR_EVENTS ? newest - NR_EVENTS : 0;

	for (; seq < newest; seq++) {
		struct coherence_event *e = &events[seq % NR_EVENTS];

		if (e->seq == seq && e->mm_id == mm->id && va >= e->start && va < e->end)
			pr_err("  event %llu: %s [%lx, %lx) by pid %d\n",
			       (unsigned long long)seq, e->what, e->start, e->end, e->pid);
	}
}

/* ---- holders: translations kept by second MMUs ---- */

static struct list_head *holder_chain_of(const struct page *page)
{
	return &holder_chain[page_to_pfn(page).v % HOLDER_CHAINS];
}

void coherence_hold(struct page *page, const char *holder, struct mm *mm, unsigned long va)
{
	struct list_head *entry = pool_take(&holder_pool);
	struct coherence_holder *h;
	unsigned long flags;

	__atomic_fetch_add(&page->oracle, ORACLE_HOLD, __ATOMIC_SEQ_CST);
	if (!entry)
		return;
	h = container_of(entry, struct coherence_holder, list);
	h->page = page;
	h->name = holder;
	h->mm = mm;
	h->va = va;
	spin_lock_irqsave(&holder_lock, flags);
	list_add(&h->list, holder_chain_of(page));
	spin_unlock_irqrestore(&holder_lock, flags);
}

static struct coherence_holder *holder_find(struct page *page, const char *name, struct mm *mm,
					    unsigned long va)
{
	struct coherence_holder *h;

	list_for_each_entry(h, holder_chain_of(page), list)
		if (h->page == page && h->name == name && h->mm == mm && h->va == va)
			return h;
	return NULL;
}

void coherence_unhold(struct page *page, const char *holder, struct mm *mm, unsigned long va)
{
	struct coherence_holder *h;
	unsigned long flags;

	ASSERT_PAGE(page, ORACLE_HOLDS(READ_ONCE(page->oracle)) > 0);
	spin_lock_irqsave(&holder_lock, flags);
	h = holder_find(page, holder, mm, va);
	if (h) {
		list_del(&h->list);
		pool_give(&holder_pool, &h->list);
	}
	spin_unlock_irqrestore(&holder_lock, flags);
	__atomic_fetch_sub(&page->oracle, ORACLE_HOLD, __ATOMIC_SEQ_CST);
}

unsigned int coherence_holds(const struct page *page)
{
	return ORACLE_HOLDS(READ_ONCE(page->oracle));
}

/* ---- watches: translations that CPUs or point subscribers may still have ---- */

static void watch_end(struct mm *mm, struct coherence_watch *w)
{
	assert_held(&mm->watch.lock);
	list_del(&w->list);
	if (w->page)
		__atomic_fetch_sub(&w->page->oracle, ORACLE_WATCH, __ATOMIC_SEQ_CST);
	pool_give(&watch_pool, &w->list);
}

/* Name those who may have cached the entry. No CPU leaves meanwhile: see coherence_tlb_left(). */
static void watch_name(struct mm *mm, struct coherence_watch *w)
{
	assert_held(&mm->watch.lock);
	w->cpus |= READ_ONCE(mm->tlb.cpumask);
	w->point |= mm_has_notifiers(mm);
	if (!w->cpus && !w->point)
		watch_end(mm, w);
}

/* A permission record grows while its bracket changes one entry after another. */
static bool watch_extend(struct mm *mm, struct mmu_notifier_range *bracket, unsigned long va)
{
	struct coherence_watch *w;

	if (list_empty(&mm->watch.pending))
		return false;
	w = list_first_entry(&mm->watch.pending, struct coherence_watch, list);
	if (w->page || !bracket || w->bracket != bracket || va < w->start)
		return false;
	w->end = max(w->end, va + PAGE_SIZE);
	watch_name(mm, w);
	return true;
}

static void watch_begin(struct mm *mm, struct mmu_notifier_range *bracket, unsigned long va,
			struct page *page)
{
	struct coherence_watch *w;
	struct list_head *entry;
	unsigned long flags;

	if (!READ_ONCE(mm->tlb.cpumask) && !mm_has_notifiers(mm))
		return;
	gate_point("coherence.record", mm);
	spin_lock_irqsave(&mm->watch.lock, flags);
	if (!page && watch_extend(mm, bracket, va))
		goto out;
	entry = pool_take(&watch_pool);
	if (!entry)
		goto out;
	w = container_of(entry, struct coherence_watch, list);
	*w = (struct coherence_watch){
		.start = va, .end = va + PAGE_SIZE, .page = page, .bracket = bracket,
	};
	list_add(&w->list, &mm->watch.pending);
	if (page)
		__atomic_fetch_add(&page->oracle, ORACLE_WATCH, __ATOMIC_SEQ_CST);
	watch_name(mm, w);
out:
	spin_unlock_irqrestore(&mm->watch.lock, flags);
}

/* @cpu has nothing left of [@start, @end): take its name out. */
static void watch_unname(struct mm *mm, int cpu, unsigned long start, unsigned long end)
{
	struct coherence_watch *w, *next;

	assert_held(&mm->watch.lock);
	list_for_each_entry_safe(w, next, &mm->watch.pending, list) {
		if (w->start < start || w->end > end)
			continue;
		w->cpus &= ~BIT(cpu);
		if (!w->cpus && !w->point)
			watch_end(mm, w);
	}
}

void coherence_tlb_flushed(struct mm *mm, int cpu, unsigned long start, unsigned long end)
{
	unsigned long flags;

	if (list_empty(&mm->watch.pending))
		return;
	spin_lock_irqsave(&mm->watch.lock, flags);
	watch_unname(mm, cpu, start, end);
	spin_unlock_irqrestore(&mm->watch.lock, flags);
}

/*
 *	who changes an entry		CPU that leaves
 *	lock				lock
 *	read cpumask: names		names: take its own out
 *	unlock				cpumask: clear its bit
 *	read cpumask: who is asked	unlock
 *
 * Under the lock, so that it is not named after it has looked; the names before
 * the mask, so that whoever does not ask it finds it not named either.
 */
void coherence_tlb_left(struct mm *mm, int cpu)
{
	unsigned long flags;

	spin_lock_irqsave(&mm->watch.lock, flags);
	watch_unname(mm, cpu, 0, ~0UL);
	gate_point("coherence.leave", mm);
	__atomic_fetch_and(&mm->tlb.cpumask, ~BIT(cpu), __ATOMIC_SEQ_CST);
	spin_unlock_irqrestore(&mm->watch.lock, flags);
}

void coherence_point_call(struct mm *mm, unsigned long start, unsigned long end)
{
	struct coherence_watch *w, *next;
	unsigned long flags;

	event_note("point", mm, start, end);
	if (list_empty(&mm->watch.pending))
		return;
	spin_lock_irqsave(&mm->watch.lock, flags);
	list_for_each_entry_safe(w, next, &mm->watch.pending, list) {
		if (w->start < start || w->end > end)
			continue;
		w->point = false;
		if (!w->cpus)
			watch_end(mm, w);
	}
	spin_unlock_irqrestore(&mm->watch.lock, flags);
}

void coherence_tlb_deferred(struct mm *mm, unsigned long va)
{
	struct coherence_watch *w;
	unsigned long flags;

	spin_lock_irqsave(&mm->watch.lock, flags);
	list_for_each_entry(w, &mm->watch.pending, list)
		if (w->start == va && w->page)
			w->deferred = true;
	spin_unlock_irqrestore(&mm->watch.lock, flags);
}

/* ---- the free-page oracle ---- */

static void report_watches(struct mm *mm, const struct page *page)
{
	struct coherence_watch *w;
	unsigned long flags;

	spin_lock_irqsave(&mm->watch.lock, flags);
	list_for_each_entry(w, &mm->watch.pending, list)
		if (w->page == page)
			pr_err("  %lx: CPUs %llx have not flushed%s\n", w->start,
			       (unsigned long long)w->cpus,
			       w->point ? ", point call not made" : "");
	spin_unlock_irqrestore(&mm->watch.lock, flags);
}

static void report_holders(const struct page *page)
{
	struct coherence_holder *h;
	unsigned long flags;

	spin_lock_irqsave(&holder_lock, flags);
	list_for_each_entry(h, holder_chain_of(page), list) {
		if (h->page != page)
			continue;
		pr_err("  held by %s: mm %llu at %lx\n", h->name,
		       (unsigned long long)h->mm->id, h->va);
		events_print(h->mm, h->va);
	}
	spin_unlock_irqrestore(&holder_lock, flags);
}

void coherence_page_free(struct page *page)
{
	u64 word = READ_ONCE(page->oracle);

	if (likely(!word))
		return;
	if (ORACLE_HOLDS(word)) {
		check_report(CHECK_FREE_PAGE,
			     "frame %llx is freed while %u second-MMU translation(s) use it",
			     (unsigned long long)page_to_pfn(page).v, ORACLE_HOLDS(word));
		report_holders(page);
	}
	if (ORACLE_WATCHES(word)) {
		check_report(CHECK_TLB, "frame %llx is freed before %u entry(ies) of it are flushed",
			     (unsigned long long)page_to_pfn(page).v, ORACLE_WATCHES(word));
		if (current->mm)
			report_watches(current->mm, page);
	}
}

/* ---- the bracket oracle ---- */

/* The innermost bracket of the current task that covers @va. */
static struct mmu_notifier_range *bracket_find(struct mm *mm, unsigned long va)
{
	struct mmu_notifier_range *range;

	for (range = current->open_brackets; range; range = range->outer)
		if (range->mm == mm && va >= range->start && va < range->end)
			return range;
	return NULL;
}

/*
 * One bracket replaces a frame: the new one may be shown only when everybody has
 * forgotten the old one. (Two tasks that race for one address may overlap.)
 */
static void bracket_check_replaced(struct mm *mm, unsigned long va, pte_t new)
{
	struct mmu_notifier_range *bracket = bracket_find(mm, va);
	struct coherence_watch *w;
	unsigned long flags;
	bool early = false;

	if (!bracket || list_empty(&mm->watch.pending))
		return;
	spin_lock_irqsave(&mm->watch.lock, flags);
	list_for_each_entry(w, &mm->watch.pending, list)
		early |= w->bracket == bracket && w->page && va >= w->start && va < w->end &&
			 page_to_pfn(w->page).v != pte_pfn(new);
	spin_unlock_irqrestore(&mm->watch.lock, flags);
	if (early)
		check_report(CHECK_TLB, "mm %llu: the new frame at %lx is set before the old one is flushed",
			     (unsigned long long)mm->id, va);
}

static bool pte_lost_permission(pte_t old, pte_t new)
{
	return (pte_write(old) && !pte_write(new)) || (pte_exec(old) && !pte_exec(new)) ||
	       (pte_user(old) && !pte_user(new));
}

void coherence_pte_change(struct mm *mm, unsigned long va, pte_t old, pte_t new)
{
	struct mmu_notifier_range *bracket;
	struct page *page = NULL;
	bool frame_gone;

	if (mm == &init_mm)
		return;
	if (!pte_present(old)) {
		if (pte_present(new))
			bracket_check_replaced(mm, va, new);
		return;
	}
	frame_gone = !pte_present(new) || pte_pfn(old) != pte_pfn(new);
	if (!frame_gone && !pte_lost_permission(old, new))
		return;

	bracket = bracket_find(mm, va);
	if (!bracket)
		check_report(CHECK_BRACKET, "mm %llu: the entry at %lx loses its %s outside a bracket",
			     (unsigned long long)mm->id, va, frame_gone ? "frame" : "permission");
	else if (bracket->flags & MMU_NOTIFIER_RANGE_SINGLE_PAGE)
		bracket->pair_due = true;

	if (frame_gone && pfn_valid(pfn_make(pte_pfn(old))))
		page = pfn_to_page(pfn_make(pte_pfn(old)));
	watch_begin(mm, bracket, va, page);
}

void coherence_table_gone(struct mm *mm, unsigned long va, const pte_t *table)
{
	for (unsigned int i = 0; i < PT_ENTRIES; i++)
		coherence_pte_change(mm, va + i * PAGE_SIZE, pte_read(&table[i]), pte_make_none());
}

void coherence_pair_call(struct mm *mm, unsigned long va)
{
	struct mmu_notifier_range *bracket = bracket_find(mm, va);

	event_note("pair", mm, va, va + PAGE_SIZE);
	if (bracket)
		bracket->pair_due = false;
}

void coherence_pt_unlock(void)
{
	struct mmu_notifier_range *bracket = current->open_brackets;

	if (!bracket || !bracket->pair_due)
		return;
	bracket->pair_due = false;
	check_report(CHECK_BRACKET, "mm %llu: single page %lx changed without a pair call",
		     (unsigned long long)bracket->mm->id, bracket->start);
}

/*
 * Whether anybody listens is asked once, here. Somebody who subscribes between this and
 * the end would hear an end without its start, so subscribing must be kept out.
 */
void coherence_range_init(struct mm *mm)
{
	if (atomic_read(&mm->mm_users) && !lock_check_held(&mm->mmap_lock) &&
	    !lock_check_rank_held(LOCK_I_MMAP) && !lock_check_rank_held(LOCK_ANON_VMA))
		check_report(CHECK_LOCK, "a bracket is described with no lock held that "
			     "registration takes");
}

void coherence_bracket_start(struct mmu_notifier_range *range)
{
	ASSERT(range->start < range->end);
	ASSERT(!(range->flags & MMU_NOTIFIER_RANGE_SINGLE_PAGE) ||
	       range->end - range->start == PAGE_SIZE);
	range->pair_due = false;
	range->outer = current->open_brackets;
	current->open_brackets = range;
	event_note("start", range->mm, range->start, range->end);
}

/* Everything that this bracket changed must have been flushed inside it. */
static void bracket_check_flushed(struct mmu_notifier_range *range)
{
	struct mm *mm = range->mm;
	struct coherence_watch *w;
	unsigned long flags, late = 0;

	if (list_empty(&mm->watch.pending))
		return;
	spin_lock_irqsave(&mm->watch.lock, flags);
	list_for_each_entry(w, &mm->watch.pending, list) {
		if (w->bracket != range)
			continue;
		w->bracket = NULL;
		if (!w->deferred || w->point)
			late = w->start;
	}
	spin_unlock_irqrestore(&mm->watch.lock, flags);
	if (late)
		check_report(CHECK_TLB, "mm %llu: the bracket [%lx, %lx) ends before %lx is flushed",
			     (unsigned long long)mm->id, range->start, range->end, late);
}

void coherence_bracket_end(struct mmu_notifier_range *range)
{
	ASSERT_MSG(current->open_brackets == range, "notifier brackets end out of order");
	bracket_check_flushed(range);
	event_note("end", range->mm, range->start, range->end);
	current->open_brackets = range->outer;
}

/* ---- life ---- */

void coherence_mm_init(struct mm *mm)
{
	spin_lock_init(&mm->watch.lock, LOCK_COHERENCE, "mm watch");
	INIT_LIST_HEAD(&mm->watch.pending);
}

void coherence_mm_free(struct mm *mm)
{
	struct coherence_watch *w, *next;
	unsigned long flags;

	if (list_empty(&mm->watch.pending))
		return;
	check_report(CHECK_TLB, "mm %llu dies with entries that were never flushed",
		     (unsigned long long)mm->id);
	spin_lock_irqsave(&mm->watch.lock, flags);
	list_for_each_entry_safe(w, next, &mm->watch.pending, list)
		watch_end(mm, w);
	spin_unlock_irqrestore(&mm->watch.lock, flags);
}

/* One watch for every four frames: batches are bounded, so a fraction is in use. */
void coherence_init(void)
{
	u64 n = max(max_pfn / 4, (u64)1024);
	struct coherence_watch *watches = memblock_alloc(n * sizeof(*watches), 64);
	struct coherence_holder *holders = memblock_alloc(n * sizeof(*holders), 64);

	for (unsigned int i = 0; i < HOLDER_CHAINS; i++)
		INIT_LIST_HEAD(&holder_chain[i]);
	for (u64 i = 0; i < n; i++) {
		list_add(&watches[i].list, &watch_pool);
		list_add(&holders[i].list, &holder_pool);
	}
}

#endif
