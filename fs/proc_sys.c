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
#include "kernel/lib/uts.h"
#include "mm/buddy.h"
#include "mm/mm.h"
#include "mm/vma.h"

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

void proc_sys_init(void)
{
	const struct {
		const char *path;
		proc_show_fn *show;
		void *value;
	} files[] = {
		{ "sys/kernel/ostype", text_show, UTS_SYSNAME },
		{ "sys/kernel/hostname", text_show, UTS_NODENAME },
		{ "sys/kernel/osrelease", text_show, UTS_RELEASE },
		{ "sys/kernel/version", text_show, UTS_VERSION },
		{ "sys/vm/max_map_count", number_show, (void *)MAX_MAP_COUNT },
		{ "sys/vm/mmap_min_addr", number_show, (void *)MM_USER_MIN },
		{ "sys/vm/min_free_kbytes", number_show,
		  (void *)(buddy_marks()->min << (PAGE_SHIFT - 10)) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (proc_create_rw(files[i].path, files[i].show, NULL, files[i].value))
			panic("no memory for /proc/%s", files[i].path);
}
