/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/memblock.h - memory before the allocator: what is RAM, what is taken
 *
 * All addresses are physical, all ranges [start, end). One CPU, boot only.
 */
#ifndef MM_MEMBLOCK_H
#define MM_MEMBLOCK_H

#include "include/types.h"

#define MEMBLOCK_MAX 128

struct memblock_range {
	u64 start, end;
};

/* Sorted ranges that neither overlap nor touch. */
struct memblock_type {
	unsigned int nr;
	struct memblock_range range[MEMBLOCK_MAX];
};

/* ---- sets of ranges: pure, also tested on the host ---- */

/* Unite @type with [@start, @end). -ENOSPC: too many ranges. */
int __must_check memblock_type_add(struct memblock_type *type, u64 start, u64 end);
/* Take [@start, @end) out of @type. -ENOSPC: too many ranges. */
int __must_check memblock_type_del(struct memblock_type *type, u64 start, u64 end);
/* The first range of @ram without @taken at or after @from. Return: false: none. */
bool memblock_gap(const struct memblock_type *ram, const struct memblock_type *taken,
		  u64 from, struct memblock_range *out);

/* ---- this machine's memory ---- */

/* Read boot_info: RAM, and what the boot code and the loader put there. */
void memblock_init(void);
/* [@start, @end) is in use: rounded outward to whole pages. */
void memblock_reserve(u64 start, u64 end);
/*
 * Take @size bytes aligned to @align, zeroed; panics if there is none. Low
 * addresses first. Return: the address in the direct map.
 */
void *memblock_alloc(size_t size, size_t align);
/* Take @size bytes of the highest free RAM. Return: physical address, 0 if none. */
u64 memblock_reserve_top(u64 size);
/* One past the highest byte of RAM. */
u64 memblock_end(void);
u64 memblock_total(void);	/* bytes of RAM */
u64 memblock_free_total(void);	/* of these, not reserved */
bool memblock_is_ram(u64 pa);
/* Iterate over free ranges; start with *@cursor = 0. Return: false at the end. */
bool memblock_next_free(u64 *cursor, struct memblock_range *out);
/* buddy_init() has taken the free ranges: nothing can be had here any more. */
void memblock_close(void);

#endif
