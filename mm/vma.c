/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/vma.c - the ranges of one address space, found by address, gap or neighbour
 *
 * Concept    An address space is a set of ranges (VMAs) that never overlap. They
 *            hang in a red-black tree ordered by address; each node also knows
 *            the hole in front of it and the largest such hole below it, so that
 *            "where would 40 pages fit?" descends once instead of walking:
 *
 *                           [ vma B ] gap_before 5, subtree_gap 9
 *                           /       \
 *              [ vma A ] gap 2     [ vma C ] gap 9
 *
 *            A change of part of a range first cuts it (vma_split), changes the
 *            piece, and then joins what has become equal (vma_merge); so the
 *            callers above never handle the cases one by one.
 * Owns       mm->vmas, map_count, total_vm, locked_vm, the gap fields.
 * Locks      mmap_lock (LOCK_MMAP): reading to look, writing to change. Moving a
 *            border also holds the locks of the object's reverse map (file and
 *            anon_vma root), whose walks compute addresses from start and pgoff.
 * Invariants Order, gaps, sums and augmented values     vma_validate()
 *            Neighbours that share an anon_vma have equal chains  vma_can_join()
 * Callers    mmap.c mprotect.c mremap.c madvise.c fork.c; fault.c only looks.
 * Next       mm/commit.c
 */
#include "mm/vma.h"

#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "mm/commit.h"
#include "mm/filemap.h"
#include "mm/mmap.h"
#include "mm/rmap.h"
#include "mm/slab.h"
#include "mm/userfaultfd.h"

static struct kmem_cache *vma_cache;

static struct vma *vma_of(const struct rb_node *node)
{
	return node ? container_of(node, struct vma, node) : NULL;
}

/* ---- looking ---- */

struct vma *find_vma(struct mm *mm, unsigned long va)
{
	struct rb_node *node = mm->vmas.rb_node;
	struct vma *best = NULL;

	while (node) {
		struct vma *vma = vma_of(node);

		if (vma->end > va) {
			best = vma;
			if (vma->start <= va)
				break;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return best;
}

struct vma *find_vma_intersection(struct mm *mm, unsigned long start, unsigned long end)
{
	struct vma *vma = find_vma(mm, start);

	return vma && vma->start < end ? vma : NULL;
}

struct vma *vma_next(struct vma *vma)
{
	return vma_of(rb_next(&vma->node));
}

struct vma *vma_prev(struct vma *vma)
{
	return vma_of(rb_prev(&vma->node));
}

/* ---- gaps ---- */

unsigned long vma_start_gap(const struct vma *vma)
{
	if (!(vma->flags & VM_GROWSDOWN))
		return vma->start;
	return vma->start > STACK_GUARD_GAP ? vma->start - STACK_GUARD_GAP : 0;
}

static unsigned long vma_subtree_gap(const struct rb_node *node)
{
	return node ? vma_of(node)->subtree_gap : 0;
}

static unsigned long vma_compute_subtree_gap(const struct vma *vma)
{
	unsigned long gap = vma->gap_before;

	gap = max(gap, vma_subtree_gap(vma->node.rb_left));
	return max(gap, vma_subtree_gap(vma->node.rb_right));
}

/* Bring one node's augmented value up to date; true if it changed. */
static bool vma_gap_recompute(struct rb_node *node)
{
	struct vma *vma = vma_of(node);
	unsigned long gap = vma_compute_subtree_gap(vma);

	if (vma->subtree_gap == gap)
		return false;
	vma->subtree_gap = gap;
	return true;
}

/* The hole between @vma and @prev, the VMA below it. */
static unsigned long vma_gap_of(const struct vma *vma, const struct vma *prev)
{
	unsigned long floor = prev ? prev->end : 0, top = vma_start_gap(vma);

	return top > floor ? top - floor : 0;
}

/* The hole between @vma and @prev may have changed: tell the tree. */
static void vma_gap_update(struct vma *vma, const struct vma *prev)
{
	unsigned long gap;

	if (!vma)
		return;
	gap = vma_gap_of(vma, prev);
	if (vma->gap_before == gap)
		return;
	vma->gap_before = gap;
	rb_augment_propagate(&vma->node, vma_gap_recompute);
}

struct gap_search {
	unsigned long len, low, high, found;
};

/* Does the hole [start, end) hold the range, inside the limits? */
static bool gap_fits(struct gap_search *s, unsigned long start, unsigned long end)
{
	start = max(start, s->low);
	end = min(end, s->high);
	if (end <= start || end - start < s->len)
		return false;
	s->found = end - s->len;
	return true;
}

/* Highest first; recursion is as deep as the tree, which is balanced. */
static bool gap_in_subtree(struct gap_search *s, const struct rb_node *node)
{
	const struct vma *vma;
	unsigned long start, end;

	if (vma_subtree_gap(node) < s->len)
		return false;
	vma = vma_of(node);
	end = vma_start_gap(vma);
	start = end - vma->gap_before;
	if (vma->end < s->high && gap_in_subtree(s, node->rb_right))
		return true;
	if (vma->gap_before && gap_fits(s, start, end))
		return true;
	return end > s->low && gap_in_subtree(s, node->rb_left);
}

int vma_find_gap(struct mm *mm, unsigned long len, unsigned long low, unsigned long high,
		 unsigned long *out)
{
	struct gap_search s = { .len = len, .low = low, .high = high };
	struct vma *last = vma_of(rb_last(&mm->vmas));

	assert_held(&mm->mmap_lock);
	ASSERT(len && is_aligned(len, PAGE_SIZE));
	if (!gap_fits(&s, last ? last->end : 0, MM_USER_TOP) &&
	    !gap_in_subtree(&s, mm->vmas.rb_node))
		return -ENOMEM;
	*out = s.found;
	return 0;
}

/* ---- life of one VMA ---- */

int vma_alloc(struct mm *mm, struct vma **out)
{
	struct vma *vma = kmem_cache_alloc(vma_cache, GFP_KERNEL | __GFP_ZERO);

	if (!vma)
		return -ENOMEM;
	vma->mm = mm;
	INIT_LIST_HEAD(&vma->anon_vma_chain);
	RB_CLEAR_NODE(&vma->shared.rb);
	INIT_LIST_HEAD(&vma->nonlinear);
	*out = vma;
	return 0;
}

int vma_dup(struct vma *vma, struct mm *mm, struct vma **out)
{
	struct vma *copy;
	int err = vma_alloc(mm, &copy);

	if (err)
		return err;
	copy->start = vma->start;
	copy->end = vma->end;
	copy->flags = vma->flags;
	copy->pgoff = vma->pgoff;
	copy->file = vma->file;
	copy->ops = vma->ops;
	copy->private = vma->private;
	copy->mapping = vma->mapping;
	copy->uffd = vma->uffd;
	if (copy->uffd)
		userfaultfd_get(copy->uffd);
	if (copy->file)
		mmap_file_hooks->get(copy->file);
	filemap_dup_writer(copy);
	*out = copy;
	return 0;
}

void vma_free(struct vma *vma)
{
	ASSERT_VMA(vma, list_empty(&vma->anon_vma_chain) && !vma->anon_vma);
	ASSERT_VMA(vma, !filemap_linked(vma));
	vma_leave_userfaultfd(vma);
	filemap_del_writer(vma);
	if (vma->file)
		mmap_file_hooks->put(vma->file);
	kmem_cache_free(vma_cache, vma);
}

/* ---- the tree ---- */

u64 max_map_count = MAX_MAP_COUNT;

static __always_inline void vma_account(struct vma *vma, s64 pages)
{
	if (pages < 0 && vma->mm->total_vm > vma->mm->hiwater_vm)
		vma->mm->hiwater_vm = vma->mm->total_vm;
	vma->mm->total_vm += pages;
	if (vma->flags & VM_LOCKED)
		vma->mm->locked_vm += pages;
	if (vma_flags_are_data(vma->flags))
		vma->mm->data_vm += pages;
	if (vma->flags & VM_ACCOUNT)
		vma->mm->commit_pocket -= pages;
}

static void vma_link(struct vma *vma)
{
	struct rb_node **link = &vma->mm->vmas.rb_node, *parent = NULL;
	struct vma *prev = NULL, *next = NULL;

	while (*link) {
		struct vma *other = vma_of(*link);

		ASSERT_VMA(vma, vma->end <= other->start || vma->start >= other->end);
		parent = *link;
		if (vma->start < other->start) {
			next = other;
			link = &parent->rb_left;
		} else {
			prev = other;
			link = &parent->rb_right;
		}
	}
	rb_link_node(&vma->node, parent, link);
	vma->gap_before = vma_gap_of(vma, prev);
	vma->subtree_gap = vma->gap_before;
	rb_insert_augmented(&vma->node, &vma->mm->vmas, vma_gap_recompute);
	vma_gap_update(next, vma);
}

void vma_insert(struct vma *vma)
{
	struct mm *mm = vma->mm;

	assert_held(&mm->mmap_lock);
	ASSERT_VMA(vma, vma->start < vma->end && vma->end <= MM_USER_TOP);
	ASSERT_VMA(vma, is_aligned(vma->start | vma->end, PAGE_SIZE));
	vma_link(vma);
	mm->map_count++;
	vma_account(vma, vma_pages(vma));
	filemap_link(vma);
}

void vma_erase(struct vma *vma)
{
	struct mm *mm = vma->mm;
	struct vma *prev = vma_prev(vma), *next = vma_next(vma);

	assert_held(&mm->mmap_lock);
	ASSERT_VMA(vma, mm->map_count > 0);
	rb_erase_augmented(&vma->node, &mm->vmas, vma_gap_recompute);
	vma_gap_update(next, prev);
	mm->map_count--;
	vma_account(vma, -(s64)vma_pages(vma));
}

void vma_resize(struct vma *vma, unsigned long start, unsigned long end)
{
	bool start_moves = start != vma->start, end_moves = end != vma->end;

	assert_held(&vma->mm->mmap_lock);
	ASSERT_VMA(vma, start < end && is_aligned(start | end, PAGE_SIZE));
	filemap_interval_remove(vma);
	anon_vma_interval_remove(vma);
	vma_account(vma, -(s64)vma_pages(vma));
	vma->pgoff += (s64)(start - vma->start) >> PAGE_SHIFT;
	vma->start = start;
	vma->end = end;
	vma_account(vma, vma_pages(vma));
	anon_vma_interval_insert(vma);
	filemap_interval_insert(vma);
	if (start_moves)
		vma_gap_update(vma, vma_prev(vma));
	if (end_moves)
		vma_gap_update(vma_next(vma), vma);
}

/* ---- cutting and joining ---- */

int vma_split(struct vma *vma, unsigned long va, struct vma **upper)
{
	struct vma *high;
	int err;

	assert_held(&vma->mm->mmap_lock);
	ASSERT_VMA(vma, va > vma->start && va < vma->end && is_aligned(va, PAGE_SIZE));
	err = vma_dup(vma, vma->mm, &high);
	if (err)
		return err;
	high->pgoff = vma_pgoff(vma, va);
	high->start = va;
	err = anon_vma_clone(high, vma);
	if (err) {
		vma_free(high);
		return err;
	}
	/* nothing below can fail; a reverse walk finds every page at every moment */
	filemap_link(high);
	vma_resize(vma, vma->start, va);
	vma_insert(high);
	if (high->ops && high->ops->open)
		high->ops->open(high);
	if (upper)
		*upper = high;
	return 0;
}

void vma_set_flags(struct vma *vma, unsigned long flags)
{
	assert_held(&vma->mm->mmap_lock);
	vma_account(vma, -(s64)vma_pages(vma));
	WRITE_ONCE(vma->flags, flags);	/* reverse walks look without mmap_lock */
	vma_account(vma, vma_pages(vma));
}

/* Cut at @va, unless it is an end of @vma already. */
static int vma_cut(struct vma *vma, unsigned long va, struct vma **upper)
{
	if (va == vma->start || va == vma->end)
		return 0;
	return vma->mm->map_count < READ_ONCE(max_map_count) ? vma_split(vma, va, upper) : -ENOMEM;
}

int vma_change_flags(struct vma *vma, unsigned long start, unsigned long end,
		     unsigned long flags, struct vma **out)
{
	int err = vma_cut(vma, start, &vma);

	if (!err)
		err = vma_cut(vma, end, NULL);
	if (err) {
		*out = vma_merge(vma);
		return err;
	}
	/* nothing below can fail */
	vma_set_flags(vma, flags);
	*out = vma;
	return 0;
}

/* Is it the same object, seen at continuing offsets? */
static bool vma_continues(const struct vma *lower, const struct vma *upper)
{
	return lower->end == upper->start && lower->file == upper->file &&
	       lower->ops == upper->ops && lower->private == upper->private &&
	       lower->mapping == upper->mapping && lower->uffd == upper->uffd &&
	       lower->pgoff + vma_pages(lower) == upper->pgoff;
}

/*
 * Two VMAs with different anon_vmas stay apart: a page finds its PTEs through
 * one of them only. Equal ones have equal chains, for both came from one VMA
 * (split, copy) or from a neighbour whose chain had nothing else.
 */
static bool vma_can_join(const struct vma *lower, const struct vma *upper)
{
	if (!vma_continues(lower, upper) || (lower->flags ^ upper->flags) & ~(u64)VM_SOFTDIRTY)
		return false;
	if (lower->flags & VM_PFNMAP || (lower->ops && lower->ops->close))
		return false;
	if (lower->anon_vma && upper->anon_vma && lower->anon_vma != upper->anon_vma)
		return false;
	return true;
}

/* One of the two grows over both; the one that has an anon_vma, to allocate nothing. */
static struct vma *vma_join(struct vma *lower, struct vma *upper)
{
	unsigned long start = lower->start, end = upper->end;
	struct vma *stays = lower, *goes = upper;

	if (!lower->anon_vma && upper->anon_vma) {
		stays = upper;
		goes = lower;
	}
	vma_erase(goes);
	vma_resize(stays, start, end);
	WRITE_ONCE(stays->flags, stays->flags | (goes->flags & VM_SOFTDIRTY));
	/* Only now: a reverse walk must find every page at every moment. */
	unlink_anon_vmas(goes);
	filemap_unlink(goes);
	vma_free(goes);
	return stays;
}

struct vma *vma_merge(struct vma *vma)
{
	struct vma *prev = vma_prev(vma), *next;

	assert_held(&vma->mm->mmap_lock);
	if (prev && vma_can_join(prev, vma))
		vma = vma_join(prev, vma);
	next = vma_next(vma);
	if (next && vma_can_join(vma, next))
		vma = vma_join(vma, next);
	return vma;
}

/*
 * The neighbour's anon_vma serves if the two could be one VMA after another
 * mprotect. Its chain must have nothing else, or the chains would differ.
 */
static struct anon_vma *vma_usable_anon_vma(const struct vma *lower, const struct vma *upper,
					    const struct vma *owner)
{
	struct anon_vma *anon_vma = smp_load_acquire(&owner->anon_vma);

	if (!anon_vma || !vma_continues(lower, upper) ||
	    (lower->flags ^ upper->flags) & ~(u64)(VM_ACCESS_FLAGS | VM_SOFTDIRTY))
		return NULL;
	return list_is_singular(&owner->anon_vma_chain) ? anon_vma : NULL;
}

struct anon_vma *vma_mergeable_anon_vma(struct vma *vma)
{
	struct vma *prev = vma_prev(vma), *next = vma_next(vma);
	struct anon_vma *found = NULL;

	if (next)
		found = vma_usable_anon_vma(vma, next, next);
	if (!found && prev)
		found = vma_usable_anon_vma(prev, vma, prev);
	return found;
}

/* ---- truth ---- */

void vma_dump(const struct vma *vma, const char *why)
{
	pr_err("vma %p (%s): %lx-%lx flags %lx pgoff %llx mm %llu file %p ops %p anon_vma %p\n",
	       vma, why, vma->start, vma->end, vma->flags, (unsigned long long)vma->pgoff,
	       vma->mm ? (unsigned long long)vma->mm->id : 0, vma->file, vma->ops,
	       vma->anon_vma);
}

static bool vma_sound(struct vma *vma, const struct vma *prev)
{
	const char *wrong = NULL;

	if (vma->start >= vma->end || !is_aligned(vma->start | vma->end, PAGE_SIZE))
		wrong = "range";
	else if (prev && prev->end > vma->start)
		wrong = "order";
	else if (vma->gap_before != vma_gap_of(vma, prev))
		wrong = "gap";
	else if (vma->subtree_gap != vma_compute_subtree_gap(vma))
		wrong = "subtree gap";
	else if (vma->anon_vma && list_empty(&vma->anon_vma_chain))
		wrong = "anon_vma without chain";
	else if (!vma->uffd != !(vma->flags & VM_UFFD_MASK))
		wrong = "userfaultfd";
	if (wrong)
		vma_dump(vma, wrong);
	return !wrong;
}

bool vma_validate(struct mm *mm)
{
	struct vma *prev = NULL, *vma;
	u64 pages = 0, locked = 0, data = 0;
	unsigned int count = 0;
	bool sound = true;

	assert_held(&mm->mmap_lock);
	for (vma = vma_of(rb_first(&mm->vmas)); vma; prev = vma, vma = vma_next(vma)) {
		sound &= vma_sound(vma, prev);
		count++;
		pages += vma_pages(vma);
		if (vma->flags & VM_LOCKED)
			locked += vma_pages(vma);
		if (vma_flags_are_data(vma->flags))
			data += vma_pages(vma);
	}
	if (count != mm->map_count || pages != mm->total_vm || locked != mm->locked_vm ||
	    data != mm->data_vm) {
		pr_err("mm %llu: %u VMAs of %llu pages (%llu locked, %llu data), counted %u, %llu, %llu, %llu\n",
		       (unsigned long long)mm->id, mm->map_count,
		       (unsigned long long)mm->total_vm, (unsigned long long)mm->locked_vm,
		       (unsigned long long)mm->data_vm, count, (unsigned long long)pages,
		       (unsigned long long)locked, (unsigned long long)data);
		sound = false;
	}
	return sound;
}

void vma_init(void)
{
	vma_cache = kmem_cache_create("vma", sizeof(struct vma), 0, 0, NULL);
	ASSERT(vma_cache);
}
