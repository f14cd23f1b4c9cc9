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

/*
 * Copy log text from position *@pos on, oldest first, and move *@pos behind it.
 * Start with *@pos = 0; text that the ring has already lost is skipped.
 * Context: any.
 * Return: bytes copied, 0 at the end.
 */
size_t printk_read(u64 *pos, char *buf, size_t size);

/*
 * From now on the log's lock is taken by force after a bounded wait: its holder
 * may be stopped, or be the very code that panics. Only panic.c calls it.
 */
void printk_bust_lock(void);

#endif
