/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/trap/user.c - traps and system calls of programs, and the way back
 *
 * Concept    Whatever brought a program into the kernel, it leaves by one loop:
 *            as long as there is work (another task wants the CPU, a signal
 *            waits) it is done with interrupts on, and then looked again with
 *            interrupts off; only then the registers are loaded.
 * Owns       Nothing.
 * Locks      None.
 * Invariants On return to the entry code interrupts are off, no lock is held,
 *            and the registers are ones that IRET accepts.
 * Callers    entry.S
 * Next       kernel/syscall/table.c
 */
#include "arch/x86/cpu/irqflags.h"
#include "arch/x86/cpu/msr.h"
#include "arch/x86/cpu/regs.h"
#include "arch/x86/cpu/vectors.h"
#include "arch/x86/mm/layout.h"
#include "arch/x86/trap/trap.h"
#include "include/uapi/signal.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/task.h"
#include "kernel/sync/lock_check.h"
#include "kernel/syscall/dispatch.h"
#include "kernel/task/signal.h"

#define FLAGS_ALWAYS 0x202UL		/* IF, and bit 1, which is fixed */
#define FLAGS_USER 0x244dd5UL		/* ID AC RF OF DF TF SF ZF AF PF CF: a program's own */
#define FLAGS_TF 0x100UL
#define FLAGS_RF 0x10000UL
#define FLAGS_SYSRET (FLAGS_USER & ~(FLAGS_TF | FLAGS_RF))
#define FLAGS_SYSCALL_CLEARS 0x47700UL	/* AC NT IOPL DF IF TF */

void syscall_entry(void);	/* entry.S: an address only */

void syscall_init(void)
{
	/* SYSRET loads SS from the base + 8 and CS from the base + 16 */
	wrmsr(MSR_STAR, ((u64)(USER_DS - 8) << 48) | ((u64)KERNEL_CS << 32));
	wrmsr(MSR_LSTAR, (u64)syscall_entry);
	wrmsr(MSR_SYSCALL_MASK, FLAGS_SYSCALL_CLEARS);
}

#define USER_WORK (BIT(TIF_NEED_RESCHED) | BIT(TIF_SIGPENDING) | BIT(TIF_NOTIFY_RESUME))

/* Something to do before user mode? An address up there is a handler or a jump to
 * nowhere: IRET would fault in our name. */
static inline bool user_has_work(const struct pt_regs *regs)
{
	return READ_ONCE(current_thread_info()->flags) & USER_WORK || regs->ip >= USER_TOP;
}

/* Do one such thing. Interrupts on. */
static noinline void user_work(struct pt_regs *regs)
{
	unsigned long flags = READ_ONCE(current_thread_info()->flags);

	if (flags & BIT(TIF_NEED_RESCHED)) {
		schedule();
	} else if (flags & USER_WORK) {
		thread_flag_clear(current_thread_info(), TIF_NOTIFY_RESUME);
		if (signal_pending(current))
			signal_deliver(regs);
	} else if (regs->ip >= USER_TOP) {
		force_sig_fault(SIGSEGV, SEGV_MAPERR, regs->ip, TRAP_GP, 0);
	}
}

/* The last thing before user mode: leaves interrupts off. */
static __always_inline void user_exit_work(struct pt_regs *regs)
{
	local_irq_disable();
	while (unlikely(user_has_work(regs))) {
		local_irq_enable();
		user_work(regs);
		local_irq_disable();
	}
	ASSERT(preempt_count() == 0);
	lock_check_none_held("return to user mode");
}

/* Whatever has been written to the frame: registers that IRET accepts. */
static __always_inline void user_iret_frame(struct pt_regs *regs)
{
	regs->flags = (regs->flags & FLAGS_USER) | FLAGS_ALWAYS;
	regs->cs = USER_CS;
	regs->ss = USER_DS;
}

/* Which floating-point exception it was: flags that are set and not masked, in
 * the status words of SDM volume 1, 8.1.3 and 10.2.3. Interrupts off. */
static int user_fpu_code(unsigned int vector)
{
	u16 status, control;
	u32 mxcsr, raised;

	if (vector == TRAP_MF) {
		__asm__ volatile("fnstsw %0; fnstcw %1" : "=m"(status), "=m"(control));
		raised = status & ~(u32)control;
	} else {
		__asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
		raised = mxcsr & ~(mxcsr >> 7);
	}
	if (raised & 0x01)
		return FPE_FLTINV;
	if (raised & 0x04)
		return FPE_FLTDIV;
	if (raised & 0x08)
		return FPE_FLTOVF;
	if (raised & 0x12)
		return FPE_FLTUND;
	return FPE_FLTRES;
}

static void user_exception(struct pt_regs *regs, unsigned int vector, unsigned long error)
{
	int sig = SIGSEGV, code = SI_KERNEL;
	u64 addr = 0;

	switch (vector) {
	case TRAP_DE: sig = SIGFPE; code = FPE_INTDIV; addr = regs->ip; break;
	case TRAP_DB: sig = SIGTRAP; code = TRAP_TRACE; addr = regs->ip; break;
	case TRAP_BP: sig = SIGTRAP; break;
	case TRAP_UD: sig = SIGILL; code = ILL_ILLOPN; addr = regs->ip; break;
	case TRAP_MF:
	case TRAP_XM: sig = SIGFPE; code = user_fpu_code(vector); addr = regs->ip; break;
	case TRAP_AC: sig = SIGBUS; code = BUS_ADRALN; break;
	default: break;
	}
	local_irq_enable();
	force_sig_fault(sig, code, addr, (int)vector, (int)error);
}

void trap_from_user(struct pt_regs *regs, unsigned int vector, unsigned long error)
{
	if (vector >= NR_TRAPS)
		trap_interrupt(regs, vector);
	else if (vector == TRAP_PF)
		trap_page_fault_user(regs, error, cr2_read());
	else
		user_exception(regs, vector, error);
	user_exit_work(regs);
	user_iret_frame(regs);
}

/* SYSRET takes ip from RCX, flags from R11 and its selectors from nowhere, and cannot
 * restore RF or TF: only a frame as SYSCALL left it will do. */
static inline bool user_sysret_ok(const struct pt_regs *regs)
{
	return regs->cx == regs->ip && regs->r11 == regs->flags &&
	       (regs->flags & ~FLAGS_SYSRET) == FLAGS_ALWAYS;
}

bool syscall_from_user(struct pt_regs *regs)
{
	local_irq_enable();
	syscall_dispatch(regs);
	user_exit_work(regs);
	if (likely(user_sysret_ok(regs)))
		return true;
	user_iret_frame(regs);
	return false;
}

void thread_to_user(struct pt_regs *regs)
{
	ASSERT_MSG(regs->ip, "thread %s returned from its function and has no program",
		   current->comm);
	user_exit_work(regs);
	user_iret_frame(regs);
}
