/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/asm_offsets.h - numbers that C and assembly must agree on
 *
 * Only defines: assembly includes this file. Each offset is compared with the
 * structure by a static_assert beside the structure.
 */
#ifndef ARCH_X86_CPU_ASM_OFFSETS_H
#define ARCH_X86_CPU_ASM_OFFSETS_H

/* struct pt_regs, arch/x86/cpu/regs.h */
#define PT_R15		0
#define PT_R14		8
#define PT_R13		16
#define PT_R12		24
#define PT_BP		32
#define PT_BX		40
#define PT_R11		48
#define PT_R10		56
#define PT_R9		64
#define PT_R8		72
#define PT_AX		80
#define PT_CX		88
#define PT_DX		96
#define PT_SI		104
#define PT_DI		112
#define PT_ORIG_AX	120
#define PT_IP		128
#define PT_CS		136
#define PT_FLAGS	144
#define PT_SP		152
#define PT_SS		160
#define PT_SIZE		168

/* struct thread_state, arch/x86/cpu/thread.h */
#define THREAD_SP	0

/* struct tss, arch/x86/cpu/gdt.h */
#define TSS_RSP0	4

/* Segment selectors, arch/x86/cpu/gdt.h: the order is what SYSRET wants. */
#define KERNEL_CS	0x08
#define KERNEL_DS	0x10
#define USER_DS		0x1b
#define USER_CS		0x23
#define TSS_SELECTOR	0x28

/* Interrupt stack table slots of the TSS. */
#define IST_DOUBLE_FAULT 1
#define IST_NMI		2
#define IST_MCE		3
#define IST_DEBUG	4
#define NR_IST		4

#endif
