/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/list.h - circular lists whose links live inside the objects
 *
 * Concept    A list head is a link that belongs to no object. An empty list is
 *            a head that points to itself, so add and delete have no special
 *            cases. container_of() leads from a link back to its object.
 *            An hlist has a one-pointer head: half the size in a hash table.
 * Locks      None of its own: the owner of the list says which lock guards it.
 *            For readers without a lock see kernel/lib/rculist.h.
 * Invariants link->next->prev == link and link->prev->next == link
 *                                                        list_validate()
 */
#ifndef KERNEL_LIB_LIST_H
#define KERNEL_LIB_LIST_H

#include "include/types.h"

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next;
	struct hlist_node **pprev;	/* the pointer that points to us */
};

struct hlist_head {
	struct hlist_node *first;
};

/* What a deleted link points to: outside of every mapping, easy to recognise. */
#define LIST_POISON1 ((void *)0xdead000000000100UL)
#define LIST_POISON2 ((void *)0xdead000000000122UL)

#define LIST_HEAD_INIT(name) { &(name), &(name) }
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)

static inline void INIT_LIST_HEAD(struct list_head *head)
{
	WRITE_ONCE(head->next, head);
	head->prev = head;
}

/* Report whether every link of @head's list is pointed back to; O(length). */
static inline bool list_validate(const struct list_head *head)
{
	const struct list_head *pos = head;

	do {
		if (pos->next->prev != pos || pos->prev->next != pos)
			return false;
		pos = pos->next;
	} while (pos != head);
	return true;
}

static inline void list_link(struct list_head *item, struct list_head *prev,
			     struct list_head *next)
{
	next->prev = item;
	item->next = next;
	item->prev = prev;
	WRITE_ONCE(prev->next, item);
}

/* Add @item right after @head: the list becomes a stack. */
static inline void list_add(struct list_head *item, struct list_head *head)
{
	list_link(item, head, head->next);
}

/* Add @item right before @head: the list becomes a queue. */
static inline void list_add_tail(struct list_head *item, struct list_head *head)
{
	list_link(item, head->prev, head);
}

static inline void list_unlink(struct list_head *item)
{
	item->next->prev = item->prev;
	WRITE_ONCE(item->prev->next, item->next);
}

/* Take @item off its list and poison its links; it is on no list afterwards. */
static inline void list_del(struct list_head *item)
{
	list_unlink(item);
	item->next = LIST_POISON1;
	item->prev = LIST_POISON2;
}

/* Take @item off its list and leave it as an empty list of its own. */
static inline void list_del_init(struct list_head *item)
{
	list_unlink(item);
	INIT_LIST_HEAD(item);
}

static inline void list_move(struct list_head *item, struct list_head *head)
{
	list_unlink(item);
	list_add(item, head);
}

static inline void list_move_tail(struct list_head *item, struct list_head *head)
{
	list_unlink(item);
	list_add_tail(item, head);
}

/* Put @item in the place of @old, which is on no list afterwards. */
static inline void list_replace(struct list_head *old, struct list_head *item)
{
	item->next = old->next;
	item->next->prev = item;
	item->prev = old->prev;
	WRITE_ONCE(item->prev->next, item);
}

static inline bool list_empty(const struct list_head *head)
{
	return READ_ONCE(head->next) == head;
}

static inline bool list_is_singular(const struct list_head *head)
{
	return !list_empty(head) && head->next == head->prev;
}

static inline bool list_is_first(const struct list_head *item,
				 const struct list_head *head)
{
	return item->prev == head;
}

static inline bool list_is_last(const struct list_head *item,
				const struct list_head *head)
{
	return item->next == head;
}

static inline void list_splice_between(struct list_head *from,
				       struct list_head *prev,
				       struct list_head *next)
{
	struct list_head *first = from->next, *last = from->prev;

	if (list_empty(from))
		return;
	first->prev = prev;
	prev->next = first;
	last->next = next;
	next->prev = last;
}

/* Move all of @from to the front of @head; @from is empty afterwards. */
static inline void list_splice_init(struct list_head *from,
				    struct list_head *head)
{
	list_splice_between(from, head, head->next);
	INIT_LIST_HEAD(from);
}

/* Move all of @from to the end of @head; @from is empty afterwards. */
static inline void list_splice_tail_init(struct list_head *from,
					 struct list_head *head)
{
	list_splice_between(from, head->prev, head);
	INIT_LIST_HEAD(from);
}

/* Count the objects on the list; O(length), for tests and reports. */
static inline size_t list_count(const struct list_head *head)
{
	const struct list_head *pos;
	size_t n = 0;

	for (pos = head->next; pos != head; pos = pos->next)
		n++;
	return n;
}

#define list_entry(ptr, type, member) container_of(ptr, type, member)
#define list_first_entry(head, type, member) \
	list_entry((head)->next, type, member)
#define list_last_entry(head, type, member) \
	list_entry((head)->prev, type, member)
#define list_next_entry(pos, member) \
	list_entry((pos)->member.next, __typeof__(*(pos)), member)
#define list_prev_entry(pos, member) \
	list_entry((pos)->member.prev, __typeof__(*(pos)), member)

/* The first object, or NULL if the list is empty. */
#define list_first_entry_or_null(head, type, member) \
	(list_empty(head) ? NULL : list_first_entry(head, type, member))

#define list_for_each(pos, head) \
	for (pos = (head)->next; pos != (head); pos = pos->next)

/* The body may take @pos off the list. */
#define list_for_each_safe(pos, n, head) \
	for (pos = (head)->next, n = pos->next; pos != (head); \
	     pos = n, n = pos->next)

#define list_for_each_entry(pos, head, member) \
	for (pos = list_first_entry(head, __typeof__(*pos), member); \
	     &pos->member != (head); \
	     pos = list_next_entry(pos, member))

#define list_for_each_entry_reverse(pos, head, member) \
	for (pos = list_last_entry(head, __typeof__(*pos), member); \
	     &pos->member != (head); \
	     pos = list_prev_entry(pos, member))

/* The body may take @pos off the list and free it. */
#define list_for_each_entry_safe(pos, n, head, member) \
	for (pos = list_first_entry(head, __typeof__(*pos), member), \
	     n = list_next_entry(pos, member); \
	     &pos->member != (head); \
	     pos = n, n = list_next_entry(n, member))

#define list_for_each_entry_safe_reverse(pos, n, head, member) \
	for (pos = list_last_entry(head, __typeof__(*pos), member), \
	     n = list_prev_entry(pos, member); \
	     &pos->member != (head); \
	     pos = n, n = list_prev_entry(n, member))

/* Go on after @pos. */
#define list_for_each_entry_continue(pos, head, member) \
	for (pos = list_next_entry(pos, member); \
	     &pos->member != (head); \
	     pos = list_next_entry(pos, member))

#define HLIST_HEAD_INIT { NULL }
#define HLIST_HEAD(name) struct hlist_head name = HLIST_HEAD_INIT

static inline void INIT_HLIST_HEAD(struct hlist_head *head)
{
	head->first = NULL;
}

static inline void INIT_HLIST_NODE(struct hlist_node *node)
{
	node->next = NULL;
	node->pprev = NULL;
}

static inline bool hlist_empty(const struct hlist_head *head)
{
	return !READ_ONCE(head->first);
}

static inline bool hlist_unhashed(const struct hlist_node *node)
{
	return !READ_ONCE(node->pprev);
}

static inline void hlist_add_head(struct hlist_node *node,
				  struct hlist_head *head)
{
	node->next = head->first;
	if (node->next)
		node->next->pprev = &node->next;
	node->pprev = &head->first;
	WRITE_ONCE(head->first, node);
}

static inline void hlist_unlink(struct hlist_node *node)
{
	WRITE_ONCE(*node->pprev, node->next);
	if (node->next)
		node->next->pprev = node->pprev;
}

static inline void hlist_del(struct hlist_node *node)
{
	hlist_unlink(node);
	node->next = LIST_POISON1;
	node->pprev = LIST_POISON2;
}

/* Take @node off its list if it is on one; hlist_unhashed() afterwards. */
static inline void hlist_del_init(struct hlist_node *node)
{
	if (hlist_unhashed(node))
		return;
	hlist_unlink(node);
	INIT_HLIST_NODE(node);
}

#define hlist_entry(ptr, type, member) container_of(ptr, type, member)
#define hlist_entry_safe(ptr, type, member) \
	({ __typeof__(ptr) _hes = (ptr); \
	   _hes ? hlist_entry(_hes, type, member) : NULL; })

#define hlist_for_each_entry(pos, head, member) \
	for (pos = hlist_entry_safe((head)->first, __typeof__(*pos), member); \
	     pos; \
	     pos = hlist_entry_safe(pos->member.next, __typeof__(*pos), member))

/* @n is a struct hlist_node *; the body may take @pos off the list. */
#define hlist_for_each_entry_safe(pos, n, head, member) \
	for (pos = hlist_entry_safe((head)->first, __typeof__(*pos), member); \
	     pos && ({ n = pos->member.next; true; }); \
	     pos = hlist_entry_safe(n, __typeof__(*pos), member))

#endif
