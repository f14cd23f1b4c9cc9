/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/host/test_rbtree.c - random trees against what must hold of them */
/* Links: kernel/lib/rbtree.c tests/host/host.c */
#include "tests/host/host.h"
#include "kernel/lib/rand.h"
#include "kernel/lib/rbtree.h"

#define NR_ITEMS 512
#define NR_OPS 200000

/* Augmented with the sum of the keys of the subtree: any slip shows. */
struct item {
	struct rb_node node;
	u64 key;
	u64 sum;
	bool in;
};

static struct item items[NR_ITEMS];

static struct item *item_of(const struct rb_node *node)
{
	return rb_entry((struct rb_node *)node, struct item, node);
}

static u64 sum_below(const struct rb_node *node)
{
	u64 sum = item_of(node)->key;

	if (node->rb_left)
		sum += item_of(node->rb_left)->sum;
	if (node->rb_right)
		sum += item_of(node->rb_right)->sum;
	return sum;
}

static bool update(struct rb_node *node)
{
	u64 old = item_of(node)->sum;

	item_of(node)->sum = sum_below(node);
	return item_of(node)->sum != old;
}

static bool in_order(const struct rb_node *node)
{
	const struct rb_node *prev = rb_prev(node);

	return !prev || item_of(prev)->key <= item_of(node)->key;
}

static bool in_order_and_summed(const struct rb_node *node)
{
	return in_order(node) && item_of(node)->sum == sum_below(node);
}

static void insert(struct rb_root *root, struct item *it, rb_update_fn fn)
{
	struct rb_node **link = &root->rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = it->key < item_of(parent)->key ? &parent->rb_left
						      : &parent->rb_right;
	}
	rb_link_node(&it->node, parent, link);
	if (fn)
		rb_insert_augmented(&it->node, root, fn);
	else
		rb_insert_color(&it->node, root);
	it->in = true;
}

static void fill(struct rb_root *root, int n)
{
	memset(items, 0, sizeof(items));
	for (int i = 0; i < n; i++) {
		items[i].key = (u64)i * 10;
		insert(root, &items[i], update);
	}
}

/* The tree holds exactly the items that are in, whichever way one walks. */
static void both_directions_agree(struct rb_root *root)
{
	int want = 0, n = 0;

	for (int i = 0; i < NR_ITEMS; i++)
		want += items[i].in;
	for (struct rb_node *node = rb_first(root); node; node = rb_next(node)) {
		HT_TRUE(item_of(node)->in);
		n++;
	}
	HT_EQ(n, want);
	for (struct rb_node *node = rb_last(root); node; node = rb_prev(node))
		n--;
	HT_EQ(n, 0);
}

static void churn(rb_update_fn fn, bool (*node_ok)(const struct rb_node *))
{
	struct rb_root root = RB_ROOT;
	struct rand_state r;
	u64 keys = fn ? 1000 : ~0UL;	/* few keys: many equal ones */

	rand_seed(&r, 2);
	memset(items, 0, sizeof(items));
	for (int op = 0; op < NR_OPS; op++) {
		/* the tree grows and shrinks in turns */
		struct item *it = &items[rand_below(&r, op / 5000 % 2 ? 32 : NR_ITEMS)];

		if (it->in) {
			if (fn)
				rb_erase_augmented(&it->node, &root, fn);
			else
				rb_erase(&it->node, &root);
			it->in = false;
		} else {
			it->key = rand_below(&r, keys);
			it->sum = 0;
			insert(&root, it, fn);
		}
		if (op % 16 == 0 || op < 2000)
			HT_VALID(rb_validate(&root, node_ok));
		if (op % 64 == 0)
			both_directions_agree(&root);
	}
}

static void plain_tree_stays_sound(void)
{
	churn(NULL, in_order);
}

static void augmented_tree_stays_sound(void)
{
	churn(update, in_order_and_summed);
}

static void propagate_corrects_the_way_up(void)
{
	struct rb_root root = RB_ROOT;

	fill(&root, NR_ITEMS);
	for (int i = 0; i < NR_ITEMS; i++) {
		items[i].key += 5;
		HT_TRUE(rb_validate(&root, in_order_and_summed));
		rb_augment_propagate(&items[i].node, update);
		HT_VALID(rb_validate(&root, in_order_and_summed));
	}
}

static void replace_takes_the_place(void)
{
	struct rb_root root = RB_ROOT;
	struct item other, *pos, *next;
	u64 n = 0;

	fill(&root, 40);
	for (int i = 0; i < 40; i++) {
		other = items[i];
		rb_replace_node(&items[i].node, &other.node, &root);
		HT_VALID(rb_validate(&root, in_order));
		rb_replace_node(&other.node, &items[i].node, &root);
	}
	rb_for_each_entry(pos, &root, node)
		HT_EQ(pos->key, 10 * n++);
	HT_EQ(n, 40);
	rb_for_each_entry_safe(pos, next, &root, node) {
		rb_erase(&pos->node, &root);
		memset(pos, 0xaa, sizeof(*pos));
	}
	HT_TRUE(RB_EMPTY_ROOT(&root));
}

/* The validator is believed because it finds what is planted. */
static void validator_finds_planted_damage(void)
{
	struct rb_root root = RB_ROOT;

	fill(&root, 100);
	root.rb_node->rb_parent_color &= ~1UL;
	HT_TRUE(rb_validate(&root, NULL));
	root.rb_node->rb_parent_color |= 1;
	rb_first(&root)->rb_parent_color ^= 1;
	HT_TRUE(rb_validate(&root, NULL));
	rb_first(&root)->rb_parent_color ^= 1;
	items[50].key = 1000;
	HT_TRUE(rb_validate(&root, in_order));
	items[50].key = 500;
	HT_VALID(rb_validate(&root, in_order_and_summed));
}

int main(void)
{
	host_run("plain tree stays sound", plain_tree_stays_sound);
	host_run("augmented tree stays sound", augmented_tree_stays_sound);
	host_run("propagate corrects the way up", propagate_corrects_the_way_up);
	host_run("replace takes the place", replace_takes_the_place);
	host_run("validator finds planted damage", validator_finds_planted_damage);
	return host_done();
}
