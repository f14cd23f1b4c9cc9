/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/record_lock.h - advisory locks on ranges of files: F_SETLK and its like, and flock(2)
 */
#ifndef FS_RECORD_LOCK_H
#define FS_RECORD_LOCK_H

#include "include/types.h"
#include "include/uapi/fcntl.h"
#include "kernel/lib/list.h"

struct inode;

/* Bytes [@start, @end], the last included: INT64_MAX is "to the end, wherever it is". */
struct record_lock {
	struct list_head node;
	const struct inode *inode;
	const void *owner;		/* a descriptor table, or an open file (F_OFD_) */
	int type;			/* F_RDLCK, F_WRLCK; as a request F_UNLCK, too */
	loff_t start, end;
	bool flock;			/* by flock(2): another world, of whole files */
	pid_t pid;			/* what F_GETLK tells */
};

/*
 * Do what @want asks for; @wait: until nobody is in the way. Context: may sleep.
 * Return: 0, -EAGAIN, -EDEADLK (everybody would wait for ever), -ENOMEM, -ERESTARTSYS.
 */
int __must_check record_lock_set(const struct record_lock *want, bool wait);
/* Who is in the way of @want? Return: false if nobody, else with *@out filled. */
bool record_lock_get(const struct record_lock *want, struct record_lock *out);
/*
 * @owner lets go of all locks on @inode: it has closed it. Context: may sleep; cheap where
 * there are no locks.
 */
void record_lock_drop(const struct inode *inode, const void *owner);

#endif
