/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/parse.c - numbers and sizes from text
 *
 * Concept    One reader that stops where the number stops; what must be all of
 *            the text is the reader and a look at the end.
 * Owns       Nothing.
 * Locks      None.
 * Callers    Handlers of boot options, system files.
 * Next       kernel/lib/glob.c
 */
#include "kernel/lib/parse.h"

static int parse_digit(char c, unsigned int base)
{
	int d;

	if (c >= '0' && c <= '9')
		d = c - '0';
	else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		d = (c | 0x20) - 'a' + 10;
	else
		return -1;
	return d < (int)base ? d : -1;
}

int parse_u64_at(const char **text, u64 *value)
{
	const char *p = *text;
	unsigned int base = 10;
	u64 v = 0;

	if (p[0] == '0' && (p[1] | 0x20) == 'x' && parse_digit(p[2], 16) >= 0) {
		base = 16;
		p += 2;
	}
	if (parse_digit(*p, base) < 0)
		return -EINVAL;
	for (int d; (d = parse_digit(*p, base)) >= 0; p++) {
		if (v > (~0UL - (u64)d) / base)
			return -ERANGE;
		v = v * base + (u64)d;
	}
	*text = p;
	*value = v;
	return 0;
}

int parse_u64(const char *text, u64 *value)
{
	u64 v;
	int err = parse_u64_at(&text, &v);

	if (err)
		return err;
	if (*text)
		return -EINVAL;
	*value = v;
	return 0;
}

static unsigned int parse_size_shift(char suffix)
{
	switch (suffix | 0x20) {
	case 'k': return 10;
	case 'm': return 20;
	case 'g': return 30;
	case 't': return 40;
	default: return 0;
	}
}

int parse_size_at(const char **text, u64 *bytes)
{
	const char *p = *text;
	unsigned int shift;
	u64 v;
	int err = parse_u64_at(&p, &v);

	if (err)
		return err;
	shift = parse_size_shift(*p);
	if (v > ~0UL >> shift)
		return -ERANGE;
	*text = shift ? p + 1 : p;
	*bytes = v << shift;
	return 0;
}

int parse_size(const char *text, u64 *bytes)
{
	u64 v;
	int err = parse_size_at(&text, &v);

	if (err)
		return err;
	if (*text)
		return -EINVAL;
	*bytes = v;
	return 0;
}
