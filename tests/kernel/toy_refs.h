/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/toy_refs.h - a toy driver that holds a reference to each page it translates
 *
 * It subscribes to invalidate_range_end alone, with MMU_HOLDS_PAGE_REFS: its pages can
 * not be freed under it, so it may go on using them until the change is made.
 */
#ifndef TESTS_KERNEL_TOY_REFS_H
#define TESTS_KERNEL_TOY_REFS_H

#include "kernel/sync/mutex.h"
#include "mm/mmu_notifier.h"

#define REFS_PAGES 16UL

struct refs {
	struct mmu_notifier mn;
	struct mm *mm;
	unsigned long base;	/* covers [base, base + REFS_PAGES pages) */
	struct mutex lock;	/* LOCK_DRIVER: all that follows */
	unsigned long seq;	/* brackets ended */
	struct page *page[REFS_PAGES];	/* each with a reference; NULL: no translation */
};

/* Subscribe to @mm, whose user half the caller keeps. May sleep. */
int __must_check refs_open(struct refs *r, struct mm *mm, unsigned long base);
void refs_close(struct refs *r);

/*
 * The device reads the word at @va, faulting if it must. Gate "refs.found": looked up,
 * not yet installed. Context: nothing held; may sleep. Return: 0, -EFAULT.
 */
int __must_check refs_read(struct refs *r, unsigned long va, u64 *word);
/* The page that it uses at @va now; NULL: none. */
struct page *refs_page(struct refs *r, unsigned long va);

#endif
