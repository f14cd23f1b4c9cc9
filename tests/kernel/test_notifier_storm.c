/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_notifier_storm.c - suite notifier_storm: everybody at once
 *
 * Concept    64 subscribers of one mm, of every kind, come and go at random, while
 *            eight threads fault, fork, reclaim and unmap in it. Then the changes stop, and
 *            the mm exits while subscribers still come and go:
 *
 *            8 changers       8 churners, 8 subscribers each    the test
 *            fault, fork,     register, unregister, abandon     waits for the churners
 *            swap, unmap      wait                              stops the changers
 *            end              calm: calls have paired up
 *                             register, unregister, mmput       mmput
 *                             the rest: release came; unregister
 *
 *            Whoever has left (unregister returned) is never called again, and a
 *            callback that it might be in has ended; ends have their starts, by the
 *            same thread over the same range; release comes once; and the leak
 *            check of ktest looks at what is left.
 * Owns       struct storm.
 * Locks      lock: LOCK_DRIVER_SPIN (spin), what mmu_interval_set_seq() asks for.
 *            A slot belongs to its churner; callbacks use atomics.
 */
#include "mm/interval_notifier.h"

#include "kernel/lib/bootopt.h"
#include "kernel/lib/parse.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/rand.h"
#include "kernel/lib/string.h"
#include "kernel/sched/task.h"
#include "kernel/sched/sched.h"
#include "kernel/time/tick.h"
#include "mm/slab.h"
#include "mm/swap.h"
#include "tests/kernel/kt_thread.h"
#include "tests/kernel/mm_fixture.h"

#define P(n) ((n) * PAGE_SIZE)
#define CHANGERS 8U
#define CHURNERS 8U
#define SLOTS 8U			/* of each churner */
#define TOGGLES 500			/* of a churner in one life of the mm */
#define CHANGES 8			/* rounds of a changer, at least */
#define REGION(n) (FX_BASE + P(64UL * (n)))

enum kind { BRACKET, PAIR, POINT, ABANDONED, INTERVAL, NR_KINDS };

struct subscriber {
	struct mmu_notifier mn;
	struct mmu_interval_notifier sub;	/* INTERVAL */
	struct storm *storm;
	bool leaving;			/* unregister has begun, release is its own */
	bool gone;			/* unregister has returned */
	atomic_t inside;		/* callbacks that run */
	atomic_t open;			/* starts minus ends */
	atomic64_t unpaired;		/* sum over the changers' open brackets */
	atomic_t released;
};

struct slot {
	struct subscriber *now;		/* subscribed; NULL: nobody */
	struct subscriber own;		/* of all kinds but ABANDONED, which are freed */
	enum kind kind;
};

struct storm {
	struct mm *mm;
	struct spinlock lock;		/* LOCK_DRIVER_SPIN */
	struct slot slot[CHURNERS][SLOTS];
	struct completion has_churned[CHURNERS], has_raced[CHURNERS], calm, exit_is_over;
	bool stop;			/* the changers */
	bool swap;			/* there is an area to swap to */
	u64 seed;
	atomic_t came, left, exited, calls;
};

static struct storm storm;

/* ---- being told ---- */

/* Into and out of every callback. */
static void hear(struct subscriber *s)
{
	atomic_inc(&s->inside);
	atomic_inc(&s->storm->calls);
	if (READ_ONCE(s->gone))
		ktest_fail(__FILE__, __LINE__, "a subscriber is called that has left");
}

static void hear_end(struct subscriber *s)
{
	if (READ_ONCE(s->gone))
		ktest_fail(__FILE__, __LINE__, "a subscriber has left in the middle of a call");
	atomic_dec(&s->inside);
}

/* What start adds and its end takes away; 0 for reclaim, which never pauses. */
static s64 bracket_word(struct subscriber *s, unsigned long start, unsigned long end)
{
	if (current->mm != s->storm->mm)
		return 0;
	return (s64)(start * 31 + end * 17 + (unsigned long)current);
}

static int storm_start(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
		       unsigned long end, bool blockable)
{
	struct subscriber *s = container_of(mn, struct subscriber, mn);

	hear(s);
	atomic_inc(&s->open);
	atomic64_add(bracket_word(s, start, end), &s->unpaired);
	for (int i = 0; blockable && i < 4; i++)
		yield();		/* let them leave meanwhile */
	hear_end(s);
	return 0;
}

static void storm_end(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
		      unsigned long end)
{
	struct subscriber *s = container_of(mn, struct subscriber, mn);

	hear(s);
	if (atomic_dec_return(&s->open) < 0)
		ktest_fail(__FILE__, __LINE__, "an end without a start");
	atomic64_sub(bracket_word(s, start, end), &s->unpaired);
	hear_end(s);
}

static void storm_page(struct mmu_notifier *mn, struct mm *mm, unsigned long va)
{
	struct subscriber *s = container_of(mn, struct subscriber, mn);

	hear(s);
	hear_end(s);
}

static void storm_point(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
			unsigned long end)
{
	storm_page(mn, mm, start);
}

static void storm_release(struct mmu_notifier *mn, struct mm *mm)
{
	struct subscriber *s = container_of(mn, struct subscriber, mn);

	hear(s);
	if (atomic_inc_return(&s->released) != 1)
		ktest_fail(__FILE__, __LINE__, "released twice");
	if (!READ_ONCE(s->leaving))
		atomic_inc(&s->storm->exited);
	yield();
	hear_end(s);
}

static bool storm_invalidate(struct mmu_interval_notifier *sub,
			     const struct mmu_notifier_range *range, unsigned long seq)
{
	struct subscriber *s = container_of(sub, struct subscriber, sub);

	hear(s);
	spin_lock(&s->storm->lock);
	mmu_interval_set_seq(sub, seq);
	spin_unlock(&s->storm->lock);
	if (mmu_notifier_range_blockable(range))
		yield();
	hear_end(s);
	return true;
}

static const struct mmu_notifier_ops storm_ops[NR_KINDS] = {
	[BRACKET] = { .release = storm_release, .invalidate_range_start = storm_start,
		      .invalidate_range_end = storm_end },
	[PAIR] = { .release = storm_release, .invalidate_range_start = storm_start,
		   .invalidate_range_end = storm_end, .invalidate_page = storm_page },
	[POINT] = { .release = storm_release, .invalidate_range = storm_point },
	[ABANDONED] = { .release = storm_release, .invalidate_range_start = storm_start,
			.invalidate_range_end = storm_end },
};
static const struct mmu_interval_notifier_ops storm_interval_ops = {
	.invalidate = storm_invalidate,
};

/* ---- coming and going ---- */

static void slot_enter(struct storm *st, struct slot *slot)
{
	struct subscriber *s = &slot->own;
	int err;

	if (slot->kind == ABANDONED)
		s = kmalloc(sizeof(*s), GFP_KERNEL);
	if (!s || !mmget_not_zero(st->mm)) {
		if (slot->kind == ABANDONED)
			kfree(s);
		return;
	}
	*s = (struct subscriber){ .storm = st, .mn.ops = &storm_ops[slot->kind] };
	if (slot->kind == INTERVAL)
		err = mmu_interval_notifier_insert(&s->sub, st->mm, REGION(1), P(64 * 4),
						   &storm_interval_ops);
	else
		err = mmu_notifier_register(&s->mn, st->mm);
	KT_CHECK_EQ(err, 0);
	slot->now = err ? NULL : s;
	atomic_inc(&st->came);
	mmput(st->mm);
}

static void storm_free(struct mmu_notifier *mn)
{
	struct subscriber *s = container_of(mn, struct subscriber, mn);

	KT_CHECK_EQ(atomic_read(&s->inside), 0);
	kfree(s);
}

static void slot_leave(struct storm *st, struct slot *slot)
{
	struct subscriber *s = slot->now;

	WRITE_ONCE(s->leaving, true);
	slot->now = NULL;
	atomic_inc(&st->left);
	if (slot->kind == ABANDONED) {
		mmu_notifier_unregister_no_release(&s->mn, st->mm);
		mmu_notifier_call_srcu(&s->mn, storm_free);
		return;
	}
	if (slot->kind == INTERVAL)
		mmu_interval_notifier_remove(&s->sub);
	else
		mmu_notifier_unregister(&s->mn, st->mm);
	WRITE_ONCE(s->gone, true);
	KT_CHECK_EQ(atomic_read(&s->inside), 0);
	KT_CHECK_EQ(atomic_read(&s->released), slot->kind == INTERVAL ? 0 : 1);
}

static void slot_toggle(struct storm *st, struct slot *slot)
{
	if (slot->now)
		slot_leave(st, slot);
	else
		slot_enter(st, slot);
}

/* The changers have stopped; reclaim may still be in a bracket, but not for ever. */
static void check_paired(struct subscriber *s)
{
	KT_CHECK_EQ(atomic64_read(&s->unpaired), 0);
	(void)kt_wait_until(notifier_stats_open(&s->mn.stats) == 0);
}

static int churn(void *data)
{
	unsigned int n = (unsigned int)(unsigned long)data;
	struct storm *st = &storm;
	struct slot *slot = st->slot[n];
	struct rand_state rand;

	rand_seed(&rand, st->seed + n);
	for (unsigned int i = 0; i < TOGGLES && !ktest_failed(); i++)
		slot_toggle(st, &slot[rand_below(&rand, SLOTS)]);
	complete(&st->has_churned[n]);

	wait_for_completion(&st->calm);
	for (unsigned int i = 0; i < SLOTS; i++)
		if (slot[i].now)
			check_paired(slot[i].now);
	for (unsigned int i = 0; i < SLOTS; i++)
		slot_toggle(st, &slot[rand_below(&rand, SLOTS / 2)]);
	complete(&st->has_raced[n]);

	wait_for_completion(&st->exit_is_over);
	for (unsigned int i = 0; i < SLOTS; i++)
		if (slot[i].now)
			slot_leave(st, &slot[i]);
	return 0;
}

/* ---- changing ---- */

static int change(void *data)
{
	unsigned long n = (unsigned long)data, base = REGION(n);
	struct mm *mm = storm.mm, *child;

	for (unsigned int turn = 0; turn < CHANGES || !READ_ONCE(storm.stop); turn++) {
		if (fx_map(mm, base, 4, FX_RW) != base)
			return -1;
		for (unsigned long i = 0; i < 4; i++)
			fx_put(base + P(i), i);
		if ((turn + n) % 4 == 0) {
			child = fx_fork(mm);
			fx_put(base, turn);		/* copies */
			if (child)
				mmput(child);
		}
		if (storm.swap)		/* a bracket under no lock but the rmap's */
			(void)fx_unmap_to_swap_cache(mm, base + P(3));
		KT_CHECK_EQ(sys_madvise(base, P(2), MADV_DONTNEED), 0);
		fx_put(base + P(1), turn);
		KT_CHECK_EQ(sys_munmap(base, P(4)), 0);
	}
	return 0;
}

/* ---- one life of an mm ---- */

static bool storm_set_up(struct storm *st, u64 seed)
{
	struct swap_info swap;

	swap_slot_info(&swap);
	memset(st, 0, sizeof(*st));
	st->swap = swap.total > 0;
	st->seed = seed;
	st->mm = fx_mm();
	if (!st->mm)
		return false;
	kthread_unuse_mm(st->mm);
	mmgrab(st->mm);
	spin_lock_init(&st->lock, LOCK_DRIVER_SPIN, "storm");
	init_completion(&st->calm);
	init_completion(&st->exit_is_over);
	for (unsigned int n = 0; n < CHURNERS; n++) {
		init_completion(&st->has_churned[n]);
		init_completion(&st->has_raced[n]);
		for (unsigned int i = 0; i < SLOTS; i++)
			st->slot[n][i].kind = (enum kind)((n + i) % NR_KINDS);
	}
	return true;
}

static void storm_rages(struct storm *st)
{
	static struct fx_thread changer[CHANGERS];
	struct task *churner[CHURNERS];
	unsigned int changers = 0;

	for (unsigned long n = 0; n < CHURNERS; n++)
		churner[n] = kt_spawn(churn, (void *)n);
	while (changers < CHANGERS &&
	       fx_start(&changer[changers], st->mm, change, (void *)(unsigned long)changers))
		changers++;
	for (unsigned int n = 0; n < CHURNERS; n++)
		if (churner[n])
			wait_for_completion(&st->has_churned[n]);
	WRITE_ONCE(st->stop, true);
	while (changers--)
		KT_CHECK_EQ(fx_join(&changer[changers]), 0);
	complete_all(&st->calm);
	mmput(st->mm);
	for (unsigned int n = 0; n < CHURNERS; n++)
		if (churner[n])
			wait_for_completion(&st->has_raced[n]);
	KT_CHECK_EQ(atomic_read(&st->mm->mm_users), 0);
	complete_all(&st->exit_is_over);
	for (unsigned int n = 0; n < CHURNERS; n++)
		KT_CHECK_EQ(kt_join(churner[n]), 0);
}

static u64 storm_seconds;

static int storm_option(const char *value)
{
	return parse_u64(value, &storm_seconds);
}
BOOT_OPTION_NAMED(storm, "ktest.storm", storm_option,
		  "seconds that suite notifier_storm goes on (ktest.limit= must be more)");

KTEST(notifier_storm, subscribers_come_and_go_while_everything_changes)
{
	u64 until = ticks + storm_seconds * HZ, seed = 1;

	do {
		KT_TRUE(storm_set_up(&storm, seed));
		storm_rages(&storm);
		mmu_notifier_synchronize();
		KT_CHECK(atomic_read(&storm.calls) > 0 && atomic_read(&storm.exited) > 0);
		KT_CHECK_EQ(atomic_read(&storm.came), atomic_read(&storm.left));
		mmdrop(storm.mm);
	} while ((seed++ < 2 || (s64)(until - ticks) > 0) && !ktest_failed());
	pr_info("notifier_storm: %llu lives of an mm; the last: %d came, %d were left by exit, %d calls",
		(unsigned long long)seed - 1, atomic_read(&storm.came),
		atomic_read(&storm.exited), atomic_read(&storm.calls));
}
