/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/task_init.c - the layer of processes comes up, and is seen in /proc
 *
 * Concept    Lower layers know no processes; here they are told whom to ask.
 *            The files of /proc/<pid> that are about tasks are printed here.
 * Owns       Nothing.
 * Locks      RCU to find a process.
 * Callers    kernel/main.c; procfs.
 */
#include "kernel/task/task_init.h"

#include "fs/file.h"
#include "fs/pipe.h"
#include "fs/proc.h"
#include "include/uapi/stat.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"
#include "kernel/lib/test_hook.h"
#include "kernel/sched/task.h"
#include "kernel/task/clock.h"
#include "kernel/task/oom.h"
#include "kernel/task/process.h"
#include "kernel/time/tick.h"
#include "mm/gup.h"
#include "mm/mm.h"

/* ---- whom procfs asks ---- */

static bool task_proc_exists(pid_t pid)
{
	bool found;

	rcu_read_lock();
	found = process_find_any(pid);
	rcu_read_unlock();
	return found;
}

struct task_next {
	pid_t after, best;
};

static int task_proc_closer(struct process *p, void *arg)
{
	struct task_next *n = arg;

	if (p->pid->nr > n->after && (!n->best || p->pid->nr < n->best))
		n->best = p->pid->nr;
	return 0;
}

static pid_t task_proc_next(pid_t after)
{
	struct task_next n = { .after = after };

	process_for_each(task_proc_closer, &n);
	return n.best;
}

static pid_t task_proc_self(void)
{
	return current->thread ? current_process->pid->nr : 0;
}

static pid_t task_proc_self_thread(void)
{
	return current->thread ? current_thread->pid->nr : 0;
}

/* The process's user; root's, if the process must not be looked into, but for the directory. */
static void task_proc_owner(pid_t pid, u32 mode, u32 *uid, u32 *gid)
{
	struct process *p;

	rcu_read_lock();
	p = process_find_any(pid);
	if (p && (READ_ONCE(p->dumpable) || mode == (S_IFDIR | 0555) ||
		  (S_ISDIR(mode) && pid == task_proc_self()))) {
		*uid = p->cred.uid.effective;
		*gid = p->cred.gid.effective;
	}
	rcu_read_unlock();
}

static const struct proc_pid_ops task_proc_ops = {
	.exists = task_proc_exists, .next = task_proc_next, .self = task_proc_self,
	.self_thread = task_proc_self_thread,
	.owner = task_proc_owner, .may_access = process_may_access,
};

/* ---- the files ---- */

/* What stat and status say, copied under RCU so that printing needs no lock. */
struct task_view {
	pid_t pid, tgid, ppid, pgrp, session;
	struct ids uid, gid;
	char comm[TASK_COMM_LEN];
	char state;
	int threads;
	u64 cpu_ns, start_ns;
	u64 pending, blocked, ignored, caught;
};

static char task_state_letter(struct process *p, struct thread *t)
{
	unsigned int state;

	if (READ_ONCE(p->state) != PROCESS_LIVE || !t)
		return 'Z';
	if (READ_ONCE(p->stop_signal))
		return 'T';
	state = READ_ONCE(t->task->state);
	if (state & TASK_INTERRUPTIBLE)
		return 'S';
	return state & TASK_UNINTERRUPTIBLE ? 'D' : 'R';
}

static void task_view_signals(struct task_view *v, struct process *p, struct thread *t)
{
	v->pending = p->pending.set | (t ? t->pending.set : 0);
	v->blocked = t ? t->blocked : 0;
	for (int sig = 1; sig <= NSIG; sig++) {
		if (p->action[sig].handler == SIG_IGN)
			v->ignored |= sigmask(sig);
		else if (p->action[sig].handler != SIG_DFL)
			v->caught |= sigmask(sig);
	}
}

static int task_look(pid_t pid, struct task_view *v)
{
	struct process *p, *parent;
	struct thread *t;

	memset(v, 0, sizeof(*v));
	rcu_read_lock();
	p = process_find_any(pid);
	if (!p) {
		rcu_read_unlock();
		return -ESRCH;
	}
	t = process_find_thread(pid);
	parent = rcu_dereference(p->parent);
	v->pid = pid;
	v->tgid = p->pid->nr;
	v->uid = p->cred.uid;
	v->gid = p->cred.gid;
	v->ppid = parent ? parent->pid->nr : 0;
	v->pgrp = process_pgrp_nr(p);
	v->session = process_session_nr(p);
	v->state = task_state_letter(p, t);
	v->threads = READ_ONCE(p->nr_threads);
	v->cpu_ns = pid == v->tgid || !t ? process_cpu_ns(p) : READ_ONCE(t->task->sum_exec_ns);
	v->start_ns = p->start_ns;
	if (t)
		memcpy(v->comm, t->task->comm, sizeof(v->comm));
	else
		(void)strscpy(v->comm, strrchr(p->exe, '/') ? strrchr(p->exe, '/') + 1 : p->exe,
			      sizeof(v->comm));
	v->comm[sizeof(v->comm) - 1] = '\0';
	task_view_signals(v, p, t);
	rcu_read_unlock();
	return 0;
}

static int task_show_stat(struct seq_file *m)
{
	u64 vsize = 0, rss = 0;
	struct task_view v;
	struct mm *mm;
	int err = process_find_mm(m->pid, &mm);

	if (!err && mm) {
		vsize = mm->total_vm * PAGE_SIZE;
		rss = mm_rss(mm);
		mmput(mm);
	}
	if (!err)
		err = task_look(m->pid, &v);
	if (err)
		return err;
	seq_printf(m, "%d (%s) %c %d %d %d 1025 -1 0 0 0 0 0 %lu 0 0 0 20 0 %d 0 %lu %lu %lu "
		   "18446744073709551615 0 0 0 0 0 %lu %lu %lu %lu 0 0 0 17 0 0 0 0 0 0 0 0 0 0 "
		   "0 0 0 0\n", v.pid, v.comm, v.state, v.ppid, v.pgrp, v.session,
		   v.cpu_ns / NSEC_PER_TICK, v.threads, v.start_ns / NSEC_PER_TICK, vsize, rss,
		   v.pending, v.blocked, v.ignored, v.caught);
	return 0;
}

static const char *task_state_name(char letter)
{
	switch (letter) {
	case 'R': return "running";
	case 'S': return "sleeping";
	case 'D': return "disk sleep";
	case 'T': return "stopped";
	default: return "zombie";
	}
}

static void task_print_ids(struct seq_file *m, const char *name, const struct ids *ids)
{
	seq_printf(m, "%s:\t%u\t%u\t%u\t%u\n", name, ids->real, ids->effective, ids->saved,
		   ids->fs);
}

/* Pages of the VMAs of some kinds, as Linux divides them. */
struct mm_sizes {
	u64 stack, text, library;
};

static struct mm_sizes mm_sizes(struct mm *mm)
{
	struct mm_sizes sizes = { 0 };

	down_read(&mm->mmap_lock);
	for (struct vma *vma = find_vma(mm, 0); vma; vma = vma_next(vma)) {
		if (vma->flags & VM_GROWSDOWN)
			sizes.stack += vma_pages(vma);
		else if ((vma->flags & (VM_EXEC | VM_WRITE)) != VM_EXEC)
			continue;
		else if (vma->file && vma->file == mm->exe_file)
			sizes.text += vma_pages(vma);
		else
			sizes.library += vma_pages(vma);
	}
	up_read(&mm->mmap_lock);
	return sizes;
}

static void status_kb(struct seq_file *m, const char *name, u64 pages)
{
	seq_printf(m, "%s:\t%8lu kB\n", name, (unsigned long)(pages << (PAGE_SHIFT - 10)));
}

static void task_show_sizes(struct seq_file *m, struct mm *mm)
{
	struct mm_sizes sizes = mm_sizes(mm);

	status_kb(m, "VmPeak", max(READ_ONCE(mm->hiwater_vm), mm->total_vm));
	status_kb(m, "VmSize", mm->total_vm);
	status_kb(m, "VmLck", mm->locked_vm);
	status_kb(m, "VmPin", 0);
	status_kb(m, "VmHWM", max(mm->hiwater_rss, mm_rss(mm)));
	status_kb(m, "VmRSS", mm_rss(mm));
	status_kb(m, "RssAnon", (u64)atomic64_read(&mm->rss[MM_ANONPAGES]));
	status_kb(m, "RssFile", (u64)atomic64_read(&mm->rss[MM_FILEPAGES]));
	status_kb(m, "VmData", mm->data_vm);
	status_kb(m, "VmStk", sizes.stack);
	status_kb(m, "VmExe", sizes.text);
	status_kb(m, "VmLib", sizes.library);
	status_kb(m, "VmPTE", (u64)atomic64_read(&mm->nr_table_pages));
	status_kb(m, "VmSwap", (u64)atomic64_read(&mm->rss[MM_SWAPENTS]));
}

static int task_show_status(struct seq_file *m)
{
	struct task_view v;
	struct mm *mm;
	int err = process_find_mm(m->pid, &mm);

	if (!err)
		err = task_look(m->pid, &v);
	if (!err) {
		seq_printf(m, "Name:\t%s\nState:\t%c (%s)\nTgid:\t%d\nPid:\t%d\nPPid:\t%d\n"
			   "TracerPid:\t0\n",
			   v.comm, v.state, task_state_name(v.state), v.tgid, v.pid, v.ppid);
		task_print_ids(m, "Uid", &v.uid);
		task_print_ids(m, "Gid", &v.gid);
	}
	if (!err && mm)
		task_show_sizes(m, mm);
	if (!err)
		seq_printf(m, "Threads:\t%d\nSigPnd:\t%016lx\nSigBlk:\t%016lx\nSigIgn:\t%016lx\n"
			   "SigCgt:\t%016lx\n",
			   v.threads, v.pending, v.blocked, v.ignored, v.caught);
	if (mm)
		mmput(mm);
	return err;
}

static int task_show_cmdline(struct seq_file *m)
{
	char buf[128];
	struct mm *mm;
	int err = process_find_mm(m->pid, &mm);
	u64 at;

	if (err || !mm)
		return err;	/* a zombie has none */
	for (at = mm->arg_start; at < mm->arg_end;) {
		size_t n = min(mm->arg_end - at, (u64)sizeof(buf));

		n = access_remote_vm(mm, at, buf, n, FOLL_REMOTE | FOLL_NOASK);
		if (!n)
			break;
		seq_write(m, buf, n);
		at += n;
	}
	mmput(mm);
	return 0;
}

static int task_show_comm(struct seq_file *m)
{
	struct task_view v;
	int err = task_look(m->pid, &v);

	if (!err)
		seq_printf(m, "%s\n", v.comm);
	return err;
}

/* In pages: all, resident, of files, code, nothing, data and stack, nothing. */
static int task_show_statm(struct seq_file *m)
{
	struct mm_sizes sizes;
	struct mm *mm;
	int err = process_find_mm(m->pid, &mm);

	if (err)
		return err;
	if (!mm) {
		seq_puts(m, "0 0 0 0 0 0 0\n");
		return 0;
	}
	sizes = mm_sizes(mm);
	seq_printf(m, "%lu %lu %lu %lu 0 %lu 0\n", mm->total_vm, mm_rss(mm),
		   (u64)atomic64_read(&mm->rss[MM_FILEPAGES]), sizes.text,
		   mm->data_vm + sizes.stack);
	mmput(mm);
	return 0;
}

/* ---- limits ---- */

static const struct {
	const char *name, *unit;
} limit_names[RLIM_NLIMITS] = {
	{ "Max cpu time", "seconds" }, { "Max file size", "bytes" },
	{ "Max data size", "bytes" }, { "Max stack size", "bytes" },
	{ "Max core file size", "bytes" }, { "Max resident set", "bytes" },
	{ "Max processes", "processes" }, { "Max open files", "files" },
	{ "Max locked memory", "bytes" }, { "Max address space", "bytes" },
	{ "Max file locks", "locks" }, { "Max pending signals", "signals" },
	{ "Max msgqueue size", "bytes" }, { "Max nice priority", NULL },
	{ "Max realtime priority", NULL }, { "Max realtime timeout", "us" },
};

static void task_print_limit(struct seq_file *m, u64 limit)
{
	if (limit == RLIM_INFINITY)
		seq_printf(m, "%-20s ", "unlimited");
	else
		seq_printf(m, "%-20lu ", limit);
}

static int task_show_limits(struct seq_file *m)
{
	struct rlimit limits[RLIM_NLIMITS];
	struct process *p;
	unsigned long flags;

	rcu_read_lock();
	p = process_find_any(m->pid);
	if (p) {
		spin_lock_irqsave(&p->siglock, flags);
		memcpy(limits, p->rlim, sizeof(limits));
		spin_unlock_irqrestore(&p->siglock, flags);
	}
	rcu_read_unlock();
	if (!p)
		return -ESRCH;
	seq_printf(m, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		seq_printf(m, "%-25s ", limit_names[i].name);
		task_print_limit(m, limits[i].rlim_cur);
		task_print_limit(m, limits[i].rlim_max);
		if (limit_names[i].unit)
			seq_printf(m, "%-10s", limit_names[i].unit);
		seq_putc(m, '\n');
	}
	return 0;
}

/* ---- the leak check ---- */

static int processes_before;

static void task_test_before(void)
{
	processes_before = process_count();
}

static void task_test_after(void)
{
	if (process_count() != processes_before)
		WARN("leak: processes %d -> %d", processes_before, process_count());
}

static struct test_hook task_test_hook = {
	.name = "processes", .before = task_test_before, .after = task_test_after,
};

/* Whoever writes to a pipe that nobody reads. */
static void task_sigpipe(void)
{
	if (current->thread)
		signal_send_thread(current_thread, SIGPIPE, NULL);
}

static u64 task_file_limit(void)
{
	return current->thread ? READ_ONCE(current_process->rlim[RLIMIT_NOFILE].rlim_cur) :
				 RLIM_INFINITY;
}

void task_init(void)
{
	process_init();
	oom_init();
	proc_set_pid_ops(&task_proc_ops);
	if (proc_pid_create("stat", task_show_stat) ||
	    proc_pid_create("status", task_show_status) ||
	    proc_pid_create("cmdline", task_show_cmdline) ||
	    proc_pid_create("statm", task_show_statm) ||
	    proc_pid_create("limits", task_show_limits) ||
	    proc_pid_create("comm", task_show_comm))
		panic("no memory for the files of /proc/<pid>");
	proc_maps_init();
	proc_mem_init();
	proc_fd_init();
	pipe_set_sigpipe(task_sigpipe);
	files_set_limit(task_file_limit);
	test_hook_register(&task_test_hook);
}
