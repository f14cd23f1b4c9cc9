/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/toy_guest.h - a toy driver that runs guests: slots of memory and a cached address
 *
 * The guest's addresses are page numbers (gfn) 0 to GUEST_PAGES - 1. A slot says which of
 * the process's memory is at some of them. The guest is a function call,
 * guest_access(); what its driver itself reads, guest_cached(), comes through a cached
 * gfn -> address -> page.
 */
#ifndef TESTS_KERNEL_TOY_GUEST_H
#define TESTS_KERNEL_TOY_GUEST_H

#include "kernel/sync/spinlock.h"
#include "kernel/sync/wait.h"
#include "mm/mmu_notifier.h"

#define GUEST_PAGES 16UL
#define GUEST_SLOTS 2

struct guest_slot {
	unsigned long gfn, nr;		/* nr 0: no slot */
	unsigned long hva;		/* of the process */
};

struct guest_entry {
	struct page *page;		/* NULL: no translation. No reference is held. */
	unsigned long hva;
	bool writable, dirty;
};

struct guest {
	struct mmu_notifier mn;
	struct mm *mm;
	struct spinlock lock;		/* LOCK_DRIVER_SPIN: all that follows */
	struct guest_slot slot[GUEST_SLOTS];
	unsigned long active;		/* brackets open, of any address */
	unsigned long in_progress;	/* those that touch a slot */
	unsigned long first, last;	/* while in_progress: least and greatest gfn touched */
	unsigned long seq;		/* brackets ended, slots changed */
	struct wait_queue_head idle;	/* active fell to 0 */
	struct guest_entry entry[GUEST_PAGES];
	struct guest_entry cache;	/* of cache_gfn */
	unsigned long cache_gfn;
};

/* Subscribe to @mm, whose user half the caller keeps. No slot yet. May sleep. */
int __must_check guest_open(struct guest *g, struct mm *mm);
void guest_close(struct guest *g);

/*
 * Slot @i becomes @slot. Waits until no bracket is open; then nothing is translated
 * through the old one. Context: nothing held; may sleep.
 */
void guest_set_slot(struct guest *g, unsigned int i, const struct guest_slot *slot);

/*
 * One try to install the page at @gfn. Gate "guest.found": looked up, not yet
 * installed. Context: nothing held; may sleep.
 * Return: 0; -EFAULT (no slot, or the process may not); -EAGAIN: a bracket was in the way.
 */
int __must_check guest_try_fault(struct guest *g, unsigned long gfn, bool write);
/* The same until it succeeds, waiting for brackets to end. */
int __must_check guest_fault(struct guest *g, unsigned long gfn, bool write);
/* The guest loads or stores the word at @gfn. Return: whether a translation allows it. */
bool guest_access(struct guest *g, unsigned long gfn, u64 *word, bool write);

/* Make the cached address that of @gfn. Waits like guest_fault(). 0 or -EFAULT. */
int __must_check guest_cache(struct guest *g, unsigned long gfn);
/* Read through it. Return: whether it is valid. */
bool guest_cached(struct guest *g, u64 *word);

/* Would a translation of @gfn be refused now? */
bool guest_is_busy(struct guest *g, unsigned long gfn);

#endif
