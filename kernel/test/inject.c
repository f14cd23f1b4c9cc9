/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/test/inject.c - make the n-th use of a point fail
 *
 * Concept    Code that can fail asks should_fail(point) first. While no point is
 *            armed that is one load of a NULL pointer. While one is, every use
 *            of it is counted, and the uses from the n-th on, as many as were
 *            asked for, are told to fail. A test that limits the point to its
 *            own task is not disturbed by kswapd, nor kswapd by the test.
 *            A sweep (sweep.c) stands beside the points: it counts all allocations of
 *            one test and of its threads, whichever of the three points they pass.
 * Owns       The state of each point, and of the sweep.
 * Locks      None: counters are atomic, for points lie in atomic context and
 *            below every lock. A use that races with arming or disarming counts
 *            or does not.
 * Callers    Tests; the boot option inject=.
 * Next       kernel/test/plant.c
 */
#include "kernel/test/inject.h"
#include "arch/x86/cpu/backtrace.h"
#include "kernel/lib/bootopt.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/parse.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"
#include "kernel/sched/task.h"
#include "kernel/sync/preempt.h"

#define SWEEP_DEPTH 16
#define SWEEP_PATHS 4096		/* a power of two */

struct inject_state {
	const char *name;	/* C */
	const struct task *task;
	u64 nth, count;
	u64 uses, fired;	/* A */
	bool armed;		/* A: set last, cleared first */
	bool from_boot;		/* no test armed it, so no test leaves it behind */
};

static struct inject_state inject_states[NR_INJECT_POINTS] = {
	[INJECT_PAGE_ALLOC] = { .name = "page-alloc" },
	[INJECT_SLAB_ALLOC] = { .name = "slab-alloc" },
	[INJECT_VMALLOC] = { .name = "vmalloc" },
	[INJECT_SWAP_READ] = { .name = "swap-read" },
	[INJECT_SWAP_WRITE] = { .name = "swap-write" },
	[INJECT_BLOCK_STALL] = { .name = "block-stall" },
	[INJECT_IPI_LOSE] = { .name = "ipi-lose" },
	[INJECT_DEVICE_MISS] = { .name = "device-miss" },
	[INJECT_DEVICE_STALE] = { .name = "device-stale" },
};

/* The sweep: allocations of one test, of every kind in one row. */
static struct {
	u64 nth;		/* C while it is on */
	u64 uses;		/* A */
	bool on, fired;		/* A */
	bool yielded;		/* A: from here on the test injects by itself */
	const struct task *task;	/* whose allocation failed ... */
	unsigned long pc[SWEEP_DEPTH];	/* ... and the calls that led to it */
	unsigned int nr_pc;
} sweep;

/* Ways to an allocation: a set of hashes of call chains, and the use that came first. */
static struct {
	u64 hash[SWEEP_PATHS];	/* A: 0 is free */
	u64 first[SWEEP_PATHS];	/* A */
	unsigned int nr;	/* A */
} paths;

static void path_note(u64 use)
{
	unsigned long pc[SWEEP_DEPTH];
	unsigned int nr = backtrace_collect(pc, SWEEP_DEPTH), slot;
	u64 hash = 0;

	for (unsigned int i = 0; i < nr; i++)
		hash = (hash ^ pc[i]) * 0x9e3779b97f4a7c15UL;
	hash |= 1;
	slot = (unsigned int)(hash >> 40);
	for (unsigned int i = 0; i < SWEEP_PATHS; i++) {
		u64 *place = &paths.hash[(slot + i) % SWEEP_PATHS], old = 0;

		if (__atomic_compare_exchange_n(place, &old, hash, false, __ATOMIC_RELAXED,
						__ATOMIC_RELAXED)) {
			nr = __atomic_fetch_add(&paths.nr, 1, __ATOMIC_RELAXED);
			__atomic_store_n(&paths.first[nr], use, __ATOMIC_RELEASE);
			return;
		}
		if (old == hash)
			return;
	}
}

static bool sweep_use(enum inject_point point)
{
	u64 use;

	if (!__atomic_load_n(&sweep.on, __ATOMIC_ACQUIRE) || point > INJECT_LAST_ALLOC)
		return false;
	if (in_interrupt() || !(current->flags & PF_SWEEP) || sweep.yielded)
		return false;
	use = __atomic_add_fetch(&sweep.uses, 1, __ATOMIC_RELAXED);
	if (!sweep.nth)
		path_note(use);
	if (use != sweep.nth)
		return false;
	sweep.task = current;
	sweep.nr_pc = backtrace_collect(sweep.pc, SWEEP_DEPTH);
	__atomic_store_n(&sweep.fired, true, __ATOMIC_RELEASE);
	return true;
}

static bool inject_use(enum inject_point point)
{
	struct inject_state *s = &inject_states[point];
	u64 use;

	if (sweep_use(point))
		return true;
	if (!__atomic_load_n(&s->armed, __ATOMIC_ACQUIRE))
		return false;
	if (s->task && (in_interrupt() || s->task != current))
		return false;
	use = __atomic_add_fetch(&s->uses, 1, __ATOMIC_RELAXED);
	if (use < s->nth || use - s->nth >= s->count)
		return false;
	__atomic_add_fetch(&s->fired, 1, __ATOMIC_RELAXED);
	return true;
}

/* The hook is there while some point is armed. */
static void inject_update_hook(void)
{
	inject_hook_fn hook = __atomic_load_n(&sweep.on, __ATOMIC_RELAXED) ? inject_use : NULL;

	for (int i = 0; i < NR_INJECT_POINTS; i++)
		if (__atomic_load_n(&inject_states[i].armed, __ATOMIC_RELAXED))
			hook = inject_use;
	__atomic_store_n(&inject_hook, hook, __ATOMIC_RELEASE);
}

void inject_arm(enum inject_point point, u64 nth, u64 count,
		const struct task *task)
{
	struct inject_state *s = &inject_states[point];

	ASSERT_MSG(!s->armed, "point %s is armed already", s->name);
	ASSERT(nth > 0);
	if (point <= INJECT_LAST_ALLOC)
		__atomic_store_n(&sweep.yielded, true, __ATOMIC_RELEASE);
	s->nth = nth;
	s->count = count;
	s->task = task;
	s->uses = s->fired = 0;
	__atomic_store_n(&s->armed, true, __ATOMIC_RELEASE);
	inject_update_hook();
}

u64 inject_disarm(enum inject_point point)
{
	struct inject_state *s = &inject_states[point];

	__atomic_store_n(&s->armed, false, __ATOMIC_RELEASE);
	inject_update_hook();
	return __atomic_load_n(&s->fired, __ATOMIC_RELAXED);
}

u64 inject_uses(enum inject_point point)
{
	return __atomic_load_n(&inject_states[point].uses, __ATOMIC_RELAXED);
}

void inject_sweep_begin(u64 nth)
{
	ASSERT(!sweep.on);
	sweep.nth = nth;
	sweep.uses = 0;
	sweep.fired = sweep.yielded = false;
	if (!nth)
		memset(&paths, 0, sizeof(paths));
	current->flags &= ~(unsigned int)PF_SWEEP_PARENT;
	current->flags |= PF_SWEEP;
	__atomic_store_n(&sweep.on, true, __ATOMIC_RELEASE);
	inject_update_hook();
}

u64 inject_sweep_end(void)
{
	__atomic_store_n(&sweep.on, false, __ATOMIC_RELEASE);
	current->flags &= ~(unsigned int)PF_SWEEP;
	inject_update_hook();
	return __atomic_load_n(&sweep.uses, __ATOMIC_RELAXED);
}

bool inject_sweep_fired(void)
{
	return sweep.on && __atomic_load_n(&sweep.fired, __ATOMIC_ACQUIRE);
}

const struct task *inject_sweep_task(void)
{
	return sweep.task;
}

unsigned int inject_sweep_paths(void)
{
	return paths.nr;
}

u64 inject_sweep_next_path(u64 nth)
{
	u64 next = 0;

	for (unsigned int i = 0; i < paths.nr; i++)
		if (paths.first[i] > nth && (!next || paths.first[i] < next))
			next = paths.first[i];
	return next;
}

void inject_sweep_print(void)
{
	backtrace_print(sweep.pc, sweep.nr_pc);
}

void inject_disarm_all(void)
{
	for (int i = 0; i < NR_INJECT_POINTS; i++) {
		struct inject_state *s = &inject_states[i];

		if (!s->armed || s->from_boot)
			continue;
		inject_disarm((enum inject_point)i);
		if (!inject_sweep_fired())
			check_report(CHECK_KTEST, "the test left point %s armed", s->name);
	}
}

static int inject_find(const char *name, size_t len)
{
	for (int i = 0; i < NR_INJECT_POINTS; i++)
		if (strlen(inject_states[i].name) == len &&
		    strncmp(inject_states[i].name, name, len) == 0)
			return i;
	return -ENOENT;
}

/* One point:nth[:count] at *@text; moves *@text behind it. */
static int inject_parse_one(const char **text)
{
	size_t len = strcspn(*text, ":,");
	int point = inject_find(*text, len), err;
	u64 nth, count = 1;

	if (point < 0 || (*text)[len] != ':')
		return -EINVAL;
	*text += len + 1;
	err = parse_u64_at(text, &nth);
	if (!err && **text == ':') {
		(*text)++;
		err = parse_u64_at(text, &count);
	}
	if (err || nth == 0 || inject_states[point].armed)
		return -EINVAL;
	inject_states[point].from_boot = true;
	inject_arm((enum inject_point)point, nth, count, NULL);
	return 0;
}

static int inject_option(const char *value)
{
	int err;

	do {
		err = inject_parse_one(&value);
	} while (!err && *value++ == ',');
	return err ? err : value[-1] ? -EINVAL : 0;
}
BOOT_OPTION(inject, inject_option,
	    "point:n[:count],...: the n-th use of a point fails; points are "
	    "page-alloc slab-alloc vmalloc swap-read swap-write block-stall "
	    "ipi-lose device-miss device-stale");
