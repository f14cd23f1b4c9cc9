/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/regs.h - the registers of an interrupted program
 *
 * The order is Linux's, for it is also what user programs see (ptrace, signal
 * frames). arch/x86/trap/entry.S pushes it; arch/x86/cpu/asm_offsets.h has the
 * same order as numbers for assembly, compared by static_assert below.
 */
#ifndef ARCH_X86_CPU_REGS_H
#define ARCH_X86_CPU_REGS_H

#include "include/types.h"
#include "arch/x86/cpu/asm_offsets.h"

struct pt_regs {
	/* callee-saved in the C calling convention */
	unsigned long r15, r14, r13, r12, bp, bx;
	/* caller-saved */
	unsigned long r11, r10, r9, r8, ax, cx, dx, si, di;
	/* system call: its number; exceptions and interrupts: -1 */
	unsigned long orig_ax;
	/* pushed by the CPU */
	unsigned long ip, cs, flags, sp, ss;
};

static_assert(offsetof(struct pt_regs, di) == PT_DI, "assembly pushes this order");
static_assert(offsetof(struct pt_regs, ax) == PT_AX, "assembly pushes this order");
static_assert(offsetof(struct pt_regs, r11) == PT_R11, "assembly pushes this order");
static_assert(offsetof(struct pt_regs, cx) == PT_CX, "assembly pushes this order");
static_assert(offsetof(struct pt_regs, orig_ax) == PT_ORIG_AX, "assembly pushes this order");
static_assert(offsetof(struct pt_regs, ip) == PT_IP, "assembly pushes this order");
static_assert(offsetof(struct pt_regs, cs) == PT_CS, "assembly pushes this order");
static_assert(offsetof(struct pt_regs, flags) == PT_FLAGS, "assembly pushes this order");
static_assert(offsetof(struct pt_regs, sp) == PT_SP, "assembly pushes this order");
static_assert(sizeof(struct pt_regs) == PT_SIZE, "assembly pushes this order");

/* Whether the interrupted program was a user program. */
static inline bool user_mode(const struct pt_regs *regs)
{
	return (regs->cs & 3) == 3;
}

#endif
