/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/syscall/sys_system.c - the calls about the machine and its limits
 *
 * Concept    What programs ask at their start, and how the machine is turned off.
 * Owns       Nothing.
 * Locks      siglock around the limits.
 * Callers    table.c.
 */
#include "kernel/syscall/syscalls.h"

#include "arch/x86/cpu/exit.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"
#include "kernel/lib/uts.h"
#include "kernel/sched/task.h"
#include "kernel/task/process.h"
#include "kernel/task/random.h"
#include "kernel/time/tick.h"
#include "mm/buddy.h"
#include "mm/swap.h"
#include "mm/uaccess.h"

long sys_uname(struct utsname __user *buf)
{
	static const struct utsname name = {
		.sysname = UTS_SYSNAME,
		.nodename = UTS_NODENAME,
		.release = UTS_RELEASE,
		.version = UTS_VERSION,
		.machine = "x86_64",
		.domainname = "(none)",
	};

	return copy_to_user(buf, &name, sizeof(name));
}

long sys_sysinfo(struct sysinfo __user *info)
{
	struct swap_info swap;
	struct sysinfo si;

	swap_slot_info(&swap);
	si = (struct sysinfo){
		.uptime = ktime_get_ns() / NSEC_PER_SEC,
		.totalram = totalram_pages() * PAGE_SIZE,
		.freeram = nr_free_pages() * PAGE_SIZE,
		.totalswap = swap.total * PAGE_SIZE,
		.freeswap = (swap.total - swap.used) * PAGE_SIZE,
		.procs = process_count(),
		.mem_unit = 1,
	};

	return copy_to_user(info, &si, sizeof(si));
}

long sys_getrandom(void __user *buf, u64 len, u32 flags)
{
	len = min(len, (u64)0x7ffff000);
	for (u64 done = 0; done < len;) {
		u64 word = random_u64(), run = min(len - done, (u64)sizeof(word));

		if (copy_to_user((u8 __user *)buf + done, &word, run))
			return done ? (long)done : -EFAULT;
		done += run;
		if (done % 65536 == 0 && fatal_signal_waits())
			return done;
	}
	return len;
}

/* ---- limits ---- */

/* Exchange limit @resource of @p: each side may be missing. */
static int limit_exchange(struct process *p, int resource, const struct rlimit *in,
			  struct rlimit *old)
{
	unsigned long flags;
	int err = 0;

	if (resource < 0 || resource >= RLIM_NLIMITS)
		return -EINVAL;
	if (in && in->rlim_cur > in->rlim_max)
		return -EINVAL;
	spin_lock_irqsave(&p->siglock, flags);
	*old = p->rlim[resource];
	if (in && in->rlim_max > old->rlim_max && !capable(CAP_SYS_RESOURCE)) {
		err = -EPERM;
	} else if (in) {
		p->rlim[resource] = *in;
		process_apply_limits(p);
	}
	spin_unlock_irqrestore(&p->siglock, flags);
	return err;
}

long sys_getrlimit(int resource, struct rlimit __user *out)
{
	struct rlimit old;
	int err = limit_exchange(current_process, resource, NULL, &old);

	return err ? err : copy_to_user(out, &old, sizeof(old));
}

long sys_setrlimit(int resource, const struct rlimit __user *in)
{
	struct rlimit new, old;

	if (copy_from_user(&new, in, sizeof(new)))
		return -EFAULT;
	return limit_exchange(current_process, resource, &new, &old);
}

long sys_prlimit64(pid_t pid, int resource, const struct rlimit __user *in,
		   struct rlimit __user *out)
{
	struct rlimit new, old;
	struct process *p;
	int err = -ESRCH;

	if (in && copy_from_user(&new, in, sizeof(new)))
		return -EFAULT;
	rcu_read_lock();
	p = pid ? process_find(pid) : current_process;
	if (p && !process_may_trace(pid))
		err = -EPERM;
	else if (p)
		err = limit_exchange(p, resource, in ? &new : NULL, &old);
	rcu_read_unlock();
	if (!err && out)
		err = copy_to_user(out, &old, sizeof(old));
	return err;
}

long sys_getrusage(int who, struct rusage __user *out)
{
	struct process *p = current_process;
	struct rusage ru;
	u64 ns;

	if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN && who != RUSAGE_THREAD)
		return -EINVAL;
	rcu_read_lock();
	ns = who == RUSAGE_SELF ? process_cpu_ns(p) :
	     who == RUSAGE_THREAD ? current->sum_exec_ns : READ_ONCE(p->children_ns);
	rcu_read_unlock();
	memset(&ru, 0, sizeof(ru));
	ru.ru_utime.tv_sec = ns / NSEC_PER_SEC;
	ru.ru_utime.tv_usec = ns % NSEC_PER_SEC / 1000;
	return copy_to_user(out, &ru, sizeof(ru));
}

/* ---- the end ---- */

static bool system_no_reports(void)
{
	return check_reports() == 0;
}

static bool (*system_verdict)(void) = system_no_reports;

void system_set_verdict(bool (*passed)(void))
{
	system_verdict = passed;
}

long sys_reboot(u32 magic1, u32 magic2, u32 cmd, void __user *arg)
{
	if (!capable(CAP_SYS_BOOT))
		return -EPERM;
	if (magic1 != LINUX_REBOOT_MAGIC1 || magic2 != LINUX_REBOOT_MAGIC2)
		return -EINVAL;
	switch (cmd) {
	case LINUX_REBOOT_CMD_RESTART:
		pr_info("restart");
		machine_reboot();
	case LINUX_REBOOT_CMD_POWER_OFF:
	case LINUX_REBOOT_CMD_HALT:
		pr_info("power off");
		machine_exit(system_verdict() ? EXIT_PASS : EXIT_FAIL);
	case 0:		/* LINUX_REBOOT_CMD_CAD_OFF: Ctrl-Alt-Del does nothing here */
		return 0;
	default:
		return -EINVAL;
	}
}
