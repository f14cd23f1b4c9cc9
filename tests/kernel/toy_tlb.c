/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/toy_tlb.c - a toy second MMU with only a TLB
 *
 * Concept    What it is about to cache was read without any lock, so the hardware
 *            must be able to forget it:
 *
 *            miss                              a change of the process's tables
 *            seq = latched                     clear the entry, flush the CPUs
 *            walk: reads the old entry         point or pair call: seq++, drop
 *            seq changed: cancelled, again     set the new entry, or free the page
 * Owns       struct toy_tlb.
 * Locks      toy_tlb.lock: LOCK_DRIVER_SPIN, taken inside the table lock.
 * Invariants an entry's page is not free       the free-page oracle
 * Callers    tests/kernel/test_notifier_*.c
 */
#include "tests/kernel/toy_tlb.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/lib/string.h"
#include "kernel/sync/rcu.h"
#include "mm/coherence.h"
#include "mm/page.h"

static struct toy_tlb *toy_of(struct mmu_notifier *mn)
{
	return container_of(mn, struct toy_tlb, mn);
}

static void entry_drop(struct toy_tlb *t, struct toy_tlb_entry *e)
{
	coherence_unhold(e->page, "toy tlb", t->mm, e->va);
	e->page = NULL;
}

/* Cache @pte in the place of the oldest entry. */
static void entry_make(struct toy_tlb *t, unsigned long va, pte_t pte)
{
	struct toy_tlb_entry *e = &t->entry[t->next++ % TOY_TLB_ENTRIES];

	if (e->page)
		entry_drop(t, e);
	*e = (struct toy_tlb_entry){
		.page = pfn_to_page(pfn_make(pte_pfn(pte))), .va = va, .writable = pte_write(pte),
	};
	coherence_hold(e->page, "toy tlb", t->mm, va);
}

static struct toy_tlb_entry *entry_find(struct toy_tlb *t, unsigned long va)
{
	for (unsigned int i = 0; i < TOY_TLB_ENTRIES; i++)
		if (t->entry[i].page && t->entry[i].va == va)
			return &t->entry[i];
	return NULL;
}

/* Drop what is cached of [@start, @end). Return: whether there was something. */
static bool toy_drop(struct toy_tlb *t, unsigned long start, unsigned long end)
{
	bool had = false;

	assert_held(&t->lock);
	t->seq++;
	for (unsigned int i = 0; i < TOY_TLB_ENTRIES; i++) {
		struct toy_tlb_entry *e = &t->entry[i];

		if (!e->page || e->va < start || e->va >= end)
			continue;
		entry_drop(t, e);
		had = true;
	}
	return had;
}

/* ---- what mm tells ---- */

static void toy_invalidate_range(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
				 unsigned long end)
{
	struct toy_tlb *t = toy_of(mn);

	spin_lock(&t->lock);
	(void)toy_drop(t, start, end);
	spin_unlock(&t->lock);
}

static void toy_invalidate_page(struct mmu_notifier *mn, struct mm *mm, unsigned long va)
{
	toy_invalidate_range(mn, mm, va, va + PAGE_SIZE);
}

/* Replace only what is there; inside a range bracket not even that. */
static void toy_change_pte(struct mmu_notifier *mn, struct mm *mm, unsigned long va, pte_t pte)
{
	struct toy_tlb *t = toy_of(mn);

	spin_lock(&t->lock);
	if (toy_drop(t, va, va + PAGE_SIZE) && !t->active)
		entry_make(t, va, pte);
	spin_unlock(&t->lock);
}

static int toy_start(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
		     unsigned long end, bool blockable)
{
	struct toy_tlb *t = toy_of(mn);

	spin_lock(&t->lock);
	t->active++;
	(void)toy_drop(t, start, end);
	spin_unlock(&t->lock);
	return 0;
}

static void toy_end(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
		    unsigned long end)
{
	struct toy_tlb *t = toy_of(mn);

	spin_lock(&t->lock);
	t->seq++;
	t->active--;
	spin_unlock(&t->lock);
}

/* No accessed bit: what is cached was used, and must be used again to count again. */
static int toy_clear_flush_young(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
				 unsigned long end)
{
	struct toy_tlb *t = toy_of(mn);
	bool had;

	spin_lock(&t->lock);
	had = toy_drop(t, start, end);
	spin_unlock(&t->lock);
	return had;
}

static int toy_test_young(struct mmu_notifier *mn, struct mm *mm, unsigned long va)
{
	return toy_tlb_page(toy_of(mn), va) != NULL;
}

static void toy_release(struct mmu_notifier *mn, struct mm *mm)
{
	toy_invalidate_range(mn, mm, 0, ~0UL);
}

#define TOY_COMMON						\
	.release = toy_release,					\
	.clear_flush_young = toy_clear_flush_young,		\
	.clear_young = toy_clear_flush_young,			\
	.test_young = toy_test_young

const struct mmu_notifier_ops toy_tlb_point_ops = {
	TOY_COMMON,
	.invalidate_range = toy_invalidate_range,
};

const struct mmu_notifier_ops toy_tlb_pair_ops = {
	TOY_COMMON,
	.flags = MMU_INVALIDATE_DOES_NOT_BLOCK,
	.invalidate_page = toy_invalidate_page,
	.change_pte = toy_change_pte,
	.invalidate_range_start = toy_start,
	.invalidate_range_end = toy_end,
};

/* ---- the device ---- */

static bool toy_cache(struct toy_tlb *t, unsigned long va, pte_t pte, unsigned long seq)
{
	bool same;

	spin_lock(&t->lock);
	same = t->seq == seq && !t->active;
	if (same) {
		(void)toy_drop(t, va, va + PAGE_SIZE);
		entry_make(t, va, pte);
	} else {
		t->cancelled++;
	}
	spin_unlock(&t->lock);
	return same;
}

int toy_tlb_try_fill(struct toy_tlb *t, unsigned long va)
{
	unsigned long seq = smp_load_acquire(&t->seq);
	pte_t pte;

	rcu_read_lock();
	pte = pte_read_lockless(t->mm, va);
	rcu_read_unlock();
	gate_point("toy_tlb.walked", t);
	if (!pte_present(pte))
		return -EFAULT;		/* PROT_NONE keeps its frame, but not for us */
	return toy_cache(t, va, pte, seq) ? 0 : -EAGAIN;
}

bool toy_tlb_fill(struct toy_tlb *t, unsigned long va)
{
	int err;

	do {
		err = toy_tlb_try_fill(t, va);
	} while (err == -EAGAIN);
	return !err;
}

struct page *toy_tlb_page(struct toy_tlb *t, unsigned long va)
{
	struct toy_tlb_entry *e;
	struct page *page;

	spin_lock(&t->lock);
	e = entry_find(t, va);
	page = e ? e->page : NULL;
	spin_unlock(&t->lock);
	return page;
}

int toy_tlb_open(struct toy_tlb *t, struct mm *mm, const struct mmu_notifier_ops *ops)
{
	memset(t, 0, sizeof(*t));
	spin_lock_init(&t->lock, LOCK_DRIVER_SPIN, "toy tlb");
	t->mm = mm;
	t->mn.ops = ops;
	return mmu_notifier_register(&t->mn, mm);
}

void toy_tlb_close(struct toy_tlb *t)
{
	mmu_notifier_unregister(&t->mn, t->mm);
}
