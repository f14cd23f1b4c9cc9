/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/userfaultfd_move.c - an answer whose page is not copied but taken from elsewhere
 *
 * Concept    UFFDIO_MOVE: private pages of one range become those of another one, which
 *            is registered and empty. Unlike mremap it works below VMAs: they stay as
 *            they are, so a page gets another index, and perhaps another anon_vma. That
 *            is only right for a page which nobody else has: no relative, no swap entry
 *            of a relative, no reference of a device or a debugger.
 *
 *              what is at the source      what happens
 *              page                       lock it, is it ours alone? bracket, both table
 *                                         locks: clear, flush, tell; ours still? then
 *                                         index and entry, else the old entry again
 *              zero page                  the same without a page
 *              swap entry                 it goes over; its page in the swap cache, if
 *                                         any, is locked, and told where it belongs
 *              nothing                    -ENOENT, or passed over if that was allowed
 *
 *            The look at the references comes after the entry was cleared: who takes one
 *            without a lock looks at the entry a second time.
 *
 *              move                            get_user_page_fast
 *                                              entry: page; count it
 *              entry = none
 *              count: more than ours? back     entry still the same? no: give back
 *
 * Owns       Nothing.
 * Locks      mmap_lock for reading: both VMAs are of one address space. Page lock, which
 *            keeps every reverse walk away; then both table locks.
 * Invariants A page that is seen at the new place has its index already.
 *            The source is in a bracket; at the destination nothing was.
 * Callers    kernel/syscall/sys_userfaultfd.c
 * Next       mm/userfaultfd_wp.c
 */
#include "mm/userfaultfd.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/task.h"
#include "mm/anon.h"
#include "mm/mmap.h"
#include "mm/mmu_notifier.h"
#include "mm/pgtable.h"
#include "mm/rmap.h"
#include "mm/swap.h"
#include "mm/tlb.h"
#include "mm/vma.h"

/* One page on its way. */
struct uffd_move {
	struct mm *mm;
	struct vma *src_vma, *dst_vma;
	unsigned long src, dst;
	bool allow_holes;
	pte_t orig;			/* the entry of the source when we looked */
};

/* Return: 0 with both tables locked and both entries as they were; -EEXIST, -EAGAIN. */
static int move_lock(const struct uffd_move *m, pte_t **old, pte_t **new)
	__no_lock_check	/* the caller releases what it finds locked */
{
	int err = 0;

	pte_offset_lock_two(m->mm, m->src, m->dst, old, new);
	flush_tlb_batched_pending(m->mm);
	if (!pte_none(pte_read(*new)))
		err = -EEXIST;
	else if (!pte_same(pte_read(*old), m->orig))
		err = -EAGAIN;
	if (err)
		pte_unmap_unlock_two(*new, *old);
	return err;
}

/* ---- a page ---- */

/* What the destination shows of @old, which was cleared. @page NULL: zeroes. */
static pte_t move_make_pte(const struct uffd_move *m, struct page *page, pte_t old)
{
	pte_t pte = pte_mkyoung(vma_make_pte(m->dst_vma, pte_pfn(old), page));

	if (page)	/* what was not here before counts as written */
		pte = pte_mksoft_dirty(pte);
	return pte_dirty(old) ? pte_mkdirty(pte) : pte;
}

/* Table locks held, bracket open. @page is locked, and ours alone when we looked. */
static int move_entry(const struct uffd_move *m, struct page *page, pte_t *old, pte_t *new)
{
	pte_t pte = ptep_clear_flush_notify(m->mm, m->src, old);

	if (page && page_count(page) != 2) {	/* the entry's, and ours */
		set_pte_at(m->mm, m->src, old, pte);
		return -EBUSY;
	}
	if (page)
		page_relocate_anon_rmap(page, m->dst_vma, m->dst);
	set_pte_at(m->mm, m->dst, new, move_make_pte(m, page, pte));
	return 0;
}

static int move_in_bracket(const struct uffd_move *m, struct page *page)
{
	struct mmu_notifier_range range;
	pte_t *old, *new;
	int err;

	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, MMU_NOTIFIER_RANGE_BLOCKABLE |
				MMU_NOTIFIER_RANGE_SINGLE_PAGE, m->mm, m->src, m->src + PAGE_SIZE);
	mmu_notifier_invalidate_range_start(&range);
	gate_point("userfaultfd.move", m->mm);
	err = move_lock(m, &old, &new);
	if (!err) {
		err = move_entry(m, page, old, new);
		pte_unmap_unlock_two(new, old);
	}
	mmu_notifier_invalidate_range_end(&range);
	return err;
}

/* The page of the entry with a reference, NULL: the zero page. Return: 0 or -EAGAIN. */
static int move_get_page(const struct uffd_move *m, struct page **out)
{
	struct spinlock *ptl;
	pte_t *ptep = pte_offset_lock(m->mm, m->src, &ptl);
	bool same = ptep && pte_same(pte_read(ptep), m->orig);

	*out = same ? vm_normal_page(m->src_vma, m->orig) : NULL;
	if (*out)
		get_page(*out);
	if (ptep)
		pte_unmap_unlock(ptep, ptl);
	return same ? 0 : -EAGAIN;
}

static int move_present(const struct uffd_move *m)
{
	struct page *page;
	int err = move_get_page(m, &page);

	if (err || !page)
		return err ? err : move_in_bracket(m, NULL);
	page_lock(page);
	page_wait_writeback(page);
	if (anon_page_sole_owner(page, 1))
		err = move_in_bracket(m, page);
	else
		err = -EBUSY;
	page_unlock(page);
	swap_cache_put_page(page);
	return err;
}

/* ---- what is in swap ---- */

/* Absent to absent: no bracket. @page: what the swap cache has of it, locked, or NULL. */
static int move_swap_entry(const struct uffd_move *m, swp_entry_t entry, struct page *page)
{
	pte_t *old, *new;
	int err = move_lock(m, &old, &new);

	if (err)
		return err;
	/* The users of the slot: this entry, and the cache. */
	if (swap_slot_count(entry) != (page ? 2 : 1)) {
		err = -EBUSY;
	} else {
		if (page && page_is_anon(page))
			page_relocate_anon_rmap(page, m->dst_vma, m->dst);
		(void)ptep_get_and_clear(m->mm, m->src, old);
		set_pte_at(m->mm, m->dst, new, pte_mksoft_dirty(swp_entry_pte(entry)));
	}
	pte_unmap_unlock_two(new, old);
	return err;
}

/* Did the cache get a page of @entry behind our back? */
static bool move_is_cached(swp_entry_t entry)
{
	struct page *page = swap_cache_find(entry);

	if (page)
		swap_cache_put_page(page);
	return page;
}

static int move_swapped(const struct uffd_move *m)
{
	swp_entry_t entry = pte_swp_entry(m->orig);
	struct page *page = swap_cache_find(entry);
	int err = -EAGAIN;

	gate_point("userfaultfd.move_swapped", m->mm);
	if (!page) {
		err = move_swap_entry(m, entry, NULL);
		return err == -EBUSY && move_is_cached(entry) ? -EAGAIN : err;
	}
	page_lock(page);
	if (page_test(page, PG_swapcache) && page->swap.v == entry.v)
		err = move_swap_entry(m, entry, page);
	page_unlock(page);
	swap_cache_put_page(page);
	return err;
}

/* ---- a range ---- */

/* Return: 0, or -errno; -EAGAIN: it changed meanwhile, look again. */
static int move_one(struct uffd_move *m)
{
	pte_t *old = pte_find(m->mm, m->src), *new;

	if (pt_alloc(m->mm, m->mm->pgd, m->dst, &new))
		return -ENOMEM;
	m->orig = old ? pte_read(old) : pte_make_none();
	if (!pte_none(pte_read(new)))
		return -EEXIST;
	if (pte_none(m->orig))
		return m->allow_holes ? 0 : -ENOENT;
	if (pte_is_swap(m->orig))
		return move_swapped(m);
	return pte_present(m->orig) ? move_present(m) : -EFAULT;
}

/* Page by page, until one cannot be moved. Context: mmap_lock held. Return: bytes, or -errno. */
static s64 move_range(struct uffd_move *m, unsigned long len)
{
	unsigned long done = 0;
	int err = 0;

	assert_held(&m->mm->mmap_lock);
	while (done < len && (!err || err == -EAGAIN)) {
		err = fatal_signal_pending(current) ? -EINTR : move_one(m);
		if (!err) {
			done += PAGE_SIZE;
			m->src += PAGE_SIZE;
			m->dst += PAGE_SIZE;
		}
		cond_resched();
	}
	return done ? (s64)done : err;
}

/* May pages go from one to the other, and stay what they are? */
static bool move_vmas_match(const struct uffd_move *m)
{
	unsigned long same = VM_ACCESS_FLAGS | VM_LOCKED, never = VM_SHARED | VM_PFNMAP;
	const struct vma *src = m->src_vma, *dst = m->dst_vma;

	return vma_is_anonymous(src) && vma_is_anonymous(dst) && src->flags & VM_WRITE &&
	       !((src->flags | dst->flags) & never) && !((src->flags ^ dst->flags) & same);
}

/* Both ranges, each within one VMA. Context: mmap_lock held. */
static int move_find_vmas(struct uffd_move *m, const struct userfaultfd *uffd, unsigned long len)
{
	m->dst_vma = find_vma(m->mm, m->dst);
	m->src_vma = find_vma(m->mm, m->src);
	if (!m->dst_vma || m->dst_vma->start > m->dst || !m->src_vma || m->src_vma->start > m->src)
		return -ENOENT;
	if (m->src + len > m->src_vma->end || m->dst + len > m->dst_vma->end ||
	    m->dst_vma->uffd != uffd || !move_vmas_match(m))
		return -EINVAL;
	return anon_vma_prepare(m->dst_vma);
}

s64 userfaultfd_move(struct userfaultfd *uffd, unsigned long dst, unsigned long src,
		     unsigned long len, bool allow_holes)
{
	struct uffd_move m = {
		.mm = uffd->mm, .src = src, .dst = dst, .allow_holes = allow_holes,
	};
	s64 done;

	if (userfaultfd_check_range(dst, len) || userfaultfd_check_range(src, len))
		return -EINVAL;
	if (!mmget_not_zero(m.mm))
		return -ESRCH;
	down_read(&m.mm->mmap_lock);
	done = userfaultfd_is_changing(uffd) ? -EAGAIN : move_find_vmas(&m, uffd, len);
	if (!done)
		done = move_range(&m, len);
	up_read(&m.mm->mmap_lock);
	mmput(m.mm);
	return done;
}
