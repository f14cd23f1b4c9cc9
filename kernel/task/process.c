/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/process.c - the process object, its family and its groups
 *
 * Concept    See process.h for the picture. Here a process comes into being as
 *            a bare object, is found by number, changes group and session, and
 *            at last is taken out of every list.
 * Owns       The list of all processes and the lock of the families.
 * Locks      LOCK_TASKLIST (tasklist): parents, children, groups, who bears
 *            which number. LOCK_SIGHAND inside it. Both irq-safe, because
 *            terminals and timers post signals from interrupts.
 * Invariants A process is on process_list from clone until its parent has
 *            reaped it; while it is, pid->process leads to it.
 *            Every process but the first has a parent that is not a zombie.
 * Callers    clone.c, exit.c, wait.c, signal.c, the system calls, procfs.
 * Next       clone.c
 */
#include "kernel/task/process.h"

#include "arch/x86/mm/layout.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/rculist.h"
#include "kernel/lib/string.h"
#include "kernel/sched/task.h"
#include "kernel/task/futex.h"
#include "kernel/time/tick.h"
#include "mm/mm.h"
#include "mm/slab.h"

DEFINE_SPINLOCK(tasklist, LOCK_TASKLIST);
LIST_HEAD(process_list);
struct process *process_init_task;
static atomic_t process_total;

unsigned long tasklist_lock(void)
	__acquires(&tasklist)
{
	unsigned long flags;

	spin_lock_irqsave(&tasklist, flags);
	return flags;
}

void tasklist_unlock(unsigned long flags)
	__releases(&tasklist)
{
	spin_unlock_irqrestore(&tasklist, flags);
}

static void process_default_limits(struct process *p)
{
	for (int i = 0; i < RLIM_NLIMITS; i++)
		p->rlim[i].rlim_cur = p->rlim[i].rlim_max = RLIM_INFINITY;
	p->rlim[RLIMIT_STACK].rlim_cur = 8UL << 20;
	p->rlim[RLIMIT_CORE].rlim_cur = 0;
	p->rlim[RLIMIT_NOFILE].rlim_cur = 1024;
	p->rlim[RLIMIT_NOFILE].rlim_max = 4096;
	p->rlim[RLIMIT_MEMLOCK].rlim_cur = p->rlim[RLIMIT_MEMLOCK].rlim_max = 8UL << 20;
	p->cred = cred_root;
	p->dumpable = true;
}

void process_apply_limits(const struct process *p)
{
	struct mm *mm = p->mm;
	bool may_lock = cred_capable(&p->cred, CAP_IPC_LOCK);

	assert_held(&p->siglock);
	if (!mm)
		return;
	WRITE_ONCE(mm->as_limit, p->rlim[RLIMIT_AS].rlim_cur);
	WRITE_ONCE(mm->stack_limit, p->rlim[RLIMIT_STACK].rlim_cur);
	WRITE_ONCE(mm->data_limit, p->rlim[RLIMIT_DATA].rlim_cur);
	WRITE_ONCE(mm->data_limit_max, p->rlim[RLIMIT_DATA].rlim_max);
	WRITE_ONCE(mm->oom_score_adj, p->oom_score_adj);
	WRITE_ONCE(mm->commit_admin, cred_capable(&p->cred, CAP_SYS_ADMIN));
	WRITE_ONCE(mm->memlock_limit, may_lock ? ~0UL : p->rlim[RLIMIT_MEMLOCK].rlim_cur);
}

int process_alloc(struct process **out)
{
	struct process *p = kzalloc(sizeof(*p), GFP_KERNEL);
	int err;

	if (!p)
		return -ENOMEM;
	err = pid_new(&p->pid);
	if (err) {
		kfree(p);
		return err;
	}
	atomic_set(&p->count, 1);
	INIT_LIST_HEAD(&p->children);
	INIT_LIST_HEAD(&p->sibling);
	INIT_LIST_HEAD(&p->threads);
	INIT_LIST_HEAD(&p->pgrp_link);
	init_waitqueue_head(&p->child_wait);
	init_waitqueue_head(&p->stop_wait);
	init_waitqueue_head(&p->exec_wait);
	init_waitqueue_head(&p->vfork_wait);
	spin_lock_init(&p->siglock, LOCK_SIGHAND, "siglock");
	sigpending_init(&p->pending);
	timer_setup(&p->itimer, signal_itimer_expired);
	process_default_limits(p);
	p->start_ns = ktime_get_ns();
	*out = p;
	return 0;
}

void process_discard(struct process *p)
{
	ASSERT(p->nr_threads == 0 && list_empty(&p->children));
	pid_put(p->pid);
	kfree(p);
}

void process_get(struct process *p)
{
	atomic_inc(&p->count);
}

static void process_free_rcu(struct rcu_head *head)
{
	struct process *p = container_of(head, struct process, rcu);

	sigpending_flush(&p->pending);
	kfree(p);
}

void process_put(struct process *p)
{
	if (!atomic_dec_and_test(&p->count))
		return;
	ASSERT_MSG(p->state == PROCESS_DEAD, "process %d is freed in state %d", p->pid->nr,
		   p->state);
	ASSERT(list_empty(&p->children) && p->nr_threads == 0);
	pid_put(p->pid);
	call_rcu(&p->rcu, process_free_rcu);
}

void process_link_locked(struct process *p, struct process *parent)
{
	assert_held(&tasklist);
	p->parent = parent;
	p->pid->process = p;
	list_add_tail_rcu(&p->all, &process_list);
	if (parent) {
		list_add_tail(&p->sibling, &parent->children);
		p->session = parent->session;
		pid_get(p->session);
		process_join_pgrp_locked(p, parent->pgrp);
	}
	atomic_inc(&process_total);
}

void process_unlink_locked(struct process *p)
{
	assert_held(&tasklist);
	ASSERT(p->state == PROCESS_ZOMBIE && list_empty(&p->children));
	p->state = PROCESS_DEAD;
	p->pid->process = NULL;
	list_del_rcu(&p->all);
	list_del(&p->sibling);
	list_del_init(&p->pgrp_link);
	pid_put(p->pgrp);
	pid_put(p->session);
	atomic_dec(&process_total);
}

void process_join_pgrp_locked(struct process *p, struct pid *pgrp)
{
	assert_held(&tasklist);
	pid_get(pgrp);
	if (p->pgrp) {
		list_del_init(&p->pgrp_link);
		pid_put(p->pgrp);
	}
	p->pgrp = pgrp;
	list_add_tail(&p->pgrp_link, &pgrp->group);
}

int thread_alloc(struct thread **out, struct process *p, struct task *task)
{
	struct thread *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	t->process = p;
	t->task = task;
	t->restart_nr = -1;
	t->altstack.ss_flags = SS_DISABLE;
	sigpending_init(&t->pending);
	get_task_struct(task);
	process_get(p);
	*out = t;
	return 0;
}

void thread_free(struct thread *t)
{
	sigpending_flush(&t->pending);
	put_task_struct(t->task);
	process_put(t->process);
	kfree(t);
}

/* ---- finding ---- */

struct process *process_find(pid_t nr)
{
	struct pid *pid = pid_find(nr);

	return pid ? rcu_dereference(pid->process) : NULL;
}

struct thread *thread_find(pid_t nr)
{
	struct pid *pid = pid_find(nr);

	return pid ? rcu_dereference(pid->thread) : NULL;
}

struct thread *process_any_thread(struct process *p)
{
	return list_first_or_null_rcu(&p->threads, struct thread, node);
}

struct process *process_find_any(pid_t nr)
{
	struct thread *t = thread_find(nr);

	return t ? t->process : process_find(nr);
}

struct thread *process_find_thread(pid_t nr)
{
	struct thread *t = thread_find(nr);
	struct process *p = t ? NULL : process_find(nr);

	return p ? process_any_thread(p) : t;
}

struct mm *process_get_mm(struct process *p)
{
	unsigned long flags;
	struct mm *mm;

	spin_lock_irqsave(&p->siglock, flags);
	mm = p->mm;
	if (mm && !mmget_not_zero(mm))
		mm = NULL;
	spin_unlock_irqrestore(&p->siglock, flags);
	return mm;
}

int process_find_mm(pid_t pid, struct mm **out)
{
	struct process *p;

	rcu_read_lock();
	p = process_find_any(pid);
	*out = p ? process_get_mm(p) : NULL;
	rcu_read_unlock();
	return p ? 0 : -ESRCH;
}

static const struct cred *process_cred(void)
{
	return current->thread ? &current_process->cred : &cred_root;
}

static bool process_is_of(const struct process *p, u32 uid, u32 gid)
{
	const struct ids *u = &p->cred.uid, *g = &p->cred.gid;

	return u->real == uid && u->effective == uid && u->saved == uid &&
	       g->real == gid && g->effective == gid && g->saved == gid;
}

static bool process_may(pid_t pid, u32 uid, u32 gid)
{
	struct process *p;
	bool may = true;

	if (capable(CAP_SYS_PTRACE))
		return true;
	rcu_read_lock();
	p = process_find_any(pid);
	if (p && p != current_process)
		may = process_is_of(p, uid, gid) && READ_ONCE(p->dumpable) &&
		      !(p->cred.cap_permitted & ~current_cred()->cap_effective);
	rcu_read_unlock();
	return may;
}

bool process_may_access(pid_t pid)
{
	return process_may(pid, current_cred()->uid.fs, current_cred()->gid.fs);
}

bool process_may_trace(pid_t pid)
{
	return process_may(pid, current_cred()->uid.real, current_cred()->gid.real);
}

bool process_may_signal(struct process *p, int sig)
{
	const struct ids *me = &current_cred()->uid, *target = &p->cred.uid;

	if (!current->thread || p == current_process || capable(CAP_KILL))
		return true;
	if (me->effective == target->real || me->effective == target->saved ||
	    me->real == target->real || me->real == target->saved)
		return true;
	return sig == SIGCONT && READ_ONCE(p->session) == READ_ONCE(current_process->session);
}

int process_for_each(int (*fn)(struct process *p, void *arg), void *arg)
{
	struct process *p;
	int ret = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(p, &process_list, all) {
		ret = fn(p, arg);
		if (ret)
			break;
	}
	rcu_read_unlock();
	return ret;
}

int process_count(void)
{
	return atomic_read(&process_total);
}

u64 process_cpu_ns(struct process *p)
{
	u64 ns = READ_ONCE(p->ended_ns);
	struct thread *t;

	list_for_each_entry_rcu(t, &p->threads, node)
		ns += READ_ONCE(t->task->sum_exec_ns);
	return ns;
}

/* ---- groups and sessions ---- */

pid_t process_pgrp_nr(struct process *p)
{
	return READ_ONCE(p->pgrp)->nr;
}

pid_t process_session_nr(struct process *p)
{
	return READ_ONCE(p->session)->nr;
}

/* Whether group @pgrp has a member in @session. */
static bool process_group_in_session_locked(struct pid *pgrp, struct pid *session)
{
	struct process *p;

	list_for_each_entry(p, &pgrp->group, pgrp_link) {
		if (p->session == session)
			return true;
	}
	return false;
}

bool process_pgrp_in_session(pid_t pgrp, pid_t session)
{
	unsigned long flags = tasklist_lock();
	struct pid *group = pid_find(pgrp), *of = pid_find(session);
	bool found = group && of && process_group_in_session_locked(group, of);

	tasklist_unlock(flags);
	return found;
}

bool process_pgrp_orphaned(struct process *p)
{
	unsigned long flags = tasklist_lock();
	struct process *member;
	bool orphaned = true;

	list_for_each_entry(member, &p->pgrp->group, pgrp_link) {
		if (member->state == PROCESS_LIVE && member->parent &&
		    member->parent->pgrp != p->pgrp && member->parent->session == p->session)
			orphaned = false;
	}
	tasklist_unlock(flags);
	return orphaned;
}

static int process_setpgid_locked(pid_t nr, pid_t pgid)
{
	struct process *me = current_process, *p = nr ? process_find(nr) : me;
	struct pid *pgrp;

	assert_held(&tasklist);
	if (!p || (p != me && p->parent != me))
		return -ESRCH;
	if (p != me && p->session != me->session)
		return -EPERM;
	if (p != me && p->did_exec)
		return -EACCES;
	if (p->session == p->pid)
		return -EPERM;
	pgrp = pgid && pgid != p->pid->nr ? pid_find(pgid) : p->pid;
	if (!pgrp || (pgrp != p->pid && !process_group_in_session_locked(pgrp, me->session)))
		return -EPERM;
	if (pgrp != p->pgrp)
		process_join_pgrp_locked(p, pgrp);
	return 0;
}

int process_setpgid(pid_t nr, pid_t pgid)
{
	unsigned long flags;
	int err;

	if (pgid < 0)
		return -EINVAL;
	flags = tasklist_lock();
	err = process_setpgid_locked(nr, pgid);
	tasklist_unlock(flags);
	return err;
}

int process_setsid(void)
{
	struct process *me = current_process;
	unsigned long flags = tasklist_lock();
	int ret = -EPERM;

	if (list_empty(&me->pid->group)) {
		process_join_pgrp_locked(me, me->pid);
		pid_get(me->pid);
		pid_put(me->session);
		me->session = me->pid;
		ret = me->pid->nr;
	}
	tasklist_unlock(flags);
	return ret;
}

void process_init(void)
{
	(void)cred_set_current(process_cred);
	pid_init();
	futex_init();
}
