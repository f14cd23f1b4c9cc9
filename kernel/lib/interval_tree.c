/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/interval_tree.c - which of many intervals overlap a given one?
 *
 * Concept    A search tree by start, in which each node also knows the largest
 *            last of its subtree. A subtree whose largest last lies before the
 *            query has no overlap, and neither has anything to the right of a
 *            node that starts behind the query; so a look-up descends straight
 *            to the first overlap, and the next one is found from there.
 * Owns       Nothing.
 * Locks      The owner's.
 * Invariants Nodes ascend by start; subtree_last is the maximum of last over
 *            the subtree                             interval_tree_validate()
 * Callers    rmap (which VMAs map this page of a file or anon_vma), interval
 *            notifiers, VMA look-ups by range.
 * Next       kernel/lib/radix_map.c
 */
#include "kernel/lib/interval_tree.h"
#include "kernel/lib/panic.h"

static struct interval_tree_node *interval_of(const struct rb_node *rb)
{
	return rb_entry_safe((struct rb_node *)rb, struct interval_tree_node, rb);
}

static u64 interval_subtree_last(const struct rb_node *rb)
{
	const struct interval_tree_node *node = interval_of(rb);
	u64 last = node->last;

	if (rb->rb_left)
		last = max(last, interval_of(rb->rb_left)->subtree_last);
	if (rb->rb_right)
		last = max(last, interval_of(rb->rb_right)->subtree_last);
	return last;
}

static bool interval_update(struct rb_node *rb)
{
	struct interval_tree_node *node = interval_of(rb);
	u64 last = interval_subtree_last(rb);

	if (node->subtree_last == last)
		return false;
	node->subtree_last = last;
	return true;
}

void interval_tree_insert(struct interval_tree_node *node,
			  struct interval_tree_root *root)
{
	struct rb_node **link = &root->rb.rb_node, *parent = NULL;

	ASSERT(node->start <= node->last);
	while (*link) {
		parent = *link;
		if (node->start < interval_of(parent)->start)
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(&node->rb, parent, link);
	rb_insert_augmented(&node->rb, &root->rb, interval_update);
}

void interval_tree_remove(struct interval_tree_node *node,
			  struct interval_tree_root *root)
{
	rb_erase_augmented(&node->rb, &root->rb, interval_update);
	RB_CLEAR_NODE(&node->rb);
}

static bool interval_reaches(const struct rb_node *rb, u64 start)
{
	return rb && interval_of(rb)->subtree_last >= start;
}

/*
 * Find the first overlap in the subtree at @node, which reaches @start. If the
 * left subtree reaches it too, the first overlap is there or nowhere: what
 * reaches there starts no later than anything on the right.
 */
static struct interval_tree_node *
interval_descend(struct interval_tree_node *node, u64 start, u64 last)
{
	for (;;) {
		if (interval_reaches(node->rb.rb_left, start)) {
			node = interval_of(node->rb.rb_left);
			continue;
		}
		if (node->start > last)
			return NULL;
		if (node->last >= start)
			return node;
		if (!interval_reaches(node->rb.rb_right, start))
			return NULL;
		node = interval_of(node->rb.rb_right);
	}
}

struct interval_tree_node *
interval_tree_iter_first(const struct interval_tree_root *root,
			 u64 start, u64 last)
{
	if (!interval_reaches(root->rb.rb_node, start))
		return NULL;
	return interval_descend(interval_of(root->rb.rb_node), start, last);
}

struct interval_tree_node *
interval_tree_iter_next(struct interval_tree_node *node, u64 start, u64 last)
{
	struct rb_node *rb = &node->rb, *from;

	for (;;) {
		/* all before rb is done: what follows is on its right, then up */
		if (interval_reaches(rb->rb_right, start))
			return interval_descend(interval_of(rb->rb_right),
						start, last);
		do {
			from = rb;
			rb = rb_parent(rb);
			if (!rb)
				return NULL;
		} while (rb->rb_right == from);
		node = interval_of(rb);
		if (node->start > last)
			return NULL;
		if (node->last >= start)
			return node;
	}
}

static bool interval_node_ok(const struct rb_node *rb)
{
	const struct interval_tree_node *node = interval_of(rb);
	const struct interval_tree_node *prev = interval_of(rb_prev(rb));

	return node->start <= node->last &&
	       (!prev || prev->start <= node->start) &&
	       node->subtree_last == interval_subtree_last(rb);
}

const char *interval_tree_validate(const struct interval_tree_root *root)
{
	return rb_validate(&root->rb, interval_node_ok);
}
