/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/block_dev.c - block device nodes: a disk as a file
 *
 * Concept    A disk's bytes are in memory as pages (mm/pagecache.c), one map for each
 *            disk, whatever node was opened and however often. read(), write() and
 *            mappings meet in these pages; write-back (mm/writeback.c) brings them to
 *            the disk at fsync, at the last close, and by and by.
 *
 *            What uses the disk past its node (swap) does not see the pages: with the last
 *            close they go, so that nothing old is found later.
 * Owns       One struct disk_file for each disk: the map, the number of open files.
 * Locks      LOCK_BDEV (mutex): the number, and writing and dropping at the last close. No
 *            lock is held while bytes are copied; two writers of one page mix.
 * Invariants nobody has it open: no clean page is in memory       block_dev_release()
 * Callers    drivers/block; through the node, programs.
 * Next       drivers/block/ramdisk.c
 */
#include "fs/block_dev.h"

#include "fs/chardev.h"
#include "fs/cred.h"
#include "fs/vfs.h"
#include "include/uapi/blkdev.h"
#include "include/uapi/sched.h"
#include "kernel/block/block.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/sched.h"
#include "mm/gfp.h"
#include "mm/pagecache.h"
#include "mm/slab.h"
#include "mm/swap.h"
#include "mm/uaccess.h"
#include "mm/vma.h"
#include "mm/writeback.h"

#define SECTOR_SIZE 512
#define RA_PAGES_MAX 1024	/* that may be asked for by BLKRASET */
/* Ticks that the last close waits for whoever has just a reference to a page. */
#define CLOSE_TRIES 10

struct disk_file {
	struct address_space mapping;
	struct mutex lock;		/* LOCK_BDEV */
	unsigned int openers;		/* lock */
	struct disk_file *next;		/* C */
};

static struct disk_file *disk_files;	/* C after boot */

static loff_t disk_size(const struct disk_file *disk)
{
	return (loff_t)(disk->mapping.bdev->nr_pages << PAGE_SHIFT);
}

/* ---- bytes ---- */

/* Copy one page's worth, either way. Return: bytes, or -errno if none. */
static ssize_t disk_rw_page(struct disk_file *disk, struct readahead *ra, struct iobuf *io,
			    loff_t pos, bool write)
{
	u64 offset = (u64)pos & (PAGE_SIZE - 1);
	size_t n = min((size_t)(PAGE_SIZE - offset), io->left), moved;
	struct page *page;
	char *at;
	int error;

	readahead_page(&disk->mapping, ra, READ_ONCE(ra->advice), (u64)pos >> PAGE_SHIFT);
	error = pagecache_get(&disk->mapping, (u64)pos >> PAGE_SHIFT, &page);
	if (error)
		return error;
	at = (char *)page_address(page) + offset;
	moved = write ? iobuf_copy_from(io, at, n) : iobuf_copy_to(io, at, n);
	if (write && moved)
		set_page_dirty(page);
	lru_mark_accessed(page);
	put_page(page);
	if (write)
		balance_dirty_pages(&disk->mapping);
	return moved ? (ssize_t)moved : -EFAULT;
}

static ssize_t disk_rw(struct file *file, struct iobuf *io, loff_t *pos, bool write)
{
	struct disk_file *disk = file->private;
	ssize_t n = 0, done = 0;

	if (write && *pos >= disk_size(disk) && io->left)
		n = -ENOSPC;
	while (n >= 0 && io->left && *pos < disk_size(disk)) {
		n = disk_rw_page(disk, &file->ra, io, *pos, write);
		if (n > 0) {
			*pos += n;
			done += n;
		}
	}
	return done ? done : n;
}

static ssize_t block_dev_read(struct file *file, struct iobuf *io, loff_t *pos)
{
	return disk_rw(file, io, pos, false);
}

static ssize_t block_dev_write(struct file *file, struct iobuf *io, loff_t *pos)
{
	return disk_rw(file, io, pos, true);
}

static const struct vm_ops block_dev_vm_ops = { .fault = pagecache_fault };

static int block_dev_mmap(struct file *file, struct vma *vma)
{
	struct disk_file *disk = file->private;

	vma->ops = &block_dev_vm_ops;
	vma->mapping = &disk->mapping;
	return 0;
}

static loff_t block_dev_llseek(struct file *file, loff_t offset, int whence)
{
	loff_t base = whence == SEEK_CUR ? file->pos :
		      whence == SEEK_END ? disk_size(file->private) : 0;

	if (whence < SEEK_SET || whence > SEEK_END ||
	    __builtin_add_overflow(base, offset, &offset) || offset < 0)
		return -EINVAL;
	file->pos = offset;
	return offset;
}

static int block_dev_fsync(struct file *file)
{
	struct disk_file *disk = file->private;

	return filemap_write_and_wait_range(&disk->mapping, 0, ~0ULL);
}

static void block_dev_fadvise(struct file *file, u64 first, u64 nr, bool wanted)
{
	struct disk_file *disk = file->private;

	nr = min(nr, disk->mapping.bdev->nr_pages);
	if (wanted)
		readahead_range(&disk->mapping, first, nr);
	else
		(void)pagecache_drop_clean(&disk->mapping, first, nr);
}

/* ---- requests ---- */

/* Zeroes on the disk itself, page by page. Nobody reads the old bytes in meanwhile. */
static int disk_write_zeroes_locked(struct disk_file *disk, u64 first, u64 nr)
{
	struct page *zeroes = alloc_page(GFP_KERNEL | __GFP_ZERO);
	int error = 0;

	assert_held(&disk->mapping.invalidate_lock);
	if (!zeroes)
		return -ENOMEM;
	truncate_mapping_range(&disk->mapping, first, nr);
	for (u64 i = 0; i < nr && !error; i++)
		error = block_rw_page(disk->mapping.bdev, BLOCK_WRITE, first + i, zeroes);
	__free_page(zeroes);
	return error;
}

/* BLKZEROOUT: whole pages only, which is what the disk can write. */
static int disk_zero_out(struct disk_file *disk, const u64 range[2])
{
	u64 start = range[0], len = range[1], end;
	int error;

	if (!is_aligned(start, SECTOR_SIZE) || !is_aligned(len, SECTOR_SIZE) ||
	    __builtin_add_overflow(start, len, &end) || end > (u64)disk_size(disk))
		return -EINVAL;
	if (!is_aligned(start, PAGE_SIZE) || !is_aligned(len, PAGE_SIZE))
		return -EOPNOTSUPP;
	down_write(&disk->mapping.invalidate_lock);
	error = disk_write_zeroes_locked(disk, start >> PAGE_SHIFT, len >> PAGE_SHIFT);
	up_write(&disk->mapping.invalidate_lock);
	return error;
}

static long block_dev_zero_out(struct file *file, const u64 __user *arg)
{
	u64 range[2];

	if (!(file->mode & FILE_WRITE))
		return -EBADF;
	if (copy_from_user(range, arg, sizeof(range)))
		return -EFAULT;
	return disk_zero_out(file->private, range);
}

static long block_dev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct disk_file *disk = file->private;
	u64 bytes = (u64)disk_size(disk), sectors = bytes / SECTOR_SIZE;
	int sector_size = SECTOR_SIZE, read_only = 0;

	switch (cmd) {
	case BLKGETSIZE64:
		return put_user(bytes, (u64 __user *)arg);
	case BLKGETSIZE:
		return put_user(sectors, (u64 __user *)arg);
	case BLKSSZGET:
		return put_user(sector_size, (int __user *)arg);
	case BLKROGET:
		return put_user(read_only, (int __user *)arg);
	case BLKRAGET:
		return put_user((long)disk->mapping.ra_pages * (PAGE_SIZE / SECTOR_SIZE),
				(long __user *)arg);
	case BLKRASET:
		if (!capable(CAP_SYS_ADMIN))
			return -EACCES;
		WRITE_ONCE(disk->mapping.ra_pages, (u32)min(arg / (PAGE_SIZE / SECTOR_SIZE),
							    (unsigned long)RA_PAGES_MAX));
		return 0;
	case BLKFLSBUF:
		writeback_file(&disk->mapping);
		(void)pagecache_drop_clean(&disk->mapping, 0, disk->mapping.bdev->nr_pages);
		return 0;
	case BLKZEROOUT:
		return block_dev_zero_out(file, (const u64 __user *)arg);
	default:
		return -ENOTTY;
	}
}

/* ---- opening and closing ---- */

static int block_dev_open(struct inode *inode, struct file *file)
{
	struct disk_file *disk = file->private;

	mutex_lock(&disk->lock);
	disk->openers++;
	mutex_unlock(&disk->lock);
	return 0;
}

/* What cannot be written stays, for the next one to try. */
static void block_dev_release(struct file *file)
{
	struct disk_file *disk = file->private;

	mutex_lock(&disk->lock);
	ASSERT(disk->openers > 0);
	if (!--disk->openers) {
		writeback_file(&disk->mapping);
		for (int i = 0; i < CLOSE_TRIES; i++) {
			if (pagecache_drop_clean(&disk->mapping, 0,
						 disk->mapping.bdev->nr_pages) <=
			    disk->mapping.nr_dirty)
				break;
			(void)schedule_timeout_uninterruptible(1);
		}
	}
	mutex_unlock(&disk->lock);
}

static const struct file_operations block_dev_fops = {
	.read = block_dev_read, .write = block_dev_write, .llseek = block_dev_llseek,
	.ioctl = block_dev_ioctl, .fsync = block_dev_fsync,
	.fadvise = block_dev_fadvise, .mmap = block_dev_mmap,
	.open = block_dev_open, .release = block_dev_release,
};

struct address_space *block_dev_mapping(struct block_device *bdev)
{
	for (struct disk_file *disk = disk_files; disk; disk = disk->next)
		if (disk->mapping.bdev == bdev)
			return &disk->mapping;
	return NULL;
}

int block_dev_register(struct block_device *bdev, u32 major, u32 minor)
{
	struct disk_file *disk = kzalloc(sizeof(*disk), GFP_KERNEL);

	if (!disk)
		return -ENOMEM;
	bdev->dev = makedev(major, minor);
	mutex_init(&disk->lock, LOCK_BDEV, "block device");
	pagecache_init(&disk->mapping, bdev);
	disk->next = disk_files;
	disk_files = disk;
	return device_register(bdev->name, S_IFBLK | 0660, major, minor, &block_dev_fops, disk);
}
