/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/ioapic.c - interrupt lines of devices to vectors
 *
 * Concept    Each I/O APIC has an index and a data register in memory, and two
 *            words per pin: vector, polarity, trigger, mask; destination. All pins
 *            are masked at boot; irq_register() opens one, to the boot CPU.
 *            The old interrupt controllers are moved out of the exceptions' way
 *            and masked for good.
 * Owns       The registers.
 * Locks      None: drivers register at boot, one after the other.
 * Callers    Drivers through irq_register().
 * Next       smp.c
 */
#include "arch/x86/cpu/ioapic.h"
#include "arch/x86/cpu/acpi.h"
#include "arch/x86/cpu/io.h"
#include "arch/x86/cpu/irq.h"
#include "arch/x86/cpu/lapic.h"
#include "arch/x86/cpu/vectors.h"
#include "arch/x86/mm/kernel_map.h"
#include "kernel/lib/panic.h"

#define IOAPIC_INDEX	0x00
#define IOAPIC_DATA	0x10
#define IOAPIC_VERSION	0x01
#define IOAPIC_REDIR	0x10
#define REDIR_MASKED	BIT(16)
#define REDIR_LEVEL	BIT(15)
#define REDIR_LOW	BIT(13)

#define PIC1_COMMAND	0x20
#define PIC1_DATA	0x21
#define PIC2_COMMAND	0xa0
#define PIC2_DATA	0xa1

struct ioapic {
	char *regs;
	u32 gsi_base, nr_pins;
};

static struct ioapic ioapics[ACPI_MAX_IOAPICS];

static u32 ioapic_read(const struct ioapic *io, u32 index)
{
	mmio_write32(io->regs + IOAPIC_INDEX, index);
	return mmio_read32(io->regs + IOAPIC_DATA);
}

static void ioapic_write(const struct ioapic *io, u32 index, u32 value)
{
	mmio_write32(io->regs + IOAPIC_INDEX, index);
	mmio_write32(io->regs + IOAPIC_DATA, value);
}

/* Initialise both (8259A data sheet: ICW1-ICW4) to VECTOR_PIC, then mask all. */
static void pic_mask(void)
{
	outb(PIC1_COMMAND, 0x11);
	outb(PIC2_COMMAND, 0x11);
	io_delay();
	outb(PIC1_DATA, VECTOR_PIC);
	outb(PIC2_DATA, VECTOR_PIC + 8);
	io_delay();
	outb(PIC1_DATA, 4);
	outb(PIC2_DATA, 2);
	io_delay();
	outb(PIC1_DATA, 1);
	outb(PIC2_DATA, 1);
	io_delay();
	outb(PIC1_DATA, 0xff);
	outb(PIC2_DATA, 0xff);
}

void ioapic_init(void)
{
	pic_mask();
	for (unsigned int i = 0; i < acpi_info.nr_ioapics; i++) {
		struct ioapic *io = &ioapics[i];

		io->regs = mmio_map(acpi_info.ioapic[i].pa, PAGE_SIZE);
		if (!io->regs)
			panic("no room to map an I/O APIC");
		io->gsi_base = acpi_info.ioapic[i].gsi_base;
		io->nr_pins = (ioapic_read(io, IOAPIC_VERSION) >> 16 & 0xff) + 1;
		for (u32 pin = 0; pin < io->nr_pins; pin++)
			ioapic_write(io, IOAPIC_REDIR + 2 * pin, REDIR_MASKED);
	}
}

static struct ioapic *ioapic_of(u32 gsi)
{
	for (unsigned int i = 0; i < acpi_info.nr_ioapics; i++) {
		struct ioapic *io = &ioapics[i];

		if (gsi >= io->gsi_base && gsi < io->gsi_base + io->nr_pins)
			return io;
	}
	return NULL;
}

int irq_register(unsigned int irq, void (*handler)(struct pt_regs *regs), const char *name)
{
	const struct acpi_irq *line;
	struct ioapic *io;
	u32 pin, word;
	int err;

	if (irq >= NR_ISA_IRQS)
		return -EINVAL;
	line = &acpi_info.isa[irq];
	io = ioapic_of(line->gsi);
	if (!io || !lapic_present())
		return -ENODEV;
	if (line->gsi >= NR_GSI)
		return -EINVAL;
	err = vector_register(VECTOR_GSI + line->gsi, handler, name);
	if (err)
		return err;
	pin = line->gsi - io->gsi_base;
	word = (VECTOR_GSI + line->gsi) | (line->active_low ? REDIR_LOW : 0) |
	       (line->level ? REDIR_LEVEL : 0);
	ioapic_write(io, IOAPIC_REDIR + 2 * pin + 1, acpi_info.apic_id[0] << 24);
	ioapic_write(io, IOAPIC_REDIR + 2 * pin, word);
	return 0;
}
