/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/emul/machine.c - the board under the emulated devices
 *
 * Concept    Devices see physical addresses. This file turns them into loads and
 *            stores through the direct map, refuses what is not RAM, and lends
 *            the devices threads and an interrupt line. It knows nothing of any
 *            device, and no device knows more of the kernel than machine.h says.
 * Owns       nothing.
 * Locks      a section is a spinlock: preemption off, interrupts as they were.
 * Callers    drivers/<device>/emul/.
 * Next       drivers/iommu/emul/atc.c
 */
#include "drivers/emul/machine.h"

#include "arch/x86/cpu/atomic.h"
#include "arch/x86/cpu/lapic.h"
#include "arch/x86/cpu/percpu.h"
#include "arch/x86/mm/layout.h"
#include "kernel/lib/inject_hook.h"
#include "kernel/lib/string.h"
#include "kernel/sched/kthread.h"
#include "kernel/sync/preempt.h"
#include "mm/page.h"

/* [@pa, @pa + @len) as the direct map shows it, or NULL: a bus error. */
static void *bus_address(u64 pa, size_t len)
{
	u64 last = pa + len - 1;

	if (!len || last < pa || !pfn_valid(pfn_make(last >> PAGE_SHIFT)))
		return NULL;
	return phys_to_virt(pa);
}

bool phys_read(u64 pa, void *buf, size_t len)
{
	const void *from = bus_address(pa, len);

	if (from)
		memcpy(buf, from, len);
	return from;
}

bool phys_write(u64 pa, const void *buf, size_t len)
{
	void *to = bus_address(pa, len);

	if (to)
		memcpy(to, buf, len);
	return to;
}

bool phys_read64(u64 pa, u64 *value)
{
	u64 *word = is_aligned(pa, 8) ? bus_address(pa, 8) : NULL;

	if (word)
		*value = smp_load_acquire(word);
	return word;
}

bool phys_cmpxchg64(u64 pa, u64 *seen, u64 value, bool *swapped)
{
	u64 *word = is_aligned(pa, 8) ? bus_address(pa, 8) : NULL;

	if (word)
		*swapped = try_cmpxchg(word, seen, value);
	return word;
}

void emul_section_init(struct emul_section *section, enum section_kind kind)
{
	if (kind == SECTION_UNIT)
		spin_lock_init(&section->lock, LOCK_DEVICE_UNIT, "device unit");
	else
		spin_lock_init(&section->lock, LOCK_DEVICE_ENGINE, "device engine");
}

void emul_section_enter(struct emul_section *section)
	__acquires(&section->lock)
{
	spin_lock(&section->lock);
}

void emul_section_leave(struct emul_section *section)
	__releases(&section->lock)
{
	spin_unlock(&section->lock);
}

void emul_event_init(struct emul_event *event)
{
	init_waitqueue_head(&event->wq);
}

void emul_event_signal(struct emul_event *event)
{
	wake_up_all(&event->wq);
}

int emul_thread_start(int (*fn)(void *), void *arg, const char *name)
{
	struct task *task;

	return kthread_run(&task, fn, arg, "%s", name);
}

bool emul_fault_miss(void)
{
	return should_fail(INJECT_DEVICE_MISS);
}

bool emul_fault_stale(void)
{
	return should_fail(INJECT_DEVICE_STALE);
}

void emul_irq_raise(unsigned int vector)
{
	preempt_disable();
	lapic_send_ipi(smp_processor_id(), vector);
	preempt_enable();
}
