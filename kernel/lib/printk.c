/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/printk.c - the kernel's log: levels, ring buffer, consoles
 *
 * Concept    A line is formatted on the caller's stack, then, under one lock
 *            with interrupts off, given its prefix, stored in a ring of text
 *            and written to every console. Nothing is deferred: what was logged
 *            before a triple fault has been seen. A console registered late is
 *            given the ring first, so early lines are not lost.
 * Owns       The ring, the list of consoles, the level and the prefix.
 * Locks      printk_lock, a raw lock: the lock checker reports through here, so
 *            it cannot be one of the locks that are checked.
 * Invariants A line reaches a console whole, never mixed with another one.
 * Callers    Everybody.
 * Next       kernel/lib/panic.c
 */
#include "kernel/lib/printk.h"
#include "kernel/lib/bootopt.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/rawlock.h"
#include "kernel/lib/string.h"

#define PRINTK_RING_SIZE (64 * 1024UL)
#define PRINTK_BUST_TURNS (1UL << 24)

static struct raw_lock printk_lock;
static bool printk_busting;
static char printk_ring[PRINTK_RING_SIZE];
static u64 printk_head;		/* bytes ever stored; the ring has the last ones */
static struct console *printk_consoles;
static const char *printk_prefix = "";
static int printk_loglevel = LOG_DEBUG;

static unsigned long printk_lock_log(void)
{
	unsigned long flags;

	if (!READ_ONCE(printk_busting))
		return raw_lock_irqsave(&printk_lock);
	flags = raw_irq_save();
	for (unsigned long i = 0; i < PRINTK_BUST_TURNS; i++) {
		if (raw_trylock(&printk_lock))
			break;
		__builtin_ia32_pause();
	}
	return flags;
}

static void printk_unlock_log(unsigned long flags)
{
	raw_unlock_irqrestore(&printk_lock, flags);
}

void printk_bust_lock(void)
{
	WRITE_ONCE(printk_busting, true);
}

static void printk_store(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		printk_ring[printk_head++ % PRINTK_RING_SIZE] = text[i];
}

static void printk_show(const char *text, size_t len)
{
	for (struct console *con = printk_consoles; con; con = con->next)
		con->write(text, len);
}

static void printk_emit(const char *text, size_t len, bool show)
{
	printk_store(text, len);
	if (show)
		printk_show(text, len);
}

/* Give each line of @text its prefix and its newline; the lock is held. */
static void printk_lines(const char *text, bool show)
{
	size_t prefix_len = strlen(printk_prefix);

	do {
		size_t len = strcspn(text, "\n");

		printk_emit(printk_prefix, prefix_len, show);
		printk_emit(text, len, show);
		printk_emit("\n", 1, show);
		text += len;
		if (*text == '\n')
			text++;
	} while (*text);
}

void vprintk(enum printk_level level, const char *fmt, va_list args)
{
	char line[PRINTK_LINE];
	unsigned long flags;

	vsnprintf(line, sizeof(line), fmt, args);
	flags = printk_lock_log();
	printk_lines(line, (int)level < printk_loglevel || level == LOG_EMERG);
	printk_unlock_log(flags);
}

void printk(enum printk_level level, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vprintk(level, fmt, args);
	va_end(args);
}

void printk_raw_n(const char *text, size_t len)
{
	unsigned long flags = printk_lock_log();

	printk_show(text, len);
	printk_unlock_log(flags);
}

void printk_raw(const char *text)
{
	printk_raw_n(text, strlen(text));
}

void printk_rawf(const char *fmt, ...)
{
	char line[PRINTK_LINE];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	printk_raw(line);
}

void printk_set_prefix(const char *prefix)
{
	unsigned long flags = printk_lock_log();

	printk_prefix = prefix;
	printk_unlock_log(flags);
}

int printk_set_loglevel(int level)
{
	unsigned long flags = printk_lock_log();
	int old = printk_loglevel;

	printk_loglevel = level;
	printk_unlock_log(flags);
	return old;
}

static u64 printk_oldest(void)
{
	return printk_head > PRINTK_RING_SIZE ? printk_head - PRINTK_RING_SIZE : 0;
}

void console_register(struct console *con)
{
	unsigned long flags = printk_lock_log();

	for (u64 pos = printk_oldest(); pos < printk_head; pos++)
		con->write(&printk_ring[pos % PRINTK_RING_SIZE], 1);
	con->next = printk_consoles;
	printk_consoles = con;
	printk_unlock_log(flags);
}

size_t printk_read(u64 *pos, char *buf, size_t size)
{
	unsigned long flags = printk_lock_log();
	size_t n = 0;

	*pos = max(*pos, printk_oldest());
	while (n < size && *pos < printk_head)
		buf[n++] = printk_ring[(*pos)++ % PRINTK_RING_SIZE];
	printk_unlock_log(flags);
	return n;
}

static int printk_option_loglevel(const char *value)
{
	if (value[0] < '0' || value[0] > '8' || value[1])
		return -EINVAL;
	printk_set_loglevel(value[0] - '0');
	return 0;
}
BOOT_OPTION(loglevel, printk_option_loglevel,
	    "show log lines of a level less than this: "
	    "4 errors, 5 and warnings, 7 all but debug, 8 all");
