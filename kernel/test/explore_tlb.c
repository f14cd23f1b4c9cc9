/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/test/explore_tlb.c - the TLBs of virtual CPUs
 *
 * Concept    The explored threads share one real CPU, whose TLB any of them flushes for
 *            all; a flush that comes too late would not show. So a thread that
 *            plays a process's thread has a small TLB in software as well. A miss
 *            is an access of the real CPU, with its fault and its accessed and dirty
 *            bits, and the entry is remembered; a hit goes to that frame, whatever the
 *            tables say meanwhile, until a flush is asked of the real CPU.
 *
 *                virtual CPU                     another one
 *                store: miss, walks, entry
 *                                                clears the entry
 *                store: hit, the old frame
 *                                                flushes: the entry is forgotten
 *                store: miss, faults
 *
 *            The real CPU's mm is the only one that flushes reach, so one program
 *            uses one mm in this way.
 * Owns       the entries; each holds its page for the free-page oracle.
 * Locks      None: one CPU; a flush by an interrupt finds whole entries only.
 * Invariants no entry outlives its thread's part of the schedule
 * Callers    programs of explore.h; explore.c.
 * Next       kernel/test/explore_report.c
 */
#include "kernel/test/explore_private.h"

#ifdef CONFIG_CHECKS
#include "arch/x86/cpu/irqflags.h"
#include "kernel/lib/string.h"
#include "kernel/sched/task.h"
#include "kernel/sync/rcu.h"
#include "mm/coherence.h"
#include "mm/page.h"
#include "mm/pgtable.h"
#include "mm/uaccess.h"

#define ENTRIES 4

struct entry {
	struct page *page;		/* NULL: free */
	struct mm *mm;
	unsigned long va;
	bool write;			/* the entry was writable, and is dirty */
};

static struct entry entries[EXPLORE_THREADS][ENTRIES];
static unsigned int next_victim[EXPLORE_THREADS];

static void entry_drop(struct entry *e)
{
	if (e->page)
		coherence_unhold(e->page, "virtual CPU", e->mm, e->va);
	e->page = NULL;
}

void explore_tlb_flush_cpu(unsigned int cpu)
{
	unsigned long flags;

	local_irq_save(flags);
	for (unsigned int i = 0; i < ENTRIES; i++)
		entry_drop(&entries[cpu][i]);
	local_irq_restore(flags);
}

void explore_tlb_flush(void)
{
	for (unsigned int cpu = 0; cpu < EXPLORE_THREADS; cpu++)
		explore_tlb_flush_cpu(cpu);
}

static struct entry *entry_find(unsigned int cpu, unsigned long va)
{
	for (unsigned int i = 0; i < ENTRIES; i++)
		if (entries[cpu][i].page && entries[cpu][i].va == va &&
		    entries[cpu][i].mm == current->mm)
			return &entries[cpu][i];
	return NULL;
}

/* Remember what the access that was just made has used. */
static void entry_make(unsigned int cpu, unsigned long va, bool write)
{
	struct entry *e = entry_find(cpu, va);
	unsigned long flags;
	pte_t pte;

	if (!e)
		e = &entries[cpu][next_victim[cpu]++ % ENTRIES];
	local_irq_save(flags);
	entry_drop(e);
	pte = pte_read_lockless(current->mm, va);
	if (pte_mapped(pte)) {
		*e = (struct entry){ pfn_to_page(pfn_make(pte_pfn(pte))), current->mm, va, write };
		coherence_hold(e->page, "virtual CPU", e->mm, va);
	}
	local_irq_restore(flags);
}

static bool explore_access(unsigned long va, u64 *value, bool write)
{
	unsigned int cpu = explore_virtual_cpu();
	unsigned long page_va = va & PAGE_MASK;
	struct entry *e;
	u64 *word;
	int err;

	sched_point(SP_ATOMIC, current->mm);
	e = entry_find(cpu, page_va);
	if (e && (e->write || !write)) {
		word = (u64 *)((u8 *)page_address(e->page) + (va - page_va));
		if (write)
			*word = *value;
		else
			*value = *word;
		return true;
	}
	err = write ? put_user(*value, (u64 __user *)va) : get_user(*value, (u64 __user *)va);
	if (!err)
		entry_make(cpu, page_va, write);
	return !err;
}

bool explore_load(unsigned long va, u64 *value)
{
	return explore_access(va, value, false);
}

bool explore_store(unsigned long va, u64 value)
{
	return explore_access(va, &value, true);
}
#endif
