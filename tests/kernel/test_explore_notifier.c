/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_explore_notifier.c - suite explore_notifier: the core, in every order
 *
 * Each test is two or three threads and what must hold whatever their order is;
 * kernel/test/explore.h says how they are run.
 */
#include "kernel/test/explore.h"

#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"
#include "kernel/sync/mutex.h"
#include "kernel/test/gate.h"
#include "kernel/test/ktest.h"
#include "kernel/test/recorder.h"
#include "mm/interval_notifier.h"
#include "mm/rmap.h"
#include "tests/kernel/mm_fixture.h"

/* What the threads of a test share; made anew for each schedule. */
static struct {
	struct mm *mm;
	struct page *page;		/* at FX_BASE, no reference */
	struct mmu_notifier mn;
	struct recorder rec;
	struct mmu_interval_notifier first, second;
	struct mmu_notifier_range refused;	/* here, so that one left open stays readable */
	unsigned int releases, retries;
	bool refuse;			/* .second refuses brackets that may not block */
	bool gone;			/* nobody may be called any more */
} s;

static bool scene_up(void *unused)
{
	memset(&s, 0, sizeof(s));
	s.mm = fx_mm();
	if (!s.mm || fx_map(s.mm, FX_BASE, 1, FX_RW) != FX_BASE || !fx_put(FX_BASE, 1))
		return false;
	s.page = fx_page(s.mm, FX_BASE);
	kthread_unuse_mm(s.mm);
	return true;
}

/* ---- register against a bracket that needs no mmap_lock ---- */

static bool register_up(void *unused)
{
	if (!scene_up(unused) || !fx_have_swap() || !fx_unmap_to_swap_cache(s.mm, FX_BASE))
		return false;
	/* back, with its slot: now it can be unmapped without mmap_lock */
	kthread_use_mm(s.mm);
	(void)fx_get(FX_BASE);
	kthread_unuse_mm(s.mm);
	s.page = fx_page(s.mm, FX_BASE);
	recorder_init(&s.rec, &recorder_bracket_ops);
	return KT_CHECK(s.page && page_test(s.page, PG_swapcache));
}

static void subscribe(void *unused)
{
	KT_CHECK_EQ(mmu_notifier_register(&s.rec.mn, s.mm), 0);
}

static void unmap_by_rmap(void *unused)
{
	page_lock(s.page);
	KT_CHECK_EQ(try_to_unmap(s.page, TTU_IGNORE_ACCESS), SWAP_SUCCESS);
	page_unlock(s.page);
}

static bool register_down(void *unused)
{
	bool balanced = !atomic_read(&s.rec.open) && !atomic_read(&s.rec.went_negative);

	mmu_notifier_unregister(&s.rec.mn, s.mm);
	fx_drop(s.mm);
	return balanced;
}

/* A subscriber hears a bracket whole or not at all. */
KTEST(explore_notifier, register_against_unmap)
{
	static const struct explore_program p = {
		.thread = { subscribe, unmap_by_rmap }, .up = register_up, .down = register_down,
	};

	KT_NEED_GATES();
	explore(&p);
}

/* ---- unregister against exit ---- */

static void guest_release(struct mmu_notifier *mn, struct mm *mm)
{
	KT_CHECK(!s.gone);
	s.releases++;
	sched_point(SP_CALLBACK, mn);
	/* what the guest has mapped is there until it has let go */
	KT_CHECK(fx_page(mm, FX_BASE) == s.page);
	KT_CHECK(!s.gone);
}

static const struct mmu_notifier_ops guest_ops = { .release = guest_release };

static bool guest_up(void *unused)
{
	if (!scene_up(unused))
		return false;
	s.mn.ops = &guest_ops;
	return KT_CHECK_EQ(mmu_notifier_register(&s.mn, s.mm), 0);
}

static void unsubscribe(void *unused)
{
	mmu_notifier_unregister(&s.mn, s.mm);
	s.gone = true;
}

static void last_user_leaves(void *unused)
{
	mmput(s.mm);
}

static bool released_once(void *unused)
{
	return s.releases == 1;
}

KTEST(explore_notifier, unregister_against_exit)
{
	static const struct explore_program p = {
		.thread = { unsubscribe, last_user_leaves }, .up = guest_up, .down = released_once,
	};

	KT_NEED_GATES();
	explore(&p);
}

/* ---- interval subscriptions ---- */

static bool listen(struct mmu_interval_notifier *sub, const struct mmu_notifier_range *range,
		   unsigned long seq)
{
	KT_CHECK(sub != &s.first || !s.gone);
	if (sub == &s.second && s.refuse && !mmu_notifier_range_blockable(range))
		return false;
	mmu_interval_set_seq(sub, seq);
	sched_point(SP_CALLBACK, sub);
	KT_CHECK(sub != &s.first || !s.gone);
	return true;
}

static const struct mmu_interval_notifier_ops listen_ops = { .invalidate = listen };

static bool interval_up(void *unused)
{
	if (!scene_up(unused))
		return false;
	return KT_CHECK_EQ(mmu_interval_notifier_insert(&s.first, s.mm, FX_BASE, PAGE_SIZE,
							&listen_ops), 0) &&
	       KT_CHECK_EQ(mmu_interval_notifier_insert(&s.second, s.mm, FX_BASE, PAGE_SIZE,
							&listen_ops), 0);
}

static void range_of_page(struct mmu_notifier_range *range, unsigned int flags)
{
	fx_range_init(range, MMU_NOTIFY_CLEAR, flags, s.mm, FX_BASE,
				FX_BASE + PAGE_SIZE);
}

static void bracket(void *unused)
{
	struct mmu_notifier_range range;

	range_of_page(&range, MMU_NOTIFIER_RANGE_BLOCKABLE);
	mmu_notifier_invalidate_range_start(&range);
	mmu_notifier_invalidate_range_end(&range);
}

static void remove_first(void *unused)
{
	mmu_interval_notifier_remove(&s.first);
	s.gone = true;
}

static bool remove_down(void *unused)
{
	mmu_interval_notifier_remove(&s.second);
	fx_drop(s.mm);
	return true;
}

/* When remove has returned nobody is called, and nobody is inside. */
KTEST(explore_notifier, interval_remove_against_invalidation)
{
	static const struct explore_program p = {
		.thread = { remove_first, bracket }, .up = interval_up, .down = remove_down,
	};

	KT_NEED_GATES();
	explore(&p);
}

static bool refusal_up(void *unused)
{
	if (!interval_up(unused))
		return false;
	s.refuse = true;
	recorder_init(&s.rec, &recorder_bracket_ops);
	return KT_CHECK_EQ(mmu_notifier_register(&s.rec.mn, s.mm), 0);
}

static void bracket_that_is_refused(void *unused)
{
	range_of_page(&s.refused, 0);
	KT_CHECK_EQ(mmu_notifier_invalidate_range_start_nonblock(&s.refused), -EAGAIN);
}

/* Waits for open brackets; one that was refused must not be among them for ever. */
static void read_under_brackets(void *unused)
{
	unsigned long seq = mmu_interval_read_begin(&s.first);

	sched_point(SP_CALLBACK, &s.first);
	s.retries += mmu_interval_read_retry(&s.first, seq);
}

static bool refusal_down(void *unused)
{
	bool balanced = !atomic_read(&s.rec.open) && !atomic_read(&s.rec.went_negative);

	mmu_notifier_unregister(&s.rec.mn, s.mm);
	mmu_interval_notifier_remove(&s.first);
	return remove_down(unused) && balanced;
}

KTEST(explore_notifier, non_blocking_failure_against_end)
{
	static const struct explore_program p = {
		.thread = { bracket_that_is_refused, read_under_brackets, bracket },
		.up = refusal_up, .down = refusal_down,
	};

	KT_NEED_GATES();
	explore(&p);
}
