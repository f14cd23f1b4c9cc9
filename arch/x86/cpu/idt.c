/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/idt.c - the table from vectors to entry code
 *
 * Concept    256 interrupt gates (interrupts off on entry) to the stubs of
 *            arch/x86/trap/entry.S, which lie 16 bytes apart. Programs may raise
 *            only the breakpoint and the overflow trap themselves.
 * Owns       The table, one for all CPUs.
 * Callers    kernel/main.c, smp.c.
 * Next       irq.c
 */
#include "arch/x86/cpu/idt.h"
#include "arch/x86/cpu/asm_offsets.h"
#include "arch/x86/cpu/vectors.h"

#define STUB_SPACING 16
#define GATE_INTERRUPT 0x8e	/* present, ring 0, 64-bit interrupt gate (SDM vol. 3, 6.14.1) */
#define GATE_FROM_USER 0x60	/* ring 3 may use it */

struct idt_gate {
	u16 offset_low, selector;
	u8 ist, type;
	u16 offset_mid;
	u32 offset_high, reserved;
};

static_assert(sizeof(struct idt_gate) == 16, "SDM volume 3, figure 6-8");

extern char trap_stubs[];	/* arch/x86/trap/entry.S */

static struct idt_gate idt[NR_VECTORS] __aligned(16);

static u8 idt_ist(unsigned int vector)
{
	switch (vector) {
	case TRAP_DF: return IST_DOUBLE_FAULT;
	case TRAP_NMI: return IST_NMI;
	case TRAP_MC: return IST_MCE;
	case TRAP_DB: return IST_DEBUG;
	default: return 0;
	}
}

void idt_init(bool ist)
{
	for (unsigned int v = 0; v < NR_VECTORS; v++) {
		u64 entry = (u64)trap_stubs + v * STUB_SPACING;
		bool user = v == TRAP_BP || v == TRAP_OF;

		idt[v] = (struct idt_gate){
			.offset_low = (u16)entry,
			.selector = KERNEL_CS,
			.ist = ist ? idt_ist(v) : 0,
			.type = GATE_INTERRUPT | (user ? GATE_FROM_USER : 0),
			.offset_mid = (u16)(entry >> 16),
			.offset_high = (u32)(entry >> 32),
		};
	}
}

void idt_load(void)
{
	struct __packed {
		u16 limit;
		u64 base;
	} pointer = { sizeof(idt) - 1, (u64)idt };

	__asm__ volatile("lidt %0" :: "m"(pointer));
}
