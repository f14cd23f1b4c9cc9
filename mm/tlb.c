/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/tlb.c - when a translation stops being usable, and what may be freed then
 *
 * Concept    A CPU keeps copies of the entries it has used. After an entry lost
 *            its frame or a permission, every CPU that may have a copy must drop
 *            it before the frame goes to somebody else. Each mm knows the CPUs
 *            that have its tables loaded (cpumask), and numbers its flushes:
 *
 *              flusher                          CPU that loads the mm
 *              clear the entry                  set its bit in cpumask
 *              gen = ++mm->tlb.gen              full barrier
 *                full barrier                   cpu_gen = mm->tlb.gen
 *              read cpumask: IPI to each        load the tables: all is forgotten
 *
 *            Either the flusher sees the bit and asks, or the CPU's load comes
 *            after the clear. A CPU that is asked for generation g drops single
 *            pages if it has seen g - 1; if it has missed some (their requests
 *            are still under way) it drops everything and has seen them all; if
 *            it is already at g, it does nothing.
 *
 *            A kernel thread keeps the last mm's tables loaded and stays in its
 *            mask. The root table is freed only after tlb_leave_all().
 *
 *            Point subscribers of mmu_notifier.h hear of each flush after the CPUs
 *            have dropped it, whatever the mask and the generations say.
 * Owns       mm->tlb, the loaded mm of each CPU, task->tlb_batch.
 * Locks      None of its own. Callers may hold table locks, which are never
 *            taken with interrupts off, since the answer to an IPI is waited for.
 * Invariants a CPU outside mm's mask has no user translation of mm; cpu_gen <= gen
 *            a frame is freed after the flush             coherence.c
 * Callers    pgtable.c, mmap.c, mprotect.c, rmap.c, fork.c, reclaim.c, vmalloc.c.
 * Next       mm.c
 */
#include "mm/tlb.h"

#include "arch/x86/cpu/irqflags.h"
#include "arch/x86/cpu/percpu.h"
#include "arch/x86/mm/kernel_map.h"
#include "arch/x86/mm/tlb.h"
#include "kernel/lib/gate_hook.h"
#include "kernel/lib/inject_hook.h"
#include "kernel/sched/task.h"
#include "kernel/sync/preempt.h"
#include "kernel/sync/sched_point.h"
#include "kernel/sync/smp_call.h"
#include "mm/coherence.h"
#include "mm/mmu_notifier.h"
#include "mm/page.h"
#include "mm/pgtable.h"
#include "mm/swap.h"
#include "mm/writeback.h"

/* More pages than this are dropped by forgetting everything: cheaper than one by one. */
#define TLB_SINGLE_MAX 32

static DEFINE_PER_CPU(struct mm *, loaded_mm);
static DEFINE_PER_CPU(struct tlb_stats, tlb_stats);

/* One flush, as the CPUs that are asked see it. */
struct tlb_request {
	struct mm *mm;
	unsigned long start, end;
	u64 gen;
};

#define tlb_count(field) (this_cpu_ptr(&tlb_stats)->field++)

/* ---- what one CPU does for itself; interrupts off ---- */

static void tlb_drop_pages(struct mm *mm, unsigned int cpu, unsigned long start,
			   unsigned long end)
{
	for (unsigned long va = start; va < end; va += PAGE_SIZE)
		arch_tlb_flush_page(va);
	tlb_count(local);
	coherence_tlb_flushed(mm, (int)cpu, start, end);
}

static void tlb_drop_all(struct mm *mm, unsigned int cpu)
{
	u64 gen = (u64)atomic64_read(&mm->tlb.gen);

	arch_tlb_flush_all();
	mm->tlb.cpu_gen[cpu] = gen;
	tlb_count(local);
	tlb_count(full);
	coherence_tlb_flushed(mm, (int)cpu, 0, ~0UL);
}

/* Bring this CPU up to the request's generation. */
static void tlb_serve(void *arg)
{
	const struct tlb_request *req = arg;
	unsigned int cpu = smp_processor_id();
	struct mm *mm = req->mm;
	u64 *seen = &mm->tlb.cpu_gen[cpu];

	sched_point(SP_FLUSH, mm);
	if (this_cpu_read(loaded_mm) != mm)
		return;
	ASSERT(*seen <= (u64)atomic64_read(&mm->tlb.gen));
	if (*seen >= req->gen) {
		tlb_count(elided);
	} else if (*seen + 1 == req->gen &&
		   req->end - req->start <= TLB_SINGLE_MAX * PAGE_SIZE) {
		tlb_drop_pages(mm, cpu, req->start, req->end);
		*seen = req->gen;
	} else {
		tlb_drop_all(mm, cpu);
	}
}

static void tlb_serve_here(struct tlb_request *req)
{
	unsigned long flags;

	local_irq_save(flags);
	tlb_serve(req);
	local_irq_restore(flags);
}

/* ---- flushes of one mm ---- */

/* Ask the CPUs of @mask, this one excepted, and wait. Preemption off. */
static void tlb_shoot(u64 mask, void (*fn)(void *), void *arg)
{
	mask &= ~BIT(smp_processor_id());
	if (!mask)
		return;
	if (should_fail(INJECT_IPI_LOSE))
		return;
	ASSERT(!irqs_disabled());
	tlb_count(shootdowns);
	this_cpu_ptr(&tlb_stats)->ipis += (u64)__builtin_popcountll(mask);
	smp_call_function_many(mask, fn, arg, true);
}

void flush_tlb_range(struct mm *mm, unsigned long start, unsigned long end)
{
	struct tlb_request req = { .mm = mm, .start = start & PAGE_MASK, .end = PAGE_ALIGN(end) };

	ASSERT(req.start < req.end);
	gate_point("tlb.flush", mm);
	req.gen = (u64)atomic64_inc_return(&mm->tlb.gen);	/* full barrier: see above */
	preempt_disable();
	tlb_count(flushes);
	tlb_shoot(READ_ONCE(mm->tlb.cpumask), tlb_serve, &req);
	tlb_serve_here(&req);
	preempt_enable();
	mmu_notifier_invalidate_range(req.mm, req.start, req.end);
}

void flush_tlb_page(struct mm *mm, unsigned long va)
{
	va &= PAGE_MASK;
	flush_tlb_range(mm, va, va + PAGE_SIZE);
}

void flush_tlb_mm(struct mm *mm)
{
	flush_tlb_range(mm, 0, MM_USER_TOP);
}

/* ---- the kernel's half ---- */

struct tlb_kernel_request {
	unsigned long start, end;
};

static void tlb_serve_kernel(void *arg)
{
	const struct tlb_kernel_request *req = arg;
	unsigned long flags;

	local_irq_save(flags);
	tlb_count(local);
	if (req->end - req->start > TLB_SINGLE_MAX * PAGE_SIZE) {
		arch_tlb_flush_global();
		tlb_count(full);
	} else {
		for (unsigned long va = req->start; va < req->end; va += PAGE_SIZE)
			arch_tlb_flush_page(va);
	}
	local_irq_restore(flags);
}

void flush_tlb_kernel_range(unsigned long start, unsigned long end)
{
	struct tlb_kernel_request req = { start & PAGE_MASK, PAGE_ALIGN(end) };

	preempt_disable();
	tlb_count(flushes);
	tlb_shoot(READ_ONCE(cpu_online_mask), tlb_serve_kernel, &req);
	tlb_serve_kernel(&req);
	preempt_enable();
}

/* ---- a gather: clear, flush, then free ---- */

void tlb_gather_mmu(struct mmu_gather *tlb, struct mm *mm, bool fullmm)
{
	atomic_inc(&mm->tlb.gathers);
	tlb->mm = mm;
	tlb->start = ~0UL;
	tlb->end = 0;
	tlb->fullmm = fullmm;
	tlb->freed_tables = false;
	tlb->nr = 0;
	tlb->dirty = 0;
	tlb->tables = NULL;
	tlb->nr_freed = 0;
}

void tlb_remove_table(struct mmu_gather *tlb, struct page *table, unsigned long start,
		      unsigned long end)
{
	ASSERT_PAGE(table, page_test(table, PG_table));
	tlb_span(tlb, start, min(end, MM_USER_TOP));
	tlb->freed_tables = true;
	table->private = (u64)tlb->tables;
	tlb->tables = table;
}

static void tlb_free_pages(struct mmu_gather *tlb)
{
	for (unsigned int i = 0; i < tlb->nr; i++) {
		struct page *page = tlb->pages[i];

		/* It may have been written until the flush, and cleaned meanwhile. */
		if (unlikely(tlb->dirty & BIT(i)))
			set_page_dirty(page);
		if (likely(!page_test(page, PG_swapcache)))
			put_page(page);
		else
			swap_cache_drop(page);
	}
	tlb->nr_freed += tlb->nr;
	tlb->nr = 0;
	tlb->dirty = 0;
}

static void tlb_free_tables(struct mmu_gather *tlb)
{
	while (tlb->tables) {
		struct page *table = tlb->tables;

		tlb->tables = (struct page *)table->private;
		table->private = 0;
		pt_free_rcu(table);
	}
	tlb->freed_tables = false;
}

void tlb_flush(struct mmu_gather *tlb)
{
	if (tlb->end) {
		/* A page-wise flush drops the upper entries of these pages, too (SDM
		 * 4.10.4.1), but a table translates more pages than were present. */
		if (tlb->fullmm || tlb->freed_tables)
			flush_tlb_mm(tlb->mm);
		else
			flush_tlb_range(tlb->mm, tlb->start, tlb->end);
	}
	ASSERT(tlb->end || (!tlb->nr && !tlb->tables));
	tlb->start = ~0UL;
	tlb->end = 0;
	tlb_free_pages(tlb);
	tlb_free_tables(tlb);
}

/*
 * Two gathers of one mm may be under way, of two threads that call madvise for example.
 * What one finds empty the other may have cleared, and not flushed yet:
 *
 *	one					the other
 *	entry cleared
 *						finds nothing there
 *	flush					returns: the program still reads the old page
 */
void tlb_finish_mmu(struct mmu_gather *tlb)
{
	if (unlikely(atomic_read(&tlb->mm->tlb.gathers) > 1))
		tlb_span(tlb, 0, MM_USER_TOP);
	tlb_flush(tlb);
	atomic_dec(&tlb->mm->tlb.gathers);
}

/* ---- deferred flushes: try_to_unmap ---- */

/* task->tlb_batch[0]: CPUs that the current task owes a flush. */
static u64 *tlb_batch_cpus(void)
{
	return &current->tlb_batch[0];
}

void tlb_batch_add(struct mm *mm, unsigned long va)
{
	u64 gen = (u64)atomic64_inc_return(&mm->tlb.gen);	/* full barrier: entry, then mask */
	s64 old = atomic64_read(&mm->tlb.batch_gen);

	*tlb_batch_cpus() |= READ_ONCE(mm->tlb.cpumask);
	/* Visible before the table lock is released: the next one to change entries sees it. */
	while (old < (s64)gen && !atomic64_try_cmpxchg(&mm->tlb.batch_gen, &old, (s64)gen))
		;
	coherence_tlb_deferred(mm, va);
	mmu_notifier_invalidate_range(mm, va & PAGE_MASK, (va & PAGE_MASK) + PAGE_SIZE);
	preempt_disable();
	tlb_count(deferred);
	preempt_enable();
}

/* Debts name CPUs only, not mms: drop everything that is loaded. */
static void tlb_serve_batch(void *unused)
{
	struct mm *mm = this_cpu_read(loaded_mm);
	unsigned long flags;

	(void)unused;
	sched_point(SP_FLUSH, mm);
	if (!mm)
		return;
	local_irq_save(flags);
	tlb_drop_all(mm, smp_processor_id());
	local_irq_restore(flags);
}

void tlb_batch_flush(void)
{
	u64 cpus = *tlb_batch_cpus();

	if (!cpus)
		return;
	gate_point("tlb.flush", NULL);
	*tlb_batch_cpus() = 0;
	preempt_disable();
	tlb_count(flushes);
	tlb_shoot(cpus, tlb_serve_batch, NULL);
	if (cpus & BIT(smp_processor_id()))
		tlb_serve_batch(NULL);
	preempt_enable();
}

void tlb_pay_batched(struct mm *mm)
{
	s64 owed = atomic64_read(&mm->tlb.batch_gen);
	s64 paid = atomic64_read(&mm->tlb.batch_flushed);

	flush_tlb_mm(mm);
	while (paid < owed && !atomic64_try_cmpxchg(&mm->tlb.batch_flushed, &paid, owed))
		;
}

/* ---- switching ---- */

void switch_mm(struct mm *prev, struct mm *next)
{
	struct mm *old = this_cpu_read(loaded_mm);
	unsigned int cpu = smp_processor_id();

	ASSERT(irqs_disabled());
	if (next->pgd == kernel_pgd)
		next = NULL;
	if (next == old)
		return;
	ASSERT_MSG(!old || !prev || prev == old, "CPU %u: mm %llu is loaded, not %llu", cpu,
		   (unsigned long long)old->id, (unsigned long long)prev->id);
	if (next) {
		ASSERT(!(READ_ONCE(next->tlb.cpumask) & BIT(cpu)));
		__atomic_fetch_or(&next->tlb.cpumask, BIT(cpu), __ATOMIC_SEQ_CST);
		next->tlb.cpu_gen[cpu] = (u64)atomic64_read(&next->tlb.gen);
	}
	this_cpu_write(loaded_mm, next);
	arch_load_pgd(next ? next->pgd : kernel_pgd);
	/* Whoever counted on this CPU since its bit was set: the load has forgotten all. */
	if (next)
		coherence_tlb_flushed(next, (int)cpu, 0, ~0UL);
	if (old)
		coherence_tlb_left(old, (int)cpu);
}

struct mm *tlb_loaded_mm(void)
{
	return this_cpu_read(loaded_mm);
}

static void tlb_leave(void *arg)
{
	struct mm *mm = arg;
	unsigned long flags;

	local_irq_save(flags);
	if (this_cpu_read(loaded_mm) == mm) {
		this_cpu_write(loaded_mm, NULL);
		arch_load_pgd(kernel_pgd);
		coherence_tlb_left(mm, (int)smp_processor_id());
	}
	local_irq_restore(flags);
}

void tlb_leave_all(struct mm *mm)
{
	u64 mask;

	preempt_disable();
	mask = READ_ONCE(mm->tlb.cpumask) & ~BIT(smp_processor_id());
	if (mask) {
		ASSERT(!irqs_disabled());
		smp_call_function_many(mask, tlb_leave, mm, true);
	}
	tlb_leave(mm);
	preempt_enable();
	ASSERT_MSG(!READ_ONCE(mm->tlb.cpumask), "mm %llu: still loaded on CPUs %llx",
		   (unsigned long long)mm->id, (unsigned long long)mm->tlb.cpumask);
}

/* ---- information ---- */

void tlb_stats_read(struct tlb_stats *out)
{
	unsigned int cpu;

	*out = (struct tlb_stats){ 0 };
	for_each_possible_cpu(cpu) {
		const struct tlb_stats *s = per_cpu_ptr(&tlb_stats, cpu);

		out->flushes += s->flushes;
		out->shootdowns += s->shootdowns;
		out->ipis += s->ipis;
		out->local += s->local;
		out->full += s->full;
		out->elided += s->elided;
		out->deferred += s->deferred;
	}
}
