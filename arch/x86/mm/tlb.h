/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/mm/tlb.h - what one CPU can forget, one instruction or two each
 *
 * mm/tlb.c decides who forgets what, and is the only caller for user
 * addresses. All of these act on the CPU that runs them.
 */
#ifndef ARCH_X86_MM_TLB_H
#define ARCH_X86_MM_TLB_H

#include "include/types.h"
#include "arch/x86/cpu/msr.h"
#include "arch/x86/mm/layout.h"

/* Forget the translation of one page (and all cached upper entries, SDM 4.10.4.1). */
static inline void arch_tlb_flush_page(unsigned long va)
{
	__asm__ volatile("invlpg (%0)" :: "r"(va) : "memory");
}

/* Forget everything that is not global: all of user space. */
static inline void arch_tlb_flush_all(void)
{
	cr3_write(cr3_read());
}

/* Forget everything, the kernel's global translations too. Interrupts off. */
static inline void arch_tlb_flush_global(void)
{
	unsigned long cr4 = cr4_read();

	if (cr4 & CR4_PGE) {
		cr4_write(cr4 & ~CR4_PGE);
		cr4_write(cr4);
	} else {
		arch_tlb_flush_all();
	}
}

/* Translate through the root table at @pgd from now on; flushes as above. */
static inline void arch_load_pgd(const void *pgd)
{
	cr3_write(virt_to_phys(pgd));
}

#endif
