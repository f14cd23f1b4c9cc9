/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/commit.h - what processes may ask for, and what was promised to them
 */
#ifndef MM_COMMIT_H
#define MM_COMMIT_H

#include "include/types.h"
#include "mm/mm.h"

/* /proc/sys/vm/overcommit_memory. */
enum overcommit { OVERCOMMIT_GUESS, OVERCOMMIT_ALWAYS, OVERCOMMIT_NEVER };

struct commit_policy {
	u64 overcommit_memory;	/* A: enum overcommit */
	/* with OVERCOMMIT_NEVER: */
	u64 overcommit_ratio;	/* A: per cent of memory that counts ... */
	u64 overcommit_kbytes;	/* A: ... or so much, unless it is 0 */
	u64 admin_reserve_kbytes;	/* A: kept back from all who have no CAP_SYS_ADMIN */
	u64 user_reserve_kbytes;	/* A: a process leaves so much, or 1/32 of its size */
};
extern struct commit_policy commit_policy;

/* The reserves follow from how much memory is free. Boot, after the buddy allocator. */
void commit_init(void);

/* Pages promised now; how many may be with OVERCOMMIT_NEVER, reserves included. Context: any. */
u64 commit_pages(void);
u64 commit_limit(void);

/* ---- promises to files ---- */

/* Promise @pages more. Context: any. Return: 0 or -ENOMEM. */
int __must_check commit_charge(u64 pages);
/* @pages will not be wanted any more. Context: any. */
void commit_uncharge(u64 pages);

/* ---- promises to address spaces; mmap_lock held for writing ---- */

/* Can each page of a VMA with @flags become memory of its own? Then it gets VM_ACCOUNT. */
static inline bool commit_counts(unsigned long flags)
{
	return (flags & (VM_WRITE | VM_SHARED | VM_NORESERVE)) == VM_WRITE;
}

/* Is it data in the sense of RLIMIT_DATA: private, writable, no stack? */
static inline bool vma_flags_are_data(unsigned long flags)
{
	return (flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) == VM_WRITE;
}

/* Pages of [@start, @end) that are promised. */
u64 commit_within(struct mm *mm, unsigned long start, unsigned long end);
/*
 * Put @pages (less than none: nothing) into the pocket of @mm, for VMAs that are about to
 * come or grow. Return: 0 or -ENOMEM.
 */
int __must_check commit_prepare(struct mm *mm, s64 pages);
/* VMAs have changed, or will not: the pocket is emptied. Cannot fail. */
void commit_settle(struct mm *mm);
/* Do RLIMIT_AS and RLIMIT_DATA allow @mm @pages more in VMAs with @flags? */
bool may_expand_vm(const struct mm *mm, unsigned long flags, u64 pages);

/* For the world check: count all promises anew. May sleep. Return: number of faults. */
unsigned int commit_check(void);

#endif
