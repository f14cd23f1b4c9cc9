/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/proc_maps.c - /proc/<pid>/maps: the ranges of a process as text
 *
 * Concept    One line for each VMA in Linux's columns, which programs parse:
 *
 *                00400000-0040b000 r-xp 00001000 00:01 17       /bin/sh
 *                start    end      perms offset  device inode   path, or [heap] ...
 *
 *            The name begins at column 74 or behind the numbers.
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

/* The first VMA that ends above @va. Return: whether there is one. */
static bool maps_next(struct mm *mm, unsigned long va, struct maps_line *line)
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
	while (maps_next(mm, va, &line)) {
		maps_print(m, &line);
		va = line.end;
	}
	mmput(mm);
	return 0;
}

void proc_maps_init(void)
{
	if (proc_pid_create("maps", maps_show))
		panic("no memory for the files of /proc/<pid>");
}
