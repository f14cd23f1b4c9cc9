/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/trap/extable.h - instructions that are allowed to fault
 */
#ifndef ARCH_X86_TRAP_EXTABLE_H
#define ARCH_X86_TRAP_EXTABLE_H

#include "include/types.h"

/*
 * Find where to go on if the instruction at @ip faults (EX_TABLE in asm.h).
 * Context: any. Return: the address, or 0: it must not fault.
 */
unsigned long extable_find(unsigned long ip);

#endif
