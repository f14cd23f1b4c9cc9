/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/exit.h - the end of the machine's run
 */
#ifndef ARCH_X86_CPU_EXIT_H
#define ARCH_X86_CPU_EXIT_H

#include "include/types.h"

/* What the runner reads: QEMU's exit status is (code << 1) | 1. */
enum exit_code {
	EXIT_PASS = 0x10,
	EXIT_FAIL = 0x11,
	EXIT_PANIC = 0x12,
	EXIT_HANG = 0x13,
};

/*
 * Leave through QEMU's debug-exit port with @code; without that device, switch
 * the power off, or halt with interrupts off. Context: any, any CPU.
 */
void machine_exit(u8 code) __noreturn;

/* Stop this CPU for ever. Context: any. */
void machine_halt(void) __noreturn;

/* Reset the machine through the keyboard controller, then by triple fault. */
void machine_reboot(void) __noreturn;

#endif
