/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/fdtable.c - from small numbers to open files
 *
 * Concept    A table of pointers and two bit maps: taken, and close-on-exec.
 *            Tasks share a table (threads) or have a copy (fork). Opening takes
 *            a number first and installs the file when nothing can fail any
 *            more; between the two the number is taken but leads nowhere.
 * Owns       struct files.
 * Locks      files->lock (LOCK_FILES, spin) for the table. Files are put after
 *            it is released, for closing may sleep. Growing allocates without
 *            the lock and looks again afterwards. /proc looks into the tables of other
 *            tasks without a reference, under RCU: a table that goes is emptied first.
 * Invariants slots[fd] != NULL implies the open bit: fdtable_check_locked().
 *            cloexec is meaningful only where open is set.
 * Callers    fs/sys_fd.c, fs/sys_path.c, kernel/task (fork, exec, exit)
 * Next       fs/inode.c
 */
#include "fs/file.h"
#include "fs/record_lock.h"
#include "fs/vfs.h"
#include "kernel/lib/bitmap.h"
#include "kernel/lib/gate_hook.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"
#include "kernel/sched/task.h"
#include "mm/slab.h"

#define FILES_FIRST 64		/* slots of a new table */

/* The three arrays of a table, while it is being made or replaced. */
struct fd_arrays {
	unsigned int size;
	struct file **slots;
	unsigned long *open, *cloexec;
};

static void fdtable_free(struct fd_arrays *a)
{
	kfree(a->slots);
	kfree(a->open);
	kfree(a->cloexec);
}

static int fdtable_alloc(struct fd_arrays *a, unsigned int size)
{
	a->size = size;
	a->slots = kcalloc(size, sizeof(*a->slots), GFP_KERNEL);
	a->open = kcalloc(BITS_TO_LONGS(size), sizeof(long), GFP_KERNEL);
	a->cloexec = kcalloc(BITS_TO_LONGS(size), sizeof(long), GFP_KERNEL);
	if (a->slots && a->open && a->cloexec)
		return 0;
	fdtable_free(a);
	return -ENOMEM;
}

static void fdtable_check_locked(struct files *files, unsigned int fd)
{
	assert_held(&files->lock);
	ASSERT(fd < files->size);
	ASSERT(!files->slots[fd] || bitmap_test(files->open, fd));
}

/* @file is closed by those who share @files: their locks on it go, whoever else has it. */
static void fdtable_put_file(struct files *files, struct file *file)
{
	record_lock_drop(file->inode, files);
	file_put(file);
}

/* Put @a into the place of the table's arrays, which come back in @a. */
static void fdtable_swap_locked(struct files *files, struct fd_arrays *a)
{
	struct fd_arrays old = { files->size, files->slots, files->open, files->cloexec };

	assert_held(&files->lock);
	ASSERT(a->size >= old.size);
	memcpy(a->slots, old.slots, old.size * sizeof(*old.slots));
	memcpy(a->open, old.open, BITS_TO_LONGS(old.size) * sizeof(long));
	memcpy(a->cloexec, old.cloexec, BITS_TO_LONGS(old.size) * sizeof(long));
	files->size = a->size;
	files->slots = a->slots;
	files->open = a->open;
	files->cloexec = a->cloexec;
	*a = old;
}

static u64 (*files_rlimit)(void);

void files_set_limit(u64 (*limit)(void))
{
	files_rlimit = limit;
}

unsigned int files_limit(void)
{
	return files_rlimit ? (unsigned int)min(files_rlimit(), (u64)FILES_MAX) : FILES_MAX;
}

/* Make room for descriptor @fd. May sleep. */
static int fdtable_grow(struct files *files, unsigned int fd)
{
	unsigned int size = READ_ONCE(files->size);
	struct fd_arrays a;
	int error;

	if (fd >= FILES_MAX)
		return -EMFILE;
	while (size <= fd)
		size *= 2;
	error = fdtable_alloc(&a, size);
	if (error)
		return error;
	spin_lock(&files->lock);
	if (files->size < size)
		fdtable_swap_locked(files, &a);
	spin_unlock(&files->lock);
	fdtable_free(&a);
	return 0;
}

int files_alloc(struct files **out)
{
	struct files *files = kzalloc(sizeof(*files), GFP_KERNEL);
	struct fd_arrays a;

	if (!files)
		return -ENOMEM;
	if (fdtable_alloc(&a, FILES_FIRST)) {
		kfree(files);
		return -ENOMEM;
	}
	atomic_set(&files->count, 1);
	spin_lock_init(&files->lock, LOCK_FILES, "files");
	files->size = a.size;
	files->slots = a.slots;
	files->open = a.open;
	files->cloexec = a.cloexec;
	*out = files;
	return 0;
}

/* Copy what @old has into the empty @new of at least its size. */
static void files_copy_locked(struct files *old, struct files *new)
{
	unsigned int fd;

	assert_held(&old->lock);
	for_each_set_bit(fd, old->open, old->size) {
		fdtable_check_locked(old, fd);
		if (!old->slots[fd])
			continue;	/* taken by an open() that has not finished */
		file_get(old->slots[fd]);
		new->slots[fd] = old->slots[fd];
		bitmap_set(new->open, fd);
		if (bitmap_test(old->cloexec, fd))
			bitmap_set(new->cloexec, fd);
	}
}

int files_copy(struct files *old, struct files **out)
{
	struct files *new;
	bool copied = false;
	int error;

	error = files_alloc(&new);
	if (error)
		return error;
	while (!error && !copied) {
		spin_lock(&old->lock);
		copied = old->size <= new->size;
		if (copied)
			files_copy_locked(old, new);
		spin_unlock(&old->lock);
		if (!copied)
			error = fdtable_grow(new, READ_ONCE(old->size) - 1);
	}
	if (error) {
		files_put(new);
		return error;
	}
	*out = new;
	return 0;
}

void files_get(struct files *files)
{
	ASSERT(atomic_read(&files->count) > 0);
	atomic_inc(&files->count);
}

static void files_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct files, rcu));
}

void files_put(struct files *files)
{
	struct fd_arrays a;
	unsigned int fd;

	if (!files || !atomic_dec_and_test(&files->count))
		return;
	spin_lock(&files->lock);
	a = (struct fd_arrays){ files->size, files->slots, files->open, files->cloexec };
	files->size = 0;
	spin_unlock(&files->lock);
	gate_point("files.put", files);
	for_each_set_bit(fd, a.open, a.size)
		if (a.slots[fd])
			fdtable_put_file(files, a.slots[fd]);
	fdtable_free(&a);
	call_rcu(&files->rcu, files_free_rcu);
}

/* Take @fd out of the table. Return: its file with the table's reference, or NULL. */
static struct file *fd_take_locked(struct files *files, unsigned int fd)
{
	struct file *file;

	assert_held(&files->lock);
	if (fd >= files->size)
		return NULL;
	fdtable_check_locked(files, fd);
	file = files->slots[fd];
	if (!file)
		return NULL;
	files->slots[fd] = NULL;
	bitmap_clear(files->open, fd);
	bitmap_clear(files->cloexec, fd);
	return file;
}

void files_close_on_exec(struct files *files)
{
	struct file *file;
	unsigned int fd = 0;

	for (;;) {
		spin_lock(&files->lock);
		do {
			fd = (unsigned int)find_next_bit(files->cloexec, files->size, fd);
			file = fd < files->size ? fd_take_locked(files, fd) : NULL;
			fd++;
		} while (!file && fd < files->size);
		spin_unlock(&files->lock);
		if (!file)
			return;
		fdtable_put_file(files, file);
	}
}

int files_unshare(void)
{
	struct files *old = current->files, *new;
	int err;

	if (atomic_read(&old->count) == 1)
		return 0;
	err = files_copy(old, &new);
	if (err)
		return err;
	current->files = new;
	files_put(old);
	return 0;
}

/* The next open descriptor of [@fd, @last] is closed or marked. Return: the one behind. */
static unsigned int fd_close_next(struct files *files, unsigned int fd, unsigned int last,
				  bool cloexec)
{
	struct file *file = NULL;
	unsigned int end;

	spin_lock(&files->lock);
	end = min(last, files->size - 1);
	fd = (unsigned int)find_next_bit(files->open, end + 1, fd);
	if (fd <= end && cloexec && files->slots[fd])
		bitmap_set(files->cloexec, fd);
	else if (fd <= end && !cloexec)
		file = fd_take_locked(files, fd);
	spin_unlock(&files->lock);
	if (file)
		fdtable_put_file(files, file);
	return fd <= end ? fd + 1 : FILES_MAX;
}

void files_close_range(struct files *files, unsigned int first, unsigned int last, bool cloexec)
{
	while (first <= last && first < FILES_MAX)
		first = fd_close_next(files, first, last, cloexec);
}

static struct file *fd_lookup(unsigned int fd, bool path)
{
	struct files *files = current->files;
	struct file *file = NULL;

	if (!files)
		return NULL;
	spin_lock(&files->lock);
	if (fd < files->size)
		file = files->slots[fd];
	if (file && (path || !(file->mode & FILE_PATH)))
		file_get(file);
	else
		file = NULL;
	spin_unlock(&files->lock);
	return file;
}

struct file *fget(unsigned int fd)
{
	return fd_lookup(fd, false);
}

struct file *files_lookup(struct files *files, unsigned int fd, bool *cloexec)
{
	struct file *file = NULL;

	spin_lock(&files->lock);
	if (fd < files->size)
		file = files->slots[fd];
	if (file) {
		file_get(file);
		*cloexec = bitmap_test(files->cloexec, fd);
	}
	spin_unlock(&files->lock);
	return file;
}

struct file *fget_path(unsigned int fd)
{
	return fd_lookup(fd, true);
}

int fd_alloc(struct files *files, unsigned int from, bool cloexec)
{
	unsigned int fd;
	int error = 0;

	while (!error) {
		spin_lock(&files->lock);
		fd = (unsigned int)find_next_zero_bit(files->open, files->size,
						      min(from, files->size));
		if (fd < from)
			fd = from;
		if (fd >= files_limit()) {
			spin_unlock(&files->lock);
			return -EMFILE;
		}
		if (fd < files->size) {
			fdtable_check_locked(files, fd);
			bitmap_set(files->open, fd);
			if (cloexec)
				bitmap_set(files->cloexec, fd);
			else
				bitmap_clear(files->cloexec, fd);
			spin_unlock(&files->lock);
			return (int)fd;
		}
		spin_unlock(&files->lock);
		error = fdtable_grow(files, fd);
	}
	return error;
}

void fd_install(struct files *files, unsigned int fd, struct file *file)
{
	spin_lock(&files->lock);
	ASSERT(fd < files->size && bitmap_test(files->open, fd));
	ASSERT(!files->slots[fd]);
	files->slots[fd] = file;
	spin_unlock(&files->lock);
}

void fd_cancel(struct files *files, unsigned int fd)
{
	spin_lock(&files->lock);
	ASSERT(fd < files->size && bitmap_test(files->open, fd));
	ASSERT(!files->slots[fd]);
	bitmap_clear(files->open, fd);
	bitmap_clear(files->cloexec, fd);
	spin_unlock(&files->lock);
}

int fd_close(struct files *files, unsigned int fd)
{
	struct file *file;

	spin_lock(&files->lock);
	file = fd_take_locked(files, fd);
	spin_unlock(&files->lock);
	if (!file)
		return -EBADF;
	fdtable_put_file(files, file);
	return 0;
}

/*
 * The middle of dup2. Return: 0 with the file that was at @to (or NULL) in *@old,
 * -EBADF, -EBUSY (an open() in flight has @to), -ENOSPC (the table is too small).
 */
static int fd_dup_to_locked(struct files *files, unsigned int from, unsigned int to,
			    bool cloexec, struct file **old)
{
	struct file *file;

	assert_held(&files->lock);
	file = from < files->size ? files->slots[from] : NULL;
	if (!file)
		return -EBADF;
	if (to >= files->size)
		return -ENOSPC;
	*old = files->slots[to];
	if (!*old && bitmap_test(files->open, to))
		return -EBUSY;
	file_get(file);
	files->slots[to] = file;
	bitmap_set(files->open, to);
	if (cloexec)
		bitmap_set(files->cloexec, to);
	else
		bitmap_clear(files->cloexec, to);
	return 0;
}

int fd_dup_to(struct files *files, unsigned int from, unsigned int to, bool cloexec)
{
	struct file *old = NULL;
	int error;

	if (to >= files_limit())
		return -EBADF;
	do {
		spin_lock(&files->lock);
		error = fd_dup_to_locked(files, from, to, cloexec, &old);
		spin_unlock(&files->lock);
		if (error == -ENOSPC && (error = fdtable_grow(files, to)) == 0)
			error = -EAGAIN;
	} while (error == -EAGAIN);
	if (error)
		return error;
	if (old)
		fdtable_put_file(files, old);
	return (int)to;
}

int fd_get_cloexec(struct files *files, unsigned int fd)
{
	int ret = -EBADF;

	spin_lock(&files->lock);
	if (fd < files->size && files->slots[fd])
		ret = bitmap_test(files->cloexec, fd);
	spin_unlock(&files->lock);
	return ret;
}

int fd_set_cloexec(struct files *files, unsigned int fd, bool on)
{
	int ret = -EBADF;

	spin_lock(&files->lock);
	if (fd < files->size && files->slots[fd]) {
		if (on)
			bitmap_set(files->cloexec, fd);
		else
			bitmap_clear(files->cloexec, fd);
		ret = 0;
	}
	spin_unlock(&files->lock);
	return ret;
}

int fd_next(struct files *files, unsigned int from)
{
	unsigned int fd = from;

	spin_lock(&files->lock);
	while (fd < files->size && !files->slots[fd])
		fd++;
	if (fd >= files->size)
		fd = (unsigned int)-1;
	spin_unlock(&files->lock);
	return (int)fd;
}
