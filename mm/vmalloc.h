/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/vmalloc.h - kernel memory that is contiguous in address only
 *
 * Each range is followed by an unmapped guard page, so that running off its end
 * faults at once. Kernel stacks come from here.
 */
#ifndef MM_VMALLOC_H
#define MM_VMALLOC_H

#include "include/types.h"

/* Allocate @size bytes (whole pages). May sleep. Return: address or NULL. */
void *vmalloc(size_t size);
void *vzalloc(size_t size);
/*
 * Unmap, flush every CPU, free. NULL is allowed. Context: interrupts on, no
 * spinlock ranked after LOCK_VMALLOC; use vfree_deferred() elsewhere.
 */
void vfree(const void *addr);
/* The same from any context: a later vmalloc() or vfree() does the work. */
void vfree_deferred(void *addr);
bool is_vmalloc_addr(const void *addr);
/* Physical address behind a kernel address of any kind; asserts that it is mapped. */
u64 vmalloc_to_phys(const void *addr);
/* Is this the guard page of some range (fault reports say whose)? Context: any. */
bool vmalloc_is_guard(unsigned long addr, unsigned long *start, unsigned long *end);
/* Boot: after slab_init(). */
void vmalloc_init(void);
/* Free the stacks that are kept for new threads. Context: as vfree(). */
void vmalloc_drop_stacks(void);
/* Is every mapped page in a range? Return: pages that are not; reported. */
unsigned int vmalloc_check(void);
struct vmalloc_info { u64 ranges, pages, tables; };
void vmalloc_info(struct vmalloc_info *out);

#endif
