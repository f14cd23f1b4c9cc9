/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/kernel/test_interval_tree.c - kernel/lib/interval_tree.c inside the kernel */
#include "kernel/lib/interval_tree.h"
#include "kernel/lib/rand.h"
#include "kernel/test/ktest.h"

#define NR_ITEMS 48

static struct interval_tree_node items[NR_ITEMS];

static int linear_count(u64 start, u64 last)
{
	int n = 0;

	for (int i = 0; i < NR_ITEMS; i++)
		n += items[i].start <= last && items[i].last >= start;
	return n;
}

KTEST_QUICK(interval_tree, queries_match_a_linear_search)
{
	struct interval_tree_root root = INTERVAL_TREE_ROOT;
	struct interval_tree_node *node;
	struct rand_state r;

	rand_seed(&r, 2);
	for (int i = 0; i < NR_ITEMS; i++) {
		items[i].start = rand_below(&r, 200);
		items[i].last = items[i].start + rand_below(&r, 30);
		interval_tree_insert(&items[i], &root);
	}
	KT_VALID(interval_tree_validate(&root));
	for (u64 start = 0; start < 240; start++) {
		u64 last = start + rand_below(&r, 20);
		int n = 0;

		interval_tree_for_each(node, &root, start, last)
			n++;
		KT_EQ(n, linear_count(start, last));
	}
	for (int i = 0; i < NR_ITEMS; i++) {
		interval_tree_remove(&items[i], &root);
		KT_VALID(interval_tree_validate(&root));
	}
	KT_TRUE(interval_tree_empty(&root));
}

KTEST_QUICK(interval_tree, last_number_is_included)
{
	struct interval_tree_root root = INTERVAL_TREE_ROOT;
	struct interval_tree_node top = { .start = ~0UL, .last = ~0UL };

	interval_tree_insert(&top, &root);
	KT_EQ(interval_tree_iter_first(&root, 0, ~0UL), &top);
	KT_TRUE(!interval_tree_iter_first(&root, 0, ~0UL - 1));
}
