/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/toy_refs.c - a toy driver that holds a reference to each page it translates
 *
 * Concept    The second model of the bracket: who holds references needs no start.
 *
 *            refs_read                          a change of the process's tables
 *            seq = snapshot                     entries cleared, CPUs flushed; the old
 *            look the page up, no lock held       page stays, for we have a reference,
 *            lock; seq changed? again             and the device may use it still
 *            install, with the reference        end: seq++, the device forgets, and
 *            unlock                               only then the reference goes
 *
 *            What that costs: until end, device and CPU may see different pages, and what
 *            the device uses can not be freed earlier.
 * Owns       struct refs.
 * Locks      refs.lock: LOCK_DRIVER (sleeps).
 * Invariants translated: referenced            the free-page oracle
 * Callers    tests/kernel/.
 */
#include "tests/kernel/toy_refs.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/lib/string.h"
#include "mm/coherence.h"
#include "mm/gup.h"
#include "mm/swap.h"

static struct page **slot_of(struct refs *r, unsigned long va)
{
	return &r->page[(va - r->base) >> PAGE_SHIFT];
}

/* The device forgets first: the reference may be the last one. */
static void refs_drop(struct refs *r, unsigned long start, unsigned long end)
{
	start = max(start, r->base);
	end = min(end, r->base + REFS_PAGES * PAGE_SIZE);
	for (unsigned long va = start; va < end; va += PAGE_SIZE) {
		struct page *page = *slot_of(r, va);

		if (!page)
			continue;
		*slot_of(r, va) = NULL;
		coherence_unhold(page, "refs", r->mm, va);
		swap_cache_put_page(page);
	}
}

static void refs_end(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
		     unsigned long end)
{
	struct refs *r = container_of(mn, struct refs, mn);

	mutex_lock(&r->lock);
	r->seq++;
	refs_drop(r, start, end);
	mutex_unlock(&r->lock);
}

static void refs_release(struct mmu_notifier *mn, struct mm *mm)
{
	refs_end(mn, mm, 0, ~0UL);
}

static const struct mmu_notifier_ops refs_ops = {
	.name = "refs",
	.flags = MMU_HOLDS_PAGE_REFS,
	.release = refs_release,
	.invalidate_range_end = refs_end,
};

static int refs_try_fault(struct refs *r, unsigned long va)
{
	unsigned long seq = smp_load_acquire(&r->seq);
	struct page *page;
	bool same;

	if (get_user_pages_unlocked(r->mm, va, 1, 0, &page) != 1)
		return -EFAULT;
	gate_point("refs.found", r);
	mutex_lock(&r->lock);
	same = r->seq == seq;
	if (same) {
		refs_drop(r, va, va + PAGE_SIZE);
		*slot_of(r, va) = page;		/* the look-up's reference is ours now */
		coherence_hold(page, "refs", r->mm, va);
	}
	mutex_unlock(&r->lock);
	if (!same)
		swap_cache_put_page(page);
	return same ? 0 : -EAGAIN;
}

static int refs_fault(struct refs *r, unsigned long va)
{
	int err;

	if (!mmget_not_zero(r->mm))
		return -EFAULT;
	while ((err = refs_try_fault(r, va)) == -EAGAIN)
		;
	mmput(r->mm);
	return err;
}

int refs_open(struct refs *r, struct mm *mm, unsigned long base)
{
	memset(r, 0, sizeof(*r));
	mutex_init(&r->lock, LOCK_DRIVER, "refs");
	r->mm = mm;
	r->base = base;
	r->mn.ops = &refs_ops;
	return mmu_notifier_register(&r->mn, mm);
}

void refs_close(struct refs *r)
{
	mmu_notifier_unregister(&r->mn, r->mm);	/* has called refs_release */
}

/* ---- the device ---- */

struct page *refs_page(struct refs *r, unsigned long va)
{
	return READ_ONCE(*slot_of(r, va));
}

static bool refs_access(struct refs *r, unsigned long va, u64 *word)
{
	struct page *page;

	mutex_lock(&r->lock);
	page = *slot_of(r, va);
	if (page)
		*word = *(u64 *)page_address(page);
	mutex_unlock(&r->lock);
	return page;
}

int refs_read(struct refs *r, unsigned long va, u64 *word)
{
	while (!refs_access(r, va, word))
		if (refs_fault(r, va))
			return -EFAULT;
	return 0;
}
