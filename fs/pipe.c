/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/pipe.c - bytes from those who write to those who read
 *
 * Concept    A ring of 16 pages, made when they are first needed and given back
 *            when they are read empty (one stays, for the next bytes). head counts
 *            the bytes ever written, tail the bytes ever read; the difference is
 *            what is inside.
 *
 *		   tail                head
 *		     v                   v
 *		|....xxxx|xxxxxxxx|xxxxx...|        |
 *
 *            A write of up to PIPE_BUF bytes waits until it fits as a whole, so
 *            that the writes of several writers are not mixed; a longer one goes
 *            in pieces. Whoever moves bytes (to and from a program, a file, another
 *            pipe) gives a function that takes or puts some in a page: drain and fill.
 * Owns       struct pipe and its pages.
 * Locks      pipe->lock (LOCK_PIPE, sleeping): everything. User memory is copied
 *            under it, and files that are spliced are read and written. Sleepers wait
 *            on read_wait and write_wait without it.
 * Invariants tail <= head <= tail + PIPE_SIZE, and every ring slot that holds
 *            bytes has a page: pipe_check_locked().
 *            Every change that makes a waiter's condition true wakes its queue
 *            after the change: pipe_wake_readers(), pipe_wake_writers().
 * Callers    fs/sys_fd.c, fs/splice.c, named pipes through fifo_fops
 * Next       fs/splice.c
 */
#include "fs/pipe.h"
#include "fs/internal.h"
#include "fs/vfs.h"
#include "include/uapi/poll.h"
#include "include/uapi/termios.h"
#include "kernel/lib/gate_hook.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"
#include "arch/x86/cpu/barrier.h"
#include "kernel/sync/wait.h"
#include "mm/page.h"
#include "mm/slab.h"
#include "mm/uaccess.h"

#define PIPE_PAGES 16
#define PIPE_SIZE (PIPE_PAGES * PAGE_SIZE)

struct pipe {
	struct mutex lock;
	char *pages[PIPE_PAGES];
	u64 head, tail;
	unsigned int readers, writers;	/* open files of each kind */
	u64 reader_opens, writer_opens;	/* ever: a FIFO's open waits for the next one */
	struct wait_queue_head read_wait, write_wait;
};

static void (*pipe_sigpipe)(void);

void pipe_set_sigpipe(void (*send)(void))
{
	pipe_sigpipe = send;
}

static int pipe_alloc(struct pipe **out)
{
	struct pipe *pipe = kzalloc(sizeof(*pipe), GFP_KERNEL);

	if (!pipe)
		return -ENOMEM;
	mutex_init(&pipe->lock, LOCK_PIPE, "pipe");
	init_waitqueue_head(&pipe->read_wait);
	init_waitqueue_head(&pipe->write_wait);
	*out = pipe;
	return 0;
}

static void pipe_empty(struct pipe *pipe)
{
	for (int i = 0; i < PIPE_PAGES; i++) {
		if (pipe->pages[i])
			__free_page(virt_to_page(pipe->pages[i]));
		pipe->pages[i] = NULL;
	}
	pipe->tail = pipe->head;
}

static void pipe_free(struct pipe *pipe)
{
	pipe_empty(pipe);
	kfree(pipe);
}

/*
 * Bytes inside; exact under the lock. Without it the order of the two loads
 * keeps the difference from going below zero, min() from above the capacity.
 */
static size_t pipe_used(const struct pipe *pipe)
{
	u64 tail = smp_load_acquire(&pipe->tail);

	return min((size_t)(READ_ONCE(pipe->head) - tail), (size_t)PIPE_SIZE);
}

static unsigned int pipe_slot(u64 pos)
{
	return (unsigned int)(pos / PAGE_SIZE % PIPE_PAGES);
}

static void pipe_check_locked(struct pipe *pipe)
{
	assert_held(&pipe->lock);
	ASSERT(pipe->tail <= pipe->head && pipe->head - pipe->tail <= PIPE_SIZE);
	ASSERT(pipe->head == pipe->tail || pipe->pages[pipe_slot(pipe->tail)]);
	ASSERT(pipe->head == pipe->tail || pipe->pages[pipe_slot(pipe->head - 1)]);
}

static void pipe_wake_readers(struct pipe *pipe)
{
	wake_up_all(&pipe->read_wait);
}

static void pipe_wake_writers(struct pipe *pipe)
{
	wake_up_all(&pipe->write_wait);
}

/* ---- reading ---- */

/*
 * tail has just left a page. It is needed no more unless head has come round the
 * ring into it; an empty pipe keeps it for the next write.
 */
static void pipe_left_page_locked(struct pipe *pipe)
{
	unsigned int slot = pipe_slot(pipe->tail - 1), next = pipe_slot(pipe->tail);
	char *page = pipe->pages[slot];

	assert_held(&pipe->lock);
	if (pipe->head != pipe->tail && pipe_slot(pipe->head - 1) == slot)
		return;
	pipe->pages[slot] = NULL;
	if (!pipe->pages[next])
		pipe->pages[next] = page;
	else
		__free_page(virt_to_page(page));
}

/* @n bytes have been taken out. */
static void pipe_took_locked(struct pipe *pipe, size_t n)
{
	assert_held(&pipe->lock);
	WRITE_ONCE(pipe->tail, pipe->tail + n);
	if (pipe->tail % PAGE_SIZE == 0)
		pipe_left_page_locked(pipe);
	pipe_check_locked(pipe);
}

/*
 * Let @move have up to @len of the bytes inside, page by page, until it takes fewer than
 * it could; @keep: they stay inside. Return: bytes, or what @move said to the first ones.
 */
static ssize_t pipe_drain_locked(struct pipe *pipe, size_t len, bool keep, pipe_move_fn *move,
				 void *arg)
{
	u64 pos = pipe->tail;
	ssize_t moved = 0;
	size_t n, done = 0;

	assert_held(&pipe->lock);
	while (done < len && pos < pipe->head) {
		n = min((size_t)(pipe->head - pos), len - done);
		n = min(n, (size_t)(PAGE_SIZE - pos % PAGE_SIZE));
		moved = move(arg, pipe->pages[pipe_slot(pos)] + pos % PAGE_SIZE, n);
		if (moved <= 0)
			break;
		pos += (u64)moved;
		done += (size_t)moved;
		if (!keep)
			pipe_took_locked(pipe, (size_t)moved);
		if ((size_t)moved < n)
			break;
	}
	return done ? (ssize_t)done : moved;
}

static bool pipe_can_read(struct pipe *pipe)
{
	return pipe_used(pipe) || !READ_ONCE(pipe->writers);
}

/* Return: 0 when @pipe has bytes, or nobody writes; -EAGAIN, -EINTR. */
static int pipe_wait_readable(struct pipe *pipe, bool nonblock)
{
	if (pipe_can_read(pipe))
		return 0;
	return nonblock ? -EAGAIN : wait_event_interruptible(&pipe->read_wait,
							     pipe_can_read(pipe));
}

ssize_t pipe_splice_from(struct pipe *pipe, size_t len, bool nonblock, pipe_move_fn *move,
			 void *arg)
{
	ssize_t n = pipe_wait_readable(pipe, nonblock);
	bool ready = false;

	/* Others may have been faster: then we wait again. */
	while (!n && !ready) {
		mutex_lock(&pipe->lock);
		ready = pipe_can_read(pipe);
		n = pipe_drain_locked(pipe, len, false, move, arg);
		mutex_unlock(&pipe->lock);
		pipe_wake_writers(pipe);
		if (!ready)
			n = pipe_wait_readable(pipe, nonblock);
	}
	return n;
}

static ssize_t pipe_move_to_iobuf(void *io, char *bytes, size_t n)
{
	size_t moved = iobuf_copy_to(io, bytes, n);

	return moved ? (ssize_t)moved : -EFAULT;
}

ssize_t pipe_read_to(struct pipe *pipe, struct iobuf *io, bool nonblock)
{
	if (!io->left)
		return 0;
	return pipe_splice_from(pipe, io->left, nonblock, pipe_move_to_iobuf, io);
}

static ssize_t pipe_read(struct file *file, struct iobuf *io, loff_t *pos)
{
	return pipe_read_to(file->private, io, READ_ONCE(file->flags) & O_NONBLOCK);
}

/* ---- writing ---- */

/* The page at head. NULL: no memory. */
static char *pipe_head_page_locked(struct pipe *pipe)
{
	unsigned int slot = pipe_slot(pipe->head);
	struct page *page;

	assert_held(&pipe->lock);
	if (!pipe->pages[slot]) {
		page = alloc_page(GFP_KERNEL);
		pipe->pages[slot] = page ? page_address(page) : NULL;
	}
	return pipe->pages[slot];
}

/*
 * Let @move put up to @len bytes in, as far as there is room, until it puts fewer than it
 * could. Return: bytes, or what @move said to the first ones, or -ENOMEM.
 */
static ssize_t pipe_fill_locked(struct pipe *pipe, size_t len, pipe_move_fn *move, void *arg)
{
	ssize_t moved = 0;
	size_t n, done = 0;

	assert_held(&pipe->lock);
	len = min(len, PIPE_SIZE - pipe_used(pipe));
	while (done < len) {
		u64 offset = pipe->head % PAGE_SIZE;
		char *page = pipe_head_page_locked(pipe);

		n = min(len - done, (size_t)(PAGE_SIZE - offset));
		moved = page ? move(arg, page + offset, n) : -ENOMEM;
		if (moved <= 0)
			break;
		WRITE_ONCE(pipe->head, pipe->head + (u64)moved);
		done += (size_t)moved;
		if ((size_t)moved < n)
			break;
	}
	pipe_check_locked(pipe);
	return done ? (ssize_t)done : moved;
}

static ssize_t pipe_move_from_iobuf(void *io, char *bytes, size_t n)
{
	size_t moved = iobuf_copy_from(io, bytes, n);

	return moved ? (ssize_t)moved : -EFAULT;
}

/* Room that a write of @want bytes can use: all or nothing up to PIPE_BUF. */
static size_t pipe_room(struct pipe *pipe, size_t want)
{
	size_t room = PIPE_SIZE - pipe_used(pipe);

	if (want <= PIPE_BUF)
		return room >= want ? want : 0;
	return min(room, want);
}

static bool pipe_can_write(struct pipe *pipe, size_t want)
{
	return pipe_room(pipe, want) || !READ_ONCE(pipe->readers);
}

static ssize_t pipe_broken(void)
{
	if (pipe_sigpipe)
		pipe_sigpipe();
	return -EPIPE;
}

static ssize_t pipe_write(struct file *file, struct iobuf *io, loff_t *pos)
{
	struct pipe *pipe = file->private;
	ssize_t moved, done = 0;
	bool broken;
	size_t n;
	int error;

	while (io->left) {
		moved = 0;
		mutex_lock(&pipe->lock);
		broken = !pipe->readers;
		n = broken ? 0 : pipe_room(pipe, io->left);
		if (n)
			moved = pipe_fill_locked(pipe, n, pipe_move_from_iobuf, io);
		mutex_unlock(&pipe->lock);
		if (broken)
			return done ? done : pipe_broken();
		if (moved > 0) {
			done += moved;
			pipe_wake_readers(pipe);
		}
		if (moved < (ssize_t)n)
			return done ? done : moved;
		if (n)
			continue;
		if (READ_ONCE(file->flags) & O_NONBLOCK)
			return done ? done : -EAGAIN;
		error = wait_event_interruptible(&pipe->write_wait,
						 pipe_can_write(pipe, io->left));
		if (error)
			return done ? done : error;
	}
	return done;
}

/* ---- splicing ---- */

/* Return: 0 when @pipe has room, or nobody reads; -EAGAIN, -EINTR. */
static int pipe_wait_writable(struct pipe *pipe, bool nonblock)
{
	if (pipe_can_write(pipe, PIPE_SIZE))
		return 0;
	return nonblock ? -EAGAIN : wait_event_interruptible(&pipe->write_wait,
							     pipe_can_write(pipe, PIPE_SIZE));
}

ssize_t pipe_splice_to(struct pipe *pipe, size_t len, bool nonblock, pipe_move_fn *move, void *arg)
{
	ssize_t n = pipe_wait_writable(pipe, nonblock);
	bool ready = false;

	while (!n && !ready) {
		mutex_lock(&pipe->lock);
		ready = pipe_can_write(pipe, PIPE_SIZE);
		n = pipe->readers ? pipe_fill_locked(pipe, len, move, arg) : -EPIPE;
		mutex_unlock(&pipe->lock);
		pipe_wake_readers(pipe);
		if (!ready)
			n = pipe_wait_writable(pipe, nonblock);
	}
	return n == -EPIPE ? pipe_broken() : n;
}

ssize_t pipe_write_from(struct pipe *pipe, struct iobuf *io, bool nonblock)
{
	return pipe_splice_to(pipe, io->left, nonblock, pipe_move_from_iobuf, io);
}

static ssize_t pipe_move_copy(void *from, char *bytes, size_t n)
{
	memcpy(bytes, *(char **)from, n);
	*(char **)from += n;
	return (ssize_t)n;
}

static ssize_t pipe_move_to_pipe(void *pipe, char *bytes, size_t n)
{
	return pipe_fill_locked(pipe, n, pipe_move_copy, &bytes);
}

/* One try. *@over: there was nothing to move, and there never will be. */
static ssize_t pipe_move_pipes(struct pipe *in, struct pipe *out, size_t len, bool keep,
			       bool *over)
{
	ssize_t n = -EPIPE;

	mutex_lock_two(&in->lock, &out->lock);
	if (out->readers)
		n = pipe_drain_locked(in, len, keep, pipe_move_to_pipe, out);
	*over = !pipe_used(in) && !in->writers;
	mutex_unlock_two(&in->lock, &out->lock);
	return n;
}

ssize_t pipe_splice_pipes(struct pipe *in, struct pipe *out, size_t len, bool nonblock, bool keep)
{
	bool over = false;
	ssize_t n = 0;

	/* Nothing moves if others were faster on either side: then we wait again. */
	while (!n && !over) {
		n = pipe_wait_readable(in, nonblock);
		gate_point("pipe.splice", in);
		if (!n)
			n = pipe_wait_writable(out, nonblock);
		if (n)
			return n;
		n = pipe_move_pipes(in, out, len, keep, &over);
	}
	if (n == -EPIPE)
		return pipe_broken();
	pipe_wake_readers(out);
	pipe_wake_writers(in);
	return n;
}

/* ---- the rest of a file ---- */

static u32 pipe_poll(struct file *file, struct poll_table *table)
{
	struct pipe *pipe = file->private;
	u32 mask = 0;

	if (file->mode & FILE_READ) {
		poll_wait(file, &pipe->read_wait, table);
		if (pipe_used(pipe))
			mask |= POLLIN | POLLRDNORM;
		if (!READ_ONCE(pipe->writers))
			mask |= POLLHUP;
	}
	if (file->mode & FILE_WRITE) {
		poll_wait(file, &pipe->write_wait, table);
		if (pipe_room(pipe, PIPE_BUF))
			mask |= POLLOUT | POLLWRNORM;
		if (!READ_ONCE(pipe->readers))
			mask |= POLLERR;
	}
	return mask;
}

static long pipe_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct pipe *pipe = file->private;
	int used = (int)pipe_used(pipe);

	if (cmd != FIONREAD)
		return -ENOTTY;
	return put_user(used, (int __user *)arg);
}

/* One more or one less of the file's kinds of opening. */
static void pipe_count_locked(struct pipe *pipe, struct file *file, int delta)
{
	assert_held(&pipe->lock);
	if (file->mode & FILE_READ) {
		ASSERT(delta > 0 || pipe->readers > 0);
		WRITE_ONCE(pipe->readers, pipe->readers + (unsigned int)delta);
		pipe->reader_opens += delta > 0;
	}
	if (file->mode & FILE_WRITE) {
		ASSERT(delta > 0 || pipe->writers > 0);
		WRITE_ONCE(pipe->writers, pipe->writers + (unsigned int)delta);
		pipe->writer_opens += delta > 0;
	}
	if (!pipe->readers && !pipe->writers)
		pipe_empty(pipe);	/* what a FIFO holds dies with its last user */
}

static void pipe_count(struct pipe *pipe, struct file *file, int delta)
{
	mutex_lock(&pipe->lock);
	pipe_count_locked(pipe, file, delta);
	mutex_unlock(&pipe->lock);
	/* The other side's condition may have become true: end of file, EPIPE. */
	pipe_wake_readers(pipe);
	pipe_wake_writers(pipe);
}

static void pipe_release(struct file *file)
{
	pipe_count(file->private, file, -1);
}

static const struct file_operations pipe_fops = {
	.read = pipe_read, .write = pipe_write, .poll = pipe_poll, .ioctl = pipe_ioctl,
	.release = pipe_release,
};

static void pipe_evict(struct inode *inode)
{
	pipe_free(inode->private);
}

static const struct inode_operations pipe_inode_ops = {
	.evict = pipe_evict,
};

/* One end of the pipe behind @inode. */
static int pipe_open_end(struct inode *inode, unsigned int flags, struct file **out)
{
	int error = file_open_anon(inode, &pipe_fops, flags, inode->private, out);

	if (!error)
		pipe_count(inode->private, *out, 1);
	return error;
}

struct pipe *pipe_of(const struct file *file)
{
	return file->ops == &pipe_fops || file->ops == &fifo_fops ? file->private : NULL;
}

int pipe_open(struct file **reader, struct file **writer, unsigned int flags)
{
	struct inode *inode;
	struct pipe *pipe;
	int error;

	error = pipe_alloc(&pipe);
	if (error)
		return error;
	error = inode_alloc(anon_sb, S_IFIFO | 0600, &inode);
	if (error) {
		pipe_free(pipe);
		return error;
	}
	inode->private = pipe;
	inode->ops = &pipe_inode_ops;
	inode->fops = &fifo_fops;	/* for who opens it again, through /proc/<pid>/fd */
	error = pipe_open_end(inode, O_RDONLY | (flags & O_NONBLOCK), reader);
	if (!error) {
		error = pipe_open_end(inode, O_WRONLY | (flags & O_NONBLOCK), writer);
		if (error)
			file_put(*reader);
	}
	iput(inode);
	return error;
}

/* ---- named pipes: the inode gets its pipe at the first open ---- */

static int fifo_get_pipe(struct inode *inode, struct pipe **out)
{
	int error = 0;

	down_write(&inode->lock);
	if (!inode->private) {
		error = pipe_alloc(out);
		if (!error)
			inode->private = *out;
	}
	*out = inode->private;
	up_write(&inode->lock);
	return error;
}

/*
 * Wait until the other side is there, or was since @opens; nobody of it was there
 * when @file was counted.
 */
static int fifo_wait(struct pipe *pipe, struct file *file, u64 opens)
{
	if (file->mode & FILE_READ)
		return wait_event_interruptible(&pipe->read_wait,
						READ_ONCE(pipe->writers) ||
						READ_ONCE(pipe->writer_opens) != opens);
	return wait_event_interruptible(&pipe->write_wait,
					READ_ONCE(pipe->readers) ||
					READ_ONCE(pipe->reader_opens) != opens);
}

static int fifo_open(struct inode *inode, struct file *file)
{
	struct pipe *pipe;
	bool alone;
	int error;
	u64 opens;

	error = fifo_get_pipe(inode, &pipe);
	if (error)
		return error;
	file->private = pipe;
	mutex_lock(&pipe->lock);
	if ((file->flags & O_NONBLOCK) && !(file->mode & FILE_READ) && !pipe->readers) {
		mutex_unlock(&pipe->lock);
		return -ENXIO;
	}
	opens = file->mode & FILE_READ ? pipe->writer_opens : pipe->reader_opens;
	pipe_count_locked(pipe, file, 1);
	/* Who is there now, and lets us in, may be gone before we could look again. */
	alone = !pipe->readers || !pipe->writers;
	mutex_unlock(&pipe->lock);
	gate_point("fifo.open", inode);
	pipe_wake_readers(pipe);
	pipe_wake_writers(pipe);
	if (alone && !(file->flags & O_NONBLOCK))
		error = fifo_wait(pipe, file, opens);
	if (error)
		pipe_release(file);
	return error;
}

void fifo_evict(struct inode *inode)
{
	if (inode->private)
		pipe_free(inode->private);
	inode->private = NULL;
}

const struct file_operations fifo_fops = {
	.open = fifo_open, .read = pipe_read, .write = pipe_write, .poll = pipe_poll,
	.ioctl = pipe_ioctl, .release = pipe_release,
};
