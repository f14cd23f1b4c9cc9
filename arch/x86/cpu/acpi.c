/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/acpi.c - what the firmware's tables say about CPUs and interrupts
 *
 * Concept    RSDP -> XSDT (or RSDT) -> tables, each with a length and a checksum
 *            that are believed only after looking. The MADT lists local APICs,
 *            I/O APICs and how ISA interrupts are wired. Every table found is
 *            mapped once, read-only, and stays.
 * Owns       acpi_info and the list of mapped tables.
 * Locks      None: filled at boot, constant afterwards.
 * Callers    kernel/main.c, lapic.c, ioapic.c, smp.c; drivers look for tables.
 * Next       lapic.c
 */
#include "arch/x86/cpu/acpi.h"
#include "arch/x86/boot/boot_info.h"
#include "arch/x86/mm/kernel_map.h"
#include "arch/x86/mm/layout.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"

#define RSDP_SCAN_START 0xe0000UL	/* 5.2.5.1; the EBDA is not looked at: SeaBIOS and
					 * every loader we support put it here or tell */
#define RSDP_SCAN_END 0x100000UL
#define ACPI_MAX_TABLES 32
#define ACPI_TABLE_MAX_LEN (1U << 20)

struct acpi_rsdp {
	char signature[8];
	u8 checksum;
	char oem_id[6];
	u8 revision;
	u32 rsdt_pa;
	/* revision 2 */
	u32 length;
	u64 xsdt_pa;
	u8 checksum2, reserved[3];
} __packed;
#define RSDP_V1_LEN 20

struct acpi_madt {
	struct acpi_header header;
	u32 lapic_pa, flags;
} __packed;

struct acpi_madt_entry {
	u8 type, length;
	union {
		struct { u8 uid, apic_id; u32 flags; } __packed lapic;
		struct { u8 id, reserved; u32 pa, gsi_base; } __packed ioapic;
		struct { u8 bus, irq; u32 gsi; u16 flags; } __packed iso;
		struct { u16 reserved; u64 pa; } __packed lapic_override;
	} __packed;
} __packed;

enum { MADT_LAPIC = 0, MADT_IOAPIC = 1, MADT_ISO = 2, MADT_LAPIC_OVERRIDE = 5 };
#define MADT_LAPIC_ENABLED BIT(0)
#define MADT_ISO_POLARITY 3U		/* 5.2.12.5: 1 high, 3 low */
#define MADT_ISO_TRIGGER 12U		/* 4 edge, 12 level */

struct acpi_info acpi_info;

static const struct acpi_header *acpi_tables[ACPI_MAX_TABLES];
static unsigned int nr_acpi_tables;

static bool acpi_sum_ok(const void *data, size_t len)
{
	const u8 *p = data;
	u8 sum = 0;

	while (len--)
		sum += *p++;
	return sum == 0;
}

static bool acpi_rsdp_ok(const struct acpi_rsdp *r)
{
	return memcmp(r->signature, "RSD PTR ", 8) == 0 && acpi_sum_ok(r, RSDP_V1_LEN);
}

static const struct acpi_rsdp *acpi_find_rsdp(void)
{
	if (boot_info.rsdp) {
		const struct acpi_rsdp *r = firmware_map(boot_info.rsdp, sizeof(*r));

		if (r && acpi_rsdp_ok(r))
			return r;
	}
	for (u64 pa = RSDP_SCAN_START; pa < RSDP_SCAN_END; pa += 16) {
		const struct acpi_rsdp *r = phys_to_virt(pa);

		if (acpi_rsdp_ok(r))
			return r;
	}
	return NULL;
}

/* Map the table at @pa. Return: NULL if it is not one. */
static const struct acpi_header *acpi_map(u64 pa)
{
	const struct acpi_header *h = firmware_map(pa, sizeof(*h));
	u32 length;

	if (!h || h->length < sizeof(*h) || h->length > ACPI_TABLE_MAX_LEN)
		return NULL;
	length = h->length;
	h = firmware_map(pa, length);
	return h && acpi_sum_ok(h, length) ? h : NULL;
}

static void acpi_add(u64 pa)
{
	const struct acpi_header *h = pa ? acpi_map(pa) : NULL;

	if (!h)
		pr_warn("acpi: the table at %lx is damaged and ignored", (unsigned long)pa);
	else if (nr_acpi_tables < ACPI_MAX_TABLES)
		acpi_tables[nr_acpi_tables++] = h;
}

static void acpi_read_root(const struct acpi_rsdp *rsdp)
{
	bool wide = rsdp->revision >= 2 && rsdp->xsdt_pa;
	const struct acpi_header *root = acpi_map(wide ? rsdp->xsdt_pa : rsdp->rsdt_pa);
	size_t size = wide ? 8 : 4;
	const char *p;

	if (!root)
		return;
	p = (const char *)(root + 1);
	for (; p + size <= (const char *)root + root->length; p += size) {
		u64 pa = 0;

		memcpy(&pa, p, size);
		acpi_add(pa);
	}
}

const struct acpi_header *acpi_find(const char *signature)
{
	for (unsigned int i = 0; i < nr_acpi_tables; i++)
		if (memcmp(acpi_tables[i]->signature, signature, 4) == 0)
			return acpi_tables[i];
	return NULL;
}

static void acpi_madt_entry(const struct acpi_madt_entry *e)
{
	struct acpi_info *info = &acpi_info;

	switch (e->type) {
	case MADT_LAPIC:
		if ((e->lapic.flags & MADT_LAPIC_ENABLED) && info->nr_cpus < NR_CPUS)
			info->apic_id[info->nr_cpus++] = e->lapic.apic_id;
		break;
	case MADT_IOAPIC:
		if (info->nr_ioapics < ACPI_MAX_IOAPICS) {
			info->ioapic[info->nr_ioapics].pa = e->ioapic.pa;
			info->ioapic[info->nr_ioapics++].gsi_base = e->ioapic.gsi_base;
		}
		break;
	case MADT_ISO:
		if (e->iso.irq < NR_ISA_IRQS)
			info->isa[e->iso.irq] = (struct acpi_irq){
				.gsi = e->iso.gsi,
				.active_low = (e->iso.flags & MADT_ISO_POLARITY) == 3,
				.level = (e->iso.flags & MADT_ISO_TRIGGER) == 12,
			};
		break;
	case MADT_LAPIC_OVERRIDE:
		info->lapic_pa = e->lapic_override.pa;
		break;
	default:
		break;
	}
}

static void acpi_read_madt(const struct acpi_madt *madt)
{
	const char *p = (const char *)(madt + 1);
	const char *end = (const char *)madt + madt->header.length;

	acpi_info.lapic_pa = madt->lapic_pa;
	while (p + 2 <= end) {
		const struct acpi_madt_entry *e = (const void *)p;

		if (e->length < 2 || p + e->length > end)
			break;
		acpi_madt_entry(e);
		p += e->length;
	}
}

void acpi_init(void)
{
	const struct acpi_rsdp *rsdp = acpi_find_rsdp();
	const struct acpi_header *madt;

	for (u32 irq = 0; irq < NR_ISA_IRQS; irq++)
		acpi_info.isa[irq].gsi = irq;
	if (rsdp)
		acpi_read_root(rsdp);
	madt = acpi_find("APIC");
	if (madt)
		acpi_read_madt((const struct acpi_madt *)madt);
	if (acpi_info.nr_cpus == 0)
		acpi_info.nr_cpus = 1;
	pr_info("acpi: %u table(s), %u CPU(s), %u I/O APIC(s)", nr_acpi_tables,
		acpi_info.nr_cpus, acpi_info.nr_ioapics);
}
