/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/char/magic_key.h - the terminal's side of the magic keys (see tty.h)
 */
#ifndef DRIVERS_CHAR_MAGIC_KEY_H
#define DRIVERS_CHAR_MAGIC_KEY_H

#include "include/types.h"

/*
 * One character of input, before anybody else sees it. Context: the input
 * interrupt, one at a time. Return: whether it was taken.
 */
bool magic_key_input(u8 c);

/* Boot: the keys of the kernel's lower layers. */
void magic_key_init(void);

#endif
