/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/ksyms.c - from an address in the kernel to the function's name
 *
 * Concept    nm's list of functions, sorted by address, is linked into the
 *            image by a second link (tools/ksyms); a look-up is a binary
 *            search for the last function that begins at or before the address.
 * Owns       Nothing: the table is read-only data.
 * Locks      None; any context, a panic included.
 * Invariants ksym_addrs[] ascends.
 * Callers    Backtraces, %pS of printf.c, reports that name a callback.
 * Next       kernel/lib/list.h
 */
#include "kernel/lib/ksyms.h"

/* Longer than any function of ours: an address farther off is no code. */
#define KSYM_MAX_OFFSET (64 * 1024UL)

extern const u64 ksym_addrs[];
extern const char *const ksym_names[];
extern const u32 ksym_count;

bool ksym_find(unsigned long addr, struct ksym *sym)
{
	size_t lo = 0, hi = ksym_count;

	/* all before lo begin at or below addr, all from hi on above it */
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (ksym_addrs[mid] <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == 0 || addr - ksym_addrs[lo - 1] > KSYM_MAX_OFFSET)
		return false;
	sym->name = ksym_names[lo - 1];
	sym->offset = addr - ksym_addrs[lo - 1];
	return true;
}
