/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/backtrace.c - who called whom, by frame pointers
 *
 * Concept    Every function keeps a frame record {caller's record, return
 *            address} at RBP; the entry code adds one for interrupted code, so
 *            the chain goes on through interrupts and across stacks. It ends
 *            at a record pointer of 0, or at anything that is not plausible: a
 *            broken stack must not break the panic that reports it.
 * Owns       What panic.c needs to know of the machine.
 * Locks      None.
 * Callers    kernel/lib/panic.c, the allocator's debugging.
 * Next       arch/x86/trap/trap.c
 */
#include "arch/x86/cpu/backtrace.h"
#include "arch/x86/cpu/exit.h"
#include "arch/x86/cpu/msr.h"
#include "arch/x86/cpu/percpu.h"
#include "arch/x86/cpu/regs.h"
#include "arch/x86/cpu/smp.h"
#include "arch/x86/mm/kernel_map.h"
#include "arch/x86/mm/layout.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"

#define BACKTRACE_MAX 32

struct frame_record {
	const struct frame_record *up;
	unsigned long ip;
};

static bool backtrace_is_text(unsigned long ip)
{
	return ip >= (unsigned long)_text_start && ip < (unsigned long)_text_end;
}

/* Follow the chain from @f. Checks once per page that it is mapped. */
static unsigned int backtrace_walk(const struct frame_record *f, unsigned long *out,
				   unsigned int nr, unsigned int max)
{
	unsigned long page = 0;

	while (nr < max && f && is_aligned((unsigned long)f, 8)) {
		unsigned long first = round_down((unsigned long)f, PAGE_SIZE);
		unsigned long last = round_down((unsigned long)&f->ip, PAGE_SIZE);

		if (first != page && !kernel_map_present(first))
			break;
		if (last != first && !kernel_map_present(last))
			break;
		page = last;
		if (!backtrace_is_text(f->ip))
			break;
		out[nr++] = f->ip - 1;	/* in the call, not behind it */
		f = f->up;
	}
	return nr;
}

unsigned int backtrace_collect(unsigned long *out, unsigned int max)
{
	const struct frame_record *f = __builtin_frame_address(0);

	return backtrace_walk(f->up, out, 0, max);
}

unsigned int backtrace_collect_regs(const struct pt_regs *regs, unsigned long *out,
				    unsigned int max)
{
	unsigned int nr = 0;

	if (user_mode(regs))
		return 0;
	if (max)
		out[nr++] = regs->ip;
	/* called through a bad pointer: the caller is on top of the stack */
	if (!backtrace_is_text(regs->ip) && nr < max && is_aligned(regs->sp, 8) &&
	    kernel_map_present(regs->sp) && backtrace_is_text(*(unsigned long *)regs->sp))
		out[nr++] = *(unsigned long *)regs->sp - 1;
	return backtrace_walk((const struct frame_record *)regs->bp, out, nr, max);
}

unsigned int backtrace_collect_sp(unsigned long sp, unsigned long *out, unsigned int max)
{
	/* as switch_stack() left it: r15 r14 r13 r12 bx, then bp and ip */
	return backtrace_walk((const struct frame_record *)(sp + 5 * 8), out, 0, max);
}

void backtrace_print(const unsigned long *addrs, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		printk(LOG_EMERG, "  [%u] %pS", i, (void *)addrs[i]);
}

void backtrace_here(void)
{
	unsigned long addrs[BACKTRACE_MAX];

	backtrace_print(addrs, backtrace_collect(addrs, BACKTRACE_MAX));
}

/* ---- what panic.c needs ---- */

static void backtrace_machine(const void *regs)
{
	unsigned long addrs[BACKTRACE_MAX];
	unsigned int nr;

	if (!regs) {
		printk(LOG_EMERG, "backtrace of cpu %u:", smp_processor_id());
		nr = backtrace_collect(addrs, BACKTRACE_MAX);
	} else {
		printk(LOG_EMERG, "backtrace of what was interrupted:");
		nr = backtrace_collect_regs(regs, addrs, BACKTRACE_MAX);
	}
	backtrace_print(addrs, nr);
}

static void backtrace_show_regs(const void *interrupted)
{
	const struct pt_regs *r = interrupted;

	printk(LOG_EMERG, "rip %016lx %pS", r->ip, (void *)r->ip);
	printk(LOG_EMERG, "rsp %016lx  rflags %08lx  cs %02lx  ss %02lx  cpu %u", r->sp, r->flags,
	       r->cs, r->ss, smp_processor_id());
	printk(LOG_EMERG, "rax %016lx  rbx %016lx  rcx %016lx  rdx %016lx", r->ax, r->bx, r->cx,
	       r->dx);
	printk(LOG_EMERG, "rsi %016lx  rdi %016lx  rbp %016lx  r8  %016lx", r->si, r->di, r->bp,
	       r->r8);
	printk(LOG_EMERG, "r9  %016lx  r10 %016lx  r11 %016lx  r12 %016lx", r->r9, r->r10, r->r11,
	       r->r12);
	printk(LOG_EMERG, "r13 %016lx  r14 %016lx  r15 %016lx", r->r13, r->r14, r->r15);
	printk(LOG_EMERG, "cr0 %08lx  cr2 %016lx  cr3 %016lx  cr4 %08lx", cr0_read(), cr2_read(),
	       cr3_read(), cr4_read());
}

__noreturn static void backtrace_exit(int code)
{
	machine_exit((u8)code);
}

static const struct panic_machine backtrace_panic_machine = {
	.stop_cpus = smp_stop_others,
	.backtrace = backtrace_machine,
	.show_regs = backtrace_show_regs,
	.exit = backtrace_exit,
	.halt = machine_halt,
};

void backtrace_init(void)
{
	panic_set_machine(&backtrace_panic_machine);
}
