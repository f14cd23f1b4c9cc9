/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/memfd.c - files in memory that no name leads to, and promises about them
 *
 * Concept    A program makes a file to share its memory with one that it does not
 *            trust. A seal is a promise that can be given but not taken back: the
 *            file will not shrink (whoever reads a mapping meets no bus error), not
 *            grow, not be written. The last one is kept by what is there, too:
 *
 *              F_SEAL_WRITE                    mmap, shared and writable
 *              writers 0 -> never any          a seal? then it may only read
 *                not 0: -EBUSY                 writers + 1; never any: -EPERM
 *              anybody with a page in hand?
 *                wait a while, then -EBUSY
 *              seal                            gone: writers - 1
 * Owns       inode->seals.
 * Locks      inode->lock (LOCK_INODE): who writes by calls or changes the size has it
 *            and looks at the seals; mmap has not, and relies on mapping->writers.
 * Invariants A file with F_SEAL_WRITE has mapping->writers < 0.
 * Callers    kernel/syscall/table.c, fs/sys_fd.c; fs/tmpfs.c obeys.
 * Next       fs/initramfs.c
 */
#include "include/uapi/memfd.h"

#include "fs/internal.h"
#include "fs/syscalls.h"
#include "fs/vfs.h"
#include "kernel/lib/gate_hook.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/task.h"
#include "kernel/time/tick.h"
#include "mm/filemap.h"
#include "mm/shmem.h"
#include "mm/slab.h"
#include "mm/uaccess.h"

#define MFD_PREFIX "memfd:"
#define MFD_NAME_MAX 249	/* bytes of the program's part: a dentry's 255 with the prefix */
#define ALL_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE |	\
		   F_SEAL_FUTURE_WRITE | F_SEAL_EXEC)
/* How often we look whether pins are gone, waiting twice as long each time. */
#define PIN_LOOKS 5

/* ---- seals ---- */

static int wait_for_pins(struct address_space *mapping)
{
	for (unsigned int look = 0; shmem_has_pins(mapping); look++) {
		if (look == PIN_LOOKS)
			return -EBUSY;
		(void)schedule_timeout_uninterruptible(1UL << look);
	}
	return 0;
}

/* Nobody writes through a mapping, and nobody will. */
static int seal_writes(struct address_space *mapping)
{
	int error = mapping_deny_writers(mapping);

	if (error)
		return error;
	error = wait_for_pins(mapping);
	if (error)
		mapping_allow_writers(mapping);
	return error;
}

static int add_seals_locked(struct inode *inode, u32 seals)
{
	int error = 0;

	assert_held_write(&inode->lock);
	if (inode->seals & F_SEAL_SEAL)
		return -EPERM;
	if (seals & F_SEAL_WRITE && !(inode->seals & F_SEAL_WRITE))
		error = seal_writes(&inode->mapping);
	if (error)
		return error;
	/* What can be run and stays so must stay what it is. */
	if (seals & F_SEAL_EXEC && inode->mode & 0111)
		seals |= F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;
	WRITE_ONCE(inode->seals, inode->seals | seals);
	return 0;
}

int memfd_add_seals(struct file *file, u32 seals)
{
	struct inode *inode = file->inode;
	int error;

	if (!(file->mode & FILE_WRITE))
		return -EPERM;
	if (seals & ~(u32)ALL_SEALS || !tmpfs_is_file(inode))
		return -EINVAL;
	down_write(&inode->lock);
	error = add_seals_locked(inode, seals);
	up_write(&inode->lock);
	return error;
}

int memfd_get_seals(struct file *file)
{
	return tmpfs_is_file(file->inode) ? (int)READ_ONCE(file->inode->seals) : -EINVAL;
}

/* ---- the call ---- */

static int check_flags(unsigned int flags)
{
	unsigned int known = MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL | MFD_EXEC;

	if (flags & MFD_HUGETLB)
		known |= MFD_HUGETLB | MFD_HUGE_MASK << MFD_HUGE_SHIFT;
	if (flags & ~known || (flags & MFD_EXEC && flags & MFD_NOEXEC_SEAL))
		return -EINVAL;
	return 0;
}

/* "memfd:" and what the program says. */
static int make_name(const char __user *uname, char **out)
{
	const size_t prefix = strlen(MFD_PREFIX);
	char *name = kmalloc(prefix + MFD_NAME_MAX + 1, GFP_KERNEL);
	ssize_t len;

	if (!name)
		return -ENOMEM;
	memcpy(name, MFD_PREFIX, prefix);
	len = strncpy_from_user(name + prefix, uname, MFD_NAME_MAX + 1);
	if (len < 0 || len > MFD_NAME_MAX) {
		kfree(name);
		return len < 0 ? -EFAULT : -EINVAL;
	}
	*out = name;
	return 0;
}

static int make_file(const char __user *uname, unsigned int flags, struct file **out)
{
	struct inode *inode;
	char *name;
	int error = make_name(uname, &name);

	if (error)
		return error;
	/* as a Linux that was built without huge pages */
	error = flags & MFD_HUGETLB ? -ENOSYS : tmpfs_file_named(name, out);
	kfree(name);
	if (error)
		return error;
	inode = (*out)->inode;
	inode->mode = S_IFREG | (flags & MFD_NOEXEC_SEAL ? 0666 : 0777);
	if (flags & (MFD_NOEXEC_SEAL | MFD_ALLOW_SEALING))
		inode->seals = flags & MFD_NOEXEC_SEAL ? F_SEAL_EXEC : 0;
	return 0;
}

long sys_memfd_create(const char __user *uname, unsigned int flags)
{
	struct files *files = current->files;
	struct file *file;
	int fd, error = check_flags(flags);

	if (error)
		return error;
	error = make_file(uname, flags, &file);
	if (error)
		return error;
	fd = fd_alloc(files, 0, flags & MFD_CLOEXEC);
	if (fd < 0)
		file_put(file);
	else
		fd_install(files, (unsigned int)fd, file);
	return fd;
}
