/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/torture.c - memory whose contents everybody can verify at any time
 *
 * Concept    See torture.h. A value names its region, its page and its generation, so
 *            that a page in the wrong place is told from an old one. Four words of each
 *            page hold it, one in each quarter, at different places in different
 *            quarters: a page of which only a part was copied shows.
 * Owns       Nothing; a region belongs to the test.
 * Locks      None: cells are written by one thread.
 * Callers    test_torture.c
 * Next       tests/kernel/test_torture.c
 */
#include "tests/kernel/torture.h"

#include "fs/vfs.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/test/ktest.h"
#include "mm/gup.h"
#include "mm/nonlinear.h"
#include "mm/page.h"
#include "mm/uaccess.h"
#include "tests/kernel/mm_fixture.h"

#define HOME(n, which) (0x40000000UL + (2UL * (n) + (which)) * 4 * REGION_PAGES * PAGE_SIZE)

unsigned int cell_offset(unsigned int n)
{
	return n * (PAGE_SIZE / CELL_WORDS) + n * 328;
}

u64 cell_value(const struct region *r, unsigned long i, u64 generation)
{
	return (r->number + 1UL) << 56 | (i + 1) << 40 | generation;
}

/* Pages that change places show each other's values for a moment. */
static bool value_is_of(const struct region *r, unsigned long i, u64 value)
{
	unsigned int names = r->kind == SHUFFLED ? 56 : 40;

	return !value || value >> names == cell_value(r, i, 0) >> names;
}

bool region_is_shared(const struct region *r)
{
	return r->kind != ANON && r->kind != PRIVATE_FILE;
}

static bool region_begins_filled(const struct region *r)
{
	return r->kind == PRIVATE_FILE || r->kind == DISK;
}

/* ---- cells ---- */

void cells_begin(struct region *r, unsigned long first, unsigned long last)
{
	for (unsigned long i = first; i < last; i++) {
		ASSERT(!(r->cell[i].seq & 1));
		WRITE_ONCE(r->cell[i].seq, r->cell[i].seq + 1);
	}
	smp_mb();
}

void cell_end(struct region *r, unsigned long i, u64 value)
{
	WRITE_ONCE(r->cell[i].value, value);
	smp_mb();
	smp_store_release(&r->cell[i].seq, r->cell[i].seq + 1);
}

void cells_end(struct region *r, unsigned long first, unsigned long last, u64 value)
{
	for (unsigned long i = first; i < last; i++)
		cell_end(r, i, value);
}

void cells_end_unwritten(struct region *r, unsigned long first, unsigned long last)
{
	for (unsigned long i = first; i < last; i++)
		cell_end(r, i, region_begins_filled(r) ? cell_value(r, i, 0) : 0);
}

u64 cell_look(const struct region *r, unsigned long i)
{
	u64 seq = smp_load_acquire(&r->cell[i].seq);

	smp_mb();
	return seq;
}

bool cell_judge(const struct region *r, unsigned long i, u64 seq, const struct torture_look *look,
		const char *way)
{
	u64 value = READ_ONCE(r->cell[i].value);
	bool exact, good = true;

	smp_mb();
	exact = !(seq & 1) && READ_ONCE(r->cell[i].seq) == seq;
	if (exact)
		good = look->hit == (value != CELL_ABSENT);
	for (unsigned int n = 0; n < CELL_WORDS && good && look->hit; n++)
		good = exact ? look->word[n] == value : value_is_of(r, i, look->word[n]);
	if (!good)
		ktest_fail(__FILE__, __LINE__,
			   "region %u (kind %d) page %lu by %s: %s, words %lx %lx %lx %lx; "
			   "expected %s%lx", r->number, r->kind, i, way,
			   look->hit ? "read" : "refused", look->word[0], look->word[1],
			   look->word[2], look->word[3], exact ? "" : "about ", value);
	return good;
}

/* ---- up and down ---- */

int region_map(struct region *r, unsigned long first, unsigned long last)
{
	unsigned long flags = MAP_FIXED, out;
	int err;

	flags |= region_is_shared(r) ? MAP_SHARED : MAP_PRIVATE;
	if (!r->file)
		flags |= MAP_ANONYMOUS;
	err = vm_mmap(r->mm, r->file, r->base + first * PAGE_SIZE, (last - first) * PAGE_SIZE,
		      FX_RW, flags, r->file ? r->pgoff + first : 0, &out);
	for (unsigned long i = first; i < last && !err; i++)
		if (r->order[i] != i)
			err = (int)sys_remap_file_pages(r->base + i * PAGE_SIZE, PAGE_SIZE, 0,
							r->order[i], 0);
	return err;
}

/* Where word @n of page @i is in the file. */
static loff_t file_pos(const struct region *r, unsigned long i, unsigned int n)
{
	return (loff_t)((r->pgoff + i) * PAGE_SIZE + cell_offset(n));
}

static int region_fill_file(struct region *r)
{
	u64 value;

	for (unsigned long i = 0; i < REGION_PAGES; i++) {
		value = cell_value(r, i, 0);
		for (unsigned int n = 0; n < CELL_WORDS; n++)
			if (kernel_write(r->file, &value, sizeof(value), file_pos(r, i, n)) != 8)
				return -ENOMEM;
	}
	return 0;
}

int region_up(struct region *r, struct mm *mm, enum region_kind kind, unsigned int number,
	      u64 seed)
{
	struct iommu_engine *engine = r->engine;
	int err = 0;

	memset(r, 0, sizeof(*r));
	r->engine = engine;
	r->mm = mm;
	r->kind = kind;
	r->number = number;
	r->home[0] = r->base = HOME(number, 0);
	r->home[1] = HOME(number, 1) + PAGE_SIZE;	/* tables can not move whole */
	if (number & 1)
		r->home[1] += 0x200000UL * 64 - PAGE_SIZE;	/* ... or can */
	rand_seed(&r->rand, seed + number);
	for (unsigned long i = 0; i < REGION_PAGES; i++)
		r->order[i] = i;
	if (kind == DISK) {
		r->pgoff = number / NR_REGION_KINDS * REGION_PAGES;
		err = vfs_open("/dev/ram1", O_RDWR, 0, &r->file);
	} else if (kind != ANON && kind != SHARED_ANON) {
		err = tmpfs_file_anon(REGION_PAGES * PAGE_SIZE, &r->file);
	}
	if (!err && region_begins_filled(r))
		err = region_fill_file(r);
	if (!err)
		err = region_map(r, 0, REGION_PAGES);
	cells_begin(r, 0, REGION_PAGES);
	cells_end_unwritten(r, 0, REGION_PAGES);
	if (!err)
		err = mirror_open(&r->mirror, mm, r->home[0]);
	return err;
}

void region_down(struct region *r)
{
	if (r->mirror.mm)
		mirror_close(&r->mirror);
	if (r->file)
		file_put(r->file);
}

/* ---- ways to read ---- */

static void look_page(const struct page *page, struct torture_look *look)
{
	for (unsigned int n = 0; n < CELL_WORDS; n++)
		look->word[n] = READ_ONCE(*(const u64 *)((char *)page_address(page) +
							 cell_offset(n)));
}

bool torture_cpu_read(unsigned long va, struct torture_look *look)
{
	look->hit = true;
	for (unsigned int n = 0; n < CELL_WORDS && look->hit; n++)
		look->hit = !get_user(look->word[n], (u64 __user *)(va + cell_offset(n)));
	return true;
}

bool torture_remote_read(struct mm *mm, unsigned long va, struct torture_look *look)
{
	look->hit = true;
	for (unsigned int n = 0; n < CELL_WORDS && look->hit; n++)
		look->hit = access_remote_vm(mm, va + cell_offset(n), &look->word[n], 8, 0) == 8;
	return true;
}

bool torture_device_read(struct iommu_engine *e, u32 pasid, unsigned long va,
			 struct torture_look *look)
{
	look->hit = true;
	for (unsigned int n = 0; n < CELL_WORDS && look->hit; n++)
		look->hit = !iommu_engine_read(e, pasid, va + cell_offset(n), &look->word[n], 8);
	return true;
}

/* The mirror knows one place only. */
static bool mirror_look(struct region *r, unsigned long va, struct torture_look *look)
{
	if (va < r->home[0] || va >= r->home[0] + REGION_PAGES * PAGE_SIZE)
		return false;
	look->hit = true;
	for (unsigned int n = 0; n < CELL_WORDS && look->hit; n++)
		look->hit = !mirror_read(&r->mirror, va + cell_offset(n), &look->word[n]);
	return true;
}

/* A TLB makes no faults: what it does not have says nothing. */
static bool tlb_look(struct toy_tlb *t, unsigned long va, struct torture_look *look)
{
	bool hit = false;

	if (toy_tlb_try_fill(t, va))
		return false;
	spin_lock(&t->lock);
	for (unsigned int e = 0; e < TOY_TLB_ENTRIES && !hit; e++) {
		hit = t->entry[e].page && t->entry[e].va == va;
		if (hit)
			look_page(t->entry[e].page, look);
	}
	spin_unlock(&t->lock);
	look->hit = hit;
	return hit;
}

/* A driver of the old kind: it holds references, and looks again some time later. */
static bool pin_look(struct region *r, unsigned long va, unsigned long i,
		     struct torture_look *look)
{
	struct torture_look later = { .hit = true };
	struct page *page;

	look->hit = get_user_pages_unlocked(r->mm, va, 1, 0, &page) == 1;
	if (!look->hit)
		return true;
	look_page(page, look);
	yield();
	look_page(page, &later);
	(void)cell_judge(r, i, 1, &later, "reference");
	put_page(page);
	return true;
}

static bool file_look(struct region *r, unsigned long i, struct torture_look *look)
{
	if (r->kind != SHARED_FILE && r->kind != DISK)
		return false;
	look->hit = true;
	for (unsigned int n = 0; n < CELL_WORDS && look->hit; n++)
		look->hit = kernel_read(r->file, &look->word[n], 8, file_pos(r, i, n)) == 8;
	return look->hit;	/* a page that cannot be accessed can still be read so */
}

void region_read(struct region *r, struct torture_eyes *eyes, unsigned long i)
{
	static const char *const names[] = { "CPU", "remote access", "device", "mirror",
					     "point TLB", "pair TLB", "reference", "file" };
	unsigned int way = (unsigned int)rand_below(&eyes->rand, ARRAY_SIZE(names));
	unsigned long va = READ_ONCE(r->base) + i * PAGE_SIZE;
	struct torture_look look = { 0 };
	u64 seq = cell_look(r, i);
	bool looked = false;

	if (READ_ONCE(r->cell[i].value) == CELL_ABSENT && way == 7)
		return;
	switch (way) {
	case 0: looked = torture_cpu_read(va, &look); break;
	case 1: looked = torture_remote_read(r->mm, va, &look); break;
	case 2: looked = torture_device_read(eyes->engine, r->pasid, va, &look); break;
	case 3: looked = mirror_look(r, va, &look); break;
	case 4: looked = tlb_look(eyes->point, va, &look); break;
	case 5: looked = tlb_look(eyes->pair, va, &look); break;
	case 6: looked = pin_look(r, va, i, &look); break;
	case 7: looked = file_look(r, i, &look); break;
	}
	if (looked)
		(void)cell_judge(r, i, seq, &look, names[way]);
}

/* ---- ways to write ---- */

static bool write_word(struct region *r, unsigned int way, unsigned long va, loff_t pos, u64 value)
{
	switch (way) {
	case 0: return !iommu_engine_write(r->engine, r->pasid, va, &value, 8);
	case 1: return access_remote_vm(r->mm, va, &value, 8, FOLL_WRITE) == 8;
	case 2: return !mirror_write(&r->mirror, va, value);
	case 3: return kernel_write(r->file, &value, 8, pos) == 8;
	default: return !put_user(value, (u64 __user *)va);
	}
}

bool region_write_begun(struct region *r, unsigned long i)
{
	unsigned int way = (unsigned int)rand_below(&r->rand, 16);
	u64 value = cell_value(r, i, ++r->written);

	if ((way == 2 && r->base != r->home[0]) ||
	    (way == 3 && r->kind != SHARED_FILE && r->kind != DISK))
		way = 4;
	for (unsigned int n = 0; n < CELL_WORDS; n++) {
		unsigned long va = r->base + i * PAGE_SIZE + cell_offset(n);

		if (!write_word(r, way, va, file_pos(r, i, n), value))
			ktest_fail(__FILE__, __LINE__, "region %u page %lu: way %u to write",
				   r->number, i, way);
	}
	cell_end(r, i, value);
	return way != 3;
}

bool region_write(struct region *r, unsigned long i)
{
	cells_begin(r, i, i + 1);
	return region_write_begun(r, i);
}

void region_verify(struct region *r)
{
	struct torture_look look = { 0 };

	for (unsigned long i = 0; i < REGION_PAGES; i++) {
		torture_cpu_read(r->base + i * PAGE_SIZE, &look);
		if (!cell_judge(r, i, cell_look(r, i), &look, "its owner"))
			return;
	}
}
