/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/rmap.c - from one page to every PTE that maps it
 *
 * Concept    A page does not list its PTEs. It names an object (anon_vma) and
 *            its offset in it; the object lists the VMAs that may map it, and in
 *            each of them arithmetic gives the address, where the PTE either is
 *            or is not. Fork gives the child's VMA an anon_vma of its own and
 *            links to all of the parent's, so a page that the parent had before
 *            the fork is looked for in both, a page of the child in the child
 *            (and its children) only:
 *
 *              parent VMA ---- link ----> anon_vma P <---- link ---- child VMA
 *                                                                      |
 *                                         anon_vma C <---- link -------+
 *
 *            A line of processes that each fork once and exit would grow one
 *            link per generation; a fork therefore adopts an ancestor's anon_vma
 *            that no VMA calls its own any more and that has one child at most.
 * Owns       anon_vma, anon_vma_chain, page->mapping, index and _mapcount of
 *            anonymous pages.
 * Locks      The root anon_vma's rwsem (LOCK_ANON_VMA, sleeps) for the family's
 *            trees and counts; it also keeps page tables from being freed under
 *            a walk, because unmapping unlinks the VMA before it frees tables.
 *            Page lock for mapping and index. Table lock for mapcounts.
 *            page_table_lock settles the race of two first faults.
 * Invariants mapcount is the number of PTEs that a walk finds    rmap_count_ptes()
 *            PG_mlocked is set and cleared under the table lock of a mapping in a
 *            locked VMA; who takes that mapping away, or the lock, clears it.
 *            A mapped page's anon_vma is alive: its mapper links to it. An
 *            unmapped one's may be gone: nothing looks at it (page_get_anon_vma).
 *            mapping and index survive the last unmapping: a swap-in that comes
 *            meanwhile must find the page under the same offset.
 * Callers    fault.c fork.c mmap.c mremap.c vma.c; reclaim.c and writeback.c for the
 *            questions.
 * Next       mm/nonlinear.c
 */
#include "mm/rmap.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/sync/rcu.h"
#include "mm/filemap.h"
#include "mm/mmu_notifier.h"
#include "mm/nonlinear.h"
#include "mm/page_idle.h"
#include "mm/pgtable.h"
#include "mm/rmap_notifier.h"
#include "mm/slab.h"
#include "mm/swap.h"
#include "mm/tlb.h"
#include "mm/vma.h"
#include "mm/writeback.h"

static struct kmem_cache *anon_vma_cache, *chain_cache;

/* ---- life of anon_vmas and links ---- */

/* Runs once per object: a walker may lock one that was freed and reused. */
static void anon_vma_ctor(void *object)
{
	struct anon_vma *anon_vma = object;

	init_rwsem(&anon_vma->rwsem, LOCK_ANON_VMA, "anon_vma");
	atomic_set(&anon_vma->refcount, 0);
	anon_vma->links = INTERVAL_TREE_ROOT;
}

/* A root of its own, one reference: the caller's. */
static struct anon_vma *anon_vma_alloc(void)
{
	struct anon_vma *anon_vma = kmem_cache_alloc(anon_vma_cache, GFP_KERNEL);

	if (!anon_vma)
		return NULL;
	ASSERT(interval_tree_empty(&anon_vma->links));
	anon_vma->root = anon_vma;
	anon_vma->parent = NULL;
	anon_vma->nr_children = 0;
	anon_vma->nr_active_vmas = 0;
	anon_vma->all_locked = false;
	/* A walker that still has the old identity may count from here on. */
	atomic_set_release(&anon_vma->refcount, 1);
	return anon_vma;
}

/* Every anon_vma holds its root, whose lock it needs. */
static void anon_vma_put(struct anon_vma *anon_vma)
{
	struct anon_vma *root = anon_vma->root;

	if (!atomic_dec_and_test(&anon_vma->refcount))
		return;
	ASSERT(interval_tree_empty(&anon_vma->links));
	ASSERT(!anon_vma->nr_active_vmas && !anon_vma->nr_children);
	kmem_cache_free(anon_vma_cache, anon_vma);
	if (root != anon_vma)
		anon_vma_put(root);
}

static void chain_link(struct anon_vma_chain *link, struct vma *vma, struct anon_vma *anon_vma)
{
	assert_held(&anon_vma->root->rwsem);
	link->vma = vma;
	link->anon_vma = anon_vma;
	link->node.start = vma->pgoff;
	link->node.last = vma->pgoff + vma_pages(vma) - 1;
	atomic_inc(&anon_vma->refcount);
	interval_tree_insert(&link->node, &anon_vma->links);
	list_add(&link->same_vma, &vma->anon_vma_chain);
}

static void chain_free_list(struct list_head *links)
{
	struct anon_vma_chain *link, *next;

	list_for_each_entry_safe(link, next, links, same_vma)
		kmem_cache_free(chain_cache, link);
}

/* @nr links on @out, so that nothing has to be allocated under the lock. */
static int chain_alloc_list(struct list_head *out, size_t nr)
{
	INIT_LIST_HEAD(out);
	while (nr--) {
		struct anon_vma_chain *link = kmem_cache_alloc(chain_cache, GFP_KERNEL);

		if (!link) {
			chain_free_list(out);
			return -ENOMEM;
		}
		list_add(&link->same_vma, out);
	}
	return 0;
}

static struct anon_vma_chain *chain_take(struct list_head *links)
{
	struct anon_vma_chain *link = list_first_entry(links, struct anon_vma_chain, same_vma);

	list_del(&link->same_vma);
	return link;
}

/* Any link names the family: a VMA never has two. NULL if it has no link. */
static struct anon_vma *vma_anon_root(const struct vma *vma)
{
	if (list_empty(&vma->anon_vma_chain))
		return NULL;
	return list_first_entry(&vma->anon_vma_chain, struct anon_vma_chain,
				same_vma)->anon_vma->root;
}

void anon_vma_lock_write(struct vma *vma)
	__no_lock_check	/* nothing to lock without an anon_vma */
{
	struct anon_vma *root = vma_anon_root(vma);

	if (root)
		down_write(&root->rwsem);
}

void anon_vma_unlock_write(struct vma *vma)
	__no_lock_check	/* nothing to lock without an anon_vma */
{
	struct anon_vma *root = vma_anon_root(vma);

	if (root)
		up_write(&root->rwsem);
}

/* ---- VMAs join and leave ---- */

/*
 * Two threads may make their first fault in @vma together. The loser's
 * allocations go back. Publishing anon_vma last tells a reader of the chain
 * that it is complete (vma_mergeable_anon_vma).
 */
int anon_vma_prepare(struct vma *vma)
{
	struct anon_vma *anon_vma, *fresh = NULL;
	struct anon_vma_chain *link;

	if (likely(smp_load_acquire(&vma->anon_vma)))
		return 0;
	link = kmem_cache_alloc(chain_cache, GFP_KERNEL);
	if (!link)
		return -ENOMEM;
	anon_vma = vma_mergeable_anon_vma(vma);
	if (!anon_vma) {
		anon_vma = fresh = anon_vma_alloc();
		if (!fresh) {
			kmem_cache_free(chain_cache, link);
			return -ENOMEM;
		}
	}
	/* nothing below can fail */
	down_write(&anon_vma->root->rwsem);
	spin_lock(&vma->mm->page_table_lock);
	if (!vma->anon_vma) {
		chain_link(link, vma, anon_vma);
		anon_vma->nr_active_vmas++;
		smp_store_release(&vma->anon_vma, anon_vma);
		link = NULL;
	}
	spin_unlock(&vma->mm->page_table_lock);
	up_write(&anon_vma->root->rwsem);
	if (link)
		kmem_cache_free(chain_cache, link);
	if (fresh)
		anon_vma_put(fresh);
	return 0;
}

/* May a child make this ancestor's anon_vma its own? See the head of the file. */
static bool anon_vma_adoptable(const struct anon_vma *anon_vma)
{
	return anon_vma->parent && anon_vma->nr_children <= 1 && !anon_vma->nr_active_vmas;
}

/* Link @dst to all that @src is linked to, oldest first, so that the order stays. */
static void anon_vma_link_all(struct vma *dst, struct vma *src, struct list_head *links)
{
	struct anon_vma_chain *link;

	list_for_each_entry_reverse(link, &src->anon_vma_chain, same_vma)
		chain_link(chain_take(links), dst, link->anon_vma);
}

int anon_vma_clone(struct vma *dst, struct vma *src)
{
	struct list_head links;

	ASSERT_VMA(dst, !dst->anon_vma && list_empty(&dst->anon_vma_chain));
	if (!src->anon_vma)
		return 0;
	if (chain_alloc_list(&links, list_count(&src->anon_vma_chain)))
		return -ENOMEM;
	/* nothing below can fail */
	anon_vma_lock_write(src);
	anon_vma_link_all(dst, src, &links);
	dst->anon_vma = src->anon_vma;
	dst->anon_vma->nr_active_vmas++;
	anon_vma_unlock_write(src);
	return 0;
}

static struct anon_vma *anon_vma_find_adoptable(const struct vma *vma)
{
	struct anon_vma_chain *link;

	list_for_each_entry(link, &vma->anon_vma_chain, same_vma) {
		if (anon_vma_adoptable(link->anon_vma))
			return link->anon_vma;
	}
	return NULL;
}

/* A fresh anon_vma becomes a member of @parent's family. Root locked. */
static void anon_vma_adopt_parent(struct anon_vma *anon_vma, struct anon_vma *parent)
{
	assert_held(&parent->root->rwsem);
	anon_vma->root = parent->root;
	anon_vma->parent = parent;
	atomic_inc(&parent->root->refcount);
	parent->nr_children++;
}

int anon_vma_fork(struct vma *child, struct vma *parent)
{
	struct anon_vma *own, *adopted;
	struct list_head links;

	if (!parent->anon_vma)
		return 0;
	own = anon_vma_alloc();
	if (!own)
		return -ENOMEM;
	if (chain_alloc_list(&links, list_count(&parent->anon_vma_chain) + 1)) {
		anon_vma_put(own);
		return -ENOMEM;
	}
	/* nothing below can fail */
	anon_vma_lock_write(parent);
	anon_vma_link_all(child, parent, &links);
	adopted = anon_vma_find_adoptable(child);
	if (!adopted) {
		anon_vma_adopt_parent(own, parent->anon_vma);
		chain_link(chain_take(&links), child, own);
	}
	child->anon_vma = adopted ? adopted : own;
	child->anon_vma->nr_active_vmas++;
	anon_vma_unlock_write(parent);
	chain_free_list(&links);
	anon_vma_put(own);
	return 0;
}

/* Out of one tree; an anon_vma that no VMA links to is no child any more. Root locked. */
static void chain_unlink(struct anon_vma_chain *link)
{
	struct anon_vma *anon_vma = link->anon_vma;

	interval_tree_remove(&link->node, &anon_vma->links);
	if (interval_tree_empty(&anon_vma->links) && anon_vma->parent) {
		ASSERT(anon_vma->parent->nr_children > 0);
		anon_vma->parent->nr_children--;
	}
}

void unlink_anon_vmas(struct vma *vma)
{
	struct anon_vma *root = vma_anon_root(vma);
	struct anon_vma_chain *link, *next;

	if (!root) {
		ASSERT_VMA(vma, !vma->anon_vma);
		return;
	}
	down_write(&root->rwsem);
	/* Newest first: a parent outlives its children's look at it. */
	list_for_each_entry(link, &vma->anon_vma_chain, same_vma)
		chain_unlink(link);
	ASSERT_VMA(vma, vma->anon_vma->nr_active_vmas > 0);
	vma->anon_vma->nr_active_vmas--;
	vma->anon_vma = NULL;
	up_write(&root->rwsem);
	list_for_each_entry_safe(link, next, &vma->anon_vma_chain, same_vma) {
		list_del(&link->same_vma);
		anon_vma_put(link->anon_vma);
		kmem_cache_free(chain_cache, link);
	}
}

void anon_vma_interval_remove(struct vma *vma)
{
	struct anon_vma_chain *link;

	anon_vma_lock_write(vma);
	list_for_each_entry(link, &vma->anon_vma_chain, same_vma)
		interval_tree_remove(&link->node, &link->anon_vma->links);
}

void anon_vma_interval_insert(struct vma *vma)
{
	struct anon_vma_chain *link;

	list_for_each_entry(link, &vma->anon_vma_chain, same_vma) {
		link->node.start = vma->pgoff;
		link->node.last = vma->pgoff + vma_pages(vma) - 1;
		interval_tree_insert(&link->node, &link->anon_vma->links);
	}
	anon_vma_unlock_write(vma);
}

/* ---- counting ---- */

static void page_set_anon(struct page *page, struct anon_vma *anon_vma, u64 index)
{
	page->index = index;
	WRITE_ONCE(page->mapping, (void *)((unsigned long)anon_vma | PAGE_MAPPING_ANON));
}

/* Pages of a locked VMA are kept out of reclaim's way; here is how they are found. */
static void page_mlock(struct page *page, const struct vma *vma)
{
	if (vma->flags & VM_LOCKED && !page_test(page, PG_mlocked))
		lru_mlock(page);
}

void page_add_new_anon_rmap(struct page *page, struct vma *vma, unsigned long va)
{
	ASSERT_VMA(vma, vma->anon_vma && va >= vma->start && va < vma->end);
	ASSERT_PAGE(page, page_mapcount(page) == 0);
	page_set(page, PG_swapbacked);
	page_set_anon(page, vma->anon_vma, vma_pgoff(vma, va));
	atomic_set(&page->_mapcount, 0);
	page_mlock(page, vma);
}

/*
 * Back from swap. The page may be shared with relatives whose PTEs still hold
 * the swap entry; what all of them are linked to for certain is the root.
 */
void page_add_anon_rmap(struct page *page, struct vma *vma, unsigned long va)
{
	ASSERT_PAGE(page, page_test(page, PG_locked));
	ASSERT_VMA(vma, vma->anon_vma && va >= vma->start && va < vma->end);
	if (!page_is_anon(page)) {
		ASSERT_PAGE(page, !page_mapped(page));
		page_set(page, PG_swapbacked);
		page_set_anon(page, vma->anon_vma->root, vma_pgoff(vma, va));
	}
	ASSERT_PAGE(page, page->index == vma_pgoff(vma, va));
	atomic_inc(&page->_mapcount);
	page_mlock(page, vma);
}

void page_move_anon_rmap(struct page *page, struct vma *vma)
{
	ASSERT_PAGE(page, page_test(page, PG_locked) && page_is_anon(page));
	ASSERT_PAGE(page, page_mapcount(page) == 1);
	page_set_anon(page, vma->anon_vma, page->index);
}

void page_relocate_anon_rmap(struct page *page, struct vma *vma, unsigned long va)
{
	ASSERT_PAGE(page, page_test(page, PG_locked) && page_is_anon(page));
	ASSERT_PAGE(page, page_mapcount(page) <= 1);
	ASSERT_VMA(vma, vma->anon_vma && va >= vma->start && va < vma->end);
	page_set_anon(page, vma->anon_vma, vma_pgoff(vma, va));
}

void page_add_file_rmap(struct page *page, const struct vma *vma)
{
	ASSERT_PAGE(page, !page_is_anon(page));
	atomic_inc(&page->_mapcount);
	page_mlock(page, vma);
}

/* A locked page lost its entry in @vma. */
void page_munlock_unmapped(struct page *page, const struct vma *vma)
{
	if (vma->flags & (VM_LOCKED | VM_UNLOCKING))
		lru_munlock(page);
}

/* ---- the walk ---- */

bool vma_address(const struct page *page, const struct vma *vma, unsigned long *va)
{
	u64 offset = page->index - vma->pgoff;

	if (page->index < vma->pgoff || offset >= vma_pages(vma))
		return false;
	*va = vma->start + (offset << PAGE_SHIFT);
	return true;
}

bool page_address_in_vma(struct page *page, struct vma *vma, unsigned long *va)
{
	unsigned long mapping = (unsigned long)READ_ONCE(page->mapping);
	struct anon_vma *anon_vma = (struct anon_vma *)(mapping & ~PAGE_MAPPING_ANON);

	if (!(mapping & PAGE_MAPPING_ANON) || !vma->anon_vma ||
	    vma->anon_vma->root != anon_vma->root)
		return false;
	return vma_address(page, vma, va);
}

/*
 * The page's anon_vma with a reference, or NULL if nothing maps the page.
 *
 *	us					the last VMA of the family
 *	read page->mapping			page_remove_rmap()
 *	count up, unless zero			unlink, count down, free
 *	still mapped? then the anon_vma		  (memory stays an anon_vma
 *	  was alive all the time		   until we leave RCU)
 *
 * The page lock keeps a new mapping from being set meanwhile.
 */
static struct anon_vma *page_get_anon_vma(struct page *page)
{
	struct anon_vma *anon_vma = NULL;
	unsigned long mapping;

	rcu_read_lock();
	mapping = (unsigned long)READ_ONCE(page->mapping);
	if (mapping & PAGE_MAPPING_ANON && page_mapped(page)) {
		anon_vma = (struct anon_vma *)(mapping & ~PAGE_MAPPING_ANON);
		if (!atomic_inc_not_zero(&anon_vma->refcount))
			anon_vma = NULL;
	}
	rcu_read_unlock();
	if (anon_vma && !page_mapped(page)) {
		anon_vma_put(anon_vma);
		anon_vma = NULL;
	}
	return anon_vma;
}

bool rmap_done(struct page *page, const struct rmap_walk_control *rwc)
{
	return rwc->done ? rwc->done(page) : !page_mapped(page);
}

/* One VMA of the walk. Return: go on. */
static bool rmap_visit(struct page *page, struct vma *vma, struct rmap_walk_control *rwc)
{
	unsigned long va;

	if (!vma_address(page, vma, &va))
		return true;
	return rwc->one(page, vma, va, rwc->arg) && !rmap_done(page, rwc);
}

static void rmap_walk_anon(struct page *page, struct rmap_walk_control *rwc)
{
	struct anon_vma *anon_vma = page_get_anon_vma(page);
	struct interval_tree_node *node;

	if (!anon_vma)
		return;
	down_read(&anon_vma->root->rwsem);
	interval_tree_for_each(node, &anon_vma->links, page->index, page->index) {
		if (!rmap_visit(page, container_of(node, struct anon_vma_chain, node)->vma, rwc))
			break;
	}
	up_read(&anon_vma->root->rwsem);
	anon_vma_put(anon_vma);
}

/* Return: whether all VMAs that could show the page at its place were visited. */
static bool rmap_walk_linear(struct page *page, struct address_space *mapping,
			     struct rmap_walk_control *rwc)
{
	struct interval_tree_node *node;

	interval_tree_for_each(node, &mapping->i_mmap, page->index, page->index) {
		if (!rmap_visit(page, container_of(node, struct vma, shared), rwc))
			return false;
	}
	return true;
}

/* The page lock keeps the page in its file, and the file's inode alive. */
static void rmap_walk_file(struct page *page, struct rmap_walk_control *rwc)
{
	struct address_space *mapping = page->mapping;

	if (!mapping)
		return;
	down_read(&mapping->i_mmap_rwsem);
	if (rmap_walk_linear(page, mapping, rwc) && !list_empty(&mapping->i_mmap_nonlinear)) {
		if (rwc->nonlinear)
			rwc->nonlinear(page, mapping, rwc->arg);
		else
			nonlinear_walk(page, mapping, rwc);
	}
	up_read(&mapping->i_mmap_rwsem);
}

void rmap_walk(struct page *page, struct rmap_walk_control *rwc)
{
	ASSERT_PAGE(page, page_test(page, PG_locked));
	if (page_is_anon(page))
		rmap_walk_anon(page, rwc);
	else
		rmap_walk_file(page, rwc);
}

/* Most candidates do not map the page: a look without the lock sorts them out. */
pte_t *page_check_address(struct page *page, struct mm *mm, unsigned long va,
			  struct spinlock **ptl)
{
	pte_t *ptep = pte_find(mm, va);

	if (!ptep || !pte_maps_page(pte_read(ptep), page))
		return NULL;
	*ptl = pte_lock(ptep);
	if (pte_maps_page(pte_read(ptep), page))
		return ptep;
	pte_unmap_unlock(ptep, *ptl);
	return NULL;
}

static bool rmap_count_one(struct page *page, struct vma *vma, unsigned long va, void *arg)
{
	struct spinlock *ptl;
	pte_t *ptep = page_check_address(page, vma->mm, va, &ptl);

	if (ptep) {
		(*(unsigned int *)arg)++;
		pte_unmap_unlock(ptep, ptl);
	}
	return true;
}

static bool rmap_never_done(struct page *page)
{
	return false;
}

unsigned int rmap_count_ptes(struct page *page)
{
	unsigned int found = 0;
	struct rmap_walk_control rwc = {
		.one = rmap_count_one, .done = rmap_never_done, .arg = &found,
	};

	rmap_walk(page, &rwc);
	return found;
}

/* ---- was it used? ---- */

struct page_referenced_state {
	int referenced;
	int left;			/* mappings not yet seen */
	unsigned long vm_flags;
};

static bool page_referenced_one(struct page *page, struct vma *vma, unsigned long va, void *arg)
{
	struct page_referenced_state *state = arg;
	struct spinlock *ptl;
	pte_t *ptep = page_check_address(page, vma->mm, va, &ptl);

	if (!ptep)
		return true;
	if (vma->flags & VM_LOCKED) {
		page_mlock(page, vma);
		state->referenced++;
		state->left = 0;
	} else {
		bool used = ptep_clear_flush_young_notify(vma->mm, va, ptep);

		if (used)
			page_clear_idle(page);
		if (used || swap_token_protects(vma->mm))
			state->referenced++;
		state->left--;
	}
	pte_unmap_unlock(ptep, ptl);
	state->vm_flags |= vma->flags;
	return state->left > 0;
}

/* Whoever unmaps ages them (mm/nonlinear.c). */
static void page_referenced_nonlinear(struct page *page, struct address_space *mapping, void *arg)
{
}

int page_referenced(struct page *page, unsigned long *vm_flags)
{
	struct page_referenced_state state = { .left = page_mapcount(page) };
	struct rmap_walk_control rwc = {
		.one = page_referenced_one, .nonlinear = page_referenced_nonlinear, .arg = &state,
	};

	ASSERT_PAGE(page, page_test(page, PG_locked));
	if (page_test_and_clear(page, PG_referenced))
		state.referenced++;
	if (page_test_and_clear(page, PG_young))
		state.referenced++;
	if (state.left > 0)
		rmap_walk(page, &rwc);
	*vm_flags = state.vm_flags;
	return state.referenced;
}

/* ---- who writes from now on is heard ---- */

/* May the entry be written, or was it? */
static bool mkclean_wanted(pte_t pte, const struct page *page)
{
	return pte_maps_page(pte, page) &&
	       ((pte_present(pte) && pte_write(pte)) || pte_mapped_dirty(pte));
}

/* Table lock held, bracket open. Return: was it dirty? */
static bool mkclean_entry(struct mm *mm, unsigned long va, pte_t *ptep)
{
	pte_t old = pte_read(ptep);

	flush_tlb_batched_pending(mm);
	if (!pte_present(old)) {	/* PROTNONE: nobody can have it cached */
		pte_t new = pte_make_absent(PTE_KIND_PROTNONE, pte_pfn(old), false);

		set_pte_at(mm, va, ptep, pte_keep_marks(new, old));
		return pte_mapped_dirty(old);
	}
	old = ptep_clear_flush_notify(mm, va, ptep);
	set_pte_at(mm, va, ptep, pte_mkclean(pte_wrprotect(old)));
	return pte_mapped_dirty(old);
}

/* One mapping, inside a bracket of its own: start may sleep, so we look again after it. */
static bool page_mkclean_one(struct page *page, struct vma *vma, unsigned long va, void *arg)
{
	struct mmu_notifier_range range;
	struct spinlock *ptl;
	pte_t *ptep = pte_find(vma->mm, va);

	/* The page lock keeps an entry that cannot be written as it is. */
	if (!(vma->flags & VM_SHARED) || !ptep || !mkclean_wanted(pte_read(ptep), page))
		return true;
	mmu_notifier_range_init(&range, MMU_NOTIFY_PROTECTION_PAGE, MMU_NOTIFIER_RANGE_BLOCKABLE |
				MMU_NOTIFIER_RANGE_SINGLE_PAGE, vma->mm, va, va + PAGE_SIZE);
	mmu_notifier_invalidate_range_start(&range);
	gate_point("page_mkclean.start", page);
	ptep = page_check_address(page, vma->mm, va, &ptl);
	if (ptep) {
		if (mkclean_entry(vma->mm, va, ptep))
			*(bool *)arg = true;
		pte_unmap_unlock(ptep, ptl);
	}
	mmu_notifier_invalidate_range_end(&range);
	gate_point("page_mkclean.one", page);
	return true;
}

bool page_mkclean(struct page *page)
{
	bool dirty = false;
	struct rmap_walk_control rwc = { .one = page_mkclean_one, .arg = &dirty };

	ASSERT_PAGE(page, page_test(page, PG_locked) && !page_is_anon(page));
	if (page_mapped(page))
		rmap_walk(page, &rwc);
	mmu_rmap_notifier_invalidate_page(page);
	return dirty;
}

/* ---- taking it away ---- */

struct unmap_state {
	unsigned int flags;		/* enum ttu_flag */
	enum ttu_result result;
};

/* May this mapping go? Table lock held. */
static enum ttu_result unmap_allowed(const struct unmap_state *state, struct page *page,
				     struct vma *vma, unsigned long va, pte_t *ptep)
{
	if (vma->flags & VM_LOCKED && !(state->flags & TTU_IGNORE_MLOCK)) {
		page_mlock(page, vma);
		return SWAP_MLOCK;
	}
	if (!(state->flags & TTU_IGNORE_ACCESS) &&
	    ptep_clear_flush_young_notify(vma->mm, va, ptep)) {
		page_clear_idle(page);
		return SWAP_FAIL;
	}
	return SWAP_SUCCESS;
}

/* Clear and make everybody forget; the CPUs' part may wait for tlb_batch_flush(). */
static __always_inline pte_t unmap_clear(const struct unmap_state *state, struct mm *mm,
					 unsigned long va, pte_t *ptep)
{
	pte_t old;

	if (!(state->flags & TTU_BATCH_FLUSH))
		return ptep_clear_flush_notify(mm, va, ptep);
	old = ptep_get_and_clear(mm, va, ptep);
	tlb_batch_add(mm, va);
	mmu_notifier_invalidate_page(mm, va);
	return old;
}

/*
 * Replace one mapping by the page's swap entry. Table lock held, bracket open.
 * The slot is counted before the entry can be seen, and the dirty bit is read
 * from what the exchange returned: until then the hardware may set it.
 */
static enum ttu_result unmap_replace(struct unmap_state *state, struct page *page,
				     struct vma *vma, unsigned long va, pte_t *ptep)
{
	swp_entry_t entry = page->swap;
	struct mm *mm = vma->mm;
	pte_t old;

	ASSERT_PAGE(page, page_is_anon(page) && page_test(page, PG_swapcache));
	if (swap_slot_dup(entry))
		return SWAP_FAIL;
	/* nothing below can fail */
	mm_note_hiwater(mm);
	gate_point("try_to_unmap.clear", page);
	old = unmap_clear(state, mm, va, ptep);
	if (pte_mapped_dirty(old))
		page_set(page, PG_dirty);
	set_pte_at(mm, va, ptep, pte_keep_marks(swp_entry_pte(entry), old));
	gate_point("try_to_unmap.entry_set", page);
	mm_counter_add(mm, MM_ANONPAGES, -1);
	mm_counter_add(mm, MM_SWAPENTS, 1);
	page_remove_rmap(page, vma);
	put_page(page);
	return SWAP_SUCCESS;
}

/* Drop one mapping of a file's page, which the file will find. As above otherwise. */
static enum ttu_result unmap_file(struct unmap_state *state, struct page *page,
				  struct vma *vma, unsigned long va, pte_t *ptep)
{
	pte_t old;

	mm_note_hiwater(vma->mm);
	gate_point("try_to_unmap.clear", page);
	old = unmap_clear(state, vma->mm, va, ptep);
	if (pte_mapped_dirty(old))
		set_page_dirty(page);
	if (unlikely(pte_uffd_wp(old)) && vma->flags & VM_UFFD_WP)
		set_pte_at(vma->mm, va, ptep, pte_make_wp_marker());
	mm_counter_add(vma->mm, MM_FILEPAGES, -1);
	page_remove_rmap(page, vma);
	put_page(page);
	return SWAP_SUCCESS;
}

/*
 * Drop one mapping of a page whose contents MADV_FREE gave up. If it was written
 * since, or somebody may be writing through a reference or where a driver has lent
 * it to, the advice is void: the entry comes back. Table lock held, bracket open.
 */
static enum ttu_result unmap_discard(struct unmap_state *state, struct page *page,
				     struct vma *vma, unsigned long va, pte_t *ptep)
{
	pte_t old;

	gate_point("try_to_unmap.clear", page);
	old = unmap_clear(state, vma->mm, va, ptep);
	/* References: of the mappings, and the caller's. */
	if (pte_mapped_dirty(old) || page_test(page, PG_dirty) || page_is_exported(page) ||
	    page_count(page) > page_mapcount(page) + 1) {
		page_set(page, PG_swapbacked);
		set_pte_at(vma->mm, va, ptep, old);
		return SWAP_FAIL;
	}
	mm_note_hiwater(vma->mm);
	mm_counter_add(vma->mm, MM_ANONPAGES, -1);
	page_remove_rmap(page, vma);
	put_page(page);
	atomic64_inc(&vmstat.pglazyfreed);
	return SWAP_SUCCESS;
}

static enum ttu_result unmap_entry(struct unmap_state *state, struct page *page,
				   struct vma *vma, unsigned long va, pte_t *ptep)
{
	if (!page_is_anon(page))
		return unmap_file(state, page, vma, va, ptep);
	if (page_is_lazyfree(page))
		return unmap_discard(state, page, vma, va, ptep);
	return unmap_replace(state, page, vma, va, ptep);
}

/*
 * One mapping, inside a bracket of its own: start may sleep, so the entry is
 * looked up after it.
 */
static bool try_to_unmap_one(struct page *page, struct vma *vma, unsigned long va, void *arg)
{
	struct unmap_state *state = arg;
	struct mmu_notifier_range range;
	enum ttu_result result = SWAP_SUCCESS;
	struct spinlock *ptl;
	pte_t *ptep;

	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, MMU_NOTIFIER_RANGE_BLOCKABLE |
				MMU_NOTIFIER_RANGE_SINGLE_PAGE, vma->mm, va, va + PAGE_SIZE);
	mmu_notifier_invalidate_range_start(&range);
	ptep = page_check_address(page, vma->mm, va, &ptl);
	if (ptep) {
		result = unmap_allowed(state, page, vma, va, ptep);
		if (result == SWAP_SUCCESS)
			result = unmap_entry(state, page, vma, va, ptep);
		pte_unmap_unlock(ptep, ptl);
	}
	mmu_notifier_invalidate_range_end(&range);
	gate_point("try_to_unmap.one", page);
	if (result != SWAP_SUCCESS)
		state->result = result;
	return result == SWAP_SUCCESS;
}

/* Entries anywhere: a few at a time. */
static void try_to_unmap_nonlinear(struct page *page, struct address_space *mapping, void *arg)
{
	struct unmap_state *state = arg;

	if (!nonlinear_unmap(page, mapping, state->flags))
		state->result = SWAP_MLOCK;
}

enum ttu_result try_to_unmap(struct page *page, unsigned int flags)
{
	struct unmap_state state = { .flags = flags, .result = SWAP_SUCCESS };
	struct rmap_walk_control rwc = {
		.one = try_to_unmap_one, .nonlinear = try_to_unmap_nonlinear, .arg = &state,
	};

	ASSERT_PAGE(page, page_test(page, PG_locked));
	rmap_walk(page, &rwc);
	mmu_rmap_notifier_invalidate_page(page);
	if (state.result == SWAP_SUCCESS && page_mapped(page))
		return SWAP_AGAIN;
	return state.result;
}

void rmap_init(void)
{
	anon_vma_cache = kmem_cache_create("anon_vma", sizeof(struct anon_vma), 0,
					   SLAB_TYPESAFE_BY_RCU | SLAB_PANIC, anon_vma_ctor);
	chain_cache = kmem_cache_create("anon_vma_chain", sizeof(struct anon_vma_chain), 0,
					SLAB_PANIC, NULL);
}
