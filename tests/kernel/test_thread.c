/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_thread.c - leaving one kernel stack and going on with another
 *
 * The tests switch by hand, with interrupts off and without the scheduler, from
 * the test's stack to one of their own and back.
 */
#include "arch/x86/cpu/gdt.h"
#include "arch/x86/cpu/irqflags.h"
#include "arch/x86/cpu/msr.h"
#include "arch/x86/cpu/thread.h"
#include "kernel/lib/string.h"
#include "kernel/test/ktest.h"

#define STACK_SIZE 8192
#define NR_ROUNDS 3

static u8 thread_stack[STACK_SIZE] __aligned(16);
static struct thread_state thread_here, thread_there;
static unsigned int thread_rounds;
static bool thread_irqs_were_off;
static void *thread_arg_seen;
static struct thread_state *thread_left;	/* what arch_switch_to() said was left */

static void thread_set_xmm0(u64 value)
{
	__asm__ volatile("movq %0, %%xmm0" :: "r"(value));
}

static u64 thread_get_xmm0(void)
{
	u64 value;

	__asm__ volatile("movq %%xmm0, %0" : "=r"(value));
	return value;
}

/* The other thread: counts, leaves its own number in XMM0, and goes back. */
static void thread_body(void *arg)
{
	thread_arg_seen = arg;
	thread_irqs_were_off = irqs_disabled();
	for (;;) {
		thread_rounds++;
		if (thread_there.user)
			thread_set_xmm0(0xbeef);
		thread_left = arch_switch_to(&thread_there, &thread_here);
	}
}

static void thread_begin(void)
{
	memset(&thread_here, 0, sizeof(thread_here));
	memset(&thread_there, 0, sizeof(thread_there));
	thread_here.stack_top = this_cpu_ptr(&cpu_tss)->rsp0;
	thread_rounds = 0;
	arch_thread_init(&thread_there, thread_stack + STACK_SIZE, thread_body, &thread_rounds);
}

KTEST_QUICK(thread, new_thread_gets_its_argument)
{
	unsigned long flags;

	thread_begin();
	local_irq_save(flags);
	thread_left = arch_switch_to(&thread_here, &thread_there);
	local_irq_restore(flags);
	KT_EQ(thread_rounds, 1U);
	KT_TRUE(thread_arg_seen == &thread_rounds && thread_irqs_were_off);
	KT_TRUE(thread_left == &thread_there);
}

KTEST_QUICK(thread, callee_saved_registers_come_back)
{
	unsigned long flags, sum;

	thread_begin();
	local_irq_save(flags);
	for (int i = 0; i < NR_ROUNDS; i++) {
		__asm__ volatile("movq $0x10, %%rbx; movq $0x200, %%r12; movq $0x3000, %%r13\n\t"
				 "movq $0x40000, %%r14; movq $0x500000, %%r15\n\t"
				 "call arch_switch_to\n\t"
				 "xorl %%eax, %%eax; addq %%rbx, %%rax; addq %%r12, %%rax\n\t"
				 "addq %%r13, %%rax; addq %%r14, %%rax; addq %%r15, %%rax"
				 : "=&a"(sum)
				 : "D"(&thread_here), "S"(&thread_there)
				 : "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12",
				   "r13", "r14", "r15", "memory", "cc");
		KT_CHECK_EQ(sum, 0x543210UL);
	}
	local_irq_restore(flags);
	KT_EQ(thread_rounds, (unsigned int)NR_ROUNDS);
}

KTEST_QUICK(thread, user_threads_have_their_own_fpu)
{
	unsigned long flags;
	u64 xmm0;

	thread_begin();
	thread_here.user = true;
	thread_there.user = true;
	local_irq_save(flags);
	thread_set_xmm0(0xcafe);
	for (int i = 0; i < NR_ROUNDS; i++)
		thread_left = arch_switch_to(&thread_here, &thread_there);
	xmm0 = thread_get_xmm0();
	local_irq_restore(flags);
	KT_EQ(xmm0, 0xcafeUL);
}

KTEST_QUICK(thread, segment_bases_follow_the_thread)
{
	unsigned long flags;
	u64 fs, gs;

	thread_begin();
	thread_here.user = true;
	thread_there.user = true;
	thread_there.fs_base = 0x1234000;
	local_irq_save(flags);
	arch_set_fs_base(&thread_here, 0x7000);
	arch_set_gs_base(&thread_here, 0x9000);
	thread_left = arch_switch_to(&thread_here, &thread_there);
	fs = arch_get_fs_base(&thread_here);
	gs = arch_get_gs_base(&thread_here);
	arch_set_fs_base(&thread_here, 0);
	arch_set_gs_base(&thread_here, 0);
	local_irq_restore(flags);
	KT_EQ(fs, 0x7000UL);
	KT_EQ(gs, 0x9000UL);
	KT_EQ(thread_there.fs_base, 0x1234000UL);
}

KTEST_QUICK(thread, entry_stack_follows_the_thread)
{
	unsigned long flags, before;

	thread_begin();
	local_irq_save(flags);
	before = this_cpu_ptr(&cpu_tss)->rsp0;
	thread_left = arch_switch_to(&thread_here, &thread_there);
	KT_CHECK_EQ(this_cpu_ptr(&cpu_tss)->rsp0, before);
	local_irq_restore(flags);
	KT_TRUE(thread_pt_regs(&thread_there) == (void *)(thread_stack + STACK_SIZE -
							  sizeof(struct pt_regs)));
}
