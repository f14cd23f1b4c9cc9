/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_notifier_order.c - suite notifier_order: inside one change, and ageing
 *
 * Labels such as F2 are those of the table in docs/notifiers.md.
 */
#include "mm/mmu_notifier.h"

#include "include/uapi/mman.h"
#include "kernel/lib/panic.h"
#include "kernel/sync/preempt.h"
#include "kernel/test/gate.h"
#include "kernel/test/ktest.h"
#include "kernel/test/recorder.h"
#include "mm/rmap.h"
#include "mm/swap.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/notifier_toys.h"
#include "tests/kernel/toy_mirror.h"
#include "tests/kernel/toy_tlb.h"

#define P(n) ((n) * PAGE_SIZE)

static struct toy_tlb toy;

/* ---- copy on write ---- */

/* What the entry and the old page looked like when a subscriber was told. */
struct sight {
	struct page *old;
	unsigned int calls;
	bool entry_absent, old_mapped;
	u64 new_pfn, seq;
};

static void look_at_copy(struct recorder *rec, const struct recorded_call *call)
{
	struct sight *sight = rec->arg;

	if (call->op == MN_INVALIDATE_RANGE_START || call->op == MN_INVALIDATE_RANGE_END)
		return;
	sight->calls++;
	sight->entry_absent = pte_none(fx_pte(rec->mn.mm, FX_BASE));
	sight->old_mapped = page_mapcount(sight->old) == 2;
	sight->new_pfn = call->pte_pfn;
	sight->seq = call->seq;
}

/*
 * F1, F2, F5, F6: the entry is clear, the old page still mapped, and the new entry not
 * yet set when point subscribers are told; the pair is told of the new frame next.
 */
KTEST_QUICK(notifier_order, a_copy_tells_everybody_between_clear_and_set)
{
	struct sight point = { 0 }, pair = { 0 };
	struct recorder *a, *b;
	struct mm *mm = fx_mm(), *child;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	child = fx_fork(mm);
	a = toy_recorder(mm, &recorder_point_ops);
	b = toy_recorder(mm, &recorder_pair_ops);
	if (!a || !b || !child)
		goto out;
	point.old = pair.old = fx_page(mm, FX_BASE);
	a->arg = &point;
	b->arg = &pair;
	a->look = b->look = look_at_copy;
	fx_put(FX_BASE, 2);
	a->look = b->look = NULL;
	KT_CHECK_EQ(point.calls, 1);
	KT_CHECK(point.entry_absent && point.old_mapped);
	KT_CHECK_EQ(pair.calls, 1);
	KT_CHECK(pair.entry_absent && pair.old_mapped);
	KT_CHECK_EQ(pair.new_pfn, pte_pfn(fx_pte(mm, FX_BASE)));
	KT_CHECK_LT(point.seq, pair.seq);
	KT_CHECK_EQ(page_mapcount(pair.old), 1);
out:
	toy_recorder_end(a);
	toy_recorder_end(b);
	if (child)
		mmput(child);
	fx_drop(mm);
}

/* As look_at_copy: the same frame stays, and may not be written any more. */
static void look_at_mkclean(struct recorder *rec, const struct recorded_call *call)
{
	struct sight *sight = rec->arg;

	if (call->op == MN_INVALIDATE_RANGE_START || call->op == MN_INVALIDATE_RANGE_END)
		return;
	sight->calls++;
	sight->entry_absent = pte_none(fx_pte(rec->mn.mm, FX_BASE));
	sight->old_mapped = page_mapped(sight->old);
	sight->seq = call->seq;
}

/* Write-back takes the permission: a bracket, and inside it clear, point, pair, set. */
KTEST_QUICK(notifier_order, mkclean_tells_everybody_between_clear_and_set)
{
	struct sight point = { 0 }, pair = { 0 };
	struct recorder *a, *b, *c;
	struct disk d;
	struct mm *mm;

	if (!dx_have())
		KT_SKIP("no spare disk");
	KT_TRUE(dx_up(&d));
	mm = fx_mm();
	KT_TRUE(mm && dx_map(mm, &d, FX_BASE, 1, 0, MAP_SHARED));
	fx_put(FX_BASE, 1);
	a = toy_recorder(mm, &recorder_point_ops);
	b = toy_recorder(mm, &recorder_pair_ops);
	c = toy_recorder(mm, &recorder_bracket_ops);
	if (!a || !b || !c)
		goto out;
	point.old = pair.old = fx_page(mm, FX_BASE);
	a->arg = &point;
	b->arg = &pair;
	a->look = b->look = look_at_mkclean;
	KT_CHECK_EQ(dx_fsync(&d), 0);
	KT_CHECK_EQ(dx_fsync(&d), 0);	/* clean: nobody is told */
	a->look = b->look = NULL;
	KT_CHECK_EQ(point.calls, 1);
	KT_CHECK(point.entry_absent && point.old_mapped);
	KT_CHECK_EQ(pair.calls, 1);
	KT_CHECK(pair.entry_absent && pair.old_mapped);
	KT_CHECK_LT(point.seq, pair.seq);
	KT_CHECK_EQ(recorder_count(b, MN_INVALIDATE_PAGE), 1);
	KT_CHECK_EQ(recorder_count(c, MN_INVALIDATE_RANGE_START), 1);
	KT_CHECK_EQ(recorder_count(c, MN_INVALIDATE_RANGE_END), 1);
	KT_CHECK(pte_present(fx_pte(mm, FX_BASE)) && !pte_write(fx_pte(mm, FX_BASE)));
out:
	toy_recorder_end(a);
	toy_recorder_end(b);
	toy_recorder_end(c);
	fx_drop(mm);
	dx_down(&d);
}

/* A device with a table of its own writes: each word is on the disk after fsync. */
KTEST_QUICK(notifier_order, what_the_device_writes_after_write_back_reaches_the_disk)
{
	static struct mirror mirror;
	struct disk d;
	struct mm *mm;

	if (!dx_have())
		KT_SKIP("no spare disk");
	KT_TRUE(dx_up(&d));
	mm = fx_mm();
	KT_TRUE(mm && dx_map(mm, &d, FX_BASE, 1, 0, MAP_SHARED));
	if (KT_CHECK_EQ(mirror_open(&mirror, mm, FX_BASE), 0)) {
		for (u64 word = 1; word < 4; word++) {
			KT_CHECK_EQ(mirror_write(&mirror, FX_BASE, word), 0);
			KT_CHECK_EQ(dx_fsync(&d), 0);
			KT_CHECK_EQ(dx_disk(&d, 0), word);
			KT_CHECK_EQ(mirror_count(&mirror), 0);
		}
		mirror_close(&mirror);
	}
	fx_drop(mm);
	dx_down(&d);
}

/* The device goes from the old frame to the new one without a miss. */
KTEST_QUICK(notifier_order, change_pte_takes_the_device_to_the_new_frame)
{
	struct mm *mm = fx_mm(), *child;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	child = fx_fork(mm);
	if (child && KT_CHECK_EQ(toy_tlb_open(&toy, mm, &toy_tlb_pair_ops), 0)) {
		KT_CHECK(toy_tlb_fill(&toy, FX_BASE));
		KT_CHECK(toy_tlb_page(&toy, FX_BASE) == fx_page(child, FX_BASE));
		fx_put(FX_BASE, 2);
		KT_CHECK(fx_page(mm, FX_BASE) != fx_page(child, FX_BASE));
		KT_CHECK(toy_tlb_page(&toy, FX_BASE) == fx_page(mm, FX_BASE));
		toy_tlb_close(&toy);
	}
	if (child)
		mmput(child);
	fx_drop(mm);
}

/* Rule 3: where a range bracket is open, change_pte makes nothing that it would not zap. */
KTEST(notifier_order, change_pte_inside_an_open_bracket_makes_no_entry)
{
	struct mm *mm = fx_mm(), *child;
	struct toy_holder holder;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	child = fx_fork(mm);
	if (child && KT_CHECK_EQ(toy_tlb_open(&toy, mm, &toy_tlb_pair_ops), 0)) {
		KT_CHECK(toy_tlb_fill(&toy, FX_BASE));
		if (toy_hold(&holder, mm, FX_BASE, FX_BASE + P(1))) {
			fx_put(FX_BASE, 2);
			KT_CHECK(!toy_tlb_page(&toy, FX_BASE));
			toy_let_go(&holder);
		}
		toy_tlb_close(&toy);
	}
	if (child)
		mmput(child);
	fx_drop(mm);
}

/* ---- before anything is free ---- */

static void look_not_free(struct recorder *rec, const struct recorded_call *call)
{
	struct toy_check *check = rec->arg;

	if (call->op != MN_INVALIDATE_RANGE)
		return;
	for (unsigned long i = 0; i < SITE_PAGES; i++) {
		if (!check->page[i] || FX_BASE + P(i) < call->start || FX_BASE + P(i) >= call->end)
			continue;
		check->looked++;
		check->wrong += page_count(check->page[i]) < 1;
		check->page[i] = NULL;	/* later calls may come when it is gone */
	}
}

KTEST_QUICK(notifier_order, point_calls_come_before_the_page_is_free)	/* F3 */
{
	toy_at_every_site(&recorder_point_ops, look_not_free, NULL);
}

static int fill_first_page(void *arg)
{
	return toy_tlb_fill(arg, FX_BASE);
}

/* The walk has read the entry; it must not be cached after the page went away. */
KTEST(notifier_order, a_walk_overtaken_by_an_invalidation_is_cancelled)	/* A2 */
{
	static const struct mmu_notifier_ops *const ops[] = {
		&toy_tlb_point_ops, &toy_tlb_pair_ops,
	};
	struct fx_thread t;
	struct mm *mm;

	KT_NEED_GATES();
	mm = fx_mm();
	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	for (unsigned int i = 0; i < ARRAY_SIZE(ops); i++) {
		fx_put(FX_BASE, 1);
		if (!KT_CHECK_EQ(toy_tlb_open(&toy, mm, ops[i]), 0))
			break;
		gate_arm("toy_tlb.walked", &toy);
		if (fx_start(&t, NULL, fill_first_page, &toy)) {
			if (gate_wait("toy_tlb.walked"))
				KT_CHECK_EQ(sys_madvise(FX_BASE, P(1), MADV_DONTNEED), 0);
			gate_open("toy_tlb.walked");
			KT_CHECK_EQ(fx_join(&t), false);
		}
		KT_CHECK_EQ(toy.cancelled, 1);
		KT_CHECK(!toy_tlb_page(&toy, FX_BASE));
		toy_tlb_close(&toy);
	}
	fx_drop(mm);
}

/* ---- atomic contexts ---- */

#ifdef CONFIG_CHECKS
static void look_and_sleep(struct recorder *rec, const struct recorded_call *call)
{
	if (call->op != MN_INVALIDATE_RANGE_START && call->op != MN_INVALIDATE_RANGE_END)
		might_sleep();
}

/* E6, E7: young, point and pair calls come under the table lock. */
KTEST_QUICK(notifier_order, sleeping_in_an_atomic_callback_is_reported)
{
	static const struct mmu_notifier_ops *const ops[] = {
		&recorder_point_ops, &recorder_pair_ops,
	};
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	for (unsigned int i = 0; i < ARRAY_SIZE(ops); i++) {
		struct mm *child;
		struct recorder *rec;

		fx_put(FX_BASE, 1);
		child = fx_fork(mm);
		rec = toy_recorder(mm, ops[i]);
		if (rec && child) {
			rec->look = look_and_sleep;
			check_expect(CHECK_LOCK);
			fx_put(FX_BASE, 2);		/* copies */
			KT_CHECK_EQ(check_expected(), 1);
			check_expect(CHECK_LOCK);
			(void)fx_referenced(mm, FX_BASE);
			KT_CHECK_EQ(check_expected(), 1);
			rec->look = NULL;
		}
		toy_recorder_end(rec);
		if (child)
			mmput(child);
	}
	fx_drop(mm);
}
#endif

/* ---- ageing ---- */

static struct mm *young_up(void)
{
	struct mm *mm = fx_mm();

	if (!mm)
		return NULL;
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	if (KT_CHECK_EQ(toy_tlb_open(&toy, mm, &toy_tlb_point_ops), 0))
		return mm;
	fx_drop(mm);
	return NULL;
}

/* G1: that the CPU used the page is no reason not to ask the others. */
KTEST_QUICK(notifier_order, ageing_asks_the_device_even_if_the_cpu_used_the_page)
{
	struct mm *mm = fx_mm();
	struct recorder *rec;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	rec = toy_recorder(mm, &recorder_point_ops);
	for (int device = 0; rec && device < 2; device++) {
		rec->young_answer = device;
		fx_put(FX_BASE, 1);
		recorder_clear(rec);
		KT_CHECK_EQ(fx_referenced(mm, FX_BASE), 1);
		KT_CHECK_EQ(recorder_count(rec, MN_CLEAR_FLUSH_YOUNG), 1);
		KT_CHECK_EQ(fx_referenced(mm, FX_BASE), device);
		KT_CHECK_EQ(recorder_count(rec, MN_CLEAR_FLUSH_YOUNG), 2);
	}
	toy_recorder_end(rec);
	fx_drop(mm);
}

/* G3: what is cached counts as used, once; then it must be cached again. */
KTEST_QUICK(notifier_order, without_an_accessed_bit_ageing_drops_and_says_used)
{
	struct mm *mm = young_up();

	KT_TRUE(mm);
	(void)fx_referenced(mm, FX_BASE);			/* the CPU's use */
	for (int turn = 0; turn < 2; turn++) {
		KT_CHECK(toy_tlb_fill(&toy, FX_BASE));
		KT_CHECK_EQ(fx_referenced(mm, FX_BASE), 1);
		KT_CHECK(!toy_tlb_page(&toy, FX_BASE));
		KT_CHECK_EQ(fx_referenced(mm, FX_BASE), 0);
	}
	toy_tlb_close(&toy);
	fx_drop(mm);
}

/* G4: an ageing call that drops is an invalidation like any other: a miss begins anew. */
KTEST(notifier_order, a_walk_overtaken_by_ageing_is_cancelled)
{
	struct fx_thread t;
	struct mm *mm;

	KT_NEED_GATES();
	mm = young_up();
	KT_TRUE(mm);
	gate_arm("toy_tlb.walked", &toy);
	if (fx_start(&t, NULL, fill_first_page, &toy)) {
		if (gate_wait("toy_tlb.walked"))
			(void)fx_referenced(mm, FX_BASE);
		gate_open("toy_tlb.walked");
		KT_CHECK_EQ(fx_join(&t), true);
	}
	KT_CHECK_EQ(toy.cancelled, 1);
	toy_tlb_close(&toy);
	fx_drop(mm);
}

/* G5: reclaim comes to take a page that only the device uses. */
KTEST_QUICK(notifier_order, a_page_that_only_the_device_uses_is_not_taken)
{
	struct page *page;
	swp_entry_t entry;
	struct mm *mm = young_up();

	KT_TRUE(mm);
	if (!fx_have_swap()) {
		toy_tlb_close(&toy);
		fx_drop(mm);
		KT_SKIP("no swap area");
	}
	(void)fx_referenced(mm, FX_BASE);
	KT_CHECK(toy_tlb_fill(&toy, FX_BASE));
	page = fx_page(mm, FX_BASE);
	get_page(page);
	page_lock(page);
	KT_CHECK_EQ(swap_slot_alloc(&entry), 0);
	KT_CHECK_EQ(swap_cache_add(page, entry), 0);
	KT_CHECK_EQ(try_to_unmap(page, 0), SWAP_FAIL);
	KT_CHECK_EQ(page_mapcount(page), 1);
	KT_CHECK_EQ(try_to_unmap(page, 0), SWAP_SUCCESS);	/* not used since */
	page_unlock(page);
	put_page(page);
	KT_CHECK_EQ(fx_get(FX_BASE), 1);
	toy_tlb_close(&toy);
	fx_drop(mm);
}

KTEST_QUICK(notifier_order, asking_changes_nothing)	/* G6 */
{
	struct mm *mm = young_up();

	KT_TRUE(mm);
	KT_CHECK_EQ(__mmu_notifier_test_young(mm, FX_BASE), 0);
	KT_CHECK(toy_tlb_fill(&toy, FX_BASE));
	for (int turn = 0; turn < 2; turn++) {
		KT_CHECK_EQ(__mmu_notifier_test_young(mm, FX_BASE), 1);
		KT_CHECK(toy_tlb_page(&toy, FX_BASE) == fx_page(mm, FX_BASE));
		KT_CHECK(pte_young(fx_pte(mm, FX_BASE)));
	}
	KT_CHECK_EQ(__mmu_notifier_test_young(mm, FX_BASE + P(1)), 0);
	toy_tlb_close(&toy);
	fx_drop(mm);
}

/* F4: only writing is lost, and still nobody writes by an old translation after end. */
KTEST_QUICK(notifier_order, a_downgrade_is_flushed_before_its_bracket_ends)
{
	const struct recorded_call *point, *end;
	struct recorder *bracket, *flush;
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	bracket = toy_recorder(mm, &recorder_bracket_ops);
	flush = toy_recorder(mm, &recorder_point_ops);
	if (bracket && flush) {
		KT_CHECK_EQ(sys_mprotect(FX_BASE, PAGE_SIZE, PROT_READ), 0);
		point = recorder_find(flush, MN_INVALIDATE_RANGE, 0);
		end = recorder_find(bracket, MN_INVALIDATE_RANGE_END, 0);
		KT_CHECK(point && end && point->seq < end->seq);
	}
	toy_recorder_end(flush);
	toy_recorder_end(bracket);
	fx_drop(mm);
}
