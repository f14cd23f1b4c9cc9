/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/test/check_dev.c - /dev/check: the checks around a test, for programs
 *
 * Concept    What the kernel's own tests have around them (leak check, world check,
 *            run queues, locks), a program can have around what it does:
 *
 *                echo begin >/dev/check		remember how much is in use
 *                ...					work; end all its processes
 *                echo end >/dev/check		compare, and walk everything
 *
 *            What is wrong is a report in the log, which makes the run fail.
 * Owns       Nothing.
 * Locks      None: a device without a position is written with no lock held.
 * Callers    user/sysfuzz.c and other long runs of programs (tests/boot).
 * Next       kernel/test/plant.c
 */
#include "kernel/test/check_dev.h"

#include "fs/chardev.h"
#include "fs/file.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"
#include "kernel/lib/test_hook.h"

static void check_begin(void)
{
	for (struct test_hook *h = test_hook_first(); h; h = h->next)
		if (h->before)
			h->before();
}

static void check_end(void)
{
	test_hook_failed = false;
	for (struct test_hook *h = test_hook_first(); h; h = h->next)
		if (h->after)
			h->after();
}

static ssize_t check_dev_write(struct file *file, struct iobuf *io, loff_t *pos)
{
	char word[8] = "";
	size_t len = io->left;

	if (len >= sizeof(word))
		return -EINVAL;
	if (iobuf_copy_from(io, word, len) != len)
		return -EFAULT;
	if (str_has_prefix(word, "begin"))
		check_begin();
	else if (str_has_prefix(word, "end"))
		check_end();
	else
		return -EINVAL;
	return (ssize_t)len;
}

static const struct file_operations check_dev_fops = { .write = check_dev_write };

void check_dev_init(void)
{
	ASSERT(!chardev_register("check", &check_dev_fops));
}
