/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/test/plant.c - /dev/plant: mistakes that a program makes on purpose
 *
 * Concept    A negative control needs a way to be wrong. Each call of this device
 *            commits one mistake that some check exists for; a run with it must
 *            fail. It also makes allocations fail, for which a program does not.
 *            See include/uapi/lockstep/plant.h.
 * Owns       the pages that open files pin.
 * Locks      none: one page for each file, set by exchange.
 * Callers    user/demo.c --plant; user/allocfail.c; boot tests.
 */
#include "kernel/test/plant.h"

#include "arch/x86/cpu/atomic.h"
#include "drivers/iommu/emul/hw.h"
#include "fs/chardev.h"
#include "fs/file.h"
#include "include/uapi/lockstep/plant.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/task.h"
#include "kernel/test/inject.h"
#include "mm/check.h"
#include "mm/gup.h"
#include "mm/page.h"
#include "mm/uaccess.h"

/* The file holds at most one page; another pin replaces it. */
static long plant_pin(struct file *file, u64 va)
{
	struct page *page;
	long got = get_user_pages_unlocked(current->mm, va & PAGE_MASK, 1, FOLL_WRITE, &page);

	if (got < 0)
		return got;
	page = xchg(&file->private, (void *)page);
	if (page)
		put_page(page);
	return 0;
}

#ifdef CONFIG_CHECKS
/* One sweep at a time: whoever comes second is told so. */
static atomic_t plant_sweeps;
static u64 plant_nth;			/* C while there is one */

static long plant_sweep_begin(unsigned long arg)
{
	struct plant_sweep sweep;
	int err = copy_from_user(&sweep, (const void __user *)arg, sizeof(sweep));

	if (err)
		return err;
	if (atomic_xchg(&plant_sweeps, 1))
		return -EBUSY;
	plant_nth = sweep.nth;
	inject_sweep_begin(sweep.nth);
	return 0;
}

static long plant_sweep_end(unsigned long arg)
{
	struct plant_sweep sweep = { .fired = inject_sweep_fired(), .nth = plant_nth };

	if (!atomic_read(&plant_sweeps))
		return -EINVAL;
	sweep.uses = inject_sweep_end();
	sweep.next = inject_sweep_next_path(plant_nth);
	sweep.paths = inject_sweep_paths();
	atomic_set(&plant_sweeps, 0);
	return copy_to_user((void __user *)arg, &sweep, sizeof(sweep));
}

static long plant_levels(unsigned long arg)
{
	struct plant_levels levels;
	struct mm_levels now, before;
	int err = copy_from_user(&levels, (const void __user *)arg, sizeof(levels));

	if (err)
		return err;
	before = (struct mm_levels){
		.frames = levels.frames, .objects = levels.objects, .ranges = levels.ranges,
		.slots = levels.slots, .promised = levels.promised,
	};
	(void)mm_levels_settle(&before, &now);
	levels = (struct plant_levels){
		.frames = now.frames, .objects = now.objects, .ranges = now.ranges,
		.slots = now.slots, .promised = now.promised,
	};
	return copy_to_user((void __user *)arg, &levels, sizeof(levels));
}

/* What allocfail asks for. */
static long plant_sweep_ioctl(unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case PLANT_SWEEP_BEGIN:
		return plant_sweep_begin(arg);
	case PLANT_SWEEP_END:
		return plant_sweep_end(arg);
	case PLANT_LEVELS:
		return plant_levels(arg);
	case PLANT_SWEEP_WHERE:
		inject_sweep_print();
		return 0;
	default:
		return -ENOTTY;
	}
}
#else
static long plant_sweep_ioctl(unsigned int cmd, unsigned long arg)
{
	return -ENOTTY;			/* nothing fails on purpose, and nobody counts */
}
#endif

static long plant_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	u64 value;
	int err;

	if (cmd != PLANT_PIN && cmd != PLANT_LOSE_INVALIDATIONS)
		return plant_sweep_ioctl(cmd, arg);
	err = copy_from_user(&value, (const void __user *)arg, sizeof(value));
	if (err)
		return err;
	switch (cmd) {
	case PLANT_PIN:
		return plant_pin(file, value);
	case PLANT_LOSE_INVALIDATIONS:
		iommu_hw_lose_invalidations((unsigned int)value);
		return 0;
	default:
		return -ENOTTY;
	}
}

static void plant_release(struct file *file)
{
	if (file->private)
		put_page(file->private);
}

static const struct file_operations plant_fops = {
	.ioctl = plant_ioctl,
	.release = plant_release,
};

void plant_init(void)
{
	ASSERT(!chardev_register("plant", &plant_fops));
}
