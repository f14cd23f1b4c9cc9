/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/swapfile.c - swap areas: they come at boot or at swapon, and go at swapoff
 *
 * Concept    swapon believes a header: it says how many pages are for use and
 *            which of them are bad. What boot takes has no header; there every
 *            page is for use.
 *
 *            swapoff stops the area, so that the entries of it can only become
 *            fewer, and then is a fault for everybody: it walks the page tables
 *            of all address spaces and lets mm/fault.c bring back the page of
 *            each entry (fault_unuse), and the page maps of files (shmem_unuse).
 *            Pages that are only in the cache leave it.
 *            An entry that was on its way meanwhile is met in the next round:
 *
 *              swapoff                       others
 *              area off                      reclaim has a slot of it already
 *              walk: no entry here
 *                                            reclaim unmaps: entry set
 *              slots left? walk again
 *              page back, slot free          fork copied the entry first? then the
 *                                            child is in the list behind us, or
 *                                            met in the next round
 *              none left: area removed
 *
 *            Without memory, or when a page cannot be read, the area starts again
 *            with all that is still in it: nothing is ever dropped.
 * Owns       Which areas there are.
 * Locks      LOCK_SWAPON (mutex): areas come and go one at a time. Not held while
 *            pages are brought back, for that takes long. mmap_lock of each mm for
 *            reading; page lock; the rest inside the functions called.
 * Invariants An area is removed when nothing has a slot of it    swap_area_remove()
 * Callers    fs/sys_path.c (the calls), kernel/main.c
 * Next       fault.c: fault_unuse()
 */
#include "mm/swap.h"

#include "include/uapi/swap.h"
#include "kernel/block/block.h"
#include "kernel/lib/bootopt.h"
#include "kernel/lib/gate_hook.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/task.h"
#include "kernel/sync/mutex.h"
#include "kernel/sync/rwsem.h"
#include "mm/commit.h"
#include "mm/fault.h"
#include "mm/gfp.h"
#include "mm/mm.h"
#include "mm/pgtable.h"
#include "mm/shmem.h"

static DEFINE_MUTEX(swapon_mutex, LOCK_SWAPON);

/* ---- areas come ---- */

/* The area that @bdev is, on or not; -1: none. */
static int swap_area_of_device(const struct block_device *bdev)
{
	struct swap_area_info info;

	for (unsigned int n = 0; n < MAX_SWAP_AREAS; n++)
		if (swap_area_info(n, &info) && info.bdev == bdev)
			return (int)n;
	return -1;
}

/* Nobody asked for a priority: behind those that are there. */
static int swap_priority(int wanted)
{
	struct swap_area_info info;
	int lowest = SWAP_PRIORITY_AUTO;

	if (wanted != SWAP_PRIORITY_AUTO)
		return wanted;
	for (unsigned int n = 0; n < MAX_SWAP_AREAS; n++)
		if (swap_area_info(n, &info))
			lowest = min(lowest, info.priority);
	return lowest - 1;
}

/* @header NULL: every page of the device is for use. Mutex held. */
static int swap_area_open_locked(struct block_device *bdev, const struct swap_header *header,
				 int priority)
{
	struct swap_area_info info;
	int n;

	assert_held(&swapon_mutex);
	if (swap_area_of_device(bdev) >= 0)
		return -EBUSY;
	priority = swap_priority(priority);
	n = swap_area_setup(bdev, header ? header->last_page + 1ULL : bdev->nr_pages);
	if (n < 0)
		return n;
	/* nothing below can fail */
	if (header)
		swap_area_mark_bad((unsigned int)n, 0);
	for (u32 i = 0; header && i < header->nr_badpages; i++)
		swap_area_mark_bad((unsigned int)n, header->badpages[i]);
	swap_area_start((unsigned int)n, priority);
	(void)swap_area_info((unsigned int)n, &info);
	pr_info("swap: %llu KiB on %s, priority %d\n",
		(unsigned long long)(info.total << (PAGE_SHIFT - 10)), bdev->name, priority);
	return n;
}

/* Does the first page of the device make sense? Says why it does not. */
static int swap_header_check(const struct block_device *bdev, const struct swap_header *header)
{
	const char *fault = NULL;

	if (memcmp(header->magic, SWAP_MAGIC, sizeof(header->magic)))
		fault = "there is no swap header";
	else if (header->version != 1)
		fault = "the header's version is not 1";
	else if (!header->last_page || header->nr_badpages >= header->last_page)
		fault = "the header leaves no page for use";
	else if (header->last_page >= bdev->nr_pages)
		fault = "the device is shorter than the header says";
	else if (header->nr_badpages > SWAP_MAX_BADPAGES)
		fault = "the header names too many bad pages";
	for (u32 i = 0; !fault && i < header->nr_badpages; i++)
		if (!header->badpages[i] || header->badpages[i] > header->last_page)
			fault = "the header names a bad page that is not there";
	if (!fault)
		return 0;
	pr_warn("swap: %s: %s\n", bdev->name, fault);
	return -EINVAL;
}

int swapon(struct block_device *bdev, int priority)
{
	struct page *page = alloc_page(GFP_KERNEL);
	int err;

	if (!page)
		return -ENOMEM;
	err = block_rw_page(bdev, BLOCK_READ, 0, page);
	if (!err)
		err = swap_header_check(bdev, page_address(page));
	if (!err) {
		mutex_lock(&swapon_mutex);
		err = swap_area_open_locked(bdev, page_address(page), priority);
		mutex_unlock(&swapon_mutex);
	}
	__free_page(page);
	/* Linux's answer to one area too many. */
	return err == -ENOSPC ? -EPERM : min(err, 0);
}

int swap_area_add(struct block_device *bdev, int priority)
{
	int n;

	mutex_lock(&swapon_mutex);
	n = swap_area_open_locked(bdev, NULL, priority);
	mutex_unlock(&swapon_mutex);
	return n;
}

/* ---- bringing back what is in an area ---- */

/* The entries of one VMA. mmap_lock held. */
static int unuse_vma(struct vma *vma, unsigned int area)
{
	unsigned long va = vma->start, next;
	int result = FAULT_DONE;

	for_each_table(vma->mm, va, next, vma->end) {
		for (; va < next && result == FAULT_DONE; va += PAGE_SIZE) {
			do
				result = fault_unuse(vma, va, area);
			while (result == FAULT_RETRY);
		}
		if (result != FAULT_DONE)
			break;
		cond_resched();
	}
	return result == FAULT_DONE ? 0 : result == FAULT_OOM ? -ENOMEM : -EIO;
}

/* One address space, unless its user half is going or gone: then its entries are, too. */
static int unuse_mm(struct mm *mm, unsigned int area)
{
	struct vma *vma;
	int err = 0;

	if (!atomic64_read(&mm->rss[MM_SWAPENTS]) || !mmget_not_zero(mm))
		return 0;
	gate_point("swapoff.mm", mm);
	down_read(&mm->mmap_lock);
	for (vma = find_vma(mm, 0); vma && !err; vma = vma_next(vma))
		if (vma->anon_vma)
			err = unuse_vma(vma, area);
	up_read(&mm->mmap_lock);
	mmput(mm);
	return err;
}

static int unuse_mms(unsigned int area)
{
	struct mm *mm = NULL;
	int err = 0;

	while ((mm = mm_list_next(mm))) {
		err = unuse_mm(mm, area);
		if (!err && signal_pending(current))
			err = -EINTR;
		if (err) {
			mmdrop(mm);
			break;
		}
	}
	return err;
}

/* A page in the cache that no entry names: mapped everywhere, or nobody's any more. */
static void unuse_cached_page(swp_entry_t entry)
{
	struct page *page = swap_cache_find(entry);

	if (!page)
		return;
	page_lock(page);
	page_wait_writeback(page);
	if (page_test(page, PG_swapcache) && page->swap.v == entry.v)
		(void)swap_cache_try_free(page);
	page_unlock(page);
	put_page(page);
}

static void unuse_cache(unsigned int area)
{
	u64 nr_slots = swap_area_slots(area);

	for (u64 slot = swap_area_next_used(area, 0); slot < nr_slots;
	     slot = swap_area_next_used(area, slot + 1)) {
		unuse_cached_page(swp_entry(area, slot));
		cond_resched();
	}
}

/* Until no slot of the area, which is off, has a user. Return: 0, -ENOMEM, -EIO, -EINTR. */
static int try_to_unuse(unsigned int area)
{
	for (;;) {
		int err = unuse_mms(area);

		if (!err)
			err = shmem_unuse(area);
		if (err)
			return err;
		unuse_cache(area);
		if (swap_area_next_used(area, 0) == swap_area_slots(area))
			return 0;
		gate_point("swapoff.round", NULL);
		/* Somebody is between two steps: exit, or reclaim with a page locked. */
		(void)schedule_timeout_uninterruptible(1);
	}
}

/* ---- areas go ---- */

/* Take the area of @bdev, if it is on, out of use. Return: its number, or -EINVAL. */
static int swapoff_begin(struct block_device *bdev, int *priority)
{
	struct swap_area_info info;
	int n;

	mutex_lock(&swapon_mutex);
	n = swap_area_of_device(bdev);
	if (n < 0 || !swap_area_info((unsigned int)n, &info) || !info.on) {
		n = -EINVAL;
	} else {
		*priority = info.priority;
		swap_area_stop((unsigned int)n);
	}
	mutex_unlock(&swapon_mutex);
	return n;
}

/* Can what was promised be had without area @n? It counts until it is gone. */
static int swapoff_promised(unsigned int n)
{
	u64 pages = swap_area_slots(n);
	int err = commit_charge(pages);

	if (!err)
		commit_uncharge(pages);
	return err;
}

int swapoff(struct block_device *bdev)
{
	int priority, err, n = swapoff_begin(bdev, &priority);

	if (n < 0)
		return n;
	gate_point("swapoff.stopped", NULL);
	err = swapoff_promised((unsigned int)n);
	if (!err)
		err = try_to_unuse((unsigned int)n);
	mutex_lock(&swapon_mutex);
	if (err)
		swap_area_start((unsigned int)n, priority);
	else
		err = swap_area_remove((unsigned int)n);
	mutex_unlock(&swapon_mutex);
	ASSERT(err != -EBUSY);
	return err;
}

/* ---- boot ---- */

static bool swap_wanted = true;

static int swap_option(const char *value)
{
	if (!strcmp(value, "off"))
		swap_wanted = false;
	else if (strcmp(value, "on"))
		return -EINVAL;
	return 0;
}
BOOT_OPTION(swap, swap_option, "on: swap to every block device there is at boot; off: to none");

void swap_boot(void)
{
	struct block_device *bdev;

	for (unsigned int n = 0; swap_wanted && (bdev = block_nth(n)); n++) {
		int err = bdev->scratch ? 0 : swap_area_add(bdev, SWAP_PRIORITY_AUTO);

		if (err < 0)
			pr_warn("swap: %s cannot be used: error %d\n", bdev->name, -err);
	}
}
