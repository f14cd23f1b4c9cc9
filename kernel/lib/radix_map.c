/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/radix_map.c - a sparse map from u64 to pointers, with marks
 *
 * Concept    A tree of 64-way nodes, like a page table: each node consumes six
 *            bits of the index. The tree is only as high as the largest index
 *            needs; nodes that become empty are freed at once, and the root
 *            gives way to its slot 0 when nothing else is in it.
 *
 *                index = ... | 6 bits | 6 bits |
 *                            root     leaf -> item
 *                            shift 6  shift 0
 *
 *            A mark bit in an inner node says that some entry below has the
 *            mark, so a search for marked entries skips the rest.
 *
 *            A reader without the lock loads the root once and goes down. What
 *            it needs is in the nodes themselves (their shift), never in the
 *            map, so it always has a consistent tree before its eyes, old or
 *            new. Nodes are filled before a release store publishes them, and a
 *            node taken out keeps its slots until its grace period is over.
 * Owns       The nodes.
 * Locks      The owner's; loads also under RCU.
 * Invariants count, marks, shift and parent of every node; no empty node; no
 *            root with only slot 0 except a leaf         radix_map_validate()
 * Callers    The page cache and the swap cache.
 * Next       kernel/lib/bootopt.c
 */
#include "kernel/lib/radix_map.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"

#define RADIX_MASK (RADIX_MAP_SLOTS - 1)

static_assert(RADIX_MAP_SLOTS == 64, "a mark mask is one u64");

/* Tell whether @index lies in the subtree that a node with @shift can hold. */
static bool radix_fits(unsigned int shift, u64 index)
{
	return shift + RADIX_MAP_BITS >= 64 ||
	       index >> (shift + RADIX_MAP_BITS) == 0;
}

static unsigned int radix_offset(const struct radix_node *node, u64 index)
{
	return (index >> node->shift) & RADIX_MASK;
}

static void *radix_slot(const struct radix_node *node, unsigned int offset)
{
	return READ_ONCE(node->slots[offset]);
}

static void radix_publish(struct radix_node *node, unsigned int offset, void *p)
{
	__atomic_store_n(&node->slots[offset], p, __ATOMIC_RELEASE);
}

/* Go down to the leaf for @index; NULL if there is none. */
static struct radix_node *radix_leaf(const struct radix_map *map, u64 index)
{
	struct radix_node *node = READ_ONCE(map->root);

	if (!node || !radix_fits(node->shift, index))
		return NULL;
	while (node && node->shift)
		node = radix_slot(node, radix_offset(node, index));
	return node;
}

void *radix_map_load(const struct radix_map *map, u64 index)
{
	const struct radix_node *leaf = radix_leaf(map, index);

	return leaf ? radix_slot(leaf, index & RADIX_MASK) : NULL;
}

static struct radix_node *radix_alloc(struct radix_map *map, unsigned int shift,
				      struct radix_node *parent,
				      unsigned int offset)
{
	struct radix_node *node = map->ops->alloc();

	if (!node)
		return NULL;
	memset(node, 0, sizeof(*node));
	node->shift = (u8)shift;
	node->parent = parent;
	node->offset = (u8)offset;
	return node;
}

static struct radix_node **radix_link_to(struct radix_map *map,
					 struct radix_node *node)
{
	if (!node->parent)
		return &map->root;
	return (struct radix_node **)&node->parent->slots[node->offset];
}

/* Free empty nodes from @node upwards. */
static void radix_prune(struct radix_map *map, struct radix_node *node)
{
	while (node && node->count == 0) {
		struct radix_node *parent = node->parent;

		WRITE_ONCE(*radix_link_to(map, node), NULL);
		if (parent)
			parent->count--;
		map->ops->free(node);
		node = parent;
	}
}

/* Let the root give way to its slot 0 while nothing else is in it. */
static void radix_shrink(struct radix_map *map)
{
	struct radix_node *root;

	while ((root = map->root) && root->shift && root->count == 1 &&
	       root->slots[0]) {
		struct radix_node *child = root->slots[0];

		child->parent = NULL;
		__atomic_store_n(&map->root, child, __ATOMIC_RELEASE);
		map->ops->free(root);	/* readers in it still find the child */
	}
}

/* Put nodes above the root until @index fits. */
static int radix_grow(struct radix_map *map, u64 index)
{
	while (!radix_fits(map->root->shift, index)) {
		struct radix_node *old = map->root;
		struct radix_node *node = radix_alloc(map, old->shift +
						      RADIX_MAP_BITS, NULL, 0);

		if (!node)
			return -ENOMEM;
		node->slots[0] = old;
		node->count = 1;
		for (int m = 0; m < NR_RADIX_MARKS; m++)
			node->marks[m] = old->marks[m] ? 1 : 0;
		old->parent = node;
		__atomic_store_n(&map->root, node, __ATOMIC_RELEASE);
	}
	return 0;
}

/* The shift of the smallest root that holds @index. */
static unsigned int radix_root_shift(u64 index)
{
	unsigned int shift = 0;

	while (!radix_fits(shift, index))
		shift += RADIX_MAP_BITS;
	return shift;
}

/* Make the way to the leaf for @index; *@last is how far it got. */
static int radix_extend(struct radix_map *map, u64 index,
			struct radix_node **last)
{
	struct radix_node *node = map->root, *child;

	for (*last = node; node->shift; *last = node = child) {
		unsigned int offset = radix_offset(node, index);

		child = node->slots[offset];
		if (child)
			continue;
		child = radix_alloc(map, node->shift - RADIX_MAP_BITS, node,
				    offset);
		if (!child)
			return -ENOMEM;
		radix_publish(node, offset, child);
		node->count++;
	}
	return 0;
}

int radix_map_store(struct radix_map *map, u64 index, void *item)
{
	struct radix_node *node;
	int err;

	ASSERT(item);
	if (!map->root) {
		node = radix_alloc(map, radix_root_shift(index), NULL, 0);
		if (!node)
			return -ENOMEM;
		__atomic_store_n(&map->root, node, __ATOMIC_RELEASE);
	}
	node = map->root;
	err = radix_grow(map, index);
	if (!err)
		err = radix_extend(map, index, &node);
	if (err) {
		radix_prune(map, node);
		radix_shrink(map);
		return err;
	}
	if (!node->slots[index & RADIX_MASK])
		node->count++;
	radix_publish(node, index & RADIX_MASK, item);
	return 0;
}

void *radix_map_erase(struct radix_map *map, u64 index)
{
	struct radix_node *leaf = radix_leaf(map, index);
	unsigned int offset = index & RADIX_MASK;
	void *item;

	if (!leaf || !leaf->slots[offset])
		return NULL;
	item = leaf->slots[offset];
	for (int m = 0; m < NR_RADIX_MARKS; m++)
		radix_map_clear_mark(map, index, (enum radix_mark)m);
	WRITE_ONCE(leaf->slots[offset], NULL);
	leaf->count--;
	radix_prune(map, leaf);
	radix_shrink(map);
	return item;
}

/* The first slot of @node at or after @offset in use (or marked); 64 if none. */
static unsigned int radix_scan(const struct radix_node *node,
			       unsigned int offset, int mark)
{
	for (; offset < RADIX_MAP_SLOTS; offset++)
		if (mark < 0 ? node->slots[offset] != NULL
			     : (node->marks[mark] >> offset & 1))
			break;
	return offset;
}

/* The index of slot @offset of @leaf, put together from the offsets above it. */
static u64 radix_index(const struct radix_node *leaf, unsigned int offset)
{
	u64 index = offset;

	for (; leaf->parent; leaf = leaf->parent)
		index |= (u64)leaf->offset << leaf->parent->shift;
	return index;
}

/*
 * Find the first entry at or after *@index: down along the index; where a node
 * has nothing more to offer, up and on with the parent's next slot. Once off the
 * index's own path, the first entry of each node will do.
 */
static void *radix_search(const struct radix_map *map, u64 *index, int mark)
{
	const struct radix_node *node = map->root;
	bool on_path = true;
	unsigned int from, offset;

	if (!node || !radix_fits(node->shift, *index))
		return NULL;
	from = radix_offset(node, *index);
	for (;;) {
		offset = radix_scan(node, from, mark);
		if (offset == RADIX_MAP_SLOTS) {
			if (!node->parent)
				return NULL;
			from = node->offset + 1;
			node = node->parent;
			on_path = false;
			continue;
		}
		if (node->shift == 0)
			break;
		on_path = on_path && offset == from;
		node = node->slots[offset];
		from = on_path ? radix_offset(node, *index) : 0;
	}
	*index = radix_index(node, offset);
	return node->slots[offset];
}

void *radix_map_next(const struct radix_map *map, u64 *index)
{
	return radix_search(map, index, -1);
}

void *radix_map_next_marked(const struct radix_map *map, u64 *index,
			    enum radix_mark mark)
{
	return radix_search(map, index, (int)mark);
}

void radix_map_set_mark(struct radix_map *map, u64 index, enum radix_mark mark)
{
	struct radix_node *node = radix_leaf(map, index);

	ASSERT(node && node->slots[index & RADIX_MASK]);
	for (; node; node = node->parent)
		node->marks[mark] |= 1UL << radix_offset(node, index);
}

void radix_map_clear_mark(struct radix_map *map, u64 index,
			  enum radix_mark mark)
{
	struct radix_node *node = radix_leaf(map, index);

	ASSERT(node && node->slots[index & RADIX_MASK]);
	for (; node; node = node->parent) {
		node->marks[mark] &= ~(1UL << radix_offset(node, index));
		if (node->marks[mark])
			break;
	}
}

bool radix_map_get_mark(const struct radix_map *map, u64 index,
			enum radix_mark mark)
{
	const struct radix_node *leaf = radix_leaf(map, index);

	return leaf && (leaf->marks[mark] >> (index & RADIX_MASK) & 1);
}

static void radix_destroy_below(struct radix_map *map, struct radix_node *node)
{
	if (node->shift)
		for (unsigned int i = 0; i < RADIX_MAP_SLOTS; i++)
			if (node->slots[i])
				radix_destroy_below(map, node->slots[i]);
	map->ops->free(node);
}

void radix_map_destroy(struct radix_map *map)
{
	struct radix_node *root = map->root;

	WRITE_ONCE(map->root, NULL);
	if (root)
		radix_destroy_below(map, root);
}

static const char *radix_validate_child(const struct radix_node *node,
					unsigned int i);

static const char *radix_validate_node(const struct radix_node *node)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < RADIX_MAP_SLOTS; i++) {
		const char *wrong;

		for (int m = 0; m < NR_RADIX_MARKS; m++)
			if (!node->slots[i] && (node->marks[m] >> i & 1))
				return "an empty slot has a mark";
		if (!node->slots[i])
			continue;
		count++;
		wrong = node->shift ? radix_validate_child(node, i) : NULL;
		if (wrong)
			return wrong;
	}
	if (count == 0)
		return "a node is empty";
	return count == node->count ? NULL : "a node has a wrong count";
}

static const char *radix_validate_child(const struct radix_node *node,
					unsigned int i)
{
	const struct radix_node *child = node->slots[i];

	if (child->parent != node || child->offset != i)
		return "a node does not point back to its parent's slot";
	if (child->shift + RADIX_MAP_BITS != node->shift)
		return "a node has a wrong shift";
	for (int m = 0; m < NR_RADIX_MARKS; m++)
		if ((node->marks[m] >> i & 1) != (child->marks[m] != 0))
			return "a mark above does not tell what is below";
	return radix_validate_node(child);
}

const char *radix_map_validate(const struct radix_map *map)
{
	const struct radix_node *root = map->root;

	if (!root)
		return NULL;
	if (root->parent)
		return "the root has a parent";
	if (root->shift && root->count == 1 && root->slots[0])
		return "the root is higher than it needs to be";
	return radix_validate_node(root);
}
