/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_trace.c - suite trace: what happened last
 *
 * Whoever traces already when the suite runs loses it; nobody does during tests.
 */
#include "kernel/trace/trace.h"

#include "include/uapi/errno.h"
#include "include/uapi/mman.h"
#include "kernel/lib/string.h"
#include "kernel/test/recorder.h"
#include "mm/mmap.h"
#include "mm/slab.h"
#include "tests/kernel/kt_thread.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/notifier_toys.h"

#define ROOM 64U

static struct trace_event *trace_room(void)
{
	struct trace_event *room = kcalloc(NR_CPUS * ROOM, sizeof(*room), GFP_KERNEL);

	KT_CHECK(room);
	if (room)
		trace_start(room, ROOM);
	return room;
}

static void trace_over(struct trace_event *room)
{
	KT_CHECK(trace_end() == room);
	kfree(room);
}

static void trace_number(u64 n)
{
	struct trace_event event = { .what = "number", .who = "test", .start = n };

	trace_record(&event);
}

static int trace_there(void *arg)
{
	trace_number(*(u64 *)arg);
	return 0;
}

/* Events of these tests only: other CPUs may be telling a subscriber of theirs. */
static bool next_number(struct trace_cursor *at, struct trace_event *out)
{
	while (trace_next(at, out))
		if (!strcmp(out->what, "number"))
			return true;
	return false;
}

KTEST_QUICK(trace, events_of_all_cpus_come_in_order_of_time)
{
	struct trace_cursor at = { .lost = 0 };
	struct trace_event event, *room = trace_room();
	unsigned int cpu;
	u64 n = 0, before = 0;

	KT_TRUE(room);
	for (u64 i = 0; i < 3; i++)
		for_each_online_cpu(cpu) {
			kt_join(kt_spawn_on((int)cpu, trace_there, &n));
			n++;
		}
	for (u64 i = 0; i < n; i++) {
		KT_CHECK(next_number(&at, &event));
		KT_CHECK_EQ(event.start, i);
		KT_CHECK_GE(event.time_ns, before);
		before = event.time_ns;
	}
	KT_CHECK(!next_number(&at, &event));
	trace_over(room);
}

KTEST_QUICK(trace, the_oldest_go_first_and_are_counted)
{
	struct trace_cursor at = { .lost = 0 };
	struct trace_event event, *room = trace_room();
	u64 last = 0;

	KT_TRUE(room);
	preempt_disable();
	for (u64 i = 0; i < ROOM + 5; i++)
		trace_number(i);
	preempt_enable();
	KT_CHECK(next_number(&at, &event));
	KT_CHECK_EQ(event.start, 5);
	KT_CHECK_GE(at.lost, 5);
	for (u64 i = 0; i < ROOM; i++)		/* overtaken while reading */
		trace_number(1000 + i);
	while (next_number(&at, &event)) {
		KT_CHECK_GT(event.start, last);
		last = event.start;
	}
	KT_CHECK_EQ(last, 1000 + ROOM - 1);
	trace_over(room);
}

KTEST_QUICK(trace, off_means_nothing_is_recorded)
{
	struct trace_cursor at = { .lost = 0 };
	struct trace_event event, *room = trace_room();

	KT_TRUE(room);
	trace_set_on(false);
	trace_number(1);
	trace_set_on(true);
	trace_number(2);
	KT_CHECK(next_number(&at, &event));
	KT_CHECK_EQ(event.start, 2);
	KT_CHECK(!next_number(&at, &event));
	trace_over(room);
	trace_set_on(true);
	KT_CHECK(!trace_enabled());
}

/* The next event about @mm, or fails. */
static void expect_call(struct trace_cursor *at, struct mm *mm, const char *what,
			const char *why, s64 result)
{
	struct trace_event event = { .what = NULL };

	while (trace_next(at, &event))
		if (event.space == mm->id)
			break;
	KT_CHECK(event.what && event.space == mm->id && !strcmp(event.what, what));
	KT_CHECK(event.why == why || (event.why && why && !strcmp(event.why, why)));
	KT_CHECK_EQ(event.result, result);
	KT_CHECK_EQ(event.start, FX_BASE);
	KT_CHECK_EQ(event.end, FX_BASE + PAGE_SIZE);
}

KTEST_QUICK(trace, calls_of_subscribers_are_events)
{
	struct trace_cursor at = { .lost = 0 };
	struct trace_event *room = trace_room();
	struct mmu_notifier_range range;
	struct recorder *rec = NULL;
	struct mm *mm;

	KT_TRUE(room);
	mm = fx_mm();
	if (mm && fx_map(mm, FX_BASE, 1, FX_RW) && fx_put(FX_BASE, 1))
		rec = toy_recorder(mm, &recorder_bracket_ops);
	if (rec) {
		KT_CHECK_EQ(sys_madvise(FX_BASE, PAGE_SIZE, MADV_DONTNEED), 0);
		expect_call(&at, mm, "invalidate_range_start", "clear", 0);
		expect_call(&at, mm, "invalidate_range_end", NULL, 0);
		rec->start_answer = -EAGAIN;
		fx_range_init(&range, MMU_NOTIFY_CLEAR, 0, mm, FX_BASE, FX_BASE + PAGE_SIZE);
		KT_CHECK_EQ(mmu_notifier_invalidate_range_start_nonblock(&range), -EAGAIN);
		expect_call(&at, mm, "invalidate_range_start", "clear", -EAGAIN);
		rec->start_answer = 0;
	}
	toy_recorder_end(rec);
	if (mm)
		fx_drop(mm);
	trace_over(room);
}
