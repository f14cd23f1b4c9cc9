/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * include/uapi/mount.h - flags of mount(2) and umount2(2) that mean something here
 */
#ifndef INCLUDE_UAPI_MOUNT_H
#define INCLUDE_UAPI_MOUNT_H

#define MS_RDONLY	0x1
#define MS_NOSUID	0x2
#define MS_NODEV	0x4
#define MS_NOEXEC	0x8
#define MS_REMOUNT	0x20
#define MS_NOATIME	0x400
#define MS_BIND		0x1000
#define MS_MOVE		0x2000
#define MS_SILENT	0x8000
#define MS_RELATIME	0x200000

#define MNT_FORCE	1
#define MNT_DETACH	2

#endif
