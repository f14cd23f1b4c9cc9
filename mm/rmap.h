/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/rmap.h - from one page to every PTE that maps it
 *
 * Each VMA that has anonymous pages has its own anon_vma; a chain link
 * (anon_vma_chain) joins a VMA to an anon_vma whose pages it may map: its own,
 * and those of the ancestors from which it inherited pages by fork. A page
 * belongs to the anon_vma of the VMA in which it was first made, so a walk
 * visits that VMA and its descendants only, never all relatives.
 *
 *	page --mapping--> anon_vma --interval tree of links--> vma, vma, ...
 *	                      ^                                  |
 *	                      +---- vma->anon_vma_chain ---------+
 */
#ifndef MM_RMAP_H
#define MM_RMAP_H

#include "include/types.h"
#include "kernel/lib/interval_tree.h"
#include "kernel/lib/list.h"
#include "kernel/sync/rwsem.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/pgtable.h"

struct anon_vma {
	struct rw_semaphore rwsem;	/* LOCK_ANON_VMA: of the root only */
	struct anon_vma *root;		/* C: oldest ancestor; its rwsem guards the family */
	struct anon_vma *parent;	/* root lock: from which it was forked */
	atomic_t refcount;		/* A: VMAs' chains, and walkers in flight */
	unsigned int nr_children;	/* root lock: anon_vmas whose parent it is */
	unsigned int nr_active_vmas;	/* root lock: VMAs whose own anon_vma it is */
	struct interval_tree_root links;/* root lock: anon_vma_chain by page offset */
	bool all_locked;		/* LOCK_MM_ALL: mm_take_all_locks() holds the rwsem */
};

struct anon_vma_chain {
	struct vma *vma;
	struct anon_vma *anon_vma;
	struct list_head same_vma;	/* vma->anon_vma_chain; mmap_lock */
	struct interval_tree_node node;	/* anon_vma->links: [first, last] page offset */
};

/* Give @vma an anon_vma of its own. mmap_lock held (read is enough); may sleep. */
int __must_check anon_vma_prepare(struct vma *vma);
/* fork: @child may map every page that @parent may. mmap_lock of both, writing. */
int __must_check anon_vma_fork(struct vma *child, struct vma *parent);
/* Split, merge, copy within one mm: @dst joins everything that @src is in. */
int __must_check anon_vma_clone(struct vma *dst, struct vma *src);
/* @vma goes away: leave every anon_vma; free those nobody uses any more. */
void unlink_anon_vmas(struct vma *vma);
/*
 * Bracket a change of vma->start, end or pgoff: remove takes @vma out of the
 * trees and leaves the family's lock held for writing, insert puts it back in
 * and releases the lock, so that no walk sees the moment between.
 */
void anon_vma_interval_remove(struct vma *vma);
void anon_vma_interval_insert(struct vma *vma);
/* The family's lock of @vma, for writing (mremap holds it over each move). */
void anon_vma_lock_write(struct vma *vma);
void anon_vma_unlock_write(struct vma *vma);

/* ---- counting: one call per PTE made or cleared, table lock held ----
 * A page that a locked VMA maps becomes PG_mlocked with the call, and is no more
 * when that mapping goes. */
/* A page that nobody else can see yet: sets mapping and index, mapcount 0 -> 1. */
void page_add_new_anon_rmap(struct page *page, struct vma *vma, unsigned long va);
/* A page with a history (swap-in): page locked. */
void page_add_anon_rmap(struct page *page, struct vma *vma, unsigned long va);
/* COW that reuses the page: it now belongs to @vma alone. Page locked. */
void page_move_anon_rmap(struct page *page, struct vma *vma);
/* UFFDIO_MOVE: it belongs to @va of @vma alone, mapped or in swap. Page locked. */
void page_relocate_anon_rmap(struct page *page, struct vma *vma, unsigned long va);
void page_add_file_rmap(struct page *page, const struct vma *vma);
/* fork copies a PTE: count only. */
static inline void page_dup_rmap(struct page *page)
{
	ASSERT_PAGE(page, page_mapped(page));
	atomic_inc(&page->_mapcount);
}
/* For page_remove_rmap() alone. */
void page_munlock_unmapped(struct page *page, const struct vma *vma);
/* A PTE went: count down. mapping and index stay (see RMAP notes in rmap.c). */
static inline void page_remove_rmap(struct page *page, const struct vma *vma)
{
	ASSERT_PAGE(page, page_mapped(page));
	atomic_dec(&page->_mapcount);
	if (unlikely(page_test(page, PG_mlocked)))
		page_munlock_unmapped(page, vma);
}

/*
 * The one walker. For each VMA that may map @page: @one(page, vma, va, arg),
 * which returns false to end the walk. Context: page locked; takes the
 * object's rmap rwsem for reading; @one may sleep.
 */
struct rmap_walk_control {
	bool (*one)(struct page *page, struct vma *vma, unsigned long va, void *arg);
	bool (*done)(struct page *page);	/* NULL: when mapcount is 0 */
	/*
	 * Instead of looking through every entry of nonlinear VMAs, which is slow: called
	 * once, after the others, with the file's lock held. NULL: they are looked through.
	 */
	void (*nonlinear)(struct page *page, struct address_space *mapping, void *arg);
	void *arg;
};
void rmap_walk(struct page *page, struct rmap_walk_control *rwc);
/* For nonlinear_walk(): has the walk found what it wanted? */
bool rmap_done(struct page *page, const struct rmap_walk_control *rwc);

/* Does the entry, present or kept from use, map @page? */
static inline bool pte_maps_page(pte_t pte, const struct page *page)
{
	return pte_mapped(pte) && pte_pfn(pte) == page_to_pfn(page).v;
}

/* The PTE of @page at @va, present and this frame, locked in *@ptl; or NULL. */
pte_t *page_check_address(struct page *page, struct mm *mm, unsigned long va,
			  struct spinlock **ptl);
/* Where @page would be in @vma; false if outside. */
bool __must_check vma_address(const struct page *page, const struct vma *vma,
			      unsigned long *va);
/* swapoff: the address at which @vma would map @page, if it is of its object. */
bool __must_check page_address_in_vma(struct page *page, struct vma *vma, unsigned long *va);

/*
 * How many mappings used the page since last asked: software flag, accessed
 * bits, every second MMU. Page locked, may sleep. *@vm_flags: union of VMA flags.
 */
int page_referenced(struct page *page, unsigned long *vm_flags);

enum ttu_flag { TTU_IGNORE_ACCESS = BIT(0), TTU_IGNORE_MLOCK = BIT(1), TTU_BATCH_FLUSH = BIT(2) };
enum ttu_result { SWAP_SUCCESS, SWAP_AGAIN, SWAP_FAIL, SWAP_MLOCK };
/*
 * Take @page out of every page table. Anonymous pages must be in the swap cache,
 * whose entry replaces each PTE; those of a file leave nothing there, for the file
 * has them. Page locked, may sleep; each PTE in a notifier bracket. With
 * TTU_BATCH_FLUSH the caller owes tlb_batch_flush() before I/O or free.
 */
enum ttu_result try_to_unmap(struct page *page, unsigned int flags);
/*
 * Take the permission to write away from every entry of a shared mapping that has it or
 * has used it, from the CPUs and from second MMUs, and clear its dirty bit. Page locked,
 * which keeps faults from giving it back; may sleep; each entry in a notifier bracket.
 * Return: whether an entry, or a second MMU, was dirty: then so are the bytes.
 */
bool page_mkclean(struct page *page);
/*
 * For the world check: PTEs that map @page, found by walking its object.
 * Page locked; may sleep.
 */
unsigned int rmap_count_ptes(struct page *page);

void rmap_init(void);

#endif
