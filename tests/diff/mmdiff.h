/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/diff/mmdiff.h - the parts of the random differential test
 *
 * mmdiff.c has the whole picture. One process works on one arena: a range of
 * ARENA_PAGES pages at a fixed address, cut in half by a border of page tables of
 * every level. Pages are named by their number in the arena, so nothing printed
 * depends on where a kernel puts things.
 */
#ifndef TESTS_DIFF_MMDIFF_H
#define TESTS_DIFF_MMDIFF_H

#define _GNU_SOURCE
#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

#define PAGE 4096UL
#define ARENA_PAGES 96U
#define ARENA_BORDER 0x200000000000UL
#define ARENA (ARENA_BORDER - ARENA_PAGES / 2 * PAGE)
#define HEAP_PAGES 24U
#define NR_FILES 3U
#define FILE_PAGES 24U

/* ---- what a page of the arena is, as far as the program knows ---- */

enum object { OBJ_NONE, OBJ_ANON, OBJ_PRIVATE, OBJ_SHARED = OBJ_PRIVATE + NR_FILES,
	      OBJ_READONLY = OBJ_SHARED + NR_FILES,
	      OBJ_SHM = OBJ_READONLY + NR_FILES };

struct page_model {
	unsigned int obj;		/* enum object + number of the file; from OBJ_SHM: serial */
	unsigned int off;		/* page offset in the object; 0 for private anonymous */
	unsigned char prot;
	bool dontfork, wipe;
	unsigned char locked;		/* 2: on fault */
};

extern struct page_model model[ARENA_PAGES];

bool model_is_free(unsigned int first, unsigned int n);
/* May [first, first + n) be one VMA: mapped, all alike, offsets going on? */
bool model_is_uniform(unsigned int first, unsigned int n);
void model_map(unsigned int first, unsigned int n, struct page_model first_page);
void model_unmap(unsigned int first, unsigned int n);
void model_move(unsigned int from, unsigned int to, unsigned int n, bool keep);
/* Compare with /proc/self/maps; complain on stderr. */
bool model_check(void);

/* ---- chance, and the log that is hashed ---- */

extern uint64_t log_hash;
unsigned int rnd(unsigned int below);
bool one_in(unsigned int n);
/* Add text to the record of the present operation. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* " = ok" or " = -errno" for a call's @result. True: ok. */
bool note_result(long result);
uint64_t mix(uint64_t hash, uint64_t value);
void note_clear(void);
const char *note_text(void);
extern unsigned int nr_piecewise;	/* moves that had to be done page by page */

/* ---- accesses that may fault ---- */

void access_init(void);
char *arena_page(unsigned int page);
const char *try_load(const void *at, uint64_t *value);	/* NULL, or the fault's name */
const char *try_store(void *at, uint64_t value);
const char *try_execute(void *at);
/* Contents or faults of pages [first, first + n) of the arena, of the heap. */
uint64_t view_hash(unsigned int first, unsigned int n);
uint64_t heap_hash(void);
char *heap_base(void);

/* ---- the kernel's list of ranges, restricted and joined ---- */

void maps_note(void);			/* into the record */
struct maps_range {
	unsigned int first, end;	/* pages of the arena or of the heap */
	bool heap;
	char perms[5];
	unsigned int obj;		/* OBJ_ANON, OBJ_SHARED + file, OBJ_SHM */
	unsigned long off, ino;
};
unsigned int maps_read(struct maps_range *ranges, unsigned int max);

/* ---- files ---- */

void files_init(void);
bool file_is(unsigned int file, unsigned long dev, unsigned long ino);

/* ---- operations ---- */

void op_mmap(void);
void op_mmap_wrong(void);
void op_munmap(void);
void op_mprotect(void);
void op_madvise(void);
void op_msync(void);
void op_mlock(void);
void op_brk(void);
void op_mremap(void);
void op_mremap_wrong(void);
void op_load(void);
void op_store(void);
void op_touch(void);
void op_execute(void);
void op_heap(void);
void op_view(void);
void op_maps(void);
void op_truncate(void);
void op_pwrite(void);
void op_pread(void);
void op_copy(void);
void op_fork(void);
void op_sleeper(void);
void op_join(void);
void join_all(void);

/* A range of pages: mostly short, sometimes up to half of the arena. */
struct range { unsigned int first, n; };
struct range some_range(void);
/* A range that the model holds for one VMA, if the first page drawn is mapped. */
struct range uniform_range(void);
/* Bytes in @pages pages, sometimes a few less: the kernel rounds up. */
unsigned long some_bytes(unsigned int pages);

#endif
