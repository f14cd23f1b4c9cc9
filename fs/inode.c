/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/inode.c - inodes: making, counting, describing
 *
 * Concept    An inode is the object that names lead to: a file's bytes, a
 *            directory, a link, a device. Names (dentries) and open files hold
 *            references; with the last one the file system lets the contents go.
 * Owns       The cache of struct inode.
 * Locks      inode->lock (LOCK_INODE, sleeping rw) for contents and size. Mode,
 *            owners and times are single words and need none.
 * Invariants An inode that is freed has no pages left: inode_free().
 * Callers    every file system
 * Next       fs/dcache.c
 */
#include "fs/vfs.h"
#include "fs/internal.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"
#include "kernel/time/tick.h"
#include "mm/slab.h"

static struct kmem_cache *inode_cache;
static atomic64_t nr_inodes;

u64 inode_count(void)
{
	return (u64)atomic64_read(&nr_inodes);
}

void inode_init(void)
{
	inode_cache = kmem_cache_create("inode", sizeof(struct inode), 0, SLAB_PANIC, NULL);
}

int inode_alloc(struct super_block *sb, u32 mode, struct inode **out)
{
	struct inode *inode = kmem_cache_zalloc(inode_cache, GFP_KERNEL);

	if (!inode)
		return -ENOMEM;
	inode->ino = (u64)atomic64_inc_return(&sb->next_ino);
	inode->mode = mode;
	inode->sb = sb;
	atomic_set(&inode->count, 1);
	atomic_set(&inode->nlink, S_ISDIR(mode) ? 2 : 1);
	init_rwsem(&inode->lock, LOCK_INODE, "inode");
	address_space_init(&inode->mapping, inode, &inode->size);
	inode->atime_ns = inode->mtime_ns = inode->ctime_ns = ktime_get_real_ns();
	atomic64_inc(&sb->nr_inodes);
	atomic64_inc(&nr_inodes);
	*out = inode;
	return 0;
}

void iget(struct inode *inode)
{
	ASSERT(atomic_read(&inode->count) > 0);
	atomic_inc(&inode->count);
}

static void inode_free(struct inode *inode)
{
	if (inode->ops && inode->ops->evict)
		inode->ops->evict(inode);
	ASSERT_MSG(!inode->mapping.nrpages, "inode %lu freed with %lu pages", inode->ino,
		   inode->mapping.nrpages);
	atomic64_dec(&inode->sb->nr_inodes);
	atomic64_dec(&nr_inodes);
	kmem_cache_free(inode_cache, inode);
}

void iput(struct inode *inode)
{
	ASSERT(atomic_read(&inode->count) > 0);
	if (atomic_dec_and_test(&inode->count))
		inode_free(inode);
}

u8 inode_dtype(const struct inode *inode)
{
	return (u8)((READ_ONCE(inode->mode) & S_IFMT) >> 12);
}

static struct timespec inode_timespec(u64 ns)
{
	return (struct timespec){ .tv_sec = (s64)(ns / NSEC_PER_SEC),
				  .tv_nsec = (s64)(ns % NSEC_PER_SEC) };
}

void inode_modified(struct inode *inode)
{
	u64 now = ktime_get_real_ns();

	WRITE_ONCE(inode->mtime_ns, now);
	WRITE_ONCE(inode->ctime_ns, now);
}

int inode_chmod(struct inode *inode, u32 mode)
{
	int error = 0;

	down_write(&inode->lock);
	if (inode->seals & F_SEAL_EXEC && (inode->mode ^ mode) & 0111)
		error = -EPERM;
	else
		WRITE_ONCE(inode->mode, (inode->mode & S_IFMT) | (mode & S_IALLUGO));
	if (!error)
		WRITE_ONCE(inode->ctime_ns, ktime_get_real_ns());
	up_write(&inode->lock);
	return error;
}

void inode_stat(struct inode *inode, struct stat *out)
{
	memset(out, 0, sizeof(*out));
	out->st_dev = inode->sb->dev;
	out->st_ino = inode->ino;
	out->st_nlink = (u64)max(atomic_read(&inode->nlink), 0);
	out->st_mode = READ_ONCE(inode->mode);
	out->st_uid = READ_ONCE(inode->uid);
	out->st_gid = READ_ONCE(inode->gid);
	out->st_rdev = inode->rdev;
	out->st_size = READ_ONCE(inode->size);
	out->st_blksize = (s64)PAGE_SIZE;
	out->st_blocks = (s64)((READ_ONCE(inode->mapping.nrpages) +
				READ_ONCE(inode->mapping.nrswapped)) * (PAGE_SIZE / 512));
	out->st_atim = inode_timespec(READ_ONCE(inode->atime_ns));
	out->st_mtim = inode_timespec(READ_ONCE(inode->mtime_ns));
	out->st_ctim = inode_timespec(READ_ONCE(inode->ctime_ns));
}

/* ---- written to, or executed ---- */

/* Count one more in direction @by (1 or -1), unless there are some in the other one. */
static int inode_count_users(struct inode *inode, int by)
{
	int old = atomic_read(&inode->writers), was;

	for (; old * by >= 0; old = was) {
		was = atomic_cmpxchg(&inode->writers, old, old + by);
		if (was == old)
			return 0;
	}
	return -ETXTBSY;
}

int inode_get_write(struct inode *inode)
{
	return inode_count_users(inode, 1);
}

void inode_put_write(struct inode *inode)
{
	ASSERT(atomic_read(&inode->writers) > 0);
	atomic_dec(&inode->writers);
}

int inode_get_exec(struct inode *inode)
{
	return inode_count_users(inode, -1);
}

void inode_put_exec(struct inode *inode)
{
	ASSERT(atomic_read(&inode->writers) < 0);
	atomic_inc(&inode->writers);
}
