/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/toy_remote.c - a toy driver that lends pages to another machine
 *
 * Concept    What rmap notifiers are for. A page comes back in one of two ways:
 *
 *            a bracket (munmap, copy on write)   the page goes (reclaim, truncation)
 *            start: LENT -> LEAVING, and a       page is locked by the caller
 *              reference, for the page is        invalidate_page: LENT or LEAVING
 *              still exported                      -> FREE, export ends, reference
 *            the tables change                     goes
 *            cleaner: page lock, export ends,
 *              reference goes: -> FREE
 *
 *            start may not take the page lock (its caller may have it), so a thread
 *            of the driver does, later. Several entries may have one page; the last
 *            that becomes FREE ends its export.
 * Owns       struct remote.
 * Locks      remote.lock: LOCK_DRIVER (sleeps), inside the page lock.
 * Invariants what is lent is mapped by the process    the free-page oracle
 *            exported: an entry has it    remote_entry_end(); mm/page.c at its end
 * Callers    tests/kernel/.
 */
#include "tests/kernel/toy_remote.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/lib/string.h"
#include "kernel/sched/kthread.h"
#include "mm/coherence.h"
#include "mm/gfp.h"
#include "mm/gup.h"
#include "mm/swap.h"
#include "mm/writeback.h"

static struct remote_entry *entry_of(struct remote *r, unsigned long va)
{
	return &r->entry[(va - r->base) >> PAGE_SHIFT];
}

static unsigned long entry_va(const struct remote *r, const struct remote_entry *e)
{
	return r->base + (unsigned long)(e - r->entry) * PAGE_SIZE;
}

static bool page_has_entry(const struct remote *r, const struct page *page)
{
	for (unsigned long i = 0; i < REMOTE_PAGES; i++)
		if (r->entry[i].state != REMOTE_FREE && r->entry[i].page == page)
			return true;
	return false;
}

/* The other machine has it no more: as far as it wrote, the page is dirty. */
static void entry_take_back(struct remote *r, struct remote_entry *e)
{
	if (e->dirty)
		set_page_dirty(e->page);
	e->dirty = false;
	coherence_unhold(e->page, "remote", r->mm, entry_va(r, e));
}

/* The end of an entry, and with the last one of its page's export. Page locked. */
static void entry_end(struct remote *r, struct remote_entry *e)
{
	struct page *page = e->page;

	if (e->state == REMOTE_LEAVING) {
		r->leaving--;
		put_page(page);		/* who has it locked has a reference, too */
	}
	*e = (struct remote_entry){ 0 };
	if (!page_has_entry(r, page))
		mmu_rmap_unexport_page(page);
}

/* ---- brackets: the process's tables change ---- */

static void remote_drop(struct remote *r, unsigned long start, unsigned long end)
{
	start = max(start, r->base);
	end = min(end, r->base + REMOTE_PAGES * PAGE_SIZE);
	for (unsigned long va = start; va < end; va += PAGE_SIZE) {
		struct remote_entry *e = entry_of(r, va);

		if (e->state != REMOTE_LENT)
			continue;
		entry_take_back(r, e);
		get_page(e->page);
		e->state = REMOTE_LEAVING;
		r->leaving++;
	}
	if (r->leaving)
		wake_up_all(&r->work);
}

static int remote_start(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
			unsigned long end, bool blockable)
{
	struct remote *r = container_of(mn, struct remote, mn);

	if (!mutex_trylock(&r->lock)) {
		if (!blockable)
			return -EAGAIN;
		mutex_lock(&r->lock);
	}
	r->active++;
	remote_drop(r, start, end);
	mutex_unlock(&r->lock);
	return 0;
}

static void remote_end(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
		       unsigned long end)
{
	struct remote *r = container_of(mn, struct remote, mn);

	mutex_lock(&r->lock);
	r->seq++;
	r->active--;
	mutex_unlock(&r->lock);
	wake_up_all(&r->idle);
}

static void remote_release(struct mmu_notifier *mn, struct mm *mm)
{
	struct remote *r = container_of(mn, struct remote, mn);

	mutex_lock(&r->lock);
	remote_drop(r, 0, ~0UL);
	mutex_unlock(&r->lock);
}

static const struct mmu_notifier_ops remote_ops = {
	.name = "remote",
	.release = remote_release,
	.invalidate_range_start = remote_start,
	.invalidate_range_end = remote_end,
};

/* ---- the page goes ---- */

/* The message and its answer would be here; a mutex that may sleep stands for them. */
static void remote_invalidate_page(struct mmu_rmap_notifier *mrn, struct page *page)
{
	struct remote *r = container_of(mrn, struct remote, mrn);

	mutex_lock(&r->lock);
	for (unsigned long i = 0; i < REMOTE_PAGES; i++) {
		struct remote_entry *e = &r->entry[i];

		if (e->state == REMOTE_FREE || e->page != page)
			continue;
		if (e->state == REMOTE_LENT)
			entry_take_back(r, e);
		r->recalls++;
		entry_end(r, e);
	}
	mutex_unlock(&r->lock);
	wake_up_all(&r->idle);
}

static const struct mmu_rmap_notifier_ops remote_rmap_ops = {
	.name = "remote",
	.invalidate_page = remote_invalidate_page,
};

/* ---- the driver's thread ---- */

/* A page that leaves, with a reference; NULL: none. */
static struct page *remote_next_leaving(struct remote *r)
{
	struct page *page = NULL;

	mutex_lock(&r->lock);
	for (unsigned long i = 0; i < REMOTE_PAGES && !page; i++)
		if (r->entry[i].state == REMOTE_LEAVING)
			page = r->entry[i].page;
	if (page)
		get_page(page);
	mutex_unlock(&r->lock);
	return page;
}

static void remote_clean(struct remote *r, struct page *page)
{
	page_lock(page);
	mutex_lock(&r->lock);
	for (unsigned long i = 0; i < REMOTE_PAGES; i++)
		if (r->entry[i].state == REMOTE_LEAVING && r->entry[i].page == page)
			entry_end(r, &r->entry[i]);
	mutex_unlock(&r->lock);
	page_unlock(page);
	swap_cache_put_page(page);	/* the process may be gone: then the slot goes, too */
	wake_up_all(&r->idle);
}

static int remote_cleaner(void *data)
{
	struct remote *r = data;
	struct page *page;

	for (;;) {
		wait_event(&r->work, READ_ONCE(r->leaving) || kthread_should_stop());
		while ((page = remote_next_leaving(r)))
			remote_clean(r, page);
		if (kthread_should_stop())
			return 0;
	}
}

void remote_settle(struct remote *r)
{
	wait_event(&r->idle, !READ_ONCE(r->leaving));
}

/* ---- lending ---- */

/* Page locked, the look-up still true. */
static int remote_lend_locked(struct remote *r, unsigned long va, struct page *page, bool write)
{
	struct remote_entry *e = entry_of(r, va);
	bool dirty = false;
	int err = 0;

	if (e->state == REMOTE_LENT && e->page == page) {
		dirty = e->dirty;
		coherence_unhold(page, "remote", r->mm, va);
	} else if (e->state != REMOTE_FREE) {
		return -EAGAIN;			/* the old page has not left yet */
	} else if (!page_has_entry(r, page)) {
		err = mmu_rmap_export_page(page);
	}
	if (err)
		return err;
	*e = (struct remote_entry){
		.state = REMOTE_LENT, .page = page, .writable = write, .dirty = dirty,
	};
	coherence_hold(page, "remote", r->mm, va);
	return 0;
}

static int remote_try_lend(struct remote *r, unsigned long va, bool write)
{
	unsigned long seq = smp_load_acquire(&r->seq);
	struct page *page;
	int err = -EAGAIN;

	if (get_user_pages_unlocked(r->mm, va, 1, write ? FOLL_WRITE : 0, &page) != 1)
		return -EFAULT;
	page_lock(page);
	gate_point("remote.found", r);
	mutex_lock(&r->lock);
	if (!r->active && r->seq == seq)
		err = remote_lend_locked(r, va, page, write);
	mutex_unlock(&r->lock);
	page_unlock(page);
	put_page(page);
	return err;
}

int remote_lend(struct remote *r, unsigned long va, bool write)
{
	int err = -EAGAIN;

	if (!mmget_not_zero(r->mm))
		return -EFAULT;
	while (err == -EAGAIN) {
		wait_event(&r->idle, !READ_ONCE(r->active));
		remote_settle(r);
		err = remote_try_lend(r, va, write);
	}
	mmput(r->mm);
	return err;
}

int remote_open(struct remote *r, struct mm *mm, unsigned long base)
{
	int err;

	memset(r, 0, sizeof(*r));
	mutex_init(&r->lock, LOCK_DRIVER, "remote");
	init_waitqueue_head(&r->idle);
	init_waitqueue_head(&r->work);
	r->mm = mm;
	r->base = base;
	r->mn.ops = &remote_ops;
	r->mrn.ops = &remote_rmap_ops;
	err = kthread_run(&r->cleaner, remote_cleaner, r, "remote");
	if (err)
		return err;
	err = mmu_rmap_notifier_register(&r->mrn);
	if (!err) {
		err = mmu_notifier_register(&r->mn, mm);
		if (!err)
			return 0;
		mmu_rmap_notifier_unregister(&r->mrn);
	}
	(void)kthread_stop(r->cleaner);
	return err;
}

void remote_close(struct remote *r)
{
	mmu_notifier_unregister(&r->mn, r->mm);	/* has called remote_release */
	remote_settle(r);			/* no page is exported any more */
	mmu_rmap_notifier_unregister(&r->mrn);
	(void)kthread_stop(r->cleaner);
}

/* ---- the other machine ---- */

bool remote_access(struct remote *r, unsigned long va, u64 *word, bool write)
{
	struct remote_entry *e = entry_of(r, va);
	bool lent;

	mutex_lock(&r->lock);
	lent = e->state == REMOTE_LENT && (e->writable || !write);
	if (lent) {
		u64 *at = page_address(e->page);

		if (write)
			*at = *word;
		else
			*word = *at;
		e->dirty |= write;
	}
	mutex_unlock(&r->lock);
	return lent;
}

unsigned int remote_count(struct remote *r)
{
	unsigned int nr = 0;

	mutex_lock(&r->lock);
	for (unsigned long i = 0; i < REMOTE_PAGES; i++)
		nr += r->entry[i].state == REMOTE_LENT;
	mutex_unlock(&r->lock);
	return nr;
}
