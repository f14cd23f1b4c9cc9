/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/toy_mirror.h - a toy second MMU with a table of its own
 *
 * Its driver is the example of docs/notifiers.md. The device is a function call:
 * mirror_access() translates through the mirror's table and nothing else.
 */
#ifndef TESTS_KERNEL_TOY_MIRROR_H
#define TESTS_KERNEL_TOY_MIRROR_H

#include "kernel/sync/mutex.h"
#include "kernel/sync/wait.h"
#include "mm/mmu_notifier.h"

#define MIRROR_PAGES 16UL

struct mirror_entry {
	struct page *page;	/* NULL: no translation. No reference is held. */
	bool writable;
	bool dirty;		/* the device has written */
};

struct mirror {
	struct mmu_notifier mn;
	struct mm *mm;
	unsigned long base;	/* covers [base, base + MIRROR_PAGES pages) */
	struct mutex lock;	/* LOCK_DRIVER: all that follows */
	unsigned int active;	/* brackets open */
	unsigned long seq;	/* brackets ended */
	struct wait_queue_head idle;	/* active fell to 0 */
	struct mirror_entry entry[MIRROR_PAGES];
};

/* Subscribe a mirror of @mm, whose user half the caller keeps. May sleep. */
int __must_check mirror_open(struct mirror *m, struct mm *mm, unsigned long base);
void mirror_close(struct mirror *m);

/*
 * The device missed: install the page at @va. Context: nothing held; may sleep.
 * Gate "mirror.found": the page is looked up, the lock not yet taken.
 * Return: 0, -EFAULT (the process may not do that either).
 */
int __must_check mirror_fault(struct mirror *m, unsigned long va, bool write);

/*
 * The device loads or stores the word at @va. Context: may sleep.
 * Return: whether the table has a translation that allows it; no fault is made.
 */
bool mirror_access(struct mirror *m, unsigned long va, u64 *word, bool write);
/* The same, with a fault and another try for as long as it misses. 0 or -EFAULT. */
int mirror_read(struct mirror *m, unsigned long va, u64 *word);
int mirror_write(struct mirror *m, unsigned long va, u64 word);
/* Translations in the table. */
unsigned int mirror_count(struct mirror *m);

#endif
