/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/syscall/sys_syslog.c - syslog(2): the kernel's log, for dmesg and klogd
 *
 * Concept    A line is "<prio>[seconds] text". All calls share two places in the log:
 *            what has been read (READ takes each line once, for klogd) and what was
 *            cleared (READ_ALL begins there; the lines stay for /dev/kmsg).
 * Owns       The two places; the level that consoles had before they were silenced.
 * Locks      LOCK_TTY (mutex): the places. User memory is copied under it.
 * Invariants None.
 * Callers    table.c
 * Next       sys_system.c
 */
#include "kernel/syscall/syscalls.h"

#include "kernel/lib/panic.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/printk.h"
#include "kernel/sync/mutex.h"
#include "kernel/syscall/log_reader.h"
#include "kernel/time/tick.h"
#include "mm/slab.h"
#include "mm/uaccess.h"

enum syslog_action {
	SYSLOG_CLOSE, SYSLOG_OPEN, SYSLOG_READ, SYSLOG_READ_ALL, SYSLOG_READ_CLEAR, SYSLOG_CLEAR,
	SYSLOG_CONSOLE_OFF, SYSLOG_CONSOLE_ON, SYSLOG_CONSOLE_LEVEL, SYSLOG_SIZE_UNREAD,
	SYSLOG_SIZE_BUFFER,
};

/* A record, and as it is shown. */
struct syslog_line {
	struct printk_record r;
	char text[PRINTK_LINE + 48];
	size_t len;
};

static struct mutex syslog_lock;
static struct printk_cursor syslog_read_at, syslog_cleared;	/* syslog_lock */
static size_t syslog_partial;		/* syslog_lock: of the line at syslog_read_at, had */
static int syslog_saved_level = -1;	/* syslog_lock */

/* The line at *@at, below @end. Return: whether there is one. */
static bool syslog_next(struct printk_cursor *at, u64 end, struct syslog_line *l)
{
	if (at->seq >= end || !printk_next(at, &l->r) || l->r.seq >= end)
		return false;
	l->len = (size_t)scnprintf(l->text, sizeof(l->text), "<%u>[%5lu.%06lu] %s\n", l->r.prio,
				   (unsigned long)(l->r.ns / NSEC_PER_SEC),
				   (unsigned long)(l->r.ns % NSEC_PER_SEC / 1000), l->r.text);
	return true;
}

/* Bytes from @at to @end. */
static size_t syslog_size(struct printk_cursor at, u64 end, struct syslog_line *l)
{
	size_t sum = 0;

	while (syslog_next(&at, end, l))
		sum += l->len;
	return sum;
}

/* The last lines that have room, since the log was cleared. */
static long syslog_read_all_locked(char __user *buf, size_t size, bool clear,
				   struct syslog_line *l)
{
	struct printk_cursor at = syslog_cleared, end = printk_newest();
	size_t sum = syslog_size(at, end.seq, l), done = 0;

	assert_held(&syslog_lock);
	while (sum > size && syslog_next(&at, end.seq, l))
		sum -= min(sum, l->len);
	while (syslog_next(&at, end.seq, l) && done + l->len <= size) {
		if (copy_to_user(buf + done, l->text, l->len))
			return -EFAULT;
		done += l->len;
	}
	if (clear)
		syslog_cleared = end;
	return (long)done;
}

/* What READ has not had, a part of a line at the end if there is no room for it. */
static long syslog_read_locked(char __user *buf, size_t size, struct syslog_line *l)
{
	struct printk_cursor next = syslog_read_at;
	size_t done = 0, n;

	assert_held(&syslog_lock);
	while (done < size && syslog_next(&next, ~0UL, l)) {
		size_t had = l->r.lost ? 0 : min(syslog_partial, l->len);

		n = min(l->len - had, size - done);
		if (copy_to_user(buf + done, l->text + had, n))
			return done ? (long)done : -EFAULT;
		done += n;
		syslog_partial = had + n;
		if (syslog_partial < l->len)
			break;
		syslog_partial = 0;
		syslog_read_at = next;
	}
	return (long)done;
}

static bool syslog_has_unread(void)
{
	return printk_has_next(&syslog_read_at);
}

/* READ waits for a line. */
static long syslog_read(char __user *buf, size_t size, struct syslog_line *l)
{
	long n = 0;

	log_reader_begin();
	while (!n) {
		n = wait_event_interruptible(&log_wait, syslog_has_unread());
		if (n)
			break;
		mutex_lock(&syslog_lock);
		n = syslog_read_locked(buf, size, l);
		mutex_unlock(&syslog_lock);
	}
	log_reader_end();
	return n;
}

static long syslog_to_user(int action, char __user *buf, int len)
{
	struct syslog_line *l;
	long n;

	if (!buf || len < 0)
		return -EINVAL;
	if (!len)
		return 0;
	if (!access_ok(buf, (size_t)len))
		return -EFAULT;
	l = kmalloc(sizeof(*l), GFP_KERNEL);
	if (!l)
		return -ENOMEM;
	if (action == SYSLOG_READ) {
		n = syslog_read(buf, (size_t)len, l);
	} else {
		mutex_lock(&syslog_lock);
		n = syslog_read_all_locked(buf, (size_t)len, action == SYSLOG_READ_CLEAR, l);
		mutex_unlock(&syslog_lock);
	}
	kfree(l);
	return n;
}

static long syslog_size_unread(void)
{
	struct syslog_line *l = kmalloc(sizeof(*l), GFP_KERNEL);
	size_t n;

	if (!l)
		return -ENOMEM;
	mutex_lock(&syslog_lock);
	n = syslog_size(syslog_read_at, ~0UL, l);
	n -= min(n, syslog_partial);
	mutex_unlock(&syslog_lock);
	kfree(l);
	return (long)n;
}

/* @level 0: silence, until -1: as it was. */
static long syslog_console(int level)
{
	mutex_lock(&syslog_lock);
	if (level > 0) {
		printk_set_loglevel(level);
		syslog_saved_level = -1;
	} else if (!level && syslog_saved_level < 0) {
		syslog_saved_level = printk_set_loglevel(1);
	} else if (level < 0 && syslog_saved_level >= 0) {
		printk_set_loglevel(syslog_saved_level);
		syslog_saved_level = -1;
	}
	mutex_unlock(&syslog_lock);
	return 0;
}

struct printk_cursor syslog_get_cleared(void)
{
	struct printk_cursor at;

	mutex_lock(&syslog_lock);
	at = syslog_cleared;
	mutex_unlock(&syslog_lock);
	return at;
}

static long syslog_clear(void)
{
	mutex_lock(&syslog_lock);
	syslog_cleared = printk_newest();
	mutex_unlock(&syslog_lock);
	return 0;
}

long sys_syslog(int action, char __user *buf, int len)
{
	int error = log_reader_permission();

	if (error)
		return error;
	switch (action) {
	case SYSLOG_CLOSE:
	case SYSLOG_OPEN:
		return 0;
	case SYSLOG_READ:
	case SYSLOG_READ_ALL:
	case SYSLOG_READ_CLEAR:
		return syslog_to_user(action, buf, len);
	case SYSLOG_CLEAR:
		return syslog_clear();
	case SYSLOG_CONSOLE_OFF:
	case SYSLOG_CONSOLE_ON:
		return syslog_console(action == SYSLOG_CONSOLE_ON ? -1 : 0);
	case SYSLOG_CONSOLE_LEVEL:
		return len < 1 || len > 8 ? -EINVAL : syslog_console(len);
	case SYSLOG_SIZE_UNREAD:
		return syslog_size_unread();
	case SYSLOG_SIZE_BUFFER:
		return (long)printk_ring_size();
	default:
		return -EINVAL;
	}
}

void syslog_init(void)
{
	mutex_init(&syslog_lock, LOCK_TTY, "syslog");
	log_reader_init();
}
