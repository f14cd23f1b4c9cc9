/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/host/test_list.c - lists against an array that does the same */
/* Links: tests/host/host.c */
#include "tests/host/host.h"
#include "kernel/lib/rand.h"
#include "kernel/lib/rculist.h"

#define NR_ITEMS 64
#define NR_OPS 100000

struct item {
	int id;
	struct list_head link;
	struct hlist_node hash;
};

static struct item items[NR_ITEMS];
static int model[NR_ITEMS];
static int model_len;

static int model_find(int id)
{
	for (int i = 0; i < model_len; i++)
		if (model[i] == id)
			return i;
	return -1;
}

static void model_insert(int at, int id)
{
	memmove(&model[at + 1], &model[at], sizeof(int) * (model_len - at));
	model[at] = id;
	model_len++;
}

static void model_remove(int id)
{
	int at = model_find(id);

	model_len--;
	memmove(&model[at], &model[at + 1], sizeof(int) * (model_len - at));
}

static void list_equals_model(struct list_head *head)
{
	struct item *pos;
	int i = 0;

	HT_TRUE(list_validate(head));
	HT_EQ(list_count(head), model_len);
	HT_EQ(list_empty(head), model_len == 0);
	HT_EQ(list_is_singular(head), model_len == 1);
	list_for_each_entry(pos, head, link)
		HT_EQ(pos->id, model[i++]);
	list_for_each_entry_reverse(pos, head, link)
		HT_EQ(pos->id, model[--i]);
}

static void add_at_random(struct list_head *head, struct item *it,
			  struct rand_state *r)
{
	void (*const add[])(struct list_head *, struct list_head *) = {
		list_add, list_add_rcu, list_add_tail, list_add_tail_rcu
	};
	int which = rand_below(r, 4);

	add[which](&it->link, head);
	model_insert(which < 2 ? 0 : model_len, it->id);
}

static void operate(struct list_head *head, struct rand_state *r)
{
	struct item *it = &items[rand_below(r, NR_ITEMS)];

	if (model_find(it->id) < 0) {
		add_at_random(head, it, r);
		return;
	}
	model_remove(it->id);
	switch (rand_below(r, 5)) {
	case 0:
		list_del(&it->link);
		break;
	case 1:
		list_del_init(&it->link);
		HT_TRUE(list_empty(&it->link));
		break;
	case 2:
		list_move(&it->link, head);
		model_insert(0, it->id);
		break;
	case 3:
		list_move_tail(&it->link, head);
		model_insert(model_len, it->id);
		break;
	case 4:
		list_del_rcu(&it->link);
		break;
	}
}

static void random_operations_match_an_array(void)
{
	struct rand_state r;
	LIST_HEAD(head);

	rand_seed(&r, 1);
	for (int i = 0; i < NR_ITEMS; i++)
		items[i].id = i;
	for (int op = 0; op < NR_OPS; op++) {
		operate(&head, &r);
		list_equals_model(&head);
	}
}

static void splice_moves_all(void)
{
	LIST_HEAD(a);
	LIST_HEAD(b);
	struct item *pos, *n;
	int want[] = { 2, 3, 0, 1 }, i = 0;

	for (int k = 0; k < 4; k++)
		list_add_tail(&items[k].link, k < 2 ? &a : &b);
	list_splice_init(&b, &a);
	HT_TRUE(list_empty(&b));
	list_for_each_entry_safe(pos, n, &a, link) {
		HT_EQ(pos->id, want[i++]);
		list_del(&pos->link);
	}
	HT_EQ(i, 4);
	list_splice_tail_init(&b, &a);
	HT_TRUE(list_empty(&a) && list_validate(&a));
	HT_TRUE(!list_first_entry_or_null(&a, struct item, link));
	HT_TRUE(!list_first_or_null_rcu(&a, struct item, link));
}

static void replace_keeps_the_place(void)
{
	LIST_HEAD(a);
	int want[] = { 0, 9, 2 }, i = 0;
	struct item *pos;

	for (int k = 0; k < 3; k++)
		list_add_tail(&items[k].link, &a);
	list_replace(&items[1].link, &items[8].link);
	list_replace_rcu(&items[8].link, &items[9].link);
	list_for_each_entry_rcu(pos, &a, link)
		HT_EQ(pos->id, want[i++]);
	HT_TRUE(list_validate(&a));
	/* a reader who stood on the old one still finds its way out */
	HT_EQ(items[8].link.next, &items[2].link);
}

static void hlist_adds_and_deletes(void)
{
	HLIST_HEAD(head);
	struct item *pos;
	struct hlist_node *n;
	int digits = 0;

	for (int k = 0; k < 6; k++) {
		INIT_HLIST_NODE(&items[k].hash);
		if (k < 3)
			hlist_add_head(&items[k].hash, &head);
		else
			hlist_add_head_rcu(&items[k].hash, &head);
	}
	hlist_del(&items[5].hash);
	hlist_del_init(&items[0].hash);
	hlist_del_init(&items[0].hash);
	hlist_del_init_rcu(&items[3].hash);
	HT_TRUE(hlist_unhashed(&items[0].hash));
	hlist_for_each_entry(pos, &head, hash)
		digits = digits * 10 + pos->id;
	HT_EQ(digits, 421);
	hlist_for_each_entry_safe(pos, n, &head, hash)
		hlist_del(&pos->hash);
	HT_TRUE(hlist_empty(&head));
	hlist_for_each_entry_rcu(pos, &head, hash)
		HT_TRUE(false);
}

int main(void)
{
	host_run("random operations match an array", random_operations_match_an_array);
	host_run("splice moves all", splice_moves_all);
	host_run("replace keeps the place", replace_keeps_the_place);
	host_run("hlist adds and deletes", hlist_adds_and_deletes);
	return host_done();
}
