/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/sys_page_idle.c - /sys/kernel/mm/page_idle/bitmap: a bit for each frame
 *
 * Concept    Bit N % 64 of word N / 64 is frame N's. Writing 1 makes it idle, writing 0
 *            does nothing; a 1 that is read says that it is still idle. Whole words only.
 * Owns       The format.
 * Locks      None.
 * Invariants None.
 * Callers    fs/sysfs.c
 * Next       fs/mmap_hooks.c
 */
#include "fs/internal.h"
#include "fs/sysfs.h"
#include "fs/vfs.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/sched.h"
#include "mm/page_idle.h"

#define PAGES_PER_WORD 64ULL
#define WORD_BYTES sizeof(u64)

/* Bytes of one call: whole words, no more than a page. Return: 0 or -EINVAL. */
static int idle_check(const struct iobuf *io, loff_t pos, size_t *left)
{
	*left = min(io->left, (size_t)PAGE_SIZE);
	return pos % (loff_t)WORD_BYTES || *left % WORD_BYTES ? -EINVAL : 0;
}

/* Frames behind the last one have no word, as on Linux: not even a part of one. */
static bool idle_has_word(loff_t pos)
{
	return (u64)pos / WORD_BYTES < max_pfn / PAGES_PER_WORD;
}

static ssize_t idle_read(struct file *file, struct iobuf *io, loff_t *pos)
{
	size_t left, done = 0;
	int error = idle_check(io, *pos, &left);

	for (; !error && done < left && idle_has_word(*pos); done += WORD_BYTES) {
		u64 first = (u64)*pos / WORD_BYTES * PAGES_PER_WORD, word = 0;

		for (u64 i = 0; i < PAGES_PER_WORD; i++)
			word |= (u64)page_idle_test(pfn_make(first + i)) << i;
		if (iobuf_copy_to(io, &word, WORD_BYTES) != WORD_BYTES)
			return -EFAULT;
		*pos += (loff_t)WORD_BYTES;
		cond_resched();
	}
	return error ? error : (ssize_t)done;
}

static ssize_t idle_write(struct file *file, struct iobuf *io, loff_t *pos)
{
	size_t left, done = 0;
	int error = idle_check(io, *pos, &left);

	if (!error && left && !idle_has_word(*pos))
		error = -ENXIO;
	for (; !error && done < left && idle_has_word(*pos); done += WORD_BYTES) {
		u64 first = (u64)*pos / WORD_BYTES * PAGES_PER_WORD, word;

		if (iobuf_copy_from(io, &word, WORD_BYTES) != WORD_BYTES)
			return -EFAULT;
		for (u64 i = 0; i < PAGES_PER_WORD; i++)
			if (word & BIT(i))
				page_idle_set(pfn_make(first + i));
		*pos += (loff_t)WORD_BYTES;
		cond_resched();
	}
	return error ? error : (ssize_t)done;
}

static const struct file_operations idle_fops = { .read = idle_read, .write = idle_write };

void sys_page_idle_init(void)
{
	if (sysfs_create_fops("kernel/mm/page_idle/bitmap", 0600, &idle_fops))
		panic("no memory for /sys");
}
