/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/host/test_radix_map.c - random maps against a sorted array; readers */
/* Links: kernel/lib/radix_map.c tests/host/host.c */
#include <pthread.h>

#include "tests/host/host.h"
#include "kernel/lib/radix_map.h"
#include "kernel/lib/rand.h"

#define MODEL_MAX 600
#define NR_OPS 200000

static long nodes_live;
static bool alloc_may_fail;
static struct rand_state alloc_rand;

static struct radix_node *node_alloc(void)
{
	struct radix_node *node;

	if (alloc_may_fail && rand_below(&alloc_rand, 8) == 0)
		return NULL;
	node = malloc(sizeof(*node));
	memset(node, 0x5a, sizeof(*node));
	nodes_live++;
	return node;
}

static void node_free(struct radix_node *node)
{
	nodes_live--;
	free(node);
}

static const struct radix_map_ops ops = { .alloc = node_alloc, .free = node_free };

struct entry {
	u64 index;
	void *item;
	bool mark[NR_RADIX_MARKS];
};

static struct entry model[MODEL_MAX];
static int model_len;

/* The place of the first entry at or after @index. */
static int model_at(u64 index)
{
	int i = 0;

	while (i < model_len && model[i].index < index)
		i++;
	return i;
}

static struct entry *model_find(u64 index)
{
	int i = model_at(index);

	return i < model_len && model[i].index == index ? &model[i] : NULL;
}

static void model_store(u64 index, void *item)
{
	int i = model_at(index);

	if (i == model_len || model[i].index != index) {
		memmove(&model[i + 1], &model[i], sizeof(model[0]) * (model_len - i));
		memset(&model[i], 0, sizeof(model[i]));
		model[i].index = index;
		model_len++;
	}
	model[i].item = item;
}

static void *model_erase(u64 index)
{
	int i = model_at(index);
	void *item;

	if (i == model_len || model[i].index != index)
		return NULL;
	item = model[i].item;
	model_len--;
	memmove(&model[i], &model[i + 1], sizeof(model[0]) * (model_len - i));
	return item;
}

static u64 random_index(struct rand_state *r)
{
	switch (rand_below(r, 8)) {
	case 0: return rand_u64(r);
	case 1: return ~0UL - rand_below(r, 70);
	case 2: return 1UL << rand_below(r, 64);
	case 3: return (rand_below(r, 3) << 36) + rand_below(r, 200);
	default: return rand_below(r, 5000);
	}
}

static u64 random_existing(struct rand_state *r)
{
	return model_len ? model[rand_below(r, model_len)].index : 0;
}

static void next_matches_model(const struct radix_map *map, u64 from, int mark)
{
	u64 index = from;
	void *item = mark < 0 ? radix_map_next(map, &index)
			      : radix_map_next_marked(map, &index, mark);
	int i = model_at(from);

	while (i < model_len && mark >= 0 && !model[i].mark[mark])
		i++;
	if (i == model_len) {
		HT_TRUE(!item);
		return;
	}
	HT_EQ(index, model[i].index);
	HT_EQ(item, model[i].item);
}

static void mark_at_random(struct radix_map *map, struct rand_state *r)
{
	enum radix_mark mark = rand_below(r, NR_RADIX_MARKS);
	u64 index = random_existing(r);
	struct entry *e = model_find(index);

	HT_EQ(radix_map_get_mark(map, index, mark), e && e->mark[mark]);
	if (!e)
		return;
	e->mark[mark] = rand_below(r, 2);
	if (e->mark[mark])
		radix_map_set_mark(map, index, mark);
	else
		radix_map_clear_mark(map, index, mark);
}

static void operate(struct radix_map *map, struct rand_state *r, int op)
{
	bool growing = op / 1000 % 2 == 0;
	u64 index = random_index(r);
	void *item = (void *)(rand_u64(r) | 1);

	switch (rand_below(r, 6)) {
	case 0:
	case 1:
		if (growing && model_len < MODEL_MAX - 1) {
			if (radix_map_store(map, index, item) == 0)
				model_store(index, item);
			else
				HT_TRUE(alloc_may_fail);
			break;
		}
		index = random_existing(r);
		/* fall through */
	case 2:
		HT_EQ(radix_map_erase(map, index), model_erase(index));
		break;
	case 3:
		index = random_existing(r);
		if (model_len) {	/* replace: marks stay, nothing is allocated */
			HT_EQ(radix_map_store(map, index, item), 0);
			model_store(index, item);
		}
		break;
	default:
		mark_at_random(map, r);
		break;
	}
}

static void churn(u64 seed)
{
	struct radix_map map;
	struct rand_state r;

	rand_seed(&r, seed);
	rand_seed(&alloc_rand, seed + 1);
	radix_map_init(&map, &ops);
	model_len = 0;
	for (int op = 0; op < NR_OPS; op++) {
		u64 probe = rand_below(&r, 2) ? random_index(&r) : random_existing(&r);
		struct entry *e;

		operate(&map, &r, op);
		e = model_find(probe);
		HT_EQ(radix_map_load(&map, probe), e ? e->item : NULL);
		next_matches_model(&map, probe, (int)rand_below(&r, 3) - 1);
		if (op % 16 == 0)
			HT_VALID(radix_map_validate(&map));
		HT_EQ(radix_map_empty(&map), model_len == 0);
		HT_TRUE(model_len || nodes_live == 0);
	}
	radix_map_destroy(&map);
	HT_EQ(nodes_live, 0);
}

static void random_operations_match_a_model(void)
{
	churn(4);
}

static void failed_allocation_leaves_the_map_sound(void)
{
	alloc_may_fail = true;
	churn(5);
	alloc_may_fail = false;
}

static void for_each_visits_all_in_order(void)
{
	struct radix_map map;
	u64 index, want[] = { 0, 63, 64, 4095, 4096, 1UL << 40, ~0UL };
	size_t n = 0;
	void *item;

	radix_map_init(&map, &ops);
	for (int i = 6; i >= 0; i--)
		HT_EQ(radix_map_store(&map, want[i], &want[i]), 0);
	radix_map_for_each(&map, index, item, 0) {
		HT_EQ(index, want[n]);
		HT_EQ(item, &want[n]);
		n++;
	}
	HT_EQ(n, ARRAY_SIZE(want));
	radix_map_for_each(&map, index, item, 0)
		HT_EQ(radix_map_erase(&map, index), item);
	HT_TRUE(radix_map_empty(&map));
	HT_EQ(nodes_live, 0);
}

/*
 * Readers without the lock: even indices are always there, odd ones come and go,
 * and now and then a huge index makes the tree higher for a while. Freed nodes
 * are kept until the end, as RCU would keep them until the readers are gone.
 */
static struct radix_map shared;
static bool readers_stop;
static struct radix_node *graveyard;

static void node_bury(struct radix_node *node)
{
	node->owner[0] = graveyard;
	graveyard = node;
}

static const struct radix_map_ops deferring = {
	.alloc = node_alloc, .free = node_bury
};

static void *reader(void *arg)
{
	struct rand_state r;
	u64 found = 0;

	rand_seed(&r, (u64)(uintptr_t)arg);
	while (!__atomic_load_n(&readers_stop, __ATOMIC_RELAXED)) {
		u64 index = rand_below(&r, 1000);
		u64 item = (u64)(uintptr_t)radix_map_load(&shared, index);

		if (item ? item != index + 1 : index % 2 == 0)
			return NULL;	/* wrong */
		found++;
	}
	return (void *)(uintptr_t)(found + 1);
}

static void lockless_readers_never_miss(void)
{
	pthread_t threads[2];
	struct rand_state r;

	rand_seed(&r, 6);
	radix_map_init(&shared, &deferring);
	for (u64 i = 0; i < 1000; i += 2)
		HT_EQ(radix_map_store(&shared, i, (void *)(uintptr_t)(i + 1)), 0);
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, reader, (void *)(uintptr_t)(i + 1));
	for (int op = 0; op < 100000; op++) {
		u64 i = rand_below(&r, 1000) | 1;

		if (op % 50 == 0)
			i = 1UL << (10 + rand_below(&r, 50));
		if (!radix_map_erase(&shared, i))
			HT_EQ(radix_map_store(&shared, i,
					      (void *)(uintptr_t)(i + 1)), 0);
	}
	__atomic_store_n(&readers_stop, true, __ATOMIC_RELAXED);
	for (int i = 0; i < 2; i++) {
		void *found;

		pthread_join(threads[i], &found);
		HT_TRUE(found);
	}
	HT_VALID(radix_map_validate(&shared));
	radix_map_destroy(&shared);
	while (graveyard) {
		struct radix_node *node = graveyard;

		graveyard = node->owner[0];
		node_free(node);
	}
	HT_EQ(nodes_live, 0);
}

int main(void)
{
	host_run("random operations match a model", random_operations_match_a_model);
	host_run("a failed allocation leaves the map sound",
		 failed_allocation_leaves_the_map_sound);
	host_run("for_each visits all in order", for_each_visits_all_in_order);
	host_run("lockless readers never miss", lockless_readers_never_miss);
	return host_done();
}
