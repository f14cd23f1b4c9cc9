/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_guard.c - suite guard: pages that nobody may touch
 *
 * What a program sees is in tests/user/guard.c, recorded on Linux.
 */
#include "mm/guard.h"

#include "fs/vfs.h"
#include "kernel/test/gate.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "kernel/test/recorder.h"
#include "mm/gup.h"
#include "mm/pgtable.h"
#include "mm/uaccess.h"
#include "tests/kernel/kt_thread.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/notifier_toys.h"
#include "tests/kernel/toy_mirror.h"

#define P(n) ((n) * PAGE_SIZE)

static long install(unsigned long page, unsigned long pages)
{
	return sys_madvise(FX_BASE + P(page), P(pages), MADV_GUARD_INSTALL);
}

static long unguard(unsigned long page, unsigned long pages)
{
	return sys_madvise(FX_BASE + P(page), P(pages), MADV_GUARD_REMOVE);
}

static bool guarded(struct mm *mm, unsigned long page)
{
	return pte_is_guard(fx_pte(mm, FX_BASE + P(page)));
}

/* The program's own access. */
static int touch(unsigned long page)
{
	return put_user((u64)7, (u64 *)(FX_BASE + P(page)));
}

/* @pages written pages at FX_BASE. */
static struct mm *written(unsigned long pages)
{
	struct mm *mm = fx_mm();

	if (!mm)
		return NULL;
	fx_map(mm, FX_BASE, pages, FX_RW);
	for (unsigned long i = 0; i < pages; i++)
		fx_put(FX_BASE + P(i), i + 1);
	return mm;
}

KTEST_QUICK(guard, what_is_mapped_goes_and_nobody_gets_in)
{
	struct mm *mm = written(5);
	struct page *page;
	u64 word;

	KT_TRUE(mm);
	KT_CHECK_EQ(install(1, 2), 0);
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_ANONPAGES]), 3);
	KT_CHECK_EQ(fx_nr_vmas(mm), 1);
	KT_CHECK(!guarded(mm, 0) && guarded(mm, 1) && guarded(mm, 2) && !guarded(mm, 3));
	KT_CHECK_EQ(touch(1), -EFAULT);
	KT_CHECK_EQ(get_user_pages_unlocked(mm, FX_BASE + P(2), 1, FOLL_WRITE, &page), -EFAULT);
	KT_CHECK_EQ(get_user_pages_unlocked(mm, FX_BASE + P(2), 1, FOLL_FORCE, &page), -EFAULT);
	KT_CHECK(!get_user_page_fast(mm, FX_BASE + P(2), false, &page));
	KT_CHECK_EQ(access_remote_vm(mm, FX_BASE + P(2), &word, sizeof(word), 0), 0);
	KT_CHECK_EQ(unguard(0, 5), 0);
	KT_CHECK_EQ(fx_get(FX_BASE + P(1)), 0);
	KT_CHECK_EQ(fx_get(FX_BASE + P(3)), 4);
	fx_drop(mm);
}

KTEST_QUICK(guard, a_page_in_swap_gives_its_slot_back)
{
	struct mm *mm = written(1);
	u64 slots;

	KT_TRUE(mm);
	if (!fx_have_swap()) {
		fx_drop(mm);
		KT_SKIP("no swap area");
	}
	slots = fx_slots_used();
	KT_CHECK(fx_swap_out(mm, FX_BASE));
	KT_CHECK_EQ(install(0, 1), 0);
	KT_CHECK_EQ(fx_slots_used(), slots);
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_SWAPENTS]), 0);
	KT_CHECK(guarded(mm, 0));
	fx_drop(mm);
}

/* Only munmap takes them; the world check after the test looks at the rest. */
KTEST_QUICK(guard, guards_outlive_everything_but_their_range)
{
	struct mm *mm = written(3), *child;
	unsigned long there = FX_BASE + P(64);

	KT_TRUE(mm);
	KT_CHECK_EQ(install(1, 1), 0);
	KT_CHECK_EQ(sys_madvise(FX_BASE, P(3), MADV_DONTNEED), 0);
	KT_CHECK_EQ(sys_madvise(FX_BASE, P(3), MADV_FREE), 0);
	KT_CHECK_EQ(sys_mprotect(FX_BASE, P(3), PROT_NONE), 0);
	KT_CHECK_EQ(sys_mprotect(FX_BASE, P(3), FX_RW), 0);
	KT_CHECK(guarded(mm, 1));
	child = fx_fork(mm);
	if (child) {
		KT_CHECK(guarded(child, 1));
		mmput(child);
	}
	KT_CHECK_EQ(sys_mremap(FX_BASE, P(3), P(3), MREMAP_MAYMOVE | MREMAP_FIXED, there),
		    (long)there);
	KT_CHECK(guarded(mm, 65));
	fx_map(mm, there, 3, FX_RW);
	KT_CHECK_EQ(touch(65), 0);
	fx_drop(mm);
}

/* A fork does not look through VMAs without an anon_vma, so a guard makes one. */
KTEST_QUICK(guard, a_fork_copies_guards_of_memory_without_a_page)
{
	struct mm *mm = fx_mm(), *child;
	unsigned long shared = 0;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 2, FX_RW);
	KT_CHECK_EQ(vm_mmap(mm, NULL, FX_BASE + P(8), P(2), FX_RW,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, 0, &shared), 0);
	KT_CHECK_EQ(install(1, 1), 0);
	KT_CHECK_EQ(install(9, 1), 0);
	fx_put(FX_BASE + P(8), 4);
	child = fx_fork(mm);
	if (child) {
		KT_CHECK(guarded(child, 1) && guarded(child, 9));
		KT_CHECK_EQ(fx_get_in(child, FX_BASE + P(8)), 4);
		mmput(child);
	}
	fx_drop(mm);
}

KTEST_QUICK(guard, without_memory_nothing_has_changed)
{
	enum inject_point point;
	struct mm *mm;

	for (point = INJECT_PAGE_ALLOC; point <= INJECT_SLAB_ALLOC; point++) {
		u64 nth, fired = 1;
		long err;

		for (nth = 1; fired && nth < 50; nth++) {
			mm = fx_mm();
			KT_TRUE(mm);
			/* Three tables: the middle one has nothing in it yet. */
			fx_map(mm, FX_BASE, 1100, FX_RW);
			inject_arm(point, nth, 1, current);
			err = install(1, 1098);
			fired = inject_disarm(point);
			KT_CHECK_EQ(err, fired ? -ENOMEM : 0);
			for (unsigned long i = 0; i < 1100; i += 100)
				KT_CHECK_EQ(guarded(mm, i), i > 0 && !fired);
			fx_drop(mm);
		}
		KT_CHECK(nth > 1);
	}
}

/* ---- second MMUs ---- */

#ifdef CONFIG_MMU_NOTIFIER
static struct mirror mirror;

KTEST_QUICK(guard, install_is_one_bracket_and_removal_none)
{
	struct mm *mm = written(4);
	const struct recorded_call *call;
	struct recorder *rec;

	KT_TRUE(mm);
	rec = toy_recorder(mm, &recorder_bracket_ops);
	if (rec) {
		KT_CHECK_EQ(install(1, 2), 0);
		call = recorder_find(rec, MN_INVALIDATE_RANGE_START, 0);
		KT_CHECK(call && call->start == FX_BASE + P(1) && call->end == FX_BASE + P(3));
		KT_CHECK_EQ(recorder_count(rec, MN_INVALIDATE_RANGE_START), 1);
		KT_CHECK_EQ(recorder_count(rec, MN_INVALIDATE_RANGE_END), 1);
		recorder_clear(rec);
		KT_CHECK_EQ(unguard(0, 4), 0);
		KT_CHECK_EQ(recorder_count(rec, MN_INVALIDATE_RANGE_START), 0);
	}
	toy_recorder_end(rec);
	fx_drop(mm);
}

KTEST_QUICK(guard, a_device_is_kept_out)
{
	struct mm *mm = written(2);
	u64 word = 0;

	KT_TRUE(mm);
	if (KT_CHECK_EQ(mirror_open(&mirror, mm, FX_BASE), 0)) {
		KT_CHECK_EQ(mirror_write(&mirror, FX_BASE, 5), 0);
		KT_CHECK_EQ(install(0, 1), 0);
		KT_CHECK(!mirror_access(&mirror, FX_BASE, &word, false));
		KT_CHECK_EQ(mirror_read(&mirror, FX_BASE, &word), -EFAULT);
		KT_CHECK_EQ(unguard(0, 1), 0);
		KT_CHECK_EQ(mirror_read(&mirror, FX_BASE, &word), 0);
		KT_CHECK_EQ(word, 0);
		mirror_close(&mirror);
	}
	fx_drop(mm);
}
#endif

/* ---- races ---- */

static int touch_first(void *arg)
{
	return touch(0);
}

/* A fault of page 0 stands at @gate when the guard comes: the guard wins. */
static void fault_against_guard(struct mm *mm, const char *gate)
{
	struct fx_thread t;

	gate_arm(gate, mm);
	if (!fx_start(&t, mm, touch_first, NULL)) {
		gate_open(gate);
		return;
	}
	if (gate_wait(gate))
		KT_CHECK_EQ(install(0, 1), 0);
	gate_open(gate);
	KT_CHECK_EQ(fx_join(&t), -EFAULT);
	KT_CHECK(guarded(mm, 0));
	KT_CHECK_EQ(mm_rss(mm), 0);
}

KTEST(guard, a_page_made_meanwhile_is_dropped)
{
	struct mm *mm;

	KT_NEED_GATES();
	mm = fx_mm();
	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fault_against_guard(mm, "fault.page_made");
	fx_drop(mm);
}

KTEST(guard, a_copy_made_meanwhile_is_dropped)
{
	struct mm *mm, *child;

	KT_NEED_GATES();
	mm = written(1);
	KT_TRUE(mm);
	child = fx_fork(mm);
	if (child) {
		fault_against_guard(mm, "fault.replace");
		KT_CHECK_EQ(fx_get_in(child, FX_BASE), 1);
		mmput(child);
	}
	fx_drop(mm);
}

KTEST(guard, a_page_read_from_swap_meanwhile_is_dropped)
{
	struct mm *mm;

	KT_NEED_GATES();
	mm = written(1);
	KT_TRUE(mm);
	if (!fx_have_swap()) {
		fx_drop(mm);
		KT_SKIP("no swap area");
	}
	KT_CHECK(fx_unmap_to_swap_cache(mm, FX_BASE));
	fault_against_guard(mm, "fault.swap_locked");
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_SWAPENTS]), 0);
	fx_drop(mm);
}

KTEST(guard, a_page_of_a_file_found_meanwhile_is_not_mapped)
{
	unsigned long out = 0;
	struct mm *mm;

	KT_NEED_GATES();
	mm = fx_mm();
	KT_TRUE(mm);
	KT_CHECK_EQ(vm_mmap(mm, NULL, FX_BASE, P(1), FX_RW,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, 0, &out), 0);
	fault_against_guard(mm, "fault.object_locked");
	fx_drop(mm);
}

static int install_first(void *arg)
{
	return (int)install(0, 1);
}

/* Another thread's page came between the tables and the bracket: it goes. */
KTEST(guard, a_page_mapped_before_the_bracket_goes)
{
	struct fx_thread t;
	struct mm *mm;

	KT_NEED_GATES();
	mm = fx_mm();
	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	gate_arm("guard.tables_made", mm);
	if (fx_start(&t, mm, install_first, NULL)) {
		if (gate_wait("guard.tables_made"))
			KT_CHECK_EQ(touch(0), 0);
		gate_open("guard.tables_made");
		KT_CHECK_EQ(fx_join(&t), 0);
	}
	KT_CHECK(guarded(mm, 0));
	KT_CHECK_EQ(mm_rss(mm), 0);
	fx_drop(mm);
}

#define STORM_PAGES 4
#define STORM_ROUNDS 200

static bool storm_over;

/* Touch until told to stop. Return: accesses that came through with wrong contents. */
static int storm_toucher(void *arg)
{
	int wrong = 0;

	for (unsigned long i = 0; !READ_ONCE(storm_over); i++) {
		u64 *word = (u64 *)(FX_BASE + P(i % STORM_PAGES)), seen = 0;

		if (!get_user(seen, word) && seen != 0 && seen != 7)
			wrong++;
		(void)put_user((u64)7, word);
		cond_resched();
	}
	return wrong;
}

/* When install returns every page is a guard, whoever faults meanwhile. */
KTEST(guard, no_fault_gets_past_an_installed_guard)
{
	struct mm *mm = written(STORM_PAGES);
	struct fx_thread t[2];
	unsigned int missing = 0, n = 0;

	KT_TRUE(mm);
	for (unsigned long i = 0; i < STORM_PAGES; i++)
		fx_put(FX_BASE + P(i), 7);
	storm_over = false;
	while (n < 2 && fx_start(&t[n], mm, storm_toucher, NULL))
		n++;
	for (unsigned int round = 0; round < STORM_ROUNDS; round++) {
		KT_CHECK_EQ(install(0, STORM_PAGES), 0);
		for (unsigned long i = 0; i < STORM_PAGES; i++)
			missing += !guarded(mm, i);
		KT_CHECK_EQ(mm_rss(mm), 0);
		KT_CHECK_EQ(unguard(0, STORM_PAGES), 0);
		cond_resched();
	}
	WRITE_ONCE(storm_over, true);
	while (n > 0)
		KT_CHECK_EQ(fx_join(&t[--n]), 0);
	KT_CHECK_EQ(missing, 0);
	fx_drop(mm);
}
