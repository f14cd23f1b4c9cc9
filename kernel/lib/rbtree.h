/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/rbtree.h - balanced search trees whose links live in the objects
 *
 * The user writes the search, the tree does the balancing:
 *
 *	struct rb_node **link = &root->rb_node, *parent = NULL;
 *
 *	while (*link) {
 *		parent = *link;
 *		if (key < key_of(parent))
 *			link = &parent->rb_left;
 *		else
 *			link = &parent->rb_right;
 *	}
 *	rb_link_node(&item->node, parent, link);
 *	rb_insert_color(&item->node, root);
 *
 * An augmented tree keeps in each node a value computed from the node and its
 * two children (the largest gap, the last end ...). Its user gives an update
 * function, and the tree calls it wherever a node's children have changed.
 *
 * Context of all functions: any; the owner's lock guards the tree.
 */
#ifndef KERNEL_LIB_RBTREE_H
#define KERNEL_LIB_RBTREE_H

#include "include/types.h"

struct rb_node {
	unsigned long rb_parent_color;	/* parent's address; bit 0 set: black */
	struct rb_node *rb_right;
	struct rb_node *rb_left;
} __aligned(8);

struct rb_root {
	struct rb_node *rb_node;
};

#define RB_ROOT (struct rb_root){ NULL }
#define RB_EMPTY_ROOT(root) (READ_ONCE((root)->rb_node) == NULL)

/* A node that is in no tree points to itself. */
#define RB_EMPTY_NODE(node) \
	((node)->rb_parent_color == (unsigned long)(node))
#define RB_CLEAR_NODE(node) \
	((node)->rb_parent_color = (unsigned long)(node))

#define rb_entry(ptr, type, member) container_of(ptr, type, member)
#define rb_entry_safe(ptr, type, member) \
	({ __typeof__(ptr) _rbe = (ptr); \
	   _rbe ? rb_entry(_rbe, type, member) : NULL; })

/*
 * Recompute @node's own augmented value from @node and its direct children.
 * Return: whether the value changed (the way up may stop where it did not).
 */
typedef bool (*rb_update_fn)(struct rb_node *node);

/* Put @node at *@link, the empty place below @parent that a search found. */
static inline void rb_link_node(struct rb_node *node, struct rb_node *parent,
				struct rb_node **link)
{
	node->rb_parent_color = (unsigned long)parent;
	node->rb_left = node->rb_right = NULL;
	*link = node;
}

/* Rebalance after rb_link_node(). */
void rb_insert_color(struct rb_node *node, struct rb_root *root);

/* The same for an augmented tree; also brings the values up to date. */
void rb_insert_augmented(struct rb_node *node, struct rb_root *root,
			 rb_update_fn update);

/* Take @node out of the tree. Its own links are undefined afterwards. */
void rb_erase(struct rb_node *node, struct rb_root *root);
void rb_erase_augmented(struct rb_node *node, struct rb_root *root,
			rb_update_fn update);

/* Bring the values up to date from @node to the root: its own input changed. */
void rb_augment_propagate(struct rb_node *node, rb_update_fn update);

/* Put @item in the place of @old; both have the same key and value. */
void rb_replace_node(struct rb_node *old, struct rb_node *item,
		     struct rb_root *root);

/* In order of the keys; NULL at the end. */
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *node);
struct rb_node *rb_prev(const struct rb_node *node);

static inline struct rb_node *rb_parent(const struct rb_node *node)
{
	return (struct rb_node *)(node->rb_parent_color & ~3UL);
}

/* The body may erase and free @pos. */
#define rb_for_each_entry_safe(pos, n, root, member) \
	for (pos = rb_entry_safe(rb_first(root), __typeof__(*pos), member); \
	     pos && ({ n = rb_entry_safe(rb_next(&pos->member), \
					 __typeof__(*pos), member); true; }); \
	     pos = n)

#define rb_for_each_entry(pos, root, member) \
	for (pos = rb_entry_safe(rb_first(root), __typeof__(*pos), member); \
	     pos; \
	     pos = rb_entry_safe(rb_next(&pos->member), \
				 __typeof__(*pos), member))

/*
 * Walk the whole tree and check links, colours and depth; @node_ok (may be NULL)
 * is asked about each node in order, to check its key against rb_prev() and its
 * augmented value against its children.
 * Return: NULL if all is well, else a sentence that says what is wrong.
 */
const char *rb_validate(const struct rb_root *root,
			bool (*node_ok)(const struct rb_node *node));

#endif
