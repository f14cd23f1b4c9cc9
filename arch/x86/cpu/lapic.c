/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/lapic.c - the local APIC: messages between CPUs and the timer
 *
 * Concept    xAPIC: a page of registers, at the same physical address on every
 *            CPU and different behind it (SDM volume 3, chapter 10). A message is
 *            sent by writing the destination to ICR-high and then the command to
 *            ICR-low; an interrupt in between could send one of its own, so
 *            interrupts are off meanwhile.
 *
 *            The timer counts the APIC's bus clock, measured once against channel
 *            2 of the PIT, whose rate is known. TSC-deadline mode is not used:
 *            an emulated APIC may accept it and never fire.
 * Owns       The registers; the measured rates.
 * Locks      None: interrupts off around the two writes.
 * Callers    smp.c, kernel/sync/smp_call.c, kernel/time.
 * Next       ioapic.c
 */
#include "arch/x86/cpu/lapic.h"
#include "arch/x86/cpu/acpi.h"
#include "arch/x86/cpu/barrier.h"
#include "arch/x86/cpu/io.h"
#include "arch/x86/cpu/irqflags.h"
#include "arch/x86/cpu/msr.h"
#include "arch/x86/cpu/percpu.h"
#include "arch/x86/cpu/vectors.h"
#include "arch/x86/mm/kernel_map.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"

#define LAPIC_ID	0x020
#define LAPIC_TPR	0x080
#define LAPIC_EOI	0x0b0
#define LAPIC_SVR	0x0f0
#define LAPIC_ESR	0x280
#define LAPIC_ICR_LOW	0x300
#define LAPIC_ICR_HIGH	0x310
#define LAPIC_LVT_TIMER	0x320
#define LAPIC_LVT_LINT0	0x350
#define LAPIC_LVT_LINT1	0x360
#define LAPIC_LVT_ERROR	0x370
#define LAPIC_TIMER_INITIAL 0x380
#define LAPIC_TIMER_CURRENT 0x390
#define LAPIC_TIMER_DIVIDE 0x3e0

#define SVR_ENABLE	BIT(8)
#define LVT_MASKED	BIT(16)
#define LVT_NMI		(4U << 8)
#define LVT_PERIODIC	BIT(17)
#define ICR_FIXED	(0U << 8)
#define ICR_NMI		(4U << 8)
#define ICR_INIT	(5U << 8)
#define ICR_STARTUP	(6U << 8)
#define ICR_PENDING	BIT(12)
#define ICR_ASSERT	BIT(14)
#define ICR_SELF	(1U << 18)
#define TIMER_DIVIDE_16	3U
#define APIC_BASE_ENABLE BIT(11)

#define PIT_HZ 1193182UL
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND 0x43
#define PIT_GATE 0x61		/* bit 0 gate of channel 2, bit 1 speaker, bit 5 output */
#define CALIBRATE_HZ 200UL	/* measure for 5 ms */
#define CALIBRATE_ROUNDS 5
#define CALIBRATE_TURNS 100000000UL

static char *lapic_regs;
static u32 lapic_timer_hz;	/* at divide 16 */
u64 tsc_khz;

static u32 lapic_read(u32 reg)
{
	return mmio_read32(lapic_regs + reg);
}

static void lapic_write(u32 reg, u32 value)
{
	mmio_write32(lapic_regs + reg, value);
}

bool lapic_present(void)
{
	return lapic_regs != NULL;
}

u32 lapic_id(void)
{
	return lapic_present() ? lapic_read(LAPIC_ID) >> 24 : 0;
}

void lapic_eoi(void)
{
	if (lapic_present())
		lapic_write(LAPIC_EOI, 0);
}

void lapic_init(void)
{
	if (!lapic_regs && acpi_info.lapic_pa) {
		lapic_regs = mmio_map(acpi_info.lapic_pa, PAGE_SIZE);
		if (!lapic_regs)
			panic("no room to map the local APIC");
	}
	if (!lapic_regs) {
		pr_warn("lapic: none: no timer, no device interrupts");
		return;
	}
	wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | APIC_BASE_ENABLE);
	lapic_write(LAPIC_TPR, 0);
	lapic_write(LAPIC_LVT_TIMER, LVT_MASKED);
	lapic_write(LAPIC_LVT_LINT0, LVT_MASKED);
	lapic_write(LAPIC_LVT_LINT1, LVT_NMI);
	lapic_write(LAPIC_LVT_ERROR, LVT_MASKED);
	lapic_write(LAPIC_SVR, SVR_ENABLE | VECTOR_SPURIOUS);
	lapic_write(LAPIC_ESR, 0);
	lapic_eoi();
}

/* ---- messages ---- */

static void lapic_send(u32 apic_id, u32 command)
{
	unsigned long flags;

	local_irq_save(flags);
	while (lapic_read(LAPIC_ICR_LOW) & ICR_PENDING)
		cpu_relax();
	lapic_write(LAPIC_ICR_HIGH, apic_id << 24);
	lapic_write(LAPIC_ICR_LOW, command);
	local_irq_restore(flags);
}

void lapic_send_ipi(unsigned int cpu, unsigned int vector)
{
	ASSERT(cpu_online(cpu) && vector >= NR_TRAPS && vector < NR_VECTORS);
	if (!lapic_present())
		panic("interrupt to cpu %u wanted, but there is no local APIC", cpu);
	if (cpu == smp_processor_id())
		lapic_send(0, ICR_FIXED | ICR_SELF | ICR_ASSERT | vector);
	else
		lapic_send(acpi_info.apic_id[cpu], ICR_FIXED | ICR_ASSERT | vector);
}

void lapic_broadcast(unsigned int vector)
{
	unsigned int cpu;

	/* one by one: CPUs that were left out by maxcpus= must not hear it */
	for_each_online_cpu(cpu)
		if (cpu != smp_processor_id())
			lapic_send_ipi(cpu, vector);
}

void lapic_send_nmi(unsigned int cpu)
{
	ASSERT(cpu_online(cpu));
	if (lapic_present())
		lapic_send(acpi_info.apic_id[cpu], ICR_NMI | ICR_ASSERT);
}

void lapic_send_init(u32 apic_id)
{
	lapic_send(apic_id, ICR_INIT | ICR_ASSERT);
}

void lapic_send_startup(u32 apic_id, u8 page)
{
	lapic_send(apic_id, ICR_STARTUP | ICR_ASSERT | page);
}

/* ---- timer ---- */

/* Let channel 2 of the PIT count down once from @count and wait for its end. */
static void pit_start(u16 count)
{
	outb(PIT_GATE, (inb(PIT_GATE) & ~3U) | 1);
	outb(PIT_COMMAND, 0xb0);	/* channel 2, both bytes, mode 0, binary */
	outb(PIT_CHANNEL2, (u8)count);
	outb(PIT_CHANNEL2, (u8)(count >> 8));
}

static void pit_wait(void)
{
	for (unsigned long i = 0; i < CALIBRATE_TURNS; i++)
		if (inb(PIT_GATE) & 0x20)
			return;
	panic("the PIT does not count: no way to measure time");
}

/* Cycles of the TSC and turns of the timer during one count of the PIT. */
static void lapic_measure(u64 *cycles, u32 *turns)
{
	u64 tsc;
	u32 left = 0;

	if (lapic_present()) {
		lapic_write(LAPIC_TIMER_DIVIDE, TIMER_DIVIDE_16);
		lapic_write(LAPIC_TIMER_INITIAL, ~0U);
	}
	pit_start(PIT_HZ / CALIBRATE_HZ);
	tsc = rdtsc();
	if (lapic_present())
		left = lapic_read(LAPIC_TIMER_CURRENT);
	pit_wait();
	*cycles = rdtsc() - tsc;
	*turns = 0;
	if (lapic_present()) {
		*turns = left - lapic_read(LAPIC_TIMER_CURRENT);
		lapic_write(LAPIC_TIMER_INITIAL, 0);
	}
}

void lapic_timer_calibrate(void)
{
	u64 cycles = ~0UL;
	u32 turns = ~0U;

	/* the shortest: a virtual CPU that is not running makes a measure longer */
	for (unsigned int i = 0; i < CALIBRATE_ROUNDS; i++) {
		u64 c;
		u32 t;

		lapic_measure(&c, &t);
		cycles = min(cycles, c);
		turns = min(turns, t);
	}
	lapic_timer_hz = turns * CALIBRATE_HZ;
	tsc_khz = max(cycles * CALIBRATE_HZ / 1000, 1UL);
	pr_info("time: TSC %lu kHz, APIC timer %u kHz", (unsigned long)tsc_khz,
		lapic_timer_hz / 1000);
}

void lapic_timer_start(unsigned int hz)
{
	if (!lapic_present())
		return;
	ASSERT_MSG(lapic_timer_hz >= hz, "timer not calibrated");
	lapic_write(LAPIC_TIMER_DIVIDE, TIMER_DIVIDE_16);
	lapic_write(LAPIC_LVT_TIMER, LVT_PERIODIC | VECTOR_TIMER);
	lapic_write(LAPIC_TIMER_INITIAL, lapic_timer_hz / hz);
}
