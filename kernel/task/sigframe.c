/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/sigframe.c - the frame of a signal handler on the user's stack
 *
 * Concept    Before the handler runs, everything that it may destroy is laid
 *            on the user's stack; rt_sigreturn, called by the C library's
 *            restorer when the handler returns, loads it back. The layout is
 *            Linux's, for handlers look into it:
 *
 *                higher   interrupted stack (or the alternate one)
 *                         128 bytes that the ABI lets a function use below sp
 *                         FXSAVE image, 512 bytes, 64-aligned
 *                         struct siginfo
 *                         struct ucontext: registers, mask, stack
 *                sp ->    return address: the restorer
 *
 *            Nothing in the frame is trusted on the way back: a program may
 *            write what it wants into it.
 * Owns       Nothing.
 * Locks      None (signal_set_blocked takes siglock).
 * Invariants After rt_sigreturn, cs, ss and the privileged flags are what every
 *            user program has, and the FPU image can be loaded without a fault.
 * Callers    signal.c, sys_rt_sigreturn().
 * Next       exec.c
 */
#include "kernel/task/signal.h"

#include "arch/x86/cpu/regs.h"
#include "kernel/lib/string.h"
#include "kernel/sched/task.h"
#include "kernel/task/process.h"
#include "mm/uaccess.h"

struct rt_sigframe {
	u64 restorer;
	struct ucontext uc;
	struct siginfo info;
};
static_assert(sizeof(struct rt_sigframe) == 8 + 304 + 128, "struct rt_sigframe");

#define FX_SIZE 512
#define FX_FCW 0		/* offsets in the image: SDM volume 1, table 10-2 */
#define FX_MXCSR 24
#define FX_MXCSR_MASK 28
#define MXCSR_MASK_DEFAULT 0xffbfU
#define REDZONE 128

/* Flags that a program may set: CF PF AF ZF SF TF DF OF RF AC. */
#define FLAGS_USER 0x00050dd5UL
#define FLAGS_FIXED 0x00000202UL	/* bit 1 is always set; interrupts on */
#define FLAGS_TF 0x100UL
#define FLAGS_DF 0x400UL
#define FLAGS_RF 0x10000UL

bool sigaltstack_contains(const struct thread *t, u64 sp)
{
	const struct sigaltstack *ss = &t->altstack;

	return !(ss->ss_flags & SS_DISABLE) && sp > ss->ss_sp && sp - ss->ss_sp <= ss->ss_size;
}

/* Where the frame goes: the address of its lowest byte, aligned as a call leaves sp. */
static u64 sigframe_place(struct pt_regs *regs, const struct k_sigaction *ka, u64 *fx)
{
	struct thread *t = current_thread;
	u64 sp = regs->sp - REDZONE;

	if ((ka->flags & SA_ONSTACK) && !(t->altstack.ss_flags & SS_DISABLE) &&
	    !sigaltstack_contains(t, regs->sp))
		sp = t->altstack.ss_sp + t->altstack.ss_size;
	*fx = round_down(sp - FX_SIZE, 64);
	return round_down(*fx - sizeof(struct rt_sigframe), 16) - 8;
}

static void sigframe_fill(struct rt_sigframe *f, const struct pt_regs *regs, u64 mask)
{
	struct thread *t = current_thread;
	struct sigcontext *sc = &f->uc.uc_mcontext;

	f->uc.uc_flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;
	f->uc.uc_stack = t->altstack;
	if (sigaltstack_contains(t, regs->sp))
		f->uc.uc_stack.ss_flags |= SS_ONSTACK;
	f->uc.uc_sigmask = mask;
	sc->r8 = regs->r8;
	sc->r9 = regs->r9;
	sc->r10 = regs->r10;
	sc->r11 = regs->r11;
	sc->r12 = regs->r12;
	sc->r13 = regs->r13;
	sc->r14 = regs->r14;
	sc->r15 = regs->r15;
	sc->rdi = regs->di;
	sc->rsi = regs->si;
	sc->rbp = regs->bp;
	sc->rbx = regs->bx;
	sc->rdx = regs->dx;
	sc->rax = regs->ax;
	sc->rcx = regs->cx;
	sc->rsp = regs->sp;
	sc->rip = regs->ip;
	sc->eflags = regs->flags;
	sc->cs = regs->cs;
	sc->ss = regs->ss;
	sc->err = (u32)t->error_code;
	sc->trapno = (u32)t->trapno;
	sc->oldmask = mask;
	sc->cr2 = t->fault_address;
}

/* The handler begins with the FPU as a new program finds it. */
static void sigframe_reset_fpu(struct thread_state *thread)
{
	u16 fcw = 0x37f;
	u32 mxcsr = 0x1f80;

	preempt_disable();
	memset(thread->fx, 0, sizeof(thread->fx));
	memcpy(thread->fx + FX_FCW, &fcw, sizeof(fcw));
	memcpy(thread->fx + FX_MXCSR, &mxcsr, sizeof(mxcsr));
	arch_fpu_load(thread);
	preempt_enable();
}

int sigframe_setup(struct pt_regs *regs, const struct k_sigaction *ka,
		   const struct siginfo *info, u64 saved_mask)
{
	struct thread_state *thread = &current->arch;
	struct rt_sigframe f = { 0 };
	u64 fx, sp = sigframe_place(regs, ka, &fx);

	/* Without a restorer the handler could not return; every libc sets one. */
	if (!(ka->flags & SA_RESTORER))
		return -EFAULT;
	f.restorer = ka->restorer;
	f.info = *info;
	sigframe_fill(&f, regs, saved_mask);
	f.uc.uc_mcontext.fpstate = fx;

	preempt_disable();
	arch_fpu_save(thread);
	preempt_enable();
	if (copy_to_user((void __user *)fx, thread->fx, FX_SIZE) ||
	    copy_to_user((void __user *)sp, &f, sizeof(f)))
		return -EFAULT;

	sigframe_reset_fpu(thread);
	regs->di = info->si_signo;
	regs->si = sp + offsetof(struct rt_sigframe, info);
	regs->dx = sp + offsetof(struct rt_sigframe, uc);
	regs->ax = 0;
	regs->ip = ka->handler;
	regs->sp = sp;
	regs->flags &= ~(FLAGS_DF | FLAGS_RF | FLAGS_TF);
	return 0;
}

/* Load the program's FPU image, with the bits cleared that FXRSTOR faults on. */
static int sigframe_restore_fpu(struct thread_state *thread, u64 fx)
{
	u8 image[FX_SIZE];
	u32 mxcsr, mask;

	if (!fx) {
		sigframe_reset_fpu(thread);
		return 0;
	}
	if (copy_from_user(image, (void __user *)fx, FX_SIZE))
		return -EFAULT;
	preempt_disable();
	arch_fpu_save(thread);
	memcpy(&mask, thread->fx + FX_MXCSR_MASK, sizeof(mask));
	memcpy(&mxcsr, image + FX_MXCSR, sizeof(mxcsr));
	mxcsr &= mask ? mask : MXCSR_MASK_DEFAULT;
	memcpy(image + FX_MXCSR, &mxcsr, sizeof(mxcsr));
	memcpy(thread->fx, image, FX_SIZE);
	arch_fpu_load(thread);
	preempt_enable();
	return 0;
}

static void sigframe_restore_regs(struct pt_regs *regs, const struct sigcontext *sc)
{
	regs->r8 = sc->r8;
	regs->r9 = sc->r9;
	regs->r10 = sc->r10;
	regs->r11 = sc->r11;
	regs->r12 = sc->r12;
	regs->r13 = sc->r13;
	regs->r14 = sc->r14;
	regs->r15 = sc->r15;
	regs->di = sc->rdi;
	regs->si = sc->rsi;
	regs->bp = sc->rbp;
	regs->bx = sc->rbx;
	regs->dx = sc->rdx;
	regs->ax = sc->rax;
	regs->orig_ax = ~0UL;		/* not the result of any system call */
	regs->cx = sc->rcx;
	regs->sp = sc->rsp;
	regs->ip = sc->rip;
	regs->flags = (sc->eflags & FLAGS_USER) | FLAGS_FIXED;
	regs->cs = USER_CS;
	regs->ss = USER_DS;
}

int sigframe_return(struct pt_regs *regs)
{
	struct thread *t = current_thread;
	struct rt_sigframe f;

	/* The restorer was popped by the handler's return. */
	if (copy_from_user(&f, (void __user *)(regs->sp - 8), sizeof(f)))
		return -EFAULT;
	if (f.uc.uc_mcontext.rip >= MM_USER_TOP)
		return -EFAULT;
	if (sigframe_restore_fpu(&current->arch, f.uc.uc_mcontext.fpstate))
		return -EFAULT;
	sigframe_restore_regs(regs, &f.uc.uc_mcontext);
	t->restart_nr = -1;
	if (!(f.uc.uc_stack.ss_flags & ~(SS_DISABLE | SS_ONSTACK)))
		t->altstack = (struct sigaltstack) {
			.ss_sp = f.uc.uc_stack.ss_sp,
			.ss_size = f.uc.uc_stack.ss_size,
			.ss_flags = f.uc.uc_stack.ss_flags & SS_DISABLE,
		};
	signal_set_blocked(f.uc.uc_sigmask);
	return 0;
}
