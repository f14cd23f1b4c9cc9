/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/kernel/test_rbtree.c - kernel/lib/rbtree.c inside the kernel */
#include "kernel/lib/rand.h"
#include "kernel/lib/rbtree.h"
#include "kernel/test/ktest.h"

#define NR_ITEMS 64

struct item {
	struct rb_node node;
	u64 key;
	u64 size;	/* augmented: nodes in the subtree */
	bool in;
};

static struct item items[NR_ITEMS];

static struct item *item_of(const struct rb_node *node)
{
	return rb_entry((struct rb_node *)node, struct item, node);
}

static u64 size_of(const struct rb_node *node)
{
	return node ? item_of(node)->size : 0;
}

static bool update(struct rb_node *node)
{
	u64 size = 1 + size_of(node->rb_left) + size_of(node->rb_right);
	bool changed = item_of(node)->size != size;

	item_of(node)->size = size;
	return changed;
}

static bool node_ok(const struct rb_node *node)
{
	const struct rb_node *prev = rb_prev(node);

	return (!prev || item_of(prev)->key <= item_of(node)->key) &&
	       item_of(node)->size ==
	       1 + size_of(node->rb_left) + size_of(node->rb_right);
}

static void insert(struct rb_root *root, struct item *it)
{
	struct rb_node **link = &root->rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = it->key < item_of(parent)->key ? &parent->rb_left
						      : &parent->rb_right;
	}
	it->size = 0;
	rb_link_node(&it->node, parent, link);
	rb_insert_augmented(&it->node, root, update);
}

KTEST_QUICK(rbtree, random_tree_stays_sound)
{
	struct rb_root root = RB_ROOT;
	struct rand_state r;
	u64 in = 0;

	rand_seed(&r, 1);
	for (int i = 0; i < NR_ITEMS; i++)
		items[i].in = false;
	for (int op = 0; op < 1000; op++) {
		struct item *it = &items[rand_below(&r, NR_ITEMS)];

		if (it->in) {
			rb_erase_augmented(&it->node, &root, update);
			in--;
		} else {
			it->key = rand_below(&r, 50);
			insert(&root, it);
			in++;
		}
		it->in = !it->in;
		KT_VALID(rb_validate(&root, node_ok));
		KT_EQ(size_of(root.rb_node), in);
	}
}

KTEST_QUICK(rbtree, validator_finds_a_wrong_colour)
{
	struct rb_root root = RB_ROOT;

	for (int i = 0; i < NR_ITEMS; i++) {
		items[i].key = i;
		insert(&root, &items[i]);
	}
	rb_last(&root)->rb_parent_color ^= 1;
	KT_TRUE(rb_validate(&root, NULL));
	rb_last(&root)->rb_parent_color ^= 1;
	KT_VALID(rb_validate(&root, node_ok));
}
