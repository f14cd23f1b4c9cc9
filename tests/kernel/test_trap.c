/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_trap.c - ways into the kernel: exceptions, interrupts, NMIs
 */
#include "arch/x86/cpu/backtrace.h"
#include "arch/x86/cpu/irq.h"
#include "arch/x86/cpu/irqflags.h"
#include "arch/x86/cpu/lapic.h"
#include "arch/x86/cpu/msr.h"
#include "arch/x86/cpu/percpu.h"
#include "arch/x86/cpu/regs.h"
#include "arch/x86/cpu/vectors.h"
#include "arch/x86/mm/layout.h"
#include "arch/x86/mm/usercopy.h"
#include "kernel/lib/string.h"
#include "kernel/sync/preempt.h"
#include "kernel/test/ktest.h"

#define TEST_VECTOR 0x9f		/* the last of VECTOR_MSI's */
#define NOT_MAPPED ((void *)0x1000)	/* no program's: below the lowest that mmap gives */
#define BACKTRACE_MAX 32

static_assert(TEST_VECTOR == VECTOR_MSI + NR_MSI_VECTORS - 1, "the instruction needs a number");

/* ---- user copies ---- */

KTEST_QUICK(trap, copy_from_nowhere_copies_nothing)
{
	char buf[40];

	KT_EQ(arch_copy_user(buf, NOT_MAPPED, sizeof(buf)), sizeof(buf));
	KT_EQ(arch_copy_user(NOT_MAPPED, buf, 13), 13UL);
	KT_EQ(arch_clear_user(NOT_MAPPED, 9), 9UL);
	KT_EQ(arch_strncpy_user(buf, NOT_MAPPED, sizeof(buf)), (ssize_t)-EFAULT);
	KT_EQ(arch_strnlen_user(NOT_MAPPED, sizeof(buf)), (ssize_t)-EFAULT);
}

KTEST_QUICK(trap, cmpxchg_of_nowhere_is_an_error)
{
	u32 seen = 77;

	KT_EQ(arch_cmpxchg_user_u32(NOT_MAPPED, 1, 2, &seen), -EFAULT);
	KT_EQ(seen, 77U);
}

KTEST_QUICK(trap, copies_close_user_memory_again)
{
	char from[21] = "nineteen characters!", to[21];

	KT_EQ(arch_copy_user(to, from, sizeof(from)), 0UL);
	KT_EQ(memcmp(from, to, sizeof(from)), 0);
	KT_EQ(arch_copy_user(to, NOT_MAPPED, 5), 5UL);
	/* EFLAGS.AC: user memory is open while it is set */
	KT_EQ(arch_flags_read() & (1UL << 18), 0UL);
}

/* ---- interrupts ---- */

static unsigned int trap_hits;
static unsigned long trap_trace[BACKTRACE_MAX];
static unsigned int trap_trace_len;
static bool trap_irqs_were_off, trap_was_interrupt;

static void trap_test_irq(struct pt_regs *regs)
{
	trap_hits++;
	trap_irqs_were_off = irqs_disabled();
	trap_was_interrupt = in_interrupt();
	trap_trace_len = backtrace_collect(trap_trace, BACKTRACE_MAX);
	/* leave rubbish in the registers that C does not keep */
	__asm__ volatile("movq $-1, %%rcx; movq %%rcx, %%rdx; movq %%rcx, %%rsi; movq %%rcx, %%r8\n\t"
			 "movq %%rcx, %%r9; movq %%rcx, %%r10; movq %%rcx, %%r11"
			 ::: "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11");
	(void)regs;
}

/* Raise TEST_VECTOR with known registers; mix them afterwards into a sum. */
static noinline unsigned long trap_raise_and_sum(void)
{
	unsigned long sum;

	__asm__ volatile("movq $0x11, %%rbx; movq $0x22, %%rcx; movq $0x44, %%rdx\n\t"
			 "movq $0x88, %%rsi; movq $0x110, %%rdi; movq $0x220, %%r8\n\t"
			 "movq $0x440, %%r9; movq $0x880, %%r10; movq $0x1100, %%r11\n\t"
			 "movq $0x2200, %%r12; movq $0x4400, %%r13; movq $0x8800, %%r14\n\t"
			 "movq $0x11000, %%r15; movq $0x22000, %%rax\n\t"
			 "int %1\n\t"
			 "addq %%rbx, %%rax; addq %%rcx, %%rax; addq %%rdx, %%rax\n\t"
			 "addq %%rsi, %%rax; addq %%rdi, %%rax; addq %%r8, %%rax\n\t"
			 "addq %%r9, %%rax; addq %%r10, %%rax; addq %%r11, %%rax\n\t"
			 "addq %%r12, %%rax; addq %%r13, %%rax; addq %%r14, %%rax\n\t"
			 "addq %%r15, %%rax"
			 : "=a"(sum) : "i"(TEST_VECTOR)
			 : "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12",
			   "r13", "r14", "r15", "memory", "cc");
	return sum;
}

KTEST_QUICK(trap, registers_survive_an_interrupt)
{
	trap_hits = 0;
	KT_EQ(vector_register(TEST_VECTOR, trap_test_irq, "test"), 0);
	KT_CHECK_EQ(trap_raise_and_sum(), 0x43fefUL);
	KT_CHECK_EQ(trap_hits, 1U);
	KT_CHECK(trap_irqs_were_off);
	KT_CHECK(trap_was_interrupt);
	vector_unregister(TEST_VECTOR);
}

static bool trap_trace_has(void *function)
{
	unsigned long start = (unsigned long)function;

	for (unsigned int i = 0; i < trap_trace_len; i++)
		if (trap_trace[i] >= start && trap_trace[i] < start + 1024)
			return true;
	return false;
}

KTEST_QUICK(trap, backtrace_goes_through_an_interrupt)
{
	KT_EQ(vector_register(TEST_VECTOR, trap_test_irq, "test"), 0);
	(void)trap_raise_and_sum();
	vector_unregister(TEST_VECTOR);
	KT_TRUE(trap_trace_has((void *)trap_raise_and_sum));
}

KTEST_QUICK(trap, a_vector_has_one_owner)
{
	KT_EQ(vector_register(TEST_VECTOR, trap_test_irq, "test"), 0);
	KT_CHECK_EQ(vector_register(TEST_VECTOR, trap_test_irq, "test"), -EBUSY);
	vector_unregister(TEST_VECTOR);
	KT_EQ(vector_register(TRAP_PF, trap_test_irq, "test"), -EINVAL);
	KT_EQ(vector_register(NR_VECTORS, trap_test_irq, "test"), -EINVAL);
}

/* ---- the boundary of user mode ---- */

KTEST_QUICK(trap, gs_base_of_the_kernel_is_negative)
{
	/* what the NMI entry relies on */
	KT_LT((s64)rdmsr(MSR_GS_BASE), (s64)0);
	KT_EQ(rdmsr(MSR_GS_BASE), this_cpu_read(this_cpu_off));
	KT_EQ(cr4_read() & CR4_FSGSBASE, 0UL);
}

KTEST_QUICK(trap, syscall_enters_with_interrupts_off)
{
	KT_TRUE(rdmsr(MSR_SYSCALL_MASK) & X86_FLAGS_IF);
	KT_TRUE(rdmsr(MSR_EFER) & EFER_SCE);
	KT_TRUE(rdmsr(MSR_LSTAR) >= (u64)_text_start && rdmsr(MSR_LSTAR) < (u64)_text_end);
}
