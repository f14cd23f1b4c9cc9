/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/trap/trap.c - exceptions and interrupts of kernel mode, and the fatal ones
 *
 * Concept    The entry code hands over registers, vector and error code. An
 *            exception in kernel mode is a bug, unless the instruction has an
 *            entry in the exception table (user copies) or the fault can be
 *            resolved; the panic says in a sentence what happened. Interrupts
 *            go to irq_dispatch(); on the way out a preemptible thread gives way
 *            if the scheduler asked for the CPU.
 * Owns       Nothing.
 * Locks      None.
 * Invariants Handlers run with interrupts off; an IST handler never sleeps and
 *            never switches.
 * Callers    entry.S
 * Next       fault.c
 */
#include "arch/x86/trap/trap.h"
#include "arch/x86/cpu/irq.h"
#include "arch/x86/cpu/irqflags.h"
#include "arch/x86/cpu/msr.h"
#include "arch/x86/cpu/regs.h"
#include "arch/x86/cpu/vectors.h"
#include "arch/x86/mm/kernel_map.h"
#include "arch/x86/mm/layout.h"
#include "arch/x86/trap/extable.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/task.h"
#include "kernel/sync/preempt.h"

static const char *const trap_names[NR_TRAPS] = {
	[TRAP_DE] = "divide error",
	[TRAP_DB] = "debug trap",
	[TRAP_NMI] = "NMI",
	[TRAP_BP] = "breakpoint",
	[TRAP_OF] = "overflow",
	[TRAP_BR] = "bound range exceeded",
	[TRAP_UD] = "invalid instruction",
	[TRAP_NM] = "FPU not available",
	[TRAP_DF] = "double fault",
	[TRAP_TS] = "invalid task state",
	[TRAP_NP] = "segment not present",
	[TRAP_SS] = "stack segment fault",
	[TRAP_GP] = "general protection fault",
	[TRAP_PF] = "page fault",
	[TRAP_MF] = "x87 error",
	[TRAP_AC] = "alignment check",
	[TRAP_MC] = "machine check",
	[TRAP_XM] = "SSE error",
};

const char *trap_name(unsigned int vector)
{
	return vector < NR_TRAPS && trap_names[vector] ? trap_names[vector] : "unknown exception";
}

static void trap_exception_kernel(struct pt_regs *regs, unsigned int vector,
				  unsigned long error) __attribute__((cold));

void trap_interrupt(struct pt_regs *regs, unsigned int vector)
{
	irq_enter();
	irq_dispatch(regs, vector);
	irq_exit();
}

void trap_from_kernel(struct pt_regs *regs, unsigned int vector, unsigned long error)
{
	if (vector >= NR_TRAPS) {
		trap_interrupt(regs, vector);
		if (need_resched() && preempt_count() == 0)
			preempt_schedule_irq();
	} else if (vector == TRAP_PF) {
		trap_page_fault_kernel(regs, error, cr2_read());
	} else {
		trap_exception_kernel(regs, vector, error);
	}
}

static void trap_exception_kernel(struct pt_regs *regs, unsigned int vector, unsigned long error)
{
	unsigned long fixup = extable_find(regs->ip);

	if (vector == TRAP_GP && fixup) {
		regs->ip = fixup;	/* a user copy from a non-canonical address */
		return;
	}
	if (vector == TRAP_BP) {
		printk(LOG_WARN, "trap: breakpoint in the kernel at %pS", (void *)regs->ip);
		return;
	}
	panic_regs(regs, "%s in kernel mode (error code %lx) at %pS", trap_name(vector), error,
		   (void *)regs->ip);
}

/* Whether @va is in the page below the running task's stack. */
static bool trap_is_task_guard(unsigned long va)
{
	unsigned long stack = current ? (unsigned long)current->stack : 0;

	return stack && va >= stack - PAGE_SIZE && va < stack;
}

__noreturn static void trap_double_fault(struct pt_regs *regs)
{
	unsigned long va = cr2_read();

	if (trap_is_task_guard(va) || is_cpu_stack_guard(va) ||
	    trap_is_task_guard(regs->sp - 1) || is_cpu_stack_guard(regs->sp - 1))
		panic_regs(regs, "kernel stack overflow of task %s (pid %d): %016lx is in the "
			   "guard page", current->comm, current->pid, va);
	panic_regs(regs, "double fault at %pS: an exception could not be delivered (cr2 %016lx)",
		   (void *)regs->ip, va);
}

static void trap_nmi(struct pt_regs *regs)
{
	if (!nmi_dispatch(regs))
		printk(LOG_WARN, "trap: NMI on cpu %u that nobody asked for", smp_processor_id());
}

void trap_on_ist(struct pt_regs *regs, unsigned int vector, unsigned long error)
{
	nmi_enter();
	switch (vector) {
	case TRAP_NMI:
		trap_nmi(regs);
		break;
	case TRAP_DF:
		trap_double_fault(regs);
	case TRAP_DB:
		panic_regs(regs, "debug trap in kernel mode at %pS", (void *)regs->ip);
	default:
		panic_regs(regs, "%s (error code %lx)", trap_name(vector), error);
	}
	nmi_exit();
}

static void trap_show_task(void)
{
	const struct task *t = current;

	if (!t)
		return;
	printk(LOG_EMERG, "cpu %u, task %s, pid %d, %s, preempt count %x", smp_processor_id(),
	       t->comm, t->pid, t->mm ? "has an address space" : "kernel thread",
	       t->info.preempt_count);
}

void trap_init(void)
{
	static struct panic_dump dump = { .show = trap_show_task };

	panic_add_dump(&dump);
}
