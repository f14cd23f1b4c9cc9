/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/syscall/sys_process_vm.c - process_vm_readv, process_vm_writev, process_madvise
 *
 * Concept    Bytes go from one address space to another by way of a page of the
 *            kernel's: the caller's side through struct iobuf, the other's through
 *            get_user_pages(), which breaks COW and asks the same permissions as the
 *            other process's own access would. Advice about another's memory may only say
 *            what is needed soon and what is not: nothing that it could notice.
 * Owns       Nothing.
 * Locks      None of its own.
 * Invariants Bytes that have arrived are counted, whatever stopped the rest.
 * Callers    table.c.
 * Next       sys_signal.c
 */
#include "kernel/syscall/syscalls.h"

#include "fs/iobuf.h"
#include "include/uapi/fcntl.h"
#include "include/uapi/mman.h"
#include "include/uapi/uio.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/task.h"
#include "kernel/task/process.h"
#include "kernel/task/signal.h"
#include "mm/gup.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/slab.h"
#include "mm/uaccess.h"

/* One call: the caller's pieces, the other's, and the page between them. */
struct process_vm {
	struct iobuf local;
	struct iovec *local_iov, *remote_iov;
	unsigned long nr_remote;
	void *page;
	bool write;
};

/* The pieces that the program names. Return: 0 with memory in *@out, or -errno. */
static int iov_from_user(const struct iovec __user *uiov, unsigned long nr, struct iovec **out)
{
	size_t bytes = nr * sizeof(**out);

	if (nr > IOV_MAX)
		return -EINVAL;
	*out = kmalloc(bytes + sizeof(**out), GFP_KERNEL);
	if (!*out)
		return -ENOMEM;
	return copy_from_user(*out, uiov, bytes);
}

/* The caller's own pieces must lie in user space and have a countable length. */
static int local_check(const struct iovec *iov, unsigned long nr)
{
	u64 sum = 0;

	for (unsigned long i = 0; i < nr; i++) {
		sum += iov[i].iov_len;
		if (iov[i].iov_len > (u64)INT64_MAX || sum > (u64)INT64_MAX)
			return -EINVAL;
		if (!access_ok(iov[i].iov_base, iov[i].iov_len))
			return -EFAULT;
	}
	return 0;
}

/* Move @n bytes, at most a page, between @va of @mm and the caller. Return: bytes moved. */
static size_t process_vm_step(struct process_vm *pv, struct mm *mm, unsigned long va, size_t n)
{
	size_t got;

	if (!pv->write) {
		got = access_remote_vm(mm, va, pv->page, n, 0);
		return iobuf_copy_to(&pv->local, pv->page, got);
	}
	got = iobuf_copy_from(&pv->local, pv->page, n);
	return access_remote_vm(mm, va, pv->page, got, FOLL_WRITE);
}

static long process_vm_move(struct process_vm *pv, struct mm *mm)
{
	long done = 0;

	for (unsigned long i = 0; i < pv->nr_remote; i++) {
		unsigned long va = (unsigned long)pv->remote_iov[i].iov_base;
		size_t left = pv->remote_iov[i].iov_len;

		if (left && !access_ok((void __user *)va, min(left, pv->local.left)))
			return done ? done : -EFAULT;
		while (left && pv->local.left && !fatal_signal_waits()) {
			size_t n = min(left, pv->local.left), moved;

			n = min(n, PAGE_SIZE - (va & (PAGE_SIZE - 1)));
			moved = process_vm_step(pv, mm, va, n);

			done += (long)moved;
			if (moved < n)
				return done ? done : -EFAULT;
			va += n;
			left -= n;
		}
	}
	return done;
}

/* The address space of the process or thread @pid. NULL: there is none. */
static struct mm *process_vm_find(pid_t pid)
{
	struct mm *mm = NULL;
	struct thread *t;

	rcu_read_lock();
	t = thread_find(pid);
	if (t)
		mm = process_get_mm(t->process);
	rcu_read_unlock();
	return mm;
}

static long process_vm_rw(pid_t pid, const struct iovec __user *local, unsigned long nr_local,
			  const struct iovec __user *remote, unsigned long nr_remote,
			  unsigned long flags, bool write)
{
	struct process_vm pv = { .nr_remote = nr_remote, .write = write };
	struct mm *mm;
	long ret;

	if (flags)
		return -EINVAL;
	ret = iov_from_user(local, nr_local, &pv.local_iov);
	if (!ret)
		ret = local_check(pv.local_iov, nr_local);
	if (!ret)
		ret = iov_from_user(remote, nr_remote, &pv.remote_iov);
	if (ret || !nr_local || !nr_remote)
		goto out;
	iobuf_user_vec(&pv.local, pv.local_iov, (unsigned int)nr_local);
	pv.page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	mm = process_vm_find(pid);
	if (!mm)
		ret = -ESRCH;
	else if (!process_may_trace(pid))
		ret = -EPERM;
	else
		ret = pv.page ? process_vm_move(&pv, mm) : -ENOMEM;
	if (mm)
		mmput(mm);
	kfree(pv.page);
out:
	kfree(pv.local_iov);
	kfree(pv.remote_iov);
	return ret;
}

long sys_process_vm_readv(pid_t pid, const struct iovec __user *local, unsigned long nr_local,
			  const struct iovec __user *remote, unsigned long nr_remote,
			  unsigned long flags)
{
	return process_vm_rw(pid, local, nr_local, remote, nr_remote, flags, false);
}

long sys_process_vm_writev(pid_t pid, const struct iovec __user *local, unsigned long nr_local,
			   const struct iovec __user *remote, unsigned long nr_remote,
			   unsigned long flags)
{
	return process_vm_rw(pid, local, nr_local, remote, nr_remote, flags, true);
}

/* ---- advice ---- */

static bool advice_harms_nobody(int advice)
{
	return advice == MADV_COLD || advice == MADV_PAGEOUT || advice == MADV_WILLNEED;
}

/* Piece by piece. Return: the bytes of those before one that fails, or its error. */
static long process_advise(struct mm *mm, const struct iovec *iov, unsigned long nr, int advice)
{
	long done = 0;
	int err = 0;

	for (unsigned long i = 0; i < nr && !err; i++) {
		err = vm_madvise(mm, (unsigned long)iov[i].iov_base, iov[i].iov_len, advice);
		if (!err)
			done += (long)iov[i].iov_len;
	}
	return done ? done : err;
}

static long process_madvise(pid_t pid, const struct iovec *iov, unsigned long nr, int advice)
{
	struct mm *mm = process_vm_find(pid);
	long ret;

	if (!mm)
		return -ESRCH;
	if (!process_may_access(pid))
		ret = -EACCES;
	else if (mm != current->mm && !advice_harms_nobody(advice))
		ret = -EINVAL;
	else if (mm != current->mm && !capable(CAP_SYS_NICE))
		ret = -EPERM;
	else
		ret = process_advise(mm, iov, nr, advice);
	mmput(mm);
	return ret;
}

long sys_process_madvise(int fd, const struct iovec __user *uvec, unsigned long nr, int advice,
			 unsigned int flags)
{
	struct iovec *iov = NULL;
	pid_t pid;
	long ret;

	if (flags)
		return -EINVAL;
	ret = iov_from_user(uvec, nr, &iov);
	if (!ret)
		ret = local_check(iov, nr);
	pid = pidfd_number(fd);
	if (!ret)
		ret = pid < 0 ? pid : process_madvise(pid, iov, nr, advice);
	kfree(iov);
	return ret;
}
