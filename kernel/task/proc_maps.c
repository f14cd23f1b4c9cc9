/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/proc_maps.c - /proc/<pid>/maps and smaps: the ranges of a process as text
 *
 * Concept    One line for each VMA in Linux's columns, which programs parse:
 *
 *                00400000-0040b000 r-xp 00001000 00:01 17       /bin/sh
 *                start    end      perms offset  device inode   path, or [heap] ...
 *
 *            The name begins at column 74 or behind the numbers. smaps adds to each
 *            what it costs (mm/usage.c), smaps_rollup says it of all together.
 * Owns       Nothing.
 * Locks      The process's mmap_lock for reading, for one VMA at a time: the names
 *            of files want locks that lie outside of it. A process that changes
 *            its ranges meanwhile is seen partly before and partly after.
 * Callers    fs/procfs.c
 * Next       kernel/task/proc_mem.c
 */
#include "kernel/task/process.h"

#include "fs/proc.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/usage.h"

#define MAPS_NAME_COLUMN 73

/* What one line says, copied from the VMA; holds the file. */
struct maps_line {
	unsigned long start, end, flags;
	u64 offset, dev, ino;
	struct file *file;
	char name[256];
};

/* What Linux calls the ranges that no file names. */
static const char *maps_anon_name(struct vma *vma)
{
	const struct mm *mm = vma->mm;

	if (vma->ops && vma->ops->name)
		return vma->ops->name(vma);
	if (vma->start < mm->brk && vma->end > mm->start_brk)
		return "[heap]";
	return vma->flags & VM_GROWSDOWN ? "[stack]" : "";
}

/* The first VMA that ends above @va, and what it costs. Return: whether there is one. */
static bool maps_next(struct mm *mm, unsigned long va, struct maps_line *line,
		      struct mem_usage *usage)
{
	struct vma *vma;

	down_read(&mm->mmap_lock);
	vma = find_vma(mm, va);
	if (vma) {
		*line = (struct maps_line){
			.start = vma->start, .end = vma->end, .flags = vma->flags,
			.file = vma->file,
		};
		if (vma->file) {
			line->offset = vma->pgoff << PAGE_SHIFT;
			mmap_file_hooks->get(vma->file);
		} else {
			(void)strscpy(line->name, maps_anon_name(vma), sizeof(line->name));
		}
		if (usage)
			mem_usage_add(usage, vma);
	}
	up_read(&mm->mmap_lock);
	return vma;
}

static void maps_print(struct seq_file *m, struct maps_line *line)
{
	char text[128];

	if (line->file) {
		mmap_file_hooks->describe(line->file, line->name, sizeof(line->name), &line->dev,
					  &line->ino);
		mmap_file_hooks->put(line->file);
	}
	(void)snprintf(text, sizeof(text), "%08lx-%08lx %c%c%c%c %08lx %02x:%02x %lu ",
		       line->start, line->end, line->flags & VM_READ ? 'r' : '-',
		       line->flags & VM_WRITE ? 'w' : '-', line->flags & VM_EXEC ? 'x' : '-',
		       line->flags & VM_SHARED ? 's' : 'p', (unsigned long)line->offset,
		       (unsigned int)(line->dev >> 8), (unsigned int)(line->dev & 0xff),
		       (unsigned long)line->ino);
	if (line->name[0])
		seq_printf(m, "%-*s%s\n", MAPS_NAME_COLUMN, text, line->name);
	else
		seq_printf(m, "%s\n", text);
}

static int maps_show(struct seq_file *m)
{
	struct maps_line line;
	unsigned long va = 0;
	struct mm *mm;
	int err = process_find_mm(m->pid, &mm);

	if (err || !mm)
		return err;	/* a zombie has no ranges */
	while (maps_next(mm, va, &line, NULL)) {
		maps_print(m, &line);
		va = line.end;
	}
	mmput(mm);
	return 0;
}

/* ---- smaps ---- */

static void smaps_kb(struct seq_file *m, const char *name, u64 bytes)
{
	seq_printf(m, "%-16s%8lu kB\n", name, (unsigned long)(bytes >> 10));
}

/* What smaps and smaps_rollup both say; the latter splits Pss. */
static void smaps_print_usage(struct seq_file *m, const struct mem_usage *u, bool split)
{
	smaps_kb(m, "Rss:", u->rss);
	smaps_kb(m, "Pss:", u->pss >> USAGE_PSS_SHIFT);
	smaps_kb(m, "Pss_Dirty:", u->pss_dirty >> USAGE_PSS_SHIFT);
	if (split) {
		smaps_kb(m, "Pss_Anon:", u->pss_anon >> USAGE_PSS_SHIFT);
		smaps_kb(m, "Pss_File:", u->pss_file >> USAGE_PSS_SHIFT);
		smaps_kb(m, "Pss_Shmem:", u->pss_shmem >> USAGE_PSS_SHIFT);
	}
	smaps_kb(m, "Shared_Clean:", u->shared_clean);
	smaps_kb(m, "Shared_Dirty:", u->shared_dirty);
	smaps_kb(m, "Private_Clean:", u->private_clean);
	smaps_kb(m, "Private_Dirty:", u->private_dirty);
	smaps_kb(m, "Referenced:", u->referenced);
	smaps_kb(m, "Anonymous:", u->anonymous);
	smaps_kb(m, "KSM:", 0);
	smaps_kb(m, "LazyFree:", u->lazyfree);
	smaps_kb(m, "AnonHugePages:", 0);
	smaps_kb(m, "ShmemPmdMapped:", 0);
	smaps_kb(m, "FilePmdMapped:", 0);
	smaps_kb(m, "Shared_Hugetlb:", 0);
	smaps_kb(m, "Private_Hugetlb:", 0);
	smaps_kb(m, "Swap:", u->swap);
	smaps_kb(m, "SwapPss:", u->swap_pss >> USAGE_PSS_SHIFT);
	smaps_kb(m, "Locked:", u->locked >> USAGE_PSS_SHIFT);
}

/* Linux's letters, in Linux's order. */
static void smaps_print_flags(struct seq_file *m, unsigned long flags)
{
	static const struct { unsigned long flag; const char *name; } names[] = {
		{ VM_READ, "rd" }, { VM_WRITE, "wr" }, { VM_EXEC, "ex" }, { VM_SHARED, "sh" },
		{ VM_MAYREAD, "mr" }, { VM_MAYWRITE, "mw" }, { VM_MAYEXEC, "me" },
		{ VM_MAYSHARE, "ms" }, { VM_GROWSDOWN, "gd" }, { VM_PFNMAP, "pf" },
		{ VM_LOCKED, "lo" }, { VM_SEQ_READ, "sr" }, { VM_RAND_READ, "rr" },
		{ VM_DONTCOPY, "dc" }, { VM_DONTEXPAND, "de" }, { VM_LOCKONFAULT, "lf" },
		{ VM_ACCOUNT, "ac" }, { VM_NORESERVE, "nr" }, { VM_WIPEONFORK, "wf" },
		{ VM_DONTDUMP, "dd" }, { VM_SOFTDIRTY, "sd" }, { VM_UFFD_MISSING, "um" },
		{ VM_UFFD_WP, "uw" }, { VM_UFFD_MINOR, "ui" }, { VM_SEALED, "sl" },
	};

	seq_puts(m, "VmFlags: ");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & names[i].flag)
			seq_printf(m, "%s ", names[i].name);
	seq_putc(m, '\n');
}

static int smaps_show(struct seq_file *m)
{
	struct mem_usage usage = { 0 };
	struct maps_line line;
	unsigned long va = 0;
	struct mm *mm;
	int err = process_find_mm(m->pid, &mm);

	if (err || !mm)
		return err;
	for (; maps_next(mm, va, &line, &usage); usage = (struct mem_usage){ 0 }) {
		maps_print(m, &line);
		smaps_kb(m, "Size:", usage.size);
		smaps_kb(m, "KernelPageSize:", PAGE_SIZE);
		smaps_kb(m, "MMUPageSize:", PAGE_SIZE);
		smaps_print_usage(m, &usage, false);
		seq_puts(m, "THPeligible:           0\n");
		smaps_print_flags(m, line.flags);
		va = line.end;
	}
	mmput(mm);
	return 0;
}

/* The sum of all ranges; what the first one is shown as stands for all. */
static int smaps_rollup_show(struct seq_file *m)
{
	struct mem_usage usage = { 0 };
	struct maps_line line = { .name = "[rollup]" };
	struct mm *mm;
	struct vma *vma;
	int err = process_find_mm(m->pid, &mm);

	if (err || !mm)
		return err ? err : -ESRCH;
	down_read(&mm->mmap_lock);
	for (vma = find_vma(mm, 0); vma; vma = vma_next(vma)) {
		if (!line.end)
			line.start = vma->start;
		line.end = vma->end;
		mem_usage_add(&usage, vma);
	}
	up_read(&mm->mmap_lock);
	mmput(mm);
	maps_print(m, &line);
	smaps_print_usage(m, &usage, true);
	return 0;
}

void proc_maps_init(void)
{
	if (proc_pid_create_private("maps", maps_show) ||
	    proc_pid_create_private("smaps", smaps_show) ||
	    proc_pid_create_private("smaps_rollup", smaps_rollup_show))
		panic("no memory for the files of /proc/<pid>");
}
