/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/kernel/test_string.c - kernel/lib/string.c inside the kernel */
#include "kernel/lib/string.h"
#include "kernel/test/ktest.h"

#define SIZE 64

static u8 block[SIZE], model[SIZE];

static void fill(void)
{
	for (int i = 0; i < SIZE; i++)
		block[i] = model[i] = (u8)(i * 7 + 1);
}

/* All overlaps and lengths in a small block, against a byte-wise copy. */
KTEST(string, memmove_survives_every_overlap)
{
	static u8 tmp[SIZE];

	for (size_t n = 0; n <= 24; n++)
		for (size_t from = 0; from <= 24; from++)
			for (size_t to = 0; to <= 24; to++) {
				fill();
				for (size_t i = 0; i < n; i++)
					tmp[i] = model[from + i];
				for (size_t i = 0; i < n; i++)
					model[to + i] = tmp[i];
				memmove(block + to, block + from, n);
				KT_EQ(memcmp(block, model, SIZE), 0);
			}
}

KTEST_QUICK(string, memset_stays_inside)
{
	for (size_t n = 0; n <= 40; n++) {
		fill();
		memset(block + 3, 0xee, n);
		KT_TRUE(!memchr_inv(block + 3, 0xee, n));
		KT_EQ(memcmp(block, model, 3), 0);
		KT_EQ(memcmp(block + 3 + n, model + 3 + n, SIZE - 3 - n), 0);
	}
}

KTEST_QUICK(string, memcmp_orders_by_first_difference)
{
	for (size_t at = 0; at < SIZE; at++) {
		fill();
		block[at]++;
		KT_GT(memcmp(block, model, SIZE), 0);
		KT_LT(memcmp(model, block, SIZE), 0);
		KT_EQ(memcmp(block, model, at), 0);
	}
}

KTEST_QUICK(string, strscpy_always_ends_with_nul)
{
	char buf[4];

	KT_EQ(strscpy(buf, "abc", sizeof(buf)), 3);
	KT_EQ(strcmp(buf, "abc"), 0);
	KT_EQ(strscpy(buf, "abcd", sizeof(buf)), -E2BIG);
	KT_EQ(strcmp(buf, "abc"), 0);
	KT_EQ(strscpy(buf, "x", 0), -E2BIG);
}

KTEST_QUICK(string, searches_find_the_right_place)
{
	const char *s = "alpha.beta.gamma";

	KT_EQ(strchr(s, '.') - s, 5);
	KT_EQ(strrchr(s, '.') - s, 10);
	KT_EQ(strchr(s, '\0') - s, 16);
	KT_EQ(strstr(s, "beta") - s, 6);
	KT_TRUE(!strstr(s, "beto"));
	KT_EQ(strspn(s, "ahlp"), 5);
	KT_EQ(strcspn(s, "g."), 5);
	KT_TRUE(str_has_prefix(s, "alpha") && !str_has_prefix(s, "alphb"));
	KT_EQ((const char *)memchr(s, 'g', 16) - s, 11);
}
