/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_notifier_contract.c - suite notifier_contract: brackets
 *
 * Labels such as A3 are those of the table in docs/notifiers.md.
 */
#include "mm/mmu_notifier.h"

#include "fs/vfs.h"
#include "include/uapi/mman.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/sched.h"
#include "kernel/test/gate.h"
#include "kernel/test/recorder.h"
#include "mm/buddy.h"
#include "mm/filemap.h"
#include "mm/gup.h"
#include "mm/interval_notifier.h"
#include "tests/kernel/kt_thread.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/notifier_toys.h"
#include "tests/kernel/toy_mirror.h"

#define P(n) ((n) * PAGE_SIZE)

static struct mirror mirror;

/* ---- at every call site ---- */

/* For each page of the scene in @call that is mapped now. */
#define for_each_mapped(call, va, rec, page)						\
	for (va = FX_BASE; va < FX_BASE + P(SITE_PAGES); va += PAGE_SIZE)		\
		if (va >= (call)->start && va < (call)->end &&				\
		    ((page) = fx_page((rec)->mn.mm, va)) != NULL)

static void look_referenced(struct recorder *rec, const struct recorded_call *call)
{
	struct toy_check *check = rec->arg;
	struct page *page;
	unsigned long va;

	if (call->op != MN_INVALIDATE_RANGE_START)
		return;
	for_each_mapped(call, va, rec, page) {
		check->looked++;
		check->wrong += page_count(page) < 1 || !page_mapped(page);
	}
}

KTEST_QUICK(notifier_contract, at_start_the_pages_are_mapped_and_referenced)	/* A3 */
{
	toy_at_every_site(&recorder_bracket_ops, look_referenced, NULL);
}

/* The mirror heard start before the recorder: the device must miss by now. */
static void look_device(struct recorder *rec, const struct recorded_call *call)
{
	struct toy_check *check = rec->arg;
	struct page *page;
	unsigned long va;
	u64 word;

	if (call->op != MN_INVALIDATE_RANGE_START)
		return;
	for_each_mapped(call, va, rec, page) {
		check->looked++;
		check->wrong += mirror_access(&toy_mirror, va, &word, false);
	}
}

KTEST_QUICK(notifier_contract, after_start_the_device_has_no_translation)	/* A4, A5 */
{
	toy_at_every_site(&recorder_bracket_ops, look_device, NULL);
}

static void look_end(struct recorder *rec, const struct recorded_call *call)
{
	struct toy_check *check = rec->arg;

	if (call->op != MN_INVALIDATE_RANGE_END)
		return;
	for (unsigned long i = 0; i < SITE_PAGES; i++) {
		unsigned long va = FX_BASE + P(i);

		if (va < call->start || va >= call->end)
			continue;
		check->looked++;
		check->at_end[i] = fx_pte(rec->mn.mm, va);
	}
}

/* What the hardware may set at any time does not count. */
static void compare_with_end(struct toy_scene *scene, struct toy_check *check)
{
	for (unsigned long i = 0; i < SITE_PAGES; i++) {
		pte_t now = fx_pte(scene->mm, FX_BASE + P(i)), end = check->at_end[i];

		if (pte_present(now) && pte_present(end))
			check->wrong += pte_pfn(now) != pte_pfn(end) ||
					pte_write(now) != pte_write(end);
		else
			check->wrong += now.v != end.v;
	}
}

KTEST_QUICK(notifier_contract, at_end_the_entries_are_final)	/* A6 */
{
	toy_at_every_site(&recorder_bracket_ops, look_end, compare_with_end);
}

static void look_context(struct recorder *rec, const struct recorded_call *call)
{
	struct toy_check *check = rec->arg;
	struct page *page;
	unsigned long va;

	if (call->op != MN_INVALIDATE_RANGE_START && call->op != MN_INVALIDATE_RANGE_END)
		return;			/* asked whether it was used: under the table lock */
	might_sleep();
	check->looked += call->op == MN_INVALIDATE_RANGE_END;
	check->wrong += in_atomic();
	if (call->op == MN_INVALIDATE_RANGE_START)
		for_each_mapped(call, va, rec, page)
			check->looked++;
}

KTEST_QUICK(notifier_contract, start_and_end_may_sleep_at_every_site)	/* E1 */
{
	toy_at_every_site(&recorder_bracket_ops, look_context, NULL);
}

/* A subscription that hears the event. */
struct listener {
	struct mmu_interval_notifier sub;
	struct mutex lock;
	enum mmu_notifier_event expected;
	unsigned int heard, wrong;
};

static bool listener_invalidate(struct mmu_interval_notifier *sub,
				const struct mmu_notifier_range *range, unsigned long seq)
{
	struct listener *l = container_of(sub, struct listener, sub);

	mutex_lock(&l->lock);
	mmu_interval_set_seq(sub, seq);
	l->heard++;
	l->wrong += range->event != l->expected;
	mutex_unlock(&l->lock);
	return true;
}

KTEST_QUICK(notifier_contract, every_site_says_what_it_does)	/* I2 */
{
	static const struct mmu_interval_notifier_ops ops = { .invalidate = listener_invalidate };

	for (unsigned int s = 0; s < nr_toy_sites && !ktest_failed(); s++) {
		struct listener l = { .expected = toy_sites[s].event };
		struct toy_scene scene;

		if (!toy_scene_up(&scene, &toy_sites[s]))
			continue;
		mutex_init(&l.lock, LOCK_DRIVER, "listener");
		if (KT_CHECK_EQ(mmu_interval_notifier_insert(&l.sub, scene.mm, FX_BASE,
							     P(SITE_PAGES), &ops), 0)) {
			toy_sites[s].change(&scene);
			mmu_interval_notifier_remove(&l.sub);
		}
		if (!l.heard || l.wrong)
			ktest_fail(__FILE__, __LINE__, "%s: %u brackets, %u wrong",
				   toy_sites[s].name, l.heard, l.wrong);
		toy_scene_down(&scene);
	}
}

/* ---- what is open keeps the device out ---- */

static struct mm *mirror_up(void)
{
	struct mm *mm = fx_mm();

	if (!mm)
		return NULL;
	fx_map(mm, FX_BASE, MIRROR_PAGES, FX_RW);
	fx_put(FX_BASE, 1);
	if (KT_CHECK_EQ(mirror_open(&mirror, mm, FX_BASE), 0))
		return mm;
	fx_drop(mm);
	return NULL;
}

static void mirror_down(struct mm *mm)
{
	mirror_close(&mirror);
	fx_drop(mm);
}

static int fault_first_page(void *arg)
{
	return mirror_fault(arg, FX_BASE, true);
}

/* The look-up was made before the bracket opened; the lock is taken inside it. */
KTEST(notifier_contract, nothing_is_installed_inside_an_open_bracket)	/* A1 */
{
	struct toy_holder holder;
	struct task *t;
	struct mm *mm;

	KT_NEED_GATES();
	mm = mirror_up();
	KT_TRUE(mm);
	gate_arm("mirror.found", &mirror);
	t = kt_spawn(fault_first_page, &mirror);
	if (t && gate_wait("mirror.found") && toy_hold(&holder, mm, FX_BASE, FX_BASE + P(1))) {
		gate_open("mirror.found");
		kt_wait_until(kt_asleep(t));
		KT_CHECK_EQ(mirror_count(&mirror), 0);
		toy_let_go(&holder);
	}
	gate_open("mirror.found");
	KT_CHECK_EQ(kt_join(t), 0);
	KT_CHECK_EQ(mirror_count(&mirror), 1);
	mirror_down(mm);
}

KTEST(notifier_contract, the_last_of_overlapping_brackets_lets_the_device_in)	/* A11 */
{
	struct toy_holder first, second;
	struct mm *mm = mirror_up();
	struct task *t = NULL;

	KT_TRUE(mm);
	if (!toy_hold(&first, mm, FX_BASE, FX_BASE + P(1)))
		goto out;
	if (toy_hold(&second, mm, FX_BASE, FX_BASE + P(4))) {
		t = kt_spawn(fault_first_page, &mirror);
		kt_wait_until(t && kt_asleep(t));
		toy_let_go(&first);
		kt_wait_until(t && kt_asleep(t));
		KT_CHECK_EQ(mirror.active, 1);
		KT_CHECK_EQ(mirror_count(&mirror), 0);
		toy_let_go(&second);
		KT_CHECK_EQ(kt_join(t), 0);
	} else {
		toy_let_go(&first);
	}
	KT_CHECK_EQ(mirror_count(&mirror), 1);
out:
	mirror_down(mm);
}

static void range_at(struct mmu_notifier_range *range, struct mm *mm, unsigned int flags,
		     unsigned long pages)
{
	fx_range_init(range, MMU_NOTIFY_CLEAR, flags, mm, FX_BASE, FX_BASE + P(pages));
}

KTEST(notifier_contract, brackets_of_one_thread_nest)	/* A10 */
{
	struct mmu_notifier_range outer, inner;
	struct mm *mm = mirror_up();
	struct task *t;

	KT_TRUE(mm);
	down_read(&mm->mmap_lock);
	range_at(&outer, mm, MMU_NOTIFIER_RANGE_BLOCKABLE, 4);
	range_at(&inner, mm, MMU_NOTIFIER_RANGE_BLOCKABLE, 1);
	mmu_notifier_invalidate_range_start(&outer);
	mmu_notifier_invalidate_range_start(&inner);
	KT_CHECK_EQ(mirror.active, 2);
	mmu_notifier_invalidate_range_end(&inner);
	KT_CHECK_EQ(mirror.active, 1);
	t = kt_spawn(fault_first_page, &mirror);
	kt_wait_until(t && kt_asleep(t));
	KT_CHECK_EQ(mirror_count(&mirror), 0);
	mmu_notifier_invalidate_range_end(&outer);
	up_read(&mm->mmap_lock);
	KT_CHECK_EQ(kt_join(t), 0);
	KT_CHECK_EQ(mirror_count(&mirror), 1);
	mirror_down(mm);
}

KTEST_QUICK(notifier_contract, an_invalidation_may_come_twice)	/* A16 */
{
	struct mm *mm = mirror_up();
	u64 word = 0;

	KT_TRUE(mm);
	KT_CHECK_EQ(mirror_write(&mirror, FX_BASE, 7), 0);
	toy_bracket(mm, FX_BASE, FX_BASE + P(2));
	toy_bracket(mm, FX_BASE, FX_BASE + P(2));
	KT_CHECK_EQ(mirror_count(&mirror), 0);
	KT_CHECK_EQ(mirror_read(&mirror, FX_BASE, &word), 0);
	KT_CHECK_EQ(word, 7);
	mirror_down(mm);
}

/* Who unregisters inside a bracket hears no end; the others do. */
KTEST(notifier_contract, unregistering_inside_a_bracket_forgoes_its_end)	/* A14 */
{
	struct recorder *leaves, *stays;
	struct toy_holder holder;
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	leaves = toy_recorder(mm, &recorder_bracket_ops);
	stays = toy_recorder(mm, &recorder_bracket_ops);
	if (leaves && stays && toy_hold(&holder, mm, FX_BASE, FX_BASE + P(1))) {
		mmu_notifier_unregister(&leaves->mn, mm);
		toy_let_go(&holder);
		KT_CHECK_EQ(recorder_count(leaves, MN_INVALIDATE_RANGE_START), 1);
		KT_CHECK_EQ(recorder_count(leaves, MN_INVALIDATE_RANGE_END), 0);
		KT_CHECK_EQ(recorder_count(stays, MN_INVALIDATE_RANGE_END), 1);
		atomic_set(&leaves->open, 0);		/* the driver resets its own count */
		KT_CHECK_EQ(mmu_notifier_register(&leaves->mn, mm), 0);
	}
	toy_recorder_end(leaves);
	toy_recorder_end(stays);
	fx_drop(mm);
}

/* ---- ranges ---- */

static bool heard_exactly(const struct recorder *rec, unsigned long start, unsigned long end)
{
	const struct recorded_call *call = recorder_find(rec, MN_INVALIDATE_RANGE_START, 0);

	return KT_CHECK(call) && KT_CHECK_EQ(call->start, start) && KT_CHECK_EQ(call->end, end) &&
	       KT_CHECK_EQ(recorder_count(rec, MN_INVALIDATE_RANGE_START), 1);
}

KTEST_QUICK(notifier_contract, ranges_are_half_open_up_to_the_top_page)	/* A9 */
{
	static const unsigned long at[] = { MM_USER_TOP - P(1), FX_BASE, MM_USER_MIN };
	struct recorder *rec;
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	rec = toy_recorder(mm, &recorder_bracket_ops);
	for (unsigned int i = 0; rec && i < ARRAY_SIZE(at); i++) {
		fx_map(mm, at[i], 1, FX_RW);
		fx_put(at[i], 1);
		recorder_clear(rec);
		KT_CHECK_EQ(sys_madvise(at[i], P(1), MADV_DONTNEED), 0);
		heard_exactly(rec, at[i], at[i] + P(1));
	}
	toy_recorder_end(rec);
	fx_drop(mm);
}

/* Heard something, and nothing outside of [@start, @end). */
static void heard_only(const struct recorder *rec, unsigned long start, unsigned long end)
{
	int nr = recorder_count(rec, MN_INVALIDATE_RANGE_START);

	KT_CHECK(nr > 0);
	for (int i = 0; i < nr; i++) {
		const struct recorded_call *call = recorder_find(rec, MN_INVALIDATE_RANGE_START, i);

		KT_CHECK(call->start >= start && call->end <= end);
	}
}

/* One file page, three mms, each at an address of its own; a fourth party truncates. */
KTEST_QUICK(notifier_contract, each_mm_hears_of_a_shared_page_at_its_own_address)	/* A18 */
{
	struct recorder *rec[3] = { NULL };
	struct file *file = NULL;
	struct mm *mm[3] = { NULL };
	unsigned long va[3], out;
	u64 word;

	KT_EQ(tmpfs_file_anon(P(4), &file), 0);
	for (unsigned int i = 0; i < 3; i++) {
		va[i] = FX_BASE + P(16 * i);
		if (!KT_CHECK_EQ(mm_alloc(&mm[i]), 0) ||
		    !KT_CHECK_EQ(vm_mmap(mm[i], file, va[i], P(4), FX_RW, MAP_SHARED | MAP_FIXED,
					 0, &out), 0))
			goto out;
		KT_CHECK(fx_put_in(mm[i], va[i] + P(2), i));
		if (i > 0)		/* the first one has no subscriber */
			rec[i] = toy_recorder(mm[i], &recorder_bracket_ops);
	}
	KT_CHECK_EQ(mirror_open(&mirror, mm[2], va[2]), 0);
	KT_CHECK_EQ(mirror_read(&mirror, va[2] + P(2), &word), 0);
	KT_CHECK_EQ(vfs_truncate(file->inode, P(1)), 0);
	KT_CHECK_EQ(mirror_count(&mirror), 0);
	mirror_close(&mirror);
	for (unsigned int i = 0; i < 3; i++) {
		KT_CHECK(!fx_page(mm[i], va[i] + P(2)));
		if (rec[i])
			heard_only(rec[i], va[i] + P(1), va[i] + P(4));
	}
out:
	for (unsigned int i = 0; i < 3; i++) {
		toy_recorder_end(rec[i]);
		if (mm[i])
			mmput(mm[i]);
	}
	file_put(file);
}

/* ---- not blockable ---- */

#ifdef CONFIG_CHECKS
static void look_and_sleep(struct recorder *rec, const struct recorded_call *call)
{
	might_sleep();
}

KTEST_QUICK(notifier_contract, sleeping_in_a_start_that_may_not_is_reported)	/* D1 */
{
	struct mmu_notifier_range range;
	struct mm *mm = fx_mm();
	struct recorder *rec;

	KT_TRUE(mm);
	rec = toy_recorder(mm, &recorder_bracket_ops);
	if (!rec)
		goto out;
	range_at(&range, mm, 0, 1);
	down_read(&mm->mmap_lock);
	rec->look = look_and_sleep;
	check_expect(CHECK_LOCK);
	KT_CHECK_EQ(mmu_notifier_invalidate_range_start_nonblock(&range), 0);
	KT_CHECK_EQ(check_expected(), 1);
	rec->look = NULL;
	mmu_notifier_invalidate_range_end(&range);
	up_read(&mm->mmap_lock);
	toy_recorder_end(rec);
out:
	fx_drop(mm);
}

static int start_fails(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
		       unsigned long end, bool blockable)
{
	return -EAGAIN;
}

static void end_nothing(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
			unsigned long end)
{
}

/* A blockable bracket opens whatever a driver says. */
KTEST_QUICK(notifier_contract, a_refusal_where_none_is_allowed_is_reported_and_ignored)	/* D2 */
{
	static const struct mmu_notifier_ops ops = {
		.invalidate_range_start = start_fails, .invalidate_range_end = end_nothing,
	};
	struct mmu_notifier mn = { .ops = &ops };
	struct mm *mm = fx_mm();
	struct recorder *rec;

	KT_TRUE(mm);
	rec = toy_recorder(mm, &recorder_bracket_ops);
	KT_CHECK_EQ(mmu_notifier_register(&mn, mm), 0);		/* asked before the recorder */
	check_expect(CHECK_CHECK);
	toy_bracket(mm, FX_BASE, FX_BASE + P(1));
	KT_CHECK_EQ(check_expected(), 1);
	KT_CHECK(!rec || recorder_count(rec, MN_INVALIDATE_RANGE_END) == 1);
	mmu_notifier_unregister(&mn, mm);
	toy_recorder_end(rec);
	fx_drop(mm);
}

/* No bracket is open after a refusal, so whoever changed an entry would be reported. */
KTEST_QUICK(notifier_contract, after_a_refusal_no_bracket_is_open)	/* D3 */
{
	struct mmu_notifier_range range;
	struct mm *mm = fx_mm();
	struct recorder *rec;

	KT_TRUE(mm);
	rec = toy_recorder(mm, &recorder_bracket_ops);
	if (!rec)
		goto out;
	rec->start_answer = -EAGAIN;
	range_at(&range, mm, 0, 1);
	down_read(&mm->mmap_lock);
	KT_CHECK_EQ(mmu_notifier_invalidate_range_start_nonblock(&range), -EAGAIN);
	KT_CHECK(!current->open_brackets);
	rec->start_answer = 0;
	KT_CHECK_EQ(mmu_notifier_invalidate_range_start_nonblock(&range), 0);
	KT_CHECK(current->open_brackets == &range);
	mmu_notifier_invalidate_range_end(&range);
	up_read(&mm->mmap_lock);
	KT_CHECK_EQ(recorder_count(rec, MN_INVALIDATE_RANGE_END), 1);
	toy_recorder_end(rec);
out:
	fx_drop(mm);
}

/* ---- contexts that are wrong ---- */

KTEST_QUICK(notifier_contract, a_blockable_start_under_a_table_lock_is_reported)	/* E1 */
{
	struct mmu_notifier_range range;
	struct mm *mm = fx_mm();
	struct recorder *rec;
	struct spinlock *ptl;
	pte_t *ptep;

	KT_TRUE(mm);
	rec = toy_recorder(mm, &recorder_bracket_ops);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	range_at(&range, mm, MMU_NOTIFIER_RANGE_BLOCKABLE, 1);
	down_read(&mm->mmap_lock);
	ptep = pte_offset_lock(mm, FX_BASE, &ptl);
	check_expect(CHECK_LOCK);
	mmu_notifier_invalidate_range_start(&range);
	KT_CHECK(check_expected() > 0);
	pte_unmap_unlock(ptep, ptl);
	mmu_notifier_invalidate_range_end(&range);
	up_read(&mm->mmap_lock);
	toy_recorder_end(rec);
	fx_drop(mm);
}

static void look_and_unregister(struct recorder *rec, const struct recorded_call *call)
{
	mmu_notifier_unregister(&rec->mn, rec->mn.mm);
}

static void look_and_synchronize(struct recorder *rec, const struct recorded_call *call)
{
	mmu_notifier_synchronize();
}

/* What would wait for itself is reported, and not done: the subscription goes on. */
KTEST_QUICK(notifier_contract, unregistering_inside_a_callback_is_reported)	/* C7 */
{
	struct mm *mm = fx_mm();
	struct recorder *rec;

	KT_TRUE(mm);
	rec = toy_recorder(mm, &recorder_bracket_ops);
	if (rec) {
		check_expect(CHECK_LOCK);
		rec->look = look_and_unregister;
		toy_bracket(mm, FX_BASE, FX_BASE + P(1));
		rec->look = look_and_synchronize;
		toy_bracket(mm, FX_BASE, FX_BASE + P(1));
		rec->look = look_and_unregister;
		toy_recorder_end(rec);		/* release() asks for it, too */
		KT_CHECK_EQ(check_expected(), 5);
	}
	fx_drop(mm);
}

/* Somebody could subscribe between this and the end, and hear the end alone. */
KTEST_QUICK(notifier_contract, a_bracket_described_without_a_lock_is_reported)	/* B1, I3 */
{
	struct mm *mm = fx_mm();
	struct mmu_notifier_range range;

	KT_TRUE(mm);
	check_expect(CHECK_LOCK);
	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, 0, mm, FX_BASE, FX_BASE + P(1));
	KT_CHECK_EQ(check_expected(), 1);
	down_read(&mm->mmap_lock);
	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, 0, mm, FX_BASE, FX_BASE + P(1));
	up_read(&mm->mmap_lock);
	fx_drop(mm);
}

static bool interval_ignored(struct mmu_interval_notifier *sub,
			     const struct mmu_notifier_range *range, unsigned long seq)
{
	mmu_interval_set_seq(sub, seq);
	return true;
}

/* The callback that is waited for may wait for the same lock. */
KTEST_QUICK(notifier_contract, waiting_with_the_drivers_lock_is_reported)	/* E5 */
{
	static const struct mmu_interval_notifier_ops ops = { .invalidate = interval_ignored };
	struct mmu_interval_notifier sub = { .owner = NULL };
	struct mm *mm = fx_mm();
	struct recorder *rec;
	struct mutex lock;

	KT_TRUE(mm);
	mutex_init(&lock, LOCK_DRIVER, "driver");
	rec = toy_recorder(mm, &recorder_bracket_ops);
	if (rec && KT_CHECK_EQ(mmu_interval_notifier_insert(&sub, mm, FX_BASE, P(1), &ops), 0)) {
		check_expect(CHECK_LOCK);
		mutex_lock(&lock);
		(void)mmu_interval_read_begin(&sub);
		mmu_interval_notifier_remove(&sub);
		toy_recorder_end(rec);
		mutex_unlock(&lock);
		KT_CHECK_EQ(check_expected(), 3);
		rec = NULL;
	}
	toy_recorder_end(rec);
	fx_drop(mm);
}

static void look_and_allocate(struct recorder *rec, const struct recorded_call *call)
{
	struct page *page = alloc_page(GFP_KERNEL);

	if (page)
		put_page(page);
}

/* mmap_lock alone is held here: only the call itself forbids it. */
KTEST_QUICK(notifier_contract, a_callback_that_may_reclaim_is_reported)	/* E3 */
{
	struct mm *mm = fx_mm();
	struct recorder *rec;

	KT_TRUE(mm);
	rec = toy_recorder(mm, &recorder_bracket_ops);
	if (rec) {
		rec->look = look_and_allocate;
		check_expect(CHECK_LOCK);
		toy_bracket(mm, FX_BASE, FX_BASE + P(1));
		KT_CHECK_EQ(check_expected(), 2);
		rec->look = NULL;
	}
	toy_recorder_end(rec);
	fx_drop(mm);
}

static void look_and_lock(struct recorder *rec, const struct recorded_call *call)
{
	down_read(&rec->mn.mm->mmap_lock);
	up_read(&rec->mn.mm->mmap_lock);
}

KTEST_QUICK(notifier_contract, a_callback_that_takes_mmap_lock_is_reported)	/* E3 */
{
	struct mm *mm = fx_mm();
	struct recorder *rec;

	KT_TRUE(mm);
	rec = toy_recorder(mm, &recorder_bracket_ops);
	if (rec) {
		rec->look = look_and_lock;
		check_expect(CHECK_LOCK);
		toy_bracket(mm, FX_BASE, FX_BASE + P(1));
		/* The caller has it, and the call forbids it. */
		KT_CHECK_EQ(check_expected(), 4);
		rec->look = NULL;
	}
	toy_recorder_end(rec);
	fx_drop(mm);
}

/* The fault may copy, the copy calls start, and start wants the driver's lock. */
KTEST_QUICK(notifier_contract, a_look_up_under_the_drivers_lock_is_reported)	/* E4 */
{
	struct mm *mm = mirror_up();
	struct page *page;

	KT_TRUE(mm);
	mutex_lock(&mirror.lock);
	check_expect(CHECK_LOCK);
	KT_CHECK_EQ(get_user_pages_unlocked(mm, FX_BASE, 1, 0, &page), 1);
	KT_CHECK(check_expected() > 0);
	mutex_unlock(&mirror.lock);
	put_page(page);
	mirror_down(mm);
}
#endif
