/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/syscall/sys_process.c - the calls about processes and threads
 *
 * Concept    Each call checks what the program gave, calls kernel/task, and
 *            carries the answer back.
 * Owns       Nothing.
 * Locks      None of its own.
 * Callers    table.c.
 */
#include "kernel/syscall/syscalls.h"

#include "arch/x86/cpu/regs.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/task.h"
#include "kernel/task/exec.h"
#include "kernel/task/process.h"
#include "kernel/time/tick.h"
#include "mm/mm.h"
#include "mm/slab.h"
#include "mm/uaccess.h"

#define PATH_MAX 4096

static struct pt_regs *current_regs(void)
{
	return thread_pt_regs(&current->arch);
}

/* ---- life ---- */

long sys_fork(void)
{
	return process_clone(current_regs(), SIGCHLD, 0, NULL, NULL, 0);
}

long sys_vfork(void)
{
	return process_clone(current_regs(), CLONE_VM | CLONE_VFORK | SIGCHLD, 0, NULL, NULL, 0);
}

long sys_clone(u64 flags, u64 newsp, int __user *parent_tid, int __user *child_tid, u64 tls)
{
	return process_clone(current_regs(), (u32)flags, newsp, parent_tid, child_tid, tls);
}

/* The program's structure, which may be shorter or longer than ours. */
static int clone_args_from_user(struct clone_args *args, const char __user *uargs, size_t size)
{
	char extra;

	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	memset(args, 0, sizeof(*args));
	if (copy_from_user(args, uargs, min(size, sizeof(*args))))
		return -EFAULT;
	for (size_t i = sizeof(*args); i < size; i++) {
		if (get_user(extra, (char __user *)uargs + i))
			return -EFAULT;
		if (extra)
			return -E2BIG;
	}
	return 0;
}

long sys_clone3(const void __user *uargs, size_t size)
{
	struct clone_args a;
	int err = clone_args_from_user(&a, uargs, size);

	if (err)
		return err;
	if (a.flags & (CSIGNAL | CLONE_DETACHED) || a.exit_signal > NSIG)
		return -EINVAL;
	if (a.flags & (CLONE_THREAD | CLONE_PARENT) && a.exit_signal)
		return -EINVAL;
	if (!a.stack != !a.stack_size || a.set_tid || a.set_tid_size)
		return -EINVAL;
	if (a.stack && !access_ok((void __user *)a.stack, a.stack_size))
		return -EINVAL;
	return process_clone(current_regs(), a.flags | a.exit_signal, a.stack + a.stack_size,
			     (int __user *)a.parent_tid, (int __user *)a.child_tid, a.tls);
}

long sys_execve(const char __user *path, u64 __user *argv, u64 __user *envp)
{
	struct exec_args *args;
	char *name;
	ssize_t len;
	int err;

	name = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!name)
		return -ENOMEM;
	len = strncpy_from_user(name, path, PATH_MAX);
	if (len < 0)
		err = len;
	else if (len == PATH_MAX)
		err = -ENAMETOOLONG;
	else
		err = len ? exec_args_from_user(&args, argv, envp) : -ENOENT;
	if (!err) {
		err = exec_program(name, &args, current_regs());
		exec_args_free(args);
	}
	kfree(name);
	return err;
}

long sys_exit(int code)
{
	process_exit_thread(WAIT_EXIT(code));
}

long sys_exit_group(int code)
{
	process_exit_group(WAIT_EXIT(code));
}

static void fill_rusage(struct rusage *ru, u64 cpu_ns)
{
	memset(ru, 0, sizeof(*ru));
	ru->ru_utime.tv_sec = cpu_ns / NSEC_PER_SEC;
	ru->ru_utime.tv_usec = cpu_ns % NSEC_PER_SEC / 1000;
}

#define WAIT_HOW (WNOHANG | WUNTRACED | WCONTINUED | WNOTHREAD | WALL | WCLONE)

long sys_wait4(pid_t pid, int __user *status, int options, struct rusage __user *ru)
{
	struct process_wait w = { .options = options | WEXITED };
	struct rusage usage;
	long ret;

	if (options & ~WAIT_HOW)
		return -EINVAL;
	if (pid == INT32_MIN)
		return -ESRCH;
	w.which = pid == -1 ? P_ALL : pid > 0 ? P_PID : P_PGID;
	w.id = pid < 0 ? -pid : pid;
	ret = process_wait(&w);
	if (ret <= 0)
		return ret;
	if (status && put_user(w.status, status))
		return -EFAULT;
	fill_rusage(&usage, w.cpu_ns);
	if (ru && copy_to_user(ru, &usage, sizeof(usage)))
		return -EFAULT;
	return ret;
}

/* What waitid tells of child @pid, 0: nothing. */
static struct siginfo wait_info(pid_t pid, int status)
{
	struct siginfo info = { 0 };

	if (!pid)
		return info;
	info.si_signo = SIGCHLD;
	info.chld.pid = pid;
	info.chld.status = status & 0x7f;
	if (status == WAIT_CONTINUED) {
		info.si_code = CLD_CONTINUED;
		info.chld.status = SIGCONT;
	} else if ((status & 0xff) == 0x7f) {
		info.si_code = CLD_STOPPED;
		info.chld.status = status >> 8;
	} else if (status & 0x7f) {
		info.si_code = CLD_KILLED;
	} else {
		info.si_code = CLD_EXITED;
		info.chld.status = status >> 8 & 0xff;
	}
	return info;
}

long sys_waitid(int which, pid_t id, struct siginfo __user *uinfo, int options,
		struct rusage __user *ru)
{
	struct process_wait w = { .which = which, .id = id, .options = options };
	struct siginfo info;
	struct rusage usage;
	long ret;

	if (options & ~(WAIT_HOW | WEXITED | WNOWAIT) ||
	    !(options & (WEXITED | WUNTRACED | WCONTINUED)))
		return -EINVAL;
	if (which == P_PIDFD) {
		w.which = P_PID;
		w.id = id = pidfd_number(id);
		if (id < 0)
			return id;
	}
	if (which < P_ALL || which > P_PIDFD || (which == P_PID && id <= 0) ||
	    (which == P_PGID && id < 0))
		return -EINVAL;
	ret = process_wait(&w);
	if (ret < 0)
		return ret;
	info = wait_info((pid_t)ret, w.status);
	fill_rusage(&usage, w.cpu_ns);
	if (ret && ru && copy_to_user(ru, &usage, sizeof(usage)))
		return -EFAULT;
	/* the fields that the call has, not the whole union */
	return uinfo ? copy_to_user(uinfo, &info, offsetof(struct siginfo, chld.utime)) : 0;
}

/* ---- numbers ---- */

long sys_getpid(void)
{
	return current_process->pid->nr;
}

long sys_gettid(void)
{
	return current_thread->pid->nr;
}

long sys_getppid(void)
{
	struct process *parent;
	long nr;

	rcu_read_lock();
	parent = rcu_dereference(current_process->parent);
	nr = parent ? parent->pid->nr : 0;
	rcu_read_unlock();
	return nr;
}

/* ---- capabilities: root's, which a program can drop ---- */

/* A header of another version gets ours, so that the program can ask again. */
static int cap_header(struct user_cap_header __user *user, struct user_cap_header *header)
{
	if (copy_from_user(header, user, sizeof(*header)))
		return -EFAULT;
	if (header->version == _LINUX_CAPABILITY_VERSION_3)
		return header->pid < 0 ? -EINVAL : 0;
	header->version = _LINUX_CAPABILITY_VERSION_3;
	return copy_to_user(user, header, sizeof(*header)) ? -EFAULT : -EINVAL;
}

long sys_capget(struct user_cap_header __user *header, struct user_cap_data __user *data)
{
	struct user_cap_data sets[2] = { { 0 } };
	struct user_cap_header h;
	struct process *p;
	int err = cap_header(header, &h);

	if (err)
		return err == -EINVAL && !data ? 0 : err;
	rcu_read_lock();
	p = h.pid ? process_find(h.pid) : current_process;
	for (unsigned int i = 0; p && i < 2; i++) {
		sets[i].effective = (u32)(p->cred.cap_effective >> (32 * i));
		sets[i].permitted = (u32)(p->cred.cap_permitted >> (32 * i));
	}
	rcu_read_unlock();
	if (!p)
		return -ESRCH;
	return data ? copy_to_user(data, sets, sizeof(sets)) : 0;
}

long sys_capset(struct user_cap_header __user *header, const struct user_cap_data __user *data)
{
	struct process *p = current_process;
	struct user_cap_data sets[2];
	struct user_cap_header h;
	u64 effective, permitted;
	unsigned long flags;
	int err = cap_header(header, &h);

	if (err)
		return err;
	if (h.pid && h.pid != p->pid->nr)
		return -EPERM;
	if (copy_from_user(sets, data, sizeof(sets)))
		return -EFAULT;
	effective = sets[0].effective | (u64)sets[1].effective << 32;
	permitted = sets[0].permitted | (u64)sets[1].permitted << 32;
	spin_lock_irqsave(&p->siglock, flags);
	if (permitted & ~p->cred.cap_permitted || effective & ~permitted) {
		err = -EPERM;
	} else {
		p->cred.cap_effective = effective;
		p->cred.cap_permitted = permitted;
		process_apply_limits(p);
	}
	spin_unlock_irqrestore(&p->siglock, flags);
	return err;
}

long sys_setpgid(pid_t pid, pid_t pgid)
{
	return pid < 0 ? -EINVAL : process_setpgid(pid, pgid);
}

/* Ask @get about process @pid, 0 being the caller. */
static long ask_process(pid_t pid, pid_t (*get)(struct process *p))
{
	struct process *p;
	long ret = -ESRCH;

	rcu_read_lock();
	p = pid ? process_find(pid) : current_process;
	if (p)
		ret = get(p);
	rcu_read_unlock();
	return ret;
}

long sys_getpgid(pid_t pid)
{
	return ask_process(pid, process_pgrp_nr);
}

long sys_getpgrp(void)
{
	return ask_process(0, process_pgrp_nr);
}

long sys_setsid(void)
{
	return process_setsid();
}

long sys_getsid(pid_t pid)
{
	return ask_process(pid, process_session_nr);
}

/* ---- the running thread ---- */

long sys_set_tid_address(int __user *tidptr)
{
	current_thread->clear_child_tid = (u64)tidptr;
	return current_thread->pid->nr;
}

long sys_arch_prctl(int code, u64 addr)
{
	struct thread_state *thread = &current->arch;
	long ret = 0;
	u64 base = 0;

	if ((code == ARCH_SET_FS || code == ARCH_SET_GS) && addr >= MM_USER_TOP)
		return -EPERM;
	preempt_disable();
	switch (code) {
	case ARCH_SET_FS:
		arch_set_fs_base(thread, addr);
		break;
	case ARCH_SET_GS:
		arch_set_gs_base(thread, addr);
		break;
	case ARCH_GET_FS:
		base = arch_get_fs_base(thread);
		break;
	case ARCH_GET_GS:
		base = arch_get_gs_base(thread);
		break;
	default:
		ret = -EINVAL;
	}
	preempt_enable();
	if (code == ARCH_GET_FS || code == ARCH_GET_GS)
		ret = put_user(base, (u64 __user *)addr);
	return ret;
}

/*
 * What has been written is not executed any more (mm/mmap.c): a promise that is not taken
 * back. Children and programs to come have it, too, unless it says no.
 */
static long prctl_set_mdwe(u64 bits)
{
	struct mm *mm = current->mm;
	long ret = 0;

	if (bits & ~(u64)(PR_MDWE_REFUSE_EXEC_GAIN | PR_MDWE_NO_INHERIT) ||
	    bits == PR_MDWE_NO_INHERIT)
		return -EINVAL;
	down_write(&mm->mmap_lock);
	if (mm->mdwe && mm->mdwe != bits)
		ret = -EPERM;
	else
		mm->mdwe = (unsigned int)bits;
	up_write(&mm->mmap_lock);
	return ret;
}

long sys_prctl(int option, u64 a2, u64 a3, u64 a4, u64 a5)
{
	char name[TASK_COMM_LEN] = "";
	ssize_t len;

	switch (option) {
	case PR_SET_NAME:
		len = strncpy_from_user(name, (const char __user *)a2, sizeof(name) - 1);
		if (len < 0)
			return len;
		name[sizeof(name) - 1] = '\0';
		memcpy(current->comm, name, sizeof(name));
		return 0;
	case PR_GET_NAME:
		memcpy(name, current->comm, sizeof(name));
		return copy_to_user((char __user *)a2, name, sizeof(name));
	case PR_GET_DUMPABLE:
		return READ_ONCE(current_process->dumpable);
	case PR_SET_DUMPABLE:
		if (a2 > 1)
			return -EINVAL;
		WRITE_ONCE(current_process->dumpable, a2);
		return 0;
	case PR_SET_MDWE:
		return a3 || a4 || a5 ? -EINVAL : prctl_set_mdwe(a2);
	case PR_GET_MDWE:
		return a2 || a3 || a4 || a5 ? -EINVAL : (long)READ_ONCE(current->mm->mdwe);
	default:
		return -EINVAL;
	}
}

long sys_sched_yield(void)
{
	yield();
	return 0;
}

long sys_sched_getaffinity(pid_t pid, u32 len, u64 __user *mask)
{
	u64 online = nr_cpus_online >= 64 ? ~0UL : BIT(nr_cpus_online) - 1;
	bool found;

	if (len < sizeof(u64) || len % sizeof(u64))
		return -EINVAL;
	rcu_read_lock();
	found = !pid || thread_find(pid);
	rcu_read_unlock();
	if (!found)
		return -ESRCH;
	if (put_user(online, mask))
		return -EFAULT;
	return sizeof(u64);
}
