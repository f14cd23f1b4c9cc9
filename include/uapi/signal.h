/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * include/uapi/signal.h - signals as programs see them (Linux x86-64)
 *
 * Numbers, siginfo, the kernel's form of struct sigaction and the frame that a
 * handler finds on its stack. Every layout here is fixed by programs that
 * exist, hence the assertions at the end.
 */
#ifndef INCLUDE_UAPI_SIGNAL_H
#define INCLUDE_UAPI_SIGNAL_H

#include "include/types.h"

#define SIGHUP 1
#define SIGINT 2
#define SIGQUIT 3
#define SIGILL 4
#define SIGTRAP 5
#define SIGABRT 6
#define SIGBUS 7
#define SIGFPE 8
#define SIGKILL 9
#define SIGUSR1 10
#define SIGSEGV 11
#define SIGUSR2 12
#define SIGPIPE 13
#define SIGALRM 14
#define SIGTERM 15
#define SIGSTKFLT 16
#define SIGCHLD 17
#define SIGCONT 18
#define SIGSTOP 19
#define SIGTSTP 20
#define SIGTTIN 21
#define SIGTTOU 22
#define SIGURG 23
#define SIGXCPU 24
#define SIGXFSZ 25
#define SIGVTALRM 26
#define SIGPROF 27
#define SIGWINCH 28
#define SIGIO 29
#define SIGPWR 30
#define SIGSYS 31
#define SIGRTMIN 32
#define NSIG 64			/* signals are 1..NSIG */

#define SA_NOCLDSTOP 0x00000001UL
#define SA_NOCLDWAIT 0x00000002UL
#define SA_SIGINFO 0x00000004UL
#define SA_RESTORER 0x04000000UL
#define SA_ONSTACK 0x08000000UL
#define SA_RESTART 0x10000000UL
#define SA_NODEFER 0x40000000UL
#define SA_RESETHAND 0x80000000UL

#define SIG_DFL 0UL
#define SIG_IGN 1UL

#define SIG_BLOCK 0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

#define SS_ONSTACK 1
#define SS_DISABLE 2
#define SS_AUTODISARM (1U << 31)
#define MINSIGSTKSZ 2048

/* si_code: who sent it, or what a trap met */
#define SI_USER 0		/* kill() */
#define SI_KERNEL 0x80
#define SI_QUEUE -1
#define SI_TIMER -2
#define SI_TKILL -6
#define ILL_ILLOPN 2
#define FPE_INTDIV 1
#define FPE_INTOVF 2
#define FPE_FLTDIV 3
#define FPE_FLTOVF 4
#define FPE_FLTUND 5
#define FPE_FLTRES 6
#define FPE_FLTINV 7
#define SEGV_MAPERR 1
#define SEGV_ACCERR 2
#define BUS_ADRALN 1
#define BUS_ADRERR 2
#define BUS_MCEERR_AR 4
#define TRAP_BRKPT 1
#define TRAP_TRACE 2
#define CLD_EXITED 1
#define CLD_KILLED 2
#define CLD_DUMPED 3
#define CLD_STOPPED 5
#define CLD_CONTINUED 6

/* The kernel's struct sigaction: what rt_sigaction carries. */
struct k_sigaction {
	u64 handler;		/* SIG_DFL, SIG_IGN or an address */
	u64 flags;
	u64 restorer;		/* returns from the handler: SA_RESTORER */
	u64 mask;
};

struct siginfo {
	s32 si_signo;
	s32 si_errno;
	s32 si_code;
	s32 pad;
	union {
		struct {			/* kill, tgkill, sigqueue */
			s32 pid;
			u32 uid;
			u64 value;
		} kill;
		struct {			/* SIGCHLD */
			s32 pid;
			u32 uid;
			s32 status;
			s32 pad;
			s64 utime, stime;
		} chld;
		struct {			/* SIGSEGV SIGBUS SIGILL SIGFPE SIGTRAP */
			u64 addr;
		} fault;
		u8 bytes[112];
	};
};

struct sigaltstack {
	u64 ss_sp;
	s32 ss_flags;
	s32 pad;
	u64 ss_size;
};

/* General registers in a handler's ucontext (gregs), in this order. */
struct sigcontext {
	u64 r8, r9, r10, r11, r12, r13, r14, r15;
	u64 rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip;
	u64 eflags;
	u16 cs, gs, fs, ss;
	u64 err, trapno, oldmask, cr2;
	u64 fpstate;		/* address of the FXSAVE image, or 0 */
	u64 reserved[8];
};

struct ucontext {
	u64 uc_flags;
	u64 uc_link;
	struct sigaltstack uc_stack;
	struct sigcontext uc_mcontext;
	u64 uc_sigmask;
};

/* uc_flags: what the frame says about ss (Linux sets both on x86-64). */
#define UC_SIGCONTEXT_SS 0x2
#define UC_STRICT_RESTORE_SS 0x4

static_assert(sizeof(struct k_sigaction) == 32, "kernel sigaction");
static_assert(sizeof(struct siginfo) == 128, "siginfo");
static_assert(offsetof(struct siginfo, kill) == 16, "siginfo union");
static_assert(sizeof(struct sigaltstack) == 24, "stack_t");
static_assert(offsetof(struct sigcontext, err) == 19 * 8, "gregs[REG_ERR]");
static_assert(offsetof(struct sigcontext, cr2) == 22 * 8, "gregs[REG_CR2]");
static_assert(sizeof(struct sigcontext) == 256, "sigcontext");
static_assert(offsetof(struct ucontext, uc_mcontext) == 40, "uc_mcontext");
static_assert(offsetof(struct ucontext, uc_sigmask) == 296, "uc_sigmask");

#endif
