/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/syscall/log_reader.c - programs that wait for the next line of the kernel's log
 *
 * Concept    Lines are logged in any context, where nobody could be woken. So a
 *            timer looks for them at each tick, while somebody might wait.
 * Owns       log_wait, the timer, the count of those who might wait.
 * Locks      LOCK_DEVICE (mutex): who begins and who ends.
 * Invariants The timer runs exactly while somebody might wait.
 * Callers    sys_syslog.c, drivers/char/kmsg.c
 * Next       sys_syslog.c
 */
#include "kernel/syscall/log_reader.h"

#include "include/uapi/sched.h"
#include "fs/cred.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/sync/mutex.h"
#include "kernel/time/tick.h"
#include "kernel/time/timer.h"

struct wait_queue_head log_wait;

static struct mutex log_lock;
static struct timer log_timer;
static unsigned int log_readers;	/* log_lock */
static u64 log_seen;			/* the timer's: lines so far */

static void log_look(struct timer *timer)
{
	u64 seq = printk_newest().seq;

	if (seq != log_seen)
		wake_up_all(&log_wait);
	log_seen = seq;
	mod_timer(timer, ticks + 1);
}

void log_reader_begin(void)
{
	mutex_lock(&log_lock);
	if (!log_readers++)
		mod_timer(&log_timer, ticks + 1);
	mutex_unlock(&log_lock);
}

void log_reader_end(void)
{
	mutex_lock(&log_lock);
	ASSERT(log_readers > 0);
	if (!--log_readers)
		del_timer_sync(&log_timer);
	mutex_unlock(&log_lock);
}

int log_reader_permission(void)
{
	return capable(CAP_SYSLOG) ? 0 : -EPERM;
}

void log_reader_init(void)
{
	mutex_init(&log_lock, LOCK_DEVICE, "log readers");
	init_waitqueue_head(&log_wait);
	timer_setup(&log_timer, log_look);
}
