/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/filemap.h - who maps a file
 */
#ifndef MM_FILEMAP_H
#define MM_FILEMAP_H

#include "include/types.h"
#include "mm/address_space.h"
#include "mm/mm.h"

/* Is @vma in its file's tree, or list, of VMAs? */
static inline bool filemap_linked(const struct vma *vma)
{
	return !RB_EMPTY_NODE(&vma->shared.rb) || !list_empty(&vma->nonlinear);
}

/*
 * @vma joins and leaves the VMAs that map its file; nothing happens if it has no
 * mapping, or has done so already. Context: mmap_lock for writing; may sleep.
 */
void filemap_link(struct vma *vma);
void filemap_unlink(struct vma *vma);
/*
 * Bracket a change of vma->start, end or pgoff as anon_vma_interval_remove() does:
 * remove leaves the tree's lock held for writing, insert releases it. Outside of
 * the anon_vma's.
 */
void filemap_interval_remove(struct vma *vma);
void filemap_interval_insert(struct vma *vma);
/* The tree's @vma goes to the list of those that are VM_NONLINEAR, and becomes so. */
void filemap_make_nonlinear(struct vma *vma);
/* The tree's lock, for writing (mremap holds it over each move). */
void filemap_lock_write(struct vma *vma);
void filemap_unlock_write(struct vma *vma);

/*
 * The page of @mapping at @index if it is in memory, ready, in front of the file's end,
 * not marked by readahead, and nobody has it locked: locked and with a reference. NULL otherwise.
 * Context: any that may take LOCK_MAPPING; never sleeps. Locked and in the map, it may be mapped.
 */
struct page *filemap_try_page(struct address_space *mapping, u64 index);

/*
 * Take the pages [@first, @first + @nr) of a file out of every page table: private
 * copies, too, when the file became shorter (@even_cows), but not for a hole in it.
 * Context: may sleep; no mmap_lock needed, page locks allowed. A fault that
 * has found a page before may map it afterwards: unmap again, page locked, before it
 * leaves the file.
 */
void unmap_mapping_range(struct address_space *mapping, u64 first, u64 nr, bool even_cows);

/* May @vma write the file's own pages, now or after mprotect? */
static inline bool vma_is_writer(const struct vma *vma)
{
	const unsigned long both = VM_SHARED | VM_MAYWRITE;

	return vma->mapping && (vma->flags & both) == both;
}

/*
 * No VMA that may write this file shall there be from now on. A VMA is counted from the
 * moment that it has its file to its end. Context: any. Return: 0, or -EBUSY: there is one.
 */
int __must_check mapping_deny_writers(struct address_space *mapping);
/* After all they may come. */
void mapping_allow_writers(struct address_space *mapping);
/* A new VMA has its file. Return: 0, or -EPERM: it may not write. Context: any. */
int __must_check filemap_add_writer(struct vma *vma);
/* A copy of one that is counted; the end of one. */
void filemap_dup_writer(struct vma *vma);
void filemap_del_writer(struct vma *vma);
/* For the world check: are all writers counted? Context: may sleep. Return: faults. */
unsigned int filemap_check_writers(struct address_space *mapping);

void filemap_init(void);

#endif
