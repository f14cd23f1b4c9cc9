/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/mremap.c - a mapping becomes longer, shorter, or lives elsewhere
 *
 * Concept    Shorter is munmap of the tail. Longer is a longer VMA if the room
 *            behind it is free. Otherwise the mapping moves: a second VMA with
 *            the same offsets is linked to the same anon_vmas, the entries go
 *            over without touching a page, and the old range is unmapped, empty.
 *            Page offsets stay, so a page's index stays true.
 *
 *                 old  [ e0 e1 e2 ]            [  .  .  . ]
 *                                      move
 *                 new  [  .  .  . ]    ==>     [ e0 e1 e2 ]
 *
 *            Where both places are aligned to what a level-1 table translates, the
 *            table itself goes over: all are unlinked from the old place, one flush,
 *            then they are linked at the new one. Elsewhere entry by entry. All tables
 *            of the destination are made before the first entry moves, so a move cannot
 *            stop half way. A move to a given place that changes no length takes all
 *            VMAs of the range along, one after the other.
 * Owns       Nothing.
 * Locks      mmap_lock for writing. The locks of the reverse maps (file, anon_vma
 *            family) for writing while entries move: a reverse walk that looks at
 *            the new place before the move and at the old one after it would miss
 *            the page. For entries also both table locks, kept until the old
 *            addresses are flushed: the moment the new entry can be reached, another
 *            thread may unmap and free the page.
 * Invariants The bracket covers the source; the destination was empty.
 * Callers    sys_mremap
 * Next       mm/madvise.c
 */
#include "mm/mmap.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/sched/sched.h"
#include "mm/commit.h"
#include "mm/filemap.h"
#include "mm/mlock.h"
#include "mm/mmu_notifier.h"
#include "mm/pgtable.h"
#include "mm/rmap.h"
#include "mm/tlb.h"
#include "mm/userfaultfd.h"
#include "mm/vma.h"

/* So many more VMAs a move may need for a moment: two cuts and the new place. */
#define MOVE_VMAS 3

/* One mremap call, decoded. */
struct mremap {
	struct mm *mm;
	struct vma *vma;		/* covers [addr, addr + old_len) */
	unsigned long addr, old_len, new_len, flags;
	unsigned long new_addr;		/* MREMAP_FIXED, then where it went */
};

/* ---- moving tables, or entries one by one ---- */

/* Nobody comes through a reverse map of @vma, old or new, until move_unlock(). */
static void move_lock(struct vma *vma)
	__no_lock_check	/* released by move_unlock() */
{
	filemap_lock_write(vma);
	anon_vma_lock_write(vma);
	flush_tlb_batched_pending(vma->mm);
}

static void move_unlock(struct vma *vma)
	__no_lock_check	/* taken by move_lock() */
{
	anon_vma_unlock_write(vma);
	filemap_unlock_write(vma);
}

/* May what is at @from go with its table: does it fill one, here and there? */
static bool move_is_whole(unsigned long from, unsigned long to, unsigned long left)
{
	return left >= pt_size(2) && is_aligned(from | to, pt_size(2));
}

/* Up to the end of either table or of the range. */
static unsigned long move_extent(unsigned long from, unsigned long to, unsigned long left)
{
	left = min(left, pt_size(2) - (from & (pt_size(2) - 1)));
	return min(left, pt_size(2) - (to & (pt_size(2) - 1)));
}

static int move_prepare_one(struct mm *mm, unsigned long from, unsigned long to,
			    unsigned long left)
{
	struct spinlock *ptl;
	pte_t *ptep;
	int err;

	if (move_is_whole(from, to, left))
		return pt_alloc_upper(mm, to);
	err = pte_alloc_lock(mm, to, &ptep, &ptl);
	if (!err)
		pte_unmap_unlock(ptep, ptl);
	return err;
}

/* Make every table of the destination that will be needed. */
static int move_prepare(struct mm *mm, unsigned long from, unsigned long to, unsigned long len)
{
	unsigned long end = from + len, va = from;
	int err;

	while ((va = pgtable_next_present(mm, va, end)) < end) {
		err = move_prepare_one(mm, va, to + (va - from), end - va);
		if (err)
			return err;
		va += move_extent(va, to + (va - from), end - va);
	}
	return 0;
}

/*
 * Tables that follow each other, as many as can go as they are. Return: bytes, 0
 * if not even one. Locked as move_lock() does.
 */
static unsigned long move_tables_locked(struct mm *mm, unsigned long from, unsigned long to,
					unsigned long len)
{
	struct page *moving = NULL, *table;
	unsigned long done = 0;

	while (move_is_whole(from + done, to + done, len - done) &&
	       pt_can_move(mm, from + done, to + done)) {
		table = pt_detach(mm, from + done);
		table->private = (u64)moving;
		moving = table;
		done += pt_size(2);
	}
	if (!done)
		return 0;
	flush_tlb_range(mm, from, from + done);
	gate_point("mremap.detached", mm);
	while (moving) {
		table = moving;
		moving = (struct page *)table->private;
		table->private = 0;
		pt_attach(mm, table->pt_va - from + to, table);
	}
	return done;
}

/* What one pair of tables translates, up to @len. Locked as move_lock() does. Return: bytes. */
static unsigned long move_entries_locked(struct mm *mm, unsigned long from, unsigned long to,
					 unsigned long len)
{
	unsigned long va = from, i;
	pte_t *old, *new, pte;
	bool present = false;

	len = move_extent(from, to, len);
	pte_offset_lock_two(mm, from, to, &old, &new);
	for (i = 0; i < len >> PAGE_SHIFT; i++, va += PAGE_SIZE) {
		if (pte_none(pte_read(&old[i])))
			continue;
		pte = ptep_move(mm, va, &old[i], to + (va - from), &new[i]);
		present |= pte_present(pte);
	}
	if (present)
		flush_tlb_range(mm, from, from + len);
	pte_unmap_unlock_two(new, old);
	return len;
}

/* Nothing here can fail: move_prepare() has made the tables. */
static void move_page_tables(struct vma *vma, unsigned long from, unsigned long to,
			     unsigned long len)
{
	unsigned long end = from + len, va = from, moved;
	struct mmu_notifier_range range;
	struct mm *mm = vma->mm;

	mmu_notifier_range_init(&range, MMU_NOTIFY_UNMAP, MMU_NOTIFIER_RANGE_BLOCKABLE, mm,
				from, end);
	mmu_notifier_invalidate_range_start(&range);
	while ((va = pgtable_next_present(mm, va, end)) < end) {
		move_lock(vma);
		moved = move_tables_locked(mm, va, to + (va - from), end - va);
		if (!moved)
			moved = move_entries_locked(mm, va, to + (va - from), end - va);
		move_unlock(vma);
		va += moved;
		cond_resched();
	}
	mmu_notifier_invalidate_range_end(&range);
}

/* ---- moving a mapping ---- */

/* The VMA at the new place: same object and offsets, linked to the same anon_vmas. */
static int move_make_vma(struct mremap *m, struct vma **out)
{
	struct vma *vma;
	int err = vma_dup(m->vma, m->mm, &vma);

	if (err)
		return err;
	vma->flags |= VM_SOFTDIRTY;	/* what was not here before counts as written */
	vma->start = m->new_addr;
	vma->end = m->new_addr + m->new_len;
	vma->pgoff = vma_pgoff(m->vma, m->addr);
	if (vma_is_anonymous(vma) && !m->vma->anon_vma)
		vma->pgoff = m->new_addr >> PAGE_SHIFT;
	err = anon_vma_clone(vma, m->vma);
	if (err) {
		vma_free(vma);
		return err;
	}
	vma_leave_userfaultfd(vma);
	vma_insert(vma);
	if (vma->ops && vma->ops->open)
		vma->ops->open(vma);
	*out = vma;
	return 0;
}

/* The source is the whole of a VMA from here on, so that its removal can not fail. */
static int move_isolate(struct mremap *m)
{
	int err = 0;

	if (!m->old_len)
		return 0;			/* nothing will be removed */
	if (m->addr > m->vma->start)
		err = vma_split(m->vma, m->addr, &m->vma);
	if (!err && m->addr + m->old_len < m->vma->end)
		err = vma_split(m->vma, m->addr + m->old_len, NULL);
	return err;
}

/* The new VMA goes, empty; it is a whole VMA, so that cannot fail. */
static void move_undo(struct mremap *m)
{
	int err = do_munmap(m->mm, m->new_addr, m->new_len);

	ASSERT(!err);
	(void)vma_merge(find_vma(m->mm, m->addr));
}

static int move_vma(struct mremap *m)
{
	unsigned long len = min(m->old_len, m->new_len);
	u64 hiwater = m->mm->hiwater_vm;
	struct vma *new;
	int err;

	if (m->mm->map_count + MOVE_VMAS >= READ_ONCE(max_map_count))
		return -ENOMEM;
	err = move_isolate(m);
	if (!err)
		err = move_make_vma(m, &new);
	if (err) {
		(void)vma_merge(m->vma);
		return err;
	}
	err = move_prepare(m->mm, m->addr, m->new_addr, len);
	if (!err)
		err = userfaultfd_note_remap(m->vma, m->addr, m->new_addr, m->old_len,
					     len && !(m->flags & MREMAP_DONTUNMAP));
	if (err) {
		move_undo(m);
		return err;
	}
	userfaultfd_follow(m->vma, new);
	if (len)
		move_page_tables(new, m->addr, m->new_addr, len);
	if (m->vma->flags & VM_UFFD_WP && !new->uffd)
		userfaultfd_unprotect(new, new->start, new->end);
	if (m->flags & MREMAP_DONTUNMAP) {	/* the lock went with the pages */
		vma_set_flags(m->vma, (m->vma->flags & ~(unsigned long)VM_LOCKED_MASK) |
					      VM_SOFTDIRTY);
	} else if (len) {
		vma_leave_userfaultfd(m->vma);	/* that it goes has been noted */
		err = do_munmap(m->mm, m->addr, m->old_len);
		m->mm->hiwater_vm = hiwater;	/* for a moment it was there twice */
	}
	ASSERT_VMA(new, !err);
	(void)vma_merge(new);
	return 0;
}

/* ---- the cases ---- */

static int check_flags(const struct mremap *m)
{
	bool fixed = m->flags & MREMAP_FIXED, keep = m->flags & MREMAP_DONTUNMAP;

	if (m->flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP))
		return -EINVAL;
	if ((fixed || keep) && !(m->flags & MREMAP_MAYMOVE))
		return -EINVAL;
	if (keep && m->old_len != m->new_len)
		return -EINVAL;
	if (!is_aligned(m->addr, PAGE_SIZE) || !m->new_len)
		return -EINVAL;
	if (m->new_len > MM_USER_TOP || m->old_len > MM_USER_TOP)
		return -EINVAL;
	if (!fixed && !keep)
		return 0;
	if (!is_aligned(m->new_addr, PAGE_SIZE) || (fixed && m->new_addr < MM_USER_MIN) ||
	    m->new_addr > MM_USER_TOP - m->new_len)
		return -EINVAL;
	return m->new_addr < m->addr + m->old_len && m->addr < m->new_addr + m->new_len
	       ? -EINVAL : 0;
}

/*
 * Does the call only move what there is to a given place? Then it may be many VMAs, and holes
 * between them stay holes.
 */
static bool moves_only(const struct mremap *m)
{
	return m->flags & MREMAP_FIXED && m->old_len && m->old_len == m->new_len;
}

/* Does the call only cut off a tail? Then what lies behind @addr may be anything. */
static bool shrinks_in_place(const struct mremap *m)
{
	return m->new_len <= m->old_len && !(m->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP));
}

/* The one VMA that holds the old range. An old length of 0 shows shared memory twice. */
static int find_source(struct mremap *m)
{
	bool special;

	m->vma = find_vma(m->mm, m->addr);
	if (!m->vma || m->vma->start > m->addr)
		return -EFAULT;
	if (m->vma->flags & VM_SEALED)
		return -EPERM;
	if (shrinks_in_place(m))
		return 0;
	special = m->vma->flags & (VM_DONTEXPAND | VM_PFNMAP);
	if (!m->old_len && !(m->vma->flags & VM_MAYSHARE))
		return -EINVAL;
	if (m->flags & MREMAP_DONTUNMAP && (special || m->vma->flags & VM_NONLINEAR))
		return -EINVAL;
	if (m->addr + min(m->old_len, m->new_len) > m->vma->end)
		return -EFAULT;		/* but a tail that is cut off may be anything */
	return special && m->new_len > m->old_len ? -EFAULT : 0;
}

/* May there be more? Then it is promised. */
static int check_growth(const struct mremap *m)
{
	u64 more = m->new_len > m->old_len ? (m->new_len - m->old_len) >> PAGE_SHIFT : 0;

	if (mlock_future_check(m->mm, m->vma->flags, more << PAGE_SHIFT))
		return -EAGAIN;
	if (m->flags & MREMAP_DONTUNMAP)
		more = m->new_len >> PAGE_SHIFT;
	if (!may_expand_vm(m->mm, m->vma->flags, more))
		return -ENOMEM;
	return m->vma->flags & VM_ACCOUNT ? commit_prepare(m->mm, (s64)more) : 0;
}

/* Grow where it is, if it ends its VMA and the room behind is free. */
static bool expand_in_place(struct mremap *m)
{
	unsigned long end = m->addr + m->old_len, new_end = m->addr + m->new_len;
	struct vma *next = vma_next(m->vma);

	if (end != m->vma->end || new_end > MM_USER_TOP || new_end < end)
		return false;
	if (next && vma_start_gap(next) < new_end)
		return false;
	vma_resize(m->vma, m->vma->start, new_end);
	vma_set_flags(m->vma, m->vma->flags | VM_SOFTDIRTY);
	(void)vma_merge(m->vma);
	return true;
}

static int mremap_to(struct mremap *m)
{
	int err = do_munmap(m->mm, m->new_addr, m->new_len);

	if (!err && m->old_len > m->new_len) {
		err = do_munmap(m->mm, m->addr + m->new_len, m->old_len - m->new_len);
		m->old_len = m->new_len;
	}
	if (!err)
		err = find_source(m);
	return err ? err : move_vma(m);
}

static int mremap_anywhere(struct mremap *m)
{
	int err;

	if (!(m->flags & MREMAP_DONTUNMAP)) {
		if (m->new_len <= m->old_len) {
			m->new_addr = m->addr;
			return m->new_len == m->old_len ? 0 :
			       do_munmap(m->mm, m->addr + m->new_len, m->old_len - m->new_len);
		}
		if (expand_in_place(m)) {
			m->new_addr = m->addr;
			return 0;
		}
	}
	if (!(m->flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	err = vma_find_gap(m->mm, m->new_len, MM_USER_MIN, m->mm->mmap_base, &m->new_addr);
	return err ? err : move_vma(m);
}

static int mremap_one(struct mremap *m)
{
	int err = find_source(m);

	if (!err)
		err = check_growth(m);
	if (!err)
		err = m->flags & MREMAP_FIXED ? mremap_to(m) : mremap_anywhere(m);
	return err;
}

/* VMA by VMA; what has moved before one is refused stays where it went, as on Linux. */
static int mremap_each(const struct mremap *m)
{
	unsigned long va = m->addr, end = m->addr + m->old_len;
	struct vma *vma = find_vma(m->mm, va);
	int err = vma && vma->start <= va ? 0 : -EFAULT;

	for (; !err && va < end && vma && vma->start < end; vma = find_vma(m->mm, va)) {
		struct mremap part = *m;

		if (vma->uffd && (va > m->addr || vma->end < end))
			return -EFAULT;		/* its owner is told of one move, not of some */
		part.addr = max(vma->start, va);
		va = min(vma->end, end);
		part.old_len = part.new_len = va - part.addr;
		part.new_addr = m->new_addr + (part.addr - m->addr);
		err = mremap_one(&part);
	}
	return err;
}

int do_mremap(struct mm *mm, unsigned long addr, unsigned long old_len, unsigned long new_len,
	      unsigned long flags, unsigned long new_addr, unsigned long *out)
{
	struct mremap m = {
		.mm = mm, .addr = addr, .flags = flags, .new_addr = new_addr,
		.old_len = PAGE_ALIGN(old_len), .new_len = PAGE_ALIGN(new_len),
	};
	int err;

	assert_held_write(&mm->mmap_lock);
	err = check_flags(&m);
	if (!err)
		err = moves_only(&m) ? mremap_each(&m) : mremap_one(&m);
	commit_settle(mm);
	if (!err)
		*out = m.new_addr;
	return err;
}

long sys_mremap(unsigned long addr, unsigned long old_len, unsigned long new_len,
		unsigned long flags, unsigned long new_addr)
{
	struct mm *mm = current->mm;
	unsigned long where = 0;
	bool locked = false;
	struct vma *vma;
	int err;

	down_write(&mm->mmap_lock);
	err = do_mremap(mm, addr, old_len, new_len, flags, new_addr, &where);
	if (!err) {
		vma = find_vma(mm, where);
		locked = vma->flags & VM_LOCKED;
	}
	userfaultfd_unlock(mm);
	if (locked && PAGE_ALIGN(new_len) > PAGE_ALIGN(old_len))
		(void)mm_populate(mm, where + PAGE_ALIGN(old_len), where + PAGE_ALIGN(new_len),
				  true);
	return err ? err : (long)where;
}
