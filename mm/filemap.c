/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/filemap.c - who maps a file
 *
 * Concept    Each file knows the VMAs that show a part of it, in a tree by page
 *            offset. That is the file's reverse map: rmap_walk() finds the PTEs of
 *            one page with it, and when the file becomes shorter the pages behind
 *            the new end are taken out of every address space, private copies
 *            too: an access there is a bus error from then on. A hole in the
 *            middle leaves the copies: they are the program's, not the file's.
 *            VMAs that show pages in any order (mm/nonlinear.c) are in a list
 *            beside the tree.
 *
 *                truncate, or a hole             fault
 *                size = new end, if shorter      find the page, lock it
 *                unmap the range                 inside the file? still in the map?
 *                each page: lock,                map it
 *                  unmap if mapped again         unlock
 *                  out of the map, unlock
 * Owns       mapping->i_mmap, vma->shared, the nodes of the page maps.
 * Locks      i_mmap_rwsem (LOCK_I_MMAP, sleeps). Unmapping from here holds no
 *            mmap_lock: munmap unlinks a VMA before it frees its tables, so the
 *            tables stay while the VMA is in the tree.
 * Invariants A VMA with a mapping is in its tree while it has entries.
 * Callers    vma.c mmap.c mremap.c rmap.c; file systems that truncate or punch.
 * Next       mm/pagecache.c
 */
#include "mm/filemap.h"

#include "mm/anon.h"
#include "mm/mmap.h"
#include "mm/mmu_notifier.h"
#include "mm/page.h"
#include "mm/slab.h"
#include "mm/tlb.h"
#include "mm/vma.h"

static struct kmem_cache *radix_cache;

/* Nodes of the page maps: made under the map's spinlock, so no sleep. */
static struct radix_node *filemap_node_alloc(void)
{
	return kmem_cache_alloc(radix_cache, GFP_NOWAIT);
}

static void filemap_node_free(struct radix_node *node)
{
	kmem_cache_free(radix_cache, node);
}

static const struct radix_map_ops filemap_radix_ops = {
	.alloc = filemap_node_alloc, .free = filemap_node_free,
};

int address_space_reserve(void)
{
	struct radix_node *node = kmem_cache_alloc(radix_cache, GFP_KERNEL);

	if (!node)
		return -ENOMEM;
	kmem_cache_free(radix_cache, node);
	return 0;
}

void address_space_init(struct address_space *mapping, struct inode *host, const s64 *size)
{
	mapping->host = host;
	mapping->size = size;
	mapping->bdev = NULL;
	spin_lock_init(&mapping->lock, LOCK_MAPPING, "page map");
	radix_map_init(&mapping->pages, &filemap_radix_ops);
	mapping->nrpages = mapping->nrswapped = mapping->promised = 0;
	init_rwsem(&mapping->i_mmap_rwsem, LOCK_I_MMAP, "i_mmap");
	mapping->i_mmap = INTERVAL_TREE_ROOT;
	INIT_LIST_HEAD(&mapping->i_mmap_nonlinear);
	atomic_set(&mapping->writers, 0);
}

struct page *filemap_try_page(struct address_space *mapping, u64 index)
{
	struct page *page;

	spin_lock(&mapping->lock);
	page = radix_map_load(&mapping->pages, index);
	if (mapping_item_is_page(page) && mapping_covers(mapping, index) &&
	    !page_test(page, PG_readahead) && page_trylock(page))
		get_page(page);
	else
		page = NULL;
	spin_unlock(&mapping->lock);
	if (!page || page_test(page, PG_uptodate))
		return page;
	page_unlock(page);
	put_page(page);
	return NULL;
}

static void filemap_insert_locked(struct vma *vma)
{
	assert_held(&vma->mapping->i_mmap_rwsem);
	if (vma->flags & VM_NONLINEAR) {
		list_add_tail(&vma->nonlinear, &vma->mapping->i_mmap_nonlinear);
		return;
	}
	vma->shared.start = vma->pgoff;
	vma->shared.last = vma->pgoff + vma_pages(vma) - 1;
	interval_tree_insert(&vma->shared, &vma->mapping->i_mmap);
}

static void filemap_remove_locked(struct vma *vma)
{
	assert_held(&vma->mapping->i_mmap_rwsem);
	if (vma->flags & VM_NONLINEAR) {
		list_del_init(&vma->nonlinear);
		return;
	}
	interval_tree_remove(&vma->shared, &vma->mapping->i_mmap);
	RB_CLEAR_NODE(&vma->shared.rb);
}

void filemap_link(struct vma *vma)
{
	if (!vma->mapping || filemap_linked(vma))
		return;
	down_write(&vma->mapping->i_mmap_rwsem);
	filemap_insert_locked(vma);
	up_write(&vma->mapping->i_mmap_rwsem);
}

void filemap_unlink(struct vma *vma)
{
	if (!filemap_linked(vma))
		return;
	down_write(&vma->mapping->i_mmap_rwsem);
	filemap_remove_locked(vma);
	up_write(&vma->mapping->i_mmap_rwsem);
}

void filemap_lock_write(struct vma *vma)
	__no_lock_check	/* held until filemap_unlock_write(), if there is one */
{
	if (vma->mapping)
		down_write(&vma->mapping->i_mmap_rwsem);
}

void filemap_unlock_write(struct vma *vma)
	__no_lock_check	/* the other half */
{
	if (vma->mapping)
		up_write(&vma->mapping->i_mmap_rwsem);
}

void filemap_interval_remove(struct vma *vma)
{
	ASSERT_VMA(vma, !vma->mapping || filemap_linked(vma));
	filemap_lock_write(vma);
	if (vma->mapping)
		filemap_remove_locked(vma);
}

void filemap_interval_insert(struct vma *vma)
{
	if (vma->mapping)
		filemap_insert_locked(vma);
	filemap_unlock_write(vma);
}

void filemap_make_nonlinear(struct vma *vma)
{
	down_write(&vma->mapping->i_mmap_rwsem);
	filemap_remove_locked(vma);
	vma_set_flags(vma, vma->flags | VM_NONLINEAR);
	filemap_insert_locked(vma);
	up_write(&vma->mapping->i_mmap_rwsem);
}

/* Pages of a file, by offset. */
struct file_span {
	u64 first, last;
};

static bool in_span(struct vma *vma, unsigned long va, pte_t *ptep, void *arg)
{
	const struct file_span *span = arg;
	u64 index = vm_normal_page(vma, pte_read(ptep))->index;

	return index >= span->first && index <= span->last;
}

/* Not a copy that only this address space has. */
static bool of_file(struct vma *vma, unsigned long va, pte_t *ptep, void *arg)
{
	struct page *page = vm_normal_page(vma, pte_read(ptep));

	return !page || !page_is_anon(page);
}

/* Entries of [start, end) go, or as many as @how wants. No mmap_lock needed. */
static void unmap_mapping_part(struct vma *vma, unsigned long start, unsigned long end,
			       const struct unmap_how *how)
{
	struct mmu_notifier_range range;
	struct mmu_gather tlb;

	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, MMU_NOTIFIER_RANGE_BLOCKABLE, vma->mm,
				start, end);
	mmu_notifier_invalidate_range_start(&range);
	tlb_gather_mmu(&tlb, vma->mm, false);
	unmap_vma_range(&tlb, vma, start, end, how);
	tlb_finish_mmu(&tlb);
	mmu_notifier_invalidate_range_end(&range);
}

/* The part of @span that @vma shows goes from its page tables. */
static void unmap_mapping_vma(struct vma *vma, const struct file_span *span, bool even_cows)
{
	u64 from = max(span->first, vma->pgoff);
	u64 to = min(span->last, vma->pgoff + vma_pages(vma) - 1);
	const struct unmap_how how = {
		.leave = UNMAP_PAGES, .wanted = even_cows ? NULL : of_file,
	};

	unmap_mapping_part(vma, vma->start + ((from - vma->pgoff) << PAGE_SHIFT),
			   vma->start + ((to - vma->pgoff + 1) << PAGE_SHIFT), &how);
}

/* They may be anywhere in @vma, which has no copies: all entries are looked at. */
static void unmap_mapping_nonlinear(struct vma *vma, struct file_span *span)
{
	const struct unmap_how how = { .leave = UNMAP_PAGES, .wanted = in_span, .arg = span };

	unmap_mapping_part(vma, vma->start, vma->end, &how);
}

void unmap_mapping_range(struct address_space *mapping, u64 first, u64 nr, bool even_cows)
{
	struct file_span span = { first, first + nr - 1 };
	struct interval_tree_node *node;
	struct vma *vma;

	if (!nr)
		return;
	down_read(&mapping->i_mmap_rwsem);
	interval_tree_for_each(node, &mapping->i_mmap, span.first, span.last)
		unmap_mapping_vma(container_of(node, struct vma, shared), &span, even_cows);
	list_for_each_entry(vma, &mapping->i_mmap_nonlinear, nonlinear)
		unmap_mapping_nonlinear(vma, &span);
	up_read(&mapping->i_mmap_rwsem);
}

/* ---- who may write ---- */

int mapping_deny_writers(struct address_space *mapping)
{
	int none = 0;

	return atomic_try_cmpxchg(&mapping->writers, &none, -1) || none < 0 ? 0 : -EBUSY;
}

void mapping_allow_writers(struct address_space *mapping)
{
	ASSERT(atomic_read(&mapping->writers) == -1);
	atomic_set(&mapping->writers, 0);
}

int filemap_add_writer(struct vma *vma)
{
	int now;

	if (!vma_is_writer(vma))
		return 0;
	now = atomic_read(&vma->mapping->writers);
	do {
		if (now < 0)
			return -EPERM;
	} while (!atomic_try_cmpxchg(&vma->mapping->writers, &now, now + 1));
	return 0;
}

void filemap_dup_writer(struct vma *vma)
{
	if (vma_is_writer(vma))
		ASSERT_VMA(vma, atomic_inc_return(&vma->mapping->writers) > 1);
}

void filemap_del_writer(struct vma *vma)
{
	if (vma_is_writer(vma))
		ASSERT_VMA(vma, atomic_dec_return(&vma->mapping->writers) >= 0);
}

unsigned int filemap_check_writers(struct address_space *mapping)
{
	struct interval_tree_node *node;
	int found = 0, counted;
	struct vma *vma;

	down_read(&mapping->i_mmap_rwsem);
	interval_tree_for_each(node, &mapping->i_mmap, 0, ~0UL)
		found += vma_is_writer(container_of(node, struct vma, shared));
	list_for_each_entry(vma, &mapping->i_mmap_nonlinear, nonlinear)
		found += vma_is_writer(vma);
	counted = atomic_read(&mapping->writers);
	up_read(&mapping->i_mmap_rwsem);
	if (found == max(counted, 0))
		return 0;
	check_report(CHECK_CHECK, "file: %d mappings may write it, %d are counted", found, counted);
	return 1;
}

void filemap_init(void)
{
	radix_cache = kmem_cache_create("page map", sizeof(struct radix_node), 0, SLAB_PANIC,
					NULL);
}
