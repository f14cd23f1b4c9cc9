/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/mm/layout.h - the map of the 48-bit address space
 *
 *	0000000000000000 - 00007fffffffefff   user programs (USER_TOP excluded)
 *	ffff800000000000 - ffffbfffffffffff   direct map: all RAM, NX
 *	ffffc90000000000 - ffffc9ffffffffff   vmalloc: kernel stacks and other
 *	                                      areas that want guard pages
 *	ffffe90000000000 - ffffe9003fffffff   device registers (mmio_map), uncached
 *	ffffe90040000000 - ffffe9007fffffff   stacks of the CPUs (idle, traps), guarded
 *	ffffffff80000000 - ffffffffbfffffff   kernel image, at physical + 0 (linked at +1 MiB)
 *
 * arch/x86/mm/kernel_map.c builds it.
 */
#ifndef ARCH_X86_MM_LAYOUT_H
#define ARCH_X86_MM_LAYOUT_H

#define KERNEL_BASE		0xffffffff80000000
#define KERNEL_PHYS_START	0x100000

#ifndef __ASSEMBLY__
#include "include/types.h"

#define USER_TOP		0x00007ffffffff000UL
#define DIRECT_MAP_BASE		0xffff800000000000UL
#define DIRECT_MAP_END		0xffffc00000000000UL
#define VMALLOC_START		0xffffc90000000000UL
#define VMALLOC_END		0xffffca0000000000UL
#define MMIO_START		0xffffe90000000000UL
#define MMIO_END		0xffffe90040000000UL
#define CPU_STACKS_START	0xffffe90040000000UL
#define KERNEL_IMAGE_END	0xffffffffc0000000UL

/* Bounds of the image's parts, from kernel.lds; all page aligned. */
extern char _kernel_start[], _text_start[], _text_end[], _rodata_start[], _rodata_end[];
extern char _data_start[], _data_end[], _bss_start[], _bss_end[], _kernel_end[];

/* Where a byte of RAM is in the direct map. */
static inline void *phys_to_virt(u64 pa)
{
	return (void *)(DIRECT_MAP_BASE + pa);
}

static inline bool is_direct_map(const void *p)
{
	return (unsigned long)p >= DIRECT_MAP_BASE && (unsigned long)p < DIRECT_MAP_END;
}

static inline bool is_kernel_image(const void *p)
{
	return (unsigned long)p >= KERNEL_BASE && (unsigned long)p < KERNEL_IMAGE_END;
}

/* The physical address of an object in the direct map or the kernel image; not
 * of vmalloc memory, which has no one answer. */
static inline u64 virt_to_phys(const volatile void *p)
{
	unsigned long va = (unsigned long)p;

	return va >= KERNEL_BASE ? va - KERNEL_BASE : va - DIRECT_MAP_BASE;
}

static inline bool is_user_range(unsigned long start, unsigned long len)
{
	return len <= USER_TOP && start <= USER_TOP - len;
}
#endif
#endif
