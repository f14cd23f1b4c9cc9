/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/parse.h - numbers and sizes from text
 *
 * Context of all: any. All refuse what does not fit into 64 bits.
 */
#ifndef KERNEL_LIB_PARSE_H
#define KERNEL_LIB_PARSE_H

#include "include/types.h"

/*
 * Read a number at *@text, decimal or 0x... hexadecimal, and move *@text behind
 * it. Return: 0, or -EINVAL (no digit), -ERANGE; *@text and *@value then stay.
 */
int __must_check parse_u64_at(const char **text, u64 *value);

/* Read a number that is all of @text. Return: 0, -EINVAL, -ERANGE. */
int __must_check parse_u64(const char *text, u64 *value);

/*
 * Read a size in bytes that is all of @text: a number with K, M, G or T, or none,
 * behind it, in either case. Return: 0, -EINVAL, -ERANGE.
 */
int __must_check parse_size(const char *text, u64 *bytes);

/* The same at *@text, which moves behind it. */
int __must_check parse_size_at(const char **text, u64 *bytes);

#endif
