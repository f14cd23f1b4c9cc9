/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/trampoline.h - where secondary CPUs begin
 */
#ifndef ARCH_X86_CPU_TRAMPOLINE_H
#define ARCH_X86_CPU_TRAMPOLINE_H

/* A page below 1 MiB: reserved with all low memory by boot_info.c. */
#define TRAMPOLINE_PA 0x8000

#ifndef __ASSEMBLY__
extern const char trampoline_start[], trampoline_end[];
#endif

#endif
