/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/stack_protector.c - an overwritten stack frame ends the run
 *
 * Concept    The compiler stores a guard value between a function's buffers and
 *            its return address and compares before it returns. The value has a
 *            zero byte, so a string that runs over cannot write it back.
 * Owns       The guard value. It is one constant for all tasks: it finds
 *            mistakes, it does not keep out an attacker, and every boot is
 *            alike.
 * Locks      None.
 * Callers    The compiler.
 * Next       kernel/lib/ubsan.c
 */
#include "kernel/lib/stack_protector.h"
#include "kernel/lib/panic.h"

unsigned long __stack_chk_guard = 0x5af3c6e10098bd00UL;

void __stack_chk_fail(void)
{
	panic("stack smashed: a function wrote past a buffer in its frame and found out at %pS",
	      __builtin_return_address(0));
}
