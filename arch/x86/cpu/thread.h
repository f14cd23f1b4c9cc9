/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/thread.h - the machine's part of a task
 *
 * Concept    struct task embeds one struct thread_state. A task that does not
 *            run has its callee-saved registers on its kernel stack and the
 *            stack pointer in sp. A user task also has its FS base and its
 *            x87/SSE state here, saved and loaded at every switch.
 *
 * Top of every kernel stack lies a struct pt_regs: the registers with which
 * the task is (or will be) in user mode.
 */
#ifndef ARCH_X86_CPU_THREAD_H
#define ARCH_X86_CPU_THREAD_H

#include "include/types.h"
#include "arch/x86/cpu/percpu.h"
#include "arch/x86/cpu/regs.h"

struct task;

struct thread_state {
	unsigned long sp;		/* kernel stack pointer while switched out */
	unsigned long stack_top;	/* one past the kernel stack's last byte */
	unsigned long fs_base;		/* user's, valid while switched out */
	unsigned long gs_base;		/* user's, valid while switched out */
	bool user;			/* has (or will have) a user mode */
	u8 fx[512] __aligned(16);	/* FXSAVE image (SDM volume 1, 10.5.1) */
};

static_assert(offsetof(struct thread_state, sp) == THREAD_SP, "switch.S knows it");

/* The task that runs on this CPU; written by the scheduler around a switch. */
DECLARE_PER_CPU(struct task *, current_task);

/* Where the user registers of a thread lie. */
static inline struct pt_regs *thread_pt_regs(const struct thread_state *thread)
{
	return (struct pt_regs *)(thread->stack_top - sizeof(struct pt_regs));
}

/*
 * Prepare a new thread, all zero so far, on the stack that ends at @stack_top: when
 * it is first switched to, it calls @fn(@arg) with interrupts off, and when @fn returns
 * the thread goes to user mode with the pt_regs at the top of its stack (a kernel
 * thread's @fn never returns). FPU state starts clean. Context: any.
 */
void arch_thread_init(struct thread_state *thread, void *stack_top,
		      void (*fn)(void *arg), void *arg);

/*
 * Copy what fork copies: FPU state, FS and GS base of the running thread.
 * Context: @parent is the current thread, preemption off.
 */
void arch_thread_copy(struct thread_state *child, struct thread_state *parent);

/* Forget FPU state and segment bases of the current thread: exec. Preemption off. */
void arch_thread_flush(struct thread_state *thread);

/* The FS base (thread pointer) of the current thread: arch_prctl, clone. */
void arch_set_fs_base(struct thread_state *thread, unsigned long base);
unsigned long arch_get_fs_base(const struct thread_state *thread);
/* GS base that user mode has. Preemption off. */
void arch_set_gs_base(struct thread_state *thread, unsigned long base);
unsigned long arch_get_gs_base(const struct thread_state *thread);

/*
 * Bring the live FPU state of the current thread to thread->fx, or make
 * thread->fx live again: signal frames. Context: preemption off.
 */
void arch_fpu_save(struct thread_state *thread);
void arch_fpu_load(struct thread_state *thread);

/*
 * Leave @prev and go on as @next: kernel stack, TSS, FPU state, bases. The
 * caller has switched page tables and sets current_task. Context: scheduler,
 * interrupts off. Return (in @next's context, later): the thread that was left.
 */
struct thread_state *arch_switch_to(struct thread_state *prev, struct thread_state *next);

#endif
