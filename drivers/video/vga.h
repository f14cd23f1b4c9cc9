/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/video/vga.h - the text screen of a plain PC
 */
#ifndef DRIVERS_VIDEO_VGA_H
#define DRIVERS_VIDEO_VGA_H

#include "include/types.h"

/*
 * Register the text screen as a console, if GRUB booted us on a machine that has
 * one in text mode. Context: boot CPU, after kernel_map_init().
 */
void vga_init(void);

/* Characters that the screen shows. */
#define VGA_COLUMNS 80
#define VGA_ROWS 25

/* ---- the terminal behind it, apart from any hardware, so that tests can feed it ---- */

struct vga_screen {
	volatile u16 *cells;		/* nr_rows * VGA_COLUMNS of them */
	unsigned int nr_rows;		/* rows that the memory holds: at least VGA_ROWS + 1 */
	unsigned int top;		/* row of memory that is the screen's first */
	unsigned int x, y;		/* cursor; x == VGA_COLUMNS: wraps with the next one */
	u8 attr;			/* colours of what comes next */
	bool bold;
	/* an escape sequence that is being received */
	u8 state;
	unsigned int nr_params;
	unsigned int params[8];
};

/* A cleared screen. */
void vga_screen_init(struct vga_screen *s, volatile u16 *cells, unsigned int nr_rows);
/* Show @text: printable characters, \n \r \b \t, and the ANSI sequences for cursor,
 * erasing and colours. Context: any. */
void vga_screen_write(struct vga_screen *s, const char *text, size_t len);

#endif
