/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/mm/kernel_map.h - the kernel's own page tables
 */
#ifndef ARCH_X86_MM_KERNEL_MAP_H
#define ARCH_X86_MM_KERNEL_MAP_H

#include "include/types.h"
#include "arch/x86/mm/pte.h"

/*
 * The root table of the kernel's half. Every user root copies its entries
 * 256..511; kernel_map_init() fills all that will ever be used (direct map,
 * vmalloc, devices, image), so that no copy ever goes stale.
 */
extern pte_t kernel_pgd[512];

/*
 * Replace the first mapper: image by parts (text RX, rodata R, data RW NX),
 * all RAM in the direct map (RW NX, the image's text and rodata R), the identity
 * map gone. Context: boot CPU, after boot_info_init(), before memblock.
 */
void kernel_map_init(void);

/*
 * Give CPU @cpu its stacks: allocates below 4 GiB and maps them with a guard
 * page under each. Context: boot CPU, before memblock.
 */
void kernel_map_cpu_stacks(unsigned int cpu);

enum cpu_stack { CPU_STACK_IDLE, CPU_STACK_DF, CPU_STACK_NMI, CPU_STACK_MCE, CPU_STACK_DB,
		 NR_CPU_STACKS };
/* One past the last byte of a stack of @cpu. */
unsigned long cpu_stack_top(unsigned int cpu, enum cpu_stack which);
/* Whether @va lies in the guard page below some CPU's stack. */
bool is_cpu_stack_guard(unsigned long va);

/*
 * The leaf entry that translates the kernel address @va, of whatever level, or
 * none. Context: any, panics included; no lock.
 */
pte_t kernel_map_lookup(unsigned long va);
/* Whether it translates. */
bool kernel_map_present(unsigned long va);

/* Map RAM that firmware keeps (ACPI tables), for good, read-only. As mmio_map(). */
const void *firmware_map(u64 pa, u64 len);

/*
 * Map device registers [@pa, @pa + @len) uncached, for good.
 * Context: any; no lock, no allocation. Return: the address, NULL when the
 * window is full.
 */
void *mmio_map(u64 pa, u64 len);

#endif
