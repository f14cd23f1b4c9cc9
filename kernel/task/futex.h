/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/futex.h - wait until a word of user memory is said to have changed
 */
#ifndef KERNEL_TASK_FUTEX_H
#define KERNEL_TASK_FUTEX_H

#include "include/types.h"

struct mm;

/* Prepares the hash of waiters. Context: boot. */
void futex_init(void);

/*
 * Wake up to @nr waiters on the word at @uaddr of the running program whose
 * bitset meets @bitset. Context: may sleep (a shared word's page is looked up).
 * Return: how many were woken, or -EINVAL, -EFAULT.
 */
int futex_wake(u32 __user *uaddr, int nr, u32 bitset, bool private);

/*
 * Sleep if *@uaddr is @val, until woken or @deadline_ns of ktime (0: for ever).
 * Context: may sleep; interruptible.
 * Return: 0, -EAGAIN (another value), -ETIMEDOUT, -ERESTARTSYS, -EFAULT, -EINVAL.
 */
int futex_wait(u32 __user *uaddr, u32 val, u64 deadline_ns, u32 bitset, bool private);

#endif
