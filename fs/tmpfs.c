/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/tmpfs.c - files whose pages are all the storage there is
 *
 * Concept    A regular file is its page map: a page that was written is there, or in
 *            swap (mm/shmem.c), a hole reads as zeros. Directories are the dentries themselves, a
 *            symbolic link is a string, a device node is a number.
 * Owns       How many pages there may be, and how long a file is.
 * Locks      inode->lock (LOCK_INODE): readers of the contents share it, a writer
 *            and a change of size have it alone. User memory is copied under it,
 *            which may fault: a fault on a mapped file therefore takes only the
 *            map's lock (LOCK_MAPPING, spin) and the page lock.
 * Invariants sb->nr_pages is the sum over its files of pages in memory and in swap,
 *            never above max_pages: tmpfs_charge().
 *            Bytes behind the size within the last page are zero:
 *            tmpfs_zero_part(). Pages behind it are there only if space was
 *            reserved; a fault never maps them (mapping_covers()).
 * Callers    fs/namei.c by its type, fs/devtmpfs.c
 * Next       fs/memfd.c
 */
#include "fs/vfs.h"
#include "fs/internal.h"
#include "include/uapi/falloc.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/parse.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/task.h"
#include "mm/buddy.h"
#include "mm/commit.h"
#include "mm/fault.h"
#include "mm/filemap.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/page.h"
#include "mm/shmem.h"
#include "mm/slab.h"
#include "mm/swap.h"

/* Largest file: what a page index and an loff_t can both hold with room to spare. */
#define TMPFS_MAX_SIZE (1LL << 46)

/* ---- pages ---- */

/* A page more: does the file system have room, and may it be promised (mm/commit.c)? */
static bool tmpfs_charge(struct inode *inode)
{
	struct super_block *sb = inode->sb;
	u64 used = (u64)atomic64_inc_return(&sb->nr_pages);

	if ((!sb->max_pages || used <= sb->max_pages) &&
	    (inode->mapping.promised || !commit_charge(1)))
		return true;
	atomic64_dec(&sb->nr_pages);
	return false;
}

/* @nr pages, in memory or swap, left their file. */
static void tmpfs_uncharge(struct inode *inode, u64 nr)
{
	atomic64_sub((s64)nr, &inode->sb->nr_pages);
	if (!inode->mapping.promised)
		commit_uncharge(nr);
}

/* Give the hole at @index a page of zeros. @size: see shmem_add_page(). */
static int tmpfs_make_page(struct inode *inode, u64 index, const loff_t *size,
			   struct page **out)
{
	int error;

	if (!tmpfs_charge(inode))
		return -ENOSPC;
	error = shmem_add_page(&inode->mapping, index, size, out);
	if (error)
		tmpfs_uncharge(inode, 1);
	return error;
}

static int tmpfs_get_page(struct inode *inode, u64 index, const loff_t *size,
			  struct page **out)
{
	int error;

	do {
		error = shmem_find_page(&inode->mapping, index, GFP_USER, out);
		if (!error && !*out)
			error = tmpfs_make_page(inode, index, size, out);
	} while (error == -EEXIST);
	return error;
}

/* The pages at or behind @index go; nobody maps them, or see shmem_truncate(). */
static void tmpfs_drop_pages(struct inode *inode, u64 index)
{
	tmpfs_uncharge(inode, shmem_truncate(&inode->mapping, index));
}

/* ---- contents ---- */

/* Copy one page's worth. Return: bytes, or -errno if none. */
static ssize_t tmpfs_read_page(struct inode *inode, struct iobuf *io, loff_t pos)
{
	u64 offset = (u64)pos & (PAGE_SIZE - 1);
	size_t n = min((size_t)(PAGE_SIZE - offset), (size_t)(inode->size - pos)), moved;
	struct page *page;
	int error;

	n = min(n, io->left);
	error = shmem_find_page(&inode->mapping, (u64)pos >> PAGE_SHIFT, GFP_USER, &page);
	if (error)
		return error;
	if (page) {
		moved = iobuf_copy_to(io, (char *)page_address(page) + offset, n);
		lru_mark_accessed(page);
		swap_cache_put_page(page);
	} else {
		moved = iobuf_zero(io, n);
	}
	return moved ? (ssize_t)moved : -EFAULT;
}

static ssize_t tmpfs_read(struct file *file, struct iobuf *io, loff_t *pos)
{
	struct inode *inode = file->inode;
	ssize_t moved = 1, done = 0;

	down_read(&inode->lock);
	while (io->left && *pos < inode->size && moved > 0) {
		moved = tmpfs_read_page(inode, io, *pos);
		if (moved > 0) {
			*pos += moved;
			done += moved;
		}
	}
	up_read(&inode->lock);
	return done ? done : min(moved, (ssize_t)0);
}

/* May bytes be written, up to @end? The inode's lock is held. */
static int tmpfs_seal_check(const struct inode *inode, loff_t end)
{
	if (inode->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
		return -EPERM;
	return inode->seals & F_SEAL_GROW && end > inode->size ? -EPERM : 0;
}

/* Copy one page's worth. Return: bytes, or -errno if none. */
static ssize_t tmpfs_write_page(struct inode *inode, struct iobuf *io, loff_t pos)
{
	u64 offset = (u64)pos & (PAGE_SIZE - 1);
	size_t n = min((size_t)(PAGE_SIZE - offset), io->left), moved;
	struct page *page;
	int error = tmpfs_seal_check(inode, pos + (loff_t)n);

	if (error)
		return error;
	error = tmpfs_get_page(inode, (u64)pos >> PAGE_SHIFT, NULL, &page);
	if (error)
		return error;
	moved = iobuf_copy_from(io, (char *)page_address(page) + offset, n);
	page_set(page, PG_dirty);	/* before the reference goes: see mm/shmem.c */
	lru_mark_accessed(page);
	swap_cache_put_page(page);
	if (!moved && n) {	/* nothing was written: no page for it behind the end */
		tmpfs_drop_pages(inode, ((u64)inode->size + PAGE_SIZE - 1) >> PAGE_SHIFT);
		return -EFAULT;
	}
	if (pos + (loff_t)moved > inode->size)
		WRITE_ONCE(inode->size, pos + (loff_t)moved);
	return (ssize_t)moved;
}

static ssize_t tmpfs_write(struct file *file, struct iobuf *io, loff_t *pos)
{
	struct inode *inode = file->inode;
	size_t done = 0;
	ssize_t n = 0;

	down_write(&inode->lock);
	if (READ_ONCE(file->flags) & O_APPEND)
		*pos = inode->size;
	if (*pos > TMPFS_MAX_SIZE - (loff_t)io->left)
		n = -EFBIG;
	while (io->left && n >= 0) {
		n = tmpfs_write_page(inode, io, *pos);
		if (n <= 0)
			break;
		*pos += n;
		done += (size_t)n;
		/* Bytes are left, but the page is not full: the next one faults. */
		if (io->left && ((u64)*pos & (PAGE_SIZE - 1)))
			break;
	}
	if (done)
		inode_modified(inode);
	up_write(&inode->lock);
	return done ? (ssize_t)done : n;
}

/* The page that the border at byte @pos cuts in two. NULL: it cuts none, or a hole. */
static int tmpfs_find_part(struct inode *inode, u64 pos, struct page **out)
{
	*out = NULL;
	if (is_aligned(pos, PAGE_SIZE))
		return 0;
	return shmem_find_page(&inode->mapping, pos >> PAGE_SHIFT, GFP_USER, out);
}

/* Bytes of @page (NULL: nothing) from the one at @pos on, up to @to of it, become zero. */
static void tmpfs_zero_part(struct page *page, u64 pos, u64 to)
{
	u64 from = pos & (PAGE_SIZE - 1);

	if (!page)
		return;
	memset((char *)page_address(page) + from, 0, to - from);
	page_set(page, PG_dirty);	/* before the reference goes: see mm/shmem.c */
	swap_cache_put_page(page);
}

static int tmpfs_truncate(struct inode *inode, loff_t size)
{
	if (size > TMPFS_MAX_SIZE)
		return -EFBIG;
	if ((size < inode->size && inode->seals & F_SEAL_SHRINK) ||
	    (size > inode->size && inode->seals & F_SEAL_GROW))
		return -EPERM;
	if (size <= inode->size) {	/* or only what was reserved behind the end */
		u64 first = ((u64)size + PAGE_SIZE - 1) >> PAGE_SHIFT;
		struct page *tail;
		int error = tmpfs_find_part(inode, (u64)size, &tail);

		if (error)
			return error;
		/* nothing below can fail */
		WRITE_ONCE(inode->size, size);
		unmap_mapping_range(&inode->mapping, first, TMPFS_MAX_SIZE >> PAGE_SHIFT,
				    true);
		tmpfs_drop_pages(inode, first);
		tmpfs_zero_part(tail, (u64)size, PAGE_SIZE);
	}
	WRITE_ONCE(inode->size, size);
	return 0;
}

/* ---- holes, and space set aside ---- */

/*
 * Whole pages go; of those that are in the hole in part, only that part becomes zero.
 *
 *	  offset                          end
 *	[..000000][  gone  ][  gone  ][000000..]
 */
static int tmpfs_punch(struct inode *inode, u64 offset, u64 end)
{
	u64 first = (offset + PAGE_SIZE - 1) >> PAGE_SHIFT;
	struct page *head, *tail = NULL;
	int error;

	if (inode->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
		return -EPERM;
	error = tmpfs_find_part(inode, offset, &head);
	if (error)
		return error;
	if (is_aligned(offset, PAGE_SIZE) || (offset ^ end) >> PAGE_SHIFT)
		error = tmpfs_find_part(inode, end, &tail);	/* else the head is all */
	if (error) {
		if (head)
			swap_cache_put_page(head);
		return error;
	}
	/* nothing below can fail */
	tmpfs_uncharge(inode, shmem_punch(&inode->mapping, first, end >> PAGE_SHIFT));
	tmpfs_zero_part(head, offset, min(end - (offset & PAGE_MASK), PAGE_SIZE));
	tmpfs_zero_part(tail, end & PAGE_MASK, end & (PAGE_SIZE - 1));
	return 0;
}

/* A page for every hole of [first, end), so that writing there cannot fail for space. */
static int tmpfs_reserve(struct inode *inode, u64 first, u64 end)
{
	struct page *page;
	u64 index;
	int error = 0;

	for (index = first; index < end; index++) {
		error = signal_pending(current) ? -EINTR :
			tmpfs_get_page(inode, index, NULL, &page);
		if (error)
			break;
		swap_cache_put_page(page);
		cond_resched();
	}
	if (error)	/* all or nothing */
		tmpfs_uncharge(inode, shmem_drop_unused(&inode->mapping, first, index));
	return error;
}

static int tmpfs_allocate(struct inode *inode, loff_t offset, loff_t end, bool keep_size)
{
	u64 first = (u64)offset >> PAGE_SHIFT, last = ((u64)end + PAGE_SIZE - 1) >> PAGE_SHIFT;
	int error;

	if (end > TMPFS_MAX_SIZE)
		return -EFBIG;
	if (inode->seals & F_SEAL_GROW && end > inode->size)
		return -EPERM;
	if (inode->sb->max_pages && last - first > inode->sb->max_pages)
		return -ENOSPC;		/* do not swap everything out only to see that */
	error = tmpfs_reserve(inode, first, last);
	if (!error && !keep_size && end > inode->size)
		WRITE_ONCE(inode->size, end);
	return error;
}

static int tmpfs_fallocate(struct file *file, unsigned int mode, loff_t offset, loff_t len)
{
	struct inode *inode = file->inode;
	int error;

	if (mode & ~(unsigned int)(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))
		return -EOPNOTSUPP;
	down_write(&inode->lock);
	if (mode & FALLOC_FL_PUNCH_HOLE)
		error = tmpfs_punch(inode, (u64)offset, (u64)(offset + len));
	else
		error = tmpfs_allocate(inode, offset, offset + len, mode & FALLOC_FL_KEEP_SIZE);
	if (!error)
		inode_modified(inode);
	up_write(&inode->lock);
	return error;
}

static ssize_t tmpfs_readlink(struct inode *inode, char *buf, size_t size)
{
	size_t n = min(strlen(inode->private), size);

	memcpy(buf, inode->private, n);
	return (ssize_t)n;
}

static void tmpfs_evict(struct inode *inode)
{
	if (S_ISREG(inode->mode)) {
		tmpfs_uncharge(inode, shmem_evict(&inode->mapping));
		commit_uncharge(inode->mapping.promised);
	}
	if (S_ISLNK(inode->mode) || S_ISREG(inode->mode))
		kfree(inode->private);
	if (S_ISFIFO(inode->mode))
		fifo_evict(inode);
}

/* ---- mappings ---- */

static bool tmpfs_covers(const struct inode *inode, u64 pgoff)
{
	return pgoff < (u64)DIV_ROUND_UP(READ_ONCE(inode->size), (loff_t)PAGE_SIZE);
}

/* A page that left the file while we waited for its lock is not the one: look again. */
static int tmpfs_lock_page(struct inode *inode, u64 pgoff, struct page *page)
{
	page_lock(page);
	if (page->mapping == &inode->mapping && tmpfs_covers(inode, pgoff))
		return 0;
	page_unlock(page);
	swap_cache_put_page(page);
	return -EAGAIN;
}

/* The page of a hole: who is registered for it wants to make it himself. */
static int tmpfs_fault_page(struct vma *vma, u64 pgoff, struct page **out)
{
	struct inode *inode = vma->file->inode;
	int error;

	if (!(vma->flags & VM_UFFD_MISSING))
		return tmpfs_get_page(inode, pgoff, &inode->size, out);
	error = shmem_find_page(&inode->mapping, pgoff, GFP_USER, out);
	return error || *out ? error : -ENOENT;
}

/*
 * The page of a mapped file, locked; a hole gets one. Behind the size there is
 * nothing (SIGBUS).
 */
static int tmpfs_fault(struct vma *vma, u64 pgoff, unsigned int flags, struct page **out)
{
	struct inode *inode = vma->file->inode;
	int error;

	if (!tmpfs_covers(inode, pgoff))
		return -EINVAL;
	if (vma->flags & VM_UFFD_MINOR && shmem_has_page(&inode->mapping, pgoff))
		return -EEXIST;
	if (flags & FAULT_NOWAIT && shmem_is_swapped(&inode->mapping, pgoff))
		return -EAGAIN;
	error = tmpfs_fault_page(vma, pgoff, out);
	return error ? error : tmpfs_lock_page(inode, pgoff, *out);
}

static int tmpfs_find(struct vma *vma, u64 pgoff, struct page **out)
{
	struct inode *inode = vma->file->inode;
	int error;

	do {
		if (!tmpfs_covers(inode, pgoff))
			return -EINVAL;
		error = shmem_find_page(&inode->mapping, pgoff, GFP_USER, out);
		if (!error)
			error = *out ? tmpfs_lock_page(inode, pgoff, *out) : -ENOENT;
	} while (error == -EAGAIN);
	return error;
}

static int tmpfs_fill(struct vma *vma, u64 pgoff, struct page *page)
{
	struct inode *inode = vma->file->inode;
	int error;

	if (!tmpfs_charge(inode))
		return -ENOMEM;
	error = shmem_insert_page(&inode->mapping, pgoff, &inode->size, page);
	if (error)
		tmpfs_uncharge(inode, 1);
	return error == -EAGAIN ? -EFAULT : error;
}

static const struct vm_ops tmpfs_vm_ops = {
	.fault = tmpfs_fault, .find = tmpfs_find, .fill = tmpfs_fill,
};

/*
 * A sealed file may be shown, as long as nobody can write there: not now, and not after
 * mprotect. The seal may come just now; then the count of writers decides.
 */
static int tmpfs_mmap(struct file *file, struct vma *vma)
{
	u32 seals = READ_ONCE(file->inode->seals);

	if (vma->flags & VM_SHARED && seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) {
		if (vma->flags & VM_WRITE)
			return -EPERM;
		vma->flags &= ~(unsigned long)VM_MAYWRITE;
	}
	vma->ops = &tmpfs_vm_ops;
	vma->mapping = &file->inode->mapping;
	return 0;
}

static const struct inode_operations tmpfs_inode_ops = {
	.truncate = tmpfs_truncate, .evict = tmpfs_evict,
};

static const struct inode_operations tmpfs_link_ops = {
	.readlink = tmpfs_readlink, .evict = tmpfs_evict,
};

static const struct file_operations tmpfs_file_fops = {
	.read = tmpfs_read, .write = tmpfs_write, .mmap = tmpfs_mmap,
	.fallocate = tmpfs_fallocate,
};

/* ---- inodes and mounts ---- */

/* What an inode of this kind can do. Return: 0, or -EINVAL for an unknown kind. */
static int tmpfs_set_kind(struct inode *inode, u64 rdev)
{
	inode->ops = &tmpfs_inode_ops;
	switch (inode->mode & S_IFMT) {
	case S_IFREG:
		shmem_register(&inode->mapping);
		inode->seals = F_SEAL_SEAL;	/* none but for memfd_create */
		inode->fops = &tmpfs_file_fops;
		return 0;
	case S_IFDIR:
		inode->fops = &dcache_dir_fops;
		return 0;
	case S_IFLNK:
		inode->ops = &tmpfs_link_ops;
		return 0;
	case S_IFCHR:
	case S_IFBLK:
		inode->rdev = rdev;
		inode->fops = &device_fops;
		return 0;
	case S_IFIFO:
		inode->fops = &fifo_fops;
		return 0;
	default:
		return -EINVAL;
	}
}

int tmpfs_new_inode(struct super_block *sb, u32 mode, u64 rdev, const char *target,
		    struct inode **out)
{
	struct inode *inode;
	char *copy = NULL;
	int error;

	if (S_ISLNK(mode)) {
		if (!*target)
			return -ENOENT;
		copy = kstrdup(target, GFP_KERNEL);
		if (!copy)
			return -ENOMEM;
	}
	error = inode_alloc(sb, mode, &inode);
	if (error) {
		kfree(copy);
		return error;
	}
	inode->private = copy;
	if (copy)
		inode->size = (loff_t)strlen(copy);
	error = tmpfs_set_kind(inode, rdev);
	if (error) {
		iput(inode);
		return error;
	}
	*out = inode;
	return 0;
}

int tmpfs_make_super(const struct file_system_type *type, u64 max_pages,
		     struct super_block **out)
{
	struct super_block *sb;
	struct inode *inode;
	int error;

	error = super_alloc(type, TMPFS_MAGIC, &sb);
	if (error)
		return error;
	sb->max_pages = max_pages;
	error = tmpfs_new_inode(sb, S_IFDIR | 0755, 0, NULL, &inode);
	if (!error) {
		error = dentry_alloc_root(inode, &sb->root);
		if (error)
			iput(inode);
	}
	if (error) {
		super_free(sb);
		return error;
	}
	*out = sb;
	return 0;
}

/* "size=N[KMG%]" among the options, in pages; half of all memory without it. */
static int tmpfs_parse_size(const char *data, u64 *pages)
{
	const char *s = data ? strstr(data, "size=") : NULL;
	u64 bytes;

	*pages = totalram_pages() / 2;
	if (!s)
		return 0;
	s += strlen("size=");
	if (parse_size_at(&s, &bytes))
		return -EINVAL;
	if (*s == '%')
		*pages = totalram_pages() * min(bytes, (u64)100) / 100;
	else
		*pages = bytes >> PAGE_SHIFT;
	return 0;
}

static int tmpfs_mount(const struct file_system_type *type, const char *data,
		       struct super_block **out)
{
	u64 max_pages;
	int error = tmpfs_parse_size(data, &max_pages);

	if (!error)
		error = tmpfs_make_super(type, max_pages, out);
	if (!error)
		(*out)->root->inode->mode = S_IFDIR | 01777;	/* everybody's, as on Linux */
	return error;
}

static struct file_system_type tmpfs_type = {
	.name = "tmpfs", .mount = tmpfs_mount, .new_inode = tmpfs_new_inode,
};

/* A file system of its own for files without names: counted, never mounted. */
struct super_block *anon_sb;
struct mount *anon_mount;

int tmpfs_file_anon(u64 size, struct file **out)
{
	struct inode *inode;
	int error;

	if (size > (u64)TMPFS_MAX_SIZE)
		return -ENOMEM;
	error = tmpfs_new_inode(anon_sb, S_IFREG | 0600, 0, NULL, &inode);
	if (error)
		return error;
	atomic_set(&inode->nlink, 0);
	inode->size = (loff_t)size;
	error = file_open_anon(inode, inode->fops, O_RDWR, NULL, out);
	if (!error)
		(*out)->mode |= FILE_SEEKS;
	iput(inode);
	return error;
}

int tmpfs_file_shared(u64 size, bool promise, struct file **out)
{
	u64 pages = promise ? PAGE_ALIGN(size) >> PAGE_SHIFT : 0;
	int error = commit_charge(pages);

	if (error)
		return error;
	error = tmpfs_file_anon(size, out);
	if (error)
		commit_uncharge(pages);
	else
		(*out)->inode->mapping.promised = pages;
	return error;
}

int tmpfs_file_named(const char *name, struct file **out)
{
	char *copy = kstrdup(name, GFP_KERNEL);
	int error = copy ? tmpfs_file_anon(0, out) : -ENOMEM;

	if (error)
		kfree(copy);
	else
		(*out)->inode->private = copy;
	return error;
}

const char *tmpfs_anon_name(const struct inode *inode)
{
	return inode->private ? inode->private : "dev/zero";
}

bool tmpfs_is_file(const struct inode *inode)
{
	return inode->fops == &tmpfs_file_fops;
}

void tmpfs_init(void)
{
	file_system_register(&tmpfs_type);
	if (tmpfs_make_super(&tmpfs_type, 0, &anon_sb))
		panic("no memory for the first file system");
	anon_mount = mount_alloc_anon(anon_sb);
	if (!anon_mount)
		panic("no memory for files without a name");
}
