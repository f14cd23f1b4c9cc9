/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/smp.c - bringing up the other CPUs, and stopping them
 *
 * Concept    CPUs are started one at a time.
 *
 *                boot CPU                        secondary CPU
 *                write cpu number and stack
 *                state = CALLED
 *                INIT, start-up message  ---->   trampoline, own tables, GDT, APIC
 *                                                state: CALLED -> CAME
 *                                                secondary entry (main.c): the
 *                                                  scheduler's part, then
 *                wait for its online bit <----   smp_announce()
 *                too long? CALLED -> GIVEN_UP    (finds GIVEN_UP: halts for ever)
 *
 *            A panic stops the others by NMI, and a stall detector asks them where
 *            they are: even a CPU that spins with interrupts off hears it. The
 *            asked CPU only takes notes, the asking one prints.
 * Owns       The start-up variables, the stop flag, the notes.
 * Locks      None: the boot CPU alone starts CPUs; state changes by
 *            compare-and-swap.
 * Callers    kernel/main.c, panic.c.
 * Next       kernel/sync/smp_call.c
 */
#include "arch/x86/cpu/smp.h"
#include "arch/x86/cpu/acpi.h"
#include "arch/x86/cpu/atomic.h"
#include "arch/x86/cpu/backtrace.h"
#include "arch/x86/cpu/cpu.h"
#include "arch/x86/cpu/exit.h"
#include "arch/x86/cpu/gdt.h"
#include "arch/x86/cpu/idt.h"
#include "arch/x86/cpu/irq.h"
#include "arch/x86/cpu/lapic.h"
#include "arch/x86/cpu/msr.h"
#include "arch/x86/cpu/regs.h"
#include "arch/x86/cpu/trampoline.h"
#include "arch/x86/cpu/vectors.h"
#include "arch/x86/mm/kernel_map.h"
#include "arch/x86/mm/layout.h"
#include "kernel/lib/bootopt.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"

#define INIT_WAIT_US 10000	/* SDM volume 3, 8.4.4.1 */
#define STARTUP_WAIT_US 200
#define CAME_WAIT_US 20000000	/* of the TSC: a crowded host may take long */
#define STOP_TURNS 20000000UL
#define PAUSE_EVERY 64
#define SMP_TRACE_MAX 16

enum smp_state { SMP_IDLE, SMP_CALLED, SMP_CAME, SMP_GIVEN_UP };

/* Where a CPU was when an NMI asked it. Filled by that CPU, read by the one that
 * asked once the bit in smp_trace_wanted is clear (or the CPU has stopped). */
struct smp_trace {
	unsigned int nr;
	bool user;
	unsigned long addrs[SMP_TRACE_MAX];
};

/* trampoline.S reads these two. */
unsigned long smp_boot_stack;
unsigned int smp_boot_cpu;

static atomic_t smp_state;
static unsigned int smp_max_cpus = NR_CPUS;
static void (*smp_secondary_entry)(void);
static bool smp_stopping;
static atomic_t smp_nr_stopped;
static u64 smp_trace_wanted;		/* CPUs that still have to fill in their trace */
static DEFINE_PER_CPU(struct smp_trace, smp_trace);

void smp_secondary_start(unsigned int cpu) __noreturn;

void smp_set_secondary_entry(void (*entry)(void))
{
	smp_secondary_entry = entry;
}

/* ---- starting ---- */

static void smp_wait_us(u64 us)
{
	u64 end = rdtsc() + us * tsc_khz / 1000;

	while (rdtsc() < end)
		cpu_relax();
}

/* Wait until the secondary has taken the call, at most @us. */
static bool smp_came(u64 us)
{
	u64 end = rdtsc() + us * tsc_khz / 1000;

	while (atomic_read_acquire(&smp_state) != SMP_CAME)
		if (rdtsc() > end)
			return false;
		else
			cpu_relax();
	return true;
}

static bool smp_call_up(unsigned int cpu)
{
	u32 apic_id = acpi_info.apic_id[cpu];

	smp_boot_cpu = cpu;
	smp_boot_stack = cpu_stack_top(cpu, CPU_STACK_IDLE);
	atomic_set_release(&smp_state, SMP_CALLED);
	lapic_send_init(apic_id);
	smp_wait_us(INIT_WAIT_US);
	lapic_send_startup(apic_id, TRAMPOLINE_PA >> PAGE_SHIFT);
	if (!smp_came(STARTUP_WAIT_US)) {
		lapic_send_startup(apic_id, TRAMPOLINE_PA >> PAGE_SHIFT);
		if (!smp_came(CAME_WAIT_US) &&
		    atomic_cmpxchg(&smp_state, SMP_CALLED, SMP_GIVEN_UP) == SMP_CALLED)
			return false;
	}
	while (!cpu_online(cpu))
		cpu_relax();
	return true;
}

void smp_init(void)
{
	size_t len = (size_t)(trampoline_end - trampoline_start);

	ASSERT(len <= PAGE_SIZE && smp_secondary_entry);
	memcpy(phys_to_virt(TRAMPOLINE_PA), trampoline_start, len);
	for (unsigned int cpu = 1; cpu < acpi_info.nr_cpus; cpu++)
		if (!smp_call_up(cpu)) {
			pr_warn("smp: cpu %u (APIC %u) does not answer; going on with %u", cpu,
				acpi_info.apic_id[cpu], nr_cpus_online);
			break;
		}
	pr_info("smp: %u CPU(s) online", nr_cpus_online);
}

/* First C function of a secondary CPU: on its idle stack, interrupts off. */
void smp_secondary_start(unsigned int cpu)
{
	if (atomic_cmpxchg(&smp_state, SMP_CALLED, SMP_CAME) != SMP_CALLED)
		machine_halt();
	percpu_load(cpu);
	cpu_features_enable();
	gdt_init(cpu);
	idt_load();
	lapic_init();
	smp_secondary_entry();
	panic("the secondary entry of cpu %u returned", cpu);
}

void smp_announce(void)
{
	__atomic_add_fetch(&nr_cpus_online, 1, __ATOMIC_SEQ_CST);
	__atomic_or_fetch(&cpu_online_mask, BIT(smp_processor_id()), __ATOMIC_SEQ_CST);
}

static void smp_reschedule_irq(struct pt_regs *regs)
{
	/* nothing: the way out of every interrupt looks at need_resched() */
	(void)regs;
}

void smp_send_reschedule(unsigned int cpu)
{
	lapic_send_ipi(cpu, VECTOR_RESCHEDULE);
}

/* ---- asking and stopping by NMI ---- */

/* Note where this CPU was. No printing here: the log's lock may be ours. */
static void smp_trace_fill(const struct pt_regs *regs)
{
	struct smp_trace *t = this_cpu_ptr(&smp_trace);

	t->user = user_mode(regs);
	t->nr = backtrace_collect_regs(regs, t->addrs, SMP_TRACE_MAX);
}

static bool smp_nmi(struct pt_regs *regs)
{
	u64 self = BIT(smp_processor_id());

	if (READ_ONCE(smp_stopping)) {
		smp_trace_fill(regs);
		atomic_inc(&smp_nr_stopped);
		machine_halt();
	}
	if (!(READ_ONCE(smp_trace_wanted) & self))
		return false;
	smp_trace_fill(regs);
	__atomic_and_fetch(&smp_trace_wanted, ~self, __ATOMIC_SEQ_CST);
	return true;
}

static void smp_nmi_others(void)
{
	unsigned int cpu;

	for_each_online_cpu(cpu)
		if (cpu != smp_processor_id())
			lapic_send_nmi(cpu);
}

static void smp_trace_print(unsigned int cpu)
{
	const struct smp_trace *t = per_cpu_ptr(&smp_trace, cpu);

	printk(LOG_EMERG, "cpu %u was %s", cpu, t->user ? "in user mode" : "here:");
	backtrace_print(t->addrs, t->nr);
}

void smp_backtrace_others(void)
{
	u64 others = READ_ONCE(cpu_online_mask) & ~BIT(smp_processor_id());
	unsigned int cpu;

	WRITE_ONCE(smp_trace_wanted, others);
	smp_mb();
	smp_nmi_others();
	for (unsigned long i = 0; i < STOP_TURNS && READ_ONCE(smp_trace_wanted); i++)
		if (i % PAUSE_EVERY == 0)
			cpu_relax();
	for_each_online_cpu(cpu) {
		if (!(others & BIT(cpu)))
			continue;
		if (READ_ONCE(smp_trace_wanted) & BIT(cpu))
			printk(LOG_EMERG, "cpu %u does not even answer an NMI", cpu);
		else
			smp_trace_print(cpu);
	}
	WRITE_ONCE(smp_trace_wanted, 0);
}

void smp_stop_others(void)
{
	int others = (int)nr_cpus_online - 1;

	WRITE_ONCE(smp_stopping, true);
	smp_mb();
	smp_nmi_others();
	for (unsigned long i = 0; i < STOP_TURNS; i++) {
		if (atomic_read(&smp_nr_stopped) >= others)
			return;
		if (i % PAUSE_EVERY == 0)
			cpu_relax();
	}
}

/* In a panic, last: where the others were. */
static void smp_show_stopped(void)
{
	unsigned int cpu;

	for_each_online_cpu(cpu)
		if (cpu != smp_processor_id())
			smp_trace_print(cpu);
}

/* ---- before memblock ---- */

/* The boot CPU is number 0, whatever place the firmware gave it. */
static void smp_number_cpus(void)
{
	u32 self = lapic_id();

	for (unsigned int i = 1; i < acpi_info.nr_cpus; i++)
		if (acpi_info.apic_id[i] == self) {
			acpi_info.apic_id[i] = acpi_info.apic_id[0];
			acpi_info.apic_id[0] = self;
		}
}

void smp_prepare(void)
{
	static struct panic_dump dump = { .show = smp_show_stopped };

	smp_number_cpus();
	acpi_info.nr_cpus = min(acpi_info.nr_cpus, smp_max_cpus);
	for (unsigned int cpu = 1; cpu < acpi_info.nr_cpus; cpu++)
		kernel_map_cpu_stacks(cpu);
	nmi_register(smp_nmi);
	panic_add_dump(&dump);
	if (vector_register(VECTOR_RESCHEDULE, smp_reschedule_irq, "reschedule"))
		panic("the reschedule vector is taken");
}

static int smp_option_maxcpus(const char *value)
{
	unsigned int n = 0;

	for (; *value >= '0' && *value <= '9' && n < 1000; value++)
		n = n * 10 + (unsigned int)(*value - '0');
	if (*value || n == 0)
		return -EINVAL;
	smp_max_cpus = n;
	return 0;
}
BOOT_OPTION(maxcpus, smp_option_maxcpus, "use at most this many CPUs");
