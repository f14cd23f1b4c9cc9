/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/kernel/test_radix_map.c - kernel/lib/radix_map.c inside the kernel */
#include "kernel/lib/radix_map.h"
#include "kernel/test/ktest.h"

#define NR_NODES 40

/* Nodes from a small pool: an allocator is not what is tested here. */
static struct radix_node pool[NR_NODES];
static struct radix_node *pool_free;
static int pool_used;

static struct radix_node *node_alloc(void)
{
	struct radix_node *node = pool_free;

	if (!node)
		return NULL;
	pool_free = node->owner[0];
	pool_used++;
	return node;
}

static void node_free(struct radix_node *node)
{
	node->owner[0] = pool_free;
	pool_free = node;
	pool_used--;
}

static const struct radix_map_ops ops = { .alloc = node_alloc, .free = node_free };

static void map_init(struct radix_map *map)
{
	pool_free = NULL;
	for (int i = 0; i < NR_NODES; i++)
		node_free(&pool[i]);
	pool_used = 0;
	radix_map_init(map, &ops);
}

KTEST_QUICK(radix_map, far_indices_share_no_entry)
{
	static const u64 at[] = { 0, 1, 63, 64, 4096, 1UL << 36, ~0UL };
	struct radix_map map;
	size_t n = 0;
	void *item;
	u64 index;

	map_init(&map);
	for (size_t i = 0; i < ARRAY_SIZE(at); i++)
		KT_EQ(radix_map_store(&map, at[i], (void *)&at[i]), 0);
	KT_VALID(radix_map_validate(&map));
	KT_TRUE(!radix_map_load(&map, 2));
	radix_map_for_each(&map, index, item, 0) {
		KT_EQ(item, &at[n]);
		KT_EQ(index, at[n++]);
	}
	KT_EQ(n, ARRAY_SIZE(at));
	for (size_t i = 0; i < ARRAY_SIZE(at); i++)
		KT_EQ(radix_map_erase(&map, at[i]), &at[i]);
	KT_TRUE(radix_map_empty(&map));
	KT_EQ(pool_used, 0);
}

KTEST_QUICK(radix_map, marks_are_found_and_die_with_their_entry)
{
	struct radix_map map;
	u64 index = 0;
	int item;

	map_init(&map);
	for (u64 i = 0; i < 500; i += 7)
		KT_EQ(radix_map_store(&map, i, &item), 0);
	radix_map_set_mark(&map, 490, RADIX_MARK_0);
	KT_EQ(radix_map_next_marked(&map, &index, RADIX_MARK_0), &item);
	KT_EQ(index, 490);
	KT_TRUE(!radix_map_get_mark(&map, 490, RADIX_MARK_1));
	KT_EQ(radix_map_erase(&map, 490), &item);
	index = 0;
	KT_TRUE(!radix_map_next_marked(&map, &index, RADIX_MARK_0));
	KT_EQ(radix_map_store(&map, 490, &item), 0);
	KT_TRUE(!radix_map_get_mark(&map, 490, RADIX_MARK_0));
	KT_VALID(radix_map_validate(&map));
	radix_map_destroy(&map);
	KT_EQ(pool_used, 0);
}

KTEST_QUICK(radix_map, failed_store_changes_nothing)
{
	struct radix_map map;
	int item;

	map_init(&map);
	KT_EQ(radix_map_store(&map, 3, &item), 0);
	((struct radix_node *)pool_free->owner[0])->owner[0] = NULL;	/* two are left */
	KT_EQ(radix_map_store(&map, 1UL << 50, &item), -ENOMEM);
	KT_VALID(radix_map_validate(&map));
	KT_EQ(radix_map_load(&map, 3), &item);
	KT_EQ(pool_used, 1);
}
