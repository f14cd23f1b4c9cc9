/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/kernel/test_list.c - kernel/lib/list.h and rculist.h inside the kernel */
#include "kernel/lib/rculist.h"
#include "kernel/test/ktest.h"

struct item {
	int id;
	struct list_head link;
	struct hlist_node hash;
};

/* The ids of the list as one decimal number, first item leftmost. */
static int digits(struct list_head *head)
{
	struct item *pos;
	int n = 0;

	list_for_each_entry(pos, head, link)
		n = n * 10 + pos->id;
	return n;
}

static void fill(struct list_head *head, struct item *items, int n)
{
	for (int i = 0; i < n; i++) {
		items[i].id = i + 1;
		list_add_tail(&items[i].link, head);
	}
}

KTEST_QUICK(list, add_move_and_delete_keep_order)
{
	struct item items[5];
	LIST_HEAD(head);

	fill(&head, items, 5);
	KT_EQ(digits(&head), 12345);
	list_move(&items[3].link, &head);
	list_move_tail(&items[0].link, &head);
	KT_EQ(digits(&head), 42351);
	list_del(&items[2].link);
	KT_EQ(digits(&head), 4251);
	KT_EQ(items[2].link.next, LIST_POISON1);
	KT_TRUE(list_validate(&head));
	KT_EQ(list_count(&head), 4);
}

KTEST_QUICK(list, splice_empties_the_source)
{
	struct item a_items[2], b_items[3];
	LIST_HEAD(a);
	LIST_HEAD(b);

	fill(&a, a_items, 2);
	fill(&b, b_items, 3);
	list_splice_tail_init(&b, &a);
	KT_EQ(digits(&a), 12123);
	KT_TRUE(list_empty(&b) && list_validate(&a) && list_validate(&b));
}

KTEST_QUICK(list, deleted_rcu_item_still_leads_out)
{
	struct item items[3], *pos;
	LIST_HEAD(head);
	int seen = 0;

	fill(&head, items, 3);
	list_for_each_entry_rcu(pos, &head, link) {
		seen = seen * 10 + pos->id;
		if (pos->id == 2)
			list_del_rcu(&pos->link);
	}
	KT_EQ(seen, 123);
	KT_EQ(digits(&head), 13);
}

KTEST_QUICK(list, hlist_deletes_from_the_middle)
{
	HLIST_HEAD(head);
	struct item items[3], *pos;
	int n = 0;

	for (int i = 0; i < 3; i++) {
		items[i].id = i + 1;
		hlist_add_head_rcu(&items[i].hash, &head);
	}
	hlist_del_init(&items[1].hash);
	KT_TRUE(hlist_unhashed(&items[1].hash));
	hlist_for_each_entry(pos, &head, hash)
		n = n * 10 + pos->id;
	KT_EQ(n, 31);
}
