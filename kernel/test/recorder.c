/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/test/recorder.c - a subscriber that writes down what it is told
 *
 * Concept    Tests of call sites ask: who was told, what, and in which order? A
 *            recorder answers. Slots are claimed by an atomic counter, so calls
 *            may come from several CPUs and in atomic context.
 * Owns       struct recorder.
 * Locks      none.
 * Callers    tests/kernel/.
 */
#include "kernel/test/recorder.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/lib/string.h"

static u64 recorder_seq;

static struct recorder *recorder_of(struct mmu_notifier *mn)
{
	return container_of(mn, struct recorder, mn);
}

static void recorder_note(struct recorder *rec, enum mmu_notifier_op op, unsigned long start,
			  unsigned long end, u64 pte_pfn)
{
	unsigned int slot = __atomic_fetch_add(&rec->nr, 1, __ATOMIC_SEQ_CST);
	static struct recorded_call overflow;
	struct recorded_call *call = slot < RECORDER_CALLS ? &rec->call[slot] : &overflow;

	*call = (struct recorded_call){
		.op = op, .start = start, .end = end, .pte_pfn = pte_pfn,
		.seq = __atomic_add_fetch(&recorder_seq, 1, __ATOMIC_SEQ_CST),
	};
	atomic_inc(&rec->count[op]);
	if (rec->look)
		rec->look(rec, call);
}

static void recorder_release(struct mmu_notifier *mn, struct mm *mm)
{
	recorder_note(recorder_of(mn), MN_RELEASE, 0, ~0UL, 0);
	gate_point("recorder.release", mn);
}

static int recorder_start(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
			  unsigned long end, bool blockable)
{
	struct recorder *rec = recorder_of(mn);

	recorder_note(rec, MN_INVALIDATE_RANGE_START, start, end, 0);
	if (rec->start_answer && !blockable)
		return rec->start_answer;
	atomic_inc(&rec->open);
	gate_point("recorder.start", mn);
	return 0;
}

static void recorder_end(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
			 unsigned long end)
{
	struct recorder *rec = recorder_of(mn);

	recorder_note(rec, MN_INVALIDATE_RANGE_END, start, end, 0);
	if (atomic_dec_return(&rec->open) < 0)
		atomic_inc(&rec->went_negative);
}

static void recorder_invalidate_page(struct mmu_notifier *mn, struct mm *mm, unsigned long va)
{
	recorder_note(recorder_of(mn), MN_INVALIDATE_PAGE, va, va + PAGE_SIZE, 0);
}

static void recorder_change_pte(struct mmu_notifier *mn, struct mm *mm, unsigned long va,
				pte_t pte)
{
	recorder_note(recorder_of(mn), MN_CHANGE_PTE, va, va + PAGE_SIZE, pte_pfn(pte));
}

static void recorder_point(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
			   unsigned long end)
{
	recorder_note(recorder_of(mn), MN_INVALIDATE_RANGE, start, end, 0);
}

static int recorder_clear_flush_young(struct mmu_notifier *mn, struct mm *mm,
				      unsigned long start, unsigned long end)
{
	recorder_note(recorder_of(mn), MN_CLEAR_FLUSH_YOUNG, start, end, 0);
	return recorder_of(mn)->young_answer;
}

static int recorder_clear_young(struct mmu_notifier *mn, struct mm *mm, unsigned long start,
				unsigned long end)
{
	recorder_note(recorder_of(mn), MN_CLEAR_YOUNG, start, end, 0);
	return recorder_of(mn)->young_answer;
}

static int recorder_test_young(struct mmu_notifier *mn, struct mm *mm, unsigned long va)
{
	recorder_note(recorder_of(mn), MN_TEST_YOUNG, va, va + PAGE_SIZE, 0);
	return recorder_of(mn)->young_answer;
}

#define RECORDER_COMMON						\
	.name = "recorder",					\
	.release = recorder_release,				\
	.clear_flush_young = recorder_clear_flush_young,	\
	.clear_young = recorder_clear_young,			\
	.test_young = recorder_test_young

const struct mmu_notifier_ops recorder_bracket_ops = {
	RECORDER_COMMON,
	.invalidate_range_start = recorder_start,
	.invalidate_range_end = recorder_end,
};

const struct mmu_notifier_ops recorder_pair_ops = {
	RECORDER_COMMON,
	.invalidate_range_start = recorder_start,
	.invalidate_range_end = recorder_end,
	.invalidate_page = recorder_invalidate_page,
	.change_pte = recorder_change_pte,
};

const struct mmu_notifier_ops recorder_point_ops = {
	RECORDER_COMMON,
	.invalidate_range = recorder_point,
};

void recorder_init(struct recorder *rec, const struct mmu_notifier_ops *ops)
{
	memset(rec, 0, sizeof(*rec));
	rec->mn.ops = ops;
}

void recorder_clear(struct recorder *rec)
{
	rec->nr = 0;
	for (unsigned int op = 0; op < NR_MN_OPS; op++)
		atomic_set(&rec->count[op], 0);
}

const struct recorded_call *recorder_find(const struct recorder *rec, enum mmu_notifier_op op,
					  unsigned int nth)
{
	unsigned int nr = min(READ_ONCE(rec->nr), (unsigned int)RECORDER_CALLS);

	for (unsigned int i = 0; i < nr; i++)
		if (rec->call[i].op == op && nth-- == 0)
			return &rec->call[i];
	return NULL;
}
