/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/trap/entry.S - every way into the kernel, and every way out
 *
 * Concept    All ways in end with a complete struct pt_regs on the kernel stack:
 *
 *              the CPU or syscall_entry pushes   ss sp flags cs ip
 *              the stub                          orig_ax (error code or 0), di
 *              the common part                   the other registers
 *
 *            256 stubs of equal length load their vector number into EDI. From
 *            user mode the GS base is exchanged first; from kernel mode it is
 *            the kernel's already, except in two places:
 *
 *            - Between the entry of a system call (or the exit of any trap) and
 *              its swapgs, where only NMI, #DB, #DF and #MC can strike. They run
 *              on stacks of their own and look at the sign of the GS base:
 *              the kernel's is negative, a user's never (cpu.c, kernel.lds).
 *            - At user_iretq itself, if it faults on bad user registers. The
 *              common part compares the address and swaps back.
 *
 *            A trap in kernel mode pushes a frame record {bp, ip}, so that a
 *            backtrace by frame pointers passes through it.
 * Owns       Nothing.
 * Invariants Interrupts are off whenever GS is the user's and CS the kernel's.
 * Callers    The CPU.
 * Next       trap.c
 */
#include "arch/x86/cpu/asm.h"
#include "arch/x86/cpu/asm_offsets.h"
#include "arch/x86/cpu/vectors.h"

#define MSR_GS_BASE 0xc0000101

	.section .text.entry, "ax"

/* ---- the stubs ---- */

#define HAS_ERROR_CODE(v) \
	((v) == 8 || ((v) >= 10 && (v) <= 14) || (v) == 17 || (v) == 21 || (v) == 29 || (v) == 30)

	.balign 16
	.globl trap_stubs
trap_stubs:
	.set vector, 0
	.rept NR_VECTORS
	.balign 16
	.if !(HAS_ERROR_CODE(vector))
	pushq $0
	.endif
	pushq %rdi
	movl $vector, %edi
	.if vector == TRAP_NMI || vector == TRAP_DF || vector == TRAP_MC || vector == TRAP_DB
	jmp trap_common_ist
	.else
	jmp trap_common
	.endif
	.set vector, vector + 1
	.endr

/* The registers below di; @ax is what is saved as ax. */
.macro SAVE_REGS_FROM_SI ax=%rax
	pushq %rsi
	pushq %rdx
	pushq %rcx
	pushq \ax
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
.endm

/* From r15 to di. */
.macro POP_REGS
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rax
	popq %rcx
	popq %rdx
	popq %rsi
	popq %rdi
.endm

/* All but what iretq pops. */
.macro RESTORE_REGS
	POP_REGS
	addq $8, %rsp			/* orig_ax */
.endm

/* Arguments of the C handlers: regs, vector, error code; orig_ax becomes -1.
 * Expects the vector in EDI and the address of the regs in \regs. */
.macro TRAP_ARGS regs
	movl %edi, %esi
	movq PT_ORIG_AX(\regs), %rdx
	movq $-1, PT_ORIG_AX(\regs)
	movq \regs, %rdi
.endm

FUNC(trap_common)
	SAVE_REGS_FROM_SI
	cld
	ASM_CLAC
	testb $3, PT_CS(%rsp)
	jz trap_in_kernel
	swapgs
trap_in_user:
	movq %rsp, %rbx
	TRAP_ARGS %rbx
	xorl %ebp, %ebp
	call trap_from_user
	jmp return_to_user
END(trap_common)

trap_in_kernel:
	movq %rsp, %rbx
	leaq user_iretq(%rip), %rax
	cmpq %rax, PT_IP(%rsp)
	jne 1f
	swapgs
1:	pushq PT_IP(%rsp)		/* the frame record of whom we interrupted */
	pushq %rbp
	movq %rsp, %rbp
	TRAP_ARGS %rbx
	call trap_from_kernel
	movq %rbx, %rsp
	RESTORE_REGS
	iretq

/* NMI, #DF, #MC, #DB, each on a stack of its own. */
FUNC(trap_common_ist)
	SAVE_REGS_FROM_SI
	cld
	ASM_CLAC
	movq %rsp, %rbx
	xorl %r13d, %r13d		/* whether GS was swapped */
	movl %edi, %r14d
	movl $MSR_GS_BASE, %ecx
	rdmsr
	testl %edx, %edx
	js 1f
	swapgs
	incl %r13d
1:	movl %r14d, %edi
	testb $3, PT_CS(%rsp)
	jz 2f
	cmpl $TRAP_DB, %edi
	je trap_debug_from_user
	xorl %ebp, %ebp
2:	pushq PT_IP(%rsp)
	pushq %rbp
	movq %rsp, %rbp
	TRAP_ARGS %rbx
	call trap_on_ist
	movq %rbx, %rsp
	testl %r13d, %r13d
	jz 3f
	swapgs
3:	RESTORE_REGS
	iretq
END(trap_common_ist)

/* A debug trap of a program leads to a signal, that may sleep: move the frame
 * to the task's own stack and go on as any trap from user mode. */
trap_debug_from_user:
	movq %gs:cpu_tss + TSS_RSP0, %rdi
	subq $PT_SIZE, %rdi
	movq %rdi, %rax
	movq %rsp, %rsi
	movl $PT_SIZE / 8, %ecx
	rep movsq
	movq %rax, %rsp
	movl %r14d, %edi
	jmp trap_in_user

/* Registers in user mode are at RSP; interrupts are off. */
	.globl return_to_user
return_to_user:
	swapgs
	RESTORE_REGS
	.globl user_iretq
user_iretq:
	iretq

/* ---- system calls ---- */

/*
 * SYSCALL: RCX is the return address, R11 the flags; interrupts are off (the
 * flag mask), the stack is still the user's.
 */
FUNC(syscall_entry)
	swapgs
	movq %rsp, %gs:cpu_user_sp
	movq %gs:cpu_tss + TSS_RSP0, %rsp
	pushq $USER_DS
	pushq %gs:cpu_user_sp
	pushq %r11
	pushq $USER_CS
	pushq %rcx
	pushq %rax			/* orig_ax */
	pushq %rdi
	SAVE_REGS_FROM_SI $-38		/* ax: -ENOSYS until it is known better */
	movq %rsp, %rdi
	xorl %ebp, %ebp
	call syscall_from_user
	testb %al, %al
	jz return_to_user
	/*
	 * The short way out: RCX and R11 hold exactly what SYSRET wants, and the
	 * address is below the end of user space (a non-canonical one would fault
	 * in ring 0 with the user's stack).
	 */
	POP_REGS
	movq 32(%rsp), %rsp		/* past orig_ax, ip, cs, flags */
	swapgs
	sysretq
END(syscall_entry)

/* The first thing a new thread runs: see arch_thread_init(). RBX is the
 * function, R12 its argument; both came with the callee-saved registers. */
FUNC(thread_start)
	movq %r12, %rdi
	xorl %ebp, %ebp
	call *%rbx
	movq %rsp, %rdi
	call thread_to_user
	jmp return_to_user
END(thread_start)

	.section .note.GNU-stack, "", @progbits
