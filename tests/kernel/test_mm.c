/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_mm.c - suite mm: birth, sharing and death of an address space
 */
#include "mm/mm.h"

#include "arch/x86/cpu/percpu.h"
#include "kernel/sched/sched.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "mm/mmu_notifier.h"
#include "mm/swap.h"
#include "mm/tlb.h"
#include "mm/uaccess.h"
#include "tests/kernel/mm_fixture.h"

KTEST_QUICK(mm, the_user_half_goes_with_the_last_user)
{
	struct mm *mm;

	KT_EQ(mm_alloc(&mm), 0);
	fx_map(mm, FX_BASE, 4, FX_RW);
	KT_CHECK(fx_put_in(mm, FX_BASE, 1));
	mmgrab(mm);
	KT_CHECK(mmget_not_zero(mm));
	mmput(mm);
	KT_CHECK_EQ(mm->map_count, 1);
	mmput(mm);
	KT_CHECK_EQ(mm->map_count, 0);
	KT_CHECK_EQ(mm_rss(mm), 0);
	KT_CHECK(!mmget_not_zero(mm));
	mmdrop(mm);
}

static bool mm_is_listed(const struct mm *wanted)
{
	struct mm *mm = NULL;
	bool found = false;

	while ((mm = mm_list_next(mm)))
		found |= mm == wanted;
	return found;
}

KTEST_QUICK(mm, every_mm_is_on_the_list_as_long_as_it_lives)
{
	struct mm *a, *b;

	KT_EQ(mm_alloc(&a), 0);
	KT_EQ(mm_alloc(&b), 0);
	KT_CHECK_NE(a->id, b->id);
	KT_CHECK(mm_is_listed(a) && mm_is_listed(b));
	mmput(a);
	KT_CHECK(!mm_is_listed(a) && mm_is_listed(b));
	mmput(b);
}

KTEST_QUICK(mm, without_memory_there_is_no_mm)
{
	enum inject_point point;
	struct mm *mm;
	u64 nth, fired;
	int err;

	for (point = INJECT_PAGE_ALLOC; point <= INJECT_SLAB_ALLOC; point++) {
		for (nth = 1, fired = 1; fired; nth++) {
			inject_arm(point, nth, 1, current);
			err = mm_alloc(&mm);
			fired = inject_disarm(point);
			KT_CHECK_EQ(err, fired ? -ENOMEM : 0);
		}
		mmput(mm);
	}
}

/*
 * CPUs that ran a thread of the mm keep its tables loaded; when it dies nobody
 * may, and what they load next must be theirs.
 */
static int visit(void *arg)
{
	u64 *sum = arg, word = 0;

	if (get_user(word, (u64 *)FX_BASE))
		return -EFAULT;
	__atomic_add_fetch(sum, word, __ATOMIC_SEQ_CST);
	return 0;
}

KTEST_QUICK(mm, a_dying_mm_is_unloaded_everywhere)
{
	struct fx_thread t[4];
	struct mm *mm;
	u64 sum;
	int round, n;

	for (round = 0; round < 8 && !ktest_failed(); round++) {
		mm = fx_mm();
		KT_TRUE(mm);
		sum = 0;
		fx_map(mm, FX_BASE, 1, FX_RW);
		fx_put(FX_BASE, 100 + (u64)round);
		for (n = 0; n < 4; n++) {
			if (!fx_start(&t[n], mm, visit, &sum))
				break;
		}
		while (n--)
			KT_CHECK_EQ(fx_join(&t[n]), 0);
		KT_CHECK_EQ(sum, 4 * (100 + (u64)round));
		mmgrab(mm);
		fx_drop(mm);
		KT_CHECK(!mmget_not_zero(mm));
		mmdrop(mm);
	}
}

#ifdef CONFIG_MMU_NOTIFIER
/* C1: at release everything is still there; afterwards nothing. */
struct witness {
	struct mmu_notifier mn;
	u64 rss_at_release;
	unsigned int released;
};

static void witness_release(struct mmu_notifier *mn, struct mm *mm)
{
	struct witness *w = container_of(mn, struct witness, mn);

	w->rss_at_release = mm_rss(mm);
	w->released++;
}

static const struct mmu_notifier_ops witness_ops = { .release = witness_release };

KTEST_QUICK(mm, second_mmus_let_go_before_anything_is_unmapped)
{
	struct witness w = { .mn.ops = &witness_ops };
	struct mm *mm;

	KT_EQ(mm_alloc(&mm), 0);
	fx_map(mm, FX_BASE, 3, FX_RW);
	KT_CHECK_EQ(mm_populate(mm, FX_BASE, FX_BASE + 3 * PAGE_SIZE, false), 0);
	KT_CHECK_EQ(mmu_notifier_register(&w.mn, mm), 0);
	mmgrab(mm);
	mmput(mm);
	KT_CHECK_EQ(w.released, 1);
	KT_CHECK_EQ(w.rss_at_release, 3);
	mmu_notifier_unregister(&w.mn, mm);
	KT_CHECK_EQ(w.released, 1);
	mmdrop(mm);
}

static bool oom_is_dying(void)
{
	bool dying;
	struct mm *worst = oom_select(&dying);

	if (worst)
		mmdrop(worst);
	return dying;
}

struct oom_witness {
	struct mmu_notifier mn;
	bool dying;
};

static void oom_witness_release(struct mmu_notifier *mn, struct mm *mm)
{
	container_of(mn, struct oom_witness, mn)->dying = oom_is_dying();
}

static const struct mmu_notifier_ops oom_witness_ops = { .release = oom_witness_release };

/* Its last user has left, its pages have not: nobody else is killed meanwhile. */
KTEST_QUICK(mm, who_is_killed_counts_until_its_memory_is_free)
{
	struct oom_witness w = { .mn.ops = &oom_witness_ops };
	struct mm *mm;

	KT_EQ(mm_alloc(&mm), 0);
	fx_map(mm, FX_BASE, 3, FX_RW);
	KT_CHECK_EQ(mm_populate(mm, FX_BASE, FX_BASE + 3 * PAGE_SIZE, false), 0);
	KT_CHECK_EQ(mmu_notifier_register(&w.mn, mm), 0);
	KT_CHECK(!oom_is_dying());
	WRITE_ONCE(mm->oom_victim, true);
	KT_CHECK(oom_is_dying());
	mmgrab(mm);
	mmput(mm);
	KT_CHECK(w.dying);
	KT_CHECK(!oom_is_dying());
	mmu_notifier_unregister(&w.mn, mm);
	mmdrop(mm);
}
#endif
