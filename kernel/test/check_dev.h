/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/test/check_dev.h - /dev/check: the checks around a test, for programs
 */
#ifndef KERNEL_TEST_CHECK_DEV_H
#define KERNEL_TEST_CHECK_DEV_H

/* Make the device; with CHECKS only. Context: boot; may sleep. */
void check_dev_init(void);

#endif
