/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/ioapic.h - interrupt lines of devices to vectors (82093AA data sheet)
 */
#ifndef ARCH_X86_CPU_IOAPIC_H
#define ARCH_X86_CPU_IOAPIC_H

#include "include/types.h"

/* Mask the two 8259s and every pin of every I/O APIC. Context: boot CPU, once,
 * after acpi_init(). */
void ioapic_init(void);

#endif
