/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/oom.c - ending a process to free its memory
 *
 * Concept    mm/reclaim.c finds the largest address space when nothing can be
 *            reclaimed any more; it knows no processes. Here every process that
 *            uses the mm gets SIGKILL. The first process is spared: without it
 *            the machine is of no use.
 * Owns       Nothing.
 * Locks      RCU to walk the processes; siglock inside signal_send_process().
 * Callers    mm/reclaim.c, through oom_set_ops().
 * Next       exit.c
 */
#include "kernel/task/oom.h"

#include "include/uapi/signal.h"
#include "kernel/lib/printk.h"
#include "kernel/task/process.h"
#include "kernel/task/signal.h"
#include "mm/mm.h"
#include "mm/swap.h"

struct oom_search {
	struct mm *mm;
	unsigned int killed;
};

static int oom_kill_if_user(struct process *p, void *arg)
{
	struct oom_search *search = arg;

	if (READ_ONCE(p->mm) != search->mm || p == process_init_task)
		return 0;
	pr_warn("out of memory: killing process %d (%s)\n", p->pid->nr, p->exe);
	signal_send_process(p, SIGKILL, NULL);
	search->killed++;
	return 0;
}

static bool oom_kill(struct mm *mm)
{
	struct oom_search search = { .mm = mm };

	process_for_each(oom_kill_if_user, &search);
	return search.killed > 0;
}

static const struct oom_ops oom_ops = { .kill = oom_kill };

void oom_init(void)
{
	oom_set_ops(&oom_ops);
}
