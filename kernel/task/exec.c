/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/exec.c - puts a new program in the place of the running one
 *
 * Concept    The new address space is built beside the old one, complete with
 *            stack, arguments and auxiliary vector. All that can fail happens
 *            there, and a failure leaves the caller as it was. Then comes the
 *            point of no return:
 *
 *                open, judge headers       -ENOENT -EACCES -ENOEXEC ...
 *                mm_alloc, map segments    -ENOMEM
 *                strings, vectors          -E2BIG -ENOMEM
 *                end the other threads     -EAGAIN (the process is ending)
 *                ---- point of no return: nothing below can fail ----
 *                change mm, close CLOEXEC, reset handlers, registers
 *
 *            The initial stack (AMD64 ABI, figure 3.9):
 *
 *                top      path of the program, strings, 16 random bytes
 *                         auxiliary vector, AT_NULL last
 *                         envp[0..], NULL, argv[0..], NULL
 *                sp ->    argc                     (16-aligned)
 *
 *            A file that begins with #! is run by the program it names.
 * Owns       Nothing that lives on.
 * Locks      None of its own; the mm is private until it is used.
 * Invariants Bytes of the stack block that are not written are zero.
 * Callers    sys_execve(), clone.c for the first program.
 * Next       futex.c
 */
#include "kernel/task/exec.h"

#include "arch/x86/cpu/regs.h"
#include "fs/cred.h"
#include "fs/file.h"
#include "fs/vfs.h"
#include "include/uapi/elf.h"
#include "include/uapi/mman.h"
#include "include/uapi/mount.h"
#include "include/uapi/stat.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"
#include "kernel/sched/task.h"
#include "kernel/task/process.h"
#include "kernel/task/random.h"
#include "kernel/time/tick.h"
#include "mm/gup.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/slab.h"
#include "mm/uaccess.h"

#define EXEC_PAGES (EXEC_ARGS_MAX / PAGE_SIZE)
#define EXEC_STACK_SIZE (EXEC_ARGS_MAX + 64 * 1024UL)	/* mapped at once; grows down from there */
#define EXEC_STACK_GAP (8UL << 20)	/* the stack may grow to RLIMIT_STACK: keep mmap off */
#define EXEC_PIE_BASE 0x555555554000UL
#define EXEC_HEAD_SIZE 256
#define EXEC_SCRIPT_DEPTH 4

/* Argument strings, one behind the other with their NULs, in single pages. */
struct exec_args {
	char *pages[EXEC_PAGES];
	size_t len;
	u32 argc, envc;
};

/* ---- collecting the strings ---- */

static int exec_args_room(struct exec_args *args, size_t len)
{
	if (len > EXEC_ARGS_MAX - args->len)
		return -E2BIG;
	for (size_t i = args->len / PAGE_SIZE; i * PAGE_SIZE < args->len + len; i++) {
		if (!args->pages[i])
			args->pages[i] = kzalloc(PAGE_SIZE, GFP_KERNEL);
		if (!args->pages[i])
			return -ENOMEM;
	}
	return 0;
}

/* The bytes at @pos that lie in one page: their address and number. */
static char *exec_args_at(struct exec_args *args, size_t pos, size_t *run)
{
	*run = min(*run, PAGE_SIZE - pos % PAGE_SIZE);
	return args->pages[pos / PAGE_SIZE] + pos % PAGE_SIZE;
}

/* Append @len bytes as they are. */
static int exec_args_copy(struct exec_args *args, const void *src, size_t len, bool user)
{
	int err = exec_args_room(args, len);

	for (size_t done = 0; !err && done < len;) {
		size_t run = len - done;
		char *dst = exec_args_at(args, args->len + done, &run);

		if (user)
			err = copy_from_user(dst, (const char __user *)src + done, run);
		else
			memcpy(dst, (const char *)src + done, run);
		done += run;
	}
	if (!err)
		args->len += len;
	return err;
}

/* Append a string of @len bytes with its NUL, which is enforced: another
 * thread may have changed the string since it was measured. */
static int exec_args_append(struct exec_args *args, const void *src, size_t len, bool user)
{
	int err = exec_args_copy(args, src, len, user);

	if (!err)
		args->pages[(args->len - 1) / PAGE_SIZE][(args->len - 1) % PAGE_SIZE] = '\0';
	return err;
}

static int exec_args_user_vector(struct exec_args *args, u64 __user *vector, u32 *count)
{
	u64 ptr;

	if (!vector)
		return 0;
	for (;; vector++, ++*count) {
		size_t len;
		int err;

		if (get_user(ptr, vector))
			return -EFAULT;
		if (!ptr)
			return 0;
		len = strnlen_user((const char __user *)ptr, EXEC_ARGS_MAX);
		if (!len)
			return -EFAULT;
		if (len > EXEC_ARGS_MAX)
			return -E2BIG;
		err = exec_args_append(args, (const void *)ptr, len, true);
		if (err)
			return err;
	}
}

int exec_args_from_user(struct exec_args **out, u64 __user *argv, u64 __user *envp)
{
	struct exec_args *args = kzalloc(sizeof(*args), GFP_KERNEL);
	int err;

	if (!args)
		return -ENOMEM;
	err = exec_args_user_vector(args, argv, &args->argc);
	if (!err && !args->argc) {	/* a program may rely on argv[0], as on Linux */
		err = exec_args_append(args, "", 1, false);
		args->argc = 1;
	}
	if (!err)
		err = exec_args_user_vector(args, envp, &args->envc);
	if (err) {
		exec_args_free(args);
		return err;
	}
	*out = args;
	return 0;
}

int exec_args_from_kernel(struct exec_args **out, const char *const *argv,
			  const char *const *envp)
{
	struct exec_args *args = kzalloc(sizeof(*args), GFP_KERNEL);
	int err = args ? 0 : -ENOMEM;

	for (; !err && *argv; argv++, args->argc++)
		err = exec_args_append(args, *argv, strlen(*argv) + 1, false);
	for (; !err && *envp; envp++, args->envc++)
		err = exec_args_append(args, *envp, strlen(*envp) + 1, false);
	if (err) {
		if (args)
			exec_args_free(args);
		return err;
	}
	*out = args;
	return 0;
}

void exec_args_free(struct exec_args *args)
{
	for (size_t i = 0; i < EXEC_PAGES; i++)
		kfree(args->pages[i]);
	kfree(args);
}

/* Length of the string at @pos, its NUL included. */
static size_t exec_args_strlen(struct exec_args *args, size_t pos)
{
	size_t len = 0;

	while (pos + len < args->len) {
		size_t run = args->len - pos - len;
		char *s = exec_args_at(args, pos + len, &run);
		char *end = memchr(s, 0, run);

		if (end)
			return len + (end - s) + 1;
		len += run;
	}
	return len;
}

/*
 * A script: argv[0] is replaced by the interpreter, its one argument (may be
 * NULL) and the script's path.
 */
static int exec_args_interpose(struct exec_args **args, const char *interp, const char *arg,
			       const char *path)
{
	const char *first[] = { interp, arg ? arg : path, arg ? path : NULL, NULL };
	const char *const none[] = { NULL };
	struct exec_args *old = *args, *new;
	size_t pos = exec_args_strlen(old, 0);
	int err = exec_args_from_kernel(&new, first, none);

	if (err)
		return err;
	while (!err && pos < old->len) {
		size_t run = old->len - pos;
		char *bytes = exec_args_at(old, pos, &run);

		err = exec_args_copy(new, bytes, run, false);
		pos += run;
	}
	if (err) {
		exec_args_free(new);
		return err;
	}
	new->argc += old->argc - 1;
	new->envc = old->envc;
	exec_args_free(old);
	*args = new;
	return 0;
}

/* ---- the new address space ---- */

/* All that becomes of one exec, before the point of no return. */
struct exec {
	struct file *file;
	u8 head[EXEC_HEAD_SIZE];
	size_t head_len;
	u64 file_size;
	struct elf_image img;
	u64 base;			/* added to the image's addresses */
	struct mm *mm;
	u64 sp;				/* where argc lies */
	struct cred cred;		/* ids and capabilities that it will have */
	bool dumpable;
	char named[256];		/* what was asked for: a program or a script */
	char path[256];			/* of the program, in the end */
};

static int exec_open(struct exec *x)
{
	struct stat st;
	ssize_t n;
	int err = path_open_exec(x->path, &x->file);

	if (err)
		return err;
	inode_stat(x->file->inode, &st);
	x->file_size = st.st_size;
	n = kernel_read(x->file, x->head, sizeof(x->head), 0);
	if (n < 0)
		return n;
	x->head_len = n;
	return 0;
}

static int exec_read_headers(struct exec *x)
{
	u64 phoff;
	u32 phnum;
	void *phdrs;
	ssize_t n;
	size_t len;
	int err = elf_parse_header(x->head, x->head_len, x->file_size, &phoff, &phnum);

	if (err)
		return err;
	len = phnum * sizeof(struct elf64_phdr);
	phdrs = kmalloc(len, GFP_KERNEL);
	if (!phdrs)
		return -ENOMEM;
	n = kernel_read(x->file, phdrs, len, phoff);
	if (n < 0)
		err = n;
	else if (n != len)
		err = -ENOEXEC;
	else
		err = elf_parse_segments(x->head, phdrs, x->file_size, &x->img);
	kfree(phdrs);
	x->base = x->img.relocatable ? EXEC_PIE_BASE : 0;
	if (!err && x->img.high > MM_USER_TOP - EXEC_STACK_GAP - x->base)
		err = -ENOEXEC;
	return err;
}

static int exec_write(struct mm *mm, u64 va, const void *data, size_t len)
{
	size_t n = access_remote_vm(mm, va, (void *)data, len, FOLL_WRITE | FOLL_FORCE);

	return n == len ? 0 : -ENOMEM;
}

/* Zero [@va, end of its page): what the file has there is not part of the program. */
static int exec_zero_tail(struct mm *mm, u64 va)
{
	static const u8 zeros[PAGE_SIZE];
	size_t len = PAGE_ALIGN(va) - va;

	return len ? exec_write(mm, va, zeros, len) : 0;
}

static int exec_map(struct mm *mm, struct file *file, u64 start, u64 end, u32 prot, u64 pgoff)
{
	unsigned long at, flags = MAP_PRIVATE | MAP_FIXED | (file ? 0 : MAP_ANONYMOUS);

	if (start >= end)
		return 0;
	return vm_mmap(mm, file, start, end - start, prot, flags, pgoff, &at);
}

static int exec_map_segment(struct exec *x, const struct elf_segment *seg)
{
	u64 va = x->base + seg->va, start = round_down(va, PAGE_SIZE);
	u64 file_end = seg->filesz ? PAGE_ALIGN(va + seg->filesz) : start;
	u64 end = PAGE_ALIGN(va + seg->memsz);
	int err = exec_map(x->mm, x->file, start, file_end, seg->prot,
			   seg->offset >> PAGE_SHIFT);

	if (!err && seg->filesz && seg->memsz > seg->filesz)
		err = exec_zero_tail(x->mm, va + seg->filesz);
	if (!err)
		err = exec_map(x->mm, NULL, file_end, end, seg->prot, 0);
	return err;
}

static int exec_map_program(struct exec *x)
{
	struct mm *mm = x->mm;
	u64 stack = MM_USER_TOP - EXEC_STACK_SIZE, at;
	int err = 0;

	file_get(x->file);
	mm->exe_file = x->file;
	mm->mmap_base = MM_USER_TOP - EXEC_STACK_GAP - (1UL << 20);
	for (u32 i = 0; !err && i < x->img.nr_segments; i++)
		err = exec_map_segment(x, &x->img.segments[i]);
	if (err)
		return err;
	mm->start_brk = mm->brk = x->base + x->img.high;
	mm->start_stack = MM_USER_TOP;
	return vm_mmap(mm, NULL, stack, EXEC_STACK_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN, 0, &at);
}

/* ---- the initial stack ---- */

struct exec_aux {
	u64 type, value;
};

static size_t exec_aux_fill(const struct exec *x, struct exec_aux *aux, u64 random, u64 execfn)
{
	const struct ids *uid = &x->cred.uid, *gid = &x->cred.gid;
	const struct exec_aux list[] = {
		{ AT_PAGESZ, PAGE_SIZE },
		{ AT_CLKTCK, HZ },
		{ AT_BASE, 0 },
		{ AT_FLAGS, 0 },
		{ AT_ENTRY, x->base + x->img.entry },
		{ AT_UID, uid->real }, { AT_EUID, uid->effective },
		{ AT_GID, gid->real }, { AT_EGID, gid->effective },
		{ AT_SECURE, uid->real != uid->effective || gid->real != gid->effective },
		{ AT_RANDOM, random },
		{ AT_EXECFN, execfn },
		{ AT_PHDR, x->base + x->img.phdr },
		{ AT_PHENT, x->img.phent },
		{ AT_PHNUM, x->img.phnum },
		{ AT_NULL, 0 },
	};
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		/* A C library that is told of headers it cannot read would crash. */
		if (!x->img.phdr && list[i].type >= AT_PHDR && list[i].type <= AT_PHNUM)
			continue;
		aux[n++] = list[i];
	}
	return n;
}

#define EXEC_AUX_MAX 16

/* argc, argv, envp and aux as one block of words; strings lie at @strings. */
static size_t exec_vector_fill(const struct exec *x, struct exec_args *args, u64 *vec,
			       u64 strings, u64 random, u64 execfn)
{
	size_t n = 0, pos = 0, words;

	vec[n++] = args->argc;
	for (u32 i = 0; i < args->argc; i++) {
		vec[n++] = strings + pos;
		pos += exec_args_strlen(args, pos);
	}
	vec[n++] = 0;
	x->mm->arg_start = strings;
	x->mm->arg_end = x->mm->env_start = strings + pos;
	for (u32 i = 0; i < args->envc; i++) {
		vec[n++] = strings + pos;
		pos += exec_args_strlen(args, pos);
	}
	vec[n++] = 0;
	x->mm->env_end = strings + pos;
	words = 2 * exec_aux_fill(x, (struct exec_aux *)&vec[n], random, execfn);
	static_assert(sizeof(x->mm->saved_auxv) >= EXEC_AUX_MAX * sizeof(struct exec_aux));
	memcpy(x->mm->saved_auxv, &vec[n], words * sizeof(u64));
	return n + words;
}

static int exec_write_strings(struct exec *x, struct exec_args *args, u64 va)
{
	for (size_t pos = 0; pos < args->len;) {
		size_t run = args->len - pos;
		char *s = exec_args_at(args, pos, &run);
		int err = exec_write(x->mm, va + pos, s, run);

		if (err)
			return err;
		pos += run;
	}
	return 0;
}

static int exec_build_stack(struct exec *x, struct exec_args *args)
{
	size_t named_len = strlen(x->named) + 1, words;
	u64 execfn = MM_USER_TOP - 8 - named_len, strings = execfn - args->len;
	u64 random_va = round_down(strings - 16, 16), *vec;
	u64 random[2] = { random_u64(), random_u64() };
	size_t max_words = 3 + args->argc + args->envc + 2 * EXEC_AUX_MAX;
	int err;

	/* Pointers count too: half of the mapped stack must stay free. */
	if (max_words * 8 + args->len > EXEC_ARGS_MAX + 16 * 1024)
		return -E2BIG;
	vec = kcalloc(max_words, sizeof(u64), GFP_KERNEL);
	if (!vec)
		return -ENOMEM;
	words = exec_vector_fill(x, args, vec, strings, random_va, execfn);
	ASSERT(words <= max_words);
	x->sp = round_down(random_va - words * 8, 16);
	err = exec_write(x->mm, execfn, x->named, named_len);
	if (!err)
		err = exec_write_strings(x, args, strings);
	if (!err)
		err = exec_write(x->mm, random_va, random, sizeof(random));
	if (!err)
		err = exec_write(x->mm, x->sp, vec, words * 8);
	kfree(vec);
	return err;
}

/* ---- as whom it runs ---- */

/* A set-user-ID program acts as its owner; root, real or not, gets all capabilities. */
static void exec_take_ids(struct exec *x)
{
	const struct inode *inode = x->file->inode;
	u32 mode = READ_ONCE(inode->mode);
	struct cred *c = &x->cred;

	*c = *current_cred();
	x->dumpable = !inode_permission(inode, MAY_READ);
	if (!(x->file->path.mount->flags & MS_NOSUID)) {
		if (mode & S_ISUID)
			c->uid.effective = READ_ONCE(inode->uid);
		if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
			c->gid.effective = READ_ONCE(inode->gid);
	}
	c->uid.saved = c->uid.fs = c->uid.effective;
	c->gid.saved = c->gid.fs = c->gid.effective;
	c->cap_permitted = c->uid.real && c->uid.effective ? 0 : cred_root.cap_permitted;
	c->cap_effective = c->uid.effective ? 0 : c->cap_permitted;
	if (c->uid.real != c->uid.effective || c->gid.real != c->gid.effective)
		x->dumpable = false;
}

/* ---- scripts ---- */

/*
 * Parse "#! interpreter [argument]" in x->head. The argument is everything up
 * to the end of the line, as on Linux. Return: 0, -ENOEXEC.
 */
static int exec_parse_script(struct exec *x, char **interp, char **arg)
{
	char *s = (char *)x->head + 2, *end;

	if (x->head_len < 3 || memcmp(x->head, "#!", 2))
		return -ENOEXEC;
	end = memchr(x->head, '\n', x->head_len);
	if (!end)
		return -ENOEXEC;
	while (end > s && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*end = '\0';
	s += strspn(s, " \t");
	if (!*s)
		return -ENOEXEC;
	*interp = s;
	s += strcspn(s, " \t");
	*arg = NULL;
	if (*s) {
		*s++ = '\0';
		s += strspn(s, " \t");
		*arg = *s ? s : NULL;
	}
	return 0;
}

/* Open x->named and follow #! to x->path, an ELF file; its headers are read. */
static int exec_resolve(struct exec *x, struct exec_args **args)
{
	for (int depth = 0; depth < EXEC_SCRIPT_DEPTH; depth++) {
		char *interp, *arg;
		int err = exec_open(x);

		if (!err)
			err = exec_read_headers(x);
		if (err != -ENOEXEC)
			return err;
		err = exec_parse_script(x, &interp, &arg);
		if (!err)
			err = exec_args_interpose(args, interp, arg, x->path);
		if (err)
			return err;
		if (strscpy(x->path, interp, sizeof(x->path)) < 0)
			return -ENAMETOOLONG;
		file_put(x->file);
		x->file = NULL;
	}
	return -ELOOP;
}

/* ---- the point of no return ---- */

/* A script gives its name to the thread, its interpreter is what runs. */
static void exec_set_name(const struct exec *x)
{
	struct process *p = current_process;
	const char *base = strrchr(x->named, '/');
	unsigned long flags;

	spin_lock_irqsave(&p->siglock, flags);
	(void)strscpy(current->comm, base ? base + 1 : x->named, sizeof(current->comm));
	(void)strscpy(p->exe, x->path, sizeof(p->exe));
	spin_unlock_irqrestore(&p->siglock, flags);
}

/* Nothing in here can fail. */
static void exec_commit(struct exec *x, struct pt_regs *regs)
{
	struct process *p = current_process;
	struct thread *t = current_thread;
	unsigned long flags;

	spin_lock_irqsave(&p->siglock, flags);
	p->mm = x->mm;
	p->cred = x->cred;
	p->dumpable = x->dumpable;
	process_apply_limits(p);
	spin_unlock_irqrestore(&p->siglock, flags);
	process_change_mm(x->mm);
	x->mm = NULL;
	files_close_on_exec(current->files);
	signal_reset_handlers(p);
	exec_set_name(x);
	t->clear_child_tid = 0;
	t->altstack = (struct sigaltstack) { .ss_flags = SS_DISABLE };
	t->restart_nr = -1;
	t->sleep_deadline_ns = 0;
	t->trapno = t->error_code = 0;
	t->fault_address = 0;
	preempt_disable();
	arch_thread_flush(&current->arch);
	preempt_enable();

	memset(regs, 0, sizeof(*regs));
	regs->ip = x->base + x->img.entry;
	regs->sp = x->sp;
	regs->cs = USER_CS;
	regs->ss = USER_DS;
	regs->flags = 0x202;
}

int exec_program(const char *path, struct exec_args **args, struct pt_regs *regs)
{
	struct exec *x = kzalloc(sizeof(*x), GFP_KERNEL);
	int err;

	if (!x)
		return -ENOMEM;
	err = strscpy(x->named, path, sizeof(x->named)) < 0 ? -ENAMETOOLONG : 0;
	memcpy(x->path, x->named, sizeof(x->path));
	if (!err)
		err = exec_resolve(x, args);
	if (!err) {
		exec_take_ids(x);
		err = mm_alloc(&x->mm);
		if (!err && current->mm)
			x->mm->mdwe = mdwe_inherited(current->mm);
	}
	if (!err)
		err = exec_map_program(x);
	if (!err)
		err = exec_build_stack(x, *args);
	if (!err)
		err = files_unshare();		/* shared with nobody afterwards */
	if (!err)
		err = process_become_single();
	if (!err)
		exec_commit(x, regs);
	if (x->mm)
		mmput(x->mm);
	if (x->file)
		file_put(x->file);
	kfree(x);
	return err;
}
