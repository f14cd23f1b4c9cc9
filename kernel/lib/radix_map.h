/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/radix_map.h - a sparse map from u64 to pointers, with marks
 *
 * The page cache (page number -> page) and the swap cache (swap entry -> page)
 * are such maps. Writers hold the owner's lock; radix_map_load() may run without
 * it inside rcu_read_lock() if the owner's free function defers by RCU.
 */
#ifndef KERNEL_LIB_RADIX_MAP_H
#define KERNEL_LIB_RADIX_MAP_H

#include "include/types.h"

#define RADIX_MAP_BITS 6
#define RADIX_MAP_SLOTS (1U << RADIX_MAP_BITS)

/* Each entry has two bits of its owner's choice (dirty, writeback ...). */
enum radix_mark {
	RADIX_MARK_0,
	RADIX_MARK_1,
	NR_RADIX_MARKS,
};

struct radix_node {
	u8 shift;		/* 0 in a leaf, else 6 more than the children */
	u8 count;		/* slots in use */
	u8 offset;		/* our slot in the parent */
	struct radix_node *parent;
	u64 marks[NR_RADIX_MARKS];	/* slots with the mark, or with one below */
	void *owner[2];		/* the owner's, once freed: room for an rcu_head */
	void *slots[RADIX_MAP_SLOTS];
};

struct radix_map_ops {
	/* Give a node, contents undefined, or NULL; called under the map's lock. */
	struct radix_node *(*alloc)(void);
	/* Take a node back, at once or after a grace period. */
	void (*free)(struct radix_node *node);
};

struct radix_map {
	struct radix_node *root;
	const struct radix_map_ops *ops;
};

static inline void radix_map_init(struct radix_map *map,
				  const struct radix_map_ops *ops)
{
	map->root = NULL;
	map->ops = ops;
}

static inline bool radix_map_empty(const struct radix_map *map)
{
	return !READ_ONCE(map->root);
}

/*
 * Find the item at @index.
 * Context: the owner's lock, or an RCU read-side section.
 * Return: the item or NULL.
 */
void *radix_map_load(const struct radix_map *map, u64 index);

/*
 * Put @item (not NULL) at @index in the place of what is there. The marks of an
 * entry that is there stay; a new one has none.
 * Context: the owner's lock for writing.
 * Return: 0, or -ENOMEM with the map as it was.
 */
int __must_check radix_map_store(struct radix_map *map, u64 index, void *item);

/*
 * Take the item at @index out.
 * Context: the owner's lock for writing.
 * Return: the item, or NULL if there was none.
 */
void *radix_map_erase(struct radix_map *map, u64 index);

/*
 * Find the first item at or after *@index and set *@index to where it is; the
 * second form looks only at items with @mark.
 * Context: the owner's lock.
 * Return: the item, or NULL (*@index is then undefined).
 */
void *radix_map_next(const struct radix_map *map, u64 *index);
void *radix_map_next_marked(const struct radix_map *map, u64 *index,
			    enum radix_mark mark);

/* Walk all items from @first on; the body may erase the item that it has. */
#define radix_map_for_each(map, index, item, first) \
	for ((index) = (first), (item) = radix_map_next(map, &(index)); \
	     (item); \
	     (item) = ++(index) ? radix_map_next(map, &(index)) : NULL)

/* Marks of the entry at @index, which exists. Context: the owner's lock. */
void radix_map_set_mark(struct radix_map *map, u64 index, enum radix_mark mark);
void radix_map_clear_mark(struct radix_map *map, u64 index,
			  enum radix_mark mark);
bool radix_map_get_mark(const struct radix_map *map, u64 index,
			enum radix_mark mark);

/* Free all nodes; the items are the owner's. The map is empty afterwards. */
void radix_map_destroy(struct radix_map *map);

/* Return: NULL if the map is sound, else a sentence that says what is wrong. */
const char *radix_map_validate(const struct radix_map *map);

#endif
