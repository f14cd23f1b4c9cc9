/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/memblock.c - memory before the allocator: what is RAM, what is taken
 *
 * Concept    Two sorted sets of physical ranges: RAM, as the firmware's map has
 *            it, and what is in use: the kernel image, the initramfs, early
 *            tables, and what memblock_alloc() took. A free range is RAM minus
 *            taken. Once the frame allocator runs it owns all free ranges, and
 *            this file only remembers what was RAM.
 * Owns       memblock_ram, memblock_taken.
 * Locks      None: one CPU runs, interrupts may be on but do not come here.
 * Invariants ranges are sorted, not empty, neither overlap nor touch
 *                                                      memblock_type_check()
 * Callers    kmain, page.c (mem_map), buddy.c, the ramdisk.
 * Next       page.c
 */
#include "mm/memblock.h"

#include "arch/x86/boot/boot_info.h"
#include "arch/x86/mm/layout.h"
#include "kernel/lib/bootopt.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"

static struct memblock_type memblock_ram, memblock_taken;
static bool memblock_closed;
static u64 memblock_mem_option;		/* mem=: RAM above it is forgotten; 0: none */

/* ---- sets of ranges ---- */

static void memblock_type_check(const struct memblock_type *type)
{
	for (unsigned int i = 0; i < type->nr; i++) {
		ASSERT(type->range[i].start < type->range[i].end);
		ASSERT(i == 0 || type->range[i - 1].end < type->range[i].start);
	}
}

/* Replace the ranges [@first, @last) by @nr new ones. */
static int memblock_splice(struct memblock_type *type, unsigned int first, unsigned int last,
			   const struct memblock_range *with, unsigned int nr)
{
	unsigned int tail = type->nr - last;

	if (first + nr + tail > MEMBLOCK_MAX)
		return -ENOSPC;
	memmove(&type->range[first + nr], &type->range[last], tail * sizeof(type->range[0]));
	memcpy(&type->range[first], with, nr * sizeof(*with));
	type->nr = first + nr + tail;
	memblock_type_check(type);
	return 0;
}

int memblock_type_add(struct memblock_type *type, u64 start, u64 end)
{
	struct memblock_range grown = { start, end };
	unsigned int first = 0, last;

	if (start >= end)
		return 0;
	while (first < type->nr && type->range[first].end < start)
		first++;
	for (last = first; last < type->nr && type->range[last].start <= end; last++) {
		grown.start = min(grown.start, type->range[last].start);
		grown.end = max(grown.end, type->range[last].end);
	}
	return memblock_splice(type, first, last, &grown, 1);
}

int memblock_type_del(struct memblock_type *type, u64 start, u64 end)
{
	struct memblock_range rest[2];
	unsigned int first = 0, last, nr = 0;

	if (start >= end)
		return 0;
	while (first < type->nr && type->range[first].end <= start)
		first++;
	last = first;
	while (last < type->nr && type->range[last].start < end)
		last++;
	if (first == last)
		return 0;
	if (type->range[first].start < start)
		rest[nr++] = (struct memblock_range){ type->range[first].start, start };
	if (type->range[last - 1].end > end)
		rest[nr++] = (struct memblock_range){ end, type->range[last - 1].end };
	return memblock_splice(type, first, last, rest, nr);
}

/* The free part of RAM that begins at or after @from, cut at the next taken range. */
bool memblock_gap(const struct memblock_type *ram, const struct memblock_type *taken,
		  u64 from, struct memblock_range *out)
{
	unsigned int r, t;

	for (r = 0; r < ram->nr; r++) {
		u64 start = max(ram->range[r].start, from);

		for (t = 0; t < taken->nr && start < ram->range[r].end; t++) {
			if (taken->range[t].end <= start)
				continue;
			if (taken->range[t].start > start)
				break;
			start = taken->range[t].end;
		}
		if (start >= ram->range[r].end)
			continue;
		out->start = start;
		out->end = ram->range[r].end;
		if (t < taken->nr)
			out->end = min(out->end, taken->range[t].start);
		return true;
	}
	return false;
}

/* ---- this machine's memory ---- */

static int memblock_set_mem(const char *value)
{
	u64 n = 0;
	const char *p = value;

	for (; *p >= '0' && *p <= '9'; p++)
		n = n * 10 + (u64)(*p - '0');
	if (*p == 'K' || *p == 'k')
		n <<= 10;
	else if (*p == 'M' || *p == 'm')
		n <<= 20;
	else if (*p == 'G' || *p == 'g')
		n <<= 30;
	else if (*p)
		return -EINVAL;
	if (n < 16UL << 20)
		return -EINVAL;
	memblock_mem_option = n;
	return 0;
}
BOOT_OPTION(mem, memblock_set_mem, "use only RAM below this address: SIZE[K|M|G], at least 16M");

void memblock_init(void)
{
	u64 limit = memblock_mem_option ? memblock_mem_option : ~0UL;
	int err = 0;

	for (unsigned int i = 0; i < boot_info.nr_mem && !err; i++) {
		const struct boot_region *r = &boot_info.mem[i];

		if (r->type == BOOT_RAM)
			err = memblock_type_add(&memblock_ram, PAGE_ALIGN(r->start),
						min(r->end, limit) & PAGE_MASK);
	}
	/* What overlaps RAM but is not RAM wins, whatever the map's order. */
	for (unsigned int i = 0; i < boot_info.nr_mem && !err; i++) {
		const struct boot_region *r = &boot_info.mem[i];

		if (r->type != BOOT_RAM)
			err = memblock_type_del(&memblock_ram, r->start & PAGE_MASK,
						PAGE_ALIGN(r->end));
	}
	ASSERT_MSG(!err && memblock_ram.nr, "memory map: %u entries, %u ranges of RAM",
		   boot_info.nr_mem, memblock_ram.nr);
	for (unsigned int i = 0; i < boot_info.nr_reserved; i++)
		memblock_reserve(boot_info.reserved[i].start, boot_info.reserved[i].end);
	for (unsigned int i = 0; i < boot_info.nr_modules; i++)
		memblock_reserve(boot_info.modules[i].start, boot_info.modules[i].end);
	memblock_reserve(0, PAGE_SIZE);		/* 0 means "none" to our callers */
	pr_info("memory: %llu KiB of RAM in %u ranges, %llu KiB in use by boot\n",
		(unsigned long long)(memblock_total() >> 10), memblock_ram.nr,
		(unsigned long long)((memblock_total() - memblock_free_total()) >> 10));
}

void memblock_reserve(u64 start, u64 end)
{
	int err;

	ASSERT(!memblock_closed);
	err = memblock_type_add(&memblock_taken, start & PAGE_MASK, PAGE_ALIGN(end));
	ASSERT_MSG(!err, "memblock: more than %d reserved ranges", MEMBLOCK_MAX);
}

void *memblock_alloc(size_t size, size_t align)
{
	struct memblock_range gap;
	u64 cursor = 0;

	ASSERT(size && !memblock_closed);
	align = max(align, (size_t)PAGE_SIZE);
	while (memblock_next_free(&cursor, &gap)) {
		u64 start = round_up(gap.start, align);

		if (start >= gap.end || gap.end - start < size)
			continue;
		memblock_reserve(start, start + size);
		return memset(phys_to_virt(start), 0, PAGE_ALIGN(size));
	}
	panic("memblock: no %zu bytes of free RAM", size);
}

u64 memblock_reserve_top(u64 size)
{
	struct memblock_range gap;
	u64 cursor = 0, best = 0;

	size = PAGE_ALIGN(size);
	while (memblock_next_free(&cursor, &gap))
		if (gap.end - gap.start >= size)
			best = gap.end - size;
	if (best)
		memblock_reserve(best, best + size);
	return best;
}

u64 memblock_end(void)
{
	return memblock_ram.range[memblock_ram.nr - 1].end;
}

u64 memblock_total(void)
{
	u64 sum = 0;

	for (unsigned int i = 0; i < memblock_ram.nr; i++)
		sum += memblock_ram.range[i].end - memblock_ram.range[i].start;
	return sum;
}

u64 memblock_free_total(void)
{
	struct memblock_range gap;
	u64 cursor = 0, sum = 0;

	while (memblock_next_free(&cursor, &gap))
		sum += gap.end - gap.start;
	return sum;
}

bool memblock_is_ram(u64 pa)
{
	for (unsigned int i = 0; i < memblock_ram.nr; i++)
		if (pa >= memblock_ram.range[i].start && pa < memblock_ram.range[i].end)
			return true;
	return false;
}

bool memblock_next_free(u64 *cursor, struct memblock_range *out)
{
	if (!memblock_gap(&memblock_ram, &memblock_taken, *cursor, out))
		return false;
	*cursor = out->end;
	return true;
}

void memblock_close(void)
{
	memblock_closed = true;
}
