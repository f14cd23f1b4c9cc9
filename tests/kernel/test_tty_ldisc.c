/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_tty_ldisc.c - the line discipline: editing, lines, raw input
 */
#include "drivers/char/ldisc.h"
#include "include/uapi/signal.h"
#include "kernel/lib/string.h"
#include "kernel/test/ktest.h"
#include "mm/slab.h"

static char screen[256];
static size_t screen_len;
static int last_signal;

static void note_echo(struct ldisc *ld, const char *text, size_t len)
{
	for (size_t i = 0; i < len && screen_len < sizeof(screen) - 1; i++)
		screen[screen_len++] = text[i];
	screen[screen_len] = 0;
}

static void note_signal(struct ldisc *ld, int sig)
{
	last_signal = sig;
}

/* The struct is larger than a stack should hold. */
static struct ldisc *fresh(void)
{
	struct ldisc *ld = KT_GET(kmalloc(sizeof(*ld), GFP_KERNEL));

	if (!KT_CHECK(ld))
		return NULL;
	ldisc_init(ld);
	ld->echo = note_echo;
	ld->signal = note_signal;
	screen_len = 0;
	screen[0] = 0;
	last_signal = 0;
	return ld;
}

static void type(struct ldisc *ld, const char *text)
{
	while (*text)
		(void)ldisc_input(ld, (u8)*text++);
}

/* What one read gives, as a string. */
static const char *line(struct ldisc *ld)
{
	static char buf[128];
	bool end;

	buf[ldisc_read(ld, buf, sizeof(buf) - 1, &end)] = 0;
	return buf;
}

#define EXPECT_LINE(text) KT_CHECK(!strcmp(line(ld), text))
#define EXPECT_SCREEN(text) KT_CHECK(!strcmp(screen, text))

KTEST_QUICK(tty_ldisc, line_is_readable_after_enter_only)
{
	struct ldisc *ld = fresh();

	KT_TRUE(ld);
	type(ld, "hello");
	KT_CHECK(!ldisc_readable(ld));
	KT_CHECK_EQ(ldisc_available(ld), 0UL);
	type(ld, "\r");
	KT_CHECK(ldisc_readable(ld));
	KT_CHECK_EQ(ldisc_available(ld), 6UL);
	EXPECT_LINE("hello\n");
	KT_CHECK(!ldisc_readable(ld));
	EXPECT_SCREEN("hello\n");
	kfree(ld);
}

KTEST_QUICK(tty_ldisc, a_read_ends_with_its_line)
{
	struct ldisc *ld = fresh();
	char buf[4];
	bool end;

	KT_TRUE(ld);
	type(ld, "one\ntwo\nthree");
	EXPECT_LINE("one\n");
	KT_CHECK_EQ(ldisc_read(ld, buf, 2, &end), 2UL);
	KT_CHECK(!end);
	EXPECT_LINE("o\n");
	KT_CHECK(!ldisc_readable(ld));
	kfree(ld);
}

KTEST_QUICK(tty_ldisc, editing_keys_edit)
{
	struct ldisc *ld = fresh();

	KT_TRUE(ld);
	type(ld, "helx\x7flo\n");
	EXPECT_LINE("hello\n");
	EXPECT_SCREEN("helx\b \blo\n");
	type(ld, "\x7f\x7f\n");			/* nothing to erase */
	EXPECT_LINE("\n");
	type(ld, "one two  \x17three\n");	/* Ctrl-W */
	EXPECT_LINE("one three\n");
	type(ld, "all wrong\x15right\n");	/* Ctrl-U */
	EXPECT_LINE("right\n");
	type(ld, "a\xc3\xa4\x7f" "b\n");	/* a whole UTF-8 character */
	EXPECT_LINE("ab\n");
	screen_len = 0;
	type(ld, "\x01\x7f\n");			/* Ctrl-A shows as ^A: two columns */
	EXPECT_SCREEN("^A\b \b\b \b\n");
	kfree(ld);
}

KTEST_QUICK(tty_ldisc, control_d_ends_a_line_or_the_file)
{
	struct ldisc *ld = fresh();
	char buf[8];
	bool end;

	KT_TRUE(ld);
	type(ld, "abc\x04");
	KT_CHECK(ldisc_readable(ld));
	KT_CHECK_EQ(ldisc_read(ld, buf, sizeof(buf), &end), 3UL);
	KT_CHECK(end);
	KT_CHECK(!ldisc_readable(ld));
	type(ld, "\x04");
	KT_CHECK(ldisc_readable(ld));
	KT_CHECK_EQ(ldisc_read(ld, buf, sizeof(buf), &end), 0UL);
	KT_CHECK(end);
	/* A read of exactly the line's length does not leave a stray end of file. */
	type(ld, "abc\x04");
	KT_CHECK_EQ(ldisc_read(ld, buf, 3, &end), 3UL);
	KT_CHECK(end);
	KT_CHECK(!ldisc_readable(ld));
	kfree(ld);
}

KTEST_QUICK(tty_ldisc, signal_keys_send_and_flush)
{
	struct ldisc *ld = fresh();

	KT_TRUE(ld);
	type(ld, "half a line\x03");
	KT_CHECK_EQ(last_signal, SIGINT);
	EXPECT_SCREEN("half a line^C");
	type(ld, "\n");
	EXPECT_LINE("\n");
	type(ld, "\x1a");
	KT_CHECK_EQ(last_signal, SIGTSTP);
	type(ld, "\x1c");
	KT_CHECK_EQ(last_signal, SIGQUIT);
	last_signal = 0;
	ld->termios.c_lflag &= ~(u32)ISIG;
	type(ld, "\x03\n");
	KT_CHECK_EQ(last_signal, 0);
	EXPECT_LINE("\x03\n");
	kfree(ld);
}

KTEST_QUICK(tty_ldisc, raw_mode_gives_every_character_at_once)
{
	struct ldisc *ld = fresh();
	struct termios raw;

	KT_TRUE(ld);
	type(ld, "half");
	raw = ld->termios;
	raw.c_lflag &= ~(u32)(ICANON | ECHO | ISIG);
	raw.c_iflag &= ~(u32)ICRNL;
	ldisc_set_termios(ld, &raw);
	EXPECT_LINE("half");			/* what was typed before is not lost */
	screen_len = 0;
	screen[0] = 0;
	type(ld, "\x03\x7f\r\x04");
	EXPECT_LINE("\x03\x7f\r\x04");
	EXPECT_SCREEN("");
	kfree(ld);
}

KTEST(tty_ldisc, full_ring_drops_characters_but_not_the_end)
{
	struct ldisc *ld = fresh();
	size_t total = 0;
	char buf[64];
	bool end = false;

	KT_TRUE(ld);
	for (int i = 0; i < 3 * LDISC_SIZE; i++)
		(void)ldisc_input(ld, 'x');
	KT_CHECK(!ldisc_readable(ld));
	KT_CHECK(ldisc_input(ld, '\n'));
	while (!end && ldisc_readable(ld))
		total += ldisc_read(ld, buf, sizeof(buf), &end);
	KT_CHECK_EQ(total, (size_t)LDISC_SIZE);
	KT_CHECK(end);
	type(ld, "again\n");
	EXPECT_LINE("again\n");
	/* The same in raw mode, where there is no end to keep room for. */
	ld->termios.c_lflag &= ~(u32)ICANON;
	for (int i = 0; i < 3 * LDISC_SIZE; i++)
		(void)ldisc_input(ld, 'y');
	KT_CHECK_EQ(ldisc_available(ld), (size_t)LDISC_SIZE);
	kfree(ld);
}

KTEST(tty_ldisc, echo_follows_the_mode)
{
	struct ldisc *ld = fresh();

	KT_TRUE(ld);
	ld->termios.c_lflag &= ~(u32)ECHO;
	type(ld, "secret\n");
	EXPECT_SCREEN("");
	ld->termios.c_lflag |= ECHONL;
	type(ld, "secret\n");
	EXPECT_SCREEN("\n");
	ld->termios.c_lflag = ICANON | ECHO;
	screen_len = 0;
	type(ld, "\x01\n");
	EXPECT_SCREEN("\x01\n");		/* without ECHOCTL: as it is */
	kfree(ld);
}
