/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/thread.c - the machine's part of a task
 *
 * Concept    A switch exchanges the kernel stack (switch.S), the stack for the
 *            next entry from user mode (TSS), and, if user threads are involved,
 *            FS and GS base and the FPU registers. FPU state is eager: saved and
 *            loaded at every switch of a user thread. The kernel itself uses
 *            none of these registers.
 *
 *                kernel stack of a new thread, top first
 *                    struct pt_regs        zero until fork or exec fills it
 *                    thread_start          where switch_stack's ret goes
 *                    bp bx r12 r13 r14 r15 as switch_stack pops them
 * Owns       struct thread_state.
 * Locks      None: the scheduler switches with interrupts off; the rest is the
 *            thread's own.
 * Callers    kernel/sched, kernel/task.
 * Next       switch.S
 */
#include "arch/x86/cpu/thread.h"
#include "arch/x86/cpu/gdt.h"
#include "arch/x86/cpu/msr.h"
#include "arch/x86/mm/layout.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"

/* FXSAVE image of a program's first instruction (SDM volume 1, table 10-2). */
#define FX_FCW_OFFSET 0
#define FX_FCW_INIT 0x037f
#define FX_MXCSR_OFFSET 24
#define FX_MXCSR_INIT 0x1f80
#define FX_MXCSR_VALID 0xffff

struct switch_frame {
	unsigned long r15, r14, r13, r12, bx, bp, ip;
};

void thread_start(void);		/* arch/x86/trap/entry.S: an address only */
struct thread_state *switch_stack(struct thread_state *prev, struct thread_state *next);

/* The user's stack pointer, for the few instructions before it is pushed. */
DEFINE_PER_CPU(unsigned long, cpu_user_sp);

static void fxsave(u8 *fx)
{
	__asm__ volatile("fxsave64 (%0)" :: "r"(fx) : "memory");
}

static void fxrstor(const u8 *fx)
{
	__asm__ volatile("fxrstor64 (%0)" :: "r"(fx) : "memory");
}

/* A clean FPU, where all is zero: only two control words are not. */
static void thread_fx_init(struct thread_state *thread)
{
	u16 fcw = FX_FCW_INIT;
	u32 mxcsr = FX_MXCSR_INIT;

	memcpy(thread->fx + FX_FCW_OFFSET, &fcw, sizeof(fcw));
	memcpy(thread->fx + FX_MXCSR_OFFSET, &mxcsr, sizeof(mxcsr));
}

void arch_thread_init(struct thread_state *thread, void *stack_top,
		      void (*fn)(void *arg), void *arg)
{
	struct pt_regs *regs = (struct pt_regs *)stack_top - 1;
	struct switch_frame *frame = (struct switch_frame *)regs - 1;

	ASSERT(is_aligned((unsigned long)stack_top, 16));
	memset(regs, 0, sizeof(*regs));
	*frame = (struct switch_frame){ .bx = (unsigned long)fn, .r12 = (unsigned long)arg,
					.ip = (unsigned long)thread_start };
	thread->sp = (unsigned long)frame;
	thread->stack_top = (unsigned long)stack_top;
	thread_fx_init(thread);
}

void arch_thread_copy(struct thread_state *child, struct thread_state *parent)
{
	arch_fpu_save(parent);
	memcpy(child->fx, parent->fx, sizeof(child->fx));
	child->fs_base = arch_get_fs_base(parent);
	child->gs_base = arch_get_gs_base(parent);
	child->user = true;
}

void arch_thread_flush(struct thread_state *thread)
{
	thread->user = true;
	memset(thread->fx, 0, sizeof(thread->fx));
	thread_fx_init(thread);
	arch_fpu_load(thread);
	arch_set_fs_base(thread, 0);
	arch_set_gs_base(thread, 0);
}

void arch_set_fs_base(struct thread_state *thread, unsigned long base)
{
	ASSERT(base < USER_TOP);
	thread->fs_base = base;
	wrmsr(MSR_FS_BASE, base);
}

unsigned long arch_get_fs_base(const struct thread_state *thread)
{
	(void)thread;
	return rdmsr(MSR_FS_BASE);
}

/* In the kernel the user's GS base waits in the other register of swapgs. */
void arch_set_gs_base(struct thread_state *thread, unsigned long base)
{
	ASSERT(base < USER_TOP);
	thread->gs_base = base;
	wrmsr(MSR_KERNEL_GS_BASE, base);
}

unsigned long arch_get_gs_base(const struct thread_state *thread)
{
	(void)thread;
	return rdmsr(MSR_KERNEL_GS_BASE);
}

void arch_fpu_save(struct thread_state *thread)
{
	fxsave(thread->fx);
}

void arch_fpu_load(struct thread_state *thread)
{
	u32 mxcsr;

	/* may come from a program's signal frame: reserved bits would fault */
	memcpy(&mxcsr, thread->fx + FX_MXCSR_OFFSET, sizeof(mxcsr));
	mxcsr &= FX_MXCSR_VALID;
	memcpy(thread->fx + FX_MXCSR_OFFSET, &mxcsr, sizeof(mxcsr));
	fxrstor(thread->fx);
}

struct thread_state *arch_switch_to(struct thread_state *prev, struct thread_state *next)
{
	if (prev->user) {
		fxsave(prev->fx);
		prev->fs_base = rdmsr(MSR_FS_BASE);
		prev->gs_base = rdmsr(MSR_KERNEL_GS_BASE);
	}
	tss_set_stack(next->stack_top);
	if (next->user) {
		wrmsr(MSR_FS_BASE, next->fs_base);
		wrmsr(MSR_KERNEL_GS_BASE, next->gs_base);
		fxrstor(next->fx);
	}
	return switch_stack(prev, next);
}
