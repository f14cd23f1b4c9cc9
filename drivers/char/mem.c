/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/char/mem.c - devices that are no devices: null, zero, full, urandom
 *
 * Concept    Sources and sinks of bytes without any state. Random numbers are
 *            kernel/task/random.h's.
 * Owns       Nothing.
 * Locks      None.
 * Invariants None.
 * Callers    fs/devtmpfs.c
 * Next       drivers/char/kmsg.c
 */
#include "drivers/char/mem.h"
#include "fs/chardev.h"
#include "fs/vfs.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/sched.h"
#include "kernel/task/random.h"

#define MEM_MAJOR 1

static ssize_t null_read(struct file *file, struct iobuf *io, loff_t *pos)
{
	return 0;
}

static ssize_t null_write(struct file *file, struct iobuf *io, loff_t *pos)
{
	size_t n = io->left;

	iobuf_skip(io, n);
	return (ssize_t)n;
}

static ssize_t full_write(struct file *file, struct iobuf *io, loff_t *pos)
{
	return -ENOSPC;
}

/* Long reads are cut into pieces between which others may run. */
static ssize_t zero_read(struct file *file, struct iobuf *io, loff_t *pos)
{
	size_t n, moved, done = 0;

	while (io->left && !fatal_signal_pending(current)) {
		n = min(io->left, (size_t)PAGE_SIZE);
		moved = iobuf_zero(io, n);
		done += moved;
		if (moved < n)
			return done ? (ssize_t)done : -EFAULT;
		cond_resched();
	}
	return (ssize_t)done;
}

/* Memory without a name: see attach_object() in mm/mmap.c. */
static int zero_mmap(struct file *file, struct vma *vma)
{
	return 0;
}

static ssize_t urandom_read(struct file *file, struct iobuf *io, loff_t *pos)
{
	size_t n, moved, done = 0;
	u64 piece[32];

	while (io->left && !fatal_signal_pending(current)) {
		n = min(io->left, sizeof(piece));
		for (size_t i = 0; i < DIV_ROUND_UP(n, sizeof(u64)); i++)
			piece[i] = random_u64();
		moved = iobuf_copy_to(io, piece, n);
		done += moved;
		if (moved < n)
			return done ? (ssize_t)done : -EFAULT;
		cond_resched();
	}
	return (ssize_t)done;
}

static const struct file_operations null_fops = { .read = null_read, .write = null_write };
static const struct file_operations zero_fops = {
	.read = zero_read, .write = null_write, .mmap = zero_mmap,
};
static const struct file_operations full_fops = { .read = zero_read, .write = full_write };
static const struct file_operations urandom_fops = { .read = urandom_read, .write = null_write };

static const struct {
	const char *name;
	u32 minor;
	const struct file_operations *fops;
} mem_devices[] = {
	{ "null", 3, &null_fops }, { "zero", 5, &zero_fops }, { "full", 7, &full_fops },
	{ "random", 8, &urandom_fops }, { "urandom", 9, &urandom_fops },
};

void mem_devices_init(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(mem_devices); i++)
		if (device_register(mem_devices[i].name, S_IFCHR | 0666, MEM_MAJOR,
				    mem_devices[i].minor, mem_devices[i].fops, NULL))
			panic("no memory for /dev/%s", mem_devices[i].name);
}
