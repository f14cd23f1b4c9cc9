/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/mmap.c - ranges come and go: mmap, munmap, brk, and the end of everything
 *
 * Concept    Mapping is bookkeeping: a VMA says what would be there, faults make
 *            it so later. Unmapping is work, and all of it goes through one door:
 *
 *                munmap   MADV_DONTNEED   exit   truncation, holes   a guard comes
 *                      \        |        /     /                  /
 *                       unmap_vma_range          entries cleared into the gather
 *                               |
 *                       CPUs and point subscribers forget      (mm/tlb.c)
 *                               |
 *                       pages are freed                        (mm/tlb.c)
 *
 *            with a notifier bracket around the three steps. munmap and exit then
 *            also unlink the VMAs from their anon_vmas, which ends the last way
 *            for a reverse walk into the page tables, and free the tables.
 * Owns       The heap's bounds, the hooks by which VMAs hold files.
 * Locks      mmap_lock for writing; MADV_DONTNEED's door for reading.
 * Invariants Checks and allocations come first: a failed call changed nothing
 *            but the cuts at the ends of its range, which nobody can see.
 * Callers    sys_*, kernel/task (exec), mm/mm.c, mm/madvise.c, mm/mremap.c
 * Next       mm/mprotect.c
 */
#include "mm/mmap.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/sched.h"
#include "mm/anon.h"
#include "mm/commit.h"
#include "mm/fault.h"
#include "mm/filemap.h"
#include "mm/mlock.h"
#include "mm/mmu_notifier.h"
#include "mm/page_idle.h"
#include "mm/pgtable.h"
#include "mm/rmap.h"
#include "mm/swap.h"
#include "mm/tlb.h"
#include "mm/userfaultfd.h"
#include "mm/vma.h"
#include "mm/writeback.h"

const struct mmap_file_hooks *mmap_file_hooks;

void mmap_set_file_hooks(const struct mmap_file_hooks *hooks)
{
	ASSERT(!mmap_file_hooks);
	mmap_file_hooks = hooks;
}

pte_t vma_make_pte(const struct vma *vma, u64 pfn, bool writable)
{
	u64 flags = PTE_PRESENT | PTE_USER;

	if (!(vma->flags & VM_ACCESS_FLAGS))
		return pte_make_absent(PTE_KIND_PROTNONE, pfn, false);
	if (writable && vma->flags & VM_WRITE)
		flags |= PTE_WRITE;
	if (!(vma->flags & VM_EXEC))
		flags |= PTE_NX;
	return pte_make(pfn, flags);
}

/* ---- the door ---- */

/* Give back what a mapped entry held. True: the gather is full. */
static bool zap_page(struct mmu_gather *tlb, struct vma *vma, unsigned long va, pte_t old)
{
	struct page *page = vm_normal_page(vma, old);

	if (!page) {
		tlb_note(tlb, va);
		return false;
	}
	if (likely(page_is_anon(page))) {
		mm_counter_add(vma->mm, MM_ANONPAGES, -1);
	} else {
		ASSERT_PAGE(page, page_mapped(page));
		mm_counter_add(vma->mm, MM_FILEPAGES, -1);
		if (pte_mapped_dirty(old)) {
			set_page_dirty(page);
			tlb_note_dirty(tlb);
		}
	}
	if (pte_present(old) && pte_young(old))
		page_clear_idle(page);
	page_remove_rmap(page, vma);
	return tlb_remove_page(tlb, va, page);
}

/* What takes the place of @old, if the range itself does not go. */
static pte_t zap_rest(struct vma *vma, unsigned long va, pte_t old, const struct unmap_how *how)
{
	pte_t rest = pte_make_none();

	if (how->leave == UNMAP_OFFSETS)
		return vma_offset_pte(vma, va, how->pgoff + ((va - vma->start) >> PAGE_SHIFT));
	if (pte_is_guard(old) || pte_is_file(old))
		rest = old;
	else if (pte_uffd_wp(old) && vma->flags & VM_UFFD_WP && !vma_is_anonymous(vma))
		rest = pte_make_wp_marker();
	else if (pte_mapped(old) && vma->flags & VM_NONLINEAR)
		rest = vma_offset_pte(vma, va, vm_normal_page(vma, old)->index);
	return how->leave == UNMAP_GUARD ? pte_mkguard(rest) : rest;
}

/* One entry, whatever it is. Table lock held. True: the gather is full. */
static bool zap_entry(struct mmu_gather *tlb, struct vma *vma, unsigned long va, pte_t *ptep,
		      const struct unmap_how *how)
{
	pte_t old = pte_read(ptep), rest = pte_make_none();

	if (how->leave != UNMAP_ALL)
		rest = zap_rest(vma, va, old, how);
	if (pte_same(old, rest))
		return false;
	if (how->wanted && !(pte_mapped(old) && how->wanted(vma, va, ptep, how->arg)))
		return false;
	old = ptep_get_and_clear(vma->mm, va, ptep);
	if (!pte_none(rest))
		set_pte_at(vma->mm, va, ptep, rest);
	if (pte_mapped(old))
		return zap_page(tlb, vma, va, old);
	if (pte_is_swap(old)) {
		mm_counter_add(vma->mm, MM_SWAPENTS, -1);
		swap_free_entry(pte_swp_entry(old));
	}
	return false;
}

/* Entries of one table, as far as the gather holds. Return: where to go on. */
static unsigned long zap_table(struct mmu_gather *tlb, struct vma *vma, unsigned long va,
			       unsigned long end, const struct unmap_how *how)
{
	struct spinlock *ptl;
	pte_t *first = pte_offset_lock(vma->mm, va, &ptl), *ptep = first;
	bool full = false, sparse = how->leave == UNMAP_ALL || how->leave == UNMAP_PAGES;

	if (!first)
		return end;
	flush_tlb_batched_pending(vma->mm);
	for (; va < end; va += PAGE_SIZE, ptep++) {
		if (sparse && pte_none(pte_read(ptep)))
			continue;	/* nothing was, nothing comes */
		full = zap_entry(tlb, vma, va, ptep, how);
		if (unlikely(full))
			end = va + PAGE_SIZE;
	}
	pte_unmap_unlock(first, ptl);
	if (full)
		tlb_flush(tlb);
	return end;
}

void unmap_vma_range(struct mmu_gather *tlb, struct vma *vma, unsigned long start,
		     unsigned long end, const struct unmap_how *how)
{
	unsigned long va = start, next;

	ASSERT_VMA(vma, start >= vma->start && end <= vma->end);
	for_each_table(vma->mm, va, next, end) {
		next = zap_table(tlb, vma, va, next, how);
		cond_resched();
	}
}

void zap_page_range(struct vma *vma, unsigned long start, unsigned long end,
		    const struct unmap_how *how)
{
	struct mmu_notifier_range range;
	struct mmu_gather tlb;

	assert_held(&vma->mm->mmap_lock);
	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, MMU_NOTIFIER_RANGE_BLOCKABLE, vma->mm,
				start, end);
	mmu_notifier_invalidate_range_start(&range);
	mm_note_hiwater(vma->mm);
	tlb_gather_mmu(&tlb, vma->mm, false);
	unmap_vma_range(&tlb, vma, start, end, how);
	tlb_finish_mmu(&tlb);
	mmu_notifier_invalidate_range_end(&range);
}

/* @first and the VMAs behind it that begin below @end; @first may be NULL. */
#define for_each_vma_from(vma, first, end)					\
	for (vma = (first); vma && vma->start < (end); vma = vma_next(vma))

/*
 * Free the tables that nobody but @first and what follows it up to @end needs. The VMAs are
 * still in the tree: tables are looked for only where they are, neighbours that may share
 * one together. A table that two of them share goes with the later one.
 */
static void unmap_tables(struct mmu_gather *tlb, struct vma *first, unsigned long end)
{
	struct vma *vma, *prev = vma_prev(first), *next;
	unsigned long floor = prev ? prev->end : 0, start, last;

	for (vma = first; vma && vma->start < end; vma = next) {
		start = vma->start;
		last = vma->end;
		next = vma_next(vma);
		while (next && next->start < end && next->start <= last + pt_size(2)) {
			last = next->end;
			next = vma_next(next);
		}
		free_pgtables(tlb, start, last, floor, next ? next->start : MM_USER_TOP);
	}
}

/*
 * Everything from @first up to @end, where no VMA lies across: pages, then the reverse
 * walks' way in, then tables. The VMAs stay in the tree for remove_vmas().
 */
static void unmap_region(struct vma *first, unsigned long end, bool fullmm)
{
	static const struct unmap_how all = { .leave = UNMAP_ALL };
	struct mmu_notifier_range range;
	struct mm *mm = first->mm;
	struct mmu_gather tlb;
	struct vma *vma;

	assert_held(&mm->mmap_lock);
	mmu_notifier_range_init(&range, MMU_NOTIFY_UNMAP, MMU_NOTIFIER_RANGE_BLOCKABLE, mm,
				first->start, end);
	mmu_notifier_invalidate_range_start(&range);
	mm_note_hiwater(mm);
	tlb_gather_mmu(&tlb, mm, fullmm);
	for_each_vma_from(vma, first, end)
		unmap_vma_range(&tlb, vma, vma->start, vma->end, &all);
	for_each_vma_from(vma, first, end) {
		unlink_anon_vmas(vma);
		filemap_unlink(vma);
	}
	unmap_tables(&tlb, first, end);
	tlb_finish_mmu(&tlb);
	mmu_notifier_invalidate_range_end(&range);
}

static void remove_vma(struct vma *vma)
{
	if (vma->ops && vma->ops->close)
		vma->ops->close(vma);
	vma_free(vma);
}

static void remove_vmas(struct vma *first, unsigned long end)
{
	struct vma *vma, *next;

	for (vma = first; vma && vma->start < end; vma = next) {
		next = vma_next(vma);
		vma_erase(vma);
		remove_vma(vma);
	}
}

void exit_mmap(struct mm *mm)
{
	struct vma *first;

	down_write(&mm->mmap_lock);
	first = find_vma(mm, 0);
	if (first) {
		unmap_region(first, MM_USER_TOP, true);
		remove_vmas(first, MM_USER_TOP);
	}
	commit_settle(mm);
	up_write(&mm->mmap_lock);
}

/* ---- munmap ---- */

/* Cut at @va if it lies inside a VMA. */
static int split_at(struct mm *mm, unsigned long va)
{
	struct vma *vma = find_vma(mm, va);

	return vma && vma->start < va ? vma_split(vma, va, NULL) : 0;
}

/* A cut that was not needed in the end heals again. */
static void heal_at(struct mm *mm, unsigned long va)
{
	struct vma *vma = find_vma(mm, va);

	if (vma && vma->start == va)
		(void)vma_merge(vma);
}

/* From @first on up to @end: does a userfaultfd want to hear of it? Mostly none is there. */
static int note_unmap(struct vma *first, unsigned long start, unsigned long end)
{
	struct vma *vma;

	for (vma = first; vma && vma->start < end; vma = vma->end < end ? vma_next(vma) : NULL)
		if (unlikely(vma->uffd))
			return userfaultfd_note_unmap(first, start, end);
	return 0;
}

/* The pages' promises go into the pocket. */
static int munmap_range(struct mm *mm, unsigned long start, unsigned long len)
{
	unsigned long end = start + PAGE_ALIGN(len);
	struct vma *vma;
	int err;

	assert_held_write(&mm->mmap_lock);
	if (!is_aligned(start, PAGE_SIZE) || !len || len > MM_USER_TOP || start > MM_USER_TOP ||
	    end > MM_USER_TOP)
		return -EINVAL;
	vma = find_vma_intersection(mm, start, end);
	if (!vma)
		return 0;
	err = mseal_check(mm, start, end);
	if (err)
		return err;
	/* a hole makes one VMA more; what is cut off at an end does not */
	if (vma->start < start && vma->end > end && mm->map_count >= READ_ONCE(max_map_count))
		return -ENOMEM;
	if (vma->start < start) {
		err = split_at(mm, start);
		if (err)
			return err;
		vma = find_vma(mm, start);
	}
	err = split_at(mm, end);
	if (!err)
		err = note_unmap(vma, start, end);
	if (err) {
		heal_at(mm, end);
		heal_at(mm, start);
		return err;
	}
	/* nothing below can fail */
	unmap_region(vma, end, false);
	remove_vmas(vma, end);
	return 0;
}

int do_munmap(struct mm *mm, unsigned long start, unsigned long len)
{
	int err = munmap_range(mm, start, len);

	commit_settle(mm);
	return err;
}

int vm_munmap(struct mm *mm, unsigned long start, unsigned long len)
{
	int err;

	down_write(&mm->mmap_lock);
	err = do_munmap(mm, start, len);
	userfaultfd_unlock(mm);
	return err;
}

/* ---- mmap ---- */

int mdwe_check(const struct mm *mm, unsigned long flags, unsigned long new)
{
	if (likely(!mm->mdwe) || !(new & VM_EXEC))
		return 0;
	return new & VM_WRITE || !(flags & VM_EXEC) ? -EACCES : 0;
}

static bool range_is_free(struct mm *mm, unsigned long start, unsigned long end)
{
	struct vma *vma = find_vma(mm, start);

	if (start < MM_USER_MIN || end > MM_USER_TOP || end <= start)
		return false;
	return !vma || vma_start_gap(vma) >= end;
}

/* Where the mapping goes. @addr: the demand with MAP_FIXED, else a hint. */
static int choose_address(struct mm *mm, unsigned long addr, unsigned long len,
			  unsigned long flags, unsigned long *out)
{
	if (len > MM_USER_TOP)
		return -ENOMEM;
	*out = addr;
	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
		if (!is_aligned(addr, PAGE_SIZE))
			return -EINVAL;
		if (addr > MM_USER_TOP - len)
			return -ENOMEM;
		if (addr < MM_USER_MIN)
			return -EPERM;
		return flags & MAP_FIXED_NOREPLACE && find_vma_intersection(mm, addr, addr + len)
		       ? -EEXIST : 0;
	}
	*out = round_down(addr, PAGE_SIZE);
	if (*out && *out <= MM_USER_TOP - len && range_is_free(mm, *out, *out + len))
		return 0;
	if (!vma_find_gap(mm, len, MM_USER_MIN, mm->mmap_base, out))
		return 0;
	return vma_find_gap(mm, len, MM_USER_MIN, MM_USER_TOP, out);
}

static unsigned long vma_flags_of(unsigned long prot, unsigned long flags)
{
	unsigned long vm = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | VM_SOFTDIRTY;

	static_assert(PROT_READ == VM_READ && PROT_WRITE == VM_WRITE && PROT_EXEC == VM_EXEC,
		      "protections are the lowest VMA flags");
	vm |= prot & (PROT_READ | PROT_WRITE | PROT_EXEC);
	if ((flags & MAP_TYPE) != MAP_PRIVATE)
		vm |= VM_SHARED | VM_MAYSHARE;
	if (flags & MAP_GROWSDOWN)
		vm |= VM_GROWSDOWN;
	if (flags & MAP_NORESERVE && commit_policy.overcommit_memory != OVERCOMMIT_NEVER)
		vm |= VM_NORESERVE;
	if (flags & MAP_LOCKED)
		vm |= VM_LOCKED;
	return vm;
}

/* Flags that MAP_SHARED_VALIDATE knows; the other types ignore what they do not. */
#define MAP_VALIDATE_MASK (MAP_SHARED_VALIDATE | MAP_FIXED | MAP_ANONYMOUS | MAP_32BIT |	\
			   MAP_GROWSDOWN | MAP_DENYWRITE | MAP_EXECUTABLE | MAP_LOCKED |	\
			   MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | MAP_STACK |		\
			   MAP_HUGETLB | MAP_UNINITIALIZED | MAP_ABOVE4G)

static int check_mmap_flags(const struct file *file, unsigned long flags)
{
	unsigned long type = flags & MAP_TYPE;

	if (type != MAP_SHARED && type != MAP_PRIVATE && (type != MAP_SHARED_VALIDATE || !file))
		return -EINVAL;
	if (type == MAP_SHARED_VALIDATE && flags & ~(unsigned long)MAP_VALIDATE_MASK)
		return -EOPNOTSUPP;
	if (flags & MAP_HUGETLB)
		return -ENOMEM;
	/* a file's answer to this is its own: it may have a better reason to refuse */
	return !file && flags & MAP_GROWSDOWN && type != MAP_PRIVATE ? -EINVAL : 0;
}

/* Pages that [start, end) has now and a new mapping there would replace. */
static u64 pages_within(struct mm *mm, unsigned long start, unsigned long end)
{
	struct vma *vma;
	u64 pages = 0;

	for_each_vma_from(vma, find_vma(mm, start), end)
		pages += (min(end, vma->end) - max(start, vma->start)) >> PAGE_SHIFT;
	return pages;
}

/*
 * May there be such a mapping, with @fixed in the place of what is there? Then its pages
 * are promised.
 */
static int check_limits(struct mm *mm, unsigned long start, unsigned long end, bool fixed,
			unsigned long *vm_flags)
{
	u64 pages = (end - start) >> PAGE_SHIFT;

	if (!may_expand_vm(mm, *vm_flags, pages - (fixed ? pages_within(mm, start, end) : 0)) ||
	    mm->map_count > READ_ONCE(max_map_count))
		return -ENOMEM;
	if (!commit_counts(*vm_flags))
		return 0;
	*vm_flags |= VM_ACCOUNT;
	if (fixed)
		pages -= commit_within(mm, start, end);
	return commit_prepare(mm, (s64)pages);
}

/* Let the object say what its pages are; it may refuse. */
static int attach_file(struct vma *vma, struct file *file)
{
	int err;

	if (!mmap_file_hooks)
		return -ENODEV;
	vma->file = file;
	mmap_file_hooks->get(file);
	err = mmap_file_hooks->mmap(file, vma);
	gate_point("mmap.attach", vma->mm);
	if (!err && vma->ops)
		err = filemap_add_writer(vma);
	if (err)
		vma->mapping = NULL;	/* not counted: see vma_free() */
	return err;
}

/* Shared memory without a name: relatives after fork see the same file. */
static int attach_shared_anon(struct vma *vma)
{
	struct file *file;
	int err;

	if (!mmap_file_hooks || !mmap_file_hooks->shared_anon)
		return -ENODEV;
	err = mmap_file_hooks->shared_anon(vma->end - vma->start, !(vma->flags & VM_NORESERVE),
					   &file);
	if (err)
		return err;
	vma->pgoff = 0;
	err = attach_file(vma, file);
	mmap_file_hooks->put(file);
	return err;
}

/* A file that leaves the VMA without ops is a source of zeros: the same as none. */
static int attach_object(struct vma *vma, struct file *file)
{
	int err = file ? attach_file(vma, file) : 0;

	if (err || vma->ops)
		return err;
	if (file) {
		vma->file = NULL;
		vma->pgoff = vma->start >> PAGE_SHIFT;
		mmap_file_hooks->put(file);
	}
	return vma->flags & VM_SHARED ? attach_shared_anon(vma) : 0;
}

/* A VMA with everything that can be refused behind it, not yet in the tree. */
static int make_vma(struct mm *mm, struct file *file, unsigned long start, unsigned long end,
		    unsigned long vm_flags, u64 pgoff, struct vma **out)
{
	struct vma *vma;
	int err = vma_alloc(mm, &vma);

	if (err)
		return err;
	vma->start = start;
	vma->end = end;
	vma->flags = vm_flags;
	vma->pgoff = file ? pgoff : start >> PAGE_SHIFT;
	err = attach_object(vma, file);
	if (err) {
		vma_free(vma);
		return err;
	}
	if (vma->flags & VM_SPECIAL)
		vma->flags &= ~(unsigned long)VM_LOCKED_MASK;
	*out = vma;
	return 0;
}

int do_mmap(struct mm *mm, struct file *file, unsigned long addr, unsigned long len,
	    unsigned long prot, unsigned long flags, u64 pgoff, unsigned long *out)
{
	unsigned long start, vm_flags;
	struct vma *vma;
	int err;

	assert_held_write(&mm->mmap_lock);
	if (!len)
		return -EINVAL;
	if (len > MM_USER_TOP)
		return -ENOMEM;
	len = PAGE_ALIGN(len);
	if (file && pgoff > (MAX_FILE_BYTES - len) >> PAGE_SHIFT)
		return -EOVERFLOW;
	err = choose_address(mm, addr, len, flags, &start);
	if (err)
		return err;
	vm_flags = vma_flags_of(prot, flags) | mm->def_flags;
	if (flags & MAP_LOCKED && !mlock_permitted(mm))
		return -EPERM;
	err = mlock_future_check(mm, vm_flags, len);
	if (!err)
		err = check_mmap_flags(file, flags);
	if (!err)
		err = mdwe_check(mm, vm_flags, vm_flags);
	if (!err)
		err = check_limits(mm, start, start + len, flags & MAP_FIXED, &vm_flags);
	if (!err)
		err = make_vma(mm, file, start, start + len, vm_flags, pgoff, &vma);
	if (!err) {
		err = munmap_range(mm, start, len);
		if (err)
			remove_vma(vma);
	}
	if (!err) {
		vma_insert(vma);
		(void)vma_merge(vma);
		*out = start;
	}
	commit_settle(mm);
	return err;
}

static unsigned int vma_populate_access(const struct vma *vma)
{
	return (vma->flags & (VM_WRITE | VM_SHARED)) == VM_WRITE ? FAULT_WRITE : 0;
}

int populate_vma_range(struct vma *vma, unsigned long start, unsigned long end,
		       unsigned int access)
{
	int result = fault_check_access(vma, access);

	for (unsigned long va = start; va < end && result == FAULT_DONE; va += PAGE_SIZE) {
		do {
			if (fatal_signal_pending(current))
				return -EINTR;
			result = fault_handle(vma, va, FAULT_REMOTE | access);
			cond_resched();
		} while (result == FAULT_RETRY);
	}
	return fault_errno(result);
}

int populate_asking(struct mm *mm, unsigned long start, unsigned long end, unsigned int access)
{
	int result = FAULT_DONE;

	for (unsigned long va = start; va < end && result == FAULT_DONE; va += PAGE_SIZE) {
		if (fatal_signal_pending(current))
			return -EINTR;
		result = mm_fault(mm, va, FAULT_REMOTE | access);
	}
	return fault_errno(result);
}

/* One step from *@va on, which moves behind it, or behind a VMA that fails. */
static int populate_step(struct mm *mm, unsigned long *va, unsigned long end)
{
	unsigned long start = *va;
	unsigned int access = 0;
	struct vma *vma;
	int err = 0;

	down_read(&mm->mmap_lock);
	vma = find_vma_intersection(mm, start, end);
	*va = end;
	if (vma) {
		start = max(start, vma->start);
		end = min(end, vma->end);
		*va = min(end, start + POPULATE_STEP);
		access = vma_populate_access(vma);
		if (!(vma->flags & (VM_PFNMAP | VM_LOCKONFAULT)))
			err = populate_vma_range(vma, start, *va, access);
		if (err && err != -EAGAIN)
			*va = end;
	}
	up_read(&mm->mmap_lock);
	return err == -EAGAIN ? populate_asking(mm, start, *va, access) : err;
}

int mm_populate(struct mm *mm, unsigned long start, unsigned long end, bool go_on)
{
	unsigned long va = start;
	int err = 0;

	while (va < end && (!err || (go_on && err != -EINTR)))
		err = populate_step(mm, &va, end);
	return go_on && err != -EINTR ? 0 : err;
}

int vm_mmap(struct mm *mm, struct file *file, unsigned long addr, unsigned long len,
	    unsigned long prot, unsigned long flags, u64 pgoff, unsigned long *out)
{
	bool populate = flags & MAP_LOCKED ||
			(flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE;
	int err;

	down_write(&mm->mmap_lock);
	populate |= mm->def_flags & VM_LOCKED;
	err = do_mmap(mm, file, addr, len, prot, flags, pgoff, out);
	userfaultfd_unlock(mm);
	/* Failing to populate is not failing to map. */
	if (!err && populate)
		(void)mm_populate(mm, *out, *out + PAGE_ALIGN(len), true);
	return err;
}

/* ---- heap and stack ---- */

/* [start, end) becomes heap; it continues the old heap's VMA where there is one. */
static int grow_heap(struct mm *mm, unsigned long start, unsigned long end)
{
	unsigned long where;

	if (end - mm->start_brk > mm->data_limit || !range_is_free(mm, start, end))
		return -ENOMEM;
	return do_mmap(mm, NULL, start, end - start, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0, &where);
}

int do_brk(struct mm *mm, unsigned long brk)
{
	unsigned long old_end = PAGE_ALIGN(mm->brk), new_end;
	int err = 0;

	assert_held_write(&mm->mmap_lock);
	if (brk < mm->start_brk || brk > MM_USER_TOP - PAGE_SIZE)
		return -ENOMEM;
	new_end = PAGE_ALIGN(brk);
	if (new_end < old_end)
		err = do_munmap(mm, new_end, old_end - new_end);
	else if (new_end > old_end)
		err = grow_heap(mm, old_end, new_end);
	if (!err)
		mm->brk = brk;
	return err;
}

/*
 * The guard gap below the stack must stay free, but for another part of a stack, and for what
 * nobody may touch: that guards as well.
 */
static bool stack_may_reach(struct vma *vma, unsigned long start)
{
	struct vma *prev = vma_prev(vma);

	if (start < MM_USER_MIN || start < STACK_GUARD_GAP)
		return false;
	if (!prev || prev->flags & VM_GROWSDOWN ||
	    !(prev->flags & (VM_READ | VM_WRITE | VM_EXEC)))
		return !prev || prev->end <= start;
	return prev->end <= start - STACK_GUARD_GAP;
}

int expand_stack(struct vma *vma, unsigned long va)
{
	struct mm *mm = vma->mm;
	unsigned long start = va & PAGE_MASK;
	u64 grow;

	assert_held_write(&mm->mmap_lock);
	ASSERT_VMA(vma, vma->flags & VM_GROWSDOWN);
	if (start >= vma->start)
		return 0;
	grow = (vma->start - start) >> PAGE_SHIFT;
	if (vma->end - start > mm->stack_limit || !may_expand_vm(mm, vma->flags, grow))
		return -ENOMEM;
	if (!stack_may_reach(vma, start) ||
	    mlock_future_check(mm, vma->flags, grow << PAGE_SHIFT))
		return -ENOMEM;
	if (vma->flags & VM_ACCOUNT && commit_prepare(mm, (s64)grow))
		return -ENOMEM;
	/* nothing below can fail */
	vma_resize(vma, start, vma->end);
	vma_set_flags(vma, vma->flags | VM_SOFTDIRTY);
	return 0;
}

/* ---- system calls ---- */

long sys_mmap(unsigned long addr, unsigned long len, unsigned long prot, unsigned long flags,
	      unsigned long fd, unsigned long off)
{
	struct file *file = NULL;
	unsigned long where;
	int err;

	if (!is_aligned(off, PAGE_SIZE))
		return -EINVAL;
	if (!(flags & MAP_ANONYMOUS)) {
		err = mmap_file_hooks ? mmap_file_hooks->find((int)fd, &file) : -EBADF;
		if (err)
			return err;
	}
	err = vm_mmap(current->mm, file, addr, len, prot, flags, off >> PAGE_SHIFT, &where);
	if (file)
		mmap_file_hooks->put(file);
	return err ? err : (long)where;
}

long sys_munmap(unsigned long addr, unsigned long len)
{
	return vm_munmap(current->mm, addr, len);
}

/* Never an error: the caller compares the answer with what it asked for. */
long sys_brk(unsigned long brk)
{
	struct mm *mm = current->mm;
	unsigned long old, now;
	bool locked;

	down_write(&mm->mmap_lock);
	old = mm->brk;
	now = do_brk(mm, brk) ? old : brk;
	locked = mm->def_flags & VM_LOCKED;
	userfaultfd_unlock(mm);
	if (locked && now > old)
		(void)mm_populate(mm, PAGE_ALIGN(old), PAGE_ALIGN(now), true);
	return (long)now;
}
