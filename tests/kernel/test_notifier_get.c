/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_notifier_get.c - suite notifier_get: shared and abandoned subscriptions
 *
 * What mm/mmu_notifier.c promises to drivers that do not wait: get and put,
 * unregister_no_release, call_srcu, synchronize. Labels such as C9 are those of
 * the contract's list of invariants.
 */
#include "mm/mmu_notifier.h"

#include "kernel/lib/panic.h"
#include "kernel/sync/completion.h"
#include "kernel/sync/srcu.h"
#include "kernel/test/gate.h"
#include "mm/slab.h"
#include "tests/kernel/kt_thread.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/threads.h"

#define VA 0x100000UL

/* A driver with a gate in each callback; counts what was made, called and freed. */
struct shared {
	struct mmu_notifier mn;
	bool put_in_release;
	bool dead;
	struct shared *next;		/* in the graveyard */
};

static atomic_t made, freed, starts, released;

/* What was freed too early can be told only if it is still there: so it stays to the end. */
static struct shared *graveyard;
DEFINE_STATIC_SPINLOCK(graveyard_lock, LOCK_TEST_INNER);

static struct mmu_notifier *shared_alloc(struct mm *mm)
{
	struct shared *s = KT_GET(kzalloc(sizeof(*s), GFP_KERNEL));

	if (!s)
		return NULL;
	atomic_inc(&made);
	return &s->mn;
}

static void shared_free(struct mmu_notifier *mn)
{
	struct shared *s = container_of(mn, struct shared, mn);

	gate_point("shared.free", NULL);
	KT_CHECK(!s->dead && atomic_read(&mn->mm->mm_count) > 0);
	s->dead = true;
	spin_lock(&graveyard_lock);
	s->next = graveyard;
	graveyard = s;
	spin_unlock(&graveyard_lock);
	atomic_inc(&freed);
}

static void shared_release(struct mmu_notifier *mn, struct mm *mm)
{
	atomic_inc(&released);
	gate_point("shared.release", NULL);
	if (container_of(mn, struct shared, mn)->put_in_release)
		mmu_notifier_put(mn);
}

static int shared_start(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
			unsigned long end, bool blockable)
{
	KT_CHECK(mn->mm == mm);
	atomic_inc(&starts);
	gate_point("shared.start", NULL);
	KT_CHECK(!container_of(mn, struct shared, mn)->dead);
	return 0;
}

static void shared_end(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
		       unsigned long end)
{
}

static const struct mmu_notifier_ops shared_ops = {
	.release = shared_release,
	.invalidate_range_start = shared_start,
	.invalidate_range_end = shared_end,
	.alloc_notifier = shared_alloc,
	.free_notifier = shared_free,
};

static struct mm *life_mm(void)
{
	struct mm *mm = NULL;

	atomic_set(&made, 0);
	atomic_set(&freed, 0);
	atomic_set(&starts, 0);
	atomic_set(&released, 0);
	return KT_CHECK_EQ(mm_alloc(&mm), 0) ? mm : NULL;
}

/* The end of a test: what was promised has happened, and nothing more. */
static void life_end(void)
{
	struct shared *s, *next;

	mmu_notifier_synchronize();
	KT_CHECK_EQ(atomic_read(&made), atomic_read(&freed));
	for (s = graveyard; s; s = next) {
		next = s->next;
		kfree(s);
	}
	graveyard = NULL;
}

/* As one who walks rmap would: no mmap_lock. */
static int bracket_thread(void *mm)
{
	struct mmu_notifier_range range;

	fx_range_init(&range, MMU_NOTIFY_CLEAR, MMU_NOTIFIER_RANGE_BLOCKABLE, mm,
				VA, VA + PAGE_SIZE);
	mmu_notifier_invalidate_range_start(&range);
	mmu_notifier_invalidate_range_end(&range);
	return 0;
}

static int mmput_thread(void *mm)
{
	mmput(mm);
	return 0;
}

static int synchronize_thread(void *unused)
{
	mmu_notifier_synchronize();
	return 0;
}

/* SRCU's thread has looked at every domain that has callbacks, and gone as far as it could. */
static void srcu_thread_has_passed(void)
{
	struct srcu_struct own;

	KT_CHECK_EQ(init_srcu_struct(&own), 0);
	srcu_barrier(&own);
	srcu_barrier(&own);
	cleanup_srcu_struct(&own);
}

/* ---- get and put ---- */

/* C10: one object for each mm and ops. */
KTEST_QUICK(notifier_get, get_finds_the_subscription_that_get_made)
{
	struct mmu_notifier_ops other_ops = shared_ops;
	static struct shared registered = { .mn.ops = &shared_ops };
	struct mmu_notifier *a = NULL, *b = NULL, *c = NULL;
	struct mm *mm = life_mm();

	KT_TRUE(mm);
	/* one that its driver registered has an owner, who will free it */
	KT_CHECK_EQ(mmu_notifier_register(&registered.mn, mm), 0);
	KT_CHECK_EQ(mmu_notifier_get(&shared_ops, mm, &a), 0);
	KT_TRUE(a != &registered.mn);
	KT_CHECK_EQ(mmu_notifier_get(&shared_ops, mm, &b), 0);
	KT_CHECK(a == b);
	KT_CHECK_EQ(atomic_read(&made), 1);
	KT_CHECK_EQ(mmu_notifier_get(&other_ops, mm, &c), 0);
	KT_CHECK(c != a);
	mmu_notifier_put(c);
	mmu_notifier_put(a);
	bracket_thread(mm);
	KT_CHECK_EQ(atomic_read(&starts), 2);
	mmu_notifier_put(b);
	mmu_notifier_unregister(&registered.mn, mm);
	KT_CHECK_EQ(atomic_read(&made), 2);
	KT_CHECK_EQ(atomic_read(&released), 1);	/* put does not call it (C8) */
	mmput(mm);
	life_end();
}

static struct mmu_notifier *alloc_nothing(struct mm *mm)
{
	return NULL;
}

/* B4, C10: each way to fail leaves nothing behind. */
KTEST_QUICK(notifier_get, get_that_fails_leaves_nothing)
{
	struct mmu_notifier_ops ops = shared_ops;
	struct mmu_notifier *a = NULL, *b = NULL;
	struct mm *mm = life_mm();

	KT_TRUE(mm);
	ops.alloc_notifier = NULL;
	KT_CHECK_EQ(mmu_notifier_get(&ops, mm, &a), -EINVAL);
	ops.alloc_notifier = alloc_nothing;
	KT_CHECK_EQ(mmu_notifier_get(&ops, mm, &a), -ENOMEM);
	ops = shared_ops;
	ops.invalidate_range_end = NULL;
	KT_CHECK_EQ(mmu_notifier_get(&ops, mm, &a), -EINVAL);
	KT_CHECK_EQ(atomic_read(&made), 1);
	KT_CHECK_EQ(atomic_read(&freed), 1);
	KT_CHECK(!mm_has_notifiers(mm));

	KT_CHECK_EQ(mmu_notifier_get(&shared_ops, mm, &a), 0);
	a->users = ~0U;
	KT_CHECK_EQ(mmu_notifier_get(&shared_ops, mm, &b), -EOVERFLOW);
	KT_CHECK(!b);
	a->users = 1;
	mmu_notifier_put(a);
	mmput(mm);
	life_end();
}

/* C9: a callback is running while the last user goes. */
KTEST(notifier_get, put_frees_after_the_callbacks_have_returned)
{
	struct mmu_notifier *mn = NULL;
	struct mm *mm = life_mm();
	struct task *t;

	KT_NEED_GATES();
	KT_TRUE(mm);
	KT_CHECK_EQ(mmu_notifier_get(&shared_ops, mm, &mn), 0);
	gate_arm("shared.start", NULL);
	t = kt_spawn(bracket_thread, mm);
	KT_CHECK(gate_wait("shared.start"));
	mmu_notifier_put(mn);
	srcu_thread_has_passed();
	KT_CHECK_EQ(atomic_read(&freed), 0);
	gate_open("shared.start");
	KT_CHECK_EQ(kt_join(t), 0);
	mmu_notifier_synchronize();
	KT_CHECK_EQ(atomic_read(&freed), 1);
	bracket_thread(mm);
	KT_CHECK_EQ(atomic_read(&starts), 1);
	mmput(mm);
	life_end();
}

/* A subscription that ends while exit is in its release() (C7: also from inside of it). */
KTEST_QUICK(notifier_get, put_inside_release)
{
	struct mmu_notifier *mn = NULL;
	struct mm *mm = life_mm();

	KT_TRUE(mm);
	KT_CHECK_EQ(mmu_notifier_get(&shared_ops, mm, &mn), 0);
	container_of(mn, struct shared, mn)->put_in_release = true;
	mmput(mm);
	life_end();
	KT_CHECK_EQ(atomic_read(&released), 1);
}

/*
 * put finds exit inside release() and does not wait. The node stays on the list
 * until release() is over, so a reader may still find it: the grace period that
 * frees it begins only then.
 */
KTEST(notifier_get, put_during_release_frees_after_late_readers)
{
	struct mmu_notifier *mn = NULL;
	struct mm *mm = life_mm();
	struct task *exiting, *reader;

	KT_NEED_GATES();
	KT_TRUE(mm);
	KT_CHECK_EQ(mmu_notifier_get(&shared_ops, mm, &mn), 0);
	mmgrab(mm);
	gate_arm("shared.release", NULL);
	gate_arm("shared.start", NULL);
	exiting = kt_spawn(mmput_thread, mm);
	KT_CHECK(gate_wait("shared.release"));
	mmu_notifier_put(mn);
	srcu_thread_has_passed();
	KT_CHECK_EQ(atomic_read(&freed), 0);
	reader = kt_spawn(bracket_thread, mm);
	KT_CHECK(gate_wait("shared.start"));
	gate_open("shared.release");
	KT_CHECK_EQ(kt_join(exiting), 0);
	srcu_thread_has_passed();
	KT_CHECK_EQ(atomic_read(&freed), 0);
	gate_open("shared.start");
	KT_CHECK_EQ(kt_join(reader), 0);
	mmdrop(mm);
	life_end();
	KT_CHECK_EQ(atomic_read(&released), 1);
}

/* Rule 8: the last reference to the mm is the subscription's. */
KTEST_QUICK(notifier_get, the_mm_goes_with_the_last_subscription)
{
	struct mmu_notifier *mn = NULL;
	struct mm *mm = life_mm();

	KT_TRUE(mm);
	KT_CHECK_EQ(mmu_notifier_get(&shared_ops, mm, &mn), 0);
	mmput(mm);
	KT_CHECK_EQ(atomic_read(&released), 1);
	KT_CHECK_EQ(atomic_read(&mm->mm_count), 1);
	mmu_notifier_put(mn);
	life_end();	/* the leak check sees whether the mm has gone */
}

static int get_put_turns(void *arg, unsigned int n)
{
	struct mmu_notifier *mn, *again;
	struct mm *mm = arg;

	for (unsigned int turn = 0; turn < 100; turn++) {
		if (n == 0) {
			/* as every bracket is: what the first subscription waits for */
			down_read(&mm->mmap_lock);
			bracket_thread(mm);
			up_read(&mm->mmap_lock);
			continue;
		}
		if (mmu_notifier_get(&shared_ops, mm, &mn))
			return 1;
		if (turn % 3 == n % 3 && mmu_notifier_get(&shared_ops, mm, &again) == 0) {
			KT_CHECK(mn == again);
			mmu_notifier_put(again);
		}
		cond_resched();
		mmu_notifier_put(mn);
	}
	return 0;
}

KTEST(notifier_get, get_and_put_race)
{
	struct mm *mm = life_mm();

	KT_TRUE(mm);
	KT_CHECK_EQ(test_threads(5, get_put_turns, mm), 0);
	mmput(mm);
	life_end();
}

/* ---- unregister_no_release, call_srcu, synchronize ---- */

KTEST(notifier_get, abandoned_subscription_is_freed_after_its_callbacks)
{
	struct mmu_notifier *mn;
	struct mm *mm = life_mm();
	struct task *t, *sync;

	KT_NEED_GATES();
	KT_TRUE(mm);
	mn = shared_alloc(mm);
	KT_TRUE(mn);
	mn->ops = &shared_ops;
	KT_CHECK_EQ(mmu_notifier_register(mn, mm), 0);
	gate_arm("shared.start", NULL);
	gate_arm("shared.free", NULL);
	t = kt_spawn(bracket_thread, mm);
	KT_CHECK(gate_wait("shared.start"));
	mmu_notifier_unregister_no_release(mn, mm);
	mmu_notifier_call_srcu(mn, shared_free);
	bracket_thread(mm);
	KT_CHECK_EQ(atomic_read(&starts), 1);
	KT_CHECK(!gate_reached("shared.free"));
	gate_open("shared.start");
	KT_CHECK_EQ(kt_join(t), 0);
	/* C11: synchronize returns only when the function has */
	KT_CHECK(gate_wait("shared.free"));
	sync = kt_spawn(synchronize_thread, NULL);
	if (sync)
		kt_wait_until(kt_asleep(sync) || kt_done(sync));
	KT_CHECK(sync && !kt_done(sync));
	gate_open("shared.free");
	KT_CHECK_EQ(kt_join(sync), 0);
	KT_CHECK_EQ(atomic_read(&freed), 1);
	KT_CHECK_EQ(atomic_read(&released), 0);
	mmput(mm);
	life_end();
}

/* Rule 7: unregister_no_release that loses against exit leaves the end to exit. */
KTEST(notifier_get, abandoning_during_release)
{
	struct mmu_notifier *mn;
	struct mm *mm = life_mm();
	struct task *exiting;

	KT_NEED_GATES();
	KT_TRUE(mm);
	mn = shared_alloc(mm);
	KT_TRUE(mn);
	mn->ops = &shared_ops;
	KT_CHECK_EQ(mmu_notifier_register(mn, mm), 0);
	gate_arm("shared.release", NULL);
	exiting = kt_spawn(mmput_thread, mm);
	KT_CHECK(gate_wait("shared.release"));
	mmu_notifier_unregister_no_release(mn, mm);
	mmu_notifier_call_srcu(mn, shared_free);
	srcu_thread_has_passed();
	KT_CHECK_EQ(atomic_read(&freed), 0);
	gate_open("shared.release");
	KT_CHECK_EQ(kt_join(exiting), 0);
	life_end();
	KT_CHECK_EQ(atomic_read(&released), 1);
}

/* ---- who may block ---- */

static int sleeping_start(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
			  unsigned long end, bool blockable)
{
	might_sleep();
	return 0;
}

/* D1: also in a blockable bracket, one who said that it does not block must not. */
KTEST_QUICK(notifier_get, blockable_subscribers_are_known)
{
	struct mmu_notifier_ops atomic_ops = shared_ops, point_ops = { .release = shared_release };
	struct shared a = { .mn.ops = &point_ops }, b = { .mn.ops = &atomic_ops },
		      c = { .mn.ops = &shared_ops };
	struct mm *mm = life_mm();

	KT_TRUE(mm);
	atomic_ops.flags = MMU_INVALIDATE_DOES_NOT_BLOCK;
	atomic_ops.invalidate_range_start = sleeping_start;
	KT_CHECK(!mm_has_blockable_invalidate_notifiers(mm));
	KT_CHECK_EQ(mmu_notifier_register(&a.mn, mm), 0);
	KT_CHECK_EQ(mmu_notifier_register(&b.mn, mm), 0);
	KT_CHECK(!mm_has_blockable_invalidate_notifiers(mm));
	KT_CHECK_EQ(mmu_notifier_register(&c.mn, mm), 0);
	KT_CHECK(mm_has_blockable_invalidate_notifiers(mm));
#ifdef CONFIG_CHECKS
	check_expect(CHECK_LOCK);
	bracket_thread(mm);
	KT_CHECK_EQ(check_expected(), 1);
#endif
	mmu_notifier_unregister(&a.mn, mm);
	mmu_notifier_unregister(&b.mn, mm);
	mmu_notifier_unregister(&c.mn, mm);
	mmput(mm);
}
