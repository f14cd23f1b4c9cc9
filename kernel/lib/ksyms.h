/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/ksyms.h - from an address in the kernel to the function's name
 *
 * tools/ksyms makes the table from the first link and puts it into the second.
 */
#ifndef KERNEL_LIB_KSYMS_H
#define KERNEL_LIB_KSYMS_H

#include "include/types.h"

struct ksym {
	const char *name;
	unsigned long offset;	/* of the address in the function */
};

/*
 * Find the function that @addr lies in.
 * Context: any, a panic included; takes no lock.
 * Return: true and *@sym, or false if no function is near.
 */
bool ksym_find(unsigned long addr, struct ksym *sym);

#endif
