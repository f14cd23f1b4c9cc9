/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_kernel_map.c - the kernel's own page tables
 */
#include "arch/x86/boot/boot_info.h"
#include "arch/x86/cpu/cpuid.h"
#include "arch/x86/cpu/msr.h"
#include "arch/x86/mm/kernel_map.h"
#include "arch/x86/mm/layout.h"
#include "kernel/test/ktest.h"

#define KERNEL_HALF 256

struct wx_count {
	unsigned int leaves, user, writable_and_exec;
};

static void kernel_map_count(const pte_t *table, unsigned int level, unsigned int from,
			     struct wx_count *count)
{
	for (unsigned int i = from; i < PT_ENTRIES; i++) {
		pte_t e = pte_read(&table[i]);

		if (!pte_present(e))
			continue;
		if (level > 1 && !pte_huge(e)) {
			kernel_map_count(phys_to_virt(pte_pfn(e) << PAGE_SHIFT), level - 1, 0,
					 count);
			continue;
		}
		count->leaves++;
		count->user += pte_user(e);
		count->writable_and_exec += pte_write(e) && pte_exec(e);
	}
}

KTEST_QUICK(kernel_map, nothing_is_writable_and_executable)
{
	struct wx_count count = { 0 };

	kernel_map_count(kernel_pgd, PT_LEVELS, KERNEL_HALF, &count);
	KT_GT(count.leaves, 0U);
	KT_EQ(count.user, 0U);
	if (cpu_has(X86_FEATURE_NX))
		KT_EQ(count.writable_and_exec, 0U);
}

KTEST_QUICK(kernel_map, lower_half_is_empty)
{
	for (unsigned int i = 0; i < KERNEL_HALF; i++)
		KT_TRUE(pte_none(kernel_pgd[i]));
}

KTEST_QUICK(kernel_map, image_parts_have_their_permissions)
{
	pte_t text = kernel_map_lookup((unsigned long)_text_start);
	pte_t rodata = kernel_map_lookup((unsigned long)_rodata_start);
	pte_t data = kernel_map_lookup((unsigned long)_data_start);
	pte_t alias = kernel_map_lookup((unsigned long)phys_to_virt(virt_to_phys(_text_start)));

	KT_TRUE(pte_exec(text) && !pte_write(text));
	KT_TRUE(!pte_write(rodata) && pte_write(data) && !pte_write(alias));
	if (cpu_has(X86_FEATURE_NX))
		KT_TRUE(!pte_exec(rodata) && !pte_exec(data) && !pte_exec(alias));
	KT_TRUE(cr0_read() & CR0_WP);
}

KTEST_QUICK(kernel_map, direct_map_covers_all_ram)
{
	for (unsigned int i = 0; i < boot_info.nr_mem; i++) {
		const struct boot_region *m = &boot_info.mem[i];
		unsigned long last = (unsigned long)phys_to_virt(m->end - 1);

		if (m->type != BOOT_RAM || m->start == m->end)
			continue;
		KT_TRUE(kernel_map_present((unsigned long)phys_to_virt(m->start)));
		KT_TRUE(kernel_map_present(last));
	}
}

KTEST_QUICK(kernel_map, every_cpu_stack_has_a_guard)
{
	for (unsigned int s = 0; s < NR_CPU_STACKS; s++) {
		unsigned long top = cpu_stack_top(0, (enum cpu_stack)s), va = top - PAGE_SIZE;

		KT_TRUE(kernel_map_present(va));
		while (kernel_map_present(va))
			va -= PAGE_SIZE;
		KT_TRUE(is_cpu_stack_guard(va));
	}
}
