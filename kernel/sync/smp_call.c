/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/sync/smp_call.c - run a function on other CPUs
 *
 * Concept    Each CPU has a stack of requests that anybody may push without a
 *            lock; who pushes onto an empty one sends the interrupt. The handler
 *            takes the whole stack at once, turns it round (first come, first
 *            served) and calls. A caller that waits serves its own requests
 *            meanwhile, so two callers can not wait for each other:
 *
 *                CPU 0, preemption off           CPU 1, preemption off
 *                push to 1, interrupt            push to 0, interrupt
 *                pending? serve own queue        pending? serve own queue
 *                  -> runs CPU 1's function        -> runs CPU 0's function
 *                pending == 0: done              pending == 0: done
 *
 *            Requests of a waiting caller lie on its stack: the last thing that
 *            the other CPU does with one is to count pending down. Requests of a
 *            caller that does not wait are the CPU's own, one for each target,
 *            and free again once the target has copied them.
 * Owns       The stacks of requests, VECTOR_CALL.
 * Locks      None. A lock held by a waiting caller is never taken with interrupts
 *            off (lock_check.c): its waiter could not answer.
 * Invariants a request is on at most one stack
 * Callers    mm/tlb.c; whoever must stop or ask all CPUs.
 * Next       lock_check.c
 */
#include "kernel/sync/smp_call.h"
#include "arch/x86/cpu/atomic.h"
#include "arch/x86/cpu/irq.h"
#include "arch/x86/cpu/irqflags.h"
#include "arch/x86/cpu/lapic.h"
#include "arch/x86/cpu/vectors.h"
#include "kernel/lib/inject_hook.h"
#include "kernel/lib/panic.h"
#include "kernel/sync/lock_check.h"
#include "kernel/sync/preempt.h"
#include "kernel/sync/sched_point.h"

#define SMP_PAUSE_EVERY 64

struct smp_request {
	struct smp_request *next;
	void (*fn)(void *arg);
	void *arg;
	atomic_t *pending;		/* counted down when done; NULL: nobody waits */
	u32 busy;			/* A: of requests without waiter: not yet copied */
};

static DEFINE_PER_CPU(struct smp_request *, smp_requests);
static DEFINE_PER_CPU(struct smp_request, smp_own[NR_CPUS]);

/* Give @rq to @cpu. */
static void smp_push(unsigned int cpu, struct smp_request *rq)
{
	struct smp_request **head = per_cpu_ptr(&smp_requests, cpu);
	struct smp_request *first = READ_ONCE(*head);

	do {
		rq->next = first;
	} while (!try_cmpxchg(head, &first, rq));
	if (!first && !should_fail(INJECT_IPI_LOSE))
		lapic_send_ipi(cpu, VECTOR_CALL);
}

static void smp_serve_one(struct smp_request *rq)
{
	void (*fn)(void *arg) = rq->fn;
	void *arg = rq->arg;
	atomic_t *pending = rq->pending;

	if (!pending)
		smp_store_release(&rq->busy, 0);
	fn(arg);
	if (pending)
		atomic_dec(pending);	/* rq and pending may be gone after this */
}

void smp_call_serve(void)
{
	struct smp_request *rq, *next, *first = NULL;

	ASSERT(irqs_disabled());
	if (!this_cpu_read(smp_requests))
		return;
	sched_point(SP_IPI, NULL);
	rq = xchg(this_cpu_ptr(&smp_requests), NULL);
	for (; rq; rq = next) {		/* oldest first */
		next = rq->next;
		rq->next = first;
		first = rq;
	}
	for (rq = first; rq; rq = next) {
		next = rq->next;
		smp_serve_one(rq);
	}
}

/* One turn of waiting for other CPUs. */
static void smp_wait_turn(unsigned int *turns)
{
	unsigned long flags;

	local_irq_save(flags);
	smp_call_serve();
	local_irq_restore(flags);
	if (++*turns % SMP_PAUSE_EVERY == 0)
		cpu_relax();
}

static void smp_call_and_wait(u64 cpus, void (*fn)(void *arg), void *arg)
{
	struct smp_request rq[NR_CPUS];
	atomic_t pending = ATOMIC_INIT(0);
	unsigned int turns = 0;

	for (; cpus; cpus &= cpus - 1) {
		unsigned int cpu = (unsigned int)__builtin_ctzll(cpus);

		rq[cpu] = (struct smp_request){ .fn = fn, .arg = arg, .pending = &pending };
		atomic_inc(&pending);
		smp_push(cpu, &rq[cpu]);
	}
	while (atomic_read_acquire(&pending))
		smp_wait_turn(&turns);
}

static void smp_call_and_go(u64 cpus, void (*fn)(void *arg), void *arg)
{
	unsigned int turns = 0;

	for (; cpus; cpus &= cpus - 1) {
		unsigned int cpu = (unsigned int)__builtin_ctzll(cpus);
		struct smp_request *rq = &(*this_cpu_ptr(&smp_own))[cpu];

		/* an interrupt handler of ours can not have it: they do not call */
		while (smp_load_acquire(&rq->busy))
			smp_wait_turn(&turns);
		rq->fn = fn;
		rq->arg = arg;
		rq->busy = 1;
		smp_push(cpu, rq);
	}
}

void smp_call_function_many(u64 mask, void (*fn)(void *arg), void *arg, bool wait)
{
	ASSERT(!in_interrupt());
	lock_check_ipi_wait();
	preempt_disable();
	mask &= READ_ONCE(cpu_online_mask) & ~BIT(smp_processor_id());
	sched_point(SP_IPI, fn);
	if (!mask)
		;
	else if (wait)
		smp_call_and_wait(mask, fn, arg);
	else
		smp_call_and_go(mask, fn, arg);
	preempt_enable();
}

void smp_call_function_single(unsigned int cpu, void (*fn)(void *arg), void *arg, bool wait)
{
	unsigned long flags;

	preempt_disable();
	if (cpu == smp_processor_id()) {
		local_irq_save(flags);
		fn(arg);
		local_irq_restore(flags);
	} else {
		smp_call_function_many(BIT(cpu), fn, arg, wait);
	}
	preempt_enable();
}

void smp_call_function(void (*fn)(void *arg), void *arg, bool wait)
{
	smp_call_function_many(~0UL, fn, arg, wait);
}

void on_each_cpu(void (*fn)(void *arg), void *arg)
{
	unsigned long flags;

	preempt_disable();
	smp_call_function(fn, arg, true);
	local_irq_save(flags);
	fn(arg);
	local_irq_restore(flags);
	preempt_enable();
}

static void smp_call_interrupt(struct pt_regs *regs)
{
	(void)regs;
	smp_call_serve();
}

void smp_call_init(void)
{
	int err = vector_register(VECTOR_CALL, smp_call_interrupt, "function call");

	ASSERT(!err);
}
