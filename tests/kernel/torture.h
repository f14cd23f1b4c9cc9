/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/torture.h - memory whose contents everybody can verify at any time
 *
 * A region is some pages of one mm that one thread, its owner, changes. Others read it
 * meanwhile, each in a way of its own. For each page a cell says what a reader must see:
 *
 *	owner                               reader
 *	cell_begin: seq becomes odd         seq = cell_look()
 *	write, discard, move ...            read the page, by whatever way
 *	cell_end: value, seq becomes even   cell_judge(seq, what was read)
 *
 * When seq was even and is the same still, the page must hold exactly the value, or be
 * absent where the cell says so. While it changes, it must hold a value of that page
 * that was written before, or zeroes: never bytes of another page.
 */
#ifndef TESTS_KERNEL_TORTURE_H
#define TESTS_KERNEL_TORTURE_H

#include "drivers/iommu/emul/hw.h"
#include "include/types.h"
#include "kernel/lib/rand.h"
#include "tests/kernel/toy_mirror.h"
#include "tests/kernel/toy_tlb.h"

#define REGION_PAGES MIRROR_PAGES
#define CELL_WORDS 4U			/* of each page are written and read */
#define CELL_ABSENT (~0UL)		/* value of a page that nobody may access */

struct file;

struct cell {
	u64 seq;			/* the owner writes */
	u64 value;			/* of each of the words; 0: zeroes */
};

enum region_kind {
	ANON, SHARED_FILE, PRIVATE_FILE, SHARED_ANON,
	SHUFFLED,		/* a shared file whose pages the mapping shows in any order */
	DISK,			/* a block device's node, shared */
	NR_REGION_KINDS
};

struct region {
	enum region_kind kind;
	unsigned int number;
	struct mm *mm;
	struct file *file;		/* NULL for memory without a name */
	unsigned long pgoff;		/* of its first page */
	unsigned long order[REGION_PAGES];	/* SHUFFLED: which of the file's pages is where */
	unsigned long home[2], base;	/* two places; where it is now */
	struct cell cell[REGION_PAGES];
	u64 written;			/* values so far */
	struct mirror mirror;		/* of home[0] */
	struct iommu_engine *engine;	/* the owner's */
	u32 pasid;
	struct rand_state rand;		/* the owner's */
};

/* What a read has found. */
struct torture_look {
	bool hit;			/* false: refused */
	u64 word[CELL_WORDS];
};

/* Where word @n of a page is. */
unsigned int cell_offset(unsigned int n);
/* A value that no other page ever holds. */
u64 cell_value(const struct region *r, unsigned long i, u64 generation);

/* Context: the owner. Pages [@first, @last) change; then page @i holds @value. */
void cells_begin(struct region *r, unsigned long first, unsigned long last);
void cell_end(struct region *r, unsigned long i, u64 value);
void cells_end(struct region *r, unsigned long first, unsigned long last, u64 value);
/* The same as before, of a private file: what the file has. */
void cells_end_unwritten(struct region *r, unsigned long first, unsigned long last);

/* Context: a reader. Return: whether what was seen may be seen; else the test has failed. */
u64 cell_look(const struct region *r, unsigned long i);
bool cell_judge(const struct region *r, unsigned long i, u64 seq, const struct torture_look *look,
		const char *way);

/*
 * Set the region up in @mm, which the caller keeps: 0 or -errno. And away with its
 * mirror and file; the mm may have gone.
 */
int __must_check region_up(struct region *r, struct mm *mm, enum region_kind kind,
			   unsigned int number, u64 seed);
void region_down(struct region *r);
/* Map pages [@first, @last), in the region's order. Return: 0 or -errno. */
int region_map(struct region *r, unsigned long first, unsigned long last);
/* Is what is written kept by a file or an object when the mapping goes? */
bool region_is_shared(const struct region *r);

/* ---- ways to read and write; those of the CPU need current->mm ---- */

/* What the reader has of second MMUs. */
struct torture_eyes {
	struct iommu_engine *engine;
	struct toy_tlb *point, *pair;
	struct rand_state rand;
};
/* Read page @i in a way drawn by chance, and judge it. May sleep. */
void region_read(struct region *r, struct torture_eyes *eyes, unsigned long i);
/*
 * The owner: a new value for page @i, by the CPU, a device, a call ... May sleep.
 * Return: whether it was written through the address space.
 */
bool region_write(struct region *r, unsigned long i);
/* The same behind cells_begin(). */
bool region_write_begun(struct region *r, unsigned long i);
/* The owner: everything must be exactly as the cells say. */
void region_verify(struct region *r);

bool torture_cpu_read(unsigned long va, struct torture_look *look);
bool torture_remote_read(struct mm *mm, unsigned long va, struct torture_look *look);
bool torture_device_read(struct iommu_engine *e, u32 pasid, unsigned long va,
			 struct torture_look *look);

#endif
