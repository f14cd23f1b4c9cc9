/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/test/explore.h - run a few threads in every order that matters
 *
 *	static const struct explore_program lost_update = {
 *		.thread = { bump, bump }, .up = zero, .down = is_two,
 *	};
 *	KTEST(explore, finds_the_lost_update)
 *	{
 *		explore(&lost_update);
 *	}
 *
 * For each order ("schedule") up() makes everything new, the threads run, one at a
 * time, and down() takes everything away and says whether it was right. At each
 * sched_point() and gate_point() of the threads the explorer chooses who goes on.
 * All schedules with at most two preemptions are run: a preemption is a switch away
 * from a thread that could have gone on.
 *
 * The first schedule that goes wrong (down() says no, an assertion or a checker
 * reports, everybody waits) ends the test. It is printed in columns, one for each
 * thread, and named by what differs from "go on while you can": the schedule "12:1,40:0" goes
 * from step 12 to thread 1 and from step 40 to thread 0, "-" differs nowhere.
 * `APPEND='ktest=explore.x explore=12:1,40:0' make boot` runs just that one again.
 *
 * Threads must be the same every time: no clock, no random number, no global that
 * up() does not set. Who turns in a loop until another thread has done something
 * calls yield() in it. Without CHECKS there are no points: begin with KT_NEED_GATES().
 */
#ifndef KERNEL_TEST_EXPLORE_H
#define KERNEL_TEST_EXPLORE_H

#include "include/types.h"
#include "kernel/sync/sched_point.h"

#define EXPLORE_THREADS 3
#define EXPLORE_STRING 64

/* Kinds of points (BIT(SP_...), BIT(NR_SCHED_POINT_KINDS) for gates) that are steps. */
#define EXPLORE_GATES BIT(NR_SCHED_POINT_KINDS)
#define EXPLORE_USUAL (EXPLORE_GATES | BIT(SP_LOCK) | BIT(SP_SPIN_LOCK) | BIT(SP_ATOMIC) | \
		       BIT(SP_PTE) | BIT(SP_FLUSH) | BIT(SP_RCU) | BIT(SP_CALLBACK))
#define EXPLORE_ALL (~0U)

struct explore_program {
	void (*thread[EXPLORE_THREADS])(void *arg);	/* NULL: not as many */
	bool (*up)(void *arg);		/* may be NULL; false: the test has failed */
	bool (*down)(void *arg);	/* may be NULL */
	void *arg;
	unsigned int points;		/* 0: EXPLORE_USUAL */
	unsigned int bound;		/* preemptions at most; 0: explore.bound=, 2 */
};

struct explore_result {
	unsigned long schedules;
	unsigned int steps;		/* of the longest */
	const char *wrong;		/* NULL: every schedule was right */
	char schedule[EXPLORE_STRING];	/* the one that was not */
};

#ifdef CONFIG_CHECKS
/*
 * Run every schedule of @p, or the one that the option explore= names, and record a
 * failure of the test, with the schedule printed, if one is wrong.
 * Context: a test's thread; sleeps.
 */
void explore(const struct explore_program *p);

/* The same without a word: *@r tells. For tests of the explorer. */
void explore_search(const struct explore_program *p, struct explore_result *r);
/* Run one schedule. */
void explore_replay(const struct explore_program *p, const char *schedule,
		    struct explore_result *r);

/*
 * A load or store of the process by an explored thread, which is a virtual CPU with a TLB of its
 * own: what it has used once it uses again without a look at the tables, until the
 * process's TLBs are flushed. Each is a step. Context: the thread has adopted the mm; may sleep.
 */
bool explore_load(unsigned long va, u64 *value);
bool explore_store(unsigned long va, u64 value);
#else
static inline bool explore_load(unsigned long va, u64 *value)
{
	(void)va;
	*value = 0;
	return false;
}

static inline bool explore_store(unsigned long va, u64 value)
{
	(void)va;
	(void)value;
	return false;
}

static inline void explore(const struct explore_program *p)
{
	(void)p;
}

static inline void explore_search(const struct explore_program *p, struct explore_result *r)
{
	(void)p;
	*r = (struct explore_result){ 0 };
}

static inline void explore_replay(const struct explore_program *p, const char *schedule,
				  struct explore_result *r)
{
	(void)p;
	(void)schedule;
	*r = (struct explore_result){ 0 };
}
#endif

#endif
