/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/test/plant.h - /dev/plant
 */
#ifndef KERNEL_TEST_PLANT_H
#define KERNEL_TEST_PLANT_H

/* Make the device. Context: boot, after the devices that it spoils. */
void plant_init(void);

#endif
