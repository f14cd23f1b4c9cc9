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

#endif
