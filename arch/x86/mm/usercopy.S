/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/mm/usercopy.S - the instructions that may fault on a user address
 *
 * Concept    See usercopy.h. Copies go by eight bytes, then by one; if a fault
 *            ends the fast part, the rest is tried by bytes, so that the count
 *            is exact and every accessible byte is copied.
 * Callers    mm/uaccess.c
 * Next       mm/uaccess.c
 */
#include "arch/x86/cpu/asm.h"
#include "include/uapi/errno.h"

	.text
/* size_t arch_copy_user(void *dst, const void *src, size_t n) */
FUNC(arch_copy_user)
	ASM_STAC
	movq %rdx, %rcx
	shrq $3, %rcx
	andl $7, %edx
1:	rep movsq
2:	movl %edx, %ecx
3:	rep movsb
4:	ASM_CLAC
	movq %rcx, %rax
	ret
5:	leaq (%rdx, %rcx, 8), %rcx	/* what was left of the fast part, and the tail */
	jmp 3b
	EX_TABLE(1b, 5b)
	EX_TABLE(3b, 4b)
END(arch_copy_user)

/* size_t arch_clear_user(void *dst, size_t n) */
FUNC(arch_clear_user)
	ASM_STAC
	movq %rsi, %rcx
	movl %esi, %edx
	xorl %eax, %eax
	shrq $3, %rcx
	andl $7, %edx
1:	rep stosq
	movl %edx, %ecx
3:	rep stosb
4:	ASM_CLAC
	movq %rcx, %rax
	ret
5:	leaq (%rdx, %rcx, 8), %rcx
	jmp 3b
	EX_TABLE(1b, 5b)
	EX_TABLE(3b, 4b)
END(arch_clear_user)

/* ssize_t arch_strncpy_user(char *dst, const char *src, size_t max) */
FUNC(arch_strncpy_user)
	ASM_STAC
	xorl %eax, %eax
1:	cmpq %rdx, %rax
	jae 3f
2:	movb (%rsi, %rax), %cl
	movb %cl, (%rdi, %rax)
	testb %cl, %cl
	jz 3f
	incq %rax
	jmp 1b
3:	ASM_CLAC
	ret
4:	movq $-EFAULT, %rax
	jmp 3b
	EX_TABLE(2b, 4b)
END(arch_strncpy_user)

/* ssize_t arch_strnlen_user(const char *src, size_t max) */
FUNC(arch_strnlen_user)
	ASM_STAC
	xorl %eax, %eax
1:	cmpq %rsi, %rax
	jae 3f
2:	cmpb $0, (%rdi, %rax)
	je 3f
	incq %rax
	jmp 1b
3:	ASM_CLAC
	ret
4:	movq $-EFAULT, %rax
	jmp 3b
	EX_TABLE(2b, 4b)
END(arch_strnlen_user)

/* int arch_cmpxchg_user_u32(u32 *uaddr, u32 old, u32 new, u32 *seen) */
FUNC(arch_cmpxchg_user_u32)
	ASM_STAC
	movl %esi, %eax
1:	lock cmpxchgl %edx, (%rdi)
	ASM_CLAC
	movl %eax, (%rcx)
	xorl %eax, %eax
	ret
2:	ASM_CLAC
	movl $-EFAULT, %eax
	ret
	EX_TABLE(1b, 2b)
END(arch_cmpxchg_user_u32)

	.section .note.GNU-stack, "", @progbits
