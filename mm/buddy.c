/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/buddy.c - the frames: free blocks of 2^n pages, split and merged in pairs
 *
 * Concept    A block of order n begins at a frame number divisible by 2^n. Its
 *            buddy is the block whose number differs in bit n alone; when both
 *            are free they are one block of order n + 1:
 *
 *              order 2   [ 8          |           ]
 *              order 1   [ 8   |  10  ][ 12 |  14 ]    buddy(8) = 10 at order 1
 *
 *            In front of the lists each CPU keeps some single frames, which it
 *            gives and takes with interrupts off and no lock. With CHECKS a
 *            freed frame is filled with a pattern and waits in a quarantine, so
 *            that a write through a stale pointer meets the pattern and not the
 *            next owner; the pattern is looked at when the frame is handed out.
 *
 *            Watermarks keep the end of memory for those who need it most: below
 *            low kswapd runs; below min only atomic and memory-freeing requests
 *            are served, and others reclaim themselves, then ask the OOM killer.
 * Owns       zone, the per-CPU lists, the history of each frame.
 * Locks      LOCK_BUDDY (spin, irqs off): the lists. Never held over anything else.
 * Invariants frames in the lists == zone.nr_free; no two free buddies; free
 *            frames have refcount 0                    buddy_check()
 * Callers    everybody through mm/gfp.h; page.c frees.
 * Next       slab.c
 */
#include "mm/buddy.h"

#include "arch/x86/cpu/irqflags.h"
#include "arch/x86/cpu/percpu.h"
#include "arch/x86/mm/layout.h"
#include "kernel/lib/inject_hook.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"
#include "kernel/sched/task.h"
#include "kernel/sync/lock_check.h"
#include "kernel/sync/preempt.h"
#include "kernel/sync/smp_call.h"
#include "kernel/sync/spinlock.h"
#include "mm/alloc_trace.h"
#include "mm/coherence.h"
#include "mm/lockorder.h"
#include "mm/memblock.h"

#define PCP_ORDER 4U		/* a CPU's list is filled by blocks of this order */
#define PCP_BATCH (1U << PCP_ORDER)
#define PAGE_POISON 0xaaaaaaaaaaaaaaaaULL
#define RECLAIM_ROUNDS 16
#define RECLAIM_BATCH 32

static struct {
	struct spinlock lock;
	struct list_head free[MAX_ORDER + 1];
	u64 nr_blocks[MAX_ORDER + 1];
	u64 nr_free;			/* frames in the lists */
	struct list_head quarantine;	/* oldest first */
	u64 nr_quarantined, max_quarantined;
	u64 total;
	struct buddy_watermarks mark;
	u64 pcp_high;
} zone;

struct buddy_pcp {
	struct list_head list;
	u64 count;
};
static DEFINE_PER_CPU(struct buddy_pcp, pcp);

static const struct buddy_reclaim_ops *reclaim_ops;

/* ---- what CHECKS adds: history, pattern, quarantine ---- */

#ifdef CONFIG_CHECKS
struct buddy_history {
	struct alloc_trace alloc, free;
};
static struct buddy_history *history;
static unsigned long *poisoned;		/* one bit per frame: holds the pattern */

static void buddy_checks_init(void)
{
	history = memblock_alloc(max_pfn * sizeof(*history), PAGE_SIZE);
	poisoned = memblock_alloc(DIV_ROUND_UP(max_pfn, 64) * 8, PAGE_SIZE);
}

void buddy_print_history(const struct page *page)
{
	struct buddy_history *h = &history[page_to_pfn(page).v];

	alloc_trace_print(&h->alloc, "  allocated");
	alloc_trace_print(&h->free, "  freed");
}

static void buddy_poison(struct page *page, unsigned int order)
{
	u64 pfn = page_to_pfn(page).v;

	for (unsigned int i = 0; i < 1u << order; i++) {
		u64 *word = page_address(page + i);

		for (unsigned int k = 0; k < PAGE_SIZE / 8; k++)
			word[k] = PAGE_POISON;
		__atomic_fetch_or(&poisoned[(pfn + i) / 64], BIT((pfn + i) % 64),
				  __ATOMIC_RELAXED);
		alloc_trace_record(&history[pfn + i].free);
	}
}

/* First byte of a poisoned frame that is not the pattern, or PAGE_SIZE. */
static unsigned long buddy_poison_broken(const struct page *page)
{
	const u64 *word = page_address(page);

	for (unsigned int k = 0; k < PAGE_SIZE / 8; k++)
		if (unlikely(word[k] != PAGE_POISON))
			return k * 8 + (unsigned long)__builtin_ctzll(word[k] ^ PAGE_POISON) / 8;
	return PAGE_SIZE;
}

/* The frames leave the allocator: nobody may have written to them meanwhile. */
static void buddy_unpoison(struct page *page, unsigned int order)
{
	u64 pfn = page_to_pfn(page).v;

	for (unsigned int i = 0; i < 1u << order; i++) {
		u64 bit = BIT((pfn + i) % 64);
		u64 old = __atomic_fetch_and(&poisoned[(pfn + i) / 64], ~bit, __ATOMIC_RELAXED);
		unsigned long at = old & bit ? buddy_poison_broken(page + i) : PAGE_SIZE;

		if (unlikely(at != PAGE_SIZE)) {
			check_report(CHECK_CHECK,
				     "frame %llx: written at %lu while free (use after free)",
				     (unsigned long long)(pfn + i), at);
			buddy_print_history(page + i);
		}
		alloc_trace_record(&history[pfn + i].alloc);
	}
}

/* Frames in quarantine must still hold the pattern. */
static unsigned int quarantine_check_locked(void)
{
	unsigned int faults = 0;
	struct page *page;

	assert_held(&zone.lock);
	list_for_each_entry(page, &zone.quarantine, buddy_list) {
		unsigned long at = buddy_poison_broken(page);

		if (at == PAGE_SIZE)
			continue;
		check_report(CHECK_CHECK,
			     "frame %llx: written at offset %lu while free (use after free)",
			     (unsigned long long)page_to_pfn(page).v, at);
		buddy_print_history(page);
		faults++;
	}
	return faults;
}

static u64 buddy_quarantine_size(void)
{
	return min(zone.total / 64, (u64)512);
}
#else
static void buddy_checks_init(void) { }
void buddy_print_history(const struct page *page) { (void)page; }
static void buddy_poison(struct page *page, unsigned int order) { (void)page; (void)order; }
static void buddy_unpoison(struct page *page, unsigned int order) { (void)page; (void)order; }
static unsigned int quarantine_check_locked(void) { return 0; }
static u64 buddy_quarantine_size(void) { return 0; }
#endif

/* ---- the lists ---- */

static struct page *buddy_of(struct page *page, unsigned int order)
{
	return pfn_to_page(pfn_make(page_to_pfn(page).v ^ (1UL << order)));
}

static void list_insert_locked(struct page *page, unsigned int order)
{
	assert_held(&zone.lock);
	page->flags = BIT(PG_buddy);
	page->buddy_order = order;
	list_add(&page->buddy_list, &zone.free[order]);
	zone.nr_blocks[order]++;
	zone.nr_free += 1UL << order;
}

static void list_remove_locked(struct page *page)
{
	unsigned int order = (unsigned int)page->buddy_order;

	assert_held(&zone.lock);
	ASSERT_PAGE(page, page->flags == BIT(PG_buddy) && page_count(page) == 0);
	list_del(&page->buddy_list);
	page->flags = 0;
	zone.nr_blocks[order]--;
	zone.nr_free -= 1UL << order;
}

/* Put a block back and merge as far as its buddies are free. */
static void buddy_insert_locked(struct page *page, unsigned int order)
{
	while (order < MAX_ORDER) {
		struct page *buddy = buddy_of(page, order);

		if (page_to_pfn(buddy).v >= max_pfn || !page_test(buddy, PG_buddy) ||
		    buddy->buddy_order != order)
			break;
		list_remove_locked(buddy);
		page = min(page, buddy);
		order++;
	}
	list_insert_locked(page, order);
}

/* Take a block of @order, splitting a larger one. NULL: there is none. */
static struct page *buddy_remove_locked(unsigned int order)
{
	unsigned int have = order;
	struct page *page;

	assert_held(&zone.lock);
	while (have <= MAX_ORDER && list_empty(&zone.free[have]))
		have++;
	if (have > MAX_ORDER)
		return NULL;
	page = list_first_entry(&zone.free[have], struct page, buddy_list);
	list_remove_locked(page);
	while (have > order) {
		have--;
		list_insert_locked(page + (1UL << have), have);
	}
	return page;
}

/* ---- quarantine and per-CPU lists: single frames only ---- */

static void quarantine_drain_locked(u64 keep)
{
	assert_held(&zone.lock);
	while (zone.nr_quarantined > keep) {
		struct page *page = list_first_entry(&zone.quarantine, struct page, buddy_list);

		list_del(&page->buddy_list);
		zone.nr_quarantined--;
		buddy_insert_locked(page, 0);
	}
}

static noinline void quarantine_add(struct page *page)
{
	unsigned long flags;

	spin_lock_irqsave(&zone.lock, flags);
	list_add_tail(&page->buddy_list, &zone.quarantine);
	zone.nr_quarantined++;
	quarantine_drain_locked(zone.max_quarantined);
	spin_unlock_irqrestore(&zone.lock, flags);
}

/* Interrupts off. Move @nr frames of this CPU's list to the buddy lists. */
static void pcp_drain(struct buddy_pcp *p, u64 nr)
{
	spin_lock(&zone.lock);
	while (nr-- && p->count) {
		struct page *page = list_last_entry(&p->list, struct page, buddy_list);

		list_del(&page->buddy_list);
		WRITE_ONCE(p->count, p->count - 1);
		buddy_insert_locked(page, 0);
	}
	spin_unlock(&zone.lock);
}

/* While memory is short, what is freed must be seen by those who wait for it. */
static u64 pcp_limit(void)
{
	return READ_ONCE(zone.nr_free) < zone.mark.high ? 2 * PCP_BATCH : zone.pcp_high;
}

static noinline void pcp_free_slow(struct buddy_pcp *p, unsigned long flags)
{
	pcp_drain(p, PCP_BATCH);
	local_irq_restore(flags);
}

static void pcp_free(struct page *page)
{
	struct buddy_pcp *p;
	unsigned long flags;

	local_irq_save(flags);
	p = this_cpu_ptr(&pcp);
	list_add(&page->buddy_list, &p->list);
	WRITE_ONCE(p->count, p->count + 1);
	if (unlikely(p->count > pcp_limit())) {
		pcp_free_slow(p, flags);
		return;
	}
	local_irq_restore(flags);
}

/* The order of the smallest block there is, so that no larger one is cut before. */
static unsigned int buddy_smallest_locked(void)
{
	unsigned int order = 0;

	assert_held(&zone.lock);
	while (order < MAX_ORDER && list_empty(&zone.free[order]))
		order++;
	return order;
}

/* Interrupts off. Blocks are taken whole: nothing has to be split for each frame. */
static void pcp_refill(struct buddy_pcp *p)
{
	spin_lock(&zone.lock);
	while (p->count < PCP_BATCH) {
		unsigned int order = min(buddy_smallest_locked(), PCP_ORDER);
		struct page *block = buddy_remove_locked(order);

		if (!block)
			break;
		for (unsigned int i = 0; i < 1U << order; i++)
			list_add_tail(&block[i].buddy_list, &p->list);
		WRITE_ONCE(p->count, p->count + (1U << order));
	}
	spin_unlock(&zone.lock);
}

static struct page *pcp_take(struct buddy_pcp *p)
{
	struct page *page = list_first_entry(&p->list, struct page, buddy_list);

	list_del(&page->buddy_list);
	WRITE_ONCE(p->count, p->count - 1);
	return page;
}

static noinline struct page *pcp_alloc_slow(struct buddy_pcp *p, unsigned long flags)
{
	struct page *page;

	pcp_refill(p);
	page = p->count ? pcp_take(p) : NULL;
	local_irq_restore(flags);
	return page;
}

static struct page *pcp_alloc(void)
{
	struct buddy_pcp *p;
	struct page *page;
	unsigned long flags;

	local_irq_save(flags);
	p = this_cpu_ptr(&pcp);
	if (unlikely(!p->count))
		return pcp_alloc_slow(p, flags);
	page = pcp_take(p);
	local_irq_restore(flags);
	return page;
}

void buddy_drain_local(void)
{
	unsigned long flags;

	local_irq_save(flags);
	pcp_drain(this_cpu_ptr(&pcp), ~0UL);
	spin_lock(&zone.lock);
	quarantine_drain_locked(0);
	spin_unlock(&zone.lock);
	local_irq_restore(flags);
}

static void buddy_drain_ipi(void *unused)
{
	buddy_drain_local();
}

void buddy_drain_all(void)
{
	preempt_disable();
	smp_call_function(buddy_drain_ipi, NULL, true);
	buddy_drain_local();
	preempt_enable();
}

/* ---- allocation ---- */

/* The block is ours alone: bring its struct pages into the state of OWNED. */
static void buddy_prepare(struct page *page, unsigned int order, gfp_t gfp)
{
	buddy_unpoison(page, order);
	for (unsigned int i = 0; i < 1u << order; i++) {
		struct page *p = page + i;

		ASSERT_PAGE(p, p->flags == 0 && page_count(p) == 0 && !page_mapped(p));
		p->mapping = NULL;
		p->index = 0;
		p->private = 0;
		if (i > 0) {
			p->head = page;
			p->flags = BIT(PG_tail);
		}
	}
	if (order > 0) {
		page[1].private = order;
		page->flags = BIT(PG_head);
	}
	atomic_set(&page->refcount, 1);
	if (gfp & __GFP_ZERO)
		memset(page_address(page), 0, PAGE_SIZE << order);
}

/* How many frames the request must leave in the lists. */
static u64 buddy_floor(gfp_t gfp)
{
	if ((gfp & __GFP_MEMALLOC) || (current && (current->flags & PF_MEMALLOC)))
		return 0;
	return gfp & __GFP_HIGH ? zone.mark.min / 2 : zone.mark.min;
}

static noinline struct page *buddy_block(unsigned int order)
{
	struct page *page;
	unsigned long flags;

	spin_lock_irqsave(&zone.lock, flags);
	page = buddy_remove_locked(order);
	spin_unlock_irqrestore(&zone.lock, flags);
	return page;
}

static struct page *buddy_try(gfp_t gfp, unsigned int order)
{
	if (READ_ONCE(zone.nr_free) < buddy_floor(gfp) + (1UL << order))
		return NULL;
	return order == 0 ? pcp_alloc() : buddy_block(order);
}

static struct page *buddy_reclaim_and_try(gfp_t gfp, unsigned int order)
{
	unsigned int rounds = gfp & __GFP_NORETRY ? 1 : RECLAIM_ROUNDS;
	struct page *page = NULL;

	while (rounds-- && !page) {
		unsigned long want = max(1UL << order, (unsigned long)RECLAIM_BATCH);
		unsigned long freed = reclaim_ops->direct_reclaim(want);

		page = buddy_try(gfp, order);
		if (page || freed)
			continue;
		buddy_drain_all();
		page = buddy_try(gfp, order);
		if (!page && ((gfp & __GFP_NORETRY) || !reclaim_ops->out_of_memory()))
			break;
	}
	return page;
}

static noinline struct page *buddy_slow(gfp_t gfp, unsigned int order)
{
	struct page *page;

	if ((gfp & __GFP_KSWAPD) && reclaim_ops)
		reclaim_ops->wake_kswapd();
	buddy_drain_local();
	page = buddy_try(gfp, order);
	if (page || !(gfp & __GFP_RECLAIM) || !reclaim_ops ||
	    (current->flags & PF_MEMALLOC))
		return page;
	return buddy_reclaim_and_try(gfp, order);
}

static void buddy_warn_failed(gfp_t gfp, unsigned int order)
{
	static atomic_t warned;

	if (gfp & __GFP_NOWARN || atomic_inc_return(&warned) > 10)
		return;
	pr_warn("memory: no block of order %u (flags %x), %llu of %llu frames free\n", order,
		gfp, (unsigned long long)nr_free_pages(), (unsigned long long)zone.total);
}

struct page *alloc_pages(gfp_t gfp, unsigned int order)
{
	struct page *page;

	ASSERT(order <= MAX_ORDER);
	if (gfp & __GFP_RECLAIM) {
		might_sleep();
		lock_check_may_take(LOCK_RECLAIM, "alloc_pages");
	}
	if (!(gfp & __GFP_NOINJECT) && should_fail(INJECT_PAGE_ALLOC))
		return NULL;
	page = buddy_try(gfp, order);
	if (unlikely(!page))
		page = buddy_slow(gfp, order);
	if (unlikely(!page)) {
		buddy_warn_failed(gfp, order);
		return NULL;
	}
	if (unlikely(READ_ONCE(zone.nr_free) < zone.mark.low) && (gfp & __GFP_KSWAPD) &&
	    reclaim_ops)
		reclaim_ops->wake_kswapd();
	buddy_prepare(page, order, gfp);
	return page;
}

/* ---- free ---- */

static noinline void buddy_free_block(struct page *page, unsigned int order)
{
	unsigned long flags;

	spin_lock_irqsave(&zone.lock, flags);
	buddy_insert_locked(page, order);
	spin_unlock_irqrestore(&zone.lock, flags);
}

void buddy_free(struct page *page, unsigned int order)
{
	ASSERT_PAGE(page, page_count(page) == 0);
	for (unsigned int i = 0; i < 1u << order; i++) {
		coherence_page_free(page + i);
		page[i].flags = 0;
		page[i].private = 0;
	}
	buddy_poison(page, order);
	if (order > 0) {
		buddy_free_block(page, order);
	} else if (zone.max_quarantined) {
		quarantine_add(page);
	} else {
		pcp_free(page);
	}
}

/* ---- levels ---- */

static u64 pcp_total(void)
{
	unsigned int cpu;
	u64 sum = 0;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(pcp, cpu).count);
	return sum;
}

u64 nr_free_pages(void)
{
	return READ_ONCE(zone.nr_free) + READ_ONCE(zone.nr_quarantined) + pcp_total();
}

u64 totalram_pages(void)
{
	return zone.total;
}

const struct buddy_watermarks *buddy_marks(void)
{
	return &zone.mark;
}

void buddy_info(struct buddy_info *out)
{
	unsigned long flags;

	spin_lock_irqsave(&zone.lock, flags);
	out->total = zone.total;
	out->pcp = pcp_total();
	out->quarantined = zone.nr_quarantined;
	out->free = zone.nr_free + out->pcp + out->quarantined;
	for (unsigned int i = 0; i <= MAX_ORDER; i++)
		out->nr_free[i] = zone.nr_blocks[i];
	out->mark = zone.mark;
	spin_unlock_irqrestore(&zone.lock, flags);
}

void buddy_set_reclaim_ops(const struct buddy_reclaim_ops *ops)
{
	ASSERT(!reclaim_ops && ops->direct_reclaim && ops->wake_kswapd && ops->out_of_memory);
	reclaim_ops = ops;
}

/* ---- truth ---- */

static bool buddy_block_sound_locked(struct page *page, unsigned int order)
{
	struct page *buddy = buddy_of(page, order);

	if (page->flags != BIT(PG_buddy) || page->buddy_order != order || page_count(page))
		return false;
	if (page_to_pfn(page).v & ((1UL << order) - 1))
		return false;
	return order == MAX_ORDER || page_to_pfn(buddy).v >= max_pfn ||
	       !page_test(buddy, PG_buddy) || buddy->buddy_order != order;
}

static unsigned int buddy_check_order_locked(unsigned int order, u64 *nr_free)
{
	unsigned int faults = 0;
	u64 blocks = 0;
	struct page *page;

	if (!list_validate(&zone.free[order])) {
		check_report(CHECK_CHECK, "buddy: the list of order %u is broken", order);
		return 1;
	}
	list_for_each_entry(page, &zone.free[order], buddy_list) {
		blocks++;
		if (!buddy_block_sound_locked(page, order)) {
			check_report(CHECK_CHECK, "buddy: frame %llx, order %u: wrong",
				     (unsigned long long)page_to_pfn(page).v, order);
			faults++;
		}
	}
	if (blocks != zone.nr_blocks[order]) {
		check_report(CHECK_CHECK, "buddy: order %u has %llu blocks, counted %llu", order,
			     (unsigned long long)blocks,
			     (unsigned long long)zone.nr_blocks[order]);
		faults++;
	}
	*nr_free += blocks << order;
	return faults;
}

unsigned int buddy_check(void)
{
	unsigned int faults = 0;
	unsigned long flags;
	u64 nr_free = 0;

	spin_lock_irqsave(&zone.lock, flags);
	for (unsigned int order = 0; order <= MAX_ORDER; order++)
		faults += buddy_check_order_locked(order, &nr_free);
	faults += quarantine_check_locked();
	if (nr_free != zone.nr_free) {
		check_report(CHECK_CHECK, "buddy: %llu frames in the lists, %llu counted",
			     (unsigned long long)nr_free, (unsigned long long)zone.nr_free);
		faults++;
	}
	spin_unlock_irqrestore(&zone.lock, flags);
	return faults;
}

/* ---- boot ---- */

static u64 isqrt(u64 n)
{
	u64 root = 0;

	for (u64 bit = 1UL << 31; bit; bit >>= 1)
		if ((root | bit) * (root | bit) <= n)
			root |= bit;
	return root;
}

/* Larger machines keep more, but a smaller share: 16 frames per root of a MiB. */
static void buddy_set_marks(void)
{
	zone.mark.min = max(32UL, isqrt((zone.total >> 8) * 256));
	zone.mark.low = zone.mark.min + zone.mark.min / 2;
	zone.mark.high = zone.mark.min * 2;
	zone.max_quarantined = buddy_quarantine_size();
	/* All CPUs together keep one frame in 64, yet a short burst fits into one list. */
	zone.pcp_high = clamp(zone.total / (64 * nr_cpus_online), 2 * PCP_BATCH + 0UL, 1024UL);
}

void buddy_add_range(u64 start, u64 end)
{
	unsigned long flags;

	spin_lock_irqsave(&zone.lock, flags);
	for (u64 pfn = PAGE_ALIGN(start) >> PAGE_SHIFT; pfn < end >> PAGE_SHIFT; pfn++) {
		struct page *page = pfn_to_page(pfn_make(pfn));

		ASSERT_PAGE(page, page->flags == BIT(PG_reserved) && page_count(page) == 1);
		atomic_set(&page->refcount, 0);
		page->flags = 0;
		buddy_insert_locked(page, 0);
		zone.total++;
	}
	buddy_set_marks();
	spin_unlock_irqrestore(&zone.lock, flags);
}

void buddy_smp_init(void)
{
	unsigned long flags;

	spin_lock_irqsave(&zone.lock, flags);
	buddy_set_marks();
	spin_unlock_irqrestore(&zone.lock, flags);
}

void buddy_init(void)
{
	struct memblock_range range;
	unsigned int cpu;
	u64 cursor = 0;

	spin_lock_init(&zone.lock, LOCK_BUDDY, "buddy");
	for (unsigned int order = 0; order <= MAX_ORDER; order++)
		INIT_LIST_HEAD(&zone.free[order]);
	INIT_LIST_HEAD(&zone.quarantine);
	for_each_possible_cpu(cpu)
		INIT_LIST_HEAD(&per_cpu_ptr(&pcp, cpu)->list);
	buddy_checks_init();
	while (memblock_next_free(&cursor, &range))
		buddy_add_range(range.start, range.end);
	memblock_close();
	pr_info("memory: %llu frames free; watermarks %llu %llu %llu\n",
		(unsigned long long)zone.total, (unsigned long long)zone.mark.min,
		(unsigned long long)zone.mark.low, (unsigned long long)zone.mark.high);
}
