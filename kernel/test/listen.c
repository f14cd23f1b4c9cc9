/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/test/listen.c - /dev/listen: subscribers that do nothing
 *
 * Concept    What does it cost a process that somebody listens? A program asks for
 *            a number of subscribers of its own address space and measures its
 *            faults and unmaps. They register, hear and leave as any driver's do;
 *            only the work in between is missing. See include/uapi/lockstep/listen.h.
 * Owns       struct listeners, one for each open file.
 * Locks      lock: LOCK_DRIVER_SPIN (spin), what mmu_interval_set_seq() asks for.
 *            A file gets its listeners once, by exchange.
 * Callers    user/bench_notifier.c
 */
#include "kernel/test/listen.h"

#include "arch/x86/cpu/atomic.h"
#include "fs/chardev.h"
#include "fs/file.h"
#include "include/uapi/lockstep/listen.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/task.h"
#include "mm/interval_notifier.h"
#include "mm/slab.h"
#include "mm/uaccess.h"
#include "mm/vmalloc.h"

struct listener {
	struct listeners *set;
	union {
		struct mmu_notifier mn;
		struct mmu_interval_notifier sub;
	};
};

struct listeners {
	struct spinlock lock;		/* LOCK_DRIVER_SPIN */
	bool intervals;			/* which member of the union */
	u64 nr;				/* those that are subscribed */
	struct listener one[];
};

/* ---- hearing ---- */

static int listen_start(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
			unsigned long end, bool blockable)
{
	return 0;
}

static void listen_end(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
		       unsigned long end)
{
}

static const struct mmu_notifier_ops listen_ops = {
	.name = "listen",
	.flags = MMU_INVALIDATE_DOES_NOT_BLOCK,
	.invalidate_range_start = listen_start,
	.invalidate_range_end = listen_end,
};

static bool listen_invalidate(struct mmu_interval_notifier *sub,
			      const struct mmu_notifier_range *range, unsigned long seq)
{
	struct listeners *set = container_of(sub, struct listener, sub)->set;

	spin_lock(&set->lock);
	mmu_interval_set_seq(sub, seq);
	spin_unlock(&set->lock);
	return true;
}

static const struct mmu_interval_notifier_ops listen_interval_ops = {
	.name = "listen", .invalidate = listen_invalidate,
};

/* ---- coming and going ---- */

static void listeners_free(struct listeners *set)
{
	while (set->nr) {
		struct listener *l = &set->one[--set->nr];

		if (set->intervals)
			mmu_interval_notifier_remove(&l->sub);
		else
			mmu_notifier_unregister(&l->mn, l->mn.mm);
	}
	vfree(set);
}

static struct listeners *listeners_alloc(u64 nr, bool intervals)
{
	struct listeners *set = vzalloc(sizeof(*set) + nr * sizeof(set->one[0]));

	if (!set)
		return NULL;
	spin_lock_init(&set->lock, LOCK_DRIVER_SPIN, "listeners");
	set->intervals = intervals;
	return set;
}

/* Give @file its listeners, whose subscribing ended with @err. */
static long listeners_keep(struct file *file, struct listeners *set, int err)
{
	if (!err && cmpxchg(&file->private, NULL, (void *)set) != NULL)
		err = -EBUSY;
	if (err)
		listeners_free(set);
	return err;
}

static long listen_brackets(struct file *file, u64 nr)
{
	struct listeners *set;
	int err = 0;

	if (!nr || nr > LISTEN_MAX)
		return -EINVAL;
	set = listeners_alloc(nr, false);
	if (!set)
		return -ENOMEM;
	while (!err && set->nr < nr) {
		struct mmu_notifier *mn = &set->one[set->nr].mn;

		mn->ops = &listen_ops;
		err = mmu_notifier_register(mn, current->mm);
		set->nr += !err;
	}
	return listeners_keep(file, set, err);
}

static long listen_intervals(struct file *file, const struct listen_intervals *want)
{
	struct listeners *set;
	u64 end;
	int err = 0;

	if (!want->nr || want->nr > LISTEN_MAX ||
	    __builtin_mul_overflow(want->length, want->nr, &end) ||
	    __builtin_add_overflow(want->start, end, &end))
		return -EINVAL;
	set = listeners_alloc(want->nr, true);
	if (!set)
		return -ENOMEM;
	while (!err && set->nr < want->nr) {
		struct listener *l = &set->one[set->nr];

		l->set = set;
		err = mmu_interval_notifier_insert(&l->sub, current->mm,
						   want->start + set->nr * want->length,
						   want->length, &listen_interval_ops);
		set->nr += !err;
	}
	return listeners_keep(file, set, err);
}

static long listen_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	const void __user *from = (const void __user *)arg;
	struct listen_intervals want;
	u64 nr;
	int err;

	switch (cmd) {
	case LISTEN_BRACKETS:
		err = copy_from_user(&nr, from, sizeof(nr));
		return err ? err : listen_brackets(file, nr);
	case LISTEN_INTERVALS:
		err = copy_from_user(&want, from, sizeof(want));
		return err ? err : listen_intervals(file, &want);
	default:
		return -ENOTTY;
	}
}

static void listen_release(struct file *file)
{
	if (file->private)
		listeners_free(file->private);
}

static const struct file_operations listen_fops = {
	.ioctl = listen_ioctl,
	.release = listen_release,
};

void listen_init(void)
{
	ASSERT(!chardev_register("listen", &listen_fops));
}
