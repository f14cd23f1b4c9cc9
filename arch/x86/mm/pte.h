/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/mm/pte.h - one page-table entry, in the form the hardware reads
 *
 * The format of all four levels (SDM volume 3, section 4.5; AMD APM volume 2,
 * section 5.3). No other file knows the bits.
 *
 *	63 NX | 62:52 ignored | 51:12 frame | 11:9 ours | 8 G | 7 PS/PAT | 6 D | 5 A |
 *	4 PCD | 3 PWT | 2 U | 1 W | 0 P
 *
 * An absent entry (bit 0 clear) is ignored by the hardware; we keep in it
 *
 *	63:12 value | 11:9 ours | 8:5 zero | 4 mark | 3:1 kind | 0
 *
 * where kind says what the value is; all zero means "nothing here". The mark is
 * one more bit for the owner of that kind (see mm/pgtable.h). PTE_SOFT_DIRTY and
 * PTE_UFFD_WP mean the same in every kind of entry.
 */
#ifndef ARCH_X86_MM_PTE_H
#define ARCH_X86_MM_PTE_H

#include "include/types.h"
#include "arch/x86/cpu/atomic.h"

typedef struct { u64 v; } pte_t;

#define PTE_PRESENT	BIT(0)
#define PTE_WRITE	BIT(1)
#define PTE_USER	BIT(2)
#define PTE_WRITE_THROUGH BIT(3)
#define PTE_UNCACHED	BIT(4)
#define PTE_YOUNG	BIT(5)
#define PTE_DIRTY	BIT(6)
#define PTE_HUGE	BIT(7)		/* levels 2 and 3: a leaf */
#define PTE_GLOBAL	BIT(8)
#define PTE_SPECIAL	BIT(9)		/* ours: no struct page behind it */
#define PTE_SOFT_DIRTY	BIT(10)		/* ours: written since clear_refs asked last */
#define PTE_UFFD_WP	BIT(11)		/* ours: who writes asks a userfaultfd first */
#define PTE_NX		BIT(63)
#define PTE_PFN_MASK	0x000ffffffffff000UL
#define PTE_FLAGS_MASK	(~PTE_PFN_MASK)

/* Sets of flags for pte_make(). NX is dropped when the CPU has none. */
#define PROT_KERNEL	(PTE_PRESENT | PTE_WRITE | PTE_YOUNG | PTE_DIRTY | PTE_GLOBAL | PTE_NX)
#define PROT_KERNEL_RO	(PTE_PRESENT | PTE_YOUNG | PTE_GLOBAL | PTE_NX)
#define PROT_KERNEL_RX	(PTE_PRESENT | PTE_YOUNG | PTE_GLOBAL)
#define PROT_KERNEL_MMIO (PROT_KERNEL | PTE_UNCACHED | PTE_WRITE_THROUGH)
#define PROT_TABLE	(PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_YOUNG)

enum pte_kind {
	PTE_KIND_NONE = 0,
	PTE_KIND_SWAP,		/* value: mm's swap entry */
	PTE_KIND_MIGRATION,	/* value: frame number; mark: was writable */
	PTE_KIND_MARKER,	/* value: marker bits */
	PTE_KIND_FILE,		/* value: page offset in the file */
	PTE_KIND_PROTNONE,	/* value: frame number; mark: dirty. The page is still
				 * mapped and counted, but mprotect took all access */
};

/* PTE_NX if the CPU has NX, else 0; set once by cpu_features_init(). */
extern u64 pte_nx_mask;

/* Table geometry: level 1 maps pages, level 4 is the root. */
#define PT_LEVELS	4
#define PT_ENTRIES	512

static inline unsigned int pt_shift(unsigned int level)
{
	return PAGE_SHIFT + 9 * (level - 1);
}

/* Bytes that one entry of a level translates. */
static inline unsigned long pt_size(unsigned int level)
{
	return 1UL << pt_shift(level);
}

static inline unsigned int pt_index(unsigned long va, unsigned int level)
{
	return (va >> pt_shift(level)) & (PT_ENTRIES - 1);
}

/* ---- making ---- */

/* A present entry (or any other set of flags) for frame number @pfn. */
static inline pte_t pte_make(u64 pfn, u64 flags)
{
	if (flags & PTE_NX)
		flags = (flags & ~PTE_NX) | pte_nx_mask;
	return (pte_t){ (pfn << PAGE_SHIFT) | flags };
}

static inline pte_t pte_make_none(void)
{
	return (pte_t){ 0 };
}

/* An entry that points to a table of the next lower level. */
static inline pte_t pte_make_table(u64 pfn)
{
	return (pte_t){ (pfn << PAGE_SHIFT) | PROT_TABLE };
}

static inline pte_t pte_make_absent(enum pte_kind kind, u64 value, bool mark)
{
	return (pte_t){ (value << PAGE_SHIFT) | ((u64)mark << 4) | ((u64)kind << 1) };
}

/* ---- asking ---- */

static inline bool pte_none(pte_t pte)
{
	return pte.v == 0;
}

static inline bool pte_same(pte_t a, pte_t b)
{
	return a.v == b.v;
}

static inline bool pte_present(pte_t pte)
{
	return pte.v & PTE_PRESENT;
}

static inline bool pte_write(pte_t pte)
{
	return pte.v & PTE_WRITE;
}

static inline bool pte_user(pte_t pte)
{
	return pte.v & PTE_USER;
}

static inline bool pte_young(pte_t pte)
{
	return pte.v & PTE_YOUNG;
}

static inline bool pte_dirty(pte_t pte)
{
	return pte.v & PTE_DIRTY;
}

static inline bool pte_huge(pte_t pte)
{
	return pte.v & PTE_HUGE;
}

static inline bool pte_special(pte_t pte)
{
	return pte.v & PTE_SPECIAL;
}

static inline bool pte_global(pte_t pte)
{
	return pte.v & PTE_GLOBAL;
}

static inline bool pte_soft_dirty(pte_t pte)
{
	return pte.v & PTE_SOFT_DIRTY;
}

static inline bool pte_uffd_wp(pte_t pte)
{
	return pte.v & PTE_UFFD_WP;
}

/* Whether instructions may be fetched; always true on a CPU without NX. */
static inline bool pte_exec(pte_t pte)
{
	return !(pte.v & PTE_NX);
}

/* Whether the entry counts as a mapping of its frame: present, or kept from use. */
static inline bool pte_mapped(pte_t pte)
{
	return pte_present(pte) || ((pte.v >> 1) & 7) == PTE_KIND_PROTNONE;
}

/* Frame number of a present or PROTNONE entry. */
static inline u64 pte_pfn(pte_t pte)
{
	return (pte.v & PTE_PFN_MASK) >> PAGE_SHIFT;
}

static inline u64 pte_flags(pte_t pte)
{
	return pte.v & PTE_FLAGS_MASK;
}

/* Parts of an absent entry. */
static inline enum pte_kind pte_kind(pte_t pte)
{
	return (enum pte_kind)((pte.v >> 1) & 7);
}

static inline u64 pte_value(pte_t pte)
{
	return pte.v >> PAGE_SHIFT;
}

static inline bool pte_mark(pte_t pte)
{
	return pte.v & BIT(4);
}

/* Whether a mapped entry says that its frame was written to. */
static inline bool pte_mapped_dirty(pte_t pte)
{
	return pte_present(pte) ? pte_dirty(pte) : pte_mark(pte);
}

/* ---- changing a copy ---- */

static inline pte_t pte_mkwrite(pte_t pte)
{
	return (pte_t){ pte.v | PTE_WRITE };
}

static inline pte_t pte_wrprotect(pte_t pte)
{
	return (pte_t){ pte.v & ~PTE_WRITE };
}

static inline pte_t pte_mkyoung(pte_t pte)
{
	return (pte_t){ pte.v | PTE_YOUNG };
}

static inline pte_t pte_mkold(pte_t pte)
{
	return (pte_t){ pte.v & ~PTE_YOUNG };
}

static inline pte_t pte_mkdirty(pte_t pte)
{
	return (pte_t){ pte.v | PTE_DIRTY };
}

static inline pte_t pte_mkclean(pte_t pte)
{
	return (pte_t){ pte.v & ~PTE_DIRTY };
}

static inline pte_t pte_mksoft_dirty(pte_t pte)
{
	return (pte_t){ pte.v | PTE_SOFT_DIRTY };
}

static inline pte_t pte_clear_soft_dirty(pte_t pte)
{
	return (pte_t){ pte.v & ~PTE_SOFT_DIRTY };
}

/* Never of an entry that may be written. */
static inline pte_t pte_mkuffd_wp(pte_t pte)
{
	return (pte_t){ pte.v | PTE_UFFD_WP };
}

static inline pte_t pte_clear_uffd_wp(pte_t pte)
{
	return (pte_t){ pte.v & ~PTE_UFFD_WP };
}

/* @pte with the marks of @from, whose place it takes: soft-dirty, and write protection. */
static inline pte_t pte_keep_marks(pte_t pte, pte_t from)
{
	return (pte_t){ pte.v | (from.v & (PTE_SOFT_DIRTY | PTE_UFFD_WP)) };
}

static inline pte_t pte_mkspecial(pte_t pte)
{
	return (pte_t){ pte.v | PTE_SPECIAL };
}

/* The same frame, accessed and dirty bits with other permissions. */
static inline pte_t pte_modify(pte_t pte, u64 flags)
{
	u64 keep = PTE_PFN_MASK | PTE_YOUNG | PTE_DIRTY | PTE_SPECIAL | PTE_SOFT_DIRTY |
		   PTE_UFFD_WP | PTE_HUGE;

	return (pte_t){ (pte.v & keep) | pte_make(0, flags).v };
}

/* ---- entries in a table ---- */

static inline pte_t pte_read(const pte_t *ptep)
{
	return (pte_t){ READ_ONCE(ptep->v) };
}

/* Plain store: only into an entry that the hardware does not use at present. */
static inline void pte_store(pte_t *ptep, pte_t pte)
{
	WRITE_ONCE(ptep->v, pte.v);
}

/* Exchange: no accessed or dirty bit set meanwhile is lost. Return: old entry. */
static inline pte_t pte_exchange(pte_t *ptep, pte_t pte)
{
	return (pte_t){ xchg(&ptep->v, pte.v) };
}

/* Take the write permission away; what the hardware sets meanwhile stays. */
static inline void pte_atomic_wrprotect(pte_t *ptep)
{
	__atomic_and_fetch(&ptep->v, ~(u64)PTE_WRITE, __ATOMIC_SEQ_CST);
}

/* Replace *@old by @pte; on failure *@old becomes what was found. */
static inline bool pte_try_cmpxchg(pte_t *ptep, pte_t *old, pte_t pte)
{
	return try_cmpxchg(&ptep->v, &old->v, pte.v);
}

#endif
