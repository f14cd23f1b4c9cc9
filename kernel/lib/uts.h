/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/uts.h - what this system calls itself: uname(2), /proc
 */
#ifndef KERNEL_LIB_UTS_H
#define KERNEL_LIB_UTS_H

#define UTS_SYSNAME "Lockstep"
#define UTS_NODENAME "lockstep"
#define UTS_RELEASE "6.1.0-lockstep"	/* the Linux whose interfaces are followed */
#define UTS_VERSION "#1 SMP"

#endif
