/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/notifier_toys.h - what tests of the notifier contract share
 *
 * Recorders that come and go, a thread that holds a bracket open, and every way
 * in which present entries can change, as a list to run a check on. The toy
 * second MMUs are in toy_*.h.
 */
#ifndef TESTS_KERNEL_NOTIFIER_TOYS_H
#define TESTS_KERNEL_NOTIFIER_TOYS_H

#include "kernel/sync/completion.h"
#include "kernel/test/recorder.h"
#include "tests/kernel/disk_fixture.h"

struct file;
struct task;

/* A recorder subscribed to @mm; NULL and a recorded failure if that fails. */
struct recorder *toy_recorder(struct mm *mm, const struct mmu_notifier_ops *ops);
/* Unsubscribe and free it, after checking that its calls balance. NULL: nothing. */
void toy_recorder_end(struct recorder *rec);

/* Open and close a bracket over [@start, @end), as a call site would. */
void toy_bracket(struct mm *mm, unsigned long start, unsigned long end);

/* A thread that holds a bracket open, with mmap_lock for reading. */
struct toy_holder {
	struct mm *mm;
	unsigned long start, end;
	struct completion opened, close;
	struct task *task;
};
/* Return when the bracket is open, or false. */
bool toy_hold(struct toy_holder *h, struct mm *mm, unsigned long start, unsigned long end);
/* Return when it is closed. */
void toy_let_go(struct toy_holder *h);

#define SITE_PAGES 2UL

/* The pages FX_BASE.. of one mm, about to be changed. */
struct toy_scene {
	struct mm *mm;
	struct file *file;		/* mapped shared, where the site needs one */
	struct disk disk;		/* the same */
	struct mm *relative;		/* shares the pages, or is made by the site */
	struct userfaultfd *uffd;	/* made by the site */
};

struct toy_site {
	const char *name;
	bool file;			/* wants a file's pages */
	bool nonlinear;			/* wants them in another order */
	bool disk;			/* wants those of a disk */
	bool shared;			/* wants a relative beforehand */
	bool swap;			/* wants a swap area */
	enum mmu_notifier_event event;	/* of every bracket */
	void (*change)(struct toy_scene *scene);
};

extern const struct toy_site toy_sites[];
extern const unsigned int nr_toy_sites;

/*
 * Set the scene for @site: an adopted mm with SITE_PAGES written pages at FX_BASE.
 * Return: false with nothing to undo if it cannot be had (no swap, disk, memory).
 */
bool toy_scene_up(struct toy_scene *scene, const struct toy_site *site);
void toy_scene_down(struct toy_scene *scene);

/* What a look at a site's calls found; the recorder's arg. */
struct toy_check {
	struct page *page[SITE_PAGES];	/* before the change; no reference */
	unsigned int looked, wrong;	/* pages */
	pte_t at_end[SITE_PAGES];
};

/*
 * At each site in turn: change the pages, while toy_mirror has them all and a recorder
 * with @ops is told after the mirror and calls @look; then @after (or NULL). Fails
 * the test where @look has not looked at every page, or something was wrong.
 */
void toy_at_every_site(const struct mmu_notifier_ops *ops,
		       void (*look)(struct recorder *rec, const struct recorded_call *call),
		       void (*after)(struct toy_scene *scene, struct toy_check *check));
extern struct mirror toy_mirror;

#endif
