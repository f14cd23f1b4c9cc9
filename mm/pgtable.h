/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/pgtable.h - one walker for every table that the hardware (or a device) walks
 *
 * arch/x86/mm/pte.h has the bits (pte_t and its accessors); this file has the
 * walk, the locks and the doors through which an entry may change. Every
 * change of an entry of a user address space goes through one of the setters
 * below, where the oracles of mm/coherence.h see it.
 *
 * An absent entry is one of: none (all zero), swap entry, migration entry,
 * marker, file offset. pte_swp_entry()/swp_entry_pte() convert. A marker says
 * something of its address, not of a page: who takes pages away leaves it.
 */
#ifndef MM_PGTABLE_H
#define MM_PGTABLE_H

#include "include/types.h"
#include "arch/x86/mm/layout.h"
#include "arch/x86/mm/pte.h"
#include "kernel/lib/panic.h"
#include "kernel/sync/sched_point.h"
#include "kernel/sync/spinlock.h"
#include "mm/coherence.h"
#include "mm/gfp.h"
#include "mm/mm.h"
#include "mm/page.h"

/*
 * What the walker must know of a table format; the numbers are constants at
 * each call, so the compiler makes a walker of its own for each format. All have
 * 512 entries of 8 bytes a table.
 */
struct pt_format {
	const char *name;
	unsigned int levels;	/* the root's level; level 1 maps pages */
	u64 present;		/* any of these bits: the entry is used */
	u64 leaf;		/* above level 1: maps memory, not a table */
	u64 frame;		/* bits of the physical address */
	u64 table;		/* bits set in an entry that points to a table */
};

/* The CPU's own (SDM volume 3, section 4.5); AMD's nested tables are the same. */
static const struct pt_format pt_format_cpu __unused = {
	.name = "CPU", .levels = PT_LEVELS, .present = PTE_PRESENT, .leaf = PTE_HUGE,
	.frame = PTE_PFN_MASK, .table = PROT_TABLE,
};

/* Where a walk ended: at @level, because that was asked for, or nothing is below. */
struct pt_place {
	pte_t *entry;
	unsigned int level;
};

/* The table that the present, non-leaf @entry points to. */
static inline pte_t *pt_child(const struct pt_format *fmt, pte_t entry)
{
	return phys_to_virt(entry.v & fmt->frame);
}

/*
 * Descend from @root towards the entry of @level that translates @va. Context: a
 * reason why no table of the way is freed meanwhile (see pte_offset_lock()).
 */
static __always_inline struct pt_place pt_walk(const struct pt_format *fmt, pte_t *root,
					       unsigned long va, unsigned int level)
{
	struct pt_place at = { &root[pt_index(va, fmt->levels)], fmt->levels };

	/* Each level in code of its own: shifts become constants. */
#pragma GCC unroll 4
	while (at.level > level) {
		pte_t entry = pte_read(at.entry);

		if (!(entry.v & fmt->present) || (entry.v & fmt->leaf))
			break;
		at.level--;
		at.entry = &pt_child(fmt, entry)[pt_index(va, at.level)];
	}
	return at;
}

/*
 * Make the tables on the way to @va's level-1 entry. Tables of user space belong
 * to @mm and are counted; @mm NULL: the kernel's. Context: may sleep.
 * Return: 0 with the entry, or -ENOMEM.
 */
int __must_check pt_alloc(struct mm *mm, pte_t *root, unsigned long va, pte_t **out);

/*
 * The same for every address of [@va, @end) of user space. Return: 0, -ENOMEM, or -EINTR:
 * the caller is being killed.
 */
int __must_check pt_alloc_range(struct mm *mm, unsigned long va, unsigned long end);

/* The same for the level-2 entry of a user address: no table of pages is made. */
int __must_check pt_alloc_upper(struct mm *mm, unsigned long va);

/* Swap entries as absent PTEs, and back. */
static inline pte_t swp_entry_pte(swp_entry_t entry)
{
	return pte_make_absent(PTE_KIND_SWAP, entry.v, false);
}

static inline bool pte_is_swap(pte_t pte)
{
	return !pte_present(pte) && pte_kind(pte) == PTE_KIND_SWAP;
}

static inline swp_entry_t pte_swp_entry(pte_t pte)
{
	return (swp_entry_t){ pte_value(pte) };
}

/*
 * A file offset: remap_file_pages wants this page here, and it is not mapped now. The
 * mark: a guard stands before it.
 */
static inline bool pte_is_file(pte_t pte)
{
	return !pte_present(pte) && pte_kind(pte) == PTE_KIND_FILE;
}

static inline pte_t pte_make_file(u64 pgoff)
{
	return pte_make_absent(PTE_KIND_FILE, pgoff, false);
}

/* What a marker says, one bit each; none: nothing but the entry's marks (PTE_UFFD_WP). */
enum pte_marker {
	PTE_MARKER_GUARD = BIT(0),	/* every access is a fault (mm/guard.c) */
	PTE_MARKER_POISON = BIT(1),	/* every access is a bus error (UFFDIO_POISON) */
};

static inline bool pte_is_marker(pte_t pte)
{
	return !pte_present(pte) && pte_kind(pte) == PTE_KIND_MARKER;
}

/* Nothing is there; what comes may be protected already (mm/userfaultfd_wp.c). */
static inline bool pte_is_empty(pte_t pte)
{
	return pte_none(pte) || (pte_is_marker(pte) && !pte_value(pte));
}

static inline pte_t pte_make_wp_marker(void)
{
	return pte_mkuffd_wp(pte_make_absent(PTE_KIND_MARKER, 0, false));
}

static inline bool pte_is_poison(pte_t pte)
{
	return pte_is_marker(pte) && pte_value(pte) & PTE_MARKER_POISON;
}

/* A guard comes before @pte, which is none or a file offset, and goes again. */
static inline pte_t pte_mkguard(pte_t pte)
{
	return pte_is_file(pte) ? pte_make_absent(PTE_KIND_FILE, pte_value(pte), true) :
				  pte_make_absent(PTE_KIND_MARKER, PTE_MARKER_GUARD, false);
}

static inline pte_t pte_clear_guard(pte_t pte)
{
	return pte_is_file(pte) ? pte_make_file(pte_value(pte)) : pte_make_none();
}

static inline bool pte_is_guard(pte_t pte)
{
	return pte_is_marker(pte) ? pte_value(pte) & PTE_MARKER_GUARD :
				    pte_is_file(pte) && pte_mark(pte);
}

/*
 * Allocate and free a root table whose kernel half is kernel_pgd's. Free makes
 * CPUs that still have it loaded (lazily) leave it first. Context: may sleep;
 * free only needs interrupts on.
 */
int __must_check pgd_alloc(struct mm *mm);
void pgd_free(struct mm *mm);

/*
 * Find the level-1 entry for @va. Context: mmap_lock, an rmap lock or another
 * reason why the tables cannot be freed. Return: the entry with its table's
 * lock held in *@ptl (release with pte_unmap_unlock), or NULL: no table there.
 */
pte_t *pte_offset_lock(struct mm *mm, unsigned long va, struct spinlock **ptl);

/*
 * Where the entry for @va is, not locked; NULL: no table there. Context: mmap_lock or
 * a reverse map's lock held, as long as the answer is used: tables go away and move
 * only when both are kept out. pte_lock() then locks its table, for pte_unmap_unlock().
 */
pte_t *pte_find(struct mm *mm, unsigned long va);
struct spinlock *pte_lock(pte_t *ptep);

/*
 * Find and lock, making missing tables. Context: mmap_lock held; may sleep.
 * Return: 0 or -ENOMEM (nothing locked).
 */
int __must_check pte_alloc_lock(struct mm *mm, unsigned long va, pte_t **out,
				struct spinlock **ptl);
void pte_unmap_unlock(pte_t *ptep, struct spinlock *ptl);
/*
 * fork: the entries of @src and @dst, two mms, for one address, both tables
 * locked in the order of their addresses; @dst's tables are made. Context: both
 * mmap_locks held; may sleep. Return: 0 with *@src_pte NULL and nothing locked if
 * @src has no table there, or -ENOMEM.
 */
int __must_check pte_alloc_lock_two(struct mm *dst, struct mm *src, unsigned long va,
				    pte_t **dst_pte, pte_t **src_pte);
/* mremap, UFFDIO_MOVE: both tables of one mm, which exist. Context: mmap_lock held. */
void pte_offset_lock_two(struct mm *mm, unsigned long from, unsigned long to,
			 pte_t **old, pte_t **new);
void pte_unmap_unlock_two(pte_t *dst_pte, pte_t *src_pte);
/* The lock of the table that @ptep lies in. */
static inline struct spinlock *pte_lockptr(pte_t *ptep)
{
	return &virt_to_page(ptep)->ptl;
}

/*
 * Lockless look: the entry's value at this instant, or none. Context:
 * interrupts off or inside an RCU read section, so that no table is freed.
 */
pte_t pte_read_lockless(struct mm *mm, unsigned long va);

/*
 * Next address >= @va and < @end whose level-1 table exists; @end if there is
 * none. Lets range walks skip holes in one step per missing upper entry.
 */
unsigned long pgtable_next_present(struct mm *mm, unsigned long va, unsigned long end);

/* Where the part of [@va, @end) that one level-1 table maps ends. */
static inline unsigned long pgtable_end(unsigned long va, unsigned long end)
{
	return min(end, round_down(va, pt_size(2)) + pt_size(2));
}

/*
 * From @va up to @end, the tables that exist: the body sees [@va, @next), all of one
 * table. If it comes less far it says so in @next; if it stops early, @va is below @end.
 */
#define for_each_table(mm, va, next, end)						\
	for (; ((va) = pgtable_next_present((mm), (va), (end))) < (end) &&		\
	       ((next) = pgtable_end((va), (end))); (va) = (next))

/*
 * mremap moves level-1 tables as they are. pt_can_move(): @from has a table, @to's
 * level-2 entry exists and is empty (both addresses aligned to a table's span).
 * pt_detach(): unlink it; the caller flushes @va's span before pt_attach() shows it
 * at another address. Context: mmap_lock for writing and every reverse map's lock of
 * the VMA: so nobody can be in the table but lockless readers, who look again.
 */
bool pt_can_move(struct mm *mm, unsigned long from, unsigned long to);
struct page *pt_detach(struct mm *mm, unsigned long va);
void pt_attach(struct mm *mm, unsigned long va, struct page *table);

/*
 * Free all tables that translate only [@floor, @ceiling) and lie in
 * [@start, @end), through the gather: entries must already be clear.
 * Context: mmap_lock for writing, or last user of the mm.
 */
struct mmu_gather;
void free_pgtables(struct mmu_gather *tlb, unsigned long start, unsigned long end,
		   unsigned long floor, unsigned long ceiling);

/* ---- the doors: all with the table's lock held. Without checks some are one instruction ---- */

/* With checks set_pte_at() is never the one store that it mostly needs. */
#ifdef CONFIG_CHECKS
#define PTE_STORES_ARE_CHECKED true
#else
#define PTE_STORES_ARE_CHECKED false
#endif
void __set_pte_at(struct mm *mm, unsigned long va, pte_t *ptep, pte_t pte);

/* Fill an absent entry, or change a present one that loses nothing (same frame,
 * same or more permission). */
static inline void set_pte_at(struct mm *mm, unsigned long va, pte_t *ptep, pte_t pte)
{
	if (PTE_STORES_ARE_CHECKED || unlikely(pte_present(pte_read(ptep))))
		__set_pte_at(mm, va, ptep, pte);
	else
		pte_store(ptep, pte);
}

/* Clear by exchange, so that no accessed or dirty bit set meanwhile is lost. No flush. */
static inline pte_t ptep_get_and_clear(struct mm *mm, unsigned long va, pte_t *ptep)
{
	pte_t old;

	assert_held(pte_lockptr(ptep));
	sched_point(SP_PTE, ptep);
	old = pte_exchange(ptep, pte_make_none());
	coherence_pte_change(mm, va, old, pte_make_none());
	return old;
}

/*
 * mremap: what @old at @from holds goes to @new at @to, which is none. Both table
 * locks held. No flush. Return: what went.
 */
static inline pte_t ptep_move(struct mm *mm, unsigned long from, pte_t *old, unsigned long to,
			      pte_t *new)
{
	pte_t pte;

	assert_held(pte_lockptr(old));
	assert_held(pte_lockptr(new));
	sched_point(SP_PTE, old);
	ASSERT(pte_none(pte_read(new)));
	pte = pte_exchange(old, pte_make_none());
	pte_store(new, pte);
	coherence_pte_change(mm, from, pte, pte_make_none());
	coherence_pte_change(mm, to, pte_make_none(), pte);
	return pte;
}

/* Take away the write permission; what the hardware sets meanwhile stays. No flush. */
static inline void ptep_set_wrprotect(struct mm *mm, unsigned long va, pte_t *ptep)
{
	pte_t old = pte_read(ptep);

	assert_held(pte_lockptr(ptep));
	sched_point(SP_PTE, ptep);
	pte_atomic_wrprotect(ptep);
	coherence_pte_change(mm, va, old, pte_wrprotect(old));
}

/*
 * Clear the soft-dirty mark of an entry of any kind, and with it the write permission,
 * so that the next write faults and sets it. No flush. Return: whether a permission went.
 */
bool ptep_clear_soft_dirty(struct mm *mm, unsigned long va, pte_t *ptep);
/*
 * Mark an entry that is not none for userfaultfd; the write permission goes. No flush.
 * Return: whether there was one to go.
 */
bool ptep_set_uffd_wp(struct mm *mm, unsigned long va, pte_t *ptep);
/* Clear the accessed bit. No flush. Return: whether it was set. */
bool ptep_test_and_clear_young(struct mm *mm, unsigned long va, pte_t *ptep);
/* Clear by exchange and flush this page from every CPU's TLB. Return: the old entry. */
pte_t ptep_clear_flush(struct mm *mm, unsigned long va, pte_t *ptep);

/* ---- table pages, for mm/tlb.c ---- */

/* Free @table (refcount 1, unlinked, every CPU flushed) once no lockless walker can
 * be in it. Context: any. */
void pt_free_rcu(struct page *table);
/* Table pages alive: those of all mms, roots included, and vmalloc's. */
u64 pt_nr_tables(void);

#endif
