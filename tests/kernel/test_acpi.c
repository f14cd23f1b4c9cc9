/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_acpi.c - what the firmware's tables say
 */
#include "arch/x86/cpu/acpi.h"
#include "arch/x86/cpu/lapic.h"
#include "arch/x86/cpu/percpu.h"
#include "kernel/lib/string.h"
#include "kernel/test/ktest.h"

KTEST_QUICK(acpi, every_cpu_has_an_apic_of_its_own)
{
	KT_GE(acpi_info.nr_cpus, nr_cpus_online);
	for (unsigned int i = 0; i < acpi_info.nr_cpus; i++)
		for (unsigned int j = 0; j < i; j++)
			KT_NE(acpi_info.apic_id[i], acpi_info.apic_id[j]);
}

KTEST_QUICK(acpi, tables_are_found_by_name_and_sum_to_zero)
{
	const struct acpi_header *madt = acpi_find("APIC");
	u8 sum = 0;

	if (!madt)
		KT_SKIP("this machine has no MADT");
	KT_EQ(memcmp(madt->signature, "APIC", 4), 0);
	for (u32 i = 0; i < madt->length; i++)
		sum += ((const u8 *)madt)[i];
	KT_EQ(sum, (u8)0);
	KT_TRUE(!acpi_find("NONE"));
}

KTEST_QUICK(acpi, isa_interrupts_have_distinct_pins)
{
	/* 2 is the cascade: its number is the timer's in most machines */
	for (unsigned int i = 3; i < NR_ISA_IRQS; i++)
		for (unsigned int j = 3; j < i; j++)
			KT_NE(acpi_info.isa[i].gsi, acpi_info.isa[j].gsi);
}
