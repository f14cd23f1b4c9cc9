/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sync/rcu_private.h - what RCU shows to its own tests
 */
#ifndef KERNEL_SYNC_RCU_PRIVATE_H
#define KERNEL_SYNC_RCU_PRIVATE_H

#include "include/types.h"

/* Own ticks of a CPU without a quiescent state before a stall is reported. */
extern u64 rcu_stall_ticks;
/* Stalls reported so far. */
extern unsigned long rcu_nr_stalls;
/* The CPUs that the running grace period still waits for. */
u64 rcu_holdouts(void);

#endif
