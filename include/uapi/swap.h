/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * include/uapi/swap.h - flags of swapon(), and what mkswap writes into the first page
 */
#ifndef INCLUDE_UAPI_SWAP_H
#define INCLUDE_UAPI_SWAP_H

#include "include/types.h"

#define SWAP_FLAG_PREFER	0x8000	/* the low bits are a priority */
#define SWAP_FLAG_PRIO_MASK	0x7fff
#define SWAP_FLAG_DISCARD	0x10000	/* a hint about discarding, and two refinements */
#define SWAP_FLAG_DISCARD_ONCE	0x20000
#define SWAP_FLAG_DISCARD_PAGES	0x40000
#define SWAP_FLAGS_VALID	0x7ffff

#define SWAP_MAGIC		"SWAPSPACE2"
#define SWAP_MAX_BADPAGES	637	/* as many as fit before the magic */

/* The first page of an area. Pages 1 to last_page are for use, but those in badpages. */
struct swap_header {
	u8 bootbits[1024];
	u32 version;			/* 1 */
	u32 last_page;
	u32 nr_badpages;
	u8 uuid[16];
	u8 volume_name[16];
	u32 padding[117];
	u32 badpages[SWAP_MAX_BADPAGES];
	u8 rest[2];
	char magic[10];			/* no terminator: it ends the page */
};

static_assert(sizeof(struct swap_header) == 4096, "one page");

#endif
