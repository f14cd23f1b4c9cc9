/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/interval_tree.h - which of many intervals overlap a given one?
 *
 * Intervals are [start, last], both ends included, so that one may end at the
 * highest number. Equal intervals may be in the tree at once.
 *
 * Context of all functions: any; the owner's lock guards the tree.
 */
#ifndef KERNEL_LIB_INTERVAL_TREE_H
#define KERNEL_LIB_INTERVAL_TREE_H

#include "kernel/lib/rbtree.h"

struct interval_tree_node {
	struct rb_node rb;
	u64 start;		/* first number of the interval */
	u64 last;		/* last number, >= start */
	u64 subtree_last;	/* the largest `last` in the subtree below */
};

struct interval_tree_root {
	struct rb_root rb;
};

#define INTERVAL_TREE_ROOT (struct interval_tree_root){ { NULL } }

static inline bool interval_tree_empty(const struct interval_tree_root *root)
{
	return RB_EMPTY_ROOT(&root->rb);
}

/* Add @node, whose start and last are set and stay as they are. */
void interval_tree_insert(struct interval_tree_node *node,
			  struct interval_tree_root *root);

/* Take @node, which is in the tree, out of it. */
void interval_tree_remove(struct interval_tree_node *node,
			  struct interval_tree_root *root);

/*
 * Find the first node, by start, that overlaps [@start, @last], or the one that
 * follows @node among those. Cost: logarithmic in the size of the tree.
 * Return: the node, or NULL.
 */
struct interval_tree_node *
interval_tree_iter_first(const struct interval_tree_root *root,
			 u64 start, u64 last);
struct interval_tree_node *
interval_tree_iter_next(struct interval_tree_node *node, u64 start, u64 last);

#define interval_tree_for_each(node, root, start, last) \
	for (node = interval_tree_iter_first(root, start, last); node; \
	     node = interval_tree_iter_next(node, start, last))

/* Return: NULL if the tree is sound, else a sentence that says what is wrong. */
const char *interval_tree_validate(const struct interval_tree_root *root);

#endif
