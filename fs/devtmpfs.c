/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/devtmpfs.c - device nodes: drivers register, /dev shows, open finds
 *
 * Concept    A driver registers a name, a number and operations. The number is
 *            what a node stores; opening a node (anywhere) looks the number up
 *            and hands the file over to the driver's operations.
 * Owns       The list of devices; the one super block behind every mount of
 *            devtmpfs.
 * Locks      devices_lock (LOCK_DCACHE, spin) for the list; devices never leave.
 * Invariants No two devices of one kind have the same number:
 *            device_register().
 * Callers    drivers, fs/vfs.c
 * Next       fs/proc.h
 */
#include "fs/chardev.h"
#include "fs/internal.h"
#include "fs/vfs.h"
#include "kernel/lib/list.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"
#include "mm/slab.h"

#define MISC_MAJOR 10
#define MISC_FIRST_MINOR 64	/* below: numbers that Linux has given away */

struct device {
	struct list_head node;
	const char *name;
	u32 mode;
	u64 rdev;
	const struct file_operations *fops;
	void *private;
};

DEFINE_STATIC_SPINLOCK(devices_lock, LOCK_DCACHE);
static LIST_HEAD(devices);
static atomic_t next_minor;
static struct super_block *devtmpfs_sb;

static struct device *device_find_locked(u32 kind, u64 rdev)
{
	struct device *dev;

	assert_held(&devices_lock);
	list_for_each_entry(dev, &devices, node)
		if ((dev->mode & S_IFMT) == kind && dev->rdev == rdev)
			return dev;
	return NULL;
}

static int device_open(struct inode *inode, struct file *file)
{
	struct device *dev;

	spin_lock(&devices_lock);
	dev = device_find_locked(inode->mode & S_IFMT, inode->rdev);
	spin_unlock(&devices_lock);
	if (!dev)
		return -ENXIO;
	file->ops = dev->fops;
	file->private = dev->private;
	if (S_ISBLK(inode->mode))
		file->mode |= FILE_SEEKS;
	return dev->fops->open ? dev->fops->open(inode, file) : 0;
}

const struct file_operations device_fops = {
	.open = device_open,
};

/* Make the node of @dev in /dev. */
static int device_make_node(const struct device *dev)
{
	struct inode *inode;
	int error;

	error = tmpfs_new_inode(devtmpfs_sb, dev->mode, dev->rdev, NULL, &inode);
	if (error)
		return error;
	return dentry_link_new(devtmpfs_sb->root, dev->name, strlen(dev->name), inode);
}

int device_register(const char *name, u32 mode, u32 major, u32 minor,
		    const struct file_operations *fops, void *private)
{
	struct device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	bool taken;
	int error;

	ASSERT(devtmpfs_sb && (S_ISCHR(mode) || S_ISBLK(mode)));
	if (!dev)
		return -ENOMEM;
	*dev = (struct device){ .name = name, .mode = mode, .rdev = makedev(major, minor),
				.fops = fops, .private = private };
	spin_lock(&devices_lock);
	taken = device_find_locked(mode & S_IFMT, dev->rdev);
	if (!taken)
		list_add_tail(&dev->node, &devices);
	spin_unlock(&devices_lock);
	error = taken ? -EEXIST : device_make_node(dev);
	if (!error)
		return 0;
	if (!taken) {
		spin_lock(&devices_lock);
		list_del(&dev->node);
		spin_unlock(&devices_lock);
	}
	kfree(dev);
	return error;
}

int chardev_register(const char *name, const struct file_operations *fops)
{
	u32 minor = (u32)(MISC_FIRST_MINOR - 1 + atomic_inc_return(&next_minor));

	return device_register(name, S_IFCHR | 0666, MISC_MAJOR, minor, fops, NULL);
}

static int devtmpfs_mount(const struct file_system_type *type, const char *data,
			  struct super_block **out)
{
	atomic_inc(&devtmpfs_sb->count);
	*out = devtmpfs_sb;
	return 0;
}

static struct file_system_type devtmpfs_type = {
	.name = "devtmpfs", .single = true, .mount = devtmpfs_mount, .new_inode = tmpfs_new_inode,
};

void devtmpfs_init(void)
{
	file_system_register(&devtmpfs_type);
	if (tmpfs_make_super(&devtmpfs_type, 0, &devtmpfs_sb))
		panic("no memory for /dev");
}
