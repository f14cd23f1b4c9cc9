/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/switch.S - leave one kernel stack, go on with another
 *
 * Concept    The callee-saved registers go to the old stack, its pointer to
 *            prev->sp; then the same backwards. A new thread has been given a
 *            stack that looks as if it had once left here (thread.c).
 * Callers    thread.c
 * Next       backtrace.c
 */
#include "arch/x86/cpu/asm.h"
#include "arch/x86/cpu/asm_offsets.h"

	.text
/* struct thread_state *switch_stack(prev, next): returns prev, on next's stack */
FUNC(switch_stack)
	pushq %rbp
	pushq %rbx
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, THREAD_SP(%rdi)
	movq THREAD_SP(%rsi), %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbx
	popq %rbp
	movq %rdi, %rax
	ret
END(switch_stack)

	.section .note.GNU-stack, "", @progbits
