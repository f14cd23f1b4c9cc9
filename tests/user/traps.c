/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/traps.c - what a program's exceptions, system calls and switches do to it */
#include "tests/user/test.h"
#include <setjmp.h>
#include <ucontext.h>

#define ARCH_SET_GS 0x1001
#define ARCH_SET_FS 0x1002

static sigjmp_buf back;
static volatile int sig_seen, code_seen;
static volatile uintptr_t addr_seen, ip_seen;
static volatile long trapno_seen;

static void note(int sig, siginfo_t *si, void *ctx)
{
	ucontext_t *uc = ctx;

	sig_seen = sig;
	code_seen = si->si_code;
	addr_seen = (uintptr_t)si->si_addr;
	ip_seen = (uintptr_t)uc->uc_mcontext.gregs[REG_RIP];
	trapno_seen = uc->uc_mcontext.gregs[REG_TRAPNO];
	siglongjmp(back, 1);
}

static void catch(int sig)
{
	struct sigaction sa = { .sa_sigaction = note, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	sigaction(sig, &sa, NULL);
}

static void catch_all(void)
{
	static const int sigs[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };

	for (unsigned int i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		catch(sigs[i]);
}

/* Do it; say which signal came, its code, and what its address is. */
#define RAISES(name, ...)							\
	do {									\
		sig_seen = 0;							\
		if (sigsetjmp(back, 1) == 0) {					\
			__VA_ARGS__;						\
		}								\
		if (!sig_seen)							\
			printf("%s: nothing\n", name);				\
		else								\
			printf("%s: signal %d code %d trap %ld address %s\n", name, \
			       sig_seen, code_seen, trapno_seen,		\
			       addr_seen == 0 ? "0" :				\
			       addr_seen == ip_seen ? "of the instruction" : "elsewhere"); \
	} while (0)

/* An address that the compiler knows nothing about. */
static void *at(uintptr_t addr)
{
	__asm__ volatile("" : "+r"(addr));
	return (void *)addr;
}

static void raise_by_instruction(void)
{
	RAISES("ud2", __asm__ volatile("ud2"));
	RAISES("divide by 0", __asm__ volatile("xorl %%edx, %%edx; movl $1, %%eax; "
					       "xorl %%ecx, %%ecx; divl %%ecx"
					       ::: "eax", "ecx", "edx", "cc"));
	RAISES("int3", __asm__ volatile("int3"));
	RAISES("int 4", __asm__ volatile("int $4"));
	RAISES("int 5", __asm__ volatile("int $5"));
	RAISES("int 0xf0", __asm__ volatile("int $0xf0"));
	RAISES("cli", __asm__ volatile("cli"));
	RAISES("hlt", __asm__ volatile("hlt"));
	RAISES("in", __asm__ volatile("inb $0x60, %%al" ::: "al"));
	RAISES("rdmsr", __asm__ volatile("rdmsr" :: "c"(0xc0000080) : "eax", "edx"));
	RAISES("mov from cr3", __asm__ volatile("movq %%cr3, %%rax" ::: "rax"));
	RAISES("load a bad segment", __asm__ volatile("movw %%ax, %%ds" :: "a"(0x50)));
	RAISES("single step", __asm__ volatile("pushfq; orl $0x100, (%rsp); popfq; nop; nop"));
}

static void raise_by_address(void)
{
	static char data[16] = { (char)0xc3 };
	char *page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	RAISES("read 0", (void)*(volatile int *)at(8));
	HOLDS(addr_seen == 8);
	RAISES("read kernel", (void)*(volatile int *)at(0xffffffff80200000UL));
	HOLDS(addr_seen == 0xffffffff80200000UL);
	RAISES("read non-canonical", (void)*(volatile int *)at(0x8000000000000000UL));
	RAISES("read the top page", (void)*(volatile int *)at(0x7ffffffff000UL));
	RAISES("write read-only", *(volatile char *)(page + 5) = 1);
	HOLDS(addr_seen == (uintptr_t)page + 5);
	RAISES("call data", ((void (*)(void))(uintptr_t)data)());
	HOLDS(addr_seen == (uintptr_t)data);
	RAISES("call 0", __asm__ volatile("xorl %%eax, %%eax; call *%%rax" ::: "rax", "memory"));
	RAISES("jump to the kernel", __asm__ volatile("jmp *%%rax" :: "a"(0xffffffff80200000UL)));
	RAISES("jump to the top page", __asm__ volatile("jmp *%%rax" :: "a"(0x7ffffffff000UL)));
	RAISES("jump non-canonical", __asm__ volatile("jmp *%%rax" :: "a"(0x8000000000000000UL)));
	munmap(page, PAGE);
}

static void leave(int sig)
{
	_exit(7);
}

static void leave_on(int sig)
{
	struct sigaction sa = { .sa_handler = leave, .sa_flags = SA_ONSTACK };

	sigaction(sig, &sa, NULL);
}

static int deep(int n)
{
	volatile char frame[1024];

	frame[n & 1023] = (char)n;
	return n < 0 ? 0 : deep(n + 1) + frame[n & 1023];
}

static void raise_by_stack(void)
{
	static char alt[32768];
	stack_t ss = { .ss_sp = alt, .ss_size = sizeof(alt) };
	struct rlimit small = { .rlim_cur = 256 * 1024, .rlim_max = RLIM_INFINITY };

	sigaltstack(&ss, NULL);
	IN_CHILD("endless recursion", setrlimit(RLIMIT_STACK, &small);
		 RAISES("its signal", deep(0)));
	IN_CHILD("no stack but the handler's", leave_on(SIGILL);
		 __asm__ volatile("movq $64, %%rsp; ud2" ::: "memory"));
	ss.ss_flags = SS_DISABLE;
	sigaltstack(&ss, NULL);
	IN_CHILD("no stack at all", leave_on(SIGILL);
		 __asm__ volatile("movq $64, %%rsp; ud2" ::: "memory"));
}

static void die_without_handlers(void)
{
	IN_CHILD("ud2, default", signal(SIGILL, SIG_DFL); __asm__ volatile("ud2"));
	IN_CHILD("ud2, ignored", signal(SIGILL, SIG_IGN); __asm__ volatile("ud2"));
	IN_CHILD("read 0, blocked", sigset_t set; sigemptyset(&set); sigaddset(&set, SIGSEGV);
		 sigprocmask(SIG_BLOCK, &set, NULL); (void)*(volatile int *)at(8));
	IN_CHILD("jump non-canonical, default", signal(SIGSEGV, SIG_DFL);
		 __asm__ volatile("jmp *%%rax" :: "a"(0x8000000000000000UL)));
}

/* ---- registers across system calls ---- */

struct regs_seen {
	uint64_t rbx, rdx, rsi, rdi, rbp, r8, r9, r10, r12, r13, r14, r15, rcx, r11, rip, flags;
};

static void syscall_with_known_registers(long nr, struct regs_seen *s)
{
	__asm__ volatile(
		"pushq %%rbp; pushq %%rdi\n\t"
		"movq $0x101, %%rbx; movq $0x202, %%rdx; movq $0x303, %%rsi; movq $0x505, %%rbp\n\t"
		"movq $0x606, %%r8; movq $0x707, %%r9; movq $0x808, %%r10; movq $0x909, %%r12\n\t"
		"movq $0xa0a, %%r13; movq $0xb0b, %%r14; movq $0xc0c, %%r15; movq $0x404, %%rdi\n\t"
		"std; syscall; 1: pushfq; cld\n\t"
		"movq %%rdi, %%rax; movq 8(%%rsp), %%rdi\n\t"
		"movq %%rbx, 0(%%rdi); movq %%rdx, 8(%%rdi); movq %%rsi, 16(%%rdi)\n\t"
		"movq %%rax, 24(%%rdi); movq %%rbp, 32(%%rdi); movq %%r8, 40(%%rdi)\n\t"
		"movq %%r9, 48(%%rdi); movq %%r10, 56(%%rdi); movq %%r12, 64(%%rdi)\n\t"
		"movq %%r13, 72(%%rdi); movq %%r14, 80(%%rdi); movq %%r15, 88(%%rdi)\n\t"
		"movq %%rcx, 96(%%rdi); movq %%r11, 104(%%rdi)\n\t"
		"leaq 1b(%%rip), %%rax; movq %%rax, 112(%%rdi)\n\t"
		"popq %%rax; movq %%rax, 120(%%rdi)\n\t"
		"popq %%rdi; popq %%rbp"
		: "+a"(nr), "+D"(s)
		:: "rbx", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
		   "memory", "cc");
}

static void registers_across_syscalls(void)
{
	static const long calls[] = { SYS_getpid, SYS_sched_yield, 9999 };

	for (unsigned int i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		struct regs_seen s;

		memset(&s, 0, sizeof(s));
		syscall_with_known_registers(calls[i], &s);
		HOLDS(s.rbx == 0x101 && s.rdx == 0x202 && s.rsi == 0x303 && s.rdi == 0x404 &&
		      s.rbp == 0x505);
		HOLDS(s.r8 == 0x606 && s.r9 == 0x707 && s.r10 == 0x808 && s.r12 == 0x909);
		HOLDS(s.r13 == 0xa0a && s.r14 == 0xb0b && s.r15 == 0xc0c);
		HOLDS(s.rcx == s.rip && s.r11 == s.flags);
		HOLDS(s.flags & 0x400);		/* DF is the program's own */
	}
}

/* ---- registers across switches ---- */

/* Spin with known registers until *stop, checking them at every turn. */
static int spin_registers(uint64_t seed, volatile int *stop)
{
	uint64_t bad = 0;

	__asm__ volatile(
		"movq %[seed], %%r8; leaq 1(%%r8), %%r9; leaq 2(%%r8), %%r10; leaq 3(%%r8), %%r11\n\t"
		"leaq 4(%%r8), %%r12; leaq 5(%%r8), %%r13; leaq 6(%%r8), %%r14; leaq 7(%%r8), %%r15\n\t"
		"movq %%r8, %%xmm0; movq %%r9, %%xmm7; movq %%r10, %%xmm15\n\t"
		"1: movq %%r15, %%rax; subq %%r8, %%rax; cmpq $7, %%rax; jne 2f\n\t"
		"movq %%r14, %%rax; subq %%r9, %%rax; cmpq $5, %%rax; jne 2f\n\t"
		"movq %%r13, %%rax; subq %%r10, %%rax; cmpq $3, %%rax; jne 2f\n\t"
		"movq %%r12, %%rax; subq %%r11, %%rax; cmpq $1, %%rax; jne 2f\n\t"
		"movq %%xmm0, %%rax; cmpq %%r8, %%rax; jne 2f\n\t"
		"movq %%xmm7, %%rax; cmpq %%r9, %%rax; jne 2f\n\t"
		"movq %%xmm15, %%rax; cmpq %%r10, %%rax; jne 2f\n\t"
		"cmpl $0, (%[stop]); je 1b; jmp 3f\n\t"
		"2: movq $1, %[bad]\n\t"
		"3:"
		: [bad] "+b"(bad)
		: [seed] "d"(seed), [stop] "S"(stop)
		: "rax", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
		  "xmm0", "xmm7", "xmm15",
		  "memory", "cc");
	return (int)bad;
}

static volatile int stop_spinning;

static void stop_now(int sig)
{
	stop_spinning = 1;
}

#define NR_SPINNERS 6

static void registers_across_switches(void)
{
	pid_t pids[NR_SPINNERS];
	int bad = 0;

	fflush(stdout);
	for (int i = 0; i < NR_SPINNERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			struct itimerval it = { .it_value.tv_usec = 300000 };

			signal(SIGALRM, stop_now);
			setitimer(ITIMER_REAL, &it, NULL);
			_exit(spin_registers((uint64_t)i << 40, &stop_spinning));
		}
	}
	for (int i = 0; i < NR_SPINNERS; i++) {
		int st = 0;

		waitpid(pids[i], &st, 0);
		bad += st != 0;
	}
	printf("spinners with wrong registers: %d\n", bad);
}

/* A handler uses every FPU register; the interrupted sum must not notice. */
static void ruin_fpu(int sig)
{
	__asm__ volatile("fninit; fldpi; pxor %%xmm0, %%xmm0; pxor %%xmm1, %%xmm1"
			 ::: "xmm0", "xmm1");
}

static void fpu_across_signals(void)
{
	double a;
	long double b = 1.5L;

	signal(SIGUSR1, ruin_fpu);
	__asm__ volatile("movq %[v], %%xmm1; movl %[pid], %%edi; movl %[sig], %%esi; "
			 "movl %[nr], %%eax; syscall; movq %%xmm1, %[a]"
			 : [a] "=r"(a)
			 : [v] "r"(0x3ff8000000000000UL), [pid] "g"(getpid()), [sig] "i"(SIGUSR1),
			   [nr] "i"(SYS_kill)
			 : "rax", "rcx", "rdi", "rsi", "r11", "xmm1", "memory");
	HOLDS(a == 1.5);
	__asm__ volatile("fldt %0" :: "m"(b));
	raise(SIGUSR1);
	__asm__ volatile("fstpt %0" : "=m"(b));
	HOLDS(b == 1.5L);
}

static void bases(void)
{
	static uint64_t word = 0x1122334455667788UL;
	uint64_t got = 0;

	SHOW(syscall(SYS_arch_prctl, ARCH_SET_GS, &word));
	sched_yield();
	__asm__ volatile("movq %%gs:0, %0" : "=r"(got));
	HOLDS(got == word);
	SHOW(syscall(SYS_arch_prctl, ARCH_SET_GS, 0xffffffff80000000UL));
	SHOW(syscall(SYS_arch_prctl, ARCH_SET_FS, 0x8000000000000000UL));
	SHOW(syscall(SYS_arch_prctl, 0x7777, 0));
}

int main(void)
{
	catch_all();
	raise_by_instruction();
	raise_by_address();
	raise_by_stack();
	die_without_handlers();
	registers_across_syscalls();
	registers_across_switches();
	fpu_across_signals();
	bases();
	return 0;
}
