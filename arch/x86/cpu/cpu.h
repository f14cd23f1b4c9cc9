/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/cpu.h - what each CPU is set to before it does anything else
 */
#ifndef ARCH_X86_CPU_CPU_H
#define ARCH_X86_CPU_CPU_H

#include "include/types.h"

/*
 * Decide which protections this machine has: NX, SMEP, SMAP, UMIP; patch the
 * code for SMAP; say in one line what is missing. Context: boot CPU, once,
 * before kernel_map_init() (the text is still writable).
 */
void cpu_features_init(void);

/* Switch those on for this CPU: EFER, CR0, CR4. Context: each CPU once. */
void cpu_features_enable(void);

#endif
