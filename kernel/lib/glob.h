/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/glob.h - shell patterns: * ? [a-z] [!a-z] \x
 */
#ifndef KERNEL_LIB_GLOB_H
#define KERNEL_LIB_GLOB_H

#include "include/types.h"

/* Tell whether @pattern matches all of @text. Context: any. */
bool glob_match(const char *pattern, const char *text);

#endif
