/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/toy_remote.h - a toy driver that lends pages to another machine
 *
 * The other machine is a function call, remote_access(), that uses what was lent and
 * nothing else. The driver pins nothing: it subscribes to brackets for changes of the
 * process's tables, and as an rmap notifier for pages that go as a whole.
 */
#ifndef TESTS_KERNEL_TOY_REMOTE_H
#define TESTS_KERNEL_TOY_REMOTE_H

#include "kernel/sync/mutex.h"
#include "kernel/sync/wait.h"
#include "mm/mmu_notifier.h"
#include "mm/rmap_notifier.h"

#define REMOTE_PAGES 16UL

enum remote_state { REMOTE_FREE, REMOTE_LENT, REMOTE_LEAVING };

struct remote_entry {
	enum remote_state state;
	struct page *page;	/* LEAVING: with a reference, until it is exported no more */
	bool writable;
	bool dirty;		/* the other machine has written */
};

struct task;

struct remote {
	struct mmu_notifier mn;
	struct mmu_rmap_notifier mrn;
	struct mm *mm;
	unsigned long base;		/* lends of [base, base + REMOTE_PAGES pages) */
	struct mutex lock;		/* LOCK_DRIVER, inside the page lock: all that follows */
	unsigned int active;		/* brackets open */
	unsigned long seq;		/* brackets ended */
	unsigned int leaving;		/* entries in that state */
	unsigned int recalls;		/* entries that an rmap call took back */
	struct wait_queue_head idle, work;
	struct task *cleaner;
	struct remote_entry entry[REMOTE_PAGES];
};

/* Subscribe to @mm, whose user half the caller keeps. May sleep. */
int __must_check remote_open(struct remote *r, struct mm *mm, unsigned long base);
void remote_close(struct remote *r);

/*
 * Lend the page at @va. Context: nothing held; may sleep. Gate "remote.found": looked
 * up and locked, not yet lent. Return: 0; -EFAULT; -EBUSY, another driver lends it.
 */
int __must_check remote_lend(struct remote *r, unsigned long va, bool write);
/* The other machine loads or stores the word at @va. Return: whether it was lent so. */
bool remote_access(struct remote *r, unsigned long va, u64 *word, bool write);
/* Wait until no page is leaving. Context: nothing held; may sleep. */
void remote_settle(struct remote *r);
/* Pages lent now. */
unsigned int remote_count(struct remote *r);

#endif
