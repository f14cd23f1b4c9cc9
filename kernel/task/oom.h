/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/oom.h - ending a process to free its memory
 */
#ifndef KERNEL_TASK_OOM_H
#define KERNEL_TASK_OOM_H

/* Become the hand of mm's OOM killer. Context: boot, once. */
void oom_init(void);

#endif
