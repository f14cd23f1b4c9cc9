/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/seq_file.c - files whose text is printed at the moment they are read
 *
 * Concept    The first read prints the whole text into a buffer; the reads that
 *            follow take their part of it, so that one pass over the file shows
 *            one moment. A read at position 0 prints anew. If the text did not
 *            fit, the printing is repeated with twice the room.
 * Owns       struct seq_open: an open file's text.
 * Locks      seq->lock (LOCK_SEQ, sleeping): the text, for preads run beside each
 *            other. User memory is copied after the printing, so a show function
 *            may hold what it likes.
 * Invariants count <= size, and overflow is set if a byte was dropped:
 *            seq_write().
 * Callers    fs/procfs.c
 * Next       fs/fixed_tree.c
 */
#include "fs/seq_file.h"
#include "fs/internal.h"
#include "fs/proc.h"
#include "fs/vfs.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"
#include "kernel/sync/mutex.h"
#include "mm/slab.h"
#include "mm/vmalloc.h"

#define SEQ_FIRST_SIZE PAGE_SIZE
#define SEQ_MAX_SIZE (4UL << 20)

void seq_write(struct seq_file *m, const void *data, size_t len)
{
	if (len > m->size - m->count) {
		m->overflow = true;
		return;
	}
	memcpy(m->buf + m->count, data, len);
	m->count += len;
}

void seq_puts(struct seq_file *m, const char *s)
{
	seq_write(m, s, strlen(s));
}

void seq_putc(struct seq_file *m, char c)
{
	seq_write(m, &c, 1);
}

void seq_printf(struct seq_file *m, const char *fmt, ...)
{
	size_t room = m->size - m->count;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(m->buf + m->count, room, fmt, args);
	va_end(args);
	if (len < 0 || (size_t)len >= room)
		m->overflow = true;
	else
		m->count += (size_t)len;
}

struct seq_open {
	struct mutex lock;		/* LOCK_SEQ */
	proc_show_fn *show;
	pid_t pid;
	void *private;
	char *text;			/* NULL: not printed yet */
	size_t len;
};

int seq_open(struct file *file, proc_show_fn *show, pid_t pid, void *private)
{
	struct seq_open *seq = kzalloc(sizeof(*seq), GFP_KERNEL);

	if (!seq)
		return -ENOMEM;
	mutex_init(&seq->lock, LOCK_SEQ, "seq file");
	seq->show = show;
	seq->pid = pid;
	seq->private = private;
	file->private = seq;
	return 0;
}

void *seq_private(struct file *file)
{
	return ((struct seq_open *)file->private)->private;
}

void seq_release(struct file *file)
{
	struct seq_open *seq = file->private;

	kfree(seq->text);
	kfree(seq);
}

/* Print into a buffer of @size bytes. Return: 0, -ENOSPC (too small), -errno. */
static int seq_print_once(struct seq_open *seq, size_t size)
{
	struct seq_file m = { .size = size, .pid = seq->pid, .private = seq->private };
	int error;

	m.buf = kmalloc(size, GFP_KERNEL);
	if (!m.buf)
		return -ENOMEM;
	error = seq->show(&m);
	if (!error && m.overflow)
		error = -ENOSPC;
	if (error) {
		kfree(m.buf);
		return error;
	}
	seq->text = m.buf;
	seq->len = m.count;
	return 0;
}

static int seq_print_locked(struct seq_open *seq)
{
	size_t size = max((size_t)SEQ_FIRST_SIZE, seq->len + 1);	/* printf adds a NUL */
	int error;

	assert_held(&seq->lock);
	kfree(seq->text);
	seq->text = NULL;
	seq->len = 0;
	do {
		error = seq_print_once(seq, size);
		size *= 2;
	} while (error == -ENOSPC && size <= SEQ_MAX_SIZE);
	return error;
}

ssize_t seq_read(struct file *file, struct iobuf *io, loff_t *pos)
{
	struct seq_open *seq = file->private;
	size_t n = 0, left;
	int error = 0;

	mutex_lock(&seq->lock);
	if (!seq->text || !*pos)
		error = seq_print_locked(seq);
	if (!error && *pos < (loff_t)seq->len && io->left) {
		left = seq->len - (size_t)*pos;
		n = iobuf_copy_to(io, seq->text + *pos, min(left, io->left));
		*pos += (loff_t)n;
		error = n ? 0 : -EFAULT;
	}
	mutex_unlock(&seq->lock);
	return error ? error : (ssize_t)n;
}
