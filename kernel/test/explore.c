/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/test/explore.c - run a few threads in every order that matters
 *
 * Concept    The explored threads are virtual CPUs on one real one. The test's own
 *            thread carries them: for the scheduler it runs all the time, and none
 *            of them is in a run queue. A virtual CPU may therefore be left
 *            anywhere, with spinlocks held or inside an RCU reader, where no task could be
 *            preempted, and a timer tick preempts none: who runs is decided only
 *            here, at the steps.
 *
 *                carrier                thread 0              thread 1
 *                up()
 *                step 0: choose ----->  runs ...
 *                                       sched_point: step 1
 *                                       choose -------------> runs ...
 *                                                             waits: step 2
 *                                       ... <---------------- choose
 *                                       ends: step 3 -------> runs, ends: step 4
 *                down()  <--------------------------------------
 *
 *            A step is a point, a wait (schedule(), a taken spinlock, a grace
 *            period) or the end of a thread. Depth first: the next schedule is
 *            the last one up to its deepest step that has a choice left, that choice,
 *            and from there on "go on while you can". What a choice may be is
 *            bounded by the preemptions that it costs; two find nearly everything
 *            that a thousand find, in n^2 schedules instead of 2^n.
 *
 *            Not a step: a point where the thread has switched preemption or
 *            interrupts off by itself, for there it works on data of its CPU,
 *            which the virtual CPUs share; a spinlock whose rank lies behind the LRU
 *            lock, for these guard one bounded section each (allocators, queues);
 *            and what the checkers do among themselves.
 *
 *            Nothing is saved and restored: up() and down() make and take
 *            everything anew, and what mm has in use must be the same after each
 *            schedule. A schedule that does not repeat the steps of the one before it, as
 *            far as both make the same choices, is an error as well.
 *
 *            If everybody waits, the carrier lets the rest of the machine run for
 *            a while: someone may wait for a thread of the kernel. If that wakes
 *            nobody it is a deadlock. Threads that stand in one are abandoned where
 *            they stand, their locks held: the test ends there.
 * Owns       struct explorer; the stacks of the virtual CPUs.
 * Locks      None: one CPU, one runs at a time.
 * Invariants A virtual CPU's task is TASK_RUNNING or waits; on_rq keeps
 *            try_to_wake_up() from queueing it.
 *            Every choice made was enabled                  (asserted)
 * Callers    tests, through explore.h; sched_point.h, gate_hook.h.
 * Next       kernel/test/explore_tlb.c
 */
#include "kernel/test/explore.h"

#ifdef CONFIG_CHECKS
#include "kernel/lib/bootopt.h"
#include "kernel/lib/gate_hook.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/parse.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"
#include "kernel/sched/kthread.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/rcu.h"
#include "kernel/sync/spinlock.h"
#include "kernel/test/explore_private.h"
#include "kernel/test/ktest.h"
#include "kernel/time/tick.h"
#include "mm/check.h"
#include "mm/lockorder.h"

#define EXPLORE_BOUND 2
#define EXPLORE_PATIENCE 20	/* ticks until everybody waiting is a deadlock */
#define EXPLORE_FORCED 8	/* choices that a schedule string can name */

struct explorer explorer;

static struct {
	unsigned int nr, step[EXPLORE_FORCED], thread[EXPLORE_FORCED];
} replay;
static char explore_wanted[EXPLORE_STRING];
static u64 explore_bound = EXPLORE_BOUND;

/* ---- who can go on ---- */

/* The explored thread that asks, or NULL: another task, or an interrupt on top of it. */
static struct explored *explore_self(void)
{
	struct explored *t;

	if (explorer.running >= EXPLORE_THREADS || in_interrupt())
		return NULL;
	t = &explorer.thread[explorer.running];
	return t->task == current ? t : NULL;
}

static bool in_reader(const struct explored *t)
{
	return t->wait != WAIT_END && t->task->info.rcu_depth;
}

static unsigned int explore_readers(void)
{
	unsigned int readers = 0;

	for (unsigned int i = 0; i < explorer.nr_threads; i++)
		if (in_reader(&explorer.thread[i]))
			readers |= BIT(i);
	return readers;
}

static bool explore_can_go_on(struct explored *t)
{
	switch (t->wait) {
	case WAIT_NOT:
	case WAIT_YIELD:
		return true;
	case WAIT_SLEEP:
		return READ_ONCE(t->task->state) == TASK_RUNNING ||
		       signal_pending_state(t->task->state, t->task);
	case WAIT_SPIN:
		return !READ_ONCE(t->lock->locked);
	case WAIT_RCU:
		t->readers &= explore_readers();
		return !t->readers;
	default:
		return false;
	}
}

/* Who yields is taken only if nobody else is there. */
static unsigned int explore_enabled(void)
{
	unsigned int enabled = 0, yielding = 0;

	for (unsigned int i = 0; i < explorer.nr_threads; i++) {
		if (!explore_can_go_on(&explorer.thread[i]))
			continue;
		if (explorer.thread[i].wait == WAIT_YIELD)
			yielding |= BIT(i);
		else
			enabled |= BIT(i);
	}
	return enabled ? enabled : yielding;
}

static bool explore_all_ended(void)
{
	for (unsigned int i = 0; i < explorer.nr_threads; i++)
		if (explorer.thread[i].wait != WAIT_END)
			return false;
	return true;
}

/* ---- choosing ---- */

unsigned int explore_default_choice(const struct step *s)
{
	if (s->enabled & BIT(s->thread))
		return s->thread;
	return (unsigned int)__builtin_ctz(s->enabled);
}

/* Would choosing @i at @s take the CPU from a thread that could go on? */
static bool explore_preempts(const struct step *s, unsigned int i)
{
	return (s->enabled & BIT(s->thread)) && i != s->thread;
}

static unsigned int explore_replayed_choice(const struct step *s, unsigned int number)
{
	for (unsigned int i = 0; i < replay.nr; i++)
		if (replay.step[i] == number && (s->enabled & BIT(replay.thread[i])))
			return replay.thread[i];
	return explore_default_choice(s);
}

/* Is @s the step that the last schedule made here? Objects may lie elsewhere now. */
static bool explore_same_step(const struct step *s, const struct step *last)
{
	return s->thread == last->thread && s->what == last->what && s->enabled == last->enabled &&
	       s->ip[0] == last->ip[0] && s->ip[1] == last->ip[1];
}

/* Write step @s down as the next one. Return: who goes on. */
static unsigned int explore_choose(struct step *s)
{
	unsigned int number = explorer.nr_steps++;
	struct step *slot = &explorer.step[number];

	s->preemptions = explorer.preemptions;
	if (number < explorer.nr_forced && !explore_same_step(s, slot))
		explorer.wrong = "the same choices led to another step: not repeatable";
	if (explorer.replaying)
		s->chosen = (u8)explore_replayed_choice(s, number);
	else if (number < explorer.nr_forced && !explorer.wrong)
		s->chosen = slot->chosen;
	else
		s->chosen = (u8)explore_default_choice(s);
	ASSERT(s->enabled & BIT(s->chosen));
	explorer.preemptions += explore_preempts(s, s->chosen);
	*slot = *s;
	return s->chosen;
}

static void explore_switch_to(unsigned int i)
{
	struct task *next = explorer.carrier;

	explorer.running = i;
	if (i < EXPLORE_THREADS) {
		explorer.thread[i].wait = WAIT_NOT;
		next = explorer.thread[i].task;
	}
	sched_switch_virtual(next);
}

static void explore_note_callers(struct step *s, void **frame)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(s->ip); i++) {
		if (!task_stack_contains(current, (unsigned long)frame))
			return;
		s->ip[i] = frame[1];
		frame = frame[0];
	}
}

/* The running thread, or the carrier, is at a step. Returns when the thread is chosen again. */
static void explore_step(struct step *s)
{
	unsigned int next = EXPLORE_THREADS;

	if (explorer.nr_steps == EXPLORE_STEPS)
		explorer.wrong = "too many steps: does a thread turn in a loop?";
	s->thread = (u8)explorer.running;
	s->enabled = (u8)explore_enabled();
	if (s->enabled && !explorer.wrong)
		next = explore_choose(s);
	if (next != explorer.running)
		explore_switch_to(next);
	else if (next < EXPLORE_THREADS)
		explorer.thread[next].wait = WAIT_NOT;
}

/* ---- what the threads call ---- */

static bool explore_may_switch(void)
{
	const struct thread_info *ti = current_thread_info();

	return !irqs_disabled() && ti->preempt_count == lock_check_spins() + ti->rcu_depth;
}

static bool explore_is_step(unsigned int what, const void *object)
{
	const struct spinlock *l = object;

	if (!(explorer.points & BIT(what)) || !explore_may_switch())
		return false;
	if (what == SP_SPIN_LOCK || what == SP_SPIN_UNLOCK)
		return l->class && l->class->rank <= LOCK_LRU;
	return true;
}

static void explore_point(enum sched_point_kind kind, const void *object)
{
	struct step s = { .what = (u8)kind, .object = object };

	if (kind == SP_FLUSH && smp_processor_id() == explorer.cpu)
		explore_tlb_flush();
	if (!explore_self() || !explore_is_step(kind, object))
		return;
	explore_note_callers(&s, __builtin_frame_address(0));
	explore_step(&s);
}

unsigned int explore_virtual_cpu(void)
{
	const struct explored *t = explore_self();

	ASSERT_MSG(t, "not an explored thread");
	return (unsigned int)(t - explorer.thread);
}

static void explore_gate(const char *name, const void *object)
{
	struct step s = { .what = STEP_GATE, .object = object, .gate = name };

	if (!explore_self() || !explore_is_step(STEP_GATE, object) ||
	    str_has_prefix(name, "coherence."))
		return;
	explore_note_callers(&s, __builtin_frame_address(0));
	explore_step(&s);
}

static bool explore_sleep(bool yielding)
{
	struct explored *t = explore_self();
	struct step s = { .what = STEP_SLEEP };

	if (!t)
		return false;
	if (yielding || READ_ONCE(current->state) != TASK_RUNNING) {
		t->wait = yielding ? WAIT_YIELD : WAIT_SLEEP;
		explore_note_callers(&s, __builtin_frame_address(0));
		explore_step(&s);
	}
	WRITE_ONCE(current->state, TASK_RUNNING);
	return true;
}

static bool explore_holds(const struct spinlock *l)
{
	for (unsigned int i = 0; i < explorer.nr_threads; i++)
		if (READ_ONCE(l->owner) == &explorer.thread[i].task->info)
			return true;
	return false;
}

/* A lock that another CPU holds is waited for as ever. */
static bool explore_spin(struct spinlock *l)
{
	struct explored *t = explore_self();
	struct step s = { .what = STEP_SPIN, .object = l };

	if (!t || !explore_holds(l))
		return false;
	t->wait = WAIT_SPIN;
	t->lock = l;
	explore_note_callers(&s, __builtin_frame_address(0));
	explore_step(&s);
	return true;
}

static bool explore_synchronize_rcu(void)
{
	struct explored *t = explore_self();
	struct step s = { .what = STEP_RCU };

	if (!t)
		return false;
	t->readers = explore_readers();
	if (t->readers) {
		t->wait = WAIT_RCU;
		explore_note_callers(&s, __builtin_frame_address(0));
		explore_step(&s);
	}
	return true;
}

static bool explore_in_reader(void)
{
	return smp_processor_id() == explorer.cpu && explore_readers();
}

static const struct sched_explorer explore_ops = {
	.sleep = explore_sleep, .spin = explore_spin,
	.synchronize_rcu = explore_synchronize_rcu, .in_reader = explore_in_reader,
};

static void explore_hook(bool on)
{
	WRITE_ONCE(sched_explorer, on ? &explore_ops : NULL);
	WRITE_ONCE(sched_point_hook, on ? explore_point : NULL);
	__atomic_store_n(&gate_hook, on ? explore_gate : NULL, __ATOMIC_RELEASE);
}

/* ---- the virtual CPUs ---- */

/* One turn of the loop is one schedule. */
static void explored_main(void *arg)
{
	struct explored *t = arg;

	local_irq_enable();
	for (;;) {
		struct step s = { .what = STEP_END };

		t->fn(explorer.program->arg);
		explore_tlb_flush_cpu((unsigned int)(t - explorer.thread));
		lock_check_none_held("an explored thread's end");
		t->wait = WAIT_END;
		explore_step(&s);
	}
}

/* Make @t stand at the beginning of its stack, whatever it was doing. */
static void explored_reset(struct explored *t)
{
	struct task *task = t->task;

	explore_tlb_flush_cpu((unsigned int)(t - explorer.thread));
	task->state = TASK_RUNNING;
	task->on_rq = true;
	task->info = (struct thread_info){ .cpu = explorer.cpu };
	memset(&task->arch, 0, sizeof(task->arch));
	arch_thread_init(&task->arch, (u8 *)task->stack + KERNEL_STACK_SIZE, explored_main, t);
	t->wait = WAIT_END;
}

static void explored_free(struct explored *t)
{
	t->task->info = (struct thread_info){ .cpu = explorer.cpu };
	t->task->on_rq = false;
	t->task->state = TASK_NEW;
	task_discard(t->task);
	t->task = NULL;
}

static int explored_never(void *unused)
{
	(void)unused;
	return 0;
}

static void explore_add_dump(void)
{
	static struct panic_dump dump = { .show = explore_print_panic };
	static bool added;

	if (!added)
		panic_add_dump(&dump);
	added = true;
}

static bool explorer_up(const struct explore_program *p)
{
	ASSERT_MSG(!gate_hook && !sched_point_hook, "gates and the explorer exclude each other");
	explore_add_dump();
	explorer.program = p;
	explorer.points = p->points ? p->points : EXPLORE_USUAL;
	explorer.bound = p->bound ? p->bound : (unsigned int)explore_bound;
	explorer.nr_threads = explorer.nr_forced = 0;
	explorer.replaying = false;
	explorer.running = EXPLORE_THREADS;
	explorer.carrier = current;
	set_task_cpu_bound(current, 0);
	explorer.cpu = 0;
	for (unsigned int i = 0; i < EXPLORE_THREADS && p->thread[i]; i++) {
		struct explored *t = &explorer.thread[i];

		t->fn = p->thread[i];
		if (!KT_CHECK_EQ(kthread_create(&t->task, explored_never, NULL, "explored/%u", i),
				 0))
			return false;
		explorer.nr_threads++;
		explored_reset(t);
	}
	return true;
}

static void explorer_down(void)
{
	for (unsigned int i = 0; i < explorer.nr_threads; i++)
		explored_free(&explorer.thread[i]);
	explorer.nr_threads = 0;
	set_task_cpu_bound(current, -1);
}

/* ---- one schedule ---- */

/* Everybody waits: perhaps for a thread of the kernel. Return: whether somebody woke up. */
static bool explore_let_others_run(void)
{
	u64 last = this_cpu_read(cpu_ticks), waited = 0;

	ASSERT(!explore_readers() || !explore_enabled());
	while (waited < EXPLORE_PATIENCE && !explore_enabled()) {
		yield();
		waited += this_cpu_read(cpu_ticks) != last;
		last = this_cpu_read(cpu_ticks);
	}
	return explore_enabled();
}

static void explore_run_threads(void)
{
	explorer.nr_steps = explorer.preemptions = 0;
	explorer.wrong = NULL;
	for (unsigned int i = 0; i < explorer.nr_threads; i++)
		explorer.thread[i].wait = WAIT_NOT;
	explore_hook(true);
	do {
		struct step s = { .what = STEP_START };

		explore_step(&s);
		if (explore_all_ended() || explorer.wrong)
			break;
		if (!explore_let_others_run())
			explorer.wrong = "deadlock: everybody waits";
	} while (!explorer.wrong);
	explore_hook(false);
	if (explore_all_ended())
		return;
	for (unsigned int i = 0; i < explorer.nr_threads; i++)
		explored_reset(&explorer.thread[i]);
}

/*
 * Does mm use as much as after the first schedule, which may have made what stays? What
 * RCU still has, it will free.
 */
static bool explore_same_levels(bool first)
{
	static struct mm_levels levels;
	struct mm_levels now;

	for (unsigned int waited = 0; waited < EXPLORE_PATIENCE; waited++) {
		rcu_barrier();
		mm_levels_read(&now);
		if (first)
			levels = now;
		if (memcmp(&now, &levels, sizeof(now)) == 0)
			return true;
		(void)schedule_timeout_uninterruptible(1);
	}
	return false;
}

static void explore_one(struct explore_result *r)
{
	const struct explore_program *p = explorer.program;
	unsigned long reports = check_reports();
	bool right = true, stuck;

	if (p->up && !p->up(p->arg)) {
		r->wrong = "up() has failed";
		return;
	}
	explore_run_threads();
	r->schedules++;
	r->steps = max(r->steps, explorer.nr_steps);
	stuck = explorer.wrong;
	if (!stuck && p->down)
		right = p->down(p->arg);
	if (!explorer.wrong && check_reports() != reports)
		explorer.wrong = "a checker has reported";
	if (!explorer.wrong && ktest_failed())
		explorer.wrong = "the test has failed";
	if (!explorer.wrong && !right)
		explorer.wrong = "what the threads left is wrong";
	if (!explorer.wrong && !explore_same_levels(r->schedules == 1))
		explorer.wrong = "mm does not use as much as before";
	r->wrong = explorer.wrong;
	explore_format(r->schedule);
}

/* ---- all of them ---- */

/* The choice at @s after the one that was made, within the bound, or EXPLORE_THREADS. */
static unsigned int explore_next_choice(const struct step *s)
{
	unsigned int first = explore_default_choice(s);
	unsigned int i = s->chosen == first ? 0 : s->chosen + 1U;

	for (; i < explorer.nr_threads; i++)
		if (i != first && (s->enabled & BIT(i)) &&
		    s->preemptions + explore_preempts(s, i) <= explorer.bound)
			return i;
	return EXPLORE_THREADS;
}

/* Force the next schedule. Return: false if there is none. */
static bool explore_backtrack(void)
{
	for (unsigned int n = explorer.nr_steps; n-- > 0;) {
		unsigned int next = explore_next_choice(&explorer.step[n]);

		if (next == EXPLORE_THREADS)
			continue;
		explorer.step[n].chosen = (u8)next;
		explorer.nr_forced = n + 1;
		return true;
	}
	return false;
}

void explore_search(const struct explore_program *p, struct explore_result *r)
{
	*r = (struct explore_result){ 0 };
	if (explorer_up(p)) {
		do {
			explore_one(r);
			cond_resched();
		} while (!r->wrong && explore_backtrack());
	}
	explorer_down();
}

static bool explore_number(const char **text, unsigned int *out)
{
	u64 value;

	if (parse_u64_at(text, &value) || value >= EXPLORE_STEPS)
		return false;
	*out = (unsigned int)value;
	return true;
}

/* "12:1,40:0" or "-". Return: false if it is neither. */
static bool explore_parse(const char *schedule)
{
	replay.nr = 0;
	if (strcmp(schedule, "-") == 0)
		return true;
	while (*schedule && replay.nr < EXPLORE_FORCED) {
		unsigned int n = replay.nr++;

		if (!explore_number(&schedule, &replay.step[n]) || *schedule++ != ':' ||
		    !explore_number(&schedule, &replay.thread[n]) ||
		    replay.thread[n] >= EXPLORE_THREADS)
			return false;
		if (!*schedule)
			return true;
		if (*schedule++ != ',')
			return false;
	}
	return false;
}

void explore_replay(const struct explore_program *p, const char *schedule,
		    struct explore_result *r)
{
	bool parsed = explore_parse(schedule);

	*r = (struct explore_result){ 0 };
	if (!parsed) {
		r->wrong = "no schedule: it looks like 12:1,40:0";
		return;
	}
	if (explorer_up(p)) {
		explorer.replaying = true;
		explore_one(r);
	}
	explorer_down();
}

void explore(const struct explore_program *p)
{
	struct explore_result r;
	bool one = explore_wanted[0];

	if (ktest_sweep_refuse("it runs in every order, which takes long enough"))
		return;
	if (one)
		explore_replay(p, explore_wanted, &r);
	else
		explore_search(p, &r);
	printk_rawf("  # schedules=%lu steps=%u bound=%u\n", r.schedules, r.steps, explorer.bound);
	if (one || r.wrong)
		explore_print(&r);
	if (r.wrong)
		ktest_fail(__FILE__, __LINE__, "%s; add to the line below: explore=%s", r.wrong,
			   r.schedule);
}

static int explore_option(const char *value)
{
	return strscpy(explore_wanted, value, sizeof(explore_wanted)) > 0 ? 0 : -EINVAL;
}
BOOT_OPTION(explore, explore_option,
	    "the one schedule that tests of the explorer run, such as 12:1,40:0");

static int explore_option_bound(const char *value)
{
	return parse_u64(value, &explore_bound) || !explore_bound || explore_bound > 100 ? -EINVAL
											 : 0;
}
BOOT_OPTION_NAMED(explore_bound, "explore.bound", explore_option_bound,
		  "preemptions of a schedule at most, where the test does not say (2)");
#endif
