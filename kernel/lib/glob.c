/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/glob.c - shell patterns
 *
 * Concept    Every element of a pattern but the star matches exactly one
 *            character. When something does not match, only the latest star can
 *            help: it takes one character more and the rest is tried again. An
 *            earlier star need not be reconsidered, for whatever it would leave
 *            to the latest one that one can reach itself. So there is no
 *            recursion, and the cost is at most the product of the lengths.
 * Owns       Nothing.
 * Locks      None.
 * Callers    kernel/test/ktest.c
 * Next       kernel/lib/crc32c.c
 */
#include "kernel/lib/glob.h"

/*
 * Match @c against the set behind '['. Return: the pattern behind ']', with
 * *@hit set; NULL if the set never ends, and '[' is a plain character then.
 */
static const char *glob_set(const char *p, char c, bool *hit)
{
	bool negated = *p == '!' || *p == '^', found = false;

	if (negated)
		p++;
	do {			/* a ']' in the first place is a member */
		char from = *p, to = from;

		if (!*p)
			return NULL;
		if (p[1] == '-' && p[2] && p[2] != ']') {
			to = p[2];
			p += 2;
		}
		found = found || (from <= c && c <= to);
		p++;
	} while (*p != ']');
	*hit = found != negated;
	return p + 1;
}

/* Match @c, not NUL, against one element. Return: what follows it, or NULL. */
static const char *glob_one(const char *p, char c)
{
	const char *after;
	bool hit;

	switch (*p) {
	case '\0':
		return NULL;
	case '?':
		return p + 1;
	case '[':
		after = glob_set(p + 1, c, &hit);
		if (after)
			return hit ? after : NULL;
		break;
	case '\\':
		if (p[1])
			p++;
		break;
	}
	return *p == c ? p + 1 : NULL;
}

bool glob_match(const char *pattern, const char *text)
{
	const char *star = NULL, *star_text = NULL, *after;

	for (;;) {
		if (*pattern == '*') {
			star = ++pattern;
			star_text = text;
			continue;
		}
		if (!*text && !*pattern)
			return true;
		after = *text ? glob_one(pattern, *text) : NULL;
		if (after) {
			pattern = after;
			text++;
			continue;
		}
		if (!star || !*star_text)
			return false;
		pattern = star;
		text = ++star_text;
	}
}
