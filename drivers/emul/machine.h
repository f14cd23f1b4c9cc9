/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/emul/machine.h - what the board offers to an emulated device
 *
 * An emulated device is code that plays hardware. All that it may touch of the
 * machine is in this header: physical memory, its own clockwork (threads that
 * nobody else schedules around), and an interrupt line. It sees no struct page,
 * no mm, no lock of the kernel; tools/check_layers.py holds it to that.
 */
#ifndef DRIVERS_EMUL_MACHINE_H
#define DRIVERS_EMUL_MACHINE_H

#include "include/types.h"
#include "arch/x86/cpu/barrier.h"
#include "kernel/lib/panic.h"
#include "kernel/sync/spinlock.h"
#include "kernel/sync/wait.h"

/* ---- physical memory; false is a bus error: no RAM there ---- */
bool __must_check phys_read(u64 pa, void *buf, size_t len);
bool __must_check phys_write(u64 pa, const void *buf, size_t len);
/* Aligned and atomic, as a bus-locked access is. */
bool __must_check phys_read64(u64 pa, u64 *value);
/* Store @value if the word is still *@seen; *@seen becomes what was found. */
bool __must_check phys_cmpxchg64(u64 pa, u64 *seen, u64 value, bool *swapped);

/*
 * A section: what the device does in one go. Preemption is off, so whoever
 * waits for a section to end waits for a running CPU, never for a thread that
 * must first be scheduled. Nothing inside sleeps or loops without bound.
 */
enum section_kind {
	SECTION_UNIT,		/* shared parts of a device; LOCK_DEVICE_UNIT */
	SECTION_ENGINE,		/* one engine; may be entered inside a unit's. LOCK_DEVICE_ENGINE */
};
struct emul_section {
	struct spinlock lock;
};
void emul_section_init(struct emul_section *section, enum section_kind kind);
void emul_section_enter(struct emul_section *section);
void emul_section_leave(struct emul_section *section);

/* Clockwork: a thread of the device, and what it waits on. */
struct emul_event {
	struct wait_queue_head wq;
};
void emul_event_init(struct emul_event *event);
/* Wake whoever waits. Context: any. */
void emul_event_signal(struct emul_event *event);
#define emul_event_wait(event, cond) wait_event(&(event)->wq, cond)

/* Start a clockwork thread that runs @fn(@arg) for ever. Return: 0 or -ENOMEM. */
int __must_check emul_thread_start(int (*fn)(void *), void *arg, const char *name);

/* Fault injection: shall a translation be missed, an invalidation be ignored, this time? */
bool emul_fault_miss(void);
bool emul_fault_stale(void);

/* Raise the device's interrupt: a message to the local APIC. Context: any. */
void emul_irq_raise(unsigned int vector);

#endif
