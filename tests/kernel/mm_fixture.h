/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/mm_fixture.h - an address space to try things on
 *
 * Suites of the address space share these: an mm that the test thread has
 * adopted, words in its pages, helpers that look behind an address, and threads
 * that run a function on the same mm.
 */
#ifndef TESTS_KERNEL_MM_FIXTURE_H
#define TESTS_KERNEL_MM_FIXTURE_H

#include "include/types.h"
#include "kernel/sync/completion.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/mmu_notifier.h"
#include "mm/page.h"

#define FX_RW (PROT_READ | PROT_WRITE)
/* Where tests map by default: far from the top-down area, in a table of its own. */
#define FX_BASE 0x10000000UL

/* A fresh mm, adopted by this thread; records a failure and returns NULL. */
struct mm *fx_mm(void);
/* The same with @pages of memory at FX_BASE and a device that @open(mm) subscribes. */
struct mm *fx_mm_with(unsigned long pages, int (*open)(struct mm *mm));
/* Give it back and drop it; last of all in a test. */
void fx_drop(struct mm *mm);

/* Private anonymous memory at @va (0: anywhere). Return: address, 0 on failure. */
unsigned long fx_map(struct mm *mm, unsigned long va, unsigned long pages, unsigned long prot);

/* A word at the start of a page, through user access of current->mm. */
bool fx_put(unsigned long va, u64 value);
u64 fx_get(unsigned long va);		/* ~0 and a recorded failure if it faults */
/* The same in any mm, through access_remote_vm(). */
bool fx_put_in(struct mm *mm, unsigned long va, u64 value);
u64 fx_get_in(struct mm *mm, unsigned long va);

/* The entry, and the page of a mapped one (no reference; NULL: none). */
pte_t fx_pte(struct mm *mm, unsigned long va);
struct page *fx_page(struct mm *mm, unsigned long va);
/* VMAs in the tree, or the VMA at @va, with the lock taken for the look. */
unsigned int fx_nr_vmas(struct mm *mm);
bool fx_valid(struct mm *mm);
unsigned int fx_chain_length(struct mm *mm, unsigned long va);

/* fork() of @mm; NULL and a recorded failure if it fails. */
struct mm *fx_fork(struct mm *mm);

/* Is there a swap area to test with? If not yet, makes one on ram0 until fx_drop(). */
bool fx_have_swap(void);
/* Slots in use, without those of files, whose pages reclaim may take at any time. */
u64 fx_slots_used(void);
/* How many users of the page at @va page_referenced() finds; they start anew. */
int fx_referenced(struct mm *mm, unsigned long va);
/*
 * Take the page at @va out of every page table, through the swap cache, as
 * reclaim would; no I/O. Return: whether nothing maps it any more.
 */
bool fx_unmap_to_swap_cache(struct mm *mm, unsigned long va);
/* The same with the write to the device, until the frame is free. */
bool fx_swap_out(struct mm *mm, unsigned long va);

/*
 * mmu_notifier_range_init() for a test that is alone: the lock checker believes that
 * an rmap lock is held meanwhile. Context: nothing inside an rmap lock held.
 */
void fx_range_init(struct mmu_notifier_range *range, enum mmu_notifier_event event,
		   unsigned int flags, struct mm *mm, unsigned long start, unsigned long end);

/* A thread that adopts @mm (NULL: none), calls @fn(@arg) and ends. */
struct fx_thread {
	struct mm *mm;
	int (*fn)(void *arg);
	void *arg;
	int result;
	struct completion done;
};
bool fx_start(struct fx_thread *t, struct mm *mm, int (*fn)(void *arg), void *arg);
/* Wait for its end. Return: what fn returned. */
int fx_join(struct fx_thread *t);

#endif
