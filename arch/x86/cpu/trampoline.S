/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/trampoline.S - how a secondary CPU comes from real mode to C
 *
 * Concept    A start-up message makes a CPU begin in real mode at a page below
 *            1 MiB. smp.c copies the first part there. It goes straight to 64-bit
 *            mode through the identity map of the first mapper (start.S), jumps
 *            into the kernel image, loads the kernel's real tables and takes the
 *            stack that smp.c has laid out for it.
 * Owns       Nothing.
 * Invariants CPUs come one at a time: smp_boot_cpu and smp_boot_stack are theirs.
 * Callers    smp.c
 * Next       smp.c
 */
#include "arch/x86/cpu/asm.h"
#include "arch/x86/cpu/asm_offsets.h"
#include "arch/x86/cpu/trampoline.h"
#include "arch/x86/mm/layout.h"

#define MSR_EFER 0xc0000080
#define LOW(label) (TRAMPOLINE_PA + (label) - trampoline_start)

	.section .rodata, "a"
	.code16
	.globl trampoline_start, trampoline_end
trampoline_start:
	cli
	cld
	xorw %ax, %ax
	movw %ax, %ds
	lgdtl LOW(1f)
	movl %cr4, %eax
	orl $(1 << 5), %eax		/* PAE */
	movl %eax, %cr4
	movl $(early_pgd - KERNEL_BASE), %eax
	movl %eax, %cr3
	movl $MSR_EFER, %ecx
	rdmsr
	orl $(1 << 8), %eax		/* LME */
	wrmsr
	movl %cr0, %eax
	andl $~((1 << 2) | (1 << 3) | (1 << 29) | (1 << 30)), %eax	/* EM TS NW CD */
	orl $0x80010023, %eax		/* PG WP NE MP PE */
	movl %eax, %cr0
	ljmpl $KERNEL_CS, $secondary64_low
	.balign 8
1:	.word 3 * 8 - 1
	.long early_gdt
trampoline_end:

	.section .boot, "awx"
	.code64
secondary64_low:
	movabsq $secondary64, %rax
	jmp *%rax

	.section .text.entry, "ax"
secondary64:
	movl $KERNEL_DS, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	xorl %eax, %eax
	movl %eax, %fs
	movl %eax, %gs
	/* the kernel's tables have NX bits, which are reserved until EFER.NXE */
	cmpq $0, pte_nx_mask(%rip)
	je 1f
	movl $MSR_EFER, %ecx
	rdmsr
	orl $(1 << 11), %eax
	wrmsr
1:	leaq kernel_pgd(%rip), %rax
	movq $KERNEL_BASE, %rcx
	subq %rcx, %rax
	movq %rax, %cr3
	movq smp_boot_stack(%rip), %rsp
	movl smp_boot_cpu(%rip), %edi
	xorl %ebp, %ebp
	pushq $0
	call smp_secondary_start
	ud2

	.section .note.GNU-stack, "", @progbits
