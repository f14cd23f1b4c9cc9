/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/rbtree.c - balanced search trees whose links live in the objects
 *
 * Concept    Every node is red or black. Two rules keep the tree within twice
 *            its best depth: a red node has no red child, and every way from
 *            the root to an empty place passes the same number of black nodes.
 *            An insertion may break the first rule, an erasure the second; both
 *            are mended on the way up by recolouring and at most three turns:
 *
 *                    p                      x
 *                   / \    turn right at p / \
 *                  x   c   ------------>  a   p
 *                 / \      <------------     / \
 *                a   b     turn left at x   b   c
 *
 *            Left and right are mirror images; the functions take a side.
 *            A turn keeps the order of the keys and changes the children of two
 *            nodes only, so an augmented value is recomputed for these two.
 * Owns       Nothing: nodes belong to the objects, the root to its owner.
 * Locks      The owner's.
 * Invariants rb_validate() states them all.
 * Callers    VMA trees, interval_tree.c, timers, the scheduler's queues.
 * Next       kernel/lib/interval_tree.c
 */
#include "kernel/lib/rbtree.h"
#include "kernel/lib/panic.h"

#define RB_BLACK 1UL
#define RB_MAX_DEPTH 128	/* twice the depth of 2^63 nodes */

enum rb_side { RB_LEFT, RB_RIGHT };

static inline bool rb_is_black(const struct rb_node *node)
{
	return !node || (node->rb_parent_color & RB_BLACK);
}

static inline bool rb_is_red(const struct rb_node *node)
{
	return !rb_is_black(node);
}

static inline void rb_set_black(struct rb_node *node)
{
	node->rb_parent_color |= RB_BLACK;
}

static inline void rb_set_red(struct rb_node *node)
{
	node->rb_parent_color &= ~RB_BLACK;
}

static inline void rb_copy_color(struct rb_node *to, const struct rb_node *from)
{
	to->rb_parent_color = (to->rb_parent_color & ~RB_BLACK) |
			      (from->rb_parent_color & RB_BLACK);
}

static inline void rb_set_parent(struct rb_node *node, struct rb_node *parent)
{
	node->rb_parent_color = (unsigned long)parent |
				(node->rb_parent_color & RB_BLACK);
}

static inline struct rb_node **rb_child(struct rb_node *node, enum rb_side side)
{
	return side == RB_LEFT ? &node->rb_left : &node->rb_right;
}

static inline enum rb_side rb_other(enum rb_side side)
{
	return side == RB_LEFT ? RB_RIGHT : RB_LEFT;
}

/* Where the tree points to @node from: its parent's link or the root. */
static struct rb_node **rb_link_to(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *parent = rb_parent(node);

	if (!parent)
		return &root->rb_node;
	return parent->rb_left == node ? &parent->rb_left : &parent->rb_right;
}

/* Turn at @top towards @side: the child on the other side takes its place. */
static void rb_turn(struct rb_node *top, enum rb_side side,
		    struct rb_root *root, rb_update_fn update)
{
	struct rb_node *riser = *rb_child(top, rb_other(side));
	struct rb_node *middle = *rb_child(riser, side);

	WRITE_ONCE(*rb_link_to(top, root), riser);
	rb_set_parent(riser, rb_parent(top));
	WRITE_ONCE(*rb_child(riser, side), top);
	rb_set_parent(top, riser);
	WRITE_ONCE(*rb_child(top, rb_other(side)), middle);
	if (middle)
		rb_set_parent(middle, top);
	if (update) {
		update(top);
		update(riser);
	}
}

void rb_augment_propagate(struct rb_node *node, rb_update_fn update)
{
	while (node && update(node))
		node = rb_parent(node);
}

/*
 * @node is red and the only place where the first rule may be broken, by its
 * parent being red too. A red uncle: recolour and go on two levels up. A black
 * uncle: one or two turns end it.
 */
static void rb_insert_rebalance(struct rb_node *node, struct rb_root *root,
				rb_update_fn update)
{
	struct rb_node *parent, *grand, *uncle;
	enum rb_side side;

	while ((parent = rb_parent(node)) && rb_is_red(parent)) {
		grand = rb_parent(parent);	/* exists: the root is black */
		side = grand->rb_left == parent ? RB_LEFT : RB_RIGHT;
		uncle = *rb_child(grand, rb_other(side));
		if (rb_is_red(uncle)) {
			rb_set_black(parent);
			rb_set_black(uncle);
			rb_set_red(grand);
			node = grand;
			continue;
		}
		if (*rb_child(parent, rb_other(side)) == node) {
			rb_turn(parent, side, root, update);
			parent = node;
		}
		rb_set_black(parent);
		rb_set_red(grand);
		rb_turn(grand, rb_other(side), root, update);
		break;
	}
	rb_set_black(root->rb_node);
}

void rb_insert_augmented(struct rb_node *node, struct rb_root *root,
			 rb_update_fn update)
{
	if (update) {
		update(node);
		rb_augment_propagate(rb_parent(node), update);
	}
	rb_insert_rebalance(node, root, update);
}

void rb_insert_color(struct rb_node *node, struct rb_root *root)
{
	rb_insert_rebalance(node, root, NULL);
}

/*
 * The ways through @parent's @side are one black node short. A red sibling is
 * first turned up, so that the sibling is black; then either the sibling can
 * give a black node away (both its children black: recolour, the shortage moves
 * up), or a red nephew is turned in to make up for it.
 */
static void rb_erase_rebalance(struct rb_node *parent, enum rb_side side,
			       struct rb_root *root, rb_update_fn update)
{
	while (parent) {
		enum rb_side far = rb_other(side);
		struct rb_node *node = *rb_child(parent, side);
		struct rb_node *sibling;

		if (rb_is_red(node)) {
			rb_set_black(node);
			return;
		}
		sibling = *rb_child(parent, far);
		if (rb_is_red(sibling)) {
			rb_set_black(sibling);
			rb_set_red(parent);
			rb_turn(parent, side, root, update);
			sibling = *rb_child(parent, far);
		}
		if (rb_is_black(sibling->rb_left) &&
		    rb_is_black(sibling->rb_right)) {
			rb_set_red(sibling);
			node = parent;
			parent = rb_parent(node);
			if (!parent) {
				rb_set_black(node);
				return;
			}
			side = parent->rb_left == node ? RB_LEFT : RB_RIGHT;
			continue;
		}
		if (rb_is_black(*rb_child(sibling, far))) {
			rb_set_black(*rb_child(sibling, side));
			rb_set_red(sibling);
			rb_turn(sibling, far, root, update);
			sibling = *rb_child(parent, far);
		}
		rb_copy_color(sibling, parent);
		rb_set_black(parent);
		rb_set_black(*rb_child(sibling, far));
		rb_turn(parent, side, root, update);
		return;
	}
	if (root->rb_node)
		rb_set_black(root->rb_node);
}

/* Put @next, with its left and right set right by the caller, where @old was. */
static void rb_take_place(struct rb_node *old, struct rb_node *next,
			  struct rb_root *root)
{
	next->rb_parent_color = old->rb_parent_color;
	next->rb_left = old->rb_left;
	next->rb_right = old->rb_right;
	if (next->rb_left)
		rb_set_parent(next->rb_left, next);
	if (next->rb_right)
		rb_set_parent(next->rb_right, next);
	WRITE_ONCE(*rb_link_to(old, root), next);
}

/*
 * Unlink @node, which has at most one child: the child moves up. Return: whether
 * a black node is missing now below *@parent on *@side.
 */
static bool rb_splice_out(struct rb_node *node, struct rb_root *root,
			  struct rb_node **parent, enum rb_side *side)
{
	struct rb_node *child = node->rb_left ? node->rb_left : node->rb_right;
	bool short_of_black = rb_is_black(node);

	*parent = rb_parent(node);
	*side = *parent && (*parent)->rb_right == node ? RB_RIGHT : RB_LEFT;
	WRITE_ONCE(*rb_link_to(node, root), child);
	if (child)
		rb_set_parent(child, *parent);
	return short_of_black;
}

void rb_erase_augmented(struct rb_node *node, struct rb_root *root,
			rb_update_fn update)
{
	struct rb_node *parent, *next = node;
	enum rb_side side;
	bool short_of_black;

	/* with two children, the next in order leaves its place and takes ours */
	if (node->rb_left && node->rb_right)
		for (next = node->rb_right; next->rb_left;)
			next = next->rb_left;
	short_of_black = rb_splice_out(next, root, &parent, &side);
	if (next != node) {
		rb_take_place(node, next, root);
		if (parent == node)
			parent = next;
	}
	if (update) {
		for (struct rb_node *up = parent; up; up = rb_parent(up))
			update(up);
	}
	if (short_of_black)
		rb_erase_rebalance(parent, side, root, update);
}

void rb_erase(struct rb_node *node, struct rb_root *root)
{
	rb_erase_augmented(node, root, NULL);
}

void rb_replace_node(struct rb_node *old, struct rb_node *item,
		     struct rb_root *root)
{
	rb_take_place(old, item, root);
}

struct rb_node *rb_first(const struct rb_root *root)
{
	struct rb_node *node = root->rb_node;

	while (node && node->rb_left)
		node = node->rb_left;
	return node;
}

struct rb_node *rb_last(const struct rb_root *root)
{
	struct rb_node *node = root->rb_node;

	while (node && node->rb_right)
		node = node->rb_right;
	return node;
}

struct rb_node *rb_next(const struct rb_node *node)
{
	struct rb_node *parent;

	if (node->rb_right) {
		node = node->rb_right;
		while (node->rb_left)
			node = node->rb_left;
		return (struct rb_node *)node;
	}
	while ((parent = rb_parent(node)) && parent->rb_right == node)
		node = parent;
	return parent;
}

struct rb_node *rb_prev(const struct rb_node *node)
{
	struct rb_node *parent;

	if (node->rb_left) {
		node = node->rb_left;
		while (node->rb_right)
			node = node->rb_right;
		return (struct rb_node *)node;
	}
	while ((parent = rb_parent(node)) && parent->rb_left == node)
		node = parent;
	return parent;
}

static const char *rb_validate_links(const struct rb_node *node)
{
	if (node->rb_left && rb_parent(node->rb_left) != node)
		return "a left child does not point back to its parent";
	if (node->rb_right && rb_parent(node->rb_right) != node)
		return "a right child does not point back to its parent";
	if (rb_is_red(node) &&
	    (rb_is_red(node->rb_left) || rb_is_red(node->rb_right)))
		return "a red node has a red child";
	return NULL;
}

/* Black nodes from @node up to the root; -1 if the way does not end. */
static int rb_black_depth(const struct rb_node *node)
{
	int black = 0, depth = 0;

	for (; node; node = rb_parent(node)) {
		if (++depth > RB_MAX_DEPTH)
			return -1;
		black += rb_is_black(node);
	}
	return black;
}

const char *rb_validate(const struct rb_root *root,
			bool (*node_ok)(const struct rb_node *node))
{
	int black = -1;

	if (root->rb_node && rb_parent(root->rb_node))
		return "the root has a parent";
	if (rb_is_red(root->rb_node))
		return "the root is red";
	for (struct rb_node *n = rb_first(root); n; n = rb_next(n)) {
		const char *wrong = rb_validate_links(n);
		int depth = rb_black_depth(n);

		if (wrong)
			return wrong;
		if (depth < 0)
			return "the tree is deeper than its rules allow";
		if (!n->rb_left || !n->rb_right) {
			if (black < 0)
				black = depth;
			if (depth != black)
				return "two ways down pass different numbers of black nodes";
		}
		if (node_ok && !node_ok(n))
			return "a node is out of order or has a wrong augmented value";
	}
	return NULL;
}
