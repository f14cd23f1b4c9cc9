/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_pipe.c - pipes: order, ends, atomic writes, sleeping and waking
 */
#include "fs/pipe.h"
#include "fs/poll.h"
#include "fs/vfs.h"
#include "include/uapi/poll.h"
#include "kernel/lib/rand.h"
#include "kernel/lib/string.h"
#include "kernel/sched/kthread.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/completion.h"
#include "kernel/test/gate.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "mm/slab.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/threads.h"
#include "tests/kernel/user_memory.h"

#define PIPE_CAPACITY (64 * 1024)

static ssize_t move(struct file *file, void *buf, size_t len,
		    ssize_t (*call)(struct file *file, struct iobuf *io))
{
	struct iobuf io;

	iobuf_kernel(&io, buf, len);
	return call(file, &io);
}

static ssize_t put(struct file *file, const void *buf, size_t len)
{
	return KT_TRY(move(file, (void *)buf, len, vfs_write));
}

static ssize_t take(struct file *file, void *buf, size_t len)
{
	return KT_TRY(move(file, buf, len, vfs_read));
}

KTEST_QUICK(pipe, bytes_come_out_in_order)
{
	struct file *r, *w;
	char buf[16] = { 0 };

	KT_EQ(pipe_open(&r, &w, 0), 0);
	KT_CHECK_EQ(put(w, "hello", 5), 5);
	KT_CHECK_EQ(put(w, " world", 6), 6);
	KT_CHECK_EQ(take(r, buf, 4), 4);
	KT_CHECK(!memcmp(buf, "hell", 4));
	KT_CHECK_EQ(take(r, buf, sizeof(buf)), 7);
	KT_CHECK(!memcmp(buf, "o world", 7));
	file_put(w);
	KT_CHECK_EQ(take(r, buf, sizeof(buf)), 0);
	file_put(r);
}

KTEST_QUICK(pipe, ends_and_modes_are_respected)
{
	struct file *r, *w;
	char c = 0;

	KT_EQ(pipe_open(&r, &w, O_NONBLOCK), 0);
	KT_CHECK_EQ(take(r, &c, 1), -EAGAIN);
	KT_CHECK_EQ(take(r, &c, 0), 0);
	KT_CHECK_EQ(take(w, &c, 1), -EBADF);
	KT_CHECK_EQ(put(r, &c, 1), -EBADF);
	KT_CHECK_EQ(kernel_read(r, &c, 1, 0), -ESPIPE);
	KT_CHECK_EQ(vfs_llseek(r, 0, SEEK_SET), -ESPIPE);
	file_put(r);
	KT_CHECK_EQ(put(w, &c, 1), -EPIPE);
	file_put(w);
}

KTEST(pipe, full_pipe_takes_what_fits_and_short_writes_whole)
{
	struct file *r, *w;
	char *buf = KT_GET(kzalloc(2 * PIPE_CAPACITY, GFP_KERNEL));

	KT_TRUE(buf);
	KT_EQ(pipe_open(&r, &w, O_NONBLOCK), 0);
	KT_CHECK_EQ(put(w, buf, 2 * PIPE_CAPACITY), PIPE_CAPACITY);
	KT_CHECK_EQ(put(w, buf, 1), -EAGAIN);
	KT_CHECK_EQ(take(r, buf, 100), 100);
	KT_CHECK_EQ(put(w, buf, 101), -EAGAIN);	/* would have to be cut: not at all */
	KT_CHECK_EQ(put(w, buf, 100), 100);
	KT_CHECK_EQ(take(r, buf, PIPE_CAPACITY - 5), PIPE_CAPACITY - 5);
	KT_CHECK_EQ(put(w, buf, 2 * PIPE_CAPACITY), PIPE_CAPACITY - 5);
	KT_CHECK_EQ(take(r, buf, 2 * PIPE_CAPACITY), PIPE_CAPACITY);
	KT_CHECK_EQ(take(r, buf, 1), -EAGAIN);
	file_put(r);
	file_put(w);
	kfree(buf);
}

/* Any sequence of writes and reads equals a queue of bytes. */
KTEST(pipe, ring_goes_round_at_every_offset)
{
	struct rand_state rand;
	struct file *r, *w;
	u8 *buf = KT_GET(kmalloc(PIPE_CAPACITY, GFP_KERNEL));
	u8 in = 0, out = 0;
	size_t inside = 0;

	KT_TRUE(buf);
	rand_seed(&rand, 42);
	KT_EQ(pipe_open(&r, &w, O_NONBLOCK), 0);
	for (int round = 0; round < 400 && !ktest_failed(); round++) {
		size_t n = 1 + rand_below(&rand, 20000);
		ssize_t moved;

		for (size_t i = 0; i < n; i++)
			buf[i] = (u8)(in + i);
		moved = put(w, buf, n);
		KT_CHECK(moved == -EAGAIN || moved > 0);
		if (moved > 0) {
			in = (u8)(in + moved);
			inside += (size_t)moved;
		}
		n = rand_below(&rand, 20000);
		moved = take(r, buf, n);
		KT_CHECK(moved == (n && !inside ? -EAGAIN : (ssize_t)min(n, inside)));
		for (ssize_t i = 0; i < moved; i++)
			KT_CHECK_EQ(buf[i], (u8)(out + i));
		if (moved > 0) {
			out = (u8)(out + moved);
			inside -= (size_t)moved;
		}
	}
	file_put(r);
	file_put(w);
	kfree(buf);
}

/* ---- two sides at once ---- */

struct stream {
	struct file *r, *w;
	size_t total;
	bool atomic;		/* short writes of one writer's letter each */
};

static int stream_write(struct stream *s, unsigned int n)
{
	struct rand_state rand;
	u8 *buf = KT_GET(kmalloc(20000, GFP_KERNEL));
	size_t done = 0;
	int bad = !buf;

	rand_seed(&rand, 7 + n);
	while (!bad && done < s->total) {
		size_t len = min(1 + rand_below(&rand, 20000), s->total - done);

		for (size_t i = 0; i < len; i++)
			buf[i] = (u8)((done + i) % 251);
		bad = put(s->w, buf, len) != (ssize_t)len;
		done += len;
	}
	kfree(buf);
	file_put(s->w);
	return bad;
}

static int stream_read(struct stream *s)
{
	struct rand_state rand;
	u8 *buf = KT_GET(kmalloc(30000, GFP_KERNEL));
	size_t done = 0;
	int bad = !buf;
	ssize_t n = 1;

	rand_seed(&rand, 99);
	while (!bad && n > 0) {
		n = take(s->r, buf, 1 + rand_below(&rand, 30000));
		for (ssize_t i = 0; i < n; i++)
			bad += buf[i] != (u8)((done + (size_t)i) % 251);
		if (n > 0)
			done += (size_t)n;
	}
	kfree(buf);
	file_put(s->r);
	return bad + (n < 0) + (done != s->total);
}

static int stream_side(void *arg, unsigned int n)
{
	return n ? stream_write(arg, n) : stream_read(arg);
}

KTEST(pipe, reader_and_writer_run_beside_each_other)
{
	struct stream s = { .total = 4 << 20 };

	KT_EQ(pipe_open(&s.r, &s.w, 0), 0);
	KT_EQ(test_threads(2, stream_side, &s), 0);
}

/* One byte to and fro: each side sleeps and is woken at every turn. */
struct ping_pong {
	struct file *r[2], *w[2];
	int rounds;
};

static int ping_side(void *arg, unsigned int n)
{
	struct ping_pong *p = arg;
	u8 c = 0;
	int bad = 0;

	for (int i = 0; i < p->rounds && !bad; i++) {
		if (!n)
			bad += put(p->w[0], &(u8){ (u8)i }, 1) != 1;
		bad += take(p->r[n ? 0 : 1], &c, 1) != 1 || c != (u8)i;
		if (n)
			bad += put(p->w[1], &(u8){ (u8)i }, 1) != 1;
	}
	file_put(p->w[n]);		/* who gave up does not let the other wait */
	file_put(p->r[!n]);
	return bad;
}

KTEST(pipe, every_wake_up_arrives)
{
	struct ping_pong p = { .rounds = 300 };

	KT_EQ(pipe_open(&p.r[0], &p.w[0], 0), 0);
	KT_EQ(pipe_open(&p.r[1], &p.w[1], 0), 0);
	KT_CHECK_EQ(test_threads(2, ping_side, &p), 0);
}

/* A thread that sleeps in a pipe until it is woken, with a way out if it is not. */
struct sleeper {
	struct file *file;
	bool writes;
	ssize_t result;
	struct completion done;
};

#define SLEEPER_TICKS 300

static int sleeper_run(void *arg)
{
	struct sleeper *s = arg;
	char c = 's';

	s->result = s->writes ? put(s->file, &c, 1) : take(s->file, &c, 1);
	complete(&s->done);
	return 0;
}

/* Start it and let it fall asleep. */
static bool sleeper_start(struct sleeper *s, struct file *file, bool writes)
{
	s->file = file;
	s->writes = writes;
	init_completion(&s->done);
	if (!KT_CHECK_EQ(kthread_run(NULL, sleeper_run, s, "sleeper"), 0))
		return false;
	schedule_timeout_uninterruptible(3);
	return KT_CHECK(!completion_done(&s->done));
}

/* It must have woken. @other, its way out, is closed in any case. */
static void sleeper_end(struct sleeper *s, struct file *other)
{
	bool woke = wait_for_completion_timeout(&s->done, SLEEPER_TICKS);

	KT_CHECK(woke);
	file_put(other);
	if (!woke)
		wait_for_completion(&s->done);
	else
		KT_CHECK_EQ(s->result, 1);
	file_put(s->file);
}

KTEST(pipe, a_sleeping_reader_hears_of_bytes)
{
	struct sleeper s;
	struct file *r, *w;

	KT_EQ(pipe_open(&r, &w, 0), 0);
	if (sleeper_start(&s, r, false))
		KT_CHECK_EQ(put(w, "x", 1), 1);
	sleeper_end(&s, w);
}

KTEST(pipe, a_sleeping_writer_hears_of_room)
{
	char *buf = KT_GET(kzalloc(PIPE_CAPACITY, GFP_KERNEL));
	struct sleeper s;
	struct file *r, *w;

	KT_TRUE(buf);
	KT_EQ(pipe_open(&r, &w, 0), 0);
	for (size_t in = 0; in < PIPE_CAPACITY; in += PAGE_SIZE)	/* each whole or not */
		KT_CHECK_EQ(put(w, buf, PAGE_SIZE), PAGE_SIZE);
	if (sleeper_start(&s, w, true))
		KT_CHECK_EQ(take(r, buf, 10), 10);
	sleeper_end(&s, r);
	kfree(buf);
}

/* Three writers of records, one reader: no record is torn. */
#define RECORD 100
#define RECORDS 500

static int record_side(void *arg, unsigned int n)
{
	struct stream *s = arg;
	char record[RECORD];
	int bad = 0;

	if (n) {
		memset(record, (int)('a' + n), sizeof(record));
		for (int i = 0; i < RECORDS; i++)
			bad += !KT_CHECK_EQ(put(s->w, record, sizeof(record)), RECORD);
		return bad;
	}
	for (int i = 0; i < 3 * RECORDS; i++) {
		size_t got = 0;

		while (got < sizeof(record)) {
			ssize_t k = take(s->r, record + got, sizeof(record) - got);

			if (k <= 0)
				return bad + 1;
			got += (size_t)k;
		}
		bad += memchr_inv(record, record[0], sizeof(record)) != NULL;
	}
	return bad;
}

KTEST(pipe, short_writes_of_several_writers_stay_whole)
{
	struct stream s = { 0 };

	KT_EQ(pipe_open(&s.r, &s.w, 0), 0);
	KT_CHECK_EQ(test_threads(4, record_side, &s), 0);
	file_put(s.r);
	file_put(s.w);
}

/* The reader sleeps; closing the other end must wake it. */
static int last_writer(void *arg, unsigned int n)
{
	struct stream *s = arg;
	char c;

	if (!n)
		return take(s->r, &c, 1) != 0;
	schedule_timeout_uninterruptible(3);
	file_put(s->w);
	return 0;
}

static int last_reader(void *arg, unsigned int n)
{
	struct stream *s = arg;
	char *buf;
	int bad;

	if (n) {
		schedule_timeout_uninterruptible(3);
		file_put(s->r);
		return 0;
	}
	buf = KT_GET(kzalloc(2 * PIPE_CAPACITY, GFP_KERNEL));
	bad = !buf || put(s->w, buf, 2 * PIPE_CAPACITY) != PIPE_CAPACITY;
	bad += put(s->w, buf, 1) != -EPIPE;
	kfree(buf);
	return bad;
}

KTEST(pipe, closing_one_end_wakes_the_other)
{
	struct stream s;

	KT_EQ(pipe_open(&s.r, &s.w, 0), 0);
	KT_CHECK_EQ(test_threads(2, last_writer, &s), 0);
	file_put(s.r);
	KT_EQ(pipe_open(&s.r, &s.w, 0), 0);
	KT_CHECK_EQ(test_threads(2, last_reader, &s), 0);
	file_put(s.w);
}

KTEST(pipe, poll_tells_what_is_possible_and_rings)
{
	struct poll_table table;
	struct file *r, *w;
	char c = 'x';

	KT_EQ(pipe_open(&r, &w, 0), 0);
	KT_CHECK_EQ(file_poll(r, NULL), 0U);
	KT_CHECK_EQ(file_poll(w, NULL), (u32)(POLLOUT | POLLWRNORM));
	poll_table_begin(&table);
	KT_CHECK_EQ(file_poll(r, &table), 0U);
	KT_CHECK_EQ(poll_table_sleep(&table, 2), 0UL);		/* nothing rings */
	KT_CHECK_EQ(put(w, &c, 1), 1);
	KT_CHECK_EQ(poll_table_sleep(&table, 1000), 1000UL);	/* has rung: no sleep */
	KT_CHECK_EQ(file_poll(r, NULL), (u32)(POLLIN | POLLRDNORM));
	poll_table_end(&table);
	file_put(w);
	KT_CHECK_EQ(file_poll(r, NULL), (u32)(POLLIN | POLLRDNORM | POLLHUP));
	file_put(r);
	KT_EQ(pipe_open(&r, &w, 0), 0);
	file_put(r);
	KT_CHECK(file_poll(w, NULL) & POLLERR);
	file_put(w);
}

KTEST(pipe, copies_stop_at_the_first_bad_user_byte)
{
	struct user_memory u;
	struct file *r, *w;
	struct iobuf io;
	char buf[64];

	KT_TRUE(user_memory_up(&u, 3));
	KT_CHECK_EQ(vm_munmap(u.mm, u.va + PAGE_SIZE, 2 * PAGE_SIZE), 0);
	KT_EQ(pipe_open(&r, &w, O_NONBLOCK), 0);
	kthread_use_mm(u.mm);
	KT_CHECK_EQ(put_user((char)'q', (char __user *)(u.va + PAGE_SIZE - 1)), 0);
	iobuf_user(&io, (void *)(u.va + PAGE_SIZE - 10), 20);
	KT_CHECK_EQ(vfs_write(w, &io), 10);
	iobuf_user(&io, (void *)(u.va + PAGE_SIZE), 20);
	KT_CHECK_EQ(vfs_write(w, &io), -EFAULT);
	KT_CHECK_EQ(take(r, buf, sizeof(buf)), 10);
	KT_CHECK_EQ(buf[9], 'q');
	KT_CHECK_EQ(put(w, "0123456789", 10), 10);
	iobuf_user(&io, (void *)(u.va + PAGE_SIZE - 4), 10);
	KT_CHECK_EQ(vfs_read(r, &io), 4);
	iobuf_user(&io, (void *)(u.va + PAGE_SIZE), 10);
	KT_CHECK_EQ(vfs_read(r, &io), -EFAULT);
	KT_CHECK_EQ(take(r, buf, sizeof(buf)), 6);	/* what did not come through is there */
	KT_CHECK(!memcmp(buf, "456789", 6));
	kthread_unuse_mm(u.mm);
	file_put(r);
	file_put(w);
	user_memory_down(&u);
}

KTEST(pipe, every_failed_allocation_is_survived)
{
	static const enum inject_point points[] = { INJECT_SLAB_ALLOC, INJECT_PAGE_ALLOC };
	struct file *r, *w;

	for (size_t p = 0; p < ARRAY_SIZE(points); p++) {
		for (u64 nth = 1, fired = 1; fired && nth < 50; nth++) {
			int error;
			ssize_t n = -ENOMEM;

			inject_arm(points[p], nth, 1, current);
			error = pipe_open(&r, &w, 0);
			if (!error) {
				n = put(w, "x", 1);
				file_put(r);
				file_put(w);
			}
			fired = inject_disarm(points[p]);
			KT_CHECK(error == 0 || error == -ENOMEM);
			KT_CHECK(n == 1 || n == -ENOMEM);
			if (!fired)
				KT_CHECK_EQ(n, 1);
		}
	}
}

KTEST(pipe, fifo_joins_who_opens_it)
{
	struct file *r, *w;
	char c = 0;

	KT_EQ(vfs_mknod("/tmp/fifo", S_IFIFO | 0600, 0), 0);
	KT_CHECK_EQ(vfs_open("/tmp/fifo", O_WRONLY | O_NONBLOCK, 0, &w), -ENXIO);
	if (KT_CHECK_EQ(vfs_open("/tmp/fifo", O_RDONLY | O_NONBLOCK, 0, &r), 0)) {
		KT_CHECK_EQ(take(r, &c, 1), 0);		/* no writer yet: end of file */
		if (KT_CHECK_EQ(vfs_open("/tmp/fifo", O_WRONLY | O_NONBLOCK, 0, &w), 0)) {
			KT_CHECK_EQ(put(w, "z", 1), 1);
			KT_CHECK_EQ(take(r, &c, 1), 1);
			KT_CHECK_EQ(c, 'z');
			file_put(w);
		}
		file_put(r);
	}
	KT_CHECK_EQ(vfs_unlink("/tmp/fifo"), 0);
}

static int open_and_close(void *flags)
{
	struct file *file;
	int error = KT_TRY(vfs_open("/tmp/fifo", (unsigned int)(unsigned long)flags, 0, &file));

	if (!error)
		file_put(file);
	return error;
}

struct opener {
	unsigned long flags;
	struct completion done;
	int error;
};

static int opener_run(void *arg)
{
	struct opener *o = arg;

	o->error = open_and_close((void *)o->flags);
	complete(&o->done);
	return 0;
}

static bool opener_start(struct opener *o, unsigned long flags)
{
	struct task *task;

	*o = (struct opener){ .flags = flags, .error = 1 };
	init_completion(&o->done);
	return kthread_run(&task, opener_run, o, "opener") == 0;
}

/*
 *	one side				the other side
 *	counted, waits
 *						counted: the first is here
 *	goes on, closes, ends
 *						must not wait for it any more
 */
static void meets_who_is_gone_by_now(unsigned long first, unsigned long second)
{
	struct opener one, other;

	KT_EQ(vfs_mknod("/tmp/fifo", S_IFIFO | 0600, 0), 0);
	gate_arm("fifo.open", NULL);
	KT_CHECK(opener_start(&one, first));
	KT_CHECK(gate_wait("fifo.open"));
	gate_open("fifo.open");
	gate_arm("fifo.open", NULL);
	KT_CHECK(opener_start(&other, second));
	KT_CHECK(gate_wait("fifo.open"));
	/* If the first sleeps, nobody has woken it yet; if not, it may be gone: -ENXIO. */
	(void)open_and_close((void *)(second | O_NONBLOCK));
	wait_for_completion(&one.done);
	gate_open("fifo.open");
	if (!KT_CHECK(wait_for_completion_timeout(&other.done, 500))) {
		(void)open_and_close((void *)(first | O_NONBLOCK));
		wait_for_completion(&other.done);
	}
	KT_CHECK_EQ(one.error, 0);
	KT_CHECK_EQ(other.error, 0);
	KT_CHECK_EQ(vfs_unlink("/tmp/fifo"), 0);
}

KTEST(pipe, fifo_reader_has_met_a_writer_that_is_gone)
{
	KT_NEED_GATES();
	meets_who_is_gone_by_now(O_WRONLY, O_RDONLY);
}

KTEST(pipe, fifo_writer_has_met_a_reader_that_is_gone)
{
	KT_NEED_GATES();
	meets_who_is_gone_by_now(O_RDONLY, O_WRONLY);
}

/* ---- splicing ---- */

/* Takes @left bytes, and then has had enough. */
struct taker {
	char text[64];
	size_t nr, left;
};

static ssize_t take_some(void *arg, char *bytes, size_t n)
{
	struct taker *t = arg;

	n = min(n, t->left);
	if (!n)
		return -ENOSPC;
	memcpy(t->text + t->nr, bytes, n);
	t->nr += n;
	t->left -= n;
	return (ssize_t)n;
}

KTEST_QUICK(pipe, what_a_splice_does_not_move_stays)
{
	struct taker t = { .left = 5 };
	struct file *r, *w;
	char buf[16];

	KT_EQ(pipe_open(&r, &w, O_NONBLOCK), 0);
	KT_CHECK_EQ(put(w, "hello world", 11), 11);
	KT_CHECK_EQ(pipe_splice_from(pipe_of(r), 100, true, take_some, &t), 5);
	KT_CHECK_EQ(pipe_splice_from(pipe_of(r), 100, true, take_some, &t), -ENOSPC);
	KT_CHECK(!memcmp(t.text, "hello", 5));
	KT_CHECK_EQ(take(r, buf, sizeof(buf)), 6);
	KT_CHECK(!memcmp(buf, " world", 6));
	file_put(r);
	file_put(w);
}

static int do_splice(void *arg)
{
	struct file **f = arg;

	return (int)pipe_splice_pipes(pipe_of(f[0]), pipe_of(f[1]), 100, false, false);
}

/* Somebody takes the bytes between the look and the move: that is not their end. */
KTEST(pipe, a_splice_of_two_pipes_waits_again_if_others_were_faster)
{
	struct file *r, *w, *r2, *w2, *ends[2];
	struct fx_thread t;
	char buf[16];

	KT_NEED_GATES();
	KT_EQ(pipe_open(&r, &w, O_NONBLOCK), 0);
	KT_EQ(pipe_open(&r2, &w2, O_NONBLOCK), 0);
	ends[0] = r;
	ends[1] = w2;
	KT_CHECK_EQ(put(w, "early", 5), 5);
	gate_arm("pipe.splice", pipe_of(r));
	if (fx_start(&t, NULL, do_splice, ends)) {
		if (gate_wait("pipe.splice"))
			KT_CHECK_EQ(take(r, buf, 5), 5);
		gate_open("pipe.splice");
		KT_CHECK_EQ(put(w, "late", 4), 4);
		KT_CHECK_EQ(fx_join(&t), 4);
		KT_CHECK_EQ(take(r2, buf, sizeof(buf)), 4);
		KT_CHECK(!memcmp(buf, "late", 4));
	}
	file_put(r);
	file_put(w);
	file_put(r2);
	file_put(w2);
}
