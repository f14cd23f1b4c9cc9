/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/boot/fake.S - a machine that says what it is told to, and ends so
 *
 * Concept    Tests of tools/boot need kernels that fail in chosen ways. This one
 *            prints the file TEXT on COM1 and then writes END to the debug-exit
 *            port; END 0 sleeps for ever, END 0xff resets the machine.
 * Callers    tests/boot/10-verdicts.t, which compiles it once for each case.
 * Next       tools/boot
 */
	.section .note.pvh, "a", @note	/* Xen's PVH boot note, type 18 */
	.align 4
	.long 4, 8, 18
	.asciz "Xen"
	.quad fake_entry

	.code32
	.text
	.globl fake_entry
fake_entry:
	movl	$text, %esi
	movl	$text_end - text, %ecx
	movw	$0x3f8, %dx
	rep outsb
	movl	$END, %eax
	testl	%eax, %eax
	jz	2f
	cmpl	$0xff, %eax
	je	3f
	movw	$0xf4, %dx
	outb	%al, %dx
2:	cli
	hlt
	jmp	2b
3:	lidt	no_idt		/* an empty table: the next exception is a triple fault */
	int3
no_idt:	.word	0
	.long	0
text:	.incbin TEXT
text_end:
	.section .note.GNU-stack, "", @progbits
