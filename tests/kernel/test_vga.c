/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_vga.c - the text screen's terminal, without a screen
 */
#include "drivers/video/vga.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/rand.h"
#include "kernel/lib/string.h"
#include "kernel/test/ktest.h"
#include "mm/slab.h"

#define TEST_ROWS 40

static struct vga_screen screen;
static u16 *cells;

static bool screen_up(void)
{
	cells = KT_GET(kzalloc(TEST_ROWS * VGA_COLUMNS * sizeof(u16), GFP_KERNEL));
	if (KT_CHECK(cells))
		vga_screen_init(&screen, cells, TEST_ROWS);
	return cells;
}

static void show(const char *text)
{
	vga_screen_write(&screen, text, strlen(text));
}

/* Does row @y begin with @text and has only blanks behind it? */
static bool row_is(unsigned int y, const char *text)
{
	const volatile u16 *row = screen.cells + (screen.top + y) * VGA_COLUMNS;
	size_t len = strlen(text);

	for (unsigned int x = 0; x < VGA_COLUMNS; x++)
		if ((u8)row[x] != (x < len ? (u8)text[x] : ' '))
			return false;
	return true;
}

KTEST_QUICK(vga, text_and_controls_appear)
{
	KT_TRUE(screen_up());
	show("hello\nworld\rW\n\tx\bX");
	KT_CHECK(row_is(0, "hello"));
	KT_CHECK(row_is(1, "World"));
	KT_CHECK(row_is(2, "        X"));
	KT_CHECK_EQ(screen.x, 9U);
	show("\nna\xc3\xafve");
	KT_CHECK(row_is(3, "na?ve"));
	kfree(cells);
}

KTEST_QUICK(vga, long_lines_wrap_and_long_texts_scroll)
{
	char line[16];

	KT_TRUE(screen_up());
	for (int i = 0; i < VGA_COLUMNS; i++)
		show("a");
	KT_CHECK_EQ(screen.y, 0U);		/* a full line does not wrap yet */
	show("\nb");
	KT_CHECK(row_is(1, "b"));
	for (int i = 0; i < 100; i++) {
		snprintf(line, sizeof(line), "\nline %d", i);
		show(line);
	}
	KT_CHECK(row_is(VGA_ROWS - 1, "line 99"));
	KT_CHECK(row_is(0, "line 75"));
	kfree(cells);
}

KTEST_QUICK(vga, escape_sequences_move_erase_and_colour)
{
	KT_TRUE(screen_up());
	show("one\ntwo\nthree\x1b[1;3HX\x1b[2;1H\x1b[K\x1b[3;4H\x1b[1K");
	KT_CHECK(row_is(0, "onX"));
	KT_CHECK(row_is(1, ""));
	KT_CHECK(row_is(2, "    e"));
	show("\x1b[2J\x1b[HA\x1b[BB\x1b[2DC\x1b[AD");
	KT_CHECK(row_is(0, "AD"));
	KT_CHECK(row_is(1, "CB"));
	show("\x1b[H\x1b[1;31mR\x1b[0mn\x1b[7mi");
	KT_CHECK_EQ(cells[screen.top * VGA_COLUMNS], (u16)(0x0c00 | 'R'));
	KT_CHECK_EQ(cells[screen.top * VGA_COLUMNS + 1], (u16)(0x0700 | 'n'));
	KT_CHECK_EQ(cells[screen.top * VGA_COLUMNS + 2], (u16)(0x7000 | 'i'));
	show("\x1b[999;999H\x1b[99A\x1b[99D");
	KT_CHECK_EQ(screen.x + screen.y, 0U);
	kfree(cells);
}

KTEST(vga, any_bytes_stay_on_the_screen)
{
	struct rand_state rand;

	KT_TRUE(screen_up());
	rand_seed(&rand, 3);
	for (int i = 0; i < 50000; i++) {
		static const char likely[] = "\x1b[0123456789;HJKmABCD\n\b\t\r";
		u64 pick = rand_u64(&rand);
		char c = pick & 1 ? (char)(pick >> 8) : likely[(pick >> 8) % (sizeof(likely) - 1)];

		vga_screen_write(&screen, &c, 1);	/* asserts its bounds; redzones too */
	}
	kfree(cells);
}
