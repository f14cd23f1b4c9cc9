/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/block/ramdisk.h - disks of memory that was set aside at boot
 */
#ifndef DRIVERS_BLOCK_RAMDISK_H
#define DRIVERS_BLOCK_RAMDISK_H

/*
 * Set the memory aside: by default half of what is free for ram0 (swap), and
 * 256 KiB for ram1; boot option ramdisk=SIZE[,SIZE...].
 * Context: boot, after memblock knows the RAM, before buddy_init().
 */
void ramdisk_reserve(void);

/*
 * Register the disks, start their threads, make /dev/ram0 and so on.
 * Context: after vfs_init(); may sleep.
 */
void ramdisk_init(void);

#endif
