/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/proc_sys.c - /proc/sys: the system's name, and limits of the memory manager
 *
 * Concept    One value a file. Only what is true here: a value that nothing obeys
 *            has no file.
 * Owns       Nothing.
 * Locks      None.
 * Invariants None.
 * Callers    fs/vfs.c
 * Next       fs/proc_trace.c
 */
#include "fs/internal.h"
#include "fs/proc.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/parse.h"
#include "kernel/lib/uts.h"
#include "mm/buddy.h"
#include "mm/commit.h"
#include "mm/mm.h"
#include "mm/swap.h"
#include "mm/vma.h"
#include "mm/writeback.h"

static int text_show(struct seq_file *m)
{
	seq_printf(m, "%s\n", (const char *)m->private);
	return 0;
}

static int number_show(struct seq_file *m)
{
	seq_printf(m, "%lu\n", (unsigned long)m->private);
	return 0;
}

static int limit_show(struct seq_file *m)
{
	seq_printf(m, "%lu\n", (unsigned long)READ_ONCE(*(u64 *)m->private));
	return 0;
}

/* Text that is a number and at most one newline. */
static int limit_parse(const char *text, u64 *value)
{
	int error = parse_u64_at(&text, value);

	if (*text == '\n')
		text++;
	return error ? error : *text ? -EINVAL : 0;
}

static int limit_write(const char *text, void *private)
{
	u64 value;
	int error = limit_parse(text, &value);

	if (error)
		return error;
	WRITE_ONCE(*(u64 *)private, value);
	writeback_wake();
	return 0;
}

/* Which pages reclaim prefers: 0 those of files, 200 anonymous ones. */
static int swappiness_write(const char *text, void *private)
{
	u64 value;
	int error = limit_parse(text, &value);

	if (error || value > 200)
		return error ? error : -EINVAL;
	WRITE_ONCE(vm_swappiness, value);
	return 0;
}

/* A share of memory. */
static int ratio_write(const char *text, void *private)
{
	u64 value;
	int error = limit_parse(text, &value);

	return error ? error : value > 100 ? -EINVAL : limit_write(text, private);
}

static int max_map_count_write(const char *text, void *private)
{
	u64 value;
	int error = limit_parse(text, &value);

	if (error || value > INT32_MAX)
		return error ? error : -EINVAL;
	WRITE_ONCE(max_map_count, value);
	return 0;
}

static int overcommit_memory_write(const char *text, void *private)
{
	u64 value;
	int error = limit_parse(text, &value);

	if (error)
		return error;
	if (value > OVERCOMMIT_NEVER)
		return -EINVAL;
	WRITE_ONCE(commit_policy.overcommit_memory, value);
	return 0;
}

/* The limit is a ratio or a number: setting the one ends the other. */
static int overcommit_ratio_write(const char *text, void *private)
{
	u64 value;
	int error = limit_parse(text, &value);

	if (error)
		return error;
	if (value > INT32_MAX)
		return -EINVAL;
	WRITE_ONCE(commit_policy.overcommit_ratio, value);
	WRITE_ONCE(commit_policy.overcommit_kbytes, 0);
	return 0;
}

static int overcommit_kbytes_write(const char *text, void *private)
{
	u64 value;
	int error = limit_parse(text, &value);

	if (error)
		return error;
	WRITE_ONCE(commit_policy.overcommit_kbytes, value);
	WRITE_ONCE(commit_policy.overcommit_ratio, 0);
	return 0;
}

static int reserve_write(const char *text, void *private)
{
	u64 value;
	int error = limit_parse(text, &value);

	if (!error)
		WRITE_ONCE(*(u64 *)private, value);
	return error;
}

void proc_sys_init(void)
{
	const struct {
		const char *path;
		proc_show_fn *show;
		void *value;
		proc_write_fn *write;
	} files[] = {
		{ "sys/kernel/ostype", text_show, UTS_SYSNAME },
		{ "sys/kernel/hostname", text_show, UTS_NODENAME },
		{ "sys/kernel/osrelease", text_show, UTS_RELEASE },
		{ "sys/kernel/version", text_show, UTS_VERSION },
		{ "sys/vm/max_map_count", limit_show, &max_map_count, max_map_count_write },
		{ "sys/vm/mmap_min_addr", number_show, (void *)MM_USER_MIN },
		{ "sys/vm/min_free_kbytes", number_show,
		  (void *)(buddy_marks()->min << (PAGE_SHIFT - 10)) },
		{ "sys/vm/swappiness", limit_show, &vm_swappiness, swappiness_write },
		{ "sys/vm/overcommit_memory", limit_show, &commit_policy.overcommit_memory,
		  overcommit_memory_write },
		{ "sys/vm/overcommit_ratio", limit_show, &commit_policy.overcommit_ratio,
		  overcommit_ratio_write },
		{ "sys/vm/overcommit_kbytes", limit_show, &commit_policy.overcommit_kbytes,
		  overcommit_kbytes_write },
		{ "sys/vm/admin_reserve_kbytes", limit_show,
		  &commit_policy.admin_reserve_kbytes, reserve_write },
		{ "sys/vm/user_reserve_kbytes", limit_show,
		  &commit_policy.user_reserve_kbytes, reserve_write },
		{ "sys/vm/dirty_ratio", limit_show, &writeback_limits.dirty_ratio, ratio_write },
		{ "sys/vm/dirty_background_ratio", limit_show,
		  &writeback_limits.dirty_background_ratio, ratio_write },
		{ "sys/vm/dirty_bytes", limit_show, &writeback_limits.dirty_bytes, limit_write },
		{ "sys/vm/dirty_background_bytes", limit_show,
		  &writeback_limits.dirty_background_bytes, limit_write },
		{ "sys/vm/dirty_writeback_centisecs", limit_show,
		  &writeback_limits.dirty_writeback_centisecs, limit_write },
		{ "sys/vm/dirty_expire_centisecs", limit_show,
		  &writeback_limits.dirty_expire_centisecs, limit_write },
	};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (proc_create_rw(files[i].path, files[i].show, files[i].write,
				   files[i].value))
			panic("no memory for /proc/%s", files[i].path);
}
