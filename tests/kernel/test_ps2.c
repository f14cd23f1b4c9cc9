/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_ps2.c - from scan codes to characters
 */
#include "drivers/video/ps2.h"
#include "kernel/lib/string.h"
#include "kernel/test/ktest.h"

/* What these codes type. */
static const char *typed(struct ps2_keys *k, const u8 *codes, size_t nr)
{
	static char text[64];
	size_t len = 0;
	u8 out[4];

	for (size_t i = 0; i < nr; i++) {
		unsigned int n = ps2_decode(k, codes[i], out);

		memcpy(text + len, out, n);
		len += n;
	}
	text[len] = 0;
	return text;
}

#define TYPED(k, text, ...)							\
	do {									\
		const u8 _codes[] = { __VA_ARGS__ };				\
		KT_CHECK(!strcmp(typed(k, _codes, sizeof(_codes)), text));	\
	} while (0)

KTEST_QUICK(ps2, keys_become_characters)
{
	struct ps2_keys k = { 0 };

	TYPED(&k, "ls\r", 0x26, 0xa6, 0x1f, 0x9f, 0x1c, 0x9c);
	TYPED(&k, "Aa!", 0x2a, 0x1e, 0x9e, 0xaa, 0x1e, 0x9e, 0x36, 0x02, 0xb6);
	TYPED(&k, "\x7f\t\x1b 0/", 0x0e, 0x0f, 0x01, 0x39, 0x0b, 0x35);
	TYPED(&k, "Aa1", 0x3a, 0xba, 0x1e, 0x2a, 0x1e, 0xaa, 0x02);	/* caps lock */
}

KTEST_QUICK(ps2, control_and_alt_change_them)
{
	struct ps2_keys k = { 0 };

	TYPED(&k, "\x03" "c", 0x1d, 0x2e, 0xae, 0x9d, 0x2e);
	TYPED(&k, "\x03", 0xe0, 0x1d, 0x2e, 0xae, 0xe0, 0x9d);	/* the right one */
	TYPED(&k, "\x1b" "b", 0x38, 0x30, 0xb8);
	TYPED(&k, "\x1c", 0x1d, 0x2b, 0x9d);
}

KTEST_QUICK(ps2, grey_keys_are_escape_sequences)
{
	struct ps2_keys k = { 0 };

	TYPED(&k, "\x1b[A\x1b[B", 0xe0, 0x48, 0xe0, 0xc8, 0xe0, 0x50, 0xe0, 0xd0);
	TYPED(&k, "\x1b[5~", 0xe0, 0x2a, 0xe0, 0x49, 0xe0, 0xc9, 0xe0, 0xaa);
	TYPED(&k, "8", 0x48, 0xc8);
	TYPED(&k, "\r", 0xe0, 0x1c);
}

KTEST(ps2, any_code_is_survived)
{
	struct ps2_keys k = { 0 };
	u8 out[4];

	for (int round = 0; round < 4; round++)
		for (int code = 0; code < 256; code++)
			KT_LE(ps2_decode(&k, (u8)code, out), 4U);
}
