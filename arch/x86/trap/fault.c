/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/trap/fault.c - a page fault: which of the few kinds is it?
 *
 * Concept
 *
 *	user mode, user address      mm_fault(), else a signal
 *	user mode, kernel address    a signal
 *	kernel mode, user address    only in a user copy (exception table):
 *	  may sleep                  mm_fault(), else the copy ends early
 *	  may not sleep              the copy ends early at once
 *	kernel mode, otherwise       a bug: panic with the decoded fault
 *
 * Owns       Nothing.
 * Locks      None; mm_fault() takes mmap_lock.
 * Callers    trap.c (kernel mode), user.c (user mode)
 * Next       mm/fault.c
 */
#include "arch/x86/cpu/irqflags.h"
#include "arch/x86/cpu/regs.h"
#include "arch/x86/cpu/vectors.h"
#include "arch/x86/mm/kernel_map.h"
#include "arch/x86/mm/layout.h"
#include "arch/x86/trap/extable.h"
#include "arch/x86/trap/trap.h"
#include "include/uapi/signal.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printf.h"
#include "kernel/sched/task.h"
#include "kernel/task/signal.h"
#include "mm/fault.h"

/* Error code, SDM volume 3, 4.7 */
enum {
	PF_PRESENT = BIT(0),	/* the translation exists but forbids the access */
	PF_WRITE = BIT(1),
	PF_USER = BIT(2),
	PF_RESERVED = BIT(3),	/* a reserved bit is set in a table */
	PF_FETCH = BIT(4),
};

#define NULL_PAGE_END 4096UL

static unsigned int fault_flags(unsigned long error)
{
	return (error & PF_WRITE ? FAULT_WRITE : 0) | (error & PF_FETCH ? FAULT_EXEC : 0) |
	       (error & PF_USER ? FAULT_USER : 0);
}

/* Say what the kernel did and why that cannot be. */
static const char *fault_reason(unsigned long error, unsigned long va)
{
	if (error & PF_RESERVED)
		return "a page-table entry on the way has a reserved bit set";
	if (va < NULL_PAGE_END)
		return "a NULL pointer, or a field of one";
	if (va < USER_TOP && (error & PF_FETCH))
		return "user memory, which the kernel never executes";
	if (va < USER_TOP)
		return "user memory, outside of the copy functions";
	if (va < DIRECT_MAP_BASE)
		return "a non-canonical or unused address";
	if (is_cpu_stack_guard(va))
		return "the guard page of a kernel stack";
	if (error & PF_FETCH)
		return "data, which is not executable";
	if ((error & PF_PRESENT) && (error & PF_WRITE))
		return "read-only";
	if (va < DIRECT_MAP_END)
		return "the direct map, where there is no RAM";
	if (va >= VMALLOC_START && va < VMALLOC_END)
		return "vmalloc space, where nothing is mapped (or a guard page)";
	return "not mapped";
}

__noreturn static void fault_panic(struct pt_regs *regs, unsigned long error, unsigned long va)
{
	const char *verb = error & PF_FETCH ? "executed" : error & PF_WRITE ? "wrote to" : "read";

	panic_regs(regs, "page fault: the kernel %s %016lx, which is %s; at %pS (error code %lx)",
		   verb, va, fault_reason(error, va), (void *)regs->ip, error);
}

/* Try to resolve a fault of a user copy. Return: whether to repeat the access. */
static bool fault_user_copy(struct pt_regs *regs, unsigned long error, unsigned long va)
{
	int result;

	/* the count without the interrupt state: that is the interrupted code's */
	if (irqs_disabled_flags(regs->flags) || preempt_count() || !current->mm)
		return false;
	local_irq_enable();
	result = mm_fault(current->mm, va, fault_flags(error));
	local_irq_disable();
	return result == FAULT_DONE;
}

void trap_page_fault_kernel(struct pt_regs *regs, unsigned long error, unsigned long va)
{
	unsigned long fixup = extable_find(regs->ip);

	if (va >= USER_TOP || !fixup || (error & (PF_RESERVED | PF_FETCH)))
		fault_panic(regs, error, va);
	if (!fault_user_copy(regs, error, va))
		regs->ip = fixup;
}

void trap_page_fault_user(struct pt_regs *regs, unsigned long error, unsigned long va)
{
	int result = FAULT_MAPERR;

	(void)regs;
	local_irq_enable();
	if (error & PF_RESERVED)
		fault_panic(regs, error, va);
	if (va < USER_TOP)
		result = mm_fault(current->mm, va, fault_flags(error));
	switch (result) {
	case FAULT_DONE:
		return;
	case FAULT_MAPERR:
		force_sig_fault(SIGSEGV, SEGV_MAPERR, va, TRAP_PF, (int)error);
		return;
	case FAULT_ACCERR:
		force_sig_fault(SIGSEGV, SEGV_ACCERR, va, TRAP_PF, (int)error);
		return;
	case FAULT_BUSERR:
		force_sig_fault(SIGBUS, BUS_ADRERR, va, TRAP_PF, (int)error);
		return;
	case FAULT_POISON:
		force_sig_fault(SIGBUS, BUS_MCEERR_AR, va, TRAP_PF, (int)error);
		return;
	case FAULT_OOM:
		/* reclaim and the OOM killer have had their turn */
		force_sig_fault(SIGKILL, SI_KERNEL, va, TRAP_PF, (int)error);
		return;
	default:
		panic_regs(regs, "mm_fault() returned %d for %016lx", result, va);
	}
}
