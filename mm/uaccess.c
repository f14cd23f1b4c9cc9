/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/uaccess.c - copies between the kernel and a program that may be hostile
 *
 * Concept    First the range: an address above user space would let a program
 *            read and write the kernel through our hands. Then the copy, by the
 *            few instructions of arch/x86/mm/usercopy.S whose faults are looked
 *            up in the exception table: the page fault handler tries mm_fault(),
 *            and if there is no memory to be had it ends the copy early.
 * Owns       Nothing.
 * Locks      None may be held that mm_fault() takes: mmap_lock, page locks.
 * Invariants No other file touches user memory.
 * Callers    Everybody above mm.
 * Next       mm/gup.c
 */
#include "mm/uaccess.h"

#include "arch/x86/mm/usercopy.h"
#include "kernel/sched/task.h"

/* User memory exists only for a task that has an address space. */
static bool user_range_ok(const void *ptr, size_t n)
{
	return access_ok(ptr, n) && current->mm;
}

size_t copy_from_user_partial(void *dst, const void __user *src, size_t n)
{
	might_sleep();
	return user_range_ok(src, n) ? arch_copy_user(dst, src, n) : n;
}

size_t copy_to_user_partial(void __user *dst, const void *src, size_t n)
{
	might_sleep();
	return user_range_ok(dst, n) ? arch_copy_user(dst, src, n) : n;
}

int copy_from_user(void *dst, const void __user *src, size_t n)
{
	return copy_from_user_partial(dst, src, n) ? -EFAULT : 0;
}

int copy_to_user(void __user *dst, const void *src, size_t n)
{
	return copy_to_user_partial(dst, src, n) ? -EFAULT : 0;
}

int clear_user(void __user *dst, size_t n)
{
	might_sleep();
	return user_range_ok(dst, n) && !arch_clear_user(dst, n) ? 0 : -EFAULT;
}

/* Preemption off is what tells the page fault handler not to try. */
static int copy_nofault(void *dst, const void *src, size_t n)
{
	size_t left;

	preempt_disable();
	left = arch_copy_user(dst, src, n);
	preempt_enable();
	return left ? -EFAULT : 0;
}

int copy_from_user_nofault(void *dst, const void __user *src, size_t n)
{
	return user_range_ok(src, n) ? copy_nofault(dst, src, n) : -EFAULT;
}

int copy_to_user_nofault(void __user *dst, const void *src, size_t n)
{
	return user_range_ok(dst, n) ? copy_nofault(dst, src, n) : -EFAULT;
}

/* A string may end before user space does: bytes up to there may be looked at. */
static size_t user_bytes_left(const void *ptr, size_t max)
{
	unsigned long va = (unsigned long)ptr;

	return va >= MM_USER_TOP ? 0 : min(max, (size_t)(MM_USER_TOP - va));
}

ssize_t strncpy_from_user(char *dst, const char __user *src, size_t max)
{
	size_t can = user_bytes_left(src, max);
	ssize_t len;

	might_sleep();
	if (!max)
		return 0;
	if (!can || !current->mm)
		return -EFAULT;
	len = arch_strncpy_user(dst, src, can);
	/* No end before the end of user space: the next byte would fault. */
	return len == (ssize_t)can && can < max ? -EFAULT : len;
}

size_t strnlen_user(const char __user *src, size_t max)
{
	size_t can = user_bytes_left(src, max);
	ssize_t len;

	might_sleep();
	if (!can || !current->mm)
		return 0;
	len = arch_strnlen_user(src, can);
	if (len < 0 || ((size_t)len == can && can < max))
		return 0;
	return (size_t)len + 1;
}

int cmpxchg_user_u32(u32 *seen, u32 __user *uaddr, u32 old, u32 new)
{
	might_sleep();
	if (!user_range_ok(uaddr, sizeof(*uaddr)) ||
	    !is_aligned((unsigned long)uaddr, sizeof(*uaddr)))
		return -EFAULT;
	return arch_cmpxchg_user_u32(uaddr, old, new, seen);
}
