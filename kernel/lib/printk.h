/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/printk.h - the kernel's log: levels, ring buffer, consoles
 *
 * One call is one line (or several, if the text has newlines inside); a missing
 * final newline is added. A line is never mixed with another CPU's.
 */
#ifndef KERNEL_LIB_PRINTK_H
#define KERNEL_LIB_PRINTK_H

#include "include/types.h"

/* Linux's numbers: a line is shown if its level is less than `loglevel=`. */
enum printk_level {
	LOG_EMERG = 0,		/* a panic: always shown */
	LOG_ERR = 3,
	LOG_WARN = 4,
	LOG_INFO = 6,
	LOG_DEBUG = 7,
	LOG_LEVEL_MASK = 7,	/* above it: who says so (syslog's facility), 0: the kernel */
	LOG_FACILITY_USER = 1 << 3,
};

/* A place where lines appear; registered by drivers above. */
struct console {
	const char *name;
	void (*write)(const char *text, size_t len);	/* atomic: polls */
	struct console *next;				/* printk.c's */
};

/*
 * Log one line at @level.
 * Context: any, interrupt handlers and held locks included. Longer lines than
 * PRINTK_LINE are cut.
 */
#define PRINTK_LINE 512
void printk(enum printk_level level, const char *fmt, ...) __printf(2, 3);
void vprintk(enum printk_level level, const char *fmt, va_list args);

#define pr_err(...) printk(LOG_ERR, __VA_ARGS__)
#define pr_warn(...) printk(LOG_WARN, __VA_ARGS__)
#define pr_info(...) printk(LOG_INFO, __VA_ARGS__)
#define pr_debug(...) printk(LOG_DEBUG, __VA_ARGS__)

/*
 * Write @text to every console exactly as it is: no level, no prefix, no added
 * newline. For KTAP lines and for a terminal's output; the caller gives whole
 * lines if they are not to be mixed with the log.
 * Context: any.
 */
void printk_raw(const char *text);
void printk_raw_n(const char *text, size_t len);

/* Like printk_raw(), from a format; at most PRINTK_LINE - 1 characters. */
void printk_rawf(const char *fmt, ...) __printf(1, 2);

/*
 * Put @prefix before every log line from now on ("# " while tests print KTAP,
 * "" else). The string must live for ever.
 * Context: any.
 */
void printk_set_prefix(const char *prefix);

/* Set what is shown: lines of a level less than @level. Return: the old one. */
int printk_set_loglevel(int level);

/*
 * Register @con and write to it what was logged so far.
 * Context: any; @con lives for ever.
 */
void console_register(struct console *con);

/* From now on lines carry the time that @now says: in nanoseconds since boot; any context. */
void printk_set_clock(u64 (*now)(void));

/* Where a reader of the log stands: at record @seq. Zero: before the first one. */
struct printk_cursor {
	u64 seq, pos;
};

struct printk_record {
	u64 seq, ns;			/* when, since boot; 0: before there was a clock */
	u32 prio;			/* facility << 3 | enum printk_level */
	bool lost;			/* the ring has lost some that the reader has not had */
	size_t len;
	char text[PRINTK_LINE];		/* one line; no prefix, no newline */
};

/* The oldest record that there is, and the one that comes next. Context: any. */
struct printk_cursor printk_oldest(void);
struct printk_cursor printk_newest(void);
bool printk_has_next(const struct printk_cursor *at);
/*
 * The record at *@at, or the oldest there is, and go behind it. Context: any.
 * Return: false: there is none yet.
 */
bool printk_next(struct printk_cursor *at, struct printk_record *r);
size_t printk_ring_size(void);		/* bytes */

/*
 * From now on the log's lock is taken by force after a bounded wait: its holder
 * may be stopped, or be the very code that panics. Only panic.c calls it.
 */
void printk_bust_lock(void);

#endif
