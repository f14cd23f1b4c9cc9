/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/kernel/test_printk.c - kernel/lib/printk.c inside the kernel */
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"
#include "kernel/test/ktest.h"

/*
 * A console that keeps what is written while `capturing`. Other CPUs may log at
 * the same time, so tests look for their own lines.
 */
static char captured[4096];
static size_t captured_len;
static bool capturing;

static void capture_write(const char *text, size_t len)
{
	if (!capturing || captured_len + len >= sizeof(captured))
		return;
	memcpy(captured + captured_len, text, len);
	captured_len += len;
	captured[captured_len] = '\0';
}

static void capture_start(void)
{
	static struct console con = { .name = "capture", .write = capture_write };
	static bool registered;

	captured_len = 0;
	captured[0] = '\0';
	if (!registered)
		console_register(&con);
	registered = true;
	capturing = true;
}

KTEST_QUICK(printk, every_line_has_the_prefix)
{
	capture_start();
	pr_err("printk test: one\nprintk test: two");
	capturing = false;
	KT_TRUE(strstr(captured, "# printk test: one\n# printk test: two\n"));
}

/* Behind *@at, which moves on: is there this record, whole? */
static bool log_has(struct printk_cursor *at, u32 prio, const char *text)
{
	static struct printk_record r;

	while (printk_next(at, &r))
		if (!strcmp(r.text, text))
			return r.prio == prio && r.len == strlen(text) && !r.lost;
	return false;
}

/* The oldest go, whole ones; who has not read them is told. */
KTEST_QUICK(printk, the_ring_forgets_the_oldest)
{
	struct printk_cursor first, at;
	static struct printk_record r;
	int old = printk_set_loglevel(LOG_ERR);
	u64 seq;

	first = printk_newest();
	for (int i = 0; i < 1000; i++)
		pr_info("printk test: %0*d", i % 200 + 1, i);
	printk_set_loglevel(old);
	at = first;
	KT_CHECK(printk_next(&at, &r) && r.lost);
	KT_CHECK_EQ(r.seq, printk_oldest().seq);
	KT_CHECK_GT(r.seq, first.seq);
	for (seq = r.seq + 1; printk_next(&at, &r); seq++)
		KT_CHECK(r.seq == seq && !r.lost);
	KT_CHECK_EQ(seq, printk_newest().seq);
	KT_CHECK(seq >= first.seq + 1000 && !printk_has_next(&at));
}

KTEST_QUICK(printk, hidden_levels_reach_the_ring_only)
{
	struct printk_cursor at = printk_newest();
	int old;

	capture_start();
	old = printk_set_loglevel(LOG_ERR);
	pr_err("printk test: hidden");
	printk(LOG_EMERG, "printk test: shown");
	printk_set_loglevel(old);
	capturing = false;
	KT_TRUE(!strstr(captured, "hidden"));
	KT_TRUE(strstr(captured, "# printk test: shown\n"));
	KT_CHECK(log_has(&at, LOG_ERR, "printk test: hidden"));
	KT_CHECK(log_has(&at, LOG_EMERG, "printk test: shown"));
	KT_CHECK(!log_has(&at, LOG_EMERG, "printk test: shown"));
}

KTEST_QUICK(printk, raw_text_is_left_alone)
{
	capture_start();
	printk_raw("  # printk test: raw, ");
	printk_rawf("%s\n", "in two calls");
	capturing = false;
	KT_TRUE(strstr(captured, "  # printk test: raw, "));
	KT_TRUE(strstr(captured, "in two calls\n"));
}

KTEST_QUICK(printk, a_long_line_is_cut_and_ends)
{
	static char text[2 * PRINTK_LINE];
	const char *line;

	memset(text, 'x', sizeof(text) - 1);
	capture_start();
	pr_err("printk test: %s", text);
	capturing = false;
	line = strstr(captured, "# printk test: x");
	KT_TRUE(line);
	KT_EQ(strcspn(line, "\n"), PRINTK_LINE - 1 + 2);
}
