/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_tlb.c - suite tlb: what other CPUs still see, and when they stop
 *
 * The emulated CPUs cache translations as real ones do, so a reader on another
 * CPU really sees the old page until somebody makes it forget.
 */
#include "mm/tlb.h"

#include "kernel/lib/rand.h"
#include "kernel/sched/sched.h"
#include "kernel/test/gate.h"
#include "kernel/test/inject.h"
#include "mm/gfp.h"
#include "mm/mmu_notifier.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/kt_thread.h"
#include "tests/kernel/threads.h"
#include "tests/kernel/user_memory.h"

#define PROT_TEST (PTE_PRESENT | PTE_USER | PTE_NX | PTE_SPECIAL)

/* An address whose entry the test changes by hand between two pages. */
struct rig {
	struct user_memory u;
	struct page *a, *b;		/* hold the numbers 1 and 2 */
	struct mmu_notifier_range range;
};

static bool rig_up(struct rig *rig)
{
	*rig = (struct rig){ 0 };
	rig->a = KT_GET(alloc_page(GFP_KERNEL | __GFP_ZERO));
	rig->b = KT_GET(alloc_page(GFP_KERNEL | __GFP_ZERO));
	if (!rig->a || !rig->b || !user_memory_up(&rig->u, 1))
		return false;
	*(u64 *)page_address(rig->a) = 1;
	*(u64 *)page_address(rig->b) = 2;
	return true;
}

static pte_t rig_pte(const struct page *page)
{
	return pte_make(page_to_pfn(page).v, PROT_TEST);
}

/* Point the address at @page: the entry is cleared, and @flush decides the rest. */
static void rig_set(struct rig *rig, struct page *page,
		    void (*flush)(struct mm *mm, unsigned long va))
{
	struct mm *mm = rig->u.mm;
	unsigned long va = rig->u.va;
	struct spinlock *ptl;
	pte_t *ptep;

	if (KT_TRY(pte_alloc_lock(mm, va, &ptep, &ptl)))
		return;
	ptep_get_and_clear(mm, va, ptep);
	if (flush)
		flush(mm, va);
	if (page)
		set_pte_at(mm, va, ptep, rig_pte(page));
	pte_unmap_unlock(ptep, ptl);
}

/* The bracket around everything that a test changes, so that only the flush counts. */
static void rig_start(struct rig *rig)
{
	fx_range_init(&rig->range, MMU_NOTIFY_CLEAR, MMU_NOTIFIER_RANGE_BLOCKABLE,
				rig->u.mm, rig->u.va, rig->u.va + PAGE_SIZE);
	mmu_notifier_invalidate_range_start(&rig->range);
}

static void rig_end(struct rig *rig)
{
	mmu_notifier_invalidate_range_end(&rig->range);
}

static void rig_down(struct rig *rig)
{
	rig_start(rig);
	rig_set(rig, NULL, flush_tlb_page);
	rig_end(rig);
	user_memory_down(&rig->u);
	if (rig->a)
		put_page(rig->a);
	if (rig->b)
		put_page(rig->b);
}

/* ---- a reader on another CPU ---- */

struct reader {
	struct rig *rig;
	bool stop;
	u64 seen, count;
	struct task *task;
};

static int reader_run(void *data)
{
	struct reader *r = data;

	kthread_use_mm(r->rig->u.mm);
	while (!READ_ONCE(r->stop)) {
		u64 value = 0;

		if (copy_from_user_nofault(&value, (void __user *)r->rig->u.va, sizeof(value)))
			value = 0;
		WRITE_ONCE(r->seen, value);
		smp_store_release(&r->count, r->count + 1);
	}
	kthread_unuse_mm(r->rig->u.mm);
	while (!kthread_should_stop())
		yield();
	return 0;
}

static bool reader_start(struct reader *r, struct rig *rig, int cpu)
{
	*r = (struct reader){ .rig = rig };
	if (KT_TRY(kthread_create(&r->task, reader_run, r, "reader")))
		return false;
	kthread_bind(r->task, cpu);
	wake_up_process(r->task);
	return true;
}

static void reader_stop(struct reader *r)
{
	WRITE_ONCE(r->stop, true);
	kthread_stop(r->task);
}

/* What a read that began after this call sees. */
static u64 reader_next(struct reader *r)
{
	u64 count = smp_load_acquire(&r->count);

	while (smp_load_acquire(&r->count) < count + 2)
		cond_resched();
	return READ_ONCE(r->seen);
}

/* This thread on CPU 0, page a mapped inside a bracket, and a reader on CPU 1 has seen it. */
static bool watch_up(struct rig *rig, struct reader *r)
{
	if (!rig_up(rig))
		return false;
	set_task_cpu_bound(current, 0);
	rig_start(rig);
	rig_set(rig, rig->a, flush_tlb_page);
	return reader_start(r, rig, 1) && KT_CHECK_EQ(reader_next(r), 1);
}

static void watch_down(struct rig *rig, struct reader *r)
{
	reader_stop(r);
	rig_end(rig);
	rig_down(rig);
	set_task_cpu_bound(current, -1);
}

/* ---- the tests ---- */

static void flush_everything(struct mm *mm, unsigned long va)
{
	(void)va;
	flush_tlb_mm(mm);
}

KTEST(tlb, flush_reaches_the_other_cpu)
{
	struct reader r;
	struct rig rig;

	KT_NEED_CPUS(2);
	KT_TRUE(watch_up(&rig, &r));
	for (unsigned int i = 0; i < 50; i++) {
		rig_set(&rig, rig.b, flush_tlb_page);
		KT_CHECK_EQ(reader_next(&r), 2);
		rig_set(&rig, rig.a, flush_tlb_page);
		KT_CHECK_EQ(reader_next(&r), 1);
	}
	rig_set(&rig, NULL, flush_everything);
	KT_CHECK_EQ(reader_next(&r), 0);
	watch_down(&rig, &r);
}

/* The negative control: the IPI is lost, and the other CPU goes on with the old page. */
KTEST(tlb, a_lost_shootdown_leaves_the_old_page_visible)
{
	unsigned int stale = 0;
	struct reader r;
	struct rig rig;

	KT_NEED_CPUS(2);
	KT_TRUE(watch_up(&rig, &r));
	check_expect(CHECK_TLB);	/* the new page shows before the old one is flushed */
	for (unsigned int i = 0; i < 20 && !stale; i++) {
		KT_CHECK_EQ(reader_next(&r), 1);
		inject_arm(INJECT_IPI_LOSE, 1, 1, current);
		rig_set(&rig, rig.b, flush_tlb_page);
		stale += reader_next(&r) == 1;
		KT_CHECK_EQ(inject_disarm(INJECT_IPI_LOSE), 1);
		flush_tlb_page(rig.u.mm, rig.u.va);
		KT_CHECK_EQ(reader_next(&r), 2);
		rig_set(&rig, rig.a, flush_tlb_page);
	}
	(void)check_expected();
	KT_CHECK_GT(stale, 0);
	watch_down(&rig, &r);
}

/* ... and the oracle says so, whether or not anybody reads. */
KTEST(tlb, a_page_freed_after_a_lost_shootdown_is_reported)
{
#ifdef CONFIG_CHECKS
	struct reader r;
	struct rig rig;

	KT_NEED_CPUS(2);
	KT_TRUE(watch_up(&rig, &r));
	check_expect(CHECK_TLB);
	inject_arm(INJECT_IPI_LOSE, 1, 1, current);
	rig_set(&rig, rig.b, flush_tlb_page);
	KT_CHECK_EQ(inject_disarm(INJECT_IPI_LOSE), 1);
	put_page(rig.a);
	rig.a = NULL;
	KT_CHECK_GE(check_expected(), 1);
	flush_tlb_mm(rig.u.mm);
	watch_down(&rig, &r);
#else
	KT_SKIP("no oracle in this build");
#endif
}

KTEST(tlb, a_gather_frees_nothing_before_its_flush)
{
	struct mmu_gather tlb;
	struct reader r;
	struct rig rig;

	KT_NEED_CPUS(2);
	KT_TRUE(watch_up(&rig, &r));
	tlb_gather_mmu(&tlb, rig.u.mm, false);
	rig_set(&rig, NULL, NULL);
	/* the gather gets our reference: the oracle watches when the page is freed */
	KT_CHECK(!tlb_remove_page(&tlb, rig.u.va, rig.a));
	KT_CHECK_EQ(page_count(rig.a), 1);
	tlb_finish_mmu(&tlb);
	rig.a = NULL;
	KT_CHECK_EQ(tlb.nr_freed, 1);
	KT_CHECK_EQ(reader_next(&r), 0);
	watch_down(&rig, &r);
}

KTEST_QUICK(tlb, a_full_gather_asks_to_be_flushed)
{
	struct mmu_gather tlb;
	struct page *page;
	struct mm *mm;

	KT_EQ(mm_alloc(&mm), 0);
	tlb_gather_mmu(&tlb, mm, false);
	for (unsigned int i = 0; i < TLB_GATHER_PAGES; i++) {
		page = KT_GET(alloc_page(GFP_KERNEL));
		KT_TRUE(page);
		KT_CHECK_EQ(tlb_remove_page(&tlb, i * PAGE_SIZE + PAGE_SIZE, page),
			    i == TLB_GATHER_PAGES - 1);
	}
	tlb_flush(&tlb);
	KT_CHECK_EQ(tlb.nr, 0);
	KT_CHECK_EQ(tlb.nr_freed, TLB_GATHER_PAGES);
	tlb_finish_mmu(&tlb);
	mmput(mm);
}

KTEST(tlb, a_deferred_flush_is_paid_before_the_batch_ends)
{
	struct reader r;
	struct rig rig;

	KT_NEED_CPUS(2);
	KT_TRUE(watch_up(&rig, &r));
	rig_set(&rig, NULL, tlb_batch_add);
	tlb_batch_flush();
	KT_CHECK_EQ(reader_next(&r), 0);
	put_page(rig.a);		/* nobody complains */
	rig.a = NULL;
	watch_down(&rig, &r);
}

KTEST(tlb, a_page_freed_before_the_batch_is_flushed_is_reported)
{
#ifdef CONFIG_CHECKS
	struct reader r;
	struct rig rig;

	KT_NEED_CPUS(2);
	KT_TRUE(watch_up(&rig, &r));
	check_expect(CHECK_TLB);
	rig_set(&rig, rig.b, tlb_batch_add);
	put_page(rig.a);
	rig.a = NULL;
	KT_CHECK_GE(check_expected(), 1);
	tlb_batch_flush();
	watch_down(&rig, &r);
#else
	KT_SKIP("no oracle in this build");
#endif
}

/* Somebody else changes the mm's entries while a debt is open: he pays it first. */
KTEST(tlb, the_next_change_pays_the_batch)
{
	struct tlb_stats before, after;
	struct reader r;
	struct rig rig;

	KT_NEED_CPUS(2);
	KT_TRUE(watch_up(&rig, &r));
	rig_set(&rig, NULL, tlb_batch_add);
	flush_tlb_batched_pending(rig.u.mm);
	KT_CHECK_EQ(reader_next(&r), 0);
	tlb_stats_read(&before);
	flush_tlb_batched_pending(rig.u.mm);
	tlb_stats_read(&after);
	KT_CHECK_EQ(after.flushes, before.flushes);	/* paid once */
	tlb_batch_flush();
	watch_down(&rig, &r);
}

/* A kernel thread keeps the last tables loaded; the mm dies all the same. */
static int use_and_leave_loaded(void *arg, unsigned int n)
{
	struct rig *rig = arg;
	u64 value;

	(void)n;
	kthread_use_mm(rig->u.mm);
	KT_CHECK(!copy_from_user_nofault(&value, (void __user *)rig->u.va, sizeof(value)));
	kthread_unuse_mm(rig->u.mm);
	return 0;
}

KTEST(tlb, an_mm_may_die_while_cpus_are_lazy)
{
	struct rig rig;

	for (unsigned int i = 0; i < 20; i++) {
		KT_TRUE(rig_up(&rig));
		rig_start(&rig);
		rig_set(&rig, rig.a, flush_tlb_page);
		rig_end(&rig);
		KT_CHECK_EQ(test_threads(nr_cpus_online, use_and_leave_loaded, &rig), 0);
		rig_down(&rig);
	}
}

/* ---- storm ---- */

#define STORM_ROUNDS 150

/* Each thread owns one address and moves it between two pages; everybody reads all. */
struct storm {
	struct user_memory u;
	struct page *page[4][2];
	u64 seq[4];			/* odd: being changed; else page[n][seq / 2 % 2] */
};

static void storm_move(struct storm *s, unsigned int n, u64 *state)
{
	unsigned long va = user_memory_va(&s->u, n);
	struct mmu_notifier_range range;
	struct spinlock *ptl;
	pte_t *ptep;

	fx_range_init(&range, MMU_NOTIFY_CLEAR, MMU_NOTIFIER_RANGE_BLOCKABLE, s->u.mm,
				va, va + PAGE_SIZE);
	mmu_notifier_invalidate_range_start(&range);
	smp_store_release(&s->seq[n], ++*state);
	if (!pte_alloc_lock(s->u.mm, va, &ptep, &ptl)) {
		ptep_clear_flush(s->u.mm, va, ptep);
		set_pte_at(s->u.mm, va, ptep, rig_pte(s->page[n][(*state + 1) / 2 % 2]));
		pte_unmap_unlock(ptep, ptl);
	}
	smp_store_release(&s->seq[n], ++*state);
	mmu_notifier_invalidate_range_end(&range);
}

static int storm_read(struct storm *s, unsigned int m)
{
	u64 before = smp_load_acquire(&s->seq[m]), value = 0;
	int err;

	err = copy_from_user_nofault(&value, (void __user *)user_memory_va(&s->u, m),
				     sizeof(value));
	smp_mb();
	if ((before & 1) || READ_ONCE(s->seq[m]) != before || before == 0)
		return 0;
	return err || value != m * 2 + before / 2 % 2;
}

static int storm_run(void *arg, unsigned int n)
{
	struct storm *s = arg;
	u64 state = 0;
	int bad = 0;

	kthread_use_mm(s->u.mm);
	for (unsigned int i = 0; i < STORM_ROUNDS; i++) {
		storm_move(s, n, &state);
		for (unsigned int m = 0; m < 4; m++)
			bad += storm_read(s, m);
	}
	kthread_unuse_mm(s->u.mm);
	return bad;
}

/* Two pages for each of @nr addresses. Return: whether there were enough. */
static bool storm_pages(struct storm *s, unsigned int nr)
{
	for (unsigned int i = 0; i < 2 * nr; i++) {
		struct page *page = KT_GET(alloc_page(GFP_KERNEL | __GFP_ZERO));

		if (!page)
			return false;
		*(u64 *)page_address(page) = i;
		s->page[i / 2][i % 2] = page;
		s->seq[i / 2] = 0;
	}
	return true;
}

/* Take the pages out of the tables, and free them. */
static void storm_end(struct storm *s, unsigned int nr)
{
	for (unsigned int n = 0; n < nr; n++) {
		struct rig rig = { .u = { .mm = s->u.mm, .va = user_memory_va(&s->u, n) } };

		rig_start(&rig);
		rig_set(&rig, NULL, flush_tlb_page);
		rig_end(&rig);
		put_page(s->page[n][0]);
		put_page(s->page[n][1]);
	}
}

KTEST(tlb, nobody_sees_an_old_page_after_a_flush)
{
	static struct storm s;

	KT_TRUE(user_memory_up(&s.u, 4));
	KT_TRUE(storm_pages(&s, 4));
	KT_CHECK_EQ(test_threads(4, storm_run, &s), 0);
	storm_end(&s, 4);
	user_memory_down(&s.u);
}

/* ---- a CPU that leaves while another changes an entry: the oracle's books ---- */

static void stop_then_flush(struct mm *mm, unsigned long va)
{
	gate_point("test.flush", mm);
	flush_tlb_page(mm, va);
}

static int change_run(void *data)
{
	struct rig *rig = data;

	rig_start(rig);
	rig_set(rig, rig->b, stop_then_flush);
	rig_end(rig);
	return 0;
}

static void load_mm(struct mm *mm)
{
	kthread_use_mm(mm);
	kthread_unuse_mm(mm);		/* its tables stay loaded */
}

/* It is gone before the record exists: nobody waits for it. */
KTEST(tlb, a_cpu_that_has_left_owes_no_flush)
{
	struct user_memory other;
	struct task *changer;
	struct rig rig;

	KT_NEED_GATES();
	KT_NEED_CPUS(2);
	KT_TRUE(rig_up(&rig));
	KT_TRUE(user_memory_up(&other, 1));
	set_task_cpu_bound(current, 0);
	rig_start(&rig);
	rig_set(&rig, rig.a, flush_tlb_page);
	rig_end(&rig);
	load_mm(rig.u.mm);
	gate_arm("coherence.record", rig.u.mm);
	changer = kt_spawn_on(1, change_run, &rig);
	KT_CHECK(gate_wait("coherence.record"));
	load_mm(other.mm);
	gate_open("coherence.record");
	KT_CHECK_EQ(kt_join(changer), 0);
	user_memory_down(&other);
	rig_down(&rig);
	set_task_cpu_bound(current, -1);
}

struct leaver {
	struct mm *mm, *other;
	bool loaded, go;
};

static int leaver_run(void *data)
{
	struct leaver *l = data;

	load_mm(l->mm);
	smp_store_release(&l->loaded, true);
	while (!smp_load_acquire(&l->go))
		yield();
	load_mm(l->other);
	return 0;
}

static u64 ipis_sent(void)
{
	struct tlb_stats s;

	tlb_stats_read(&s);
	return s.ipis;
}

/* It stands half-way out: whoever does not ask it must not find its name either. */
KTEST(tlb, a_cpu_leaves_in_one_step)
{
	struct task *changer, *leaver;
	struct user_memory other;
	struct leaver l = { 0 };
	struct rig rig;
	u64 ipis;

	KT_NEED_GATES();
	KT_NEED_CPUS(3);
	KT_TRUE(rig_up(&rig));
	KT_TRUE(user_memory_up(&other, 1));
	set_task_cpu_bound(current, 0);
	rig_start(&rig);
	rig_set(&rig, rig.a, flush_tlb_page);
	rig_end(&rig);
	l.mm = rig.u.mm;
	l.other = other.mm;
	leaver = kt_spawn_on(2, leaver_run, &l);
	KT_CHECK(kt_wait_until(smp_load_acquire(&l.loaded)));
	gate_arm("test.flush", rig.u.mm);
	gate_arm("coherence.leave", rig.u.mm);
	changer = kt_spawn_on(1, change_run, &rig);
	KT_CHECK(gate_wait("test.flush"));	/* the record names CPU 2 */
	smp_store_release(&l.go, true);
	KT_CHECK(gate_wait("coherence.leave"));
	ipis = ipis_sent();
	gate_open("test.flush");
	KT_CHECK(kt_wait_until(ipis_sent() != ipis || kt_done(changer)));
	gate_open("coherence.leave");
	KT_CHECK_EQ(kt_join(changer), 0);
	KT_CHECK_EQ(kt_join(leaver), 0);
	user_memory_down(&other);
	rig_down(&rig);
	set_task_cpu_bound(current, -1);
}

/* The same by chance, many times. */
#define LEAVER_ROUNDS 4000

struct coming_and_going {
	struct storm s;
	struct user_memory other;
};

static int come_and_go(void *arg, unsigned int n)
{
	struct coming_and_going *c = arg;
	u64 state = 0;

	for (unsigned int i = 0; i < LEAVER_ROUNDS; i++) {
		if (n)
			load_mm(i % 2 ? c->other.mm : c->s.u.mm);
		else
			storm_move(&c->s, 0, &state);
	}
	return 0;
}

KTEST(tlb, cpus_come_and_go_while_entries_change)
{
	static struct coming_and_going c;

	KT_NEED_CPUS(2);
	KT_TRUE(user_memory_up(&c.s.u, 1));
	KT_TRUE(user_memory_up(&c.other, 1));
	KT_TRUE(storm_pages(&c.s, 1));
	KT_CHECK_EQ(test_threads(min(nr_cpus_online, 4U), come_and_go, &c), 0);
	storm_end(&c.s, 1);
	user_memory_down(&c.other);
	user_memory_down(&c.s.u);
}
