/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/slab.h - objects smaller than a page (and kmalloc, for any size)
 */
#ifndef MM_SLAB_H
#define MM_SLAB_H

#include "include/types.h"
#include "mm/gfp.h"

struct kmem_cache;

enum slab_flag {
	SLAB_TYPESAFE_BY_RCU = 1,	/* slabs are freed after a grace period only: a
					 * reader under RCU may find another object of
					 * the same type, never other memory */
	SLAB_PANIC = 2,			/* kmem_cache_create() panics instead of NULL */
	SLAB_NOLEAKTRACE = 4,		/* not counted by the leak check: caches of caches */
};

/*
 * Make a cache of objects of @size bytes. @ctor, if given, runs once for each
 * object when its slab is made, not at each allocation (needed with
 * SLAB_TYPESAFE_BY_RCU: locks inside survive a free). Context: may sleep.
 * Return: the cache, or NULL.
 */
struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align,
				     unsigned int flags, void (*ctor)(void *));
/* All objects must have been freed. May sleep. */
void kmem_cache_destroy(struct kmem_cache *cache);
/* Context: as for alloc_pages() with @gfp. Return: the object, or NULL. */
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp);
void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t gfp);
/* @object came from @cache; asserted. Context: any. */
void kmem_cache_free(struct kmem_cache *cache, void *object);
/* Give empty slabs back to the frame allocator. Context: any. Return: frames freed. */
unsigned long kmem_cache_shrink(struct kmem_cache *cache);
/* The same for every cache: reclaim. */
unsigned long slab_shrink(void);

/* Any size up to 4 MiB, aligned to 16; from a page on, aligned to pages. NULL if there
 * is none. */
void *kmalloc(size_t size, gfp_t gfp);
void *kzalloc(size_t size, gfp_t gfp);
/* Array of @n times @size; NULL also if the product overflows. */
void *kmalloc_array(size_t n, size_t size, gfp_t gfp);
void *kcalloc(size_t n, size_t size, gfp_t gfp);
/* NULL is allowed. Context: any. */
void kfree(const void *object);
/* Bytes that may be used behind @object, at least what was asked for. */
size_t ksize(const void *object);
char *kstrdup(const char *s, gfp_t gfp);

/* Boot: after buddy_init(). */
void slab_init(void);

/* For /proc/slabinfo, the leak check and tests. */
struct slab_info {
	const char *name;
	u64 object_size, objects_used, objects_total, pages;
};
/* Cache number @n, counted from 0; a number may be unused (name NULL). Return:
 * false: there are none from @n on. Context: any. */
bool slab_info(unsigned int n, struct slab_info *out);
/* Objects in use in all caches (without SLAB_NOLEAKTRACE ones). */
u64 slab_objects_used(void);
/* Remember how many objects each cache has in use; print the caches that have more. */
void slab_leak_mark(void);
void slab_leak_report(void);
/* Check every slab of every cache. Return: number of faults reported. */
unsigned int slab_check(void);
/* Whose is the memory at @addr? Prints a sentence; for fault reports. Context: any. */
void slab_describe(const void *addr);

#endif
