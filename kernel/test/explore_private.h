/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/test/explore_private.h - what explore.c and explore_report.c share
 *
 * All of it is written by the one that runs, a virtual CPU or the carrier.
 */
#ifndef KERNEL_TEST_EXPLORE_PRIVATE_H
#define KERNEL_TEST_EXPLORE_PRIVATE_H

#include "kernel/test/explore.h"

struct spinlock;
struct task;

#define EXPLORE_STEPS 1024
#define EXPLORE_CALLERS 5

/* What happens at a step, behind the kinds of points. */
enum step_what {
	STEP_GATE = NR_SCHED_POINT_KINDS,
	STEP_START,		/* of the schedule: the carrier chooses */
	STEP_SLEEP,
	STEP_SPIN,
	STEP_RCU,
	STEP_END,		/* of the thread */
	NR_STEP_WHATS
};

struct step {
	u8 thread;		/* who came here; EXPLORE_THREADS: the carrier */
	u8 what;
	u8 enabled;		/* mask of who can go on */
	u8 chosen;
	unsigned int preemptions;	/* before this choice */
	const char *gate;	/* STEP_GATE: its name */
	const void *object;
	void *ip[EXPLORE_CALLERS];	/* the point, who called that, ... */
};

enum explored_wait {
	WAIT_NOT,
	WAIT_YIELD,		/* wants others to go on first */
	WAIT_SLEEP,		/* for its state */
	WAIT_SPIN,		/* for .lock */
	WAIT_RCU,		/* for .readers to leave */
	WAIT_END,
};

struct explored {
	struct task *task;
	void (*fn)(void *arg);
	enum explored_wait wait;
	struct spinlock *lock;
	unsigned int readers;		/* mask of threads */
};

struct explorer {
	const struct explore_program *program;
	unsigned int points, bound;	/* the program's, or what is usual */
	unsigned int cpu;
	struct task *carrier;
	struct explored thread[EXPLORE_THREADS];
	unsigned int nr_threads;
	unsigned int running;		/* EXPLORE_THREADS: the carrier */
	bool replaying;
	const char *wrong;		/* why the schedule ended, or NULL */
	unsigned int preemptions;	/* so far */
	unsigned int nr_steps;
	unsigned int nr_forced;		/* so many choices are those of .step already */
	struct step step[EXPLORE_STEPS];
};

extern struct explorer explorer;

/* Who goes on at @s if nothing else is said: the one who came, else the first. */
unsigned int explore_default_choice(const struct step *s);

/* Which virtual CPU the caller is. Context: an explored thread. */
unsigned int explore_virtual_cpu(void);
/* The real CPU has been asked to flush: all virtual ones forget; or one does. */
void explore_tlb_flush(void);
void explore_tlb_flush_cpu(unsigned int cpu);

/* Write the name of the schedule that has run to @text, EXPLORE_STRING bytes. */
void explore_format(char *text);
/* Print the schedule that has run, a column for each thread. */
void explore_print(const struct explore_result *r);
/* In a panic: the same, if a schedule was running. */
void explore_print_panic(void);

#endif
