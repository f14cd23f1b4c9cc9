/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/test/plant.c - /dev/plant: mistakes that a program makes on purpose
 *
 * Concept    A negative control needs a way to be wrong. Each call of this device
 *            commits one mistake that some check exists for; a run with it must
 *            fail. See include/uapi/lockstep/plant.h.
 * Owns       the pages that open files pin.
 * Locks      none: one page for each file, set by exchange.
 * Callers    user/demo.c --plant; boot tests.
 */
#include "kernel/test/plant.h"

#include "arch/x86/cpu/atomic.h"
#include "drivers/iommu/emul/hw.h"
#include "fs/chardev.h"
#include "fs/file.h"
#include "include/uapi/lockstep/plant.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/task.h"
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

static long plant_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	u64 value;
	int err = copy_from_user(&value, (const void __user *)arg, sizeof(value));

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
