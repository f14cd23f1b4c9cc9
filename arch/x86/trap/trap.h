/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/trap/trap.h - what the entry code calls, and the files of this folder each other
 */
#ifndef ARCH_X86_TRAP_TRAP_H
#define ARCH_X86_TRAP_TRAP_H

#include "include/types.h"

struct pt_regs;

/* From entry.S only, interrupts off. @error is the CPU's error code or 0. */
void trap_from_kernel(struct pt_regs *regs, unsigned int vector, unsigned long error);
void trap_from_user(struct pt_regs *regs, unsigned int vector, unsigned long error);
void trap_on_ist(struct pt_regs *regs, unsigned int vector, unsigned long error);
/* Return: whether SYSRET may be used. */
bool syscall_from_user(struct pt_regs *regs);
void thread_to_user(struct pt_regs *regs);

/* Serve an interrupt, with the bracket that counts it. */
void trap_interrupt(struct pt_regs *regs, unsigned int vector);

/* A page fault, with the address that the CPU left in CR2. Interrupts off. */
void trap_page_fault_kernel(struct pt_regs *regs, unsigned long error, unsigned long va);
void trap_page_fault_user(struct pt_regs *regs, unsigned long error, unsigned long va);

/* The CPU's name of an exception. */
const char *trap_name(unsigned int vector);

/* Register the panic dump of this layer. Context: boot. */
void trap_init(void);
/* Point SYSCALL at entry.S. Context: each CPU once. */
void syscall_init(void);

#endif
