/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/stack_protector.h - the two names that the compiler expects
 */
#ifndef KERNEL_LIB_STACK_PROTECTOR_H
#define KERNEL_LIB_STACK_PROTECTOR_H

extern unsigned long __stack_chk_guard;

/* A function found its frame overwritten: panics. */
void __stack_chk_fail(void) __attribute__((noreturn));

#endif
