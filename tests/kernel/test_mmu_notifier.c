/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_mmu_notifier.c - suite mmu_notifier: the core and the call sites
 *
 * Labels such as A7 or C2 are those of the contract's list of invariants, which
 * docs/notifiers.md explains.
 */
#include "mm/mmu_notifier.h"

#include "include/uapi/mman.h"
#include "kernel/sched/kthread.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/completion.h"
#include "kernel/test/gate.h"
#include "kernel/test/ktest.h"
#include "kernel/test/recorder.h"
#include "mm/fork.h"
#include "mm/mmap.h"
#include "mm/slab.h"
#include "mm/uaccess.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/notifier_toys.h"

#define PAGES 8UL

/* An address space with PAGES touched pages at va, and a subscriber or two. */
struct rig {
	struct mm *mm;
	unsigned long va;
	struct recorder *a, *b, *c;
};

static bool rig_register(struct rig *rig, struct recorder **rec, const struct mmu_notifier_ops *ops)
{
	*rec = toy_recorder(rig->mm, ops);
	return *rec;
}

static bool rig_up(struct rig *rig)
{
	*rig = (struct rig){ 0 };
	if (KT_TRY(mm_alloc(&rig->mm)))
		return false;
	if (KT_TRY(vm_mmap(rig->mm, NULL, 0, PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, 0, &rig->va)))
		return false;
	return !KT_TRY(mm_populate(rig->mm, rig->va, rig->va + PAGES * PAGE_SIZE, false));
}

static void rig_down(struct rig *rig)
{
	struct recorder *recs[] = { rig->a, rig->b, rig->c };

	for (unsigned int i = 0; i < ARRAY_SIZE(recs); i++) {
		if (!recs[i])
			continue;
		mmu_notifier_unregister(&recs[i]->mn, rig->mm);
		KT_CHECK_EQ(recorder_count(recs[i], MN_RELEASE), 1);
		KT_CHECK_EQ(atomic_read(&recs[i]->open), 0);
		KT_CHECK_EQ(atomic_read(&recs[i]->went_negative), 0);
		kfree(recs[i]);
	}
	if (rig->mm)
		mmput(rig->mm);
}

/* Open and close a core bracket over @pages pages from rig->va on. */
static void rig_bracket(struct rig *rig, unsigned long pages, unsigned int flags)
{
	struct mmu_notifier_range range;

	down_read(&rig->mm->mmap_lock);
	fx_range_init(&range, MMU_NOTIFY_CLEAR, MMU_NOTIFIER_RANGE_BLOCKABLE | flags,
				rig->mm, rig->va, rig->va + pages * PAGE_SIZE);
	mmu_notifier_invalidate_range_start(&range);
	mmu_notifier_invalidate_range_end(&range);
	up_read(&rig->mm->mmap_lock);
}

/* ---- what a subscriber may ask for ---- */

KTEST_QUICK(mmu_notifier, register_refuses_impossible_ops)
{
	struct mmu_notifier_ops ops = recorder_bracket_ops;
	struct mmu_notifier mn = { .ops = &ops };
	struct rig rig;

	KT_TRUE(rig_up(&rig));
	ops.invalidate_range_end = NULL;
	KT_CHECK_EQ(mmu_notifier_register(&mn, rig.mm), -EINVAL);
	ops = recorder_pair_ops;
	ops.invalidate_page = NULL;
	KT_CHECK_EQ(mmu_notifier_register(&mn, rig.mm), -EINVAL);
	KT_CHECK(!mm_has_notifiers(rig.mm));
	rig_down(&rig);
}

/* A7: start and end carry the same range. */
KTEST_QUICK(mmu_notifier, bracket_subscriber_hears_start_and_end_of_everything)
{
	const struct recorded_call *start, *end;
	struct rig rig;

	KT_TRUE(rig_up(&rig));
	if (!KT_CHECK(rig_register(&rig, &rig.a, &recorder_bracket_ops)))
		goto out;
	rig_bracket(&rig, 3, 0);
	rig_bracket(&rig, 1, MMU_NOTIFIER_RANGE_SINGLE_PAGE);
	KT_CHECK_EQ(recorder_count(rig.a, MN_INVALIDATE_RANGE_START), 2);
	KT_CHECK_EQ(recorder_count(rig.a, MN_INVALIDATE_RANGE_END), 2);
	start = recorder_find(rig.a, MN_INVALIDATE_RANGE_START, 0);
	end = recorder_find(rig.a, MN_INVALIDATE_RANGE_END, 0);
	if (KT_CHECK(start && end)) {
		KT_CHECK_EQ(start->start, rig.va);
		KT_CHECK_EQ(start->end, rig.va + 3 * PAGE_SIZE);
		KT_CHECK_EQ(end->end, start->end);
		KT_CHECK(start->seq < end->seq);
	}
out:
	rig_down(&rig);
}

KTEST_QUICK(mmu_notifier, pair_subscriber_hears_single_pages_by_page_only)
{
	struct rig rig;

	KT_TRUE(rig_up(&rig));
	if (!KT_CHECK(rig_register(&rig, &rig.a, &recorder_pair_ops)))
		goto out;
	rig_bracket(&rig, 1, MMU_NOTIFIER_RANGE_SINGLE_PAGE);
	KT_CHECK_EQ(recorder_count(rig.a, MN_INVALIDATE_RANGE_START), 0);
	mmu_notifier_invalidate_page(rig.mm, rig.va);
	KT_CHECK_EQ(recorder_count(rig.a, MN_INVALIDATE_PAGE), 1);
	rig_bracket(&rig, 1, 0);
	KT_CHECK_EQ(recorder_count(rig.a, MN_INVALIDATE_RANGE_START), 1);
out:
	rig_down(&rig);
}

/* G1: all are asked to clear; a question stops at the first yes. */
KTEST_QUICK(mmu_notifier, young_calls_ask_everyone)
{
	struct rig rig;

	KT_TRUE(rig_up(&rig));
	if (!KT_CHECK(rig_register(&rig, &rig.a, &recorder_bracket_ops)) ||
	    !KT_CHECK(rig_register(&rig, &rig.b, &recorder_point_ops)))
		goto out;
	KT_CHECK_EQ(__mmu_notifier_clear_flush_young(rig.mm, rig.va, rig.va + PAGE_SIZE), 0);
	rig.b->young_answer = 1;
	KT_CHECK_EQ(__mmu_notifier_clear_flush_young(rig.mm, rig.va, rig.va + PAGE_SIZE), 1);
	KT_CHECK_EQ(recorder_count(rig.a, MN_CLEAR_FLUSH_YOUNG), 2);
	KT_CHECK_EQ(recorder_count(rig.b, MN_CLEAR_FLUSH_YOUNG), 2);
	KT_CHECK_EQ(__mmu_notifier_test_young(rig.mm, rig.va), 1);
	KT_CHECK_EQ(recorder_count(rig.b, MN_TEST_YOUNG), 1);
	KT_CHECK_EQ(recorder_count(rig.a, MN_TEST_YOUNG), 0);	/* b is first on the list */
out:
	rig_down(&rig);
}

/* Rule 6: the first -EAGAIN stops; exactly those that started get their end. */
KTEST_QUICK(mmu_notifier, failed_nonblocking_start_is_undone_exactly)
{
	struct mmu_notifier_range range;
	struct rig rig;

	KT_TRUE(rig_up(&rig));
	/* The list is newest first: c starts, b refuses, a is never asked. */
	if (!KT_CHECK(rig_register(&rig, &rig.a, &recorder_bracket_ops)) ||
	    !KT_CHECK(rig_register(&rig, &rig.b, &recorder_bracket_ops)) ||
	    !KT_CHECK(rig_register(&rig, &rig.c, &recorder_bracket_ops)))
		goto out;
	rig.b->start_answer = -EAGAIN;
	down_read(&rig.mm->mmap_lock);
	fx_range_init(&range, MMU_NOTIFY_CLEAR, 0, rig.mm, rig.va, rig.va + PAGE_SIZE);
	KT_CHECK_EQ(mmu_notifier_invalidate_range_start_nonblock(&range), -EAGAIN);
	up_read(&rig.mm->mmap_lock);
	KT_CHECK_EQ(recorder_count(rig.c, MN_INVALIDATE_RANGE_START), 1);
	KT_CHECK_EQ(recorder_count(rig.c, MN_INVALIDATE_RANGE_END), 1);
	KT_CHECK_EQ(recorder_count(rig.b, MN_INVALIDATE_RANGE_END), 0);
	KT_CHECK_EQ(recorder_count(rig.a, MN_INVALIDATE_RANGE_START), 0);
	KT_CHECK_EQ(recorder_count(rig.a, MN_INVALIDATE_RANGE_END), 0);
out:
	rig_down(&rig);
}

/* ---- call sites ---- */

/* Point call after the entries are clear and before the bracket ends (F1, rule 2). */
KTEST_QUICK(mmu_notifier, munmap_brackets_and_flushes_point_subscribers_inside)
{
	const struct recorded_call *start, *point, *end;
	struct rig rig;

	KT_TRUE(rig_up(&rig));
	if (!KT_CHECK(rig_register(&rig, &rig.a, &recorder_bracket_ops)) ||
	    !KT_CHECK(rig_register(&rig, &rig.b, &recorder_point_ops)))
		goto out;
	KT_CHECK_EQ(vm_munmap(rig.mm, rig.va, 4 * PAGE_SIZE), 0);
	start = recorder_find(rig.a, MN_INVALIDATE_RANGE_START, 0);
	end = recorder_find(rig.a, MN_INVALIDATE_RANGE_END, 0);
	point = recorder_find(rig.b, MN_INVALIDATE_RANGE, 0);
	if (!KT_CHECK(start && end && point))
		goto out;
	KT_CHECK(start->seq < point->seq && point->seq < end->seq);
	KT_CHECK(start->start <= rig.va && start->end >= rig.va + 4 * PAGE_SIZE);
	KT_CHECK(point->start <= rig.va && point->end >= rig.va + 4 * PAGE_SIZE);
out:
	rig_down(&rig);
}

KTEST_QUICK(mmu_notifier, mprotect_and_madvise_bracket_their_range)
{
	struct rig rig;

	KT_TRUE(rig_up(&rig));
	if (!KT_CHECK(rig_register(&rig, &rig.a, &recorder_bracket_ops)))
		goto out;
	down_write(&rig.mm->mmap_lock);
	KT_CHECK_EQ(do_mprotect(rig.mm, rig.va, 2 * PAGE_SIZE, PROT_READ), 0);
	up_write(&rig.mm->mmap_lock);
	KT_CHECK_EQ(recorder_count(rig.a, MN_INVALIDATE_RANGE_START), 1);
	down_read(&rig.mm->mmap_lock);
	KT_CHECK_EQ(do_madvise(rig.mm, rig.va, PAGES * PAGE_SIZE, MADV_DONTNEED), 0);
	up_read(&rig.mm->mmap_lock);
	KT_CHECK(recorder_count(rig.a, MN_INVALIDATE_RANGE_START) >= 2);
	KT_CHECK_EQ(atomic_read(&rig.a->open), 0);
out:
	rig_down(&rig);
}

/* fork notifies the parent; the child begins with no subscriber (B8). */
KTEST_QUICK(mmu_notifier, fork_brackets_the_parent_and_the_child_has_no_subscriber)
{
	struct mm *child = NULL;
	struct rig rig;

	KT_TRUE(rig_up(&rig));
	if (!KT_CHECK(rig_register(&rig, &rig.a, &recorder_bracket_ops)))
		goto out;
	if (!KT_CHECK_EQ(dup_mm(rig.mm, &child), 0))
		goto out;
	KT_CHECK(recorder_count(rig.a, MN_INVALIDATE_RANGE_START) >= 1);
	KT_CHECK(!mm_has_notifiers(child));
	mmput(child);
out:
	rig_down(&rig);
}

/* COW replaces one page: start..end for brackets, change_pte for the pair. */
KTEST_QUICK(mmu_notifier, cow_tells_each_subscriber_in_its_protocol)
{
	struct mm *child = NULL;
	struct rig rig;
	u64 word = 7;

	KT_TRUE(rig_up(&rig));
	if (!KT_CHECK(rig_register(&rig, &rig.a, &recorder_bracket_ops)) ||
	    !KT_CHECK(rig_register(&rig, &rig.b, &recorder_pair_ops)) ||
	    !KT_CHECK(rig_register(&rig, &rig.c, &recorder_point_ops)) ||
	    !KT_CHECK_EQ(dup_mm(rig.mm, &child), 0))
		goto out;
	recorder_clear(rig.a);
	recorder_clear(rig.b);
	recorder_clear(rig.c);
	kthread_use_mm(rig.mm);
	KT_CHECK_EQ(copy_to_user((void __user *)rig.va, &word, sizeof(word)), 0);
	kthread_unuse_mm(rig.mm);
	KT_CHECK_EQ(recorder_count(rig.a, MN_INVALIDATE_RANGE_START), 1);
	KT_CHECK_EQ(recorder_count(rig.a, MN_INVALIDATE_RANGE_END), 1);
	KT_CHECK_EQ(recorder_count(rig.b, MN_INVALIDATE_RANGE_START), 0);
	KT_CHECK_EQ(recorder_count(rig.b, MN_CHANGE_PTE) +
		    recorder_count(rig.b, MN_INVALIDATE_PAGE), 1);
	KT_CHECK(recorder_count(rig.c, MN_INVALIDATE_RANGE) >= 1);
	mmput(child);
out:
	rig_down(&rig);
}

/* ---- release, exactly once, never deaf ---- */

/* C1: exit releases first, then unmaps: the subscriber still hears nothing after. */
KTEST_QUICK(mmu_notifier, exit_releases_once_and_unregister_then_does_not)
{
	struct rig rig;
	struct mm *mm;

	KT_TRUE(rig_up(&rig));
	mm = rig.mm;
	if (!KT_CHECK(rig_register(&rig, &rig.a, &recorder_bracket_ops)))
		goto out;
	mmput(mm);
	rig.mm = NULL;
	KT_CHECK_EQ(recorder_count(rig.a, MN_RELEASE), 1);
	KT_CHECK_EQ(recorder_count(rig.a, MN_INVALIDATE_RANGE_START), 0);
	mmu_notifier_unregister(&rig.a->mn, mm);
	KT_CHECK_EQ(recorder_count(rig.a, MN_RELEASE), 1);
	kfree(rig.a);
	rig.a = NULL;
out:
	rig_down(&rig);
}

struct unregister_job {
	struct recorder *rec;
	struct mm *mm;
	struct completion done;
};

static int unregister_thread(void *data)
{
	struct unregister_job *job = data;

	mmu_notifier_unregister(&job->rec->mn, job->mm);
	complete(&job->done);
	return 0;
}

static int mmput_thread(void *data)
{
	struct unregister_job *job = data;

	mmput(job->mm);
	complete(&job->done);
	return 0;
}

/* C3: between the start and the end of release(), invalidations still arrive. */
KTEST(mmu_notifier, subscriber_hears_invalidations_until_release_has_finished)
{
	struct unregister_job job;
	struct rig rig;

	KT_TRUE(rig_up(&rig));
	if (!KT_CHECK(rig_register(&rig, &rig.a, &recorder_bracket_ops)))
		goto out;
	job.rec = rig.a;
	job.mm = rig.mm;
	init_completion(&job.done);
	gate_arm("recorder.release", &rig.a->mn);
	if (!KT_CHECK_EQ(kthread_run(NULL, unregister_thread, &job, "unregister"), 0)) {
		gate_open("recorder.release");
		goto out;
	}
	KT_CHECK(gate_wait("recorder.release"));
	rig_bracket(&rig, 2, 0);
	KT_CHECK_EQ(recorder_count(rig.a, MN_INVALIDATE_RANGE_START), 1);
	KT_CHECK_EQ(recorder_count(rig.a, MN_INVALIDATE_RANGE_END), 1);
	KT_CHECK(!completion_done(&job.done));
	gate_open("recorder.release");
	wait_for_completion(&job.done);
	rig_bracket(&rig, 2, 0);
	KT_CHECK_EQ(recorder_count(rig.a, MN_INVALIDATE_RANGE_START), 1);
	KT_CHECK_EQ(recorder_count(rig.a, MN_RELEASE), 1);
	kfree(rig.a);
	rig.a = NULL;
out:
	rig_down(&rig);
}

/* @first stands in release(); @second must not be done before it has left. */
static void release_race(int (*first)(void *), int (*second)(void *))
{
	struct unregister_job one, two;
	struct rig rig;

	KT_TRUE(rig_up(&rig));
	if (!KT_CHECK(rig_register(&rig, &rig.a, &recorder_bracket_ops))) {
		rig_down(&rig);
		return;
	}
	one = (struct unregister_job){ .rec = rig.a, .mm = rig.mm };
	two = one;
	init_completion(&one.done);
	init_completion(&two.done);
	gate_arm("recorder.release", &rig.a->mn);
	KT_CHECK_EQ(kthread_run(NULL, first, &one, "first"), 0);
	KT_CHECK(gate_wait("recorder.release"));
	KT_CHECK_EQ(kthread_run(NULL, second, &two, "second"), 0);
	for (int i = 0; i < 20; i++)
		schedule_timeout_uninterruptible(1);
	KT_CHECK(!completion_done(&two.done));
	gate_open("recorder.release");
	wait_for_completion(&one.done);
	wait_for_completion(&two.done);
	KT_CHECK_EQ(recorder_count(rig.a, MN_RELEASE), 1);
	kfree(rig.a);
}

/* C5, one way: exit waits for a release that unregister is running. */
KTEST(mmu_notifier, exit_waits_for_the_release_of_unregister)
{
	release_race(unregister_thread, mmput_thread);
}

/* C5, the other way, and C4: unregister returns only when exit's release is over. */
KTEST(mmu_notifier, unregister_waits_for_the_release_of_exit)
{
	release_race(mmput_thread, unregister_thread);
}

/* ---- registration against running brackets (B1) ---- */

struct storm {
	struct rig *rig;
	bool stop;
	struct completion done;
};

static int bracket_storm(void *data)
{
	struct storm *storm = data;

	while (!READ_ONCE(storm->stop)) {
		rig_bracket(storm->rig, 2, 0);
		cond_resched();
	}
	complete(&storm->done);
	return 0;
}

KTEST(mmu_notifier, registration_sees_a_bracket_whole_or_not_at_all)
{
	struct storm storm[2];
	struct recorder *rec;
	struct rig rig;

	KT_TRUE(rig_up(&rig));
	rec = KT_GET(kzalloc(sizeof(*rec), GFP_KERNEL));
	if (!KT_CHECK(rec))
		goto out;
	for (int i = 0; i < 2; i++) {
		storm[i].rig = &rig;
		storm[i].stop = false;
		init_completion(&storm[i].done);
		KT_CHECK_EQ(kthread_run(NULL, bracket_storm, &storm[i], "storm/%d", i), 0);
	}
	for (int turn = 0; turn < 100; turn++) {
		recorder_init(rec, &recorder_bracket_ops);
		if (!KT_CHECK_EQ(mmu_notifier_register(&rec->mn, rig.mm), 0))
			break;
		while (recorder_count(rec, MN_INVALIDATE_RANGE_END) < 3)
			schedule_timeout_uninterruptible(1);
		down_write(&rig.mm->mmap_lock);		/* no bracket is open now */
		KT_CHECK_EQ(atomic_read(&rec->open), 0);
		KT_CHECK_EQ(atomic_read(&rec->went_negative), 0);
		up_write(&rig.mm->mmap_lock);
		mmu_notifier_unregister(&rec->mn, rig.mm);
		KT_CHECK_EQ(recorder_count(rec, MN_RELEASE), 1);
	}
	for (int i = 0; i < 2; i++) {
		WRITE_ONCE(storm[i].stop, true);
		wait_for_completion(&storm[i].done);
	}
	kfree(rec);
out:
	rig_down(&rig);
}
