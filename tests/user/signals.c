/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/signals.c - handlers, masks, stacks, frames, restarts, stops */
#include "tests/user/test.h"
#include <limits.h>
#include <setjmp.h>
#include <ucontext.h>

static volatile int count, last, on_stack, depth, max_depth, runs;
static volatile siginfo_t seen;
static volatile long err, trapno;
static char *fault_page;
static sigjmp_buf jump;
/* Volatile, so that the compiler knows nothing about what it leads to. */
static volatile int *volatile nowhere;
static char stack_area[32768];

static void plain(int sig)
{
	count++;
	last = sig;
}

static void detailed(int sig, siginfo_t *si, void *ctx)
{
	seen = *si;
	last = sig;
	count++;
}

static void nested(int sig)
{
	if (++depth > max_depth)
		max_depth = depth;
	if (++runs < 3)
		raise(sig);
	depth--;
}

static void stack_probe(int sig)
{
	char here;

	on_stack = &here >= stack_area && &here < stack_area + sizeof(stack_area);
}

static void set(int sig, void (*fn)(int), int flags)
{
	struct sigaction sa = { .sa_handler = fn, .sa_flags = flags };

	sigaction(sig, &sa, NULL);
}

static void set_info(int sig, void (*fn)(int, siginfo_t *, void *), int flags)
{
	struct sigaction sa = { .sa_sigaction = fn, .sa_flags = flags | SA_SIGINFO };

	sigaction(sig, &sa, NULL);
}

static void test_basics(void)
{
	struct sigaction sa;

	set(SIGUSR1, plain, 0);
	SHOW(raise(SIGUSR1));
	printf("count %d last %d\n", count, last);
	SHOW(kill(getpid(), SIGUSR1));
	printf("count %d\n", count);
	set_info(SIGUSR1, detailed, 0);
	kill(getpid(), SIGUSR1);
	printf("code %d, from me %d\n", seen.si_code, seen.si_pid == getpid());
	raise(SIGUSR1);
	printf("raise: code %d, from me %d\n", seen.si_code, seen.si_pid == getpid());
	sigaction(SIGUSR1, NULL, &sa);
	printf("flags %x\n", (unsigned int)sa.sa_flags & (SA_SIGINFO | SA_RESTART | SA_NODEFER));
	set(SIGUSR2, plain, SA_RESETHAND);
	raise(SIGUSR2);
	sigaction(SIGUSR2, NULL, &sa);
	HOLDS(sa.sa_handler == SIG_DFL);
	set(SIGUSR1, nested, 0);
	raise(SIGUSR1);
	printf("deferred: depth %d\n", max_depth);
	depth = max_depth = runs = 0;
	set(SIGUSR1, nested, SA_NODEFER);
	raise(SIGUSR1);
	printf("not deferred: depth %d\n", max_depth);
	SHOW(kill(getpid(), 65));
	SHOW(kill(getpid(), -1));
	SHOW(kill(999999, SIGTERM));
	sa.sa_handler = plain;
	SHOW(sigaction(SIGKILL, &sa, NULL));
	SHOW(syscall(SYS_rt_sigaction, SIGSTOP, &sa, NULL, 8));
	SHOW(syscall(SYS_rt_sigaction, 0, NULL, NULL, 8));
	SHOW(syscall(SYS_rt_sigaction, 65, NULL, NULL, 8));
	SHOW(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 4));
	signal(SIGUSR1, SIG_IGN);
	SHOW(raise(SIGUSR1));
}

static void test_masks(void)
{
	sigset_t block, old, pend;
	struct timespec ts = { .tv_nsec = 20000000 };
	siginfo_t si;

	count = 0;
	set(SIGUSR1, plain, 0);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	sigaddset(&block, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &block, &old);
	raise(SIGUSR1);
	raise(SIGUSR1);
	sigpending(&pend);
	printf("blocked: count %d, pending %d %d\n", count, sigismember(&pend, SIGUSR1),
	       sigismember(&pend, SIGUSR2));
	sigprocmask(SIG_SETMASK, &old, NULL);
	printf("unblocked: count %d (twice is once)\n", count);
	sigprocmask(SIG_BLOCK, &block, NULL);
	raise(SIGUSR1);
	sigemptyset(&pend);
	SHOW(sigsuspend(&pend));
	printf("suspend: count %d\n", count);
	sigprocmask(SIG_BLOCK, NULL, &pend);
	HOLDS(sigismember(&pend, SIGUSR1));
	SHOW(sigtimedwait(&block, &si, &ts));
	raise(SIGUSR1);
	SHOW(sigtimedwait(&block, &si, &ts));
	printf("taken without a handler: code %d, count %d\n", si.si_code, count);
	set(SIGRTMIN, plain, 0);
	for (int i = 0; i < 3; i++)
		sigqueue(getpid(), SIGRTMIN, (union sigval) { .sival_int = i });
	SHOW(sigwaitinfo(&block, &si) == SIGRTMIN);
	printf("queued value %d code %d\n", si.si_value.sival_int, si.si_code);
	sigprocmask(SIG_SETMASK, &old, NULL);
	printf("real-time signals are queued: count %d\n", count);
	sigfillset(&block);
	sigprocmask(SIG_SETMASK, &block, NULL);
	sigprocmask(SIG_SETMASK, NULL, &pend);
	printf("kill, stop, usr1 blocked: %d %d %d\n", sigismember(&pend, SIGKILL),
	       sigismember(&pend, SIGSTOP), sigismember(&pend, SIGUSR1));
	sigprocmask(SIG_SETMASK, &old, NULL);
	SHOW(syscall(SYS_rt_sigprocmask, 7, &block, NULL, 8));
	SHOW(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &block, NULL, 16));
}

static void fault(int sig, siginfo_t *si, void *ctx)
{
	ucontext_t *uc = ctx;

	seen = *si;
	last = sig;
	err = uc->uc_mcontext.gregs[REG_ERR];
	trapno = uc->uc_mcontext.gregs[REG_TRAPNO];
	if (sig == SIGSEGV)
		HOLDS(uc->uc_mcontext.gregs[REG_CR2] == (long)si->si_addr);
	siglongjmp(jump, 1);
}

/* The handler repairs the cause: the access is repeated. */
static void repair(int sig, siginfo_t *si, void *ctx)
{
	count++;
	mprotect(fault_page, PAGE, PROT_READ | PROT_WRITE);
}

/* The handler changes the registers of what it interrupted. */
static void skip(int sig, siginfo_t *si, void *ctx)
{
	ucontext_t *uc = ctx;

	count++;
	uc->uc_mcontext.gregs[REG_RIP] += 2;	/* ud2 */
	uc->uc_mcontext.gregs[REG_RAX] = 1234;
}

static void show_fault(const char *what)
{
	printf("%s: signal %d code %d trap %ld err %ld\n", what, last, seen.si_code, trapno, err);
}

#define FAULT(what, code)				\
	do {						\
		if (!sigsetjmp(jump, 1)) {		\
			code;				\
			puts("no fault");		\
		} else {				\
			show_fault(what);		\
		}					\
	} while (0)

static void test_faults(void)
{
	volatile int zero = 0;
	long rax;

	fault_page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	set_info(SIGSEGV, fault, 0);
	set_info(SIGFPE, fault, 0);
	set_info(SIGILL, fault, 0);
	set_info(SIGTRAP, fault, 0);
	FAULT("read null", nowhere = NULL; zero = *nowhere);
	FAULT("write null", nowhere = (int *)16; *nowhere = 1);
	FAULT("write read-only", *(volatile char *)fault_page = 1);
	HOLDS(seen.si_addr == fault_page);
	zero = fault_page[0];		/* so that the page is present */
	FAULT("execute data", ((void (*)(void))fault_page)());
	FAULT("kernel address", zero = *(volatile int *)0xffffffff80000000);
	FAULT("non-canonical", zero = *(volatile int *)0x8000000000000000);
	FAULT("divide", zero = 1 / zero);
	FAULT("ud2", __asm__ volatile("ud2"));
	FAULT("int3", __asm__ volatile("int3"));
	set_info(SIGSEGV, repair, 0);
	count = 0;
	*(volatile char *)fault_page = 5;
	printf("repaired: count %d, value %d\n", count, fault_page[0]);
	set_info(SIGILL, skip, 0);
	__asm__ volatile("ud2" : "=a"(rax));
	printf("skipped: count %d, rax %ld\n", count, rax);
	signal(SIGSEGV, SIG_DFL);
	signal(SIGFPE, SIG_DFL);
	signal(SIGILL, SIG_DFL);
	signal(SIGTRAP, SIG_DFL);
	IN_CHILD("ignored fault kills",
		 { signal(SIGSEGV, SIG_IGN); nowhere = NULL; *nowhere = 1; });
	IN_CHILD("blocked fault kills", {
		sigset_t s;

		set_info(SIGSEGV, fault, 0);
		sigemptyset(&s);
		sigaddset(&s, SIGSEGV);
		sigprocmask(SIG_BLOCK, &s, NULL);
		nowhere = NULL;
		*nowhere = 1;
	});
}

static void test_altstack(void)
{
	stack_t ss = { .ss_sp = stack_area, .ss_size = sizeof(stack_area) }, old;

	SHOW(sigaltstack(&ss, NULL));
	set(SIGUSR1, stack_probe, SA_ONSTACK);
	raise(SIGUSR1);
	printf("on the alternate stack: %d\n", on_stack);
	set(SIGUSR1, stack_probe, 0);
	raise(SIGUSR1);
	printf("without SA_ONSTACK: %d\n", on_stack);
	sigaltstack(NULL, &old);
	HOLDS(old.ss_sp == stack_area && old.ss_size == sizeof(stack_area));
	ss.ss_size = 100;
	SHOW(syscall(SYS_sigaltstack, &ss, NULL));
	ss.ss_flags = SS_DISABLE;
	SHOW(sigaltstack(&ss, NULL));
	sigaltstack(NULL, &old);
	printf("flags %d\n", old.ss_flags);
	IN_CHILD("no room for a frame kills", {
		set(SIGUSR1, plain, 0);
		__asm__ volatile("mov $39, %%eax; mov %%rsp, %%rbx; mov $64, %%rsp;"
				 "mov %0, %%edi; mov %1, %%esi; mov $62, %%eax; syscall; mov %%rbx, %%rsp"
				 : : "r"(getpid()), "r"(SIGUSR1)
				 : "rax", "rbx", "rcx", "r11", "rdi", "rsi");
	});
	IN_CHILD("sigreturn without a frame kills", {
		__asm__ volatile("mov $4096, %%rsp; mov $15, %%eax; syscall" : : : "rax", "memory");
	});
}

static void test_fpu(void)
{
	double x = 1.25, y;
	float f[4] = { 1, 2, 3, 4 }, g[4];

	/* a handler that uses the FPU must not disturb what it interrupts */
	set(SIGUSR2, (void (*)(int))test_fpu, 0);
	__asm__ volatile("movups %0, %%xmm7; fldl %1" : : "m"(f), "m"(x) : "xmm7");
	if (last != -2) {
		last = -2;
		syscall(SYS_tkill, syscall(SYS_gettid), SIGUSR2);
	} else {
		__asm__ volatile("xorps %%xmm7, %%xmm7; fninit" : : : "xmm7");
		return;
	}
	__asm__ volatile("movups %%xmm7, %0; fstpl %1" : "=m"(g), "=m"(y));
	printf("fpu across a handler: %g %g %g %g, %g\n", g[0], g[1], g[2], g[3], y);
}

static void step_over(int sig, siginfo_t *info, void *context)
{
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2;
}

/* What looks like the kernel's own note to itself is a number like any other. */
static void test_odd_values(void)
{
	static const long values[] = { -4, -512, -513, -514, -516 };
	long ax;

	set_info(SIGILL, step_over, 0);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		ax = values[i];
		__asm__ volatile("ud2" : "+a"(ax) : : "memory");
		printf("rax across a handler: %ld\n", ax);
	}
	signal(SIGILL, SIG_DFL);
	SHOW(kill(INT_MIN, 0));
}

static volatile bool interrupted;

static void *interrupter(void *arg)
{
	do {
		pause_ms(60);
		kill(getpid(), SIGALRM);
	} while (!interrupted);
	return NULL;
}

static void *writer(void *arg)
{
	pause_ms(120);
	if (write(*(int *)arg, "x", 1) != 1)
		puts("write failed");
	return NULL;
}

static void test_restart(void)
{
	struct timespec ts = { .tv_nsec = 150000000 }, rem = { 0, 0 };
	struct itimerval it = { 0 };
	pthread_t t;
	int fd[2];
	char c;

	SHOW(pipe(fd));
	set(SIGALRM, plain, 0);
	ring_every_ms(50);
	SHOW(read(fd[0], &c, 1));
	set(SIGALRM, plain, SA_RESTART);
	pthread_create(&t, NULL, writer, &fd[1]);
	SHOW(read(fd[0], &c, 1));
	pthread_join(t, NULL);
	SHOW(nanosleep(&ts, &rem));
	HOLDS(rem.tv_nsec > 0 && rem.tv_nsec < 150000000);
	SHOW(pause());
	signal(SIGALRM, SIG_IGN);
	count = 0;
	SHOW(nanosleep(&ts, &rem));
	ring_every_ms(0);
	SHOW(alarm(100));
	SHOW(alarm(0));
	set(SIGALRM, plain, 0);
	ring_every_ms(20);
	while (count < 3)
		pause();
	SHOW(setitimer(ITIMER_REAL, &it, NULL));
	SHOW(getitimer(ITIMER_REAL, &it));
	printf("timer off: %ld %ld\n", (long)it.it_value.tv_sec, (long)it.it_value.tv_usec);
	IN_CHILD("alarm kills", { signal(SIGALRM, SIG_DFL); ring_every_ms(30); pause(); });
	pthread_create(&t, NULL, interrupter, NULL);
	SHOW(pause());
	interrupted = true;
	pthread_join(t, NULL);
	IN_CHILD("sleep goes on after stop and continue", {
		pid_t me = getpid();

		if (fork() == 0) {
			pause_ms(50);
			kill(me, SIGSTOP);
			pause_ms(30);
			kill(me, SIGCONT);
			_exit(0);
		}
		ts.tv_nsec = 150000000;
		SHOW(nanosleep(&ts, &rem));
	});
}

static void test_children(void)
{
	pid_t pid;

	set_info(SIGCHLD, detailed, 0);
	count = 0;
	pid = must_fork();
	if (!pid)
		_exit(6);
	while (!count)
		pause_ms(1);
	printf("child: code %d status %d, its pid %d\n", seen.si_code, seen.si_status,
	       seen.si_pid == pid);
	wait_text(pid);
	pid = must_fork();
	if (!pid)
		for (;;)
			pause();
	count = 0;
	kill(pid, SIGSTOP);
	while (!count)
		pause_ms(1);
	printf("stopped: code %d status %d\n", seen.si_code, seen.si_status);
	count = 0;
	kill(pid, SIGCONT);
	while (!count)
		pause_ms(1);
	printf("continued: code %d status %d\n", seen.si_code, seen.si_status);
	count = 0;
	kill(pid, SIGTERM);
	while (!count)
		pause_ms(1);
	printf("killed: code %d status %d\n", seen.si_code, seen.si_status);
	printf("%s\n", wait_text(pid));
	signal(SIGCHLD, SIG_DFL);
}

static void *idler(void *arg)
{
	for (;;)
		pause();
	return NULL;
}

/* Each stop is reported, even if the threads had not yet left the one before. */
static void test_stop_again(void)
{
	int stops = 0, st;
	pid_t pid = must_fork();

	if (!pid) {
		pthread_t t;

		for (int i = 0; i < 3; i++)
			pthread_create(&t, NULL, idler, NULL);
		idler(NULL);
	}
	for (int i = 0; i < 50; i++) {
		kill(pid, SIGSTOP);
		stops += waitpid(pid, &st, WUNTRACED) == pid && WIFSTOPPED(st);
		kill(pid, SIGCONT);
	}
	kill(pid, SIGKILL);
	printf("stops: %d, %s\n", stops, wait_text(pid));
}

static pthread_t target;
static volatile int who;

static void which(int sig)
{
	who = pthread_equal(pthread_self(), target) ? 2 : 1;
}

static void *sleeper(void *arg)
{
	while (!who)
		pause_ms(1);
	return NULL;
}

static void test_threads(void)
{
	sigset_t block;

	set(SIGUSR1, which, 0);
	who = 0;
	pthread_create(&target, NULL, sleeper, NULL);
	pthread_kill(target, SIGUSR1);
	pthread_join(target, NULL);
	printf("pthread_kill went to thread %d\n", who);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	who = 0;
	pthread_create(&target, NULL, sleeper, NULL);
	pthread_sigmask(SIG_BLOCK, &block, NULL);
	kill(getpid(), SIGUSR1);
	pthread_join(target, NULL);
	printf("blocked in the first, taken by thread %d\n", who);
	IN_CHILD("a signal to one thread ends all", {
		who = 0;
		pthread_create(&target, NULL, sleeper, NULL);
		pthread_kill(target, SIGTERM);
		pthread_join(target, NULL);
	});
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_basics();
	test_masks();
	test_faults();
	test_altstack();
	test_fpu();
	test_odd_values();
	test_restart();
	test_children();
	test_stop_again();
	test_threads();
	return 0;
}
