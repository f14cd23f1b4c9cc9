/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/serial.c - COM1 by polling, the console of the first line
 *
 * Concept    The transmitter is polled for room before each byte, with a bound,
 *            so that a machine without a UART only loses its output. Input by
 *            interrupt is the tty driver's (drivers/char); it uses
 *            serial_getc() in its handler.
 * Owns       The UART's registers.
 * Locks      None: the log above serialises writers.
 * Callers    kernel/lib/printk.c through its console, drivers/char.
 * Next       percpu.c
 */
#include "arch/x86/cpu/serial.h"
#include "arch/x86/cpu/barrier.h"
#include "arch/x86/cpu/io.h"

/* Registers, offsets from the base port (PC16550D, table II) */
#define UART_DATA	0
#define UART_IER	1	/* interrupt enable; divisor high while DLAB */
#define UART_FCR	2	/* FIFO control */
#define UART_LCR	3	/* line control */
#define UART_MCR	4	/* modem control */
#define UART_LSR	5	/* line status */
#define UART_SCR	7	/* scratch */

#define UART_IER_RX	0x01
#define UART_LCR_8N1	0x03
#define UART_LCR_DLAB	0x80
#define UART_FCR_ON	0x07	/* enable, clear both */
#define UART_MCR_ON	0x0b	/* DTR, RTS, OUT2 (gates the interrupt) */
#define UART_LSR_RX	0x01
#define UART_LSR_THRE	0x20
#define UART_WAIT_TURNS	1000000

static bool serial_found;

static u8 serial_in(unsigned int reg)
{
	return inb(SERIAL_COM1 + reg);
}

static void serial_out(unsigned int reg, u8 value)
{
	outb(SERIAL_COM1 + reg, value);
}

void serial_init(void)
{
	serial_out(UART_SCR, 0x5a);
	serial_found = serial_in(UART_SCR) == 0x5a;
	if (!serial_found)
		return;
	serial_out(UART_IER, 0);
	serial_out(UART_LCR, UART_LCR_DLAB);
	serial_out(UART_DATA, 1);	/* divisor 1: 115200 */
	serial_out(UART_IER, 0);
	serial_out(UART_LCR, UART_LCR_8N1);
	serial_out(UART_FCR, UART_FCR_ON);
	serial_out(UART_MCR, UART_MCR_ON);
}

bool serial_present(void)
{
	return serial_found;
}

static void serial_putc(u8 byte)
{
	for (unsigned int i = 0; i < UART_WAIT_TURNS; i++) {
		if (serial_in(UART_LSR) & UART_LSR_THRE)
			break;
		cpu_relax();
	}
	serial_out(UART_DATA, byte);
}

void serial_write(const char *text, size_t len)
{
	if (!serial_found)
		return;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n')
			serial_putc('\r');
		serial_putc((u8)text[i]);
	}
}

int serial_getc(void)
{
	if (!serial_found || !(serial_in(UART_LSR) & UART_LSR_RX))
		return -1;
	return serial_in(UART_DATA);
}

void serial_enable_rx_irq(void)
{
	if (serial_found)
		serial_out(UART_IER, UART_IER_RX);
}
