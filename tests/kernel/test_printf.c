/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/kernel/test_printf.c - kernel/lib/printf.c and ksyms.c inside the kernel */
#include "kernel/lib/ksyms.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"
#include "kernel/test/ktest.h"

#define PRINTS(want, ...) \
	do { \
		char _buf[80]; \
		int _n = snprintf(_buf, sizeof(_buf), __VA_ARGS__); \
		if (strcmp(_buf, want) || _n != (int)strlen(want)) \
			KT_FAIL("expected \"%s\", is \"%s\"", want, _buf); \
	} while (0)

KTEST_QUICK(printf, numbers_print_as_in_c)
{
	PRINTS("-1 4294967295", "%d %u", -1, -1U);
	PRINTS("-9223372036854775808", "%ld", (long)(1UL << 63));
	PRINTS("0xff FF 017", "%#x %X %#o", 255, 255, 15);
	PRINTS("[   42][42   ][00042][+42]", "[%5d][%-5d][%05d][%+d]", 42, 42, 42, 42);
	PRINTS("[0x00002a][  0x2a]", "[%#08x][%#6x]", 42, 42);
	PRINTS("[00042][  042]", "[%.5d][%5.3d]", 42, 42);
	PRINTS("255 -1 65535", "%hhu %hhd %hu", 255, 255, 65535);
	PRINTS("0x1234", "%p", (void *)0x1234UL);
}

KTEST_QUICK(printf, strings_obey_width_and_precision)
{
	const char *volatile nothing = NULL;	/* or the compiler warns of it */

	PRINTS("[abc][  abc][abc  ]", "[%s][%5s][%-5s]", "abc", "abc", "abc");
	PRINTS("[ab][   ab]", "[%.2s][%*.*s]", "abc", 5, 2, "abc");
	PRINTS("x%(null)", "%c%%%s", 'x', nothing);
}

KTEST_QUICK(printf, a_short_buffer_is_never_overrun)
{
	char buf[8];

	memset(buf, '#', sizeof(buf));
	KT_EQ(snprintf(buf, 4, "%d", 123456), 6);
	KT_EQ(strcmp(buf, "123"), 0);
	KT_EQ(buf[4], '#');
	KT_EQ(scnprintf(buf, 4, "%d", 123456), 3);
	KT_EQ(snprintf(buf, 0, "abc"), 3);
	KT_EQ(buf[0], '1');
}

KTEST_QUICK(printf, symbols_are_looked_up)
{
	struct ksym sym;
	char buf[80];

	KT_TRUE(ksym_find((unsigned long)snprintf + 1, &sym));
	KT_EQ(strcmp(sym.name, "snprintf"), 0);
	KT_EQ(sym.offset, 1);
	snprintf(buf, sizeof(buf), "%pS", (void *)((unsigned long)snprintf + 4));
	KT_EQ(strcmp(buf, "snprintf+0x4"), 0);
	KT_TRUE(!ksym_find(16, &sym));
}
