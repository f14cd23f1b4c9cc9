/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/fork.c - a copy of an address space that copies no page
 *
 * Concept    The child gets the same VMAs and the same entries. Private pages
 *            become read-only on both sides; whoever writes first faults and
 *            copies (mm/fault.c). Swap entries are copied and counted, markers
 *            and file offsets copied; shared memory needs no more than those, and VMAs without an
 *            anon_vma need no entries at all: the child will fault them in.
 *
 *                parent                      child
 *                [rw] --> page        =>     [r-] --> page <-- [r-]
 *                mapcount 1                        mapcount 2
 *
 *            The parent loses write permission, so each VMA is bracketed for the
 *            parent's second MMUs, and flushed inside the bracket.
 * Owns       Nothing.
 * Locks      Both mmap_locks for writing (the child's nobody else wants); both
 *            table locks per table, by address.
 * Invariants When mmap_lock is released no CPU and no device can write to a page
 *            that the child shares.
 *            A failure leaves a child that is sound as far as it got: mmput
 *            unwinds it.
 * Callers    kernel/task
 * Next       mm/uaccess.c
 */
#include "mm/fork.h"

#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "mm/anon.h"
#include "mm/commit.h"
#include "mm/mmap.h"
#include "mm/mmu_notifier.h"
#include "mm/pgtable.h"
#include "mm/rmap.h"
#include "mm/swap.h"
#include "mm/tlb.h"
#include "mm/userfaultfd.h"
#include "mm/vma.h"

/* One VMA's entries on their way. */
struct fork_copy {
	struct vma *parent, *child;
	bool cow;		/* vma_is_cow(parent) */
	bool protected;		/* the parent lost a write permission: flush */
	s64 nr_anon;		/* entries of anonymous pages that the child got */
};

/* ---- one entry ---- */

static int fork_swap_entry(struct fork_copy *t, unsigned long va, pte_t pte, pte_t *to)
{
	int err = swap_slot_dup(pte_swp_entry(pte));

	if (err)
		return err;
	set_pte_at(t->child->mm, va, to, pte_clear_uffd_wp(pte));
	mm_counter_add(t->child->mm, MM_SWAPENTS, 1);
	return 0;
}

/* A page of the file, which need not be the one that the VMA shows at @va. */
static void fork_offset_entry(struct fork_copy *t, unsigned long va, const struct page *page,
			      pte_t *to)
{
	pte_t pte = vma_offset_pte(t->parent, va, page->index);

	if (t->parent->flags & VM_NONLINEAR && !pte_none(pte))
		set_pte_at(t->child->mm, va, to, pte);
}

/* The page gets one more mapping; it starts unused in the child. */
static void fork_mapped_entry(struct fork_copy *t, unsigned long va, pte_t pte, pte_t *from,
			      pte_t *to)
{
	struct page *page;

	if (t->cow && pte_write(pte) && pte_present(pte)) {
		ptep_set_wrprotect(t->parent->mm, va, from);
		pte = pte_read(from);
		t->protected = true;
	}
	page = vm_normal_page(t->parent, pte);
	if (page && !page_is_anon(page)) {	/* the child will find it in the file */
		fork_offset_entry(t, va, page, to);
		return;
	}
	if (page) {
		get_page(page);
		page_dup_rmap(page);
		t->nr_anon++;
	}
	pte = pte_clear_uffd_wp(pte);	/* see fork_uffd_marks() */
	set_pte_at(t->child->mm, va, to, pte_present(pte) ? pte_mkold(pte) : pte);
}

static int fork_entry(struct fork_copy *t, unsigned long va, pte_t *from, pte_t *to)
{
	pte_t pte = pte_read(from);

	if (pte_is_empty(pte))	/* see fork_uffd_marks() */
		return 0;
	if (pte_is_marker(pte) || pte_is_file(pte)) {
		set_pte_at(t->child->mm, va, to, pte);
		return 0;
	}
	if (pte_mapped(pte)) {
		fork_mapped_entry(t, va, pte, from, to);
		return 0;
	}
	ASSERT_VMA(t->parent, pte_is_swap(pte));
	return fork_swap_entry(t, va, pte, to);
}

/* Somebody answers for the child, too: what the parent has protected, also what is not there. */
static void fork_uffd_marks(struct fork_copy *t, unsigned long end, pte_t *from, pte_t *to,
			    unsigned long nr)
{
	unsigned long va = end - nr * PAGE_SIZE;

	for (; va < end; va += PAGE_SIZE, from++, to++) {
		if (pte_uffd_wp(pte_read(from)))
			set_pte_at(t->child->mm, va, to, pte_none(pte_read(to)) ?
				   pte_make_wp_marker() : pte_mkuffd_wp(pte_read(to)));
	}
}

/* ---- one table, one VMA ---- */

static int fork_copy_table(struct fork_copy *t, unsigned long va, unsigned long end)
{
	pte_t *first_from, *first_to, *from, *to;
	int err = pte_alloc_lock_two(t->child->mm, t->parent->mm, va, &first_to, &first_from);

	if (err || !first_from)
		return err;
	flush_tlb_batched_pending(t->parent->mm);
	for (from = first_from, to = first_to; va < end && !err; va += PAGE_SIZE, from++, to++)
		err = fork_entry(t, va, from, to);
	if (unlikely(t->child->flags & VM_UFFD_WP))
		fork_uffd_marks(t, va, first_from, first_to, (unsigned long)(from - first_from));
	/* Before reclaim can take one of them away. */
	mm_counter_add(t->child->mm, MM_ANONPAGES, t->nr_anon);
	t->nr_anon = 0;
	pte_unmap_unlock_two(first_to, first_from);
	return err;
}

static int fork_copy_tables(struct fork_copy *t)
{
	struct vma *vma = t->parent;
	unsigned long va = vma->start, next;
	int err;

	for_each_table(vma->mm, va, next, vma->end) {
		err = fork_copy_table(t, va, next);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

/* The entries of one VMA, bracketed where the parent can lose a permission. */
static int copy_page_range(struct vma *child, struct vma *parent)
{
	struct fork_copy t = { .parent = parent, .child = child, .cow = vma_is_cow(parent) };
	struct mmu_notifier_range range;
	int err;

	if (!t.cow)
		return fork_copy_tables(&t);
	mmu_notifier_range_init(&range, MMU_NOTIFY_PROTECTION_PAGE, MMU_NOTIFIER_RANGE_BLOCKABLE,
				parent->mm, parent->start, parent->end);
	mmu_notifier_invalidate_range_start(&range);
	err = fork_copy_tables(&t);
	if (t.protected)
		flush_tlb_range(parent->mm, parent->start, parent->end);
	mmu_notifier_invalidate_range_end(&range);
	return err;
}

/*
 * What the child can not fault in again must be copied: private pages, markers, the order
 * of a nonlinear mapping, marks of a userfaultfd that the child has, too. Another VMA that
 * never had any (no anon_vma) holds only zero pages and pages of its object.
 */
static bool fork_needs_entries(const struct vma *parent, const struct vma *child)
{
	return (parent->anon_vma || parent->flags & (VM_PFNMAP | VM_NONLINEAR) ||
		child->flags & VM_UFFD_WP) && !(parent->flags & VM_WIPEONFORK);
}

static int fork_vma(struct vma *parent, struct mm *mm)
{
	struct vma *child;
	int err = parent->flags & VM_ACCOUNT ? commit_prepare(mm, (s64)vma_pages(parent)) : 0;

	if (!err)
		err = vma_dup(parent, mm, &child);
	if (err)
		return err;
	child->flags &= ~(unsigned long)VM_LOCKED_MASK;
	if (unlikely(child->uffd))
		err = userfaultfd_note_fork(child);
	if (!err && !(parent->flags & VM_WIPEONFORK))
		err = anon_vma_fork(child, parent);
	if (err) {
		vma_free(child);
		return err;
	}
	vma_insert(child);
	if (child->ops && child->ops->open)
		child->ops->open(child);
	return fork_needs_entries(parent, child) ? copy_page_range(child, parent) : 0;
}

/* ---- the whole ---- */

static void fork_copy_fields(struct mm *mm, const struct mm *parent)
{
	mm->mmap_base = parent->mmap_base;
	mm->start_brk = parent->start_brk;
	mm->brk = parent->brk;
	mm->start_stack = parent->start_stack;
	mm->arg_start = parent->arg_start;
	mm->arg_end = parent->arg_end;
	mm->env_start = parent->env_start;
	mm->env_end = parent->env_end;
	mm->exe_file = parent->exe_file;
	if (mm->exe_file)
		mmap_file_hooks->get(mm->exe_file);
	memcpy(mm->saved_auxv, parent->saved_auxv, sizeof(mm->saved_auxv));
	mm->oom_score_adj = READ_ONCE(parent->oom_score_adj);
	mm->as_limit = parent->as_limit;
	mm->stack_limit = parent->stack_limit;
	mm->data_limit = parent->data_limit;
	mm->data_limit_max = parent->data_limit_max;
	mm->memlock_limit = parent->memlock_limit;
	mm->commit_admin = parent->commit_admin;
	mm->sealed = parent->sealed;
	mm->mdwe = mdwe_inherited(parent);
}

static int fork_vmas(struct mm *mm, struct mm *parent)
{
	struct vma *vma;
	int err = 0;

	for (vma = find_vma(parent, 0); vma && !err; vma = vma_next(vma)) {
		if (!(vma->flags & VM_DONTCOPY))
			err = fork_vma(vma, mm);
	}
	return err;
}

int dup_mm(struct mm *parent, struct mm **out)
{
	struct mm *mm;
	int err = mm_alloc(&mm);

	if (err)
		return err;
	down_write_two(&parent->mmap_lock, &mm->mmap_lock);
	fork_copy_fields(mm, parent);
	err = fork_vmas(mm, parent);
	up_write_two(&parent->mmap_lock, &mm->mmap_lock);
	if (err) {
		userfaultfd_forget(&mm->uffd_events);
		mmput(mm);
		return err;
	}
	if (unlikely(!list_empty(&mm->uffd_events)))
		userfaultfd_tell(&mm->uffd_events);
	*out = mm;
	return 0;
}
