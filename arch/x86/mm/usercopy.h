/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/mm/usercopy.h - the instructions that may fault on a user address
 *
 * Only mm/uaccess.c calls these; it has checked the range. Each opens user
 * memory (STAC) for its own few instructions, which have entries in the
 * exception table: a fault that mm_fault() cannot resolve ends the copy early.
 * With preemption or interrupts off the fault is not even tried.
 */
#ifndef ARCH_X86_MM_USERCOPY_H
#define ARCH_X86_MM_USERCOPY_H

#include "include/types.h"

/* Copy @n bytes; either side may be user memory. Return: bytes not copied. */
size_t arch_copy_user(void *dst, const void *src, size_t n);
/* Zero @n bytes. Return: bytes not cleared. */
size_t arch_clear_user(void *dst, size_t n);
/*
 * Copy bytes up to and with a NUL, at most @max. Return: length without the
 * NUL, @max if there was none, -EFAULT.
 */
ssize_t arch_strncpy_user(char *dst, const char *src, size_t max);
/* Length without the NUL, @max if there is none within @max, -EFAULT. */
ssize_t arch_strnlen_user(const char *src, size_t max);
/* Compare *@uaddr with @old and store @new if equal; *@seen is what was there.
 * Return: 0 or -EFAULT. */
int arch_cmpxchg_user_u32(u32 *uaddr, u32 old, u32 new, u32 *seen);

#endif
