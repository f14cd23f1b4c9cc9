/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/syscall/dispatch.h - the door for system calls
 *
 * Inline, for it stands on the way of every call: only what happens seldom (a number
 * without a function, a call that is to be made again) is a function of table.c.
 */
#ifndef KERNEL_SYSCALL_DISPATCH_H
#define KERNEL_SYSCALL_DISPATCH_H

#include "arch/x86/cpu/irqflags.h"
#include "arch/x86/cpu/regs.h"
#include "include/uapi/errno.h"
#include "include/types.h"
#include "kernel/lib/panic.h"
#include "kernel/sync/preempt.h"

typedef long syscall_fn(u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6);

#define NR_SYSCALLS 512

extern syscall_fn *const syscall_table[NR_SYSCALLS];

/* Say once for each number that it is missing; -ENOSYS. Context: as syscall_dispatch(). */
long syscall_missing(u64 nr);

/*
 * Call @nr, which a signal has interrupted, may be made again: signal_deliver() decides,
 * and comes before the program does. Context: as syscall_dispatch().
 */
void syscall_restart_later(u64 nr);

/* What every call must leave as it found it. Without CHECKS user.c looks, and has no name. */
static inline void syscall_check_exit(u64 nr)
{
#ifdef CONFIG_CHECKS
	ASSERT_MSG(preempt_count() == 0, "system call %lu returns with preempt count %x",
		   (unsigned long)nr, preempt_count());
	ASSERT_MSG(!irqs_disabled(), "system call %lu returns with interrupts off",
		   (unsigned long)nr);
#else
	(void)nr;
#endif
}

/*
 * Run the system call of the frame @regs (number in orig_rax, arguments in rdi
 * rsi rdx r10 r8 r9) and store its result in rax. The trap code calls this
 * with interrupts on, and afterwards does what every return to user mode does
 * (signal_deliver() while signal_pending(current)).
 * Context: a user thread; may sleep; may not return.
 */
static __always_inline void syscall_dispatch(struct pt_regs *regs)
{
	u64 nr = regs->orig_ax;
	long ret;

	if (likely(nr < NR_SYSCALLS && syscall_table[nr]))
		ret = syscall_table[nr](regs->di, regs->si, regs->dx, regs->r10, regs->r8,
					regs->r9);
	else
		ret = syscall_missing(nr);
	regs->ax = ret;
	syscall_check_exit(nr);
	/* rt_sigreturn has cleared orig_ax: the program's own rax is no request of ours */
	if (unlikely(ret <= -ERESTARTSYS && ret >= -ERESTARTNOHAND) && regs->orig_ax == nr)
		syscall_restart_later(nr);
}

#endif
