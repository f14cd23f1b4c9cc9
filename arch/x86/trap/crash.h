/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/trap/crash.h - crashes on purpose, to see what a panic says
 */
#ifndef ARCH_X86_TRAP_CRASH_H
#define ARCH_X86_TRAP_CRASH_H

/* Do what the boot option crash= asked for, if anything. Context: a kernel
 * thread or the end of boot; returns unless asked. */
void crash_if_asked(void);

#endif
