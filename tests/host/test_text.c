/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/host/test_text.c - glob.c, parse.c, crc32c.c, bitmap.h against naive models */
/* Links: kernel/lib/glob.c kernel/lib/parse.c kernel/lib/crc32c.c tests/host/host.c */
#include <fnmatch.h>

#include "tests/host/host.h"
#include "kernel/lib/bitmap.h"
#include "kernel/lib/crc32c.h"
#include "kernel/lib/glob.h"
#include "kernel/lib/parse.h"
#include "kernel/lib/rand.h"

static struct rand_state r;

static void random_text(char *s, size_t max, const char *letters)
{
	size_t n = rand_below(&r, max);

	for (size_t i = 0; i < n; i++)
		s[i] = letters[rand_below(&r, strlen(letters))];
	s[n] = '\0';
}

static void globs_match_fnmatch(void)
{
	char pattern[12], text[12];

	rand_seed(&r, 11);
	for (int op = 0; op < 500000; op++) {
		random_text(pattern, sizeof(pattern), "ab*?");
		random_text(text, sizeof(text), "ab");
		HT_EQ(glob_match(pattern, text), fnmatch(pattern, text, 0) == 0);
	}
}

static void sets_match_fnmatch(void)
{
	char inner[6], pattern[24], text[3];

	rand_seed(&r, 12);
	for (int op = 0; op < 200000; op++) {
		random_text(inner, sizeof(inner), "abcd");
		if (!*inner)
			continue;
		snprintf(pattern, sizeof(pattern), "%s[%s%s%s]%s",
			 rand_below(&r, 2) ? "*" : "", rand_below(&r, 2) ? "!" : "",
			 inner, rand_below(&r, 3) ? "" : "x-z",
			 rand_below(&r, 2) ? "?" : "");
		random_text(text, sizeof(text), "abcdxyz");
		HT_EQ(glob_match(pattern, text), fnmatch(pattern, text, 0) == 0);
	}
	/* whatever it is, it ends and stays in its bounds */
	for (int op = 0; op < 200000; op++) {
		random_text(pattern, sizeof(pattern), "[]!-\\a*");
		random_text(text, sizeof(text), "a[]-");
		glob_match(pattern, text);
	}
}

static void numbers_match_strtoull(void)
{
	char text[24], *end;

	rand_seed(&r, 13);
	for (int op = 0; op < 200000; op++) {
		bool hex = rand_below(&r, 2);
		u64 v = 0, want;
		int err;

		strcpy(text, hex ? "0x" : "");
		random_text(text + strlen(text), 22, hex ? "0123456789abcdefF" : "0123456789");
		errno = 0;
		want = strtoull(text, &end, hex ? 16 : 10);
		err = parse_u64(text, &v);
		if (*end || end == text || (hex && !text[2]))
			HT_EQ(err, -EINVAL);
		else if (errno == ERANGE)
			HT_EQ(err, -ERANGE);
		else
			HT_TRUE(err == 0 && v == want);
	}
}

/* The definition, bit by bit. */
static u32 slow_crc(const u8 *p, size_t n)
{
	u32 crc = ~0U;

	while (n--) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78U : 0);
	}
	return ~crc;
}

static void crc_matches_its_definition(void)
{
	u8 data[100];

	rand_seed(&r, 14);
	for (int op = 0; op < 20000; op++) {
		size_t n = rand_below(&r, sizeof(data) + 1), cut = rand_below(&r, n + 1);

		for (size_t i = 0; i < n; i++)
			data[i] = (u8)rand_u64(&r);
		HT_EQ(crc32c(crc32c(0, data, cut), data + cut, n - cut),
		      slow_crc(data, n));
	}
	HT_EQ(crc32c(0, "123456789", 9), 0xe3069283U);
}

static void bitmaps_match_an_array(void)
{
	enum { BITS = 150 };
	DECLARE_BITMAP(map, BITS);
	bool model[BITS] = {};

	rand_seed(&r, 15);
	bitmap_zero(map, BITS);
	for (int op = 0; op < 100000; op++) {
		size_t bit = rand_below(&r, BITS), next = rand_below(&r, BITS + 1);
		size_t set = next, clear = next, weight = 0;

		switch (rand_below(&r, 3)) {
		case 0: bitmap_set(map, bit); model[bit] = true; break;
		case 1: bitmap_clear(map, bit); model[bit] = false; break;
		case 2: HT_EQ(bitmap_test_and_set(map, bit), model[bit]);
			model[bit] = true;
			break;
		}
		if (op % 1000 == 0) {
			bool fill = op % 2000 == 0;

			fill ? bitmap_fill(map, BITS) : bitmap_zero(map, BITS);
			memset(model, fill, sizeof(model));
		}
		while (set < BITS && !model[set])
			set++;
		while (clear < BITS && model[clear])
			clear++;
		for (size_t i = 0; i < BITS; i++)
			weight += model[i];
		HT_EQ(find_next_bit(map, BITS, next), set);
		HT_EQ(find_next_zero_bit(map, BITS, next), clear);
		HT_EQ(bitmap_weight(map, BITS), weight);
		HT_EQ(bitmap_empty(map, BITS), weight == 0);
	}
}

int main(void)
{
	host_run("globs match fnmatch", globs_match_fnmatch);
	host_run("sets match fnmatch", sets_match_fnmatch);
	host_run("numbers match strtoull", numbers_match_strtoull);
	host_run("crc matches its definition", crc_matches_its_definition);
	host_run("bitmaps match an array", bitmaps_match_an_array);
	return host_done();
}
