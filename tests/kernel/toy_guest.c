/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/toy_guest.c - a toy driver that runs guests: slots of memory and a cached address
 *
 * Concept    The bracket protocol as a hypervisor has it. Brackets speak of the
 *            process's addresses, translations of the guest's; slots lie between, and may
 *            change while brackets are open:
 *
 *            a change of the tables               a new set of slots
 *            start: active++                      wait until active is 0
 *              the cached address is dropped      slots change, seq++, entries go
 *              each slot that is touched:
 *                in_progress++, range grows,
 *                entries go
 *            end: seq++, in_progress-- by the
 *              same slots, active--
 *
 *            So start and end see the same slots, without a lock held between
 *            them. All brackets in progress are one range, from the least gfn to the
 *            greatest: a gfn between two may look busy though it is not.
 * Owns       struct guest.
 * Locks      guest.lock: LOCK_DRIVER_SPIN.
 * Invariants in_progress is 0 when active is    guest_end()
 *            what is translated is mapped by the process    the free-page oracle
 * Callers    tests/kernel/test_notifier_guest.c
 */
#include "tests/kernel/toy_guest.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"
#include "mm/coherence.h"
#include "mm/gup.h"

static struct guest *guest_of(struct mmu_notifier *mn)
{
	return container_of(mn, struct guest, mn);
}

static void entry_drop(struct guest *g, struct guest_entry *e)
{
	if (!e->page)
		return;
	if (e->dirty)
		page_set(e->page, PG_dirty);
	coherence_unhold(e->page, "guest", g->mm, e->hva);
	*e = (struct guest_entry){ 0 };
}

static void entry_set(struct guest *g, struct guest_entry *e, struct page *page,
		      unsigned long hva, bool write)
{
	entry_drop(g, e);
	*e = (struct guest_entry){ .page = page, .hva = hva, .writable = write };
	coherence_hold(page, "guest", g->mm, hva);
}

/* The gfns of slot @s that [@start, @end) touches: [*@first, *@last]. */
static bool slot_touched(const struct guest_slot *s, unsigned long start, unsigned long end,
			 unsigned long *first, unsigned long *last)
{
	unsigned long from = max(start, s->hva), to = min(end, s->hva + s->nr * PAGE_SIZE);

	if (!s->nr || from >= to)
		return false;
	*first = s->gfn + ((from - s->hva) >> PAGE_SHIFT);
	*last = s->gfn + ((to - 1 - s->hva) >> PAGE_SHIFT);
	return true;
}

/* ---- brackets ---- */

static void guest_begin_locked(struct guest *g, unsigned long first, unsigned long last)
{
	assert_held(&g->lock);
	if (g->in_progress++) {
		g->first = min(g->first, first);
		g->last = max(g->last, last);
	} else {
		g->first = first;
		g->last = last;
	}
	for (unsigned long gfn = first; gfn <= last; gfn++)
		entry_drop(g, &g->entry[gfn]);
}

static void guest_count(struct guest *g)
{
	spin_lock(&g->lock);
	g->active++;
	spin_unlock(&g->lock);
}

static void guest_drop_cache(struct guest *g, unsigned long start, unsigned long end)
{
	spin_lock(&g->lock);
	if (g->cache.hva >= start && g->cache.hva < end)
		entry_drop(g, &g->cache);
	spin_unlock(&g->lock);
}

/* Counted before the cache is dropped: who looks for a page in between must see it. */
static int guest_start(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
		       unsigned long end, bool blockable)
{
	struct guest *g = guest_of(mn);
	unsigned long first, last;

	guest_count(g);
	gate_point("guest.start", g);
	guest_drop_cache(g, start, end);
	spin_lock(&g->lock);
	for (unsigned int i = 0; i < GUEST_SLOTS; i++)
		if (slot_touched(&g->slot[i], start, end, &first, &last))
			guest_begin_locked(g, first, last);
	spin_unlock(&g->lock);
	return 0;
}

static void guest_end(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
		      unsigned long end)
{
	struct guest *g = guest_of(mn);
	unsigned long first, last;

	spin_lock(&g->lock);
	g->seq++;
	for (unsigned int i = 0; i < GUEST_SLOTS; i++)
		if (slot_touched(&g->slot[i], start, end, &first, &last))
			g->in_progress--;
	g->active--;
	ASSERT(g->active || !g->in_progress);
	spin_unlock(&g->lock);
	wake_up_all(&g->idle);
}

static void guest_release(struct mmu_notifier *mn, struct mm *mm)
{
	struct guest *g = guest_of(mn);

	spin_lock(&g->lock);
	for (unsigned long gfn = 0; gfn < GUEST_PAGES; gfn++)
		entry_drop(g, &g->entry[gfn]);
	entry_drop(g, &g->cache);
	spin_unlock(&g->lock);
}

static const struct mmu_notifier_ops guest_ops = {
	.name = "guest",
	.flags = MMU_INVALIDATE_DOES_NOT_BLOCK,
	.release = guest_release,
	.invalidate_range_start = guest_start,
	.invalidate_range_end = guest_end,
};

/* ---- slots ---- */

/* Return: whether it was the moment. */
static bool guest_try_set_slot(struct guest *g, unsigned int i, const struct guest_slot *slot)
{
	bool quiet;

	spin_lock(&g->lock);
	quiet = !g->active;
	if (quiet) {
		for (unsigned long n = 0; n < g->slot[i].nr; n++)
			entry_drop(g, &g->entry[g->slot[i].gfn + n]);
		entry_drop(g, &g->cache);
		g->slot[i] = *slot;
		g->seq++;
	}
	spin_unlock(&g->lock);
	return quiet;
}

void guest_set_slot(struct guest *g, unsigned int i, const struct guest_slot *slot)
{
	ASSERT(slot->gfn + slot->nr <= GUEST_PAGES);
	wait_event(&g->idle, guest_try_set_slot(g, i, slot));
}

/* The sequence first: slots that change afterwards are noticed. Return: whether there is one. */
static bool guest_find(struct guest *g, unsigned long gfn, unsigned long *hva,
		       unsigned long *seq)
{
	bool found = false;

	spin_lock(&g->lock);
	*seq = g->seq;
	for (unsigned int i = 0; i < GUEST_SLOTS && !found; i++) {
		const struct guest_slot *s = &g->slot[i];

		found = gfn >= s->gfn && gfn < s->gfn + s->nr;
		if (found)
			*hva = s->hva + ((gfn - s->gfn) << PAGE_SHIFT);
	}
	spin_unlock(&g->lock);
	return found;
}

/* ---- translations ---- */

static bool guest_is_busy_locked(const struct guest *g, unsigned long gfn)
{
	assert_held(&g->lock);
	return g->in_progress && gfn >= g->first && gfn <= g->last;
}

bool guest_is_busy(struct guest *g, unsigned long gfn)
{
	bool busy;

	spin_lock(&g->lock);
	busy = guest_is_busy_locked(g, gfn);
	spin_unlock(&g->lock);
	return busy;
}

/* What was found at @seq goes into @e, if nothing was in the way since. */
static int guest_install(struct guest *g, struct guest_entry *e, unsigned long gfn,
			 struct page *page, unsigned long hva, unsigned long seq, bool write)
{
	int err = -EAGAIN;
	bool busy;

	spin_lock(&g->lock);
	/* The cache is dropped before the range is known: any open bracket forbids it. */
	busy = e == &g->cache ? g->active > 0 : guest_is_busy_locked(g, gfn);
	if (!busy && g->seq == seq) {
		entry_set(g, e, page, hva, write);
		if (e == &g->cache)
			g->cache_gfn = gfn;
		err = 0;
	}
	spin_unlock(&g->lock);
	return err;
}

static int guest_look_up(struct guest *g, struct guest_entry *e, unsigned long gfn, bool write)
{
	unsigned long hva, seq;
	struct page *page;
	int err;

	if (!guest_find(g, gfn, &hva, &seq) ||
	    get_user_pages_unlocked(g->mm, hva, 1, write ? FOLL_WRITE : 0, &page) != 1)
		return -EFAULT;
	gate_point("guest.found", g);
	err = guest_install(g, e, gfn, page, hva, seq, write);
	put_page(page);
	return err;
}

int guest_try_fault(struct guest *g, unsigned long gfn, bool write)
{
	return guest_look_up(g, &g->entry[gfn], gfn, write);
}

/* Until it succeeds; brackets that are open are waited for, holding nothing. */
static int guest_look_up_waiting(struct guest *g, struct guest_entry *e, unsigned long gfn,
				 bool write)
{
	int err;

	if (!mmget_not_zero(g->mm))
		return -EFAULT;
	while ((err = guest_look_up(g, e, gfn, write)) == -EAGAIN)
		wait_event(&g->idle, !READ_ONCE(g->active));
	mmput(g->mm);
	return err;
}

int guest_fault(struct guest *g, unsigned long gfn, bool write)
{
	return guest_look_up_waiting(g, &g->entry[gfn], gfn, write);
}

int guest_cache(struct guest *g, unsigned long gfn)
{
	return guest_look_up_waiting(g, &g->cache, gfn, false);
}

int guest_open(struct guest *g, struct mm *mm)
{
	memset(g, 0, sizeof(*g));
	spin_lock_init(&g->lock, LOCK_DRIVER_SPIN, "guest");
	init_waitqueue_head(&g->idle);
	g->mm = mm;
	g->mn.ops = &guest_ops;
	return mmu_notifier_register(&g->mn, mm);
}

void guest_close(struct guest *g)
{
	mmu_notifier_unregister(&g->mn, g->mm);	/* has called guest_release */
}

/* ---- the guest, and what its driver reads ---- */

static bool entry_access(struct guest *g, struct guest_entry *e, u64 *word, bool write)
{
	bool hit;

	spin_lock(&g->lock);
	hit = e->page && (e->writable || !write);
	if (hit) {
		u64 *at = page_address(e->page);

		if (write)
			*at = *word;
		else
			*word = *at;
		e->dirty |= write;
	}
	spin_unlock(&g->lock);
	return hit;
}

bool guest_access(struct guest *g, unsigned long gfn, u64 *word, bool write)
{
	return entry_access(g, &g->entry[gfn], word, write);
}

bool guest_cached(struct guest *g, u64 *word)
{
	return entry_access(g, &g->cache, word, false);
}
