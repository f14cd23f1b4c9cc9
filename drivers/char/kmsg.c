/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/char/kmsg.c - /dev/kmsg: the kernel's log, a record a read
 *
 * Concept    A record is "prio,number,microseconds,-;text\n", in which bytes that are
 *            no text are \xNN. Each opening has a place of its own; who was too slow
 *            is told (-EPIPE) and goes on with the oldest. What is written becomes a
 *            line of the log, "<prio>" before it if it has one.
 * Owns       struct kmsg.
 * Locks      The opening's (LOCK_TTY, mutex); user memory is copied under it.
 * Invariants None.
 * Callers    fs/devtmpfs.c
 * Next       drivers/char/tty.c
 */
#include "drivers/char/mem.h"
#include "fs/chardev.h"
#include "fs/vfs.h"
#include "include/uapi/poll.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/parse.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"
#include "kernel/sync/mutex.h"
#include "kernel/syscall/log_reader.h"
#include "kernel/syscall/syscalls.h"
#include "mm/slab.h"

#define KMSG_WRITE_MAX 1024UL
#define KMSG_HEAD 64UL

struct kmsg {
	struct mutex lock;
	struct printk_cursor at;
	struct printk_record r;
	char text[KMSG_HEAD + 4 * PRINTK_LINE];
};

static int kmsg_open(struct inode *inode, struct file *file)
{
	int error = file->mode & FILE_READ ? log_reader_permission() : 0;
	struct kmsg *k;

	if (error)
		return error;
	k = kzalloc(sizeof(*k), GFP_KERNEL);
	if (!k)
		return -ENOMEM;
	mutex_init(&k->lock, LOCK_TTY, "kmsg");
	k->at = printk_oldest();
	file->private = k;
	file->mode |= FILE_SEEKS;
	log_reader_begin();
	return 0;
}

static void kmsg_release(struct file *file)
{
	log_reader_end();
	kfree(file->private);
}

static size_t kmsg_escape(char *out, const char *text)
{
	size_t n = 0;

	for (; *text; text++) {
		u8 c = (u8)*text;

		if (c >= ' ' && c < 127 && c != '\\')
			out[n++] = (char)c;
		else
			n += (size_t)scnprintf(out + n, 5, "\\x%02x", c);
	}
	return n;
}

/* k->text from k->r. Return: its length. */
static size_t kmsg_format(struct kmsg *k)
{
	size_t n = (size_t)scnprintf(k->text, KMSG_HEAD, "%u,%lu,%lu,-;", k->r.prio,
				     (unsigned long)k->r.seq, (unsigned long)(k->r.ns / 1000));

	n += kmsg_escape(k->text + n, k->r.text);
	k->text[n++] = '\n';
	return n;
}

static ssize_t kmsg_read_locked(struct kmsg *k, struct iobuf *io)
{
	size_t n;

	assert_held(&k->lock);
	if (k->at.seq < printk_oldest().seq) {
		k->at = printk_oldest();
		return -EPIPE;
	}
	if (!printk_next(&k->at, &k->r))
		return -EAGAIN;
	n = kmsg_format(k);
	if (n > io->left)
		return -EINVAL;
	return iobuf_copy_to(io, k->text, n) == n ? (ssize_t)n : -EFAULT;
}

static ssize_t kmsg_read(struct file *file, struct iobuf *io, loff_t *pos)
{
	struct kmsg *k = file->private;
	ssize_t n = -EAGAIN;
	int error = 0;

	while (n == -EAGAIN && !error) {
		mutex_lock(&k->lock);
		n = kmsg_read_locked(k, io);
		mutex_unlock(&k->lock);
		if (n != -EAGAIN || READ_ONCE(file->flags) & O_NONBLOCK)
			return n;
		error = wait_event_interruptible(&log_wait, printk_has_next(&k->at));
	}
	return error ? error : n;
}

/* "<prio>" at the start of *@text; -1: it has none. */
static int kmsg_prio(const char **text)
{
	const char *at = *text + 1;
	u64 prio;

	if (**text != '<' || parse_u64_at(&at, &prio) || *at != '>')
		return -1;
	*text = at + 1;
	return (int)(prio & 0x7ff);
}

static ssize_t kmsg_write(struct file *file, struct iobuf *io, loff_t *pos)
{
	size_t len = io->left;
	const char *text;
	char *line;
	int prio;

	if (len > KMSG_WRITE_MAX)
		return -EINVAL;
	line = kzalloc(len + 1, GFP_KERNEL);
	if (!line)
		return -ENOMEM;
	if (iobuf_copy_from(io, line, len) != len) {
		kfree(line);
		return -EFAULT;
	}
	text = line;
	prio = kmsg_prio(&text);
	if (prio < 0)
		prio = LOG_WARN;
	if (prio <= LOG_LEVEL_MASK)	/* only the kernel speaks as the kernel */
		prio |= LOG_FACILITY_USER;
	printk((enum printk_level)prio, "%s", text);
	wake_up_all(&log_wait);
	kfree(line);
	return (ssize_t)len;
}

static loff_t kmsg_llseek(struct file *file, loff_t offset, int whence)
{
	struct kmsg *k = file->private;
	struct printk_cursor to;

	if (offset)
		return -ESPIPE;
	if (whence == SEEK_SET)
		to = printk_oldest();
	else if (whence == SEEK_DATA)
		to = syslog_get_cleared();
	else if (whence == SEEK_END)
		to = printk_newest();
	else
		return -EINVAL;
	mutex_lock(&k->lock);
	k->at = to.seq < printk_oldest().seq ? printk_oldest() : to;
	mutex_unlock(&k->lock);
	return 0;
}

static u32 kmsg_poll(struct file *file, struct poll_table *table)
{
	struct kmsg *k = file->private;

	poll_wait(file, &log_wait, table);
	if (!printk_has_next(&k->at))
		return 0;
	return POLLIN | POLLRDNORM |
	       (READ_ONCE(k->at.seq) < printk_oldest().seq ? POLLERR | POLLPRI : 0);
}

static const struct file_operations kmsg_fops = {
	.open = kmsg_open, .read = kmsg_read, .write = kmsg_write, .llseek = kmsg_llseek,
	.poll = kmsg_poll, .release = kmsg_release,
};

void kmsg_init(void)
{
	if (device_register("kmsg", S_IFCHR | 0644, 1, 11, &kmsg_fops, NULL))
		panic("no memory for /dev/kmsg");
}
