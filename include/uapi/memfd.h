/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * include/uapi/memfd.h - flags of memfd_create, as on Linux
 */
#ifndef INCLUDE_UAPI_MEMFD_H
#define INCLUDE_UAPI_MEMFD_H

#define MFD_CLOEXEC		0x01
#define MFD_ALLOW_SEALING	0x02
#define MFD_HUGETLB		0x04
#define MFD_NOEXEC_SEAL		0x08
#define MFD_EXEC		0x10
#define MFD_HUGE_SHIFT		26	/* log2 of a size, or 0: the usual one */
#define MFD_HUGE_MASK		0x3fU

#endif
