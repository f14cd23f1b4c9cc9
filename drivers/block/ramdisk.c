/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/block/ramdisk.c - disks of memory that was set aside at boot
 *
 * Concept    Reclaim writes when memory is short, so its disk must not need any:
 *            a ramdisk's pages never were the allocator's. Threads of its own
 *            take requests from the queue and copy, as a controller would by DMA.
 *            /dev/ram0 (fs/block_dev.c) shows the bytes. ram0 is for swap; ram1 is
 *            small and nobody's, for tests and for whoever wants to try.
 * Owns       [start, start + size) of physical memory for each disk.
 * Locks      The queue's.
 * Invariants The threads neither allocate nor wait for anything but requests.
 *            A sector passed to ramdisk_copy() lies on the disk.
 * Callers    kernel/main.c; through kernel/block: mm/swap_io.c
 * Next       mm/swap_io.c
 */
#include "drivers/block/ramdisk.h"
#include "arch/x86/cpu/percpu.h"
#include "arch/x86/mm/layout.h"
#include "fs/block_dev.h"
#include "kernel/block/block.h"
#include "kernel/lib/bootopt.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/parse.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"
#include "kernel/sched/kthread.h"
#include "mm/gfp.h"
#include "mm/memblock.h"

#define RAMDISK_MAJOR 1
#define RAMDISK_THREADS 2	/* for each disk */
#define RAMDISK_MAX 4
#define RAMDISK_HALF ~0UL	/* as a size: half of the memory */
#define RAMDISK_SPARE (256UL << 10)

struct ramdisk {
	char name[8];
	u64 size;		/* bytes; 0: there is none */
	u64 start;		/* physical */
	bool scratch;		/* nobody asked for it: not for swap */
	struct block_device bdev;
};

static struct ramdisk ramdisks[RAMDISK_MAX] = {
	{ .size = RAMDISK_HALF }, { .size = RAMDISK_SPARE, .scratch = true },
};

static int ramdisk_option(const char *value)
{
	u64 size[RAMDISK_MAX] = { 0 };
	unsigned int n = 0;

	for (;;) {
		if (n == RAMDISK_MAX || parse_size_at(&value, &size[n++]))
			return -EINVAL;
		if (!*value)
			break;
		if (*value++ != ',')
			return -EINVAL;
	}
	for (n = 0; n < RAMDISK_MAX; n++) {
		/* One size alone is ram0's; the small one stays. */
		if (n == 1 && !size[1])
			continue;
		ramdisks[n].size = size[n];
		ramdisks[n].scratch = false;
	}
	return 0;
}
BOOT_OPTION(ramdisk, ramdisk_option,
	    "sizes of the disks of memory ram0 (swap), ram1 ..., such as 64M,1M; 0 for none");

static void ramdisk_reserve_one(struct ramdisk *disk)
{
	disk->size = round_down(disk->size, PAGE_SIZE);
	if (!disk->size)
		return;
	disk->start = memblock_reserve_top(disk->size);
	if (!disk->start) {
		pr_warn("ramdisk: no %lu KiB of contiguous memory for %s",
			(unsigned long)(disk->size >> 10), disk->name);
		disk->size = 0;
	}
}

void ramdisk_reserve(void)
{
	u64 half = memblock_free_total() / 2;

	for (unsigned int n = 0; n < RAMDISK_MAX; n++) {
		snprintf(ramdisks[n].name, sizeof(ramdisks[n].name), "ram%u", n);
		if (ramdisks[n].size == RAMDISK_HALF)
			ramdisks[n].size = half;
		ramdisk_reserve_one(&ramdisks[n]);
	}
}

/* The controller's work: one page, either way. */
static void ramdisk_copy(const struct ramdisk *disk, const struct block_request *req)
{
	void *bytes = phys_to_virt(disk->start + req->sector * PAGE_SIZE);

	ASSERT(req->sector < disk->bdev.nr_pages);
	if (req->op == BLOCK_WRITE)
		memcpy(bytes, page_address(req->page), PAGE_SIZE);
	else
		memcpy(page_address(req->page), bytes, PAGE_SIZE);
}

static int ramdisk_thread(void *arg)
{
	struct ramdisk *disk = arg;
	struct block_request *req;

	while ((req = block_next(&disk->bdev))) {
		/* A failed request leaves disk and page as they were. */
		if (!req->fail)
			ramdisk_copy(disk, req);
		block_end(req, 0);
	}
	return 0;
}

static void ramdisk_start(struct ramdisk *disk, unsigned int n)
{
	unsigned int nr = min((unsigned int)RAMDISK_THREADS, (unsigned int)nr_cpus_online);

	disk->bdev.name = disk->name;
	disk->bdev.nr_pages = disk->size >> PAGE_SHIFT;
	disk->bdev.private = disk;
	disk->bdev.scratch = disk->scratch;
	block_register(&disk->bdev);
	for (unsigned int i = 0; i < nr; i++)
		if (kthread_run(NULL, ramdisk_thread, disk, "%s/%u", disk->name, i))
			panic("ramdisk: no memory for its thread");
	if (block_dev_register(&disk->bdev, RAMDISK_MAJOR, n))
		panic("ramdisk: no memory for /dev/%s", disk->name);
	pr_info("%s: %lu KiB of memory at 0x%lx", disk->name, (unsigned long)(disk->size >> 10),
		(unsigned long)disk->start);
}

void ramdisk_init(void)
{
	for (unsigned int n = 0; n < RAMDISK_MAX; n++)
		if (ramdisks[n].size)
			ramdisk_start(&ramdisks[n], n);
}
