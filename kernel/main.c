/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/main.c - the order in which the kernel comes up
 *
 * Concept    One list, top to bottom. Each line may use what the lines above it
 *            have set up, and nothing else.
 * Owns       Nothing.
 * Locks      None: one CPU until smp_init().
 * Callers    arch/x86/boot/start.S, with the first mapper and interrupts off.
 * Next       whatever the list names
 */
#include "arch/x86/boot/boot_info.h"
#include "arch/x86/cpu/acpi.h"
#include "arch/x86/cpu/backtrace.h"
#include "arch/x86/cpu/cpu.h"
#include "arch/x86/cpu/exit.h"
#include "arch/x86/cpu/gdt.h"
#include "arch/x86/cpu/idt.h"
#include "arch/x86/cpu/ioapic.h"
#include "arch/x86/cpu/irqflags.h"
#include "arch/x86/cpu/lapic.h"
#include "arch/x86/cpu/percpu.h"
#include "arch/x86/cpu/serial.h"
#include "arch/x86/cpu/smp.h"
#include "arch/x86/mm/kernel_map.h"
#include "arch/x86/trap/crash.h"
#include "arch/x86/trap/trap.h"
#include "drivers/block/ramdisk.h"
#include "drivers/dma/dma.h"
#include "drivers/iommu/sva.h"
#include "fs/vfs.h"
#include "kernel/lib/bootopt.h"
#include "kernel/lib/string.h"
#include "kernel/lib/panic.h"
#include "drivers/char/tty.h"
#include "drivers/char/mem.h"
#include "drivers/video/ps2.h"
#include "drivers/video/vga.h"
#include "kernel/lib/printk.h"
#include "kernel/sched/sched.h"
#include "kernel/sync/rcu.h"
#include "kernel/sync/smp_call.h"
#include "kernel/sync/srcu.h"
#include "kernel/test/check_dev.h"
#include "kernel/test/ktest.h"
#include "kernel/test/listen.h"
#include "kernel/test/plant.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/task/process.h"
#include "kernel/task/task_init.h"
#include "kernel/time/tick.h"
#include "mm/anon.h"
#include "mm/buddy.h"
#include "mm/check.h"
#include "mm/coherence.h"
#include "mm/commit.h"
#include "mm/filemap.h"
#include "mm/memblock.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/page_io.h"
#include "mm/rmap.h"
#include "mm/rmap_notifier.h"
#include "mm/shmem.h"
#include "mm/slab.h"
#include "mm/swap.h"
#include "mm/vma.h"
#include "mm/vmalloc.h"
#include "mm/writeback.h"

void kmain(u32 magic, u64 info_pa) __noreturn;

static struct console serial_console = { .name = "ttyS0", .write = serial_write };

/* Every other CPU, on its idle stack, interrupts off. */
__noreturn static void kmain_secondary(void)
{
	syscall_init();
	sched_init_secondary((int)smp_processor_id());
	smp_announce();
	lapic_timer_start(HZ);
	cpu_idle_loop();
}

/* init=none: the run ends after the kernel's tests; init=PATH: another first program. */
static const char *init_path = "/init";

static int init_option(const char *value)
{
	static char path[128];

	if (strscpy(path, value, sizeof(path)) <= 0)
		return -EINVAL;
	init_path = path;
	return 0;
}
BOOT_OPTION(init, init_option, "the first program; none: end after the tests");

/* Somebody asked for kernel tests, and for nothing to be run after them. */
static bool kmain_only_tests(void)
{
	const char *asked = strstr(bootopt_cmdline(), "ktest=");
	struct stat st;

	if (!strcmp(init_path, "none"))
		return true;
	return asked && !str_has_prefix(asked, "ktest=none") && vfs_stat("/run.sh", true, &st);
}

/* From the kernel's tests to the first program. */
static void kmain_start_init(void)
{
	int err;

	system_set_verdict(ktest_passed);
	if (kmain_only_tests())
		machine_exit(ktest_passed() ? EXIT_PASS : EXIT_FAIL);
	err = process_start_init(init_path);
	if (err)
		panic("no first program: error %d", -err);
}

/* The first thread: what may sleep. */
static int kmain_thread(void *unused)
{
	(void)unused;
	rcu_init();
	srcu_init();
	trace_init();
	smp_set_secondary_entry(kmain_secondary);
	smp_init();
	buddy_smp_init();

	/* address spaces and a page's life */
	mm_init();
	vma_init();
	rmap_init();
	rmap_notifier_init();
	filemap_init();
	shmem_init();
	writeback_init();
	anon_init();
	lru_init();
	page_io_init();
	swap_init();
	reclaim_init();
	mm_check_init();

	/* files and devices */
	vfs_init();
	mem_devices_init();
	syslog_init();
	kmsg_init();
	tty_init();
	ps2_init();
	ramdisk_init();
	swap_boot();
	initramfs_init();
#ifdef CONFIG_MMU_NOTIFIER
	/* second MMUs */
	sva_init();
	dma_init();
	listen_init();
	proc_notifiers_init();
#ifdef CONFIG_CHECKS
	plant_init();
#endif
#endif
	check_dev_init();
	/* programs */
	task_init();
	shm_init();
	crash_if_asked();
	ktest_run_all();
	kmain_start_init();
	return 0;
}

void kmain(u32 magic, u64 info_pa)
{
	/* the machine, as far as one can see it without memory */
	percpu_init();
	percpu_load(0);
	idt_init(false);
	idt_load();
	backtrace_init();
	serial_init();
	console_register(&serial_console);
	pr_info("Lockstep: a kernel that keeps every second MMU in step");
	boot_info_init(magic, info_pa);
	bootopt_parse(boot_info.cmdline);
	boot_info_print();
	cpu_features_init();
	cpu_features_enable();
	kernel_map_init();
	vga_init();
	kernel_map_cpu_stacks(0);
	gdt_init(0);
	idt_init(true);
	syscall_init();
	trap_init();
	acpi_init();
	lapic_init();
	ioapic_init();
	lapic_timer_calibrate();
	smp_prepare();

	/* frames and objects */
	memblock_init();
	ramdisk_reserve();
	page_init();
	coherence_init();
	buddy_init();
	slab_init();
	init_mm_setup();
	vmalloc_init();
	commit_init();

	sched_init();
	tick_init();
	printk_set_clock(ktime_get_ns);
	wall_clock_init();
	smp_call_init();
	lapic_timer_start(HZ);
	sched_start(kmain_thread);
}
