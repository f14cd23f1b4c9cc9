/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/rculist.h - lists that readers walk without the writer's lock
 *
 * Concept    A writer fills an object, then publishes it with a release store;
 *            a reader who finds the pointer therefore finds the contents.
 *            Deletion leaves the object's next pointer alone, so a reader who
 *            stands on it finds its way out; the writer frees the object only
 *            after a grace period (kernel/sync/rcu.h).
 *
 *                writer (holds the list's lock)    reader (rcu_read_lock)
 *                item->next = next
 *                release: prev->next = item
 *                                                  pos = prev->next -> item
 *                prev->next = item->next
 *                                                  pos = item->next: still good
 *                call_rcu(free item)
 *                                                  rcu_read_unlock
 *                item is freed
 *
 * Locks      Writers exclude each other by the list's own lock. Readers are in
 *            an RCU or SRCU read-side section.
 */
#ifndef KERNEL_LIB_RCULIST_H
#define KERNEL_LIB_RCULIST_H

#include "kernel/lib/list.h"

/* Publish @v in *@p: everything written before is seen by who reads @v. */
#define rculist_publish(p, v) __atomic_store_n(&(p), (v), __ATOMIC_RELEASE)

/* x86 and every machine with address dependencies: a plain single load. */
#define rculist_next(p) READ_ONCE(p)

static inline void list_link_rcu(struct list_head *item, struct list_head *prev,
				 struct list_head *next)
{
	item->next = next;
	item->prev = prev;
	rculist_publish(prev->next, item);
	next->prev = item;
}

static inline void list_add_rcu(struct list_head *item, struct list_head *head)
{
	list_link_rcu(item, head, head->next);
}

static inline void list_add_tail_rcu(struct list_head *item,
				     struct list_head *head)
{
	list_link_rcu(item, head->prev, head);
}

/* Take @item off the list; readers may still stand on it until a grace period. */
static inline void list_del_rcu(struct list_head *item)
{
	list_unlink(item);
	item->prev = LIST_POISON2;
}

/* Put @item in the place of @old: a reader sees one or the other. */
static inline void list_replace_rcu(struct list_head *old,
				    struct list_head *item)
{
	item->next = old->next;
	item->prev = old->prev;
	rculist_publish(item->prev->next, item);
	item->next->prev = item;
	old->prev = LIST_POISON2;
}

#define list_for_each_entry_rcu(pos, head, member) \
	for (pos = list_entry(rculist_next((head)->next), \
			      __typeof__(*pos), member); \
	     &pos->member != (head); \
	     pos = list_entry(rculist_next(pos->member.next), \
			      __typeof__(*pos), member))

/* The first object or NULL, by one single load of the head. */
#define list_first_or_null_rcu(head, type, member) \
	({ struct list_head *_lfr = rculist_next((head)->next); \
	   _lfr == (head) ? NULL : list_entry(_lfr, type, member); })

static inline void hlist_add_head_rcu(struct hlist_node *node,
				      struct hlist_head *head)
{
	struct hlist_node *first = head->first;

	node->next = first;
	node->pprev = &head->first;
	rculist_publish(head->first, node);
	if (first)
		first->pprev = &node->next;
}

static inline void hlist_del_rcu(struct hlist_node *node)
{
	hlist_unlink(node);
	node->pprev = LIST_POISON2;
}

/* Like hlist_del_rcu(), but hlist_unhashed() is true afterwards. */
static inline void hlist_del_init_rcu(struct hlist_node *node)
{
	if (hlist_unhashed(node))
		return;
	hlist_unlink(node);
	WRITE_ONCE(node->pprev, NULL);
}

#define hlist_for_each_entry_rcu(pos, head, member) \
	for (pos = hlist_entry_safe(rculist_next((head)->first), \
				    __typeof__(*pos), member); \
	     pos; \
	     pos = hlist_entry_safe(rculist_next(pos->member.next), \
				    __typeof__(*pos), member))

#endif
