/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/exit.c - the end of the machine's run
 *
 * Concept    QEMU's isa-debug-exit device ends the emulator with the byte that
 *            is written to its port. A machine without it (a plain one that a
 *            person started) ignores the write; then ACPI's soft-off state is
 *            tried at the ports where QEMU's chip sets have it, and last the CPU
 *            halts.
 * Owns       Nothing.
 * Callers    kernel/main.c, panic, the power-off and reboot calls.
 * Next       percpu.c
 */
#include "arch/x86/cpu/exit.h"
#include "arch/x86/cpu/io.h"
#include "arch/x86/cpu/irqflags.h"

#define DEBUG_EXIT_PORT 0xf4
#define PM1_CONTROL_PC 0x604	/* PM base 0x600 + 4: set so by SeaBIOS on q35 and pc */
#define PM1_SOFT_OFF 0x2000	/* SLP_EN, SLP_TYP 0 (ACPI 6.4, 4.8.3.2.1) */
#define KBD_COMMAND_PORT 0x64
#define KBD_PULSE_RESET 0xfe

void machine_halt(void)
{
	for (;;) {
		local_irq_disable();
		__asm__ volatile("hlt");
	}
}

void machine_exit(u8 code)
{
	local_irq_disable();
	outb(DEBUG_EXIT_PORT, code);
	outw(PM1_CONTROL_PC, PM1_SOFT_OFF);
	machine_halt();
}

void machine_reboot(void)
{
	static const struct __packed {
		u16 limit;
		u64 base;
	} no_idt;

	local_irq_disable();
	outb(KBD_COMMAND_PORT, KBD_PULSE_RESET);
	for (unsigned int i = 0; i < 100000; i++)
		io_delay();
	__asm__ volatile("lidt %0; ud2" :: "m"(no_idt));
	machine_halt();
}
