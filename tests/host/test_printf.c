/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/host/test_printf.c - our formats against the C library's */
/* Links: kernel/lib/printf.c kernel/lib/ksyms.c tests/host/host.c */
#include "tests/host/host.h"
#include "kernel/lib/rand.h"
#include "kernel/lib/string.h"

int ls_snprintf(char *buf, size_t size, const char *fmt, ...);
int ls_scnprintf(char *buf, size_t size, const char *fmt, ...);

/* The table that tools/ksyms would make. */
const u64 ksym_addrs[] = { 0x1000, 0x1100, 0x5000 };
const char *const ksym_names[] = { "first", "second", "third" };
const u32 ksym_count = 3;

static struct rand_state r;

static void random_format(char *fmt, bool *is_long)
{
	static const char convs[] = "diuxXo";
	char width[8] = "", precision[8] = "";
	char conv = convs[rand_below(&r, 6)];
	int n = 0;

	fmt[n++] = '%';
	for (int i = 0; i < 5; i++)
		if (rand_below(&r, 3) == 0)
			fmt[n++] = "-0+ #"[i];
	if (rand_below(&r, 2))
		snprintf(width, sizeof(width), "%d", 1 + (int)rand_below(&r, 24));
	if (rand_below(&r, 3) == 0)
		snprintf(precision, sizeof(precision), ".%d", (int)rand_below(&r, 24));
	*is_long = rand_below(&r, 2);
	sprintf(fmt + n, "%s%s%s%c", width, precision,
		*is_long ? "l" : rand_below(&r, 3) ? "" : "hh", conv);
}

static void numbers_match_the_library(void)
{
	char fmt[40], ours[80], theirs[80];

	rand_seed(&r, 9);
	for (int op = 0; op < 300000; op++) {
		size_t size = rand_below(&r, 3) ? sizeof(ours) : rand_below(&r, 12);
		u64 v = rand_u64(&r) >> rand_below(&r, 65) % 64;
		int a, b;
		bool is_long;

		if (rand_below(&r, 4) == 0)
			v = 0;
		if (rand_below(&r, 2))
			v = -v;
		random_format(fmt, &is_long);
		/* the one thing on which we differ: octal with '#' and a precision */
		if (strchr(fmt, 'o') && strchr(fmt, '#'))
			continue;
		memset(ours, '~', sizeof(ours));
		memset(theirs, '~', sizeof(theirs));
		a = is_long ? ls_snprintf(ours, size, fmt, v)
			    : ls_snprintf(ours, size, fmt, (int)v);
		b = is_long ? snprintf(theirs, size, fmt, v)
			    : snprintf(theirs, size, fmt, (int)v);
		if (a != b || memcmp(ours, theirs, sizeof(ours))) {
			printf("# %s of %#lx: \"%.60s\", not \"%.60s\"\n", fmt, v,
			       ours, theirs);
			HT_TRUE(false);
		}
	}
}

static void strings_match_the_library(void)
{
	char fmt[24], ours[80], theirs[80];

	for (int width = 0; width < 12; width++)
		for (int precision = -1; precision < 8; precision++)
			for (int left = 0; left < 2; left++) {
				snprintf(fmt, sizeof(fmt), "[%%%s*.*s|%%%s*c]",
					 left ? "-" : "", left ? "-" : "");
				ls_snprintf(ours, sizeof(ours), fmt, width,
					    precision, "string", width, 'c');
				snprintf(theirs, sizeof(theirs), fmt, width,
					 precision, "string", width, 'c');
				HT_STR(ours, theirs);
			}
}

static void symbols_are_looked_up(void)
{
	char buf[40];

	ls_snprintf(buf, sizeof(buf), "%pS", (void *)0x1100UL);
	HT_STR(buf, "second+0");
	ls_snprintf(buf, sizeof(buf), "%pS", (void *)0x10ffUL);
	HT_STR(buf, "first+0xff");
	ls_snprintf(buf, sizeof(buf), "%pS", (void *)0xfffUL);
	HT_STR(buf, "0xfff");
	ls_snprintf(buf, sizeof(buf), "%pS!", (void *)0x500000UL);
	HT_STR(buf, "0x500000!");
	HT_EQ(ls_scnprintf(buf, 4, "abcdef"), 3);
	HT_EQ(ls_scnprintf(buf, 0, "abcdef"), 0);
}

int main(void)
{
	host_run("numbers match the library", numbers_match_the_library);
	host_run("strings match the library", strings_match_the_library);
	host_run("symbols are looked up", symbols_are_looked_up);
	return host_done();
}
