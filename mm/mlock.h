/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/mlock.h - memory that stays in memory
 */
#ifndef MM_MLOCK_H
#define MM_MLOCK_H

#include "include/types.h"
#include "mm/mm.h"

/* May @mm lock anything at all? (RLIMIT_MEMLOCK is not 0.) Context: any. */
bool mlock_permitted(const struct mm *mm);
/*
 * May @len_bytes more be locked, if @vm_flags say that they are to be? Context:
 * mmap_lock held. Return: 0 or -EAGAIN (RLIMIT_MEMLOCK).
 */
int __must_check mlock_future_check(const struct mm *mm, unsigned long vm_flags, u64 len_bytes);

long sys_mlock(unsigned long start, unsigned long len);
long sys_mlock2(unsigned long start, unsigned long len, int flags);
long sys_munlock(unsigned long start, unsigned long len);
long sys_mlockall(int flags);
long sys_munlockall(void);
/* mm/mincore.c: which pages of a range are in memory. */
long sys_mincore(unsigned long start, unsigned long len, unsigned char *vec);

#endif
