/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/char/mem.h - /dev/null, zero, full, random, urandom
 */
#ifndef DRIVERS_CHAR_MEM_H
#define DRIVERS_CHAR_MEM_H

/* Make the nodes. After vfs_init(); may sleep. */
void mem_devices_init(void);
/* drivers/char/kmsg.c. After syslog_init(). */
void kmsg_init(void);

#endif
