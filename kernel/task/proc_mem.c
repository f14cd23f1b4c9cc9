/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/proc_mem.c - /proc/<pid>/mem, pagemap, clear_refs, environ, auxv: its memory
 *
 * Concept    mem is the contents at each address, which a debugger may also read and write
 *            where the program may not (mm/gup.c: forced); pagemap says what is there.
 *            Who opens one of them gets hold of the address space that the process has at
 *            that moment, and keeps it when the process executes another program; when
 *            the process has left it there is nothing more to be read. Frame numbers
 *            are for those who had CAP_SYS_ADMIN when they opened it.
 * Owns       struct mem_open.
 * Locks      None of its own.
 * Callers    fs/procfs.c
 * Next       kernel/task/proc_fd.c
 */
#include "kernel/task/process.h"

#include "fs/file.h"
#include "fs/proc.h"
#include "include/uapi/elf.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/parse.h"
#include "kernel/lib/string.h"
#include "kernel/sched/task.h"
#include "mm/clear_refs.h"
#include "mm/gup.h"
#include "mm/mm.h"
#include "mm/pagemap.h"
#include "mm/slab.h"

struct mem_open {
	struct mm *mm;			/* a reference to the structure only */
	bool frames;
};

/* ---- an address space held by an open file ---- */

static int mem_open(struct inode *inode, struct file *file)
{
	pid_t pid = (pid_t)(long)file->private;
	struct mem_open *open;
	struct mm *mm;
	int err = process_may_access(pid) ? process_find_mm(pid, &mm) : -EACCES;

	if (err || !mm)
		return err ? err : -ESRCH;	/* a zombie */
	open = kzalloc(sizeof(*open), GFP_KERNEL);
	if (open) {
		mmgrab(mm);
		open->mm = mm;
		open->frames = capable(CAP_SYS_ADMIN);
		file->private = open;
	}
	mmput(mm);
	return open ? 0 : -ENOMEM;
}

static void mem_release(struct file *file)
{
	struct mem_open *open = file->private;

	mmdrop(open->mm);
	kfree(open);
}

/* Addresses are no sizes: there is no end to seek from. */
static loff_t mem_llseek(struct file *file, loff_t offset, int whence)
{
	assert_held(&file->pos_lock);
	if (whence == SEEK_CUR)
		offset += file->pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (offset < 0)
		return -EINVAL;
	file->pos = offset;
	return offset;
}

/* ---- mem ---- */

/* A page's worth through @buf. Return: bytes, -EIO where nothing is mapped, -EFAULT. */
static ssize_t mem_copy(struct mm *mm, char *buf, struct iobuf *io, loff_t *pos, bool write)
{
	size_t want = min(io->left, PAGE_SIZE), n;

	if (write && iobuf_copy_from(io, buf, want) != want)
		return -EFAULT;
	n = access_remote_vm(mm, (unsigned long)*pos, buf, want,
			     FOLL_FORCE | FOLL_NOASK | (write ? FOLL_WRITE : 0));
	if (!n)
		return -EIO;
	if (!write && iobuf_copy_to(io, buf, n) != n)
		return -EFAULT;
	*pos += (loff_t)n;
	return (ssize_t)n;
}

static ssize_t mem_rw(struct file *file, struct iobuf *io, loff_t *pos, bool write)
{
	struct mem_open *open = file->private;
	ssize_t done = 0, n = 0;
	char *buf;

	if (!mmget_not_zero(open->mm))
		return 0;
	buf = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!buf)
		n = -ENOMEM;
	while (buf && io->left) {
		n = mem_copy(open->mm, buf, io, pos, write);
		if (n < 0)
			break;
		done += n;
		if (n < (ssize_t)PAGE_SIZE)
			break;
	}
	kfree(buf);
	mmput(open->mm);
	return done && n != -EFAULT ? done : n;
}

static ssize_t mem_read(struct file *file, struct iobuf *io, loff_t *pos)
{
	return mem_rw(file, io, pos, false);
}

static ssize_t mem_write(struct file *file, struct iobuf *io, loff_t *pos)
{
	return mem_rw(file, io, pos, true);
}

static const struct file_operations mem_fops = {
	.open = mem_open, .llseek = mem_llseek, .read = mem_read, .write = mem_write,
	.release = mem_release,
};

/* ---- pagemap ---- */

#define PAGEMAP_STEP 64		/* words at a time */

static ssize_t pagemap_read_some(struct mem_open *open, struct iobuf *io, loff_t *pos)
{
	unsigned long nr, va, first = (unsigned long)*pos / sizeof(u64);
	u64 words[PAGEMAP_STEP];
	ssize_t done = 0;
	size_t n;
	int err;

	for (; io->left && first < MM_USER_TOP >> PAGE_SHIFT; first += nr) {
		va = first << PAGE_SHIFT;
		nr = min((unsigned long)PAGEMAP_STEP, io->left / sizeof(u64));
		nr = min(nr, (MM_USER_TOP - va) >> PAGE_SHIFT);
		err = pagemap_read(open->mm, va, nr, open->frames, words);
		if (err)
			return done ? done : err;
		n = iobuf_copy_to(io, words, nr * sizeof(u64));
		done += (ssize_t)n;
		*pos += (loff_t)n;
		if (n < nr * sizeof(u64))
			return done ? done : -EFAULT;
	}
	return done;
}

static ssize_t proc_pagemap_read(struct file *file, struct iobuf *io, loff_t *pos)
{
	struct mem_open *open = file->private;
	ssize_t done;

	if (*pos % sizeof(u64) || io->left % sizeof(u64))
		return -EINVAL;
	if (!mmget_not_zero(open->mm))
		return 0;
	done = pagemap_read_some(open, io, pos);
	mmput(open->mm);
	return done;
}

#define PAGEMAP_SCAN 0xc0606610U

static long proc_pagemap_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct mem_open *open = file->private;
	long done;

	if (cmd != PAGEMAP_SCAN)
		return -EINVAL;
	if (!mmget_not_zero(open->mm))
		return 0;
	done = pagemap_scan(open->mm, (void __user *)arg);
	mmput(open->mm);
	return done;
}

static const struct file_operations pagemap_fops = {
	.open = mem_open, .llseek = mem_llseek, .read = proc_pagemap_read,
	.ioctl = proc_pagemap_ioctl,
	.release = mem_release,
};

/* ---- environ and auxv ---- */

/* What the program was started with, as it is by now in its memory. */
static ssize_t environ_read(struct file *file, struct iobuf *io, loff_t *pos)
{
	struct mem_open *open = file->private;
	u64 start = open->mm->env_start, len = open->mm->env_end - start;
	struct iobuf some = *io;
	loff_t at = (loff_t)start + *pos;
	ssize_t done;

	if ((u64)*pos >= len)
		return 0;
	some.left = min(io->left, (size_t)(len - (u64)*pos));
	done = mem_rw(file, &some, &at, false);
	if (done > 0)
		*pos += done;
	return done;
}

static ssize_t auxv_read(struct file *file, struct iobuf *io, loff_t *pos)
{
	struct mem_open *open = file->private;
	const u64 *auxv = open->mm->saved_auxv;
	size_t words = 0, n;

	do
		words += 2;
	while (words < ARRAY_SIZE(open->mm->saved_auxv) && auxv[words - 2] != AT_NULL);
	if ((size_t)*pos >= words * sizeof(u64) || !io->left)
		return 0;
	n = min(io->left, words * sizeof(u64) - (size_t)*pos);
	n = iobuf_copy_to(io, (const char *)auxv + *pos, n);
	*pos += (loff_t)n;
	return n ? (ssize_t)n : -EFAULT;
}

static const struct file_operations environ_fops = {
	.open = mem_open, .llseek = mem_llseek, .read = environ_read, .release = mem_release,
};

static const struct file_operations auxv_fops = {
	.open = mem_open, .read = auxv_read, .release = mem_release,
};

/* ---- clear_refs ---- */

/* A decimal number with blanks around it. Return: 0, -EINVAL, -ERANGE. */
static int clear_refs_parse(const char *text, u64 *number)
{
	int err;

	text += strspn(text, " \t\n");
	text += *text == '+';
	if (!strncmp(text, "0x", 2))
		return -EINVAL;
	err = parse_u64_at(&text, number);
	if (err || text[strspn(text, " \t\n")])
		return err ? err : -EINVAL;
	return *number > BIT(31) - 1 ? -ERANGE : 0;
}

static ssize_t clear_refs_write(struct file *file, struct iobuf *io, loff_t *pos)
{
	char text[13] = { 0 };
	size_t n = min(io->left, sizeof(text) - 1);
	struct mm *mm;
	u64 number;
	int err;

	if (iobuf_copy_from(io, text, n) != n)
		return -EFAULT;
	err = clear_refs_parse(text, &number);
	if (!err && (number < CLEAR_REFS_ALL || number > CLEAR_REFS_HIWATER))
		err = -EINVAL;
	if (!err)
		err = process_find_mm((pid_t)(long)file->private, &mm);
	if (err)
		return err;
	if (mm) {
		err = mm_clear_refs(mm, (enum clear_refs)number);
		mmput(mm);
	}
	*pos += (loff_t)n;
	return err ? err : (ssize_t)n;
}

static const struct file_operations clear_refs_fops = { .write = clear_refs_write };

void proc_mem_init(void)
{
	if (proc_pid_create_fops("mem", 0600, &mem_fops) ||
	    proc_pid_create_fops("pagemap", 0400, &pagemap_fops) ||
	    proc_pid_create_fops("clear_refs", 0200, &clear_refs_fops) ||
	    proc_pid_create_fops("environ", 0400, &environ_fops) ||
	    proc_pid_create_fops("auxv", 0400, &auxv_fops))
		panic("no memory for the files of /proc/<pid>");
}
