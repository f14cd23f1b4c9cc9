/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/serial.h - COM1 without interrupts: the console of the first line
 *
 * 16550 UART at port 0x3f8 (National PC16550D data sheet, section 8).
 */
#ifndef ARCH_X86_CPU_SERIAL_H
#define ARCH_X86_CPU_SERIAL_H

#include "include/types.h"

#define SERIAL_COM1 0x3f8
#define SERIAL_IRQ 4

/* Set 115200 8N1, FIFOs on, interrupts off. Context: once, first of all. */
void serial_init(void);
/* Whether a UART answers at COM1. */
bool serial_present(void);
/* Write bytes, "\n" as CR LF, waiting for room. Context: any; no lock. */
void serial_write(const char *text, size_t len);
/* Take one received byte. Return: 0..255, or -1 if there is none. */
int serial_getc(void);
/* Let the UART interrupt when a byte arrives. */
void serial_enable_rx_irq(void);

#endif
