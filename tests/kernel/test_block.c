/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_block.c - the block queue: order, context, delays, failures
 */
#include "kernel/block/block.h"
#include "kernel/lib/inject_hook.h"
#include "kernel/lib/string.h"
#include "kernel/sched/kthread.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/completion.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "kernel/time/tick.h"
#include "mm/gfp.h"
#include "tests/kernel/threads.h"

/* A device that moves nothing: its thread only ends what it is given. */
static struct block_device dummy = { .name = "dummy", .nr_pages = 100 };
static u64 dummy_order[64];		/* sectors, as they were started */
static unsigned int dummy_nr;

static int dummy_thread(void *unused)
{
	struct block_request *req;

	while ((req = block_next(&dummy))) {
		if (dummy_nr < ARRAY_SIZE(dummy_order))
			dummy_order[dummy_nr++] = req->sector;
		block_end(req, 0);
	}
	return 0;
}

static struct task *dummy_up(void)
{
	struct task *t;

	if (!block_find(dummy.name))
		block_register(&dummy);
	dummy_nr = 0;
	return KT_CHECK_EQ(kthread_run(&t, dummy_thread, NULL, "dummy"), 0) ? t : NULL;
}

static void dummy_down(struct task *t)
{
	block_drain(&dummy);
	KT_CHECK_EQ(kthread_stop(t), 0);
}

/* What done() saw. */
struct seen {
	struct completion done;
	const struct task *by;
	int error, times;
};

static void seen_done(struct block_request *req, int error)
{
	struct seen *s = req->private;

	s->by = current;
	s->error = error;
	s->times++;
	complete(&s->done);
}

static struct page *some_page(void)
{
	return KT_GET(alloc_page(GFP_KERNEL | __GFP_ZERO));
}

KTEST_QUICK(block, request_ends_in_another_thread)
{
	struct task *t = dummy_up();
	struct page *page = some_page();
	struct block_request req;
	struct seen s = { 0 };

	KT_TRUE(t && page);
	init_completion(&s.done);
	block_request_init(&req, BLOCK_READ, 3, page, seen_done, &s);
	block_submit(&dummy, &req);
	wait_for_completion(&s.done);
	KT_CHECK_EQ(s.error, 0);
	KT_CHECK_EQ(s.times, 1);
	KT_CHECK(s.by == t);
	KT_CHECK_EQ((int)req.state, (int)BLOCK_IDLE);
	dummy_down(t);
	__free_page(page);
}

KTEST(block, requests_start_in_the_order_of_submission)
{
	struct block_request req[20];
	struct task *t = dummy_up();
	struct page *page = some_page();
	struct seen s = { 0 };

	KT_TRUE(t && page);
	init_completion(&s.done);
	block_inject_stall(&dummy, true);
	for (unsigned int i = 0; i < ARRAY_SIZE(req); i++) {
		block_request_init(&req[i], BLOCK_WRITE, 99 - i, page, seen_done, &s);
		block_submit(&dummy, &req[i]);
	}
	KT_CHECK_EQ(dummy.nr_queued, ARRAY_SIZE(req));
	schedule_timeout_uninterruptible(3);
	KT_CHECK_EQ(s.times, 0);
	block_inject_stall(&dummy, false);
	block_drain(&dummy);
	KT_CHECK_EQ(s.times, (int)ARRAY_SIZE(req));
	for (unsigned int i = 0; i < ARRAY_SIZE(req); i++)
		KT_CHECK_EQ(dummy_order[i], 99UL - i);
	dummy_down(t);
	__free_page(page);
}

KTEST(block, the_nth_request_of_a_kind_fails)
{
	struct task *t = dummy_up();
	struct page *page = some_page();

	KT_TRUE(t && page);
	block_inject_error(&dummy, BLOCK_WRITE, 2, false);
	KT_CHECK_EQ(block_rw_page(&dummy, BLOCK_WRITE, 0, page), 0);
	KT_CHECK_EQ(block_rw_page(&dummy, BLOCK_READ, 0, page), 0);
	KT_CHECK_EQ(block_rw_page(&dummy, BLOCK_WRITE, 0, page), -EIO);
	KT_CHECK_EQ(block_rw_page(&dummy, BLOCK_WRITE, 0, page), 0);
	block_inject_error(&dummy, BLOCK_READ, 1, true);
	KT_CHECK_EQ(block_rw_page(&dummy, BLOCK_READ, 0, page), -EIO);
	KT_CHECK_EQ(block_rw_page(&dummy, BLOCK_READ, 0, page), -EIO);
	block_inject_error(&dummy, BLOCK_READ, 0, false);
	KT_CHECK_EQ(block_rw_page(&dummy, BLOCK_READ, 0, page), 0);
	dummy_down(t);
	__free_page(page);
}

KTEST_QUICK(block, a_sector_beyond_the_end_is_an_error)
{
	struct task *t = dummy_up();
	struct page *page = some_page();

	KT_TRUE(t && page);
	KT_CHECK_EQ(block_rw_page(&dummy, BLOCK_READ, 99, page), 0);
	KT_CHECK_EQ(block_rw_page(&dummy, BLOCK_READ, 100, page), -EIO);
	KT_CHECK_EQ(block_rw_page(&dummy, BLOCK_WRITE, ~0UL, page), -EIO);
	dummy_down(t);
	__free_page(page);
}

KTEST(block, latency_is_kept_in_ticks)
{
	struct task *t = dummy_up();
	struct page *page = some_page();
	u64 before;

	KT_TRUE(t && page);
	block_inject_latency(&dummy, 5);
	before = ticks;
	KT_CHECK_EQ(block_rw_page(&dummy, BLOCK_READ, 1, page), 0);
	KT_CHECK_GE(ticks - before, 5UL);
	block_inject_latency(&dummy, 0);
	dummy_down(t);
	__free_page(page);
}

KTEST(block, an_injected_stall_holds_one_request_back)
{
	struct block_request a, b;
	struct task *t = dummy_up();
	struct page *page = some_page();
	struct seen first = { 0 }, second = { 0 };

	KT_TRUE(t && page);
	init_completion(&first.done);
	init_completion(&second.done);
	block_request_init(&a, BLOCK_READ, 1, page, seen_done, &first);
	block_request_init(&b, BLOCK_READ, 2, page, seen_done, &second);
	inject_arm(INJECT_BLOCK_STALL, 1, 1, current);
	block_submit(&dummy, &a);
	block_submit(&dummy, &b);
	KT_CHECK_EQ(inject_disarm(INJECT_BLOCK_STALL), 1UL);
	wait_for_completion(&second.done);
	KT_CHECK_EQ(first.times, 0);
	wait_for_completion(&first.done);
	dummy_down(t);
	__free_page(page);
}

/* done() may submit again: a chain of requests that feeds itself. */
static void chain_done(struct block_request *req, int error)
{
	struct seen *s = req->private;

	if (++s->times < 50)
		block_submit(&dummy, req);
	else
		complete(&s->done);
}

KTEST(block, done_may_submit_again)
{
	struct task *t = dummy_up();
	struct page *page = some_page();
	struct block_request req;
	struct seen s = { 0 };

	KT_TRUE(t && page);
	init_completion(&s.done);
	block_request_init(&req, BLOCK_READ, 7, page, chain_done, &s);
	block_submit(&dummy, &req);
	wait_for_completion(&s.done);
	KT_CHECK_EQ(s.times, 50);
	dummy_down(t);
	__free_page(page);
}

static int submitter(void *page, unsigned int n)
{
	int bad = 0;

	for (u64 i = 0; i < 200; i++)
		bad += block_rw_page(&dummy, n % 2 ? BLOCK_WRITE : BLOCK_READ, (i * 7 + n) % 100,
				     page) != 0;
	return bad;
}

KTEST(block, many_submitters_lose_no_request)
{
	struct block_stats before, after;
	struct task *t[2] = { dummy_up(), NULL };
	struct page *page = some_page();

	KT_TRUE(t[0] && page);
	KT_CHECK_EQ(kthread_run(&t[1], dummy_thread, NULL, "dummy2"), 0);
	block_stats(&dummy, &before);
	KT_CHECK_EQ(test_threads(4, submitter, page), 0);
	block_drain(&dummy);
	block_stats(&dummy, &after);
	KT_CHECK_EQ(after.submitted[BLOCK_READ] - before.submitted[BLOCK_READ], 400UL);
	KT_CHECK_EQ(after.completed[BLOCK_READ] - before.completed[BLOCK_READ], 400UL);
	KT_CHECK_EQ(after.completed[BLOCK_WRITE] - before.completed[BLOCK_WRITE], 400UL);
	KT_CHECK_EQ(after.errors[BLOCK_READ], before.errors[BLOCK_READ]);
	if (t[1])
		KT_CHECK_EQ(kthread_stop(t[1]), 0);
	dummy_down(t[0]);
	__free_page(page);
}
