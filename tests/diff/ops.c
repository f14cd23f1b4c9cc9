/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/diff/ops.c - operations on ranges and on contents
 *
 * Each draws its arguments, notes them, calls the kernel, notes the answer and,
 * where it succeeded, tells the model. System calls are made directly: a library
 * that checks arguments first would answer for the kernel.
 */
#include "tests/diff/mmdiff.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif
#ifndef MAP_SHARED_VALIDATE
#define MAP_SHARED_VALIDATE 3
#endif

static struct { int rw, ro; dev_t dev; ino_t ino; } files[NR_FILES];
static int write_only_fd;
static unsigned int next_shm = OBJ_SHM;

/* ---- files ---- */

static int open_file(unsigned int n)
{
	static const char *const folders[] = { "/dev/shm", "/tmp" };
	char name[64];

	for (unsigned int i = 0; i < 2; i++) {
		snprintf(name, sizeof(name), "%s/mmdiff.%d.%u", folders[i], (int)getpid(), n);
		files[n].rw = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
		if (files[n].rw < 0)
			continue;
		files[n].ro = open(name, O_RDONLY);
		write_only_fd = open(name, O_WRONLY);
		return unlink(name);
	}
	return -1;
}

void files_init(void)
{
	struct stat st;

	for (unsigned int i = 0; i < NR_FILES; i++) {
		if (open_file(i) || ftruncate(files[i].rw, 16 * PAGE) || fstat(files[i].rw, &st)) {
			dprintf(2, "mmdiff: no files: %s\n", strerror(errno));
			exit(2);
		}
		files[i].dev = st.st_dev;
		files[i].ino = st.st_ino;
	}
}

bool file_is(unsigned int file, unsigned long dev, unsigned long ino)
{
	return files[file].dev == dev && files[file].ino == ino;
}

/* ---- ranges ---- */

struct range some_range(void)
{
	struct range r = { .first = rnd(ARENA_PAGES) };

	r.n = one_in(8) ? 1 + rnd(ARENA_PAGES / 2) : 1 + rnd(6);
	if (r.n > ARENA_PAGES - r.first)
		r.n = ARENA_PAGES - r.first;
	return r;
}

struct range uniform_range(void)
{
	struct range r = some_range();
	unsigned int n = 1;

	for (int tries = 0; tries < 4 && !model[r.first].obj; tries++)
		r = some_range();
	while (n < r.n && model_is_uniform(r.first, n + 1))
		n++;
	r.n = n;
	return r;
}

unsigned long some_bytes(unsigned int pages)
{
	return pages * PAGE - (one_in(8) ? rnd(PAGE) : 0);
}

static unsigned int some_prot(void)
{
	static const unsigned char prots[] = {
		PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE,
		PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ, PROT_READ, PROT_NONE,
		PROT_WRITE, PROT_READ | PROT_EXEC, PROT_READ | PROT_WRITE | PROT_EXEC,
	};

	return prots[rnd(sizeof(prots))];
}

/* ---- mmap ---- */

/* What to map: object, protection, offset. The flags and descriptor say it to the kernel. */
static struct page_model some_object(int *flags, int *fd)
{
	struct page_model page = { .prot = (unsigned char)some_prot() };
	unsigned int kind = rnd(20), file = rnd(NR_FILES);

	*flags = kind < 15 ? MAP_PRIVATE : MAP_SHARED;
	*fd = -1;
	if (kind < 9) {
		*flags |= MAP_ANONYMOUS;
		page.obj = OBJ_ANON;
		return page;
	}
	if (kind >= 18) {
		*flags |= MAP_ANONYMOUS;
		page.obj = ++next_shm;
		return page;
	}
	page.off = rnd(FILE_PAGES);
	*fd = files[file].rw;
	if (kind < 12) {
		*flags = MAP_PRIVATE;
		page.obj = OBJ_PRIVATE + file;
		return page;
	}
	*flags = MAP_SHARED;
	page.obj = OBJ_SHARED + file;
	if (kind == 17) {
		*fd = files[file].ro;
		page.obj = OBJ_READONLY + file;
	}
	return page;
}

static const char *place_flags(int *flags)
{
	unsigned int place = rnd(8);

	if (place < 5) {
		*flags |= MAP_FIXED;
		return "fixed";
	}
	if (place == 5) {
		*flags |= MAP_FIXED_NOREPLACE;
		return "noreplace";
	}
	return "hint";
}

void op_mmap(void)
{
	struct range r = some_range();
	unsigned long len = some_bytes(r.n), at;
	int flags, fd;
	struct page_model page = some_object(&flags, &fd);
	const char *place = place_flags(&flags);

	if (one_in(8))
		flags |= MAP_POPULATE;
	if (one_in(10))
		flags |= MAP_NORESERVE;
	if (one_in(20))
		flags |= MAP_LOCKED;
	page.locked = flags & MAP_LOCKED ? 1 : 0;
	note("mmap %u+%lx prot %u flags %x obj %u off %u %s", r.first, len, page.prot, flags,
	     page.obj, page.off, place);
	at = (unsigned long)syscall(SYS_mmap, arena_page(r.first), len, page.prot, flags, fd,
				    page.off * PAGE);
	if (!note_result((long)at))
		return;
	if (at == (unsigned long)arena_page(r.first)) {
		model_map(r.first, r.n, page);
		return;
	}
	note(" elsewhere");
	note_result(syscall(SYS_munmap, at, len));
}

void op_mmap_wrong(void)
{
	static const struct {
		unsigned long addr, len;
		int prot, flags, fd;	/* fd: 0 bad, 1 read-only, 2 write-only, 3 read-write */
		unsigned long off;
	} calls[] = {
		{ ARENA, 0, 3, MAP_PRIVATE | MAP_ANONYMOUS, 0, 0 },
		{ ARENA + 1, PAGE, 3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0, 0 },
		{ ARENA, PAGE, 3, MAP_ANONYMOUS | MAP_FIXED, 0, 0 },
		{ ARENA, PAGE, 3, MAP_SHARED_VALIDATE | MAP_ANONYMOUS | MAP_FIXED, 0, 0 },
		{ ARENA, PAGE, 3, MAP_PRIVATE | MAP_FIXED, 0, 0 },
		{ ARENA, PAGE, 3, MAP_PRIVATE | MAP_FIXED, 3, 1 },
		{ 0x800000000000UL, PAGE, 3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0, 0 },
		{ ARENA, 1UL << 48, 3, MAP_PRIVATE | MAP_ANONYMOUS, 0, 0 },
		{ ARENA, PAGE, 3, MAP_SHARED | MAP_FIXED, 1, 0 },
		{ ARENA, PAGE, 1, MAP_SHARED | MAP_FIXED, 2, 0 },
		{ ARENA, PAGE, 1, MAP_PRIVATE | MAP_FIXED, 2, 0 },
		{ ARENA, PAGE, 3, MAP_SHARED_VALIDATE | MAP_FIXED | 0x80000, 3, 0 },
		{ ARENA, 2 * PAGE, 3, MAP_SHARED | MAP_FIXED, 3, -PAGE },
		{ ARENA, ~0UL, 3, MAP_PRIVATE | MAP_ANONYMOUS, 0, 0 },
	};
	unsigned int i = rnd(sizeof(calls) / sizeof(calls[0]));
	int fds[] = { -1, files[0].ro, write_only_fd, files[0].rw };

	note("mmap wrong %u", i);
	if (note_result(syscall(SYS_mmap, calls[i].addr, calls[i].len, calls[i].prot,
				calls[i].flags, fds[calls[i].fd], calls[i].off)))
		note(" BUT SHOULD NOT");
}

/* ---- munmap, mprotect, madvise, msync ---- */

void op_munmap(void)
{
	struct range r = some_range();
	unsigned long len = some_bytes(r.n), at = (unsigned long)arena_page(r.first);
	unsigned int wrong = rnd(40);

	if (wrong == 0)
		at++;
	else if (wrong == 1)
		len = 0;
	else if (wrong == 2)
		len = 1UL << 47;
	note("munmap %lx+%lx", at - ARENA, len);
	if (note_result(syscall(SYS_munmap, at, len)))
		model_unmap(r.first, r.n);
}

void op_mprotect(void)
{
	struct range r = some_range();
	unsigned long len = some_bytes(r.n), at = (unsigned long)arena_page(r.first);
	unsigned int prot = some_prot(), wrong = rnd(60);

	if (wrong == 0)
		at++;
	else if (wrong == 1)
		prot |= PROT_GROWSDOWN;
	else if (wrong == 2)
		prot |= 0x40;
	else if (wrong == 3)
		len = 0;
	note("mprotect %lx+%lx prot %x", at - ARENA, len, prot);
	note_result(syscall(SYS_mprotect, at, len, prot));
	if (wrong <= 3)
		return;
	/* As far as it got: up to a hole, or a file that forbids it. */
	for (unsigned int i = r.first; i < r.first + r.n && model[i].obj; i++) {
		if (model[i].obj >= OBJ_READONLY && model[i].obj < OBJ_SHM && prot & PROT_WRITE)
			break;
		model[i].prot = (unsigned char)prot;
	}
}

static void model_advise(struct range r, int advice)
{
	for (unsigned int i = r.first; i < r.first + r.n; i++) {
		if (!model[i].obj)
			continue;
		if (advice == MADV_DONTFORK || advice == MADV_DOFORK)
			model[i].dontfork = advice == MADV_DONTFORK;
		else if (advice == MADV_KEEPONFORK)
			model[i].wipe = false;
		else if (advice == MADV_WIPEONFORK && model[i].obj != OBJ_ANON)
			return;		/* refused here, and the rest is not looked at */
		else if (advice == MADV_WIPEONFORK)
			model[i].wipe = true;
	}
}

void op_madvise(void)
{
	static const int advices[] = {
		MADV_DONTNEED, MADV_DONTNEED, MADV_DONTNEED, MADV_DONTNEED, MADV_FREE, MADV_FREE,
		MADV_DONTFORK, MADV_DONTFORK, MADV_DOFORK, MADV_DOFORK, MADV_DOFORK,
		MADV_WIPEONFORK, MADV_WIPEONFORK, MADV_KEEPONFORK, MADV_KEEPONFORK, MADV_NORMAL,
		MADV_WILLNEED, 20 /* COLD */, 21 /* PAGEOUT */, 22 /* POPULATE_READ */,
		22, 23 /* POPULATE_WRITE */, 23, 102 /* GUARD_INSTALL */, 102, 102,
		103 /* GUARD_REMOVE */, 103, 12345,
	};
	struct range r = some_range();
	unsigned long len = some_bytes(r.n), at = (unsigned long)arena_page(r.first);
	int advice = advices[rnd(sizeof(advices) / sizeof(advices[0]))];
	bool wrong = one_in(40);

	at += wrong;
	note("madvise %lx+%lx %d", at - ARENA, len, advice);
	note_result(syscall(SYS_madvise, at, len, advice));
	if (!wrong)
		model_advise(r, advice);
	if (!wrong && advice == MADV_FREE)	/* old contents or zeroes? both are right */
		note_result(syscall(SYS_madvise, at, len, MADV_DONTNEED));
}

void op_msync(void)
{
	struct range r = some_range();
	unsigned long len = some_bytes(r.n), at = (unsigned long)arena_page(r.first) + one_in(20);
	unsigned int flags = rnd(9);

	note("msync %lx+%lx %x", at - ARENA, len, flags);
	note_result(syscall(SYS_msync, at, len, flags));
}

/* mlock, mlock2 on fault, munlock: as far as the first hole. */
void op_mlock(void)
{
	struct range r = some_range();
	unsigned long len = some_bytes(r.n), at = (unsigned long)arena_page(r.first);
	unsigned int kind = rnd(5), flags = kind == 3 ? one_in(8) ? 2 : 1 : 0;

	note("mlock %lx+%lx kind %u flags %u", at - ARENA, len, kind, flags);
	if (kind < 2)
		note_result(syscall(SYS_mlock, at, len));
	else if (kind == 2)
		note_result(syscall(SYS_munlock, at, len));
	else
		note_result(syscall(SYS_mlock2, at, len, flags));
	for (unsigned int i = r.first; flags < 2 && i < r.first + r.n && model[i].obj; i++)
		model[i].locked = kind == 2 ? 0 : (unsigned char)(1 + flags);
}

/* ---- the heap ---- */

void op_brk(void)
{
	unsigned long to = rnd(HEAP_PAGES * PAGE);

	if (one_in(3))
		to &= -PAGE;
	note("brk %lx", to);
	note(" = %lx", syscall(SYS_brk, heap_base() + to) - (long)heap_base());
}

void op_heap(void)
{
	unsigned int page = rnd(HEAP_PAGES), kind = rnd(10);
	char *at = heap_base() + page * PAGE;
	uint64_t value = rnd(1U << 30);
	const char *fault;

	note("heap page %u: ", page);
	if (kind == 0) {
		note("madvise");
		note_result(syscall(SYS_madvise, at, PAGE * (1 + rnd(4)), MADV_DONTNEED));
		return;
	}
	at += rnd(PAGE / 8) * 8;
	if (kind < 7)
		fault = try_store(at, value);
	else
		fault = try_load(at, &value);
	note("%s %lx %s", kind < 7 ? "store" : "load", value, fault ? fault : "");
}

/* ---- contents ---- */

void op_load(void)
{
	unsigned int page = rnd(ARENA_PAGES), off = rnd(PAGE / 8) * 8;
	uint64_t value = 0;
	const char *fault = try_load(arena_page(page) + off, &value);

	note("load %u.%x = %lx %s", page, off, value, fault ? fault : "");
}

void op_store(void)
{
	unsigned int page = rnd(ARENA_PAGES), off = rnd(PAGE / 8) * 8;
	uint64_t value = (uint64_t)rnd(1U << 31) << 32 | rnd(1U << 31);
	const char *fault = try_store(arena_page(page) + off, value);

	note("store %u.%x %lx %s", page, off, value, fault ? fault : "");
}

/* Write into, or read from, each page of a range. */
void op_touch(void)
{
	struct range r = some_range();
	bool write = !one_in(4);
	uint64_t value = rnd(1U << 31);
	const char *fault;

	note("%s %u+%u: %lx", write ? "touch" : "look", r.first, r.n, value);
	for (unsigned int i = r.first; i < r.first + r.n; i++) {
		if (write)
			fault = try_store(arena_page(i) + value % 512 * 8, value + i);
		else
			fault = try_load(arena_page(i), &value);
		note(" %s", fault ? fault : ".");
	}
}

void op_execute(void)
{
	unsigned int page = rnd(ARENA_PAGES);
	uint64_t value = 0xc3c3c3c3c3c3c3c3;	/* ret */
	const char *fault = try_store(arena_page(page), value);

	note("execute %u: store %s", page, fault ? fault : "ok");
	fault = try_load(arena_page(page), &value);
	if (!fault && (value & 0xff) == 0xc3)
		fault = try_execute(arena_page(page));
	note(" then %lx %s", value, fault ? fault : "ok");
}

void op_view(void)
{
	struct range r = some_range();

	note("view %u+%u: %016lx", r.first, r.n, view_hash(r.first, r.n));
}

void op_maps(void)
{
	maps_note();
}

/* ---- files ---- */

void op_truncate(void)
{
	unsigned int file = rnd(NR_FILES);
	unsigned long size = rnd(FILE_PAGES + 1) * PAGE + (one_in(3) ? rnd(PAGE) : 0);

	note("truncate f%u to %lx", file, size);
	note_result(ftruncate(files[file].rw, (off_t)size));
}

static char buffer[3 * PAGE];

void op_pwrite(void)
{
	unsigned int file = rnd(NR_FILES), off = rnd(FILE_PAGES * PAGE), len = 1 + rnd(3 * PAGE);
	uint64_t key = rnd(1U << 31) | 1;

	for (unsigned int i = 0; i < 3 * PAGE; i += 8)
		*(uint64_t *)(buffer + i) = key *= 0x2545f4914f6cdd1dUL;
	note("pwrite f%u %x+%x %lx", file, off, len, key);
	note(" = %ld", (long)pwrite(files[file].rw, buffer, len, off));
}

void op_pread(void)
{
	unsigned int file = rnd(NR_FILES), off = rnd(FILE_PAGES * PAGE), len = 1 + rnd(3 * PAGE);
	uint64_t hash = 0;
	long got;

	memset(buffer, 0, sizeof(buffer));
	got = pread(files[file].rw, buffer, len, off);
	for (unsigned int i = 0; i < 3 * PAGE; i += 8)
		hash = mix(hash, *(uint64_t *)(buffer + i));
	note("pread f%u %x+%x = %ld %lx", file, off, len, got, hash);
}

/* Is @page of the arena a view of page @off of @file? Copies must not overlap. */
static bool shows(const struct page_model *page, unsigned int file, unsigned int off)
{
	return page->obj >= OBJ_PRIVATE && page->obj < OBJ_SHM &&
	       (page->obj - OBJ_PRIVATE) % NR_FILES == file && page->off == off;
}

/*
 * The kernel copies between a file's page and a page of the arena. A write does not
 * begin behind the end: where it fails, Linux 6.1 leaves the size, later ones may not.
 */
void op_copy(void)
{
	unsigned int page = rnd(ARENA_PAGES), file = rnd(NR_FILES), off = rnd(PAGE);
	unsigned int pos = rnd(FILE_PAGES * PAGE), room;
	bool out = one_in(2);
	struct stat st;
	long len, got;

	if (out && !fstat(files[file].rw, &st) && pos > st.st_size)
		pos = (unsigned int)st.st_size;
	room = (unsigned int)(PAGE - (off > pos % PAGE ? off : pos % PAGE));
	len = 1 + rnd(room);
	note("copy %u.%x+%lx %s f%u %x", page, off, len, out ? "to" : "from", file, pos);
	if (shows(&model[page], file, pos / PAGE))
		return;
	if (out)
		got = pwrite(files[file].rw, arena_page(page) + off, len, pos);
	else
		got = pread(files[file].rw, arena_page(page) + off, len, pos);
	note(" = %ld", got < 0 ? -(long)errno : got);
}
