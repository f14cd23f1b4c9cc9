/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/char/magic_key.c - keys that ask a live or hung machine what it does
 *
 * Concept    Ctrl-O on the console, then a letter. The letter's handler runs in
 *            the input interrupt, so it answers even when nothing is scheduled
 *            any more. Ctrl-O twice is a plain Ctrl-O for the program.
 * Owns       The table of keys.
 * Locks      None: entries are written once, at boot, and read by the interrupt.
 * Invariants None.
 * Callers    drivers/char/tty.c; whoever has something to show registers a key
 * Next       drivers/video/vga.c
 */
#include "drivers/char/magic_key.h"
#include "drivers/char/tty.h"
#include "kernel/block/block.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/rculist.h"
#include "kernel/sched/task.h"
#include "kernel/sync/lock_check.h"
#include "kernel/sync/rcu.h"
#include "mm/buddy.h"
#include "mm/swap.h"

#define MAGIC_PREFIX 0x0f		/* Ctrl-O */

struct magic_key {
	void (*handler)(void);
	const char *help;
};

static struct magic_key magic_keys[128];
static bool magic_armed;		/* the prefix was the last character */

int magic_key_register(char key, void (*handler)(void), const char *help)
{
	struct magic_key *k = &magic_keys[key & 0x7f];

	if (k->handler)
		return -EBUSY;
	k->help = help;
	smp_store_release(&k->handler, handler);
	return 0;
}

static void magic_help(void)
{
	pr_info("Ctrl-O, then:");
	for (int i = 0; i < 128; i++)
		if (magic_keys[i].handler)
			pr_info("  %c  %s", i, magic_keys[i].help);
}

bool magic_key_input(u8 c)
{
	void (*handler)(void);

	if (!magic_armed) {
		magic_armed = c == MAGIC_PREFIX;
		return magic_armed;
	}
	magic_armed = false;
	if (c == MAGIC_PREFIX)
		return false;
	handler = smp_load_acquire(&magic_keys[c & 0x7f].handler);
	if (handler)
		handler();
	else
		magic_help();
	return true;
}

static void magic_locks(void)
{
	struct task *t;

	pr_info("locks held:");
	rcu_read_lock();
	list_for_each_entry_rcu(t, &task_list, all_link)
		lock_check_dump(t);
	rcu_read_unlock();
}

static void magic_memory(void)
{
	struct block_device *bdev = block_nth(0);

	/* Counters only: the interrupted code may hold their locks. */
	pr_info("memory: %lu of %lu pages free", (unsigned long)nr_free_pages(),
		(unsigned long)totalram_pages());
	if (bdev)
		pr_info("%s: %lu queued, %lu under way", bdev->name,
			(unsigned long)READ_ONCE(bdev->nr_queued),
			(unsigned long)READ_ONCE(bdev->nr_started));
	pr_info("swap: %lu pages in, %lu out", (unsigned long)atomic64_read(&vmstat.pswpin),
		(unsigned long)atomic64_read(&vmstat.pswpout));
}

static const struct {
	char key;
	void (*handler)(void);
	const char *help;
} magic_first[] = {
	{ '?', magic_help, "this list" },
	{ 't', task_dump_all, "tasks with their stacks" },
	{ 'l', magic_locks, "locks that tasks hold" },
	{ 'm', magic_memory, "memory, swap and block queues" },
};

void magic_key_init(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(magic_first); i++)
		if (magic_key_register(magic_first[i].key, magic_first[i].handler,
				       magic_first[i].help))
			pr_warn("magic key %c is taken", magic_first[i].key);
}
