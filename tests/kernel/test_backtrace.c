/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_backtrace.c - who called whom
 */
#include "arch/x86/cpu/backtrace.h"
#include "arch/x86/cpu/regs.h"
#include "arch/x86/mm/kernel_map.h"
#include "arch/x86/mm/layout.h"
#include "kernel/lib/ksyms.h"
#include "kernel/lib/string.h"
#include "kernel/test/ktest.h"

#define MAX_FRAMES 16

static unsigned long trace[MAX_FRAMES];
static unsigned int trace_len;

static noinline void backtrace_test_inner(void)
{
	trace_len = backtrace_collect(trace, MAX_FRAMES);
	__asm__ volatile("" ::: "memory");
}

static noinline void backtrace_test_outer(void)
{
	backtrace_test_inner();
	__asm__ volatile("" ::: "memory");
}

KTEST_QUICK(backtrace, names_the_callers_innermost_first)
{
	struct ksym sym;

	backtrace_test_outer();
	KT_GE(trace_len, 3U);
	KT_TRUE(ksym_find(trace[0], &sym) && strcmp(sym.name, "backtrace_test_outer") == 0);
	for (unsigned int i = 0; i < trace_len; i++)
		KT_TRUE(trace[i] >= (unsigned long)_text_start &&
			trace[i] < (unsigned long)_text_end);
}

KTEST_QUICK(backtrace, stops_at_the_limit)
{
	unsigned long one[2] = { 0, 0x5a5a };

	KT_EQ(backtrace_collect(one, 1), 1U);
	KT_EQ(one[1], 0x5a5aUL);
	KT_EQ(backtrace_collect(one, 0), 0U);
}

KTEST_QUICK(backtrace, a_broken_chain_ends_quietly)
{
	unsigned long text = (unsigned long)backtrace_collect;
	unsigned long record[2] = { 0, text }, wrong[2] = { 0, 0x1234 };
	unsigned long loop[2] = { 0, text };
	struct pt_regs regs = { .ip = text, .cs = KERNEL_CS };

	loop[0] = (unsigned long)loop;
	regs.sp = (unsigned long)record;
	regs.bp = 0;
	KT_EQ(backtrace_collect_regs(&regs, trace, MAX_FRAMES), 1U);
	regs.bp = (unsigned long)record;
	KT_EQ(backtrace_collect_regs(&regs, trace, MAX_FRAMES), 2U);
	regs.bp = (unsigned long)wrong;
	KT_EQ(backtrace_collect_regs(&regs, trace, MAX_FRAMES), 1U);
	regs.bp = (unsigned long)record + 1;		/* not aligned */
	KT_EQ(backtrace_collect_regs(&regs, trace, MAX_FRAMES), 1U);
	regs.bp = cpu_stack_top(0, CPU_STACK_DB);	/* the unmapped page above */
	KT_EQ(backtrace_collect_regs(&regs, trace, MAX_FRAMES), 1U);
	regs.bp = 0x7ffffffff000UL;			/* a program's */
	KT_EQ(backtrace_collect_regs(&regs, trace, MAX_FRAMES), 1U);
	regs.bp = (unsigned long)loop;			/* its own caller */
	KT_EQ(backtrace_collect_regs(&regs, trace, MAX_FRAMES), (unsigned int)MAX_FRAMES);
}

KTEST_QUICK(backtrace, a_jump_to_nowhere_still_shows_the_caller)
{
	unsigned long text = (unsigned long)backtrace_collect;
	unsigned long stack[1] = { text + 1 };
	struct pt_regs regs = { .ip = 0, .cs = KERNEL_CS, .sp = (unsigned long)stack };

	KT_EQ(backtrace_collect_regs(&regs, trace, MAX_FRAMES), 2U);
	KT_EQ(trace[0], 0UL);
	KT_EQ(trace[1], text);
}

KTEST_QUICK(backtrace, a_program_has_none)
{
	struct pt_regs regs = { .ip = 0x400000, .cs = USER_CS };

	KT_EQ(backtrace_collect_regs(&regs, trace, MAX_FRAMES), 0U);
}
