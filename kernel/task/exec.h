/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/exec.h - from a file to a running program
 */
#ifndef KERNEL_TASK_EXEC_H
#define KERNEL_TASK_EXEC_H

#include "include/types.h"

struct exec_args;
struct pt_regs;

/*
 * Replace the running program by @path, with the strings in *@args (which a
 * script replaces: free what is there afterwards).
 * Context: a user thread (or the first process before it has an mm), nothing
 * held; may sleep. On success the old address space is gone and @regs starts
 * the new program. Return: 0, or -errno with nothing changed.
 */
int __must_check exec_program(const char *path, struct exec_args **args, struct pt_regs *regs);

/*
 * Collect argument strings in kernel memory. At most EXEC_ARGS_MAX bytes in
 * all. Context: may sleep. Return: 0, -E2BIG, -EFAULT, -ENOMEM.
 */
#define EXEC_ARGS_MAX (128 * 1024)
int __must_check exec_args_from_user(struct exec_args **out, u64 __user *argv, u64 __user *envp);
int __must_check exec_args_from_kernel(struct exec_args **out, const char *const *argv,
				       const char *const *envp);
void exec_args_free(struct exec_args *args);

/* ---- the ELF reader, apart from any process so that tests can feed it ---- */

struct elf_segment {
	u64 va, memsz;			/* [va, va + memsz) in user space */
	u64 offset, filesz;		/* bytes that come from the file */
	u32 prot;			/* PROT_* */
};

#define ELF_SEGMENTS_MAX 16

struct elf_image {
	u64 entry;
	u64 phdr;			/* user address of the program headers; 0: not mapped */
	u32 phnum, phent;
	u64 low, high;			/* pages of all segments lie in [low, high) */
	bool relocatable;		/* ET_DYN: addresses are relative to a base */
	u32 nr_segments;
	struct elf_segment segments[ELF_SEGMENTS_MAX];
};

/* Program headers looked at; a file with more is refused. */
#define ELF_PHNUM_MAX 64

/*
 * Judge the file header: @head is the first @head_len bytes of a file of
 * @file_size bytes. Context: any.
 * Return: 0 with the program headers' place in *@phoff and *@phnum; they lie
 * inside the file. -ENOEXEC if this is no ELF64 x86-64 program.
 */
int __must_check elf_parse_header(const void *head, u64 head_len, u64 file_size, u64 *phoff,
				  u32 *phnum);

/*
 * Judge the program headers @phdrs of a file whose header passed. Everything
 * that a hostile file could say is checked here: after 0 the segments of *@out
 * are in ascending order, share no page, lie inside user space and the file,
 * and no sum of theirs overflows. Context: any.
 * Return: 0; -ENOEXEC; -ENOENT if it wants a dynamic linker.
 */
int __must_check elf_parse_segments(const void *head, const void *phdrs, u64 file_size,
				    struct elf_image *out);

#endif
