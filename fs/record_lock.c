/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/record_lock.c - advisory locks on ranges of files, and on whole ones
 *
 * Concept    All locks are in one list: there are few. A lock of an owner on a range
 *            replaces what it had there; what sticks out on either side stays, so that
 *            an unlock in the middle makes two of one:
 *
 *                has     [--------- write ---------]
 *                asks             [- read -]
 *                then    [ write ][- read -][write ]
 *
 *            Locks of one kind that touch are joined. An owner is a descriptor table
 *            (a process; it loses its locks on a file with the first descriptor of
 *            it that it closes) or an open file. flock(2) locks whole files for open
 *            files; it and the others do not hear of each other. To change its kind an
 *            open file first lets go, as on Linux: so two that want more do not wait
 *            for each other.
 * Owns       The list, and that of the waiting.
 * Locks      record_lock: LOCK_FILES (spin). Records are made before, freed after.
 * Invariants Locks of different owners that overlap are both read locks; those of one
 *            owner on one file do not overlap: test_record_lock.c.
 *            No owners wait for each other in a circle.
 * Callers    fs/sys_fd.c; fs/fdtable.c and fs/file.c when files are closed.
 * Next       fs/sys_path.c
 */
#include "fs/record_lock.h"

#include "kernel/lib/panic.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/spinlock.h"
#include "kernel/sync/wait.h"
#include "mm/slab.h"

/* Who sleeps until whose lock is gone. */
struct record_waiter {
	struct list_head node;
	const void *owner, *blocker;
};

DEFINE_STATIC_SPINLOCK(record_lock, LOCK_FILES);
static LIST_HEAD(record_list);		/* record_lock */
static LIST_HEAD(record_waiting);	/* record_lock */
static unsigned int record_count;	/* record_lock; read without it by closers */
static DEFINE_WAIT_QUEUE(record_queue);

/* ---- conflicts ---- */

static bool record_overlaps(const struct record_lock *l, const struct record_lock *want)
{
	return l->inode == want->inode && l->flock == want->flock && l->start <= want->end &&
	       want->start <= l->end;
}

static struct record_lock *record_conflict_locked(const struct record_lock *want)
{
	struct record_lock *l;

	assert_held(&record_lock);
	list_for_each_entry(l, &record_list, node)
		if (l->owner != want->owner && record_overlaps(l, want) &&
		    (l->type == F_WRLCK || want->type == F_WRLCK))
			return l;
	return NULL;
}

bool record_lock_get(const struct record_lock *want, struct record_lock *out)
{
	struct record_lock *l;

	spin_lock(&record_lock);
	l = record_conflict_locked(want);
	if (l)
		*out = *l;
	spin_unlock(&record_lock);
	return l;
}

/* Does @blocker wait for @owner, by way of others perhaps? */
static bool record_would_deadlock_locked(const void *owner, const void *blocker)
{
	struct record_waiter *w;
	bool found = true;

	assert_held(&record_lock);
	while (found && blocker != owner) {
		found = false;
		list_for_each_entry(w, &record_waiting, node) {
			if (w->owner != blocker)
				continue;
			blocker = w->blocker;
			found = true;
			break;
		}
	}
	return found;
}

/* ---- changing ---- */

static void record_add_locked(struct record_lock *l)
{
	assert_held(&record_lock);
	list_add_tail(&l->node, &record_list);
	record_count++;
}

static void record_del_locked(struct record_lock *l, struct list_head *dead)
{
	assert_held(&record_lock);
	list_del(&l->node);
	list_add(&l->node, dead);
	record_count--;
}

/* Take the range of @new out of the older lock @l. @spare: for a piece behind it. */
static void record_carve_locked(struct record_lock *l, const struct record_lock *new,
				struct record_lock **spare, struct list_head *dead)
{
	if (l->start < new->start && l->end > new->end) {
		struct record_lock *behind = *spare;

		*spare = NULL;
		*behind = *l;
		behind->start = new->end + 1;
		record_add_locked(behind);
		l->end = new->start - 1;
	} else if (l->start < new->start) {
		l->end = new->start - 1;
	} else if (l->end > new->end) {
		l->start = new->end + 1;
	} else {
		record_del_locked(l, dead);
	}
}

/* Does @l continue @new, which begins where it ends or the other way round? */
static bool record_touches(const struct record_lock *l, const struct record_lock *new)
{
	return (l->end != INT64_MAX && l->end + 1 == new->start) ||
	       (new->end != INT64_MAX && new->end + 1 == l->start);
}

/* Nobody is in the way: let @new, NULL'ed if it is used, take the place of what was there. */
static void record_replace_locked(struct record_lock **new, struct record_lock **spare,
				  struct list_head *dead)
{
	struct record_lock *n = *new, *l, *next;

	list_for_each_entry_safe(l, next, &record_list, node) {
		if (l->owner != n->owner || l->inode != n->inode || l->flock != n->flock)
			continue;
		if (l->type == n->type && (record_overlaps(l, n) || record_touches(l, n))) {
			n->start = min(n->start, l->start);
			n->end = max(n->end, l->end);
			record_del_locked(l, dead);
		} else if (record_overlaps(l, n)) {
			record_carve_locked(l, n, spare, dead);
		}
	}
	if (n->type == F_UNLCK)
		return;
	record_add_locked(n);
	*new = NULL;
}

static void record_free(struct list_head *dead)
{
	struct record_lock *l, *next;

	list_for_each_entry_safe(l, next, dead, node)
		kfree(l);
}

/* The owner of @new, which is of flock(2), lets go of what it has of another kind. */
static void record_let_go_locked(const struct record_lock *new, struct list_head *dead)
{
	struct record_lock *l, *next;

	assert_held(&record_lock);
	list_for_each_entry_safe(l, next, &record_list, node)
		if (l->owner == new->owner && record_overlaps(l, new) && l->type != new->type)
			record_del_locked(l, dead);
}

/* One try. @waiter is entered if somebody is in the way. */
static int record_try(struct record_lock **new, struct record_lock **spare,
		      struct record_waiter *waiter, bool wait)
{
	struct record_lock *l;
	LIST_HEAD(dead);
	int ret = 0;

	spin_lock(&record_lock);
	list_del_init(&waiter->node);
	if ((*new)->flock)
		record_let_go_locked(*new, &dead);
	l = (*new)->type == F_UNLCK ? NULL : record_conflict_locked(*new);
	if (!l) {
		record_replace_locked(new, spare, &dead);
	} else if (!wait) {
		ret = -EAGAIN;
	} else if (!l->flock && record_would_deadlock_locked(waiter->owner, l->owner)) {
		ret = -EDEADLK;
	} else {
		ret = -EAGAIN;
		waiter->blocker = l->owner;
		list_add(&waiter->node, &record_waiting);
	}
	spin_unlock(&record_lock);
	if (!list_empty(&dead))
		wake_up_all(&record_queue);
	record_free(&dead);
	return ret;
}

int record_lock_set(const struct record_lock *want, bool wait)
{
	struct record_lock *new = kmalloc(sizeof(*new), GFP_KERNEL);
	struct record_lock *spare = kmalloc(sizeof(*spare), GFP_KERNEL);
	struct record_waiter waiter = { .owner = want->owner };
	int ret = -ENOMEM, err = 0;

	if (!new || !spare)
		goto out;
	*new = *want;
	INIT_LIST_HEAD(&waiter.node);
	if (wait)
		err = wait_event_interruptible(&record_queue,
			(ret = record_try(&new, &spare, &waiter, true)) != -EAGAIN);
	else
		ret = record_try(&new, &spare, &waiter, false);
	spin_lock(&record_lock);
	list_del_init(&waiter.node);
	spin_unlock(&record_lock);
	if (!err && !ret)
		wake_up_all(&record_queue);	/* perhaps less is locked now */
out:
	kfree(new);
	kfree(spare);
	return err ? err : ret;
}

void record_lock_drop(const struct inode *inode, const void *owner)
{
	struct record_lock *l, *next;
	LIST_HEAD(dead);

	if (!READ_ONCE(record_count))
		return;
	spin_lock(&record_lock);
	list_for_each_entry_safe(l, next, &record_list, node)
		if (l->inode == inode && l->owner == owner)
			record_del_locked(l, &dead);
	spin_unlock(&record_lock);
	if (list_empty(&dead))
		return;
	record_free(&dead);
	wake_up_all(&record_queue);
}
