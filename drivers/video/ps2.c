/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/video/ps2.c - the keyboard of a plain PC
 *
 * Concept    The controller (8042) translates to scan code set 1: one byte when a
 *            key goes down, the same with bit 7 when it comes up, 0xe0 before
 *            those of the grey keys. A table makes characters of them (US layout);
 *            cursor keys become the sequences that a terminal sends.
 *            (IBM PS/2 Hardware Interface, "Keyboard and Auxiliary Device
 *            Controller".)
 * Owns       Which modifier keys are down.
 * Locks      None: only its own interrupt touches the state.
 * Invariants None.
 * Callers    the interrupt of ISA line 1
 * Next       drivers/char/ldisc.c
 */
#include "drivers/video/ps2.h"
#include "arch/x86/cpu/io.h"
#include "arch/x86/cpu/irq.h"
#include "drivers/char/tty.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"

#define PS2_IRQ 1
#define PS2_DATA 0x60
#define PS2_STATUS 0x64
#define PS2_COMMAND 0x64
#define PS2_STATUS_OUT 0x01		/* a byte waits for us */
#define PS2_STATUS_IN 0x02		/* the controller has not read ours yet */
#define PS2_STATUS_MOUSE 0x20
#define PS2_READ_CONFIG 0x20
#define PS2_WRITE_CONFIG 0x60
#define PS2_ENABLE_KEYBOARD 0xae
#define PS2_CONFIG_IRQ 0x01
#define PS2_CONFIG_NO_CLOCK 0x10
#define PS2_CONFIG_TRANSLATE 0x40
#define PS2_TURNS 100000

#define CODE_RELEASE 0x80
#define CODE_EXTENDED 0xe0
#define CODE_CTRL 0x1d
#define CODE_SHIFT_LEFT 0x2a
#define CODE_SHIFT_RIGHT 0x36
#define CODE_ALT 0x38
#define CODE_CAPS 0x3a

/* Codes 0x00 to 0x39; 0: no character. */
static const char plain[] =
	"\0\0331234567890-=\177\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char shifted[] =
	"\0\033!@#$%^&*()_+\177\tQWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";
static_assert(sizeof(plain) - 1 == 0x3a && sizeof(shifted) == sizeof(plain), "one per code");

/* Number block without its lock: 0x47 to 0x53. */
static const char keypad[] = "789-456+1230.";
/* The same codes as grey keys: what stands behind ESC [. */
static const char *const grey[] = {
	"H", "A", "5~", "", "D", "", "C", "", "F", "B", "6~", "2~", "3~",
};

static bool ps2_modifier(struct ps2_keys *k, u8 code, bool down)
{
	switch (code) {
	case CODE_SHIFT_LEFT:
	case CODE_SHIFT_RIGHT:
		k->shift = down;
		return true;
	case CODE_CTRL:
		k->ctrl = down;
		return true;
	case CODE_ALT:
		k->alt = down;
		return true;
	case CODE_CAPS:
		k->caps ^= down;
		return true;
	}
	return false;
}

static unsigned int ps2_grey(u8 code, u8 out[4])
{
	const char *tail = code >= 0x47 && code <= 0x53 ? grey[code - 0x47] : "";
	size_t len = strlen(tail);

	if (code == 0x1c || code == 0x35) {	/* Enter and / of the number block */
		out[0] = code == 0x1c ? '\r' : '/';
		return 1;
	}
	if (!len)
		return 0;
	out[0] = 0x1b;
	out[1] = '[';
	memcpy(out + 2, tail, len);
	return 2 + (unsigned int)len;
}

static u8 ps2_char(const struct ps2_keys *k, u8 code)
{
	u8 c, lower;

	if (code >= 0x47 && code <= 0x53)
		return (u8)keypad[code - 0x47];
	if (code >= sizeof(plain) - 1)
		return 0;
	lower = (u8)plain[code];
	c = (u8)(k->shift ? shifted[code] : lower);
	if (k->caps && lower >= 'a' && lower <= 'z')
		c ^= 0x20;
	if (k->ctrl)
		return lower == ' ' || (c >= 0x40 && c < 0x7f) ? c & 0x1f : c;
	return c;
}

unsigned int ps2_decode(struct ps2_keys *k, u8 code, u8 out[4])
{
	bool extended = k->extended, down = !(code & CODE_RELEASE);

	k->extended = code == CODE_EXTENDED;
	if (k->extended)
		return 0;
	code &= (u8)~CODE_RELEASE;
	/* Grey keys send a shift of their own around themselves: not a real one. */
	if (extended && (code == CODE_SHIFT_LEFT || code == CODE_SHIFT_RIGHT))
		return 0;
	if (ps2_modifier(k, code, down) || !down)
		return 0;
	if (extended)
		return ps2_grey(code, out);
	out[0] = ps2_char(k, code);
	if (!out[0] && !(k->ctrl && code == 0x39))
		return 0;
	if (!k->alt)
		return 1;
	out[1] = out[0];
	out[0] = 0x1b;
	return 2;
}

/* ---- the controller ---- */

static struct ps2_keys ps2_keys;

static void ps2_irq(struct pt_regs *regs)
{
	u8 status, code, chars[4];
	unsigned int nr;

	while ((status = inb(PS2_STATUS)) & PS2_STATUS_OUT) {
		code = inb(PS2_DATA);
		if (status & PS2_STATUS_MOUSE)
			continue;
		nr = ps2_decode(&ps2_keys, code, chars);
		if (nr)
			tty_input(chars, nr);
	}
}

/* Wait until the status has @bits as @set says. False: it never did. */
static bool ps2_wait(u8 bits, bool set)
{
	for (unsigned int i = 0; i < PS2_TURNS; i++)
		if (!!(inb(PS2_STATUS) & bits) == set)
			return true;
	return false;
}

static bool ps2_command(u8 command)
{
	if (!ps2_wait(PS2_STATUS_IN, false))
		return false;
	outb(PS2_COMMAND, command);
	return true;
}

static void ps2_drain(void)
{
	for (unsigned int i = 0; i < 64 && (inb(PS2_STATUS) & PS2_STATUS_OUT); i++)
		(void)inb(PS2_DATA);
}

static bool ps2_setup(void)
{
	u8 config;

	if (inb(PS2_STATUS) == 0xff)	/* nobody drives the bus */
		return false;
	ps2_drain();
	if (!ps2_command(PS2_READ_CONFIG) || !ps2_wait(PS2_STATUS_OUT, true))
		return false;
	config = inb(PS2_DATA) | PS2_CONFIG_IRQ | PS2_CONFIG_TRANSLATE;
	config &= (u8)~PS2_CONFIG_NO_CLOCK;
	if (!ps2_command(PS2_WRITE_CONFIG) || !ps2_wait(PS2_STATUS_IN, false))
		return false;
	outb(PS2_DATA, config);
	return ps2_command(PS2_ENABLE_KEYBOARD);
}

void ps2_init(void)
{
	if (!ps2_setup())
		return;
	if (irq_register(PS2_IRQ, ps2_irq, "keyboard")) {
		pr_warn("keyboard: its interrupt can not be had; it stays mute");
		return;
	}
	ps2_drain();
}
