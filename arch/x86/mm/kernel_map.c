/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/mm/kernel_map.c - the kernel's own page tables
 *
 * Concept    Built once, before there is an allocator, from boot_alloc():
 *
 *              direct map    all RAM, writable, not executable, in the largest
 *                            pages that fit; where the image's text and
 *                            read-only data lie, read-only
 *              image         text RX, rodata R, data RW, never W and X at once
 *              device window tables only; mmio_map() fills entries later
 *              CPU stacks    idle, double fault, NMI, machine check, debug,
 *                            each above an unmapped guard page
 *              vmalloc       the level-3 tables only; mm/vmalloc.c fills them
 *
 *            All of it is global, shared by every address space: user roots copy
 *            the upper half of kernel_pgd.
 * Owns       kernel_pgd; the device and CPU-stack windows.
 * Locks      None. The device window is handed out by one atomic addition, and
 *            an entry is written by the CPU that got it.
 * Invariants Entries 256..511 of kernel_pgd never change after
 *            kernel_map_init().
 * Callers    kernel/main.c, drivers that have registers.
 * Next       mm/pgtable.c
 */
#include "arch/x86/mm/kernel_map.h"
#include "arch/x86/boot/boot_info.h"
#include "arch/x86/cpu/cpuid.h"
#include "arch/x86/cpu/percpu.h"
#include "arch/x86/mm/layout.h"
#include "arch/x86/mm/tlb.h"
#include "kernel/lib/panic.h"

#define LEVEL_2M 2
#define LEVEL_1G 3
#define LEVEL_ROOT 4
#define LOW_MEMORY_END 0x100000UL
#define MMIO_SMALL_LEN (16UL << 20)	/* part of the window that has level-1 tables */

extern char boot_stack_guard[], boot_stack_top[];

pte_t kernel_pgd[512] __aligned(4096);

static atomic64_t mmio_small_used;	/* bytes of the part mapped by pages */
static atomic64_t mmio_large_used;	/* bytes of the part mapped by 2 MiB pages */

/* Where each stack lies in its CPU's 64 KiB: its guard is the page below. */
static const struct {
	unsigned int page, nr_pages;
} cpu_stack_layout[NR_CPU_STACKS] = {
	[CPU_STACK_IDLE] = { 1, 4 },
	[CPU_STACK_DF] = { 6, 2 },
	[CPU_STACK_NMI] = { 9, 2 },
	[CPU_STACK_MCE] = { 12, 1 },
	[CPU_STACK_DB] = { 14, 1 },
};
#define CPU_STACK_SPAN (16 * PAGE_SIZE)

/* The table below entry @e, made if it is missing and @make. */
static pte_t *kernel_map_table(pte_t *e, bool make)
{
	if (!pte_present(*e)) {
		if (!make)
			return NULL;
		pte_store(e, pte_make(boot_alloc(PAGE_SIZE) >> PAGE_SHIFT,
				      PTE_PRESENT | PTE_WRITE | PTE_YOUNG));
	}
	ASSERT(!pte_huge(*e));
	return phys_to_virt(pte_pfn(*e) << PAGE_SHIFT);
}

/* The entry of @level that translates @va, with the tables above it. */
static pte_t *kernel_map_entry(unsigned long va, unsigned int level, bool make)
{
	pte_t *table = kernel_pgd;

	for (unsigned int l = LEVEL_ROOT; l > level && table; l--)
		table = kernel_map_table(&table[pt_index(va, l)], make);
	return table ? &table[pt_index(va, level)] : NULL;
}

/* The largest page level that [va, va + len) -> pa can use at its start. */
static unsigned int kernel_map_level(unsigned long va, u64 pa, u64 len)
{
	for (unsigned int level = cpu_has(X86_FEATURE_GBPAGES) ? LEVEL_1G : LEVEL_2M;
	     level > 1; level--)
		if (is_aligned(va | pa, pt_size(level)) && len >= pt_size(level))
			return level;
	return 1;
}

static void kernel_map_range(unsigned long va, u64 pa, u64 len, u64 prot)
{
	while (len) {
		unsigned int level = kernel_map_level(va, pa, len);
		pte_t *e = kernel_map_entry(va, level, true);

		ASSERT(pte_none(*e));
		pte_store(e, pte_make(pa >> PAGE_SHIFT, prot | (level > 1 ? PTE_HUGE : 0)));
		va += pt_size(level);
		pa += pt_size(level);
		len -= pt_size(level);
	}
}

static void kernel_map_direct(u64 start, u64 end, u64 prot)
{
	if (start < end)
		kernel_map_range(DIRECT_MAP_BASE + start, start, end - start, prot);
}

/* Direct map of the RAM region [start, end), minding the image's text and rodata. */
static void kernel_map_ram(u64 start, u64 end)
{
	u64 ro_start = virt_to_phys(_text_start), ro_end = virt_to_phys(_rodata_end);

	kernel_map_direct(start, min(end, ro_start), PROT_KERNEL);
	kernel_map_direct(max(start, ro_start), min(end, ro_end), PROT_KERNEL_RO);
	kernel_map_direct(max(start, ro_end), end, PROT_KERNEL);
}

static void kernel_map_image_part(const char *start, const char *end, u64 prot)
{
	for (const char *p = start; p < end; p += PAGE_SIZE) {
		pte_t *e;

		if (p == boot_stack_guard)
			continue;
		e = kernel_map_entry((unsigned long)p, 1, true);
		pte_store(e, pte_make(virt_to_phys(p) >> PAGE_SHIFT, prot));
	}
}

static void kernel_map_image(void)
{
	kernel_map_image_part(_text_start, _text_end, PROT_KERNEL_RX);
	kernel_map_image_part(_rodata_start, _rodata_end, PROT_KERNEL_RO);
	kernel_map_image_part(_data_start, _bss_end, PROT_KERNEL);
}

/* Make the tables that later users fill without changing an upper entry. */
static void kernel_map_windows(void)
{
	unsigned long va;

	for (va = VMALLOC_START; va < VMALLOC_END; va += pt_size(LEVEL_ROOT))
		(void)kernel_map_entry(va, LEVEL_1G, true);
	for (va = MMIO_START; va < MMIO_START + MMIO_SMALL_LEN; va += pt_size(LEVEL_2M))
		(void)kernel_map_entry(va, 1, true);
	(void)kernel_map_entry(CPU_STACKS_START, 1, true);
}

void kernel_map_init(void)
{
	kernel_map_image();
	/* low memory: firmware tables, VGA, the trampoline of the other CPUs */
	kernel_map_direct(0, LOW_MEMORY_END, PROT_KERNEL);
	for (unsigned int i = 0; i < boot_info.nr_mem; i++) {
		const struct boot_region *m = &boot_info.mem[i];

		if (m->type == BOOT_RAM && m->end > LOW_MEMORY_END)
			kernel_map_ram(max(m->start, LOW_MEMORY_END), m->end);
	}
	kernel_map_windows();
	arch_load_pgd(kernel_pgd);
	arch_tlb_flush_global();
}

pte_t kernel_map_lookup(unsigned long va)
{
	const pte_t *table = kernel_pgd;

	if (va < DIRECT_MAP_BASE)
		return pte_make_none();
	for (unsigned int level = LEVEL_ROOT;; level--) {
		pte_t e = pte_read(&table[pt_index(va, level)]);

		if (!pte_present(e))
			return pte_make_none();
		if (level == 1 || pte_huge(e))
			return e;
		table = phys_to_virt(pte_pfn(e) << PAGE_SHIFT);
	}
}

bool kernel_map_present(unsigned long va)
{
	return pte_present(kernel_map_lookup(va));
}

/* ---- stacks of the CPUs ---- */

static unsigned long cpu_stack_base(unsigned int cpu, enum cpu_stack which)
{
	return CPU_STACKS_START + cpu * CPU_STACK_SPAN + cpu_stack_layout[which].page * PAGE_SIZE;
}

void kernel_map_cpu_stacks(unsigned int cpu)
{
	/* the boot CPU has its idle stack already: start.S */
	for (unsigned int s = cpu ? CPU_STACK_IDLE : CPU_STACK_DF; s < NR_CPU_STACKS; s++) {
		u64 len = cpu_stack_layout[s].nr_pages * PAGE_SIZE;

		kernel_map_range(cpu_stack_base(cpu, s), boot_alloc(len), len, PROT_KERNEL);
	}
}

unsigned long cpu_stack_top(unsigned int cpu, enum cpu_stack which)
{
	if (cpu == 0 && which == CPU_STACK_IDLE)
		return (unsigned long)boot_stack_top;
	return cpu_stack_base(cpu, which) + cpu_stack_layout[which].nr_pages * PAGE_SIZE;
}

bool is_cpu_stack_guard(unsigned long va)
{
	unsigned long page = round_down(va, PAGE_SIZE);

	if (page == (unsigned long)boot_stack_guard)
		return true;
	if (page < CPU_STACKS_START || page >= CPU_STACKS_START + NR_CPUS * CPU_STACK_SPAN)
		return false;
	page = (page - CPU_STACKS_START) % CPU_STACK_SPAN / PAGE_SIZE;
	for (unsigned int s = 0; s < NR_CPU_STACKS; s++)
		if (page + 1 == cpu_stack_layout[s].page)
			return true;
	return false;
}

/* ---- device registers and firmware tables ---- */

/* Map [@pa, @pa + @len), whole pages of @level, at the next place of a window. */
static unsigned long mmio_map_at(atomic64_t *used, unsigned long base, unsigned long room,
				 unsigned int level, u64 pa, u64 len, u64 prot)
{
	unsigned long va = base + (unsigned long)atomic64_fetch_add((s64)len, used);

	if (va + len > base + room)
		return 0;
	for (u64 off = 0; off < len; off += pt_size(level)) {
		pte_t *e = kernel_map_entry(va + off, level, false);

		ASSERT(e && pte_none(*e));
		pte_store(e, pte_make((pa + off) >> PAGE_SHIFT,
				      prot | (level > 1 ? PTE_HUGE : 0)));
	}
	return va;
}

static void *mmio_map_prot(u64 pa, u64 len, u64 prot)
{
	bool large = len >= pt_size(LEVEL_2M);
	unsigned int level = large ? LEVEL_2M : 1;
	u64 start = round_down(pa, pt_size(level));
	u64 whole = round_up(pa + len, pt_size(level)) - start;
	unsigned long va;

	if (large)
		va = mmio_map_at(&mmio_large_used, MMIO_START + MMIO_SMALL_LEN,
				 MMIO_END - MMIO_START - MMIO_SMALL_LEN, level, start, whole, prot);
	else
		va = mmio_map_at(&mmio_small_used, MMIO_START, MMIO_SMALL_LEN, level, start,
				 whole, prot);
	return va ? (char *)va + (pa - start) : NULL;
}

void *mmio_map(u64 pa, u64 len)
{
	return mmio_map_prot(pa, len, PROT_KERNEL_MMIO);
}

const void *firmware_map(u64 pa, u64 len)
{
	return mmio_map_prot(pa, len, PROT_KERNEL_RO);
}
