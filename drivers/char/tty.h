/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/char/tty.h - the terminal, and the keys for debugging
 */
#ifndef DRIVERS_CHAR_TTY_H
#define DRIVERS_CHAR_TTY_H

#include "include/types.h"

/*
 * A key behind the magic prefix (Ctrl-O on the console) calls @handler, with
 * @help as its line in the list that Ctrl-O ? prints.
 * Context of @handler: the input interrupt or the polling timer: it may not
 * sleep, takes no lock that it could have interrupted, prints with pr_info().
 * Return: 0 or -EBUSY.
 */
int __must_check magic_key_register(char key, void (*handler)(void), const char *help);

/* Characters typed on any keyboard of the console. Context: any, interrupts too. */
void tty_input(const u8 *chars, size_t nr);

/* Put @prefix before each line that programs print from now on ("| " while tests
 * run, "" else). The string lives for ever. Context: any. */
void tty_set_prefix(const char *prefix);

/* Boot: /dev/console, /dev/tty, /dev/ttyS0, input by interrupt or polling. After
 * vfs_init() and ioapic_init(); may sleep. */
void tty_init(void);

#endif
