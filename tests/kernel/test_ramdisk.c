/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_ramdisk.c - disks of memory: bytes stay, errors show
 *
 * Everything happens on ram1, unless it is in use for swap as ram0 is.
 */
#include "fs/vfs.h"
#include "include/uapi/blkdev.h"
#include "kernel/block/block.h"
#include "kernel/lib/string.h"
#include "kernel/test/ktest.h"
#include "mm/buddy.h"
#include "mm/gfp.h"
#include "tests/kernel/threads.h"
#include "tests/kernel/user_memory.h"

static struct block_device *spare(void)
{
	struct block_device *disk = block_find("ram1");

	return disk && disk->scratch ? disk : NULL;
}

KTEST_QUICK(ramdisk, sectors_keep_what_was_written)
{
	struct page *page = KT_GET(alloc_page(GFP_KERNEL));
	struct block_device *disk = spare();

	if (!disk)
		KT_SKIP("no spare disk");
	KT_TRUE(page);
	for (u64 s = 0; s < 8; s++) {
		memset(page_address(page), (int)(0x40 + s), PAGE_SIZE);
		KT_CHECK_EQ(block_rw_page(disk, BLOCK_WRITE, s, page), 0);
	}
	for (u64 s = 8; s-- > 0;) {
		memset(page_address(page), 0, PAGE_SIZE);
		KT_CHECK_EQ(block_rw_page(disk, BLOCK_READ, s, page), 0);
		KT_CHECK(!memchr_inv(page_address(page), (int)(0x40 + s), PAGE_SIZE));
	}
	__free_page(page);
}

KTEST(ramdisk, writing_takes_no_memory)
{
	struct block_device *disk = spare();
	struct page *page = KT_GET(alloc_page(GFP_KERNEL | __GFP_ZERO));
	struct buddy_info before, after;

	if (!disk)
		KT_SKIP("no spare disk");
	KT_TRUE(page);
	buddy_info(&before);
	for (u64 s = 0; s < disk->nr_pages; s++)
		KT_CHECK_EQ(block_rw_page(disk, BLOCK_WRITE, s, page), 0);
	buddy_info(&after);
	/* Other threads may allocate meanwhile, but not a disk's worth. */
	KT_CHECK_LT((s64)(before.free - after.free), (s64)disk->nr_pages / 2);
	__free_page(page);
}

KTEST(ramdisk, failed_write_changes_nothing)
{
	struct page *page = KT_GET(alloc_page(GFP_KERNEL));
	struct block_device *disk = spare();

	if (!disk)
		KT_SKIP("no spare disk");
	KT_TRUE(page);
	memset(page_address(page), 'a', PAGE_SIZE);
	KT_CHECK_EQ(block_rw_page(disk, BLOCK_WRITE, 5, page), 0);
	memset(page_address(page), 'b', PAGE_SIZE);
	block_inject_error(disk, BLOCK_WRITE, 1, false);
	KT_CHECK_EQ(block_rw_page(disk, BLOCK_WRITE, 5, page), -EIO);
	KT_CHECK_EQ(block_rw_page(disk, BLOCK_READ, 5, page), 0);
	KT_CHECK(!memchr_inv(page_address(page), 'a', PAGE_SIZE));
	__free_page(page);
}

KTEST_QUICK(ramdisk, node_shows_the_bytes)
{
	struct block_device *disk = spare();
	struct file *file;
	char text[] = "across the border of two sectors";

	if (!disk)
		KT_SKIP("no spare disk");
	KT_EQ(vfs_open("/dev/ram1", O_RDWR, 0, &file), 0);
	file->ra.advice = READAHEAD_RANDOM;	/* an error is for who asked */
	KT_CHECK_EQ(kernel_write(file, text, sizeof(text), PAGE_SIZE - 10), (ssize_t)sizeof(text));
	memset(text, 0, sizeof(text));
	KT_CHECK_EQ(kernel_read(file, text, sizeof(text), PAGE_SIZE - 10), (ssize_t)sizeof(text));
	KT_CHECK(!strcmp(text, "across the border of two sectors"));
	KT_CHECK_EQ(vfs_llseek(file, 0, SEEK_END), (loff_t)(disk->nr_pages * PAGE_SIZE));
	KT_CHECK_EQ(kernel_read(file, text, 1, (loff_t)(disk->nr_pages * PAGE_SIZE)), 0);
	KT_CHECK_EQ(kernel_write(file, text, 1, (loff_t)(disk->nr_pages * PAGE_SIZE)), -ENOSPC);
	block_inject_error(disk, BLOCK_READ, 1, false);
	KT_CHECK_EQ(kernel_read(file, text, 1, 7 * PAGE_SIZE), -EIO);
	KT_CHECK_EQ(kernel_read(file, text, 1, 7 * PAGE_SIZE), 1);
	file_put(file);
}

KTEST(ramdisk, size_is_told_and_bad_pointers_are_refused)
{
	struct user_memory u;
	struct file *file;
	u64 size = 0;

	if (!spare())
		KT_SKIP("no spare disk");
	KT_EQ(vfs_open("/dev/ram1", O_RDONLY, 0, &file), 0);
	if (KT_CHECK(user_memory_up(&u, 1))) {
		kthread_use_mm(u.mm);
		KT_CHECK_EQ(file->ops->ioctl(file, BLKGETSIZE64, u.va), 0);
		KT_CHECK_EQ(get_user(size, (u64 __user *)u.va), 0);
		KT_CHECK_EQ(size, spare()->nr_pages * PAGE_SIZE);
		KT_CHECK_EQ(file->ops->ioctl(file, BLKGETSIZE64, u.va + PAGE_SIZE), -EFAULT);
		KT_CHECK_EQ(file->ops->ioctl(file, BLKGETSIZE64, (unsigned long)&size), -EFAULT);
		KT_CHECK_EQ(file->ops->ioctl(file, 0x1234, u.va), -ENOTTY);
		kthread_unuse_mm(u.mm);
		user_memory_down(&u);
	}
	file_put(file);
}

static int ramdisk_hammer(void *arg, unsigned int n)
{
	struct block_device *disk = arg;
	struct page *page = KT_GET(alloc_page(GFP_KERNEL));
	int bad = 0;

	if (!page)
		return 1;
	for (u64 round = 0; round < 50; round++) {
		u64 sector = n * 8 + round % 8;

		memset(page_address(page), (int)(n * 50 + round), PAGE_SIZE);
		bad += block_rw_page(disk, BLOCK_WRITE, sector, page) != 0;
		memset(page_address(page), 0, PAGE_SIZE);
		bad += block_rw_page(disk, BLOCK_READ, sector, page) != 0;
		bad += memchr_inv(page_address(page), (u8)(n * 50 + round), PAGE_SIZE) != NULL;
	}
	__free_page(page);
	return bad;
}

KTEST(ramdisk, users_of_different_sectors_do_not_disturb_each_other)
{
	if (!spare())
		KT_SKIP("no spare disk");
	KT_EQ(test_threads(4, ramdisk_hammer, spare()), 0);
}
