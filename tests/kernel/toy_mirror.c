/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/toy_mirror.c - a toy second MMU with a table of its own
 *
 * Concept    The smallest honest driver of the bracket protocol: it keeps its own
 *            translations, pins nothing, and may sleep. docs/notifiers.md quotes
 *            the part between the two rulers; `tools/check notifier_doc` keeps the
 *            two equal.
 *
 *            mirror_fault                      a change of the process's tables
 *            seq = snapshot                    start: active++, drop entries
 *            look the page up, no lock held    clear PTE, flush, free or replace
 *            lock; active, or seq changed?     end: seq++, active--
 *              then begin anew
 *            install; unlock
 * Owns       struct mirror.
 * Locks      mirror.lock: LOCK_DRIVER (sleeps), inside mmap_lock and rmap locks.
 * Invariants an entry's page is mapped by the process at that address
 *                                              the free-page oracle (coherence_hold)
 * Callers    tests/kernel/.
 */
#include "tests/kernel/toy_mirror.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/lib/string.h"
#include "mm/coherence.h"
#include "mm/gfp.h"
#include "mm/gup.h"
#include "mm/page.h"
#include "mm/writeback.h"

static struct mirror_entry *entry_of(struct mirror *m, unsigned long va)
{
	return &m->entry[(va - m->base) >> PAGE_SHIFT];
}

/* ---- the driver ---- */

static void mirror_drop(struct mirror *m, unsigned long start, unsigned long end)
{
	start = max(start, m->base);
	end = min(end, m->base + MIRROR_PAGES * PAGE_SIZE);
	for (unsigned long va = start; va < end; va += PAGE_SIZE) {
		struct mirror_entry *e = entry_of(m, va);

		if (!e->page)
			continue;
		if (e->dirty)
			set_page_dirty(e->page);	/* before start returns */
		coherence_unhold(e->page, "mirror", m->mm, va);
		*e = (struct mirror_entry){ 0 };
	}
}

static int mirror_start(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
			unsigned long end, bool blockable)
{
	struct mirror *m = container_of(mn, struct mirror, mn);

	if (!mutex_trylock(&m->lock)) {
		if (!blockable)
			return -EAGAIN;
		mutex_lock(&m->lock);
	}
	m->active++;
	mirror_drop(m, start, end);
	mutex_unlock(&m->lock);
	return 0;
}

static void mirror_end(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
		       unsigned long end)
{
	struct mirror *m = container_of(mn, struct mirror, mn);

	mutex_lock(&m->lock);
	m->seq++;
	m->active--;
	mutex_unlock(&m->lock);
	wake_up_all(&m->idle);
}

static void mirror_release(struct mmu_notifier *mn, struct mm *mm)
{
	struct mirror *m = container_of(mn, struct mirror, mn);

	mutex_lock(&m->lock);
	mirror_drop(m, 0, ~0UL);
	mutex_unlock(&m->lock);
}

static const struct mmu_notifier_ops mirror_ops = {
	.release = mirror_release,
	.invalidate_range_start = mirror_start,
	.invalidate_range_end = mirror_end,
};

/* One try. Return: 0, -EFAULT, or -EAGAIN if the tables changed meanwhile. */
static int mirror_try_fault(struct mirror *m, unsigned long va, bool write)
{
	unsigned long seq = smp_load_acquire(&m->seq);
	struct page *page;
	int err = -EAGAIN;

	if (get_user_pages_unlocked(m->mm, va, 1, write ? FOLL_WRITE : 0, &page) != 1)
		return -EFAULT;
	gate_point("mirror.found", m);
	mutex_lock(&m->lock);
	if (!m->active && m->seq == seq) {
		mirror_drop(m, va, va + PAGE_SIZE);
		*entry_of(m, va) = (struct mirror_entry){ .page = page, .writable = write };
		coherence_hold(page, "mirror", m->mm, va);
		err = 0;
	}
	mutex_unlock(&m->lock);
	put_page(page);			/* the bracket protects it from now on */
	return err;
}

int mirror_fault(struct mirror *m, unsigned long va, bool write)
{
	int err = -EAGAIN;

	if (!mmget_not_zero(m->mm))
		return -EFAULT;		/* the process has exited */
	while (err == -EAGAIN) {
		wait_event(&m->idle, !READ_ONCE(m->active));
		err = mirror_try_fault(m, va, write);
	}
	mmput(m->mm);
	return err;
}

int mirror_open(struct mirror *m, struct mm *mm, unsigned long base)
{
	memset(m, 0, sizeof(*m));
	mutex_init(&m->lock, LOCK_DRIVER, "mirror");
	init_waitqueue_head(&m->idle);
	m->mm = mm;
	m->base = base;
	m->mn.ops = &mirror_ops;
	return mmu_notifier_register(&m->mn, mm);
}

void mirror_close(struct mirror *m)
{
	mmu_notifier_unregister(&m->mn, m->mm);	/* has called mirror_release */
}

/* ---- the device ---- */

bool mirror_access(struct mirror *m, unsigned long va, u64 *word, bool write)
{
	struct mirror_entry *e = entry_of(m, va);
	bool hit;

	mutex_lock(&m->lock);
	hit = e->page && (e->writable || !write);
	if (hit) {
		char *bytes = page_address(e->page);
		u64 *at = (u64 *)(bytes + (va & (PAGE_SIZE - 1)));

		if (write)
			*at = *word;
		else
			*word = *at;
		e->dirty |= write;
	}
	mutex_unlock(&m->lock);
	return hit;
}

static int mirror_access_faulting(struct mirror *m, unsigned long va, u64 *word, bool write)
{
	while (!mirror_access(m, va, word, write))
		if (mirror_fault(m, va, write))
			return -EFAULT;
	return 0;
}

int mirror_read(struct mirror *m, unsigned long va, u64 *word)
{
	return mirror_access_faulting(m, va, word, false);
}

int mirror_write(struct mirror *m, unsigned long va, u64 word)
{
	return mirror_access_faulting(m, va, &word, true);
}

unsigned int mirror_count(struct mirror *m)
{
	unsigned int nr = 0;

	mutex_lock(&m->lock);
	for (unsigned long i = 0; i < MIRROR_PAGES; i++)
		nr += m->entry[i].page != NULL;
	mutex_unlock(&m->lock);
	return nr;
}
