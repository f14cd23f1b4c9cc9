/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_userfaultfd_async.c - suite userfaultfd: protection that a write lifts
 *
 * What a program sees is in tests/user/pagescan.c, recorded on Linux.
 */
#include "kernel/test/gate.h"
#include "kernel/test/inject.h"
#include "mm/pgtable.h"
#include "tests/kernel/uffd_fixture.h"
#ifdef CONFIG_MMU_NOTIFIER
#include "kernel/test/recorder.h"
#include "tests/kernel/notifier_toys.h"
#include "tests/kernel/toy_mirror.h"
#endif

/* PAGEMAP_SCAN's argument and answer, as a program lays them out in its memory. */
#define ARG SRC
#define REGIONS (SRC + P(1))
enum { ARG_SIZE, ARG_FLAGS, ARG_START, ARG_END, ARG_WALK_END, ARG_VEC, ARG_VEC_LEN, ARG_PAGES,
       ARG_INVERTED, ARG_MASK, ARG_ANYOF, ARG_WANTED, ARG_WORDS };
#define WP_MATCHING BIT(0)
#define IS_WRITTEN BIT(1)

static bool async_stage_up(struct stage *s, unsigned long pages)
{
	return stage_up(s, pages, WP, UFFD_FEATURE_WP_ASYNC);
}

/* Of pages [0, @pages) those that were written are found, and protected. Return: regions. */
static long collect(unsigned long pages)
{
	u64 arg[ARG_WORDS] = {
		[ARG_SIZE] = sizeof(arg), [ARG_FLAGS] = WP_MATCHING, [ARG_START] = FX_BASE,
		[ARG_END] = FX_BASE + P(pages), [ARG_VEC] = REGIONS, [ARG_VEC_LEN] = 100,
		[ARG_MASK] = IS_WRITTEN, [ARG_WANTED] = IS_WRITTEN,
	};

	if (!KT_CHECK_EQ(copy_to_user((void *)ARG, arg, sizeof(arg)), 0))
		return -EFAULT;
	return pagemap_scan(current->mm, (void *)ARG);
}

/* Is region @i of what was collected just page @page? */
static bool is_page(unsigned long i, unsigned long page)
{
	return look(REGIONS + i * 24) == FX_BASE + P(page) &&
	       look(REGIONS + i * 24 + 8) == FX_BASE + P(page + 1);
}

/*
 * Page @page is written; if that would wait for an answer, it is not. The first fault may
 * only bring what is not there, protected.
 */
static bool writes(struct mm *mm, unsigned long page)
{
	return !must_ask(mm, page) && !must_ask(mm, page) && fx_put(FX_BASE + P(page), 7);
}

KTEST_QUICK(userfaultfd, a_write_lifts_the_protection_and_asks_nobody)
{
	struct page *page;
	struct mm *child;
	struct stage s;

	KT_TRUE(async_stage_up(&s, 6));
	KT_CHECK(s.uffd->features & UFFD_FEATURE_WP_UNPOPULATED);
	for (unsigned long i = 0; i < 3; i++)
		fx_put(FX_BASE + P(i), 10 + i);
	KT_CHECK_EQ(fx_get(FX_BASE + P(3)), 0);
	KT_CHECK_EQ(protect(&s, 0, 6), 0);
	page = fx_page(s.mm, FX_BASE);
	child = fx_fork(s.mm);
	/* A page with a relative, one of its own, zeroes, nothing at all. */
	KT_CHECK(writes(s.mm, 0));
	if (child) {
		KT_CHECK_EQ(fx_get_in(child, FX_BASE), 10);
		KT_CHECK(fx_page(s.mm, FX_BASE) != page && fx_page(child, FX_BASE) == page);
		mmput(child);
	}
	page = fx_page(s.mm, FX_BASE + P(1));
	for (unsigned long i = 1; i < 5; i++)
		KT_CHECK(i == 2 || writes(s.mm, i));
	KT_CHECK(fx_page(s.mm, FX_BASE + P(1)) == page);
	KT_CHECK_EQ(fx_get(FX_BASE + P(2)), 12);
	for (unsigned long i = 0; i < 6; i++)
		KT_CHECK_EQ(is_protected(s.mm, i), i == 2 || i == 5);
	KT_CHECK(!userfaultfd_readable(s.uffd));
	KT_CHECK(fx_valid(s.mm));
	stage_down(&s);
}

KTEST_QUICK(userfaultfd, what_was_written_is_found_once)
{
	struct stage s;

	KT_TRUE(async_stage_up(&s, 200));
	fx_put(FX_BASE + P(5), 1);
	KT_CHECK_EQ(collect(200), 1);		/* all of it: nothing was protected */
	KT_CHECK(look(REGIONS) == FX_BASE && look(REGIONS + 8) == FX_BASE + P(200));
	KT_CHECK_EQ(collect(200), 0);
	fx_put(FX_BASE, 1);
	fx_put(FX_BASE + P(63), 1);
	fx_put(FX_BASE + P(199), 1);
	KT_CHECK_EQ(fx_get(FX_BASE + P(5)), 1);
	KT_CHECK_EQ(collect(200), 3);
	KT_CHECK(is_page(0, 0) && is_page(1, 63) && is_page(2, 199));
	KT_CHECK_EQ(collect(200), 0);
	stage_down(&s);
}

KTEST_QUICK(userfaultfd, what_swap_brings_back_is_not_written)
{
	struct stage s;

	KT_TRUE(async_stage_up(&s, 3));
	if (!fx_have_swap()) {
		stage_down(&s);
		KT_SKIP("no swap area");
	}
	for (unsigned long i = 0; i < 3; i++)
		fx_put(FX_BASE + P(i), 20 + i);
	KT_CHECK_EQ(collect(3), 1);
	for (unsigned long i = 0; i < 3; i++)
		KT_CHECK(fx_swap_out(s.mm, FX_BASE + P(i)));
	KT_CHECK_EQ(fx_get(FX_BASE), 20);
	KT_CHECK_EQ(collect(3), 0);
	fx_put(FX_BASE + P(1), 7);
	KT_CHECK_EQ(collect(3), 1);
	KT_CHECK(is_page(0, 1));
	KT_CHECK_EQ(fx_get(FX_BASE + P(2)), 22);
	KT_CHECK_EQ(collect(3), 0);
	stage_down(&s);
}

static int collector(void *arg)
{
	return (int)collect(*(unsigned long *)arg);
}

/* Written between the look and the protection: found now, if it is not found next time. */
KTEST(userfaultfd, a_write_during_the_walk_is_not_lost)
{
	unsigned long pages = 4;
	struct fx_thread t;
	struct stage s;

	KT_NEED_GATES();
	KT_TRUE(async_stage_up(&s, pages));
	KT_CHECK_EQ(collect(pages), 1);
	fx_put(FX_BASE, 1);
	gate_arm("pagemap_scan.found", s.mm);
	if (fx_start(&t, s.mm, collector, &pages)) {
		if (gate_wait("pagemap_scan.found")) {
			fx_put(FX_BASE, 2);
			fx_put(FX_BASE + P(2), 3);
		}
		gate_open("pagemap_scan.found");
		KT_CHECK_EQ(fx_join(&t), 1);
		KT_CHECK(is_page(0, 0));
		KT_CHECK_EQ(collect(pages), 1);
		KT_CHECK(is_page(0, 2));
	} else {
		gate_open("pagemap_scan.found");
	}
	stage_down(&s);
}

/* Each allocation of the walk fails in turn: nothing is found that is not found again. */
KTEST_QUICK(userfaultfd, a_walk_without_memory_finds_the_same_again)
{
	for (unsigned int point = INJECT_PAGE_ALLOC; point <= INJECT_SLAB_ALLOC; point++) {
		u64 fired = 1;

		for (u64 nth = 1; fired && nth < 50; nth++) {
			struct stage s;
			long found;

			KT_TRUE(async_stage_up(&s, 4));
			inject_arm((enum inject_point)point, nth, 1, current);
			found = collect(4);
			fired = inject_disarm((enum inject_point)point);
			KT_CHECK_EQ(found, fired ? -ENOMEM : 1);
			if (fired)
				KT_CHECK_EQ(collect(4), 1);
			KT_CHECK_EQ(collect(4), 0);
			KT_CHECK(fx_valid(s.mm));
			stage_down(&s);
		}
	}
}

#ifdef CONFIG_MMU_NOTIFIER

static struct mirror mirror;

/* What a device writes is found, too: it has lost the page when it was protected. */
KTEST_QUICK(userfaultfd, what_a_device_writes_is_found)
{
	const struct recorded_call *call;
	struct recorder *rec;
	struct stage s;
	u64 word = 1;

	KT_TRUE(async_stage_up(&s, 70));
	rec = toy_recorder(s.mm, &recorder_bracket_ops);
	if (rec && KT_CHECK_EQ(mirror_open(&mirror, s.mm, FX_BASE), 0)) {
		KT_CHECK_EQ(mirror_write(&mirror, FX_BASE, 5), 0);
		recorder_clear(rec);
		KT_CHECK_EQ(collect(70), 1);
		call = recorder_find(rec, MN_INVALIDATE_RANGE_START, 0);
		KT_CHECK(call && call->start == FX_BASE);
		KT_CHECK_EQ(recorder_count(rec, MN_INVALIDATE_RANGE_START), 2);
		KT_CHECK(!mirror_access(&mirror, FX_BASE, &word, true));
		recorder_clear(rec);
		KT_CHECK_EQ(mirror_write(&mirror, FX_BASE, 6), 0);
		KT_CHECK(!userfaultfd_readable(s.uffd));
		KT_CHECK_EQ(recorder_count(rec, MN_INVALIDATE_RANGE_START), 0);
		KT_CHECK_EQ(collect(70), 1);
		KT_CHECK(is_page(0, 0));
		KT_CHECK_EQ(fx_get(FX_BASE), 6);
		mirror_close(&mirror);
	}
	toy_recorder_end(rec);
	stage_down(&s);
}

#endif
