/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/task_init.h - the layer of processes comes up
 */
#ifndef KERNEL_TASK_TASK_INIT_H
#define KERNEL_TASK_TASK_INIT_H

/*
 * Prepare processes, futexes and clocks; tell procfs, the terminal and the
 * magic keys what they can ask. Context: boot, after vfs_init(); may sleep.
 */
void task_init(void);

#endif
