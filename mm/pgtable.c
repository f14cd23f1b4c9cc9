/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/pgtable.c - the tables that translate: walks, locks, and the doors to an entry
 *
 * Concept    A table is one frame with 512 entries; each entry of level 2 to 4
 *            points to a table of the next lower level, an entry of level 1 to
 *            the page itself. Two kinds of locks:
 *
 *              LOCK_MM_PGD   an entry of level 2 to 4 of one mm
 *              LOCK_PT       all entries of one level-1 table; in its struct page
 *
 *            Who walks without a lock (the fault's first look, a device, rmap)
 *            may read a table that is being unlinked. So a table is freed by a
 *            grace period of RCU after it is unlinked and every CPU has flushed
 *            its upper-level entries:
 *
 *              free_pgtables          lockless walker
 *              entry of level 2 = 0   rcu_read_lock
 *              TLB flush, point call  read the entry of level 2: table
 *              call_rcu               read table[i]: still memory of the table,
 *              ... all readers left   and none of its entries is set
 *              free                   rcu_read_unlock
 * Owns       Table pages (PG_table), their ptl; mm->pgd's user half.
 * Locks      LOCK_MM_PGD and LOCK_PT as above, both spin, never with interrupts
 *            off: they are held while waiting for TLB flushes.
 * Invariants a table that is freed has no entries         pt_free_rcu()
 *            what can be written is marked soft-dirty     set_pte_at()
 *            every change of a user entry is told to coherence.c
 * Callers    fault.c, rmap.c, mmap.c, mprotect.c, mremap.c, fork.c; second MMUs read.
 * Next       tlb.c
 */
#include "mm/pgtable.h"

#include "arch/x86/mm/kernel_map.h"
#include "arch/x86/mm/layout.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/rcu.h"
#include "kernel/sync/sched_point.h"
#include "mm/coherence.h"
#include "mm/gfp.h"
#include "mm/lockorder.h"
#include "mm/tlb.h"

#define USER_ENTRIES (PT_ENTRIES / 2)	/* of the root: the lower half */

static atomic64_t nr_tables;
DEFINE_STATIC_SPINLOCK(kernel_table_lock, LOCK_MM_PGD);

/* ---- table pages ---- */

static struct page *pt_new(unsigned long va)
{
	struct page *table = alloc_page(GFP_KERNEL | __GFP_ZERO);

	if (!table)
		return NULL;
	page_set(table, PG_table);
	spin_lock_init(&table->ptl, LOCK_PT, "page table");
	table->pt_va = va;
	atomic64_inc(&nr_tables);
	return table;
}

static void pt_free(struct page *table)
{
	ASSERT_PAGE(table, page_test(table, PG_table));
	page_clear(table, PG_table);
	atomic64_dec(&nr_tables);
	put_page(table);
}

static void pt_free_callback(struct rcu_head *head)
{
	pt_free(container_of(head, struct page, rcu));
}

static void pt_assert_empty(struct page *table, size_t bytes)
{
#ifdef CONFIG_CHECKS
	ASSERT_PAGE(table, !memchr_inv(page_address(table), 0, bytes));
#endif
}

void pt_free_rcu(struct page *table)
{
	pt_assert_empty(table, PAGE_SIZE);
	call_rcu(&table->rcu, pt_free_callback);
}

u64 pt_nr_tables(void)
{
	return (u64)atomic64_read(&nr_tables);
}

/* Link @table below @entry unless another thread was faster. Return: linked. */
static bool pt_link(struct mm *mm, pte_t *entry, struct page *table)
{
	struct spinlock *lock = mm ? &mm->page_table_lock : &kernel_table_lock;
	u64 flags = mm ? PROT_TABLE : PTE_PRESENT | PTE_WRITE | PTE_YOUNG;
	bool linked;

	spin_lock(lock);
	linked = !pte_present(pte_read(entry));
	if (linked) {
		sched_point(SP_PTE, entry);
		/* the table's zeroes are visible before the table is: x86 keeps stores in order */
		pte_store(entry, pte_make(page_to_pfn(table).v, flags));
		if (mm)
			atomic64_inc(&mm->nr_table_pages);
	}
	spin_unlock(lock);
	return linked;
}

/* Make the tables on the way to @va's entry of @level. */
static int pt_alloc_level(struct mm *mm, pte_t *root, unsigned long va, unsigned int level,
			  pte_t **out)
{
	struct pt_place at = pt_walk(&pt_format_cpu, root, va, level);

	while (at.level > level) {
		struct page *table = pt_new(va & ~(pt_size(at.level) - 1));

		if (!table)
			return -ENOMEM;
		ASSERT_MSG(!pte_present(pte_read(at.entry)) || !pte_huge(pte_read(at.entry)),
			   "va %lx: table wanted where a large page is", va);
		if (!pt_link(mm, at.entry, table))
			pt_free(table);
		at = pt_walk(&pt_format_cpu, root, va, level);
	}
	*out = at.entry;
	return 0;
}

int pt_alloc(struct mm *mm, pte_t *root, unsigned long va, pte_t **out)
{
	return pt_alloc_level(mm, root, va, 1, out);
}

int pt_alloc_range(struct mm *mm, unsigned long va, unsigned long end)
{
	pte_t *ptep;

	for (; va < end; va = pgtable_end(va, end)) {
		if (fatal_signal_pending(current))
			return -EINTR;
		if (pt_alloc(mm, mm->pgd, va, &ptep))
			return -ENOMEM;
		cond_resched();
	}
	return 0;
}

int pt_alloc_upper(struct mm *mm, unsigned long va)
{
	pte_t *entry;

	ASSERT(va < MM_USER_TOP);
	return pt_alloc_level(mm, mm->pgd, va, 2, &entry);
}

/* ---- roots ---- */

int pgd_alloc(struct mm *mm)
{
	struct page *root = pt_new(0);
	pte_t *pgd;

	if (!root)
		return -ENOMEM;
	pgd = page_address(root);
	memcpy(pgd + USER_ENTRIES, kernel_pgd + USER_ENTRIES, PAGE_SIZE / 2);
	mm->pgd = pgd;
	return 0;
}

void pgd_free(struct mm *mm)
{
	struct page *root = virt_to_page(mm->pgd);

	tlb_leave_all(mm);
	pt_assert_empty(root, PAGE_SIZE / 2);
	call_rcu(&root->rcu, pt_free_callback);
	mm->pgd = NULL;
}

/* ---- finding and locking ---- */

pte_t *pte_offset_lock(struct mm *mm, unsigned long va, struct spinlock **ptl)
	__no_lock_check	/* tells in *ptl what it has locked */
{
	struct pt_place at = pt_walk(&pt_format_cpu, mm->pgd, va, 1);

	ASSERT(va < MM_USER_TOP);
	if (at.level != 1)
		return NULL;
	*ptl = pte_lockptr(at.entry);
	spin_lock(*ptl);
	return at.entry;
}

pte_t *pte_find(struct mm *mm, unsigned long va)
{
	struct pt_place at = pt_walk(&pt_format_cpu, mm->pgd, va, 1);

	return at.level == 1 ? at.entry : NULL;
}

struct spinlock *pte_lock(pte_t *ptep)
	__no_lock_check	/* returns what it has locked */
{
	struct spinlock *ptl = pte_lockptr(ptep);

	spin_lock(ptl);
	return ptl;
}

int pte_alloc_lock(struct mm *mm, unsigned long va, pte_t **out, struct spinlock **ptl)
	__no_lock_check	/* tells in *ptl what it has locked */
{
	int err = pt_alloc(mm, mm->pgd, va, out);

	ASSERT(va < MM_USER_TOP);
	if (err)
		return err;
	*ptl = pte_lockptr(*out);
	spin_lock(*ptl);
	return 0;
}

void pte_unmap_unlock(pte_t *ptep, struct spinlock *ptl)
	__no_lock_check	/* *ptl is what pte_offset_lock() has locked */
{
	ASSERT(ptl == pte_lockptr(ptep));
	coherence_pt_unlock();
	spin_unlock(ptl);
}

int pte_alloc_lock_two(struct mm *dst, struct mm *src, unsigned long va, pte_t **dst_pte,
		       pte_t **src_pte)
{
	struct pt_place at = pt_walk(&pt_format_cpu, src->pgd, va, 1);
	int err;

	*src_pte = NULL;
	if (at.level != 1)
		return 0;
	err = pt_alloc(dst, dst->pgd, va, dst_pte);
	if (err)
		return err;
	*src_pte = at.entry;
	spin_lock_two(pte_lockptr(*dst_pte), pte_lockptr(*src_pte));
	return 0;
}

void pte_offset_lock_two(struct mm *mm, unsigned long from, unsigned long to,
			 pte_t **old, pte_t **new)
{
	struct pt_place a = pt_walk(&pt_format_cpu, mm->pgd, from, 1);
	struct pt_place b = pt_walk(&pt_format_cpu, mm->pgd, to, 1);

	ASSERT(a.level == 1 && b.level == 1);
	*old = a.entry;
	*new = b.entry;
	spin_lock_two(pte_lockptr(*new), pte_lockptr(*old));
}

void pte_unmap_unlock_two(pte_t *dst_pte, pte_t *src_pte)
{
	coherence_pt_unlock();
	spin_unlock_two(pte_lockptr(dst_pte), pte_lockptr(src_pte));
}

pte_t pte_read_lockless(struct mm *mm, unsigned long va)
{
	struct pt_place at = pt_walk(&pt_format_cpu, mm->pgd, va, 1);

	ASSERT(irqs_disabled() || rcu_read_lock_held());
	return at.level == 1 ? pte_read(at.entry) : pte_make_none();
}

unsigned long pgtable_next_present(struct mm *mm, unsigned long va, unsigned long end)
{
	while (va < end) {
		struct pt_place at = pt_walk(&pt_format_cpu, mm->pgd, va, 1);
		unsigned long size = pt_size(at.level);

		if (at.level == 1)
			return va;
		va = (va & ~(size - 1)) + size;
	}
	return end;
}

/* ---- moving tables ---- */

bool pt_can_move(struct mm *mm, unsigned long from, unsigned long to)
{
	struct pt_place old = pt_walk(&pt_format_cpu, mm->pgd, from, 1);
	struct pt_place new = pt_walk(&pt_format_cpu, mm->pgd, to, 1);

	return old.level == 1 && new.level == 2;
}

struct page *pt_detach(struct mm *mm, unsigned long va)
{
	struct pt_place at = pt_walk(&pt_format_cpu, mm->pgd, va, 2);
	struct page *table;

	assert_held_write(&mm->mmap_lock);
	ASSERT(at.level == 2 && is_aligned(va, pt_size(2)));
	spin_lock(&mm->page_table_lock);
	sched_point(SP_PTE, at.entry);
	table = pfn_to_page(pfn_make(pte_pfn(pte_exchange(at.entry, pte_make_none()))));
	coherence_table_gone(mm, va, page_address(table));
	spin_unlock(&mm->page_table_lock);
	ASSERT_PAGE(table, page_test(table, PG_table) && table->pt_va == va);
	return table;
}

void pt_attach(struct mm *mm, unsigned long va, struct page *table)
{
	struct pt_place at = pt_walk(&pt_format_cpu, mm->pgd, va, 2);

	assert_held_write(&mm->mmap_lock);
	ASSERT(at.level == 2 && is_aligned(va, pt_size(2)));
	table->pt_va = va;
	spin_lock(&mm->page_table_lock);
	ASSERT(pte_none(pte_read(at.entry)));
	sched_point(SP_PTE, at.entry);
	pte_store(at.entry, pte_make(page_to_pfn(table).v, PROT_TABLE));
	spin_unlock(&mm->page_table_lock);
}

/* ---- freeing tables ---- */

struct pt_free_walk {
	struct mmu_gather *tlb;
	unsigned long start, end;	/* what is being unmapped */
	unsigned long floor, ceiling;	/* nothing else is mapped between these */
};

/* Unlink the child of @entry if nothing outside [floor, ceiling) needs it. */
static void pt_unlink(struct pt_free_walk *w, pte_t *entry, unsigned long va, unsigned long size)
{
	struct mm *mm = w->tlb->mm;
	struct page *table;
	pte_t old;

	if (va < w->floor || va + size > w->ceiling)
		return;
	spin_lock(&mm->page_table_lock);
	sched_point(SP_PTE, entry);
	old = pte_exchange(entry, pte_make_none());
	spin_unlock(&mm->page_table_lock);
	table = pfn_to_page(pfn_make(pte_pfn(old)));
	atomic64_dec(&mm->nr_table_pages);
	tlb_remove_table(w->tlb, table, va, va + size);
}

/* The entries of one table of @level that translate a part of [start, end). */
static void pt_free_level(struct pt_free_walk *w, pte_t *table, unsigned int level,
			  unsigned long base)
{
	unsigned long size = pt_size(level);
	unsigned long va = max(base, w->start & ~(size - 1));
	unsigned long last = min(base + size * PT_ENTRIES, w->end);

	for (; va < last; va += size) {
		pte_t *entry = &table[pt_index(va, level)];
		pte_t value = pte_read(entry);

		if (!pte_present(value))
			continue;
		ASSERT(!pte_huge(value));
		if (level > 2)
			pt_free_level(w, pt_child(&pt_format_cpu, value), level - 1, va);
		pt_unlink(w, entry, va, size);
	}
}

void free_pgtables(struct mmu_gather *tlb, unsigned long start, unsigned long end,
		   unsigned long floor, unsigned long ceiling)
{
	struct pt_free_walk w = { tlb, start, end, floor, ceiling };

	ASSERT(floor <= start && start < end && (ceiling == 0 || end <= ceiling));
	/* No VMA above: the last tables may go although they end behind MM_USER_TOP. */
	if (ceiling == 0 || ceiling >= MM_USER_TOP)
		w.ceiling = pt_size(PT_LEVELS) * USER_ENTRIES;
	pt_free_level(&w, tlb->mm->pgd, PT_LEVELS, 0);
}

/* ---- the doors ---- */

/* A present entry may only gain: what the hardware has set meanwhile stays. */
static noinline void set_present_pte(struct mm *mm, unsigned long va, pte_t *ptep, pte_t pte)
{
	pte_t old = pte_read(ptep), new;

	ASSERT_MSG(pte_present(pte) && pte_pfn(pte) == pte_pfn(old) &&
		   (pte_write(pte) || !pte_write(old)),
		   "set_pte_at(%lx): %llx loses what %llx had", va, (unsigned long long)pte.v,
		   (unsigned long long)old.v);
	do {
		new = pte;
		new.v |= old.v & (PTE_YOUNG | PTE_DIRTY);
	} while (!pte_try_cmpxchg(ptep, &old, new));
	coherence_pte_change(mm, va, old, new);
}

/* What a program can write is marked as written already, and not protected. */
static void check_soft_dirty(unsigned long va, pte_t pte)
{
#ifdef CONFIG_CHECKS
	ASSERT_MSG(!pte_present(pte) || !pte_write(pte) || !pte_user(pte) || pte_special(pte) ||
		   pte_soft_dirty(pte), "set_pte_at(%lx): %llx can be written without a trace", va,
		   (unsigned long long)pte.v);
	ASSERT_MSG(!pte_present(pte) || !pte_write(pte) || !pte_uffd_wp(pte),
		   "set_pte_at(%lx): %llx can be written without asking", va,
		   (unsigned long long)pte.v);
#else
	(void)va;
	(void)pte;
#endif
}

void __set_pte_at(struct mm *mm, unsigned long va, pte_t *ptep, pte_t pte)
{
	pte_t old = pte_read(ptep);

	assert_held(pte_lockptr(ptep));
	check_soft_dirty(va, pte);
	sched_point(SP_PTE, ptep);
	if (unlikely(pte_present(old))) {
		set_present_pte(mm, va, ptep, pte);
		return;
	}
	pte_store(ptep, pte);
	coherence_pte_change(mm, va, old, pte);
}

bool ptep_clear_soft_dirty(struct mm *mm, unsigned long va, pte_t *ptep)
{
	pte_t old = pte_read(ptep), new;

	assert_held(pte_lockptr(ptep));
	sched_point(SP_PTE, ptep);
	do {
		if (!pte_soft_dirty(old))
			return false;
		new = pte_clear_soft_dirty(pte_present(old) ? pte_wrprotect(old) : old);
	} while (!pte_try_cmpxchg(ptep, &old, new));
	coherence_pte_change(mm, va, old, new);
	return pte_present(old) && pte_write(old);
}

bool ptep_set_uffd_wp(struct mm *mm, unsigned long va, pte_t *ptep)
{
	pte_t old = pte_read(ptep), new;

	assert_held(pte_lockptr(ptep));
	ASSERT(!pte_none(old));
	sched_point(SP_PTE, ptep);
	do {
		new = pte_mkuffd_wp(pte_present(old) ? pte_wrprotect(old) : old);
	} while (!pte_try_cmpxchg(ptep, &old, new));
	coherence_pte_change(mm, va, old, new);
	return pte_present(old) && pte_write(old);
}

bool ptep_test_and_clear_young(struct mm *mm, unsigned long va, pte_t *ptep)
{
	pte_t old = pte_read(ptep);

	(void)mm;
	(void)va;
	assert_held(pte_lockptr(ptep));
	sched_point(SP_PTE, ptep);
	do {
		if (!pte_present(old) || !pte_young(old))
			return false;
	} while (!pte_try_cmpxchg(ptep, &old, pte_mkold(old)));
	return true;
}

pte_t ptep_clear_flush(struct mm *mm, unsigned long va, pte_t *ptep)
{
	pte_t old = ptep_get_and_clear(mm, va, ptep);

	if (pte_present(old))
		flush_tlb_page(mm, va);
	return old;
}
