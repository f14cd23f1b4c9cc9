/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/char/ldisc.c - the line discipline: from keys to lines
 *
 * Concept    Typed characters go into a ring. In canonical mode the part behind
 *            the last complete line may still be edited; Enter moves the border,
 *            Ctrl-D moves it without a character (end of file, if the line was
 *            empty). In raw mode there is no border.
 *
 *		     tail        line        head
 *		       v           v           v
 *		  .....|l s \n| p w|d x x      |.....
 *		        lines done   being edited
 *
 *            What is typed is echoed as it is taken, and erased by overwriting.
 * Owns       Nothing: the struct is the terminal's.
 * Locks      The caller's: every function is called under the terminal's lock.
 * Invariants tail <= line <= head <= tail + LDISC_SIZE: ldisc_check().
 *            The last entry before `line` carries LDISC_END or LDISC_EOF, unless
 *            the mode was changed in between.
 * Callers    drivers/char/tty.c, tests/kernel/test_tty_ldisc.c
 * Next       drivers/char/tty.c
 */
#include "drivers/char/ldisc.h"
#include "include/uapi/signal.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"

#define LDISC_END 0x100		/* the last character of a line */
#define LDISC_EOF 0x200		/* Ctrl-D: ends a line, is no character */
#define CTRL(c) ((c) & 0x1f)
#define DISABLED 0		/* a control character that is switched off */

static void ldisc_check(const struct ldisc *ld)
{
	ASSERT(ld->tail <= ld->line && ld->line <= ld->head);
	ASSERT(ld->head - ld->tail <= LDISC_SIZE);
}

void ldisc_init(struct ldisc *ld)
{
	static const struct termios sane = {
		.c_iflag = ICRNL,
		.c_oflag = OPOST | ONLCR,
		.c_cflag = B115200 | CS8 | CREAD | CLOCAL,
		.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
		.c_cc = {
			[VINTR] = CTRL('c'), [VQUIT] = CTRL('\\'), [VERASE] = 0x7f,
			[VKILL] = CTRL('u'), [VEOF] = CTRL('d'), [VMIN] = 1,
			[VSTART] = CTRL('q'), [VSTOP] = CTRL('s'), [VSUSP] = CTRL('z'),
			[VREPRINT] = CTRL('r'), [VWERASE] = CTRL('w'), [VLNEXT] = CTRL('v'),
		},
	};

	memset(ld, 0, sizeof(*ld));
	ld->termios = sane;
}

static bool ldisc_mode(const struct ldisc *ld, u32 flag)
{
	return ld->termios.c_lflag & flag;
}

static bool ldisc_is(const struct ldisc *ld, u8 c, unsigned int which)
{
	u8 cc = ld->termios.c_cc[which];

	return cc != DISABLED && c == cc;
}

/* ---- echo ---- */

static void ldisc_print(struct ldisc *ld, const char *text, size_t len)
{
	if (ld->echo)
		ld->echo(ld, text, len);
}

static bool ldisc_is_control(const struct ldisc *ld, u8 c)
{
	return c < 0x20 || c == 0x7f;
}

static void ldisc_echo(struct ldisc *ld, u8 c)
{
	char text[2] = { (char)c, 0 };

	if (c == '\n' ? !ldisc_mode(ld, ECHO) && !(ldisc_mode(ld, ECHONL) && ldisc_mode(ld, ICANON))
		      : !ldisc_mode(ld, ECHO))
		return;
	if (ldisc_is_control(ld, c) && ldisc_mode(ld, ECHOCTL) && c != '\n' && c != '\t') {
		text[0] = '^';
		text[1] = (char)(c ^ 0x40);
		ldisc_print(ld, text, 2);
		return;
	}
	ldisc_print(ld, text, 1);
}

/* Columns that the echo of @c took. */
static unsigned int ldisc_width(const struct ldisc *ld, u8 c)
{
	if (ldisc_is_control(ld, c) && c != '\t')
		return ldisc_mode(ld, ECHOCTL) ? 2 : 0;
	/* The bytes of one UTF-8 character behind its first take no column. */
	return (c & 0xc0) == 0x80 ? 0 : 1;
}

/* ---- editing ---- */

/* Take the last character of the line that is being edited. */
static void ldisc_erase_one(struct ldisc *ld)
{
	u8 c = (u8)ld->ring[--ld->head % LDISC_SIZE];
	unsigned int width = ldisc_width(ld, c);

	if (!ldisc_mode(ld, ECHO))
		return;
	if (!ldisc_mode(ld, ECHOE)) {
		ldisc_echo(ld, c);
		return;
	}
	while (width--)
		ldisc_print(ld, "\b \b", 3);
}

static u8 ldisc_last(const struct ldisc *ld)
{
	return (u8)ld->ring[(ld->head - 1) % LDISC_SIZE];
}

static void ldisc_erase(struct ldisc *ld)
{
	/* A whole UTF-8 character. */
	while (ld->head > ld->line && (ldisc_last(ld) & 0xc0) == 0x80)
		ldisc_erase_one(ld);
	if (ld->head > ld->line)
		ldisc_erase_one(ld);
}

static void ldisc_erase_word(struct ldisc *ld)
{
	while (ld->head > ld->line && ldisc_last(ld) == ' ')
		ldisc_erase_one(ld);
	while (ld->head > ld->line && ldisc_last(ld) != ' ')
		ldisc_erase_one(ld);
}

static void ldisc_kill_line(struct ldisc *ld)
{
	while (ld->head > ld->line)
		ldisc_erase_one(ld);
}

/* The keys that edit. Return: whether @c was one. */
static bool ldisc_edit(struct ldisc *ld, u8 c)
{
	if (ldisc_is(ld, c, VERASE) || (c == '\b' && ld->termios.c_cc[VERASE] == 0x7f))
		ldisc_erase(ld);
	else if (ldisc_is(ld, c, VKILL))
		ldisc_kill_line(ld);
	else if (ldisc_is(ld, c, VWERASE) && ldisc_mode(ld, IEXTEN))
		ldisc_erase_word(ld);
	else
		return false;
	return true;
}

/* ---- input ---- */

/* Append, keeping one place for the end of the line. False: full. */
static bool ldisc_store(struct ldisc *ld, u16 entry)
{
	u64 room = LDISC_SIZE - (ld->head - ld->tail);

	if (!room || (room == 1 && ldisc_mode(ld, ICANON) && !(entry & (LDISC_END | LDISC_EOF))))
		return false;
	ld->ring[ld->head++ % LDISC_SIZE] = entry;
	ldisc_check(ld);
	return true;
}

/* The keys that send signals. Return: the signal, or 0. */
static int ldisc_signal_of(const struct ldisc *ld, u8 c)
{
	if (!ldisc_mode(ld, ISIG))
		return 0;
	if (ldisc_is(ld, c, VINTR))
		return SIGINT;
	if (ldisc_is(ld, c, VQUIT))
		return SIGQUIT;
	return ldisc_is(ld, c, VSUSP) ? SIGTSTP : 0;
}

static bool ldisc_input_canonical(struct ldisc *ld, u8 c)
{
	if (ldisc_edit(ld, c))
		return false;
	if (ldisc_is(ld, c, VEOF)) {
		if (!ldisc_store(ld, LDISC_EOF))
			return false;
	} else if (c == '\n' || ldisc_is(ld, c, VEOL)) {
		if (!ldisc_store(ld, (u16)(c | LDISC_END)))
			return false;
		ldisc_echo(ld, c);
	} else {
		if (ldisc_store(ld, c))
			ldisc_echo(ld, c);
		return false;
	}
	ld->line = ld->head;
	return true;
}

bool ldisc_input(struct ldisc *ld, u8 c)
{
	u32 iflag = ld->termios.c_iflag;
	int sig;

	if (iflag & ISTRIP)
		c &= 0x7f;
	if (c == '\r' && (iflag & IGNCR))
		return false;
	if (c == '\r' && (iflag & ICRNL))
		c = '\n';
	else if (c == '\n' && (iflag & INLCR))
		c = '\r';
	sig = ldisc_signal_of(ld, c);
	if (sig) {
		if (!ldisc_mode(ld, NOFLSH))
			ldisc_flush(ld);
		ldisc_echo(ld, c);
		if (ld->signal)
			ld->signal(ld, sig);
		return false;
	}
	if (ldisc_mode(ld, ICANON))
		return ldisc_input_canonical(ld, c);
	if (!ldisc_store(ld, c))
		return false;
	ld->line = ld->head;
	ldisc_echo(ld, c);
	return true;
}

/* ---- reading ---- */

bool ldisc_readable(const struct ldisc *ld)
{
	return ld->line != ld->tail;
}

size_t ldisc_available(const struct ldisc *ld)
{
	size_t n = 0;

	for (u64 pos = ld->tail; pos < ld->line; pos++)
		n += !(ld->ring[pos % LDISC_SIZE] & LDISC_EOF);
	return n;
}

size_t ldisc_read(struct ldisc *ld, char *buf, size_t size, bool *end)
{
	size_t n = 0;

	*end = false;
	ldisc_check(ld);
	while (ld->tail < ld->line && !*end) {
		u16 entry = ld->ring[ld->tail % LDISC_SIZE];

		/* An end mark is taken even if there is no room for a character. */
		if (entry & LDISC_EOF) {
			ld->tail++;
			*end = true;
			break;
		}
		if (n == size)
			break;
		ld->tail++;
		buf[n++] = (char)entry;
		*end = (entry & LDISC_END) && ldisc_mode(ld, ICANON);
	}
	return n;
}

void ldisc_set_termios(struct ldisc *ld, const struct termios *t)
{
	ld->termios = *t;
	if (!ldisc_mode(ld, ICANON))
		ld->line = ld->head;
}

void ldisc_flush(struct ldisc *ld)
{
	ld->tail = ld->line = ld->head;
}
