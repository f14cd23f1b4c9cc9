/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/oom.c - ending a process to free its memory, and /proc/<pid>/oom_score_adj
 *
 * Concept    mm/reclaim.c finds the largest address space when nothing can be
 *            reclaimed any more; it knows no processes. Here every process that
 *            uses the mm gets SIGKILL. The first process is spared: without it
 *            the machine is of no use.
 *            oom_score_adj adds thousandths of all memory to what a process has, or takes
 *            them away; -1000 protects it. Only a privileged one may lower it.
 * Owns       Nothing.
 * Locks      RCU to walk the processes; siglock inside signal_send_process().
 * Callers    mm/reclaim.c, through oom_set_ops().
 * Next       exit.c
 */
#include "kernel/task/oom.h"

#include "include/uapi/signal.h"
#include "fs/proc.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/parse.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"
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

/* ---- /proc/<pid>/oom_score, oom_score_adj, and oom_adj, its old form ---- */

#define OOM_ADJ_MAX 15
#define OOM_DISABLE (-17)

static int oom_score_show(struct seq_file *m)
{
	s64 badness, score = 0;
	struct mm *mm;
	int err = process_find_mm(m->pid, &mm);

	if (err)
		return err;
	if (mm) {
		badness = oom_badness(mm);
		if (badness != OOM_NEVER)
			score = max((1000 + badness * 1000 / (s64)oom_total_pages()) * 2 / 3,
				    (s64)0);
		mmput(mm);
	}
	seq_printf(m, "%ld\n", (long)score);
	return 0;
}

static int oom_get_adj(pid_t pid, int *adj)
{
	struct process *p;

	rcu_read_lock();
	p = process_find_any(pid);
	*adj = p ? READ_ONCE(p->oom_score_adj) : 0;
	rcu_read_unlock();
	return p ? 0 : -ESRCH;
}

static int oom_score_adj_show(struct seq_file *m)
{
	int adj, err = oom_get_adj(m->pid, &adj);

	if (!err)
		seq_printf(m, "%d\n", adj);
	return err;
}

static int oom_adj_show(struct seq_file *m)
{
	int adj, err = oom_get_adj(m->pid, &adj);

	if (!err)
		seq_printf(m, "%d\n", adj == OOM_SCORE_ADJ_MAX ? OOM_ADJ_MAX :
					  adj * -OOM_DISABLE / OOM_SCORE_ADJ_MAX);
	return err;
}

/* A decimal number with a sign and blanks around it. Return: 0, -EINVAL, -ERANGE. */
static int oom_parse(const char *text, int *out)
{
	bool minus;
	u64 number;
	int err;

	text += strspn(text, " \t\n");
	minus = *text == '-';
	text += *text == '-' || *text == '+';
	err = parse_u64_at(&text, &number);
	if (err || text[strspn(text, " \t\n")])
		return err ? err : -EINVAL;
	if (number > INT32_MAX)
		return -ERANGE;
	*out = minus ? -(int)number : (int)number;
	return 0;
}

/* The old form does not go below what is set now, the new one below what once was. */
static int oom_set_adj(pid_t pid, int adj, bool old_form)
{
	bool may = capable(CAP_SYS_RESOURCE);
	unsigned long flags;
	struct process *p;
	int err = -ESRCH;

	rcu_read_lock();
	p = process_find_any(pid);
	if (p) {
		spin_lock_irqsave(&p->siglock, flags);
		err = may || adj >= (old_form ? p->oom_score_adj : p->oom_score_adj_min) ?
		      0 : -EACCES;
		if (!err)
			p->oom_score_adj = adj;
		if (!err && may && !old_form)
			p->oom_score_adj_min = adj;
		process_apply_limits(p);
		spin_unlock_irqrestore(&p->siglock, flags);
	}
	rcu_read_unlock();
	return err;
}

static int oom_score_adj_write(const char *text, pid_t pid)
{
	int adj, err = oom_parse(text, &adj);

	if (!err && (adj < OOM_SCORE_ADJ_MIN || adj > OOM_SCORE_ADJ_MAX))
		err = -EINVAL;
	return err ? err : oom_set_adj(pid, adj, false);
}

static int oom_adj_write(const char *text, pid_t pid)
{
	int adj, err = oom_parse(text, &adj);

	if (!err && (adj < OOM_DISABLE || adj > OOM_ADJ_MAX))
		err = -EINVAL;
	if (!err)
		adj = adj == OOM_ADJ_MAX ? OOM_SCORE_ADJ_MAX :
					   adj * OOM_SCORE_ADJ_MAX / -OOM_DISABLE;
	return err ? err : oom_set_adj(pid, adj, true);
}

void oom_init(void)
{
	oom_set_ops(&oom_ops);
	if (proc_pid_create("oom_score", oom_score_show) ||
	    proc_pid_create_rw("oom_score_adj", oom_score_adj_show, oom_score_adj_write) ||
	    proc_pid_create_rw("oom_adj", oom_adj_show, oom_adj_write))
		panic("no memory for the files of /proc/<pid>");
}
