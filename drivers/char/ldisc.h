/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/char/ldisc.h - the line discipline: from keys to lines
 *
 * Between the hardware, which delivers single characters, and readers, who want
 * edited lines (canonical mode) or the characters as they come (raw mode). It
 * knows neither tasks nor devices: what it has to say it says through its hooks.
 */
#ifndef DRIVERS_CHAR_LDISC_H
#define DRIVERS_CHAR_LDISC_H

#include "include/types.h"
#include "include/uapi/termios.h"

#define LDISC_SIZE 4096		/* characters; a power of two */

struct ldisc {
	struct termios termios;
	/*
	 * Positions only grow; an entry's place is position % LDISC_SIZE.
	 * [tail, line): complete lines; [line, head): the line being edited.
	 * In raw mode all of [tail, head) can be read.
	 */
	u64 tail, line, head;
	u16 ring[LDISC_SIZE];	/* character, LDISC_END, LDISC_EOF */
	void (*echo)(struct ldisc *ld, const char *text, size_t len);
	void (*signal)(struct ldisc *ld, int sig);
};

/* Sane settings, nothing inside. The hooks may be NULL. */
void ldisc_init(struct ldisc *ld);

/*
 * One character from the keyboard. Context: the caller's lock; calls the hooks.
 * Return: whether a reader may have something to read now.
 */
bool ldisc_input(struct ldisc *ld, u8 c);

/* Whether ldisc_read() would give something (end of file included). */
bool ldisc_readable(const struct ldisc *ld);

/* Characters that can be read now: FIONREAD. */
size_t ldisc_available(const struct ldisc *ld);

/*
 * Take up to @size characters: in canonical mode not beyond the end of one line.
 * *@end: nothing more belongs to this read. Return: characters.
 */
size_t ldisc_read(struct ldisc *ld, char *buf, size_t size, bool *end);

/* New settings. Half a line becomes readable when canonical mode ends. */
void ldisc_set_termios(struct ldisc *ld, const struct termios *t);

/* Forget what was typed. */
void ldisc_flush(struct ldisc *ld);

#endif
