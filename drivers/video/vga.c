/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/video/vga.c - the text screen of a plain PC
 *
 * Concept    80 by 25 cells of a character and its colours, in memory at 0xb8000
 *            that holds some 200 rows. Scrolling moves the row at which the
 *            hardware begins to show (CRT controller, registers 12 and 13) and
 *            copies only when the memory's end is reached. A small ANSI terminal
 *            in front of it understands what shells and editors send.
 *
 *		 memory: row 0 ... |top  ... top + 24| ... row 203
 *		                    `---- shown ----'
 *
 *            (IBM PS/2 Hardware Interface, "Video Subsystem"; ECMA-48.)
 * Owns       The screen.
 * Locks      printk's: a console's write is called by one CPU at a time.
 * Invariants top + VGA_ROWS <= nr_rows, x <= VGA_COLUMNS, y < VGA_ROWS:
 *            vga_check().
 * Callers    kernel/lib/printk.c through struct console
 * Next       drivers/video/ps2.c
 */
#include "drivers/video/vga.h"
#include "arch/x86/boot/boot_info.h"
#include "arch/x86/cpu/io.h"
#include "arch/x86/mm/kernel_map.h"
#include "arch/x86/mm/layout.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"

#define VGA_MEMORY 0xb8000UL
#define VGA_MEMORY_SIZE 0x8000UL
#define VGA_CRTC_INDEX 0x3d4
#define VGA_CRTC_DATA 0x3d5
#define VGA_START_HIGH 12
#define VGA_START_LOW 13
#define VGA_CURSOR_HIGH 14
#define VGA_CURSOR_LOW 15
#define BIOS_VIDEO_MODE 0x449UL		/* BIOS data area: 3 is colour text, 80 columns */
#define BIOS_MODE_TEXT 3

#define ATTR_PLAIN 0x07			/* light grey on black */
#define ATTR_BRIGHT 0x08

enum vga_state { VGA_TEXT, VGA_ESCAPE, VGA_PARAMS };

static void vga_check(const struct vga_screen *s)
{
	ASSERT(s->top + VGA_ROWS <= s->nr_rows && s->x <= VGA_COLUMNS && s->y < VGA_ROWS);
}

static volatile u16 *vga_row(struct vga_screen *s, unsigned int y)
{
	return s->cells + (s->top + y) * VGA_COLUMNS;
}

static u16 vga_blank(const struct vga_screen *s)
{
	return (u16)(s->attr << 8 | ' ');
}

static void vga_clear(struct vga_screen *s, unsigned int y, unsigned int from, unsigned int to)
{
	volatile u16 *row = vga_row(s, y);

	while (from < to)
		row[from++] = vga_blank(s);
}

void vga_screen_init(struct vga_screen *s, volatile u16 *cells, unsigned int nr_rows)
{
	memset(s, 0, sizeof(*s));
	s->cells = cells;
	s->nr_rows = nr_rows;
	s->attr = ATTR_PLAIN;
	for (unsigned int y = 0; y < VGA_ROWS; y++)
		vga_clear(s, y, 0, VGA_COLUMNS);
	vga_check(s);
}

static void vga_scroll(struct vga_screen *s)
{
	if (s->top + VGA_ROWS == s->nr_rows) {
		/* The end of the memory: begin again with the rows that stay. */
		volatile u16 *from = vga_row(s, 1);

		for (unsigned int i = 0; i < (VGA_ROWS - 1) * VGA_COLUMNS; i++)
			s->cells[i] = from[i];
		s->top = 0;
	} else {
		s->top++;
	}
	vga_clear(s, VGA_ROWS - 1, 0, VGA_COLUMNS);
}

static void vga_newline(struct vga_screen *s)
{
	s->x = 0;
	if (s->y == VGA_ROWS - 1)
		vga_scroll(s);
	else
		s->y++;
}

static void vga_put(struct vga_screen *s, u8 c)
{
	if (s->x == VGA_COLUMNS)
		vga_newline(s);
	vga_row(s, s->y)[s->x++] = (u16)((s->attr | (s->bold ? ATTR_BRIGHT : 0)) << 8 | c);
}

/* ---- escape sequences: ESC [ params letter ---- */

static unsigned int vga_param(const struct vga_screen *s, unsigned int n, unsigned int missing)
{
	return n < s->nr_params && s->params[n] ? s->params[n] : missing;
}

static void vga_goto(struct vga_screen *s, unsigned int x, unsigned int y)
{
	s->x = min(x, VGA_COLUMNS - 1U);
	s->y = min(y, VGA_ROWS - 1U);
}

/* ESC [ n J: 0 to the end of the screen, 1 from its beginning, 2 all of it. */
static void vga_erase_screen(struct vga_screen *s, unsigned int how)
{
	unsigned int first = how ? 0 : s->y + 1, last = how == 1 ? s->y : VGA_ROWS;

	if (how == 0)
		vga_clear(s, s->y, min(s->x, VGA_COLUMNS - 1U), VGA_COLUMNS);
	if (how == 1)
		vga_clear(s, s->y, 0, min(s->x + 1, (unsigned int)VGA_COLUMNS));
	for (unsigned int y = first; y < last; y++)
		vga_clear(s, y, 0, VGA_COLUMNS);
}

static void vga_erase_line(struct vga_screen *s, unsigned int how)
{
	unsigned int x = min(s->x, VGA_COLUMNS - 1U);

	vga_clear(s, s->y, how ? 0 : x, how == 1 ? x + 1 : VGA_COLUMNS);
}

/* ANSI counts colours red, green, blue from bit 0; the PC the other way round. */
static u8 vga_colour(unsigned int ansi)
{
	return (u8)((ansi & 1) << 2 | (ansi & 2) | (ansi & 4) >> 2);
}

static void vga_select(struct vga_screen *s, unsigned int p)
{
	if (p == 0) {
		s->attr = ATTR_PLAIN;
		s->bold = false;
	} else if (p == 1) {
		s->bold = true;
	} else if (p == 22) {
		s->bold = false;
	} else if (p == 7 || p == 27) {
		if ((s->attr & 0x70 && !(s->attr & 0x07)) == (p == 27))
			s->attr = (u8)(s->attr >> 4 | s->attr << 4) & 0x77;
	} else if (p >= 30 && p <= 37) {
		s->attr = (u8)((s->attr & 0x70) | vga_colour(p - 30));
	} else if (p == 39) {
		s->attr = (u8)((s->attr & 0x70) | ATTR_PLAIN);
	} else if (p >= 40 && p <= 47) {
		s->attr = (u8)((s->attr & 0x07) | vga_colour(p - 40) << 4);
	} else if (p == 49) {
		s->attr &= 0x07;
	} else if (p >= 90 && p <= 97) {
		s->attr = (u8)((s->attr & 0x70) | ATTR_BRIGHT | vga_colour(p - 90));
	}
}

static void vga_command(struct vga_screen *s, char c)
{
	unsigned int n = vga_param(s, 0, 1);

	switch (c) {
	case 'A':
		vga_goto(s, s->x, s->y - min(s->y, n));
		break;
	case 'B':
		vga_goto(s, s->x, s->y + min(n, (unsigned int)VGA_ROWS));
		break;
	case 'C':
		vga_goto(s, s->x + min(n, (unsigned int)VGA_COLUMNS), s->y);
		break;
	case 'D':
		vga_goto(s, s->x - min(s->x, n), s->y);
		break;
	case 'G':
		vga_goto(s, n - 1, s->y);
		break;
	case 'H':
	case 'f':
		vga_goto(s, vga_param(s, 1, 1) - 1, n - 1);
		break;
	case 'J':
		vga_erase_screen(s, vga_param(s, 0, 0));
		break;
	case 'K':
		vga_erase_line(s, vga_param(s, 0, 0));
		break;
	case 'm':
		for (unsigned int i = 0; i < max(s->nr_params, 1U); i++)
			vga_select(s, vga_param(s, i, 0));
		break;
	}
}

static void vga_escape(struct vga_screen *s, char c)
{
	if (s->state == VGA_ESCAPE) {
		s->state = c == '[' ? VGA_PARAMS : VGA_TEXT;
		s->nr_params = 0;
		memset(s->params, 0, sizeof(s->params));
		return;
	}
	if (c >= '0' && c <= '9') {
		if (!s->nr_params)
			s->nr_params = 1;
		if (s->params[s->nr_params - 1] < 1000)
			s->params[s->nr_params - 1] = s->params[s->nr_params - 1] * 10 +
						      (unsigned int)(c - '0');
	} else if (c == ';') {
		s->nr_params = min(max(s->nr_params, 1U) + 1, (unsigned int)ARRAY_SIZE(s->params));
	} else if (c >= 0x40) {
		vga_command(s, c);
		s->state = VGA_TEXT;
	}
	/* Anything else ('?') belongs to sequences that mean nothing here. */
}

static void vga_char(struct vga_screen *s, char c)
{
	switch (c) {
	case '\n':
		vga_newline(s);
		break;
	case '\r':
		s->x = 0;
		break;
	case '\b':
		s->x -= s->x != 0;
		break;
	case '\t':
		do {
			vga_put(s, ' ');
		} while (s->x % 8 && s->x < VGA_COLUMNS);
		break;
	case 0x1b:
		s->state = VGA_ESCAPE;
		break;
	default:
		/* UTF-8: one mark for a character, nothing for its further bytes. */
		if ((u8)c >= 0x80)
			c = (c & 0xc0) == 0x80 ? 0 : '?';
		if ((u8)c >= ' ')
			vga_put(s, (u8)c);
	}
}

void vga_screen_write(struct vga_screen *s, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s->state != VGA_TEXT)
			vga_escape(s, text[i]);
		else
			vga_char(s, text[i]);
	}
	vga_check(s);
}

/* ---- the hardware ---- */

static struct vga_screen vga;

static void vga_crtc(u8 index, u8 value)
{
	outb(VGA_CRTC_INDEX, index);
	outb(VGA_CRTC_DATA, value);
}

static void vga_crtc_pair(u8 high, unsigned int value)
{
	vga_crtc(high, (u8)(value >> 8));
	vga_crtc((u8)(high + 1), (u8)value);
}

static void vga_write(const char *text, size_t len)
{
	unsigned int top = vga.top;

	vga_screen_write(&vga, text, len);
	if (vga.top != top)
		vga_crtc_pair(VGA_START_HIGH, vga.top * VGA_COLUMNS);
	vga_crtc_pair(VGA_CURSOR_HIGH, (vga.top + vga.y) * VGA_COLUMNS +
				       min(vga.x, VGA_COLUMNS - 1U));
}

static struct console vga_console = { .name = "vga", .write = vga_write };

/* Only GRUB leaves a PC as a person sees it; QEMU's direct boot has a serial line. */
static bool vga_is_there(void)
{
	const u8 *mode = phys_to_virt(BIOS_VIDEO_MODE);

	return !strcmp(boot_info.protocol, "multiboot2") &&
	       kernel_map_present((unsigned long)mode) && *mode == BIOS_MODE_TEXT;
}

void vga_init(void)
{
	volatile u16 *cells;

	if (!vga_is_there())
		return;
	cells = mmio_map(VGA_MEMORY, VGA_MEMORY_SIZE);
	if (!cells)
		return;
	vga_screen_init(&vga, cells, VGA_MEMORY_SIZE / sizeof(u16) / VGA_COLUMNS);
	vga_crtc_pair(VGA_START_HIGH, 0);
	console_register(&vga_console);
}
