/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/futex.c - sleeping on a word of user memory
 *
 * Concept    Programs lock and unlock by atomic operations on a word of theirs
 *            and call the kernel only to sleep and to wake. A sleeper queues
 *            himself before he looks at the word, a waker changes the word
 *            before it looks at the queue, so no wake-up is lost:
 *
 *                sleeper                           waker
 *                bucket lock                       word = new value
 *                queue, read the word              futex_wake:
 *                still the expected value?           bucket lock
 *                bucket unlock                       take waiters off, wake
 *                schedule                            bucket unlock
 *
 *            Two programs mean the same word if its key is the same: the
 *            address space and address for private memory, the file and the
 *            offset in it for shared memory.
 * Owns       The hash of waiters.
 * Locks      LOCK_FUTEX, one for each bucket; two of them (requeue) by address.
 * Invariants waiter.bucket is NULL exactly when the waiter was woken, and that
 *            is the waker's last touch of it.
 * Callers    sys_futex(), exit.c.
 * Next       kernel/syscall/table.c
 */
#include "kernel/task/futex.h"

#include "fs/file.h"
#include "include/uapi/sched.h"
#include "kernel/lib/list.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/task.h"
#include "kernel/sync/spinlock.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/task/clock.h"
#include "kernel/task/process.h"
#include "kernel/time/tick.h"
#include "mm/mm.h"
#include "mm/uaccess.h"

#define FUTEX_BUCKETS 256

struct futex_key {
	u64 object;			/* address of the mm, or of the inode plus 1 */
	u64 offset;			/* address, or offset in the file */
};

struct futex_bucket {
	struct spinlock lock;		/* LOCK_FUTEX */
	struct list_head waiters;	/* lock */
};

struct futex_waiter {
	struct list_head link;		/* bucket's lock */
	struct futex_bucket *bucket;	/* its own lock; NULL: woken */
	struct futex_key key;		/* bucket's lock */
	struct task *task;		/* C */
	u32 bitset;			/* C */
};

static struct futex_bucket futex_buckets[FUTEX_BUCKETS];

void futex_init(void)
{
	for (int i = 0; i < FUTEX_BUCKETS; i++) {
		spin_lock_init(&futex_buckets[i].lock, LOCK_FUTEX, "futex bucket");
		INIT_LIST_HEAD(&futex_buckets[i].waiters);
	}
}

static struct futex_bucket *futex_bucket(const struct futex_key *key)
{
	u64 h = (key->object >> 4) * 0x9e3779b97f4a7c15UL + (key->offset >> 2);

	h *= 0xbf58476d1ce4e5b9UL;
	return &futex_buckets[(h >> 32) % FUTEX_BUCKETS];
}

static bool futex_key_equal(const struct futex_key *a, const struct futex_key *b)
{
	return a->object == b->object && a->offset == b->offset;
}

/* Which word is meant by @uaddr here? Return: 0, -EINVAL (alignment), -EFAULT. */
static int futex_get_key(u32 __user *uaddr, bool private, struct futex_key *key)
{
	unsigned long va = (unsigned long)uaddr;
	struct mm *mm = current->mm;
	struct vma *vma;

	if (va % sizeof(u32))
		return -EINVAL;
	if (!access_ok(uaddr, sizeof(u32)))
		return -EFAULT;
	key->object = (u64)mm;
	key->offset = va;
	if (private)
		return 0;
	down_read(&mm->mmap_lock);
	vma = find_vma(mm, va);
	if (vma && vma->start <= va && (vma->flags & VM_SHARED) && vma->file) {
		key->object = (u64)vma->file->inode + 1;
		key->offset = (vma->pgoff << PAGE_SHIFT) + (va - vma->start);
	} else if (!vma || vma->start > va) {
		key->object = 0;
	}
	up_read(&mm->mmap_lock);
	return key->object ? 0 : -EFAULT;
}

/* Wake @w, which is on the list of the locked bucket @b. */
static void futex_wake_locked(struct futex_bucket *b, struct futex_waiter *w)
{
	struct task *task = w->task;

	assert_held(&b->lock);
	get_task_struct(task);
	list_del(&w->link);
	smp_store_release(&w->bucket, NULL);	/* *w may vanish now */
	wake_up_process(task);
	put_task_struct(task);
}

static int futex_wake_key_locked(struct futex_bucket *b, const struct futex_key *key, int nr,
				 u32 bitset)
{
	struct futex_waiter *w, *next;
	int woken = 0;

	list_for_each_entry_safe(w, next, &b->waiters, link) {
		if (woken >= nr)
			break;
		if (!futex_key_equal(&w->key, key) || !(w->bitset & bitset))
			continue;
		futex_wake_locked(b, w);
		woken++;
	}
	return woken;
}

int futex_wake(u32 __user *uaddr, int nr, u32 bitset, bool private)
{
	struct futex_bucket *b;
	struct futex_key key;
	int ret = futex_get_key(uaddr, private, &key);

	if (ret)
		return ret;
	if (!bitset)
		return -EINVAL;
	b = futex_bucket(&key);
	spin_lock(&b->lock);
	ret = futex_wake_key_locked(b, &key, nr, bitset);
	spin_unlock(&b->lock);
	return ret;
}

/*
 * Queue @w and read the word, in this order, under the bucket's lock. A page
 * that is absent is faulted in without the lock, and all begins again.
 * Return: 0 queued, -EAGAIN (another value), -EFAULT.
 */
static int futex_queue(struct futex_waiter *w, u32 __user *uaddr, u32 val)
{
	struct futex_bucket *b = futex_bucket(&w->key);
	u32 now;

	for (;;) {
		int err;

		spin_lock(&b->lock);
		err = copy_from_user_nofault(&now, uaddr, sizeof(now));
		if (!err && now == val) {
			w->bucket = b;
			list_add_tail(&w->link, &b->waiters);
		}
		spin_unlock(&b->lock);
		if (!err)
			return now == val ? 0 : -EAGAIN;
		if (get_user(now, uaddr))
			return -EFAULT;
	}
}

/* Leave the queue. Return: whether a waker was faster. */
static bool futex_unqueue(struct futex_waiter *w)
{
	for (;;) {
		struct futex_bucket *b = smp_load_acquire(&w->bucket);

		if (!b)
			return true;
		spin_lock(&b->lock);
		if (w->bucket == b) {
			list_del(&w->link);
			spin_unlock(&b->lock);
			return false;
		}
		spin_unlock(&b->lock);	/* requeued or woken meanwhile: look again */
	}
}

/* Sleep until woken. Return: 0, -ETIMEDOUT, -ERESTARTSYS: why it stopped. */
static int futex_sleep(struct futex_waiter *w, u64 deadline_ns)
{
	int ret = 0;

	for (;;) {
		u64 now = deadline_ns ? ktime_get_ns() : 0;

		set_current_state(TASK_INTERRUPTIBLE);
		if (!READ_ONCE(w->bucket))
			break;
		if (signal_pending(current)) {
			ret = -ERESTARTSYS;
			break;
		}
		if (deadline_ns && now >= deadline_ns) {
			ret = -ETIMEDOUT;
			break;
		}
		if (deadline_ns)
			schedule_timeout(ns_to_ticks(deadline_ns - now));
		else
			schedule();
	}
	__set_current_state(TASK_RUNNING);
	return ret;
}

int futex_wait(u32 __user *uaddr, u32 val, u64 deadline_ns, u32 bitset, bool private)
{
	struct futex_waiter w = { .task = current, .bitset = bitset };
	int ret, why;

	if (!bitset)
		return -EINVAL;
	ret = futex_get_key(uaddr, private, &w.key);
	if (!ret)
		ret = futex_queue(&w, uaddr, val);
	if (ret)
		return ret;
	why = futex_sleep(&w, deadline_ns);
	return futex_unqueue(&w) ? 0 : why;
}

/* Move waiters that were not woken to another word's queue. */
static int futex_move_locked(struct futex_bucket *from, const struct futex_key *key,
			     struct futex_bucket *to, const struct futex_key *to_key, int nr)
{
	struct futex_waiter *w, *next;
	int moved = 0;

	list_for_each_entry_safe(w, next, &from->waiters, link) {
		if (moved >= nr)
			break;
		if (!futex_key_equal(&w->key, key))
			continue;
		list_move_tail(&w->link, &to->waiters);
		w->key = *to_key;
		w->bucket = to;
		moved++;
	}
	return moved;
}

static int futex_requeue(u32 __user *uaddr, u32 __user *uaddr2, int nr_wake, int nr_move,
			 const u32 *expected, bool private)
{
	struct futex_bucket *from, *to;
	struct futex_key key, to_key;
	int err, done = 0;
	u32 now = 0;

	if (nr_wake < 0 || nr_move < 0)
		return -EINVAL;
	err = futex_get_key(uaddr, private, &key);
	if (!err)
		err = futex_get_key(uaddr2, private, &to_key);
	if (err)
		return err;
	from = futex_bucket(&key);
	to = futex_bucket(&to_key);
again:
	spin_lock_two(&from->lock, &to->lock);
	err = expected ? copy_from_user_nofault(&now, uaddr, sizeof(now)) : 0;
	if (!err && (!expected || now == *expected)) {
		done = futex_wake_key_locked(from, &key, nr_wake, FUTEX_BITSET_MATCH_ANY);
		if (!futex_key_equal(&key, &to_key))
			done += futex_move_locked(from, &key, to, &to_key, nr_move);
	}
	spin_unlock_two(&from->lock, &to->lock);
	if (err) {
		if (get_user(now, uaddr))
			return -EFAULT;
		goto again;
	}
	return expected && now != *expected ? -EAGAIN : done;
}

/* ---- the system call ---- */

/* The end of a wait in ktime; 0: none. FUTEX_WAIT counts from now. */
static int futex_deadline(const struct timespec __user *timeout, int cmd, bool realtime,
			  u64 *deadline)
{
	struct thread *t = current_thread;
	struct timespec ts;
	u64 ns, offset = ktime_real_offset_ns();
	int err;

	*deadline = 0;
	if (!timeout)
		return 0;
	if (copy_from_user(&ts, timeout, sizeof(ts)))
		return -EFAULT;
	err = clock_timespec_to_ns(&ts, &ns);
	if (err)
		return err;
	if (cmd == FUTEX_WAIT) {
		/* Going on after a signal that had no handler: the first end counts. */
		*deadline = t->sleep_deadline_ns ? t->sleep_deadline_ns : ktime_get_ns() + ns;
		t->sleep_deadline_ns = 0;
	} else {
		*deadline = realtime ? (ns > offset ? ns - offset : 1) : ns;
	}
	*deadline = max(*deadline, (u64)1);
	return 0;
}

static long futex_wait_call(u32 __user *uaddr, int cmd, u32 val,
			    const struct timespec __user *timeout, u32 bitset, bool private,
			    bool realtime)
{
	u64 deadline;
	int ret = futex_deadline(timeout, cmd, realtime, &deadline);

	if (!ret)
		ret = futex_wait(uaddr, val, deadline, bitset, private);
	if (ret != -ERESTARTSYS || !deadline)
		return ret;
	if (cmd == FUTEX_WAIT)
		current_thread->sleep_deadline_ns = deadline;
	return -ERESTARTNOHAND;
}

long sys_futex(u32 __user *uaddr, int op, u32 val, const struct timespec __user *timeout,
	       u32 __user *uaddr2, u32 val3)
{
	int cmd = op & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
	bool private = op & FUTEX_PRIVATE_FLAG, realtime = op & FUTEX_CLOCK_REALTIME;
	int nr_move = (int)(u64)timeout;

	switch (cmd) {
	case FUTEX_WAIT:
		return futex_wait_call(uaddr, cmd, val, timeout, FUTEX_BITSET_MATCH_ANY, private,
				       realtime);
	case FUTEX_WAIT_BITSET:
		return futex_wait_call(uaddr, cmd, val, timeout, val3, private, realtime);
	case FUTEX_WAKE:
		return futex_wake(uaddr, (int)val, FUTEX_BITSET_MATCH_ANY, private);
	case FUTEX_WAKE_BITSET:
		return futex_wake(uaddr, (int)val, val3, private);
	case FUTEX_REQUEUE:
		return futex_requeue(uaddr, uaddr2, (int)val, nr_move, NULL, private);
	case FUTEX_CMP_REQUEUE:
		return futex_requeue(uaddr, uaddr2, (int)val, nr_move, &val3, private);
	default:
		return -ENOSYS;
	}
}
