/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/syscall/sys_time.c - the calls about clocks, sleeping and alarms
 *
 * Concept    See kernel/task/clock.h. Sleeping has the timer tick's resolution;
 *            clocks are read from the time stamp counter.
 * Owns       Nothing.
 * Locks      siglock around the interval timer.
 * Callers    table.c.
 */
#include "kernel/syscall/syscalls.h"

#include "kernel/sched/task.h"
#include "kernel/task/clock.h"
#include "kernel/task/process.h"
#include "kernel/time/tick.h"
#include "mm/uaccess.h"

/* ---- clocks ---- */

/* Time of @clock now. Return: 0 or -EINVAL. */
static int clock_read(int clock, u64 *ns)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		*ns = ktime_get_real_ns();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*ns = ktime_get_ns();
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
		rcu_read_lock();
		*ns = process_cpu_ns(current_process);
		rcu_read_unlock();
		return 0;
	case CLOCK_THREAD_CPUTIME_ID:
		*ns = current->sum_exec_ns;
		return 0;
	default:
		return -EINVAL;
	}
}

long sys_clock_gettime(int clock, struct timespec __user *tp)
{
	struct timespec ts;
	u64 ns;
	int err = clock_read(clock, &ns);

	if (err)
		return err;
	ts = clock_ns_to_timespec(ns);
	return copy_to_user(tp, &ts, sizeof(ts));
}

long sys_clock_getres(int clock, struct timespec __user *tp)
{
	bool coarse = clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE;
	struct timespec ts = { .tv_nsec = coarse ? NSEC_PER_TICK : 1 };
	u64 ns;
	int err = clock_read(clock, &ns);

	if (err || !tp)
		return err;
	return copy_to_user(tp, &ts, sizeof(ts));
}

long sys_gettimeofday(struct timeval __user *tv, void __user *tz)
{
	u64 ns = ktime_get_real_ns();
	struct timeval now = { .tv_sec = ns / NSEC_PER_SEC, .tv_usec = ns % NSEC_PER_SEC / 1000 };

	if (tv && copy_to_user(tv, &now, sizeof(now)))
		return -EFAULT;
	return tz ? clear_user(tz, 8) : 0;
}

long sys_time(s64 __user *out)
{
	s64 now = ktime_get_real_ns() / NSEC_PER_SEC;

	if (out && put_user(now, out))
		return -EFAULT;
	return now;
}

long sys_times(struct tms __user *buf)
{
	struct tms t = { 0 };

	rcu_read_lock();
	t.tms_utime = process_cpu_ns(current_process) / NSEC_PER_TICK;
	rcu_read_unlock();
	t.tms_cutime = READ_ONCE(current_process->children_ns) / NSEC_PER_TICK;
	if (buf && copy_to_user(buf, &t, sizeof(t)))
		return -EFAULT;
	return ktime_get_ns() / NSEC_PER_TICK;
}

/* ---- sleeping ---- */

/* Sleep until @deadline; what remains goes to @rem if a signal comes first. */
static long sleep_until(u64 deadline, bool relative, struct timespec __user *rem)
{
	struct timespec left;
	u64 now;

	if (!clock_sleep_until(deadline))
		return 0;
	if (relative) {
		now = ktime_get_ns();
		left = clock_ns_to_timespec(deadline > now ? deadline - now : 0);
		if (rem && copy_to_user(rem, &left, sizeof(left)))
			return -EFAULT;
		/* Without a handler the call goes on to the same end. */
		current_thread->sleep_deadline_ns = deadline;
	}
	return -ERESTARTNOHAND;
}

long sys_nanosleep(const struct timespec __user *req, struct timespec __user *rem)
{
	return sys_clock_nanosleep(CLOCK_MONOTONIC, 0, req, rem);
}

long sys_clock_nanosleep(int clock, int flags, const struct timespec __user *req,
			 struct timespec __user *rem)
{
	struct thread *t = current_thread;
	u64 ns, offset = clock == CLOCK_REALTIME ? ktime_real_offset_ns() : 0;
	struct timespec ts;

	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME)
		return -EINVAL;
	if (copy_from_user(&ts, req, sizeof(ts)))
		return -EFAULT;
	if (clock_timespec_to_ns(&ts, &ns))
		return -EINVAL;
	if (flags & TIMER_ABSTIME)
		return sleep_until(ns > offset ? ns - offset : 0, false, NULL);
	ns += ktime_get_ns();
	if (t->sleep_deadline_ns)
		ns = t->sleep_deadline_ns;
	t->sleep_deadline_ns = 0;
	return sleep_until(ns, true, rem);
}

/* ---- the interval timer ---- */

static int timeval_to_ns(const struct timeval *tv, u64 *ns)
{
	struct timespec ts = { .tv_sec = tv->tv_sec };

	if (tv->tv_usec < 0 || tv->tv_usec >= 1000000)
		return -EINVAL;
	ts.tv_nsec = tv->tv_usec * 1000;
	return clock_timespec_to_ns(&ts, ns);
}

static struct timeval ns_to_timeval(u64 ns)
{
	return (struct timeval) { .tv_sec = ns / NSEC_PER_SEC,
				  .tv_usec = ns % NSEC_PER_SEC / 1000 };
}

static void itimer_get(u64 *left, u64 *interval)
{
	struct process *p = current_process;
	unsigned long flags;
	u64 now = ktime_get_ns();

	spin_lock_irqsave(&p->siglock, flags);
	*interval = p->itimer_interval_ns;
	*left = 0;
	if (p->itimer_expires_ns)
		*left = p->itimer_expires_ns > now ? p->itimer_expires_ns - now : 1000;
	spin_unlock_irqrestore(&p->siglock, flags);
}

static void itimer_set(u64 value, u64 interval)
{
	struct process *p = current_process;
	unsigned long flags;

	spin_lock_irqsave(&p->siglock, flags);
	p->itimer_interval_ns = value ? interval : 0;
	p->itimer_expires_ns = value ? ktime_get_ns() + value : 0;
	if (value)
		mod_timer(&p->itimer, ticks + 1 + ns_to_ticks(value));
	else
		del_timer(&p->itimer);
	spin_unlock_irqrestore(&p->siglock, flags);
}

static long itimer_to_user(struct itimerval __user *out, u64 left, u64 interval)
{
	struct itimerval it = {
		.it_value = ns_to_timeval(left),
		.it_interval = ns_to_timeval(interval),
	};

	return copy_to_user(out, &it, sizeof(it));
}

long sys_getitimer(int which, struct itimerval __user *cur)
{
	u64 left, interval;

	if (which != ITIMER_REAL)
		return -EINVAL;
	itimer_get(&left, &interval);
	return itimer_to_user(cur, left, interval);
}

long sys_setitimer(int which, const struct itimerval __user *val, struct itimerval __user *old)
{
	u64 left, left_interval, value = 0, interval = 0;
	struct itimerval it;

	if (which != ITIMER_REAL)
		return -EINVAL;
	if (val) {
		if (copy_from_user(&it, val, sizeof(it)))
			return -EFAULT;
		if (timeval_to_ns(&it.it_value, &value) ||
		    timeval_to_ns(&it.it_interval, &interval))
			return -EINVAL;
	}
	itimer_get(&left, &left_interval);
	itimer_set(value, interval);
	return old ? itimer_to_user(old, left, left_interval) : 0;
}

long sys_alarm(u32 seconds)
{
	u64 left, interval;

	itimer_get(&left, &interval);
	itimer_set(seconds * NSEC_PER_SEC, 0);
	return DIV_ROUND_UP(left, NSEC_PER_SEC);
}
