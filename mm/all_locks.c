/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/all_locks.c - everything of one address space quiet at once
 *
 * Concept    A subscriber may only be added while no bracket is open on the mm,
 *            or it would see an end without its start. Brackets are opened under
 *            mmap_lock, or under the rmap lock of an object that the mm maps; so
 *            whoever holds mmap_lock for writing and every such rmap lock knows
 *            that none is open. VMAs share rmap locks (one root for a family of
 *            anon_vmas): each is taken once, and marked.
 *
 *            Any order within a class is safe, because mm_all_locks admits one
 *            taker in the whole system, and everybody else takes at most one
 *            rmap lock at a time.
 * Owns       all_locked of anon_vmas and address_spaces (LOCK_MM_ALL).
 * Locks      LOCK_MM_ALL (mutex), then every LOCK_I_MMAP, then every LOCK_ANON_VMA
 *            rwsem, for writing.
 * Invariants each lock is taken once and released once   lock_anon_vma()
 * Callers    mmu_notifier.c
 * Next       notifier_stats.c
 */
#include "mm/mmu_notifier.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/task.h"
#include "kernel/sync/mutex.h"
#include "mm/filemap.h"
#include "mm/rmap.h"

DEFINE_MUTEX(mm_all_locks_mutex, LOCK_MM_ALL);

/* Every VMA's every anon_vma: each link of its chain names one family. */
static void lock_anon_vma(struct anon_vma *anon_vma)
	__no_lock_check	/* the lock stays held until all are dropped */
{
	struct anon_vma *root = anon_vma->root;

	if (root->all_locked)
		return;
	down_write_nest_lock(&root->rwsem, &mm_all_locks_mutex);
	root->all_locked = true;
}

static void unlock_anon_vma(struct anon_vma *anon_vma)
	__no_lock_check	/* the lock stays held until all are dropped */
{
	struct anon_vma *root = anon_vma->root;

	if (!root->all_locked)
		return;
	root->all_locked = false;
	up_write(&root->rwsem);
}

static void lock_mapping(struct address_space *mapping)
	__no_lock_check	/* the lock stays held until all are dropped */
{
	if (!mapping || mapping->all_locked)
		return;
	down_write_nest_lock(&mapping->i_mmap_rwsem, &mm_all_locks_mutex);
	mapping->all_locked = true;
}

static void unlock_mapping(struct address_space *mapping)
	__no_lock_check	/* the lock stays held until all are dropped */
{
	if (!mapping || !mapping->all_locked)
		return;
	mapping->all_locked = false;
	up_write(&mapping->i_mmap_rwsem);
}

int mm_take_all_locks(struct mm *mm)
	__no_lock_check	/* locks taken in a loop */
{
	struct anon_vma_chain *link;
	struct vma *vma;

	assert_held(&mm->mmap_lock);
	mutex_lock(&mm_all_locks_mutex);
	for (vma = find_vma(mm, 0); vma && !signal_pending(current); vma = vma_next(vma))
		lock_mapping(vma->mapping);
	gate_point("all_locks.files", mm);
	for (vma = find_vma(mm, 0); vma && !signal_pending(current); vma = vma_next(vma))
		list_for_each_entry(link, &vma->anon_vma_chain, same_vma)
			lock_anon_vma(link->anon_vma);
	if (!vma)
		return 0;
	mm_drop_all_locks(mm);
	return -EINTR;
}

void mm_drop_all_locks(struct mm *mm)
	__no_lock_check	/* locks taken in a loop */
{
	struct anon_vma_chain *link;
	struct vma *vma;

	assert_held(&mm->mmap_lock);
	for (vma = find_vma(mm, 0); vma; vma = vma_next(vma))
		list_for_each_entry(link, &vma->anon_vma_chain, same_vma)
			unlock_anon_vma(link->anon_vma);
	for (vma = find_vma(mm, 0); vma; vma = vma_next(vma))
		unlock_mapping(vma->mapping);
	mutex_unlock(&mm_all_locks_mutex);
}
