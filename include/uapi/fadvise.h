/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * include/uapi/fadvise.h - what a program says about how it will read a file
 */
#ifndef INCLUDE_UAPI_FADVISE_H
#define INCLUDE_UAPI_FADVISE_H

#define POSIX_FADV_NORMAL	0
#define POSIX_FADV_RANDOM	1
#define POSIX_FADV_SEQUENTIAL	2
#define POSIX_FADV_WILLNEED	3
#define POSIX_FADV_DONTNEED	4
#define POSIX_FADV_NOREUSE	5

#endif
