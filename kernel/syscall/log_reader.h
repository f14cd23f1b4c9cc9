/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/syscall/log_reader.h - programs that wait for the next line of the kernel's log
 */
#ifndef KERNEL_SYSCALL_LOG_READER_H
#define KERNEL_SYSCALL_LOG_READER_H

#include "include/types.h"
#include "kernel/sync/wait.h"

/* Woken soon after a line was logged, between begin and end. */
extern struct wait_queue_head log_wait;
/* Somebody might wait from now on, or will not any more. Context: may sleep. */
void log_reader_begin(void);
void log_reader_end(void);
/* May the running task read the log? Return: 0, -EPERM. Context: any. */
int __must_check log_reader_permission(void);
void log_reader_init(void);

#endif
