/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/printf.h - text from a format and values
 *
 * Understood: flags - 0 + space #, width, .precision, both also as *, sizes
 * hh h l ll z t j, conversions d i u x X o c s p %. Ours alone: %pS prints an
 * address as symbol+offset (the compiler sees a plain %p). No floating point.
 */
#ifndef KERNEL_LIB_PRINTF_H
#define KERNEL_LIB_PRINTF_H

#include "include/types.h"

#ifdef LOCKSTEP_HOST_TEST
/* The host test of printf.c lives beside the host's own functions. */
#define vsnprintf ls_vsnprintf
#define snprintf ls_snprintf
#define scnprintf ls_scnprintf
#endif

/*
 * Write at most @size bytes of text to @buf, the final NUL included (none is
 * written if @size is 0).
 * Context: any.
 * Return: the length that the whole text has, NUL not counted.
 */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list args);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

/* Like snprintf(). Return: the length that is now in @buf. */
int scnprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

#endif
