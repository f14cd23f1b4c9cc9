/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/syscall/sys_poll.c - poll, ppoll, select, pselect6: waiting for one of many files
 *
 * Concept    All four ask their files again and again (poll_until()), and differ in
 *            how the program names them and in what a signal does:
 *
 *                poll              goes on to the same end after a stop
 *                ppoll, pselect6   have a signal mask of their own while they wait,
 *                select, too       and say how much time was left
 *
 * Owns       Nothing.
 * Locks      None of its own.
 * Invariants A table of queues that was begun is ended before the call returns.
 * Callers    table.c.
 * Next       sys_signal.c
 */
#include "kernel/syscall/syscalls.h"

#include "fs/file.h"
#include "fs/poll.h"
#include "fs/vfs.h"
#include "include/uapi/poll.h"
#include "kernel/lib/bitmap.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/task.h"
#include "kernel/task/clock.h"
#include "kernel/task/process.h"
#include "kernel/task/signal.h"
#include "kernel/time/tick.h"
#include "mm/slab.h"
#include "mm/uaccess.h"

#define POLL_FEW 8		/* kept on the stack */
#define NEVER (~0UL)		/* a deadline */

#define POLL_READS (POLLIN | POLLRDNORM | POLLHUP | POLLERR)
#define POLL_WRITES (POLLOUT | POLLWRNORM | POLLERR)

/* Ask every file once; enter their queues if @table is given. Return: ready, or -errno. */
typedef long poll_round_fn(void *what, struct poll_table *table);

/* Ticks from @now to @deadline at least: the one under way may end at any moment. */
static u64 poll_ticks(u64 now, u64 deadline)
{
	return deadline == NEVER ? MAX_SCHEDULE_TIMEOUT : ns_to_ticks(deadline - now) + 1;
}

/* Return: files that are ready, 0 when time is up, -ERESTARTNOHAND, -ENOMEM, -EBADF. */
static long poll_until(poll_round_fn *round, void *what, u64 deadline)
{
	struct poll_table table;
	bool first = true;
	long ready;
	u64 now;

	poll_table_begin(&table);
	for (;;) {
		ready = round(what, first ? &table : NULL);
		first = false;
		if (!ready && table.error)
			ready = table.error;
		now = ktime_get_ns();
		if (ready || now >= deadline)
			break;
		if (signal_pending(current)) {
			ready = -ERESTARTNOHAND;
			break;
		}
		(void)poll_table_sleep(&table, poll_ticks(now, deadline));
	}
	poll_table_end(&table);
	return ready;
}

/* When @ns from now will be, without ever being in the past. */
static u64 deadline_after(u64 ns)
{
	u64 now = ktime_get_ns();

	return ns >= NEVER - now ? NEVER : now + ns;
}

/* ---- timeouts and masks that the program gives ---- */

/* NULL: for ever. Return: 0, -EFAULT, -EINVAL. */
static int deadline_from_user(const struct timespec __user *timeout, u64 *deadline)
{
	struct timespec ts;
	u64 ns;

	*deadline = NEVER;
	if (!timeout)
		return 0;
	if (copy_from_user(&ts, timeout, sizeof(ts)))
		return -EFAULT;
	if (clock_timespec_to_ns(&ts, &ns))
		return -EINVAL;
	*deadline = deadline_after(ns);
	return 0;
}

/* Tell the time that is left. A program that cannot be told loses the restart only. */
static long deadline_to_user(long ret, u64 deadline, void __user *timeout, bool micro)
{
	u64 now = ktime_get_ns();
	struct timespec left = clock_ns_to_timespec(deadline > now ? deadline - now : 0);

	if (!timeout || deadline == NEVER)
		return ret;
	if (micro)
		left.tv_nsec /= 1000;
	if (copy_to_user(timeout, &left, sizeof(left)) && ret == -ERESTARTNOHAND)
		return -EINTR;
	return ret;
}

/* Use the mask at @set, if there is one, while the call waits. */
static int mask_from_user(const u64 __user *set, size_t size)
{
	u64 mask;

	if (!set)
		return 0;
	if (size != sizeof(mask))
		return -EINVAL;
	if (get_user(mask, (u64 __user *)set))
		return -EFAULT;
	signal_wait_with_mask(mask);
	return 0;
}

/* ---- poll ---- */

struct poll_call {
	struct pollfd *fds;
	unsigned int nr;
};

static long poll_round(void *what, struct poll_table *table)
{
	struct poll_call *p = what;
	long ready = 0;

	for (unsigned int i = 0; i < p->nr; i++) {
		struct pollfd *pfd = &p->fds[i];
		struct file *file;

		pfd->revents = 0;
		if (pfd->fd < 0)
			continue;
		file = fget((unsigned int)pfd->fd);
		if (file) {
			u32 wanted = (u32)(u16)pfd->events | POLLERR | POLLHUP;

			pfd->revents = (s16)(file_poll(file, ready ? NULL : table) & wanted);
			file_put(file);
		} else {
			pfd->revents = POLLNVAL;
		}
		ready += pfd->revents != 0;
	}
	return ready;
}

static long poll_user(struct pollfd __user *ufds, unsigned int nr, u64 deadline)
{
	struct pollfd few[POLL_FEW];
	struct poll_call p = { .fds = few, .nr = nr };
	long ready;

	if (nr > files_limit())
		return -EINVAL;
	if (nr > POLL_FEW)
		p.fds = kmalloc_array(nr, sizeof(*p.fds), GFP_KERNEL);
	if (!p.fds)
		return -ENOMEM;
	if (copy_from_user(p.fds, ufds, nr * sizeof(*p.fds)))
		ready = -EFAULT;
	else
		ready = poll_until(poll_round, &p, deadline);
	for (unsigned int i = 0; i < nr && ready >= 0; i++)
		if (put_user(p.fds[i].revents, &ufds[i].revents))
			ready = -EFAULT;
	if (p.fds != few)
		kfree(p.fds);
	return ready;
}

long sys_poll(struct pollfd __user *fds, unsigned int nr, int timeout_ms)
{
	struct thread *t = current_thread;
	u64 deadline = NEVER;
	long ret;

	if (t && t->sleep_deadline_ns)
		deadline = t->sleep_deadline_ns;
	else if (timeout_ms >= 0)
		deadline = deadline_after((u64)timeout_ms * NSEC_PER_MSEC);
	if (t)
		t->sleep_deadline_ns = 0;
	ret = poll_user(fds, nr, deadline);
	if (t && ret == -ERESTARTNOHAND && deadline != NEVER)
		t->sleep_deadline_ns = deadline;
	return ret;
}

long sys_ppoll(struct pollfd __user *fds, unsigned int nr, struct timespec __user *timeout,
	       const u64 __user *sigmask, size_t size)
{
	u64 deadline;
	long ret = deadline_from_user(timeout, &deadline);

	if (!ret)
		ret = mask_from_user(sigmask, size);
	if (ret)
		return ret;
	ret = poll_user(fds, nr, deadline);
	signal_wait_is_over(ret == -ERESTARTNOHAND);
	return deadline_to_user(ret, deadline, timeout, false);
}

/* ---- select ---- */

#define SELECT_WORDS (FILES_MAX / 64)

/* What is asked of each descriptor, and the answer: to read, to write, exceptions. */
struct select_call {
	unsigned int nr;
	unsigned long in[3][SELECT_WORDS], out[3][SELECT_WORDS];
};

/* Note for descriptor @fd what of @mask it is asked for. Return: how many sets. */
static long select_note(struct select_call *s, unsigned int fd, u32 mask)
{
	static const u32 wanted[3] = { POLL_READS, POLL_WRITES, POLLPRI };
	long ready = 0;

	for (int k = 0; k < 3; k++) {
		if (!bitmap_test(s->in[k], fd) || !(mask & wanted[k]))
			continue;
		bitmap_set(s->out[k], fd);
		ready++;
	}
	return ready;
}

static long select_round(void *what, struct poll_table *table)
{
	struct select_call *s = what;
	long ready = 0;

	memset(s->out, 0, sizeof(s->out));
	for (unsigned int fd = 0; fd < s->nr; fd++) {
		unsigned long asked = s->in[0][fd / 64] | s->in[1][fd / 64] | s->in[2][fd / 64];
		struct file *file;

		if (!(asked >> fd % 64 & 1))
			continue;
		file = fget(fd);
		if (!file)
			return -EBADF;
		ready += select_note(s, fd, file_poll(file, ready ? NULL : table));
		file_put(file);
	}
	return ready;
}

/* Copy @nr bits of each set that the program gives. */
static int select_sets_in(struct select_call *s, unsigned long __user *const sets[3])
{
	size_t bytes = BITS_TO_LONGS(s->nr) * sizeof(long);

	for (int k = 0; k < 3; k++) {
		if (!sets[k] || !bytes)
			continue;
		if (copy_from_user(s->in[k], sets[k], bytes))
			return -EFAULT;
		if (s->nr % 64)
			s->in[k][s->nr / 64] &= (1UL << s->nr % 64) - 1;
	}
	return 0;
}

static int select_sets_out(const struct select_call *s, unsigned long __user *const sets[3])
{
	size_t bytes = BITS_TO_LONGS(s->nr) * sizeof(long);

	for (int k = 0; k < 3; k++)
		if (sets[k] && bytes && copy_to_user(sets[k], s->out[k], bytes))
			return -EFAULT;
	return 0;
}

static long select_user(int n, unsigned long __user *const sets[3], u64 deadline)
{
	struct select_call *s;
	long ready;

	if (n < 0)
		return -EINVAL;
	s = kzalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	s->nr = min((unsigned int)n, (unsigned int)FILES_MAX);
	ready = select_sets_in(s, sets);
	if (!ready)
		ready = poll_until(select_round, s, deadline);
	if (ready >= 0 && select_sets_out(s, sets))
		ready = -EFAULT;
	kfree(s);
	return ready;
}

long sys_select(int n, unsigned long __user *in, unsigned long __user *out,
		unsigned long __user *except, struct timeval __user *timeout)
{
	unsigned long __user *const sets[3] = { in, out, except };
	u64 deadline = NEVER, ns;
	struct timespec ts;
	struct timeval tv;

	if (timeout) {
		if (copy_from_user(&tv, timeout, sizeof(tv)))
			return -EFAULT;
		/* a second and more in tv_usec is allowed here */
		if (tv.tv_sec < 0 || tv.tv_usec < 0)
			return -EINVAL;
		ts = (struct timespec){ .tv_nsec = tv.tv_usec % 1000000 * 1000 };
		if (__builtin_add_overflow(tv.tv_sec, tv.tv_usec / 1000000, &ts.tv_sec) ||
		    clock_timespec_to_ns(&ts, &ns))
			return -EINVAL;
		deadline = deadline_after(ns);
	}
	return deadline_to_user(select_user(n, sets, deadline), deadline, timeout, true);
}

/* The sixth argument is two words: where a mask is, and its size. */
long sys_pselect6(int n, unsigned long __user *in, unsigned long __user *out,
		  unsigned long __user *except, struct timespec __user *timeout,
		  const u64 __user *masked)
{
	unsigned long __user *const sets[3] = { in, out, except };
	u64 mask[2] = { 0 }, deadline;
	long ret;

	if (masked && copy_from_user(mask, masked, sizeof(mask)))
		return -EFAULT;
	ret = deadline_from_user(timeout, &deadline);
	if (!ret)
		ret = mask_from_user((const u64 __user *)mask[0], mask[1]);
	if (ret)
		return ret;
	ret = select_user(n, sets, deadline);
	signal_wait_is_over(ret == -ERESTARTNOHAND);
	return deadline_to_user(ret, deadline, timeout, false);
}
