/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * include/uapi/lockstep/listen.h - /dev/listen: subscribers that do nothing
 *
 * They hear of changes of the caller's address space and answer at once, so that
 * a benchmark sees what being heard costs. One request for each open of the
 * device; close ends the subscriptions.
 */
#ifndef UAPI_LOCKSTEP_LISTEN_H
#define UAPI_LOCKSTEP_LISTEN_H

#include <stdint.h>

/* So many bracket subscribers, at most LISTEN_MAX. */
#define LISTEN_BRACKETS 0x40084c01u		/* _IOW('L', 1, uint64_t) */
/* So many interval subscriptions, side by side. */
#define LISTEN_INTERVALS 0x40184c02u		/* _IOW('L', 2, struct listen_intervals) */
#define LISTEN_MAX 10000

struct listen_intervals {
	uint64_t start;		/* of the first */
	uint64_t length;	/* of each, in bytes */
	uint64_t nr;		/* 1 to LISTEN_MAX */
};

#endif
