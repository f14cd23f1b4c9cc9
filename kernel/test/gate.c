/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/test/gate.c - stop a thread at a named point until the test lets it go
 *
 * Concept    A gate is one word that goes round:
 *
 *                test                            who arrives
 *                FREE -> ARMED   gate_arm
 *                                                ARMED -> HELD   by exchange, so
 *                gate_wait sees HELD             one of several arrivals only
 *                                                stands there
 *                HELD -> OPEN    gate_open         |
 *                                                OPEN -> FREE   goes on
 *                gate_open sees FREE
 *
 *            Who may sleep where he arrives, sleeps on a wait queue. Who may not
 *            (a spinlock held, an interrupt, an RCU reader, a callback that must
 *            not block) turns in place and touches no lock at all, not even to
 *            wake the test, for he may hold any; so the test looks by itself and
 *            gives way between looks. It does not sleep for a time: the timer would
 *            be that of the CPU it is on, and if that is the CPU which then stands at
 *            the gate with interrupts off, it never rings.
 * Owns       The table of gates.
 * Locks      The wait queue's own, for who sleeps at a gate. The words are atomic.
 * Invariants Only the test makes FREE -> ARMED and HELD -> OPEN; only who
 *            arrived makes ARMED -> HELD and OPEN -> FREE.
 * Callers    Tests; the points through kernel/lib/gate_hook.h.
 * Next       kernel/test/explore.c
 */
#include "kernel/test/gate.h"
#include "arch/x86/cpu/barrier.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/rcu.h"
#include "kernel/sync/sched_point.h"
#include "kernel/sync/wait.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "kernel/test/sweep.h"
#include "kernel/time/tick.h"

#define NR_GATES 16
#define GATE_NAME_MAX 48
#define GATE_TICKS (30 * HZ)		/* patience of the test, and of a sleeper */
#define GATE_SWEEP_TICKS (2 * HZ)	/* of one to whom, perhaps, nobody can come any more */
#define GATE_TURNS (1UL << 27)		/* patience of one who turns in place */

enum gate_state { GATE_FREE, GATE_ARMED, GATE_HELD, GATE_OPEN };

struct gate {
	enum gate_state state;		/* A */
	char name[GATE_NAME_MAX];	/* the test writes it while FREE */
	const void *object;
};

static struct gate gates[NR_GATES];
DEFINE_WAIT_QUEUE(gate_queue);

static enum gate_state gate_state(const struct gate *g)
{
	return __atomic_load_n(&g->state, __ATOMIC_ACQUIRE);
}

static bool gate_change(struct gate *g, enum gate_state from, enum gate_state to)
{
	return __atomic_compare_exchange_n(&g->state, &from, to, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

/* ---- who arrives ---- */

static bool gate_may_sleep(void)
{
#ifdef CONFIG_CHECKS
	struct thread_info *ti = current_thread_info();

	if (ti->rcu_depth || ti->non_block)
		return false;
#endif
	return !in_atomic();
}

static void gate_turn_in_place(struct gate *g)
{
	for (u64 i = 0; i < GATE_TURNS && gate_state(g) == GATE_HELD; i++)
		cpu_relax();
}

static void gate_sleep(struct gate *g)
{
	wait_event_timeout(&gate_queue, gate_state(g) != GATE_HELD, GATE_TICKS);
}

static void gate_stand(struct gate *g)
{
	if (gate_may_sleep())
		gate_sleep(g);
	else
		gate_turn_in_place(g);
	if (gate_change(g, GATE_HELD, GATE_OPEN))
		check_report(CHECK_KTEST, "gate %s was not opened", g->name);
	__atomic_store_n(&g->state, GATE_FREE, __ATOMIC_RELEASE);
}

static void gate_arrive(const char *name, const void *object)
{
	for (struct gate *g = gates; g < gates + NR_GATES; g++) {
		if (gate_state(g) != GATE_ARMED || strcmp(g->name, name) ||
		    (g->object && g->object != object))
			continue;
		if (gate_change(g, GATE_ARMED, GATE_HELD)) {
			gate_stand(g);
			return;
		}
	}
}

#ifdef CONFIG_CHECKS
static void gate_arrive_sched(enum sched_point_kind kind, const void *object)
{
	static const char *const names[NR_SCHED_POINT_KINDS] = {
		[SP_LOCK] = "sched.lock", [SP_UNLOCK] = "sched.unlock",
		[SP_SPIN_LOCK] = "sched.lock", [SP_SPIN_UNLOCK] = "sched.unlock",
		[SP_ATOMIC] = "sched.atomic", [SP_PTE] = "sched.pte",
		[SP_FLUSH] = "sched.flush", [SP_WAKE] = "sched.wake",
		[SP_FREE] = "sched.free", [SP_IPI] = "sched.ipi",
		[SP_RCU] = "sched.rcu", [SP_CALLBACK] = "sched.callback",
	};

	gate_arrive(names[kind], object);
}
#endif

/* ---- the test ---- */

static struct gate *gate_find(const char *name)
{
	for (struct gate *g = gates; g < gates + NR_GATES; g++)
		if (gate_state(g) != GATE_FREE && strcmp(g->name, name) == 0)
			return g;
	return NULL;
}

/* The points call here only while some gate is not free. */
static void gate_update_hooks(void)
{
	bool any = false, any_sched = false;

	for (struct gate *g = gates; g < gates + NR_GATES; g++) {
		if (gate_state(g) == GATE_FREE)
			continue;
		any = true;
		any_sched = any_sched || str_has_prefix(g->name, "sched.");
	}
	__atomic_store_n(&gate_hook, any ? gate_arrive : NULL, __ATOMIC_RELEASE);
#ifdef CONFIG_CHECKS
	WRITE_ONCE(sched_point_hook, any_sched ? gate_arrive_sched : NULL);
#endif
}

/*
 * What earlier tests left to RCU may shoot TLBs down when it is freed (kernel
 * stacks), and would wait for a CPU that stands at a gate with interrupts off,
 * and the test for it. So it is freed before the first gate of a test is armed;
 * later it may be too late to wait for readers.
 */
static void gate_settle(void)
{
	for (struct gate *g = gates; g < gates + NR_GATES; g++)
		if (gate_state(g) != GATE_FREE)
			return;
	rcu_barrier();
}

void gate_arm(const char *name, const void *object)
{
	struct gate *g = gates;

	ASSERT_MSG(!gate_find(name), "gate %s is armed already", name);
	gate_settle();
	while (gate_state(g) != GATE_FREE) {
		g++;
		ASSERT_MSG(g < gates + NR_GATES, "more than %d gates", NR_GATES);
	}
	ASSERT(strscpy(g->name, name, sizeof(g->name)) > 0);
	g->object = object;
	__atomic_store_n(&g->state, GATE_ARMED, __ATOMIC_RELEASE);
	gate_update_hooks();
}

/* Give way until @g's state is (@equal) or is not @state. Return: false if patience ended. */
static bool gate_await(struct gate *g, enum gate_state state, bool equal)
{
	u64 last = this_cpu_read(cpu_ticks), waited = 0;

	while ((gate_state(g) == state) != equal) {
		if (waited >= (sweep_excuses() ? GATE_SWEEP_TICKS : GATE_TICKS))
			return false;
		yield();
		waited += this_cpu_read(cpu_ticks) != last;
		last = this_cpu_read(cpu_ticks);
	}
	return true;
}

bool gate_wait(const char *name)
{
	struct gate *g = gate_find(name);

	if (g && gate_await(g, GATE_ARMED, false))
		return true;
	ktest_fail(__FILE__, __LINE__, g ? "nobody came to gate %s"
					 : "gate %s is not armed", name);
	return false;
}

bool gate_reached(const char *name)
{
	const struct gate *g = gate_find(name);

	return g && gate_state(g) != GATE_ARMED;
}

void gate_open(const char *name)
{
	struct gate *g = gate_find(name);

	if (!g)
		return;
	if (!gate_change(g, GATE_ARMED, GATE_FREE)) {
		gate_change(g, GATE_HELD, GATE_OPEN);
		wake_up_all(&gate_queue);
		if (!gate_await(g, GATE_FREE, true))
			ktest_fail(__FILE__, __LINE__,
				   "who stood at gate %s did not leave", name);
	}
	gate_update_hooks();
}

void gate_open_all(void)
{
	for (struct gate *g = gates; g < gates + NR_GATES; g++) {
		if (gate_state(g) == GATE_FREE)
			continue;
		if (!inject_sweep_fired())
			check_report(CHECK_KTEST, "the test left gate %s armed", g->name);
		gate_open(g->name);
	}
}
