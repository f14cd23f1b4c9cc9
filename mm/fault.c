/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/fault.c - from an address that does not translate to one that does
 *
 * Concept    A fault asks two questions: may this access be made (the VMA
 *            answers), and what stands in its way (the entry answers).
 *
 *    mm_fault            find the VMA, grow a stack, check the access
 *       |
 *    fault_handle        read the entry once: f->orig
 *       |
 *       +-- none, or --> fault_absent --+-- object ----> fault_object
 *       |   file offset                 +-- read ------> fault_zero
 *       |                               +-- write -----> fault_demand
 *       |                               +-- registered > mm_fault: fault_ask
 *       +-- swap ------> fault_swap
 *       +-- guard -----> as if nothing were mapped: a signal; poison: a bus error
 *       |
 *       +-- protected by a userfaultfd > mm_fault: fault_ask
 *       +-- read-only -> fault_write_protected --+-- sole owner -> fault_reuse
 *       |                                        +-- relatives --> fault_copy
 *       |                                        +-- object's ---> fault_write_shared
 *       +-- enough ----> nothing: somebody else has repaired it
 *
 *            Each of these finds or makes a page and may sleep; nothing is
 *            locked meanwhile but mmap_lock for reading. So all end in the same
 *            way: take the table lock, and only if the entry is still f->orig
 *            install (fault_install, fault_replace). If it is not, somebody else
 *            has handled the fault or taken the page away: drop what was made,
 *            and the access, repeated, faults again or does not.
 *
 *    one thread                          another thread (or reclaim)
 *      orig = entry (swap)                 orig = entry (swap)
 *      read the page, lock it              ... waits for the page lock
 *      table lock; same? install
 *      unlock page                         lock it; same? no: drop it, done
 *
 * Owns       Nothing.
 * Locks      mmap_lock for reading; page lock; table lock; in this order.
 * Invariants The copy of a shared page is made before the bracket is opened, the
 *            entry is compared again inside it, and the old page's mapping is
 *            dropped only after the new entry is in and the old one flushed.
 * Callers    arch/x86/trap, mm/uaccess.c (through the trap), mm/gup.c, drivers;
 *            mm/swapfile.c, which faults for others.
 * Next       mm/anon.c
 */
#include "mm/fault.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/sched.h"
#include "mm/anon.h"
#include "mm/filemap.h"
#include "mm/gfp.h"
#include "mm/mmap.h"
#include "mm/mmu_notifier.h"
#include "mm/pgtable.h"
#include "mm/rmap.h"
#include "mm/swap.h"
#include "mm/tlb.h"
#include "mm/userfaultfd.h"
#include "mm/vma.h"
#include "mm/writeback.h"

/* A read fault of a file maps what is in memory of these bytes around it. */
#define FAULT_AROUND_SIZE (16 * PAGE_SIZE)

struct fault {
	struct vma *vma;
	struct mm *mm;
	unsigned long va;	/* page aligned */
	unsigned int flags;	/* enum fault_flag */
	pte_t *ptep;		/* the entry; NULL: no table yet */
	pte_t orig;		/* what stood in the way when we looked */
	bool wp;		/* what comes into the empty place is protected already */
};

static bool fault_is_write(const struct fault *f)
{
	return f->flags & FAULT_WRITE;
}

/* ---- the entry changes: table lock held from check to store ---- */

/*
 * Lock the entry if it is still what the decision was based on.
 * Return: 0 with the lock held; -EAGAIN: it changed; -ENOMEM: no table.
 */
static int fault_lock_same(struct fault *f, pte_t **ptep, struct spinlock **ptl)
	__no_lock_check	/* tells in *ptl what it has locked */
{
	if (!f->ptep && pt_alloc(f->mm, f->mm->pgd, f->va, &f->ptep))
		return -ENOMEM;
	*ptep = f->ptep;
	*ptl = pte_lock(f->ptep);
	flush_tlb_batched_pending(f->mm);
	if (likely(pte_same(pte_read(f->ptep), f->orig)))
		return 0;
	pte_unmap_unlock(*ptep, *ptl);
	return -EAGAIN;
}

/* Losing the race for the entry is success: the access will be repeated. */
static int fault_lock_result(int err)
{
	return err == -ENOMEM ? FAULT_OOM : FAULT_DONE;
}

/* What a write leaves: soft-dirty as well, for whoever watches (mm/clear_refs.c). */
static pte_t fault_mkwritten(pte_t pte)
{
	return pte_mksoft_dirty(pte_mkdirty(pte));
}

/* Of a frame that nobody may use, after a debugger wrote it. */
static pte_t fault_absent_pte(u64 pfn)
{
	return pte_mksoft_dirty(pte_make_absent(PTE_KIND_PROTNONE, pfn, true));
}

/*
 * The entry for @page as this access leaves it: young, and dirty if written. A debugger
 * reaches memory that nobody may use (PROTNONE), too.
 */
static pte_t fault_make_pte(const struct fault *f, struct page *page, bool writable)
{
	pte_t pte = vma_make_pte(f->vma, page_to_pfn(page).v, writable);
	bool written = writable && fault_is_write(f);

	if (unlikely(f->wp))
		pte = pte_mkuffd_wp(pte_present(pte) ? pte_wrprotect(pte) : pte);
	if (!pte_present(pte))
		return written ? pte_keep_marks(fault_absent_pte(pte_pfn(pte)), pte) : pte;
	if (!(f->flags & FAULT_UNUSE))
		pte = pte_mkyoung(pte);
	return written ? fault_mkwritten(pte) : pte;
}

/* The same frame after a write. What a debugger writes the program still may not. */
static pte_t fault_written_pte(const struct fault *f)
{
	pte_t pte = f->orig;

	if (!pte_present(pte))
		return fault_absent_pte(pte_pfn(pte));
	if (f->vma->flags & VM_WRITE)
		pte = pte_mkwrite(pte);
	return fault_mkwritten(pte_mkyoung(pte_clear_uffd_wp(pte)));
}

/* A page that nobody else knows becomes part of the address space. */
static void fault_adopt_page(struct fault *f, struct page *page)
{
	page_add_new_anon_rmap(page, f->vma, f->va);
	lru_add(page, true);
	mm_counter_add(f->mm, MM_ANONPAGES, 1);
}

/* Absent to present: nobody can have cached it, so no bracket and no flush. */
static int fault_install_new(struct fault *f, struct page *page)
{
	struct spinlock *ptl;
	pte_t *ptep;
	int err;

	gate_point("fault.page_made", f->mm);
	err = fault_lock_same(f, &ptep, &ptl);
	if (err) {
		put_page(page);
		return fault_lock_result(err);
	}
	fault_adopt_page(f, page);
	set_pte_at(f->mm, f->va, ptep, fault_make_pte(f, page, true));
	pte_unmap_unlock(ptep, ptl);
	return FAULT_DONE;
}

/* The old page of a replaced entry is not ours any more. Table lock held. */
static void fault_forget_page(struct fault *f, struct page *old)
{
	mm_counter_add(f->mm, page_is_anon(old) ? MM_ANONPAGES : MM_FILEPAGES, -1);
	page_remove_rmap(old, f->vma);
}

/*
 * Present to present with another frame. @old (NULL: the zero page) has a
 * reference of the caller besides that of the entry, which is dropped here. Not
 * inline: other faults need no stack for a bracket.
 */
static noinline int fault_replace(struct fault *f, struct page *old, struct page *page)
{
	struct mmu_notifier_range range;
	struct mm *mm = f->mm;
	unsigned long va = f->va;
	struct spinlock *ptl;
	pte_t *ptep;
	int err;

	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, MMU_NOTIFIER_RANGE_BLOCKABLE |
				MMU_NOTIFIER_RANGE_SINGLE_PAGE, mm, va, va + PAGE_SIZE);
	mmu_notifier_invalidate_range_start(&range);
	gate_point("fault.replace", mm);
	err = fault_lock_same(f, &ptep, &ptl);
	if (!err) {
		(void)ptep_clear_flush(mm, va, ptep);
		fault_adopt_page(f, page);
		set_pte_at_notify(mm, va, ptep, fault_make_pte(f, page, true));
		if (old)
			fault_forget_page(f, old);
		pte_unmap_unlock(ptep, ptl);
	}
	mmu_notifier_invalidate_range_end(&range);
	if (err)
		put_page(page);
	else if (old)
		swap_cache_put_page(old);
	return fault_lock_result(err);
}

/* ---- nothing is there yet ---- */

static int fault_zero(struct fault *f)
{
	struct spinlock *ptl;
	pte_t *ptep;
	int err = fault_lock_same(f, &ptep, &ptl);

	if (err)
		return fault_lock_result(err);
	set_pte_at(f->mm, f->va, ptep, fault_make_pte(f, zero_page, false));
	pte_unmap_unlock(ptep, ptl);
	return FAULT_DONE;
}

/* The page of a program that knows what belongs here. Losing the race is an error, too. */
static int fault_fill_none(struct fault *f, struct page *page)
{
	struct spinlock *ptl;
	pte_t *ptep;
	int err = fault_lock_same(f, &ptep, &ptl);

	if (err) {
		if (page)
			put_page(page);
		return err == -EAGAIN ? -EEXIST : err;
	}
	if (page)
		fault_adopt_page(f, page);
	set_pte_at(f->mm, f->va, ptep, fault_make_pte(f, page ? page : zero_page, page));
	pte_unmap_unlock(ptep, ptl);
	return 0;
}

static int fault_demand(struct fault *f)
{
	struct page *page;

	if (anon_vma_prepare(f->vma) || anon_page_alloc(&page))
		return FAULT_OOM;
	return fault_install_new(f, page);
}

/* The object's own page, shown in place. @page: locked; the entry gets a reference. */
static int fault_install_object(struct fault *f, struct page *page, bool writable)
{
	struct spinlock *ptl;
	pte_t *ptep;
	int err = fault_lock_same(f, &ptep, &ptl);

	if (err)
		return err;
	if (writable)
		set_page_dirty(page);
	get_page(page);
	page_add_file_rmap(page, f->vma);
	mm_counter_add(f->mm, MM_FILEPAGES, 1);
	set_pte_at(f->mm, f->va, ptep, fault_make_pte(f, page, writable));
	pte_unmap_unlock(ptep, ptl);
	return 0;
}

/* A private write: the page of the object stays as it is. */
static int fault_object_private(struct fault *f, struct page *page)
{
	struct page *copy;
	bool failed = anon_vma_prepare(f->vma) || anon_page_copy(page, &copy);

	page_unlock(page);
	put_page(page);
	return failed ? FAULT_OOM : fault_install_new(f, copy);
}

/* A neighbour that is in memory anyway; not young, for nobody has asked for it. */
static bool fault_map_near(struct fault *f, unsigned long va, pte_t *ptep)
{
	struct page *page = filemap_try_page(f->vma->mapping, vma_pgoff(f->vma, va));

	if (!page)
		return false;
	page_add_file_rmap(page, f->vma);
	set_pte_at(f->mm, va, ptep, vma_make_pte(f->vma, page_to_pfn(page).v, false));
	page_unlock(page);	/* the entry keeps the reference */
	return true;
}

/* Who reads a page of a file will read the next one: save those faults. One table. */
static void fault_around(struct fault *f)
{
	unsigned long base = round_down(f->va, FAULT_AROUND_SIZE);
	unsigned long va = max(base, f->vma->start);
	unsigned long end = min(base + FAULT_AROUND_SIZE, f->vma->end);
	pte_t *ptep = f->ptep - ((f->va - va) >> PAGE_SHIFT);
	struct spinlock *ptl = pte_lock(f->ptep);
	s64 nr = 0;

	flush_tlb_batched_pending(f->mm);
	for (; va < end; va += PAGE_SIZE, ptep++) {
		if (pte_none(pte_read(ptep)) && fault_map_near(f, va, ptep))
			nr++;
	}
	mm_counter_add(f->mm, MM_FILEPAGES, nr);
	pte_unmap_unlock(f->ptep, ptl);
}

static bool fault_may_map_around(const struct fault *f)
{
	return f->vma->mapping && !fault_is_write(f) && !(f->flags & FAULT_FORCE) &&
	       !(f->vma->flags & (VM_LOCKED | VM_PFNMAP | VM_UFFD_WP | VM_UFFD_MINOR));
}

static int fault_object_errno(int err)
{
	switch (err) {
	case -ENOMEM:
		return FAULT_OOM;
	case -EAGAIN:
		return FAULT_RETRY;
	case -ENOENT:
		return FAULT_MISSING;
	case -EEXIST:
		return FAULT_MINOR;
	default:
		return FAULT_BUSERR;
	}
}

/* Who makes pages of a disk dirty faster than it can write waits here. */
static void fault_balance(struct fault *f)
{
	if (fault_is_write(f) && !(f->flags & FAULT_NOWAIT) && f->vma->flags & VM_SHARED)
		balance_dirty_pages(f->vma->mapping);
}

/*
 * The VMA's object has the page. Shared: its own page, writable only when it is
 * written, so that the object learns that it becomes dirty. Private: read-only
 * until the first write.
 */
static int fault_object(struct fault *f)
{
	bool shared = f->vma->flags & VM_SHARED;
	struct page *page;
	int result, err;

	err = f->vma->ops->fault(f->vma, vma_entry_pgoff(f->vma, f->va, f->orig), f->flags, &page);
	if (err)
		return fault_object_errno(err);
	ASSERT_PAGE(page, page_test(page, PG_locked) && page_count(page) > 0);
	gate_point("fault.object_locked", f->mm);
	if (fault_is_write(f) && !shared)
		return fault_object_private(f, page);
	result = fault_lock_result(fault_install_object(f, page, shared && fault_is_write(f)));
	page_unlock(page);
	put_page(page);
	if (result == FAULT_DONE && fault_may_map_around(f))
		fault_around(f);
	fault_balance(f);
	return result;
}

static int fault_absent(struct fault *f)
{
	if (!vma_is_anonymous(f->vma))
		return f->vma->ops->fault ? fault_object(f) : FAULT_BUSERR;
	if (unlikely(f->vma->flags & VM_UFFD_MISSING))
		return FAULT_MISSING;
	return fault_is_write(f) ? fault_demand(f) : fault_zero(f);
}

/* ---- it is in swap ---- */

/* The page's object and offset must lead a reverse walk to where the entry is. */
static void fault_assert_place(const struct fault *f, struct page *page)
{
	unsigned long va;

	ASSERT_PAGE(page, page_address_in_vma(page, f->vma, &va) && va == f->va);
}

/*
 * Put the swap cache's page back. A write may have it in place if no other PTE
 * and no other entry knows it; then it also leaves the cache, because what is in
 * the slot grows old. Page locked, with the caller's reference.
 */
static int fault_install_swapped(struct fault *f, struct page *page, swp_entry_t entry)
{
	bool alone = fault_is_write(f) && !pte_uffd_wp(f->orig) && !page_mapped(page) &&
		     swap_slot_count(entry) == 2;
	struct spinlock *ptl;
	pte_t *ptep;
	int err = fault_lock_same(f, &ptep, &ptl);

	if (err)
		return fault_lock_result(err);
	page_add_anon_rmap(page, f->vma, f->va);
	fault_assert_place(f, page);
	if (alone)
		page_move_anon_rmap(page, f->vma);
	get_page(page);
	mm_counter_add(f->mm, MM_ANONPAGES, 1);
	mm_counter_add(f->mm, MM_SWAPENTS, -1);
	set_pte_at(f->mm, f->va, ptep,
		   pte_keep_marks(fault_make_pte(f, page, alone), f->orig));
	pte_unmap_unlock(ptep, ptl);
	swap_slot_put(entry);
	if (alone || f->flags & FAULT_UNUSE)
		(void)swap_cache_try_free(page);
	return FAULT_DONE;
}

/* Under the page lock: is this still the page of the entry, and readable? */
static int fault_check_swapped(struct page *page, swp_entry_t entry)
{
	if (!page_test(page, PG_swapcache) || page->swap.v != entry.v)
		return FAULT_RETRY;
	return page_test(page, PG_error) || !page_test(page, PG_uptodate) ? FAULT_BUSERR
									   : FAULT_DONE;
}

static int fault_find_swapped(struct fault *f, swp_entry_t entry, struct page **out)
{
	if (f->flags & FAULT_NOWAIT) {
		*out = swap_cache_find(entry);
		return *out ? 0 : -EAGAIN;
	}
	return swap_readahead(f->vma, f->va, entry,
			      f->flags & FAULT_UNUSE ? GFP_UNUSE : GFP_USER, out);
}

/*
 * @entry was read without a lock and may be gone already: then the cache does
 * not find it, or finds a page that is another one once it is locked.
 */
static int fault_swap(struct fault *f)
{
	swp_entry_t entry = pte_swp_entry(f->orig);
	struct page *page;
	int result, err;

	if (anon_vma_prepare(f->vma))
		return FAULT_OOM;
	err = fault_find_swapped(f, entry, &page);
	if (err)
		return err == -ENOMEM ? FAULT_OOM : FAULT_RETRY;
	if (f->flags & FAULT_NOWAIT && !page_trylock(page)) {
		put_page(page);
		return FAULT_RETRY;
	}
	if (!(f->flags & FAULT_NOWAIT))
		page_lock(page);
	gate_point("fault.swap_locked", f->mm);
	result = fault_check_swapped(page, entry);
	if (result == FAULT_DONE) {
		swap_readahead_used(f->vma, f->va, page);
		result = fault_install_swapped(f, page, entry);
	}
	page_unlock(page);
	/* Who gave up the entry meanwhile could not lock the page to free it. */
	swap_cache_put_page(page);
	return result;
}

/* ---- it is there, but read-only ---- */

/* Read-only to writable, same frame: nobody loses anything, so no bracket. */
static int fault_reuse(struct fault *f, struct page *page, bool anon)
{
	struct spinlock *ptl;
	pte_t *ptep;
	int err = fault_lock_same(f, &ptep, &ptl);

	if (err)
		return fault_lock_result(err);
	if (anon)
		page_move_anon_rmap(page, f->vma);
	else
		set_page_dirty(page);
	set_pte_at(f->mm, f->va, ptep, fault_written_pte(f));
	pte_unmap_unlock(ptep, ptl);
	return FAULT_DONE;
}

/* @old: with the caller's reference, NULL for the zero page. */
static int fault_copy(struct fault *f, struct page *old)
{
	struct page *copy;

	if (anon_vma_prepare(f->vma))
		return FAULT_OOM;
	if (old ? anon_page_copy(old, &copy) : anon_page_alloc(&copy))
		return FAULT_OOM;
	return fault_replace(f, old, copy);
}

/* May the write go into this very frame? Then it is done. Page referenced, not locked. */
static bool fault_try_reuse(struct fault *f, struct page *page, int *result)
{
	bool reused = false;

	if (!page_is_anon(page))
		return false;
	page_lock(page);
	if (anon_page_sole_owner(page, 1)) {
		*result = fault_reuse(f, page, true);
		reused = true;
	}
	page_unlock(page);
	return reused;
}

/*
 * The object's page, which is read-only because nobody has written it since it was clean.
 * Page locked, so that write-back does not call it clean between the two steps of
 * fault_reuse().
 */
static int fault_write_shared(struct fault *f, struct page *page)
{
	int result;

	if (f->flags & FAULT_NOWAIT && !page_trylock(page))
		return FAULT_RETRY;
	if (!(f->flags & FAULT_NOWAIT))
		page_lock(page);
	gate_point("fault.shared_locked", f->mm);
	result = fault_reuse(f, page, false);
	page_unlock(page);
	fault_balance(f);
	return result;
}

/*
 * The plain case: a private page that is in no swap cache and that nobody else has, not
 * even a reference. Table lock held, so that nothing has to be counted meanwhile.
 */
static bool fault_reuse_at_once(struct fault *f, struct page *page, pte_t *ptep)
{
	bool alone;

	if (!page_is_anon(page) || page_count(page) != 1 || !page_trylock(page))
		return false;
	alone = !page_test(page, PG_swapcache) && anon_page_sole_owner(page, 0);
	if (alone) {
		page_move_anon_rmap(page, f->vma);
		set_pte_at(f->mm, f->va, ptep, fault_written_pte(f));
	}
	page_unlock(page);
	return alone;
}

/*
 * The mapped page with a reference of our own; NULL: zero page or device memory.
 * *@done: there was nothing to wait for, and the write may go on.
 */
static int fault_get_page(struct fault *f, struct page **out, bool *done)
{
	struct spinlock *ptl;
	pte_t *ptep;
	int err = fault_lock_same(f, &ptep, &ptl);

	if (err)
		return err;
	*out = vm_normal_page(f->vma, f->orig);
	*done = *out && !(f->vma->flags & VM_SHARED) && fault_reuse_at_once(f, *out, ptep);
	if (*out && !*done)
		get_page(*out);
	pte_unmap_unlock(ptep, ptl);
	return 0;
}

static int fault_write_protected(struct fault *f)
{
	struct page *page;
	bool done;
	int result, err = fault_get_page(f, &page, &done);

	if (err || done)
		return fault_lock_result(err);
	if (f->vma->flags & VM_PFNMAP)
		return FAULT_BUSERR;
	if (f->vma->flags & VM_SHARED)
		result = fault_write_shared(f, page);
	else if (!page || !fault_try_reuse(f, page, &result))
		result = fault_copy(f, page);
	if (page)
		swap_cache_put_page(page);
	return result;
}

/* ---- which case is it? ---- */

/* A protected page is written. If nobody needs to know, the write takes the mark away. */
static bool fault_must_ask(const struct vma *vma)
{
	return vma->flags & VM_UFFD_WP && !vma_wp_async(vma);
}

/* The first look: where the entry is, and what it holds. */
static void fault_look(struct fault *f)
{
	f->ptep = pte_find(f->mm, f->va);
	f->orig = f->ptep ? pte_read(f->ptep) : pte_make_none();
	f->wp = f->vma->flags & VM_UFFD_WP && pte_is_empty(f->orig) && pte_uffd_wp(f->orig);
}

int fault_handle(struct vma *vma, unsigned long va, unsigned int flags)
{
	struct fault f = {
		.vma = vma, .mm = vma->mm, .va = va & PAGE_MASK, .flags = flags,
	};

	assert_held(&vma->mm->mmap_lock);
	ASSERT_VMA(vma, va >= vma->start && va < vma->end);
	fault_look(&f);
	if (pte_is_empty(f.orig))
		return fault_absent(&f);
	if (pte_is_swap(f.orig))
		return fault_swap(&f);
	if (pte_is_guard(f.orig))
		return FAULT_MAPERR;
	if (pte_is_poison(f.orig))
		return FAULT_POISON;
	if (pte_is_file(f.orig))
		return fault_absent(&f);
	if (!pte_present(f.orig) && !(flags & FAULT_FORCE))
		return FAULT_ACCERR;	/* PROTNONE: only a debugger may come near it */
	if (!pte_present(f.orig) && !fault_is_write(&f))
		return FAULT_DONE;
	if (fault_is_write(&f) && !(pte_present(f.orig) && pte_write(f.orig)))
		return unlikely(pte_uffd_wp(f.orig)) && fault_must_ask(vma) ?
		       FAULT_WP : fault_write_protected(&f);
	return FAULT_DONE;
}

int fault_unuse(struct vma *vma, unsigned long va, unsigned int area)
{
	struct fault f = { .vma = vma, .mm = vma->mm, .va = va, .flags = FAULT_UNUSE };

	assert_held(&vma->mm->mmap_lock);
	ASSERT_VMA(vma, va >= vma->start && va < vma->end);
	fault_look(&f);
	if (!pte_is_swap(f.orig) || swp_area(pte_swp_entry(f.orig)) != area)
		return FAULT_DONE;
	return fault_swap(&f);
}

/*
 * A place that is to be filled: empty, or marked by a userfaultfd if @marked will do.
 * Return: 0, -EEXIST, -ENOMEM.
 */
static int fault_fill_look(struct fault *f, bool marked, bool wp)
{
	struct vma *vma = f->vma;

	assert_held(&vma->mm->mmap_lock);
	ASSERT_VMA(vma, f->va >= vma->start && f->va < vma->end);
	fault_look(f);
	f->wp = wp;
	if (marked ? !pte_is_empty(f->orig) && !pte_is_poison(f->orig) : !pte_none(f->orig))
		return -EEXIST;
	return !(vma->flags & VM_SHARED) && anon_vma_prepare(vma) ? -ENOMEM : 0;
}

int fault_fill(struct vma *vma, unsigned long va, struct page *page, bool wp)
{
	struct fault f = { .vma = vma, .mm = vma->mm, .va = va, .flags = page ? FAULT_WRITE : 0 };
	int err = fault_fill_look(&f, page, wp);

	ASSERT_VMA(vma, !(vma->flags & VM_SHARED));
	if (!err)
		return fault_fill_none(&f, page);
	if (page)
		put_page(page);
	return err;
}

/*
 * The table comes first: what is in the object by then stays there. If somebody else fills
 * the entry meanwhile, it is with this page, or with a marker that forbids to use it.
 */
int fault_fill_object(struct vma *vma, unsigned long va, struct page *page, bool fresh, bool wp)
{
	bool shared = vma->flags & VM_SHARED;
	struct fault f = { .vma = vma, .mm = vma->mm, .va = va, .flags = shared ? FAULT_WRITE : 0 };
	int err = fault_fill_look(&f, true, wp);

	ASSERT_PAGE(page, page_test(page, PG_locked));
	if (!err && fresh && !f.ptep)
		err = pt_alloc(f.mm, f.mm->pgd, va, &f.ptep);
	if (!err && fresh)
		err = vma->ops->fill(vma, vma_pgoff(vma, va), page);
	gate_point("fault.fill_object", f.mm);
	if (!err)
		err = fault_install_object(&f, page, shared);
	return err == -EAGAIN ? -EEXIST : err;
}

int fault_poison(struct vma *vma, unsigned long va)
{
	struct fault f = { .vma = vma, .mm = vma->mm, .va = va };
	struct spinlock *ptl;
	pte_t *ptep;
	int err = fault_fill_look(&f, false, false);

	if (!err)
		err = fault_lock_same(&f, &ptep, &ptl);
	if (err)
		return err == -EAGAIN ? -EEXIST : err;
	set_pte_at(f.mm, va, ptep, pte_make_absent(PTE_KIND_MARKER, PTE_MARKER_POISON, false));
	pte_unmap_unlock(ptep, ptl);
	return 0;
}

/* A stack below its VMA: growing changes the VMA, which wants the lock for writing. */
static int fault_grow_stack(struct mm *mm, unsigned long va)
{
	int result = FAULT_DONE;
	struct vma *vma;

	down_write(&mm->mmap_lock);
	vma = find_vma(mm, va);
	if (!vma || (vma->start > va && !(vma->flags & VM_GROWSDOWN)))
		result = FAULT_MAPERR;
	else if (vma->start > va && expand_stack(vma, va & PAGE_MASK))
		result = FAULT_MAPERR;
	up_write(&mm->mmap_lock);
	return result;
}

/* Drops mmap_lock. The program itself has to say what belongs at @va. */
static noinline int fault_ask(struct mm *mm, struct vma *vma, unsigned long va,
			      unsigned int flags, int what)
	__releases_shared(&mm->mmap_lock)
{
	struct userfault uf;
	int result = userfaultfd_ask(vma, va, flags, what, &uf);

	up_read(&mm->mmap_lock);
	return uf.uffd ? userfaultfd_wait(&uf, flags) : result;
}

/* One look under mmap_lock. *@grow: the address lies below a stack. */
static int fault_once(struct mm *mm, unsigned long va, unsigned int flags, bool *grow)
{
	struct vma *vma;
	int result;

	down_read(&mm->mmap_lock);
	vma = find_vma(mm, va);
	*grow = vma && vma->start > va && vma->flags & VM_GROWSDOWN;
	if (!vma || vma->start > va)
		result = FAULT_MAPERR;
	else
		result = fault_check_access(vma, flags);
	if (result == FAULT_DONE)
		result = fault_handle(vma, va, flags);
	if (unlikely(result >= FAULT_MISSING))
		return fault_ask(mm, vma, va, flags, result);
	up_read(&mm->mmap_lock);
	return result;
}

int mm_fault(struct mm *mm, unsigned long va, unsigned int flags)
{
	int result;
	bool grow;

	might_sleep();
	atomic64_inc(&vmstat.pgfault);
	if (va >= MM_USER_TOP)
		return FAULT_MAPERR;
	for (;;) {
		result = fault_once(mm, va, flags, &grow);
		if (grow) {
			result = fault_grow_stack(mm, va);
			if (result != FAULT_DONE)
				return result;
			continue;
		}
		/* Something moved under our feet; it cannot do so for ever. */
		if (result != FAULT_RETRY || flags & FAULT_NOWAIT)
			return result;
		cond_resched();
	}
}

int fault_errno(int result)
{
	switch (result) {
	case FAULT_DONE:
		return 0;
	case FAULT_RETRY:
	case FAULT_MISSING:
	case FAULT_MINOR:
	case FAULT_WP:
		return -EAGAIN;
	case FAULT_OOM:
		return -ENOMEM;
	default:
		return -EFAULT;
	}
}
