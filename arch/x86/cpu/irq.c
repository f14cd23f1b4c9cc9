/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/irq.c - from an interrupt vector to the function that serves it
 *
 * Concept    See irq.h. A vector that nobody serves is acknowledged, counted and
 *            reported once: a lost route is a bug worth a line, not a panic.
 * Owns       The table of handlers and the counts.
 * Locks      None: a table entry is published by one compare-and-swap; counts are
 *            per CPU.
 * Callers    arch/x86/trap/trap.c dispatches; drivers register.
 * Next       lapic.c
 */
#include "arch/x86/cpu/irq.h"
#include "arch/x86/cpu/atomic.h"
#include "arch/x86/cpu/lapic.h"
#include "arch/x86/cpu/percpu.h"
#include "arch/x86/cpu/vectors.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"

struct irq_slot {
	void (*handler)(struct pt_regs *regs);
	const char *name;
};

static struct irq_slot irq_slots[NR_VECTORS];
static DEFINE_PER_CPU(u64, irq_counts[NR_VECTORS]);
static atomic_t irq_stray_told;
static bool (*nmi_handlers[4])(struct pt_regs *regs);

static bool irq_vector_ok(unsigned int vector)
{
	return vector >= NR_TRAPS && vector < NR_VECTORS;
}

int vector_register(unsigned int vector, void (*handler)(struct pt_regs *regs),
		    const char *name)
{
	if (!irq_vector_ok(vector) || !handler)
		return -EINVAL;
	if (cmpxchg(&irq_slots[vector].handler, NULL, handler))
		return -EBUSY;
	irq_slots[vector].name = name;
	return 0;
}

void vector_unregister(unsigned int vector)
{
	ASSERT(irq_vector_ok(vector));
	irq_slots[vector].name = NULL;
	smp_store_release(&irq_slots[vector].handler, NULL);
}

static void irq_stray(unsigned int vector)
{
	if (atomic_inc_return(&irq_stray_told) == 1)
		pr_warn("irq: vector 0x%x arrived on cpu %u and nobody serves it", vector,
			smp_processor_id());
}

void irq_dispatch(struct pt_regs *regs, unsigned int vector)
{
	void (*handler)(struct pt_regs *regs);

	ASSERT(irq_vector_ok(vector));
	(*this_cpu_ptr(&irq_counts))[vector]++;
	if (vector == VECTOR_SPURIOUS)
		return;		/* SDM volume 3, 10.9: not acknowledged */
	handler = smp_load_acquire(&irq_slots[vector].handler);
	if (handler)
		handler(regs);
	else
		irq_stray(vector);
	lapic_eoi();
}

void nmi_register(bool (*handler)(struct pt_regs *regs))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(nmi_handlers); i++)
		if (!cmpxchg(&nmi_handlers[i], NULL, handler))
			return;
	panic("more than %lu NMI handlers", ARRAY_SIZE(nmi_handlers));
}

bool nmi_dispatch(struct pt_regs *regs)
{
	bool wanted = false;

	for (unsigned int i = 0; i < ARRAY_SIZE(nmi_handlers) && nmi_handlers[i]; i++)
		wanted |= nmi_handlers[i](regs);
	return wanted;
}

u64 irq_count(unsigned int vector, unsigned int cpu)
{
	return READ_ONCE((*per_cpu_ptr(&irq_counts, cpu))[vector]);
}

const char *irq_name(unsigned int vector)
{
	return irq_slots[vector].name;
}
