/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/mm_ops.h - random changes of an address space, and what it must look like
 *
 * A generator of operations on a few pages, with a model: which pages are there, what may
 * be done to them and what they contain. The same seed makes the same operations.
 */
#ifndef TESTS_KERNEL_MM_OPS_H
#define TESTS_KERNEL_MM_OPS_H

#include "kernel/lib/rand.h"
#include "mm/mm.h"

#define MM_OPS_PAGES 16UL

enum mm_ops_page { MM_OPS_NONE, MM_OPS_READ, MM_OPS_WRITE };

struct mm_ops {
	struct mm *mm;			/* adopted by the thread that steps */
	unsigned long base;
	struct rand_state rand;
	bool swap;			/* there is an area to swap to */
	enum mm_ops_page page[MM_OPS_PAGES];
	u64 word[MM_OPS_PAGES];		/* first of the page */
	u64 next_word;
	unsigned long done;		/* operations that changed something */
};

/* Begin with @mm, adopted, MM_OPS_PAGES of memory mapped at @base, none touched. */
void mm_ops_init(struct mm_ops *ops, struct mm *mm, unsigned long base, u64 seed);
/* One random operation. A failure that the model does not expect fails the test. */
void mm_ops_step(struct mm_ops *ops);
/* A device has written @word to page @i. */
void mm_ops_written(struct mm_ops *ops, unsigned long i, u64 word);

#endif
