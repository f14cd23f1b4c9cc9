/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/syscall/syscalls.h - the system calls of kernel/
 *
 * Memory calls are declared in mm/ headers, file calls in fs/syscalls.h; table.c
 * joins them under Linux's numbers. A sys_ function gets its arguments as the
 * program gave them and returns a result or -errno; it checks everything.
 */
#ifndef KERNEL_SYSCALL_SYSCALLS_H
#define KERNEL_SYSCALL_SYSCALLS_H

#include "include/types.h"
#include "include/uapi/sched.h"
#include "include/uapi/signal.h"
#include "include/uapi/time.h"
#include "kernel/lib/printk.h"

struct iovec;
struct pollfd;
struct shmid_ds;

/* kernel/syscall/sys_pidfd.c */
long sys_pidfd_open(pid_t nr, unsigned int flags);
long sys_process_mrelease(int fd, unsigned int flags);
/* The number that the descriptor @fd stands for, which stays its own meanwhile, or -EBADF. */
pid_t pidfd_number(int fd);

/* kernel/syscall/sys_process.c */
long sys_fork(void);
long sys_vfork(void);
long sys_clone(u64 flags, u64 newsp, int __user *parent_tid, int __user *child_tid, u64 tls);
long sys_clone3(const void __user *uargs, size_t size);
long sys_execve(const char __user *path, u64 __user *argv, u64 __user *envp);
long sys_exit(int code);
long sys_exit_group(int code);
long sys_wait4(pid_t pid, int __user *status, int options, struct rusage __user *ru);
long sys_waitid(int which, pid_t id, struct siginfo __user *info, int options,
		struct rusage __user *ru);
long sys_getpid(void);
long sys_gettid(void);
long sys_getppid(void);
long sys_getuid(void);
long sys_geteuid(void);
long sys_getgid(void);
long sys_getegid(void);
long sys_getgroups(int size, u32 __user *list);
long sys_capget(struct user_cap_header __user *header, struct user_cap_data __user *data);
long sys_capset(struct user_cap_header __user *header, const struct user_cap_data __user *data);
long sys_setuid(u32 uid);
long sys_setgid(u32 gid);
long sys_setresuid(u32 ruid, u32 euid, u32 suid);
long sys_setresgid(u32 rgid, u32 egid, u32 sgid);
long sys_setreuid(u32 ruid, u32 euid);
long sys_setregid(u32 rgid, u32 egid);
long sys_setfsuid(u32 uid);
long sys_setfsgid(u32 gid);
long sys_getresuid(u32 __user *real, u32 __user *effective, u32 __user *saved);
long sys_getresgid(u32 __user *real, u32 __user *effective, u32 __user *saved);
long sys_setgroups(int size, const u32 __user *list);
long sys_setpgid(pid_t pid, pid_t pgid);
long sys_getpgid(pid_t pid);
long sys_getpgrp(void);
long sys_setsid(void);
long sys_getsid(pid_t pid);
long sys_set_tid_address(int __user *tidptr);
long sys_arch_prctl(int code, u64 addr);
long sys_prctl(int option, u64 a2, u64 a3, u64 a4, u64 a5);
long sys_sched_yield(void);
long sys_sched_getaffinity(pid_t pid, u32 len, u64 __user *mask);

/* kernel/syscall/sys_shm.c */
/* Make /proc/sysvipc/shm. Context: boot. */
void shm_init(void);
void syslog_init(void);
/* Where syslog(SYSLOG_READ_ALL) begins. May sleep. */
struct printk_cursor syslog_get_cleared(void);
long sys_shmget(s32 key, u64 size, int flags);
long sys_shmat(int id, unsigned long addr, int flags);
long sys_shmdt(unsigned long addr);
long sys_shmctl(int id, int cmd, struct shmid_ds __user *uds);

/* kernel/syscall/sys_userfaultfd.c */
long sys_userfaultfd(unsigned int flags);

/* kernel/syscall/sys_process_vm.c */
long sys_process_madvise(int fd, const struct iovec __user *uvec, unsigned long nr, int advice,
			 unsigned int flags);
long sys_process_vm_readv(pid_t pid, const struct iovec __user *local, unsigned long nr_local,
			  const struct iovec __user *remote, unsigned long nr_remote,
			  unsigned long flags);
long sys_process_vm_writev(pid_t pid, const struct iovec __user *local, unsigned long nr_local,
			   const struct iovec __user *remote, unsigned long nr_remote,
			   unsigned long flags);

/* kernel/syscall/sys_poll.c */
long sys_poll(struct pollfd __user *fds, unsigned int nr, int timeout_ms);
long sys_ppoll(struct pollfd __user *fds, unsigned int nr, struct timespec __user *timeout,
	       const u64 __user *sigmask, size_t size);
long sys_select(int n, unsigned long __user *in, unsigned long __user *out,
		unsigned long __user *except, struct timeval __user *timeout);
long sys_pselect6(int n, unsigned long __user *in, unsigned long __user *out,
		  unsigned long __user *except, struct timespec __user *timeout,
		  const u64 __user *masked);

/* kernel/syscall/sys_signal.c */
long sys_rt_sigaction(int sig, const struct k_sigaction __user *act,
		      struct k_sigaction __user *old, u64 size);
long sys_rt_sigprocmask(int how, const u64 __user *set, u64 __user *old, u64 size);
long sys_rt_sigpending(u64 __user *set, u64 size);
long sys_rt_sigsuspend(const u64 __user *set, u64 size);
long sys_rt_sigtimedwait(const u64 __user *set, struct siginfo __user *info,
			 const struct timespec __user *timeout, u64 size);
long sys_pidfd_send_signal(int fd, int sig, const struct siginfo __user *uinfo,
			   unsigned int flags);
long sys_rt_sigqueueinfo(pid_t pid, int sig, const struct siginfo __user *info);
long sys_rt_sigreturn(void);
long sys_sigaltstack(const struct sigaltstack __user *ss, struct sigaltstack __user *old);
long sys_pause(void);
long sys_kill(pid_t pid, int sig);
long sys_tkill(pid_t tid, int sig);
long sys_tgkill(pid_t tgid, pid_t tid, int sig);

/* kernel/syscall/sys_time.c */
long sys_nanosleep(const struct timespec __user *req, struct timespec __user *rem);
long sys_clock_nanosleep(int clock, int flags, const struct timespec __user *req,
			 struct timespec __user *rem);
long sys_clock_gettime(int clock, struct timespec __user *tp);
long sys_clock_getres(int clock, struct timespec __user *tp);
long sys_gettimeofday(struct timeval __user *tv, void __user *tz);
long sys_time(s64 __user *out);
long sys_times(struct tms __user *buf);
long sys_getitimer(int which, struct itimerval __user *cur);
long sys_setitimer(int which, const struct itimerval __user *val, struct itimerval __user *old);
long sys_alarm(u32 seconds);

/* kernel/syscall/sys_system.c */

/*
 * Who knows, when a program turns the machine off, whether the run was good:
 * the tests are in a layer above. Context: boot, once.
 */
void system_set_verdict(bool (*passed)(void));

long sys_uname(struct utsname __user *buf);
long sys_sysinfo(struct sysinfo __user *info);
long sys_syslog(int action, char __user *buf, int len);
long sys_getrandom(void __user *buf, u64 len, u32 flags);
long sys_getrlimit(int resource, struct rlimit __user *out);
long sys_setrlimit(int resource, const struct rlimit __user *in);
long sys_prlimit64(pid_t pid, int resource, const struct rlimit __user *in,
		   struct rlimit __user *old);
long sys_getrusage(int who, struct rusage __user *out);
long sys_reboot(u32 magic1, u32 magic2, u32 cmd, void __user *arg);

/* kernel/task/futex.c */
long sys_futex(u32 __user *uaddr, int op, u32 val, const struct timespec __user *timeout,
	       u32 __user *uaddr2, u32 val3);

#endif
