/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/backtrace.h - who called whom, by frame pointers
 */
#ifndef ARCH_X86_CPU_BACKTRACE_H
#define ARCH_X86_CPU_BACKTRACE_H

#include "include/types.h"

struct pt_regs;

/*
 * Collect up to @max addresses of calls, innermost first, from the caller of the
 * function that calls this. Each lies inside the call instruction (the return
 * address minus one), so that its symbol and line are the call's.
 * Context: any, takes no lock.
 * Return: how many.
 */
unsigned int backtrace_collect(unsigned long *out, unsigned int max);
/* The same from interrupted registers (kernel mode), ip first. */
unsigned int backtrace_collect_regs(const struct pt_regs *regs, unsigned long *out,
				    unsigned int max);
/* The same of a thread that does not run, given its saved stack pointer. */
unsigned int backtrace_collect_sp(unsigned long sp, unsigned long *out, unsigned int max);

/* Print addresses with names, one a line. Context: any. */
void backtrace_print(const unsigned long *addrs, unsigned int nr);
/* Print this CPU's present stack. */
void backtrace_here(void);

/* Tell panic.c about this machine. Context: boot, early. */
void backtrace_init(void);

#endif
