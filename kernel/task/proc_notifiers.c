/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/proc_notifiers.c - /proc/<pid>/notifiers: who hears of a process's changes
 *
 * Concept    One line a subscriber: its driver's name, its protocol or the range it
 *            follows, then KEY=NUMBER. Of calls and events those that are not zero:
 *
 *                sva point+young open=0 refusals=0 cycles=51200 invalidate_range=12
 *                listen bracket open=0 refusals=0 cycles=900 invalidate_range_start=3
 *                    invalidate_range_end=3 event_unmap=1 event_clear=2      (one line)
 *                listen interval 10000000-10004000 refusals=0 retries=0 cycles=310
 *                    interval_invalidate=1 event_clear=1                     (one line)
 *
 *            open: brackets that the subscriber is in at this moment. cycles: of the
 *            time-stamp counter, inside its callbacks, sleep included.
 * Owns       Nothing: the numbers are of mm/notifier_stats.c.
 * Locks      Prints where nobody may sleep: mmu_notifier_visit().
 * Callers    fs/procfs.c
 * Next       kernel/task/signal.c
 */
#include "kernel/task/process.h"

#include "fs/proc.h"
#include "kernel/lib/panic.h"
#include "mm/interval_notifier.h"
#include "mm/mm.h"

/* @name, or if the driver has none, one of its functions. */
static void print_name(struct seq_file *m, const char *name, const void *function)
{
	if (name)
		seq_puts(m, name);
	else
		seq_printf(m, "%pS", function);
}

static const void *some_function(const struct mmu_notifier_ops *ops)
{
	const void *const functions[] = {
		ops->release, ops->invalidate_range_start, ops->invalidate_range_end,
		ops->invalidate_range, ops->invalidate_page, ops->clear_flush_young,
		ops->clear_young, ops->test_young,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(functions); i++)
		if (functions[i])
			return functions[i];
	return NULL;
}

/* What it subscribes to, joined by '+'. */
static void print_protocols(struct seq_file *m, const struct mmu_notifier_ops *ops)
{
	const struct { bool has; const char *name; } protocols[] = {
		{ !ops->invalidate_page &&
		  (ops->invalidate_range_start || ops->invalidate_range_end), "bracket" },
		{ ops->invalidate_page, "pair" },
		{ ops->invalidate_range, "point" },
		{ ops->clear_flush_young || ops->clear_young || ops->test_young, "young" },
		{ ops->release, "release" },
	};
	char before = ' ';

	for (unsigned int i = 0; i < ARRAY_SIZE(protocols); i++) {
		if (!protocols[i].has)
			continue;
		seq_printf(m, "%c%s", before, protocols[i].name);
		before = '+';
	}
}

static void print_stats(struct seq_file *m, const struct notifier_stats *stats)
{
	seq_printf(m, " cycles=%llu", (unsigned long long)READ_ONCE(stats->cycles));
	for (unsigned int i = 0; i < NR_MN_OPS; i++) {
		u64 nr = READ_ONCE(stats->calls[i]);

		if (nr)
			seq_printf(m, " %s=%llu", mmu_notifier_op_name(i), (unsigned long long)nr);
	}
	for (unsigned int i = 0; i < NR_MMU_NOTIFY_EVENTS; i++) {
		u64 nr = READ_ONCE(stats->events[i]);

		if (nr)
			seq_printf(m, " event_%s=%llu", mmu_notifier_event_name(i),
				   (unsigned long long)nr);
	}
	seq_putc(m, '\n');
}

static void print_subscriber(struct mmu_notifier *mn, void *arg)
{
	const struct mmu_notifier_ops *ops = mn->ops;
	struct seq_file *m = arg;

	print_name(m, ops->name, some_function(ops));
	print_protocols(m, ops);
	if (ops->invalidate_range_start && ops->invalidate_range_end)
		seq_printf(m, " open=%lld", (long long)notifier_stats_open(&mn->stats));
	seq_printf(m, " refusals=%llu", (unsigned long long)READ_ONCE(mn->stats.refusals));
	print_stats(m, &mn->stats);
}

static void print_interval(struct mmu_interval_notifier *sub, void *arg)
{
	const struct mmu_interval_notifier_ops *ops = sub->ops;
	struct seq_file *m = arg;

	print_name(m, ops->name, ops->invalidate ? (const void *)ops->invalidate :
						   (const void *)ops->invalidate_start);
	seq_printf(m, " interval %lx-%lx refusals=%llu retries=%llu",
		   (unsigned long)sub->node.start, (unsigned long)sub->node.last + 1,
		   (unsigned long long)READ_ONCE(sub->stats.refusals),
		   (unsigned long long)READ_ONCE(sub->stats.retries));
	print_stats(m, &sub->stats);
}

void proc_notifiers_print(struct seq_file *m, struct mm *mm)
{
	mmu_notifier_visit(mm, print_subscriber, print_interval, m);
}

static int notifiers_show(struct seq_file *m)
{
	struct mm *mm;
	int err = process_find_mm(m->pid, &mm);

	if (err || !mm)
		return err;	/* nobody hears of a zombie */
	proc_notifiers_print(m, mm);
	mmput(mm);
	return 0;
}

void proc_notifiers_init(void)
{
	if (proc_pid_create("notifiers", notifiers_show))
		panic("no memory for the files of /proc/<pid>");
}
