/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * include/uapi/uio.h - pieces of memory for readv and writev
 */
#ifndef INCLUDE_UAPI_UIO_H
#define INCLUDE_UAPI_UIO_H

#include "include/types.h"

struct iovec {
	void *iov_base;
	u64 iov_len;
};

#endif
