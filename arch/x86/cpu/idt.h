/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/idt.h - the table from vectors to entry code
 */
#ifndef ARCH_X86_CPU_IDT_H
#define ARCH_X86_CPU_IDT_H

#include "include/types.h"

/*
 * Fill the table that all CPUs share. Context: boot CPU, once. With
 * !@ist the gates of NMI, #DF, #MC and #DB use the current stack: for the time
 * before gdt_init(), when there is no task state yet.
 */
void idt_init(bool ist);
/* Load it. Context: each CPU. */
void idt_load(void);

#endif
