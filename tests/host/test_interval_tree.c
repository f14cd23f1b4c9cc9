/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/host/test_interval_tree.c - random intervals against a linear search */
/* Links: kernel/lib/interval_tree.c kernel/lib/rbtree.c tests/host/host.c */
#include "tests/host/host.h"
#include "kernel/lib/interval_tree.h"
#include "kernel/lib/rand.h"

#define NR_ITEMS 200
#define NR_OPS 120000

struct item {
	struct interval_tree_node it;
	bool in;
	bool seen;
};

static struct item items[NR_ITEMS];

static u64 random_point(struct rand_state *r)
{
	/* mostly a small space, so that intervals touch; sometimes the ends */
	switch (rand_below(r, 20)) {
	case 0: return 0;
	case 1: return ~0UL;
	default: return rand_below(r, 500);
	}
}

static void random_interval(struct rand_state *r, u64 *start, u64 *last)
{
	u64 a = random_point(r), b = random_point(r);

	if (rand_below(r, 3) == 0)
		b = a;
	*start = min(a, b);
	*last = max(a, b);
}

static void query_matches_linear_search(struct interval_tree_root *root,
					u64 start, u64 last)
{
	struct interval_tree_node *node;
	u64 before = 0;
	int found = 0, want = 0;

	for (int i = 0; i < NR_ITEMS; i++) {
		items[i].seen = false;
		want += items[i].in && items[i].it.start <= last &&
			items[i].it.last >= start;
	}
	interval_tree_for_each(node, root, start, last) {
		struct item *item = container_of(node, struct item, it);

		HT_TRUE(item->in && !item->seen);
		item->seen = true;
		HT_TRUE(node->start <= last && node->last >= start);
		HT_TRUE(node->start >= before);
		before = node->start;
		found++;
	}
	HT_EQ(found, want);
}

static void queries_match_linear_search(void)
{
	struct interval_tree_root root = INTERVAL_TREE_ROOT;
	struct rand_state r;
	u64 start, last;

	rand_seed(&r, 3);
	for (int op = 0; op < NR_OPS; op++) {
		struct item *item = &items[rand_below(&r, op % 8000 < 4000 ? NR_ITEMS : 12)];

		if (item->in) {
			interval_tree_remove(&item->it, &root);
		} else {
			random_interval(&r, &item->it.start, &item->it.last);
			interval_tree_insert(&item->it, &root);
		}
		item->in = !item->in;
		random_interval(&r, &start, &last);
		query_matches_linear_search(&root, start, last);
		if (op % 16 == 0)
			HT_VALID(interval_tree_validate(&root));
	}
}

static void whole_range_and_points(void)
{
	struct interval_tree_root root = INTERVAL_TREE_ROOT;
	struct interval_tree_node all = { .start = 0, .last = ~0UL };

	HT_TRUE(interval_tree_empty(&root));
	HT_TRUE(!interval_tree_iter_first(&root, 0, ~0UL));
	interval_tree_insert(&all, &root);
	HT_EQ(interval_tree_iter_first(&root, 7, 7), &all);
	HT_EQ(interval_tree_iter_first(&root, ~0UL, ~0UL), &all);
	HT_TRUE(!interval_tree_iter_next(&all, 0, ~0UL));
	all.subtree_last = 5;
	HT_TRUE(interval_tree_validate(&root));
	all.subtree_last = ~0UL;
	interval_tree_remove(&all, &root);
	HT_TRUE(interval_tree_empty(&root));
}

int main(void)
{
	host_run("queries match a linear search", queries_match_linear_search);
	host_run("whole range and points", whole_range_and_points);
	return host_done();
}
