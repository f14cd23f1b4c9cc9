/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/video/ps2.h - the keyboard of a plain PC
 */
#ifndef DRIVERS_VIDEO_PS2_H
#define DRIVERS_VIDEO_PS2_H

#include "include/types.h"

/* Find the keyboard and let it type into the terminal. After tty_init(). */
void ps2_init(void);

/* ---- the key map, apart from any hardware, so that tests can feed it ---- */

struct ps2_keys {
	bool shift, ctrl, alt, caps;
	bool extended;			/* the byte 0xe0 came before */
};

/*
 * One byte of scan code set 1. Return: how many characters were written to @out
 * (at most 4: cursor keys are escape sequences).
 */
unsigned int ps2_decode(struct ps2_keys *k, u8 code, u8 out[4]);

#endif
