/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/acpi.h - what the firmware's tables say about CPUs and interrupts
 *
 * ACPI specification 6.4, chapter 5. Only tables are read; no AML is run.
 */
#ifndef ARCH_X86_CPU_ACPI_H
#define ARCH_X86_CPU_ACPI_H

#include "include/types.h"
#include "arch/x86/cpu/percpu.h"

#define ACPI_MAX_IOAPICS 4
#define NR_ISA_IRQS 16

struct acpi_header {
	char signature[4];
	u32 length;
	u8 revision, checksum;
	char oem_id[6], oem_table_id[8];
	u32 oem_revision, creator_id, creator_revision;
} __packed;

/* An ISA interrupt's pin: global number and how it is signalled. */
struct acpi_irq {
	u32 gsi;
	bool active_low, level;
};

struct acpi_info {
	u64 lapic_pa;				/* 0: no MADT, one CPU, no APIC */
	unsigned int nr_cpus;
	u32 apic_id[NR_CPUS];			/* boot CPU first */
	unsigned int nr_ioapics;
	struct { u64 pa; u32 gsi_base; } ioapic[ACPI_MAX_IOAPICS];
	struct acpi_irq isa[NR_ISA_IRQS];
};

extern struct acpi_info acpi_info;

/*
 * Find and read the tables. Context: boot CPU, once, after kernel_map_init(). A
 * machine without usable tables is treated as one CPU without APICs.
 */
void acpi_init(void);

/*
 * Find table @signature ("DMAR", "MCFG"). Context: any, after acpi_init().
 * Return: the table, checked and mapped for good, or NULL.
 */
const struct acpi_header *acpi_find(const char *signature);

#endif
