/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/uaccess.h - the only way in which the kernel touches user memory
 *
 * Every pointer from a program is hostile: it may point nowhere, into the
 * kernel, across the end of user space, or stop being mapped meanwhile. Each
 * function checks the range and survives a fault at any byte. They use the
 * address space of current->mm and may sleep (a fault may swap in); with
 * preemption or interrupts off use the _nofault forms, which never fault in.
 */
#ifndef MM_UACCESS_H
#define MM_UACCESS_H

#include "include/types.h"
#include "mm/mm.h"

/* Does [ptr, ptr + size) lie below the end of user space? */
static inline bool access_ok(const void __user *ptr, size_t size)
{
	unsigned long start = (unsigned long)ptr;

	return size <= MM_USER_TOP && start <= MM_USER_TOP - size;
}

/* Copy all of @n bytes. Return: 0, or -EFAULT (a part may have been copied). */
int __must_check copy_from_user(void *dst, const void __user *src, size_t n);
int __must_check copy_to_user(void __user *dst, const void *src, size_t n);
int __must_check clear_user(void __user *dst, size_t n);

/* Return: bytes NOT copied, for calls that report how far they came. */
size_t __must_check copy_from_user_partial(void *dst, const void __user *src, size_t n);
size_t __must_check copy_to_user_partial(void __user *dst, const void *src, size_t n);

/* Do not fault in: -EFAULT if a page is absent. Context: any but NMI. */
int __must_check copy_from_user_nofault(void *dst, const void __user *src, size_t n);
int __must_check copy_to_user_nofault(void __user *dst, const void *src, size_t n);

/*
 * Copy a string with its end. Return: its length without the end; @max if there
 * is no end within @max bytes; -EFAULT.
 */
ssize_t __must_check strncpy_from_user(char *dst, const char __user *src, size_t max);
/* Return: length with the end, 0 on a fault, more than @max if longer. */
size_t __must_check strnlen_user(const char __user *src, size_t max);

/*
 * If *@uaddr == @old, store @new; the value that was there goes to *@seen.
 * Return: 0 or -EFAULT. Context: may sleep.
 */
int __must_check cmpxchg_user_u32(u32 *seen, u32 __user *uaddr, u32 old, u32 new);

/* x = *uptr and *uptr = x for one scalar. Return: 0 or -EFAULT. */
#define get_user(x, uptr) ({						\
	__typeof__(*(uptr)) _gu;					\
	int _gerr = copy_from_user(&_gu, (uptr), sizeof(_gu));		\
	if (!_gerr)							\
		(x) = _gu;						\
	_gerr; })
#define put_user(x, uptr) ({						\
	__typeof__(*(uptr)) _pu = (x);					\
	copy_to_user((uptr), &_pu, sizeof(_pu)); })

#endif
