/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/random.h - numbers that programs can not foresee
 *
 * Good for stack canaries and hash seeds, not for keys: the sources are RDRAND
 * where the CPU has it, and the time stamp counter.
 */
#ifndef KERNEL_TASK_RANDOM_H
#define KERNEL_TASK_RANDOM_H

#include "include/types.h"

/* Context: any. */
u64 random_u64(void);

#endif
