/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_notifier_stats.c - suite notifier_stats: who was told how often
 *
 * The recorders count by themselves what they are told; the core must agree.
 */
#include "mm/notifier_stats.h"

#include "fs/proc.h"
#include "include/uapi/mman.h"
#include "kernel/lib/string.h"
#include "kernel/task/process.h"
#include "kernel/test/recorder.h"
#include "mm/interval_notifier.h"
#include "mm/mmap.h"
#include "tests/kernel/kt_thread.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/notifier_toys.h"

#define P(n) ((n) * PAGE_SIZE)

static u64 sum_of_events(const struct notifier_stats *stats)
{
	u64 sum = 0;

	for (unsigned int i = 0; i < NR_MMU_NOTIFY_EVENTS; i++)
		sum += stats->events[i];
	return sum;
}

/* The subscription's counts are those of the recorder, and add up. */
static void check_recorder(const struct recorder *rec)
{
	const struct notifier_stats *stats = &rec->mn.stats;

	for (unsigned int op = 0; op < NR_MN_OPS; op++)
		KT_CHECK_EQ(stats->calls[op], (u64)recorder_count(rec, op));
	KT_CHECK_EQ(sum_of_events(stats), stats->calls[MN_INVALIDATE_RANGE_START]);
	KT_CHECK_EQ(notifier_stats_open(stats), 0);
}

/* Changes of several kinds: of ranges, of single pages, of a file's and a child's. */
static void change_much(struct mm *mm)
{
	struct mm *child;

	for (unsigned long i = 0; i < 8; i++)
		fx_put(FX_BASE + P(i), i);
	child = fx_fork(mm);
	fx_put(FX_BASE, 9);
	KT_CHECK_EQ(sys_mprotect(FX_BASE + P(2), P(2), PROT_READ), 0);
	KT_CHECK_EQ(sys_madvise(FX_BASE + P(4), P(1), MADV_DONTNEED), 0);
	KT_CHECK_EQ(sys_munmap(FX_BASE + P(6), P(2)), 0);
	if (child)
		mmput(child);
}

KTEST_QUICK(notifier_stats, each_call_is_counted_for_its_subscriber)
{
	const struct mmu_notifier_ops *const ops[] = {
		&recorder_bracket_ops, &recorder_pair_ops, &recorder_point_ops,
	};
	struct recorder *rec[ARRAY_SIZE(ops)];
	u64 before[NR_MN_OPS], all[NR_MN_OPS] = { 0 };
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 8, FX_RW);
	for (unsigned int op = 0; op < NR_MN_OPS; op++)
		before[op] = mmu_notifier_calls(op);
	for (unsigned int i = 0; i < ARRAY_SIZE(ops); i++)
		rec[i] = toy_recorder(mm, ops[i]);
	change_much(mm);
	for (unsigned int i = 0; i < ARRAY_SIZE(ops); i++) {
		if (!rec[i])
			continue;
		check_recorder(rec[i]);
		for (unsigned int op = 0; op < NR_MN_OPS; op++)
			all[op] += rec[i]->mn.stats.calls[op];
	}
	for (unsigned int op = 0; op < NR_MN_OPS; op++)	/* and others */
		KT_CHECK_GE(mmu_notifier_calls(op) - before[op], all[op]);
	if (rec[0]) {
		KT_CHECK_EQ(rec[0]->mn.stats.events[MMU_NOTIFY_UNMAP], 1);
		KT_CHECK_EQ(rec[0]->mn.stats.events[MMU_NOTIFY_PROTECTION_VMA], 1);
		KT_CHECK_EQ(rec[0]->mn.stats.events[MMU_NOTIFY_PROTECTION_PAGE], 1);
		KT_CHECK_GT(rec[0]->mn.stats.cycles, 0);
	}
	if (rec[1])
		KT_CHECK_GT(rec[1]->mn.stats.calls[MN_CHANGE_PTE], 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(ops); i++)
		toy_recorder_end(rec[i]);
	fx_drop(mm);
}

KTEST_QUICK(notifier_stats, open_brackets_are_seen_while_they_are_open)
{
	struct recorder *rec;
	struct toy_holder holder;
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	rec = toy_recorder(mm, &recorder_bracket_ops);
	if (rec && toy_hold(&holder, mm, FX_BASE, FX_BASE + P(1))) {
		KT_CHECK_EQ(notifier_stats_open(&rec->mn.stats), 1);
		toy_let_go(&holder);
		KT_CHECK_EQ(notifier_stats_open(&rec->mn.stats), 0);
	}
	toy_recorder_end(rec);
	fx_drop(mm);
}

static int try_bracket(struct mm *mm)
{
	struct mmu_notifier_range range;
	int err;

	down_read(&mm->mmap_lock);
	fx_range_init(&range, MMU_NOTIFY_CLEAR, 0, mm, FX_BASE, FX_BASE + P(1));
	err = mmu_notifier_invalidate_range_start_nonblock(&range);
	if (!err)
		mmu_notifier_invalidate_range_end(&range);
	up_read(&mm->mmap_lock);
	return err;
}

KTEST_QUICK(notifier_stats, refusals_are_counted_and_leave_nothing_open)
{
	struct recorder *rec;
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	rec = toy_recorder(mm, &recorder_bracket_ops);
	if (rec) {
		rec->start_answer = -EAGAIN;
		KT_CHECK_EQ(try_bracket(mm), -EAGAIN);
		rec->start_answer = 0;
		KT_CHECK_EQ(try_bracket(mm), 0);
		KT_CHECK_EQ(rec->mn.stats.refusals, 1);
		KT_CHECK_EQ(rec->mn.stats.calls[MN_INVALIDATE_RANGE_START], 2);
		KT_CHECK_EQ(rec->mn.stats.calls[MN_INVALIDATE_RANGE_END], 1);
		KT_CHECK_EQ(notifier_stats_open(&rec->mn.stats), 0);
	}
	toy_recorder_end(rec);
	fx_drop(mm);
}

static bool refuse;

static bool follow(struct mmu_interval_notifier *sub, const struct mmu_notifier_range *range,
		   unsigned long seq)
{
	if (refuse)
		return false;
	mmu_interval_set_seq(sub, seq);
	return true;
}

static const struct mmu_interval_notifier_ops follow_ops = {
	.name = "follower", .invalidate = follow,
};

KTEST_QUICK(notifier_stats, interval_subscriptions_count_events_refusals_and_retries)
{
	struct mmu_interval_notifier sub = { .owner = NULL };
	struct mm *mm = fx_mm();
	unsigned long seq;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 4, FX_RW);
	if (KT_CHECK_EQ(mmu_interval_notifier_insert(&sub, mm, FX_BASE, P(2), &follow_ops), 0)) {
		seq = mmu_interval_read_begin(&sub);
		KT_CHECK(!mmu_interval_read_retry(&sub, seq));
		toy_bracket(mm, FX_BASE + P(2), FX_BASE + P(4));	/* does not overlap */
		toy_bracket(mm, FX_BASE, FX_BASE + P(1));
		KT_CHECK(mmu_interval_read_retry(&sub, seq));
		refuse = true;
		KT_CHECK_EQ(try_bracket(mm), -EAGAIN);
		refuse = false;
		KT_CHECK_EQ(sub.stats.calls[MN_INTERVAL_INVALIDATE], 2);
		KT_CHECK_EQ(sub.stats.events[MMU_NOTIFY_CLEAR], 2);
		KT_CHECK_EQ(sub.stats.refusals, 1);
		KT_CHECK_EQ(sub.stats.retries, 1);
		mmu_interval_notifier_remove(&sub);
	}
	fx_drop(mm);
}

/* ---- /proc/<pid>/notifiers ---- */

static char text[2048];

/* The file's text for @mm, printed into @text. */
static void print_text(struct mm *mm)
{
	struct seq_file m = { .buf = text, .size = sizeof(text) - 1 };

	proc_notifiers_print(&m, mm);
	KT_CHECK(!m.overflow);
	text[m.count] = 0;
}

static void check_text(const char *part)
{
	if (!strstr(text, part))
		ktest_fail(__FILE__, __LINE__, "\"%s\" is not in \"%s\"", part, text);
}

KTEST_QUICK(notifier_stats, the_file_names_everybody)
{
	struct mmu_notifier_ops nameless = recorder_pair_ops;
	struct mmu_interval_notifier sub = { .owner = NULL };
	struct recorder *bracket, *point, *pair;
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	print_text(mm);
	KT_CHECK_EQ(text[0], 0);	/* nobody */
	fx_map(mm, FX_BASE, 4, FX_RW);
	fx_put(FX_BASE, 1);
	nameless.name = NULL;
	bracket = toy_recorder(mm, &recorder_bracket_ops);
	point = toy_recorder(mm, &recorder_point_ops);
	pair = toy_recorder(mm, &nameless);
	KT_CHECK_EQ(mmu_interval_notifier_insert(&sub, mm, FX_BASE, P(2), &follow_ops), 0);
	KT_CHECK_EQ(sys_madvise(FX_BASE, P(1), MADV_DONTNEED), 0);
	print_text(mm);
	check_text("recorder bracket+young+release open=0 refusals=0 cycles=");
	check_text(" invalidate_range_start=1 invalidate_range_end=1 event_clear=1\n");
	check_text("recorder point+young+release refusals=0 cycles=");
	check_text(" invalidate_range=1\n");
	check_text("recorder_release+0 pair+young+release open=0");
	check_text("follower interval 10000000-10002000 refusals=0 retries=0 cycles=");
	check_text(" interval_invalidate=1 event_clear=1\n");
	mmu_interval_notifier_remove(&sub);
	toy_recorder_end(pair);
	toy_recorder_end(point);
	toy_recorder_end(bracket);
	print_text(mm);
	KT_CHECK_EQ(text[0], 0);
	fx_drop(mm);
}
