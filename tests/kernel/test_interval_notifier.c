/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_interval_notifier.c - suite interval_notifier: the sequence, the walk, the end
 *
 * Labels such as H4 are those of the contract's list of invariants.
 */
#include "mm/interval_notifier.h"

#include "include/uapi/mman.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/rand.h"
#include "kernel/sync/mutex.h"
#include "kernel/test/gate.h"
#include "kernel/test/recorder.h"
#include "mm/mmap.h"
#include "mm/slab.h"
#include "tests/kernel/kt_thread.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/threads.h"

#define VA 0x100000UL
#define P(n) ((unsigned long)(n) * PAGE_SIZE)

/* A driver with one range, which notes what it is told. */
struct ear {
	struct mmu_interval_notifier sub;
	struct mmu_interval_notifier_finish finish;
	struct mutex lock;		/* LOCK_DRIVER */
	unsigned int calls, finishes;
	u64 order, finish_order;	/* among all ears */
	enum mmu_notifier_event event;
	unsigned long start, end;
	u64 rss;			/* of the mm, at the last call */
	bool refuse;			/* a bracket that is not blockable */
	bool no_second_pass;
};

static u64 ear_order;

static bool ear_invalidate(struct mmu_interval_notifier *sub,
			   const struct mmu_notifier_range *range, unsigned long seq)
{
	struct ear *ear = container_of(sub, struct ear, sub);

	ear->calls++;
	if (ear->refuse && !mmu_notifier_range_blockable(range))
		return false;
	if (!mutex_trylock(&ear->lock)) {
		if (!mmu_notifier_range_blockable(range))
			return false;
		mutex_lock(&ear->lock);
	}
	mmu_interval_set_seq(sub, seq);
	ear->order = ++ear_order;
	ear->event = range->event;
	ear->start = range->start;
	ear->end = range->end;
	ear->rss = mm_rss(range->mm);
	mutex_unlock(&ear->lock);
	gate_point("ear.invalidate", sub);
	return true;
}

static bool ear_invalidate_start(struct mmu_interval_notifier *sub,
				 const struct mmu_notifier_range *range, unsigned long seq,
				 struct mmu_interval_notifier_finish **finish)
{
	struct ear *ear = container_of(sub, struct ear, sub);

	if (!ear_invalidate(sub, range, seq))
		return false;
	if (!ear->no_second_pass)
		*finish = &ear->finish;
	return true;
}

static void ear_finish(struct mmu_interval_notifier_finish *finish)
{
	struct ear *ear = container_of(finish, struct ear, finish);

	KT_CHECK(finish->sub == &ear->sub);
	gate_point("ear.finish", &ear->sub);
	ear->finish_order = ++ear_order;
	ear->finishes++;
}

static const struct mmu_interval_notifier_ops ear_ops = { .invalidate = ear_invalidate };
static const struct mmu_interval_notifier_ops ear_two_pass_ops = {
	.invalidate_start = ear_invalidate_start,
	.invalidate_finish = ear_finish,
};

static bool ear_insert(struct ear *ear, struct mm *mm, unsigned long page, unsigned long nr,
		       const struct mmu_interval_notifier_ops *ops)
{
	*ear = (struct ear){ 0 };
	mutex_init(&ear->lock, LOCK_DRIVER, "ear");
	return KT_CHECK_EQ(mmu_interval_notifier_insert(&ear->sub, mm, VA + P(page), P(nr), ops),
			   0);
}

static struct mm *ear_mm(void)
{
	struct mm *mm = NULL;

	ear_order = 0;
	return KT_CHECK_EQ(mm_alloc(&mm), 0) ? mm : NULL;
}

static void open_bracket(struct mmu_notifier_range *range, struct mm *mm, unsigned long page,
			 unsigned long nr)
{
	fx_range_init(range, MMU_NOTIFY_CLEAR, MMU_NOTIFIER_RANGE_BLOCKABLE, mm,
				VA + P(page), VA + P(page + nr));
	mmu_notifier_invalidate_range_start(range);
}

static void bracket(struct mm *mm, unsigned long page, unsigned long nr)
{
	struct mmu_notifier_range range;

	open_bracket(&range, mm, page, nr);
	mmu_notifier_invalidate_range_end(&range);
}

static int bracket_thread(void *mm)
{
	bracket(mm, 0, 16);
	return 0;
}

static int remove_thread(void *sub)
{
	mmu_interval_notifier_remove(sub);
	return 0;
}

static int reader_thread(void *sub)
{
	(void)mmu_interval_read_begin(sub);
	return 0;
}

/* A thread that must be asleep, not done, at this point of the test. */
static bool stands(struct task *t)
{
	return t && kt_wait_until(kt_asleep(t) || kt_done(t)) && KT_CHECK(!kt_done(t));
}

/* ---- who is told ---- */

/* H8, A9: half-open ranges that only touch do not overlap. */
KTEST_QUICK(interval_notifier, only_overlapping_ranges_are_told)
{
	struct ear low, middle, high;
	struct mm *mm = ear_mm();

	KT_TRUE(mm);
	ear_insert(&low, mm, 0, 4, &ear_ops);
	ear_insert(&middle, mm, 4, 4, &ear_ops);
	ear_insert(&high, mm, 8, 4, &ear_ops);
	bracket(mm, 4, 4);
	KT_CHECK_EQ(middle.calls, 1);
	KT_CHECK_EQ(middle.start, VA + P(4));
	KT_CHECK_EQ(middle.end, VA + P(8));
	KT_CHECK_EQ(middle.event, MMU_NOTIFY_CLEAR);
	KT_CHECK_EQ(low.calls + high.calls, 0);
	bracket(mm, 7, 2);
	KT_CHECK_EQ(middle.calls, 2);
	KT_CHECK_EQ(high.calls, 1);
	KT_CHECK_EQ(low.calls, 0);
	mmu_interval_notifier_remove(&middle.sub);
	bracket(mm, 0, 16);
	KT_CHECK_EQ(middle.calls, 2);
	KT_CHECK_EQ(low.calls, 1);
	mmu_interval_notifier_remove(&low.sub);
	mmu_interval_notifier_remove(&high.sub);
	mmput(mm);
}

/* H7, B4 */
KTEST_QUICK(interval_notifier, impossible_subscriptions_are_refused)
{
	struct mmu_interval_notifier_ops both = ear_two_pass_ops;
	struct mmu_interval_notifier sub = { 0 };
	struct mm *mm = ear_mm();

	KT_TRUE(mm);
	KT_CHECK_EQ(mmu_interval_notifier_insert(&sub, mm, VA, 0, &ear_ops), -EOVERFLOW);
	KT_CHECK_EQ(mmu_interval_notifier_insert(&sub, mm, VA, ~0UL, &ear_ops), -EOVERFLOW);
	both.invalidate = ear_invalidate;
	KT_CHECK_EQ(mmu_interval_notifier_insert(&sub, mm, VA, 1, &both), -EINVAL);
	both.invalidate = NULL;
	both.invalidate_finish = NULL;
	KT_CHECK_EQ(mmu_interval_notifier_insert(&sub, mm, VA, 1, &both), -EINVAL);
	KT_CHECK(!mm_has_notifiers(mm));
	KT_CHECK_EQ(mmu_interval_notifier_insert(&sub, mm, 0, ~0UL, &ear_ops), 0);
	KT_CHECK(mm_has_blockable_invalidate_notifiers(mm));
	mmu_interval_notifier_remove(&sub);
	KT_CHECK(!mm_has_blockable_invalidate_notifiers(mm));
	mmgrab(mm);
	mmput(mm);
	KT_CHECK_EQ(mmu_interval_notifier_insert(&sub, mm, VA, 1, &ear_ops), -EINVAL);
	mmdrop(mm);
}

/* H11: who moves a page himself is not told of it, and does not wait for it. */
KTEST_QUICK(interval_notifier, only_own_migrations_are_filtered)
{
	struct mmu_notifier_range range;
	struct mm *mm = ear_mm();
	int me, other;
	struct ear ear;

	KT_TRUE(mm);
	ear_insert(&ear, mm, 0, 4, &ear_ops);
	mmu_interval_notifier_remove(&ear.sub);
	ear.sub.owner = &me;
	KT_CHECK_EQ(mmu_interval_notifier_insert(&ear.sub, mm, VA, P(4), &ear_ops), 0);
	for (enum mmu_notifier_event e = MMU_NOTIFY_UNMAP; e <= MMU_NOTIFY_EXCLUSIVE; e++) {
		bool own = e == MMU_NOTIFY_MIGRATE || e == MMU_NOTIFY_EXCLUSIVE;
		unsigned long seq = mmu_interval_read_begin(&ear.sub);
		unsigned int calls = ear.calls;

		fx_range_init(&range, e, MMU_NOTIFIER_RANGE_BLOCKABLE, mm, VA,
					VA + P(1));
		range.owner = &me;
		mmu_notifier_invalidate_range_start(&range);
		KT_CHECK_EQ(ear.calls, calls + !own);
		KT_CHECK_EQ(mmu_interval_read_retry(&ear.sub, seq), !own);
		if (own)	/* would wait for ever */
			KT_CHECK_EQ(mmu_interval_read_begin(&ear.sub), seq);
		mmu_notifier_invalidate_range_end(&range);
		range.owner = &other;
		mmu_notifier_invalidate_range_start(&range);
		KT_CHECK_EQ(ear.calls, calls + !own + 1);
		mmu_notifier_invalidate_range_end(&range);
	}
	mmu_interval_notifier_remove(&ear.sub);
	mmput(mm);
}

/* A17: a driver with both kinds finds its sequence changed when its start is called. */
KTEST_QUICK(interval_notifier, intervals_are_told_before_the_list)
{
	struct recorder *rec = KT_GET(kzalloc(sizeof(*rec), GFP_KERNEL));
	struct mmu_notifier_range range;
	struct mm *mm = ear_mm();
	struct ear ear;

	KT_TRUE(mm && rec);
	recorder_init(rec, &recorder_bracket_ops);
	KT_CHECK_EQ(mmu_notifier_register(&rec->mn, mm), 0);
	ear_insert(&ear, mm, 0, 4, &ear_ops);
	ear.refuse = true;
	fx_range_init(&range, MMU_NOTIFY_CLEAR, 0, mm, VA, VA + P(1));
	KT_CHECK_EQ(mmu_notifier_invalidate_range_start_nonblock(&range), -EAGAIN);
	KT_CHECK_EQ(ear.calls, 1);
	KT_CHECK_EQ(recorder_count(rec, MN_INVALIDATE_RANGE_START), 0);
	KT_CHECK_EQ(recorder_count(rec, MN_INVALIDATE_RANGE_END), 0);
	mmu_interval_notifier_remove(&ear.sub);
	mmu_notifier_unregister(&rec->mn, mm);
	kfree(rec);
	mmput(mm);
}

/* ---- the reader's half ---- */

/* H4, H8: retry if the range was touched, and only then. */
KTEST_QUICK(interval_notifier, retry_tells_whether_the_range_was_touched)
{
	struct mm *mm = ear_mm();
	unsigned long seq;
	struct ear ear;

	KT_TRUE(mm);
	ear_insert(&ear, mm, 4, 4, &ear_ops);
	seq = mmu_interval_read_begin(&ear.sub);
	KT_CHECK(!mmu_interval_read_retry(&ear.sub, seq));
	bracket(mm, 0, 4);
	bracket(mm, 8, 4);
	KT_CHECK(!mmu_interval_read_retry(&ear.sub, seq));
	bracket(mm, 7, 1);
	KT_CHECK(mmu_interval_read_retry(&ear.sub, seq));
	seq = mmu_interval_read_begin(&ear.sub);
	KT_CHECK(!mmu_interval_read_retry(&ear.sub, seq));
	bracket(mm, 4, 1);
	KT_CHECK(mmu_interval_read_retry(&ear.sub, seq));
	mmu_interval_notifier_remove(&ear.sub);
	mmput(mm);
}

/* H3; and unrelated brackets delay nobody (rule 12). */
KTEST(interval_notifier, a_reader_waits_for_the_bracket_that_touches_it)
{
	struct mmu_notifier_range touching, unrelated;
	struct mm *mm = ear_mm();
	struct task *reader;
	struct ear ear;

	KT_TRUE(mm);
	ear_insert(&ear, mm, 4, 4, &ear_ops);
	open_bracket(&unrelated, mm, 8, 4);
	KT_CHECK_EQ(kt_join(kt_spawn(reader_thread, &ear.sub)), 0);
	open_bracket(&touching, mm, 0, 5);
	reader = kt_spawn(reader_thread, &ear.sub);
	stands(reader);
	mmu_notifier_invalidate_range_end(&touching);
	KT_CHECK_EQ(kt_join(reader), 0);
	mmu_notifier_invalidate_range_end(&unrelated);
	mmu_interval_notifier_remove(&ear.sub);
	mmput(mm);
}

/* H2: a subscription that comes into an open bracket mirrors nothing until it ends. */
KTEST(interval_notifier, a_bracket_that_is_open_touches_who_is_inserted)
{
	struct mmu_notifier_range range;
	struct mm *mm = ear_mm();
	struct ear first, late;
	struct task *reader;

	KT_TRUE(mm);
	ear_insert(&first, mm, 0, 16, &ear_ops);
	open_bracket(&range, mm, 0, 8);
	ear_insert(&late, mm, 4, 8, &ear_ops);
	KT_CHECK_EQ(late.calls, 0);
	reader = kt_spawn(reader_thread, &late.sub);
	stands(reader);
	mmu_notifier_invalidate_range_end(&range);
	KT_CHECK_EQ(kt_join(reader), 0);
	bracket(mm, 4, 1);
	KT_CHECK_EQ(late.calls, 1);
	mmu_interval_notifier_remove(&late.sub);
	mmu_interval_notifier_remove(&first.sub);
	mmput(mm);
}

/* ---- remove ---- */

/*
 * H6: remove waits for the callback that runs. Rule 12: a bracket that begins
 * meanwhile passes the subscription by, so that no stream of them can delay remove.
 */
KTEST(interval_notifier, remove_waits_for_the_callback_that_runs_and_no_other)
{
	struct task *walker, *remover;
	struct mm *mm = ear_mm();
	struct ear ear, next;

	KT_NEED_GATES();
	KT_TRUE(mm);
	ear_insert(&ear, mm, 0, 4, &ear_ops);
	ear_insert(&next, mm, 1, 4, &ear_ops);
	gate_arm("ear.invalidate", &ear.sub);
	walker = kt_spawn(bracket_thread, mm);
	KT_CHECK(gate_wait("ear.invalidate"));
	remover = kt_spawn(remove_thread, &ear.sub);
	stands(remover);
	bracket(mm, 0, 4);
	KT_CHECK_EQ(ear.calls, 1);
	KT_CHECK_EQ(next.calls, 1);
	gate_open("ear.invalidate");
	KT_CHECK_EQ(kt_join(walker), 0);
	KT_CHECK_EQ(kt_join(remover), 0);
	KT_CHECK_EQ(next.calls, 2);	/* the walk found its way on */
	mmu_interval_notifier_remove(&next.sub);
	mmput(mm);
}

/* Rule 12: what is open but not in our callback is not waited for. */
KTEST_QUICK(interval_notifier, insert_and_remove_inside_open_brackets_return_at_once)
{
	struct mmu_notifier_range outer, inner;
	struct mm *mm = ear_mm();
	struct ear a, b;

	KT_TRUE(mm);
	ear_insert(&a, mm, 0, 4, &ear_ops);
	open_bracket(&outer, mm, 0, 8);
	open_bracket(&inner, mm, 2, 2);
	ear_insert(&b, mm, 2, 4, &ear_ops);
	mmu_interval_notifier_remove(&a.sub);
	mmu_interval_notifier_remove(&b.sub);
	mmu_notifier_invalidate_range_end(&inner);
	mmu_notifier_invalidate_range_end(&outer);
	KT_CHECK_EQ(a.calls, 2);
	KT_CHECK_EQ(b.calls, 0);
	mmput(mm);
}

/* ---- brackets that may not sleep ---- */

/* Rule 6, D6: whoever refuses, no bracket stays open for the readers. */
KTEST_QUICK(interval_notifier, a_refusal_on_either_side_closes_the_bracket)
{
	struct recorder *rec = KT_GET(kzalloc(sizeof(*rec), GFP_KERNEL));
	struct mmu_notifier_range range;
	struct mm *mm = ear_mm();
	struct ear a, b;

	KT_TRUE(mm && rec);
	recorder_init(rec, &recorder_bracket_ops);
	KT_CHECK_EQ(mmu_notifier_register(&rec->mn, mm), 0);
	ear_insert(&a, mm, 0, 4, &ear_ops);
	ear_insert(&b, mm, 1, 4, &ear_ops);
	fx_range_init(&range, MMU_NOTIFY_CLEAR, 0, mm, VA, VA + P(4));
	rec->start_answer = -EAGAIN;
	KT_CHECK_EQ(mmu_notifier_invalidate_range_start_nonblock(&range), -EAGAIN);
	KT_CHECK_EQ(a.calls + b.calls, 2);
	KT_TRUE(hlist_unhashed(&range.open));
	a.refuse = true;
	KT_CHECK_EQ(mmu_notifier_invalidate_range_start_nonblock(&range), -EAGAIN);
	KT_CHECK_EQ(a.calls, 2);
	KT_CHECK_EQ(b.calls, 1);	/* the first refusal stops */
	KT_TRUE(hlist_unhashed(&range.open));
	if (!ktest_failed()) {
		(void)mmu_interval_read_begin(&a.sub);
		(void)mmu_interval_read_begin(&b.sub);
	}
	a.refuse = false;
	rec->start_answer = 0;
	KT_CHECK_EQ(mmu_notifier_invalidate_range_start_nonblock(&range), 0);
	mmu_notifier_invalidate_range_end(&range);
	KT_CHECK_EQ(atomic_read(&rec->open), 0);
	mmu_interval_notifier_remove(&a.sub);
	mmu_interval_notifier_remove(&b.sub);
	mmu_notifier_unregister(&rec->mn, mm);
	kfree(rec);
	mmput(mm);
}

/* ---- two passes ---- */

/* H9: all begin before any finishes; in order; also when one refuses. */
KTEST_QUICK(interval_notifier, all_first_passes_come_before_all_second_passes)
{
	struct mmu_notifier_range range;
	struct mm *mm = ear_mm();
	struct ear a, b, c, d;

	KT_TRUE(mm);
	ear_insert(&c, mm, 3, 4, &ear_ops);
	ear_insert(&a, mm, 0, 4, &ear_two_pass_ops);
	ear_insert(&d, mm, 3, 5, &ear_two_pass_ops);
	ear_insert(&b, mm, 1, 4, &ear_two_pass_ops);
	b.no_second_pass = true;
	bracket(mm, 0, 8);
	KT_CHECK(a.order < b.order && b.order < c.order && b.order < d.order);
	KT_CHECK(a.finish_order > c.order && a.finish_order > d.order);
	KT_CHECK(d.finish_order > a.finish_order);
	KT_CHECK_EQ(a.finishes + d.finishes, 2);
	KT_CHECK_EQ(b.finishes, 0);

	d.refuse = true;
	fx_range_init(&range, MMU_NOTIFY_CLEAR, 0, mm, VA, VA + P(8));
	KT_CHECK_EQ(mmu_notifier_invalidate_range_start_nonblock(&range), -EAGAIN);
	KT_CHECK_EQ(a.finishes, 2);
	KT_CHECK_EQ(d.finishes, 1);
	mmu_interval_notifier_remove(&a.sub);
	mmu_interval_notifier_remove(&b.sub);
	mmu_interval_notifier_remove(&c.sub);
	mmu_interval_notifier_remove(&d.sub);
	mmput(mm);
}

/* H6, H9: a subscription whose second pass is due is in use. */
KTEST(interval_notifier, remove_waits_for_the_second_pass)
{
	struct task *walker, *remover;
	struct mm *mm = ear_mm();
	struct ear ear;

	KT_NEED_GATES();
	KT_TRUE(mm);
	ear_insert(&ear, mm, 0, 4, &ear_two_pass_ops);
	gate_arm("ear.finish", &ear.sub);
	walker = kt_spawn(bracket_thread, mm);
	KT_CHECK(gate_wait("ear.finish"));
	remover = kt_spawn(remove_thread, &ear.sub);
	stands(remover);
	gate_open("ear.finish");
	KT_CHECK_EQ(kt_join(walker), 0);
	KT_CHECK_EQ(kt_join(remover), 0);
	KT_CHECK_EQ(ear.finishes, 1);
	mmput(mm);
}

/* ---- mistakes of drivers ---- */

static bool forgetful(struct mmu_interval_notifier *sub, const struct mmu_notifier_range *range,
		      unsigned long seq)
{
	return true;
}

static bool stubborn(struct mmu_interval_notifier *sub, const struct mmu_notifier_range *range,
		     unsigned long seq)
{
	mmu_interval_set_seq(sub, seq);
	return false;
}

/* H5: a callback that does not note the bracket lets the reader install what is gone. */
KTEST_QUICK(interval_notifier, wrong_callbacks_are_reported)
{
	static const struct mmu_interval_notifier_ops forgetful_ops = { .invalidate = forgetful },
						      stubborn_ops = { .invalidate = stubborn };
	struct mmu_interval_notifier sub = { 0 };
	struct mm *mm;

	KT_NEED_CHECKS();
	mm = ear_mm();
	KT_TRUE(mm);
	KT_CHECK_EQ(mmu_interval_notifier_insert(&sub, mm, VA, P(4), &forgetful_ops), 0);
	check_expect(CHECK_CHECK);
	bracket(mm, 0, 1);
	KT_CHECK_EQ(check_expected(), 1);
	mmu_interval_notifier_remove(&sub);
	KT_CHECK_EQ(mmu_interval_notifier_insert(&sub, mm, VA, P(4), &stubborn_ops), 0);
	check_expect(CHECK_CHECK);
	bracket(mm, 0, 1);
	KT_CHECK_EQ(check_expected(), 1);
	mmu_interval_notifier_remove(&sub);
	mmput(mm);
}

/* ---- exit ---- */

/* H10, C1: RELEASE over everything, once, while all is still there; then nothing. */
KTEST_QUICK(interval_notifier, exit_tells_release_once)
{
	struct mm *mm = ear_mm();
	unsigned long va = 0;
	struct ear ear;

	KT_TRUE(mm);
	KT_CHECK_EQ(vm_mmap(mm, NULL, 0, P(4), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, 0, &va), 0);
	KT_CHECK_EQ(mm_populate(mm, va, va + P(4), true), 0);
	ear = (struct ear){ 0 };
	mutex_init(&ear.lock, LOCK_DRIVER, "ear");
	KT_CHECK_EQ(mmu_interval_notifier_insert(&ear.sub, mm, va, P(4), &ear_ops), 0);
	KT_CHECK_EQ(vm_munmap(mm, va, P(1)), 0);
	KT_CHECK_EQ(ear.calls, 1);
	KT_CHECK_EQ(ear.event, MMU_NOTIFY_UNMAP);
	mmput(mm);
	KT_CHECK_EQ(ear.calls, 2);
	KT_CHECK_EQ(ear.event, MMU_NOTIFY_RELEASE);
	KT_CHECK_EQ(ear.start, 0);
	KT_CHECK_EQ(ear.rss, 3);
	mmu_interval_notifier_remove(&ear.sub);	/* the structure was kept until here */
}

/* ---- everything at once: against a model ---- */

#define FUZZ_PAGES 16
#define FUZZ_TURNS 300

/* "Tables" (now) that brackets change, and a mirror of them in four ranges. */
struct fuzz {
	struct mm *mm;
	atomic_t now[FUZZ_PAGES];
	struct mirror {
		struct mmu_interval_notifier sub;
		struct mutex lock;
		int copy[FUZZ_PAGES / 4];	/* lock: 0: not mirrored */
		struct mutex removing;		/* LOCK_TEST_OUTER: one user at a time */
	} mirror[4];
};

static bool fuzz_invalidate(struct mmu_interval_notifier *sub,
			    const struct mmu_notifier_range *range, unsigned long seq)
{
	struct mirror *m = container_of(sub, struct mirror, sub);

	mutex_lock(&m->lock);
	mmu_interval_set_seq(sub, seq);
	for (unsigned int i = 0; i < FUZZ_PAGES / 4; i++) {
		unsigned long va = sub->node.start + P(i);

		if (va < range->end && va + P(1) > range->start)
			m->copy[i] = 0;
	}
	mutex_unlock(&m->lock);
	return true;
}

static const struct mmu_interval_notifier_ops fuzz_ops = { .invalidate = fuzz_invalidate };

static void fuzz_change(struct fuzz *f, u64 first, u64 nr)
{
	struct mmu_notifier_range range;

	open_bracket(&range, f->mm, first, nr);
	for (u64 i = first; i < first + nr; i++)
		KT_CHECK_EQ(READ_ONCE(f->mirror[i / 4].copy[i % 4]), 0);
	cond_resched();
	for (u64 i = first; i < first + nr; i++)
		atomic_inc(&f->now[i]);
	for (u64 i = first; i < first + nr; i++)
		KT_CHECK_EQ(READ_ONCE(f->mirror[i / 4].copy[i % 4]), 0);
	mmu_notifier_invalidate_range_end(&range);
}

static void fuzz_mirror(struct fuzz *f, struct mirror *m, unsigned int i)
{
	unsigned long seq = mmu_interval_read_begin(&m->sub);
	int value = atomic_read(&f->now[(m - f->mirror) * 4 + i]);

	cond_resched();
	mutex_lock(&m->lock);
	if (!mmu_interval_read_retry(&m->sub, seq))
		WRITE_ONCE(m->copy[i], value);
	mutex_unlock(&m->lock);
}

static bool fuzz_insert(struct fuzz *f, struct mirror *m)
{
	return !mmu_interval_notifier_insert(&m->sub, f->mm, VA + P((m - f->mirror) * 4), P(4),
					     &fuzz_ops);
}

static void fuzz_forget(struct mirror *m)
{
	mutex_lock(&m->lock);
	for (unsigned int i = 0; i < FUZZ_PAGES / 4; i++)
		WRITE_ONCE(m->copy[i], 0);
	mutex_unlock(&m->lock);
}

static int fuzz_thread(void *arg, unsigned int n)
{
	struct rand_state rand;
	struct fuzz *f = arg;

	rand_seed(&rand, 77 + n);
	for (unsigned int turn = 0; turn < FUZZ_TURNS && !ktest_failed(); turn++) {
		u64 first = rand_below(&rand, FUZZ_PAGES);
		struct mirror *m = &f->mirror[rand_below(&rand, 4)];

		if (n < 2) {
			fuzz_change(f, first, 1 + rand_below(&rand, FUZZ_PAGES - first));
			continue;
		}
		mutex_lock(&m->removing);
		if (turn % 16 == 0) {
			fuzz_forget(m);		/* first: afterwards nobody tells it */
			mmu_interval_notifier_remove(&m->sub);
			KT_CHECK(fuzz_insert(f, m));
		}
		fuzz_mirror(f, m, turn % 4);
		mutex_unlock(&m->removing);
		cond_resched();
	}
	return 0;
}

/* A1, A2, H4: whatever is mirrored is what the tables say, and nothing inside a bracket. */
KTEST(interval_notifier, the_mirror_never_differs_from_the_tables)
{
	struct fuzz *f = KT_GET(kzalloc(sizeof(*f), GFP_KERNEL));

	KT_TRUE(f);
	f->mm = ear_mm();
	for (unsigned int i = 0; i < 4; i++) {
		mutex_init(&f->mirror[i].lock, LOCK_DRIVER, "mirror");
		mutex_init(&f->mirror[i].removing, LOCK_TEST_OUTER, "removing");
		KT_CHECK(fuzz_insert(f, &f->mirror[i]));
	}
	for (unsigned int i = 0; i < FUZZ_PAGES; i++)
		atomic_set(&f->now[i], 1);
	KT_CHECK_EQ(test_threads(5, fuzz_thread, f), 0);
	for (unsigned int i = 0; i < FUZZ_PAGES; i++) {
		int copy = f->mirror[i / 4].copy[i % 4];

		KT_CHECK(copy == 0 || copy == atomic_read(&f->now[i]));
	}
	for (unsigned int i = 0; i < 4; i++)
		mmu_interval_notifier_remove(&f->mirror[i].sub);
	mmput(f->mm);
	kfree(f);
}
