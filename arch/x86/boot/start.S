/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/boot/start.S - from the boot loader's hand to the first C function
 *
 * Concept    GRUB (multiboot2 specification 2.0) and QEMU's -kernel (PVH, the
 *            Xen "x86/HVM direct boot ABI") both enter in 32-bit protected mode
 *            with paging off. This file builds the first mapper, switches to
 *            64-bit mode and calls kmain(magic, info).
 *
 *            First mapper, all of it 2 MiB pages, readable, writable, executable:
 *
 *                0                     .. 4 GiB   identity
 *                ffff800000000000      .. 4 GiB   direct map
 *                ffffffff80000000      .. 1 GiB   kernel image
 *
 *            kernel_map_init() replaces it soon; the other CPUs pass through
 *            its identity part once more when they come up (trampoline.S).
 * Owns       The early tables and the boot CPU's first stack.
 * Invariants No multiboot1 header: QEMU would prefer it and then refuse a 64-bit
 *            image.
 * Next       boot_info.c
 */
#include "arch/x86/cpu/asm_offsets.h"
#include "arch/x86/mm/layout.h"

#define PA(symbol) ((symbol) - KERNEL_BASE)
#define MULTIBOOT2_MAGIC 0xe85250d6
#define PVH_ENTRY_NOTE 18
#define COM1 0x3f8
#define DEBUG_EXIT 0xf4

	.section .boot.header, "a"
	.balign 8
multiboot2_header:
	.long MULTIBOOT2_MAGIC, 0, multiboot2_end - multiboot2_header
	.long -(MULTIBOOT2_MAGIC + (multiboot2_end - multiboot2_header))
	/* align modules to pages */
	.balign 8
	.word 6, 0
	.long 8
	/* the console is EGA text */
	.balign 8
	.word 4, 1
	.long 12, 2
	.balign 8
	.word 0, 0
	.long 8
multiboot2_end:

	.section .note.pvh, "a", @note
	.balign 4
	.long 4, 8, PVH_ENTRY_NOTE
	.asciz "Xen"
	.quad pvh_entry

	.section .boot, "awx"
	.code32
/* PVH: EBX points to hvm_start_info, whose first word is its magic. */
	.globl pvh_entry
pvh_entry:
	movl (%ebx), %eax

/* Multiboot2: EAX is the magic, EBX points to the information. */
	.globl _start
_start:
	cli
	cld
	movl $PA(boot_stack_top), %esp
	pushl $0
	popfl
	movl %eax, %ebp			/* magic; EBX stays untouched throughout */

	movl $0x80000000, %eax
	pushl %ebx
	cpuid
	cmpl $0x80000001, %eax
	jb no_long_mode
	movl $0x80000001, %eax
	cpuid
	testl $(1 << 29), %edx
	jz no_long_mode
	popl %ebx

	/* level 2: four tables, 2048 pages of 2 MiB */
	movl $PA(early_pd), %edi
	movl $0x83, %eax		/* present, write, leaf */
	movl $2048, %ecx
1:	movl %eax, (%edi)
	addl $0x200000, %eax
	addl $8, %edi
	loop 1b
	/* level 3 of identity and direct map */
	movl $PA(early_pdpt), %edi
	movl $(PA(early_pd) + 3), %eax
	movl $4, %ecx
2:	movl %eax, (%edi)
	addl $0x1000, %eax
	addl $8, %edi
	loop 2b
	/* level 3 of the top 512 GiB: entry 510 is ffffffff80000000 */
	movl $(PA(early_pd) + 3), PA(early_pdpt_top) + 510 * 8
	/* level 4 */
	movl $(PA(early_pdpt) + 3), PA(early_pgd)
	movl $(PA(early_pdpt) + 3), PA(early_pgd) + 256 * 8
	movl $(PA(early_pdpt_top) + 3), PA(early_pgd) + 511 * 8

	call enter_long_mode
	movl %ebp, %edi
	movl %ebx, %esi
	ljmp $KERNEL_CS, $start64_low

no_long_mode:
	movl $no_long_mode_text, %esi
	movw $COM1, %dx
3:	lodsb
	testb %al, %al
	jz 4f
	outb %al, %dx
	jmp 3b
4:	movw $DEBUG_EXIT, %dx
	movb $0x12, %al
	outb %al, %dx
5:	hlt
	jmp 5b
no_long_mode_text:
	.asciz "lockstep: this CPU has no 64-bit mode\r\n"

/* Load the early GDT and tables and switch paging on; the caller follows with a
 * far jump. Clobbers EAX, ECX, EDX. */
enter_long_mode:
	lgdtl early_gdt_pointer
	movl %cr4, %eax
	orl $(1 << 5), %eax		/* PAE */
	movl %eax, %cr4
	movl $PA(early_pgd), %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx		/* EFER.LME */
	rdmsr
	orl $(1 << 8), %eax
	wrmsr
	movl %cr0, %eax
	andl $~((1 << 2) | (1 << 3) | (1 << 29) | (1 << 30)), %eax	/* EM TS NW CD */
	orl $0x80010023, %eax		/* PG WP NE MP PE */
	movl %eax, %cr0
	ret

	.balign 8
	.globl early_gdt
early_gdt:
	.quad 0
	.quad 0x00af9b000000ffff	/* KERNEL_CS, 64-bit */
	.quad 0x00cf93000000ffff	/* KERNEL_DS */
early_gdt_end:
early_gdt_pointer:
	.word early_gdt_end - early_gdt - 1
	.long early_gdt

	.code64
start64_low:
	movl %edi, %edi
	movl %esi, %esi
	movabsq $start64, %rax
	jmp *%rax

	.section .text.entry, "ax"
start64:
	movl $KERNEL_DS, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	xorl %eax, %eax
	movl %eax, %fs
	movl %eax, %gs
	movq $boot_stack_top, %rsp
	xorl %ebp, %ebp
	pushq $0			/* end of the chain of frames */
	call kmain
	ud2

	.section .bss.page_aligned, "aw", @nobits
	.balign 4096
	.globl early_pgd
early_pgd:
	.skip 4096
early_pdpt:
	.skip 4096
early_pdpt_top:
	.skip 4096
early_pd:
	.skip 4 * 4096
/* The page below the stack becomes a guard page in kernel_map_init(). */
	.globl boot_stack_guard, boot_stack, boot_stack_top
boot_stack_guard:
	.skip 4096
boot_stack:
	.skip 4 * 4096
boot_stack_top:
	.section .note.GNU-stack, "", @progbits
