/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/string.c - memory blocks and strings
 *
 * Concept    The compiler calls memcpy, memmove, memset and memcmp on its own,
 *            so they exist under exactly these names. Blocks move eight bytes
 *            at a time with the string instructions: one instruction per word
 *            when instructions are counted, and fast microcode on hardware. The
 *            last word overlaps the one before it instead of a byte loop.
 * Owns       Nothing.
 * Locks      None; any context. The direction flag is clear in all kernel code
 *            (the System V ABI says so and the entry code makes it so).
 * Callers    Everybody.
 * Next       kernel/lib/printf.c
 */
#include "kernel/lib/string.h"

/* Else gcc recognises the loop in strlen() and replaces it by strlen(). */
#pragma GCC optimize("no-tree-loop-distribute-patterns")

/* A word at any address, allowed to alias what is there. */
struct string_word {
	u64 v;
} __attribute__((packed, may_alias));

static inline u64 string_load(const void *p)
{
	return ((const struct string_word *)p)->v;
}

static inline void string_store(void *p, u64 v)
{
	((struct string_word *)p)->v = v;
}

void *memcpy(void *dst, const void *src, size_t n)
{
	size_t words = n / 8;
	u64 last;
	void *d = dst;
	const void *s = src;

	if (n < 8) {
		for (size_t i = 0; i < n; i++)
			((u8 *)dst)[i] = ((const u8 *)src)[i];
		return dst;
	}
	last = string_load((const u8 *)src + n - 8);
	__asm__ volatile("rep movsq" : "+D"(d), "+S"(s), "+c"(words)
			 : : "memory");
	string_store((u8 *)dst + n - 8, last);
	return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
	u8 *d = dst;
	const u8 *s = src;

	/* Forward is safe unless dst lies inside the source block. */
	if ((uintptr_t)dst - (uintptr_t)src >= n)
		return memcpy(dst, src, n);
	for (; n >= 8; n -= 8)
		string_store(d + n - 8, string_load(s + n - 8));
	while (n--)
		d[n] = s[n];
	return dst;
}

void *memset(void *dst, int c, size_t n)
{
	u64 word = 0x0101010101010101UL * (u8)c;
	size_t words = n / 8;
	void *d = dst;

	if (n < 8) {
		for (size_t i = 0; i < n; i++)
			((volatile u8 *)dst)[i] = (u8)c;
		return dst;
	}
	__asm__ volatile("rep stosq" : "+D"(d), "+c"(words) : "a"(word)
			 : "memory");
	string_store((u8 *)dst + n - 8, word);
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *x = a, *y = b;

	while (n >= 8 && string_load(x) == string_load(y)) {
		x += 8;
		y += 8;
		n -= 8;
	}
	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

void *memchr(const void *s, int c, size_t n)
{
	const u8 *p = s;

	for (; n; n--, p++)
		if (*p == (u8)c)
			return (void *)p;
	return NULL;
}

const void *memchr_inv(const void *s, int c, size_t n)
{
	u64 word = 0x0101010101010101UL * (u8)c;
	const u8 *p = s;

	while (n >= 8 && string_load(p) == word) {
		p += 8;
		n -= 8;
	}
	for (; n; n--, p++)
		if (*p != (u8)c)
			return p;
	return NULL;
}

size_t strlen(const char *s)
{
	const char *p = s;

	while (*p)
		p++;
	return (size_t)(p - s);
}

size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (u8)*a - (u8)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++)
		if (*a != *b || !*a)
			return (u8)*a - (u8)*b;
	return 0;
}

char *strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)s;
		if (!*s)
			return NULL;
	}
}

char *strrchr(const char *s, int c)
{
	const char *found = NULL;

	for (;; s++) {
		if (*s == (char)c)
			found = s;
		if (!*s)
			return (char *)found;
	}
}

char *strstr(const char *s, const char *part)
{
	size_t n = strlen(part);

	for (;; s++) {
		if (strncmp(s, part, n) == 0)
			return (char *)s;
		if (!*s)
			return NULL;
	}
}

/* Length of the start of @s in which strchr(@set, c) is (not) NULL. */
static size_t string_span(const char *s, const char *set, bool in_set)
{
	size_t n = 0;

	while (s[n] && (strchr(set, s[n]) != NULL) == in_set)
		n++;
	return n;
}

size_t strspn(const char *s, const char *accept)
{
	return string_span(s, accept, true);
}

size_t strcspn(const char *s, const char *reject)
{
	return string_span(s, reject, false);
}

ssize_t strscpy(char *dst, const char *src, size_t size)
{
	size_t n = strnlen(src, size);

	if (size == 0)
		return -E2BIG;
	if (n == size) {
		memcpy(dst, src, size - 1);
		dst[size - 1] = '\0';
		return -E2BIG;
	}
	memcpy(dst, src, n + 1);
	return (ssize_t)n;
}

bool str_has_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}
