/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/printk.c - the kernel's log: levels, ring buffer, consoles
 *
 * Concept    A line is formatted on the caller's stack, then, under one lock
 *            with interrupts off, stored in a ring of records, given its prefix
 *            and written to every console. A record is a line with its time, its
 *            priority and a number; the newest ones push the oldest out. Nothing is
 *            deferred: what was logged before a triple fault has been seen. A console
 *            registered late is given the ring first, so early lines are not lost.
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
/* What is before each line's text in the ring. */
struct printk_entry {
	u64 ns;
	u32 prio, len;
};

static char printk_ring[PRINTK_RING_SIZE];
static struct printk_cursor printk_tail, printk_head;	/* the oldest record, the next one */
static u64 (*printk_clock)(void);
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

static void printk_put(const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		printk_ring[printk_head.pos++ % PRINTK_RING_SIZE] = ((const char *)bytes)[i];
}

static void printk_get(u64 pos, void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((char *)bytes)[i] = printk_ring[(pos + i) % PRINTK_RING_SIZE];
}

/* @at is at a record: go behind it. */
static struct printk_entry printk_pass(struct printk_cursor *at)
{
	struct printk_entry e;

	printk_get(at->pos, &e, sizeof(e));
	at->pos += sizeof(e) + e.len;
	at->seq++;
	return e;
}

static void printk_store(u32 prio, u64 ns, const char *text, size_t len)
{
	struct printk_entry e = { ns, prio, (u32)len };

	while (printk_head.pos + sizeof(e) + len - printk_tail.pos > PRINTK_RING_SIZE)
		(void)printk_pass(&printk_tail);
	printk_put(&e, sizeof(e));
	printk_put(text, len);
	WRITE_ONCE(printk_head.seq, printk_head.seq + 1);
}

static void printk_show(const char *text, size_t len)
{
	for (struct console *con = printk_consoles; con; con = con->next)
		con->write(text, len);
}

/* Each line of @text is a record; the lock is held. */
static void printk_lines(u32 prio, u64 ns, const char *text, bool show)
{
	do {
		size_t len = strcspn(text, "\n");

		printk_store(prio, ns, text, len);
		if (show) {
			printk_show(printk_prefix, strlen(printk_prefix));
			printk_show(text, len);
			printk_show("\n", 1);
		}
		text += len;
		if (*text == '\n')
			text++;
	} while (*text);
}

void vprintk(enum printk_level level, const char *fmt, va_list args)
{
	u64 (*clock)(void) = READ_ONCE(printk_clock);
	unsigned int shown = level & LOG_LEVEL_MASK;
	u64 ns = clock ? clock() : 0;
	char line[PRINTK_LINE];
	unsigned long flags;

	vsnprintf(line, sizeof(line), fmt, args);
	flags = printk_lock_log();
	printk_lines(level, ns, line, (int)shown < printk_loglevel || shown == LOG_EMERG);
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

void printk_set_clock(u64 (*now)(void))
{
	WRITE_ONCE(printk_clock, now);
}

void console_register(struct console *con)
{
	unsigned long flags = printk_lock_log();
	struct printk_cursor at = printk_tail;

	while (at.seq < printk_head.seq) {
		u64 pos = at.pos + sizeof(struct printk_entry);
		u32 len = printk_pass(&at).len;

		for (; len; len--, pos++)
			con->write(&printk_ring[pos % PRINTK_RING_SIZE], 1);
		con->write("\n", 1);
	}
	con->next = printk_consoles;
	printk_consoles = con;
	printk_unlock_log(flags);
}

struct printk_cursor printk_oldest(void)
{
	unsigned long flags = printk_lock_log();
	struct printk_cursor at = printk_tail;

	printk_unlock_log(flags);
	return at;
}

struct printk_cursor printk_newest(void)
{
	unsigned long flags = printk_lock_log();
	struct printk_cursor at = printk_head;

	printk_unlock_log(flags);
	return at;
}

bool printk_has_next(const struct printk_cursor *at)
{
	return at->seq < READ_ONCE(printk_head.seq);
}

bool printk_next(struct printk_cursor *at, struct printk_record *r)
{
	unsigned long flags = printk_lock_log();
	bool found = at->seq < printk_head.seq;
	struct printk_entry e;
	u64 text;

	r->lost = at->seq < printk_tail.seq;
	if (r->lost)
		*at = printk_tail;
	if (found) {
		r->seq = at->seq;
		text = at->pos + sizeof(e);
		e = printk_pass(at);
		r->ns = e.ns;
		r->prio = e.prio;
		r->len = min((size_t)e.len, sizeof(r->text) - 1);
		printk_get(text, r->text, r->len);
		r->text[r->len] = '\0';
	}
	printk_unlock_log(flags);
	return found;
}

size_t printk_ring_size(void)
{
	return PRINTK_RING_SIZE;
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
