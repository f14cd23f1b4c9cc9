/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/alloc_trace.h - who allocated it, who freed it: short backtraces
 *
 * Kept by buddy.c for each frame and by slab.c for each object, in CHECKS
 * builds. Kernel text lies in the top 2 GiB, so 32 bits of an address say all.
 */
#ifndef MM_ALLOC_TRACE_H
#define MM_ALLOC_TRACE_H

#include "include/types.h"

#define ALLOC_TRACE_DEPTH 6

struct alloc_trace {
	u32 pc[ALLOC_TRACE_DEPTH];	/* innermost first; 0: no more */
	s32 pid;			/* -1: before there were tasks */
	u32 cpu;
};

static_assert(sizeof(struct alloc_trace) == 32, "kept per frame and per object");

/* Remember the caller of the allocator. Context: any. */
void alloc_trace_record(struct alloc_trace *trace);
/* Print "@what by pid ..." and the addresses with names. Context: any. */
void alloc_trace_print(const struct alloc_trace *trace, const char *what);

#endif
