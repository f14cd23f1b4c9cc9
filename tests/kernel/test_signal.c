/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_signal.c - suite signal: posting and taking, without a program
 *
 * The test's own kernel thread plays the only thread of a process that is on no
 * list; what delivery does to a program is in tests/user/signals.c.
 */
#include "kernel/task/signal.h"

#include "kernel/lib/rculist.h"
#include "kernel/sched/task.h"
#include "kernel/task/process.h"
#include "kernel/test/ktest.h"
#include "kernel/time/tick.h"

static struct process *p;
static struct thread *t;

static bool actor_make(void)
{
	unsigned long flags;

	if (process_alloc(&p))
		return false;
	if (thread_alloc(&t, p, current)) {
		process_discard(p);
		return false;
	}
	t->pid = p->pid;
	flags = tasklist_lock();
	process_add_thread_locked(p, t);
	tasklist_unlock(flags);
	return true;
}

static void actor_drop(void)
{
	unsigned long flags = tasklist_lock();

	list_del_rcu(&t->node);
	p->nr_threads--;
	p->pid->thread = NULL;
	tasklist_unlock(flags);
	thread_flag_clear(&current->info, TIF_SIGPENDING);
	thread_flag_clear(&current->info, TIF_SIGKILL);
	sigpending_flush(&p->pending);
	synchronize_rcu();
	thread_free(t);
	process_discard(p);
	rcu_barrier();
}

static int take(u64 set, struct siginfo *info)
{
	unsigned long flags;
	int sig;

	spin_lock_irqsave(&p->siglock, flags);
	sig = signal_dequeue_locked(t, set, info);
	spin_unlock_irqrestore(&p->siglock, flags);
	return sig;
}

static void handle(int sig)
{
	p->action[sig].handler = 0x1000;
}

KTEST_QUICK(signal, twice_is_once_but_real_time_signals_queue)
{
	struct siginfo info = { .si_code = SI_QUEUE };

	KT_TRUE(actor_make());
	t->blocked = ~0UL;
	for (int i = 0; i < 3; i++) {
		info.kill.value = i;
		signal_send_process(p, SIGUSR1, &info);
		signal_send_process(p, SIGRTMIN, &info);
	}
	KT_CHECK_EQ(take(sigmask(SIGUSR1), &info), SIGUSR1);
	KT_CHECK_EQ(info.kill.value, 0);
	KT_CHECK_EQ(take(sigmask(SIGUSR1), &info), 0);
	for (int i = 0; i < 3; i++) {
		KT_CHECK_EQ(take(~0UL, &info), SIGRTMIN);
		KT_CHECK_EQ(info.kill.value, i);
	}
	KT_CHECK_EQ(take(~0UL, &info), 0);
	actor_drop();
}

KTEST_QUICK(signal, faults_come_first_then_the_lowest)
{
	struct siginfo info;

	KT_TRUE(actor_make());
	t->blocked = ~0UL;
	signal_send_thread(t, SIGUSR2, NULL);
	signal_send_thread(t, SIGHUP, NULL);
	signal_send_thread(t, SIGSEGV, NULL);
	KT_CHECK_EQ(take(~0UL, &info), SIGSEGV);
	KT_CHECK_EQ(take(~0UL, &info), SIGHUP);
	KT_CHECK_EQ(take(~0UL, &info), SIGUSR2);
	actor_drop();
}

KTEST_QUICK(signal, ignored_signals_vanish_unless_blocked)
{
	struct siginfo info;

	KT_TRUE(actor_make());
	signal_send_process(p, SIGCHLD, NULL);
	KT_CHECK_EQ(p->pending.set, 0);
	KT_CHECK(!signal_pending(current));
	t->blocked = sigmask(SIGCHLD);
	signal_send_process(p, SIGCHLD, NULL);
	KT_CHECK_EQ(take(~0UL, &info), SIGCHLD);
	actor_drop();
}

KTEST_QUICK(signal, stops_and_continuations_cancel_each_other)
{
	KT_TRUE(actor_make());
	t->blocked = ~0UL;
	signal_send_process(p, SIGTSTP, NULL);
	signal_send_thread(t, SIGTTIN, NULL);
	signal_send_process(p, SIGCONT, NULL);
	KT_CHECK_EQ(p->pending.set, sigmask(SIGCONT));
	KT_CHECK_EQ(t->pending.set, 0);
	signal_send_process(p, SIGTSTP, NULL);
	KT_CHECK_EQ(p->pending.set, sigmask(SIGTSTP));
	actor_drop();
}

KTEST_QUICK(signal, a_deadly_signal_ends_the_group_at_once)
{
	KT_TRUE(actor_make());
	handle(SIGTERM);
	signal_send_process(p, SIGTERM, NULL);
	KT_CHECK(!p->group_exit);
	KT_CHECK(signal_pending(current) && !fatal_signal_pending(current));
	signal_send_process(p, SIGINT, NULL);
	KT_CHECK(p->group_exit);
	KT_CHECK_EQ(p->group_exit_status, WAIT_SIGNAL(SIGINT));
	KT_CHECK(fatal_signal_pending(current));
	actor_drop();
}

KTEST_QUICK(signal, a_parked_thread_takes_only_the_end)
{
	KT_TRUE(actor_make());
	t->stopped = true;
	signal_send_process(p, SIGTERM, NULL);
	KT_CHECK(!p->group_exit);
	KT_CHECK_EQ(p->pending.set, sigmask(SIGTERM));
	signal_send_process(p, SIGKILL, NULL);
	KT_CHECK(p->group_exit);
	actor_drop();
}

/* A call of the timer that waited for siglock while the process set another time. */
KTEST_QUICK(signal, an_alarm_is_never_early)
{
	KT_TRUE(actor_make());
	t->blocked = ~0UL;
	p->itimer_expires_ns = ktime_get_ns() + 100 * NSEC_PER_SEC;
	signal_itimer_expired(&p->itimer);
	KT_CHECK_EQ(p->pending.set, 0);
	KT_CHECK(timer_pending(&p->itimer));
	p->itimer_expires_ns = ktime_get_ns();
	signal_itimer_expired(&p->itimer);
	KT_CHECK_EQ(p->pending.set, sigmask(SIGALRM));
	KT_CHECK_EQ(p->itimer_expires_ns, 0);
	del_timer_sync(&p->itimer);
	actor_drop();
}
