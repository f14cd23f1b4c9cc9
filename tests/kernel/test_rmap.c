/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_rmap.c - suite rmap: from one page to every PTE that maps it
 */
#include "mm/rmap.h"

#include "arch/x86/cpu/percpu.h"
#include "kernel/lib/rand.h"
#include "kernel/sched/sched.h"
#include "kernel/test/gate.h"
#include "kernel/test/ktest.h"
#include "mm/fork.h"
#include "mm/mmu_notifier.h"
#include "mm/pgtable.h"
#include "mm/swap.h"
#include "mm/uaccess.h"
#include "tests/kernel/mm_fixture.h"

#define P(n) ((n) * PAGE_SIZE)
#define SHARERS 12

static unsigned int ptes_of(struct page *page)
{
	unsigned int found;

	page_lock(page);
	found = rmap_count_ptes(page);
	page_unlock(page);
	return found;
}

/* VMAs that a walk looks at, whether they map the page or not. */
static bool visit_one(struct page *page, struct vma *vma, unsigned long va, void *arg)
{
	(*(unsigned int *)arg)++;
	return true;
}

static bool never(struct page *page)
{
	return false;
}

static unsigned int vmas_visited(struct page *page)
{
	unsigned int visited = 0;
	struct rmap_walk_control rwc = { .one = visit_one, .done = never, .arg = &visited };

	page_lock(page);
	rmap_walk(page, &rwc);
	page_unlock(page);
	return visited;
}

KTEST_QUICK(rmap, a_walk_finds_every_sharer)
{
	struct mm *mm = fx_mm(), *child[SHARERS];
	struct page *page;
	int i, n = 0;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 3, FX_RW);
	fx_put(FX_BASE + P(1), 1);
	page = fx_page(mm, FX_BASE + P(1));
	KT_CHECK_EQ(ptes_of(page), 1);
	for (n = 0; n < SHARERS; n++) {
		child[n] = fx_fork(n % 3 ? child[n - 1] : mm);
		if (!child[n])
			break;
		KT_CHECK_EQ(page_mapcount(page), n + 2);
		KT_CHECK_EQ(ptes_of(page), (unsigned int)n + 2);
	}
	for (i = 0; i < n; i++) {
		if (i & 1)
			KT_CHECK(fx_put_in(child[i], FX_BASE + P(1), 2));
		else
			KT_CHECK_EQ(vm_munmap(child[i], FX_BASE + P(1), P(1)), 0);
		KT_CHECK_EQ(ptes_of(page), (unsigned int)page_mapcount(page));
	}
	KT_CHECK_EQ(page_mapcount(page), 1);
	while (n--)
		mmput(child[n]);
	fx_drop(mm);
}

/* What a child made is looked for in the child only, however many siblings it has. */
KTEST_QUICK(rmap, a_childs_own_page_costs_one_look)
{
	struct mm *mm = fx_mm(), *child[SHARERS];
	int n;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 2, FX_RW);
	fx_put(FX_BASE, 1);
	for (n = 0; n < SHARERS; n++) {
		child[n] = fx_fork(mm);
		if (!child[n])
			break;
		KT_CHECK(fx_put_in(child[n], FX_BASE + P(1), 5));
		KT_CHECK_EQ(vmas_visited(fx_page(child[n], FX_BASE + P(1))), 1);
		KT_CHECK_EQ(fx_chain_length(child[n], FX_BASE), 2);
	}
	KT_CHECK_EQ(vmas_visited(fx_page(mm, FX_BASE)), (unsigned int)n + 1);
	KT_CHECK(fx_put_in(child[0], FX_BASE, 7));
	KT_CHECK_EQ(vmas_visited(fx_page(child[0], FX_BASE)), 1);
	while (n--)
		mmput(child[n]);
	fx_drop(mm);
}

/* A daemon that forks and exits for ever must not drag its ancestors along. */
KTEST_QUICK(rmap, chains_do_not_grow_with_generations)
{
	struct mm *mm, *child;
	struct page *page;
	unsigned int generation;

	KT_EQ(mm_alloc(&mm), 0);
	fx_map(mm, FX_BASE, 2, FX_RW);
	KT_CHECK(fx_put_in(mm, FX_BASE, 1));
	for (generation = 0; generation < 40; generation++) {
		child = fx_fork(mm);
		if (!child)
			break;
		KT_CHECK(fx_put_in(child, FX_BASE + P(1), generation));
		mmput(mm);
		mm = child;
		KT_CHECK_LE(fx_chain_length(mm, FX_BASE), 3);
	}
	page = fx_page(mm, FX_BASE);
	KT_CHECK_EQ(ptes_of(page), 1);
	KT_CHECK_LE(vmas_visited(fx_page(mm, FX_BASE + P(1))), 2);
	KT_CHECK_EQ(fx_get_in(mm, FX_BASE), 1);
	mmput(mm);
}

/* Splits, moves and merges keep each page findable. */
KTEST_QUICK(rmap, pages_stay_findable_when_ranges_change)
{
	struct mm *mm = fx_mm(), *child;
	unsigned long to = FX_BASE + (32UL << 20), i;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 9, FX_RW);
	for (i = 0; i < 9; i++)
		fx_put(FX_BASE + P(i), i);
	child = fx_fork(mm);
	KT_CHECK_EQ(sys_mprotect(FX_BASE + P(2), P(3), PROT_READ), 0);
	KT_CHECK_EQ(sys_mremap(FX_BASE + P(5), P(2), P(2), MREMAP_MAYMOVE | MREMAP_FIXED, to),
		    (long)to);
	KT_CHECK_EQ(vm_munmap(mm, FX_BASE + P(8), P(1)), 0);
	for (i = 0; i < 8; i++) {
		unsigned long va = i == 5 || i == 6 ? to + P(i - 5) : FX_BASE + P(i);

		KT_CHECK_EQ(ptes_of(fx_page(mm, va)), child ? 2 : 1);
	}
	KT_CHECK_EQ(sys_mremap(to, P(2), P(2), MREMAP_MAYMOVE | MREMAP_FIXED, FX_BASE + P(5)),
		    (long)(FX_BASE + P(5)));
	KT_CHECK_EQ(sys_mprotect(FX_BASE, P(8), FX_RW), 0);
	KT_CHECK_EQ(fx_nr_vmas(mm), 1);
	for (i = 0; i < 8; i++)
		KT_CHECK_EQ(ptes_of(fx_page(mm, FX_BASE + P(i))), child ? 2 : 1);
	if (child)
		mmput(child);
	fx_drop(mm);
}

KTEST_QUICK(rmap, page_referenced_counts_each_use_once)
{
	struct mm *mm = fx_mm(), *child;
	unsigned long flags = 0;
	struct page *page;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	page = fx_page(mm, FX_BASE);
	child = fx_fork(mm);
	page_lock(page);
	page_clear(page, PG_referenced);
	KT_CHECK_EQ(page_referenced(page, &flags), 1);
	KT_CHECK(flags & VM_WRITE);
	KT_CHECK_EQ(page_referenced(page, &flags), 0);
	page_unlock(page);
	KT_CHECK_EQ(fx_get(FX_BASE), 1);
	if (child)
		KT_CHECK_EQ(fx_get_in(child, FX_BASE), 1);
	page_lock(page);
	page_clear(page, PG_referenced);
	KT_CHECK_EQ(page_referenced(page, &flags), 1);
	page_set(page, PG_referenced);
	KT_CHECK_EQ(page_referenced(page, &flags), 1);
	KT_CHECK(!page_test(page, PG_referenced));
	page_unlock(page);
	if (child)
		mmput(child);
	fx_drop(mm);
}

KTEST_QUICK(rmap, unmap_clears_every_pte)
{
	struct mm *mm = fx_mm(), *child[SHARERS];
	swp_entry_t entry;
	struct page *page;
	int i, n;

	KT_TRUE(mm);
	if (!fx_have_swap()) {
		fx_drop(mm);
		KT_SKIP("no swap area");
	}
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 31);
	page = fx_page(mm, FX_BASE);
	for (n = 0; n < SHARERS; n++) {
		child[n] = fx_fork(n % 2 ? child[n - 1] : mm);
		if (!child[n])
			break;
	}
	KT_CHECK(fx_unmap_to_swap_cache(mm, FX_BASE));
	KT_CHECK_EQ(page_mapcount(page), 0);
	KT_CHECK(page_test(page, PG_dirty));
	entry = pte_swp_entry(fx_pte(mm, FX_BASE));
	KT_CHECK_EQ(swap_slot_count(entry), (unsigned int)n + 2);
	for (i = 0; i < n; i++) {
		KT_CHECK(pte_same(fx_pte(child[i], FX_BASE), fx_pte(mm, FX_BASE)));
		KT_CHECK_EQ(fx_get_in(child[i], FX_BASE), 31);
		KT_CHECK(fx_page(child[i], FX_BASE) == page);
	}
	KT_CHECK_EQ(page_mapcount(page), n);
	KT_CHECK_EQ(ptes_of(page), (unsigned int)n);
	while (n--)
		mmput(child[n]);
	KT_CHECK_EQ(fx_get(FX_BASE), 31);
	fx_drop(mm);
}

KTEST_QUICK(rmap, what_was_just_used_is_not_taken)
{
	struct mm *mm = fx_mm();
	struct page *page;
	swp_entry_t entry;

	KT_TRUE(mm);
	if (!fx_have_swap()) {
		fx_drop(mm);
		KT_SKIP("no swap area");
	}
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	page = fx_page(mm, FX_BASE);
	get_page(page);
	page_lock(page);
	KT_CHECK_EQ(swap_slot_alloc(&entry), 0);
	KT_CHECK_EQ(swap_cache_add(page, entry), 0);
	KT_CHECK_EQ(try_to_unmap(page, 0), SWAP_FAIL);
	KT_CHECK_EQ(page_mapcount(page), 1);
	KT_CHECK_EQ(try_to_unmap(page, 0), SWAP_SUCCESS);
	page_unlock(page);
	put_page(page);
	KT_CHECK_EQ(fx_get(FX_BASE), 1);
	fx_drop(mm);
}

/* A writer runs while its page is taken again and again: no write may be lost. */
struct counter {
	bool stop;
	u64 written;
};

static int count_up(void *arg)
{
	struct counter *c = arg;
	u64 word;

	while (!READ_ONCE(c->stop)) {
		if (get_user(word, (u64 *)FX_BASE) || put_user(word + 1, (u64 *)FX_BASE))
			return -EFAULT;
		WRITE_ONCE(c->written, c->written + 1);
		cond_resched();
	}
	return 0;
}

KTEST(rmap, no_write_is_lost_while_pages_are_taken)
{
	struct counter c = { 0 };
	struct mm *mm = fx_mm();
	struct fx_thread t;
	int i, out = 0;

	KT_TRUE(mm);
	if (!fx_have_swap()) {
		fx_drop(mm);
		KT_SKIP("no swap area");
	}
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 0);
	if (!fx_start(&t, mm, count_up, &c))
		goto out;
	for (i = 0; i < 300; i++) {
		out += i & 1 ? fx_swap_out(mm, FX_BASE) : fx_unmap_to_swap_cache(mm, FX_BASE);
		yield();
	}
	WRITE_ONCE(c.stop, true);
	KT_CHECK_EQ(fx_join(&t), 0);
	KT_CHECK_GT(out, 0);
	KT_CHECK_EQ(fx_get(FX_BASE), c.written);
out:
	fx_drop(mm);
}

/* Relatives come and go, ranges change, and pages are taken all the while. */
static int churn(void *arg)
{
	struct mm *root = arg, *mm;
	struct rand_state r;
	int i, err;

	rand_seed(&r, (u64)(unsigned long)&r);
	for (i = 0; i < 40; i++) {
		unsigned long va = FX_BASE + P(rand_below(&r, 16));

		err = dup_mm(root, &mm);
		if (err)
			return err;
		if (!fx_put_in(mm, va, 1))
			err = -EFAULT;
		(void)fx_unmap_to_swap_cache(mm, va);
		if (!err)
			err = vm_munmap(mm, FX_BASE + P(rand_below(&r, 16)), P(3));
		(void)fx_unmap_to_swap_cache(root, FX_BASE + P(rand_below(&r, 16)));
		mmput(mm);
		if (err)
			return err;
	}
	return 0;
}

KTEST(rmap, walks_survive_a_changing_family)
{
	struct mm *mm = fx_mm();
	struct fx_thread t[4];
	unsigned long i;
	int n;

	KT_TRUE(mm);
	if (!fx_have_swap()) {
		fx_drop(mm);
		KT_SKIP("no swap area");
	}
	fx_map(mm, FX_BASE, 16, FX_RW);
	for (i = 0; i < 16; i++)
		fx_put(FX_BASE + P(i), i + 70);
	for (n = 0; n < 4; n++) {
		if (!fx_start(&t[n], NULL, churn, mm))
			break;
	}
	while (n--)
		KT_CHECK_EQ(fx_join(&t[n]), 0);
	for (i = 0; i < 16; i++)
		KT_CHECK_EQ(fx_get(FX_BASE + P(i)), i + 70);
	fx_drop(mm);
}

/* The entry of @va becomes clean: still writable, so the hardware marks the next write. */
static void make_clean(struct mm *mm, unsigned long va)
{
	struct mmu_notifier_range range;
	struct spinlock *ptl;
	pte_t *ptep, old;

	fx_range_init(&range, MMU_NOTIFY_CLEAR, MMU_NOTIFIER_RANGE_BLOCKABLE |
				MMU_NOTIFIER_RANGE_SINGLE_PAGE, mm, va, va + PAGE_SIZE);
	down_read(&mm->mmap_lock);
	mmu_notifier_invalidate_range_start(&range);
	ptep = pte_offset_lock(mm, va, &ptl);
	old = ptep_clear_flush_notify(mm, va, ptep);
	set_pte_at(mm, va, ptep, pte_mkclean(old));
	pte_unmap_unlock(ptep, ptl);
	mmu_notifier_invalidate_range_end(&range);
	up_read(&mm->mmap_lock);
}

/* A page in the swap cache, clean but for what its entry says, and its taker. */
struct taken {
	struct page *page;
	swp_entry_t entry;
};

static int take_it(void *arg)
{
	struct taken *t = arg;

	page_lock(t->page);
	KT_CHECK_EQ(try_to_unmap(t->page, TTU_IGNORE_ACCESS), SWAP_SUCCESS);
	page_unlock(t->page);
	return 0;
}

static bool take_prepare(struct mm *mm, struct taken *t)
{
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	make_clean(mm, FX_BASE);
	t->page = fx_page(mm, FX_BASE);
	get_page(t->page);
	page_lock(t->page);
	page_clear(t->page, PG_dirty);
	if (!KT_CHECK_EQ(swap_slot_alloc(&t->entry), 0) ||
	    !KT_CHECK_EQ(swap_cache_add(t->page, t->entry), 0))
		return false;
	page_clear(t->page, PG_dirty);
	page_unlock(t->page);
	return true;
}

/* F10: until the exchange the hardware may set the dirty bit; only then it is read. */
KTEST(rmap, a_write_just_before_the_clear_is_seen)
{
	struct fx_thread thread;
	struct taken t;
	struct mm *mm;

	KT_NEED_CPUS(2);
	mm = fx_mm();
	KT_TRUE(mm);
	if (!fx_have_swap()) {
		fx_drop(mm);
		KT_SKIP("no swap area");
	}
	if (!take_prepare(mm, &t))
		return;
	gate_arm("try_to_unmap.clear", t.page);
	if (fx_start(&thread, NULL, take_it, &t)) {
		if (gate_wait("try_to_unmap.clear"))
			KT_CHECK_EQ(copy_to_user_nofault((void *)FX_BASE, &(u64){ 2 }, 8), 0);
		gate_open("try_to_unmap.clear");
		fx_join(&thread);
		KT_CHECK(page_test(t.page, PG_dirty));
	}
	swap_cache_put_page(t.page);
	KT_CHECK_EQ(fx_get(FX_BASE), 2);
	fx_drop(mm);
}

KTEST(rmap, a_slot_is_counted_before_its_entry_is_seen)
{
	struct fx_thread thread;
	struct taken t;
	struct mm *mm;

	KT_NEED_CPUS(2);
	mm = fx_mm();
	KT_TRUE(mm);
	if (!fx_have_swap()) {
		fx_drop(mm);
		KT_SKIP("no swap area");
	}
	if (!take_prepare(mm, &t))
		return;
	gate_arm("try_to_unmap.entry_set", t.page);
	if (fx_start(&thread, NULL, take_it, &t)) {
		if (gate_wait("try_to_unmap.entry_set")) {
			KT_CHECK(pte_is_swap(fx_pte(mm, FX_BASE)));
			KT_CHECK_EQ(swap_slot_count(t.entry), 2);
		}
		gate_open("try_to_unmap.entry_set");
		fx_join(&thread);
	}
	swap_cache_put_page(t.page);
	KT_CHECK_EQ(fx_get(FX_BASE), 1);
	fx_drop(mm);
}

/*
 * The anon_vma dies while a walker is about to use it: the last mapping goes away
 * between two steps of try_to_unmap.
 */
static int take_page(void *arg)
{
	return fx_unmap_to_swap_cache(arg, FX_BASE) ? 0 : -EAGAIN;
}

static int unmap_range(void *arg)
{
	return vm_munmap(arg, FX_BASE, P(1));
}

KTEST(rmap, a_family_that_dies_during_a_walk_waits_for_it)
{
	struct mm *mm = fx_mm(), *child;
	struct fx_thread walker, killer;
	struct page *page;

	KT_TRUE(mm);
	if (!fx_have_swap()) {
		fx_drop(mm);
		KT_SKIP("no swap area");
	}
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 1);
	child = fx_fork(mm);
	page = fx_page(mm, FX_BASE);
	get_page(page);
	gate_arm("try_to_unmap.one", page);
	if (child && fx_start(&walker, NULL, take_page, mm)) {
		if (gate_wait("try_to_unmap.one") && fx_start(&killer, NULL, unmap_range, mm)) {
			yield();
			gate_open("try_to_unmap.one");
			KT_CHECK_EQ(fx_join(&killer), 0);
		}
		gate_open("try_to_unmap.one");
		fx_join(&walker);
	}
	put_page(page);
	if (child) {
		KT_CHECK_EQ(fx_get_in(child, FX_BASE), 1);
		mmput(child);
	}
	fx_drop(mm);
}
