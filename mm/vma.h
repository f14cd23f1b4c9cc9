/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/vma.h - changing the set of ranges of an address space
 *
 * mm/mm.h has the look-ups that everybody needs; here are the operations by
 * which mmap, munmap, mprotect, mremap, madvise and fork change the tree.
 * Everything here: mmap_lock held for writing, unless said otherwise.
 */
#ifndef MM_VMA_H
#define MM_VMA_H

#include "include/types.h"
#include "mm/mm.h"
#include "mm/pgtable.h"

/*
 * A process may have so many VMAs (A; /proc/sys/vm/max_map_count): a VMA that has the number
 * already is not cut; mmap makes one more, as on Linux.
 */
#define MAX_MAP_COUNT 65530		/* at first */
extern u64 max_map_count;

/* Free bytes kept below a stack, so that it cannot grow into its neighbour. */
#define STACK_GUARD_GAP (256 * PAGE_SIZE)

/* Memory without an object behind it: faults make zero pages. */
static inline bool vma_is_anonymous(const struct vma *vma)
{
	return !vma->ops;
}

/* Private and possibly written: its pages are shared at fork until one side writes. */
static inline bool vma_is_cow(const struct vma *vma)
{
	return (vma->flags & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE;
}

/* The page offset within its object at which @vma shows @va. */
static inline u64 vma_pgoff(const struct vma *vma, unsigned long va)
{
	return vma->pgoff + ((va - vma->start) >> PAGE_SHIFT);
}

/* The offset of the page that belongs at @va, whose entry @pte is absent. */
static inline u64 vma_entry_pgoff(const struct vma *vma, unsigned long va, pte_t pte)
{
	return pte_is_file(pte) ? pte_value(pte) : vma_pgoff(vma, va);
}

/*
 * The absent entry that brings the page at @pgoff of the file to @va: none if that is
 * the one which @vma shows there anyway.
 */
static inline pte_t vma_offset_pte(const struct vma *vma, unsigned long va, u64 pgoff)
{
	return pgoff == vma_pgoff(vma, va) ? pte_make_none() : pte_make_file(pgoff);
}

/* The lowest address that @vma keeps others away from (its guard gap included). */
unsigned long vma_start_gap(const struct vma *vma);

/*
 * Make a VMA of @mm that is in no tree: fields zero, lists ready.
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int __must_check vma_alloc(struct mm *mm, struct vma **out);
/* A copy of @vma for @mm, outside every tree, without anon_vma; holds its file. */
int __must_check vma_dup(struct vma *vma, struct mm *mm, struct vma **out);
/* Free a VMA that is in no tree and no anon_vma; drops its file. May sleep. */
void vma_free(struct vma *vma);

/* Put @vma into its mm's tree, where nothing overlaps it, and its file's; counts total_vm. */
void vma_insert(struct vma *vma);
/* Take @vma out of the tree. It is still in its anon_vmas and its file's tree. */
void vma_erase(struct vma *vma);

/*
 * Cut @vma in two at @va (inside, page aligned): @vma keeps the lower part.
 * Context: may sleep. Return: 0 with the upper part in *@upper (may be NULL),
 * or -ENOMEM with nothing changed.
 */
int __must_check vma_split(struct vma *vma, unsigned long va, struct vma **upper);

/* Other flags for all of @vma: locked_vm follows VM_LOCKED. Entries are the caller's. */
void vma_set_flags(struct vma *vma, unsigned long flags);
/*
 * The same for [@start, @end) alone, inside @vma, which is cut as needed and not
 * joined with its neighbours: vma_merge() that afterwards. Context: may sleep.
 * Return: 0 with the VMA that is the range in *@out, or -ENOMEM with nothing
 * changed and the VMA that holds @start there.
 */
int __must_check vma_change_flags(struct vma *vma, unsigned long start, unsigned long end,
				  unsigned long flags, struct vma **out);

/*
 * Join @vma with the neighbours that continue it (same flags, object, offsets,
 * agreeing anon_vma). Cannot fail: neighbours that need an allocation to be
 * joined stay apart. Return: the VMA that now covers @vma's range.
 */
struct vma *vma_merge(struct vma *vma);

/*
 * Move the ends of @vma, whose neighbours leave room: mremap, brk, stack growth.
 * A lower start moves pgoff along.
 */
void vma_resize(struct vma *vma, unsigned long start, unsigned long end);

/*
 * Find the highest hole of @len bytes within [@low, @high). Context: mmap_lock,
 * read is enough. Return: 0 or -ENOMEM.
 */
int __must_check vma_find_gap(struct mm *mm, unsigned long len, unsigned long low,
			      unsigned long high, unsigned long *out);

/* The neighbour whose anon_vma @vma may use, because the two could be merged. */
struct anon_vma *vma_mergeable_anon_vma(struct vma *vma);

/*
 * Walk the whole tree and compare order, gaps, counts and augmented values.
 * Context: mmap_lock, read is enough. Return: true if sound; reports what is not.
 */
bool vma_validate(struct mm *mm);

void vma_init(void);

#endif
