/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/string.h - memory blocks and strings, with the C library's names
 *
 * All may be called in any context.
 */
#ifndef KERNEL_LIB_STRING_H
#define KERNEL_LIB_STRING_H

#include "include/types.h"

#if defined(LOCKSTEP_HOST_TEST) && !defined(LOCKSTEP_HOST_STRING)
#include <string.h>
#else
#ifdef LOCKSTEP_HOST_STRING
/* The host test of string.c lives beside the host's own functions. */
#define memcpy ls_memcpy
#define memmove ls_memmove
#define memset ls_memset
#define memcmp ls_memcmp
#define memchr ls_memchr
#define strlen ls_strlen
#define strnlen ls_strnlen
#define strcmp ls_strcmp
#define strncmp ls_strncmp
#define strchr ls_strchr
#define strrchr ls_strrchr
#define strstr ls_strstr
#define strspn ls_strspn
#define strcspn ls_strcspn
#endif

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *s, const char *part);
size_t strspn(const char *s, const char *accept);
size_t strcspn(const char *s, const char *reject);
#endif

/*
 * Copy @src to @dst of @size bytes, always with a final NUL.
 * Return: the length copied, or -E2BIG if @src was cut off (or @size is 0).
 */
ssize_t strscpy(char *dst, const char *src, size_t size);

/*
 * Find the first byte of [@s, @s + @n) that is not @c.
 * Return: its address, or NULL if all are @c (poison checks).
 */
const void *memchr_inv(const void *s, int c, size_t n);

/* Tell whether @s begins with @prefix. */
bool str_has_prefix(const char *s, const char *prefix);

#endif
