/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/asm.h - words for assembly files
 */
#ifndef ARCH_X86_CPU_ASM_H
#define ARCH_X86_CPU_ASM_H

#ifndef __ASSEMBLY__
#error "for assembly only"
#endif

#define FUNC(name)		\
	.globl name;		\
	.type name, @function;	\
	.balign 16;		\
name:

#define END(name) .size name, . - name

/* If the instruction at @insn faults on memory, go on at @fixup. */
#define EX_TABLE(insn, fixup)			\
	.pushsection .ex_table, "a";		\
	.balign 8;				\
	.quad insn, fixup;			\
	.popsection

/*
 * Open and close user memory to the kernel (SMAP, SDM volume 3, 4.6). They are
 * born as three-byte no-operations; cpu_patch_smap() turns them into the real
 * instructions on CPUs that have them, before the text becomes read-only.
 */
#define SMAP_PATCH(opcode)			\
990:	.byte 0x0f, 0x1f, 0x00;			\
	.pushsection smap_patches, "a";		\
	.balign 8;				\
	.quad 990b, opcode;			\
	.popsection
#define ASM_CLAC SMAP_PATCH(0xca)
#define ASM_STAC SMAP_PATCH(0xcb)

#endif
