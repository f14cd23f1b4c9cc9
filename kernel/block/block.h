/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/block/block.h - block devices: a queue of requests of one page each
 *
 *	submitter                       the device's own thread
 *	block_submit()                  block_next()  takes the oldest that is due
 *	   queued, returns at once      ... moves the bytes ...
 *	   ...                          block_end() -> req->done(req, error)
 *
 * A request never completes inside block_submit(): whoever submits may hold
 * locks that done() takes. Submitting neither allocates nor sleeps, so that
 * reclaim can write when no memory is left.
 */
#ifndef KERNEL_BLOCK_BLOCK_H
#define KERNEL_BLOCK_BLOCK_H

#include "include/types.h"
#include "arch/x86/cpu/atomic.h"
#include "kernel/lib/list.h"
#include "kernel/sync/spinlock.h"
#include "kernel/sync/wait.h"

struct block_device;
struct page;

enum block_op { BLOCK_READ, BLOCK_WRITE, NR_BLOCK_OPS };

enum block_request_state {	/* asserted at each step */
	BLOCK_IDLE = 0,		/* the owner's: never submitted, or completed */
	BLOCK_QUEUED,
	BLOCK_STARTED,
};

/* The submitter's memory; zero it (or block_request_init()) before the first use. */
struct block_request {
	enum block_op op;
	u64 sector;			/* counted in pages */
	struct page *page;		/* the caller keeps it until done() */
	/*
	 * The end: @error 0, -EIO. The request is the submitter's again.
	 * Context: a thread that is not the submitter's, nothing held; must not
	 * sleep, may submit again.
	 */
	void (*done)(struct block_request *req, int error);
	void *private;			/* the submitter's word */

	/* the queue's own */
	enum block_request_state state;
	struct block_device *bdev;
	struct list_head link;
	u64 due_ticks;			/* not before this tick */
	bool fail;			/* injection chose it */
};

struct block_stats {
	u64 submitted[NR_BLOCK_OPS], completed[NR_BLOCK_OPS], errors[NR_BLOCK_OPS];
	u64 max_queued;
};

struct block_device {
	const char *name;
	u64 dev;			/* C: the number of its node, as inode->rdev; 0: none */
	u64 nr_pages;			/* C: its size */
	void *private;			/* C: the driver's */
	bool scratch;			/* C: for anybody to try things on: never swap */
	struct list_head node;		/* all devices */
	struct spinlock lock;		/* LOCK_BLOCK: all below */
	struct list_head queue;		/* in order of submission */
	u64 nr_queued, nr_started;
	struct wait_queue_head work;	/* the driver's threads wait here */
	struct wait_queue_head idle;	/* block_drain() waits here */
	struct block_stats stats;
	u64 latency_ticks;		/* injection: each request takes at least so long */
	u64 fail_nth[NR_BLOCK_OPS];	/* injection: the n-th from now fails; 0: none */
	bool fail_forever[NR_BLOCK_OPS];/* ... and every later one */
	bool stalled;			/* injection: nothing is started */
};

void block_request_init(struct block_request *req, enum block_op op, u64 sector,
			struct page *page, void (*done)(struct block_request *, int),
			void *private);

/*
 * Queue @req. A sector beyond the end completes with -EIO, from the device's
 * thread like any other.
 * Context: any but an interrupt handler that may have interrupted done(); takes
 * LOCK_BLOCK; neither sleeps nor allocates.
 */
void block_submit(struct block_device *bdev, struct block_request *req);

/* Submit one request and wait for its end. May sleep. Return: 0 or -EIO. */
int __must_check block_rw_page(struct block_device *bdev, enum block_op op, u64 sector,
			       struct page *page);

/* The device called @name ("ram0"), or NULL. Devices are never removed. */
struct block_device *block_find(const char *name);
/* The device whose node has the number @dev, or NULL. */
struct block_device *block_find_dev(u64 dev);
/* The @n-th device, or NULL. */
struct block_device *block_nth(unsigned int n);
/* Sleep until nothing is queued or under way. */
void block_drain(struct block_device *bdev);
void block_stats(struct block_device *bdev, struct block_stats *out);

/* ---- fault injection ---- */
/* Requests become due @ticks after they were submitted. */
void block_inject_latency(struct block_device *bdev, u64 ticks);
/* The @nth request of kind @op from now on fails (1: the next); 0 turns it off. */
void block_inject_error(struct block_device *bdev, enum block_op op, u64 nth, bool forever);
/* Start nothing more (or go on). */
void block_inject_stall(struct block_device *bdev, bool on);

/* ---- for drivers ---- */
/* Set name, nr_pages and private first. Context: boot. */
void block_register(struct block_device *bdev);
/*
 * Wait for the next request that is due. Context: the driver's thread.
 * Return: the request, or NULL if the thread should stop.
 */
struct block_request *block_next(struct block_device *bdev);
/* Complete a request that block_next() gave. Calls done(); exactly once. */
void block_end(struct block_request *req, int error);

#endif
