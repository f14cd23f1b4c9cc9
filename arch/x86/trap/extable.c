/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/trap/extable.c - instructions that are allowed to fault
 *
 * Concept    EX_TABLE() in assembly records pairs {instruction, where to go on}.
 *            There are a handful, so the search is linear.
 * Owns       The table, read-only.
 * Callers    trap.c, fault.c.
 * Next       fault.c
 */
#include "arch/x86/trap/extable.h"

struct extable_entry {
	unsigned long insn, fixup;
};

extern const struct extable_entry __start_ex_table[], __stop_ex_table[];

unsigned long extable_find(unsigned long ip)
{
	for (const struct extable_entry *e = __start_ex_table; e < __stop_ex_table; e++)
		if (e->insn == ip)
			return e->fixup;
	return 0;
}
