/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_notifier_guest.c - suite notifier_guest: slots, merged ranges, a cached address
 *
 * What hypervisors got wrong, with a toy driver that gets it right (toy_guest.c).
 * Labels are those of docs/notifiers.md.
 */
#include "tests/kernel/toy_guest.h"

#include "include/uapi/mman.h"
#include "kernel/lib/rand.h"
#include "kernel/test/gate.h"
#include "mm/mmap.h"
#include "tests/kernel/kt_thread.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/notifier_toys.h"

#define P(n) ((unsigned long)(n) * PAGE_SIZE)

static struct guest guest;

static const struct guest_slot all_memory = { .gfn = 0, .nr = GUEST_PAGES, .hva = FX_BASE };
static const struct guest_slot no_memory;

static int rig_open(struct mm *mm)
{
	int err = guest_open(&guest, mm);

	if (!err)
		guest_set_slot(&guest, 0, &all_memory);
	return err;
}

/* A guest whose gfn n is page n at FX_BASE. */
static struct mm *rig_up(void)
{
	return fx_mm_with(GUEST_PAGES, rig_open);
}

static void rig_down(struct mm *mm)
{
	guest_close(&guest);
	KT_CHECK_EQ(guest.active, 0);
	KT_CHECK_EQ(guest.in_progress, 0);
	fx_drop(mm);
}

static u64 guest_read(unsigned long gfn)
{
	u64 word = ~0UL;

	while (!guest_access(&guest, gfn, &word, false))
		if (!KT_CHECK_EQ(guest_fault(&guest, gfn, false), 0))
			break;
	return word;
}

KTEST_QUICK(notifier_guest, guest_and_process_see_one_memory)
{
	const struct guest_slot upper = { .gfn = 8, .nr = 4, .hva = FX_BASE };
	struct mm *mm = rig_up();
	u64 word = 6;

	KT_TRUE(mm);
	fx_put(FX_BASE, 5);
	KT_CHECK_EQ(guest_read(0), 5);
	KT_CHECK_EQ(guest_fault(&guest, 0, true), 0);
	KT_CHECK(guest_access(&guest, 0, &word, true));
	KT_CHECK_EQ(fx_get(FX_BASE), 6);
	guest_set_slot(&guest, 0, &upper);
	KT_CHECK_EQ(guest_fault(&guest, 0, false), -EFAULT);
	KT_CHECK_EQ(guest_read(8), 6);
	KT_CHECK_EQ(sys_munmap(FX_BASE, P(1)), 0);
	KT_CHECK(!guest_access(&guest, 8, &word, false));
	KT_CHECK_EQ(guest_fault(&guest, 8, false), -EFAULT);
	rig_down(mm);
}

/* ---- A12: one range for all brackets ---- */

#define DEPTH 6

/* Against the model: which pages do the open brackets touch? */
static void compare(const struct mmu_notifier_range *open, unsigned int nr,
		    unsigned int *false_busy)
{
	unsigned long least = ~0UL, top = 0;

	for (unsigned int i = 0; i < nr; i++) {
		least = min(least, open[i].start);
		top = max(top, open[i].end);
	}
	for (unsigned long gfn = 0; gfn < GUEST_PAGES; gfn++) {
		unsigned long va = FX_BASE + P(gfn);
		bool touched = false, busy = guest_is_busy(&guest, gfn);

		for (unsigned int i = 0; i < nr; i++)
			touched |= va >= open[i].start && va < open[i].end;
		KT_CHECK(busy || !touched);		/* never falsely free */
		KT_CHECK_EQ(guest_try_fault(&guest, gfn, false), busy ? -EAGAIN : 0);
		*false_busy += busy && !touched;
	}
	if (!nr)
		KT_CHECK_EQ(guest.in_progress, 0);
}

KTEST_QUICK(notifier_guest, a_merged_range_may_be_falsely_busy_never_falsely_free)
{
	struct mmu_notifier_range open[DEPTH];
	unsigned int nr = 0, false_busy = 0;
	struct mm *mm = rig_up();
	struct rand_state rand;

	KT_TRUE(mm);
	rand_seed(&rand, 12);
	for (unsigned long i = 0; i < GUEST_PAGES; i++)
		fx_put(FX_BASE + P(i), i);	/* the look-up makes no copies */
	for (unsigned int step = 0; step < 200 && !ktest_failed(); step++) {
		unsigned long page = rand_below(&rand, GUEST_PAGES);
		unsigned long pages = 1 + rand_below(&rand, 3);

		if (nr < DEPTH && rand_below(&rand, 2)) {
			fx_range_init(&open[nr], MMU_NOTIFY_CLEAR, MMU_NOTIFIER_RANGE_BLOCKABLE, mm,
				      FX_BASE + P(page), FX_BASE + P(page + pages));
			mmu_notifier_invalidate_range_start(&open[nr++]);
		} else if (nr) {
			mmu_notifier_invalidate_range_end(&open[--nr]);
		}
		compare(open, nr, &false_busy);
	}
	while (nr)
		mmu_notifier_invalidate_range_end(&open[--nr]);
	KT_CHECK(false_busy > 0);		/* the price, paid at least once */
	rig_down(mm);
}

/* ---- E8, bug 28: slots change beside brackets ---- */

static int remove_memory(void *arg)
{
	guest_set_slot(&guest, 0, &no_memory);
	return 0;
}

KTEST_QUICK(notifier_guest, slots_do_not_change_between_start_and_end)
{
	struct toy_holder holder;
	struct task *changer;
	struct mm *mm = rig_up();

	KT_TRUE(mm);
	fx_put(FX_BASE, 1);
	KT_CHECK_EQ(guest_read(0), 1);
	if (toy_hold(&holder, mm, FX_BASE, FX_BASE + P(1))) {
		KT_CHECK_EQ(guest.in_progress, 1);
		changer = kt_spawn(remove_memory, NULL);
		if (changer)
			kt_wait_until(kt_done(changer) || kt_asleep(changer));
		KT_CHECK_EQ(guest.slot[0].nr, GUEST_PAGES);
		toy_let_go(&holder);
		KT_CHECK_EQ(kt_join(changer), 0);
	}
	KT_CHECK_EQ(guest.slot[0].nr, 0);
	KT_CHECK_EQ(guest.in_progress, 0);
	rig_down(mm);
}

static int fault_first_page(void *arg)
{
	return guest_fault(&guest, 0, false);
}

/* The page was looked up through a slot that is gone. */
KTEST_QUICK(notifier_guest, a_look_up_through_an_old_slot_is_not_installed)
{
	struct fx_thread t;
	struct mm *mm;

	KT_NEED_GATES();
	mm = rig_up();
	KT_TRUE(mm);
	fx_put(FX_BASE, 1);
	gate_arm("guest.found", &guest);
	if (fx_start(&t, NULL, fault_first_page, NULL)) {
		if (gate_wait("guest.found"))
			guest_set_slot(&guest, 0, &no_memory);
		gate_open("guest.found");
		KT_CHECK_EQ(fx_join(&t), -EFAULT);
	}
	KT_CHECK(!guest.entry[0].page);
	rig_down(mm);
}

/* ---- bugs 13, 14 and 30: the cached address ---- */

/* 13: whatever drops translations drops the cached one, too, at every site. */
KTEST_QUICK(notifier_guest, the_cached_address_is_dropped_with_its_page)
{
	for (unsigned int s = 0; s < nr_toy_sites && !ktest_failed(); s++) {
		const struct guest_slot slot = { .gfn = 0, .nr = SITE_PAGES, .hva = FX_BASE };
		struct toy_scene scene;
		u64 word;

		if (!toy_scene_up(&scene, &toy_sites[s]))
			continue;
		if (KT_CHECK_EQ(guest_open(&guest, scene.mm), 0)) {
			guest_set_slot(&guest, 0, &slot);
			KT_CHECK_EQ(guest_cache(&guest, 0), 0);
			KT_CHECK(guest_cached(&guest, &word));
			KT_CHECK_EQ(word, 0);
			toy_sites[s].change(&scene);
			if (guest_cached(&guest, &word))
				ktest_fail(__FILE__, __LINE__, "%s: the cached address is still valid",
					   toy_sites[s].name);
			guest_close(&guest);
		}
		toy_scene_down(&scene);
	}
}

static int discard_first_page(void *arg)
{
	return (int)sys_madvise(FX_BASE, P(1), MADV_DONTNEED);
}

static int cache_first_page(void *arg)
{
	return guest_cache(&guest, 0);
}

/*
 * The cached address is asked for again while a bracket stands at @gate, its entries
 * not yet cleared: what it finds is the old page, and must not be kept.
 */
static void cache_again_inside_a_bracket(struct mm *mm, const char *gate, const void *object)
{
	struct fx_thread changer;
	struct task *reader;
	u64 word = 0;

	fx_put(FX_BASE, 1);
	KT_CHECK_EQ(guest_cache(&guest, 0), 0);
	gate_arm(gate, object);
	if (!fx_start(&changer, mm, discard_first_page, NULL)) {
		gate_open(gate);
		return;
	}
	reader = gate_wait(gate) ? kt_spawn(cache_first_page, NULL) : NULL;
	if (reader)
		kt_wait_until(kt_asleep(reader) || kt_done(reader));
	gate_open(gate);
	KT_CHECK_EQ(kt_join(reader), 0);
	KT_CHECK_EQ(fx_join(&changer), 0);
	KT_CHECK(guest_cached(&guest, &word));
	KT_CHECK_EQ(word, 0);			/* of the page that came afterwards */
}

/* 14: the reload came between start and the unmapping. */
KTEST_QUICK(notifier_guest, a_reload_inside_a_bracket_waits_for_its_end)
{
	struct recorder *rec;
	struct mm *mm;

	KT_NEED_GATES();
	mm = fx_mm();
	KT_TRUE(mm);
	fx_map(mm, FX_BASE, GUEST_PAGES, FX_RW);
	rec = toy_recorder(mm, &recorder_bracket_ops);	/* told after the guest */
	if (rec && KT_CHECK_EQ(guest_open(&guest, mm), 0)) {
		guest_set_slot(&guest, 0, &all_memory);
		cache_again_inside_a_bracket(mm, "recorder.start", &rec->mn);
		guest_close(&guest);
	}
	toy_recorder_end(rec);
	fx_drop(mm);
}

/* 30: the cache was dropped before the bracket was counted. */
KTEST_QUICK(notifier_guest, a_bracket_is_counted_before_the_cache_is_dropped)
{
	struct mm *mm;

	KT_NEED_GATES();
	mm = rig_up();
	KT_TRUE(mm);
	cache_again_inside_a_bracket(mm, "guest.start", &guest);
	rig_down(mm);
}

/* 30: validity was set after an event that nobody noticed. */
KTEST_QUICK(notifier_guest, a_cached_look_up_overtaken_by_a_bracket_is_made_again)
{
	struct fx_thread t;
	struct mm *mm;
	u64 word;

	KT_NEED_GATES();
	mm = rig_up();
	KT_TRUE(mm);
	fx_put(FX_BASE, 1);
	gate_arm("guest.found", &guest);
	if (fx_start(&t, NULL, cache_first_page, NULL)) {
		if (gate_wait("guest.found"))
			KT_CHECK_EQ(sys_madvise(FX_BASE, P(1), MADV_DONTNEED), 0);
		gate_open("guest.found");
		KT_CHECK_EQ(fx_join(&t), 0);
	}
	KT_CHECK(guest_cached(&guest, &word));
	KT_CHECK_EQ(word, 0);
	rig_down(mm);
}
