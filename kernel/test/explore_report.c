/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/test/explore_report.c - a schedule as a string and in columns
 *
 * Concept    One line a step, in the column of its thread; an arrow where the CPU
 *            is taken from a thread that could have gone on, which is what the
 *            string names.
 *
 *                # step  thread 0                      thread 1
 *                #    0  start
 *                #    1  atomic bump+0x1c          ==>
 *                #    2                                atomic bump+0x1c
 *                #    3                                end
 *                #    4  end
 *
 *            A point inside a lock or wait function is named by the first
 *            caller outside of them.
 * Owns       nothing.
 * Locks      None: the explored threads stand still.
 * Callers    explore.c; panics.
 * Next       kernel/test/sweep.c
 */
#include "kernel/test/explore_private.h"

#ifdef CONFIG_CHECKS
#include "kernel/lib/ksyms.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"

#define COLUMN 46

static const char *const whats[NR_STEP_WHATS] = {
	[SP_LOCK] = "lock", [SP_UNLOCK] = "unlock", [SP_SPIN_LOCK] = "spin_lock",
	[SP_SPIN_UNLOCK] = "spin_unlock", [SP_ATOMIC] = "atomic", [SP_PTE] = "pte",
	[SP_FLUSH] = "flush", [SP_WAKE] = "wake", [SP_FREE] = "free", [SP_IPI] = "ipi",
	[SP_RCU] = "rcu", [SP_CALLBACK] = "callback", [STEP_GATE] = "gate",
	[STEP_START] = "start", [STEP_SLEEP] = "sleep", [STEP_SPIN] = "spin",
	[STEP_RCU] = "wait for readers", [STEP_END] = "end",
};

/* Functions that a reader does not want to hear of. */
static bool is_primitive(const char *name)
{
	static const char *const prefixes[] = {
		"spin_", "mutex_", "down_", "up_", "rwsem_", "page_lock", "page_trylock",
		"page_unlock", "schedule", "yield", "wait_", "completion_", "notifier_count",
		"explore_", "gate_", "synchronize_",
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (str_has_prefix(name, prefixes[i]))
			return true;
	return false;
}

/* The place of @s as a reader would name it, or NULL. */
static const void *step_place(const struct step *s)
{
	struct ksym sym;

	for (unsigned int i = 0; i < EXPLORE_CALLERS && s->ip[i]; i++)
		if (ksym_find((unsigned long)s->ip[i], &sym) && !is_primitive(sym.name))
			return s->ip[i];
	return s->ip[0];
}

static bool step_takes_away(const struct step *s)
{
	return s->chosen != explore_default_choice(s);
}

static void step_print(unsigned int number)
{
	const struct step *s = &explorer.step[number];
	const void *place = step_place(s);
	unsigned int column = s->thread == EXPLORE_THREADS ? 0 : s->thread;
	char text[COLUMN + 1];

	if (s->gate)
		snprintf(text, sizeof(text), "gate %s", s->gate);
	else if (place)
		snprintf(text, sizeof(text), "%s %pS", whats[s->what], place);
	else
		snprintf(text, sizeof(text), "%s", whats[s->what]);
	printk_rawf("  # %4u  %*s%-*s%s\n", number, (int)column * COLUMN, "", COLUMN - 5, text,
		    step_takes_away(s) ? " ==>" : "");
}

void explore_format(char *text)
{
	size_t used = 0;

	(void)strscpy(text, "-", EXPLORE_STRING);
	for (unsigned int i = 0; i < explorer.nr_steps; i++) {
		const struct step *s = &explorer.step[i];

		if (step_takes_away(s) && used < EXPLORE_STRING - 8)
			used += (size_t)snprintf(text + used, EXPLORE_STRING - used, "%s%u:%u",
						 used ? "," : "", i, s->chosen);
	}
}

static void explore_print_steps(const char *schedule, const char *verdict)
{
	printk_rawf("  # schedule %s: %s\n  # step", schedule, verdict);
	for (unsigned int i = 0; i < EXPLORE_THREADS && explorer.program->thread[i]; i++)
		printk_rawf("  thread %u%*s", i, COLUMN - 10, "");
	printk_rawf("\n");
	for (unsigned int i = 0; i < explorer.nr_steps; i++)
		step_print(i);
}

void explore_print(const struct explore_result *r)
{
	explore_print_steps(r->schedule, r->wrong ? r->wrong : "right");
}

void explore_print_panic(void)
{
	char schedule[EXPLORE_STRING];

	if (!READ_ONCE(sched_explorer))
		return;
	explore_format(schedule);
	explore_print_steps(schedule, "panic");
}
#endif
