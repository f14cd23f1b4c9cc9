/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * include/uapi/poll.h - what poll(2) waits for
 */
#ifndef INCLUDE_UAPI_POLL_H
#define INCLUDE_UAPI_POLL_H

#include "include/types.h"

#define POLLIN		0x001
#define POLLPRI		0x002
#define POLLOUT		0x004
#define POLLERR		0x008
#define POLLHUP		0x010
#define POLLNVAL	0x020
#define POLLRDNORM	0x040
#define POLLWRNORM	0x100

struct pollfd {
	int fd;
	s16 events;
	s16 revents;
};

#endif
