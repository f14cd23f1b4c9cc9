/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/test/listen.h - /dev/listen
 */
#ifndef KERNEL_TEST_LISTEN_H
#define KERNEL_TEST_LISTEN_H

/* Make the device. Context: boot. */
void listen_init(void);

#endif
