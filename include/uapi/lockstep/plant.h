/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * include/uapi/lockstep/plant.h - /dev/plant: mistakes on purpose
 *
 * For negative controls: a check is believed only after it has caught the mistake
 * that it is there for. Only in builds with CHECKS=y.
 */
#ifndef UAPI_LOCKSTEP_PLANT_H
#define UAPI_LOCKSTEP_PLANT_H

#include <stdint.h>

/* Take a reference to the caller's page at this address; close drops it. */
#define PLANT_PIN 0x40085001u			/* _IOW('P', 1, uint64_t) */
/* The emulated IOMMU ignores this many of the next invalidation commands. */
#define PLANT_LOSE_INVALIDATIONS 0x40085002u	/* _IOW('P', 2, uint64_t) */

/*
 * Allocations that the kernel makes for the caller and for all that it starts, exec or
 * not, are counted; number @nth fails (0: none). Anybody ends it, and hears how many
 * there were. One at a time: EBUSY.
 */
struct plant_sweep {
	uint64_t nth;
	uint64_t uses;			/* out, PLANT_SWEEP_END: how many ... */
	uint64_t fired;			/* ... whether one has failed ... */
	uint64_t next;			/* ... the first behind nth that the last run with number 0
					   came to in a way of its own (0: none) ... */
	uint64_t paths;			/* ... and how many such ways there were */
};
#define PLANT_SWEEP_BEGIN 0x40285003u		/* _IOW('P', 3, struct plant_sweep) */
#define PLANT_SWEEP_END 0x80285004u		/* _IOR('P', 4, struct plant_sweep) */
/*
 * What is in use: frames, objects, ranges of vmalloc, swap slots, promises; read as soon as
 * nothing is above what the caller gives (all ones: at once), or after a while.
 */
struct plant_levels {
	uint64_t frames, objects, ranges, slots, promised;
};
#define PLANT_LEVELS 0xc0285005u		/* _IOWR('P', 5, struct plant_levels) */
/* The calls that led to the allocation that failed last go to the console. */
#define PLANT_SWEEP_WHERE 0x5006u		/* _IO('P', 6) */

#endif
